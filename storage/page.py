"""The delivery ledger."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from domain.paging import Page, PageReason, PageResult, Way
from storage.place import PLACE_FIELDS, place_from, place_values
from storage.statements import adding, by_id, save, saving
from storage.tables import page

_OWN = (
    "reason",
    "way",
    "due_at",
    "person_id",
    "incident_id",
    "cycle",
    "escalation_id",
    "drill_id",
    "step",
    "round",
    "target",
    "result",
    "detail",
    "attempts",
    "sent_at",
    "acknowledged_at",
    "bundled_into",
    "activity_id",
)
_FIELDS = (*_OWN, "team", *PLACE_FIELDS, "conversation_id")
_NOWHERE: dict[str, Any] = dict.fromkeys((*PLACE_FIELDS, "conversation_id"))
_ADD = adding(page, _FIELDS)
_SAVE = saving(page, _FIELDS)
_BY_ID = by_id(page)
# Rows that refer to a page hold a share of its key until they are committed: two that then lock it must not wait for
# each other. FOR NO KEY UPDATE lets such shares be, and keeps every other change out.
_LOCK = _BY_ID.with_for_update(key_share=True)
_OF_INCIDENT = select(page).where(page.c.incident_id == bindparam("wanted")).order_by(page.c.id)
_OF_DRILL = select(page).where(page.c.drill_id == bindparam("wanted")).order_by(page.c.id)
_BUNDLED_INTO = select(page).where(page.c.bundled_into == bindparam("wanted")).order_by(page.c.id)
_TO_PERSON = (
    select(page)
    .where(
        page.c.person_id == bindparam("wanted"), page.c.due_at >= bindparam("since"), page.c.incident_id.is_not(None)
    )
    .order_by(page.c.due_at.desc(), page.c.id.desc())
)


class SqlPages:
    """Implements usecases.oncall_ports.Pages."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, page: Page) -> Page:
        """Store a new one (id 0) and give it its number."""
        return replace(page, id=self._connection.execute(_ADD, _values(page)).scalar_one())

    def get(self, page_id: int) -> Page | None:
        """Read one."""
        row = self._connection.execute(_BY_ID, {"key": page_id}).one_or_none()
        return None if row is None else _page(row)

    def save(self, page: Page) -> None:
        """Write a changed one. Read it in this transaction under the lock of its incident (or `lock` it)."""
        save(self._connection, _SAVE, page.id, _values(page))

    def lock(self, page_id: int) -> Page | None:
        """Read one to change it: until this transaction ends nobody else does. SQLite has one writer anyway."""
        row = self._connection.execute(_LOCK, {"key": page_id}).one_or_none()
        return None if row is None else _page(row)

    def of_incident(self, incident_id: int) -> Sequence[Page]:
        """List those of an incident, oldest first."""
        return self._list(_OF_INCIDENT, wanted=incident_id)

    def of_drill(self, drill_id: int) -> Sequence[Page]:
        """List those of a drill, oldest first."""
        return self._list(_OF_DRILL, wanted=drill_id)

    def bundled_into(self, page_id: int) -> Sequence[Page]:
        """List those that stand on this page's card too, oldest first."""
        return self._list(_BUNDLED_INTO, wanted=page_id)

    def to_person(self, person_id: int, *, due_after: datetime) -> Sequence[Page]:
        """List pages of incidents to a person that were due at `due_after` or later, newest first."""
        return self._list(_TO_PERSON, wanted=person_id, since=due_after)

    def _list(self, query: Any, **values: Any) -> Sequence[Page]:
        return [_page(row) for row in self._connection.execute(query, values)]


def _values(page: Page) -> dict[str, Any]:
    values = {name: getattr(page, name) for name in _OWN} | _NOWHERE | {"team": page.team_id}
    if page.place is not None:
        values |= place_values(page.place) | {"conversation_id": page.place.conversation_id}
    return values


def _page(row: Row[Any]) -> Page:
    return Page(
        id=row.id,
        reason=PageReason(row.reason),
        way=Way(row.way),
        due_at=row.due_at,
        person_id=row.person_id,
        team_id=row.team,
        incident_id=row.incident_id,
        cycle=row.cycle,
        escalation_id=row.escalation_id,
        drill_id=row.drill_id,
        step=row.step,
        round=row.round,
        target=row.target,
        result=PageResult(row.result),
        detail=row.detail,
        attempts=row.attempts,
        sent_at=row.sent_at,
        acknowledged_at=row.acknowledged_at,
        bundled_into=row.bundled_into,
        place=place_from(row, row.conversation_id) if row.conversation_id is not None else None,
        activity_id=row.activity_id,
    )
