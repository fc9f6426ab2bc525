"""What happens to an escalation when the organisation changes under it."""

from dataclasses import replace

from tests.scenarios.cast import Cast, always, rotation, schedule, step
from tests.scenarios.world import World

TWO = (step("person:ada", "PT5M"), step("person:grace", "PT10M"))


async def test_a_policy_that_is_edited_counts_for_the_next_incident_not_for_the_one_that_runs(anywhere: World) -> None:
    play = await anywhere.scene(Cast(people="ada grace lin", steps=TWO))
    ref = await play.declare()
    await play.page("ada", ref)
    edited = (step("person:lin", "PT1M"), step("person:ada", "PT1M"))
    await anywhere.bring(play.document(steps=edited))
    await anywhere.advance("PT14M")
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +5:00 sent")
    await play.say("rita", f"resolve {ref} done")
    later = await play.declare()
    await anywhere.advance("PT1M")
    await play.paged(later, "lin step 1 +0:00 sent", "ada step 2 +1:00 sent")


async def test_a_policy_that_is_taken_away_still_runs_to_its_end(world: World) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO))
    ref = await play.declare()
    await play.page("ada", ref)
    play.cast = replace(play.cast, steps=(), service={})
    await world.bring(play.document())
    await world.advance("PT15M")
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +5:00 sent")
    await play.told(play.room, "Nobody has acknowledged after all rounds")


async def test_somebody_who_leaves_is_passed_over_and_that_is_said(world: World) -> None:
    steps = (*TWO, step("person:lin", "PT5M"))
    play = await world.scene(Cast(people="ada grace lin", steps=steps))
    ref = await play.declare()
    await play.page("ada", ref)
    kept = play.document(steps=(step("person:ada"),), without="grace")
    await world.bring(kept)
    await world.advance("PT5M")
    await play.page("lin", ref)
    await play.paged(ref, "ada step 1 +0:00 sent", "lin step 3 +5:00 sent")
    skipped = (await play.story(ref, "step_skipped"))[0]
    assert skipped == "Step 2 of critical reached nobody: grace is not in the organisation any more. Passed over."


async def test_somebody_who_was_paged_and_leaves_can_still_see_who_took_it(world: World) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO))
    ref = await play.declare()
    await play.page("ada", ref)
    await world.bring(play.document(steps=(step("person:grace"),), without="ada"))
    await world.advance("PT5M")
    await world.teams.press(play.id("grace"), await play.page("grace", ref), "Acknowledge")
    await play.page("ada", ref, f"{play.name('grace')} acknowledged at")


async def test_a_schedule_that_is_taken_away_is_said_and_the_next_step_is_paged(world: World) -> None:
    cast = Cast(
        people="ada grace", schedules={"primary": always("ada"), "second": always("grace")},
        steps=(step("person:ada", "PT5M"), step("schedule:primary", "PT5M"), step("schedule:second", "PT5M")),
    )  # fmt: skip
    play = await world.scene(cast)
    ref = await play.declare()
    await play.page("ada", ref)
    await world.bring(play.document(steps=(step("person:ada"),), schedules={"second": always("grace")}))
    await world.advance("PT5M")
    await play.page("grace", ref)
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 3 +5:00 sent")
    assert "there is no schedule primary any more" in (await play.story(ref, "step_skipped"))[0]


async def test_a_service_that_is_taken_away_leaves_its_incident_as_it_is(world: World) -> None:
    play = await world.scene(
        Cast(people="ada grace", steps=TWO, services={"search": {"escalation_policy": "critical"}})
    )
    ref = await play.declare(service="search")
    await play.page("ada", ref)
    await world.bring(play.document(services={}))
    await world.advance("PT5M")
    await world.teams.press(play.id("grace"), await play.page("grace", ref), "Acknowledge")
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +5:00 sent, answered")


async def test_a_rotation_that_is_edited_pages_whoever_it_names_when_the_step_comes(world: World) -> None:
    cast = Cast(
        people="ada grace lin", schedules={"primary": schedule(rotation("grace"))},
        steps=(step("person:ada", "PT5M"), step("schedule:primary", "PT5M")),
    )  # fmt: skip
    play = await world.scene(cast)
    ref = await play.declare()
    await play.page("ada", ref)
    await world.bring(play.document(schedules={"primary": schedule(rotation("lin"))}))
    await world.advance("PT5M")
    await play.page("lin", ref, "You are on call for primary")
    await play.paged(ref, "ada step 1 +0:00 sent", "lin step 2 +5:00 sent")
    await play.hears("lin", "Your on-call shifts changed", "New")
    await play.hears("grace", "Your on-call shifts changed", "No longer")


async def test_a_new_lead_is_the_last_resort_from_now_on(world: World) -> None:
    play = await world.scene(Cast(people="ada grace lin", steps=TWO, last_resort="team:payments", lead="lin"))
    ref = await play.declare()
    await play.page("ada", ref)
    await world.bring(play.document(lead="grace"))
    await world.advance("PT15M")
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +5:00 sent", "grace last resort +15:00 sent")
