"""A small organisation on a real database, SQLite and PostgreSQL in turn."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.catalog import Side, Team
from domain.durations import parse_shift_length
from domain.oncall import Rotation, Schedule
from domain.organisation import ListedPerson, Organisation
from domain.zones import parse_wall_time
from storage.database import Database
from tests.support.samples import object_id
from usecases import organisation

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PEOPLE = tuple(
    ListedPerson(handle=handle, name=name, aad_object_id=object_id(n), email=f"{handle}@example.org")
    for n, (handle, name) in enumerate([("ada", "Ada Lovelace"), ("lin", "Lin Wei 林薇"), ("jo", "Jo; \\ , Núñez")], 1)
)


def small(**schedule: Any) -> Organisation:
    """Make three people who take weeks by turns from Monday 23 November 2026, 09:00 in London."""
    rotation = Rotation(
        starts=parse_wall_time("2026-11-23T09:00"), shift=parse_shift_length("P7D"), people=("ada", "lin", "jo")
    )
    given: dict[str, Any] = {"id": "primary", "team": "ops", "time_zone": "Europe/London", "rotations": (rotation,)}
    return Organisation(
        people=PEOPLE,
        teams=(Team(id="ops", name="Ops", side=Side.OPERATIONS, lead="ada", channel="19:ops@thread.tacv2"),),
        schedules=(Schedule(**{**given, **schedule}),),
    )


@pytest.fixture
async def ops(database: Database) -> Database:
    """A database with the small organisation in it."""
    await database.write(lambda store: organisation.replace(store, small(), NOW))
    return database
