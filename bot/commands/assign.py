"""`assign`: who has which role."""

from typing import Any

from bot.grammar import first_word, incident_and_rest, person_of, unquoted
from bot.turn import Answer, Command, OpenForm, Reply, Turn
from domain.errors import Unknown
from domain.incident import Role
from domain.people import Person

_SHORT = {"ic": Role.COMMANDER, "comms": Role.COMMUNICATIONS, "ops": Role.OPERATIONS}


def run(turn: Turn, rest: str) -> Answer:
    """Give a role to a person; what is missing or unknown opens the form, filled in."""
    about = incident_and_rest(turn, "assign", rest)
    if isinstance(about, OpenForm):
        return about
    word, who = first_word(about.rest)
    role = _role(word)
    meant = _perhaps(turn, who) or (_perhaps(turn, about.rest) if role is None else None)
    typed: dict[str, Any] = {"incident": about.incident.id, "role": role}
    if meant or who.strip():
        typed["person"] = meant.handle if meant else None  # nobody else may take their place
    if role is None or not who.strip():
        problem = f"“{word[:80]}” is no role: choose one." if word and role is None else None
        return OpenForm(name="assign", values=typed, problem=problem)
    try:
        person = person_of(turn, who)
    except Unknown as unknown:
        return OpenForm(name="assign", values=typed, problem=str(unknown))
    result = turn.incidents.assign(turn.actor, about.incident.id, role, person, turn.trail)
    return Reply(text=result.notice or f"{person.name} is now {role} of {about.incident.ref}.", about=about.incident.id)


def _perhaps(turn: Turn, words: str) -> Person | None:
    try:
        return person_of(turn, words) if words.strip() else None
    except Unknown:
        return None


def _role(word: str) -> Role | None:
    wanted = unquoted(word.rstrip(":,")).lower()
    return _SHORT.get(wanted) or next((role for role in Role if role == wanted), None)


COMMAND = Command(
    word="assign",
    usage="assign [ref] commander|communications|scribe|operations @person",
    meaning="Give a role to somebody.",
    run=run,
    example="assign INC-12 commander @Grace Hopper",
)
