"""What a database error means for the one who waits: run it again, say "try again later", or a bug of ours."""

import sqlite3
from enum import Enum, auto

from sqlalchemy.exc import DBAPIError

from domain.errors import StaleVersion

NOT_MIGRATED = "The database has no tables yet or old ones: run `python app.py migrate`."
AWAY = "The database does not answer just now. Nothing was changed; try again in a moment."
BUSY = "Too much is going on in the database just now. Nothing was changed; try again in a moment."


class Fault(Enum):
    """What to do about an error."""

    LOST_RACE = auto()  # somebody else was faster: roll back, wait a little, run the work again
    DOUBLE = auto()  # a unique key is taken: mostly a lost race that a second run sees, else a bug
    DISCONNECTED = auto()  # this connection is gone: another one may work
    AWAY = auto()  # the database is not there or not able
    NOT_MIGRATED = auto()  # a table or column is missing
    BUG = auto()  # ours


_LOST_RACES = {"55P03"}  # lock_not_available
_AWAY_CLASSES = {"08", "53", "57", "58"}  # connection, resources, operator intervention, system error
_MISSING = {"42P01", "42703"}  # undefined table, undefined column
_SQLITE_AWAY = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
}


def classify(error: BaseException) -> Fault:
    """Tell what an error of a transaction means."""
    if isinstance(error, StaleVersion):
        return Fault.LOST_RACE
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if not isinstance(error, DBAPIError):
        return Fault.BUG
    if isinstance(error.orig, sqlite3.Error):
        return _of_sqlite(error.orig)
    return _of_postgres(error)


def _of_sqlite(error: sqlite3.Error) -> Fault:
    code = getattr(error, "sqlite_errorcode", 0)
    primary = code & 0xFF  # the rest is detail
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Fault.LOST_RACE
    if code in {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}:
        return Fault.DOUBLE
    if primary in _SQLITE_AWAY:
        return Fault.AWAY
    if primary == sqlite3.SQLITE_ERROR and str(error).startswith(("no such table", "no such column")):
        return Fault.NOT_MIGRATED
    return Fault.BUG


def _of_postgres(error: DBAPIError) -> Fault:
    state: str = getattr(error.orig, "sqlstate", None) or ""
    if state.startswith("40") or state in _LOST_RACES:
        return Fault.LOST_RACE
    if state == "23505":  # unique_violation
        return Fault.DOUBLE
    if state in _MISSING:
        return Fault.NOT_MIGRATED
    if error.connection_invalidated:
        return Fault.DISCONNECTED
    if state[:2] in _AWAY_CLASSES or (not state and type(error).__name__ in {"OperationalError", "InterfaceError"}):
        return Fault.AWAY
    return Fault.BUG
