"""How an answer leaves: as an outbox row of the turn's transaction, or as the body of an invoke."""

from collections.abc import Mapping
from typing import Any

from bot.cards import carried, kit
from bot.cards.help import welcome_card
from bot.transport.inbound import InvokeAnswer
from bot.turn import Command, Reply, Turn
from domain.conversation import ConversationKind, Place
from usecases import status_cards
from usecases.letters import place_json
from usecases.outbox import MessageClass, NewMessage
from usecases.ports import Store

_CARD_ANSWER = "application/vnd.microsoft.card.adaptive"
_SENTENCE_ANSWER = "application/vnd.microsoft.activity.message"
_ERROR_ANSWER = "application/vnd.microsoft.error"


def invoke(reply: Reply) -> InvokeAnswer:
    """Answer a press with a card; a sentence becomes one, so that it stands where the button was."""
    drawn = reply.card or kit.sentence_card(reply.text)
    return InvokeAnswer(200, {"statusCode": 200, "type": _CARD_ANSWER, "value": drawn})


def invoke_sentence(text: str) -> InvokeAnswer:
    """Answer a press with a sentence that leaves the card as it is."""
    return InvokeAnswer(200, {"statusCode": 200, "type": _SENTENCE_ANSWER, "value": kit.unmarked(text)})


def invoke_error(code: str, text: str) -> InvokeAnswer:
    """Answer an invoke that makes no sense."""
    return InvokeAnswer(200, {"statusCode": 400, "type": _ERROR_ANSWER, "value": {"code": code, "message": text}})


def post(turn: Turn, sender: str, reply: Reply) -> None:
    """Write a reply: where it was asked, and privately if asked privately."""
    activity = kit.message(reply.text, reply.card)
    to = sender if turn.private else None
    _enqueue(
        turn.store, turn.place, f"reply:{turn.key}", activity, to=to, about=reply.about, reader=turn.actor.object_id
    )


def say(store: Store, place: Place, key: str, sentence: str, *, to: str | None, reader: str | None) -> None:
    """Write a sentence as the answer to an activity."""
    _enqueue(store, place, f"reply:{key}", kit.message(sentence), to=to, reader=reader)


def greet(turn: Turn, sender: str) -> None:
    """Tell somebody we did not know what we noted, once, and only them where Teams can do that."""
    in_chat = turn.place.kind == "personal"
    sentence = (
        f"You are new to me, {turn.actor.name}: I noted you with the time zone {turn.actor.time_zone}. "
        "Which team are you in? Ask an admin to add you to the organisation file, so that you can be found and paged."
    )
    to = None if in_chat else sender
    _enqueue(turn.store, turn.place, f"greet:{turn.key}", kit.message(sentence), to=to, reader=turn.actor.object_id)


def welcome(store: Store, place: Place, key: str, *, installer: str, bot: str, commands: Mapping[str, Command]) -> None:
    """Say hello once per installation, with the first thing to type: in a channel only a mention reaches us."""
    said = f"{installer} added me here." if installer else "I was added here."
    example = "declare Checkout is down sev1"
    if place.kind is not ConversationKind.PERSONAL:
        example = f"@{bot or 'Incident'} {example}"
    card = welcome_card(said, example, commands.values())
    _enqueue(store, place, f"welcome:{key}", kit.message(f"{said} To begin, write {example}", card))


def close_form(turn: Turn, sender: str, reply: Reply) -> None:
    """Replace a form that is a message of its own for everybody: nobody fills it in again."""
    if turn.message_id is None:
        return
    payload = {
        "do": "put",
        "place": place_json(turn.place),
        "activity_id": turn.message_id,
        "activity": kit.message(reply.text, reply.card or kit.sentence_card(reply.text)),
        "to": sender if turn.private else None,
    }
    turn.store.outbox.enqueue(
        NewMessage(
            lane=turn.place.lane,
            tenant_id=turn.place.tenant_id,
            dedupe_key=f"close:{turn.key}",
            message_class=MessageClass.CARD,
            payload=payload,
            incident_id=reply.about,
        )
    )


def settle_card(turn: Turn, data: Mapping[str, Any]) -> None:
    """Let a status card follow that was posted twice because an answer of Teams was lost: its press shows where it is."""
    card_id, incident_id = carried.number(data, "card"), data.get("incident")
    if turn.message_id is None or card_id is None:
        return
    card = turn.store.cards.get(card_id)
    if card and card.incident_id == incident_id and card.place.base_id == turn.place.base_id:
        status_cards.adopt(turn.store, card, turn.place, turn.message_id)


def _enqueue(
    store: Store,
    place: Place,
    key: str,
    activity: Mapping[str, Any],
    *,
    to: str | None = None,
    about: int | None = None,
    reader: str | None = None,
) -> None:
    payload = {"do": "post", "place": place_json(place), "activity": activity, "to": to, "object_id": reader}
    store.outbox.enqueue(
        NewMessage(
            lane=place.lane,
            tenant_id=place.tenant_id,
            dedupe_key=key,
            message_class=MessageClass.CHATTER,
            payload=payload,
            incident_id=about,
        )
    )
