import asyncio
import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from storage.database import Database
from storage.engines import open_engines
from storage.faults import NOT_MIGRATED
from storage.migrate import sql, upgrade
from storage.tables import metadata
from tests.support.samples import incident, person

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


def differences(url: str) -> list[object]:
    engine = open_engines(url).reader
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    engine.dispose()
    return found


async def test_a_migrated_database_has_exactly_the_tables_of_the_code(database_url: str):
    assert differences(database_url) == []


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
    for url in ("postgresql://user:secret@nowhere.invalid/db", f"sqlite:///{tmp_path / 'never.db'}"):
        text = sql(url)
        assert "CREATE TABLE timeline_entry" in text
        assert "alembic_version" in text
        assert "secret" not in text
    assert list(tmp_path.iterdir()) == []


def test_the_written_statements_work(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'by-hand.db'}"
    with sqlite3.connect(tmp_path / "by-hand.db") as connection:
        connection.executescript(sql(url))
    connection.close()
    assert differences(url) == []
