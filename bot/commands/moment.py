"""`moment`: when something really was. `key`: what matters on a timeline."""

import re
from datetime import datetime, timedelta

from bot.grammar import About, first_word, incident_and_rest, unquoted
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from bot.when import read_length, read_when
from domain.errors import Refused
from domain.moment import Moment
from usecases import moments
from usecases.wording import to_the_minute

_AGO = re.compile(r"(.+?) ago", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}:\d{2}", re.ASCII)
_WHEN = re.compile(
    r"(\d{4}-\d{2}-\d{2}[T ]\d{1,2}:\d{2}(?::\d{2})? ?(?:[Zz]|[+-]\d{2}:\d{2})?|\d{1,2}:\d{2}|[\w ]+? ago|now)(?:[\s,;:]+(.*))?",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_DIGITS = re.compile(r"#?(\d{1,7})", re.ASCII)


def run(turn: Turn, rest: str) -> Answer:
    """Set a moment, or show those that are known."""
    about = incident_and_rest(turn, "moment", rest)
    if not isinstance(about, About):
        return about
    word, left = first_word(about.rest)
    if not word:
        return _show(turn, about)
    if word.lower() not in frozenset(Moment):
        raise Refused(
            f"Say which moment you mean: {', '.join(Moment)}. For example `moment {about.incident.ref} impact 13:40`."
        )
    found = _WHEN.fullmatch(left.strip())
    if found is None:
        raise Refused(f"Say when it was, as in `moment {about.incident.ref} {word.lower()} 13:40 customers called`.")
    at = earlier(found[1], turn.actor.time_zone, turn.now)
    reason = unquoted(found[2] or "")
    said = moments.correct(
        turn.store, turn.actor, about.incident.id, Moment(word.lower()), at, reason=reason, now=turn.now
    )
    return Reply(text=said, about=about.incident.id)


def earlier(text: str, zone: str, now: datetime) -> datetime:
    """Read a moment that is over: "13:40" is the last time it was that late, "20 min ago" counts back."""
    wanted = text.strip()
    ago = _AGO.fullmatch(wanted)
    if ago is not None:
        return now - read_length(ago[1])
    if not _CLOCK.fullmatch(wanted):
        return read_when(wanted, zone, now)
    found = read_when(f"today {wanted}", zone, now)
    return found if found <= now else read_when(wanted, zone, now, after=now - timedelta(days=1))


def _show(turn: Turn, about: About) -> Reply:
    known, incident = moments.moments_of(turn.store, about.incident), about.incident
    rows = (
        ("Impact began", known.impact_at),
        ("Detected", known.detected_at),
        ("Declared", known.declared_at),
        ("Acknowledged", known.acknowledged_at),
        ("Both sides there", known.assembled_at),
        ("Cause known", known.identified_at),
        ("Impact over", known.mitigated_at),
    )
    said = "; ".join(f"{name} {to_the_minute(at, turn.zone) if at else 'unknown'}" for name, at in rows)
    return Reply(text=f"{incident.ref}: {said}.", about=incident.id)


def run_key(turn: Turn, rest: str) -> Answer:
    """Mark an entry as a key moment; with `off` it is none."""
    about = incident_and_rest(turn, "key", rest)
    if isinstance(about, OpenForm):
        return about
    word, left = first_word(about.rest)
    found = _DIGITS.fullmatch(word)
    if found is None or left.lower() not in ("", "on", "off"):
        raise Refused(f"Name the entry by its number on the timeline, as in `key {about.incident.ref} 5`.")
    said = moments.mark(turn.store, turn.actor, about.incident.id, int(found[1]), key=left.lower() != "off")
    return Reply(text=said, about=about.incident.id)


COMMAND = Command(
    word="moment",
    usage="moment [ref] [impact|detected|acknowledged|identified|mitigated <when> [reason]]",
    meaning="Say when something really was; what was noted before is kept.",
    run=run,
    example="moment INC-12 impact 13:40 customers called",
)
KEY = Command(
    word="key",
    usage="key [ref] <number> [off]",
    meaning="Mark an entry of the timeline as a key moment.",
    run=run_key,
    example="key INC-12 5",
)
