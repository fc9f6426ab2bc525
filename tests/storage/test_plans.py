"""The lists a person waits for must cost the same with ten thousand rows and with a million: by plan, not by clock."""

from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, insert, text

from bench.tables_filled import fill
from storage.engines import open_engines
from storage.incident import listing
from storage.lane_sql import lane_sql
from storage.migrate import upgrade
from storage.rates import Rates
from storage.tables import lane
from storage.timeline import page_query
from storage.types import FAR_MS
from usecases.ports import IncidentFilter

ROWS = 40_000


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('plans') / 'filled.db'}"
    else:
        server = request.getfixturevalue("postgres_server")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE plans")
        url = server.get_uri("plans")
    upgrade(url)
    fill(url, ROWS)
    engine = open_engines(url).writer
    with engine.connect() as connection, connection.begin():
        rows = [
            {"id": f"l{n}", "enq_seq": 1, "next_at": 10**12 + n if n < 40 else FAR_MS, "fence": 0, "tat": 0, "tat2": 0}
            for n in range(5_000)
        ]
        connection.execute(insert(lane), rows)
        if request.param == "postgres":
            connection.execute(text("ANALYZE"))
        yield connection
    engine.dispose()


def plan(connection: Connection, query: Any, **values: Any) -> str:
    postgres = connection.dialect.name == "postgresql"
    prefix = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " if postgres else "EXPLAIN QUERY PLAN "
    sql = query.text if values else str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    with connection.begin_nested() as explained:
        found = "\n".join(str(row) for row in connection.execute(text(prefix + sql), values))
        explained.rollback()
    return found


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(page_query(700, after=5, limit=25), id="first page"),
        pytest.param(page_query(700, before=15, limit=25), id="last page"),
    ],
)
def test_a_timeline_page_reads_only_its_own_entries(filled: Connection, query: Any):
    found = plan(filled, query)
    assert "pk_timeline_entry" in found or "sqlite_autoindex_timeline_entry" in found, found
    assert not any(word in found for word in ("Seq Scan", "SCAN timeline_entry", "TEMP B-TREE")), found


@pytest.mark.parametrize(
    "wanted",
    [
        IncidentFilter(open_only=True, limit=20),
        IncidentFilter(open_only=True, limit=20, before=900),
        IncidentFilter(statuses=("monitoring",), limit=20),
    ],
)
def test_open_incidents_are_read_from_their_own_index(filled: Connection, wanted: IncidentFilter):
    found = plan(filled, listing(wanted))
    assert "ix_incident_open" in found, found
    assert "TEMP B-TREE" not in found, found


@pytest.mark.parametrize("wanted", [IncidentFilter(limit=20), IncidentFilter(limit=20, before=900)])
def test_all_incidents_are_read_newest_first_without_sorting(filled: Connection, wanted: IncidentFilter):
    found = plan(filled, listing(wanted))
    assert not any(word in found for word in ("Sort", "TEMP B-TREE")), found


def test_a_claim_looks_at_waiting_lanes_only(filled: Connection):
    postgres = filled.dialect.name == "postgresql"
    sql = lane_sql(filled.dialect.name, Rates(), server_clock=postgres)
    found = plan(filled, sql.claim, fence=1, most=5, **({} if postgres else {"now": 10**12 + 100}))
    assert "ix_lane_ready" in found, found
    assert "SCAN lane" not in found.replace("SCAN lane USING INDEX", ""), found
    if postgres:
        assert "Rows Removed by Filter" not in found, found


@pytest.mark.postgres
def test_a_claim_takes_no_more_than_it_asked_for_whatever_the_planner_does(postgres_url: str):
    """IN (SELECT ... LIMIT) claims everything under this plan; = ANY(ARRAY(...)) does not."""
    engine = open_engines(postgres_url).writer
    sql = lane_sql("postgresql", Rates(), server_clock=True)
    with engine.connect() as connection, connection.begin():
        rows = [{"id": f"l{n}", "enq_seq": 1, "next_at": n, "fence": 0, "tat": 0, "tat2": 0} for n in range(1_000)]
        connection.execute(insert(lane), rows)
        for name in ("hashjoin", "hashagg", "mergejoin", "material", "sort"):
            connection.execute(text(f"SET LOCAL enable_{name} = off"))
        assert len(connection.execute(sql.claim, {"fence": 7, "most": 5}).all()) == 5
        assert "IN (" not in sql.claim.text.upper()
    engine.dispose()
