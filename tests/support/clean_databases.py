"""Databases on a test run's PostgreSQL server that are used again: emptying one takes a tenth of making one."""

from collections.abc import Sequence
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

_HERE = "relnamespace = 'public'::regnamespace"
# What a test may have left beside rows: another schema, settings of its own, statistics that change plans.
_SHAPE = cast(
    "LiteralString",
    f"""
SELECT (SELECT string_agg(concat(relname, ' ', relkind, ' ', relnatts), ',' ORDER BY relname) FROM pg_class WHERE {_HERE}),
    (SELECT version_num FROM alembic_version),
    (SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
      WHERE d.datname = current_database()),
    (SELECT count(*) FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid WHERE {_HERE})""",  # noqa: S608 - ours
)
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
_NUMBERS = "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences"
_ALONE = """
SELECT bool_and(pg_terminate_backend(pid, 2000)) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()"""


class CleanDatabases:
    """Hands out databases that are as a template is."""

    def __init__(self, server: Any, template: str) -> None:
        self._server, self._template = server, template
        self._admin = psycopg.connect(server.get_uri(), autocommit=True)
        self._free: list[str] = []
        self._made = 0
        with psycopg.connect(server.get_uri(template)) as look:
            self._shape = look.execute(_SHAPE).fetchone()
            tables = [name for (name,) in look.execute(_TABLES).fetchall()]
            self._rows = [(table, row) for table in tables for row in _rows(look, table)]
            self._numbers = look.execute(_NUMBERS).fetchall()
        self._empty = sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in tables)

    def take(self) -> str:
        """Name a clean database that nobody else uses."""
        if self._free:
            return self._free.pop()
        self._made += 1
        name = f"test_{self._made}"
        self._run("CREATE DATABASE {} TEMPLATE {}", name, self._template)
        return name

    def give_back(self, name: str) -> None:
        """Empty a database for the next one who asks, or drop it where it is not what it was."""
        if self._emptied(name):
            self._free.append(name)
        else:
            self._run("DROP DATABASE {} WITH (FORCE)", name)

    def close(self) -> None:
        """Let go of the server."""
        self._admin.close()

    def _emptied(self, name: str) -> bool:
        with psycopg.connect(self._server.get_uri(name), autocommit=True) as connection:
            alone = connection.execute(_ALONE).fetchone()
            if alone == (False,) or not self._has_its_shape(connection):
                return False
            connection.execute("SET session_replication_role = replica")  # foreign keys do not mind the order
            connection.execute(self._empty)
            for table, row in self._rows:
                fill = sql.SQL(
                    "INSERT INTO {0} OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_record(NULL::{0}, {1})"
                )
                connection.execute(fill.format(sql.Identifier(table), sql.Literal(row)))
            for number in self._numbers:
                connection.execute("SELECT setval(%s::text::regclass, %s, %s)", number)
        return True

    def _has_its_shape(self, connection: psycopg.Connection[Any]) -> bool:
        try:
            return connection.execute(_SHAPE).fetchone() == self._shape
        except psycopg.errors.UndefinedTable:
            return False

    def _run(self, statement: LiteralString, *names: str) -> None:
        self._admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _rows(connection: psycopg.Connection[Any], table: str) -> Sequence[str]:
    found = connection.execute(sql.SQL("SELECT to_json(t)::text FROM {} t").format(sql.Identifier(table)))
    return [text for (text,) in found.fetchall()]
