"""`actions` through the whole bot on a real store: written down, reminded of, done, moved, handed over and dropped."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from domain.action import Action, ActionState
from domain.timeline import EntryKind
from tests.support.care_desk import CareDesk, crew
from tests.support.rota import buttons, card_of, everything, said, shown, texts, utc
from tests.usecases.changer import tell
from usecases.actions import of_incident

ADD = "actions add Alert on the age of payments type:detect owner @grace due 2026-12-04 INC-1"
"""Written on Monday 23 November 2026 by Ada in London for Grace in New York, whose lead Ada is."""
DAY = timedelta(days=1)


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[CareDesk]:
    made = await CareDesk.opened(sqlite_url)
    await tell(made.rota, "declare Checkout is down sev2 service:checkout")
    yield made
    await made.db.close()


@pytest.fixture
async def anywhere(database_url: str) -> AsyncIterator[CareDesk]:
    """The same on either database."""
    made = await CareDesk.opened(database_url)
    await tell(made.rota, "declare Checkout is down sev2 service:checkout")
    yield made
    await made.db.close()


async def item(desk: CareDesk, number: int = 1) -> Action:
    found = await desk.rota.see(lambda store: store.actions.get(number))
    assert found is not None
    return found


def card(desk: CareDesk, who: str) -> dict[str, Any]:
    return desk.card(who, letter="action")


async def press(desk: CareDesk, who: str, title: str, **typed: Any) -> str:
    """Press a button on the newest card of Grace, whoever does."""
    action = buttons(card(desk, "grace"))[title]
    return shown(await desk.rota.press(action["verb"], {**action["data"], **typed}, who))


async def submits(desk: CareDesk, who: str, verb: str, **typed: Any) -> str:
    return shown(await desk.rota.press(verb, {"action": 1, **typed}, who))


def fields(drawn: dict[str, Any]) -> dict[str, Any]:
    return {one["id"]: one.get("value", "") for one in everything(drawn) if "id" in one}


# -- writing down -----------------------------------------------------------------------------------------------------


async def test_written_in_one_line_it_stands_on_the_timeline_and_its_owner_hears_of_it(anywhere: CareDesk) -> None:
    desk = anywhere
    answer = await desk.rota.say(ADD, "ada")
    assert said(answer) == (
        "“Alert on the age of payments” (action 1, Grace Hopper) is due Fri 2026-12-04, in 11 days."
    )
    assert "INC-1 Checkout is down" in texts(card_of(answer))
    await desk.runs()
    assert [*buttons(card(desk, "grace"))] == ["Done", "Move", "Hand over", "Drop"]
    entries = await desk.rota.see(lambda store: store.timeline.page(1, limit=100))
    (told,) = [entry for entry in entries if entry.kind is EntryKind.ACTION_ADDED]
    assert told.text.startswith("Ada Lovelace wrote down action 1 “Alert on the age of payments” for Grace Hopper")
    assert [a.id for a in await desk.rota.see(lambda store: of_incident(store, 1))] == [1]


@pytest.mark.parametrize(
    ("line", "kept", "problem"),
    [
        ("actions add Fix it", {"title": "Fix it", "due": ""}, ""),
        ("actions add Fix it due 2026-11-22 owner me type:fix", {"due": "2026-11-22"}, "“fix” is no type"),
        ("actions add Fix it due 2026-11-22 owner me type:prevent", {"title": "Fix it"}, "2026-11-22 is over"),
        ("actions add Fix it due 2026-13-99 owner @nobody", {"title": "Fix it"}, "nobody"),
        ("actions add type:process", {"kind": "process", "title": ""}, ""),
    ],
)
async def test_what_is_missing_or_wrong_opens_the_form_with_the_rest_filled_in(
    desk: CareDesk, line: str, kept: dict[str, str], problem: str
) -> None:
    asked = card_of(await desk.rota.say(line, "ada"))
    assert kept.items() <= fields(asked).items()
    assert problem in texts(asked)
    assert await desk.rota.see(lambda store: store.actions.get(1)) is None


async def test_the_form_writes_it_down_once_and_asks_again_for_what_is_missing(desk: CareDesk) -> None:
    asked = card_of(await desk.rota.say("actions add Fix it tomorrow", "ada"))
    action = buttons(asked)["Add"]
    typed = {"title": "Fix it", "kind": "prevent", "person": "grace", "due": "2026-12-01", "repair": "true"}
    again = await desk.rota.press(action["verb"], {**action["data"], **typed, "due": ""}, "ada")
    assert "Choose the day" in shown(again)
    first = await desk.rota.press(action["verb"], {**action["data"], **typed}, "ada")
    assert "Action 1" in shown(first)
    assert (await item(desk)).repair
    second = await desk.rota.press(action["verb"], {**action["data"], **typed}, "ada")
    assert "written down already" in shown(second)
    assert await desk.rota.see(lambda store: store.actions.get(2)) is None


async def test_the_card_of_a_resolved_incident_asks_for_them(desk: CareDesk) -> None:
    await tell(desk.rota, "resolve INC-1 Rolled back")
    drawn = (await desk.rota.press("incident.view", {"incident": 1}, "ada"))["value"]
    button = buttons(drawn)["Add action"]
    answer = await desk.rota.press(button["verb"], button["data"], "ada")
    assert "INC-1 Checkout is down" in shown(answer)
    add = buttons(answer["value"])["Add"]
    typed = {"title": "Fix it", "kind": "prevent", "person": "grace", "due": "2026-12-01"}
    after = await desk.rota.press(add["verb"], {**add["data"], **typed}, "ada")
    assert "“Fix it” (action 1, Grace Hopper) is due Tue 2026-12-01" in shown(after)
    assert "Reopen" in buttons(after["value"]), "the incident's card stands there again"
    assert "1 written down: write “actions INC-1”" in shown(after)


# -- reminders --------------------------------------------------------------------------------------------------------


async def test_the_owner_is_reminded_at_nine_and_the_lead_hears_when_it_is_a_week_overdue(desk: CareDesk) -> None:
    await desk.rota.say(ADD, "ada")
    await desk.to(utc(2027, 2, 1, 0))
    reminded = [one.at for one in desk.got("grace", letter="action")][1:]
    assert reminded == [
        utc(2026, 12, 2, 14),
        utc(2026, 12, 4, 14),
        utc(2026, 12, 5, 14),
        utc(2026, 12, 12, 14),
        utc(2026, 12, 19, 14),
        utc(2026, 12, 26, 14),
        utc(2027, 1, 2, 14),
    ]
    told = desk.got("ada", "is not done", letter="sentence")
    assert [one.at for one in told] == reminded[3:]
    assert "Action item, overdue" in texts(card(desk, "grace"))


async def test_after_an_outage_one_reminder_stands_for_all_that_were_missed(desk: CareDesk) -> None:
    await desk.rota.say(ADD, "ada")
    await desk.runs()
    desk.sleeps(utc(2026, 12, 13, 3))
    await desk.runs()
    assert len(desk.got("grace", letter="action")) == 2
    await desk.to(utc(2026, 12, 20, 0))
    assert [one.at for one in desk.got("grace", letter="action")][2:] == [utc(2026, 12, 19, 14)]


async def test_what_is_moved_or_done_is_not_reminded_of_for_the_earlier_day(desk: CareDesk) -> None:
    await desk.rota.say(ADD, "ada")
    await desk.rota.say("actions move 1 2027-01-15", "grace")
    await desk.to(utc(2027, 1, 12, 0))
    assert len(desk.got("grace", letter="action")) == 1
    await desk.to(utc(2027, 1, 13, 15))
    assert len(desk.got("grace", letter="action")) == 2
    await press(desk, "grace", "Done")
    await desk.to(utc(2027, 3, 1, 0))
    assert len(desk.got("grace", letter="action")) == 2


async def test_where_the_owner_has_left_whoever_asked_for_it_is_reminded(desk: CareDesk) -> None:
    await desk.rota.say(ADD, "ada")
    await desk.runs()
    stay = [person for handle, person in desk.rota.people.items() if handle != "grace"]
    await desk.imports(people=stay, schedules=(), **crew(members=("ada",)))
    await desk.to(utc(2026, 12, 2, 23))
    assert (len(desk.got("grace", letter="action")), len(desk.got("ada", "is due", letter="action"))) == (1, 1)


async def test_who_cannot_be_reached_is_told_of_to_the_lead(desk: CareDesk) -> None:
    desk.refuses = "grace"
    await desk.rota.say(ADD, "ada")
    await desk.runs()
    await desk.runs()
    assert desk.got("ada", "I could not remind Grace Hopper", "the bot is blocked")


# -- presses ----------------------------------------------------------------------------------------------------------


async def test_done_is_one_press_and_a_second_one_changes_nothing(desk: CareDesk) -> None:
    await desk.rota.say(ADD, "ada")
    await desk.runs()
    action = buttons(card(desk, "grace"))["Done"]
    first = await desk.rota.press(action["verb"], action["data"], "grace")
    assert "✓ **Done**" in shown(first)
    version = (await item(desk)).version
    second = await desk.rota.press(action["verb"], action["data"], "ada")
    assert "It is done already." in shown(second)
    assert ((await item(desk)).version, (await item(desk)).closed_by) == (version, desk.rota.people["grace"].id)
    await desk.runs()
    assert [*buttons(card(desk, "grace"))] == ["Reopen"]
    await press(desk, "grace", "Reopen")
    assert (await item(desk)).is_open


async def test_a_stranger_changes_nothing_and_hears_who_may(desk: CareDesk) -> None:
    await desk.rota.say(ADD, "ada")
    await desk.runs()
    refused = await press(desk, "lin", "Done")
    assert "Action 1 belongs to Grace Hopper" in refused
    assert (await item(desk)).is_open


async def test_handed_over_the_new_owner_hears_of_it_and_the_old_card_says_so(desk: CareDesk) -> None:
    await desk.rota.say(ADD, "ada")
    await desk.runs()
    assert "Lin Wei" in await press(desk, "grace", "Hand over")
    assert "Lin Wei" in await submits(desk, "grace", "action.hand.submit", person="lin", embedded=True)
    await desk.runs()
    assert [*buttons(card(desk, "lin"))] == ["Done", "Move", "Hand over", "Drop"]
    assert "Lin Wei 林薇" in texts(card(desk, "grace"))
    assert "has it already" in await submits(desk, "lin", "action.hand.submit", person="lin", embedded=True)


async def test_moved_by_form_or_line_to_a_day_that_is_not_over(desk: CareDesk) -> None:
    await desk.rota.say(ADD, "ada")
    await desk.rota.say("actions move 1 in 2 weeks", "grace")
    assert (await item(desk)).due_on == date(2026, 12, 7)
    asked = card_of(await desk.rota.say("actions move 1 2026-11-01", "grace"))
    assert "2026-11-01 is over" in texts(asked)
    assert fields(asked)["due"] == "2026-12-07"
    assert "2026-12-09" in await submits(desk, "grace", "action.move.submit", due="2026-12-09", embedded=True)
    assert "Choose the day" in await submits(desk, "grace", "action.move.submit", due="", embedded=True)


async def test_dropped_with_a_reason_and_taken_back(desk: CareDesk) -> None:
    await desk.rota.say(ADD, "ada")
    assert "reason" in fields(card_of(await desk.rota.say("actions drop 1", "ada")))
    await desk.rota.say("actions drop 1 The queue is gone", "ada")
    dropped = await item(desk)
    assert (dropped.state, dropped.words) == (ActionState.DROPPED, "The queue is gone")
    assert "Write `actions reopen 1`" in said(await desk.rota.say("actions done 1", "ada"))
    await desk.rota.say("actions reopen 1", "ada")
    assert (await item(desk)).is_open


async def test_a_card_that_several_people_see_is_drawn_for_everybody(desk: CareDesk) -> None:
    await desk.rota.say(ADD, "ada")
    await desk.rota.press("action.done", {"action": 1}, "grace", chat="channel", reply_to_id="shown-there")
    await desk.runs()
    (drawn,) = [one for one in desk.sent if one.message == "shown-there"]
    assert "UTC" in texts(drawn.card)
    assert "New York" not in texts(drawn.card)


# -- lists ------------------------------------------------------------------------------------------------------------


async def test_lists_have_what_is_due_first_in_front_and_page_on(anywhere: CareDesk) -> None:
    desk = anywhere
    for n in range(11):
        due = date(2026, 12, 20) - n * DAY
        await desk.rota.say(f"actions add Item {n} type:prevent owner @grace due {due}", "ada")
    await desk.rota.say("actions add Mine type:process owner me due 2026-12-01", "ada")
    first = card_of(await desk.rota.say("actions", "ada"))
    assert "8 of 12 are shown." in texts(first)
    assert texts(first).index("Mine") < texts(first).index("Item 10") < texts(first).index("Item 9")
    more = buttons(first)["More"]
    assert "Item 0" in shown(await desk.rota.press(more["verb"], more["data"], "ada"))
    mine = said(await desk.rota.say("actions mine", "ada"))
    assert ("Mine" in mine, "Item" in mine) == (True, False)
    assert "none" in said(await desk.rota.say("actions overdue", "ada"))
    await desk.to(utc(2026, 12, 11, 3))
    assert said(await desk.rota.say("actions overdue", "ada")) == "Overdue actions: Action 12 Mine."
    assert "Item 10" in said(await desk.rota.say("actions team:payments", "lin"))
    assert "Actions of INC-1" in said(await desk.rota.say("actions INC-1", "lin"))


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("actions 9", "There is no action 9"),
        ("actions done", "Say which action you mean"),
        ("actions frobnicate", "After `actions` I know"),
        ("actions team:nope", "nope"),
        ("actions done 1", "There is no action 1"),
        ("action INC-77", "There is no INC-77"),
    ],
)
async def test_what_is_not_there_is_said_in_a_sentence(desk: CareDesk, line: str, answer: str) -> None:
    assert answer in said(await desk.rota.say(line, "ada"))
