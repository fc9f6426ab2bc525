"""Overrides once they are made: the form, who is told what, what comes twice, and how they are taken back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.letters.letter import Undelivered
from bot.letters.override import LETTERS
from domain.shifts import shift_at
from storage.database import Database
from tests.support.rota import (
    PRIMARY,
    Rota,
    buttons,
    card_of,
    everything,
    ops,
    primary,
    said,
    shown,
    texts,
    utc,
)

SATURDAY = "override payments-primary @lin from 2026-12-05 22:00 to 2026-12-06 08:00"
BEGINS, ENDS = utc(2026, 12, 5, 22), utc(2026, 12, 6, 8)


@pytest.fixture
async def rota(db: Database) -> AsyncIterator[Rota]:
    return await Rota.made(db)


async def on_call(rota: Rota, at: datetime, schedule: str = PRIMARY) -> str | None:
    return shift_at(await rota.schedule(schedule), at).person


# -- the form ---------------------------------------------------------------------------------------------------------

FILLED = {
    "schedule": PRIMARY,
    "person": "lin",
    "starts_day": "2026-12-05",
    "starts_time": "22:00",
    "ends_day": "2026-12-06",
    "ends_time": "08:00",
}


async def send(rota: Rota, who: str = "ada", typed: str = "override", **changed: str) -> dict[str, Any]:
    """Fill in the form and send it."""
    submit = buttons(card_of(await rota.say(typed, who)))["Override"]
    return await rota.press(submit["verb"], {**submit["data"], **FILLED, **changed}, who)


async def test_the_form_means_the_zone_it_was_drawn_in_whoever_sends_it(rota: Rota) -> None:
    submit = buttons(card_of(await rota.say("override", "lin")))["Override"]
    answer = await rota.press(submit["verb"], {**submit["data"], **FILLED}, "ada")
    (made,) = await rota.made_overrides()
    assert made.override.starts_at == utc(2026, 12, 5, 16, 30)
    assert "Lin Wei 林薇 is on call" in texts(answer["value"]["body"])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"schedule": ""}, "Choose a schedule."),
        ({"person": ""}, "Choose a person."),
        ({"schedule": "nowhere"}, "I know no schedule “nowhere”."),
        ({"person": "nobody"}, "I know nobody called “nobody”."),
        ({"ends_time": ""}, "Choose a day and a time for “To”."),
        ({"starts_day": "tomorrow"}, "is no day and time. Choose them for “From”."),
        ({"ends_day": "2026-12-04"}, "An override ends after it begins"),
    ],
)
async def test_a_form_that_cannot_be_done_comes_back_filled_in(rota: Rota, changed: dict[str, str], why: str) -> None:
    card = (await send(rota, **changed))["value"]
    assert why in texts(card["body"])
    inputs = {i["id"]: i.get("value", "") for i in everything(card) if "id" in i}
    assert inputs["starts_time"] == "22:00"
    assert await rota.made_overrides() == []
    right = buttons(card)["Override"]
    await rota.press(right["verb"], {**right["data"], **FILLED})
    assert len(await rota.made_overrides()) == 1


@pytest.mark.parametrize(("name", "sent"), [("schedule", "nowhere"), ("person", "nobody"), ("starts_day", "")])
async def test_a_form_that_comes_back_puts_nothing_else_in(db: Database, name: str, sent: str) -> None:
    rota = await Rota.made(db, primary())
    card = (await send(rota, **{"ends_day": "", name: sent}))["value"]
    assert [i.get("value") for i in everything(card) if i.get("id") == name] == [None]


@pytest.mark.parametrize(
    ("typed", "filled", "why"),
    [
        ("@lin from", {"person": "lin"}, ""),
        (
            "@lin 2026-12-16 15:00 2026-12-16 16:00",
            {"person": "lin", "starts_day": "", "ends_day": ""},
            "“2026-12-16 15:00 2026-12-16 16:00” does not say from when to when.",
        ),
        ("@nobody tomorrow", {"person": "", "starts_day": ""}, "I know nobody called “nobody”."),
    ],
)
async def test_what_can_be_read_of_a_line_is_kept(rota: Rota, typed: str, filled: dict[str, str], why: str) -> None:
    card = card_of(await rota.say(f"override payments-primary {typed}", "ada"))
    inputs = {i["id"]: i.get("value", "") for i in everything(card) if "id" in i}
    assert {name: inputs[name] for name in filled} == filled
    assert why in texts(card["body"])
    assert "nobody called “lin" not in texts(card["body"])


async def test_the_end_may_stand_before_the_beginning(rota: Rota) -> None:
    await rota.say("override payments-primary @lin to 2026-12-16 13:00 from 2026-12-16 12:00")
    (made,) = await rota.made_overrides()
    assert (made.override.starts_at, made.override.ends_at) == (utc(2026, 12, 16, 12), utc(2026, 12, 16, 13))


@pytest.mark.parametrize("typed", ["from now to", "from now until ", "from now", "from 2026-11-23 14:18Z to"])
async def test_a_line_without_its_end_opens_the_form_with_the_rest_in_it(rota: Rota, typed: str) -> None:
    card = card_of(await rota.say(f"override payments-primary @lin {typed}", "ada"))
    inputs = {i["id"]: i.get("value", "") for i in everything(card) if "id" in i}
    assert [inputs[name] for name in ("schedule", "person", "starts_day", "starts_time", "ends_day")] == [
        PRIMARY,
        "lin",
        "2026-11-23",
        "14:18",
        "",
    ]


async def test_the_form_says_of_a_time_that_the_clocks_leave_it_out(rota: Rota) -> None:
    day = {"starts_day": "2027-03-28", "ends_day": "2027-03-28"}
    answer = await send(rota, "zoe", **day, starts_time="02:30", ends_time="03:30")
    assert "02:30 does not exist on Sun 2027-03-28 in Berlin" in texts(answer["value"]["body"])
    assert await rota.made_overrides() == []


async def test_a_form_sent_twice_makes_one_override_and_is_answered_alike(rota: Rota) -> None:
    submit = buttons(card_of(await rota.say("override")))["Override"]
    data = {**submit["data"], **FILLED}
    first, second = [texts((await rota.press(submit["verb"], data))["value"]) for _ in range(2)]
    assert len(await rota.made_overrides()) == 1
    assert len(await rota.letters("lin")) == 1
    assert first.strip().splitlines()[-1] == second.strip().splitlines()[-1]
    assert "This override stands already" in second


async def test_one_that_was_taken_back_is_not_made_again_by_a_late_second_press(rota: Rota) -> None:
    submit = buttons(card_of(await rota.say("override")))["Override"]
    data = {**submit["data"], **FILLED}
    back = buttons((await rota.press(submit["verb"], data))["value"])["Take back"]
    await rota.press(back["verb"], back["data"])
    answer = await rota.press(submit["verb"], data)
    assert "This form was sent before" in texts(answer["value"])
    assert await rota.made_overrides() == []


async def test_opened_from_the_on_call_card_it_leads_back_to_it(rota: Rota) -> None:
    opened = buttons(card_of(await rota.say("oncall checkout")))["Override"]
    form = (await rota.press(opened["verb"], opened["data"]))["value"]
    submit = buttons(form)["Override"]
    shown = texts((await rota.press(submit["verb"], {**submit["data"], **FILLED}))["value"]["body"])
    assert "Lin Wei 林薇 is on call on payments-primary" in shown
    assert "On call for Checkout" in shown


# -- told -------------------------------------------------------------------------------------------------------------


async def test_everybody_concerned_is_told_but_not_who_made_it(rota: Rota) -> None:
    await rota.say("help", "lin")  # now Teams' id of Lin is known, and their card can refresh itself
    await rota.say(SATURDAY, "zoe")  # Berlin
    assert [await rota.letters(who) for who in ("grace", "zoe")] == [[], []]
    (lin,), (ada,) = await rota.letters("lin"), await rota.letters("ada")
    assert lin.text == (
        "Zoë Ångström put you on call on payments-primary, "
        "Sun 2026-12-06 02:30 – 12:30 Kolkata (Sat 2026-12-05 21:00 – Sun 2026-12-06 07:00 UTC), instead of Ada Lovelace."
    )
    assert ada.text == (
        "Lin Wei 林薇 is on call on payments-primary instead of you, "
        "Sat 2026-12-05 21:00 – Sun 2026-12-06 07:00 London (the same in UTC). Zoë Ångström made this override."
    )
    assert list(buttons(lin.card)) == list(buttons(ada.card)) == ["Decline"]
    assert lin.card["refresh"]["action"]["verb"] == "override.view"


async def test_taking_over_oneself_tells_only_who_is_replaced(rota: Rota) -> None:
    answer = await rota.say(SATURDAY, "lin")
    assert await rota.letters("lin") == []
    assert len(await rota.letters("ada")) == 1
    assert list(buttons(card_of(answer))) == ["Take back"]


async def test_who_has_no_teams_account_cannot_be_told_and_the_maker_reads_it(rota: Rota) -> None:
    answer = said(await rota.say(SATURDAY.replace("@lin", "@ben")))
    assert answer.endswith("I could not tell Ben Azar: they have no Teams account here.")


async def test_when_a_letter_is_refused_for_good_the_maker_hears_of_it(rota: Rota) -> None:
    await rota.say(SATURDAY)
    (lin,) = await rota.letters("lin")
    failed = LETTERS[0].failed
    assert failed is not None
    gone = Undelivered(payload=lin.payload, reason="the person has blocked the bot (403)", attempts=1, at=rota.now)
    await rota.change(lambda store: failed(store, gone))
    (told,) = await rota.letters("ada", "sentence")
    assert "I could not tell Lin Wei 林薇 about the override on payments-primary" in told.text
    assert "blocked" in told.text


async def test_a_letter_that_was_late_is_not_sent_once_it_is_taken_back(rota: Rota) -> None:
    answer = await rota.say(SATURDAY)
    back = buttons(card_of(answer))["Take back"]
    await rota.press(back["verb"], back["data"])
    (late,) = [letter for letter in await rota.letters("lin", "override") if letter.payload["letter"] == "override"]
    assert late.activity is None


# -- repeated ---------------------------------------------------------------------------------------------------------


async def test_a_message_delivered_twice_makes_one_override(rota: Rota) -> None:
    await rota.say(SATURDAY)
    await rota.again(SATURDAY)
    assert len(await rota.made_overrides()) == 1
    assert len(await rota.letters("lin")) == 1


@pytest.mark.parametrize("who", ["ada", "grace", "zoe", "lin"])
async def test_the_same_override_typed_again_stands_already(rota: Rota, who: str) -> None:
    await rota.say("override payments-primary @lin from 2026-12-05 23:00 to 2026-12-06 09:00", "zoe")
    again = said(await rota.say("override payments-primary @lin from 2026-12-05 22:00Z to 2026-12-06 08:00Z", who))
    assert again.startswith("This override stands already: Lin Wei 林薇 is on call on payments-primary")
    assert len(await rota.made_overrides()) == 1
    assert len(await rota.letters("lin")) == 1


async def test_one_that_was_covered_meanwhile_can_be_made_again(rota: Rota) -> None:
    await rota.say(SATURDAY)
    await rota.say(SATURDAY.replace("@lin", "@zoe"))
    again = said(await rota.say(SATURDAY))
    assert "stands already" not in again
    assert await on_call(rota, BEGINS) == "lin"


async def test_one_that_was_cut_stands_already_a_minute_later(rota: Rota) -> None:
    typed = "override payments-primary @lin from 2026-11-23 09:00 to 2026-11-23 18:00"
    await rota.say(typed)
    rota.later(minutes=1)
    assert said(await rota.say(typed)).startswith("This override stands already")


async def test_many_people_at_once_make_one_and_nobody_is_told_twice(database: Database) -> None:
    rota = await Rota.made(database)
    typed = "override payments-primary @lin from 2026-12-05 22:00Z to 2026-12-06 08:00Z"
    answers = await asyncio.gather(*(rota.say(typed, who) for who in ("ada", "zoe", "grace") * 2))
    assert len(await rota.made_overrides()) == 1
    assert sum("stands already" in said(answer) for answer in answers) == 5
    assert len(await rota.letters("lin")) == 1


async def test_taken_back_by_many_at_once_it_is_told_once(database: Database) -> None:
    rota = await Rota.made(database)
    await rota.say(SATURDAY, "zoe")
    (made,) = await rota.made_overrides()
    people = ("lin", "ada", "zoe") * 2
    answers = await asyncio.gather(*(rota.press("override.decline", {"override": made.id}, who) for who in people))
    assert sum("The schedule holds again." in shown(answer) for answer in answers) == 1
    assert len(await rota.letters(name="override.undone")) == 2


# -- taken back -------------------------------------------------------------------------------------------------------


async def declined(rota: Rota, who: str, **more: Any) -> str:
    """Press the button of the one override there is."""
    (made,) = await rota.made_overrides()
    return shown(await rota.press("override.decline", {"override": made.id}, who, **more))


@pytest.mark.parametrize("who", ["lin", "ada", "zoe"])
async def test_until_it_begins_its_people_and_its_maker_can_take_it_back(rota: Rota, who: str) -> None:
    await rota.say(SATURDAY, "zoe", chat="groupChat")
    answer = await declined(rota, who)
    assert "The schedule holds again." in answer
    assert await rota.made_overrides() == []
    assert await on_call(rota, BEGINS) == "ada"
    others = {"lin", "ada", "zoe"} - {who}
    for other in others:
        (told,) = await rota.letters(other, "override.undone")
        did = "took back" if who == "zoe" else "declined"
        whose = "your override" if other == "lin" else "the override"
        assert told.text.startswith(f"{rota.people[who].name} {did} {whose} ")
        assert "payments-primary" in told.text
        assert "UTC)" in told.text
    assert await rota.letters(who, "override.undone") == []


async def test_who_was_replaced_reads_when_they_are_on_call_again(rota: Rota) -> None:
    await rota.say(SATURDAY, "zoe")
    await declined(rota, "lin")
    (told,) = await rota.letters("ada", "override.undone")
    assert told.text == (
        "Lin Wei 林薇 declined the override on payments-primary, "
        "Sat 2026-12-05 21:00 – Sun 2026-12-06 07:00 London (the same in UTC). The schedule holds again. "
        "You are on call again: Sat 2026-12-05 21:00 – Sun 2026-12-06 07:00 London (the same in UTC)."
    )


async def test_the_card_that_was_pressed_says_so_from_now_on(rota: Rota) -> None:
    await rota.say(SATURDAY)
    await declined(rota, "lin")
    put = next(row for row in await rota.outbox() if row.get("activity_id") == "card-1")
    assert put["text"].startswith("You declined this override: Lin Wei 林薇 on payments-primary")


async def test_declined_twice_is_answered_and_tells_nobody_twice(rota: Rota) -> None:
    await rota.say(SATURDAY)
    (made,) = await rota.made_overrides()
    await rota.press("override.decline", {"override": made.id}, "lin")
    again = await rota.press("override.decline", {"override": made.id}, "lin")
    assert "This override is not there any more." in shown(again)
    assert len(await rota.letters("ada", "override.undone")) == 1


async def test_others_cannot_take_it_back(rota: Rota) -> None:
    await rota.say(SATURDAY)
    assert "Only the people of this override and whoever made it" in await declined(rota, "zoe")
    assert len(await rota.made_overrides()) == 1


async def test_once_it_has_begun_it_stays_and_the_answer_says_how_to_end_it(rota: Rota) -> None:
    await rota.say(SATURDAY)
    (late,) = await rota.letters("lin")
    rota.now = BEGINS
    answer = await declined(rota, "lin")
    assert "This override has begun already, so it stays." in answer
    assert "override payments-primary @somebody from now to" in answer
    assert len(await rota.made_overrides()) == 1
    rota.now = BEGINS - timedelta(microseconds=1)
    assert "The schedule holds again." in await declined(rota, "lin")
    assert buttons(late.card)


async def test_a_card_of_one_that_has_begun_has_no_button(rota: Rota) -> None:
    await rota.say("override payments-primary @lin from now to +4h")
    (lin,) = await rota.letters("lin")
    assert buttons(lin.card) == {}
    assert "refresh" not in lin.card


async def test_a_refreshed_card_says_what_is_true_now(rota: Rota) -> None:
    await rota.say("help", "lin")
    await rota.say(SATURDAY)
    (lin,) = await rota.letters("lin")
    action = lin.card["refresh"]["action"]
    assert "put you on call" in shown(await rota.press(action["verb"], action["data"], "lin"))
    await declined(rota, "ada")
    assert "not there any more" in shown(await rota.press(action["verb"], action["data"], "lin"))


@pytest.mark.parametrize("data", [{}, {"override": "1"}, {"override": True}, {"override": -1}, {"override": 2**40}])
async def test_a_forged_button_is_refused(rota: Rota, data: dict[str, Any]) -> None:
    await rota.say(SATURDAY)
    answer = await rota.press("override.decline", data, "lin")
    assert "does not say what it belongs to" in shown(answer)
    assert len(await rota.made_overrides()) == 1


async def test_declining_plans_the_handoffs_anew(db: Database) -> None:
    rota = await Rota.made(db, primary(), ops())
    await rota.say("override payments-primary @lin from 2026-11-30 09:00 to 2026-12-07 09:00", "ada")
    await declined(rota, "lin")
    planned = await rota.see(lambda store: store.handoffs.open_of(PRIMARY))
    assert (planned[0].outgoing, planned[0].incoming) == (rota.people["grace"].id, rota.people["ada"].id)
