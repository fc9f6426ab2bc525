"""The buttons of the on-call card, and how it holds out with very many people and very short shifts."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from domain.catalog import Side, Team
from domain.oncall import Override, Schedule
from storage.database import Database
from tests.support.rota import (
    PRIMARY,
    Rota,
    buttons,
    card_of,
    lines,
    ops,
    platform,
    primary,
    rotation,
    said,
    texts,
)
from tests.support.samples import NOW, person
from usecases.oncall_ports import MadeOverride
from usecases.shift_windows import MOST_SHIFTS, shifts_expected


@pytest.fixture
async def rota(db: Database) -> AsyncIterator[Rota]:
    return await Rota.made(db)


async def seen(rota: Rota, typed: str, who: str = "ada", **more: Any) -> str:
    """Write `oncall …` and read the card."""
    return texts(card_of(await rota.say(typed, who, **more))["body"])


def after(shown: str, word: str) -> list[str]:
    """The two lines of a schedule: who, and until when."""
    told = lines(shown)
    at = told.index(word)
    return told[at + 1 : at + 3]


async def test_the_buttons_open_the_forms_and_lead_back(rota: Rota) -> None:
    shown = buttons(card_of(await rota.say("oncall payments-primary")))
    assert list(shown) == ["Override", "Swap"]
    form = (await rota.press(shown["Override"]["verb"], shown["Override"]["data"]))["value"]
    assert next(i for i in form["body"] if i.get("id") == "schedule")["value"] == PRIMARY
    back = buttons(form)["Back"]
    again = (await rota.press(back["verb"], back["data"]))["value"]
    assert lines(texts(again["body"]))[0] == "On call on payments-primary"


async def test_of_several_schedules_none_is_chosen(rota: Rota) -> None:
    shown = buttons(card_of(await rota.say("oncall")))["Override"]
    form = (await rota.press(shown["verb"], shown["data"]))["value"]
    assert "value" not in next(i for i in form["body"] if i.get("id") == "schedule")


async def test_a_press_with_odd_data_is_answered(rota: Rota) -> None:
    for data in ({}, {"words": 7}, {"words": "x" * 10_000}, {"words": "service:"}, {"schedule": ["a"]}):
        for verb in ("oncall.view", "oncall.override", "oncall.swap"):
            answer = await rota.press(verb, data)
            assert answer["statusCode"] == 200


async def test_five_hundred_people_on_two_hundred_schedules_fit_one_card(db: Database) -> None:
    crowd = tuple(person(n, f"Person {n} <at>all</at> *ß* " + "ü" * 40, handle=f"p{n}") for n in range(1, 501))
    ours = tuple(
        Schedule(
            id=f"schedule-{n:03}",
            team="payments",
            time_zone="Europe/London",
            rotations=(rotation(f"p{2 * n + 1}", f"p{2 * n + 2}"),),
        )
        for n in range(200)
    )
    team = Team(id="payments", name="Payments", side=Side.ENGINEERING, members=("p1",))
    rota = await Rota.made(db, *ours, people=crowd, teams=(team,), services=(), escalation_policies=())
    answer = await rota.say("oncall", "p7")
    assert "180 more schedules are not shown" in texts(card_of(answer)["body"])
    assert len(str(answer).encode("utf-16-le")) < 60_000
    assert "and 195 more" in said(answer)
    assert "<at>" not in str(card_of(answer)["body"])


async def test_a_schedule_of_seconds_is_looked_up_in_no_time(db: Database) -> None:
    fast = rotation("ada", "grace", shift="PT1S")
    rota = await Rota.made(db, primary(rotations=(fast,)))
    assert PRIMARY in await seen(rota, "oncall")
    told = lines(await seen(rota, "oncall @grace"))
    assert told.count(PRIMARY) >= 3


def test_the_estimate_of_shifts_is_never_too_low_for_what_is_written_out() -> None:
    for schedule in (primary(), ops(), platform()):
        assert shifts_expected(schedule, timedelta(days=400)) <= MOST_SHIFTS
    hourly = primary(rotations=(rotation("ada", "grace", shift="PT1H"),))
    assert 400 * 24 <= shifts_expected(hourly, timedelta(days=400)) <= MOST_SHIFTS


async def test_an_override_by_a_person_counts_like_one_of_the_file(rota: Rota) -> None:
    made = MadeOverride(
        id=0,
        schedule=PRIMARY,
        override=Override(person="zoe", starts_at=NOW, ends_at=NOW + timedelta(hours=1)),
        made_by=rota.people["ada"].id,
        made_at=NOW,
    )
    await rota.change(lambda store: store.schedules.add_override(made))
    assert after(await seen(rota, "oncall"), PRIMARY)[0] == "**Zoë Ångström**  ·  override"
