"""`care` through the whole bot on a real store: planned, done, handed over, skipped, stopped, neglected, signed off."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.support.care_desk import CareDesk, crew
from tests.support.rota import buttons, card_of, everything, said, shown, texts, utc
from tests.support.samples import NOW

ADD = "care add Restore test service:checkout every 2 weeks owner @grace hours 1.5"
"""Written on Monday 23 November 2026, 14:18 UTC: due on 7 December at 17:00 in London, and every 2 weeks from then."""
DUE = utc(2026, 12, 7, 17)
WEEK = timedelta(weeks=1)


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[CareDesk]:
    made = await CareDesk.opened(sqlite_url)
    yield made
    await made.db.close()


@pytest.fixture
async def anywhere(database_url: str) -> AsyncIterator[CareDesk]:
    """The same on either database."""
    made = await CareDesk.opened(database_url)
    yield made
    await made.db.close()


async def press(desk: CareDesk, who: str, title: str, number: int = -1, **typed: Any) -> str:
    """Press a button on the newest card somebody was sent."""
    action = buttons(desk.card(who, number))[title]
    return shown(await desk.rota.press(action["verb"], {**action["data"], **typed}, who))


async def submits(desk: CareDesk, who: str, verb: str, **typed: Any) -> str:
    return shown(await desk.rota.press(verb, {"care": 1, **typed}, who))


def fields(card: dict[str, Any]) -> dict[str, Any]:
    return {one["id"]: one.get("value", "") for one in everything(card) if "id" in one}


# -- planning ---------------------------------------------------------------------------------------------------------


async def test_planned_in_one_line_it_is_due_one_interval_later_at_the_end_of_the_teams_day(desk: CareDesk) -> None:
    answer = await desk.rota.say(ADD, "ada")
    assert said(answer) == "“Restore test” (care 1) is due Mon 2026-12-07 17:00 London (17:00 UTC)."
    read = texts(card_of(answer))
    assert "every 2 weeks on Monday" in read
    assert "1.5 h each time" in read
    task, open_ = await desk.task(), await desk.open()
    assert (task.team, task.service, task.owner) == ("payments", "checkout", desk.rota.people["grace"].id)
    assert open_ is not None
    assert open_.due_at == DUE


async def test_who_is_given_a_task_by_somebody_else_hears_of_it_at_once(desk: CareDesk) -> None:
    await desk.rota.say(ADD, "ada")
    await desk.delivers()
    assert list(buttons(desk.card("grace"))) == ["Done", "Hand over", "Skip"]
    await desk.rota.say("care add Capacity look team:payments every month", "ada")
    await desk.delivers()
    assert desk.got("ada", letter="care") == []


@pytest.mark.parametrize(
    ("line", "problem", "kept"),
    [
        ("Restore test every 2 weeks", "", {"title": "Restore test", "every": "2", "unit": "weeks"}),
        ("Restore test service:checkout", "", {"title": "Restore test", "service": "checkout"}),
        ("service:checkout every 3 months hours 2", "", {"service": "checkout", "every": "3", "hours": "2"}),
        ("Look service:nope every week", "I know no service “nope”.", {"title": "Look", "unit": "weeks"}),
        ("Look team:nope every week", "I know no team “nope”.", {"title": "Look"}),
        ("Look team:payments every week owner @nobody", "nobody called “nobody”", {"team": "payments"}),
        ("Look team:payments every 0 weeks", "", {"title": "Look", "team": "payments"}),
        ("Look team:payments every week hours 900", "no number of hours", {"hours": "900"}),
        ("Look team:platform every week", "Platform has no lead", {"team": "platform"}),
        (f"{'x' * 200} team:payments every week", "That title has 200 characters", {"team": "payments"}),
    ],
)
async def test_what_is_missing_or_unclear_opens_the_form_with_the_rest(
    desk: CareDesk, line: str, problem: str, kept: dict[str, str]
) -> None:
    answer = await desk.rota.say(f"care add {line}")
    assert problem in texts(card_of(answer)).replace("\\", "")
    assert kept.items() <= fields(card_of(answer)).items()
    assert await desk.task() is None


async def test_the_form_plans_what_a_line_cannot_say_and_only_once(desk: CareDesk) -> None:
    form = card_of(await desk.rota.say("care add Restore test service:checkout"))
    send = buttons(form)["Plan care"]
    typed = {
        **fields(form),
        "rule": "FREQ=MONTHLY;BYDAY=1SU",
        "day": "2026-12-01",
        "time": "09:30",
        "evidence": "number",
        "sign_off": "true",
        "person": "grace",
        "hours": "1,5",
    }
    first = await desk.rota.press(send["verb"], {**send["data"], **typed})
    assert "every month on the first Sunday" in shown(first)
    assert "a number and a sign-off by somebody else" in shown(first)
    again = await desk.rota.press(send["verb"], {**send["data"], **typed})
    assert "planned already" in shown(again)
    assert await desk.task(2) is None
    open_ = await desk.open()
    assert open_ is not None
    assert open_.due_at == utc(2026, 12, 6, 9, 30)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"rule": "FREQ=SOMETIMES"}, "⚠"),
        ({"day": "2026-11-01"}, "The first day, 2026-11-01, is over."),
        ({"day": "soon"}, "“soon” is no day."),
        ({"time": "25:99"}, "“25:99” is no time of day."),
        ({"every": "often"}, "Say how often it comes back"),
        ({"every": "9" * 5000}, "⚠"),
        ({"title": " \u0000 "}, "⚠"),
        ({"service": "", "team": ""}, "Choose a team or a service."),
        ({"rule": "FREQ=DAILY;UNTIL=20261123T000000", "day": "2026-11-23"}, "⚠"),
        ({"hours": "-1"}, "no number of hours"),
        ({"hours": "nan"}, "no number of hours"),
    ],
)
async def test_a_form_with_a_fault_comes_back_filled_in(desk: CareDesk, typed: dict[str, str], problem: str) -> None:
    form = card_of(await desk.rota.say("care add Restore test service:checkout"))
    send = buttons(form)["Plan care"]
    answer = await desk.rota.press(send["verb"], {**send["data"], **fields(form), "hours": "2", **typed})
    assert problem in shown(answer).replace("\\", "")
    assert fields(answer["value"])["hours"] == typed.get("hours", "2")
    assert await desk.task() is None


# -- a full turn ------------------------------------------------------------------------------------------------------


async def test_the_owner_is_reminded_the_working_day_before_told_when_it_is_due_and_does_it(anywhere: CareDesk) -> None:
    await anywhere.rota.say("care add Restore test service:checkout every 2 weeks owner @grace", "grace")
    await anywhere.to(utc(2026, 12, 4, 8, 59))
    assert anywhere.got("grace") == [], "Monday's working day before is Friday"
    await anywhere.to(utc(2026, 12, 4, 9))
    (reminder,) = anywhere.got("grace")
    assert list(buttons(reminder.card)) == ["Done", "Hand over", "Skip"]
    await anywhere.to(DUE)
    assert len(anywhere.got("grace", "is due now", letter="care_due")) == 1
    assert "⚠ **Planned care, overdue**" in texts(anywhere.card("grace"))
    form = await press(anywhere, "grace", "Done")
    assert "Hours spent" in form
    done = await submits(
        anywhere, "grace", "care.done.submit", occurrence=1, note="All <at>rows</at> back", hours="2", embedded=True
    )
    assert "All &lt;at>rows&lt;/at> back" in done
    assert "Next due Mon 2026-12-21 12:00 New York (17:00 UTC)" in done
    await anywhere.delivers()
    assert buttons(anywhere.card("grace")) == {}
    assert await anywhere.story() == ["done", "open"]
    await anywhere.later(days=3)
    assert anywhere.got("ada") == [], "the lead hears nothing of what is kept"


async def test_pressed_twice_it_is_done_once(desk: CareDesk) -> None:
    await desk.rota.say(ADD)
    for _ in range(2):
        await submits(desk, "grace", "care.done.submit", occurrence=1, note="ok")
    again = await submits(desk, "ada", "care.done.submit", occurrence=1, note="me too")
    assert "done already" in again
    assert await desk.story() == ["done", "open"]


async def test_typed_twice_it_is_done_once(desk: CareDesk) -> None:
    await desk.rota.say(ADD)
    await desk.rota.say("care done 1 all back hours 2", "grace")
    assert "done already" in texts(card_of(await desk.rota.say("care done 1 all back hours 2", "grace")))
    assert await desk.story() == ["done", "open"]
    (first,) = await desk.rota.see(lambda store: store.care.history(1))
    assert (first.proof.note, first.proof.hours) == ("all back", 2)


@pytest.mark.parametrize(
    ("wanted", "typed", "problem"),
    [
        ("link", "it works", "wants a link"),
        ("link", "https://ci.example.org/run/7", ""),
        ("number", "many", "“many” is no number"),
        ("number", "99,5", ""),
        ("note", "https://ci.example.org/run/7", "wants a note"),
        ("", "anything", ""),
    ],
)
async def test_the_evidence_that_is_wanted_has_to_be_there(
    desk: CareDesk, wanted: str, typed: str, problem: str
) -> None:
    form = buttons(card_of(await desk.rota.say("care add Test service:checkout")))["Plan care"]
    asked = {"title": "Test", "service": "checkout", "every": "1", "unit": "weeks", "evidence": wanted}
    await desk.rota.press(form["verb"], {**form["data"], **asked})
    answer = await desk.rota.say(f"care done 1 {typed}")
    if problem:
        assert problem in texts(card_of(answer))
        assert typed in fields(card_of(answer)).values(), "nothing that was typed is lost"
    assert await desk.story() == (["open"] if problem else ["done", "open"])


async def test_skipping_wants_a_reason_and_stopping_ends_it(desk: CareDesk) -> None:
    await desk.rota.say(ADD)
    assert "Why not this time?" in texts(card_of(await desk.rota.say("care skip 1", "grace")))
    assert "reason is empty" in await submits(desk, "grace", "care.skip.submit", occurrence=1, reason="  ")
    assert "Skipped by **Grace Hopper**" in texts(card_of(await desk.rota.say("care skip 1 No window", "grace")))
    assert await desk.story() == ["skipped", "open"]
    await desk.rota.say("care stop 1 The database is gone", "ada")
    assert await desk.story() == ["skipped", "dropped"]
    assert (await desk.task()).stop_reason == "The database is gone"
    assert "has stopped" in texts(card_of(await desk.rota.say("care stop 1", "ada")))
    await desk.later(weeks=8)
    assert [one for one in desk.sent if one.at > NOW + timedelta(days=1)] == []


async def test_it_ends_with_its_rhythm(desk: CareDesk) -> None:
    form = buttons(card_of(await desk.rota.say("care add Test service:checkout")))["Plan care"]
    typed = {"title": "Twice", "service": "checkout", "rule": "FREQ=DAILY;COUNT=2", "day": "2026-11-24"}
    await desk.rota.press(form["verb"], {**form["data"], **typed})
    await submits(desk, "ada", "care.done.submit", occurrence=1)
    await submits(desk, "ada", "care.done.submit", occurrence=2)
    assert await desk.story() == ["done", "done"]
    assert "Its rhythm has ended." in texts(card_of(await desk.rota.say("care show 1")))


# -- people -----------------------------------------------------------------------------------------------------------


async def test_handed_over_the_new_owner_gets_the_card_and_the_old_one_sees_it(desk: CareDesk) -> None:
    await desk.rota.say(ADD)
    await desk.delivers()
    await submits(desk, "grace", "care.assign.submit", occurrence=1, person="lin", embedded=True)
    await desk.delivers()
    assert "Owner" in texts(desk.card("lin"))
    assert desk.rota.people["lin"].name in texts(desk.card("grace"))
    await desk.to(DUE)
    assert desk.got("grace", "is due now") == []
    assert len(desk.got("lin", "is due now")) == 1


@pytest.mark.parametrize("line", ["done 1 ok", "skip 1 no", "stop 1", "assign 1 @zoe"])
async def test_who_has_nothing_to_do_with_it_is_told_who_has(desk: CareDesk, line: str) -> None:
    await desk.rota.say(ADD)
    answer = await desk.rota.say(f"care {line}", "zoe")
    assert "Only Grace Hopper and people of Payments and IT Operations can do that." in (said(answer) + texts(answer))
    assert await desk.story() == ["open"]


async def test_the_other_side_of_the_service_may_do_it_too(desk: CareDesk) -> None:
    await desk.rota.say(ADD)
    await desk.rota.say("care done 1 ok", "lin")
    assert await desk.story() == ["done", "open"]


async def test_an_owner_without_a_teams_account_is_stood_in_for_by_the_lead(desk: CareDesk) -> None:
    await desk.rota.say("care add Test service:checkout every week owner @ben", "grace")
    await desk.to(utc(2026, 11, 30, 17))
    assert [one.letter for one in desk.got("ada", letter="care")] == ["care", "care_due", "care_due"]
    assert "Ben Azar, who has no Teams account: Ada Lovelace is reminded" in texts(desk.card("ada"))


async def test_an_owner_who_leaves_leaves_it_to_the_lead(desk: CareDesk) -> None:
    await desk.rota.say(ADD)
    stay = [person for handle, person in desk.rota.people.items() if handle != "grace"]
    await desk.imports(people=stay, schedules=(), **crew(members=("ada",)))
    await desk.delivers()
    assert len(desk.got("ada", "Grace Hopper has left the organisation", "is yours now")) == 1
    await desk.to(DUE)
    assert len(desk.got("ada", "is due", letter="care")) >= 1
    assert (await desk.task()).owner is None


async def test_what_a_service_needs_stops_with_it_and_the_lead_hears_it_once(desk: CareDesk) -> None:
    await desk.rota.say(ADD)
    changed = {**crew(), "services": ()}
    await desk.imports(**changed)
    await desk.imports(**changed)
    await desk.later(weeks=6)
    assert len(desk.got("ada", "has stopped: the service checkout is not in the organisation any more")) == 1
    assert await desk.story() == ["dropped"]


async def test_without_its_team_it_goes_on_with_its_owner(desk: CareDesk) -> None:
    await desk.rota.say("care add Look team:payments every week owner @lin")
    kept = crew()
    await desk.imports(teams=kept["teams"][1:], services=kept["services"][1:], schedules=())
    await desk.to(utc(2026, 11, 30, 17))
    assert await desk.story() == ["open"]
    assert len(desk.got("lin", "is due now")) == 1


# -- neglect ----------------------------------------------------------------------------------------------------------


async def test_neglected_the_lead_is_told_after_a_day_and_each_week_and_at_last_not_any_more(desk: CareDesk) -> None:
    await desk.rota.say("care add Test service:checkout every week owner @grace")
    await desk.to(utc(2026, 12, 1, 16, 59))
    assert desk.got("ada", letter="care_overdue") == []
    await desk.to(utc(2026, 12, 1, 17))
    (told,) = desk.got("ada", letter="care_overdue")
    assert "is overdue: it was due Mon 2026-11-30 17:00" in told.text
    assert "Grace Hopper looks after it; never done" in told.text
    await desk.later(weeks=12)
    times = [one.at for one in desk.got("ada", letter="care_overdue")]
    assert times == [utc(2026, 12, 1, 17) + n * WEEK for n in range(5)]
    assert "I do not remind anybody of it again" in desk.got("ada", letter="care_overdue")[-1].text
    assert len([c for c in desk.got("grace", letter="care") if "attachments" in c.activity]) == 1, (
        "one card, changed in place"
    )
    assert "Neglected: never done, 12 times missed" in texts(desk.card("grace"))
    await press(desk, "grace", "Done")
    await submits(desk, "grace", "care.done.submit", occurrence=1, note="at last")
    assert (await desk.story())[-2:] == ["done", "open"]
    assert (await desk.task()).missed == 0
    await desk.later(weeks=1, days=2)
    assert len(desk.got("ada", letter="care_overdue")) == 6, "a new neglect is told anew"


async def test_after_weeks_without_the_bot_everybody_hears_one_thing_once(anywhere: CareDesk) -> None:
    await anywhere.rota.say("care add Test service:checkout every week owner @grace")
    await anywhere.rota.say("care add Check the disks team:payments every day owner @grace")
    await anywhere.delivers()
    anywhere.sent.clear()
    anywhere.sleeps(utc(2026, 12, 23, 12))
    await anywhere.runs()
    for number, due in ((1, utc(2026, 12, 21, 17)), (2, utc(2026, 12, 22, 17))):
        open_ = await anywhere.open(number)
        assert open_ is not None
        assert open_.due_at == due
    assert await anywhere.story(1) == ["missed"] * 3 + ["open"]
    assert await anywhere.story(2) == ["missed"] * 28 + ["open"]
    told = [(one.to, one.letter, "disks" in one.text) for one in anywhere.sent if not one.again]
    assert len(told) == len(set(told)), told
    assert anywhere.got("ada", "Check the disks", "28 times missed")


async def test_who_cannot_be_written_to_is_told_of_to_the_lead(desk: CareDesk) -> None:
    await desk.rota.say(ADD)
    desk.refuses = "grace"
    await desk.delivers()
    assert len(desk.got("ada", "I could not tell Grace Hopper about “Restore test” (care 1): the bot is blocked.")) == 1


# -- sign-off ---------------------------------------------------------------------------------------------------------


async def signed(desk: CareDesk) -> None:
    form = buttons(card_of(await desk.rota.say("care add Test service:checkout")))["Plan care"]
    typed = {
        "title": "Test",
        "service": "checkout",
        "every": "1",
        "unit": "weeks",
        "sign_off": "true",
        "person": "grace",
    }
    await desk.rota.press(form["verb"], {**form["data"], **typed})
    await desk.delivers()


async def test_somebody_else_signs_off_what_was_done(anywhere: CareDesk) -> None:
    await signed(anywhere)
    await submits(anywhere, "grace", "care.done.submit", occurrence=1, note="ok")
    await anywhere.delivers()
    assert list(buttons(anywhere.card("ada"))) == ["Sign off"]
    assert buttons(anywhere.card("grace")) == {}, "the doer has no button"
    assert "somebody else has to sign it off" in said(await anywhere.rota.say("care signoff 1", "grace"))
    assert "Only people of Payments and IT Operations can sign this off" in said(
        await anywhere.rota.say("care signoff 1", "zoe")
    )
    assert "Signed off by **Ada Lovelace**" in await press(anywhere, "ada", "Sign off")
    again = await submits(anywhere, "lin", "care.signoff", occurrence=1)
    assert "signed off already" in again


async def test_nobody_else_there_to_sign_off_is_refused_at_once(desk: CareDesk) -> None:
    answer = buttons(card_of(await desk.rota.say("care add Test")))["Plan care"]
    typed = {"title": "T", "team": "platform", "every": "1", "unit": "weeks", "sign_off": "true", "person": "zoe"}
    assert "Nobody but" in shown(await desk.rota.press(answer["verb"], {**answer["data"], **typed}))


# -- lists ------------------------------------------------------------------------------------------------------------


async def test_lists_and_the_quota_of_a_team(desk: CareDesk) -> None:
    await desk.rota.say("care add Restore test service:checkout every week hours 6")
    await desk.rota.say("care add Patch hosts team:it-ops every 2 weeks owner @lin")
    await desk.rota.say("care done 1 ok hours 11", "ada")
    await desk.to(utc(2026, 12, 9, 12))
    listed = texts(card_of(await desk.rota.say("care list team:payments")))
    assert "Planned 6 h a week against a quota of 8 h; last 4 weeks kept 2.8 h a week (n=1)." in listed
    assert "Patch hosts" not in listed
    assert "Patch hosts" in texts(card_of(await desk.rota.say("care list mine", "lin")))
    assert "Restore test" in texts(card_of(await desk.rota.say("care list overdue")))
    assert "There is none." in texts(card_of(await desk.rota.say("care list service:platform")))
    assert "Patch hosts" in texts(card_of(await desk.rota.say("care")))
    assert "I know no team “nope”" in said(await desk.rota.say("care list team:nope"))


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("frobnicate 1", "After `care` I know add, list, show"),
        ("show", "as in `care show 3`"),
        ("done x", "as in `care done 3`"),
        ("show 99", "There is no care 99."),
        ("done 99999999999999999999 ok", "as in `care done 3`"),
        ("list yesterday", "`care list overdue`"),
    ],
)
async def test_a_line_that_means_nothing_is_answered_with_what_to_write(desk: CareDesk, line: str, answer: str) -> None:
    assert answer in said(await desk.rota.say(f"care {line}"))
