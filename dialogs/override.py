"""The form behind `override` and the button "Override"."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.cards import kit
from bot.cards.oncall import answer
from bot.cards.override import override_card, spoken
from bot.turn import Answer, Card, Form, Reply, Turn, Verb
from bot.when import left_out
from dialogs.parts import LISTED, form, person_choice, person_chosen, person_in, searchable, words
from domain.errors import Refused
from domain.people import Person
from domain.zones import parse_moment
from usecases import overrides, people
from usecases.spans import Span

_NONCE_LIMIT = 200  # characters; ours are far shorter, a forged one must still fit its column


def draw(turn: Turn, values: Mapping[str, Any], problem: str | None) -> Card:
    """Ask for a schedule, a person and two moments; what was typed is filled in."""
    zone = _zone(turn, values)
    inputs = [
        _schedule_choice(turn, values),
        {**person_choice(turn, _person(turn, values)), "isRequired": True, "errorMessage": "Choose a person."},
        kit.block(f"Times are in {kit.plain(zone)}.", size="Small", isSubtle=True),
        _moment("starts", "From", values, zone, None if _stays_empty(values, "starts") else turn.now),
        _moment("ends", "To", values, zone, None),
    ]
    nonce = words(values, "nonce") or hashlib.sha256(turn.key.encode()).hexdigest()
    return form(
        turn,
        "Put somebody on call",
        inputs,
        submit=("Override", "override.submit"),
        values=values,
        problem=problem,
        keep={"nonce": nonce[:_NONCE_LIMIT], "zone": zone, "words": words(values, "words")[:_NONCE_LIMIT]},
        back="oncall.view",
    )


def submit(turn: Turn, data: Mapping[str, Any]) -> Answer:
    """Make the override. Sent again it shows what it has made."""
    first = turn.once(f"form:{words(data, 'nonce')[:_NONCE_LIMIT] or turn.key}")
    zone = _zone(turn, data)
    if not words(data, "schedule"):
        raise Refused("Choose a schedule.")
    person = person_chosen(turn, data)
    made = overrides.make(
        turn.store,
        turn.actor,
        words(data, "schedule"),
        person,
        when=_times(data, zone),
        now=turn.now,
        again=not first,
    )
    said = spoken(made, turn.actor)
    if data.get("embedded") is True:
        return answer(turn, words(data, "words"), said=said)
    return Reply(text=said, card=override_card(made, turn.actor), closes=True)


def _schedule_choice(turn: Turn, values: Mapping[str, Any]) -> Card:
    """Ask for a schedule; the only one there is stands in for none."""
    wanted = words(values, "schedule").casefold()
    known = [schedule.id for schedule in turn.store.schedules.all()]
    chosen = [name for name in known if name.casefold() == wanted]
    if len(known) == 1 and not _stays_empty(values, "schedule"):
        chosen = known
    choices = [(name, name) for name in known if len(known) <= LISTED or name in chosen]
    made = searchable("schedule", "Schedule", choices, chosen, total=len(known), dataset="schedules")
    return {**made, "isRequired": True, "errorMessage": "Choose a schedule."}


def _stays_empty(values: Mapping[str, Any], name: str) -> bool:
    """Tell whether nothing else takes the place of a missing part.

    It was typed and not understood (None), or the form was filled in before.
    """
    return "nonce" in values or (name in values and values[name] is None)


def _moment(name: str, title: str, values: Mapping[str, Any], zone: str, otherwise: datetime | None) -> Card:
    """Ask for a day and a time, with the pickers of the reader's device."""
    day, clock = words(values, f"{name}_day"), words(values, f"{name}_time")
    given = _given(values, name) or (None if day or clock else otherwise)
    if given is not None:
        local = given.astimezone(ZoneInfo(zone))
        day, clock = f"{local:%Y-%m-%d}", f"{local:%H:%M}"
    shared = {"isRequired": True, "errorMessage": f"Choose a day and a time for “{title}”."}
    return kit.columns(
        [{"type": "Input.Date", "id": f"{name}_day", "label": f"{title}, day", **_filled(day[:10]), **shared}],
        [{"type": "Input.Time", "id": f"{name}_time", "label": f"{title}, time", **_filled(clock[:5]), **shared}],
    )


def _filled(value: str) -> dict[str, str]:
    return {"value": value} if value else {}


def _given(values: Mapping[str, Any], name: str) -> datetime | None:
    written = words(values, name)
    try:
        moment = datetime.fromisoformat(written) if written else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _times(data: Mapping[str, Any], zone: str) -> Span:
    """Read both moments. Raise Refused where one that the clocks leave out puts them out of order."""
    starts_at, ends_at = _read(data, "starts", zone, "From"), _read(data, "ends", zone, "To")
    moved = left_out(words(data, "starts_time"), starts_at, zone)
    if ends_at <= starts_at and moved:
        raise Refused(f"An override ends after it begins. {moved}")
    return starts_at, ends_at


def _read(data: Mapping[str, Any], name: str, zone: str, title: str) -> datetime:
    day, clock = words(data, f"{name}_day").strip(), words(data, f"{name}_time").strip()
    if not day or not clock:
        raise Refused(f"Choose a day and a time for “{title}”.")
    try:
        return parse_moment(f"{day} {clock}", zone)
    except (ValueError, OverflowError):
        raise Refused(f"“{day[:20]} {clock[:20]}” is no day and time. Choose them for “{title}”.") from None


def _zone(turn: Turn, values: Mapping[str, Any]) -> str:
    """Tell in which zone the form is written: the one it was drawn in, whoever sends it."""
    return people.known_zone(words(values, "zone")) or people.known_zone(turn.actor.time_zone) or "UTC"


def _person(turn: Turn, values: Mapping[str, Any]) -> Person | None:
    """Choose who stands in the form: as typed; where nobody was, the asker."""
    if not words(values, "person"):
        return None if _stays_empty(values, "person") else turn.actor
    return person_in(turn, values, otherwise=turn.actor)


FORM = Form(name="override", title="Put somebody on call", draw=draw, verbs=(Verb(name="override.submit", run=submit),))
