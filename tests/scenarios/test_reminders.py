"""Reminders on incidents: an update, a commander, the time that runs out; each once, at its moment."""

from datetime import timedelta

from tests.scenarios.cast import Cast, step
from tests.scenarios.world import Scene, World, eventually

QUIET = (step("person:ada", "PT24H"),)


async def said(play: Scene, *words: str) -> list[str]:
    messages = await play.teams.messages(play.id("rita"), play.room)
    return [m.text for m in messages if m.from_bot and m.has(*words)]


async def count(play: Scene, *words: str) -> int:
    return len(await said(play, *words))


async def test_an_update_is_asked_for_before_it_is_late_and_once_more_when_it_is(world: World) -> None:
    play = await world.scene(Cast(people="ada", steps=QUIET))
    ref = await play.declare(sev=2)
    await world.advance("PT24M30S")
    assert await said(play, "wants an update") == []
    await world.advance("PT1M")
    asked = await play.told(play.room, f"{ref} wants an update by")
    assert asked.root is not None
    await world.advance("PT5M")
    await play.told(play.room, f"The update of {ref} is overdue since")
    await world.advance("PT1H")
    assert len(await said(play, "wants an update by")) == 1
    assert len(await said(play, "is overdue since")) == 1
    await play.say("ada", f"note {ref} we look at the database", where=await play.chat("ada"))
    await world.advance("PT26M")
    await eventually(lambda: count(play, "wants an update by"), 2)


async def test_a_major_incident_without_a_commander_says_so_once_and_not_when_there_is_one(world: World) -> None:
    play = await world.scene(Cast(people="ada", steps=QUIET))
    led, alone = await play.declare("Led", sev=1), await play.declare("Alone", sev=1)
    await play.say("ada", f"assign {led} commander me", where=await play.chat("ada"))
    await world.advance("PT11M")
    await play.told(play.room, f"{alone} has no commander")
    await world.advance("PT10M")
    assert len(await said(play, "has no commander")) == 1


async def test_half_three_quarters_and_all_of_the_time_to_resolve_are_said_at_their_moments(anywhere: World) -> None:
    play = await anywhere.scene(Cast(people="ada", steps=QUIET))
    ref = await play.declare()
    await play.say("rita", f"remind {ref} off")
    marks = [(60, "half of the 2 h target is used"), (90, "three quarters of the 2 h target"), (120, "is used up")]
    for n, (at, words) in enumerate(marks):
        await anywhere.to(play.declared[ref] + timedelta(minutes=at, seconds=-20))
        assert await count(play, f"{ref}: ") == n
        await anywhere.to(play.declared[ref] + timedelta(minutes=at))
        await play.told(play.room, f"{ref}: ", words)
    await anywhere.advance("PT5H")
    assert await count(play, f"{ref}: ") == 3


async def test_reminders_can_be_switched_off_and_on_and_get_a_rhythm_of_their_own(world: World) -> None:
    play = await world.scene(Cast(people="ada", steps=QUIET))
    ref = await play.declare(sev=2)
    chat = await play.chat("rita")
    await play.say("rita", f"assign {ref} commander me", where=chat)
    await play.ask("rita", f"remind {ref} off", "Nobody is reminded", where=chat)
    await world.advance("PT50M")
    assert await said(play, "wants an update by") == []
    await play.ask("rita", f"remind {ref} every 10m", "wants an update every 10 min", where=chat)
    await play.say("rita", f"note {ref} on it", where=chat)
    await world.advance("PT9M")
    await play.told(play.room, f"{ref} wants an update by")
    await play.ask("rita", f"remind {ref} off", "Nobody is reminded", where=chat)
    await world.advance("PT30M")
    assert await said(play, "is overdue since") == []


async def test_a_resolved_incident_reminds_nobody(world: World) -> None:
    play = await world.scene(Cast(people="ada", steps=QUIET))
    ref = await play.declare(sev=1)
    await play.say("ada", f"resolve {ref} done")
    await world.advance("P1D")
    assert [text for text in await said(play, ref) if "update" in text or "commander" in text or "target" in text] == []
