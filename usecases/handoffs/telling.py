"""What both people and the lead are told about a handoff."""

import logging
from collections.abc import Callable

from domain.handoff import Handoff
from domain.oncall import Schedule
from domain.people import Person
from usecases import letters
from usecases.handoffs import words
from usecases.outbox import MessageClass
from usecases.ports import Store

CARD, REMINDER = "handoff", "handoff_reminder"
"""Letters: the card for each of the two, and the reminder that it waits."""

log = logging.getLogger(__name__)

Sentence = Callable[[Person | None], str]
"""Writes a sentence for a reader; None: for several."""


def ask(store: Store, handoff: Handoff) -> None:
    """Send both people their card."""
    for person in people_of(store, handoff):
        key = f"handoff:{handoff.id}:{handoff.version}:card:{person.id}"
        reached = letters.to_person(
            store,
            person,
            CARD,
            key=key,
            message_class=MessageClass.PAGE,
            handoff=handoff.id,
            reader=person.id,
            version=handoff.version,
        )
        if not reached:
            log.warning("%s has no Teams account and gets no handoff card of %s", person.handle, handoff.schedule)


def remind(store: Store, handoff: Handoff, key: str) -> None:
    """Remind the incoming person; it is not sent when they answer first."""
    incoming = people_of(store, handoff)[1]
    letters.to_person(
        store, incoming, REMINDER, key=key, message_class=MessageClass.PAGE, handoff=handoff.id, reader=incoming.id
    )


def redraw(store: Store, handoff: Handoff, *, because: str = "") -> None:
    """Bring both cards up to date where they stand; `because` of something that is no change of the handoff itself."""
    cards = store.handoffs.cards(handoff.id)
    for person in people_of(store, handoff):
        place = store.conversations.personal(person.object_id) if person.id in cards and person.object_id else None
        if place is not None:
            letters.draw_again(
                store,
                place,
                cards[person.id],
                CARD,
                key=f"handoff:{handoff.id}:{person.id}:v{handoff.version}{because}",
                coalesce=f"handoff:{handoff.id}:{person.id}",
                version=handoff.version,
                handoff=handoff.id,
                reader=person.id,
            )


def stands(store: Store, handoff_id: int, person_id: int, activity_id: str, *, drawn: int) -> None:
    """Remember where a card stands, and draw it again where the handoff has changed since version `drawn`."""
    store.handoffs.stands(handoff_id, person_id, activity_id)
    handoff = store.handoffs.get(handoff_id)
    if handoff is not None and handoff.version > drawn:
        redraw(store, handoff)


def say_off(store: Store, handoff: Handoff) -> None:
    """Tell both people that nobody needs to answer any more."""
    outgoing, incoming = people_of(store, handoff)
    for person in (outgoing, incoming):
        say(store, person, words.off(handoff, outgoing, incoming, person), key=_key(handoff, f"off:{person.id}"))


def say(store: Store, person: Person, text: str, *, key: str) -> bool:
    """Say one sentence that must arrive; a doubled one is better than none."""
    return letters.to_person(store, person, letters.SENTENCE, key=key, message_class=MessageClass.PAGE, text=text)


def say_lead(store: Store, schedule: Schedule | None, handoff: Handoff, what: str, sentence: Sentence) -> None:
    """Tell the team's lead; where that is one of the two, or cannot be reached, the channel, else the other members."""
    team = store.catalog.team(schedule.team) if schedule else None
    if team is None:
        log.warning("nobody to tell about handoff %s of %s: %s", handoff.id, handoff.schedule, sentence(None))
        return
    key = _key(handoff, what)
    lead = _other(store, handoff, team.lead)
    if lead and say(store, lead, sentence(lead), key=f"{key}:{lead.id}"):
        return
    channel = letters.channel_of_team(store, team.id)
    if channel is not None:
        text = sentence(None)
        letters.to_place(store, channel, letters.SENTENCE, key=key, message_class=MessageClass.PAGE, text=text)
        return
    others = [person for handle in team.members if (person := _other(store, handoff, handle))]
    told = [say(store, person, sentence(person), key=f"{key}:{person.id}") for person in others]
    if not any(told):
        log.warning("nobody to tell about handoff %s of %s: %s", handoff.id, handoff.schedule, sentence(None))


def people_of(store: Store, handoff: Handoff) -> tuple[Person, Person]:
    """Read the outgoing and the incoming person; both are kept for ever."""
    found = store.people.many({handoff.outgoing, handoff.incoming})
    return found[handoff.outgoing], found[handoff.incoming]


def _other(store: Store, handoff: Handoff, handle: str | None) -> Person | None:
    person = store.people.by_handle(handle) if handle else None
    if person is None or not person.active or person.id in (handoff.outgoing, handoff.incoming):
        return None
    return person


def _key(handoff: Handoff, what: str) -> str:
    return f"handoff:{handoff.id}:{handoff.version}:{what}"
