"""From an outbox row to a call to Teams, and from its answer to what happens next."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.cards import kit
from bot.cards.incident import moved_card, spoken, status_card
from bot.letters.letter import Activity, Gone, Letter, Payload, Undelivered
from bot.transport import outcomes
from bot.transport.addressing import personal_conversation, thread_of
from bot.transport.connector import Connector
from domain.conversation import ConversationKind, Place, personal_lane
from usecases import status_cards
from usecases.outbox import Ambiguous, Delivered, Delivery, DueMessage, Failed, Later, MessageClass, NewMessage
from usecases.ports import Clock, Database, PostedCard, Store, Unavailable
from usecases.views import IncidentView, incident_view

_TOO_LARGE = 413
_NOT_FOUND = 404
_PRIVATE_REFUSED = (400, 403, 404)  # Teams' answers to a private message it will not take: the 1:1 chat does
_CLOSED_TO_US = (403, 404)
_NOT_THERE = "BotNotInConversationRoster"

_WORDS = {
    "BotNotInConversationRoster": "the bot is not a member of that conversation (any more)",
    "ConversationBlockedByUser": "the person has blocked the bot",
    "MessageWritesBlocked": "the person has blocked the bot",
    "BotDisabledByAdmin": "an administrator has disabled the bot",
    "NotEnoughPermissions": "the bot lacks a permission there",
    "ConversationNotFound": "that conversation does not exist any more",
    "ActivityNotFoundInConversation": "that message does not exist any more",
    "MessageSizeTooBig": "the message was too large for Teams",
}


@dataclass(frozen=True, slots=True)
class FirstAddress:
    """Where Teams is reached before anybody has spoken to the bot: its tenant ("" where unknown) and service URL."""

    tenant_id: str
    service_url: str


class Notifier:
    """Sends one message at a time. It never waits and never repeats: that is the outbox's business."""

    def __init__(
        self,
        connector: Connector,
        database: Database,
        clock: Clock,
        *,
        bot_id: str,
        letters: Iterable[Letter] = (),
        first_address: FirstAddress | None = None,
    ) -> None:
        self._connector, self._db, self._clock = connector, database, clock
        self._bot = {"id": bot_id}
        self._letters = _by_name(letters)
        self._first = first_address

    async def deliver(self, message: DueMessage) -> Delivery:
        """Make the call a message asks for."""
        try:
            return await self._call(message)
        except Unavailable as gone:  # the database is asked before Teams is: nothing has been sent
            return Later(str(gone))

    async def _call(self, message: DueMessage) -> Delivery:
        payload = message.payload
        match payload["do"]:
            case "letter":
                return await self._letter(message)
            case "draw":
                return await self._draw(int(payload["card"]))
            case "put" | "moved":
                moved = payload["do"] == "moved"
                said = kit.message(payload["ref"], moved_card(payload["ref"])) if moved else payload["activity"]
                return await self._put(payload, said)
            case "post" | "personal":
                return await (self._post(message) if payload["do"] == "post" else self._personal(message))
            case other:
                return Failed(f"this version does not know how to send “{other}”")

    # -- status cards ---------------------------------------------------------------------------------------------

    async def _draw(self, card_id: int) -> Delivery:
        found = await self._db.read(lambda store: self._read_card(store, card_id))
        if found is None:
            return Delivered()  # it has given way to a newer one meanwhile
        card, view = found
        watchers = [p.channel_user_id for p in view.people.values() if p.channel_user_id][: kit.REFRESH_LIMIT]
        activity = kit.message(spoken(view), status_card(view, refresh_for=watchers, card_id=card.id))
        outcome = await self._draw_as(card, activity)
        if _refused_with(outcome, (_TOO_LARGE,)):
            outcome = await self._draw_as(card, kit.message(spoken(view), kit.sentence_card(spoken(view))))
        if isinstance(outcome, outcomes.Sent):
            return Delivered(outcome.activity_id or None, _drawn(card, outcome.activity_id))
        if card.activity_id and _refused_with(outcome, (_NOT_FOUND,)):
            return Delivered(None, self._stand_anew(card))
        return _verdict(outcome, _closing(card.place))

    def _read_card(self, store: Store, card_id: int) -> tuple[PostedCard, IncidentView] | None:
        card = store.cards.get(card_id)
        incident = store.incidents.get(card.incident_id) if card else None
        if card is None or incident is None:
            return None
        return card, incident_view(store, incident, self._clock.now(store))

    async def _draw_as(self, card: PostedCard, activity: Mapping[str, Any]) -> outcomes.Outcome:
        if card.activity_id:
            return await self._change(card.place, card.activity_id, activity)
        return await self._post_to(card.place, activity)

    def _stand_anew(self, card: PostedCard) -> Callable[[Store], None]:
        """Post a card again whose message somebody deleted."""

        def then(store: Store) -> None:
            incident = store.incidents.get(card.incident_id)
            if incident is None or store.cards.get(card.id) is None:
                return
            store.cards.remove(card.id)
            status_cards.stand(store, incident, card.place, original=card.original)

        return then

    # -- answers and other messages -------------------------------------------------------------------------------

    async def _post(self, message: DueMessage) -> Delivery:
        payload, place = message.payload, _place(message.payload)
        body = {**payload["activity"], "from": self._bot}
        private = payload.get("to") if place.kind is not ConversationKind.PERSONAL else None
        outcome = await self._connector.post_activity(
            place.service_url, place.conversation_id, body, targeted_to=private
        )
        if private and payload.get("object_id") and _refused_with(outcome, _PRIVATE_REFUSED):
            return Delivered(None, _in_person(message, place))
        return _verdict(outcome, None if private else _closing(place))

    async def _put(self, payload: Mapping[str, Any], activity: Mapping[str, Any]) -> Delivery:
        place = _place(payload)
        outcome = await self._connector.put_activity(
            place.service_url,
            place.conversation_id,
            payload["activity_id"],
            {**activity, "from": self._bot},
            targeted=bool(payload.get("to")),
        )
        if _refused_with(outcome, (_NOT_FOUND,)):
            return Delivered()  # somebody deleted it: there is nothing left to bring up to date
        return _verdict(outcome, None)

    async def _personal(self, message: DueMessage) -> Delivery:
        """Write to somebody's 1:1 chat, and open it first where there is none."""
        place, verdict = await self._say_in_chat(message, message.payload["activity"])
        if isinstance(verdict, Delivered) and place is not None:
            return replace(verdict, then=self._met(place))
        return verdict

    async def _say_in_chat(self, message: DueMessage, activity: Mapping[str, Any]) -> tuple[Place | None, Delivery]:
        """Say it in somebody's 1:1 chat. One that is not there any more is opened anew: nothing was said there.

        Teams may name the same chat again, which is then as good as another.
        """
        object_id, refused = message.payload["object_id"], None
        known = await self._db.read(lambda store: store.conversations.personal(object_id))
        if known is not None:
            outcome = await self._post_to(known, activity)
            refused = _verdict(outcome, _closing(known))
            if not _is_gone(outcome):
                return known, refused
        opened = await self._open(message)
        if not isinstance(opened, Place):
            return known, refused if refused is not None and isinstance(opened, Failed) else opened
        return opened, _verdict(await self._post_to(opened, activity), _closing(opened))

    async def _post_to(self, place: Place, activity: Mapping[str, Any]) -> outcomes.Outcome:
        body = {**activity, "from": self._bot}
        return await self._connector.post_activity(place.service_url, place.conversation_id, body)

    def _met(self, place: Place) -> Callable[[Store], None]:
        """Remember a 1:1 chat that takes our messages; nothing is written where it is known."""
        return lambda store: store.conversations.remember(place, at=self._clock.now(store))

    async def _open(self, message: DueMessage) -> Place | Delivery:
        payload = message.payload
        address = await self._db.read(lambda store: self._address(store, message.tenant_id))
        if address is None:
            return Failed("the bot has not been spoken to in this tenant, so it does not know its address")
        body = personal_conversation(payload["object_id"], tenant_id=address.tenant_id, bot_id=self._bot["id"])
        outcome = await self._connector.create_conversation(address.service_url, body)
        if not isinstance(outcome, outcomes.Sent):
            # Opening a 1:1 chat twice gives the same chat: an unclear answer may simply be asked again.
            return Later(_reason(outcome)) if isinstance(outcome, outcomes.Ambiguous) else _verdict(outcome, None)
        return Place(
            tenant_id=address.tenant_id,
            service_url=address.service_url,
            conversation_id=outcome.conversation_id,
            kind=ConversationKind.PERSONAL,
            person_object_id=payload["object_id"],
        )

    def _address(self, store: Store, tenant_id: str) -> FirstAddress | None:
        """Tell where a tenant is reached; a message written before anybody spoke to us names none."""
        seen = store.conversations.any_of_tenant(tenant_id) if tenant_id else store.conversations.home()
        if seen is not None:
            return FirstAddress(tenant_id or seen.tenant_id, seen.service_url)
        return replace(self._first, tenant_id=tenant_id or self._first.tenant_id) if self._first else None

    # -- letters --------------------------------------------------------------------------------------------------

    async def _letter(self, message: DueMessage) -> Delivery:
        """Draw a message from what is true now, send it or bring it up to date, and tell its kind how that ended."""
        letter = self._letters.get(message.payload["letter"])
        if letter is None:
            return Failed(f"this version does not know how to write “{message.payload['letter']}”")
        activity, where = await self._db.read(lambda store: self._drawn(letter, store, message.payload))
        if activity is None:
            return Delivered(None, self._ended(letter.dropped, message))
        if "place" not in message.payload:
            place, verdict = await self._say_in_chat(message, activity)
            return self._told(letter, message, place, verdict)
        place = await self._addressed(where or _place(message.payload))
        if not isinstance(place, Place):
            return self._told(letter, message, None, place)
        standing = message.payload.get("activity_id")
        outcome = await (self._change(place, standing, activity) if standing else self._post_to(place, activity))
        if standing and _refused_with(outcome, (_NOT_FOUND,)):  # somebody deleted it: nothing is left to be changed
            return Delivered(None, self._ended(letter.vanished, message))
        return self._told(letter, message, place, _verdict(outcome, _closing(place)))

    def _drawn(self, letter: Letter, store: Store, payload: Payload) -> tuple[Activity | None, Place | None]:
        activity = letter.draw(store, payload, self._clock.now(store))
        return activity, letter.where(store, payload) if letter.where else None

    async def _addressed(self, place: Place) -> Place | Delivery:
        if place.service_url:
            return place
        address = await self._db.read(lambda store: self._address(store, place.tenant_id))
        if address is None:
            return Failed("the bot has not been spoken to in this tenant, so it does not know its address")
        return replace(place, tenant_id=address.tenant_id, service_url=address.service_url)

    async def _change(self, place: Place, activity_id: str, activity: Mapping[str, Any]) -> outcomes.Outcome:
        body = {**activity, "from": self._bot}
        return await self._connector.put_activity(place.service_url, place.conversation_id, activity_id, body)

    def _ended(
        self, tell: Callable[[Store, Payload, datetime], None] | None, message: DueMessage
    ) -> Callable[[Store], None] | None:
        """Tell a letter's kind that nothing was sent, where it wants to know."""
        if tell is None:
            return None
        return lambda store: tell(store, message.payload, self._clock.now(store))

    def _told(self, letter: Letter, message: DueMessage, place: Place | None, verdict: Delivery) -> Delivery:
        """Let what the letter's kind wants to do happen in the transaction that records the send."""
        match verdict:
            case Delivered(activity_id=activity_id) if place is not None:
                return replace(verdict, then=self._sent(letter, message, place, activity_id))
            case Failed(reason=reason, then=then):
                return replace(verdict, then=self._undelivered(letter, message, reason, then))
            case Later(reason=reason):  # run only where it is put off for too long, and given up
                return replace(verdict, then=self._undelivered(letter, message, reason, None))
            case Ambiguous(reason=reason):
                return replace(verdict, then=self._undelivered(letter, message, reason, None, unclear=True))
            case _:
                return verdict

    def _sent(
        self, letter: Letter, message: DueMessage, place: Place, activity_id: str | None
    ) -> Callable[[Store], None]:
        gone = letter.sent
        stands_as = message.payload.get("activity_id") or activity_id

        def then(store: Store) -> None:
            now = self._clock.now(store)
            if place.kind is ConversationKind.PERSONAL:
                store.conversations.remember(place, at=now)
            if gone is not None:
                gone(
                    store,
                    Gone(
                        payload=message.payload,
                        place=place,
                        activity_id=stands_as,
                        attempts=message.attempts,
                        at=now,
                    ),
                )

        return then

    def _undelivered(
        self,
        letter: Letter,
        message: DueMessage,
        reason: str,
        first: Callable[[Any], None] | None,
        *,
        unclear: bool = False,
    ) -> Callable[[Store], None]:
        def then(store: Store) -> None:
            if first is not None:
                first(store)
            if letter.failed is not None:
                now = self._clock.now(store)
                letter.failed(
                    store,
                    Undelivered(
                        payload=message.payload, reason=reason, attempts=message.attempts, at=now, unclear=unclear
                    ),
                )

        return then


