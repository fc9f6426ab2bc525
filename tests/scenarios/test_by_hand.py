"""Paging because somebody asks for it: the next step, a person, a team, a policy, the other side."""

import asyncio
from datetime import timedelta

import pytest

from tests.scenarios.cast import Cast, always, policy, step
from tests.scenarios.world import Scene, World, eventually, moment

TWO = (step("person:ada", "PT5M"), step("person:grace", "PT10M"))


async def test_escalate_pages_the_next_step_now_and_the_chain_goes_on_from_there(anywhere: World) -> None:
    play = await anywhere.scene(Cast(people="ada grace lin", steps=(*TWO, step("person:lin"))))
    ref = await play.declare()
    await anywhere.advance("PT2M")
    await play.ask("rita", f"escalate {ref}", f"I paged {play.name('grace')} (step 2).")
    await play.page("grace", ref)
    await anywhere.advance("PT10M")
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +2:00 sent", "lin step 3 +12:00 sent")
    assert await play.story(ref, "escalated") == ["Step 2 of critical paged Grace."]


async def test_the_button_on_a_page_goes_one_step_further_however_often_it_is_pressed(world: World) -> None:
    play = await world.scene(Cast(people="ada grace lin", steps=(*TWO, step("person:lin"))))
    ref = await play.declare()
    card = await play.page("ada", ref)
    await world.advance("PT1S")
    button = card.action("Escalate")
    for _ in range(3):
        assert (await world.teams.press_action(play.id("ada"), card, button)).kind == "card"
    await play.page("grace", ref)
    await world.settle()
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +0:00 sent")


async def test_after_an_acknowledgement_escalate_goes_on_where_it_stopped(world: World) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO, last_resort="person:ada"))
    ref = await play.declare()
    await world.teams.press(play.id("ada"), await play.page("ada", ref), "Acknowledge")
    await world.advance("PT1H")
    await play.ask("rita", f"escalate {ref}", f"I paged {play.name('grace')} (step 2).")
    card = await play.page("grace", ref, "you are paged")
    await world.teams.press(play.id("grace"), card, "Acknowledge")
    await world.advance("PT1H")
    await play.paged(ref, "ada step 1 +0:00 sent, answered", "grace step 2 +60:00 sent, answered")


async def test_when_all_rounds_are_through_escalate_begins_at_the_first_step_again(world: World) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO))
    ref = await play.declare()
    await world.advance("PT20M")
    await play.told(play.room, "Nobody has acknowledged")
    await play.ask("rita", f"escalate {ref}", f"I paged {play.name('ada')} (step 1).")
    await world.advance("PT5M")
    lines = await play.delivered(ref)
    assert lines[2:] == ["ada step 1 +20:00 sent", "grace step 2 +25:00 sent"]


async def test_somebody_asked_for_by_name_is_paged_and_the_thread_hears_when_they_do_not_answer(
    world: World,
) -> None:
    play = await world.scene(Cast(people="ada lin", steps=(step("person:ada", "PT1H"),)))
    ref = await play.declare()
    await play.ask("rita", f"escalate {ref} @lin", f"I paged {play.name('lin')}.")
    await play.page("lin", ref, f"{play.name('rita')} escalated to you")
    await world.advance("PT4M")
    assert await play.story(ref, "unanswered") == []
    await world.advance("PT1M")
    said = await play.told(play.room, f"{ref}: {play.name('lin')} has not acknowledged within 5 min.")
    assert said.root is not None
    await play.paged(ref, "ada step 1 +0:00 sent", "lin escalated +0:00 sent")


async def test_somebody_asked_for_by_name_who_answers_stops_everything(world: World) -> None:
    play = await world.scene(Cast(people="ada lin", steps=(step("person:ada", "PT1H"),)))
    ref = await play.declare()
    await play.page("ada", ref)
    await play.ask("rita", f"escalate {ref} @lin", f"I paged {play.name('lin')}.")
    await world.teams.press(play.id("lin"), await play.page("lin", ref), "Acknowledge")
    await play.hears("ada", f"{play.name('lin')} acknowledged {ref}. You need not do anything.")
    await world.advance("PT2H")
    assert await play.story(ref, "unanswered") == []


