import asyncio
import logging
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from domain.people import BOT_ID
from domain.timeline import EntryKind, TimelineEntry
from storage.database import Database
from storage.engines import open_engines
from storage.faults import NOT_MIGRATED
from storage.migrate import _config, sql, upgrade
from storage.tables import WORDS_TABLE, metadata
from tests.support.samples import ago, incident, person

ROOT = Path(__file__).parents[2]
UPGRADE = "import sys; from storage.migrate import upgrade; sys.stdin.readline(); upgrade(sys.argv[1]); print('done')"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database nobody has migrated."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'folder' / 'empty.db'}"
    url: str = request.getfixturevalue("postgres_url")
    engine = open_engines(url).writer
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return url


def described(name: str | None, kind: str, parents: object) -> bool:
    """Leave out the words of incidents, and what SQLite keeps behind them: no metadata can describe them."""
    return kind != "table" or not str(name).startswith(WORDS_TABLE)


def differences(url: str) -> list[object]:
    engine = open_engines(url).reader
    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": described}
        found = compare_metadata(MigrationContext.configure(connection, opts=opts), metadata)
    engine.dispose()
    return found


async def test_a_migrated_database_has_exactly_the_tables_of_the_code(database_url: str):
    assert differences(database_url) == []


def first_release(url: str) -> None:
    """Make a database as the first release left it, with somebody and something in every table that is changed."""
    engine = open_engines(url).writer
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0001")
        for statement in FIRST_RELEASE.strip().split(";\n"):
            connection.exec_driver_sql(statement)
    engine.dispose()


FIRST_RELEASE = """
INSERT INTO person (id, handle, handle_key, name, name_key, time_zone, admin, listed, active)
VALUES (1, 'ada', 'ada', 'Ada', 'ada', 'UTC', false, true, true),
       (2, 'incident-bot', 'incident-bot', 'Incident bot', 'incident bot', 'UTC', false, true, true);
INSERT INTO team (id, id_key, name, side, lead_id, channel, time_zone, working_hours)
VALUES ('payments', 'payments', 'Payments', 'engineering', 1, '19:x@thread.tacv2', 'UTC', '[]');
INSERT INTO team_member (team_id, person_id) VALUES ('payments', 2);
INSERT INTO service (id, id_key, name, owner, runbooks) VALUES ('checkout', 'checkout', 'Checkout', 'payments', '[]');
INSERT INTO incident (id, title, severity, status, declared_by, declared_at, summary, cycle, entry_seq, version)
VALUES (7, 'Checkout is down', 1, 'investigating', 1, '2026-11-23 13:40:00.000000', '', 0, 1, 1);
INSERT INTO incident_service (incident_id, service_id, position) VALUES (7, 'checkout', 0);
INSERT INTO timeline_entry (incident_id, seq, at, kind, actor, text, data, source, revised)
VALUES (7, 1, '2026-11-23 13:40:00.000000', 'declared', 1, 'Checkout is down', '{}', 'message', 0)
"""


async def test_a_database_of_the_first_release_is_taken_along(empty_url: str):
    first_release(empty_url)
    database = Database.open(empty_url)
    assert await database.check() == [NOT_MIGRATED]
    upgrade(empty_url)
    assert await database.check() == []
    assert differences(empty_url) == []

    def look(store):
        ada, namesake = (store.people.by_handle(handle) for handle in ("ada", "incident-bot"))
        assert (ada.id, namesake.id) == (1, 2)
        assert store.people.many([BOT_ID])[BOT_ID].name == namesake.name
        assert store.catalog.team("payments").members == ("incident-bot",)
        assert store.catalog.service("checkout").severity_policies == {}
        assert store.catalog.channels_by_command() == {}
        case = incident(7, declared_at=ago(minutes=38), services=("checkout",))
        assert store.incidents.lock(7) == case
        assert [entry.seq for entry in store.timeline.page(7)] == [1]
        store.incidents.save(replace(case, paged=True, version=2), seen=1)
        told = TimelineEntry(
            incident_id=7, seq=2, at=case.declared_at, kind=EntryKind.PAGED, actor=BOT_ID, text="Told."
        )
        store.timeline.append(told)
        current = store.organisations.load()
        assert [p.handle for p in current.people] == ["ada", "incident-bot"]
        store.organisations.replace(current)
        assert store.organisations.load() == current

    await database.write(look)
    await database.close()


