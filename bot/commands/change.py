"""`change`: record what changes on a service, or list what did."""

import re
from datetime import datetime

from bot.cards.changes import list_answer
from bot.grammar import services_in, unquoted
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from bot.when import left_out, read_when
from domain.change import Risk, checked_risk
from domain.errors import Refused, Unknown
from domain.incident import TITLE_LIMIT
from usecases.changes.recording import Draft, record

_RISK = re.compile(r"(?:^|(?<=\s))risk:(\S*)", re.IGNORECASE)
_AT = re.compile(r"(?:^|(?<=\s))at\s+(?=\S)", re.IGNORECASE)
_TIME = re.compile(r"[+\d]|(?:in\s+\d|now|today|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b", re.IGNORECASE)


def run(turn: Turn, rest: str) -> Answer:
    """Record a change or list them; what is missing or cannot be read opens the form, filled in with the rest."""
    services, left = services_in(rest)
    if left.lower() == "list":
        return _list(turn, services)
    problems: list[str] = []
    risk = _risk(_RISK.findall(left), problems)
    title, when = _parted(turn, " ".join(_RISK.sub(" ", left).split()))
    at = _moment(turn, when, problems)
    service = _service(turn, services, problems)
    if problems or not title or not service or risk is None or len(title) > TITLE_LIMIT:
        values = {
            "title": title,
            "service": service,
            "risk": str(risk) if risk else None,
            "at": at.isoformat() if at else None if when else "",
        }
        return OpenForm(name="change", values=values, problem=" ".join(problems) or _too_long(title))
    try:
        change = record(
            turn.store, turn.actor, Draft(title=title, service=service, risk=risk, at=at), turn.aside, turn.now
        )
    except Refused as refused:
        values = {"title": title, "service": service, "risk": str(risk), "at": at.isoformat() if at else ""}
        return OpenForm(name="change", values=values, problem=str(refused))
    if turn.aside == turn.place:
        return Reply(text="", silent=True)
    return Reply(text=f"{change.name} is recorded; its card is in your chat with me.")


def _list(turn: Turn, services: tuple[str, ...]) -> Reply:
    service = turn.store.catalog.service(services[0]) if services else None
    if services and service is None:
        raise Unknown(f"There is no service “{services[0]}” in the catalogue.")
    return list_answer(turn, service.id if service else None)


def _risk(typed: list[str], problems: list[str]) -> Risk | None:
    """Read the risk; low where none is given."""
    if not typed:
        return Risk.LOW
    try:
        return checked_risk(unquoted(typed[-1].strip(",;")))
    except Refused as refused:
        problems.append(str(refused))
        return None


def _service(turn: Turn, typed: tuple[str, ...], problems: list[str]) -> str | None:
    """Find the service; empty where none is given, None where it is not clear."""
    if len(typed) > 1:
        problems.append("A change belongs to one service: choose it, and record another change for the other one.")
        return None
    wanted = next(iter(typed), "")
    if not wanted:
        return ""
    found = turn.store.catalog.service(wanted)
    if found is None:
        problems.append(f"There is no service “{wanted[:80]}” in the catalogue: choose one.")
        return None
    return found.id


def _parted(turn: Turn, text: str) -> tuple[str, str]:
    """Part a title from its time: the first "at" before something that can be read as one, else that looks like it."""
    places = [(text[: found.start()], text[found.end() :]) for found in _AT.finditer(text)]
    timely = [(title, when) for title, when in places if _TIME.match(when)]
    for title, when in timely:
        try:
            read_when(when, turn.actor.time_zone, turn.now)
        except Refused:
            continue
        return unquoted(title), when
    return (unquoted(timely[-1][0]), timely[-1][1]) if timely else (unquoted(text), "")


def _moment(turn: Turn, when: str, problems: list[str]) -> datetime | None:
    if not when:
        return None
    try:
        at = read_when(when, turn.actor.time_zone, turn.now)
    except Refused as refused:
        problems.append(str(refused))
        return None
    if moved := left_out(when, at, turn.actor.time_zone):
        problems.append(moved)
    return at


def _too_long(title: str) -> str | None:
    if len(title) <= TITLE_LIMIT:
        return None
    return (
        f"That title has {len(title)} characters; {TITLE_LIMIT} is the most. I cut it; your message still stands above."
    )


COMMAND = Command(
    word="change",
    usage="change <title> service:<id> [risk:low|medium|high] [at <when>] · change list [service:<id>]",
    meaning="Record a change of a service, or list them; a missing part opens the form.",
    run=run,
    example="change Upgrade the database service:checkout risk:high at 2026-12-05 22:00",
    aliases=("changes",),
)
