"""Commands on a real store: words in, an answer out, and what changed."""

from dataclasses import replace
from typing import Any

import pytest

from bot.registry import COMMANDS, by_word
from bot.turn import Answer, OpenForm, Reply, Turn
from bot.words import Mention
from dialogs.registry import VERBS as FORM_VERBS
from domain.errors import Refused
from domain.incident import TEXT_LIMIT, Role, Status
from domain.people import Person
from domain.timeline import Source
from storage.unit_of_work import SqlStore
from tests.support.samples import place
from tests.usecases.conftest import Desk
from usecases.incidents import Incidents

WORDS = by_word(COMMANDS)
GROUP = place("groupChat")


def turn(desk: Desk, store: SqlStore, who: Person | None = None, **more: Any) -> Turn:
    key = desk.trail().activity
    made = Turn(
        actor=who or desk.ada,
        now=desk.now,
        place=GROUP,
        private=False,
        incidents=Incidents(store, desk.now),
        store=store,
        key=str(key),
        at_ms=1,
        source=Source.MESSAGE,
        commands=WORDS,
    )
    return replace(made, **more)


async def write(desk: Desk, typed: str, who: Person | None = None, **more: Any) -> Answer:
    """Let somebody write a command in the group chat."""
    word, _, rest = typed.partition(" ")
    return await desk.db.write(lambda store: WORDS[word].run(turn(desk, store, who, **more), rest))


async def send(desk: Desk, verb: str, data: dict[str, Any], who: Person | None = None) -> Answer:
    """Let somebody send a form."""
    run = next(v for v in FORM_VERBS if v.name == verb).run
    return await desk.db.write(lambda store: run(turn(desk, store, who, source=Source.FORM), data))


def said(answer: Answer) -> str:
    assert isinstance(answer, Reply), answer
    return answer.text


def form(answer: Answer) -> OpenForm:
    assert isinstance(answer, OpenForm), answer
    return answer


# -- declare ------------------------------------------------------------------------------------------------------


async def test_declare_answers_with_the_card_and_nothing_else(desk: Desk) -> None:
    answer = await write(desk, "declare Checkout is down sev1 service:checkout")
    assert isinstance(answer, Reply)
    assert answer.silent
    made = await desk.incident(1)
    assert (made.title, made.severity, made.services) == ("Checkout is down", 1, ("checkout",))
    assert len(await desk.outbox("draw")) == 1


async def test_declare_without_a_severity_is_minor(desk: Desk) -> None:
    await write(desk, "declare Checkout is down")
    assert (await desk.incident(1)).severity == 3


@pytest.mark.parametrize(
    ("typed", "problem", "kept"),
    [
        ("declare", None, {"title": "", "severity": None, "services": ()}),
        ("declare sev1 service:checkout", None, {"severity": 1, "services": ("checkout",)}),
        ("declare Down sev7", "no severity 7", {"title": "Down", "severity": 7}),
        ("declare Down service:nowhere sev2", "no service “nowhere”", {"title": "Down", "services": ("nowhere",)}),
        ("declare " + "long " * 60, "299 characters", {"details": "long " * 60}),
    ],
)
async def test_what_is_missing_is_asked_for_with_what_was_typed(
    desk: Desk, typed: str, problem: str | None, kept: dict[str, Any]
) -> None:
    asked = form(await write(desk, typed))
    assert asked.name == "declare"
    assert (asked.problem is None) == (problem is None)
    assert problem is None or problem in str(asked.problem)
    assert kept.items() <= dict(asked.values).items()
    assert await desk.see(lambda s: s.incidents.get(1)) is None


async def test_a_hundred_thousand_characters_lose_nothing_that_is_not_still_on_the_screen(desk: Desk) -> None:
    asked = form(await write(desk, "declare " + "word " * 20_000))
    assert "still stands above" in str(asked.problem) or len(str(asked.values["details"])) >= 100_000


