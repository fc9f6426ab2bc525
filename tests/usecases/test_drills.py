"""A drill pages whoever is on call without an incident, and says how long it took."""

import pytest

from domain.errors import Refused, Repeated, Unknown
from domain.paging import DrillState
from tests.support.paged_organisation import policy, schedule
from tests.support.paging_desk import PagingDesk
from tests.support.samples import thread
from tests.usecases.conftest import OpenDesk
from usecases import paging

CHAT = "#19:chat@thread.v2"


@pytest.fixture
async def desk(opened: OpenDesk) -> PagingDesk:
    """Grace is on call on payments-primary, nobody on payments-secondary."""
    return await opened()


async def test_a_drill_pages_whoever_is_on_call_and_says_who(desk: PagingDesk) -> None:
    assert await desk.drill() == "Drill on payments-primary: I paged Grace Hopper. The result comes here."
    card = desk.sent[0]
    assert (card.to, card.text) == ("grace", "DRILL payments-primary: nothing is broken, please answer.")
    assert card.buttons == ["Acknowledge"]
    drill = await desk.only_drill()
    assert (drill.schedule, drill.asked_by, drill.state) == (
        "payments-primary",
        desk.people["ada"].id,
        DrillState.RUNNING,
    )


async def test_the_result_tells_both_times_where_it_was_asked_for(desk: PagingDesk) -> None:
    desk.down = True
    await desk.drill()
    desk.sleeps(milliseconds=400)
    await desk.do(lambda store: paging.delivered(store, 1, thread("1"), "act-1", 1, desk.now))
    desk.sleeps(seconds=11, milliseconds=600)
    desk.down = False
    assert await desk.press("grace", 1) == "Thank you: the drill is over."
    assert desk.got(CHAT) == [
        "Drill on payments-primary: Grace Hopper acknowledged after 12 s; the page arrived after 0.4 s."
    ]
    assert (await desk.only_drill()).state is DrillState.ANSWERED


async def test_short_and_long_times_are_written_as_one_reads_them(desk: PagingDesk) -> None:
    await desk.drill()
    await desk.later(minutes=3, seconds=5)
    await desk.press("grace", 1)
    assert desk.got(CHAT) == [
        "Drill on payments-primary: Grace Hopper acknowledged after 3 min 5 s; the page arrived after 0.0 s."
    ]


async def test_an_answer_that_is_faster_than_the_record_of_the_send(desk: PagingDesk) -> None:
    desk.down = True
    await desk.drill()
    desk.sleeps(seconds=1, milliseconds=200)
    await desk.press("grace", 1)
    desk.down = False
    await desk.later(seconds=30)
    assert desk.got(CHAT) == ["Drill on payments-primary: Grace Hopper acknowledged after 1.2 s."]
    assert desk.got("grace") == []


async def test_the_card_follows_the_answer(desk: PagingDesk) -> None:
    await desk.drill()
    await desk.later(seconds=2)
    await desk.press("grace", 1)
    card = desk.sent[-1] if desk.sent[-1].again else desk.sent[-2]
    assert (card.to, card.again, card.buttons) == ("grace", True, [])


async def test_a_second_answer_changes_nothing(desk: PagingDesk) -> None:
    await desk.drill()
    await desk.press("grace", 1)
    before = await desk.see(lambda store: store.pages.get(1))
    await desk.later(seconds=9)
    assert await desk.press("grace", 1) == "Thank you: the drill is over."
    assert await desk.see(lambda store: store.pages.get(1)) == before
    assert len(desk.got(CHAT)) == 1


async def test_only_whoever_is_paged_can_answer(desk: PagingDesk) -> None:
    await desk.drill()
    with pytest.raises(Refused, match="This drill pages somebody else: only they can answer it"):
        await desk.press("ada", 1)
    assert (await desk.only_drill()).state is DrillState.RUNNING


async def test_without_an_answer_it_ends_after_fifteen_minutes(desk: PagingDesk) -> None:
    await desk.drill()
    await desk.later(minutes=14, seconds=59)
    assert desk.got(CHAT) == []
    await desk.later(seconds=1)
    assert desk.got(CHAT) == [
        "Drill on payments-primary: Grace Hopper has not acknowledged within 15 min; the page arrived after 0.0 s."
    ]
    assert (await desk.only_drill()).state is DrillState.UNANSWERED
    assert [sent.buttons for sent in desk.sent if sent.again] == [[]]


async def test_a_page_that_never_left_is_said_and_never_sent(desk: PagingDesk) -> None:
    desk.down = True
    await desk.drill()
    await desk.later(minutes=15)
    desk.down = False
    await desk.later(minutes=1)
    assert desk.got(CHAT) == [
        "Drill on payments-primary: Grace Hopper has not acknowledged within 15 min; the page has not arrived."
    ]
    assert desk.got("grace") == []


async def test_an_answer_after_the_end_is_thanked_for_and_not_told_again(desk: PagingDesk) -> None:
    await desk.drill()
    await desk.later(minutes=20)
    assert await desk.press("grace", 1) == "Thank you: the drill is over."
    assert len(desk.got(CHAT)) == 1


async def test_a_page_that_is_refused_ends_it_at_once(desk: PagingDesk) -> None:
    desk.refuses["grace"] = "the person has blocked the bot (403)"
    await desk.mail_is_on()
    await desk.drill()
    assert desk.got(CHAT) == [
        "Drill on payments-primary: the page to Grace Hopper was refused: the person has blocked the bot (403)."
    ]
    await desk.later(minutes=16)
    assert len(desk.got(CHAT)) == 1
    assert len(await desk.see(lambda store: store.pages.of_drill(1))) == 1  # a drill measures the way it was asked for


async def test_the_same_request_twice_is_one_drill(desk: PagingDesk) -> None:
    first = await desk.drill(key="request-1")
    assert await desk.drill(key="request-1") == first
    assert await desk.drill(key="request-2") == first
    assert len([sent for sent in desk.sent if sent.to == "grace"]) == 2
    await desk.later(minutes=16)
    with pytest.raises(Repeated):
        await desk.drill(key="request-1")


async def test_nobody_on_call_is_a_sentence_with_what_to_do(desk: PagingDesk) -> None:
    with pytest.raises(
        Refused,
        match=r"There is nobody to page: schedule payments-secondary has nobody on call until 2026-11-24 09:00 UTC\. "
        r"Write `override payments-secondary @person from now to \+8h`",
    ):
        await desk.drill("payments-secondary")


async def test_a_schedule_that_is_not_there_names_what_is(desk: PagingDesk) -> None:
    with pytest.raises(Unknown, match=r"I know no schedule “payment-primary”.*payments-primary"):
        await desk.drill("payment-primary")


async def test_somebody_without_a_teams_account_is_refused(opened: OpenDesk) -> None:
    desk = await opened(policy(), schedules=(schedule("payments-primary", "payments", "ben"),))
    with pytest.raises(Refused, match="Ben Azar is on call on payments-primary and has no Teams account"):
        await desk.drill()
    assert await desk.see(lambda store: store.drills.get(1)) is None


async def test_a_drill_touches_no_incident_and_no_burst(desk: PagingDesk) -> None:
    await desk.drill()
    n = await desk.declare()
    assert len([sent for sent in desk.sent if sent.to == "grace" and sent.page]) == 2
    await desk.press("grace", 1)
    assert await desk.escalations(n) == ["critical running 1"]
