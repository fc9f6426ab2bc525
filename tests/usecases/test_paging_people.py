"""Pages on their way: one message for a burst, mail as the second way, refusals, and buttons pressed late or twice."""

from dataclasses import replace

import pytest

from domain.errors import Unknown
from domain.incident import Role
from tests.support.paged_organisation import CREW, policy, step
from tests.support.paging_desk import PagingDesk
from tests.support.samples import thread
from tests.usecases.conftest import OpenDesk
from usecases import ledger, paging

BLOCKED = "the person has blocked the bot (403)"


@pytest.fixture
async def desk(opened: OpenDesk) -> PagingDesk:
    """Grace, after 5 minutes Zoë, after 5 more Ada, for 10."""
    return await opened()


def own(desk: PagingDesk, to: str) -> list[str]:
    """List the messages of their own that somebody got about pages."""
    return [sent.text for sent in desk.sent if sent.to == to and sent.page is not None and not sent.again]


# -- a burst is one message -------------------------------------------------------------------------------------------------


async def test_twenty_incidents_of_one_service_are_one_message(desk: PagingDesk) -> None:
    numbers = [await desk.declared(f"Symptom {k}", 2) for k in range(20)]
    await desk.runs()
    assert len(own(desk, "grace")) == 1
    assert [await desk.ledger(n) for n in numbers] == [["grace teams 1/1 sent"]] * 20
    roots = {page.bundled_into for n in numbers for page in await desk.pages(n)}
    assert roots == {None, 1}


async def test_a_flood_is_a_message_for_every_fifty(desk: PagingDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "CARD_HOLDS", 3)
    for k in range(7):
        await desk.declared(f"Symptom {k}")
    await desk.runs()
    assert len(own(desk, "grace")) == 3
    assert await desk.press("grace", 1) == "You acknowledged INC-1, INC-2 and INC-3."


async def test_a_later_one_is_added_to_the_card_that_stands(desk: PagingDesk) -> None:
    await desk.declare("First")
    await desk.later(minutes=1, seconds=59)
    two = await desk.declare("Second", 3, "gateway", "checkout")
    assert own(desk, "grace") == ["PAGE INC-1 SEV2 Major: First"]
    card = [sent for sent in desk.sent if sent.to == "grace"][-1]
    assert card.again
    assert "Second" in str(card.activity)
    assert "Payment gateway" in str(card.activity)
    assert await desk.ledger(two) == ["grace teams 1/1 sent"]
    assert (await desk.pages(two))[0].sent_at == desk.now


@pytest.mark.parametrize(
    ("minutes", "severity", "service"), [(2.1, 2, "checkout"), (1, 1, "checkout"), (1, 2, "gateway")]
)
async def test_what_is_later_or_more_urgent_or_of_another_service_is_a_message_of_its_own(
    desk: PagingDesk, minutes: float, severity: int, service: str
) -> None:
    await desk.declare("First")
    await desk.later(minutes=minutes)
    await desk.declare("Second", severity, service)
    assert len(own(desk, "grace")) == 2


async def test_after_an_answer_the_next_one_is_a_message_again(desk: PagingDesk) -> None:
    await desk.press("grace", (await desk.pages(await desk.declare("First")))[0].id)
    await desk.declare("Second")
    assert len(own(desk, "grace")) == 2


async def test_an_answer_of_somebody_else_ends_the_burst_too(desk: PagingDesk) -> None:
    await desk.ack("ada", await desk.declare("First"))
    await desk.declare("Second")
    assert len(own(desk, "grace")) == 2


async def test_somebody_asked_for_by_name_gets_a_message_of_its_own(desk: PagingDesk) -> None:
    await desk.declare("First")
    two = await desk.declare("Second", 2, "build")
    await desk.escalate(two, "person:grace")
    assert len(own(desk, "grace")) == 2


