"""Who is paged after whom: steps, waits, rounds, the last resort, and the end."""

from datetime import timedelta
from itertools import pairwise

from tests.scenarios.cast import Cast, always, policy, rotation, schedule, step
from tests.scenarios.world import World, coming, eventually, moment

THREE = (step("person:ada", "PT5M"), step("person:grace", "PT10M"), step("person:lin", "PT15M"))
TWO = (step("person:ada", "PT5M"), step("person:grace", "PT10M"))


async def test_each_step_is_paged_when_the_one_before_has_waited_and_not_before(anywhere: World) -> None:
    play = await anywhere.scene(Cast(people="ada grace lin", steps=THREE))
    ref = await play.declare()
    await play.page("ada", ref, "you are paged", "Step 1 of 3")
    await anywhere.advance("PT4M30S")
    await play.paged(ref, "ada step 1 +0:00 sent")
    await anywhere.advance("PT10M30S")
    await play.page("grace", ref, "Step 2 of 3")
    await play.page("lin", ref, "Step 3 of 3")
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +5:00 sent", "lin step 3 +15:00 sent")


async def test_waits_are_kept_to_the_millisecond_through_a_whole_chain(world: World) -> None:
    play = await world.scene(Cast(people="ada grace lin", steps=THREE, repeat=1))
    ref = await play.declare()
    await play.paged(ref, "ada step 1 +0:00 sent")
    await world.advance("PT1H")
    pages = (await world.api(f"/incidents/{ref}/pages"))["items"]
    due = [moment(page["due_at"]) for page in pages]
    waits = [(b - a).total_seconds() for a, b in pairwise(due)]
    assert waits == [300, 600, 900, 300, 600]
    late = [(moment(page["sent_at"]) - moment(page["due_at"])).total_seconds() for page in pages]
    assert 0 <= min(late) <= max(late) < 5


async def test_after_all_rounds_comes_the_last_resort_and_then_it_is_said_where_people_talk(anywhere: World) -> None:
    cast = Cast(people="ada grace lin", steps=TWO, repeat=1, last_resort="team:payments", lead="lin", channel=True)
    play = await anywhere.scene(cast)
    ref = await play.declare()
    await anywhere.advance("PT40M")
    await play.page("lin", ref, "Nobody has answered so far: you are the last resort.")
    post = await play.told(play.channel, ref, "this team is the last resort", f"<at>{play.name('lin')}</at>")
    assert "Acknowledge" in post.buttons()
    await play.paged(
        ref,
        "ada step 1 +0:00 sent",
        "grace step 2 +5:00 sent",
        "ada step 1 round 2 +15:00 sent",
        "grace step 2 round 2 +20:00 sent",
        "lin last resort +30:00 sent",
        "payments last resort by channel +30:00 sent",
    )
    said = await play.told(play.room, f"{ref}: Nobody has acknowledged after all rounds")
    assert said.root is not None, "in the thread of its card"
    assert (await play.story(ref, "unanswered")) == ["Nobody has acknowledged after all rounds of critical."]
    await play.told(play.room, "Nobody has acknowledged after all rounds.", "Press Escalate to page again")


async def test_without_a_last_resort_the_end_comes_when_the_last_step_has_waited(world: World) -> None:
    play = await world.scene(Cast(people="ada grace", steps=TWO))
    ref = await play.declare()
    await world.advance("PT14M")
    assert await play.story(ref, "unanswered") == []
    await world.advance("PT1H")
    ended = [moment(e["at"]) for e in await world.timeline(ref) if e["kind"] == "unanswered"]
    assert len(ended) == 1
    assert timedelta(minutes=15) <= ended[0] - play.declared[ref] < timedelta(minutes=15, seconds=30)
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 2 +5:00 sent")


async def test_a_step_that_reaches_nobody_is_passed_over_at_once_and_said(world: World) -> None:
    gap = schedule(rotation("ada", starts="2099-01-05T09:00"))
    steps = (step("schedule:empty", "PT30M"), step("person:grace", "PT5M"))
    play = await world.scene(Cast(people="ada grace", steps=steps, schedules={"empty": gap}))
    ref = await play.declare()
    await play.page("grace", ref, "Step 2 of 2")
    await play.paged(ref, "grace step 2 +0:00 sent")
    said = await play.story(ref, "step_skipped")
    assert said == [
        "Step 1 of critical reached nobody: schedule empty has nobody on call until 2099-01-05 09:00 UTC. Passed over."
    ]


