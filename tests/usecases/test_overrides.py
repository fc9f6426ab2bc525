"""`override` through the whole bot on a real store: what was typed, what changes at once, and who is told what."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.letters.letter import Undelivered
from bot.letters.override import LETTERS
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
    mention,
    ops,
    primary,
    rotation,
    said,
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
    assert "covers" not in texts_of(await rota.press("override.view", {"override": first.id}))


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
    card = card_of(await rota.say(typed))
    inputs = {i["id"]: i.get("value", "") for i in everything(card) if "id" in i}
    assert filled.items() <= inputs.items()
    assert await rota.made_overrides() == []


def everything(value: Any) -> Any:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from everything(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from everything(inner)


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
    assert sum("The schedule holds again." in texts_of(answer) for answer in answers) == 1
    assert len(await rota.letters(name="override.undone")) == 2


# -- taken back -------------------------------------------------------------------------------------------------------


async def declined(rota: Rota, who: str, **more: Any) -> str:
    """Press the button of the one override there is."""
    (made,) = await rota.made_overrides()
    return texts_of(await rota.press("override.decline", {"override": made.id}, who, **more))


def texts_of(answer: dict[str, Any]) -> str:
    value = answer["value"]
    return value if isinstance(value, str) else texts(value)


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
    assert "This override is not there any more." in texts_of(again)
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
    assert "put you on call" in texts_of(await rota.press(action["verb"], action["data"], "lin"))
    await declined(rota, "ada")
    assert "not there any more" in texts_of(await rota.press(action["verb"], action["data"], "lin"))


@pytest.mark.parametrize("data", [{}, {"override": "1"}, {"override": True}, {"override": -1}, {"override": 2**40}])
async def test_a_forged_button_is_refused(rota: Rota, data: dict[str, Any]) -> None:
    await rota.say(SATURDAY)
    answer = await rota.press("override.decline", data, "lin")
    assert "does not say what it belongs to" in texts_of(answer)
    assert len(await rota.made_overrides()) == 1


async def test_declining_plans_the_handoffs_anew(db: Database) -> None:
    rota = await Rota.made(db, primary(), ops())
    await rota.say("override payments-primary @lin from 2026-11-30 09:00 to 2026-12-07 09:00", "ada")
    await declined(rota, "lin")
    planned = await rota.see(lambda store: store.handoffs.open_of(PRIMARY))
    assert (planned[0].outgoing, planned[0].incoming) == (rota.people["grace"].id, rota.people["ada"].id)
