"""Action items by number."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from domain.action import Action, ActionKind, ActionState
from storage.statements import adding, by_id, save_seen, saving_seen
from storage.tables import action_card, action_item
from usecases.action_ports import ActionCard, ActionFilter

_FIELDS = (
    "title",
    "kind",
    "owner",
    "due_on",
    "incident",
    "factor",
    "repair",
    "made_by",
    "made_at",
    "state",
    "closed_by",
    "closed_at",
    "words",
    "plan",
    "version",
)
_ADD = adding(action_item, _FIELDS)
_SAVE = saving_seen(action_item, _FIELDS)
_BY_ID = by_id(action_item)
_LOCK = _BY_ID.with_for_update(key_share=True)
_CARD_FIELDS = ("action_id", "reader", "activity_id")
_ADD_CARD = insert(action_card).values({name: bindparam(name) for name in _CARD_FIELDS})
_CARDS = select(action_card).where(action_card.c.action_id == bindparam("wanted")).order_by(action_card.c.id)


class SqlActions:
    """Implements usecases.action_ports.Actions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, action: Action) -> Action:
        """Store a new one (id 0) and give it its number."""
        return replace(action, id=self._connection.execute(_ADD, _values(action)).scalar_one())

    def get(self, action_id: int) -> Action | None:
        """Read one."""
        row = self._connection.execute(_BY_ID, {"key": action_id}).one_or_none()
        return None if row is None else _action(row)

    def lock(self, action_id: int) -> Action | None:
        """Read one that nobody else changes until the transaction ends."""
        row = self._connection.execute(_LOCK, {"key": action_id}).one_or_none()
        return None if row is None else _action(row)

    def save(self, action: Action, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        save_seen(self._connection, _SAVE, action.id, seen, _values(action))

    def list(self, wanted: ActionFilter) -> Sequence[Action]:
        """List some."""
        order = (action_item.c.due_on, action_item.c.id) if wanted.by_due_day else (action_item.c.id.desc(),)
        query = select(action_item).where(*_conditions(wanted)).order_by(*order)
        return [_action(row) for row in self._connection.execute(query.offset(wanted.skip).limit(wanted.limit))]

    def count(self, wanted: ActionFilter) -> int:
        """Count what a list without an end would have."""
        query = select(func.count()).select_from(action_item).where(*_conditions(wanted))
        return self._connection.execute(query).scalar_one()

    def stands(self, card: ActionCard) -> None:
        """Remember a message in which somebody sees one."""
        self._connection.execute(_ADD_CARD, {name: getattr(card, name) for name in _CARD_FIELDS})

    def cards(self, action_id: int) -> Sequence[ActionCard]:
        """List the messages in which people see one, in the order in which they were sent."""
        return [
            ActionCard(action_id=row.action_id, reader=row.reader, activity_id=row.activity_id)
            for row in self._connection.execute(_CARDS, {"wanted": action_id})
        ]


def _conditions(wanted: ActionFilter) -> Sequence[Any]:
    found: list[Any] = []
    if wanted.states:
        found.append(action_item.c.state.in_([str(state) for state in wanted.states]))
    if wanted.owners is not None:
        found.append(action_item.c.owner.in_([*wanted.owners]))
    if wanted.incidents is not None:
        found.append(action_item.c.incident.in_([*wanted.incidents]))
    if wanted.due_before is not None:
        found.append(action_item.c.due_on < wanted.due_before)
    if wanted.before is not None:
        found.append(action_item.c.id < wanted.before)
    return found


def _values(action: Action) -> dict[str, Any]:
    return {name: getattr(action, name) for name in _FIELDS}


def _action(row: Row[Any]) -> Action:
    return Action(
        id=row.id,
        title=row.title,
        kind=ActionKind(row.kind),
        owner=row.owner,
        due_on=row.due_on,
        incident=row.incident,
        factor=row.factor,
        repair=row.repair,
        made_by=row.made_by,
        made_at=row.made_at,
        state=ActionState(row.state),
        closed_by=row.closed_by,
        closed_at=row.closed_at,
        words=row.words,
        plan=row.plan,
        version=row.version,
    )
