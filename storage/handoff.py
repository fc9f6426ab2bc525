"""Handoffs by number."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Integer, Row, Text, bindparam, case, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.handoff import Handoff, HandoffState
from storage.statements import by_id, save_seen, saving_seen
from storage.tables import handoff
from storage.tables.handoff import IS_OPEN

_DAY = timedelta(days=1)
_FIELDS = (
    "schedule",
    "outgoing",
    "incoming",
    "boundary_at",
    "holds",
    "state",
    "notes",
    "reason",
    "offered_at",
    "accepted_at",
    "decided_by",
    "version",
)
_ADD = (
    insert(handoff)
    .values({name: bindparam(name) for name in _FIELDS})
    .on_conflict_do_nothing(index_elements=["schedule", "boundary_at", "outgoing", "incoming"])
    .returning(handoff.c.id)
)
_SAVE = saving_seen(handoff, _FIELDS)
_BY_ID = by_id(handoff)
_REMOVE = delete(handoff).where(handoff.c.id == bindparam("key"), handoff.c.state == HandoffState.PREPARED)
_HERE = handoff.c.schedule == bindparam("here")
_LATEST = select(handoff).order_by(handoff.c.boundary_at.desc(), handoff.c.id.desc())
_EARLIEST = select(handoff).where(IS_OPEN).order_by(handoff.c.boundary_at, handoff.c.id)
_OF_ALL = _LATEST.limit(bindparam("most", type_=Integer))
_OF_SCHEDULE = _LATEST.where(_HERE).limit(bindparam("most", type_=Integer))
_OPEN_OF = _EARLIEST.where(_HERE)
_AROUND = _LATEST.where(_HERE, handoff.c.boundary_at > bindparam("since"), handoff.c.boundary_at <= bindparam("until"))
_STANDS = (
    update(handoff)
    .where(handoff.c.id == bindparam("key"))
    .values(
        {
            card: case((person == bindparam("whose"), bindparam("activity", type_=Text)), else_=card)
            for person, card in (
                (handoff.c.outgoing, handoff.c.outgoing_card),
                (handoff.c.incoming, handoff.c.incoming_card),
            )
        }
    )
)
_OPEN_FOR = _EARLIEST.where(or_(handoff.c.outgoing == bindparam("person"), handoff.c.incoming == bindparam("person")))


class SqlHandoffs:
    """Implements usecases.oncall_ports.Handoffs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, handoff: Handoff) -> Handoff | None:
        """Store a new one (id 0); None when this schedule has one for this moment and these two people already."""
        number = self._connection.execute(_ADD, _values(handoff)).scalar_one_or_none()
        return None if number is None else replace(handoff, id=number)

    def get(self, handoff_id: int) -> Handoff | None:
        """Read one."""
        row = self._connection.execute(_BY_ID, {"key": handoff_id}).one_or_none()
        return None if row is None else _handoff(row)

    def save(self, handoff: Handoff, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        save_seen(self._connection, _SAVE, handoff.id, seen, _values(handoff))

    def remove(self, handoff_id: int) -> None:
        """Forget a prepared one whose shift change is not going to happen; one that was offered stays."""
        self._connection.execute(_REMOVE, {"key": handoff_id})

    def of_schedule(self, schedule_id: str | None, *, limit: int = 50) -> Sequence[Handoff]:
        """List those of a schedule (None: of all), the latest shift change first."""
        if schedule_id is None:
            return self._list(_OF_ALL, most=limit)
        return self._list(_OF_SCHEDULE, here=schedule_id, most=limit)

    def open_of(self, schedule_id: str) -> Sequence[Handoff]:
        """List the prepared and offered ones of a schedule, the earliest shift change first."""
        return self._list(_OPEN_OF, here=schedule_id)

    def around(self, schedule_id: str, at: datetime) -> Sequence[Handoff]:
        """List those whose shift change lies within a day before `at`, or at it, the latest first."""
        return self._list(_AROUND, here=schedule_id, since=at - _DAY, until=at)

    def stands(self, handoff_id: int, person_id: int, activity_id: str) -> None:
        """Remember the Teams message in which one of the two sees it."""
        self._connection.execute(_STANDS, {"key": handoff_id, "whose": person_id, "activity": activity_id})

    def cards(self, handoff_id: int) -> Mapping[int, str]:
        """Tell in which Teams messages it stands, by person."""
        row = self._connection.execute(_BY_ID, {"key": handoff_id}).one_or_none()
        found = ((row.outgoing, row.outgoing_card), (row.incoming, row.incoming_card)) if row is not None else ()
        return {person: card for person, card in found if card is not None}

    def open_for(self, person_id: int) -> Sequence[Handoff]:
        """List the open ones a person gives or takes, the earliest shift change first."""
        return self._list(_OPEN_FOR, person=person_id)

    def _list(self, query: Any, **values: Any) -> Sequence[Handoff]:
        return [_handoff(row) for row in self._connection.execute(query, values)]


def _values(handoff: Handoff) -> dict[str, Any]:
    return {name: getattr(handoff, name) for name in _FIELDS}


def _handoff(row: Row[Any]) -> Handoff:
    return Handoff(
        id=row.id,
        schedule=row.schedule,
        outgoing=row.outgoing,
        incoming=row.incoming,
        boundary_at=row.boundary_at,
        holds=row.holds,
        state=HandoffState(row.state),
        notes=row.notes,
        reason=row.reason,
        offered_at=row.offered_at,
        accepted_at=row.accepted_at,
        decided_by=row.decided_by,
        version=row.version,
    )