async def test_handoff_cards_that_stand_follow_after_an_upgrade(empty_url: str):
    engine = open_engines(empty_url).writer
    with engine.begin() as connection:
        command.upgrade(_config(connection), "0002")
        for statement in HANDOFFS.strip().split(";\n"):
            connection.exec_driver_sql(statement)
    engine.dispose()
    upgrade(empty_url)
    database = Database.open(empty_url)
    cards = [await database.read(lambda store, n=n: store.handoffs.cards(n)) for n in (1, 2, 3)]
    assert cards == [{1: "ada-1", 2: "grace-1"}, {1: "ada-2"}, {}]
    assert await database.read(lambda store: store.key_value.get("handoff.cards:1")) is None
    assert await database.read(lambda store: store.key_value.get("else")) == "kept"
    await database.close()


HANDOFFS = """
INSERT INTO person (id, handle, handle_key, name, name_key, time_zone, admin, listed, active)
VALUES (1, 'ada', 'ada', 'Ada', 'ada', 'UTC', false, true, true),
       (2, 'grace', 'grace', 'Grace', 'grace', 'UTC', false, true, true);
INSERT INTO handoff (id, schedule, outgoing, incoming, boundary_at, state, notes, reason, version, holds)
VALUES (1, 'primary', 1, 2, '2026-11-30 09:00:00.000000', 'offered', '', '', 1, true),
       (2, 'primary', 2, 1, '2026-12-07 09:00:00.000000', 'offered', '', '', 1, true),
       (3, 'primary', 1, 2, '2026-12-14 09:00:00.000000', 'prepared', '', '', 0, true);
INSERT INTO key_value (name, value)
VALUES ('handoff.cards:1', '[[1, "ada-1"], [2, "ada-2"]]'), ('handoff.cards:2', '[[1, "grace-1"]]'), ('else', 'kept')
"""


@pytest.mark.postgres
def test_new_columns_do_not_write_a_table_anew(postgres_server, tmp_path: Path):
    """Neither database copies incidents for the upgrade: SQLite's table keeps its text, PostgreSQL's its file."""
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE upgraded")
    url = postgres_server.get_uri("upgraded")
    first_release(url)
    where = (
        "SELECT array_agg(pg_relation_filenode(oid) ORDER BY oid) FROM pg_class WHERE relname IN ('incident', 'team')"
    )
    with psycopg.connect(url) as connection:
        before = connection.execute(where).fetchone()
    upgrade(url)
    with psycopg.connect(url) as connection:
        assert connection.execute(where).fetchone() == before
    first_release(f"sqlite:///{tmp_path / 'old.db'}")
    text = sql(f"sqlite:///{tmp_path / 'old.db'}")
    assert "RENAME TO" not in text
    assert "DROP TABLE" not in text


async def test_from_empty_to_head_and_head_again(empty_url: str):
    database = Database.open(empty_url)
    assert await database.check() == [NOT_MIGRATED]
    upgrade(empty_url)
    assert await database.check() == []
    upgrade(empty_url)
    assert await database.check() == []
    assert differences(empty_url) == []
    await database.close()


def test_several_processes_migrate_at_the_same_moment(empty_url: str):
    command = [sys.executable, "-W", "error", "-c", UPGRADE, empty_url]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen(command, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert answers == ["done\n"] * 3
    assert differences(empty_url) == []


async def test_it_runs_while_others_read_and_write(database_url: str, database: Database):
    """The table of a later revision comes while turns go on; here: the same revision once more."""
    stop = asyncio.Event()

    async def work() -> int:
        done = 0
        while not stop.is_set():
            await database.write(
                lambda store: store.incidents.add(incident(id=0, declared_by=store.people.by_handle("person-1").id))
            )
            await database.read(lambda store: store.incidents.get(1))
            done += 1
        return done

    await database.write(lambda store: store.people.add(person(1, id=0)))
    worker = asyncio.create_task(work())
    for _ in range(3):
        await asyncio.to_thread(upgrade, database_url)
    stop.set()
    assert await worker > 0


def test_it_logs_and_prints_nothing(sqlite_url: str, capfd: pytest.CaptureFixture[str], caplog):
    with caplog.at_level(logging.INFO):
        upgrade(sqlite_url)
    assert capfd.readouterr() == ("", "")
    assert any(record.name.startswith("alembic") for record in caplog.records)


def test_the_statements_can_be_read_without_a_database(tmp_path: Path):
    for url in ("postgresql://user:hush-hush@nowhere.invalid/db", f"sqlite:///{tmp_path / 'never.db'}"):
        text = sql(url)
        assert "CREATE TABLE timeline_entry" in text
        assert "alembic_version" in text
        assert "hush-hush" not in text
    assert list(tmp_path.iterdir()) == []


def test_the_written_statements_work(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'by-hand.db'}"
    with sqlite3.connect(tmp_path / "by-hand.db") as connection:
        connection.executescript(sql(url))
    connection.close()
    assert differences(url) == []
