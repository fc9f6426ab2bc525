"""Every card as it leaves: compared with a file a person has looked at. `UPDATE_GOLDEN=1` writes the files anew."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import registry
from bot.cards.kit import BUDGET
from dialogs import registry as dialog_registry
from tests.golden.gallery import GALLERY
from tests.support.markdown import read

HERE = Path(__file__).parent / "cards"
TOOL = Path(__file__).parents[2].parent / "shared" / "tools" / "validate_card.py"
VERBS = registry.by_name((*registry.VERBS, *dialog_registry.VERBS))
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"

Json = dict[str, Any]


@pytest.fixture(scope="module", params=GALLERY)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def activity(name: str) -> Json:
    return GALLERY[name]()


@pytest.fixture(scope="module")
def card(activity: Json) -> Json:
    return activity["attachments"][0]["content"]


def everything(value: Any) -> Iterator[Json]:
    """Walk all objects of a card, its buttons' data left out."""
    if isinstance(value, dict):
        yield value
        for key, inner in value.items():
            if key != "data":
                yield from everything(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from everything(inner)


def of_type(card: Json, *types: str) -> list[Json]:
    return [o for o in everything(card) if o.get("type") in types]


def test_it_is_as_it_was_when_somebody_looked_at_it(name: str, activity: Json) -> None:
    path = HERE / f"{name}.json"
    if UPDATE:
        path.write_text(json.dumps(activity, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert path.is_file(), "a new card: write its file with UPDATE_GOLDEN=1 and look at it"
    assert activity == json.loads(path.read_text(encoding="utf-8"))


def test_it_fits(activity: Json) -> None:
    said = json.dumps(activity, separators=(",", ":"), ensure_ascii=False)
    assert len(said.encode("utf-16-le")) <= BUDGET


def test_it_is_a_1_5_card_that_speaks(activity: Json, card: Json) -> None:
    assert (activity["type"], card["type"], card["version"]) == ("message", "AdaptiveCard", "1.5")
    for said in (activity["summary"], card["fallbackText"], card["speak"]):
        assert said.strip()
        assert "<at" not in said.lower()


def test_its_buttons_reach_somebody(card: Json) -> None:
    actions = of_type(card, "Action.Execute")
    assert [a["verb"] for a in actions if a["verb"] not in VERBS] == []
    assert all(a["data"]["verb"] in VERBS for a in of_type(card, "Action.Submit"))
    assert all(a["title"].strip() for a in actions)
    assert len([a for a in card.get("actions", ()) if a.get("mode") != "secondary"]) <= 6
    assert len([a for a in card.get("actions", ()) if a.get("style") == "positive"]) <= 1
    assert len({a["title"] for a in card.get("actions", ())}) == len(card.get("actions", ()))


def test_a_button_carries_ids_and_what_was_typed_and_nothing_else(card: Json) -> None:
    allowed = {"incident", "version", "cycle", "card", "embedded", "private", "nonce", "command", "rest"}
    allowed |= {"which", "service", "before", "after", "handoff"}
    allowed |= {"page", "drawn_at", "side"}
    allowed |= {"change", "before_at"}
    allowed |= {"schedule", "words", "with", "gives_on", "takes_on", "zone", "override", "swap"}
    allowed |= {"care", "occurrence"}
    allowed |= {"action"}
    allowed |= {"review", "section", "within", "clash", "problem"}
    allowed |= {"approval", "update"}
    allowed |= {"maintenance", "began", "ends", "done"}
    for action in of_type(card, "Action.Execute"):
        assert set(action["data"]) <= allowed
    for action in of_type(card, "Action.Submit"):
        assert set(action["data"]) <= allowed | {"verb", "msteams"}
        assert action["data"]["msteams"] == {"type": "task/fetch"}, "outside of dialogs nothing else is a Submit"


def test_its_questions_have_names_labels_and_a_word_when_empty(card: Json) -> None:
    inputs = of_type(card, "Input.Text", "Input.ChoiceSet", "Input.Toggle")
    assert len({i["id"] for i in inputs}) == len(inputs)
    for asked in inputs:
        assert asked["label"].strip()
        assert asked.get("errorMessage", "").strip() or not asked.get("isRequired")
        assert asked["type"] != "Input.Text" or "maxLength" in asked
        chosen = str(asked.get("value", "")).split(",") if asked["type"] == "Input.ChoiceSet" else []
        assert set(chosen) - {""} <= {c["value"] for c in asked.get("choices", ())}
        assert all(c["value"].strip() and c["title"].strip() for c in asked.get("choices", ()))
        assert len(asked.get("choices", ())) <= 50 or asked.get("style") == "filtered"


def test_whoever_may_not_answer_can_leave(name: str, card: Json) -> None:
    required = any(i.get("isRequired") for i in everything(card))
    for action in card.get("actions", ()):
        if required and action["title"] in {"Cancel", "Back"}:
            assert action["associatedInputs"] == "none", name


def test_it_refreshes_for_no_more_people_than_teams_takes(card: Json) -> None:
    assert len(card.get("refresh", {}).get("userIds", ())) <= 60


def test_every_text_wraps_and_nothing_but_our_bold_is_alive(card: Json) -> None:
    for block in of_type(card, "TextBlock"):
        assert block["wrap"] is True
        assert block["text"].strip()
        assert_only_bold(without_links(without_mentions(card, block["text"])))
    for facts in of_type(card, "FactSet"):
        for fact in facts["facts"]:
            assert fact["title"].strip()
            assert_only_bold(fact["value"])


def without_mentions(card: Json, text: str) -> str:
    """Take out who is mentioned: only whom the card names to Teams, each with an id."""
    for entity in card.get("msteams", {}).get("entities", ()):
        assert entity["type"] == "mention"
        assert entity["mentioned"]["id"].strip()
        assert entity["text"].startswith("<at>")
        text = text.replace(entity["text"], "", 1)
    return text


def without_links(text: str) -> str:
    """Take out our own links: runbooks, links of a change, what shows that care was done, each to the web."""
    return re.sub(r"\[(?:Runbook|Link|Evidence)(?: \d)?\]\(https?://[^\s()<>\[\]*`\\]+\)", "", text) or "a link"


def assert_only_bold(text: str) -> None:
    """Our own texts use bold and nothing else; a person's words never do."""
    alive = read(text).alive
    assert set(alive) <= {"emphasis"}
    assert len(alive) in {0, 4}
    assert len(alive) == 0 or text.count("**") >= 2


@pytest.mark.skipif(not TOOL.is_file(), reason="the team's card checker ../shared/tools is not on this machine")
def test_the_card_checker_has_nothing_to_say() -> None:
    files = sorted(str(p) for p in HERE.glob("*.json"))
    run = subprocess.run(
        [sys.executable, str(TOOL), "--warnings-are-errors", *files], capture_output=True, text=True, check=False
    )
    found, decoder, rest = [], json.JSONDecoder(), run.stdout.strip()
    while rest:
        told, end = decoder.raw_decode(rest)
        found += [] if told["ok"] else [(Path(told["file"]).name, told["errors"], told["warnings"])]
        rest = rest[end:].strip()
    assert (found, run.returncode) == ([], 0), run.stderr


def test_no_file_is_left_over() -> None:
    assert {p.stem for p in HERE.glob("*.json")} == set(GALLERY)
