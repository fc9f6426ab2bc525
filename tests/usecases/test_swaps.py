"""`swap` through the whole bot on a real store: asked, accepted, declined, withdrawn, too late, twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.letters.letter import Undelivered
from bot.letters.swap import LETTER
from domain.shifts import shift_at
from domain.swap import SwapState
from storage.database import Database
from tests.support.rota import (
    OPS,
    PRIMARY,
    Rota,
    buttons,
    card_of,
    ops,
    platform,
    primary,
    rotation,
    said,
    shown,
    texts,
    utc,
)
from tests.support.samples import NOW

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


def question(card: dict[str, Any], name: str) -> dict[str, Any]:
    return next(i for i in card["body"] if i.get("id") == name)


async def press(rota: Rota, what: str, who: str = "grace", number: int = 1) -> str:
    return shown(await rota.press(f"swap.{what}", {"swap": number}, who))


# -- asking -----------------------------------------------------------------------------------------------------------


async def test_asking_changes_nothing_and_says_so(rota: Rota) -> None:
    answer = await rota.say(SWAP)
    assert said(answer) == (
        "payments-primary: You asked Grace Hopper to swap shifts; nothing changes until they accept. "
        "You give Mon 2026-11-30 09:00 – Mon 2026-12-07 09:00 London (the same in UTC) "
        "and take Mon 2026-12-07 09:00 – Mon 2026-12-14 09:00 London (the same in UTC)."
    )
    assert list(buttons(card_of(answer))) == ["Withdraw"]
    assert await on_call(rota, ADAS) == "ada"
    assert (await swap(rota)).state is SwapState.ASKED


async def test_the_other_one_reads_in_their_zone_what_they_give_and_take(rota: Rota) -> None:
    await rota.say(SWAP)
    (grace,) = await rota.letters("grace")
    assert grace.text.startswith("payments-primary: Ada Lovelace asks to swap shifts with you. You give Mon 2026-12-07")
    facts = next(b for b in grace.card["body"] if b["type"] == "FactSet")["facts"]
    assert [(f["title"], f["value"][:31]) for f in facts] == [
        ("Give", "Mon 2026-12-07 04:00 – Mon 2026"),
        ("Take", "Mon 2026-11-30 04:00 – Mon 2026"),
    ]
    assert "New York (09:00 – 09:00 UTC)" in facts[0]["value"]
    assert list(buttons(grace.card)) == ["Accept swap", "Decline"]


async def test_the_form_offers_my_next_shifts_and_those_of_others_in_my_zone(rota: Rota) -> None:
    card = card_of(await rota.say("swap payments-primary @grace"))
    mine, theirs = question(card, "mine"), question(card, "theirs")
    assert mine["choices"][0]["title"] == (
        "payments-primary: Mon 2026-11-30 09:00 – Mon 2026-12-07 09:00 London (the same in UTC)"
    )
    assert all(choice["title"].startswith("Grace Hopper: Mon") for choice in theirs["choices"])
    assert theirs["choices"][0]["title"].startswith("Grace Hopper: Mon 2026-12-07")


async def test_the_shift_that_runs_now_is_not_offered(rota: Rota) -> None:
    card = card_of(await rota.say("swap", "grace"))
    assert question(card, "mine")["choices"][0]["title"].startswith("payments-primary: Mon 2026-12-07 04:00")


async def choose(rota: Rota, typed: str = "swap", who: str = "ada", **more: str) -> dict[str, Any]:
    """Fill in the form with the first of each and send it."""
    card = card_of(await rota.say(typed, who))
    submit = buttons(card)["Ask to swap"]
    picked = {name: question(card, name)["choices"][0]["value"] for name in ("mine", "theirs")}
    return await rota.press(submit["verb"], {**submit["data"], **picked, **more}, who)


async def test_the_form_asks(rota: Rota) -> None:
    assert "You asked Grace Hopper to swap shifts" in shown(await choose(rota))
    made = await swap(rota)
    assert (made.gives_from, made.gives_to) == (ADAS, ADAS + WEEK)
    assert (made.takes_from, made.takes_to) == (GRACES, GRACES + WEEK)


async def test_with_shifts_on_several_schedules_it_asks_which_first(db: Database) -> None:
    rota = await Rota.made(db, primary(), ops(), platform(rotations=(rotation("zoe", "ada"),)))
    card = card_of(await rota.say("swap"))
    assert list(buttons(card)) == ["Continue", "Cancel"]
    go_on = buttons(card)["Continue"]
    choice = next(c for c in question(card, "mine")["choices"] if c["title"].startswith("platform-primary"))
    second = (await rota.press(go_on["verb"], {**go_on["data"], "mine": choice["value"]}))["value"]
    assert question(second, "mine")["value"] == choice["value"]
    assert all(c["title"].startswith("platform-primary") for c in question(second, "mine")["choices"])
    assert all(c["title"].startswith("Zoë") for c in question(second, "theirs")["choices"])
    submit = buttons(second)["Ask to swap"]
    theirs = question(second, "theirs")["choices"][0]["value"]
    await rota.press(submit["verb"], {**submit["data"], "mine": choice["value"], "theirs": theirs})
    assert (await swap(rota)).schedule == "platform-primary"


async def test_opened_from_the_on_call_card_it_is_about_that_schedule(rota: Rota) -> None:
    opened = buttons(card_of(await rota.say("oncall payments-primary")))["Swap"]
    form = (await rota.press(opened["verb"], opened["data"]))["value"]
    assert list(buttons(form)) == ["Ask to swap", "Back"]
    assert question(form, "mine")["choices"][0]["title"].startswith(PRIMARY)


@pytest.mark.parametrize(
    ("typed", "who", "told"),
    [
        ("swap", "ben", "You have no coming shift that you could swap."),
        ("swap payments-primary", "lin", "You have no coming shift on payments-primary that you could swap."),
        ("swap", "lin", "Nobody else has a coming shift there that you could take."),
        ("swap payments-primry", "ada", "I know no schedule “payments-primry”. Did you mean `payments-primary`"),
        ("swap payments-primary @nobody", "ada", "I know nobody called “nobody”."),
        (
            "swap payments-primary @grace 2026-12-01 for 2026-12-07",
            "ada",
            "Ada Lovelace has no shift on payments-primary",
        ),
        (
            "swap payments-primary @grace 2026-11-30 for 2026-12-08",
            "ada",
            "Grace Hopper has no shift on payments-primary",
        ),
        ("swap payments-primary @ada 2026-11-30 for 2026-11-30", "ada", "You cannot swap with yourself."),
        ("swap payments-primary @ada", "ada", "You cannot swap with yourself."),
        ("swap payments-primary @grace 2026-12-07", "ada", "“2026-12-07” names no two days: write <day> for <day>"),
        ("swap payments-primary @grace monday for friday", "ada", "“monday for friday” names no two days"),
    ],
)
async def test_what_cannot_be_asked_is_said(db: Database, typed: str, who: str, told: str) -> None:
    rota = await Rota.made(db)
    await rota.change(
        lambda store: store.people.save(store.people.by_handle("ben").__class__(**_with_account(store)))  # he can write
    )
    rota.people["ben"] = await rota.see(lambda store: store.people.by_handle("ben"))
    answer = await rota.say(typed, who)
    assert told in f"{said(answer)} {texts(card_of(answer)['body']).replace(chr(92), '')}"
    assert await swap(rota) is None


def _with_account(store: Any) -> dict[str, Any]:
    ben = store.people.by_handle("ben")
    given = {name: getattr(ben, name) for name in ben.__slots__}
    return {**given, "object_id": "11111111-1111-1111-1111-000000000005"}


@pytest.mark.parametrize(
    ("typed", "mine", "theirs", "told"),
    [
        ("@grace 2026-11-30 for 2026-12-08", ADAS, None, ["Grace Hopper has no shift", "2026-12-08"]),
        ("@grace 2026-02-30 for 2026-12-07", None, GRACES, ["Ada Lovelace has no shift", "2026-02-30"]),
        ("@grace 2026-12-01 for 2026-12-08", None, None, ["2026-12-01", "2026-12-08"]),
        ("@nobody 2026-11-30 for 2026-12-07", ADAS, GRACES, ["“nobody”"]),
    ],
)
async def test_what_could_be_read_is_chosen_and_what_could_not_is_left_open(
    rota: Rota, typed: str, mine: datetime | None, theirs: datetime | None, told: list[str]
) -> None:
    card = card_of(await rota.say(f"swap payments-primary {typed}"))
    for name, begins in (("mine", mine), ("theirs", theirs)):
        value = question(card, name).get("value", "")
        assert value.split("|")[1:2] == ([begins.isoformat()] if begins else [])
    assert all(word in texts(card["body"]).replace(chr(92), "") for word in told)


async def test_an_unknown_schedule_loses_neither_the_person_nor_the_days(rota: Rota) -> None:
    card = card_of(await rota.say("swap nowhere @grace 2026-11-30 for 2026-12-07"))
    assert "I know no schedule “nowhere”." in texts(card["body"])
    assert question(card, "mine")["value"].split("|")[1] == ADAS.isoformat()
    assert question(card, "theirs")["value"].split("|")[1] == GRACES.isoformat()
    assert all(choice["title"].startswith("Grace Hopper") for choice in question(card, "theirs")["choices"])


async def test_the_days_outlast_the_question_which_shift_is_meant(db: Database) -> None:
    rota = await Rota.made(db, primary(), ops(), platform(rotations=(rotation("zoe", "ada"),)))
    card = card_of(await rota.say("swap @grace 2026-11-30 for 2026-12-07"))
    go_on = buttons(card)["Continue"]
    assert question(card, "mine")["value"].split("|")[:2] == [PRIMARY, ADAS.isoformat()]
    second = (await rota.press(go_on["verb"], {**go_on["data"], "mine": question(card, "mine")["value"]}))["value"]
    assert question(second, "theirs")["value"].split("|")[1] == GRACES.isoformat()


@pytest.mark.parametrize(
    "changed",
    [
        {"mine": ""},
        {"theirs": ""},
        {"mine": "x"},
        {"theirs": "a|b|c|grace"},
        {"mine": f"{PRIMARY}|2026-11-30T09:00|2026-12-07T09:00"},
        {"mine": f"{OPS}|2026-11-30T09:00:00+00:00|2026-12-07T09:00:00+00:00"},
        {"mine": f"{PRIMARY}|2026-12-01T09:00:00+00:00|2026-12-08T09:00:00+00:00"},
        {"mine": f"{PRIMARY}|2026-12-07T09:00:00+00:00|2026-11-30T09:00:00+00:00"},
        {"theirs": f"{PRIMARY}|2026-12-07T09:00:00+00:00|2026-12-14T09:00:00+00:00|lin"},
        {"theirs": f"{PRIMARY}|2026-12-07T09:00:00+00:00|2026-12-14T09:00:00+00:00|nobody"},
        {"theirs": f"{PRIMARY}|2026-11-23T09:00:00+00:00|2026-11-30T09:00:00+00:00|grace"},
    ],
)
async def test_a_forged_or_old_choice_comes_back_with_a_sentence(rota: Rota, changed: dict[str, str]) -> None:
    assert "⚠" in shown(await choose(rota, **changed))
    assert await swap(rota) is None
    assert await rota.letters() == []


async def test_a_part_of_a_shift_can_be_swapped_where_an_override_cut_it(rota: Rota) -> None:
    await rota.say("override payments-primary @lin from 2026-12-02 09:00 to 2026-12-03 09:00")
    await rota.say(SWAP)
    made = await swap(rota)
    assert (made.gives_from, made.gives_to) == (ADAS, utc(2026, 12, 2, 9))


async def test_sent_twice_it_asks_once(rota: Rota) -> None:
    card = card_of(await rota.say("swap"))
    submit = buttons(card)["Ask to swap"]
    picked = {name: question(card, name)["choices"][0]["value"] for name in ("mine", "theirs")}
    first, second = [await rota.press(submit["verb"], {**submit["data"], **picked}) for _ in range(2)]
    assert "You asked Grace Hopper" in shown(first)
    assert "Grace Hopper is asked already" in shown(second)
    assert len(await rota.letters("grace")) == 1
    await rota.say(SWAP)
    await rota.again(SWAP)
    assert await swap(rota, 2) is None


async def test_typed_twice_it_asks_once_and_says_that_the_question_stands(rota: Rota) -> None:
    await rota.say(SWAP)
    rota.later(minutes=3)
    answer = await rota.say(SWAP)
    assert said(answer).startswith(
        "payments-primary: Grace Hopper is asked already; nothing changes until they accept. "
        "You give Mon 2026-11-30 09:00"
    )
    assert buttons(card_of(answer))["Withdraw"]["data"]["swap"] == 1
    assert await swap(rota, 2) is None
    assert len(await rota.letters("grace")) == 1


async def test_who_was_asked_and_asks_for_the_same_is_sent_to_the_question(rota: Rota) -> None:
    await rota.say(SWAP)
    mirrored = "swap payments-primary @ada 2026-12-07 for 2026-11-30"
    card = card_of(await rota.say(mirrored, "grace"))
    assert "Ada Lovelace has asked you for this very swap. Press “Accept swap”" in texts(card["body"])
    assert await swap(rota, 2) is None
    await rota.press("swap.withdraw", {"swap": 1})
    assert "You asked Ada Lovelace" in said(await rota.say(mirrored, "grace"))


@pytest.mark.parametrize(
    "other",
    [
        "swap payments-primary @grace 2026-11-30 for 2026-12-21",
        "swap payments-primary @grace 2026-12-14 for 2026-12-07",
    ],
)
async def test_a_question_about_other_shifts_is_another_one(rota: Rota, other: str) -> None:
    await rota.say(SWAP)
    assert "You asked Grace Hopper" in said(await rota.say(other))
    assert len(await rota.letters("grace")) == 2


@pytest.mark.parametrize(("what", "who"), [("decline", "grace"), ("withdraw", "ada")])
async def test_once_the_question_is_over_it_can_be_asked_again(rota: Rota, what: str, who: str) -> None:
    await rota.say(SWAP)
    await press(rota, what, who)
    assert "You asked Grace Hopper" in said(await rota.say(SWAP))
    assert (await swap(rota, 2)).state is SwapState.ASKED


async def test_typed_many_times_at_once_it_asks_once(database: Database) -> None:
    rota = await Rota.made(database)
    await asyncio.gather(*(rota.say(SWAP) for _ in range(5)))
    assert await swap(rota, 2) is None
    assert len(await rota.letters("grace")) == 1


async def test_who_has_no_teams_account_cannot_be_asked(db: Database) -> None:
    rota = await Rota.made(db, primary(rotations=(rotation("ada", "ben"),)))
    assert "Nobody else has a coming shift" in texts(card_of(await rota.say("swap"))["body"])
    answer = said(await rota.say("swap payments-primary @ben 2026-11-30 for 2026-12-07"))
    assert "I cannot ask Ben Azar: they have no Teams account here." in answer


async def test_when_the_question_is_refused_for_good_the_asker_hears_of_it(rota: Rota) -> None:
    await rota.say(SWAP)
    (grace,) = await rota.letters("grace")
    assert LETTER.failed is not None
    gone = Undelivered(payload=grace.payload, reason="the person has blocked the bot (403)", attempts=1, at=NOW)
    await rota.change(lambda store: LETTER.failed(store, gone))
    (told,) = await rota.letters("ada")
    assert told.text == (
        "I could not ask Grace Hopper about the swap on payments-primary: the person has blocked the bot (403)."
    )
    assert "You asked Grace Hopper" in said(await rota.say(SWAP))
    assert len(await rota.letters("grace")) == 2
