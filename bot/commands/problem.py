"""`problems`: trouble that comes again and again, until somebody shows that it is solved."""

import re
from collections.abc import Callable, Mapping

from bot.action import typed_day
from bot.cards.problem import drawn, shown_list
from bot.grammar import first_word, leading_ref, person_of, unquoted
from bot.turn import Answer, Command, OpenForm, Turn
from domain.errors import Refused, Unknown
from usecases import problems
from usecases.handoffs.team import services_of
from usecases.oncall_names import nearest
from usecases.problems import Result, Wanted, problem_to_see
from usecases.problems.people import owner_of

_NUMBER = re.compile(r"(?:problem[-: ]?|#)?0*([1-9]\d{0,8})[:,.]?", re.IGNORECASE | re.ASCII)
_WAYS = "mine, all, team:<id>, close, move, assign, link, unlink and reopen"


def run(turn: Turn, rest: str) -> Answer:
    """Do what the first word says; a number alone shows that one, nothing all that are open."""
    word, left = first_word(rest)
    way = _DOES.get(word.lower().rstrip(":,"))
    if way is not None:
        return way(turn, left)
    found = _NUMBER.fullmatch(word)
    if found is not None and not left:
        return drawn(turn, Result(problem=problem_to_see(turn.store, int(found[1]))))
    return _list(turn, unquoted(rest))


def _list(turn: Turn, wanted: str) -> Answer:
    match wanted.lower():
        case "" | "open" | "list":
            return shown_list(turn, Wanted(), "Open problems")
        case "mine" | "my":
            return shown_list(turn, Wanted(owner=turn.actor), "My problems")
        case "all":
            return shown_list(turn, Wanted(everything=True), "All problems")
        case _:
            pass
    kind, _, name = wanted.partition(":")
    if kind.strip().lower() != "team":
        raise Refused(f"After `problems` I know {_WAYS}, but not “{wanted[:40]}”.")
    team = turn.store.catalog.team(unquoted(name))
    if team is None:
        raise Unknown(nearest(turn.store, name, "team"))
    return shown_list(turn, Wanted(services=services_of(turn.store, team.id)), f"Open problems of {team.name}")


def _close(turn: Turn, rest: str) -> Answer:
    number, evidence = _number(rest, "close")
    problem_to_see(turn.store, number)
    if not evidence:
        return OpenForm(name="problem-close", values={"problem": number})
    return drawn(turn, problems.close(turn.store, turn.actor, number, evidence, turn.now))


def _move(turn: Turn, rest: str) -> Answer:
    number, typed = _number(rest, "move")
    problem = problem_to_see(turn.store, number)
    words = re.sub(r"^(?:to|due)\s+", "", typed, flags=re.IGNORECASE)
    if not words:
        return OpenForm(name="problem-move", values={"problem": number})
    due_on = typed_day(turn, words, owner_of(turn.store, problem).time_zone)
    return drawn(turn, problems.move(turn.store, turn.actor, number, due_on, turn.now))


def _assign(turn: Turn, rest: str) -> Answer:
    number, typed = _number(rest, "assign")
    problem_to_see(turn.store, number)
    if not typed:
        return OpenForm(name="problem-hand", values={"problem": number})
    return drawn(turn, problems.hand_over(turn.store, turn.actor, number, person_of(turn, typed), turn.now))


def _link(turn: Turn, rest: str) -> Answer:
    number, typed = _number(rest, "link")
    problem_to_see(turn.store, number)
    incident, _ = leading_ref(typed)
    if incident is None:
        raise Refused(f"Name the incident that belongs to it, as in `problem link {number} INC-12`.")
    return drawn(turn, problems.link(turn.store, turn.actor, number, incident))


def _unlink(turn: Turn, rest: str) -> Answer:
    incident, _ = leading_ref(rest)
    if incident is None:
        raise Refused("Name the incident that does not belong to its problem, as in `problem unlink INC-12`.")
    return drawn(turn, problems.unlink(turn.store, turn.actor, incident))


def _reopen(turn: Turn, rest: str) -> Answer:
    return drawn(turn, problems.reopen(turn.store, turn.actor, _number(rest, "reopen")[0], turn.now))


def _number(rest: str, way: str) -> tuple[int, str]:
    """Split the number off that names one. Raise Refused where there is none."""
    word, left = first_word(rest)
    found = _NUMBER.fullmatch(word)
    if found is None:
        raise Refused(f"Say which problem you mean, as in `problem {way} 3`. Write `problems` to see the numbers.")
    return int(found[1]), left


_DOES: Mapping[str, Callable[[Turn, str], Answer]] = {
    "close": _close,
    "move": _move,
    "assign": _assign,
    "link": _link,
    "unlink": _unlink,
    "reopen": _reopen,
}
COMMAND = Command(
    word="problems",
    usage=(
        "problems [mine|all|team:<id>|<id>] · problem close <id> <evidence> · problem move <id> <day> · "
        "problem assign <id> @person · problem link <id> <ref> · problem unlink <ref> · problem reopen <id>"
    ),
    meaning="See what comes again and again, and say when it is solved.",
    run=run,
    example="problems mine",
    aliases=("problem",),
)
