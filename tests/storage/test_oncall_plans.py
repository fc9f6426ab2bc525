"""What is looked at for every page must cost the same after years of pages: by plan, not by clock."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, insert, text

from domain.handoff import HandoffState
from domain.running_escalation import EscalationState
from storage import escalation as escalations
from storage import handoff as handoffs
from storage import page as pages
from storage import schedule as schedules
from storage.engines import open_engines
from storage.migrate import upgrade
from storage.tables import escalation, handoff, incident, page, person, schedule_override
from tests.support.samples import NOW

PAGES = 12_000
PEOPLE = 40
INCIDENTS = 1_000


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('plans') / 'filled.db'}"
    else:
        server = request.getfixturevalue("postgres_server")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE oncall_plans")
        url = server.get_uri("oncall_plans")
    upgrade(url)
    engine = open_engines(url).writer
    with engine.connect() as connection, connection.begin():
        fill(connection)
        connection.execute(text("ANALYZE"))
        yield connection
    engine.dispose()


def fill(connection: Connection) -> None:
    """Years of pages and shift changes; hardly anything of it is still open."""
    common = {"time_zone": "UTC", "admin": False, "listed": True, "active": True}
    connection.execute(
        insert(person),
        [
            {"id": n, "handle": f"p{n}", "handle_key": f"p{n}", "name": "P", "name_key": "p", **common}
            for n in range(1, PEOPLE + 1)
        ],
    )
    declared = {"title": "t", "severity": 1, "status": "resolved", "declared_by": 1, "declared_at": NOW, "summary": ""}
    counted = {"cycle": 0, "entry_seq": 1, "version": 1}
    connection.execute(insert(incident), [{"id": n, **declared, **counted} for n in range(1, INCIDENTS + 1)])
    ended = {"cycle": 0, "policy": {"id": "p", "steps": []}, "started_at": NOW, "position": 0, "version": 0}
    connection.execute(
        insert(escalation),
        [
            {
                "id": n,
                "incident_id": n % INCIDENTS + 1,
                "state": EscalationState.RUNNING if n % 400 == 0 else EscalationState.ACKNOWLEDGED,
                **ended,
            }
            for n in range(1, 4_001)
        ],
    )
    given = {"reason": "step", "way": "teams", "cycle": 0, "round": 1, "target": "", "result": "sent", "detail": ""}
    connection.execute(
        insert(page),
        [
            {
                "id": n,
                "person_id": n % PEOPLE + 1,
                "incident_id": n % INCIDENTS + 1,
                "due_at": NOW + timedelta(minutes=n),
                "attempts": 1,
                "bundled_into": n - 1 if n % 50 == 0 else None,
                **given,
            }
            for n in range(1, PAGES + 1)
        ],
    )
    connection.execute(
        insert(handoff),
        [
            {
                "id": n,
                "schedule": f"s{n % 20}",
                "outgoing": n % PEOPLE + 1,
                "incoming": (n + 1) % PEOPLE + 1,
                "boundary_at": NOW + timedelta(hours=n),
                "holds": True,
                "state": HandoffState.OFFERED if n > 3_960 else HandoffState.ACCEPTED,
                "notes": "",
                "reason": "",
                "version": 0,
            }
            for n in range(1, 4_001)
        ],
    )
    connection.execute(
        insert(schedule_override),
        [
            {
                "schedule": f"s{n % 50}",
                "person_id": 1,
                "starts_at": NOW,
                "ends_at": NOW,
                "made_by": 1,
                "made_at": NOW,
            }
            for n in range(3_000)
        ],
    )


def plan(connection: Connection, query: Any, **values: Any) -> str:
    postgres = connection.dialect.name == "postgresql"
    prefix = "EXPLAIN (COSTS OFF) " if postgres else "EXPLAIN QUERY PLAN "
    bound = query.params(**values).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    return "\n".join(str(row) for row in connection.exec_driver_sql(prefix + str(bound)))


LATE = NOW + timedelta(minutes=PAGES - 30)


@pytest.mark.parametrize(
    ("query", "values", "index"),
    [
        pytest.param(pages._OF_INCIDENT, {"wanted": 7}, "ix_page_incident_id", id="pages of an incident"),
        pytest.param(pages._TO_PERSON, {"wanted": 7, "since": LATE}, "ix_page_person_id", id="pages to a person"),
        pytest.param(pages._OF_DRILL, {"wanted": 7}, "ix_page_drill_id", id="pages of a drill"),
        pytest.param(pages._BUNDLED_INTO, {"wanted": 49}, "ix_page_bundled_into", id="pages on a card"),
        pytest.param(escalations._OF_INCIDENT, {"incident": 7}, "ix_escalation_incident_id", id="of an incident"),
        pytest.param(escalations._LIVE, {"most": 1000}, "ix_escalation_live", id="live escalations"),
        pytest.param(handoffs._OF_SCHEDULE, {"here": "s1", "most": 20}, "uq_handoff_shift_change", id="of a schedule"),
        pytest.param(
            handoffs._AROUND,
            {"here": "s1", "since": NOW + timedelta(hours=3_900), "until": NOW + timedelta(hours=3_924)},
            "uq_handoff_shift_change",
            id="handoffs around a moment",
        ),
        pytest.param(handoffs._OF_ALL, {"most": 20}, "ix_handoff_boundary_at", id="newest handoffs"),
        pytest.param(handoffs._OPEN_FOR, {"person": 7}, "ix_handoff_incoming", id="open handoffs of a person"),
        pytest.param(schedules._MADE_HERE, {"here": "s1"}, "ix_schedule_override_schedule", id="overrides"),
    ],
)
def test_it_is_read_by_its_own_index(filled: Connection, query: Any, values: dict[str, Any], index: str):
    found = plan(filled, query, **values)
    # SQLite names the index of a constraint after its table.
    assert index in found or (index.startswith("uq_") and "sqlite_autoindex_handoff_1" in found), found
    assert "Seq Scan on page" not in found, found
    assert not any(f"SCAN {table}" in found for table in ("page", "escalation", "schedule_override")) or index in found


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (escalations._LIVE, {"most": 20}),
        (handoffs._OF_SCHEDULE, {"here": "s1", "most": 20}),
        (handoffs._OF_ALL, {"most": 20}),
    ],
)
def test_the_first_of_many_are_read_without_sorting_all(filled: Connection, query: Any, values: dict[str, Any]):
    found = plan(filled, query, **values)
    # Two shift changes of one moment are put in order among themselves.
    for harmless in ("Incremental Sort", "Sort Key", "TEMP B-TREE FOR RIGHT PART", "TEMP B-TREE FOR LAST TERM"):
        found = found.replace(harmless, "")
    assert not any(word in found for word in ("Sort", "TEMP B-TREE")), found
