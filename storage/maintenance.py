"""Maintenance windows by number, with what they leave behind and where people see them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Row,
    Select,
    bindparam,
    cast,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.maintenance import Done, Maintenance, MaintenanceState
from domain.recurrence import Recurrence
from storage.functions import lines
from storage.place import PLACE_FIELDS, place_from, place_values
from storage.statements import adding, by_id, save_seen, saving_seen
from storage.tables import maintenance, maintenance_occurrence, maintenance_post, maintenance_service
from storage.tables.maintenance import IS_COMING, IS_LIVE, IS_RUNNING
from storage.types import CleanText
from usecases.maintenance_ports import MaintenanceFilter, MaintenancePost, Occurrence

_OWN = (
    "title",
    "starts_at",
    "ends_at",
    "zone",
    "owner",
    "scheduled_by",
    "scheduled_at",
    "slot",
    "impact",
    "runbook",
    "state",
    "plan",
    "cancelled_by",
    "reason",
    "unapproved",
    "version",
)
_FIELDS = (*_OWN, "lasts_s", "rule", "rule_starts", "done_by", "done_at", "evidence", "signed_off_by")
_SERVICE_LINES = (
    select(
        lines(
            cast(maintenance_service.c.position, CleanText)
            + literal_column("':'", CleanText)
            + maintenance_service.c.service_id
        )
    )
    .where(maintenance_service.c.maintenance_id == maintenance.c.id)
    .correlate(maintenance)
    .scalar_subquery()
)
_ALL = select(maintenance, _SERVICE_LINES.label("service_lines"))
_ADD = adding(maintenance, _FIELDS)
_SAVE = saving_seen(maintenance, _FIELDS)
_LOCK = select(maintenance.c.id).where(maintenance.c.id == bindparam("key")).with_for_update(key_share=True)
_BY_ID = _ALL.where(maintenance.c.id == bindparam("key"))
_ADD_SERVICE = insert(maintenance_service)
_ON_SERVICES = maintenance.c.id.in_(
    select(maintenance_service.c.maintenance_id).where(
        maintenance_service.c.service_id.in_(bindparam("services", expanding=True))
    )
)
# Asked of each that runs: they are few, whatever else there has been on the services.
_RUNS_ON_SERVICES = exists().where(
    maintenance_service.c.maintenance_id == maintenance.c.id,
    maintenance_service.c.service_id.in_(bindparam("services", expanding=True)),
)
_IN_ORDER = (maintenance.c.starts_at, maintenance.c.id)
_RUNNING = _ALL.where(IS_RUNNING).order_by(*_IN_ORDER)
_RUNNING_ON = _RUNNING.where(_RUNS_ON_SERVICES)
_LOCK_RUNNING_ON = select(maintenance.c.id).where(IS_RUNNING, _RUNS_ON_SERVICES).with_for_update(read=True)
_COMING = _ALL.where(IS_COMING).order_by(*_IN_ORDER).limit(bindparam("most", type_=Integer))
_COUNT_COMING = select(func.count()).select_from(maintenance).where(IS_COMING)
_STARTS_BEFORE = maintenance.c.starts_at < bindparam("until")
_ENDS_AFTER = or_(maintenance.c.ends_at > bindparam("since"), maintenance.c.state == MaintenanceState.OVERRUN)
_TOUCHING = (
    _ALL.where(IS_LIVE, _ON_SERVICES)
    .where(or_(maintenance.c.rule.is_not(None), _STARTS_BEFORE & _ENDS_AFTER))
    .order_by(*_IN_ORDER)
)
_LATEST = _ALL.order_by(maintenance.c.id.desc()).limit(bindparam("most", type_=Integer))

_OCCURRENCE_FIELDS = ("maintenance_id", "starts_at", "ends_at", "state", "ended_at", "ended_by", "words")
_ADD_OCCURRENCE = insert(maintenance_occurrence).values({name: bindparam(name) for name in _OCCURRENCE_FIELDS})
_OCCURRENCES = (
    select(maintenance_occurrence)
    .where(maintenance_occurrence.c.maintenance_id == bindparam("wanted"))
    .order_by(maintenance_occurrence.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_NEWEST_DONE = (
    select(func.max(maintenance_occurrence.c.id))
    .where(
        maintenance_occurrence.c.maintenance_id == bindparam("wanted"),
        maintenance_occurrence.c.state == MaintenanceState.DONE,
    )
    .scalar_subquery()
)
_SIGN_OFF = (
    update(maintenance_occurrence)
    .where(maintenance_occurrence.c.id == _NEWEST_DONE)
    .values(signed_off_by=bindparam("person"))
)

_POST_FIELDS = (*PLACE_FIELDS, "maintenance_id", "conversation_id", "reader", "activity_id")
_NEW_POST = upsert(maintenance_post).values({name: bindparam(name) for name in _POST_FIELDS})
_ADD_POST = _NEW_POST.on_conflict_do_update(
    index_elements=["maintenance_id", "conversation_id"],
    set_={"activity_id": _NEW_POST.excluded.activity_id, "reader": _NEW_POST.excluded.reader},
).returning(maintenance_post.c.id)
_POST = by_id(maintenance_post)
_POSTS = (
    select(maintenance_post)
    .where(maintenance_post.c.maintenance_id == bindparam("wanted"))
    .order_by(maintenance_post.c.id)
)
_STANDS = (
    update(maintenance_post).where(maintenance_post.c.id == bindparam("key")).values(activity_id=bindparam("activity"))
)


class SqlMaintenances:
    """Implements usecases.maintenance_ports.Maintenances."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._locks_rows = connection.dialect.name == "postgresql"

    # -- windows --------------------------------------------------------------------------------------------------

    def add(self, window: Maintenance) -> Maintenance:
        """Store a new one (id 0) and give it its number."""
        number = self._connection.execute(_ADD, _values(window)).scalar_one()
        rows = [
            {"maintenance_id": number, "service_id": service, "position": place}
            for place, service in enumerate(window.services)
        ]
        self._connection.execute(_ADD_SERVICE, rows)
        return replace(window, id=number)

    def get(self, window_id: int) -> Maintenance | None:
        """Read one."""
        row = self._connection.execute(_BY_ID, {"key": window_id}).one_or_none()
        return None if row is None else _window(row)

    def lock(self, window_id: int) -> Maintenance | None:
        """Read one that nobody else changes. SQLite has one writer anyway; PostgreSQL locks the row first."""
        if self._locks_rows:
            self._connection.execute(_LOCK, {"key": window_id})
        return self.get(window_id)

    def save(self, window: Maintenance, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        save_seen(self._connection, _SAVE, window.id, seen, _values(window))

    def running_on(self, services: Collection[str], *, lock: bool = False) -> Sequence[Maintenance]:
        """List those in progress or overrunning on any of these services, the earliest start first.

        With `lock` none of them ends before this transaction does.
        """
        if not services:
            return ()
        wanted = {"services": [*services]}
        if lock:
            self._connection.execute(_LOCK_RUNNING_ON, wanted).all()
        return self._read(_RUNNING_ON, **wanted)

    def running(self) -> Sequence[Maintenance]:
        """List all in progress or overrunning, the earliest start first."""
        return self._read(_RUNNING)

    def coming(self, *, limit: int) -> Sequence[Maintenance]:
        """List those that have not begun, the soonest first."""
        return self._read(_COMING, most=limit)

    def count_coming(self) -> int:
        """Count those that have not begun."""
        return self._connection.execute(_COUNT_COMING).scalar_one()

    def touching(self, services: Collection[str], starts_at: datetime, ends_at: datetime) -> Sequence[Maintenance]:
        """List what is still to come or runs on any of these services and could overlap a half-open time."""
        return self._read(_TOUCHING, services=[*services], until=ends_at, since=starts_at) if services else ()

    def list(self, wanted: MaintenanceFilter) -> Sequence[Maintenance]:
        """List the newest first."""
        query, values = _LATEST, dict[str, Any](most=wanted.limit)
        if wanted.starts_before is not None:
            query, values["until"] = query.where(_STARTS_BEFORE), wanted.starts_before
        if wanted.ends_after is not None:
            query, values["since"] = query.where(_ENDS_AFTER), wanted.ends_after
        if wanted.services:
            query, values["services"] = query.where(_ON_SERVICES), [*wanted.services]
        if wanted.live:
            query = query.where(IS_LIVE)
        if wanted.before is not None:
            query, values["before"] = query.where(maintenance.c.id < bindparam("before")), wanted.before
        return self._read(query, **values)

    def _read(self, query: Select[Any], **values: Any) -> Sequence[Maintenance]:
        return [_window(row) for row in self._connection.execute(query, values)]

    # -- occurrences ----------------------------------------------------------------------------------------------

    def ended(self, occurrence: Occurrence) -> None:
        """Keep how an occurrence ended."""
        values = {name: getattr(occurrence, name) for name in _OCCURRENCE_FIELDS}
        self._connection.execute(_ADD_OCCURRENCE, values)

    def occurrences(self, window_id: int, *, limit: int = 20) -> Sequence[Occurrence]:
        """List how the occurrences of a window ended, the newest first."""
        rows = self._connection.execute(_OCCURRENCES, {"wanted": window_id, "most": limit})
        return [
            Occurrence(
                **{name: getattr(row, name) for name in _OCCURRENCE_FIELDS if name != "state"},
                state=MaintenanceState(row.state),
                signed_off_by=row.signed_off_by,
            )
            for row in rows
        ]

    def signed_off(self, window_id: int, person_id: int) -> None:
        """Keep who signed off the newest occurrence that was done."""
        self._connection.execute(_SIGN_OFF, {"wanted": window_id, "person": person_id})

    # -- messages -------------------------------------------------------------------------------------------------

    def add_post(self, post: MaintenancePost) -> MaintenancePost:
        """Remember a message (id 0); what a chat had before about the same window gives way to it."""
        values = place_values(post.place) | {
            "maintenance_id": post.maintenance_id,
            "conversation_id": post.place.conversation_id,
            "reader": post.reader,
            "activity_id": post.activity_id,
        }
        return replace(post, id=self._connection.execute(_ADD_POST, values).scalar_one())

    def post(self, post_id: int) -> MaintenancePost | None:
        """Read where a message stands."""
        row = self._connection.execute(_POST, {"key": post_id}).one_or_none()
        return None if row is None else _post(row)

    def posts(self, window_id: int) -> Sequence[MaintenancePost]:
        """List the messages in which people see a window, in the order in which they were made."""
        return [_post(row) for row in self._connection.execute(_POSTS, {"wanted": window_id})]

    def stands(self, post_id: int, activity_id: str) -> None:
        """Record how Teams has named a message."""
        self._connection.execute(_STANDS, {"key": post_id, "activity": activity_id})


def _values(window: Maintenance) -> dict[str, Any]:
    recurrence, done = window.recurrence, window.done
    return {name: getattr(window, name) for name in _OWN} | {
        "lasts_s": round(window.lasts.total_seconds()),
        "rule": recurrence.rule if recurrence else None,
        "rule_starts": recurrence.starts.isoformat() if recurrence else None,
        "done_by": done.by if done else None,
        "done_at": done.at if done else None,
        "evidence": done.evidence if done else None,
        "signed_off_by": done.signed_off_by if done else None,
    }


def _window(row: Row[Any]) -> Maintenance:
    given = {name: getattr(row, name) for name in _OWN if name != "state"}
    done = None
    if row.done_by is not None:
        done = Done(by=row.done_by, at=row.done_at, evidence=row.evidence, signed_off_by=row.signed_off_by)
    rule = _recurrence(row.rule, row.rule_starts, row.zone) if row.rule else None
    return Maintenance(
        id=row.id,
        services=_services(row.service_lines),
        lasts=timedelta(seconds=row.lasts_s),
        recurrence=rule,
        state=MaintenanceState(row.state),
        done=done,
        **given,
    )


@lru_cache(maxsize=4_096)
def _recurrence(rule: str, starts: str, zone: str) -> Recurrence:
    """Read a rule once: of a service's recurring windows all are looked at for a clash."""
    return Recurrence.parse(rule, datetime.fromisoformat(starts), zone)


def _services(text: str | None) -> tuple[str, ...]:
    pairs: Iterable[tuple[str, str, str]] = (line.partition(":") for line in (text or "").splitlines())
    return tuple(service for _, _, service in sorted(pairs, key=lambda pair: int(pair[0])))


def _post(row: Row[Any]) -> MaintenancePost:
    return MaintenancePost(
        id=row.id,
        maintenance_id=row.maintenance_id,
        place=place_from(row, row.conversation_id),
        reader=row.reader,
        activity_id=row.activity_id,
    )
