"""Figures are what a recomputation from everything else that the API and the store tell gives."""

import random
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from sqlalchemy import insert

from domain.catalog import Side, Team
from domain.organisation import ListedPerson, Organisation
from storage.database import Database
from storage.tables import handoff, incident, incident_service, page
from storage.unit_of_work import SqlStore
from tests.api.conftest import Api, crew, serving
from tests.api.test_openapi import validate
from tests.support.samples import NOW, service
from usecases import organisation

COUNT = 120
FROM, TO = "2026-08-01T00:00:00Z", "2026-11-20T12:00:00Z"
CATALOGUE = Organisation(
    people=(ListedPerson(handle="ada", name="Ada Lovelace"),),
    teams=(
        Team(id="payments", name="Payments", side=Side.ENGINEERING),
        Team(id="search", name="Search", side=Side.ENGINEERING),
    ),
    services=(service("checkout", "Checkout"), service("search", "Search", owner="search")),
)


class Hand:
    """A clock that stands at NOW."""

    def now(self, store: object) -> datetime:
        return NOW


def rows(person: int) -> list[dict[str, Any]]:
    """Make incidents of half a year, some unpaged, open, reopened or without a service."""
    dice = random.Random(7)
    made: list[dict[str, Any]] = []
    for number in range(1, COUNT + 1):
        at = NOW - timedelta(minutes=dice.randrange(180 * 24 * 60))
        resolved = at + timedelta(seconds=dice.randrange(90_000)) if dice.random() < 0.8 else None
        made.append(
            {
                "id": number,
                "title": dice.choice(["Checkout is down", "Search slow 17", "search SLOW"]),
                "severity": dice.randint(1, 4),
                "status": "resolved" if resolved else "investigating",
                "declared_by": person,
                "declared_at": at,
                "acknowledged_at": at + timedelta(seconds=dice.randrange(2_000)) if dice.random() < 0.7 else None,
                "mitigated_at": resolved,
                "resolved_at": resolved,
                "summary": "",
                "cycle": dice.choice([0, 0, 1]),
                "entry_seq": 1,
                "version": 1,
                "services": dice.sample(["checkout", "search"], dice.randint(0, 2)),
                "pages": [(c, at + timedelta(seconds=dice.randrange(600))) for c in dice.choices([0, 1], k=3)],
            }
        )
    return made


@pytest.fixture
async def told(database: Database) -> list[dict[str, Any]]:
    def fill(store: SqlStore) -> list[dict[str, Any]]:
        organisation.replace(store, CATALOGUE, NOW)
        person = crew(store).ada.id
        made, run = rows(person), store.connection.execute
        for row in made:
            services, pages = row["services"], row["pages"]
            run(insert(incident).values({k: v for k, v in row.items() if k not in ("services", "pages")}))
            for position, name in enumerate(services):
                run(insert(incident_service).values(incident_id=row["id"], service_id=name, position=position))
            for cycle, sent_at in pages:
                values = {"reason": "step", "way": "teams", "due_at": sent_at, "person_id": person, "cycle": cycle}
                more = {"round": 1, "target": "", "result": "sent", "detail": "", "attempts": 1, "sent_at": sent_at}
                run(insert(page).values(**values, **more, incident_id=row["id"]))
        return made

    return await database.write(fill)


@pytest.fixture
async def api(database: Database, told: list[dict[str, Any]]):
    async with serving(database, clock=Hand()) as found:
        yield found


