"""Planned care: a full turn over a change of the clocks, neglect for weeks, an owner who leaves, sign-off, a double press."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.scenarios.cast import Cast
from tests.scenarios.world import Scene, World, moment

LONDON = ZoneInfo("Europe/London")
CAST: dict[str, Any] = {
    "people": "ada grace lin zoe",
    "members": "ada grace",
    "lead": "ada",
    "ops": {"members": "lin", "lead": "lin"},
    "zone": "Europe/London",
}


async def planned(world: World, words: str = "every week owner @grace hours 2") -> tuple[Scene, int, datetime]:
    """Let Rita plan a restore test; tell its number, and when it is due for the first time."""
    play = await world.scene(Cast(**CAST))
    await play.ask("rita", f"care add Restore test service:checkout {words}", "Restore test", "Care")
    item = await care(play)
    return play, item["id"], moment(item["due_at"])


async def care(play: Scene) -> dict[str, Any]:
    """Ask the API for the one task of the scenario."""
    (item,) = (await play.world.api(f"/care?service={play.id('checkout')}"))["items"]
    return item


async def due(play: Scene) -> datetime:
    return moment((await care(play))["due_at"])


async def test_every_four_weeks_at_five_in_london_also_when_the_clocks_have_changed(anywhere: World) -> None:
    play, number, at = await planned(anywhere, "every 4 weeks owner @grace hours 2")
    assert at.astimezone(LONDON).hour == 17
    hours = set[int]()
    while len(hours) < 2:
        hours.add(at.hour)
        card = await play.hears("grace", f"Care {number}", "Restore test", "Done", "Hand over", "Skip")
        form = await anywhere.teams.press(play.id("grace"), card, "Done")
        assert form.kind == "card"
        done = await anywhere.teams.press(play.id("grace"), card, "Done", note="All <at>tables</at> back", hours="1,5")
        assert done.kind == "card"
        following = await due(play)
        local = following.astimezone(LONDON)
        assert (local.hour, local.date() - at.astimezone(LONDON).date()) == (17, timedelta(weeks=4))
        # To the next time at or after the change of the clocks, all before it skipped.
        while len(hours) < 2 and following.hour in hours:
            await play.ask("grace", f"care skip {number} Nothing has changed", "Skipped")
            following = await due(play)
        await anywhere.to(following - timedelta(hours=1))
        at = following
        await play.hears("grace", f"Care {number}", "Done", "Hand over")
    assert hours == {16, 17}


async def test_neglected_for_weeks_the_lead_is_told_and_one_card_stays_true(world: World) -> None:
    play, number, at = await planned(world)
    await world.to(at + timedelta(weeks=4, hours=1))
    item = await care(play)
    assert item["missed"] == 4
    assert moment(item["due_at"]).astimezone(LONDON).date() == (at + timedelta(weeks=4)).astimezone(LONDON).date()
    await play.hears("grace", f"Care {number}", "Neglected: never done, 4 times missed")
    assert len([m for m in await play.heard("grace", f"Care {number}") if m.card is not None]) == 1
    told = await play.heard("ada", "is overdue", "looks after it")
    assert 1 <= len(told) <= 4, "a day later, then once a week"
    card = await play.hears("grace", f"Care {number}", "Neglected")
    await world.teams.press(play.id("grace"), card, "Done")
    await world.teams.press(play.id("grace"), card, "Done", note="At last", hours="")
    assert (await care(play))["missed"] == 0
    await play.hears("grace", f"Care {number}", "At last", "Next due")


async def test_an_owner_who_leaves_leaves_it_to_the_lead(world: World) -> None:
    play, number, at = await planned(world)
    await world.bring(play.document(without="grace"))
    await play.hears("ada", f"{play.name('grace')} has left the organisation", f"care {number}")
    assert (await care(play))["owner"] == play.id("ada")
    await world.to(at)
    card = await play.hears("ada", f"Care {number}", "Restore test", "Hand over")
    await world.teams.press(play.id("ada"), card, "Hand over")
    await world.teams.press(play.id("ada"), card, "Hand over", person=play.id("lin"))
    assert (await care(play))["owner"] == play.id("lin")
    await play.hears("lin", f"Care {number}", "Restore test", "Done")


async def test_who_did_it_cannot_sign_it_off_and_somebody_without_a_part_in_it_neither(world: World) -> None:
    play = await world.scene(Cast(**CAST))
    form = await play.ask(
        "grace", "care add Restore test service:checkout every week owner @grace hours 900", "Plan care"
    )
    made = await world.teams.press(
        play.id("grace"), form, "Plan care", sign_off="true", hours="1", every="1", unit="weeks"
    )
    assert made.kind == "card"
    number = (await care(play))["id"]
    await play.ask("grace", f"care done {number} All back", "Waits for a sign-off")
    card = await play.hears("ada", f"Care {number}", "Waits for a sign-off", "Sign off")
    await play.ask("grace", f"care signoff {number}", "You did it yourself, so somebody else has to sign it off.")
    await play.ask("zoe", f"care signoff {number}", "can sign this off. Ask one of them.")
    await world.teams.press(play.id("ada"), card, "Sign off")
    await play.hears("ada", f"Care {number}", f"Signed off by **{play.name('ada')}**")


async def test_pressed_twice_and_by_two_people_it_is_done_once(pair: World) -> None:
    play, number, at = await planned(pair)
    await pair.to(at - timedelta(hours=1))
    card = await play.hears("grace", f"Care {number}", "Done", "Hand over")
    form = await pair.teams.press(play.id("grace"), card, "Done")
    assert form.kind == "card"
    presses = (pair.teams.press(play.id("grace"), card, "Done", note=f"Press {n}", hours="2") for n in range(2))
    await asyncio.gather(*presses, return_exceptions=True)  # whoever comes second may find no button any more
    await play.ask("lin", f"care done {number} Me too", "done already")
    following = await due(play)
    assert following.astimezone(LONDON).date() == at.astimezone(LONDON).date() + timedelta(weeks=1)
    shown = await play.hears("grace", f"Care {number}", "Press ", "Next due")
    assert shown.buttons() == []