async def test_one_press_acknowledges_all_on_the_card(desk: PagingDesk) -> None:
    numbers = [await desk.declare(f"Symptom {k}") for k in range(5)]
    assert await desk.press("grace", 1) == "You acknowledged INC-1, INC-2, INC-3 and 2 more."
    assert [await desk.escalations(n) for n in numbers] == [["critical acknowledged 1"]] * 5
    assert [await desk.ledger(n) for n in numbers] == [["grace teams 1/1 sent acked"]] * 5
    await desk.later(hours=1)
    assert len(desk.paged()) == 1


async def test_one_press_tells_the_others_in_one_sentence(opened: OpenDesk) -> None:
    desk = await opened(policy(step("schedule:payments-primary", "person:noor")))
    for k in range(3):
        await desk.declare(f"Symptom {k}")
    await desk.press("grace", 1)
    assert [text for text in desk.got("noor") if "need not" in text] == [
        "Grace Hopper acknowledged INC-1, INC-2 and INC-3. You need not do anything."
    ]


async def test_a_single_one_of_a_burst_can_be_acknowledged_and_the_rest_still_waits(desk: PagingDesk) -> None:
    one, two = await desk.declare("First"), await desk.declare("Second")
    await desk.ack("grace", one)
    card = [sent for sent in desk.sent if sent.to == "grace"][-1]
    assert card.again
    assert "Acknowledge" in card.buttons
    await desk.later(minutes=5)
    assert await desk.escalations(two) == ["critical running 2"]
    assert await desk.press("grace", 1) == ("You acknowledged INC-2. Grace Hopper acknowledged INC-1 at 14:18 UTC.")


async def test_a_burst_whose_first_incident_is_taken_before_teams_is_back_still_arrives(desk: PagingDesk) -> None:
    desk.down = True
    one, two = await desk.declare("First"), await desk.declare("Second")
    await desk.ack("ada", one)
    desk.down = False
    await desk.later(minutes=1)
    assert own(desk, "grace") == ["PAGE INC-2 SEV2 Major: Second (and 1 more)"]
    assert await desk.ledger(two) == ["grace teams 1/1 sent"]


async def test_a_burst_that_teams_refuses_goes_by_mail_together(desk: PagingDesk) -> None:
    await desk.mail_is_on()
    desk.refuses["grace"] = BLOCKED
    desk.down = True
    one, two = await desk.declare("First"), await desk.declare("Second")
    desk.down = False
    await desk.later(seconds=30)
    assert [sent.to for sent in desk.sent if sent.page] == ["@grace@example.org"]
    assert await desk.ledger(one) == ["grace teams 1/1 failed", "grace email 1/1 sent"]
    assert await desk.ledger(two) == ["grace teams 1/1 failed", "grace email 1/1 sent"]


# -- arrived too late -------------------------------------------------------------------------------------------------------------


async def test_an_answer_while_the_page_was_on_its_way_is_caught_up_with(desk: PagingDesk) -> None:
    """Teams has it already when somebody acknowledges: its reader hears at once, and the button goes."""
    desk.down = True
    n = await desk.declare()
    await desk.ack("ada", n)
    desk.down = False
    where = thread("1")
    await desk.do(lambda store: paging.delivered(store, 1, where, "act-99", 1, desk.now))
    await desk.later(seconds=30)
    assert await desk.ledger(n) == ["grace teams 1/1 sent"]
    assert "Ada Lovelace acknowledged INC-1. You need not do anything." in desk.got("grace")
    page = (await desk.pages(n))[0]
    assert (page.place, page.activity_id) == (where, "act-99")
    redrawn = [sent for sent in desk.sent if sent.again]
    assert [sent.page for sent in redrawn] == [1]
    assert "Acknowledge" not in redrawn[0].buttons


