"""Messages the bot begins itself. Each names what it is about; it is drawn when it is sent, from what is true then."""

from collections.abc import Mapping
from typing import Any

from domain.conversation import ConversationKind, Place, personal_lane
from domain.people import Person
from usecases.outbox import MessageClass, NewMessage
from usecases.ports import Store

SENTENCE = "sentence"
"""The letter that says one sentence: `text`, and `mention`, the id of a person who is named in front of it."""


def place_json(place: Place) -> dict[str, str | None]:
    """Write a place into an outbox payload."""
    return {
        "tenant_id": place.tenant_id,
        "service_url": place.service_url,
        "conversation_id": place.conversation_id,
        "kind": str(place.kind),
        "team_id": place.team_id,
        "person_object_id": place.person_object_id,
    }


def to_person(
    store: Store,
    person: Person,
    letter: str,
    *,
    key: str,
    message_class: MessageClass,
    incident_id: int | None = None,
    coalesce: str | None = None,
    newness: int = 0,
    **fields: Any,
) -> bool:
    """Write to somebody's 1:1 chat, which is opened first where there is none. False: they have no Teams account.

    Of several waiting ones with the same `coalesce` the one with the highest `newness` is sent.
    """
    if person.object_id is None:
        return False
    home = store.conversations.home()
    store.outbox.enqueue(
        NewMessage(
            lane=personal_lane(person.object_id),
            tenant_id=person.tenant_id or (home.tenant_id if home else ""),
            dedupe_key=key,
            message_class=message_class,
            payload={"do": "letter", "letter": letter, "object_id": person.object_id, **fields},
            incident_id=incident_id,
            coalesce_key=coalesce,
            version=newness,
        )
    )
    return True


def to_place(
    store: Store,
    place: Place,
    letter: str,
    *,
    key: str,
    message_class: MessageClass,
    incident_id: int | None = None,
    **fields: Any,
) -> None:
    """Write where people talk: in a thread where the place names one."""
    store.outbox.enqueue(
        NewMessage(
            lane=place.lane,
            tenant_id=place.tenant_id,
            dedupe_key=key,
            message_class=message_class,
            payload={"do": "letter", "letter": letter, "place": place_json(place), **fields},
            incident_id=incident_id,
        )
    )


def draw_again(
    store: Store, place: Place, activity_id: str, letter: str, *, key: str, coalesce: str, version: int, **fields: Any
) -> None:
    """Bring a message up to date where it stands; of several waiting ones with the same `coalesce` one is sent."""
    store.outbox.enqueue(
        NewMessage(
            lane=place.lane,
            tenant_id=place.tenant_id,
            dedupe_key=key,
            message_class=MessageClass.CARD,
            payload={
                "do": "letter",
                "letter": letter,
                "place": place_json(place),
                "activity_id": activity_id,
                **fields,
            },
            coalesce_key=coalesce,
            version=version,
        )
    )


def draw_again_in_chat(
    store: Store,
    reader: int,
    activity_id: str,
    letter: str,
    *,
    subject: str,
    version: int,
    because: str = "",
    **fields: Any,
) -> None:
    """Bring somebody's own card up to date in their 1:1 chat; `reader` is a person's id and goes with the letter.

    `subject` names what the card is about, `because` a change that is none of its `version`.
    """
    person = store.people.many([reader])[reader]
    place = store.conversations.personal(person.object_id) if person.object_id else None
    if place is not None:
        where = f"{subject}:{reader}:{activity_id}"
        key = f"{where}:v{version}{because}"
        draw_again(store, place, activity_id, letter, key=key, coalesce=where, version=version, reader=reader, **fields)


def show_in_chat(
    store: Store, person: Person, letter: str, *, subject: str, version: int, why: str, **fields: Any
) -> None:
    """Send somebody the card of something, once for each reason; an earlier one that still waits is not sent any more.

    `subject` names what the card is about, such as "action:3"; `version` goes with the letter.
    """
    to_person(
        store,
        person,
        letter,
        key=f"{subject}:{why}:{person.id}",
        # Buttons are safe to press twice, so a doubled card does no harm; a lost one does.
        message_class=MessageClass.CARD,
        coalesce=f"{subject}:card:{person.id}",
        newness=version,
        reader=person.id,
        version=version,
        **fields,
    )


def say_to_person(store: Store, person: Person, text: str, *, key: str, incident_id: int | None = None) -> bool:
    """Say one sentence to somebody in their 1:1 chat, at most once. `text` is plain: it is escaped when it is drawn."""
    return to_person(
        store, person, SENTENCE, key=key, message_class=MessageClass.CHATTER, incident_id=incident_id, text=text
    )


def say_in_place(
    store: Store, place: Place, text: str, *, key: str, mention: Person | None = None, incident_id: int | None = None
) -> None:
    """Say one sentence where people talk, at most once, with a mention of somebody in front of it."""
    fields: Mapping[str, Any] = {"text": text, "mention": mention.id if mention else None}
    to_place(store, place, SENTENCE, key=key, message_class=MessageClass.CHATTER, incident_id=incident_id, **fields)


def channel_of_team(store: Store, team_id: str) -> Place | None:
    """Tell where a team's channel is; None where it has none, or nothing is known of Teams yet."""
    team = store.catalog.team(team_id)
    return None if team is None or team.channel is None else channel_at(store, team.channel)


def channel_at(store: Store, conversation_id: str) -> Place:
    """Tell where a conversation is; one that has never spoken to us is a channel of the tenant we know."""
    known = store.conversations.find(conversation_id)
    if known is not None:
        return known
    home = store.conversations.home()
    return Place(
        tenant_id=home.tenant_id if home else "",
        service_url=home.service_url if home else "",
        conversation_id=conversation_id,
        kind=ConversationKind.CHANNEL,
    )
