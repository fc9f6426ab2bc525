"""`actions`: what is to be done after incidents, by whom and until when."""

import re
from collections.abc import Callable, Mapping

from bot.action import new_action, read_line, typed_day
from bot.cards.action import drawn, shown_list
from bot.grammar import first_word, leading_ref, person_of, unquoted
from bot.turn import Answer, Command, OpenForm, Turn
from domain.errors import Refused, Unknown
from usecases import actions, people
from usecases.actions import Result, Wanted, action_to_see
from usecases.actions.people import owner_of
from usecases.oncall_names import nearest

_NUMBER = re.compile(r"(?:action[-: ]?)?0*([1-9]\d{0,8})[:,.]?", re.IGNORECASE | re.ASCII)
_WAYS = "mine, overdue, add, done, move, assign, drop and reopen"


def run(turn: Turn, rest: str) -> Answer:
    """Do what the first word says; a number alone shows that one, an incident or a team its items, nothing all."""
    word, left = first_word(rest)
    way = _DOES.get(word.lower().rstrip(":,"))
    if way is not None:
        return way(turn, left)
    found = None if word.startswith("#") else _NUMBER.fullmatch(word)
    if found is not None and not left:
        return drawn(turn, Result(action=action_to_see(turn.store, int(found[1]))))
    incident, _ = leading_ref(rest)
    if incident is not None:
        ref = turn.incidents.show(turn.actor, incident).incident.ref
        return shown_list(turn, Wanted(incident=incident), f"Actions of {ref}")
    return _list(turn, unquoted(rest), rest)


def _list(turn: Turn, wanted: str, rest: str) -> Answer:
    match wanted.lower():
        case "" | "all" | "open":
            return shown_list(turn, Wanted(), "Open actions")
        case "mine" | "my":
            return shown_list(turn, Wanted(owner=turn.actor), "My open actions")
        case "overdue":
            return shown_list(turn, Wanted(overdue=True), "Overdue actions")
        case _:
            pass
    kind, _, name = wanted.partition(":")
    if kind.strip().lower() != "team":
        raise Refused(f"After `actions` I know {_WAYS}, but not “{rest[:40]}”. `actions add {rest[:40]}` would add it.")
    team = turn.store.catalog.team(unquoted(name))
    if team is None:
        raise Unknown(nearest(turn.store, name, "team"))
    return shown_list(turn, Wanted(team=team), f"Open actions of {team.name}")


def _add(turn: Turn, rest: str) -> Answer:
    """Write one down; what is missing or cannot be read opens the form, filled in with the rest."""
    line = read_line(turn, rest)
    if not line.is_whole:
        return OpenForm(name="action", values=line.values, problem=" ".join(line.problems) or None)
    try:
        owner = people.find(turn.store, line.values["person"])
        new = new_action(line.values, owner)
        action = actions.add(turn.store, turn.actor, new, turn.now, source=turn.source)
    except Refused as refused:
        return OpenForm(name="action", values=line.values, problem=str(refused))
    return drawn(turn, Result(action=action))


def _done(turn: Turn, rest: str) -> Answer:
    number, words = _number(rest, "done")
    return drawn(turn, actions.finish(turn.store, turn.actor, number, words, turn.now))


def _move(turn: Turn, rest: str) -> Answer:
    number, typed = _number(rest, "move")
    action = action_to_see(turn.store, number)
    words = re.sub(r"^(?:to|due)\s+", "", typed, flags=re.IGNORECASE)
    if not words:
        return OpenForm(name="action-move", values={"action": number})
    try:
        due_on = typed_day(turn, words, owner_of(turn.store, action).time_zone)
        return drawn(turn, actions.move(turn.store, turn.actor, number, due_on, turn.now))
    except Refused as refused:
        return OpenForm(name="action-move", values={"action": number}, problem=str(refused))


def _assign(turn: Turn, rest: str) -> Answer:
    number, typed = _number(rest, "assign")
    action_to_see(turn.store, number)
    if not typed:
        return OpenForm(name="action-hand", values={"action": number})
    try:
        owner = person_of(turn, typed)
    except Unknown as unknown:
        return OpenForm(name="action-hand", values={"action": number, "person": None}, problem=str(unknown))
    return drawn(turn, actions.hand_over(turn.store, turn.actor, number, owner, turn.now))


def _drop(turn: Turn, rest: str) -> Answer:
    number, reason = _number(rest, "drop")
    if not reason:
        action_to_see(turn.store, number)
        return OpenForm(name="action-drop", values={"action": number})
    return drawn(turn, actions.drop(turn.store, turn.actor, number, reason, turn.now))


def _reopen(turn: Turn, rest: str) -> Answer:
    return drawn(turn, actions.reopen(turn.store, turn.actor, _number(rest, "reopen")[0], turn.now))


def _number(rest: str, way: str) -> tuple[int, str]:
    """Split the number off that names one. Raise Refused where there is none."""
    word, left = first_word(rest)
    if word.lower() == "action":
        word, left = first_word(left)
    found = _NUMBER.fullmatch(word.removeprefix("#"))
    if found is None:
        raise Refused(f"Say which action you mean, as in `actions {way} 3`. Write `actions` to see the numbers.")
    return int(found[1]), left


_DOES: Mapping[str, Callable[[Turn, str], Answer]] = {
    "add": _add,
    "done": _done,
    "move": _move,
    "assign": _assign,
    "drop": _drop,
    "reopen": _reopen,
}
COMMAND = Command(
    word="actions",
    usage=(
        "actions [mine|overdue|team:<id>|ref|<id>] · "
        "actions add <title> [type:prevent|detect|mitigate|process] [owner @person] [due <day>] [ref] · "
        "actions done|move|assign|drop|reopen <id> …"
    ),
    meaning="See and change what is to be done after incidents.",
    run=run,
    example="actions mine",
    aliases=("action",),
)