# -- the others ---------------------------------------------------------------------------------------------------


async def test_each_command_changes_and_answers_in_a_sentence(desk: Desk) -> None:
    await desk.declare(where=GROUP)
    assert said(await write(desk, "ack", desk.grace)) == "Grace Hopper acknowledged INC-1."
    assert said(await write(desk, "ack INC-1")) == "Grace Hopper acknowledged INC-1 at 14:18 UTC."
    assert said(await write(desk, "note INC-1 restarting\nthe pods")) == "Noted on INC-1."
    assert said(await write(desk, "status identified")) == "INC-1 is now identified."
    assert said(await write(desk, "severity #1 1")) == "INC-1 is now SEV1 Critical."
    assert said(await write(desk, "sev sev2")) == "INC-1 is now SEV2 Major."
    assert said(await write(desk, "assign inc1 ic @me")) == "Ada Lovelace is now commander of INC-1."
    assert said(await write(desk, "resolve rolled back")) == "Ada Lovelace resolved INC-1."
    assert said(await write(desk, "reopen INC-1 it is back")) == "Ada Lovelace reopened INC-1."
    now = await desk.incident(1)
    assert (now.status, now.severity, now.roles) == (Status.INVESTIGATING, 2, {Role.COMMANDER: desk.ada.id})
    assert [e.text for e in await desk.story(1) if e.text] == [
        "Checkout is down",
        "restarting\nthe pods",
        "rolled back",
        "it is back",
    ]


@pytest.mark.parametrize(
    ("typed", "name", "problem"),
    [
        ("note", "note", None),
        ("status", "status", None),
        ("status broken", "status", "“broken” is no status"),
        ("status resolved", "status", "resolve"),
        ("severity", "status", None),
        ("severity urgent", "status", "“urgent” is no severity"),
        ("severity 5", "status", "“5” is no severity"),
        ("assign", "assign", None),
        ("assign captain @grace", "assign", "“captain” is no role"),
        ("assign commander", "assign", None),
        ("assign commander @nobody", "assign", "I know nobody called “nobody”"),
    ],
)
async def test_a_missing_or_wrong_word_opens_the_form(desk: Desk, typed: str, name: str, problem: str | None) -> None:
    await desk.declare(where=GROUP)
    asked = form(await write(desk, typed))
    assert (asked.name, asked.values["incident"]) == (name, 1)
    assert problem is None or problem in str(asked.problem)
    assert (await desk.incident(1)).version == 1


async def test_the_person_of_a_wrong_role_is_not_forgotten(desk: Desk) -> None:
    await desk.declare(where=GROUP)
    assert form(await write(desk, "assign captain @grace")).values.get("person") == "grace"
    assert form(await write(desk, "assign @grace")).values.get("person") == "grace"
    assert form(await write(desk, "assign commander @nobody")).values["person"] is None, "nobody else in their place"


@pytest.mark.parametrize(
    "typed", ["assign commander\n@grace", "assign\tcommander\t@grace", "assign  commander   @grace"]
)
async def test_blank_space_of_any_kind_separates_words(desk: Desk, typed: str) -> None:
    await desk.declare(where=GROUP)
    word, rest = typed.split(None, 1)
    answer = await desk.db.write(lambda store: WORDS[word].run(turn(desk, store), rest))
    assert said(answer) == "Grace Hopper is now commander of INC-1."


async def test_two_mentions_mean_the_one_who_is_named(desk: Desk) -> None:
    await desk.declare(where=GROUP)
    both = (Mention("Grace Hopper", "29:user-2", None), Mention("Lin Wei 林薇", "29:user-3", None))
    answer = await write(desk, "assign scribe @Lin Wei 林薇", mentions=both)
    assert said(answer) == "Lin Wei 林薇 is now scribe of INC-1."