def _by_name(letters: Iterable[Letter]) -> Mapping[str, Letter]:
    """Index letters. Raise ValueError when a name is taken twice."""
    found: dict[str, Letter] = {}
    for letter in letters:
        if letter.name in found:
            raise ValueError(f"the letter “{letter.name}” is registered twice")
        found[letter.name] = letter
    return found


def _refused_with(outcome: outcomes.Outcome, statuses: tuple[int, ...]) -> bool:
    return isinstance(outcome, outcomes.Refused) and outcome.status in statuses


def _is_gone(outcome: outcomes.Outcome) -> bool:
    """Whether Teams does not know a 1:1 chat (any more), or says that we are not in it."""
    return isinstance(outcome, outcomes.Refused) and (outcome.status == _NOT_FOUND or outcome.code == _NOT_THERE)


def _drawn(card: PostedCard, activity_id: str) -> Callable[[Store], None]:
    """Remember where a card stands. A post in a channel is the root of its thread from now on."""
    stands_as = card.activity_id or activity_id
    place = card.place
    if place.kind is ConversationKind.CHANNEL and not place.thread_root and stands_as:
        place = replace(place, conversation_id=thread_of(place.conversation_id, stands_as))

    def then(store: Store) -> None:
        store.cards.drawn(card.id, activity_id=stands_as, place=place, at_ms=int(time.time() * 1000))

    return then


