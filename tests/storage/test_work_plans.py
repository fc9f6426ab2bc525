# ruff: noqa: S608 - the texts are put together from this file's own numbers.
"""The engine's statements must cost the same with a hundred rows planned and with a hundred thousand: by plan."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, text

from storage.engines import open_engines
from storage.migrate import upgrade
from storage.types import to_json
from storage.work_sql import work_sql

PENDING, DONE, NOW = 100_000, 5_000, 1_800_000_000_000
DUE = 1_000  # of the pending
_ROW = """INSERT INTO work (kind, dedupe_key, subject, due_at, available_at, state, attempts, payload, created_at, done_at)
SELECT 'test.note:1', 'key-' || n, 'incident:' || (n / 3), {at}, {at}, {state}, {state} / 2, '{{}}', 0, {done} FROM {numbers}"""


def fill(connection: Connection) -> None:
    """Write work for the far future, some that is due, and some that is done."""

    def numbers(first: int, last: int) -> str:
        if connection.dialect.name == "postgresql":
            return f"generate_series({first}, {last}) AS numbers (n)"
        counted = f"WITH RECURSIVE c (n) AS (VALUES ({first}) UNION ALL SELECT n + 1 FROM c WHERE n < {last})"
        return f"({counted} SELECT n FROM c) AS numbers"

    for first, last, at, state, done in (
        (1, PENDING - DUE, f"{NOW} + n * 1000", 0, "NULL"),
        (PENDING - DUE + 1, PENDING, f"{NOW} - n", 0, "NULL"),
        (PENDING + 1, PENDING + DONE, f"{NOW} - n", 2, f"{NOW} - n"),
    ):
        row = _ROW.format(at=at, state=state, done=done, numbers=numbers(first, last))
        connection.execute(text(row))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('work') / 'filled.db'}"
    else:
        server = request.getfixturevalue("postgres_server")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE work_plans")
        url = server.get_uri("work_plans")
    upgrade(url)
    engine = open_engines(url).writer
    with engine.connect() as connection, connection.begin():
        fill(connection)
        yield connection
    engine.dispose()


@pytest.fixture(params=["fresh", "analysed"])
def planned(request: pytest.FixtureRequest, filled: Connection) -> Connection:
    """With what the planner knows of an empty table, and with what it knows later."""
    if request.param == "analysed" and filled.dialect.name == "postgresql":
        filled.execute(text("ANALYZE work"))
    return filled


def plan(connection: Connection, name: str, **values: Any) -> str:
    """Explain a statement and take back what it did."""
    postgres = connection.dialect.name == "postgresql"
    prefix = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " if postgres else "EXPLAIN QUERY PLAN "
    query = getattr(work_sql(connection.dialect.name, server_clock=False), name).text
    kinds = ["test.note:1", "other:1"]
    always = {"now": NOW, "offset": 0, "me": "x", "kinds": kinds if postgres else to_json(kinds), "tell": None}
    with connection.begin_nested() as explained:
        found = "\n".join(str(row[-1]) for row in connection.execute(text(prefix + query), always | values))
        explained.rollback()
    return found


def held(connection: Connection) -> dict[str, Any]:
    ids = [*range(PENDING - 49, PENDING + 1)]
    if connection.dialect.name == "postgresql":
        return {"ids": ids, "fences": [0] * 50}
    return {"pairs": to_json([(number, 0) for number in ids])}


def reads_all(found: str) -> bool:
    return "Seq Scan on work" in found or "SCAN work\n" in found + "\n"


def test_a_claim_reads_what_is_due_and_not_what_is_planned(planned: Connection):
    found = plan(planned, "claim", most=5, lease=30_000)
    assert "ix_work_ready" in found, found
    assert not reads_all(found), found


def test_a_claim_reads_only_what_it_takes(filled: Connection):
    if filled.dialect.name == "postgresql":
        filled.execute(text("ANALYZE work"))
    found = plan(filled, "claim", most=5, lease=30_000)
    if filled.dialect.name == "postgresql":
        assert "Rows Removed by Filter" not in found, found
        assert "Sort" not in found, found
    else:
        assert "TEMP B-TREE" not in found, found


@pytest.mark.parametrize("name", ["done", "release"])
def test_what_is_done_is_found_by_its_number(planned: Connection, name: str):
    found = plan(planned, name, **held(planned))
    assert not reads_all(found), found
    assert "pk_work" in found or "USING INTEGER PRIMARY KEY" in found, found
    assert "ix_work_ready" not in found, found


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("next", {}),
        ("standing", {"lease": 30_000}),
        ("overdue", {"longest": 360_000}),
    ],
)
def test_looks_read_the_head_of_the_index(planned: Connection, name: str, values: dict[str, Any]):
    found = plan(planned, name, **values)
    assert "ix_work_ready" in found, found
    assert not reads_all(found), found


@pytest.mark.parametrize("name", ["cancel", "cancel_kinds", "planned"])
def test_work_of_a_subject_is_found_by_it(planned: Connection, name: str):
    own: Any = [] if planned.dialect.name == "postgresql" else "[]"
    found = plan(planned, name, subject="incident:77", own=own)
    assert "ix_work_subject" in found, found
    assert not reads_all(found), found


def test_old_work_is_found_by_its_age(planned: Connection):
    found = plan(planned, "forget", kept=1_000, most=1_000)
    assert "ix_work_done" in found, found
    assert not reads_all(found), found


def test_no_claim_in_postgresql_limits_inside_in():
    for statement in work_sql("postgresql", server_clock=True):
        assert " IN (" not in statement.text.upper(), statement.text
