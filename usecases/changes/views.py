"""Changes as people look at them, with the names of everybody and everything in them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.approval import Approval, Decision
from domain.change import APPROVALS, Change, ChangeState
from domain.errors import Unknown
from domain.incident import ref_of
from domain.people import Person
from usecases.approvals import asking, deciders
from usecases.change_ports import ChangeFilter
from usecases.ports import Store

KIND = "change"
"""Of the subject of an approval."""
RATE_OVER = timedelta(days=30)
"""How far back the failure rate of a list looks; ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A change with everything its card says. `now` is when it was read (UTC)."""

    change: Change
    service_name: str
    author: str
    ended_by: str
    """Who said last how it stands; empty where nobody did."""
    causes: tuple[str, ...]
    """The incidents it is behind, such as INC-12."""
    approval: Approval | None
    asked: tuple[str, ...]
    """Who has to approve it, one of each."""
    approved_by: tuple[str, ...]
    freeze: str
    """The freeze it falls into while it lies ahead; empty: none."""
    now: datetime

    @property
    def missing_approvals(self) -> int:
        """How many sides could not be asked, because nobody there can answer; 0 for what a program recorded."""
        risky = self.change.recorded_by is not None and self.change.state in (
            ChangeState.PROPOSED,
            ChangeState.PLANNED,
        )
        return max(APPROVALS[self.change.risk] - len(self.asked), 0) if risky else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """One page of changes, the latest first."""

    wanted: ChangeFilter
    changes: Sequence[Change]
    people: Mapping[int, Person]
    services: Mapping[str, str]
    causes: Mapping[int, Sequence[int]]
    more: bool
    failed: int
    """Of `total` changes of the last RATE_OVER: those that went wrong, or are behind an incident."""
    total: int
    now: datetime

    def author_of(self, change: Change) -> str:
        """Name whoever made a change."""
        return author_of(change, self.people)


def found(change: Change | None) -> Change:
    """Give a change that was looked up. Raise Unknown for none."""
    if change is None:
        raise Unknown("This change is not there. Write `change list` to see those there are.")
    return change


def change_view(store: Store, change_id: int, now: datetime) -> ChangeView:
    """Read what a change's card says. Raise Unknown when there is none."""
    change = found(store.changes.get(change_id))
    approval = asking.standing(store, KIND, change.id)
    voted = [v.person for v in approval.votes if v.decision is Decision.APPROVE] if approval else []
    people = store.people.many({i for i in (change.recorded_by, change.ended_by, *voted) if i is not None})
    return ChangeView(
        change=change,
        service_name=service_names(store, [change.service])[change.service],
        author=author_of(change, people),
        ended_by=_name(people, change.ended_by),
        causes=tuple(ref_of(number) for number in store.changes.caused([change.id]).get(change.id, ())),
        approval=approval,
        asked=tuple(deciders.named(store, group) for group in approval.groups) if approval else (),
        approved_by=tuple(_name(people, person) for person in voted),
        freeze=freeze_of(store, change),
        now=now,
    )


def change_page(store: Store, wanted: ChangeFilter, now: datetime) -> ChangePage:
    """Read one page, with the failure rate of the same services."""
    rows = store.changes.list(replace(wanted, limit=wanted.limit + 1))
    shown = rows[: wanted.limit]
    failed, total = failure_rate(store, now - RATE_OVER, now, wanted.services or None)
    return ChangePage(
        wanted=wanted,
        changes=shown,
        people=store.people.many({c.recorded_by for c in shown if c.recorded_by is not None}),
        services=service_names(store, {c.service for c in shown} | {*wanted.services}),
        causes=store.changes.caused([c.id for c in shown]),
        more=len(rows) > len(shown),
        failed=failed,
        total=total,
        now=now,
    )


def failure_rate(
    store: Store, since: datetime, until: datetime, services: Collection[str] | None = None
) -> tuple[int, int]:
    """Count changes that happened from `since` to before `until` (UTC): those that failed, and all of them.

    Failed are those that did not work, were rolled back, or are behind an incident (change failure rate of the DORA
    metrics). `services` are ids, None stands for all. A share of few changes says little: show the number beside it.
    """
    return store.changes.outcome(since, until, services)


def freeze_of(store: Store, change: Change) -> str:
    """Name the freeze that a change falls into while it lies ahead; empty where there is none."""
    if change.state not in (ChangeState.PROPOSED, ChangeState.PLANNED):
        return ""
    service = store.catalog.service(change.service)
    owners = {service.owner} if service else set[str]()
    ends_at = change.ends_at or change.at
    for freeze in store.organisations.settings().freezes:
        overlaps = freeze.starts_at <= ends_at and change.at < freeze.ends_at
        if overlaps and freeze.holds_for({change.service}, owners):
            return freeze.name
    return ""


def service_names(store: Store, ids: Collection[str]) -> Mapping[str, str]:
    """Name services; the id where the catalogue has lost one."""
    known = {i: store.catalog.service(i) for i in ids}
    return {i: service.name if service else i for i, service in known.items()}


def author_of(change: Change, people: Mapping[int, Person]) -> str:
    """Name whoever made a change: the person, or who a program says, or the program."""
    return _name(people, change.recorded_by) or change.author or change.source


def _name(people: Mapping[int, Person], person_id: int | None) -> str:
    if person_id is None:
        return ""
    person = people.get(person_id)
    return person.name if person else "somebody"
