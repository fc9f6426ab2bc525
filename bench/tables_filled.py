"""Fills a database with many incidents and timeline entries, quickly and the same way each time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from domain.people import Person
from storage.engines import open_engines
from storage.person import SqlPeople
from storage.tables import incident, timeline_entry

ENTRIES_EACH = 20
OPEN = 50  # of all incidents, spread evenly
TENANT = "22222222-2222-2222-2222-222222222222"
TEXT = "Checked the dashboards: error rate 4 % on checkout, latency normal. Rolling back release 1184 now."
BEGAN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
CHUNK = 10_000


def fill(url: str, entries: int) -> None:
    """Write `entries` timeline entries, twenty per incident; fifty incidents are open."""
    incidents = entries // ENTRIES_EACH
    engine = open_engines(url).writer
    with engine.connect() as connection:
        with connection.begin():
            SqlPeople(connection).add(Person(id=0, handle="ada", name="Ada Lovelace"))
        for table, rows in ((incident, _incidents(incidents)), (timeline_entry, _entries(incidents))):
            for chunk in _chunks(rows):
                with connection.begin():
                    connection.execute(insert(table), chunk)
        _settle(connection.connection.dbapi_connection, table_names=(incident.name, timeline_entry.name))
    engine.dispose()


def _settle(raw: object, *, table_names: tuple[str, ...]) -> None:
    """Leave nothing behind that would run later: statistics, a long write-ahead log."""
    execute = raw.execute  # type: ignore[attr-defined]
    if hasattr(raw, "autocommit") and type(raw).__module__.startswith("psycopg"):
        raw.commit()  # type: ignore[attr-defined]
        raw.autocommit = True  # type: ignore[attr-defined]
        for name in table_names:
            execute(f"VACUUM ANALYZE {name}")
        execute("SELECT setval('incident_id_seq', (SELECT max(id) FROM incident))")
        execute("CHECKPOINT")
    else:
        execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _incidents(many: int) -> Iterator[dict[str, object]]:
    step = max(many // OPEN, 1)
    for number in range(1, many + 1):
        is_open = number % step == 0
        declared_at = BEGAN + timedelta(minutes=number)
        yield {
            "id": number,
            "title": f"Checkout is slow ({number})",
            "severity": number % 4 + 1,
            "status": "investigating" if is_open else "resolved",
            "declared_by": 1,
            "declared_at": declared_at,
            "acknowledged_by": None,
            "acknowledged_at": None,
            "mitigated_at": None,
            "resolved_at": None if is_open else declared_at + timedelta(hours=1),
            "summary": "",
            "cycle": 0,
            "entry_seq": ENTRIES_EACH,
            "version": ENTRIES_EACH,
        }


def _entries(incidents: int) -> Iterator[dict[str, object]]:
    for seq in range(1, ENTRIES_EACH + 1):  # as in life: an incident's entries do not stand together
        for number in range(1, incidents + 1):
            yield {
                "incident_id": number,
                "seq": seq,
                "at": BEGAN + timedelta(minutes=number, seconds=seq),
                "kind": "note",
                "actor": 1,
                "text": TEXT,
                "data": {},
                "source": "message",
                "source_activity": f"filled-{number}-{seq}",
                "deleted_at": None,
                "revised": 0,
            }


def _chunks(rows: Iterator[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    chunk: list[dict[str, object]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
