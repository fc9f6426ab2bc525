"""`override` through the whole bot on a real store: what was typed, what changes at once, and who is told what."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.errors import Refused
from domain.oncall import Override
from domain.shifts import ShiftSource, shift_at, shifts_between
from storage.database import Database
from tests.support.rota import (
    CREW,
    OPS,
    PRIMARY,
    Rota,
    buttons,
    card_of,
    everything,
    mention,
    primary,
    rotation,
    said,
    shown,
    texts,
    utc,
)
from tests.support.samples import NOW
from usecases import overrides

SATURDAY = "override payments-primary @lin from 2026-12-05 22:00 to 2026-12-06 08:00"
BEGINS, ENDS = utc(2026, 12, 5, 22), utc(2026, 12, 6, 8)


@pytest.fixture
async def rota(db: Database) -> AsyncIterator[Rota]:
    return await Rota.made(db)


async def on_call(rota: Rota, at: datetime, schedule: str = PRIMARY) -> str | None:
    return shift_at(await rota.schedule(schedule), at).person


async def refused(rota: Rota, typed: str, who: str = "ada") -> str:
    """Write something that cannot be done; nothing changes and the form comes with the sentence."""
    before = await rota.made_overrides()
    answer = await rota.say(typed, who)
    assert "Override" in buttons(card_of(answer))
    assert await rota.made_overrides() == before
    assert await rota.letters() == []
    return said(answer)


# -- made -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        SATURDAY,
        "override payments-primary @lin from 2026-12-05T22:00 to 2026-12-06T08:00",
        "override Payments-PRIMARY lin from 2026-12-05 22:00Z until 2026-12-06 09:00+01:00",
        "override @lin schedule:payments-primary from 2026-12-05 22:00 to 08:00",
        "override payments-primary Lin Wei 林薇 FROM 2026-12-05 22:00 TO +10h",
        "override payments-primary\n@lin\nfrom 2026-12-05 22:00\nto 2026-12-06 08:00",
        "incident override  “payments-primary” @Lin Wei 林薇 from 2026-12-05\u00a022:00 to sunday 08:00",
    ],
)
async def test_it_takes_effect_at_once_however_it_was_typed(rota: Rota, typed: str) -> None:
    answer = said(await rota.say(typed))
    (made,) = await rota.made_overrides()
    assert made.override == Override(person="lin", starts_at=BEGINS, ends_at=ENDS)
    assert (made.made_by, made.made_at) == (rota.people["ada"].id, NOW)
    assert await on_call(rota, BEGINS) == "lin"
    assert await on_call(rota, ENDS) == await on_call(rota, BEGINS - timedelta(seconds=1)) == "ada"
    assert answer == (
        "Lin Wei 林薇 is on call on payments-primary, "
        "Sat 2026-12-05 22:00 – Sun 2026-12-06 08:00 London (the same in UTC), instead of Ada Lovelace."
    )


async def test_times_without_an_offset_are_in_the_writers_zone_and_the_answer_names_it(rota: Rota) -> None:
    answer = said(await rota.say(SATURDAY, "lin"))
    (made,) = await rota.made_overrides()
    assert made.override.starts_at == utc(2026, 12, 5, 16, 30)
    assert "Sat 2026-12-05 22:00 – Sun 2026-12-06 08:00 Kolkata (16:30 – 02:30 UTC)" in answer


@pytest.mark.parametrize(
    ("day", "starts", "hours"),
    [("2027-03-28", utc(2027, 3, 28, 0), 7), ("2027-10-31", utc(2027, 10, 30, 23), 9)],
)
async def test_a_night_on_which_the_clocks_change_is_shorter_or_longer(
    rota: Rota, day: str, starts: datetime, hours: int
) -> None:
    rota.now = starts - timedelta(days=3)
    await rota.say(f"override payments-primary @lin from {day} 00:00 to {day} 08:00")
    (made,) = await rota.made_overrides()
    assert (made.override.starts_at, made.override.ends_at) == (starts, starts + timedelta(hours=hours))


async def test_a_mention_is_the_person_even_when_others_share_the_name(db: Database) -> None:
    twin = replace(CREW[2], handle="lin2", object_id="11111111-1111-1111-1111-000000000077", id=0)
    rota = await Rota.made(db, people=(*CREW, twin))
    text = "override payments-primary <at>Lin Wei 林薇</at> from 2026-12-05 22:00 to 2026-12-06 08:00"
    await rota.say(text, mentions=(mention("Lin Wei 林薇", rota.people["lin2"]),))
    (made,) = await rota.made_overrides()
    assert made.override.person == "lin2"


async def test_a_start_that_has_passed_is_cut_to_now_and_said(rota: Rota) -> None:
    answer = said(await rota.say("override payments-primary @lin from 2026-11-23 09:00 to 2026-11-23 18:00"))
    (made,) = await rota.made_overrides()
    assert made.override.starts_at == NOW
    assert "Mon 2026-11-23 14:18 – 18:00 London" in answer
    assert answer.endswith("The start had passed, so it begins now.")
    assert await on_call(rota, NOW) == "lin"


async def test_a_gap_can_be_filled_and_the_answer_says_that_nobody_was_on_call(rota: Rota) -> None:
    answer = said(await rota.say("override it-ops-primary @zoe from 2026-11-28 09:00Z to 2026-11-28 18:00Z"))
    assert answer.endswith("; nobody was on call then.")
    assert await on_call(rota, utc(2026, 11, 28, 9), OPS) == "zoe"


async def test_over_a_handoff_both_people_are_replaced(rota: Rota) -> None:
    answer = said(await rota.say("override payments-primary @lin from 2026-11-30 08:00Z to 2026-11-30 10:00Z", "zoe"))
    assert answer.endswith("instead of Ada Lovelace and Grace Hopper.")
    ada, grace = await rota.letters("ada"), await rota.letters("grace")
    assert "Mon 2026-11-30 09:00 London (09:00 UTC)" in texts(ada[0].card)  # London: only what is hers
    assert "Mon 2026-11-30 04:00 New York (09:00 UTC)" in texts(grace[0].card)


async def test_the_window_of_a_part_of_a_shift_leaves_the_rest_alone(rota: Rota) -> None:
    await rota.say(SATURDAY)
    found = shifts_between(await rota.schedule(), utc(2026, 12, 5), utc(2026, 12, 7))
    assert [(s.person, s.source) for s in found] == [
        ("ada", ShiftSource.ROTATION),
        ("lin", ShiftSource.OVERRIDE),
        ("ada", ShiftSource.ROTATION),
    ]


async def test_handoffs_are_planned_anew_in_the_same_transaction(rota: Rota) -> None:
    await rota.say("override payments-primary @lin from 2026-11-30 09:00 to 2026-12-07 09:00", "ada")
    planned = await rota.see(lambda store: store.handoffs.open_of(PRIMARY))
    people = [(h.outgoing, h.incoming) for h in planned]
    assert people[:1] == [(rota.people["grace"].id, rota.people["lin"].id)]


# -- overlaps ---------------------------------------------------------------------------------------------------------


async def test_the_later_one_wins_and_the_answer_says_what_it_covers(rota: Rota) -> None:
    await rota.say("override payments-primary @lin from 2026-12-05 10:00 to 2026-12-05 12:00")
    answer = said(await rota.say("override payments-primary @zoe from 2026-12-05 11:00 to 2026-12-05 13:00"))
    assert (
        "It covers your override for Lin Wei 林薇, Sat 2026-12-05 10:00 – 12:00 London (the same in UTC), "
        "because the later one wins."
    ) in answer
    assert [await on_call(rota, utc(2026, 12, 5, hour)) for hour in (10, 11, 12, 13)] == ["lin", "zoe", "zoe", "ada"]


async def test_an_override_of_somebody_else_or_of_the_file_is_not_called_yours(db: Database) -> None:
    of_the_file = Override(person="grace", starts_at=utc(2026, 12, 5, 10), ends_at=utc(2026, 12, 5, 12))
    rota = await Rota.made(db, primary(of_the_file))
    await rota.say("override payments-primary @zoe from 2026-12-05 11:30Z to 2026-12-05 11:45Z", "grace")
    answer = said(await rota.say("override payments-primary @lin from 2026-12-05 11:00 to 2026-12-05 13:00"))
    assert "It covers the override for Grace Hopper" in answer
    assert "It covers the override for Zoë Ångström" in answer


async def test_many_covered_overrides_are_counted(rota: Rota) -> None:
    for hour in range(6):
        await rota.say(f"override payments-primary @lin from 2026-12-05 {hour:02}:00 to 2026-12-05 {hour:02}:30")
    answer = said(await rota.say("override payments-primary @zoe from 2026-12-05 00:00 to 2026-12-06 00:00"))
    assert answer.count("It covers your override") == 3
    assert answer.endswith("It covers 3 more overrides.")


async def test_the_earlier_one_is_not_said_to_cover_the_later(rota: Rota) -> None:
    await rota.say("override payments-primary @lin from 2026-12-05 10:00 to 2026-12-05 12:00")
    await rota.say("override payments-primary @zoe from 2026-12-05 11:00 to 2026-12-05 13:00")
    first, _ = await rota.made_overrides()
    assert "covers" not in shown(await rota.press("override.view", {"override": first.id}))


async def test_overrides_that_touch_do_not_cover_each_other(rota: Rota) -> None:
    await rota.say("override payments-primary @lin from 2026-12-05 10:00 to 2026-12-05 12:00")
    answer = said(await rota.say("override payments-primary @zoe from 2026-12-05 12:00 to 2026-12-05 13:00"))
    assert "covers" not in answer
    assert await on_call(rota, utc(2026, 12, 5, 12)) == "zoe"


# -- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("override payments-primry @lin from now to +2h", "I know no schedule “payments-primry”. Did you mean"),
        ("override payments-primary @linn from now to +2h", "I know nobody called “linn”."),
        (
            "override payments-primary @lin from 2026-12-05 22:00 to 2026-12-05 21:00",
            "An override ends after it begins",
        ),
        (
            "override payments-primary @lin from 2026-12-05 22:00 to 2026-12-05 22:00",
            "An override ends after it begins",
        ),
        ("override payments-primary @lin from 2026-11-22 10:00 to 2026-11-22 12:00", "That time has passed"),
        ("override payments-primary @lin from now to 2026-11-23 14:18", "An override ends after it begins"),
        ("override payments-primary @lin from now to 2028-11-23 14:18", "lasts a year at most"),
        (
            "override payments-primary @grace from 2026-11-24 10:00 to 2026-11-24 12:00",
            "on call on payments-primary dur",
        ),
        ("override payments-primary @lin from soon to 2026-11-24 12:00", "“soon” is no date and time I can read."),
        ("override payments-primary @lin from now to 2026-11-31 12:00", "“2026-11-31 12:00” is no date and time"),
        ("override payments-primary @lin from 22:00 to 23:00", "“22:00” does not say on which day"),
    ],
)
async def test_what_makes_no_sense_has_a_sentence_of_its_own_and_the_form(rota: Rota, typed: str, why: str) -> None:
    assert why in await refused(rota, typed)


async def test_somebody_who_left_cannot_be_put_in(rota: Rota) -> None:
    lin = replace(rota.people["lin"], active=False)
    await rota.change(lambda store: store.people.save(lin))
    assert "I know nobody called “lin”" in await refused(rota, SATURDAY)
    with pytest.raises(Refused, match="Lin Wei 林薇 is not in the organisation any more"):
        await rota.change(
            lambda store: overrides.make(store, rota.people["ada"], PRIMARY, lin, when=(BEGINS, ENDS), now=NOW)
        )


async def test_a_schedule_of_seconds_is_not_written_out(db: Database) -> None:
    fast = rotation("ada", "grace", shift="PT1S")
    rota = await Rota.made(db, primary(rotations=(fast,)))
    assert "Ask for a shorter time." in await refused(rota, "override payments-primary @lin from now to +30d")
    await rota.say("override payments-primary @lin from now to +1h")
    assert len(await rota.made_overrides()) == 1


def inputs(card: dict[str, Any]) -> dict[str, str]:
    """Read what a form is filled in with."""
    return {i["id"]: i.get("value", "") for i in everything(card) if "id" in i}


FROM_HERE = {"starts_day": "2026-12-05", "starts_time": "22:00"}
TO_HERE = {"ends_day": "2026-12-06", "ends_time": "08:00"}
NO_START, NO_END = {"starts_day": "", "starts_time": ""}, {"ends_day": "", "ends_time": ""}


@pytest.mark.parametrize(
    ("typed", "filled", "told"),
    [
        ("payments-primary @lin from 2026-02-30 10:00 to 2026-12-06 08:00", NO_START | TO_HERE, ["“2026-02-30 10:00”"]),
        ("payments-primary @lin from 2026-12-05 22:00 to late", FROM_HERE | NO_END, ["“late”"]),
        ("payments-primary @lin from early to late", NO_START | NO_END, ["“early”", "“late”"]),
        # What counts from a beginning means nothing without one.
        ("payments-primary @lin from early to +10h", NO_START | NO_END, ["“early”", "“+10h”"]),
        ("payments-primary @lin from early to 08:00", NO_START | NO_END, ["“early”", "“08:00”"]),
        ("payments-primary @lin from early to sunday 08:00", NO_START | NO_END, ["“early”", "“sunday 08:00”"]),
        ("payments-primary @lin from early to tomorrow 08:00", NO_START | {"ends_day": "2026-11-24"}, ["“early”"]),
        (
            "payments-primary @nobody from 2026-12-05 22:00 to 08:00",
            {"schedule": PRIMARY, "person": ""} | FROM_HERE | TO_HERE,
            ["“nobody”"],
        ),
        (
            "nowhere @lin from 2026-12-05 22:00 to 08:00",
            {"schedule": "", "person": "lin"} | FROM_HERE | TO_HERE,
            ["“nowhere”"],
        ),
        (
            "nowhere @nobody from early to 2026-12-06 08:00",
            {"schedule": "", "person": ""} | NO_START | TO_HERE,
            ["“nowhere”", "“nobody”", "“early”"],
        ),
        ("Lin Wei 林薇 to 2026-12-06 08:00", {"schedule": "", "person": "lin"} | TO_HERE, []),
    ],
)
async def test_what_could_be_read_stays_and_what_could_not_is_left_open(
    rota: Rota, typed: str, filled: dict[str, str], told: list[str]
) -> None:
    card = card_of(await rota.say(f"override {typed}"))
    assert filled.items() <= inputs(card).items()
    assert all(word in texts(card["body"]) for word in told)
    assert await rota.made_overrides() == []


async def test_the_only_schedule_does_not_stand_for_one_that_nobody_knows(db: Database) -> None:
    rota = await Rota.made(db, primary())
    assert inputs(card_of(await rota.say("override @lin")))["schedule"] == PRIMARY
    assert inputs(card_of(await rota.say("override nowhere @lin")))["schedule"] == ""


async def test_a_time_the_clocks_leave_out_is_said_where_it_makes_an_override_empty(rota: Rota) -> None:
    why = "02:30 does not exist on Sun 2027-03-28 in Berlin, because the clocks go forward: it counts as 03:30."
    answer = await rota.say("override payments-primary @lin from 2027-03-28 02:30 to 2027-03-28 03:30", "zoe")
    assert "An override ends after it begins" in said(answer)
    assert why in said(answer)
    assert inputs(card_of(answer))["starts_time"] == "03:30"
    # A time alone is the first one after the start, which would be the next day's.
    assert why in said(await rota.say("override payments-primary @lin from 2027-03-28 02:30 to 03:30", "zoe"))
    assert await rota.made_overrides() == []


async def test_a_time_the_clocks_leave_out_moves_forward_where_it_makes_sense(rota: Rota) -> None:
    rota.now = utc(2027, 3, 27, 12)
    await rota.say("override payments-primary @lin from 2027-03-28 02:30 to 2027-03-28 05:00", "zoe")
    (made,) = await rota.made_overrides()
    assert (made.override.starts_at, made.override.ends_at) == (utc(2027, 3, 28, 1, 30), utc(2027, 3, 28, 3))


@pytest.mark.parametrize(
    ("typed", "filled"),
    [
        ("override", {"person": "ada", "starts_day": "2026-11-23", "starts_time": "14:18", "ends_day": ""}),
        ("override payments-primary", {"schedule": PRIMARY}),
        ("override @lin", {"person": "lin"}),
        ("override payments-primary @lin to 2026-11-24 18:00", {"ends_day": "2026-11-24", "ends_time": "18:00"}),
        ("override payments-primary @lin from 2026-12-05 22:00", {"starts_day": "2026-12-05", "starts_time": "22:00"}),
        ("override nowhere @lin from 2026-12-05 22:00 to 23:00", {"person": "lin", "ends_time": "23:00"}),
    ],
)
async def test_what_is_missing_is_asked_for_with_what_was_typed(rota: Rota, typed: str, filled: dict[str, str]) -> None:
    assert filled.items() <= inputs(card_of(await rota.say(typed))).items()
    assert await rota.made_overrides() == []
