"""Changes by number, with the messages in which people see them and the incidents they caused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.change import HAPPENED, MAY_MATTER, WENT_WRONG, Change, ChangeState, Risk
from storage.place import PLACE_FIELDS, place_from, place_values
from storage.statements import by_id, save_seen, saving_seen
from storage.tables import change, change_card, change_cause
from storage.types import UtcDateTime
from usecases.change_ports import Cause, ChangeCard, ChangeFilter, Near, Request

_FIELDS = (
    "title",
    "service",
    "risk",
    "at",
    "state",
    "recorded_at",
    "source",
    "recorded_by",
    "author",
    "ends_at",
    "rollback",
    "links",
    "comment",
    "ended_by",
    "ended_at",
    "version",
)
_REQUEST = ("caller", "request_key", "request_digest")
_ADD = (
    upsert(change)
    .values({name: bindparam(name) for name in (*_FIELDS, *_REQUEST)})
    .on_conflict_do_nothing(index_elements=["caller", "request_key"])
    .returning(change.c.id)
)
_BY_REQUEST = select(change).where(change.c.caller == bindparam("caller"), change.c.request_key == bindparam("key"))
_SAVE = saving_seen(change, _FIELDS)
_BY_ID = by_id(change)
_LOCK = _BY_ID.with_for_update(key_share=True)
_LATEST = (change.c.at.desc(), change.c.id.desc())
_OF_INCIDENT = change_cause.c.incident_id == bindparam("incident")
_CAUSE = (
    select(change, literal(0, Integer).label("total"), true().label("behind")).join(change_cause).where(_OF_INCIDENT)
)
_NEWEST = (
    select(change, func.count().over().label("total"), false().label("behind"))
    .where(
        change.c.service.in_(bindparam("services", expanding=True)),
        change.c.at >= bindparam("since"),
        change.c.at <= bindparam("until"),
        change.c.state.in_(MAY_MATTER),
    )
    .order_by(*_LATEST)
    .limit(bindparam("most", type_=Integer))
)
NEAR = union_all(select(_NEWEST.subquery()), _CAUSE)
"""What stands beside an incident: the latest with their number, and its cause. Read with every card: built once."""
_CAUSE_OF = select(change_cause.c.change_id).where(_OF_INCIDENT)
_BLAME = insert(change_cause)
_CLEAR = delete(change_cause).where(_OF_INCIDENT)
_CAUSED = (
    select(change_cause.c.change_id, change_cause.c.incident_id)
    .where(change_cause.c.change_id.in_(bindparam("ids", expanding=True)))
    .order_by(change_cause.c.incident_id)
)
_IS_BEHIND = exists().where(change_cause.c.change_id == change.c.id)
_FAILED = or_(change.c.state.in_(WENT_WRONG), _IS_BEHIND)
_OUTCOME = select(func.count(), func.count().filter(_FAILED)).where(
    change.c.at >= bindparam("since"),
    change.c.at < bindparam("until"),
    or_(change.c.state.in_(HAPPENED), _IS_BEHIND),
)
_CARD_FIELDS = ("change_id", *PLACE_FIELDS, "conversation_id", "base_id", "reader", "activity_id")
_ADD_CARD = insert(change_card).values({name: bindparam(name) for name in _CARD_FIELDS})
_CARDS = select(change_card).where(change_card.c.change_id == bindparam("wanted")).order_by(change_card.c.id)


class SqlChanges:
    """Implements usecases.change_ports.Changes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, change: Change, request: Request | None = None) -> Change | None:
        """Store a new one (id 0) and give it its number; None where an earlier request has the key."""
        asked = (request.caller, request.key, request.digest) if request else (None, None, None)
        values = _values(change) | dict(zip(_REQUEST, asked, strict=True))
        number = self._connection.execute(_ADD, values).scalar_one_or_none()
        return None if number is None else replace(change, id=number)

    def by_request(self, caller: str, key: str) -> tuple[Change, str] | None:
        """Find what a request has recorded, and the digest of what it said."""
        row = self._connection.execute(_BY_REQUEST, {"caller": caller, "key": key}).one_or_none()
        return None if row is None else (_change(row), row.request_digest)

    def get(self, change_id: int) -> Change | None:
        """Read one."""
        row = self._connection.execute(_BY_ID, {"key": change_id}).one_or_none()
        return None if row is None else _change(row)

    def lock(self, change_id: int) -> Change | None:
        """Read one that nobody else changes until the transaction ends."""
        row = self._connection.execute(_LOCK, {"key": change_id}).one_or_none()
        return None if row is None else _change(row)

    def save(self, change: Change, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        save_seen(self._connection, _SAVE, change.id, seen, _values(change))

    def list(self, wanted: ChangeFilter) -> Sequence[Change]:
        """List the latest first."""
        return [_change(row) for row in self._connection.execute(listing(wanted))]

    def near(self, incident_id: int, services: Collection[str], *, since: datetime, until: datetime, most: int) -> Near:
        """Read what stands beside an incident, in one query."""
        values = {"incident": incident_id, "services": [*services], "since": since, "until": until, "most": most}
        rows = self._connection.execute(NEAR, values).all()
        newest = sorted((row for row in rows if not row.behind), key=lambda row: (row.at, row.id), reverse=True)
        return Near(
            newest=tuple(_change(row) for row in newest),
            total=newest[0].total if newest else 0,
            cause=next((_change(row) for row in rows if row.behind), None),
        )

    def outcome(self, since: datetime, until: datetime, services: Collection[str] | None) -> tuple[int, int]:
        """Count what happened from `since` to before `until`: how many went wrong or caused an incident, and all."""
        query = _OUTCOME if services is None else _OUTCOME.where(change.c.service.in_([*services]))
        total, failed = self._connection.execute(query, {"since": since, "until": until}).one()
        return failed, total

    def blame(self, cause: Cause) -> None:
        """Remember what is behind an incident; it has one cause at most."""
        values = {name: getattr(cause, name) for name in ("incident_id", "change_id", "linked_by", "linked_at")}
        self._connection.execute(_BLAME, values)

    def clear(self, incident_id: int) -> None:
        """Forget what is behind an incident."""
        self._connection.execute(_CLEAR, {"incident": incident_id})

    def cause_of(self, incident_id: int) -> int | None:
        """Tell which change is behind an incident."""
        return self._connection.execute(_CAUSE_OF, {"incident": incident_id}).scalar_one_or_none()

    def caused(self, ids: Collection[int]) -> Mapping[int, Sequence[int]]:
        """Tell which incidents each of these changes is behind, by change, oldest first."""
        found: dict[int, list[int]] = {}
        for row in self._connection.execute(_CAUSED, {"ids": [*ids]}) if ids else ():
            found.setdefault(row.change_id, []).append(row.incident_id)
        return found

    def stands(self, card: ChangeCard) -> None:
        """Remember a message in which people see it."""
        values = place_values(card.place) | {
            "change_id": card.change_id,
            "conversation_id": card.place.conversation_id,
            "base_id": card.place.base_id,
            "reader": card.reader,
            "activity_id": card.activity_id,
        }
        self._connection.execute(_ADD_CARD, values)

    def cards(self, change_id: int) -> Sequence[ChangeCard]:
        """List the messages in which people see it, in the order in which they were sent."""
        return [_card(row) for row in self._connection.execute(_CARDS, {"wanted": change_id})]


def listing(wanted: ChangeFilter) -> Select[Any]:
    """Build the query of a list: by key, never by offset, so that page 1,000 costs what page 1 costs."""
    return select(change).where(*_conditions(wanted)).order_by(*_LATEST).limit(wanted.limit)


def _conditions(wanted: ChangeFilter) -> Sequence[Any]:
    found: list[Any] = []
    if wanted.services:
        found.append(change.c.service.in_(wanted.services))
    if wanted.states:
        found.append(change.c.state.in_(wanted.states))
    if wanted.since is not None:
        found.append(change.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(change.c.at <= wanted.until)
    if wanted.before is not None:
        at, number = wanted.before
        here = tuple_(literal(at, UtcDateTime), literal(number, Integer))
        # Said twice: the plain bound is what SQLite looks up in the index.
        found.append(and_(change.c.at <= at, tuple_(change.c.at, change.c.id) < here))
    return found


def _values(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in _FIELDS} | {"links": [*change.links]}


def _change(row: Row[Any]) -> Change:
    return Change(
        id=row.id,
        title=row.title,
        service=row.service,
        risk=Risk(row.risk),
        at=row.at,
        state=ChangeState(row.state),
        recorded_at=row.recorded_at,
        source=row.source,
        recorded_by=row.recorded_by,
        author=row.author,
        ends_at=row.ends_at,
        rollback=row.rollback,
        links=tuple(row.links),
        comment=row.comment,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        version=row.version,
    )


def _card(row: Row[Any]) -> ChangeCard:
    return ChangeCard(
        change_id=row.change_id,
        place=place_from(row, row.conversation_id),
        reader=row.reader,
        activity_id=row.activity_id,
    )
