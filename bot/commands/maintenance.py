"""`maintenance`: planned work on services, from its plan to its sign-off."""

import re
from collections.abc import Callable, Mapping

from bot.cards.maintenance import answered, list_card, list_spoken, shown
from bot.grammar import first_word, services_in
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from bot.window import Window, read_window, typed_window
from domain.errors import Refused, Unknown
from domain.maintenance import Maintenance, Plan, may_finish
from usecases import maintenance
from usecases.maintenance.found import services_named, to_change

_ID = re.compile(r"(?:maintenance(?:\s+|-)|m-?|#)?0*([1-9]\d{0,8})(?=[\s:,]|$)[:,]?\s*", re.IGNORECASE | re.ASCII)
_EVERY = re.compile(r"\s+every\s+(?:(\d{1,4})\s+)?(days?|weeks?|months?)\s*$", re.IGNORECASE | re.ASCII)
_RULE = re.compile(r"\s+(?:every\s+|rrule:)(\S*FREQ=\S+)\s*$", re.IGNORECASE)
_ALL = re.compile(r"(?:^|\s+)all$", re.IGNORECASE)
_SHOWN = 60


def run(turn: Turn, rest: str) -> Answer:
    """Do what the first word says; a number alone shows that window, nothing shows the list."""
    word, left = first_word(rest)
    found = _WORDS.get(word.lower())
    if found is not None:
        return found(turn, left)
    if not rest.strip():
        return _list(turn, "")
    if _ID.fullmatch(rest.strip()):
        return _show(turn, rest)
    known = ", ".join(f"`maintenance {name}`" for name in _WORDS)
    raise Unknown(f"I do not know “maintenance {word[:_SHOWN]}”. Write one of {known}.")


# -- planning ----------------------------------------------------------------------------------------------------------


def _schedule(turn: Turn, rest: str) -> Answer:
    """Plan a window; what is missing or cannot be read opens the form, filled in with the rest."""
    line, every, rule = _repeated(rest)
    named, line = services_in(line)
    typed = typed_window(line)
    times = read_window(turn, typed)
    problems = [*times.problems]
    try:
        services = [service.id for service in services_named(turn.store, named)]
    except Unknown as unknown:
        services = [name for name in named if turn.store.catalog.service(name)]
        problems.append(str(unknown))
    values: Mapping[str, object] = {
        "title": typed.before,
        "services": services,
        "starts": times.starts_at.isoformat() if times.starts_at else None if typed.starts else "",
        "ends": times.ends_at.isoformat() if times.ends_at else "",
        "count": every[0] if every else "",
        "unit": every[1] if every else "rule" if rule else "",
        "rule": rule,
    }
    missing = problems or not (typed.before and services and times.starts_at and times.ends_at)
    try:
        if not missing and times.starts_at and times.ends_at:
            plan = Plan(
                title=typed.before,
                services=tuple(services),
                starts_at=times.starts_at,
                ends_at=times.ends_at,
                zone=turn.actor.time_zone,
                owner=turn.actor.id,
                recurrence=maintenance.recurrence_of(times.starts_at, turn.actor.time_zone, every=every, rule=rule),
            )
            return answered(turn, maintenance.schedule(turn.store, turn.actor, plan, turn.now))
    except Refused as refused:
        problems.append(str(refused))
    said = [*problems, *filter(None, [times.left_out])]
    return OpenForm(name="maintenance-schedule", values=values, problem=" ".join(said) or None)


def _repeated(rest: str) -> tuple[str, tuple[int, str] | None, str]:
    """Take "every 2 weeks", or a rule, off the end of a line."""
    if found := _EVERY.search(rest):
        return rest[: found.start()], (int(found[1] or 1), found[2].lower()), ""
    if found := _RULE.search(rest):
        return rest[: found.start()], None, found[1]
    return rest, None, ""


