"""What a card offers and says in each state, and what its buttons do with odd data. How it looks is in tests/golden."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.incident import incident_of, spoken, status_card
from bot.cards.incidents import list_card
from bot.cards.timeline import sentence, timeline_card
from bot.registry import VERBS, by_name
from bot.turn import Answer, Card, OpenForm, Reply
from dialogs import registry as dialogs
from dialogs.parts import several, words
from domain.catalog import Side
from domain.errors import Refused
from domain.incident import Incident, Role, Status
from domain.oncall import Schedule
from domain.people import BOT_ID
from domain.timeline import TOLD, EntryKind, TimelineEntry
from tests.support.card_text import texts, titles
from tests.support.markdown import read
from tests.support.paging_samples import paging
from tests.support.samples import (
    ADA,
    GRACE,
    NOW,
    acknowledged,
    ago,
    change,
    entry,
    failure,
    incident,
    listing,
    person,
    resolved,
    timeline,
    view,
)
from tests.support.shelf import Shelf, turn

ALL_VERBS = by_name((*VERBS, *dialogs.VERBS))


def press(verb: str, data: Mapping[str, Any], shelf: Shelf, **more: Any) -> Answer:
    return ALL_VERBS[verb].run(turn(shelf, **more), data)


# -- the status card ----------------------------------------------------------------------------------------------

NEW = incident()
ACKED = acknowledged(NEW)
LED = replace(ACKED, roles={Role.COMMANDER: GRACE.id})
OVER = resolved(LED)


@pytest.mark.parametrize(
    ("case", "offered", "behind"),
    [
        (NEW, ["Acknowledge", "Take command", "Add note", "Escalate"], ["Resolve", "Timeline"]),
        (ACKED, ["Take command", "Add note", "Escalate", "Resolve"], ["Change status", "Timeline"]),
        (
            replace(NEW, roles={Role.COMMANDER: 2}),
            ["Acknowledge", "Add note", "Escalate", "Resolve"],
            ["Change status", "Timeline"],
        ),
        (LED, ["Add note", "Escalate", "Change status", "Resolve"], ["Assign", "Timeline"]),
        (OVER, ["Reopen", "Add action", "Add note", "Timeline"], []),
        (resolved(NEW), ["Reopen", "Add action", "Add note", "Timeline"], []),
    ],
    ids=["new", "acknowledged", "commanded", "both", "resolved", "resolved at once"],
)
def test_a_card_offers_what_makes_sense_now(case: Incident, offered: list[str], behind: list[str]) -> None:
    actions = status_card(view(case))["actions"]
    assert [a["title"] for a in actions if "mode" not in a] == offered
    assert [a["title"] for a in actions if a.get("mode") == "secondary"] == behind


def test_once_somebody_has_it_the_other_side_is_one_press_away() -> None:
    card = status_card(view(LED, paging=paging(other_side=Side.OPERATIONS)))
    assert titles(card) == ["Add note", "Bring in Operations", "Change status", "Resolve", "Escalate", "Timeline"]
    press_ = next(a for a in card["actions"] if a["title"] == "Bring in Operations")
    assert (press_["verb"], press_["data"]["side"]) == ("incident.bring_in", "operations")
    assert "Bring in Operations" not in titles(status_card(view(NEW, paging=paging(other_side=Side.OPERATIONS))))


@pytest.mark.parametrize(
    ("case", "likely"),
    [(NEW, "Acknowledge"), (ACKED, "Take command"), (LED, None), (replace(LED, status=Status.MONITORING), "Resolve")],
    ids=["new", "acknowledged", "both", "calm"],
)
def test_one_button_at_most_is_the_likely_one(case: Incident, likely: str | None) -> None:
    positive = [a["title"] for a in status_card(view(case))["actions"] if a.get("style") == "positive"]
    assert positive == ([likely] if likely else [])


def test_the_buttons_name_the_incident_and_the_moment_they_were_drawn() -> None:
    case = replace(LED, version=7, cycle=2)
    for action in status_card(view(case), card_id=3)["actions"]:
        assert action["data"] == {"incident": 12, "version": 7, "cycle": 2, "card": 3}
    for action in status_card(view(case), reader=ADA)["actions"]:
        assert "card" not in action["data"]


@pytest.mark.parametrize("severity", [1, 2, 3, 4])
def test_severity_and_state_are_words_and_not_colour_alone(severity: int) -> None:
    seen = texts(status_card(view(incident(severity=severity, status=Status.MONITORING))))
    assert f"SEV{severity} {('Critical', 'Major', 'Minor', 'Low')[severity - 1]}" in seen
    assert "Monitoring" in seen


def test_everybody_reads_utc_and_a_reader_their_own_clock_too() -> None:
    everybody = texts(status_card(view(LED)))
    assert "13:43 UTC" in everybody
    assert "New York" not in everybody
    own = texts(status_card(view(LED), reader=GRACE))
    assert "08:43 (13:43 UTC)" in own
    assert own.count("New York") == 1, "the city is named once"


def test_a_card_says_who_has_it_and_what_somebody_wrote_last() -> None:
    case = replace(LED, roles={**LED.roles, Role.SCRIBE: ADA.id})
    seen = texts(status_card(view(case, latest=entry(3, text="all *pods* down <at>all</at>"))))
    for part in ("Checkout is down", "INC-12", "Grace Hopper", "Scribe", "Ada Lovelace", "Checkout"):
        assert part in seen
    assert "<at>" not in seen
    assert "all \\*pods\\* down" in seen
    assert "nobody" not in seen


def test_a_sentence_for_the_one_who_pressed_stands_on_top() -> None:
    card = status_card(view(NEW), reader=ADA, said="*Grace* was first.")
    assert "\\*Grace\\* was first." in texts(card["body"][0])
    assert "first" not in texts(status_card(view(NEW)))


@pytest.mark.parametrize(
    ("count", "said"), [(0, None), (1, "1 message could not"), (2, "2 messages could not"), (20, "20 messages could")]
)
def test_what_was_not_delivered_is_counted_with_reasons(count: int, said: str | None) -> None:
    seen = texts(status_card(view(LED, failures=[failure(n, f"reason {n}") for n in range(count)])))
    assert ("could not be delivered" in seen) == bool(said)
    assert not said or said in seen
    assert not said or "reason 0" in seen


def test_the_same_reason_is_said_once() -> None:
    seen = texts(status_card(view(LED, failures=[failure(1), failure(2)])))
    assert seen.count("the person has blocked the bot") == 1


def test_views_refresh_for_sixty_people_at_most() -> None:
    ids = [f"29:{n}" for n in range(61)]
    card = status_card(view(LED), refresh_for=ids)
    assert card["refresh"]["userIds"] == ids[:60]
    assert card["refresh"]["action"]["verb"] == "incident.view"
    assert "refresh" not in status_card(view(LED))


def test_a_resolved_card_tells_how_long_it_took() -> None:
    seen = texts(status_card(view(resolved(LED, at=ago(minutes=2)))))
    assert "36 min" in seen
    assert "Resolved" in seen
    assert "Running for" not in seen


def test_a_voice_says_the_whole_incident_in_a_sentence() -> None:
    assert spoken(view(NEW)) == "INC-12 SEV1 Critical: Checkout is down (investigating)."
    assert spoken(view(LED)) == "INC-12 SEV1 Critical: Checkout is down (investigating). Commander Grace Hopper."


def test_somebody_unknown_is_somebody() -> None:
    assert "somebody" in texts(status_card(view(LED, people={})))


# -- lists --------------------------------------------------------------------------------------------------------


def test_every_row_opens_its_incident() -> None:
    card = list_card(listing([incident(13, severity=2), incident(12)]), "open", None)
    rows = [c for c in card["body"] if "selectAction" in c]
    assert [r["selectAction"]["data"] for r in rows] == [{"incident": 13}, {"incident": 12}]
    assert "INC-13" in texts(rows[0])
    assert "SEV2 Major" in texts(rows[0])


def test_a_list_goes_on_where_it_ended() -> None:
    more = list_card(listing([incident(12)], next_before=12), "mine", None)["actions"][0]
    assert (more["title"], more["verb"]) == ("Older", "incidents.page")
    assert (more["data"]["which"], more["data"]["before"]) == ("mine", 12)
    assert "Older" not in titles(list_card(listing([incident(12)]), "mine", None))


def test_an_empty_list_says_so_and_what_to_do() -> None:
    card = list_card(listing([]), "open", None)
    assert "none" in texts(card)
    assert "Declare incident" in titles(card)


@pytest.mark.parametrize("odd", [{}, {"which": "x"}, {"before": "1"}, {"before": True}, {"before": -1}, {"service": 3}])
def test_a_list_button_with_odd_data_shows_the_open_ones(odd: dict[str, Any]) -> None:
    answer = press("incidents.page", odd, Shelf(cases={12: NEW, 13: replace(OVER, id=13)}))
    assert isinstance(answer, Reply)
    assert answer.card is not None
    assert "INC-12" in texts(answer.card)
    assert "INC-13" not in texts(answer.card)


# -- timelines ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            entry(1, EntryKind.DECLARED, "API *down*", data={"severity": 2}),
            "declared it with severity 2: API \\*down\\*",
        ),
        (entry(1, EntryKind.ACKNOWLEDGED, ""), "acknowledged it"),
        (entry(1, text="a\n- b"), "noted: a\n\\- b"),
        (entry(1, text="", deleted_at=NOW), "deleted this note"),
        (entry(1, EntryKind.RESOLVED, "", data={"from": "monitoring"}), "resolved it"),
        (entry(1, EntryKind.RESOLVED, "fixed", data={"from": "monitoring"}), "resolved it: fixed"),
        (entry(1, EntryKind.REOPENED, "back"), "reopened it: back"),
        (
            entry(1, EntryKind.ROLE_ASSIGNED, "", data={"role": "scribe", "person": ADA.id, "before": None}),
            "took the role **scribe**",
        ),
        (
            entry(1, EntryKind.ROLE_ASSIGNED, "", data={"role": "scribe", "person": GRACE.id, "before": ADA.id}),
            "made Grace Hopper **scribe** instead of Ada Lovelace",
        ),
        (
            entry(1, EntryKind.ROLE_ASSIGNED, "", data={"role": "scribe", "person": 99, "before": None}),
            "made somebody **scribe**",
        ),
        *((entry(1, kind, "Paged *Lin*."), "Paged \\*Lin\\*.") for kind in TOLD),
    ],
)
def test_an_entry_is_a_sentence(told: TimelineEntry, said: str) -> None:
    assert sentence(timeline([told]), told) == said


def test_what_nobody_did_was_done_by_the_bot() -> None:
    story = [entry(1), entry(2, EntryKind.PAGED, "Paged Lin.", actor=BOT_ID)]
    heads = [
        c["items"][0]["text"] for c in timeline_card(timeline(story), None, NOW)["body"] if c["type"] == "Container"
    ]
    assert [h.rsplit("  ·  ", 1)[1] for h in heads] == ["Ada Lovelace", "Incident bot"]


def test_the_whole_story_needs_no_paging_buttons() -> None:
    assert titles(timeline_card(timeline([entry(1), entry(2)]), None, NOW)) == ["Back to status"]


def rows_of(card: Card) -> list[int]:
    """Read the numbers of the rows."""
    heads = [c["items"][0]["text"] for c in card["body"] if c["type"] == "Container"]
    return [int(h.split(" ", 1)[0]) for h in heads]


def walk(shelf: Shelf, way: str) -> list[int]:
    """Turn the pages one way until there is no button any more."""
    start: dict[str, Any] = {"incident": 12} if way == "Older" else {"incident": 12, "after": 0, "before": 2}
    seen: list[int] = []
    data: Mapping[str, Any] | None = start
    while data is not None:
        answer = press("incident.timeline", data, shelf)
        assert isinstance(answer, Reply)
        assert answer.card is not None
        rows = rows_of(answer.card)
        assert rows == sorted(rows)
        assert len(rows) <= 25
        seen = [*rows, *seen] if way == "Older" else [*seen, *rows]
        data = next((a["data"] for a in answer.card["actions"] if a["title"] == way), None)
    return seen


@settings(max_examples=25)
@given(st.lists(st.sampled_from([1, 300, 2_000, 8_000]), min_size=1, max_size=90), st.sampled_from("a<🔥"))
def test_turning_pages_shows_every_entry_once_in_both_directions(lengths: list[int], letter: str) -> None:
    story = [entry(n, text=letter * length) for n, length in enumerate(lengths, 1)]
    shelf = Shelf(cases={12: incident(entry_seq=len(story))}, story=story)
    everything = list(range(1, len(story) + 1))
    assert walk(shelf, "Older") == everything
    assert walk(shelf, "Newer") == everything


ROTAS = (Schedule(id="payments-primary", team="payments", time_zone="UTC"),)


def test_every_button_names_a_look_that_draws_its_card_again() -> None:
    for verb in ALL_VERBS.values():
        assert ALL_VERBS[verb.again].kind == "view", verb.name


# -- odd data -----------------------------------------------------------------------------------------------------

ODD = [None, "", "x", "²", "-1", 0, -1, 2**31, True, 1.0, [], {}, "9" * 5_000]


@pytest.mark.parametrize("odd", ODD, ids=lambda o: repr(o)[:12])
def test_a_card_that_is_not_ours_is_refused_in_a_sentence(odd: object) -> None:
    with pytest.raises(Refused, match="does not say which incident"):
        incident_of({"incident": odd})
    for verb in ("incident.view", "incident.ack", "incident.note", "incident.timeline", "note.submit", "assign.submit"):
        with pytest.raises(Refused):
            press(verb, {"incident": odd}, Shelf(cases={12: NEW}))


def test_a_number_may_come_back_as_text() -> None:
    assert incident_of({"incident": "12"}) == incident_of({"incident": 12}) == 12


@pytest.mark.parametrize("form", ["note", "status", "assign", "resolve", "reopen", "escalate"])
def test_a_button_of_the_card_opens_its_form_in_the_card(form: str) -> None:
    answer = press(f"incident.{form}", {"incident": 12, "version": 1, "cycle": 0}, Shelf(cases={12: NEW}))
    assert isinstance(answer, OpenForm)
    assert answer.name == form
    assert (answer.values["incident"], answer.values["embedded"]) == (12, True)


# What is about shifts, or about something stored, is drawn from a real store, in tests of its own.
STORED = ("handoff", "swap", "override", "remind", "maintenance-", "care-", "action-", "review", "problem-")


@pytest.mark.parametrize(
    "form", [form for form in dialogs.FORMS if not form.name.startswith(STORED)], ids=lambda f: f.name
)
@pytest.mark.parametrize(
    "junk", [None, 7, True, [], ["x"], {"a": 1}, "\x00", "<at>x</at>" * 2_000], ids=lambda o: repr(o)[:12]
)
def test_a_form_is_drawn_again_whatever_came_back(form: Any, junk: object) -> None:
    names = (
        "title",
        "text",
        "summary",
        "reason",
        "severity",
        "status",
        "services",
        "role",
        "person",
        "details",
        "rest",
        "target",
        "schedule",
        "service",
        "risk",
        "links",
        "at_day",
        "at_time",
    )
    values = {**dict.fromkeys((*names, "command", "nonce", "embedded", "private"), junk), "incident": 12, "change": 7}
    card = form.draw(turn(Shelf(cases={12: NEW}, rotas=ROTAS, changed=(change(),))), values, "Something is wrong.")
    assert "Something is wrong." in texts(card)
    for block in card["body"]:
        assert read(block.get("text", "")).alive == []


def test_what_was_typed_is_read_defensively() -> None:
    assert words({"a": "x"}, "a") == "x"
    assert words({"a": 1}, "a") == words({}, "a") == ""
    assert several({"a": "x, y,,"}, "a") == ("x", "y")
    assert several({"a": ["x", 1, " y "]}, "a") == ("x", "y")
    assert several({"a": None}, "a") == several({}, "a") == ()


def test_fifty_choices_are_listed_and_more_are_searched() -> None:
    def chosen(count: int) -> Card:
        people = {n: person(n) for n in range(1, count + 1)}
        form = next(f for f in dialogs.FORMS if f.name == "assign")
        card = form.draw(turn(Shelf(known=people, cases={12: NEW}), actor=people[1]), {"incident": 12}, None)
        return next(b for b in card["body"] if b.get("id") == "person")

    assert len(chosen(50)["choices"]) == 50
    assert "choices.data" not in chosen(50)
    assert chosen(500)["choices"] == [{"title": "Person 1", "value": "person-1"}]
    assert chosen(500)["choices.data"] == {"type": "Data.Query", "dataset": "people"}
    assert chosen(500)["style"] == "filtered"
