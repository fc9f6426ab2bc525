"""Recording a change: by a person, who may have to ask for an approval, or by a program, which tells what happened."""

from dataclasses import dataclass
from datetime import datetime

from domain.catalog import Service
from domain.change import (
    APPROVALS,
    HAPPENED,
    NAME_LIMIT,
    ROLLBACK_LIMIT,
    SKEW,
    Change,
    ChangeState,
    Risk,
    checked_end,
    checked_links,
    checked_title,
    checked_words,
)
from domain.conversation import Place
from domain.errors import Refused, Unknown
from domain.people import Person
from usecases.change_ports import Request
from usecases.changes import approving, outcomes, telling
from usecases.ports import Store

TEAMS = "teams"
"""The source of what people record here."""


class Clash(Refused):
    """Another request has this key already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is told about a change. Times are UTC."""

    title: str
    service: str
    """Its id, in any case."""
    risk: Risk = Risk.LOW
    at: datetime | None = None
    """None: now."""
    ends_at: datetime | None = None
    rollback: str = ""
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a program tells besides."""

    source: str
    author: str = ""
    state: ChangeState | None = None
    """How it went; None: done, or planned where it lies ahead."""


def record(store: Store, author: Person, draft: Draft, place: Place, now: datetime) -> Change:
    """Record a change and put its card up in `place`.

    What has happened is done and asks nobody. What lies ahead is planned, or waits for those who have to agree to its
    risk; where nobody could, it is planned, and its card says so. Raise Refused with a sentence for a bad draft.
    """
    service = _service(store, draft.service)
    at = draft.at or now
    ahead = at > now
    risky = ahead and APPROVALS[draft.risk] > 0
    state = ChangeState.PROPOSED if risky else ChangeState.PLANNED if ahead else ChangeState.DONE
    change = store.changes.add(_made(draft, service, at, state, now, source=TEAMS, recorded_by=author.id))
    if change is None:
        raise AssertionError("only a request with a key can have been made before")
    if risky:
        change = approving.ask(store, author, change, service, now)
    elif ahead:
        outcomes.plan(store, change)
    telling.stand(store, change, place, author)
    return change


def repeated(store: Store, request: Request) -> Change | None:
    """Find what a request has recorded already. Raise Clash where its key was used for something else."""
    known = store.changes.by_request(request.caller, request.key)
    if known is None:
        return None
    change, digest = known
    if digest != request.digest:
        raise Clash(
            f"The key “{request.key[:60]}” was used for another body, which recorded change {change.id}. "
            "Send a new key for a new change."
        )
    return change


def report(store: Store, draft: Draft, told: Report, request: Request | None, now: datetime) -> tuple[Change, bool]:
    """Record what a program tells; give the change, and whether it is new. Nobody is asked for an approval.

    Raise Refused for a bad draft, Unknown for an unknown service, Clash where the key was used for something else.
    """
    service = _service(store, draft.service)
    at = draft.at or now
    ahead = at > now + SKEW
    state = told.state or (ChangeState.PLANNED if ahead else ChangeState.DONE)
    if ahead and state in HAPPENED:
        raise Refused(f"at lies ahead, so state cannot be {state}: leave state out, or write planned.")
    happened_at = min(at, now) if state in HAPPENED else at
    wanted = _made(
        draft,
        service,
        happened_at,
        state,
        now,
        source=_name(told.source, "source"),
        author=_name(told.author, "author"),
    )
    added = store.changes.add(wanted, request)
    if added is not None:
        return added, True
    # The same request came twice at one moment, and the other one was faster.
    earlier = repeated(store, request) if request else None
    if earlier is None:
        raise AssertionError("only a request with a key can have been made before")
    return earlier, False


def _made(draft: Draft, service: Service, at: datetime, state: ChangeState, now: datetime, **more: object) -> Change:
    given: dict[str, object] = {
        "id": 0,
        "title": checked_title(draft.title),
        "service": service.id,
        "risk": draft.risk,
        "at": at,
        "state": state,
        "recorded_at": now,
        "ends_at": checked_end(at, draft.ends_at),
        "rollback": checked_words(draft.rollback, "rollback", ROLLBACK_LIMIT),
        "links": checked_links(draft.links),
    }
    return Change(**{**given, **more})  # pyright: ignore[reportArgumentType] - both halves are written right here


def _service(store: Store, wanted: str) -> Service:
    service = store.catalog.service(wanted.strip())
    if service is None:
        raise Unknown(f"There is no service “{wanted.strip()[:80]}” in the catalogue.")
    return service


def _name(text: str, what: str) -> str:
    return " ".join(checked_words(text, what, NAME_LIMIT).split())
