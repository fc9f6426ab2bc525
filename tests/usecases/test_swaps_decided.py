"""Swaps once they were asked for: accepted, declined, withdrawn, too late, twice, and all at once."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.oncall import Override
from domain.shifts import shift_at
from domain.swap import SwapState
from storage.database import Database
from tests.support.rota import (
    PRIMARY,
    Rota,
    buttons,
    ops,
    organisation,
    shown,
    utc,
)
from tests.support.samples import NOW
from usecases.oncall_ports import MadeOverride

WEEK = timedelta(days=7)
ADAS, GRACES = utc(2026, 11, 30, 9), utc(2026, 12, 7, 9)
"""Where Ada's next shift begins, and Grace's next after the one she has."""
SWAP = "swap payments-primary @grace 2026-11-30 for 2026-12-07"


@pytest.fixture
async def rota(db: Database) -> AsyncIterator[Rota]:
    return await Rota.made(db)


async def on_call(rota: Rota, at: datetime) -> str | None:
    return shift_at(await rota.schedule(), at).person


async def swap(rota: Rota, number: int = 1) -> Any:
    return await rota.see(lambda store: store.swaps.get(number))


async def press(rota: Rota, what: str, who: str = "grace", number: int = 1) -> str:
    return shown(await rota.press(f"swap.{what}", {"swap": number}, who))


# -- accepted ---------------------------------------------------------------------------------------------------------


async def test_accepted_both_shifts_change_hands_in_one_transaction(rota: Rota) -> None:
    await rota.say(SWAP)
    answer = await press(rota, "accept")
    assert "You swapped shifts with Ada Lovelace" in answer
    assert [m.override for m in await rota.made_overrides()] == [
        Override(person="grace", starts_at=ADAS, ends_at=ADAS + WEEK),
        Override(person="ada", starts_at=GRACES, ends_at=GRACES + WEEK),
    ]
    assert [await on_call(rota, at) for at in (ADAS, GRACES - timedelta(seconds=1), GRACES)] == [
        "grace",
        "grace",
        "ada",
    ]
    planned = await rota.see(lambda store: store.handoffs.open_of(PRIMARY))
    assert (planned[0].boundary_at, planned[0].incoming) == (GRACES, rota.people["ada"].id)


async def test_accepted_the_asker_reads_it_in_their_zone_and_the_card_of_the_question_is_redrawn(rota: Rota) -> None:
    await rota.say(SWAP)
    await press(rota, "accept")
    (ada,) = await rota.letters("ada")
    assert ada.text.startswith(
        "payments-primary: Grace Hopper accepted: your shifts are swapped. You give Mon 2026-11-30"
    )
    assert buttons(ada.card) == {}
    redrawn = next(letter for letter in await rota.letters() if letter.payload.get("activity_id") == "card-1")
    assert "You swapped shifts with Ada Lovelace" in redrawn.text
    assert buttons(redrawn.card) == {}


async def test_over_the_night_the_clocks_change_the_week_keeps_its_hours(rota: Rota) -> None:
    rota.now = utc(2027, 3, 16, 9)
    await rota.say("swap payments-primary @grace 2027-03-22 for 2027-03-29")
    await press(rota, "accept")
    first, second = [made.override for made in await rota.made_overrides()]
    assert (first.starts_at, first.ends_at) == (utc(2027, 3, 22, 9), utc(2027, 3, 29, 8))
    assert (second.starts_at, second.ends_at) == (utc(2027, 3, 29, 8), utc(2027, 4, 5, 8))


@pytest.mark.parametrize("first", ["accept", "decline", "withdraw"])
@pytest.mark.parametrize("second", ["accept", "decline", "withdraw"])
async def test_in_any_order_only_the_first_answer_counts(rota: Rota, first: str, second: str) -> None:
    await rota.say(SWAP)
    by = {"accept": "grace", "decline": "grace", "withdraw": "ada"}
    await press(rota, first, by[first])
    decided, told = await swap(rota), len(await rota.letters("ada")) + len(await rota.letters("grace"))
    rota.later(minutes=3)
    answer = await press(rota, second, by[second])
    assert await swap(rota) == decided
    assert len(await rota.made_overrides()) == (2 if first == "accept" else 0)
    assert len(await rota.letters("ada")) + len(await rota.letters("grace")) == told
    if first != second:
        who = "Ada Lovelace withdrew" if first == "withdraw" else f"Grace Hopper {first.removesuffix('e')}ed"
        assert f"{who} this swap at 2026-11-23 14:18 UTC." in answer


@pytest.mark.parametrize(
    ("what", "who"), [("accept", "ada"), ("accept", "lin"), ("decline", "ada"), ("withdraw", "grace")]
)
async def test_nobody_else_decides(rota: Rota, what: str, who: str) -> None:
    await rota.say(SWAP)
    assert f"can {what} this swap." in await press(rota, what, who)
    assert (await swap(rota)).state is SwapState.ASKED


async def test_declined_the_asker_is_told_and_nothing_changes(rota: Rota) -> None:
    await rota.say(SWAP)
    assert "You declined to swap shifts with Ada Lovelace; nothing changes" in await press(rota, "decline")
    (ada,) = await rota.letters("ada")
    assert ada.text.startswith("payments-primary: Grace Hopper declined to swap shifts; nothing changes. You give")
    assert await on_call(rota, ADAS) == "ada"


async def test_withdrawn_the_other_one_is_told_and_a_late_question_is_not_sent(rota: Rota) -> None:
    await rota.say(SWAP)
    assert "You withdrew the swap" in await press(rota, "withdraw", "ada")
    asked, withdrawn = await rota.letters("grace")
    assert asked.activity is None
    assert withdrawn.text.startswith("payments-primary: Ada Lovelace withdrew the swap; nothing changes")


# -- too late ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "begins"), [(ADAS - timedelta(seconds=1), False), (ADAS, True), (ADAS + timedelta(days=8), True)]
)
async def test_once_a_shift_has_begun_it_is_too_late(rota: Rota, now: datetime, begins: bool) -> None:
    await rota.say(SWAP)
    rota.now = now
    answer = await press(rota, "accept")
    assert ("Ada Lovelace's shift has begun already" in answer) == begins
    assert len(await rota.made_overrides()) == (0 if begins else 2)


@pytest.mark.parametrize(
    ("typed", "whose"),
    [
        ("override payments-primary @lin from 2026-12-05 22:00 to 2026-12-06 08:00", "Ada Lovelace"),
        ("override payments-primary @lin from 2026-12-08 22:00 to 2026-12-08 23:00", "Grace Hopper"),
    ],
)
async def test_when_a_shift_changed_hands_meanwhile_it_is_said(rota: Rota, typed: str, whose: str) -> None:
    await rota.say(SWAP)
    await rota.say(typed)
    answer = await press(rota, "accept")
    assert f"{whose} is not on call on payments-primary at that time any more" in answer
    assert (await swap(rota)).state is SwapState.ASKED
    assert len(await rota.made_overrides()) == 1
    (asked,) = await rota.letters("grace", "swap")
    assert list(buttons(asked.card)) == ["Decline"]


async def test_two_questions_about_one_shift_cannot_both_be_accepted(rota: Rota) -> None:
    await rota.say(SWAP)
    await rota.say("swap payments-primary @ada 2026-12-21 for 2026-11-30", "grace")
    await press(rota, "accept", "grace", 1)
    assert "any more, so it cannot be swapped" in await press(rota, "accept", "ada", 2)
    assert len(await rota.made_overrides()) == 2


async def test_a_schedule_that_is_gone_is_said(rota: Rota) -> None:
    await rota.say(SWAP)
    await rota.change(lambda store: store.organisations.replace(organisation(ops())))
    assert "payments-primary is not there any more" in await press(rota, "accept")


async def test_a_refreshed_question_says_what_is_true_now(rota: Rota) -> None:
    await rota.say("help", "grace")
    await rota.say(SWAP)
    (grace,) = await rota.letters("grace")
    action = grace.card["refresh"]["action"]
    await press(rota, "withdraw", "ada")
    assert "Ada Lovelace withdrew the swap" in shown(await rota.press(action["verb"], action["data"], "grace"))


@pytest.mark.parametrize("data", [{}, {"swap": "1"}, {"swap": False}, {"swap": 99}])
async def test_a_button_of_nothing_is_answered(rota: Rota, data: dict[str, Any]) -> None:
    for what in ("accept", "decline", "withdraw", "view"):
        answer = await rota.press(f"swap.{what}", data, "grace")
        assert shown(answer).strip().endswith((".", "one."))


# -- at once ----------------------------------------------------------------------------------------------------------


async def test_pressed_many_times_at_once_it_is_swapped_once(database: Database) -> None:
    rota = await Rota.made(database)
    await rota.say(SWAP)
    await asyncio.gather(*(press(rota, "accept") for _ in range(5)))
    assert len(await rota.made_overrides()) == 2
    assert len(await rota.letters("ada")) == 1
    assert (await swap(rota)).version == 1


async def test_accepted_and_withdrawn_at_once_only_one_counts(database: Database) -> None:
    rota = await Rota.made(database)
    await rota.say(SWAP)
    await asyncio.gather(press(rota, "accept"), press(rota, "withdraw", "ada"))
    state, made = (await swap(rota)).state, await rota.made_overrides()
    assert (state, len(made)) in ((SwapState.ACCEPTED, 2), (SwapState.WITHDRAWN, 0))


@pytest.mark.postgres
async def test_it_waits_for_a_change_of_the_schedule_that_is_under_way(postgres_url: str) -> None:
    database = Database.open(postgres_url)
    rota = await Rota.made(database)
    await rota.say(SWAP)
    begun = threading.Event()
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    override = Override(person="zoe", starts_at=utc(2026, 12, 5, 22), ends_at=utc(2026, 12, 6, 8))

    def change(store: Any) -> bool:
        store.schedules.lock(PRIMARY)
        begun.set()
        until = time.monotonic() + 10
        while not (seen := store.connection.execute(waiting).scalar_one()) and time.monotonic() < until:
            pass
        store.schedules.add_override(
            MadeOverride(id=0, schedule=PRIMARY, override=override, made_by=rota.people["zoe"].id, made_at=NOW)
        )
        return bool(seen)

    changing = asyncio.create_task(database.write(change))
    await asyncio.to_thread(begun.wait)
    answer = await press(rota, "accept")
    assert await changing
    assert "Ada Lovelace is not on call on payments-primary at that time any more" in answer
    assert len(await rota.made_overrides()) == 1
    await database.close()


async def test_an_override_at_the_same_time_either_comes_first_or_is_known(database: Database) -> None:
    rota = await Rota.made(database)
    await rota.say(SWAP)
    await asyncio.gather(
        press(rota, "accept"), rota.say("override payments-primary @zoe from 2026-12-05 22:00 to 2026-12-06 08:00")
    )
    made: list[MadeOverride] = list(await rota.made_overrides())
    people = [one.override.person for one in made]
    assert people in (["zoe"], ["grace", "ada", "zoe"])
