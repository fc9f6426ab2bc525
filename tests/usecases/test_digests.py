"""Digests through the whole bot on a real store: on Monday morning, once, whatever happens meanwhile."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.catalog import Side, Team
from tests.support.care_desk import CareDesk, Sent, crew
from tests.support.rota import card_of, said, texts, utc
from tests.usecases.changer import tell

PAYMENTS, OPS = "19:payments@thread.tacv2", "19:it-ops@thread.tacv2"
FIRST = utc(2026, 11, 30, 9)
"""The Monday after the tests begin, 09:00 in London."""


def teams(**more: object) -> dict[str, object]:
    """Give Payments in London and IT Operations in Kolkata a channel."""
    made = crew(channel=PAYMENTS, **more)
    ops = Team(
        id="it-ops",
        name="IT Operations",
        side=Side.OPERATIONS,
        lead="lin",
        members=("lin", "ben"),
        channel=OPS,
        time_zone="Asia/Kolkata",
    )
    return {**made, "teams": (made["teams"][0], ops, made["teams"][2])}


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[CareDesk]:
    made = await CareDesk.opened(sqlite_url)
    await made.imports(**teams())
    yield made
    await made.db.close()


@pytest.fixture
async def anywhere(database_url: str) -> AsyncIterator[CareDesk]:
    """The same on either database."""
    made = await CareDesk.opened(database_url)
    await made.imports(**teams())
    yield made
    await made.db.close()


def digests(desk: CareDesk, where: str, whose: str = "") -> list[Sent]:
    return [one for one in desk.got(where, letter="digest") if whose in one.text]


async def test_each_channel_gets_it_on_monday_at_nine_on_its_own_clock_and_operations_that_of_all(
    anywhere: CareDesk,
) -> None:
    desk = anywhere
    await tell(desk.rota, "declare Checkout is down sev1 service:checkout")
    await desk.to(utc(2026, 12, 7, 12))
    assert [one.at for one in digests(desk, PAYMENTS)] == [FIRST, FIRST + timedelta(days=7)]
    ours = utc(2026, 11, 30, 3).replace(minute=30)
    assert {one.at for one in digests(desk, OPS)} == {ours, ours + timedelta(days=7)}
    assert len(digests(desk, OPS)) == 4
    first = texts(digests(desk, PAYMENTS)[0].card)
    assert "Weekly ops digest, week 48 of Payments" in first
    assert "INC-1 SEV1 Critical: Checkout is down, still open" in first
    assert "payments-primary: Ada Lovelace until" in first
    second = texts(digests(desk, PAYMENTS)[1].card)
    assert "investigating for" in second
    assert "What happened" not in second


async def test_a_quiet_week_is_one_line(desk: CareDesk) -> None:
    await desk.to(FIRST)
    (sent,) = digests(desk, PAYMENTS)
    assert len(sent.card["body"]) == 1
    assert sent.text == "Weekly ops digest, week 48 of Payments: a quiet week, and nothing is open or due."


async def test_imports_and_other_zones_on_the_same_monday_post_it_once(desk: CareDesk) -> None:
    await desk.imports(**teams(time_zone="Europe/Berlin"))
    await desk.to(FIRST)
    await desk.imports(**teams(time_zone="America/New_York"))
    await desk.imports(**teams(time_zone="America/New_York"))
    await desk.to(utc(2026, 12, 7, 23))
    assert [one.at for one in digests(desk, PAYMENTS)] == [utc(2026, 11, 30, 8), utc(2026, 12, 7, 14)]


async def test_after_five_weeks_without_the_bot_only_the_newest_is_posted(desk: CareDesk) -> None:
    desk.sleeps(utc(2027, 1, 6, 12))
    await desk.runs()
    assert [one.text.split(" of ")[0] for one in digests(desk, PAYMENTS)] == ["Weekly ops digest, week 53"]
    await desk.to(utc(2027, 1, 11, 10))
    assert len(digests(desk, PAYMENTS)) == 2


@pytest.mark.parametrize(("monday", "hour"), [((2027, 3, 29), 8), ((2027, 11, 1), 9)])
async def test_on_the_monday_after_the_clocks_change_it_is_nine_too(
    desk: CareDesk, monday: tuple[int, int, int], hour: int
) -> None:
    desk.sleeps(utc(*monday, 0) - timedelta(days=3))
    await desk.runs()
    await desk.to(utc(*monday, 12))
    assert digests(desk, PAYMENTS)[-1].at == utc(*monday, hour)


async def test_a_channel_that_wants_none_gets_none_until_it_does(desk: CareDesk) -> None:
    await desk.rota.change(lambda store: store.key_value.set(f"digest.muted:{PAYMENTS}", "yes"))
    await desk.to(FIRST)
    assert digests(desk, PAYMENTS) == []
    await desk.rota.change(lambda store: store.key_value.set(f"digest.muted:{PAYMENTS}", "no"))
    await desk.to(FIRST + timedelta(days=7))
    assert len(digests(desk, PAYMENTS)) == 1


async def test_three_hundred_incidents_are_counted_and_the_worst_are_named(desk: CareDesk) -> None:
    for number in range(300):
        severity = 1 if number == 170 else 3
        await tell(desk.rota, f"declare Trouble {number} sev{severity} service:checkout")
    await desk.to(FIRST)
    sent = digests(desk, PAYMENTS)[0]
    assert "300 incidents" in sent.text
    shown = texts(sent.card)
    assert shown.index("INC-171 SEV1 Critical: Trouble 170") < shown.index("INC-1 SEV3")
    assert "and 294 more" in shown


async def test_everything_that_is_open_or_comes_has_its_section(desk: CareDesk) -> None:
    await desk.rota.say(
        "maintenance schedule Upgrade service:checkout from 2026-12-02 22:00 to 2026-12-02 23:00", "ada"
    )
    await desk.rota.say("care add Restore test service:checkout every week", "ada")
    await desk.rota.say("actions add Alert type:detect owner @grace due 2026-11-25", "ada")
    await desk.to(FIRST)
    shown = texts(digests(desk, PAYMENTS)[0].card)
    assert "Care 1: Restore test, due Mon 2026-11-30 17:00" in shown
    assert "Action 1: Alert, Grace Hopper, overdue since Wed 2026-11-25" in shown
    answer = await desk.rota.say("digest team:payments 2026-W47", "ada")
    assert "Weekly ops digest, week 47 of Payments" in texts(card_of(answer))
    assert "Weekly ops digest, week 48" in said(await desk.rota.say("digest", "ada"))


async def test_a_channel_of_no_team_is_told_how_to_get_one(desk: CareDesk) -> None:
    assert "Write `here team:<id>`" in said(await desk.rota.say("digest unmute", "ada", chat="channel"))


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("digest team:nope", "nope"),
        ("digest 2026-W60", "is no week"),
        ("digest mute", "in the one you mean"),
        ("digest yesterday", "After `digest` I know"),
    ],
)
async def test_what_is_not_there_is_said_in_a_sentence(desk: CareDesk, line: str, answer: str) -> None:
    assert answer in said(await desk.rota.say(line, "ada"))
