"""Brings the tables of a database up to date, and tells whether they are."""

import io
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection
from sqlalchemy.exc import SQLAlchemyError

from storage.engines import normalised, open_engines
from storage.faults import AWAY, Fault, classify
from usecases.ports import Unavailable

_SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
_LOCK_KEY = 0x1CC1DE27  # ours alone among the advisory locks of the database
_WAIT_FOR_OTHERS = "60s"  # another replica may be migrating right now
_WAIT_FOR_TABLES = "5s"  # rather fail and be started again than queue all traffic behind us


def upgrade(url: str) -> None:
    """Bring the database to the newest revision, in one transaction. Safe when several processes do it at once.

    Raise ValueError for a wrong address and Unavailable when the database does not answer.
    """
    engines = open_engines(url)
    try:
        with engines.writer.connect() as connection, connection.begin():
            _wait_for_turn(connection)
            command.upgrade(_config(connection), "head")
    except SQLAlchemyError as error:
        if classify(error) in {Fault.AWAY, Fault.DISCONNECTED, Fault.LOST_RACE}:
            raise Unavailable(AWAY) from error
        raise
    finally:
        engines.writer.dispose()


def is_current(connection: Connection) -> bool:
    """Tell whether the database is at the newest revision."""
    return frozenset(MigrationContext.configure(connection).get_current_heads()) == _heads()


def sql(url: str) -> str:
    """Write the statements that bring an empty database to the newest revision; nothing is connected."""
    text = io.StringIO()
    command.upgrade(_config(normalised(url), output=text), "head", sql=True)
    return text.getvalue()


def _wait_for_turn(connection: Connection) -> None:
    """Keep other processes out until the commit. On SQLite the write lock, taken by BEGIN, is enough."""
    if connection.dialect.name != "postgresql":
        return
    for statement in (
        f"SET LOCAL lock_timeout = '{_WAIT_FOR_OTHERS}'",
        "SET LOCAL statement_timeout = 0",
        "SET LOCAL idle_in_transaction_session_timeout = 0",
        f"SELECT pg_advisory_xact_lock({_LOCK_KEY})",
        f"SET LOCAL lock_timeout = '{_WAIT_FOR_TABLES}'",
    ):
        connection.exec_driver_sql(statement)


def _config(target: Connection | URL, output: io.StringIO | None = None) -> Config:
    config = Config(output_buffer=output) if output else Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["target"] = target
    return config


@cache
def _heads() -> frozenset[str]:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return frozenset(ScriptDirectory.from_config(config).get_heads())
