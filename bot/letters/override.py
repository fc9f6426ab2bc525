"""What people are told whose time on call an override changes, and that one was taken back."""

from datetime import datetime

from bot.cards import kit
from bot.cards.override import override_card, spoken
from bot.letters.letter import Activity, Letter, Payload, Undelivered
from domain.oncall import Override
from domain.people import Person
from domain.zones import parse_moment
from usecases import letters, overrides
from usecases.ports import Store
from usecases.wording import between


def draw(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Draw the card for its reader; nothing once it was taken back, or does not concern them any more."""
    reader = _person(store, int(payload["reader"]))
    shown = overrides.view(store, int(payload["override"]), now)
    if reader is None or shown is None or reader.id not in shown.concerned:
        return None
    return kit.message(spoken(shown, reader), override_card(shown, reader))


def _failed(store: Store, undelivered: Undelivered) -> None:
    """Tell whoever made it that somebody concerned does not know."""
    payload = undelivered.payload
    shown = overrides.view(store, int(payload["override"]), undelivered.at)
    reader = _person(store, int(payload["reader"]))
    if shown is None or shown.maker is None or reader is None:
        return
    text = (
        f"I could not tell {reader.name} about the override on {shown.made.schedule}: {undelivered.reason}. "
        "Please tell them yourself."
    )
    letters.say_to_person(store, shown.maker, text, key=f"override:{shown.made.id}:untold:{reader.id}")


def draw_undone(store: Store, payload: Payload, now: datetime) -> Activity | None:
    """Say that it was taken back, from what the letter carries: the override itself is gone."""
    del now
    reader, by = _person(store, int(payload["reader"])), _person(store, int(payload["by"]))
    person = _person(store, int(payload["whom"]))
    if reader is None or by is None or person is None:
        return None
    gone = Override.from_json(payload["override"])
    when = between(gone.starts_at, gone.ends_at, reader.time_zone)
    verb = "took back" if by.id == payload["maker"] else "declined"
    others = "the override" if person.id == by.id else f"the override for {person.name}"
    whose = "your override" if person.id == reader.id else others
    said = f"{by.name} {verb} {whose} on {payload['schedule']}, {when}. The schedule holds again."
    spans = [(parse_moment(begins, "UTC"), parse_moment(ends, "UTC")) for begins, ends in payload["again"]]
    if spans:
        again = "; ".join(between(*span, reader.time_zone) for span in spans[:5])
        said += f" You are on call again: {again}."
    return kit.message(said)


def _person(store: Store, person_id: int) -> Person | None:
    return store.people.many([person_id]).get(person_id)


LETTERS = (
    Letter(name=overrides.LETTER, draw=draw, failed=_failed),
    Letter(name=overrides.UNDONE, draw=draw_undone),
)
