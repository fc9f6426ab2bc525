"""GET /api/v1/oncall and /api/v1/schedules/{id}/shifts over a real socket and real databases."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from domain.handoff import Handoff
from domain.oncall import ImportedShift, Override
from server.api import ROUTES
from server.api.openapi import document
from storage.database import Database
from tests.api.conftest import Api, serving
from tests.support.rota import OPS, PLATFORM, PRIMARY, ops, organisation, platform, primary, rotation, utc
from tests.support.samples import NOW
from usecases.oncall_ports import Feed, MadeOverride

DOCUMENT = document(ROUTES)


class Hand:
    """A clock that stands still."""

    def now(self, store: object) -> datetime:
        return NOW

    def offset(self, store: object) -> timedelta:
        return timedelta(0)


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    await database.write(lambda store: store.organisations.replace(organisation()))
    async with serving(database, clock=Hand()) as found:
        yield found


def item(schedule: str, person: str | None, starts: str | None, ends: str | None, source: str | None) -> dict[str, Any]:
    moment = [f"{text}:00.000Z" if text else None for text in (starts, ends)]
    return {"schedule": schedule, "person": person, "starts_at": moment[0], "ends_at": moment[1], "source": source}


GRACE_NOW = item(PRIMARY, "grace", "2026-11-23T09:00", "2026-11-30T09:00", "rotation")
GAP_NOW = item(OPS, None, "2026-11-23T12:30", "2026-11-24T03:30", None)
ZOE_NOW = item(PLATFORM, "zoe", "2026-11-23T08:00", "2026-11-30T08:00", "rotation")


# -- who is on call ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("oncall", [GAP_NOW, GRACE_NOW, ZOE_NOW]),
        ("oncall?schedule=&service=&team=&at=", [GAP_NOW, GRACE_NOW, ZOE_NOW]),
        ("oncall?schedule=payments-primary", [GRACE_NOW]),
        ("oncall?schedule=Payments-PRIMARY", [GRACE_NOW]),
        ("oncall?service=checkout", [GRACE_NOW, GAP_NOW, ZOE_NOW]),
        ("oncall?service=CheckOut", [GRACE_NOW, GAP_NOW, ZOE_NOW]),
        ("oncall?service=platform", [ZOE_NOW]),
        ("oncall?team=platform", [ZOE_NOW]),
        ("oncall?team=IT-Ops", [GAP_NOW]),
    ],
)
async def test_it_answers_schedule_by_schedule(api: Api, asked: str, found: list[dict[str, Any]]) -> None:
    assert await api.items(asked) == found


@pytest.mark.parametrize(
    ("at", "person"),
    [
        ("2026-11-30T08:59:59Z", "grace"),
        ("2026-11-30T08:59:59.999999Z", "grace"),
        ("2026-11-30T09:00:00Z", "ada"),
        ("2026-11-30T10:00:00+01:00", "ada"),
        ("2026-11-30T09:59:59+01:00", "grace"),
        ("2026-11-30t09:00z", "ada"),
        ("2027-03-29T08:00:00Z", "grace"),  # 09:00 in London once the clocks have gone forward
        ("2027-03-29T07:59:59Z", "ada"),
    ],
)
async def test_at_names_a_moment_and_intervals_are_half_open(api: Api, at: str, person: str) -> None:
    for written in (quote(at), at):  # a plus sign that nobody escaped is understood too
        (found,) = await api.items(f"oncall?schedule=payments-primary&at={written}")
        assert found["person"] == person


async def test_without_at_the_products_time_counts(api: Api) -> None:
    assert await api.items("oncall") == await api.items("oncall?at=2026-11-23T14:18:00Z")


async def test_where_nothing_bounds_a_gap_there_is_no_moment(database: Database) -> None:
    await database.write(lambda store: store.organisations.replace(organisation(primary(rotations=()))))
    async with serving(database, clock=Hand()) as api:
        assert await api.items("oncall") == [item(PRIMARY, None, None, None, None)]
    (found,) = [item(PRIMARY, None, None, "2026-11-02T09:00", None)]
    await database.write(lambda store: store.organisations.replace(organisation()))
    async with serving(database, clock=Hand()) as api:
        assert await api.items("oncall?schedule=payments-primary&at=2026-01-01T00:00:00Z") == [found]


async def test_overrides_and_calendars_are_named_as_the_source(database: Database) -> None:
    shift = ImportedShift(person="ada", starts_at=utc(2026, 11, 23), ends_at=utc(2026, 11, 24))
    calendar = platform(rotations=(), calendar="https://calendar.example.org/p.ics")

    def fill(store: Any) -> None:
        store.organisations.replace(organisation(primary(), ops(), calendar))
        store.feeds.put(Feed(schedule=PLATFORM, url=str(calendar.calendar), shifts=(shift,), good_at=NOW))
        ada = store.people.by_handle("ada")
        override = Override(person="lin", starts_at=utc(2026, 11, 23, 12), ends_at=utc(2026, 11, 23, 18))
        store.schedules.add_override(
            MadeOverride(id=0, schedule=PRIMARY, override=override, made_by=ada.id, made_at=NOW)
        )

    await database.write(fill)
    async with serving(database, clock=Hand()) as api:
        found = {one["schedule"]: one for one in await api.items("oncall")}
    assert found[PRIMARY] == item(PRIMARY, "lin", "2026-11-23T12:00", "2026-11-23T18:00", "override")
    assert found[PLATFORM] == item(PLATFORM, "ada", "2026-11-23T00:00", "2026-11-24T00:00", "calendar")


async def test_a_handoff_that_is_not_accepted_does_not_change_the_answer(database: Database, api: Api) -> None:
    def hand_over(store: Any) -> None:
        grace, ada = store.people.by_handle("grace"), store.people.by_handle("ada")
        boundary = utc(2026, 11, 23, 14, 15)
        store.handoffs.add(Handoff(id=0, schedule=PRIMARY, outgoing=ada.id, incoming=grace.id, boundary_at=boundary))

    await database.write(hand_over)
    assert await api.items("oncall?schedule=payments-primary") == [GRACE_NOW]


@pytest.mark.parametrize(
    ("asked", "status", "why"),
    [
        ("oncall?schedule=payments-primary&team=payments", 400, "at most one of schedule, service and team"),
        ("oncall?service=checkout&team=payments", 400, "at most one of schedule, service and team"),
        ("oncall?schedule=a&schedule=b", 400, "schedule is given 2 times"),
        ("oncall?at=tomorrow", 400, "at must be an RFC 3339 time"),
        ("oncall?at=2026-11-30T09:00:00", 400, "at must be an RFC 3339 time"),
        ("oncall?at=2026-11-30", 400, "at must be an RFC 3339 time"),
        ("oncall?at=20261130T090000Z", 400, "at must be an RFC 3339 time"),
        ("oncall?at=2026-13-30T09:00:00Z", 400, "at must be an RFC 3339 time"),
        ("oncall?at=0001-01-01T00:00:00Z", 400, "from 2000 to 2199"),
        ("oncall?at=9999-12-31T23:59:59-23:59", 400, "from 2000 to 2199"),
        ("oncall?schedule=payments", 404, "no schedule “payments”"),
        ("oncall?service=chekout", 404, "no service “chekout”"),
        ("oncall?team=nobody", 404, "no team “nobody”"),
    ],
)
async def test_what_cannot_be_answered_is_a_problem_with_a_sentence(
    api: Api, asked: str, status: int, why: str
) -> None:
    answer = await api.get(asked)
    assert (answer.status, answer.headers["type"]) == (status, "application/problem+json")
    assert why in answer.body["detail"]


# -- shifts -----------------------------------------------------------------------------------------------------------


async def test_shifts_are_cut_to_the_window_and_in_order(api: Api) -> None:
    found = await api.items("schedules/payments-primary/shifts?from=2026-11-25T00:00:00Z&to=2026-12-08T00:00:00Z")
    assert found == [
        item(PRIMARY, "grace", "2026-11-25T00:00", "2026-11-30T09:00", "rotation"),
        item(PRIMARY, "ada", "2026-11-30T09:00", "2026-12-07T09:00", "rotation"),
        item(PRIMARY, "grace", "2026-12-07T09:00", "2026-12-08T00:00", "rotation"),
    ]


async def test_gaps_are_items_without_a_person(api: Api) -> None:
    found = await api.items("schedules/it-ops-primary/shifts?from=2026-11-27T00:00:00Z&to=2026-11-30T06:00:00Z")
    assert [(one["person"], one["source"]) for one in found] == [
        (None, None),
        ("lin", "rotation"),
        (None, None),
        ("lin", "rotation"),
    ]
    assert found[2] == item(OPS, None, "2026-11-27T12:30", "2026-11-30T03:30", None)


async def test_by_default_the_window_is_the_next_fourteen_days(api: Api) -> None:
    found = await api.items("schedules/Payments-Primary/shifts")
    assert (found[0]["starts_at"], found[-1]["ends_at"]) == ("2026-11-23T14:18:00.000Z", "2026-12-07T14:18:00.000Z")
    only_from = await api.items("schedules/payments-primary/shifts?from=2027-01-01T00:00:00Z")
    assert only_from[-1]["ends_at"] == "2027-01-15T00:00:00.000Z"
    only_to = await api.items("schedules/payments-primary/shifts?to=2026-11-24T00:00:00Z")
    assert [one["ends_at"] for one in only_to] == ["2026-11-24T00:00:00.000Z"]


@pytest.mark.parametrize("schedule", [PRIMARY, OPS, PLATFORM])
async def test_a_year_is_covered_without_holes_over_both_changes_of_the_clocks(api: Api, schedule: str) -> None:
    found = await api.items(f"schedules/{schedule}/shifts?from=2026-12-01T00:00:00Z&to=2028-01-01T00:00:00Z")
    assert found[0]["starts_at"] == "2026-12-01T00:00:00.000Z"
    assert found[-1]["ends_at"] == "2028-01-01T00:00:00.000Z"
    assert all(one["ends_at"] == other["starts_at"] for one, other in pairwise(found))
    assert all(one["starts_at"] < one["ends_at"] for one in found)


async def test_overlapping_overrides_come_out_as_the_later_one_wins(database: Database) -> None:
    first = Override(person="lin", starts_at=utc(2026, 12, 5, 10), ends_at=utc(2026, 12, 5, 12))
    later = Override(person="zoe", starts_at=utc(2026, 12, 5, 11), ends_at=utc(2026, 12, 5, 13))
    await database.write(lambda store: store.organisations.replace(organisation(primary(first, later))))
    async with serving(database, clock=Hand()) as api:
        found = await api.items("schedules/payments-primary/shifts?from=2026-12-05T00:00:00Z&to=2026-12-06T00:00:00Z")
    assert [(one["person"], one["starts_at"][11:13], one["source"]) for one in found] == [
        ("ada", "00", "rotation"),
        ("lin", "10", "override"),
        ("zoe", "11", "override"),
        ("ada", "13", "rotation"),
    ]


async def test_the_longest_window_is_four_hundred_days(api: Api) -> None:
    path = "schedules/payments-primary/shifts?from=2026-01-01T00:00:00Z&to="
    assert (await api.get(f"{path}2027-02-05T00:00:00Z")).status == 200
    refused = await api.get(f"{path}2027-02-05T00:00:01Z")
    assert refused.status == 400
    assert "more than 400 days apart" in refused.body["detail"]


@pytest.mark.parametrize(
    ("asked", "status", "why"),
    [
        ("payments-primary/shifts?from=2026-12-05T00:00:00Z&to=2026-12-05T00:00:00Z", 400, "from must be earlier than"),
        ("payments-primary/shifts?from=2026-12-06T00:00:00Z&to=2026-12-05T00:00:00Z", 400, "from must be earlier than"),
        ("payments-primary/shifts?to=2026-11-23T14:18:00Z", 400, "from must be earlier than to"),
        ("payments-primary/shifts?from=yesterday", 400, "from must be an RFC 3339 time"),
        ("payments-primary/shifts?to=soon", 400, "to must be an RFC 3339 time"),
        ("payments-primry/shifts", 404, "Did you mean `payments-primary`"),
        ("%00/shifts", 404, "I know no schedule"),
        ("none/shifts?from=2026-12-06T00:00:00Z&to=2026-12-05T00:00:00Z", 404, "I know no schedule “none”"),
    ],
)
async def test_a_window_that_makes_no_sense_is_a_problem(api: Api, asked: str, status: int, why: str) -> None:
    answer = await api.get(f"schedules/{asked}")
    assert (answer.status, answer.headers["type"]) == (status, "application/problem+json")
    assert why in answer.body["detail"]


async def test_a_schedule_of_seconds_is_written_out_for_an_hour_but_not_for_a_week(database: Database) -> None:
    fast = rotation("ada", "grace", shift="PT1S")
    await database.write(lambda store: store.organisations.replace(organisation(primary(rotations=(fast,)))))
    async with serving(database, clock=Hand()) as api:
        path = "schedules/payments-primary/shifts?from=2026-12-05T00:00:00Z&to=2026-12"
        assert len(await api.items(f"{path}-05T01:00:00Z")) == 3_600
        refused = await api.get(f"{path}-12T00:00:00Z")
    assert refused.status == 400
    assert "Ask for a shorter time." in refused.body["detail"]


async def test_hourly_shifts_of_a_year_are_answered(database: Database) -> None:
    hourly = primary(rotations=(rotation("ada", "grace", shift="PT1H"),))
    await database.write(lambda store: store.organisations.replace(organisation(hourly)))
    async with serving(database, clock=Hand()) as api:
        found = await api.items("schedules/payments-primary/shifts?from=2026-12-05T00:00:00Z&to=2027-12-05T00:00:00Z")
    assert len(found) == 365 * 24


# -- as the document says ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/api/v1/oncall", "oncall"),
        ("/api/v1/oncall", "oncall?at=2026-01-01T00:00:00Z"),
        ("/api/v1/oncall", "oncall?at=x"),
        ("/api/v1/oncall", "oncall?team=x"),
        ("/api/v1/schedules/{id}/shifts", "schedules/it-ops-primary/shifts"),
        ("/api/v1/schedules/{id}/shifts", "schedules/x/shifts"),
        ("/api/v1/schedules/{id}/shifts", "schedules/it-ops-primary/shifts?from=x"),
    ],
)
async def test_real_answers_follow_the_document(api: Api, path: str, asked: str) -> None:
    answer = await api.get(asked)
    described = DOCUMENT["paths"][path]["get"]["responses"][str(answer.status)]
    if "$ref" in described:
        described = DOCUMENT["components"]["responses"][described["$ref"].rpartition("/")[2]]
    schema = described["content"][answer.headers["type"]]["schema"]
    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(answer.body)


async def test_without_a_token_nothing_is_told(api: Api) -> None:
    for path in ("oncall", "schedules/payments-primary/shifts"):
        assert (await api.get(path, headers={})).status == 401
