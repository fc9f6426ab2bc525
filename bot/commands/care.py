"""`care`: maintenance that comes back by itself is planned, done with evidence, and seen when it is neglected."""

import re
from collections.abc import Callable, Mapping

from bot.cards.care import drawn, shown_list
from bot.care import evidence_in, plan_of, proof_of, read_line
from bot.grammar import first_word, person_of, unquoted
from bot.turn import Answer, Command, OpenForm, Turn
from domain.errors import Refused, Unknown
from usecases.care import doing, planning
from usecases.care.doing import Result, care_to_see, shown_of
from usecases.care.views import Wanted
from usecases.oncall_names import nearest

_NUMBER = re.compile(r"(?:care[-: ]?|#)?0*([1-9]\d{0,8})[:,.]?", re.IGNORECASE | re.ASCII)
_WAYS = "add, list, show, done, assign, skip, stop and signoff"


def run(turn: Turn, rest: str) -> Answer:
    """Do what the first word says; a number alone shows that care, nothing at all lists everything."""
    word, left = first_word(rest)
    way = _DOES.get(word.lower().rstrip(":,"))
    if way is not None:
        return way(turn, left)
    if not word:
        return _list(turn, "")
    if _NUMBER.fullmatch(word) and not left:
        return _show(turn, word)
    raise Refused(f"After `care` I know {_WAYS}, but not “{word[:40]}”. `care add {rest[:40].strip()}` would plan it.")


def _add(turn: Turn, rest: str) -> Answer:
    """Plan something; what is missing or cannot be read opens the form, filled in with the rest."""
    line = read_line(turn, rest)
    if not line.is_whole:
        return OpenForm(name="care", values=line.values, problem=" ".join(line.problems) or None)
    try:
        task = planning.add(turn.store, turn.actor, plan_of(turn, line.values), turn.now)
    except Refused as refused:
        return OpenForm(name="care", values=line.values, problem=str(refused))
    return drawn(turn, Result(task=task, occurrence=shown_of(turn.store, task)))


def _list(turn: Turn, rest: str) -> Answer:
    wanted = unquoted(rest).lower()
    kind, colon, name = (part.strip() for part in unquoted(rest).partition(":"))
    if not wanted or wanted == "all":
        return shown_list(turn, Wanted(), "Planned care")
    if wanted in ("mine", "my"):
        return shown_list(turn, Wanted(owner=turn.actor), "My planned care")
    if wanted == "overdue":
        return shown_list(turn, Wanted(overdue=True), "Overdue care")
    if colon and kind.lower() == "team":
        team = turn.store.catalog.team(unquoted(name))
        if team is None:
            raise Unknown(nearest(turn.store, name, "team"))
        return shown_list(turn, Wanted(team=team.id), f"Planned care of {team.name}")
    if colon and kind.lower() == "service":
        service = turn.store.catalog.service(unquoted(name))
        if service is None:
            raise Unknown(nearest(turn.store, name, "service"))
        return shown_list(turn, Wanted(service=service.id), f"Planned care of {service.name}")
    raise Refused(
        "I can list all care, or `mine`, `overdue`, `team:<id>` or `service:<id>`, as in `care list overdue`."
    )


def _show(turn: Turn, rest: str) -> Answer:
    task = care_to_see(turn.store, _number(rest, "show")[0])
    return drawn(turn, Result(task=task, occurrence=shown_of(turn.store, task)))


def _done(turn: Turn, rest: str) -> Answer:
    """Say that it is done; without evidence, or with one that cannot be read, the form asks."""
    number, typed = _number(rest, "done")
    task = care_to_see(turn.store, number)
    if not typed:
        return _form(turn, "care-done", number, {})
    shown = evidence_in(typed, task.evidence)
    try:
        return drawn(turn, doing.done(turn.store, turn.actor, number, proof_of(shown), turn.now))
    except Refused as refused:
        if not task.is_running:
            raise
        return _form(turn, "care-done", number, shown, str(refused))


def _assign(turn: Turn, rest: str) -> Answer:
    number, typed = _number(rest, "assign")
    if not typed:
        return _form(turn, "care-assign", number, {})
    try:
        owner = person_of(turn, typed)
    except Unknown as unknown:
        return _form(turn, "care-assign", number, {"person": None}, str(unknown))
    return drawn(turn, doing.assign(turn.store, turn.actor, number, owner, turn.now))


def _skip(turn: Turn, rest: str) -> Answer:
    number, reason = _number(rest, "skip")
    if not reason:
        return _form(turn, "care-skip", number, {})
    return drawn(turn, doing.skip(turn.store, turn.actor, number, reason, turn.now))


def _stop(turn: Turn, rest: str) -> Answer:
    number, reason = _number(rest, "stop")
    return drawn(turn, doing.stop(turn.store, turn.actor, number, reason, turn.now))


def _sign_off(turn: Turn, rest: str) -> Answer:
    return drawn(turn, doing.sign_off(turn.store, turn.actor, _number(rest, "signoff")[0], turn.now))


def _form(turn: Turn, name: str, number: int, values: Mapping[str, str | None], problem: str | None = None) -> Answer:
    task = care_to_see(turn.store, number)
    shown = shown_of(turn.store, task)
    return OpenForm(name=name, values={**values, "care": task.id, "occurrence": shown.id}, problem=problem)


def _number(rest: str, way: str) -> tuple[int, str]:
    """Split the number off that names a task. Raise Refused where there is none."""
    word, left = first_word(rest)
    if word.lower() == "care":
        word, left = first_word(left)
    found = _NUMBER.fullmatch(word)
    if found is None:
        raise Refused(f"Say which care you mean, as in `care {way} 3`. Write `care list` to see the numbers.")
    return int(found[1]), left


_DOES: Mapping[str, Callable[[Turn, str], Answer]] = {
    "add": _add,
    "list": _list,
    "show": _show,
    "done": _done,
    "assign": _assign,
    "skip": _skip,
    "stop": _stop,
    "signoff": _sign_off,
    "sign-off": _sign_off,
}
COMMAND = Command(
    word="care",
    usage=(
        "care add <title> team:<id>|service:<id> every <n> days|weeks|months [owner @person] [hours <n>] · "
        "care list [mine|overdue|team:<id>|service:<id>] · care show|done|assign|skip|stop|signoff <id> …"
    ),
    meaning="Plan maintenance that comes back by itself, and say that it is done.",
    run=run,
    example="care add Restore test service:checkout every 2 weeks hours 1.5",
)
