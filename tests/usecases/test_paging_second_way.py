"""Pages that Teams refuses or nobody reacts to: the second way, and the next step when no way is left."""

from datetime import timedelta

import pytest

from domain.paging import PageResult
from tests.support.paged_organisation import policy, step
from tests.support.paging_desk import PagingDesk
from tests.support.samples import NOW
from tests.usecases.conftest import OpenDesk
from usecases import ledger, paging

BLOCKED = "the person has blocked the bot (403)"


@pytest.fixture
async def desk(opened: OpenDesk) -> PagingDesk:
    """Grace, after 5 minutes Zoë, after 5 more Ada, for 10."""
    return await opened()


# -- the second way -----------------------------------------------------------------------------------------------------------


async def test_nobody_reacts_and_a_mail_follows_after_three_minutes(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-primary", wait=timedelta(minutes=10))))
    await desk.mail_is_on()
    n = await desk.declare()
    await desk.later(minutes=2, seconds=59)
    assert desk.paged() == [("grace", "14:18:00")]
    await desk.later(seconds=1)
    assert desk.paged()[1:] == [("@grace@example.org", "14:21:00")]
    assert await desk.ledger(n) == ["grace teams 1/1 sent", "grace email 1/1 sent"]
    await desk.later(minutes=6)
    assert len(desk.paged()) == 2


async def test_a_short_step_is_followed_by_a_mail_after_60_percent_of_its_wait(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-primary", wait=timedelta(seconds=100))))
    await desk.mail_is_on()
    await desk.declare()
    await desk.later(seconds=99)
    assert desk.paged() == [("@grace@example.org", "14:19:00"), ("grace", "14:18:00")][::-1]


async def test_who_has_acknowledged_gets_no_mail(desk: PagingDesk) -> None:
    await desk.mail_is_on()
    n = await desk.declare()
    await desk.ack("zoe", n)
    await desk.later(minutes=30)
    assert desk.paged() == [("grace", "14:18:00")]


async def test_without_a_mail_server_or_an_address_there_is_no_second_way(desk: PagingDesk) -> None:
    await desk.declare()
    await desk.later(minutes=4)
    await desk.mail_is_on()
    other = await desk.declare("Build", 2, "build")
    await desk.escalate(other, "person:noor")
    await desk.later(minutes=30)
    assert not any(to.startswith("@noor") or to == "@grace@example.org" for to, _ in desk.paged())


async def test_a_mail_that_waits_is_not_needed_after_an_answer(desk: PagingDesk) -> None:
    await desk.mail_is_on()
    n = await desk.declare()
    desk.sleeps(minutes=4)
    taken = (await desk.queue.claim((ledger.SECOND,), 5)).work
    await desk.queue.run([(due, paging.run_second) for due in taken])
    await desk.ack("ada", n)
    assert await desk.ledger(n) == ["grace teams 1/1 sent", "grace email 1/1 not_needed"]


# -- refused --------------------------------------------------------------------------------------------------------------------


async def test_a_page_that_teams_refuses_goes_by_mail_at_once(desk: PagingDesk) -> None:
    await desk.mail_is_on()
    desk.refuses["grace"] = BLOCKED
    n = await desk.declare()
    assert desk.paged() == [("@grace@example.org", "14:18:00")]
    assert (await desk.story(n))[-1] == (
        f"Grace Hopper could not be paged in Teams: {BLOCKED}. A mail is sent instead."
    )
    assert (await desk.pages(n))[0].detail == BLOCKED
    await desk.later(minutes=4)
    assert len(desk.paged()) == 1  # the look after three minutes finds the mail


async def test_when_no_way_is_left_the_next_step_is_due_now(desk: PagingDesk) -> None:
    desk.refuses["grace"] = BLOCKED
    n = await desk.declare()
    await desk.runs()
    assert desk.paged() == [("zoe", "14:18:00")]
    assert await desk.ledger(n) == ["grace teams 1/1 failed", "zoe teams 2/1 sent"]
    assert [work.due_at - NOW for work in await desk.planned(n)] == [timedelta(minutes=5)]


async def test_teams_and_mail_refused_is_no_way_left(desk: PagingDesk) -> None:
    await desk.mail_is_on()
    desk.refuses |= {"grace": BLOCKED, "@grace@example.org": "the mail server refused the address (550)"}
    n = await desk.declare()
    await desk.runs()
    assert desk.paged() == [("zoe", "14:18:00")]
    assert "Grace Hopper could not be paged by mail: the mail server refused the address (550)." in await desk.story(n)


async def test_one_of_two_who_is_reached_keeps_the_wait(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-primary", "person:noor"), step("person:ada")))
    desk.refuses["grace"] = BLOCKED
    await desk.declare()
    await desk.runs()
    assert desk.paged() == [("noor", "14:18:00")]


async def test_in_later_rounds_the_waits_are_kept_although_everybody_is_refused(opened: OpenDesk) -> None:
    """A hundred rounds are not run through in a second: somebody may install the bot meanwhile."""
    desk = await opened(policy(step("schedule:payments-primary"), step("person:ada"), repeat=100))
    desk.refuses |= {"grace": BLOCKED, "ada": BLOCKED}
    n = await desk.declare()
    await desk.later(seconds=30)
    assert await desk.ledger(n) == ["grace teams 1/1 failed", "ada teams 2/1 failed", "grace teams 1/2 failed"]
    desk.refuses.clear()
    await desk.later(minutes=5)
    assert (await desk.ledger(n))[-1] == "ada teams 2/2 sent"


async def test_somebody_without_a_teams_account_is_paged_by_mail(opened: OpenDesk) -> None:
    desk = await opened(policy(step("person:ben"), step("person:noor")))
    await desk.mail_is_on()
    n = await desk.declare()
    assert desk.paged() == [("@ben@example.org", "14:18:00")]
    assert await desk.ledger(n) == ["ben teams 1/1 failed", "ben email 1/1 sent"]
    assert (await desk.story(n))[-1] == (
        "Ben Azar could not be paged in Teams: there is no Teams account for this person in the organisation file. "
        "A mail is sent instead."
    )


async def test_somebody_without_any_way_is_said_and_the_next_step_comes_at_once(opened: OpenDesk) -> None:
    desk = await opened(policy(step("person:ben"), step("person:noor")))
    await desk.declare()
    assert desk.paged() == [("noor", "14:18:00")]


async def test_teams_is_away_for_ten_minutes_and_the_chain_goes_on(desk: PagingDesk) -> None:
    desk.down = True
    n = await desk.declare()
    await desk.later(minutes=10)
    assert await desk.ledger(n) == ["grace teams 1/1 pending", "zoe teams 2/1 pending", "ada teams 3/1 pending"]
    desk.down = False
    await desk.later(seconds=30)
    assert sorted(to for to, _ in desk.paged()) == ["ada", "grace", "zoe"]
    first = (await desk.pages(n))[0]
    assert first.attempts > 2
    assert first.sent_at is not None
    assert first.sent_at - first.due_at > timedelta(minutes=10)


async def test_an_answer_that_is_not_clear_stands_in_the_ledger(desk: PagingDesk) -> None:
    desk.down = True
    n = await desk.declare()
    await desk.do(lambda store: paging.undelivered(store, 1, "Teams did not answer", 3, desk.now, unclear=True))
    page = (await desk.pages(n))[0]
    assert (page.result, page.detail, page.attempts) == (PageResult.UNKNOWN, "Teams did not answer", 3)
    assert await desk.escalations(n) == ["critical running 1"]


async def test_a_card_that_cannot_be_brought_up_to_date_has_arrived_all_the_same(desk: PagingDesk) -> None:
    n = await desk.declare()
    desk.refuses["grace"] = BLOCKED
    await desk.change("lin", lambda i, p, t: i.change_severity(p, n, 1, t))
    assert await desk.ledger(n) == ["grace teams 1/1 sent"]
    assert "could not be paged" not in str(await desk.story(n))