async def test_in_a_gap_between_two_shifts_the_next_step_is_paged_and_after_it_the_shift_again(world: World) -> None:
    now = await world.now()
    opens = coming(now, "tue", "09:00")
    office = schedule(rotation("ada", only=["mon-fri 09:00-17:00"]))
    steps = (step("schedule:office", "PT5M"), step("person:grace", "PT5M"))
    play = await world.scene(Cast(people="ada grace", steps=steps, schedules={"office": office}))
    await world.to(opens - timedelta(minutes=7))
    ref = await play.declare()
    await play.page("grace", ref)
    await world.advance("PT1H")
    await play.paged(ref, "grace step 2 +0:00 sent")
    await play.say("rita", f"resolve {ref} it was nothing")
    again = await play.declare()
    await play.paged(again, "ada step 1 +0:00 sent")


async def test_a_policy_that_reaches_nobody_at_all_says_so_in_the_thread(world: World) -> None:
    gap = schedule(rotation("ada", starts="2099-01-05T09:00"))
    cast = Cast(
        people="ada", steps=(step("schedule:empty"),), repeat=2, last_resort="team:payments", schedules={"empty": gap}
    )
    play = await world.scene(cast)
    ref = await play.declare()
    await play.told(play.room, f"{ref}: Nobody could be paged: critical", "escalate")
    await play.paged(ref)
    assert len(await play.story(ref, "step_skipped")) == 2, "one look at the step, one at the last resort"


async def test_steps_for_office_hours_and_for_the_night_are_chosen_by_the_hour_on_the_teams_clock(world: World) -> None:
    steps = (
        step("person:ada", "PT5M", only="working-hours"),
        step("person:grace", "PT5M", only="off-hours"),
        step("person:lin", "PT5M"),
    )
    cast = Cast(people="ada grace lin", steps=steps, zone="Asia/Kolkata", hours=["mon-fri 09:00-18:00"])
    play = await world.scene(cast)
    await world.to(coming(await world.now(), "wed", "10:00", "Asia/Kolkata"))
    by_day = await play.declare("In the morning")
    await world.advance("PT6M")
    await play.paged(by_day, "ada step 1 +0:00 sent", "lin step 3 +5:00 sent")
    assert "counts outside working hours only. Passed over." in (await play.story(by_day, "step_skipped"))[0]
    await play.say("rita", f"resolve {by_day} done")
    await world.to(coming(await world.now(), "wed", "19:00", "Asia/Kolkata"))
    by_night = await play.declare("At night")
    await world.advance("PT6M")
    await play.paged(by_night, "grace step 2 +0:00 sent", "lin step 3 +5:00 sent")


async def test_severity_4_wakes_nobody_and_begins_when_the_team_comes_to_work(anywhere: World) -> None:
    play = await anywhere.scene(Cast(people="ada", steps=(step("person:ada"),), zone="Europe/London", channel=True))
    now = await anywhere.to(coming(await anywhere.now(), "sat", "23:00", "Europe/London"))
    opens = coming(now, "mon", "09:00", "Europe/London")
    ref = await play.declare("A small thing", sev=4)
    await play.told(play.room, "Nobody is paged yet: severity 4 waits for working hours", f"{opens:%H:%M} UTC")
    await anywhere.to(opens - timedelta(minutes=1))
    await play.paged(ref)
    assert await play.heard("ada") == []
    await anywhere.to(opens)
    await play.page("ada", ref)
    pages = (await anywhere.api(f"/incidents/{ref}/pages"))["items"]
    assert [moment(page["due_at"]) for page in pages] == [opens]


async def test_lowering_to_severity_4_at_night_lets_the_next_people_sleep(anywhere: World) -> None:
    steps = (step("person:ada", "PT5M"), step("person:grace", "PT5M"))
    play = await anywhere.scene(Cast(people="ada grace", steps=steps, zone="Europe/London"))
    now = await anywhere.to(coming(await anywhere.now(), "sat", "23:00", "Europe/London"))
    opens = coming(now, "mon", "09:00", "Europe/London")
    ref = await play.declare("A small thing after all", sev=1)
    await play.page("ada", ref)
    await play.say("rita", f"severity {ref} 4")
    waits = "Nobody else is paged yet: severity 4 waits for working hours"
    await play.told(play.room, waits, f"{opens:%H:%M} UTC", f"Paged so far: {play.name('ada')}.")
    await anywhere.to(opens - timedelta(minutes=1))
    await play.paged(ref, "ada step 1 +0:00 sent")
    assert "Severity 4 waits for working hours: critical begins" in (await play.story(ref, "step_skipped"))[0]
    await anywhere.to(opens + timedelta(minutes=6))
    pages = (await anywhere.api(f"/incidents/{ref}/pages"))["items"][1:]
    assert [(play.local(page["person"]), moment(page["due_at"])) for page in pages] == [
        ("ada", opens), ("grace", opens + timedelta(minutes=5)),
    ]  # fmt: skip


