"""Problems as a card and in lists, and what their buttons do."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.cards import carried, kit
from bot.cards.action import day
from bot.turn import Answer, Card, OpenForm, Reply, Turn, Verb
from domain.errors import Refused
from domain.incident import Incident
from domain.problem import Problem, ProblemState
from usecases import problems
from usecases.problems import ProblemView, Result, Wanted, problem_to_see, problem_view
from usecases.problems.views import PAGE, ProblemList, listed
from usecases.wording import length, to_the_minute

WORDS_SHOWN = 600  # characters on a card; the whole text is kept
INCIDENTS_SHOWN = 5  # ours: the card stays readable on a phone
_HEAD = {
    ProblemState.OPEN: ("↻", "Problem", "warning"),
    ProblemState.CLOSED: ("✓", "Problem closed", "good"),
}
_OVERDUE = ("⚠", "Problem, overdue", "attention")


def problem_card(view: ProblemView, zone: str | None, *, said: str = "") -> Card:
    """Draw a problem; `zone` None: several people read it, times are UTC."""
    problem = view.problem
    sign, state, style = _OVERDUE if problem.is_overdue(view.today) else _HEAD[problem.state]
    head = [
        kit.block(f"{sign} **{state}**  ·  {problem.name}", size="Small"),
        kit.block(kit.plain(problem.title), weight="Bolder", size="Medium", spacing="None", style="heading"),
    ]
    more = len(view.incidents) - INCIDENTS_SHOWN
    body = [
        *([kit.notice(said)] if said else []),
        kit.container(head, style=style, bleed=True),
        kit.facts(_facts(view, zone)),
        *([kit.block("Its incidents", weight="Bolder", size="Small")] if view.incidents else []),
        *(_incident(incident, zone) for incident in view.incidents[:INCIDENTS_SHOWN]),
        *([kit.label(f"and {more} more")] if more > 0 else []),
        *([kit.block(kit.plain(kit.shortened(problem.evidence, WORDS_SHOWN)))] if problem.evidence else []),
    ]
    return kit.card(body, speak=spoken(view), actions=_buttons(problem))


def spoken(view: ProblemView) -> str:
    """Say how it stands in a sentence."""
    problem, count = view.problem, len(view.incidents)
    name = f"{problem.name} “{problem.title}” ({view.service}, {count} incident{'' if count == 1 else 's'})"
    if problem.is_open:
        return f"{view.owner.name} has {name}, due {day(problem.due_on, view.today)}."
    return f"{view.closed_by} has closed {name}."


def _facts(view: ProblemView, zone: str | None) -> list[tuple[str, str]]:
    problem = view.problem
    due = day(problem.due_on, view.today) if problem.is_open else f"{problem.due_on:%a %Y-%m-%d}"
    pairs = [
        ("Service", kit.plain(view.service)),
        ("Owner", kit.plain(view.owner.name)),
        ("Due", due),
        ("Happened", f"{len(view.incidents)} times" if len(view.incidents) != 1 else "once"),
        ("Cost so far", f"{length(view.cost.work)} of work (estimated), {length(view.cost.impact)} of impact"),
    ]
    pairs += [("Actions", f"{view.actions} open")] if view.actions else []
    if problem.closed_at is not None:
        pairs.append(("Closed", f"{kit.plain(view.closed_by)}, {to_the_minute(problem.closed_at, zone)}"))
    return pairs


def _incident(incident: Incident, zone: str | None) -> Card:
    words = f": {kit.plain(kit.shortened(incident.summary, 120))}" if incident.summary else ""
    ended = "still open" if incident.is_open else f"resolved{words}"
    return kit.block(
        f"{incident.ref}, {to_the_minute(incident.declared_at, zone)}, {ended}", size="Small", spacing="None"
    )


def _buttons(problem: Problem) -> list[Card]:
    about = {"problem": problem.id}
    if not problem.is_open:
        return [kit.execute("Reopen", "problem.reopen", about)]
    return [
        kit.opens_dialog("Close problem", "problem.close", about),
        kit.opens_dialog("Move", "problem.move", about),
        kit.opens_dialog("Hand over", "problem.hand", about),
    ]


# -- lists ------------------------------------------------------------------------------------------------------------


def list_card(found: ProblemList, heading: str) -> Card:
    """Draw one page of a list."""
    wanted = found.wanted
    body = [kit.block(kit.plain(heading), weight="Bolder", size="Large", style="heading")]
    body += [_row(found, problem) for problem in found.rows]
    if not found.rows:
        body.append(kit.block("There is none. The third incident of a kind within 90 days opens one."))
    shown = (wanted.page - 1) * PAGE + len(found.rows)
    buttons = [
        kit.execute("Mine", "problem.list", {"which": "mine"}),
        kit.execute("All", "problem.list", {"which": "all"}),
    ]
    if shown < found.total:
        body.append(kit.block(f"{shown} of {found.total} are shown.", isSubtle=True))
        buttons.append(kit.execute("More", "problem.list", {"which": _which(wanted), "page": wanted.page + 1}))
    names = "; ".join(f"{row.name} {kit.shortened(row.title, 60)}" for row in found.rows) or "none"
    return kit.card(body, speak=f"{heading}: {names}.", actions=buttons, wide=True)


def _row(found: ProblemList, problem: Problem) -> Card:
    owner = found.owners[problem.owner]
    late = problem.is_overdue(found.now.date())
    sign, state, _ = _OVERDUE if late else _HEAD[problem.state]
    word = "Overdue" if late else "Open" if problem.is_open else state.removeprefix("Problem ").capitalize()
    refs = found.incidents[problem.id]
    return kit.container(
        [
            kit.block(f"**{problem.name}**  ·  {sign} {word}  ·  {len(refs)} incidents  ›", size="Small"),
            kit.block(kit.plain(problem.title), spacing="None", weight="Bolder"),
            kit.block(
                f"{kit.plain(owner.name)}  ·  due {problem.due_on:%a %Y-%m-%d}",
                size="Small",
                isSubtle=True,
                spacing="None",
            ),
        ],
        separator=True,
        selectAction=kit.execute(f"Open {problem.name.lower()}", "problem.view", {"problem": problem.id}),
    )


def _which(wanted: Wanted) -> str:
    return "all" if wanted.everything else "mine" if wanted.owner else "open"


def shown_list(turn: Turn, wanted: Wanted, heading: str) -> Reply:
    """Answer with a list."""
    card = list_card(listed(turn.store, wanted, turn.now), heading)
    return Reply(text=card["speak"], card=card)


# -- the buttons ------------------------------------------------------------------------------------------------------


def problem_of(data: Mapping[str, Any]) -> int:
    """Read which problem a button belongs to. Raise Refused for a card that is not ours."""
    number = carried.number(data, "problem")
    if number is None:
        raise Refused("This card does not say which problem it belongs to. Write `problems` to see what is open.")
    return number


def drawn(turn: Turn, result: Result) -> Reply:
    """Show how it stands."""
    view = problem_view(turn.store, result.problem, turn.now)
    return Reply(text=spoken(view), card=problem_card(view, turn.zone, said=result.notice))


def _view(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return drawn(turn, Result(problem=problem_to_see(turn.store, problem_of(data))))


def _opens(form: str) -> Callable[[Turn, Mapping[str, Any]], Answer]:
    def run(turn: Turn, data: Mapping[str, Any]) -> Answer:
        problem = problem_to_see(turn.store, problem_of(data))
        if not problem.is_open:
            return drawn(turn, Result(problem=problem, notice=f"{problem.name} is closed already."))
        return OpenForm(name=form, values={"problem": problem.id, "embedded": True})

    return run


def _reopen(turn: Turn, data: Mapping[str, Any]) -> Answer:
    return drawn(turn, problems.reopen(turn.store, turn.actor, problem_of(data), turn.now))


def _list(turn: Turn, data: Mapping[str, Any]) -> Answer:
    page, which = carried.number(data, "page") or 1, data.get("which")
    if which == "mine":
        return shown_list(turn, Wanted(owner=turn.actor, page=page), "My problems")
    if which == "all":
        return shown_list(turn, Wanted(everything=True, page=page), "All problems")
    return shown_list(turn, Wanted(page=page), "Open problems")


AGAIN = "problem.view"
VERBS = (
    Verb(name="problem.view", run=_view, kind="view", again=AGAIN),
    Verb(name="problem.list", run=_list, kind="view", again="problem.list"),
    Verb(name="problem.reopen", run=_reopen, again=AGAIN),
    Verb(name="problem.close", run=_opens("problem-close"), kind="view", again=AGAIN),
    Verb(name="problem.move", run=_opens("problem-move"), kind="view", again=AGAIN),
    Verb(name="problem.hand", run=_opens("problem-hand"), kind="view", again=AGAIN),
)
