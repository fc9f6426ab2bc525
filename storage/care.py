"""Planned care by number: tasks, their times, and the messages in which people see them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, insert, select, update

from domain.care import CareState, CareTask, Evidence, Occurrence, Proof
from domain.recurrence import Recurrence
from domain.zones import format_wall_time, parse_wall_time
from storage.statements import adding, by_id, save_seen, saving_seen
from storage.tables import care_card, care_occurrence, care_task
from storage.tables.care import IS_OPEN, IS_RUNNING
from usecases.care_ports import CareCard

_PLAIN = (
    "title",
    "team",
    "service",
    "owner",
    "hours",
    "evidence",
    "sign_off",
    "made_by",
    "made_at",
    "done_at",
    "missed",
    "stopped_at",
    "stopped_by",
    "stop_reason",
    "version",
)
_RHYTHM = ("rule", "starts", "zone")
_ADD = adding(care_task, (*_PLAIN, *_RHYTHM))
_SAVE = saving_seen(care_task, (*_PLAIN, *_RHYTHM))
_BY_ID = by_id(care_task)
_LOCK = _BY_ID.with_for_update(key_share=True)
_RUNNING = select(care_task).where(IS_RUNNING).order_by(care_task.c.id)

_CLOSED = ("task", "due_at", "state", "closed_by", "closed_at", "reason", "signed_off_by", "signed_off_at", "version")
_PROOF = ("note", "link", "number", "hours")
_ADD_TIME = adding(care_occurrence, (*_CLOSED, *_PROOF))
_SAVE_TIME = saving_seen(care_occurrence, (*_CLOSED, *_PROOF))
_TIME_BY_ID = by_id(care_occurrence)
_OF_TASK = care_occurrence.c.task == bindparam("wanted")
_OPEN = select(care_occurrence).where(IS_OPEN)
_OPEN_OF = _OPEN.where(_OF_TASK)
_HISTORY = (
    select(care_occurrence)
    .where(_OF_TASK, care_occurrence.c.state != CareState.OPEN)
    .order_by(care_occurrence.c.due_at.desc())
    .limit(bindparam("most", type_=Integer))
)
_TEAMS_TASKS = select(care_task).where(care_task.c.team == bindparam("wanted"))
_DUE_BETWEEN = (
    select(care_occurrence)
    .join(care_task, care_task.c.id == care_occurrence.c.task)
    .where(
        care_task.c.team == bindparam("wanted"),
        care_occurrence.c.due_at >= bindparam("since"),
        care_occurrence.c.due_at < bindparam("until"),
    )
    .order_by(care_occurrence.c.due_at, care_occurrence.c.id)
)

_CARD_FIELDS = ("occurrence_id", "reader", "activity_id")
_ADD_CARD = insert(care_card).values({name: bindparam(name) for name in _CARD_FIELDS})
_CARDS = select(care_card).where(care_card.c.occurrence_id == bindparam("wanted")).order_by(care_card.c.id)
_MOVE_CARDS = (
    update(care_card)
    .where(care_card.c.occurrence_id == bindparam("before"))
    .values(occurrence_id=bindparam("after", type_=Integer))
)


class SqlCare:
    """Implements usecases.care_ports.Care."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, task: CareTask) -> CareTask:
        """Store a new one (id 0) and give it its number."""
        return replace(task, id=self._connection.execute(_ADD, _task_values(task)).scalar_one())

    def get(self, task_id: int) -> CareTask | None:
        """Read one."""
        row = self._connection.execute(_BY_ID, {"key": task_id}).one_or_none()
        return None if row is None else _task(row)

    def lock(self, task_id: int) -> CareTask | None:
        """Read one that nobody else changes until the transaction ends, with all its times."""
        row = self._connection.execute(_LOCK, {"key": task_id}).one_or_none()
        return None if row is None else _task(row)

    def save(self, task: CareTask, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        save_seen(self._connection, _SAVE, task.id, seen, _task_values(task))

    def running(self) -> Sequence[CareTask]:
        """List those that have not stopped, in the order in which they were made."""
        return [_task(row) for row in self._connection.execute(_RUNNING)]

    def add_occurrence(self, occurrence: Occurrence) -> Occurrence:
        """Store a new one (id 0) and give it its number."""
        return replace(occurrence, id=self._connection.execute(_ADD_TIME, _time_values(occurrence)).scalar_one())

    def save_occurrence(self, occurrence: Occurrence, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        save_seen(self._connection, _SAVE_TIME, occurrence.id, seen, _time_values(occurrence))

    def occurrence(self, occurrence_id: int) -> Occurrence | None:
        """Read one time."""
        row = self._connection.execute(_TIME_BY_ID, {"key": occurrence_id}).one_or_none()
        return None if row is None else _time(row)

    def open_of(self, task_id: int) -> Occurrence | None:
        """Read the one open time of a task; None: it has stopped."""
        row = self._connection.execute(_OPEN_OF, {"wanted": task_id}).one_or_none()
        return None if row is None else _time(row)

    def open(self) -> Mapping[int, Occurrence]:
        """Read the open times of all tasks, by task."""
        return {row.task: _time(row) for row in self._connection.execute(_OPEN)}

    def history(self, task_id: int, *, limit: int = 50) -> Sequence[Occurrence]:
        """List the times of a task that are closed, the latest first."""
        return [_time(row) for row in self._connection.execute(_HISTORY, {"wanted": task_id, "most": limit})]

    def due_between(self, team: str, since: datetime, until: datetime) -> Iterable[tuple[CareTask, Occurrence]]:
        """List the times of a team's tasks that are or were due in [since, until), running or not."""
        tasks = {row.id: _task(row) for row in self._connection.execute(_TEAMS_TASKS, {"wanted": team})}
        rows = self._connection.execute(_DUE_BETWEEN, {"wanted": team, "since": since, "until": until})
        return [(tasks[row.task], _time(row)) for row in rows]

    def stands(self, card: CareCard) -> None:
        """Remember a message in which somebody sees a time."""
        self._connection.execute(_ADD_CARD, {name: getattr(card, name) for name in _CARD_FIELDS})

    def cards(self, occurrence_id: int) -> Sequence[CareCard]:
        """List the messages in which people see a time."""
        found = self._connection.execute(_CARDS, {"wanted": occurrence_id})
        return [CareCard(occurrence_id=r.occurrence_id, reader=r.reader, activity_id=r.activity_id) for r in found]

    def move_cards(self, before: int, after: int) -> None:
        """Let the messages about one time be about another one of the same task."""
        self._connection.execute(_MOVE_CARDS, {"before": before, "after": after})


def _task_values(task: CareTask) -> dict[str, Any]:
    values = {name: getattr(task, name) for name in _PLAIN}
    rhythm = task.rhythm
    return values | {"rule": rhythm.rule, "starts": format_wall_time(rhythm.starts), "zone": rhythm.zone}


def _task(row: Row[Any]) -> CareTask:
    return CareTask(
        id=row.id,
        title=row.title,
        team=row.team,
        service=row.service,
        owner=row.owner,
        rhythm=Recurrence.parse(row.rule, parse_wall_time(row.starts), row.zone),
        hours=row.hours,
        evidence=None if row.evidence is None else Evidence(row.evidence),
        sign_off=row.sign_off,
        made_by=row.made_by,
        made_at=row.made_at,
        done_at=row.done_at,
        missed=row.missed,
        stopped_at=row.stopped_at,
        stopped_by=row.stopped_by,
        stop_reason=row.stop_reason,
        version=row.version,
    )


def _time_values(occurrence: Occurrence) -> dict[str, Any]:
    values = {name: getattr(occurrence, name) for name in _CLOSED}
    return values | {name: getattr(occurrence.proof, name) for name in _PROOF}


def _time(row: Row[Any]) -> Occurrence:
    return Occurrence(
        id=row.id,
        task=row.task,
        due_at=row.due_at,
        state=CareState(row.state),
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        proof=Proof(note=row.note, link=row.link, number=row.number, hours=row.hours),
        reason=row.reason,
        signed_off_by=row.signed_off_by,
        signed_off_at=row.signed_off_at,
        version=row.version,
    )
