"""Action items as people look at them, with the names of everybody and everything in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.action import Action, ActionState, today_in
from domain.catalog import Team
from domain.people import Person
from usecases.action_ports import ActionFilter
from usecases.actions import people
from usecases.ports import Store

PAGE = 8
"""Rows of a list; ours: what fits two phone screens."""
_READ = 500
"""Items of an incident, and items that may be overdue, that are read at once; ours: nobody reads a longer list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionView:
    """An action item with everything its card says. `now` is when it was read (UTC)."""

    action: Action
    owner: Person
    made_by: str
    closed_by: str
    """Empty where nobody has."""
    incident: str
    """Such as “INC-12 Checkout is down”; empty where it comes from none."""
    today: date
    """On the owner's calendar."""
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which to list; all conditions hold at once."""

    owner: Person | None = None
    team: Team | None = None
    incident: int | None = None
    overdue: bool = False
    page: int = 1
    limit: int = PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionList:
    """One page of open items, what is due first in front; of an incident all, also those that are closed."""

    wanted: Wanted
    rows: Sequence[Action]
    owners: Mapping[int, Person]
    total: int
    now: datetime

    def today(self, action: Action) -> date:
        """Tell the day on the calendar of whoever has an item."""
        return today_in(self.owners[action.owner].time_zone, self.now)


def action_view(store: Store, action: Action, now: datetime) -> ActionView:
    """Read what a card says."""
    known = store.people.many({i for i in (action.made_by, action.closed_by) if i is not None})
    owner = people.owner_of(store, action)
    incident = store.incidents.get(action.incident) if action.incident is not None else None
    closed = known.get(action.closed_by) if action.closed_by is not None else None
    return ActionView(
        action=action,
        owner=owner,
        made_by=known[action.made_by].name,
        closed_by=closed.name if closed else "",
        incident=f"{incident.ref} {incident.title}" if incident else "",
        today=today_in(owner.time_zone, now),
        now=now,
    )


def listed(store: Store, wanted: Wanted, now: datetime) -> ActionList:
    """Read one page of a list."""
    skip = (max(wanted.page, 1) - 1) * wanted.limit
    if wanted.overdue:
        found = _overdue(store, wanted, now)
        rows, total = found[skip : skip + wanted.limit], len(found)
    else:
        asked = _filter(store, wanted, skip=skip, limit=wanted.limit)
        rows, total = store.actions.list(asked), store.actions.count(asked)
    owners = store.people.many({action.owner for action in rows})
    return ActionList(wanted=wanted, rows=rows, owners=owners, total=total, now=now)


def of_incident(store: Store, incident_id: int) -> Sequence[Action]:
    """List those of an incident, what is due first in front."""
    return store.actions.list(ActionFilter(incidents=(incident_id,), by_due_day=True, limit=_READ))


def _overdue(store: Store, wanted: Wanted, now: datetime) -> Sequence[Action]:
    # No calendar is more than a day ahead of UTC; the owner's own day decides.
    tomorrow = now.date() + timedelta(days=1)
    found = store.actions.list(_filter(store, wanted, due_before=tomorrow, limit=_READ))
    owners = store.people.many({action.owner for action in found})
    return [a for a in found if a.is_overdue(today_in(owners[a.owner].time_zone, now))]


def _filter(
    store: Store, wanted: Wanted, *, due_before: date | None = None, skip: int = 0, limit: int = PAGE
) -> ActionFilter:
    owners = {wanted.owner.id} if wanted.owner else None
    if wanted.team is not None:
        members = (store.people.by_handle(handle) for handle in wanted.team.members)
        owners = {person.id for person in members if person}
    return ActionFilter(
        states=() if wanted.incident is not None else (ActionState.OPEN,),
        owners=owners,
        incidents=None if wanted.incident is None else (wanted.incident,),
        due_before=due_before,
        by_due_day=True,
        skip=skip,
        limit=limit,
    )
