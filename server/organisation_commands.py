"""`app.py org check|import|export FILE`: each returns the exit code and writes its sentences to the given streams."""

import asyncio
import os
import stat
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO, cast

from domain.organisation import Organisation
from integrations.organisation_file import Fault, OrganisationFileError, read_with_notes, write_organisation
from storage.database import Database as SqlDatabase
from usecases import organisation as organisations
from usecases.ports import Clock, Database, Unavailable

STANDARD_OUTPUT = "-"
"""The name that stands for standard output."""

_COUNTED = (
    ("people", "person", "people"),
    ("teams", "team", "teams"),
    ("services", "service", "services"),
    ("schedules", "schedule", "schedules"),
    ("escalation_policies", "escalation policy", "escalation policies"),
)


class _Failed(Exception):  # noqa: N818 - it carries the sentences to end with
    """The command cannot be carried out; the text has one sentence a line."""


def check(path: str, *, now: datetime, out: TextIO, err: TextIO) -> int:
    """Read and check a file; nothing is changed and no database is asked."""

    async def work() -> None:
        found, notes = _read(path, now)
        _say(out, f"{path}: {summary(found)}: ok.")
        _note(out, path, notes)

    return _run(work, err)


def import_(path: str, database_url: str, clock: Clock, *, out: TextIO, err: TextIO) -> int:
    """Make the stored organisation equal to the file, in one transaction: everything or nothing."""

    async def work(database: Database) -> None:
        now = await database.read(clock.now)
        wanted, notes = _read(path, now)
        changes = await database.write(lambda store: organisations.replace(store, wanted, clock.now(store)))
        _note(out, path, notes)
        _say(out, f"{path}: {summary(wanted)}: {'imported' if changes else 'nothing changed'}.")
        for line in changes.lines():
            _say(out, f"  {line}")

    return _run(lambda: _with_database(database_url, work), err)


def export(path: str, database_url: str, *, out: TextIO, err: TextIO) -> int:
    """Write the stored organisation to a file, or to `out` where the path is "-". The file is whole or untouched."""

    async def work(database: Database) -> None:
        stored = await database.read(organisations.export)
        text = write_organisation(stored)
        if path == STANDARD_OUTPUT:
            _pour(out, text)
        else:
            _write(path, text)
            _say(out, f"{path}: {summary(stored)}: exported.")

    return _run(lambda: _with_database(database_url, work), err)


def summary(organisation: Organisation) -> str:
    """Count what is in it: "12 people, 4 teams, 8 services, 1 schedule, 0 escalation policies"."""
    counts = ((len(getattr(organisation, section)), one, many) for section, one, many in _COUNTED)
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts)


def _run(work: Callable[[], Awaitable[None]], err: TextIO) -> int:
    async def run() -> None:
        await work()

    try:
        asyncio.run(run())
    except (_Failed, Unavailable) as fault:
        _say(err, str(fault))
        return 1
    return 0


async def _with_database(url: str, work: Callable[[Database], Awaitable[None]]) -> None:
    try:
        database = SqlDatabase.open(url)
    except (ValueError, OSError) as fault:
        reason = str(fault) if isinstance(fault, ValueError) else f"The database cannot be opened ({_why(fault)})."
        raise _Failed(reason) from fault
    try:
        await work(cast("Database", database))
    finally:
        await database.close()


def _note(out: TextIO, path: str, notes: Sequence[Fault]) -> None:
    for note in notes:
        _say(out, f"{path}:{note.line}: note: {note.sentence}")


def _read(path: str, now: datetime) -> tuple[Organisation, Sequence[Fault]]:
    try:
        return read_with_notes(Path(path).read_bytes(), now)
    except OrganisationFileError as found:
        raise _Failed("\n".join(f"{path}:{fault.line}: {fault.sentence}" for fault in found.faults)) from found
    except (OSError, ValueError) as fault:
        raise _Failed(f"{path}: the file cannot be read ({_why(fault)}).") from fault


def _write(path: str, text: str) -> None:
    """Put the text in the place of a file at once; a device or pipe, which cannot be replaced, is written to."""
    try:
        target = Path(path).resolve()
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")
            return
        _replace(target, text)
    except (OSError, ValueError, RuntimeError) as fault:
        raise _Failed(f"{path}: the file cannot be written ({_why(fault)}).") from fault


def _replace(target: Path, text: str) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Tell the permissions that new files do not get; the system only tells by setting it."""
    current = os.umask(0o077)
    os.umask(current)
    return current


def _pour(out: TextIO, text: str) -> None:
    """Write the file's own bytes where the stream has some, whatever encoding the terminal claims."""
    raw = getattr(out, "buffer", None)
    try:
        if raw is None:
            out.write(text)
        else:
            out.flush()
            raw.write(text.encode())
        out.flush()
    except OSError as fault:
        raise _Failed(f"The output cannot be written ({_why(fault)}).") from fault


def _say(stream: TextIO, text: str) -> None:
    """Write a line, with what the stream cannot show written as escapes: a file name may hold any byte."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _why(fault: Exception) -> str:
    return fault.strerror if isinstance(fault, OSError) and fault.strerror else type(fault).__name__