async def test_raising_a_severity_4_pages_now(world: World) -> None:
    play = await world.scene(Cast(people="ada", steps=(step("person:ada"),)))
    await world.to(coming(await world.now(), "sun", "03:00"))
    ref = await play.declare("A small thing", sev=4)
    await world.advance("PT10M")
    await play.paged(ref)
    await play.say("rita", f"severity {ref} 2")
    await play.page("ada", ref, "SEV2")
    await play.paged(ref, "ada step 1 +10:00 sent")


async def test_a_worse_severity_with_a_policy_of_its_own_begins_that_one_too(world: World) -> None:
    cast = Cast(
        people="ada grace",
        steps=(step("person:ada", "PT30M"),),
        policies={"major": policy(step("person:grace", "PT5M"))},
        service={"severity_policies": {"1": "major"}},
    )
    play = await world.scene(cast)
    ref = await play.declare()
    await play.page("ada", ref)
    await world.advance("PT2M")
    await play.say("rita", f"severity {ref} 1")
    await play.page("grace", ref, "SEV1")
    await play.say("rita", f"severity {ref} 2")
    await play.say("rita", f"severity {ref} 1")
    await world.settle()
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 1 +2:00 sent")


async def test_waits_of_one_second_run_by_themselves(world: World) -> None:
    steps = tuple(step(f"person:{who}", "PT1S") for who in ("ada", "grace", "lin"))
    play = await world.scene(Cast(people="ada grace lin", steps=steps))
    ref = await play.declare()
    await play.told(play.room, f"{ref}: Nobody has acknowledged")
    pages = (await world.api(f"/incidents/{ref}/pages"))["items"]
    due = [moment(page["due_at"]) for page in pages]
    assert [(b - a).total_seconds() for a, b in pairwise(due)] == [1, 1]
    assert all((moment(p["sent_at"]) - moment(p["due_at"])).total_seconds() < 10 for p in pages)


async def test_somebody_who_is_meant_twice_is_paged_once(world: World) -> None:
    steps = (step("schedule:primary person:ada person:grace"),)
    play = await world.scene(Cast(people="ada grace", steps=steps, schedules={"primary": always("ada")}))
    ref = await play.declare()
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 1 +0:00 sent")
    await play.page("ada", ref, "You are on call for primary")
    assert len(await play.heard("ada", ref)) == 1


async def test_two_services_with_two_policies_run_side_by_side_and_one_policy_for_both_runs_once(world: World) -> None:
    cast = Cast(
        people="ada grace",
        steps=(step("person:ada", "PT10M"),),
        policies={"other": policy(step("person:grace", "PT10M"))},
        services={"search": {"escalation_policy": "other"}, "basket": {"escalation_policy": "critical"}},
    )
    play = await world.scene(cast)
    both = await play.declare("Two services service:search", service="checkout")
    await play.page("ada", both, "Search and Checkout")
    await eventually(lambda: sorted_ledger(play, both), ["ada step 1 +0:00 sent", "grace step 1 +0:00 sent"])
    await play.say("rita", f"resolve {both} done")
    await world.advance("PT5M")
    shared = await play.declare("Two more service:basket", service="checkout")
    await world.advance("PT5M")
    await play.paged(shared, "ada step 1 +0:00 sent")


async def sorted_ledger(play, ref: str) -> list[str]:
    return sorted(await play.delivered(ref))


async def test_both_sides_are_paged_when_the_policy_names_both(world: World) -> None:
    cast = Cast(
        people="ada grace lin",
        steps=(step("sides:both"),),
        schedules={"primary": always("ada"), "duty": always("grace", team="ops")},
        ops={"members": "grace lin", "lead": "lin"},
    )
    play = await world.scene(cast)
    ref = await play.declare()
    await play.page("ada", ref)
    await play.page("grace", ref)
    await play.paged(ref, "ada step 1 +0:00 sent", "grace step 1 +0:00 sent")
