"""How the answer of an invoke looks: in the place of the card that was pressed, or in a dialog."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot import answers
from bot.cards import kit
from bot.transport.inbound import InvokeAnswer
from bot.turn import Card, Reply

_TITLE_LIMIT = 64  # characters of a dialog's title (Microsoft's manifest reference, taskInfo)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to answer one kind of invoke."""

    card: Callable[[Reply], InvokeAnswer]
    """With what a handler gave."""
    sentence: Callable[[str], InvokeAnswer]
    """With a sentence that changes nothing."""
    refused: Callable[[Reply, str], InvokeAnswer]
    """With why nothing was done, and the card that was pressed as it is now."""
    strange: Callable[[str], InvokeAnswer]
    """With a sentence about what makes no sense at all."""


def _refused_in_place(reply: Reply, sentence: str) -> InvokeAnswer:
    if reply.card:
        reply.card["body"].insert(0, kit.notice(sentence))
    return answers.invoke(reply)


def _refused_in_dialog(_: Reply, sentence: str) -> InvokeAnswer:
    return _said(sentence)


def _opened(reply: Reply) -> InvokeAnswer:
    drawn = reply.card or kit.sentence_card(reply.text)
    value = {
        "title": kit.shortened(kit.unmarked(str(drawn["speak"])), _TITLE_LIMIT),
        "width": "medium",
        "height": "large",
        "card": {"contentType": kit.MIME, "content": in_dialog(drawn)},
    }
    return InvokeAnswer(200, {"task": {"type": "continue", "value": value}})


def _sent(reply: Reply) -> InvokeAnswer:
    """Go on with the next form, or close the dialog: the card behind it is brought up to date by itself."""
    return _opened(reply) if reply.asks else InvokeAnswer(200)


def _said(sentence: str) -> InvokeAnswer:
    return InvokeAnswer(200, {"task": {"type": "message", "value": kit.unmarked(sentence)}})


def _strange_in_place(sentence: str) -> InvokeAnswer:
    return answers.invoke_error("BadRequest", sentence)


def in_dialog(card: Mapping[str, Any]) -> Card:
    """Give a card whose buttons a dialog understands: there only Action.Submit comes back to us."""
    return _changed(dict(card))


def _changed(node: Any) -> Any:
    if isinstance(node, list):
        return [_changed(item) for item in node]  # type: ignore[reportUnknownVariableType]
    if not isinstance(node, dict):
        return node
    made: dict[str, Any] = {key: _changed(value) for key, value in node.items()}  # type: ignore[reportUnknownVariableType]
    if made.get("type") == "Action.Execute":
        made["data"] = {**made.get("data", {}), "verb": made.pop("verb")}
        made["type"] = "Action.Submit"
    return made


WAYS: Mapping[str, Way] = {
    "adaptiveCard/action": Way(
        card=answers.invoke, sentence=answers.invoke_sentence, refused=_refused_in_place, strange=_strange_in_place
    ),
    "task/fetch": Way(card=_opened, sentence=_said, refused=_refused_in_dialog, strange=_said),
    "task/submit": Way(card=_sent, sentence=_said, refused=_refused_in_dialog, strange=_said),
}
"""By the name of the invoke."""
