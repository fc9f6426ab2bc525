"""Shift changes: prepared, offered, accepted or not, and who is paged meanwhile."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from server.local_teams.client import Seen
from tests.scenarios.cast import Cast, rotation, schedule, step
from tests.scenarios.world import WEEK, Scene, World, coming, eventually, moment

HALF, QUARTER = timedelta(minutes=30), timedelta(minutes=15)


async def before_a_change(world: World, **more: Any) -> tuple[Scene, datetime]:
    """Stand 40 minutes before Ada's week ends and Grace's begins; Lin leads the team."""
    boundary = coming(await world.now() + timedelta(hours=2), "mon", "09:00")
    await world.to(boundary - timedelta(minutes=40))
    begun = (boundary - WEEK).replace(tzinfo=None)
    rule = more.pop("handoff", "accepted")
    weekly = schedule(rotation("ada grace", starts=begun), handoff=rule)
    cast = Cast(
        people="ada grace lin", steps=(step("schedule:weekly"),), schedules={"weekly": weekly}, lead="lin", **more
    )
    return await world.scene(cast), boundary


async def whom(play: Scene, ref_of: str) -> str:
    """Declare something, tell who is paged for it, and end it."""
    ref = await play.declare(ref_of)
    await eventually(lambda: sent(play, ref), 1)
    person = (await play.ledger(ref))[0].split()[0]
    await play.say("rita", f"resolve {ref} done")
    return person


async def sent(play: Scene, ref: str) -> int:
    return len([line for line in await play.ledger(ref) if line.endswith("sent")])


async def state(play: Scene, boundary: datetime) -> str:
    found = [h for h in await play.handoffs("weekly") if moment(h["boundary_at"]) == boundary]
    assert [(h["outgoing"], h["incoming"]) for h in found] == [("ada", "grace")]
    return found[0]["state"]


async def test_a_handoff_is_prepared_offered_to_both_and_accepted_before_the_change(world: World) -> None:
    play, boundary = await before_a_change(world)
    assert await state(play, boundary) == "prepared"
    ref = await play.declare("Still open")
    await world.to(boundary - HALF)
    assert await state(play, boundary) == "offered"
    given = await play.hears("ada", "Handoff", "Offered", ref, "Still open")
    taken = await play.hears("grace", "Handoff", "Offered", ref, "Still open")
    assert given.buttons() == ["Add note"]
    assert taken.buttons() == ["Accept handoff", "Decline"]
    form = await world.teams.press(play.id("ada"), given, "Add note")
    assert form.kind == "card"
    await world.teams.press(play.id("ada"), given, "Save note", text="Watch the temporary certificate")
    await play.hears("grace", "Handoff", "Watch the temporary certificate")
    await world.teams.press(play.id("grace"), taken, "Accept handoff")
    assert await state(play, boundary) == "accepted"
    await play.hears("ada", f"{play.name('grace')} accepted the handoff", "You are on call until")
    assert await play.story(ref, "handed_over") != []
    assert await whom(play, "Before the change") == "ada"
    await world.to(boundary)
    assert await whom(play, "After the change") == "grace"
    await world.advance("PT1H")
    assert await play.heard("grace", "you have not accepted") == []
    assert await play.heard("lin") == []


async def test_until_somebody_accepts_the_outgoing_person_is_paged_and_the_incoming_one_reminded(
    anywhere: World,
) -> None:
    play, boundary = await before_a_change(anywhere)
    await anywhere.to(boundary)
    await play.hears("grace", "begins now, and you have not accepted the handoff from", "is paged")
    assert await whom(play, "At the change") == "ada"
    assert await play.on_call("weekly") == "grace", "the API answers the schedule"
    await anywhere.to(boundary + QUARTER)
    await play.hears("grace", "began 15 min ago, and you have not accepted")
    taken = await play.hears("grace", "Handoff", "Accept handoff")
    await anywhere.teams.press(play.id("grace"), taken, "Accept handoff")
    await play.hears("ada", f"{play.name('grace')} accepted the handoff", "You are not paged for it any more.")
    assert await whom(play, "Accepted late") == "grace"
    await anywhere.to(boundary + HALF + QUARTER)
    assert await state(play, boundary) == "accepted"
    assert await play.heard("lin") == []


async def test_nobody_accepts_so_the_schedule_decides_and_the_lead_is_told(anywhere: World) -> None:
    play, boundary = await before_a_change(anywhere)
    await anywhere.to(boundary + HALF - timedelta(minutes=1))
    assert await whom(play, "Just before it expires") == "ada"
    await anywhere.to(boundary + HALF)
    assert await state(play, boundary) == "expired"
    assert await whom(play, "When it has expired") == "grace"
    for who in ("ada", "grace", "lin"):
        await play.hears(who, "Nobody accepted the handoff", f"{play.name('grace')} is on call by the schedule now.")
    assert len(await play.heard("grace", "you have not accepted")) == 2
    late = await play.hears("grace", "Handoff", "Expired")
    await anywhere.teams.press(play.id("grace"), late, "Accept handoff")
    await play.hears("lin", f"{play.name('grace')} has accepted the handoff", "after all")


async def test_declining_needs_a_reason_and_the_lead_hears_it_at_once(world: World) -> None:
    play, boundary = await before_a_change(world)
    await world.to(boundary - HALF)
    taken = await play.hears("grace", "Handoff", "Offered")
    form = await world.teams.press(play.id("grace"), taken, "Decline")
    assert form.kind == "card"
    await world.teams.press(play.id("grace"), taken, "Decline", reason=" ")
    assert await state(play, boundary) == "offered"
    await world.teams.press(play.id("grace"), taken, "Decline", reason="I am ill")
    assert await state(play, boundary) == "declined"
    await play.hears("lin", f"{play.name('grace')} declined the handoff", "“I am ill”", "override")
    await play.hears("ada", "“I am ill”", "You are paged until somebody takes over")
    await world.to(boundary + QUARTER)
    assert await whom(play, "Declined") == "ada"
    assert await play.heard("grace", "you have not accepted") == []
    await play.ask("lin", f"override {play.id('weekly')} @lin from now to +8h", "is on call on")
    assert await whom(play, "Somebody was put in") == "lin"


async def test_with_the_boundary_rule_responsibility_passes_at_the_change_itself(world: World) -> None:
    play, boundary = await before_a_change(world, handoff="boundary")
    await world.to(boundary - timedelta(minutes=1))
    assert await whom(play, "Before") == "ada"
    await world.to(boundary)
    assert await state(play, boundary) == "offered"
    assert await whom(play, "After") == "grace"


async def test_without_handoffs_nobody_is_asked(world: World) -> None:
    play, boundary = await before_a_change(world, handoff="off")
    await world.to(boundary + timedelta(hours=1))
    assert await play.handoffs("weekly") == []
    assert await play.heard("ada") == await play.heard("grace") == await play.heard("lin") == []
    assert await whom(play, "After") == "grace"


async def test_a_week_of_handoffs_in_one_jump_happens_at_the_right_times(world: World) -> None:
    start = coming(await world.now(), "wed", "08:00")
    daily = schedule(rotation("ada grace lin", starts=start.replace(tzinfo=None), shift="P1D"), handoff="accepted")
    await world.to(start - timedelta(hours=2))
    play = await world.scene(Cast(people="ada grace lin", schedules={"weekly": daily}))
    await world.to(start + WEEK + timedelta(hours=4))
    found = await play.handoffs("weekly")
    past = [h for h in found if moment(h["boundary_at"]) <= start + WEEK]
    assert [moment(h["boundary_at"]) for h in past] == [start + timedelta(days=n) for n in range(1, 8)]
    turns = ["ada", "grace", "lin"] * 3
    assert [(h["outgoing"], h["incoming"]) for h in past] == list(pairwise(turns))[:7]
    assert {h["state"] for h in past} == {"expired"}
    coming_next = [h for h in found if h not in past]
    assert [(moment(h["boundary_at"]), h["state"]) for h in coming_next] == [(start + timedelta(days=8), "prepared")]
    cards = await eventually_cards(play, "grace", 5)
    assert len({card.id for card in cards}) == 5, "taken three times and given twice"


async def eventually_cards(play: Scene, who: str, many: int) -> list[Seen]:
    async def found() -> int:
        return len([m for m in await play.heard(who, "Handoff") if m.card])

    await eventually(found, many)
    return [m for m in await play.heard(who, "Handoff") if m.card]


async def test_an_override_at_the_change_takes_the_handoff_back_and_both_are_told(world: World) -> None:
    play, boundary = await before_a_change(world)
    await world.to(boundary - HALF)
    await play.hears("grace", "Handoff", "Offered")
    times = f"from {boundary:%Y-%m-%d %H:%M}Z to {boundary + WEEK:%Y-%m-%d %H:%M}Z"
    await play.ask("rita", f"override {play.id('weekly')} @lin {times}", "is on call on")
    for who in ("ada", "grace"):
        await play.hears(who, "The handoff of", "is off: the schedule has changed")
    card = await play.hears("lin", "Handoff", "Offered")
    await world.teams.press(play.id("lin"), card, "Accept handoff")
    await world.to(boundary)
    assert await whom(play, "After") == "lin"


async def test_whoever_is_put_in_after_a_decline_gets_the_notes_and_the_first_card_is_done_with(world: World) -> None:
    play, boundary = await before_a_change(world)
    await world.to(boundary - HALF)
    given = await play.hears("ada", "Handoff", "Offered")
    await world.teams.press(play.id("ada"), given, "Add note")
    await world.teams.press(play.id("ada"), given, "Save note", text="Watch the temporary certificate")
    first = await play.hears("grace", "Handoff", "Watch the temporary certificate")
    await world.teams.press(play.id("grace"), first, "Decline")
    await world.teams.press(play.id("grace"), first, "Decline", reason="I am ill")
    until = boundary + timedelta(hours=3)
    times = f"from {boundary:%Y-%m-%d %H:%M}Z to {until:%Y-%m-%d %H:%M}Z"
    await play.ask("rita", f"override {play.id('weekly')} @lin {times}", "is on call on")
    card = await play.hears("lin", "Handoff", "Offered", "Watch the temporary certificate")
    assert card.has("Next shift until", f"{until:%Y-%m-%d %H:%M}")
    done = await play.hears("grace", "Handoff", "Declined", "I am ill", "The schedule has changed.")
    assert (done.id, done.buttons()) == (first.id, [])


async def test_an_accepted_handoff_that_is_replaced_is_taken_back(world: World) -> None:
    play, boundary = await before_a_change(world)
    await world.to(boundary - HALF)
    first = await play.hears("grace", "Handoff", "Offered")
    await world.teams.press(play.id("grace"), first, "Accept handoff")
    times = f"from {boundary:%Y-%m-%d %H:%M}Z to {boundary + WEEK:%Y-%m-%d %H:%M}Z"
    await play.ask("rita", f"override {play.id('weekly')} @lin {times}", "is on call on")
    for who in ("ada", "grace"):
        await play.hears(who, "The handoff of", "is off: the schedule has changed")
    await play.hears("grace", "Handoff", "Off", "Nobody needs to do anything")
    await play.hears("lin", "Handoff", "Offered")
    found = [h for h in await play.handoffs("weekly") if moment(h["boundary_at"]) == boundary]
    assert sorted((h["incoming"], h["state"], h["accepted_at"]) for h in found) == [
        ("grace", "expired", None),
        ("lin", "offered", None),
    ]


async def test_an_expired_handoff_loses_its_button_when_its_shift_is_over(world: World) -> None:
    play, boundary = await before_a_change(world)
    await world.to(boundary + HALF)
    late = await play.hears("grace", "Handoff", "Expired", "You can still accept it.")
    assert late.buttons() == ["Accept handoff"]
    await world.to(boundary + WEEK)
    done = await play.hears("grace", "Handoff", "Expired", "That shift is over.")
    assert (done.id, done.buttons()) == (late.id, [])


async def test_a_handoff_that_one_cannot_be_told_of_is_told_to_the_lead(world: World) -> None:
    play, boundary = await before_a_change(world)
    await world.teams.install(play.id("grace"), await play.chat("grace"), installed=False)
    await world.to(boundary - HALF)
    await play.hears("lin", f"I could not tell {play.name('grace')} about the handoff", "Please talk to them.")
    await world.to(boundary + timedelta(seconds=1))
    assert await whom(play, "After the change") == "ada"


async def test_the_command_shows_what_somebody_hands_over(world: World) -> None:
    play, boundary = await before_a_change(world)
    card = await play.ask("ada", "handoff", "Handoff", "Prepared", where=await play.chat("ada"))
    assert card.has(play.name("ada"), play.name("grace"), f"{boundary:%Y-%m-%d %H:%M}")
    await play.ask("lin", "handoff", "You have no open handoff", where=await play.chat("lin"))


async def test_the_handoff_card_tells_the_pages_of_the_shift(world: World) -> None:
    play, boundary = await before_a_change(world)
    await whom(play, "One")
    await world.advance("PT5M")
    ref = await play.declare("Two")
    await play.say("ada", f"note {ref} a temporary work-around is in place")
    await world.to(boundary - HALF)
    await play.hears("grace", "Handoff", "2 pages to", "Temporary fixes to look after", "work-around")
