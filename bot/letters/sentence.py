"""One sentence, to a person or to a place, with a mention of somebody in front of it."""

from datetime import datetime

from bot.cards import kit
from bot.letters.letter import Activity, Letter, Payload
from usecases.letters import SENTENCE
from usecases.ports import Store


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Make the message; a person without a Teams id is named without being mentioned."""
    del now
    text, whom = str(payload["text"]), payload.get("mention")
    person = store.people.many([int(whom)]).get(int(whom)) if whom is not None else None
    if person is None:
        return kit.message(text)
    return kit.mentioning(person, text)


LETTER = Letter(name=SENTENCE, draw=draw)