def _in_person(message: DueMessage, place: Place) -> Callable[[Store], None]:
    """Send a private answer to the 1:1 chat of the one who asked."""
    object_id = message.payload["object_id"]

    def then(store: Store) -> None:
        store.outbox.enqueue(
            NewMessage(
                lane=personal_lane(object_id),
                tenant_id=place.tenant_id,
                dedupe_key=f"person:{message.id}",
                message_class=MessageClass.CHATTER,
                payload={"do": "personal", "object_id": object_id, "activity": message.payload["activity"]},
                incident_id=message.incident_id,
            )
        )

    return then


def _closing(place: Place) -> Callable[[outcomes.Refused], Callable[[Store], None] | None]:
    """Mark a conversation that is closed to us, until somebody writes there again."""

    def after(outcome: outcomes.Refused) -> Callable[[Store], None] | None:
        if outcome.status not in _CLOSED_TO_US:
            return None
        return lambda store: store.conversations.block(place.base_id, _reason(outcome))

    return after


def _verdict(
    outcome: outcomes.Outcome, after: Callable[[outcomes.Refused], Callable[[Store], None] | None] | None
) -> Delivery:
    """Say what an answer of Teams means for the outbox."""
    match outcome:
        case outcomes.Sent():
            return Delivered(outcome.activity_id or None)
        case outcomes.Throttled():
            return Later(
                "Teams asked to slow down", outcome.after_seconds, slow_down=True, tenant_wide=outcome.tenant_wide
            )
        case outcomes.Unreachable():
            return Later(f"Teams could not be reached: {outcome.detail}")
        case outcomes.Retryable():  # a change: making it again is harmless, however often
            return Later(_reason(outcome))
        case outcomes.Ambiguous():
            return Ambiguous(_reason(outcome))
        case outcomes.Refused():
            return Failed(_reason(outcome), after(outcome) if after else None)


def _reason(outcome: outcomes.Outcome) -> str:
    """Say in words what happened, for the people who look at the incident."""
    status = getattr(outcome, "status", 0)
    known = _WORDS.get(getattr(outcome, "code", ""))
    if known:
        return f"{known} ({status})"
    if not status:
        return "Teams did not answer"
    return f"Teams answered {status}" + (
        f" {outcome.code}" if isinstance(outcome, outcomes.Refused) and outcome.code else ""
    )


def _place(payload: Mapping[str, Any]) -> Place:
    written = payload["place"]
    return Place(**{**written, "kind": ConversationKind(written["kind"])})
