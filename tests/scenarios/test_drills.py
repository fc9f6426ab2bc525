"""Drills: a harmless page, and how long it took."""

from tests.scenarios.cast import Cast, always, rotation, schedule
from tests.scenarios.world import World


async def test_a_drill_that_is_answered_reports_the_time_where_it_was_asked_for(world: World) -> None:
    play = await world.scene(Cast(people="ada", schedules={"primary": always("ada")}))
    await play.ask("rita", f"drill {play.id('primary')}", f"I paged {play.name('ada')}. The result comes here.")
    card = await play.hears("ada", "This is only a drill", "Nothing is broken", play.name("rita"))
    await world.teams.press(play.id("ada"), card, "Acknowledge")
    await play.told(play.room, f"{play.name('ada')} acknowledged after")
    await play.hears("ada", "Answered after")
    await world.advance("PT1H")
    assert not [m for m in await world.teams.messages(play.id("rita"), play.room) if m.has("has not acknowledged")]
    assert (await world.api(f"/incidents?service={play.id('checkout')}"))["items"] == []


async def test_a_drill_that_nobody_answers_says_so_after_a_quarter_of_an_hour(world: World) -> None:
    play = await world.scene(Cast(people="ada", schedules={"primary": always("ada")}))
    await play.ask("rita", f"drill {play.id('primary')}", "I paged")
    card = await play.hears("ada", "This is only a drill")
    await world.advance("PT15M")
    await play.told(play.room, f"{play.name('ada')} has not acknowledged within 15 min; the page arrived after")
    ended = await play.hears("ada", "The drill has ended; no answer is needed any more.")
    assert ended.id == card.id
    assert "Acknowledge" not in ended.buttons()


async def test_a_drill_with_nobody_on_call_says_what_to_do(world: World) -> None:
    play = await world.scene(
        Cast(people="ada", schedules={"primary": schedule(rotation("ada", starts="2099-01-05T09:00"))})
    )
    await play.ask(
        "rita", f"drill {play.id('primary')}", "There is nobody to page", "until 2099-01-05 09:00 UTC", "override"
    )
    assert await play.heard("ada") == []


async def test_a_drill_that_teams_refuses_says_why(world: World) -> None:
    play = await world.scene(Cast(people="ada", schedules={"primary": always("ada")}, emails="ada"))
    await world.teams.install(play.id("ada"), await play.chat("ada"), installed=False)
    await play.say("rita", f"drill {play.id('primary')}")
    await play.told(play.room, f"the page to {play.name('ada')} was refused: the bot is not")


async def test_a_drill_asked_for_twice_by_one_message_pages_once(world: World) -> None:
    play = await world.scene(Cast(people="ada", schedules={"primary": always("ada")}))
    world.tap.copies, world.tap.where = 3, f"drill {play.id('primary')}"
    try:
        await play.ask("rita", f"drill {play.id('primary')}", "I paged")
    finally:
        world.tap.copies, world.tap.where = 1, ""
    card = await play.hears("ada", "This is only a drill")
    await world.teams.press(play.id("ada"), card, "Acknowledge")
    await play.told(play.room, "acknowledged after")
    assert len(await play.heard("ada", "drill")) == 1
