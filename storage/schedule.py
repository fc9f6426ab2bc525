"""Schedules and escalation policies, as the organisation file and people have made them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, delete, select, true, update

from domain.escalation import EscalationPolicy
from domain.oncall import Override, Schedule
from storage.parsed import as_text, policy_from, schedule_from, shifts_from
from storage.person import SqlPeople, folded
from storage.statements import adding
from storage.tables import escalation_policy, feed, person, schedule, schedule_override
from usecases.oncall_ports import MadeOverride

_ROWS: Any = select(
    schedule.c.id, as_text(schedule.c.document).label("text"), as_text(feed.c.shifts).label("shifts_text")
).outerjoin(feed, feed.c.schedule == schedule.c.id)
_ONE = _ROWS.where(schedule.c.id == bindparam("wanted"))
_ALL = _ROWS.order_by(schedule.c.id)
_LOCK = select(schedule.c.id).where(schedule.c.id == bindparam("wanted")).with_for_update(key_share=True)
_POLICY = select(as_text(escalation_policy.c.document)).where(escalation_policy.c.id == bindparam("wanted"))

_MADE = (
    select(schedule_override, person.c.handle)
    .join(person, person.c.id == schedule_override.c.person_id)
    .order_by(schedule_override.c.id)
)
_MADE_ONE = _MADE.where(schedule_override.c.id == bindparam("key"))
_MADE_FOR_LISTED = _MADE.where(person.c.listed.is_(true()))
_MADE_ALL = _MADE.where(person.c.active.is_(true()))
_MADE_HERE = _MADE_ALL.where(schedule_override.c.schedule == bindparam("here"))
_MADE_ENDING = _MADE_HERE.where(schedule_override.c.ends_at > bindparam("after"))
_MADE_WITH_PERSON = (
    select(schedule_override.c.id, schedule_override.c.schedule, person.c.active)
    .join(person, person.c.id == schedule_override.c.person_id)
    .order_by(schedule_override.c.id)
)
_RENAME = (
    update(schedule_override)
    .where(schedule_override.c.id == bindparam("key"))
    .values(schedule=bindparam("new_schedule"))
)
_ADD = adding(schedule_override, ("schedule", "person_id", "starts_at", "ends_at", "made_by", "made_at"))
_REMOVE = delete(schedule_override).where(schedule_override.c.id == bindparam("key"))


class SqlSchedules:
    """Implements usecases.oncall_ports.Schedules. Documents are parsed once per text, not once per look."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._locks_rows = connection.dialect.name == "postgresql"

    def get(self, schedule_id: str) -> Schedule | None:
        """Find one by id, in any case: the file's overrides, then people's own, and what its calendar gave."""
        row = self._find(_ONE, schedule, schedule_id)
        return None if row is None else _schedule(row, self._made(_MADE_HERE, here=row.id))

    def lock(self, schedule_id: str) -> Schedule | None:
        """Read one to plan or change it. SQLite has one writer anyway; PostgreSQL locks the row first and reads then."""
        # An import writes the rows anew: who waited for one finds its old row gone, and locks the new one.
        for _ in range(2 if self._locks_rows else 0):
            if self._find(_LOCK, schedule, schedule_id) is not None:
                break
        return self.get(schedule_id)

    def all(self) -> Sequence[Schedule]:
        """List all, by id."""
        made = by_schedule(self._made(_MADE_ALL))
        return [_schedule(row, made.get(row.id, ())) for row in self._connection.execute(_ALL)]

    def of_team(self, team_id: str) -> Sequence[Schedule]:
        """List those of a team, by id."""
        wanted = folded(team_id)
        return [found for found in self.all() if folded(found.team) == wanted]

    def policy(self, policy_id: str) -> EscalationPolicy | None:
        """Find an escalation policy by id, in any case."""
        row = self._find(_POLICY, escalation_policy, policy_id)
        return None if row is None else policy_from(row[0])

    def add_override(self, made: MadeOverride) -> MadeOverride:
        """Store a new one (id 0) and give it its number. Raise KeyError for a handle that nobody has.

        It begins and ends at whole seconds: the organisation file, into which it is exported, knows no others.
        """
        whom = SqlPeople(self._connection).by_handle(made.override.person)
        if whom is None:
            raise KeyError(made.override.person)
        override = Override(
            person=whom.handle,
            starts_at=made.override.starts_at.replace(microsecond=0),
            ends_at=made.override.ends_at.replace(microsecond=0),
        )
        values = {
            "schedule": made.schedule,
            "person_id": whom.id,
            "starts_at": override.starts_at,
            "ends_at": override.ends_at,
            "made_by": made.made_by,
            "made_at": made.made_at,
        }
        return replace(made, id=self._connection.execute(_ADD, values).scalar_one(), override=override)

    def override(self, override_id: int) -> MadeOverride | None:
        """Read one that a person made."""
        return next(iter(self._made(_MADE_ONE, key=override_id)), None)

    def overrides(self, schedule_id: str, *, ending_after: datetime) -> Sequence[MadeOverride]:
        """List those that people made for somebody who is active, in the order in which they were made."""
        return self._made(_MADE_ENDING, here=schedule_id, after=ending_after)

    def remove_override(self, override_id: int) -> None:
        """Take one back."""
        self._connection.execute(_REMOVE, {"key": override_id})

    def made(self, *, listed_only: bool = False) -> Sequence[MadeOverride]:
        """List all that people made for somebody who is active, or whom the organisation file names."""
        return self._made(_MADE_FOR_LISTED if listed_only else _MADE_ALL)

    def forget_overrides(self, taken_over: Collection[int]) -> None:
        """Forget what people made that the file has taken over, and what is for a person or a schedule that is gone.

        The rest stays, also what somebody has made while the import went on.
        """
        schedules = {folded(name): name for name in self._connection.execute(select(schedule.c.id)).scalars()}
        for row in self._connection.execute(_MADE_WITH_PERSON).all():
            name = schedules.get(folded(row.schedule))
            if row.id in taken_over or not row.active or name is None:
                self.remove_override(row.id)
            elif name != row.schedule:
                self._connection.execute(_RENAME, {"key": row.id, "new_schedule": name})

    def _made(self, query: Any, **values: Any) -> Sequence[MadeOverride]:
        return [_override(row) for row in self._connection.execute(query, values)]

    def _find(self, query: Any, table: Table, wanted: str) -> Row[Any] | None:
        """Look up by id as it is written; where nothing is found, look whether an id differs in case only."""
        row = self._connection.execute(query, {"wanted": wanted}).one_or_none()
        if row is not None:
            return row
        key = folded(wanted)
        same = next((i for i in self._connection.execute(select(table.c.id)).scalars() if folded(i) == key), None)
        return None if same is None else self._connection.execute(query, {"wanted": same}).one_or_none()


def with_made(said: Schedule, made: Sequence[MadeOverride]) -> Schedule:
    """Put the overrides that people made behind those of the file: they were made later, so they win."""
    return replace(said, overrides=(*said.overrides, *(one.override for one in made))) if made else said


def by_schedule(made: Sequence[MadeOverride]) -> Mapping[str, Sequence[MadeOverride]]:
    """Group overrides by schedule, in their order."""
    groups: defaultdict[str, list[MadeOverride]] = defaultdict(list)
    for one in made:
        groups[one.schedule].append(one)
    return groups


def _schedule(row: Row[Any], made: Sequence[MadeOverride]) -> Schedule:
    said = with_made(schedule_from(row.text), made)
    if said.calendar is None or row.shifts_text is None:
        return said
    return replace(said, imported=shifts_from(row.shifts_text))


def _override(row: Row[Any]) -> MadeOverride:
    return MadeOverride(
        id=row.id,
        schedule=row.schedule,
        override=Override(person=row.handle, starts_at=row.starts_at, ends_at=row.ends_at),
        made_by=row.made_by,
        made_at=row.made_at,
    )
