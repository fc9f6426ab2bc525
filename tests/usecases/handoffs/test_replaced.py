"""What becomes of a handoff that was answered, or expired, once the schedule changes."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from storage.database import Database
from tests.support.handoff_desk import HALF, MINUTE, MONDAY, WEEK, HandoffDesk
from usecases import handoffs

HOUR = timedelta(hours=1)


@pytest.fixture
async def offered(database: Database) -> AsyncIterator[HandoffDesk]:
    """20 minutes before MONDAY on every database, both cards delivered and looked at."""
    desk = await HandoffDesk(database).open()
    await desk.at(MONDAY - HALF)
    await delivered(desk)
    await desk.at(MONDAY - 20 * MINUTE)
    yield desk


async def delivered(desk: HandoffDesk) -> None:
    """Let every new card arrive, and nothing wait any more."""
    for n, told in enumerate(await desk.sent()):
        if told.payload["letter"] == handoffs.CARD and not told.payload.get("activity_id"):
            await desk.arrives(told, f"card-{told.payload['handoff']}-{n}")
    await desk.delivered()
    await desk.sent()


# -- notes -------------------------------------------------------------------------------------------------------------


async def test_notes_go_along_when_the_lead_puts_somebody_in_for_who_declined(offered: HandoffDesk) -> None:
    await offered.note("grace", 1, "Watch the pool")
    await offered.decline("ada", 1)
    await offered.override("zoe", MONDAY, MONDAY + 3 * HOUR)
    await offered.work()
    taken = await offered.one(await offered.asked("zoe"))
    assert (offered.names(taken), taken.notes) == ("grace→zoe offered", "Watch the pool")
    assert (await offered.one(1)).notes == "Watch the pool"


async def test_notes_come_back_with_the_first_person(offered: HandoffDesk) -> None:
    await offered.note("grace", 1, "Watch the pool")
    first = await offered.override("zoe", MONDAY, MONDAY + 3 * HOUR)
    await offered.work()
    await offered.note("grace", await offered.asked("zoe"), "Watch the pool and the queue")
    await offered.without_override(first)
    assert (await offered.one(1)).notes == "Watch the pool and the queue"
    await offered.note("grace", 1, "All is well")
    await offered.override("zoe", MONDAY, MONDAY + 3 * HOUR)
    await offered.work()
    assert (await offered.one(await offered.asked("zoe"))).notes == "All is well"


async def test_notes_of_another_shift_do_not_go_along(offered: HandoffDesk) -> None:
    await offered.note("grace", 1, "Watch the pool")
    await offered.at(MONDAY + WEEK - HALF)
    await offered.override("zoe", MONDAY + 2 * WEEK, MONDAY + 3 * WEEK)
    assert [h.notes for h in await offered.all()] == ["Watch the pool", "", ""]
