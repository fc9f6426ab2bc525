"""People the bot knows."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, true, update

from domain.people import BOT_ID, Person
from storage.tables import person

_FIELDS = (
    "handle",
    "name",
    "object_id",
    "tenant_id",
    "channel_user_id",
    "email",
    "time_zone",
    "admin",
    "listed",
    "active",
)
_KEYS = ("handle_key", "name_key")

_ADD = insert(person).values({name: bindparam(name) for name in (*_FIELDS, *_KEYS)}).returning(person.c.id)
_SAVE = (
    update(person)
    .where(person.c.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in (*_FIELDS, *_KEYS)})
)
_BY_IDS = select(person).where(person.c.id.in_(bindparam("ids", expanding=True)))
_BY_OBJECT_ID = select(person).where(person.c.object_id == bindparam("wanted"))
_BY_CHANNEL_USER_ID = (
    select(person).where(person.c.channel_user_id == bindparam("wanted")).order_by(person.c.id.desc()).limit(1)
)
_BY_HANDLE = select(person).where(person.c.handle_key == bindparam("wanted"))
_BY_NAME = (
    select(person)
    .where(person.c.name_key.in_(bindparam("wanted", expanding=True)), person.c.active.is_(true()))
    .order_by(person.c.id)
)
_HANDLES = select(person.c.handle_key).where(person.c.id != BOT_ID)
_EVERYBODY = select(person).where(person.c.id != BOT_ID).order_by(person.c.id)
_ACTIVE = select(person).where(person.c.active.is_(true())).order_by(person.c.name_key, person.c.id)
_APOSTROPHE = re.compile("['’‘ʼ`´]")
_TYPED = "'’"  # on a keyboard, and as phones make of it


def folded(text: str) -> str:
    """Give what is compared where case does not matter."""
    return " ".join(text.casefold().split())


class SqlPeople:
    """Implements usecases.ports.People."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._actors: dict[int, Person] = {}  # who speaks is named by nearly every card of the same turn

    def add(self, person: Person) -> Person:
        """Store somebody new and give them an id."""
        return replace(person, id=self._connection.execute(_ADD, _values(person)).scalar_one())

    def save(self, person: Person) -> None:
        """Write what changed about somebody."""
        self._actors.pop(person.id, None)
        values = {f"new_{name}": value for name, value in _values(person).items()}
        self._connection.execute(_SAVE, {"key": person.id, **values})

    def many(self, ids: Collection[int]) -> Mapping[int, Person]:
        """Read several at once."""
        found = {key: self._actors[key] for key in ids if key in self._actors}
        missing = [key for key in ids if key not in found]
        if missing:
            found |= {row.id: _person(row) for row in self._connection.execute(_BY_IDS, {"ids": missing})}
        return found

    def by_object_id(self, object_id: str) -> Person | None:
        """Find by Entra object id, in any case."""
        person = self._one(_BY_OBJECT_ID, object_id.lower())
        if person is not None:
            self._actors[person.id] = person
        return person

    def by_channel_user_id(self, channel_user_id: str) -> Person | None:
        """Find by the `29:` id last seen in a verified activity."""
        return self._one(_BY_CHANNEL_USER_ID, channel_user_id)

    def by_handle(self, handle: str) -> Person | None:
        """Find by handle, in any case."""
        return self._one(_BY_HANDLE, folded(handle))

    def by_name(self, name: str) -> Sequence[Person]:
        """Find active people by full name, in any case and with any apostrophe."""
        key = folded(name)
        spellings = {key, *(_APOSTROPHE.sub(mark, key) for mark in _TYPED)}
        return [_person(row) for row in self._connection.execute(_BY_NAME, {"wanted": sorted(spellings)})]

    def handles(self) -> Collection[str]:
        """List all handles in lower case, to make a new one."""
        return frozenset(self._connection.execute(_HANDLES).scalars())

    def active(self) -> Sequence[Person]:
        """List everybody who is active, by name."""
        return [_person(row) for row in self._connection.execute(_ACTIVE)]

    def everybody(self) -> Sequence[Person]:
        """List all people, whoever they are now. The bot's own row is none."""
        return [_person(row) for row in self._connection.execute(_EVERYBODY)]

    def _one(self, query: Any, wanted: str) -> Person | None:
        row = self._connection.execute(query, {"wanted": wanted}).one_or_none()
        return None if row is None else _person(row)


def _values(person: Person) -> dict[str, Any]:
    values = {name: getattr(person, name) for name in _FIELDS}
    object_id = person.object_id.lower() if person.object_id else None
    return {**values, "object_id": object_id, "handle_key": folded(person.handle), "name_key": folded(person.name)}


def _person(row: Row[Any]) -> Person:
    return Person(
        id=row.id,
        handle=row.handle,
        name=row.name,
        object_id=row.object_id,
        tenant_id=row.tenant_id,
        channel_user_id=row.channel_user_id,
        email=row.email,
        time_zone=row.time_zone,
        admin=row.admin,
        listed=row.listed,
        active=row.active,
    )