async def test_reopening_asks_for_a_reason_and_says_when_it_is_open(desk: Desk) -> None:
    await desk.declare(where=GROUP)
    assert said(await write(desk, "reopen it is back")) == "INC-1 is open already."
    await write(desk, "resolve")
    assert form(await write(desk, "reopen")).name == "reopen"


async def test_a_note_that_is_too_long_is_refused_and_still_stands_above(desk: Desk) -> None:
    await desk.declare(where=GROUP)
    with pytest.raises(Refused, match=r"8001 characters.*Your message still stands above"):
        await write(desk, "note INC-1 " + "x" * (TEXT_LIMIT + 1))


@pytest.mark.parametrize("typed", ["resolve INC-1 ", "reopen INC-1 "])
async def test_so_are_a_long_summary_and_a_long_reason(desk: Desk, typed: str) -> None:
    await desk.declare(where=GROUP)
    if typed.startswith("reopen"):
        await write(desk, "resolve")
    with pytest.raises(Refused, match="8001 characters"):
        await write(desk, typed + "x" * (TEXT_LIMIT + 1))


@pytest.mark.parametrize("typed", ["show INC-77", "ack 77", "note #77 x", "timeline inc77", "resolve INC-77"])
async def test_an_unknown_incident_is_one_sentence(desk: Desk, typed: str) -> None:
    with pytest.raises(Refused, match=r"There is no INC-77\."):
        await write(desk, typed)


async def test_show_moves_the_card_and_shows_it_privately_to_one(desk: Desk) -> None:
    await desk.declare(where=GROUP)
    answer = await write(desk, "show")
    assert isinstance(answer, Reply)
    assert answer.silent
    assert len(await desk.cards(1)) == 1
    private = await write(desk, "show INC-1", desk.grace, private=True)
    assert isinstance(private, Reply)
    assert private.card is not None
    assert len(await desk.cards(1)) == 1


@pytest.mark.parametrize(
    ("typed", "found"), [("list", 1), ("list all", 2), ("list mine", 1), ("list service:search", 0)]
)
async def test_list_counts_what_it_shows(desk: Desk, typed: str, found: int) -> None:
    await desk.declare("One", where=GROUP)
    await desk.declare("Two", where=GROUP)
    await write(desk, "resolve INC-2")
    answer = await write(desk, typed)
    assert isinstance(answer, Reply)
    assert answer.card is not None
    rows = [c for c in answer.card["body"] if "selectAction" in c]
    assert len(rows) == found
    assert said(answer) != "1 incidents"


@pytest.mark.parametrize("typed", ["list everything", "list service:nowhere"])
async def test_a_list_that_cannot_be_made_says_why(desk: Desk, typed: str) -> None:
    with pytest.raises(Refused, match=r"\.$"):
        await write(desk, typed)


async def test_where_it_is_unclear_the_words_wait_for_an_answer(desk: Desk) -> None:
    await desk.declare("One", where=GROUP)
    await desk.declare("Two", where=GROUP)
    asked = form(await write(desk, "note restarting the pods"))
    assert (asked.name, dict(asked.values)) == ("pick", {"command": "note", "rest": "restarting the pods"})
    answer = await send(desk, "pick.submit", {**asked.values, "incident": "2"})
    assert said(answer) == "Noted on INC-2."
    assert isinstance(answer, Reply)
    assert answer.closes
    assert [e.text for e in await desk.story(2)] == ["Two", "restarting the pods"]


# -- forms --------------------------------------------------------------------------------------------------------


async def test_a_form_declares_once_whoever_sends_it_again(desk: Desk) -> None:
    typed = {"title": "Checkout is down", "severity": "1", "services": "checkout,search", "nonce": "n1"}
    await send(desk, "declare.submit", typed)
    again = await send(desk, "declare.submit", {**typed, "title": "Other"}, desk.grace)
    assert isinstance(again, Reply)
    assert again.card is not None
    assert "INC-1" in again.text
    assert await desk.see(lambda s: s.incidents.get(2)) is None
    assert (await desk.incident(1)).services == ("checkout", "search")


