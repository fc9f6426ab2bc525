"""How paging stands, as the cards of an incident tell it."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from domain.catalog import Side
from domain.paging import PageResult
from domain.running_escalation import EscalationState
from tests.support.paged_organisation import at, policy, step
from tests.support.paging_desk import PagingDesk
from tests.usecases.conftest import OpenDesk
from usecases.paging_view import PagingView, paging_view
from usecases.views import incident_view


@pytest.fixture
async def desk(opened: OpenDesk) -> PagingDesk:
    """Grace, after 5 minutes Zoë, after 5 more Ada, for 10; once more; then Noor."""
    return await opened(policy(repeat=1, last_resort="team:platform"))


async def look(desk: PagingDesk, number: int) -> PagingView:
    incident = await desk.incident(number)
    found = await desk.see(lambda store: paging_view(store, incident, desk.now))
    assert found is not None
    return found


async def test_after_the_first_page_it_names_who_is_next_and_when(desk: PagingDesk) -> None:
    n = await desk.declare()
    view = await look(desk, n)
    assert [(p.name, p.result, p.due_at, p.acknowledged_at) for p in view.people] == [
        ("Grace Hopper", PageResult.SENT, at("14:18"), None)
    ]
    assert (view.state, view.step, view.steps, view.round, view.rounds) == (EscalationState.RUNNING, 1, 3, 1, 2)
    assert (view.next_at, view.next_names) == (at("14:23"), ("Zoë Ångström",))
    assert view.other_side is Side.OPERATIONS


async def test_the_newest_comes_first_and_each_person_once(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(minutes=21)
    view = await look(desk, n)
    assert [(p.name, p.due_at) for p in view.people] == [
        ("Grace Hopper", at("14:38")),
        ("Ada Lovelace", at("14:28")),
        ("Zoë Ångström", at("14:23")),
    ]
    assert (view.step, view.round) == (1, 2)
    assert view.other_side is None  # both sides are in it


async def test_before_the_last_resort_it_is_named_and_afterwards_there_is_no_step(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(minutes=35)
    assert (await look(desk, n)).next_names == ("Noor Haddad",)
    await desk.later(minutes=6)
    view = await look(desk, n)
    assert (view.step, view.next_at, view.next_names) == (0, None, ())
    await desk.later(minutes=10)
    view = await look(desk, n)
    assert (view.state, view.next_at) == (EscalationState.EXHAUSTED, None)


async def test_severity_4_names_nobody_for_a_moment_after_work(desk: PagingDesk) -> None:
    desk.sleeps(hours=2, minutes=38)  # Monday 16:56
    n = await desk.declare("A typo", 4)
    view = await look(desk, n)
    assert (view.state, view.next_at) == (EscalationState.RUNNING, at("09:00") + timedelta(days=1))
    assert view.next_names == ("Grace Hopper",), "it begins anew at the first step"


async def test_severity_4_waits_and_the_card_says_until_when(desk: PagingDesk) -> None:
    desk.sleeps(hours=8)
    n = await desk.declare("A typo", 4)
    view = await look(desk, n)
    assert (view.state, view.people, view.step) == (EscalationState.WAITING, (), 0)
    assert view.next_at == at("09:00") + timedelta(days=1)
    assert view.next_names == ("Grace Hopper",)


async def test_the_best_result_of_all_ways_counts(desk: PagingDesk) -> None:
    await desk.mail_is_on()
    desk.refuses["grace"] = "the person has blocked the bot (403)"
    n = await desk.declare()
    assert [(p.result, p.detail) for p in (await look(desk, n)).people] == [(PageResult.SENT, "")]


async def test_whoever_could_not_be_reached_is_there_with_the_reason(desk: PagingDesk) -> None:
    desk.refuses["grace"] = "the person has blocked the bot (403)"
    n = await desk.declare()
    await desk.runs()
    view = await look(desk, n)
    assert [(p.name, p.result, p.detail) for p in view.people] == [
        ("Zoë Ångström", PageResult.SENT, ""),
        ("Grace Hopper", PageResult.FAILED, "the person has blocked the bot (403)"),
    ]


async def test_while_a_step_wants_several_people_it_counts_them(opened: OpenDesk) -> None:
    both = step("person:ada", "person:grace", acknowledgements=2)
    desk = await opened(policy(both, step("person:zoe"), last_resort="person:noor"))
    n = await desk.declare()
    assert (await look(desk, n)).answers == (0, 2)
    await desk.ack("grace", n)
    assert (await look(desk, n)).answers == (1, 2)
    await desk.later(minutes=5)
    assert (await look(desk, n)).answers is None  # Zoë alone would do
    await desk.later(minutes=5)
    assert (await look(desk, n)).answers == (1, 2)  # the last resort
    await desk.later(minutes=5)
    view = await look(desk, n)
    assert (view.state, view.answers, view.reached) == (EscalationState.EXHAUSTED, (1, 2), True)
    await desk.ack("zoe", n)
    assert (await look(desk, n)).answers is None


async def test_a_policy_that_has_paged_nobody_is_told_from_one_that_nobody_has_answered(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-secondary")))
    n = await desk.declare()
    await desk.escalate(n, "person:noor")
    view = await look(desk, n)
    assert (view.state, view.policy, view.reached) == (EscalationState.EXHAUSTED, "critical", False)
    await desk.imports(policy(step("channel:platform")))
    n = await desk.declare("Posted")
    await desk.later(minutes=5)
    assert ((await look(desk, n)).reached, (await look(desk, n)).people) == (True, ())


async def test_after_an_acknowledgement_nobody_is_next(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(minutes=1)
    await desk.ack("grace", n)
    view = await look(desk, n)
    assert (view.state, view.next_at, view.next_names) == (EscalationState.ACKNOWLEDGED, None, ())
    assert view.people[0].acknowledged_at == at("14:19")


async def test_people_paged_by_hand_need_no_escalation(desk: PagingDesk) -> None:
    n = await desk.declare("Build", 2, "build")
    await desk.escalate(n, "team:platform")
    view = await look(desk, n)
    assert (view.state, [p.name for p in view.people], view.next_at) == (None, ["Noor Haddad"], None)


async def test_a_next_step_in_a_channel_names_the_channel(opened: OpenDesk) -> None:
    desk = await opened(policy(step("person:ada"), step("channel:platform")))
    n = await desk.declare()
    assert (await look(desk, n)).next_names == ("the channel of Platform",)


async def test_of_an_earlier_cycle_nothing_is_shown(desk: PagingDesk) -> None:
    n = await desk.declare("Build", 2, "build")
    await desk.escalate(n, "person:noor")
    await desk.change("lin", lambda i, p, t: i.resolve(p, n, "", t))
    await desk.change("lin", lambda i, p, t: i.reopen(p, n, "Back", t))
    incident = await desk.incident(n)
    assert await desk.see(lambda store: paging_view(store, incident, desk.now)) is None


async def test_an_incident_nobody_was_paged_for_is_not_looked_up(desk: PagingDesk) -> None:
    n = await desk.declare("Build", 2, "build")
    incident = await desk.incident(n)
    assert await desk.see(lambda store: incident_view(store, incident, desk.now).paging) is None
    assert not any("FROM page" in query for query in await queries(desk, n))


async def test_it_costs_few_reads_once_nobody_is_waited_for(desk: PagingDesk) -> None:
    """Who is next and which side is missing have to be worked out, but only while that matters."""
    without = len(await queries(desk, await desk.declare("Build", 2, "build")))
    n = await desk.declare()
    assert len(await queries(desk, n)) - without <= 12
    await desk.ack("grace", n)
    assert len(await queries(desk, n)) - without <= 8
    await desk.change("grace", lambda i, p, t: i.resolve(p, n, "", t))
    afterwards = 3  # its review with what it looks at, and the number of its action items
    assert len(await queries(desk, n)) - without == 3 + afterwards


async def queries(desk: PagingDesk, number: int) -> list[str]:
    """List what is asked of the database to draw an incident's card."""
    seen: list[str] = []

    def work(store: object) -> None:
        def heard(connection: object, cursor: object, statement: str, *more: object) -> None:
            seen.append(statement)

        event.listen(store.connection, "before_cursor_execute", heard)  # type: ignore[attr-defined]
        incident_view(store, store.incidents.get(number), desk.now)  # type: ignore[attr-defined]
        event.remove(store.connection, "before_cursor_execute", heard)  # type: ignore[attr-defined]

    await desk.see(work)
    return seen
