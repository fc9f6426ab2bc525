"""What people do with an incident, each in a transaction of its own."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from domain.errors import Refused, StaleVersion, Unknown
from domain.incident import TEXT_LIMIT, Role, Status
from domain.people import Person
from domain.timeline import EntryKind, Source
from storage.unit_of_work import SqlStore
from tests.support.samples import NOW, person, place
from tests.usecases.conftest import Desk
from usecases.incidents import Incidents, Result
from usecases.people import NOBODY
from usecases.wording import utc_clock


async def test_a_declaration_is_an_incident_an_entry_and_a_card(desk: Desk) -> None:
    view = await desk.do(
        lambda i: i.declare(
            desk.ada,
            title=" Checkout  is down ",
            severity=1,
            services=("CHECKOUT", "search", "checkout"),
            details="",
            place=place(),
            trail=desk.trail("activity:a"),
        )
    )
    made = await desk.incident(view.incident.id)
    assert made == view.incident
    assert (made.title, made.severity, made.status) == ("Checkout is down", 1, Status.INVESTIGATING)
    assert (made.services, made.declared_by, made.declared_at) == (("checkout", "search"), desk.ada.id, NOW)
    assert (made.version, made.entry_seq, made.cycle) == (1, 1, 0)
    (told,) = await desk.story(made.id)
    assert (told.kind, told.text, told.actor, told.at) == (EntryKind.DECLARED, "Checkout is down", desk.ada.id, NOW)
    assert (told.source, told.source_activity) == (Source.MESSAGE, "activity:a")
    (card,) = await desk.cards(made.id)
    assert (card.place, card.activity_id, card.original) == (place(), None, True)
    assert [(m["card"], m["version"]) for m in await desk.outbox("draw")] == [(card.id, 1)]
    assert [s.name for s in view.services] == ["Checkout", "Search"]
    assert (view.severity_name, view.name_of(made.declared_by)) == ("Critical", "Ada Lovelace")


async def test_details_become_the_first_note_and_one_drawing_is_enough(desk: Desk) -> None:
    number = await desk.declare(details=" since 13:40\nall regions ")
    assert [(e.kind, e.text) for e in await desk.story(number)] == [
        (EntryKind.DECLARED, "Checkout is down"),
        (EntryKind.NOTE, "since 13:40\nall regions"),
    ]
    assert [m["version"] for m in await desk.outbox("draw")] == [2]
    assert (await desk.incident(number)).version == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": " "}, "needs a title"),
        ({"title": "x" * 201}, "201 characters"),
        ({"severity": 5}, "from 1"),
        ({"services": ("checkout", "nowhere")}, "no service “nowhere”"),
        ({"details": "x" * (TEXT_LIMIT + 1)}, "8001 characters"),
    ],
)
async def test_a_refused_declaration_leaves_nothing_behind(desk: Desk, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        await desk.declare(**wrong)
    assert await desk.see(lambda s: s.incidents.get(1)) is None
    assert await desk.outbox("draw") == []


async def test_a_form_that_has_declared_is_found_again(desk: Desk) -> None:
    number = await desk.declare(trail=desk.trail("form:nonce", Source.FORM))
    assert await desk.do(lambda i: i.declared_by_form("form:nonce")) == number
    assert await desk.do(lambda i: i.declared_by_form("form:other")) is None


async def test_a_whole_incident_from_the_first_word_to_the_last(desk: Desk) -> None:
    number = await desk.declare()

    async def step(what: Callable[[Incidents], Result]) -> Result:
        desk.later(minutes=5)
        result = await desk.do(what)
        assert result.notice is None
        return result

    grace = desk.grace
    await step(lambda i: i.acknowledge(grace, number, desk.trail()))
    await step(lambda i: i.take_command(grace, number, desk.trail(source=Source.BUTTON)))
    await step(lambda i: i.note(desk.lin, number, "restarting", desk.trail()))
    await step(lambda i: i.change_severity(grace, number, 1, desk.trail()))
    await step(lambda i: i.change_status(grace, number, Status.IDENTIFIED, desk.trail()))
    await step(lambda i: i.assign(grace, number, Role.SCRIBE, desk.lin, desk.trail()))
    await step(lambda i: i.change_status(grace, number, Status.MONITORING, desk.trail()))
    await step(lambda i: i.resolve(grace, number, "rolled back", desk.trail()))
    last = await step(lambda i: i.reopen(desk.ada, number, "it is back", desk.trail()))

    story = await desk.story(number)
    assert [str(e.kind) for e in story] == [
        "declared",
        "acknowledged",
        "role_assigned",
        "note",
        "severity_changed",
        "status_changed",
        "role_assigned",
        "status_changed",
        "resolved",
        "reopened",
    ]
    assert [e.seq for e in story] == list(range(1, 11))
    assert [e.at for e in story] == [NOW + timedelta(minutes=5 * n) for n in range(10)]
    assert [e.source for e in story][2] is Source.BUTTON
    now = await desk.incident(number)
    assert now == last.view.incident
    assert (now.status, now.severity, now.cycle, now.version) == (Status.INVESTIGATING, 1, 1, 10)
    assert now.roles == {Role.COMMANDER: grace.id, Role.SCRIBE: desk.lin.id}
    assert (now.acknowledged_at, now.mitigated_at, now.resolved_at) == (None, None, None)
    assert now.summary == "rolled back"
    latest = last.view.latest
    assert latest is not None
    assert (latest.text, latest.actor) == ("it is back", desk.ada.id)


# -- already so ---------------------------------------------------------------------------------------------------


async def unchanged(desk: Desk, number: int, what: Callable[[Incidents], Result]) -> str:
    """Do something that is so already; give the sentence."""
    before, said = await desk.incident(number), len(await desk.outbox("draw"))
    desk.later(hours=1)
    result = await desk.do(what)
    assert await desk.incident(number) == before == result.view.incident
    assert len(await desk.story(number)) == before.entry_seq
    assert len(await desk.outbox("draw")) == said
    assert result.notice is not None
    assert result.notice.endswith(".")
    return result.notice


async def test_a_second_acknowledgement_hears_who_was_first_and_when(desk: Desk) -> None:
    number = await desk.declare()
    await desk.do(lambda i: i.acknowledge(desk.grace, number, desk.trail()))
    said = await unchanged(desk, number, lambda i: i.acknowledge(desk.ada, number, desk.trail()))
    assert said == f"Grace Hopper acknowledged INC-{number} at 14:18 UTC."
    desk.later(days=1)
    said = await unchanged(desk, number, lambda i: i.acknowledge(desk.ada, number, desk.trail()))
    assert said.endswith("at 2026-11-23 14:18 UTC.")


async def test_what_is_so_already_is_said_and_not_written(desk: Desk) -> None:
    n = await desk.declare()
    ref = f"INC-{n}"
    assert await unchanged(desk, n, lambda i: i.change_status(desk.ada, n, Status.INVESTIGATING, desk.trail())) == (
        f"{ref} is investigating already."
    )
    assert await unchanged(desk, n, lambda i: i.change_severity(desk.ada, n, 2, desk.trail())) == (
        f"{ref} has severity 2 already."
    )
    assert await unchanged(desk, n, lambda i: i.reopen(desk.ada, n, "why", desk.trail())) == f"{ref} is open already."
    await desk.do(lambda i: i.assign(desk.ada, n, Role.SCRIBE, desk.lin, desk.trail()))
    assert await unchanged(desk, n, lambda i: i.assign(desk.ada, n, Role.SCRIBE, desk.lin, desk.trail())) == (
        f"Lin Wei 林薇 is scribe of {ref} already."
    )
    await desk.do(lambda i: i.resolve(desk.ada, n, "", desk.trail()))
    assert (await unchanged(desk, n, lambda i: i.resolve(desk.grace, n, "again", desk.trail()))).startswith(
        f"{ref} was resolved at"
    )


# -- command ------------------------------------------------------------------------------------------------------


async def test_a_late_press_does_not_take_command_away(desk: Desk) -> None:
    n = await desk.declare()
    await desk.do(lambda i: i.take_command(desk.grace, n, desk.trail()))
    said = await unchanged(desk, n, lambda i: i.take_command(desk.ada, n, desk.trail()))
    assert said.startswith(f"Grace Hopper has command of INC-{n}.")
    assert await unchanged(desk, n, lambda i: i.take_command(desk.grace, n, desk.trail())) == (
        f"You are commander of INC-{n} already."
    )
    await desk.do(lambda i: i.assign(desk.ada, n, Role.COMMANDER, desk.ada, desk.trail()))
    assert (await desk.incident(n)).roles == {Role.COMMANDER: desk.ada.id}


async def test_command_of_a_resolved_incident_is_not_taken(desk: Desk) -> None:
    n = await desk.declare()
    await desk.do(lambda i: i.resolve(desk.ada, n, "", desk.trail()))
    with pytest.raises(Refused, match=f"first write `reopen INC-{n}`"):
        await desk.do(lambda i: i.take_command(desk.ada, n, desk.trail()))


async def test_of_two_who_press_at_once_one_gets_it_and_the_other_hears_it(desk: Desk) -> None:
    n = await desk.declare()
    results = await asyncio.gather(
        desk.do(lambda i: i.take_command(desk.ada, n, desk.trail())),
        desk.do(lambda i: i.take_command(desk.grace, n, desk.trail())),
    )
    assert sorted(r.notice is None for r in results) == [False, True]
    assert (await desk.incident(n)).version == 2


# -- edits and deletions ------------------------------------------------------------------------------------------


async def noted(desk: Desk, by: Person) -> int:
    n = await desk.declare()
    await desk.do(lambda i: i.note(by, n, "teh pods", desk.trail("activity:note")))
    return n


async def test_an_edited_note_keeps_its_earlier_words_and_changes_the_card(desk: Desk) -> None:
    n = await noted(desk, desk.grace)
    await desk.sending()
    for text in ("the pods", "all pods "):
        desk.later(minutes=1)
        await desk.do(lambda i, text=text: i.revise_note(desk.grace, "activity:note", text))
    (_, note) = await desk.story(n)
    assert note.text == "all pods"
    assert [(r.text, r.at) for r in note.revisions] == [
        ("teh pods", NOW + timedelta(minutes=1)),
        ("the pods", NOW + timedelta(minutes=2)),
    ]
    assert note.at == NOW
    now = await desk.incident(n)
    assert (now.version, now.entry_seq) == (4, 2)
    assert [m["version"] for m in await desk.outbox("draw")] == [4]


async def test_an_edit_that_changes_nothing_changes_nothing(desk: Desk) -> None:
    n = await noted(desk, desk.grace)
    await desk.do(lambda i: i.revise_note(desk.grace, "activity:note", " teh pods"))
    await desk.do(lambda i: i.revise_note(desk.grace, "activity:unknown", "x"))
    assert (await desk.incident(n)).version == 2


async def test_only_the_author_edits_and_deletes(desk: Desk) -> None:
    n = await noted(desk, desk.grace)
    await desk.do(lambda i: i.revise_note(desk.ada, "activity:note", "forged"))
    await desk.do(lambda i: i.erase_words(desk.ada, "activity:note"))
    (_, note) = await desk.story(n)
    assert (note.text, note.revisions, note.deleted_at) == ("teh pods", (), None)


async def test_a_deleted_note_keeps_place_and_time_and_loses_all_its_words(desk: Desk) -> None:
    n = await noted(desk, desk.grace)
    await desk.do(lambda i: i.revise_note(desk.grace, "activity:note", "secret"))
    desk.later(minutes=1)
    await desk.do(lambda i: i.erase_words(desk.grace, "activity:note"))
    (_, note) = await desk.story(n)
    assert (note.seq, note.at, note.text, note.revisions, note.deleted_at) == (2, NOW, "", (), desk.now)
    view = await desk.do(lambda i: i.show(desk.ada, n))
    assert view.latest is None
    version = view.incident.version
    await desk.do(lambda i: i.erase_words(desk.grace, "activity:note"))
    await desk.do(lambda i: i.revise_note(desk.grace, "activity:note", "back again"))
    assert (await desk.incident(n)).version == version
    assert (await desk.story(n))[1].text == ""


async def test_an_edit_that_is_refused_keeps_the_words_that_stand(desk: Desk) -> None:
    n = await noted(desk, desk.grace)
    for wrong in ("", "x" * (TEXT_LIMIT + 1)):
        with pytest.raises(Refused):
            await desk.do(lambda i, wrong=wrong: i.revise_note(desk.grace, "activity:note", wrong))
    assert (await desk.story(n))[1].text == "teh pods"


async def test_the_title_is_no_note(desk: Desk) -> None:
    n = await desk.declare(trail=desk.trail("activity:declare"))
    await desk.do(lambda i: i.revise_note(desk.ada, "activity:declare", "other"))
    await desk.do(lambda i: i.erase_words(desk.ada, "activity:declare"))
    assert (await desk.story(n))[0].text == "Checkout is down"
    assert (await desk.incident(n)).version == 1


# -- versions, activities, strangers ------------------------------------------------------------------------------


async def test_a_write_over_a_newer_version_is_refused(desk: Desk) -> None:
    n = await desk.declare()
    old = await desk.incident(n)
    await desk.do(lambda i: i.acknowledge(desk.ada, n, desk.trail()))

    def write_over(store: SqlStore) -> None:
        with pytest.raises(StaleVersion):
            store.incidents.save(old, seen=old.version)

    await desk.db.write(write_over)


ASKS: dict[str, Callable[[Incidents, Person, int, Desk], object]] = {
    "show": lambda i, who, n, d: i.show(who, n),
    "timeline": lambda i, who, n, d: i.timeline(who, n),
    "stand again": lambda i, who, n, d: i.stand_again(who, n, place()),
    "acknowledge": lambda i, who, n, d: i.acknowledge(who, n, d.trail()),
    "note": lambda i, who, n, d: i.note(who, n, "x", d.trail()),
    "status": lambda i, who, n, d: i.change_status(who, n, Status.IDENTIFIED, d.trail()),
    "severity": lambda i, who, n, d: i.change_severity(who, n, 1, d.trail()),
    "assign": lambda i, who, n, d: i.assign(who, n, Role.SCRIBE, d.lin, d.trail()),
    "command": lambda i, who, n, d: i.take_command(who, n, d.trail()),
    "resolve": lambda i, who, n, d: i.resolve(who, n, "", d.trail()),
    "reopen": lambda i, who, n, d: i.reopen(who, n, "x", d.trail()),
}


@pytest.mark.parametrize("ask", ASKS)
async def test_an_incident_that_is_not_there_is_one_clear_sentence(desk: Desk, ask: str) -> None:
    with pytest.raises(Unknown, match=r"There is no INC-77\. Write `list all` to see the incidents there are\."):
        await desk.do(lambda i: ASKS[ask](i, desk.ada, 77, desk))


@pytest.mark.parametrize("ask", [a for a in ASKS if a not in {"show", "timeline", "stand again", "reopen"}])
async def test_nobody_changes_an_incident(desk: Desk, ask: str) -> None:
    n = await desk.declare()
    with pytest.raises((Refused, IntegrityError)):
        await desk.do(lambda i: ASKS[ask](i, NOBODY, n, desk))
    assert (await desk.incident(n)).version == 1


async def test_a_colleague_who_has_never_written_may_look(desk: Desk) -> None:
    """A press that only looks stores nobody: the reader has no number yet, and every member may see everything."""
    n = await desk.declare()
    newcomer = person(0, "New Colleague", handle="", listed=False)
    assert (await desk.do(lambda i: i.show(newcomer, n))).incident.id == n
    assert (await desk.do(lambda i: i.timeline(newcomer, n))).incident.id == n


def test_a_moment_in_a_sentence_has_its_date_on_other_days() -> None:
    at = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
    assert utc_clock(at, at) == "23:59 UTC"
    assert utc_clock(at, at + timedelta(minutes=1)) == "2026-11-22 23:59 UTC"
    with pytest.raises(Refused):
        utc_clock(None, at)
