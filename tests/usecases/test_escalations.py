"""Who is paged when, until somebody acknowledges: whole chains on a real store, with the clock moved by hand."""

from datetime import timedelta

import pytest

from domain.escalation import StepHours
from domain.timeline import EntryKind
from tests.support.paged_organisation import PLATFORM_CHANNEL, at, policy, schedule, step, without
from tests.support.paging_desk import PagingDesk
from tests.support.samples import NOW
from tests.usecases.conftest import OpenDesk
from usecases import escalations
from usecases.escalations.steps import tell_failed


@pytest.fixture
async def desk(opened: OpenDesk) -> PagingDesk:
    """Grace, after 5 minutes Zoë, after 5 more Ada, for 10."""
    return await opened()


# -- chains -----------------------------------------------------------------------------------------------------------


async def test_a_chain_pages_each_step_at_its_moment_then_again_then_the_last_resort(opened: OpenDesk) -> None:
    desk = await opened(policy(repeat=1, last_resort="team:platform"))
    n = await desk.declare()
    await desk.later(minutes=60)
    assert desk.paged() == [
        ("grace", "14:18:00"),
        ("zoe", "14:23:00"),
        ("ada", "14:28:00"),
        ("grace", "14:38:00"),
        ("zoe", "14:43:00"),
        ("ada", "14:48:00"),
        (f"#{PLATFORM_CHANNEL}", "14:58:00"),
        ("noor", "14:58:00"),
    ]
    assert await desk.story(n) == [
        "Checkout is down",
        "Step 1 of critical paged Grace Hopper (payments-primary).",
        "Step 2 of critical paged Zoë Ångström (it-ops-primary).",
        "Step 3 of critical paged Ada Lovelace.",
        "Step 1 of critical (round 2 of 2) paged Grace Hopper (payments-primary).",
        "Step 2 of critical (round 2 of 2) paged Zoë Ångström (it-ops-primary).",
        "Step 3 of critical (round 2 of 2) paged Ada Lovelace.",
        (
            "Nobody acknowledged: the last resort, Noor Haddad (team Platform), was paged; "
            "posted in the channel of Platform."
        ),
        "Nobody has acknowledged after all rounds of critical.",
    ]
    assert await desk.escalations(n) == ["critical exhausted 7"]
    assert await desk.planned(n) == []


