"""Where things are said: the team's channel, and an import while everything runs."""

from datetime import timedelta
from pathlib import Path

import yaml

from tests.scenarios.cast import Cast, rotation, schedule, step
from tests.scenarios.world import World, coming
from tests.support.product import run_command


async def test_a_channel_that_was_made_the_teams_by_command_gets_the_last_resort(anywhere: World) -> None:
    play = await anywhere.scene(Cast(people="ada lin", steps=(step("person:ada"),), last_resort="team:payments"))
    said = await play.ask("ada", f"here team:{play.id('payments')}", "This is the channel of")
    await play.ask("ada", f"here team:{play.id('payments')}", "already")
    where = await anywhere.teams.group_chat(play.id("rita"), "Elsewhere", [])
    ref = await play.declare(where=where)
    await anywhere.advance("PT5M")
    post = await play.told(play.room, ref, "this team is the last resort")
    assert int(post.id) > int(said.id)
    await anywhere.teams.press(play.id("lin"), post, "Acknowledge")
    await play.told(play.room, ref, f"{play.name('lin')} acknowledged at")
    await play.hears("ada", f"{play.name('lin')} acknowledged {ref}. You need not do anything.")
    await play.paged(ref, "ada step 1 +0:00 sent", "payments last resort by channel +5:00 sent, answered")
    # An import that does not name a channel leaves it: it was chosen here.
    await anywhere.bring(play.document())
    await play.ask("ada", f"here team:{play.id('payments')}", "already")


async def test_here_in_a_chat_is_refused_with_what_to_do(world: World) -> None:
    play = await world.scene(Cast(people="ada"))
    await play.ask("ada", f"here team:{play.id('payments')}", "needs a channel", where=await play.chat("ada"))
    await play.ask("ada", "here team:unheard", "I know no team")


async def test_an_import_while_the_bot_runs_tells_people_of_their_shifts_and_pages_by_the_new_file(
    world: World, tmp_path: Path
) -> None:
    monday = coming(await world.now() + timedelta(days=1), "mon", "09:00")
    begun = (monday - timedelta(days=7)).replace(tzinfo=None)
    cast = Cast(
        people="ada grace lin",
        steps=(step("schedule:weekly"),),
        schedules={"weekly": schedule(rotation("ada grace", starts=begun))},
    )
    play = await world.scene(cast)
    edited = play.document(schedules={"weekly": schedule(rotation("ada lin", starts=begun))})
    file = tmp_path / "org.yaml"
    file.write_text(yaml.safe_dump(edited))
    done = run_command("org", "import", str(file), environ={"DATABASE_URL": world.database_url, **development(world)})
    assert done.returncode == 0, done.stderr
    week = f"{monday:%Y-%m-%d %H:%M}"
    await play.hears("lin", "Your on-call shifts changed", "New", week)
    await play.hears("grace", "Your on-call shifts changed", "No longer", week)
    assert await play.heard("ada", "Your on-call shifts changed") == []
    await world.bring(edited)  # the same once more
    await world.to(monday)
    ref = await play.declare()
    await play.paged(ref, "lin step 1 +0:00 sent")
    assert len(await play.heard("lin", "Your on-call shifts changed")) == 1


def development(world: World) -> dict[str, str]:
    """Say that an emulator stands in for Teams: then the clock is the one that can be moved."""
    return {"TEAMS_EMULATOR_URL": world.environ["TEAMS_EMULATOR_URL"]}