@pytest.mark.parametrize(
    ("verb", "typed"),
    [
        ("declare.submit", {"title": " "}),
        ("declare.submit", {"title": "x", "severity": "9"}),
        ("declare.submit", {"title": "x", "services": "nowhere"}),
        ("note.submit", {"incident": 1, "text": ""}),
        ("note.submit", {"incident": 1, "text": 7}),
        ("status.submit", {"incident": 1, "status": "resolved"}),
        ("status.submit", {"incident": 1, "severity": "0"}),
        ("assign.submit", {"incident": 1, "role": "captain", "person": "ada"}),
        ("assign.submit", {"incident": 1, "role": "scribe", "person": "nobody"}),
        ("assign.submit", {"incident": 1, "role": "scribe"}),
        ("pick.submit", {"incident": 1, "command": "gone"}),
        ("note.submit", {"incident": 77, "text": "x"}),
    ],
)
async def test_a_form_that_cannot_be_done_changes_nothing(desk: Desk, verb: str, typed: dict[str, Any]) -> None:
    await desk.declare(where=GROUP)
    with pytest.raises(Refused, match=r"\.$"):
        await send(desk, verb, typed)
    assert (await desk.incident(1)).version == 1
    assert await desk.see(lambda s: s.incidents.get(2)) is None


async def test_status_and_severity_change_together_and_each_has_its_entry(desk: Desk) -> None:
    await desk.declare(where=GROUP)
    await send(desk, "status.submit", {"incident": 1, "cycle": 0, "status": "identified", "severity": "1"})
    assert [str(e.kind) for e in await desk.story(1)] == ["declared", "status_changed", "severity_changed"]
    same = await send(desk, "status.submit", {"incident": 1, "cycle": 0, "status": "identified", "severity": "1"})
    assert said(same) == "INC-1 stands like that already."
    assert (await desk.incident(1)).version == 3


LATE = {
    "status.submit": {"status": "identified"},
    "assign.submit": {"role": "scribe", "person": "ada"},
    "resolve.submit": {"summary": "x"},
    "reopen.submit": {"reason": "x"},
}


@pytest.mark.parametrize("verb", LATE)
async def test_a_form_from_before_a_reopening_changes_nothing_and_says_so(desk: Desk, verb: str) -> None:
    await desk.declare(where=GROUP)
    await write(desk, "resolve")
    await write(desk, "reopen INC-1 it is back")
    answer = await send(desk, verb, {"incident": 1, "version": 1, "cycle": 0, **LATE[verb]})
    assert isinstance(answer, Reply)
    assert answer.card is not None
    assert "before INC-1 was reopened" in str(answer.card)
    assert (await desk.incident(1)).version == 3


async def test_a_late_note_still_counts(desk: Desk) -> None:
    await desk.declare(where=GROUP)
    await write(desk, "resolve")
    await write(desk, "reopen INC-1 it is back")
    assert said(await send(desk, "note.submit", {"incident": 1, "cycle": 0, "text": "late words"})) == "Noted on INC-1."


async def test_what_somebody_typed_into_a_late_form_is_not_lost(desk: Desk) -> None:
    await desk.declare(where=GROUP)
    await write(desk, "resolve")
    await write(desk, "reopen INC-1 it is back")
    answer = await send(desk, "resolve.submit", {"incident": 1, "cycle": 0, "summary": "three long paragraphs"})
    assert "three long paragraphs" in str(answer)


async def test_a_summary_that_came_second_is_not_lost(desk: Desk) -> None:
    await desk.declare(where=GROUP)
    await write(desk, "resolve rolled back", desk.grace)
    answer = await send(desk, "resolve.submit", {"incident": 1, "cycle": 0, "summary": "three long paragraphs"})
    assert "resolved at 14:18 UTC already" in str(answer)
    assert "three long paragraphs" in str(answer)