async def test_a_team_and_a_policy_can_be_asked_for(world: World) -> None:
    cast = Cast(
        people="ada lin zoe", steps=(step("person:ada", "PT1H"),), lead="lin", channel=True,
        policies={"other": policy(step("person:zoe", "PT5M"), step("person:lin", "PT5M"))},
    )  # fmt: skip
    play = await world.scene(cast)
    ref = await play.declare()
    await play.page("ada", ref)
    await play.ask("rita", f"escalate {ref} team:payments", f"I paged {play.name('lin')} and posted in the channel of")
    await play.page("lin", ref, "You lead the team")
    await play.told(play.channel, ref, "This team is paged. Who takes it?")
    await play.ask("rita", f"escalate {ref} policy:{play.id('other')}", f"I paged {play.name('zoe')} (step 1).")
    await world.advance("PT5M")
    lines = await play.delivered(ref)
    assert lines[-2:] == ["zoe step 1 +0:00 sent", "lin step 2 +5:00 sent"]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("escalate {ref} @nobody-at-all", "I know nobody called"),
        ("escalate {ref} team:unheard", "I know no team"),
        ("escalate {ref} policy:unheard", "I know no escalation policy"),
    ],
)
async def test_whoever_is_unknown_is_asked_for_with_the_form_and_nobody_is_paged(
    world: World, words: str, answer: str
) -> None:
    play = await world.scene(Cast(people="ada lin", steps=(step("person:ada", "PT1H"),)))
    ref = await play.declare()
    said = await world.teams.say(play.id("rita"), play.room, f"@Incident {words.format(ref=ref)}")
    form = await world.teams.wait_for(
        lambda m: m.from_bot and int(m.id) > int(said.id) and m.has(answer),
        person=play.id("rita"),
        conversation=play.room,
    )
    assert form.card is not None
    await world.teams.press(play.id("rita"), form, "Escalate", target="person", person=play.id("lin"))
    await play.page("lin", ref)
    await play.paged(ref, "ada step 1 +0:00 sent", "lin escalated +0:00 sent")


async def test_a_resolved_incident_pages_nobody_and_says_what_to_do(world: World) -> None:
    play = await world.scene(Cast(people="ada", steps=(step("person:ada"),)))
    ref = await play.declare()
    await play.page("ada", ref)
    await play.say("rita", f"resolve {ref} done")
    await play.ask("rita", f"escalate {ref}", f"{ref} is resolved; to page somebody for it, first write", "reopen")
    await play.paged(ref, "ada step 1 +0:00 sent")


async def test_operations_is_brought_in_with_one_press(world: World) -> None:
    cast = Cast(
        people="ada grace lin", steps=(step("schedule:primary"),), members="ada",
        schedules={"primary": always("ada"), "duty": always("grace", team="ops")},
        ops={"members": "grace lin", "lead": "lin"},
    )  # fmt: skip
    play = await world.scene(cast)
    ref = await play.declare()
    card = await play.page("ada", ref)
    await world.teams.press(play.id("ada"), card, "Acknowledge")
    await world.teams.press(play.id("ada"), await play.page("ada", ref), "Bring in Operations")
    page = await play.page("grace", ref, "You are on call for the operations side of its services")
    await world.teams.press(play.id("grace"), page, "Acknowledge")
    await play.paged(ref, "ada step 1 +0:00 sent, answered", "grace escalated +0:00 sent, answered")
    assert len([e for e in await world.timeline(ref) if e["kind"] == "acknowledged"]) == 2
    await eventually(lambda: offers(play, ref), wanted=False)


async def offers(play: Scene, ref: str) -> bool:
    return "Bring in Operations" in (await play.page("ada", ref)).buttons()


async def test_without_anybody_on_call_the_lead_of_operations_is_brought_in(world: World) -> None:
    cast = Cast(people="ada lin", steps=(step("person:ada"),), members="ada", ops={"members": "lin", "lead": "lin"})
    play = await world.scene(cast)
    ref = await play.declare()
    await play.page("ada", ref)
    await play.ask("rita", f"escalate {ref} operations", f"I paged {play.name('lin')}.")
    await play.page("lin", ref)


async def test_in_the_thread_of_its_card_the_incident_need_not_be_named(world: World) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO))
    ref = await play.declare()
    other = await play.declare("Something else")
    card = await play.told(play.room, ref, "Timeline")
    await play.say("rita", "escalate", root=card.id)
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +0:00 sent")
    assert len(await play.ledger(other)) == 1


async def test_two_who_escalate_at_the_same_moment_are_two_steps_at_most_and_each_is_paged_once(
    anywhere: World,
) -> None:
    play = await anywhere.scene(Cast(people="ada grace lin", steps=(*TWO, step("person:lin", "PT1H"))))
    ref = await play.declare()
    await play.page("ada", ref)
    await asyncio.gather(play.say("ada", f"escalate {ref}"), play.say("grace", f"escalate {ref}"))
    await play.page("grace", ref)
    await play.page("lin", ref)
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +0:00 sent", "lin step 3 +0:00 sent")
    due = [moment(page["due_at"]) for page in (await anywhere.api(f"/incidents/{ref}/pages"))["items"]]
    assert due == sorted(due)
    assert due[-1] - due[0] < timedelta(minutes=1)