def brute(told: list[dict[str, Any]], service_id: str | None) -> dict[str, Any]:
    since, until = (datetime.fromisoformat(text) for text in (FROM, TO))
    mine = [r for r in told if service_id is None or service_id in r["services"]]
    found = [r for r in mine if since <= r["declared_at"] < until]

    def spread(lengths: list[float]) -> dict[str, Any]:
        if not lengths:
            return {"median": None, "p90": None, "n": 0}
        ordered, at = sorted(lengths), 0.9 * (len(lengths) - 1)
        high = ordered[min(int(at) + 1, len(ordered) - 1)]
        p90 = ordered[int(at)] + (high - ordered[int(at)]) * (at % 1)
        return {"median": pytest.approx(median(ordered)), "p90": pytest.approx(p90, abs=0.01), "n": len(ordered)}

    acknowledged: list[float] = []
    for row in found:
        first = min((at for cycle, at in row["pages"] if cycle == row["cycle"]), default=None)
        if first and row["acknowledged_at"] and row["acknowledged_at"] >= first:
            acknowledged.append((row["acknowledged_at"] - first).total_seconds())
    named = [r for r in found if r["services"]]
    kind = {r["id"]: "checkout" if "Checkout" in r["title"] else "search" for r in mine}
    again = sum(
        any(
            o is not r
            and timedelta(0) <= r["declared_at"] - o["declared_at"] <= timedelta(days=90)
            and kind[o["id"]] == kind[r["id"]]
            and set(o["services"]) & set(r["services"])
            and o["declared_at"] >= since - timedelta(days=90)
            for o in mine
        )
        for r in named
    )
    solved = [(r["resolved_at"] - r["declared_at"]).total_seconds() for r in found if r["resolved_at"]]
    return {
        "incidents": {
            "n": len(found),
            "open": sum(r["resolved_at"] is None for r in found),
            "by_severity": {str(s): sum(r["severity"] == s for r in found) for s in (1, 2, 3, 4)},
        },
        "time_to_acknowledge": spread(acknowledged),
        "time_to_mitigate": spread(solved),
        "time_to_resolve": spread(solved),
        "repeat_rate": {"percent": round(100 * again / len(named), 1), "n": len(named)},
    }


@pytest.mark.parametrize(("team", "service_id"), [("", None), ("&team=SEARCH", "search")])
async def test_figures_are_what_a_recomputation_gives(
    api: Api, told: list[dict[str, Any]], team: str, service_id: str | None
) -> None:
    found = (await api.get(f"metrics?from={FROM}&to={TO}{team}")).body
    validate({"$ref": "#/components/schemas/Metrics"}, found)
    expected = brute(told, service_id)
    assert {name: found[name] for name in expected} == expected
    assert found["time_to_acknowledge"]["n"] > 5


async def test_handoffs_count_as_accepted_only_before_the_shift_change(api: Api, database: Database) -> None:
    boundary = datetime(2026, 11, 2, 9, tzinfo=UTC)

    def fill(store: SqlStore) -> None:
        person = crew(store).ada.id
        for n, (state, minutes, reason) in enumerate(
            [
                ("accepted", -5, ""),
                ("accepted", 5, ""),
                ("declined", None, "Ill"),
                ("expired", None, "Off."),
                ("expired", None, ""),
            ]
        ):
            values = {
                "schedule": f"s{n}",
                "outgoing": person,
                "incoming": person,
                "boundary_at": boundary,
                "holds": True,
                "state": state,
                "notes": "",
                "reason": reason,
                "offered_at": boundary - timedelta(minutes=30),
                "accepted_at": None if minutes is None else boundary + timedelta(minutes=minutes),
                "version": 1,
            }
            store.connection.execute(insert(handoff).values(**values))

    await database.write(fill)
    found = (await api.get(f"metrics?from={FROM}&to={TO}")).body
    assert found["handoff_acceptance"] == {"percent": 25.0, "n": 4}


@pytest.mark.parametrize("query", ["from=x", f"from={TO}&to={FROM}", "from=2020-01-01T00:00:00Z", "team=nope"])
async def test_what_makes_no_sense_is_a_sentence(api: Api, query: str) -> None:
    answer = await api.get(f"metrics?{query}")
    assert answer.status == 400
    assert "Traceback" not in str(answer.body)


async def test_of_nothing_there_are_no_figures(api: Api) -> None:
    found = (await api.get("metrics?from=2019-01-01T00:00:00Z&to=2019-02-01T00:00:00Z")).body
    assert found["time_to_resolve"] == {"median": None, "p90": None, "n": 0}
    assert found["repeat_rate"] == found["change_failure_rate"] == {"percent": None, "n": 0}


async def test_the_digest_has_the_incidents_of_its_week(api: Api, told: list[dict[str, Any]]) -> None:
    found = (await api.get("digest?team=payments&week=2026-w46")).body
    validate({"$ref": "#/components/schemas/Digest"}, found)
    since, until = datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC)
    mine = [r for r in told if "checkout" in r["services"] and since <= r["declared_at"] < until]
    assert (found["title"], found["week"], found["incidents"]) == ("Weekly ops digest, week 46", "2026-W46", len(mine))
    assert (found["from"], found["to"]) == ("2026-11-09T00:00:00.000Z", "2026-11-16T00:00:00.000Z")
    assert [section["id"] for section in found["sections"]] == ["happened", "open", "numbers"]
    assert (await api.get("digest")).body["week"] == "2026-W47"
    assert [(await api.get(f"digest?{q}")).status for q in ("week=2026-W60", "week=x", "team=nope")] == [400, 400, 400]
