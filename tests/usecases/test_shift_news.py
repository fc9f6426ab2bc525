"""News of changed shifts: who gets and loses what within four weeks, told once, in the reader's zone."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.oncall import Override, Schedule
from storage.database import Database
from tests.support.rota import MONDAY, OPS, PRIMARY, Rota, ops, organisation, platform, primary, rotation, texts, utc
from tests.support.samples import NOW, person
from usecases import organisation as organisations
from usecases import shift_news
from usecases.spans import Span, held, less, moved


@pytest.fixture
async def rota(db: Database) -> AsyncIterator[Rota]:
    return await Rota.made(db)


async def tell(
    rota: Rota, before: Sequence[Schedule], after: Sequence[Schedule], *, key: str = "k", but: Sequence[int] = ()
) -> None:
    await rota.change(lambda store: shift_news.tell(store, before, after, rota.now, key=key, but=but))


NIGHT = Override(person="lin", starts_at=utc(2026, 12, 5, 22), ends_at=utc(2026, 12, 6, 8))


# -- what differs -----------------------------------------------------------------------------------------------------


def test_an_override_gives_to_one_and_takes_from_the_other() -> None:
    found = shift_news.changes([primary()], [primary(NIGHT)], NOW)
    span = ((NIGHT.starts_at, NIGHT.ends_at),)
    assert set(found) == {"ada", "lin"}
    assert (found["lin"][0].gained, found["lin"][0].lost) == (span, ())
    assert (found["ada"][0].gained, found["ada"][0].lost) == ((), span)


def test_what_is_the_same_in_the_end_is_no_news() -> None:
    same = Override(person="ada", starts_at=utc(2026, 12, 1), ends_at=utc(2026, 12, 2))
    assert shift_news.changes([primary()], [primary(same)], NOW) == {}
    cut = primary(rotations=(rotation("ada", "ada", "grace", "grace", shift="PT84H"),))
    assert shift_news.changes([primary()], [cut], utc(2026, 11, 23, 9)) == {}


def test_only_what_is_ahead_and_within_four_weeks_counts() -> None:
    past = Override(person="lin", starts_at=NOW - timedelta(days=3), ends_at=NOW)
    running = Override(person="lin", starts_at=NOW - timedelta(days=3), ends_at=NOW + timedelta(hours=1))
    far = Override(person="lin", starts_at=NOW + shift_news.AHEAD, ends_at=NOW + timedelta(days=40))
    assert shift_news.changes([primary()], [primary(past, far)], NOW) == {}
    found = shift_news.changes([primary()], [primary(running)], NOW)
    assert found["lin"][0].gained == ((NOW, NOW + timedelta(hours=1)),)


def test_a_schedule_that_is_new_or_gone_is_news_and_they_come_by_their_ids() -> None:
    found = shift_news.changes([primary(), ops()], [primary(), platform()], NOW)
    assert [(news.schedule, bool(news.gained), bool(news.lost)) for news in found["zoe"]] == [
        ("platform-primary", True, False)
    ]
    assert [(news.schedule, bool(news.gained), bool(news.lost)) for news in found["lin"]] == [(OPS, False, True)]
    both = shift_news.changes([], [primary(rotations=(rotation("lin"),)), ops()], NOW)
    assert [news.schedule for news in both["lin"]] == [OPS, PRIMARY]


def test_another_zone_moves_every_shift_by_its_difference() -> None:
    found = shift_news.changes([primary()], [primary(zone="America/New_York")], NOW)
    assert found["ada"][0].lost[0] == (utc(2026, 11, 30, 9), utc(2026, 11, 30, 14))
    assert found["ada"][0].gained[0] == (utc(2026, 12, 7, 9), utc(2026, 12, 7, 14))


def test_weeks_over_a_change_of_the_clocks_are_the_same_weeks() -> None:
    spring = utc(2027, 3, 20)
    mine = held(primary(), spring, spring + timedelta(days=20))
    assert (utc(2027, 3, 22, 9), utc(2027, 3, 29, 8)) in mine["ada"]
    assert shift_news.changes([primary()], [replace(primary(), team="it-ops")], spring) == {}


def test_a_schedule_of_seconds_is_compared_for_a_shorter_time() -> None:
    fast = rotation("ada", "grace", shift="PT1S")
    found = shift_news.changes([primary(rotations=(fast,))], [primary(rotations=(rotation("lin"),))], NOW)
    assert len(found["lin"][0].gained) == 1
    assert 1_000 < len(found["ada"][0].lost) < 10_000


def primary_of(*people: str) -> Schedule:
    return primary(rotations=(rotation(*people, shift="P1D"),))


def test_five_hundred_people_are_compared() -> None:
    handles = [f"p{n}" for n in range(500)]
    found = shift_news.changes([primary_of(*handles)], [primary_of(*handles[::-1])], NOW)
    assert len(found) >= 54
    total = sum((ends - begins for news in found.values() for begins, ends in news[0].gained), timedelta())
    lost = sum((ends - begins for news in found.values() for begins, ends in news[0].lost), timedelta())
    assert total == lost > timedelta(days=26)


MINUTES = st.integers(0, 200)


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    """Some spans in order, without overlaps."""
    edges = sorted(draw(st.sets(MINUTES, max_size=12)))
    return tuple(
        (NOW + timedelta(minutes=a), NOW + timedelta(minutes=b)) for a, b in zip(edges[::2], edges[1::2], strict=False)
    )


def minutes(some: Sequence[Span]) -> set[datetime]:
    return {b + timedelta(minutes=n) for b, e in some for n in range(int((e - b) / timedelta(minutes=1)))}


@given(spans(), spans())
def test_taking_spans_away_is_what_it_is_minute_by_minute(mine: tuple[Span, ...], theirs: tuple[Span, ...]) -> None:
    left = less(mine, theirs)
    assert minutes(left) == minutes(mine) - minutes(theirs)
    assert all(begins < ends for begins, ends in left)
    assert list(left) == sorted(left)


@given(spans(), spans())
def test_whoever_keeps_everything_is_left_out(mine: tuple[Span, ...], theirs: tuple[Span, ...]) -> None:
    found = moved({"ada": mine, "lin": theirs}, {"ada": mine})
    assert set(found) == ({"lin"} if theirs else set())


# -- told -------------------------------------------------------------------------------------------------------------


async def test_each_person_reads_one_message_in_their_zone(rota: Rota) -> None:
    await tell(rota, [primary(), ops()], [primary(NIGHT), ops()])
    (lin,), (ada,) = await rota.letters("lin"), await rota.letters("ada")
    assert lin.text == (
        "Your on-call shifts on payments-primary changed: "
        "new Sun 2026-12-06 03:30 – 13:30 Kolkata (Sat 2026-12-05 22:00 – Sun 2026-12-06 08:00 UTC)."
    )
    assert ada.text == (
        "Your on-call shifts on payments-primary changed: "
        "no longer Sat 2026-12-05 22:00 – Sun 2026-12-06 08:00 London (the same in UTC)."
    )
    assert await rota.letters("grace") == []
    assert [line for line in texts(ada.card["body"]).splitlines() if line][2:4] == [
        "No longer",
        "Sat 2026-12-05 22:00 – Sun 2026-12-06 08:00 London (the same in UTC)",
    ]


async def test_who_made_the_change_is_not_told(rota: Rota) -> None:
    await tell(rota, [primary()], [primary(NIGHT)], but=[rota.people["ada"].id])
    assert await rota.letters("ada") == []
    assert len(await rota.letters("lin")) == 1


async def test_the_same_change_is_told_once_and_another_one_again(rota: Rota) -> None:
    for _ in range(3):
        await tell(rota, [primary()], [primary(NIGHT)])
    assert len(await rota.letters("lin")) == 1
    await tell(rota, [primary(NIGHT)], [primary()], key="other")
    new, gone = await rota.letters("lin")
    assert "new Sun" in new.text
    assert "no longer Sun" in gone.text


async def test_several_schedules_are_one_message(rota: Rota) -> None:
    await tell(rota, [primary(), ops()], [primary(NIGHT), ops(rotations=())])
    (lin,) = await rota.letters("lin")
    assert lin.text.count("Your on-call shifts on") == 2
    assert "and 17 more" in lin.text


async def test_where_nothing_was_before_nobody_is_told(rota: Rota) -> None:
    await tell(rota, [], [primary(), ops()])
    assert await rota.letters() == []


async def test_who_left_or_has_no_teams_account_is_passed_over(rota: Rota) -> None:
    zoe = replace(rota.people["zoe"], active=False)
    await rota.change(lambda store: store.people.save(zoe))
    await tell(rota, [primary()], [primary(rotations=(rotation("ben", "zoe", "lin"),))])
    assert await rota.letters("zoe") == []
    assert len(await rota.letters("lin")) == 1


async def test_an_import_that_moves_shifts_tells_their_people(rota: Rota) -> None:
    await rota.say("override payments-primary @zoe from 2026-12-01 22:00 to 2026-12-02 08:00", "zoe")
    after = organisation(primary(rotations=(rotation("ada", "lin"),)), ops(), platform())
    for _ in range(2):
        await rota.change(lambda store: organisations.replace(store, after, rota.now))
    (grace,), (lin,) = await rota.letters("grace", "shift_news"), await rota.letters("lin", "shift_news")
    assert grace.text.startswith(
        "Your on-call shifts on payments-primary changed: no longer Mon 2026-11-23 09:18 – Mon 2026-11-30 04:00 New York"
    )
    assert "new Mon 2026-11-23 19:48 – Mon 2026-11-30 14:30 Kolkata" in lin.text
    assert await rota.letters("zoe", "shift_news") == await rota.letters("ada", "shift_news") == []


async def test_an_import_for_five_hundred_people_tells_each_of_them_once(db: Database) -> None:
    crowd = tuple(person(n, f"Person {n} <at>all</at>", handle=f"p{n}") for n in range(1, 501))
    plan = [
        Schedule(
            id=f"schedule-{n:02}",
            team="payments",
            time_zone="Europe/London",
            rotations=(rotation(*(f"p{n * 10 + k}" for k in range(1, 11)), shift="P1D"),),
        )
        for n in range(50)
    ]
    teams = tuple(replace(team, members=(), lead=None) for team in organisation().teams)
    rota = await Rota.made(db, *plan, people=crowd, teams=teams, services=(), escalation_policies=())
    later = [replace(s, rotations=(replace(s.rotations[0], starts=MONDAY + timedelta(days=1)),)) for s in plan]
    await tell(rota, plan, later)
    told = await rota.letters(name="shift_news")
    assert len(told) == len({letter.payload["object_id"] for letter in told}) == 500
    assert all(len(str(letter.activity).encode("utf-16-le")) < 60_000 for letter in told[:5])