async def test_a_page_about_something_resolved_meanwhile_says_so(desk: PagingDesk) -> None:
    desk.down = True
    n = await desk.declare()
    await desk.change("ada", lambda i, p, t: i.resolve(p, n, "", t))
    desk.down = False
    await desk.do(lambda store: paging.delivered(store, 1, thread("1"), "act-99", 1, desk.now))
    await desk.later(seconds=30)
    assert "Ada Lovelace resolved INC-1. You need not do anything." in desk.got("grace")


async def test_a_changed_severity_is_drawn_on_the_cards_that_stand(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.change("lin", lambda i, p, t: i.change_severity(p, n, 1, t))
    assert desk.got("grace", again=True) == ["PAGE INC-1 SEV1 Critical: Checkout is down"]


async def test_other_changes_leave_the_cards_alone(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.change("lin", lambda i, p, t: i.note(p, n, "Looking", t))
    await desk.change("lin", lambda i, p, t: i.assign(p, n, Role.SCRIBE, p, t))
    assert desk.got("grace", again=True) == []


# -- buttons ----------------------------------------------------------------------------------------------------------------------


async def test_a_press_is_an_acknowledgement_like_any_other(desk: PagingDesk) -> None:
    n = await desk.declare()
    assert await desk.press("grace", 1) == "You acknowledged INC-1."
    entry = (await desk.see(lambda store: store.timeline.page(n)))[-1]
    assert (entry.actor, str(entry.kind), str(entry.source)) == (desk.people["grace"].id, "acknowledged", "button")


async def test_a_press_that_comes_twice_changes_nothing_and_is_answered_alike(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.press("grace", 1, key="press-1")
    before = await desk.incident(n)
    assert await desk.press("grace", 1, key="press-1") == "Grace Hopper acknowledged INC-1 at 14:18 UTC."
    assert await desk.incident(n) == before


async def test_a_late_press_hears_who_was_faster(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.later(minutes=6)
    await desk.ack("zoe", n)
    before = await desk.incident(n)
    assert await desk.press("grace", 1) == "Zoë Ångström acknowledged INC-1 at 14:24 UTC."
    assert await desk.incident(n) == before


async def test_a_press_on_a_page_from_before_a_reopening_changes_nothing(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.change("ada", lambda i, p, t: i.resolve(p, n, "", t))
    await desk.change("ada", lambda i, p, t: i.reopen(p, n, "It is back", t))
    before = await desk.incident(n)
    assert await desk.press("grace", 1) == (
        "INC-1 was reopened after this page, so nothing was changed: a newer page counts."
    )
    assert await desk.incident(n) == before
    assert await desk.escalations(n) == ["critical stopped 1", "critical running 1"]


async def test_a_press_on_a_page_of_something_resolved_says_so(desk: PagingDesk) -> None:
    n = await desk.declare()
    await desk.change("ada", lambda i, p, t: i.resolve(p, n, "", t))
    assert await desk.press("grace", 1) == "INC-1 is resolved: you need not do anything."


async def test_a_page_that_is_not_known_is_one_clear_sentence(desk: PagingDesk) -> None:
    with pytest.raises(Unknown, match=r"This page is not known any more\. Write `list`"):
        await desk.press("grace", 77)


async def test_a_post_in_a_channel_can_be_answered_by_anybody_there(opened: OpenDesk) -> None:
    desk = await opened(policy(step("channel:platform")))
    n = await desk.declare()
    assert await desk.press("lin", 1) == "You acknowledged INC-1."
    assert await desk.ledger(n) == ["#platform channel 1/1 sent acked"]
    again = [sent for sent in desk.sent if sent.again]
    assert "Acknowledge" not in again[0].buttons


async def test_a_person_who_is_renamed_meanwhile_is_told_by_the_new_name(desk: PagingDesk) -> None:
    n = await desk.declare()
    renamed = [replace(who, name="Ada King") if who.handle == "ada" else who for who in CREW]
    await desk.imports(people=renamed)
    await desk.ack("ada", n)
    assert desk.got("grace")[-1] == "Ada King acknowledged INC-1. You need not do anything."
