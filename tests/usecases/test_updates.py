"""Stakeholder updates on a real store: who hears, who approves, what is promised, and what came of it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.cards.kit import plain
from bot.letters.letter import Gone, Undelivered
from bot.letters.registry import LETTERS
from domain import approval as approvals
from domain.approval import Approval, Decision
from domain.audience import Audience
from domain.catalog import Side, Team
from domain.errors import Refused
from domain.incident import Role, Status
from domain.organisation import OrganisationSettings
from domain.people import Person
from domain.timeline import EntryKind
from domain.update import DeliveryState, Update, UpdateDelivery, UpdateState
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.support.samples import CHANNEL, NOW, SERVICE_URL, TENANT, place, thread
from tests.usecases.conftest import ORGANISATION, STILL, Desk
from usecases.approvals import asking, deciding
from usecases.approvals.registry import subject_kind
from usecases.deadlines import Deadlines, deadlines_of
from usecases.ledger import EMAIL_SWITCH
from usecases.updates import ending, final, reach, writing
from usecases.updates.writing import Draft
from usecases.work import DueWork

BOARD = "19:board@thread.tacv2"
LEADERSHIP = Audience(
    name="Leadership", severities=(1, 2), channels=(BOARD,), teams=("payments", "ops"), people=("lin",)
)
OPS = Team(id="ops", name="Operations", side=Side.OPERATIONS)
HOUR = timedelta(hours=1)
_LETTERS = {letter.name: letter for letter in LETTERS}


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """An empty database of each kind."""
    opened = Database.open(database_url, rates=STILL)
    yield opened
    await opened.close()


async def rule(desk: Desk, *audiences: Audience, mail: bool = False, **more: Any) -> None:
    """Let the organisation file say who hears of incidents."""
    payments = replace(ORGANISATION.teams[0], channel=BOARD)
    settings = OrganisationSettings(audiences=audiences, **more)
    wanted = replace(ORGANISATION, teams=(payments, OPS), settings=settings)

    def work(store: SqlStore) -> None:
        store.organisations.replace(wanted)
        store.conversations.remember(place(), at=NOW)
        store.key_value.set(EMAIL_SWITCH, "on" if mail else "off")

    await desk.db.write(work)


async def declare(desk: Desk, severity: int = 2, *, commander: Person | None = None) -> int:
    number = await desk.declare(severity=severity)
    (card,) = await desk.cards(number)
    await desk.drawn(card.id, "1790000000000", thread("1790000000000"))
    if commander is not None:
        await desk.do(lambda i: i.assign(desk.ada, number, Role.COMMANDER, commander, desk.trail()))
    return number


async def propose(
    desk: Desk, number: int, text: str = "We restart it.", *, by: Person | None = None, **more: Any
) -> str:
    given: dict[str, Any] = {"next_at": desk.now + HOUR / 2, **more}
    draft = Draft(incident_id=number, text=text, **given)
    trail = desk.trail()
    return await desk.db.write(lambda store: writing.propose(store, by or desk.grace, draft, trail, desk.now))


async def latest(desk: Desk, number: int) -> Update:
    found = await desk.see(lambda store: store.updates.of_incident(number))
    return found[0]


async def question(desk: Desk, number: int) -> Approval:
    update = await latest(desk, number)
    found = await desk.see(lambda store: asking.standing(store, "update", update.id))
    assert found is not None
    return found


async def decide(desk: Desk, number: int, decision: Decision, who: Person, comment: str = "") -> str | None:
    asked = await question(desk, number)
    outcome = await desk.db.write(
        lambda store: deciding.decide(store, who, asked.id, decision, comment=comment, now=desk.now)
    )
    return outcome.notice


async def letters(desk: Desk, name: str = "stakeholder_update") -> Sequence[Mapping[str, Any]]:
    return [row for row in await desk.outbox("letter") if row["letter"] == name]


async def lanes(desk: Desk) -> list[str]:
    """List where updates wait to be sent."""
    waiting = [*await letters(desk), *await desk.outbox("update_email")]
    return sorted(row["lane"] for row in waiting)


async def rows(desk: Desk, number: int) -> Sequence[UpdateDelivery]:
    update = await latest(desk, number)
    return await desk.see(lambda store: store.updates.deliveries(update.id))


async def told(desk: Desk, number: int, kind: EntryKind) -> list[str]:
    return [entry.text for entry in await desk.story(number) if entry.kind is kind]


async def deadlines(desk: Desk, number: int) -> Deadlines | None:
    incident = await desk.incident(number)
    return await desk.see(lambda store: deadlines_of(store, incident))


# -- who hears --------------------------------------------------------------------------------------------------------


async def test_each_place_and_person_of_all_audiences_gets_it_once_and_whoever_is_missing_is_named(desk: Desk) -> None:
    others = Audience(name="Others", people=("lin", "ada"), emails=("status@example.org",))
    await rule(desk, LEADERSHIP, others, Audience(name="Search", services=("search",), people=("grace",)))
    number = await declare(desk)
    said = await propose(desk, number)
    missing = (
        " Not reached: team Operations has no channel and no mail server is set up (SMTP_URL), so no mail is sent."
    )
    assert said == (
        "INC-1: the update is sent to Leadership and Others (1 place, 2 people). The next one is promised for 14:48 UTC."
        f"{missing}"
    )
    assert await lanes(desk) == sorted([BOARD, *(f"personal:{who.object_id}" for who in (desk.ada, desk.lin))])
    assert await told(desk, number, EntryKind.UPDATE_SENT) == [
        f"Grace Hopper sent an update to Leadership and Others (1 place, 2 people): “We restart it.”{missing}"
    ]


async def test_without_an_audience_it_is_posted_where_its_cards_stand(desk: Desk) -> None:
    await rule(desk, LEADERSHIP)
    number = await declare(desk, 3)
    assert "everybody who follows its card (1 place)" in await propose(desk, number)
    (row,) = await letters(desk)
    assert row["place"]["conversation_id"] == f"{CHANNEL};messageid=1790000000000"


async def test_an_update_nobody_would_hear_of_is_refused_and_nothing_is_kept(desk: Desk) -> None:
    await rule(desk, Audience(name="Mail", emails=("a@example.org",)))
    number = await declare(desk)
    with pytest.raises(Refused, match=r"would reach nobody\..* no mail server is set up"):
        await propose(desk, number)
    assert await desk.see(lambda store: store.updates.of_incident(number)) == []


async def test_later_updates_go_into_the_thread_of_the_first_post(desk: Desk) -> None:
    await rule(desk, LEADERSHIP)
    number = await declare(desk)
    await propose(desk, number)
    where = _LETTERS["stakeholder_update"].where
    assert where is not None
    first = next(row for row in await letters(desk) if row["lane"] == BOARD)
    assert await desk.see(lambda store: where(store, first)) is None
    await arrives(desk, first, activity="1790000000777")
    await propose(desk, number, "Another one.")
    second = [row for row in await letters(desk) if row["lane"] == BOARD][-1]
    found = await desk.see(lambda store: where(store, second))
    assert found is not None
    assert found.conversation_id == f"{BOARD};messageid=1790000000777"


async def arrives(desk: Desk, row: Mapping[str, Any], *, activity: str = "1", refused: str = "") -> None:
    """Let Teams have taken a message, or refused it."""
    letter = _LETTERS["stakeholder_update"]

    def work(store: SqlStore) -> None:
        assert letter.sent
        assert letter.failed
        if refused:
            letter.failed(store, Undelivered(payload=row, reason=refused, attempts=1, at=desk.now))
            return
        where = place(conversation_id=BOARD) if "place" in row else place("personal")
        letter.sent(store, Gone(payload=row, place=where, activity_id=activity, attempts=1, at=desk.now))

    await desk.db.write(work)


async def test_what_could_not_be_delivered_is_told_once_when_the_last_one_has_ended(desk: Desk) -> None:
    await rule(desk, LEADERSHIP)
    number = await declare(desk)
    await propose(desk, number)
    post, chat = sorted(await letters(desk), key=lambda row: row["lane"])
    await arrives(desk, chat, refused="the person has blocked the bot (403)")
    assert await told(desk, number, EntryKind.UPDATE_DELIVERED) == []
    await arrives(desk, post)
    await arrives(desk, post)
    assert await told(desk, number, EntryKind.UPDATE_DELIVERED) == [
        "The update of 14:18 UTC reached 1 place. Not delivered: Lin Wei 林薇, the person has blocked the bot (403)."
    ]
    assert {row.state for row in await rows(desk, number)} == {DeliveryState.SENT, DeliveryState.FAILED}


async def test_what_people_wrote_is_escaped_where_markdown_is_read(desk: Desk) -> None:
    await rule(desk, LEADERSHIP)
    number = await declare(desk)
    nasty = "<at>all</at> **now** [x](https://e.example) & {next}"
    await propose(desk, number, nasty, next_at=None)
    (row,) = [row for row in await letters(desk) if row["lane"] != BOARD]
    drawn = await desk.see(lambda store: _LETTERS["stakeholder_update"].draw(store, row, desk.now))
    assert drawn is not None
    words = drawn["attachments"][0]["content"]["body"][1]["text"]
    assert words == plain(nasty.replace("{next}", "when there is news"))
    assert "<at" not in drawn["summary"]


# -- who approves -----------------------------------------------------------------------------------------------------


async def test_a_severity_without_the_rule_is_sent_at_once_and_so_is_the_commanders_own(desk: Desk) -> None:
    await rule(desk, LEADERSHIP)
    for severity, by in ((2, desk.grace), (1, desk.ada)):
        number = await declare(desk, severity, commander=desk.ada)
        await propose(desk, number, by=by)
        assert (await latest(desk, number)).state is UpdateState.SENT


async def test_the_commander_approves_exactly_this_and_it_goes_out_once(desk: Desk) -> None:
    await rule(desk, LEADERSHIP)
    number = await declare(desk, 1, commander=desk.ada)
    said = await propose(desk, number)
    assert "Ada Lovelace is asked to approve this update for Leadership (1 place, 1 person) until 14:48 UTC" in said
    assert await letters(desk) == []
    with pytest.raises(Refused):
        await decide(desk, number, Decision.APPROVE, desk.lin)
    await decide(desk, number, Decision.APPROVE, desk.ada)
    await decide(desk, number, Decision.APPROVE, desk.ada)
    assert len(await letters(desk)) == 2
    assert [e.kind for e in (await desk.story(number))[-3:]] == [
        EntryKind.UPDATE_REQUESTED,
        EntryKind.UPDATE_DECIDED,
        EntryKind.UPDATE_SENT,
    ]


async def test_without_a_commander_it_says_who_is_missing_and_keeps_nothing(desk: Desk) -> None:
    await rule(desk, LEADERSHIP)
    number = await declare(desk, 1)
    with pytest.raises(Refused, match="nobody has command of INC-1: press Take command"):
        await propose(desk, number)
    assert await desk.see(lambda store: store.updates.of_incident(number)) == []


CHANGES = {
    "another severity": lambda i, desk, number: i.change_severity(desk.ada, number, 3, desk.trail()),
    "it is over": lambda i, desk, number: i.resolve(desk.ada, number, "", desk.trail()),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_has_changed_meanwhile_is_not_sent_and_comes_back_to_its_author(desk: Desk, change: str) -> None:
    await rule(desk, LEADERSHIP)
    number = await declare(desk, 1, commander=desk.ada)
    await propose(desk, number)
    asked = await question(desk, number)
    await desk.do(lambda i: CHANGES[change](i, desk, number))
    try:
        await desk.db.write(
            lambda store: deciding.decide(store, desk.ada, asked.id, Decision.APPROVE, comment="", now=desk.now)
        )
    except Refused as refused:
        assert "too late" in str(refused)
    assert await letters(desk) == []
    (back,) = await letters(desk, "update_returned")
    assert back["lane"] == f"personal:{desk.grace.object_id}"
    assert (await latest(desk, number)).state is UpdateState.RETURNED


async def test_a_rejected_one_is_written_again_as_the_same_update_by_its_author_alone(desk: Desk) -> None:
    await rule(desk, LEADERSHIP)
    number = await declare(desk, 1, commander=desk.ada)
    await propose(desk, number)
    await decide(desk, number, Decision.REJECT, desk.ada, "No names.")
    update = await latest(desk, number)
    assert await told(desk, number, EntryKind.UPDATE_DECIDED) == ["Ada Lovelace rejected the update: No names."]
    assert len(await letters(desk, "update_returned")) == 1
    assert await letters(desk, "sentence") == []
    with pytest.raises(Refused, match="Only whoever wrote"):
        await propose(desk, number, "Mine.", by=desk.lin, update_id=update.id)
    await propose(desk, number, "Without names.", update_id=update.id)
    await decide(desk, number, Decision.APPROVE, desk.ada)
    after = await latest(desk, number)
    assert (after.id, after.text, after.state) == (update.id, "Without names.", UpdateState.SENT)
    with pytest.raises(Refused, match="sent already"):
        await propose(desk, number, "Again.", update_id=update.id)


@pytest.mark.parametrize("text", ["We restart it.", "half a 🔥: \ud83d, <at>x</at>\r\nmore"])
async def test_the_content_that_is_compared_is_the_content_that_was_asked_about(desk: Desk, text: str) -> None:
    await rule(desk, LEADERSHIP)
    number = await declare(desk, 1, commander=desk.ada)
    await propose(desk, number, text, next_at=NOW + timedelta(minutes=17, microseconds=1234))
    asked = await question(desk, number)
    found = await desk.see(lambda store: subject_kind("update").content(store, asked.subject_id))
    assert found is not None
    assert approvals.digest_of(found) == asked.digest


# -- what is promised -------------------------------------------------------------------------------------------------


def due(minutes: float, *, since: datetime = NOW, promised: bool = False) -> tuple[datetime, bool]:
    return since + timedelta(minutes=minutes), promised


async def wanted(desk: Desk, number: int) -> tuple[datetime | None, bool]:
    found = await deadlines(desk, number)
    assert found is not None
    return found.update_by, found.is_promised


async def test_a_promise_wins_over_the_interval_until_there_was_news_after_it(desk: Desk) -> None:
    await rule(desk, LEADERSHIP)
    number = await declare(desk)
    assert await wanted(desk, number) == due(30)
    await propose(desk, number, next_at=NOW + timedelta(minutes=12))
    assert await wanted(desk, number) == due(12, promised=True)
    desk.later(minutes=10)
    await desk.do(lambda i: i.change_status(desk.ada, number, Status.IDENTIFIED, desk.trail()))
    assert await wanted(desk, number) == due(12, promised=True)
    desk.later(minutes=10)
    await desk.do(lambda i: i.change_status(desk.ada, number, Status.MONITORING, desk.trail()))
    assert await wanted(desk, number) == due(50)
    await propose(desk, number, next_at=None)
    assert await wanted(desk, number) == due(50)


async def test_a_note_tells_only_where_there_are_no_stakeholders_to_tell(desk: Desk) -> None:
    await rule(desk, LEADERSHIP)
    for severity, expected in ((2, due(30)), (3, due(65))):
        desk.now = NOW
        number = await declare(desk, severity)
        desk.later(minutes=5)
        await desk.do(lambda i, number=number: i.note(desk.ada, number, "we look", desk.trail()))
        assert await wanted(desk, number) == expected


async def test_a_promise_is_kept_in_mind_where_reminders_are_off_or_the_severity_has_none(desk: Desk) -> None:
    await rule(desk)
    number = await declare(desk, 4)
    assert await wanted(desk, number) == (None, False)
    await propose(desk, number, next_at=NOW + HOUR)
    assert await wanted(desk, number) == due(60, promised=True)
    planned = await desk.see(lambda store: [w.due_at for w in store.work.planned("incident:1") if "update" in w.kind])
    assert planned == [NOW + HOUR - timedelta(minutes=5)]
    await desk.do(lambda i: i.remind(desk.ada, number, "off", desk.trail()))
    assert await wanted(desk, number) == due(60, promised=True)
    assert await desk.see(lambda store: [w for w in store.work.planned("incident:1") if "update" in w.kind]) == []


# -- the end ----------------------------------------------------------------------------------------------------------


async def ends(desk: Desk, number: int) -> None:
    """Do the work that tells everybody that it is over, as often as it is there."""
    planned = await desk.see(lambda store: store.work.planned(f"incident:{number}"))
    for work in (one for one in planned if one.kind == ending.FINAL):
        row = DueWork(id=1, kind=work.kind, due_at=work.due_at, fence=1, subject=work.subject, payload=work.payload)
        for _ in range(2):
            await desk.db.write(lambda store, row=row: final.run_final(store, row, desk.now))


async def test_everybody_who_was_told_before_hears_that_it_is_resolved_and_nothing_from_inside(desk: Desk) -> None:
    await rule(desk, replace(LEADERSHIP, emails=("Status@Example.org",)), mail=True)
    number = await declare(desk)
    await propose(desk, number)
    before = await lanes(desk)
    await rule(desk, mail=True)
    desk.later(minutes=90)
    await desk.do(lambda i: i.resolve(desk.ada, number, "Bob dropped the index", desk.trail()))
    await ends(desk, number)
    assert await lanes(desk) == sorted(before * 2)
    assert "email:status@example.org" in before
    last = await latest(desk, number)
    assert (last.is_final, last.text) == (
        True,
        "This incident is resolved after 1 h 30 min. There are no more updates.",
    )
    assert (await desk.incident(number)).promised_at is None


async def test_nobody_is_told_of_the_end_who_was_told_nothing_or_where_it_goes_on(desk: Desk) -> None:
    await rule(desk, LEADERSHIP)
    quiet, back = await declare(desk), await declare(desk)
    await propose(desk, back)
    for number in (quiet, back):
        await desk.do(lambda i, number=number: i.resolve(desk.ada, number, "", desk.trail()))
    await desk.do(lambda i: i.reopen(desk.ada, back, "it is back", desk.trail()))
    for number in (quiet, back):
        await ends(desk, number)
    assert len(await letters(desk)) == 2


async def test_who_is_reached_again_is_who_is_still_here(desk: Desk) -> None:
    await rule(desk, LEADERSHIP)
    number = await declare(desk)
    await propose(desk, number)
    gone = replace(ORGANISATION, people=ORGANISATION.people[:2])
    await desk.db.write(lambda store: store.organisations.replace(gone))
    found = await desk.see(lambda store: reach.again(store, store.updates.told(number, cycle=0)))
    assert [one.target for one in found] == [BOARD]
    assert found[0].place is not None
    assert (found[0].place.tenant_id, found[0].place.service_url) == (TENANT, SERVICE_URL)