def _move(turn: Turn, rest: str) -> Answer:
    number, left = _number(rest, "move 7 from 2026-12-05 22:00 to 2026-12-06 02:00")
    window = maintenance.to_offer(turn.store, turn.actor, number)
    typed = typed_window(left)
    times = read_window(turn, typed)
    unread = [f"“{typed.before[:_SHOWN]}” does not say from when to when."] if typed.before else []
    problems = [*unread, *times.problems]
    starts_at = times.starts_at or (window.starts_at if window.is_running and not typed.starts else None)
    if starts_at and times.ends_at and not problems:
        try:
            changed = maintenance.move(turn.store, turn.actor, number, (starts_at, times.ends_at), turn.now)
            return answered(turn, changed)
        except Refused as refused:
            problems.append(str(refused))
    return _move_form(window, times, problems)


def _move_form(window: Maintenance, times: Window, problems: list[str]) -> OpenForm:
    values = {
        "maintenance": window.id,
        "began": window.starts_at.isoformat(),
        "starts": times.starts_at.isoformat() if times.starts_at else "",
        "ends": times.ends_at.isoformat() if times.ends_at else "",
    }
    said = [*problems, *filter(None, [times.left_out])]
    return OpenForm(name="maintenance-move", values=values, problem=" ".join(said) or None)


# -- ending ------------------------------------------------------------------------------------------------------------


def _cancel(turn: Turn, rest: str) -> Answer:
    number, reason = _number(rest, "cancel 7 no longer needed")
    window = to_change(turn.store, turn.actor, number)
    everything = window.recurrence is not None and bool(_ALL.search(reason))
    reason = _ALL.sub("", reason).strip() if everything else reason
    changed = maintenance.cancel(turn.store, turn.actor, number, reason, turn.now, everything=everything)
    return answered(turn, changed)


def _skip(turn: Turn, rest: str) -> Answer:
    number, reason = _number(rest, "skip 7 release freeze")
    return answered(turn, maintenance.skip(turn.store, turn.actor, number, reason, turn.now))


def _done(turn: Turn, rest: str) -> Answer:
    number, evidence = _number(rest, "done 7 restored in 12 min")
    window = maintenance.to_offer(turn.store, turn.actor, number)
    if not evidence and not window.is_over:
        may_finish(window)
        values = {"maintenance": window.id, "began": window.starts_at.isoformat()}
        return OpenForm(name="maintenance-done", values=values)
    return shown(turn, maintenance.finish(turn.store, turn.actor, number, evidence, turn.now))


def _sign_off(turn: Turn, rest: str) -> Answer:
    number, _ = _number(rest, "signoff 7")
    return shown(turn, maintenance.sign_off(turn.store, turn.actor, number, turn.now))


# -- looking -----------------------------------------------------------------------------------------------------------


def _list(turn: Turn, rest: str) -> Answer:
    del rest
    found = maintenance.maintenance_list(turn.store, turn.now)
    return Reply(text=list_spoken(found), card=list_card(found, turn.zone))


def _show(turn: Turn, rest: str) -> Answer:
    number, _ = _number(rest, "show 7")
    window = maintenance.to_see(turn.store, number)
    return shown(turn, maintenance.maintenance_view(turn.store, window, turn.now))


def _number(rest: str, example: str) -> tuple[int, str]:
    """Read which window is meant: 7, #7, M-7 or maintenance 7; the rest of the line follows."""
    found = _ID.match(rest.strip())
    if found is None:
        typed = f"“{rest.strip()[:_SHOWN]}” does not name one" if rest.strip() else "Say which one"
        raise Unknown(
            f"{typed}: write its number, as in `maintenance {example}`. `maintenance list` shows the numbers."
        )
    return int(found[1]), rest.strip()[found.end() :].strip()


_WORDS: Mapping[str, Callable[[Turn, str], Answer]] = {
    "schedule": _schedule,
    "list": _list,
    "show": _show,
    "move": _move,
    "skip": _skip,
    "cancel": _cancel,
    "done": _done,
    "signoff": _sign_off,
}

COMMAND = Command(
    word="maintenance",
    usage="maintenance schedule|list|show|move|skip|cancel|done|signoff …",
    meaning="Plan work on services, once or again and again, and end it with evidence.",
    run=run,
    example="maintenance schedule Database upgrade service:checkout from 2026-12-05 22:00 to 2026-12-06 02:00",
)
