"""Problems by number, the incidents they are made of, and the messages in which people see them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select

from domain.problem import Problem, ProblemState
from storage.statements import adding, by_id, save_seen, saving_seen
from storage.tables import problem as problem_table
from storage.tables import problem_card, problem_incident
from usecases.problem_ports import ProblemCard, ProblemFilter

_FIELDS = (
    "title",
    "service",
    "owner",
    "due_on",
    "made_at",
    "state",
    "evidence",
    "closed_by",
    "closed_at",
    "plan",
    "version",
)
_ADD = adding(problem_table, _FIELDS)
_SAVE = saving_seen(problem_table, _FIELDS)
_BY_ID = by_id(problem_table)
_LOCK = _BY_ID.with_for_update(key_share=True)
_OF_INCIDENT = (
    select(problem_table)
    .join(problem_incident, problem_incident.c.problem_id == problem_table.c.id)
    .where(problem_incident.c.incident_id == bindparam("incident"))
)
_OF_INCIDENTS = select(problem_incident).where(
    problem_incident.c.incident_id.in_(bindparam("incidents", expanding=True))
)
_INCIDENTS = (
    select(problem_incident.c.incident_id)
    .where(problem_incident.c.problem_id == bindparam("wanted"))
    .order_by(problem_incident.c.incident_id)
)
_UNLINK = delete(problem_incident).where(problem_incident.c.incident_id == bindparam("incident"))
_CARD_FIELDS = ("problem_id", "reader", "activity_id")
_ADD_CARD = insert(problem_card).values({name: bindparam(name) for name in _CARD_FIELDS})
_CARDS = select(problem_card).where(problem_card.c.problem_id == bindparam("wanted")).order_by(problem_card.c.id)


class SqlProblems:
    """Implements usecases.problem_ports.Problems."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, problem: Problem, incidents: Sequence[int]) -> Problem:
        """Store a new one (id 0) with its incidents and give it its number."""
        added = replace(problem, id=self._connection.execute(_ADD, _values(problem)).scalar_one())
        for incident in incidents:
            self.link(added.id, incident)
        return added

    def get(self, problem_id: int) -> Problem | None:
        """Read one."""
        return _problem(self._connection.execute(_BY_ID, {"key": problem_id}).one_or_none())

    def lock(self, problem_id: int) -> Problem | None:
        """Read one that nobody else changes until the transaction ends."""
        return _problem(self._connection.execute(_LOCK, {"key": problem_id}).one_or_none())

    def save(self, problem: Problem, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        save_seen(self._connection, _SAVE, problem.id, seen, _values(problem))

    def of_incident(self, incident_id: int) -> Problem | None:
        """Find the problem an incident belongs to."""
        return _problem(self._connection.execute(_OF_INCIDENT, {"incident": incident_id}).one_or_none())

    def of_incidents(self, incident_ids: Collection[int]) -> Mapping[int, int]:
        """Tell the problems of several incidents; those without one are left out."""
        rows = self._connection.execute(_OF_INCIDENTS, {"incidents": sorted(incident_ids)}) if incident_ids else ()
        return {row.incident_id: row.problem_id for row in rows}

    def incidents(self, problem_id: int) -> Sequence[int]:
        """List the incidents of one, the oldest first."""
        return [*self._connection.execute(_INCIDENTS, {"wanted": problem_id}).scalars()]

    def link(self, problem_id: int, incident_id: int) -> bool:
        """Say that an incident belongs to one, and to no other; False when it did."""
        if self.of_incidents([incident_id]).get(incident_id) == problem_id:
            return False
        self.unlink(incident_id)
        self._connection.execute(insert(problem_incident), {"problem_id": problem_id, "incident_id": incident_id})
        return True

    def unlink(self, incident_id: int) -> None:
        """Say that an incident belongs to none."""
        self._connection.execute(_UNLINK, {"incident": incident_id})

    def list(self, wanted: ProblemFilter) -> Sequence[Problem]:
        """List some."""
        order = (
            (problem_table.c.id.desc(),) if wanted.before is not None else (problem_table.c.due_on, problem_table.c.id)
        )
        query = (
            select(problem_table).where(*_conditions(wanted)).order_by(*order).offset(wanted.skip).limit(wanted.limit)
        )
        return [found for row in self._connection.execute(query) if (found := _problem(row))]

    def count(self, wanted: ProblemFilter) -> int:
        """Count what a list without an end would have."""
        query = select(func.count()).select_from(problem_table).where(*_conditions(wanted))
        return self._connection.execute(query).scalar_one()

    def stands(self, card: ProblemCard) -> None:
        """Remember a message in which somebody sees one."""
        self._connection.execute(_ADD_CARD, {name: getattr(card, name) for name in _CARD_FIELDS})

    def cards(self, problem_id: int) -> Sequence[ProblemCard]:
        """List the messages in which people see one, in the order in which they were sent."""
        return [
            ProblemCard(problem_id=row.problem_id, reader=row.reader, activity_id=row.activity_id)
            for row in self._connection.execute(_CARDS, {"wanted": problem_id})
        ]


def _conditions(wanted: ProblemFilter) -> Sequence[Any]:
    found: list[Any] = []
    if wanted.states:
        found.append(problem_table.c.state.in_([str(state) for state in wanted.states]))
    if wanted.owners is not None:
        found.append(problem_table.c.owner.in_([*wanted.owners]))
    if wanted.services is not None:
        found.append(problem_table.c.service.in_(sorted(wanted.services)))
    if wanted.before is not None:
        found.append(problem_table.c.id < wanted.before)
    return found


def _values(of: Problem) -> dict[str, Any]:
    return {name: getattr(of, name) for name in _FIELDS}


def _problem(row: Row[Any] | None) -> Problem | None:
    if row is None:
        return None
    return Problem(
        id=row.id,
        title=row.title,
        service=row.service,
        owner=row.owner,
        due_on=row.due_on,
        made_at=row.made_at,
        state=ProblemState(row.state),
        evidence=row.evidence,
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        plan=row.plan,
        version=row.version,
    )
