"""Who is on call: through changes of the clocks, at the edges of overrides, and after people have swapped."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tests.scenarios.cast import Cast, rotation, schedule, step
from tests.scenarios.world import Scene, World, coming

SECOND = timedelta(seconds=1)


def change_of_clocks(zone: str, after: datetime, *, forward: bool) -> datetime:
    """Find when the clocks of a zone are next put forward, or back, after a moment; UTC, to the half hour."""
    there = ZoneInfo(zone)
    at = after.replace(minute=0, second=0, microsecond=0)
    while True:
        following = at + timedelta(minutes=30)
        before, then = (
            moment.astimezone(there).replace(tzinfo=None) - moment.replace(tzinfo=None) for moment in (at, following)
        )
        if (then > before) if forward else (then < before):
            return following
        at = following


@pytest.mark.parametrize("forward", [True, False], ids=["forward", "back"])
@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe"])
async def test_a_daily_handoff_keeps_its_hour_when_the_clocks_change(world: World, zone: str, forward: bool) -> None:
    clocks = change_of_clocks(zone, await world.now() + timedelta(days=3), forward=forward)
    there = ZoneInfo(zone)
    first = (clocks - timedelta(days=2)).astimezone(there).replace(hour=9, minute=0, tzinfo=None)
    daily = schedule(rotation("ada grace", starts=first, shift="P1D"), zone=zone)
    play = await world.scene(Cast(people="ada grace", steps=(step("schedule:daily"),), schedules={"daily": daily}))
    begins = [(first + timedelta(days=n)).replace(tzinfo=there).astimezone(UTC) for n in range(5)]
    turns = ["ada", "grace", "ada", "grace"]
    assert await play.shifts("daily", begins[0], begins[-1]) == [
        (who, starts, ends) for who, starts, ends in zip(turns, begins, begins[1:], strict=False)
    ]
    lengths = {ends - starts for starts, ends in pairwise(begins)}
    assert len(lengths) == 2, "one of the days is longer or shorter"
    boundary = next(at for at in begins if at > clocks)
    n = begins.index(boundary)
    await world.to(boundary - timedelta(minutes=1))
    before = await play.declare("A moment before")
    await play.paged(before, f"{turns[n - 1]} step 1 +0:00 sent")
    await play.say("rita", f"resolve {before} done")
    await world.to(boundary)
    at = await play.declare("From then on")
    await play.paged(at, f"{turns[n]} step 1 +0:00 sent")


async def test_twelve_hour_shifts_are_elapsed_time_and_move_on_the_wall_clock(world: World) -> None:
    clocks = change_of_clocks("Europe/London", await world.now(), forward=False)
    there = ZoneInfo("Europe/London")
    first = (clocks - timedelta(days=1)).astimezone(there).replace(hour=21, minute=0, tzinfo=None)
    halves = schedule(rotation("ada grace", starts=first, shift="PT12H"), zone="Europe/London")
    play = await world.scene(Cast(people="ada grace", schedules={"halves": halves}))
    starts = first.replace(tzinfo=there).astimezone(UTC)
    found = await play.shifts("halves", starts, starts + timedelta(hours=36))
    assert [(who, ends - begins) for who, begins, ends in found] == [
        ("ada", timedelta(hours=12)), ("grace", timedelta(hours=12)), ("ada", timedelta(hours=12)),
    ]  # fmt: skip


async def test_an_hour_that_the_clocks_leave_out_begins_the_shift_after_the_gap(world: World) -> None:
    clocks = change_of_clocks("Europe/London", await world.now() + timedelta(days=3), forward=True)
    there = ZoneInfo("Europe/London")
    first = (clocks - timedelta(days=1)).astimezone(there).replace(hour=1, minute=30, tzinfo=None)
    play = await world.scene(
        Cast(
            people="ada grace",
            schedules={"early": schedule(rotation("ada grace", starts=first, shift="P1D"), zone="Europe/London")},
        )
    )
    gap = clocks + timedelta(minutes=30)  # 01:30 does not exist, 02:30 does
    assert await play.on_call("early", gap - SECOND) == "ada"
    assert await play.on_call("early", gap) == "grace"


async def with_override(world: World) -> tuple[Scene, datetime, datetime]:
    """Let Grace stand in for Ada for an hour, tomorrow or so."""
    starts = coming(await world.now() + timedelta(hours=1), "sat", "12:00")
    ends = starts + timedelta(hours=1)
    covered = schedule(
        rotation("ada"), overrides=[{"person": "grace", "from": f"{starts:%FT%T}Z", "to": f"{ends:%FT%T}Z"}]
    )
    play = await world.scene(
        Cast(people="ada grace", steps=(step("schedule:primary"),), schedules={"primary": covered})
    )
    return play, starts, ends


async def test_an_override_holds_from_its_first_moment_until_before_its_last(world: World) -> None:
    play, starts, ends = await with_override(world)
    for at, who in ((starts - SECOND, "ada"), (starts, "grace"), (ends - SECOND, "grace"), (ends, "ada")):
        assert await play.on_call("primary", at) == who
    assert await play.shifts("primary", starts - SECOND, ends + SECOND) == [
        ("ada", starts - SECOND, starts), ("grace", starts, ends), ("ada", ends, ends + SECOND),
    ]  # fmt: skip
    await world.to(starts)
    first = await play.declare("At its first moment")
    await play.paged(first, "grace step 1 +0:00 sent")
    await play.say("rita", f"resolve {first} done")
    await world.to(ends)
    last = await play.declare("When it is over")
    await play.paged(last, "ada step 1 +0:00 sent")


async def test_an_override_made_by_command_pages_the_right_person_at_once_and_both_are_told(anywhere: World) -> None:
    play = await anywhere.scene(
        Cast(people="ada grace", steps=(step("schedule:primary"),), schedules={"primary": schedule(rotation("ada"))})
    )
    said = await play.ask(
        "rita", f"override {play.id('primary')} @grace from now to +2h", play.name("grace"), "is on call on"
    )
    assert said.has(f"instead of {play.name('ada')}")
    ref = await play.declare()
    await play.page("grace", ref)
    await play.paged(ref, "grace step 1 +0:00 sent")
    await play.hears("grace", f"{play.name('rita')} put you on call")
    await play.hears("ada", f"{play.name('grace')} is on call instead of you")
    await anywhere.advance("PT2H")
    assert await play.on_call("primary") == "ada"


async def test_an_override_that_is_declined_before_it_begins_never_was(world: World) -> None:
    play = await world.scene(Cast(people="ada grace", schedules={"primary": schedule(rotation("ada"))}))
    await play.ask("rita", f"override {play.id('primary')} @grace from +1d to +2d", play.name("grace"))
    card = await play.hears("grace", "put you on call", "Decline")
    await world.teams.press(play.id("grace"), card, "Decline")
    await play.hears("rita", f"{play.name('grace')} declined", "The schedule holds again")
    await play.hears("ada", f"{play.name('grace')} declined", "You are on call again")
    await world.advance("P1DT1H")
    assert await play.on_call("primary") == "ada"


@pytest.mark.parametrize(
    ("times", "answer"),
    [
        ("from 2020-01-01 10:00 to 2020-01-01 12:00", "the past cannot be changed"),
        ("from 2027-13-45 to now", "no date and time I can read"),
    ],
)
async def test_an_override_that_makes_no_sense_is_refused_with_what_to_do(
    world: World, times: str, answer: str
) -> None:
    play = await world.scene(Cast(people="ada grace", schedules={"primary": schedule(rotation("ada"))}))
    form = await play.ask("rita", f"override {play.id('primary')} @grace {times}", answer)
    assert form.card is not None
    assert await play.heard("grace") == []


async def test_of_two_overrides_the_later_made_wins_and_the_answer_says_so(world: World) -> None:
    play = await world.scene(Cast(people="ada grace lin", schedules={"primary": schedule(rotation("ada"))}))
    await play.ask("rita", f"override {play.id('primary')} @grace from +1h to +4h", play.name("grace"))
    await play.ask(
        "rita",
        f"override {play.id('primary')} @lin from +2h to +2h",
        "It covers your override for",
        "because the later one wins",
    )
    now = await world.now()
    hours = [await play.on_call("primary", now + timedelta(hours=n, minutes=30)) for n in range(6)]
    assert hours == ["ada", "grace", "lin", "lin", "grace", "ada"]


async def test_a_swap_needs_a_yes_and_then_both_shifts_have_changed_hands(world: World) -> None:
    monday = coming(await world.now() + timedelta(days=1), "mon", "09:00")
    weekly = schedule(rotation("ada grace", starts=(monday - timedelta(days=14)).replace(tzinfo=None)))
    play = await world.scene(Cast(people="ada grace", steps=(step("schedule:weekly"),), schedules={"weekly": weekly}))
    mine, theirs = monday, monday + timedelta(days=7)
    where = await play.chat("ada")
    words = f"swap {play.id('weekly')} {play.id('grace')} {mine:%Y-%m-%d} for {theirs:%Y-%m-%d}"
    await play.ask("ada", words, "nothing changes until they accept", where=where)
    assert await play.on_call("weekly", mine) == "ada"
    card = await play.hears("grace", f"{play.name('ada')} asks to swap shifts with you")
    await world.teams.press(play.id("grace"), card, "Accept swap")
    await play.hears("ada", f"{play.name('grace')} accepted: your shifts are swapped")
    assert [await play.on_call("weekly", at) for at in (mine, theirs)] == ["grace", "ada"]
    await world.to(mine)
    ref = await play.declare()
    await play.paged(ref, "grace step 1 +0:00 sent")


async def test_a_swap_that_is_declined_changes_nothing(world: World) -> None:
    monday = coming(await world.now() + timedelta(days=1), "mon", "09:00")
    weekly = schedule(rotation("ada grace", starts=(monday - timedelta(days=14)).replace(tzinfo=None)))
    play = await world.scene(Cast(people="ada grace", schedules={"weekly": weekly}))
    words = f"swap {play.id('weekly')} {play.id('grace')} {monday:%Y-%m-%d} for {monday + timedelta(days=7):%Y-%m-%d}"
    await play.ask("ada", words, "nothing changes until they accept", where=await play.chat("ada"))
    card = await play.hears("grace", "asks to swap shifts with you")
    await world.teams.press(play.id("grace"), card, "Decline")
    await play.hears("ada", f"{play.name('grace')} declined to swap shifts; nothing changes")
    assert await play.on_call("weekly", monday) == "ada"


async def test_the_api_and_the_card_agree_on_who_is_on_call_until_when_and_who_is_next(world: World) -> None:
    monday = coming(await world.now(), "mon", "09:00")
    begun = (monday - timedelta(days=7)).replace(tzinfo=None)
    cast = Cast(
        people="ada grace lin", steps=(step("schedule:weekly"),), zones={"rita": "Asia/Kolkata"},
        schedules={"weekly": schedule(rotation("ada grace", starts=begun)), "duty": schedule(rotation("lin"), team="ops")},
        ops={"members": "lin"},
    )  # fmt: skip
    play = await world.scene(cast)
    found = (await world.api(f"/oncall?service={play.id('checkout')}"))["items"]
    assert [(play.local(item["schedule"]), play.local(item["person"])) for item in found] == [
        ("weekly", "ada"), ("duty", "lin"),
    ]  # fmt: skip
    assert datetime.fromisoformat(found[0]["ends_at"]) == monday
    where = await play.chat("rita")
    card = await play.ask(
        "rita", f"oncall {play.id('checkout')}", "On call for Checkout", play.name("lin"), where=where
    )
    assert card.has("**Engineering**", "**Operations**", f"then {play.name('grace')}")
    local = monday.astimezone(ZoneInfo("Asia/Kolkata"))
    assert card.has(f"{local:%Y-%m-%d %H:%M}", f"{monday:%H:%M} UTC")
    card = await play.ask("rita", f"oncall {play.id('grace')}", play.name("grace"), "Not on call now.", where=where)
    assert card.has(f"{local:%Y-%m-%d %H:%M}")
    gap = await world.api(f"/schedules/{play.id('duty')}/shifts?from=2019-01-01T00:00:00Z&to=2019-01-02T00:00:00Z")
    assert [item["person"] for item in gap["items"]] == [None]


async def test_people_who_join_and_leave_a_rotation_do_not_change_what_was(world: World) -> None:
    start = coming(await world.now(), "mon", "09:00")
    joins = start + timedelta(days=14)
    weekly = rotation(
        "ada grace", starts=start.replace(tzinfo=None),
        changes=[{"from": f"{joins:%Y-%m-%dT%H:%M}", "people": ["ada", "grace", "lin"]}],
    )  # fmt: skip
    play = await world.scene(Cast(people="ada grace lin", schedules={"weekly": schedule(weekly)}))
    weeks = [await play.on_call("weekly", start + timedelta(days=7 * n)) for n in range(6)]
    assert weeks[:2] == ["ada", "grace"]
    assert sorted(weeks[2:5]) == ["ada", "grace", "lin"]
    assert weeks[5] == weeks[2]
