"""The statements every numbered thing needs, built once when its module is loaded."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Select, Table, Update, bindparam, insert, select, update

from domain.errors import StaleVersion


def adding(table: Table, fields: Sequence[str]) -> Insert:
    """Build what stores a new row and gives its number."""
    return insert(table).values({name: bindparam(name) for name in fields}).returning(table.c.id)


def by_id(table: Table) -> Select[Any]:
    """Build what reads the row of a number, given as `key`."""
    return select(table).where(table.c.id == bindparam("key"))


def saving(table: Table, fields: Sequence[str]) -> Update:
    """Build what writes all fields of the row of a number."""
    return (
        update(table).where(table.c.id == bindparam("key")).values({name: bindparam(f"new_{name}") for name in fields})
    )


def saving_seen(table: Table, fields: Sequence[str]) -> Update:
    """Build the same for a table with versions: it writes nothing where the version is another by now."""
    return saving(table, fields).where(table.c.version == bindparam("seen"))


def save(connection: Connection, statement: Update, key: int, values: Mapping[str, Any]) -> None:
    """Write a row without a version."""
    connection.execute(statement, {"key": key} | _new(values))


def save_seen(connection: Connection, statement: Update, key: int, seen: int, values: Mapping[str, Any]) -> None:
    """Write a row whose version was `seen`. Raise StaleVersion when it is another by now."""
    if connection.execute(statement, {"key": key, "seen": seen} | _new(values)).rowcount != 1:
        raise StaleVersion


def _new(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}