async def test_the_last_resort_is_waited_for_as_long_as_the_last_step(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-primary"), last_resort="person:noor"))
    n = await desk.declare()
    await desk.later(minutes=9, seconds=59)
    assert await desk.escalations(n) == ["critical running 2"]
    await desk.later(seconds=1)
    assert await desk.escalations(n) == ["critical exhausted 2"]
    assert [text for text in desk.got("#19:ops@thread.tacv2") if "after all rounds" in text] == [
        (
            "⚠ INC-1: Nobody has acknowledged after all rounds of critical. "
            "Write `escalate INC-1 @person` to page somebody."
        )
    ]


async def test_without_a_last_resort_the_end_comes_after_the_last_wait(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(minutes=20)
    assert await desk.escalations(n) == ["critical exhausted 4"]
    assert (await desk.story(n))[-1] == "Nobody has acknowledged after all rounds of critical."


async def test_the_ledger_knows_the_nominal_moment_of_each_page(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(minutes=12)
    pages = await desk.pages(n)
    assert [(p.due_at, p.sent_at, p.attempts, p.target) for p in pages] == [
        (at("14:18"), at("14:18"), 1, "schedule:payments-primary"),
        (at("14:23"), at("14:23"), 1, "schedule:it-ops-primary"),
        (at("14:28"), at("14:28"), 1, "person:ada"),
    ]
    assert await desk.ledger(n) == ["grace teams 1/1 sent", "zoe teams 2/1 sent", "ada teams 3/1 sent"]


async def test_a_late_look_does_not_shift_the_chain_and_an_outage_does(desk: PagingDesk) -> None:
    n = await desk.declare()
    desk.sleeps(minutes=5, seconds=20)  # 20 s behind: the next moment is still counted from the nominal one
    await desk.runs()
    assert [work.due_at for work in await desk.planned(n)] == [at("14:28")]
    desk.sleeps(hours=2)  # down for two hours: one step now, the one after it 10 minutes from now
    await desk.runs()
    assert desk.paged() == [("grace", "14:18:00"), ("zoe", "14:23:20"), ("ada", "16:23:20")]
    assert [work.due_at - desk.now for work in await desk.planned(n)] == [timedelta(minutes=10)]
    assert (await desk.pages(n))[-1].due_at == at("14:28")


async def test_a_step_may_page_several_people_and_each_only_once(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-primary", "person:grace", "person:ada", "channel:platform")))
    n = await desk.declare()
    assert await desk.ledger(n) == ["grace teams 1/1 sent", "ada teams 1/1 sent", "#platform channel 1/1 sent"]
    assert (await desk.story(n))[-1] == (
        "Step 1 of critical paged Grace Hopper (payments-primary) and Ada Lovelace "
        "and posted in the channel of Platform."
    )


async def test_both_sides_of_the_services_can_be_one_step(opened: OpenDesk) -> None:
    desk = await opened(policy(step("sides:both")))
    n = await desk.declare()
    # Payments has nobody on its second schedule now; whoever is on the first is enough.
    assert await desk.ledger(n) == ["grace teams 1/1 sent", "zoe teams 1/1 sent"]


async def test_a_side_without_anybody_on_call_means_its_lead(opened: OpenDesk) -> None:
    desk = await opened(
        policy(step("sides:operations")), schedules=(schedule("payments-primary", "payments", "grace"),)
    )
    n = await desk.declare()
    assert await desk.ledger(n) == ["lin teams 1/1 sent"]
    assert (await desk.story(n))[-1] == "Step 1 of critical paged Lin Wei 林薇 (team IT Operations)."


# -- steps that reach nobody ------------------------------------------------------------------------------------------


async def test_a_step_that_reaches_nobody_is_passed_over_at_once_and_said(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-secondary"), step("schedule:it-ops-primary")))
    n = await desk.declare()
    assert desk.paged() == [("zoe", "14:18:00")]
    assert (await desk.story(n))[1:] == [
        (
            "Step 1 of critical reached nobody: schedule payments-secondary has nobody on call "
            "until 2026-11-24 09:00 UTC. Passed over."
        ),
        "Step 2 of critical paged Zoë Ångström (it-ops-primary).",
    ]
    kinds = await desk.see(lambda store: [entry.kind for entry in store.timeline.page(n)])
    assert kinds == [EntryKind.DECLARED, EntryKind.STEP_SKIPPED, EntryKind.PAGED]


async def test_whoever_is_missing_beside_others_is_named(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-primary", "schedule:payments-secondary")))
    n = await desk.declare()
    assert (await desk.story(n))[-1] == (
        "Step 1 of critical paged Grace Hopper (payments-primary). "
        "Missing: schedule payments-secondary has nobody on call until 2026-11-24 09:00 UTC."
    )


async def test_a_policy_that_reaches_nobody_ends_at_once_and_says_each_step_once(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-secondary"), step("channel:payments"), repeat=100))
    n = await desk.declare()
    assert (await desk.story(n))[1:] == [
        (
            "Step 1 of critical reached nobody: schedule payments-secondary has nobody on call "
            "until 2026-11-24 09:00 UTC. Passed over."
        ),
        "Step 2 of critical reached nobody: team Payments has no channel. Passed over.",
        "Nobody could be paged: critical reaches nobody now.",
    ]
    assert await desk.escalations(n) == ["critical exhausted 203"]
    assert (await desk.incident(n)).paged


async def test_when_no_step_reaches_anybody_the_last_resort_is_paged_now(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-secondary"), repeat=3, last_resort="team:platform"))
    await desk.declare()
    assert desk.paged() == [(f"#{PLATFORM_CHANNEL}", "14:18:00"), ("noor", "14:18:00")]


async def test_a_last_resort_that_is_gone_does_not_stop_the_end(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-primary"), last_resort="person:noor"))
    n = await desk.declare()
    await desk.imports(
        policy(step("schedule:payments-primary")), people=without("noor"), teams=(), services=(), schedules=()
    )
    await desk.later(minutes=5)
    assert (await desk.story(n))[-2:] == [
        "The last resort of critical reached nobody: noor is not in the organisation any more.",
        "Nobody has acknowledged after all rounds of critical.",
    ]


@pytest.mark.parametrize(
    ("hours", "reached", "said"),
    [
        (StepHours.WORKING, "grace", ""),
        (StepHours.OFF, "zoe", "Step 1 of critical counts outside working hours only. Passed over."),
    ],
)
async def test_a_step_may_count_by_the_hours_of_the_owning_team(
    opened: OpenDesk, hours: StepHours, reached: str, said: str
) -> None:
    """Monday 14:18 is a working hour of a team that has not said when it works."""
    desk = await opened(policy(step("schedule:payments-primary", only=hours), step("schedule:it-ops-primary")))
    n = await desk.declare()
    assert [to for to, _ in desk.paged()] == [reached]
    assert (said in await desk.story(n)) is bool(said)


async def test_at_night_the_steps_of_working_hours_are_passed_over(opened: OpenDesk) -> None:
    first = step("schedule:payments-primary", only=StepHours.WORKING)
    desk = await opened(policy(first, step("schedule:it-ops-primary")))
    desk.sleeps(hours=8)
    n = await desk.declare()
    assert await desk.ledger(n) == ["zoe teams 2/1 sent"]
    assert "Step 1 of critical counts in working hours only. Passed over." in await desk.story(n)


async def test_a_post_that_cannot_be_sent_is_told_with_the_teams_name_at_once_and_later(opened: OpenDesk) -> None:
    desk = await opened(policy(step("channel:platform")))
    desk.refuses[f"#{PLATFORM_CHANNEL}"] = "the app is not in this team (403)"
    n = await desk.declare()
    said = "Team Platform could not be paged in Teams: the app is not in this team (403)."
    assert said in await desk.story(n)
    incident, pages = await desk.incident(n), await desk.pages(n)
    await desk.do(lambda store: tell_failed(store, incident, pages, desk.now))
    assert (await desk.story(n))[-1] == said


# -- ends ---------------------------------------------------------------------------------------------------------------


async def test_resolving_stops_everything_and_tells_whoever_was_paged(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(minutes=6)
    await desk.change("grace", lambda i, p, t: i.resolve(p, n, "", t))
    assert await desk.escalations(n) == ["critical stopped 2"]
    assert await desk.planned(n) == []
    assert desk.got("zoe")[-1] == "Grace Hopper resolved INC-1. You need not do anything."
    assert not any("need not" in text for text in desk.got("grace"))
    await desk.later(hours=2)
    assert len(desk.paged()) == 2


async def test_reopening_begins_again_at_step_1(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.ack("grace", n)
    await desk.change("grace", lambda i, p, t: i.resolve(p, n, "", t))
    await desk.later(minutes=30)
    await desk.change("ada", lambda i, p, t: i.reopen(p, n, "It is back", t))
    assert await desk.escalations(n) == ["critical acknowledged 1", "critical running 1"]
    await desk.later(minutes=5)
    assert desk.paged() == [("grace", "14:18:00"), ("grace", "14:48:00"), ("zoe", "14:53:00")]
    assert [page.cycle for page in await desk.pages(n)] == [0, 1, 1]


async def test_work_that_is_carried_out_twice_pages_once(desk: PagingDesk) -> None:
    """A lease that ran out: another replica runs the same row again."""
    n = await desk.declared()
    taken = (await desk.queue.claim((escalations.STEP,), 5)).work
    for _ in range(2):
        await desk.do(lambda store: escalations.run_step(store, taken[0], NOW))
    assert len(await desk.pages(n)) == 1
    assert await desk.escalations(n) == ["critical running 1"]
