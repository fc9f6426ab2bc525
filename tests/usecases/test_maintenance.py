"""`maintenance` through the whole bot on a real store: planned, approved, moved, begun, ended, signed off, called off."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest

from bot.letters.letter import Gone, Undelivered
from bot.letters.maintenance import LETTERS
from domain.approval import ApprovalState, Decision
from domain.catalog import Side, Team
from domain.freeze import Freeze
from domain.maintenance import Maintenance
from domain.organisation import OrganisationSettings
from domain.timeline import Source
from integrations.calendars.writing import write_calendar
from storage.database import Database
from storage.unit_of_work import SqlStore
from tests.support.rota import (
    CREW,
    Rota,
    buttons,
    card_of,
    everything,
    organisation,
    platform,
    primary,
    said,
    shown,
    texts,
    utc,
)
from tests.support.samples import NOW, place
from usecases import calendars, maintenance
from usecases import organisation as organisations
from usecases.approvals import asking, deciding
from usecases.incidents import Incidents, Trail
from usecases.maintenance import holding
from usecases.work import DueWork

STARTS, ENDS = utc(2026, 11, 28, 22), utc(2026, 11, 29, 2)
PLAN = "maintenance schedule Database upgrade service:checkout from 2026-11-28 22:00 to 2026-11-29 02:00"
RUNS = {
    maintenance.REMIND: maintenance.run_remind,
    maintenance.START: maintenance.run_start,
    maintenance.END: maintenance.run_end,
    asking.EXPIRE: deciding.run_expire,
}


@pytest.fixture
async def rota(db: Database) -> Rota:
    return await Rota.made(db)


async def window(rota: Rota, number: int = 1) -> Maintenance:
    found = await rota.see(lambda store: store.maintenance.get(number))
    assert found is not None
    return found


async def state(rota: Rota, number: int = 1) -> str:
    return str((await window(rota, number)).state)


async def decide(rota: Rota, who: str, decision: Decision = Decision.APPROVE, comment: str = "") -> None:
    def work(store: SqlStore) -> None:
        newest = store.approvals.latest(limit=1)[0]
        deciding.decide(store, rota.people[who], newest.id, decision, comment=comment, now=rota.now)

    await rota.change(work)


async def to(rota: Rota, moment: datetime) -> None:
    """Let time pass until a moment, with all the work due until then: each at its own moment, once."""
    done: set[str] = set()
    while True:
        work = [w for w in await planned(rota) if w.due_at <= moment and w.dedupe_key not in done]
        if not work:
            break
        first = min(work, key=lambda w: w.due_at)
        done.add(first.dedupe_key)
        rota.now = max(rota.now, first.due_at)
        due = DueWork(id=1, kind=first.kind, due_at=first.due_at, fence=1, subject=first.subject, payload=first.payload)
        await rota.change(lambda store, due=due: RUNS[due.kind](store, due, rota.now))
    rota.now = max(rota.now, moment)


async def planned(rota: Rota) -> list[Any]:
    def look(store: SqlStore) -> list[Any]:
        subjects = [f"maintenance:{n}" for n in range(1, 4)] + [f"approval:{n}" for n in range(1, 9)]
        return [work for subject in subjects for work in store.work.planned(subject) if work.kind in RUNS]

    return await rota.see(look)


async def plan(rota: Rota, words: str = PLAN, *, approved: bool = True, who: str = "ada") -> Maintenance:
    await rota.say(words, who)
    if approved:
        await decide(rota, "lin" if who == "ada" else "ada")
    return await window(rota)


# -- planning ---------------------------------------------------------------------------------------------------------


async def test_a_line_plans_a_window_and_the_other_side_is_asked(rota: Rota) -> None:
    answer = await rota.say(PLAN)
    assert said(answer) == (
        "Maintenance 1 “Database upgrade”: waiting for approval for IT Operations, "
        "Sat 2026-11-28 22:00 – Sun 2026-11-29 02:00 London (the same in UTC)."
    )
    assert list(buttons(card_of(answer))) == ["Decide", "Move", "Cancel"]
    (asked,) = await rota.letters("lin", "approval")
    assert "Maintenance 1: Database upgrade" in texts(asked.card)
    approval = await rota.see(lambda store: asking.standing(store, "maintenance", 1))
    assert (approval.expires_at, approval.requested_by) == (STARTS, rota.people["ada"].id)
    assert await works(rota) == [], "nothing happens to what nobody has approved"


@pytest.mark.parametrize(
    ("words", "again"),
    [
        ("every 2 weeks", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA"),
        ("EVERY Month", "FREQ=MONTHLY;BYMONTHDAY=28"),
        ("every day", "FREQ=DAILY"),
        ("rrule:FREQ=MONTHLY;BYDAY=4SA", "FREQ=MONTHLY;BYDAY=4SA"),
    ],
)
async def test_it_comes_again_as_the_line_says(rota: Rota, words: str, again: str) -> None:
    answer = await rota.say(f"{PLAN} {words}")
    assert "Then" in texts(card_of(answer))
    recurrence = (await window(rota)).recurrence
    assert recurrence is not None
    assert recurrence.rule == again


async def test_a_title_may_have_from_and_to_in_it_and_anything_teams_would_obey(rota: Rota) -> None:
    line = "maintenance schedule Move <b>data</b> from A to *B* service:checkout from 2026-11-28 22:00Z to +2h"
    card = card_of(await rota.say(line))
    found = await window(rota)
    assert (found.title, found.starts_at, found.ends_at) == (
        "Move <b>data</b> from A to *B*",
        STARTS,
        STARTS + timedelta(hours=2),
    )
    assert "Move &lt;b>data&lt;/b> from A to \\*B\\*" in texts(card)
    await plan(rota, PLAN.replace("Database", "<at>Everybody</at>"))
    assert all("<at>" not in letter.text for letter in await rota.letters())


@pytest.mark.parametrize(
    ("line", "problem", "kept"),
    [
        ("maintenance schedule", None, {}),
        ("maintenance schedule Upgrade", None, {"title": "Upgrade"}),
        ("maintenance schedule Upgrade service:chekout", "Did you mean", {"title": "Upgrade"}),
        (PLAN.replace("2026-11-29 02:00", "whenever"), "is no date and time", {"starts_day": "2026-11-28"}),
        (f"{PLAN} every 0 weeks", "a number from 1", {"count": "0", "unit": "weeks", "ends_time": "02:00"}),
        (f"{PLAN} rrule:FREQ=HOURLY", "", {"rule": "FREQ=HOURLY", "unit": "rule"}),
        (PLAN.replace("2026-11-28", "2026-11-22"), "That start has passed", {"starts_day": "2026-11-22"}),
        (PLAN.replace("2026-11-29 02:00", "2026-11-27 02:00"), "ends after it begins", {"ends_day": "2026-11-27"}),
    ],
)
async def test_whatever_is_missing_or_wrong_opens_the_form_with_the_rest(
    rota: Rota, line: str, problem: str | None, kept: dict[str, str]
) -> None:
    card = card_of(await rota.say(line))
    assert (problem or "") in texts(card)
    assert ("⚠" in texts(card)) is (problem is not None)
    assert {name: value_of(card, name) for name in kept} == kept
    assert await rota.see(lambda store: store.maintenance.get(1)) is None


async def test_the_form_checks_before_it_plans_and_plans_once(rota: Rota) -> None:
    await plan(rota)
    card = card_of(await rota.say(f"{PLAN.replace('Database', 'Disk')} every 2 weeks".replace("service:checkout ", "")))
    assert list(buttons(card)) == ["Plan", "Check", "Cancel"]
    typed = {**inputs_of(card), "services": "checkout"}
    checked = await rota.press("maintenance.schedule.check", {**data_of(card, "Check"), **typed})
    for line in ("every 2 weeks on Saturday", "Sat 2026-12-12 22:00", "Clashes", "Maintenance 1 “Database upgrade”"):
        assert line in shown(checked)
    assert await rota.see(lambda store: store.maintenance.get(2)) is None
    sent = {**data_of(checked["value"], "Plan"), **inputs_of(checked["value"])}
    assert "Disk upgrade" in shown(await rota.press("maintenance.schedule.submit", sent))
    assert "planned already" in shown(await rota.press("maintenance.schedule.submit", sent))
    assert await rota.see(lambda store: store.maintenance.get(3)) is None


async def test_where_nobody_could_approve_it_is_planned_at_once_and_says_so(rota: Rota) -> None:
    answer = await rota.say(PLAN.replace("checkout", "platform"), "zoe")
    assert "Nobody on the other side" in texts(card_of(answer))
    assert await state(rota) == "planned"
    assert [kind for kind, _ in await works(rota)] == [maintenance.REMIND] * 3 + [maintenance.START, maintenance.END]


async def test_a_freeze_refuses_everybody_but_admins(rota: Rota) -> None:
    freeze = Freeze(name="Black Friday", starts_at=utc(2026, 11, 27), ends_at=utc(2026, 11, 30))
    settings = OrganisationSettings(freezes=(freeze,))
    await rota.change(lambda store: store.organisations.replace(organisation(settings=settings)))
    assert "“Black Friday” freezes checkout" in texts(card_of(await rota.say(PLAN)))
    assert await rota.see(lambda store: store.maintenance.get(1)) is None
    await make_admin(rota, "ada")
    assert "“Black Friday” freezes checkout" in texts(card_of(await rota.say(PLAN)))
    assert await state(rota) == "awaiting_approval"


async def test_it_warns_of_open_incidents_and_of_other_windows_whenever_they_happen_again(rota: Rota) -> None:
    await plan(rota, f"{PLAN} every week")
    line = "maintenance schedule Disk service:checkout from 2026-12-13 01:00 to 2026-12-13 03:00"
    assert "Maintenance 1 “Database upgrade” on checkout, Sat 2026-12-12 22:00" in texts(card_of(await rota.say(line)))
    await declare(rota)
    soon = "maintenance schedule Restart service:checkout from tomorrow 03:00 to tomorrow 04:00"
    assert "INC-1 “Checkout is slow” is open on checkout." in texts(card_of(await rota.say(soon)))


# -- the answer of the other side -------------------------------------------------------------------------------------


async def test_approved_it_is_planned_with_everything_around_it(rota: Rota) -> None:
    await plan(rota)
    assert await works(rota) == [
        (maintenance.REMIND, STARTS - timedelta(hours=24)),
        (maintenance.REMIND, STARTS - timedelta(hours=1)),
        (maintenance.REMIND, STARTS - timedelta(minutes=15)),
        (maintenance.START, STARTS),
        (maintenance.END, ENDS),
    ]


async def test_rejected_it_is_cancelled_with_the_words_and_a_new_time_asks_again(rota: Rota) -> None:
    await rota.say(PLAN)
    await decide(rota, "lin", Decision.REJECT, "Not on <at>Saturday</at>")
    found = await window(rota)
    assert (str(found.state), found.reason) == (
        "cancelled",
        f"{rota.people['lin'].name} rejected it: Not on <at>Saturday</at>",
    )
    card = card_of(await rota.say("maintenance show 1"))
    assert "<at>" not in texts(card)
    assert list(buttons(card)) == ["Move"]
    await rota.say("maintenance move 1 from 2026-11-29 22:00 to 2026-11-30 02:00")
    assert await state(rota) == "awaiting_approval"
    await decide(rota, "lin")
    assert await state(rota) == "planned"


async def test_rejected_and_then_called_off_it_still_says_why(rota: Rota) -> None:
    await rota.say(PLAN)
    await decide(rota, "lin", Decision.REJECT, "Not on Saturday")
    await rota.say("maintenance cancel 1")
    assert (await window(rota)).reason.endswith("rejected it: Not on Saturday")
    assert list(buttons(card_of(await rota.say("maintenance show 1")))) == []


async def test_nobody_answers_until_its_start_and_it_does_not_happen(rota: Rota) -> None:
    await rota.say(PLAN)
    await to(rota, STARTS)
    found = await window(rota)
    assert (str(found.state), found.reason) == ("cancelled", "Nobody approved it in time.")
    await to(rota, ENDS)
    assert await state(rota) == "cancelled"


async def test_one_that_begins_at_once_waits_for_its_approval_until_its_end(rota: Rota) -> None:
    await rota.say("maintenance schedule Restart service:checkout from now to +2h")
    approval = await rota.see(lambda store: asking.standing(store, "maintenance", 1))
    assert approval.expires_at == NOW + timedelta(hours=2)
    rota.later(minutes=5)
    await decide(rota, "lin")
    await to(rota, rota.now)
    assert await state(rota) == "in_progress"


async def test_a_far_one_may_be_approved_until_it_begins(rota: Rota) -> None:
    await rota.say(PLAN.replace("2026-11-2", "2027-01-2"))
    approval = await rota.see(lambda store: asking.standing(store, "maintenance", 1))
    assert approval.expires_at == utc(2027, 1, 28, 22)


async def test_a_service_nobody_knows_is_answered_with_those_there_are(rota: Rota) -> None:
    answer = await rota.say(PLAN.replace("checkout", "zzz"))
    assert "I know no service “zzz”. There are \\`checkout\\` and \\`platform\\`." in texts(card_of(answer))


async def test_whoever_could_approve_has_left_and_it_expires(rota: Rota) -> None:
    await rota.say(PLAN)
    without = tuple(person for person in CREW if person.handle != "lin")
    teams = tuple(replace(team, members=tuple(m for m in team.members if m != "lin")) for team in _teams())
    left = organisation(primary(), platform(), people=without, teams=teams)
    await rota.change(lambda store: organisations.replace(store, left, rota.now))
    (told,) = [text for text in await sentences(rota, "ada") if "Too few people are left" in text]
    assert "maintenance:1" in told
    await to(rota, STARTS)
    assert await state(rota) == "cancelled"


# -- moving -----------------------------------------------------------------------------------------------------------


async def test_moved_it_is_asked_about_again_and_what_was_planned_is_planned_anew(rota: Rota) -> None:
    await plan(rota)
    await to(rota, STARTS - timedelta(hours=23))
    before = [letter for letter in await rota.letters() if letter.payload["letter"] == maintenance.NOTE]
    assert any("begins in 24 h" in letter.text for letter in before)
    answer = await rota.say("maintenance move #1 from 2026-11-30 22:00 to 2026-12-01 01:00")
    assert "waiting for approval for IT Operations" in said(answer)
    assert await works(rota) == []
    assert not any("begins in 24 h" in letter.text for letter in await rota.letters()), "it would be wrong by now"
    await decide(rota, "lin")
    assert (await works(rota))[0][1] == utc(2026, 11, 29, 22)
    await to(rota, STARTS)
    assert await state(rota) == "planned"
    await to(rota, utc(2026, 11, 30, 22))
    assert await state(rota) == "in_progress"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("maintenance move 1", "Move maintenance"),
        ("maintenance move 1 to the moon", "“to the moon”|the moon"),
        ("maintenance move 1 from 2026-11-20 22:00 to 2026-11-21 22:00", "That start has passed"),
        ("maintenance move", "Say which one: write its number"),
        ("maintenance move x from now to +1h", "does not name one"),
        ("maintenance move 99 from now to +1h", "There is no maintenance 99"),
        ("maintenance done 0", "does not name one"),
        ("maintenance show 99999999999999", "does not name one"),
        ("maintenance done 1 ok", "has not begun yet"),
        ("maintenance signoff 1", "not done yet"),
        ("maintenance skip 1", "happens once"),
        ("maintenance dance", "I do not know “maintenance dance”"),
    ],
)
async def test_what_makes_no_sense_is_answered_with_what_to_do(rota: Rota, line: str, words: str) -> None:
    await plan(rota)
    answer = await rota.say(line)
    told = texts(card_of(answer)) if "attachments" in answer else said(answer)
    assert any(word in told for word in words.split("|"))
    assert await state(rota) == "planned"


async def test_while_it_runs_only_the_end_moves(rota: Rota) -> None:
    await plan(rota)
    await to(rota, STARTS)
    answer = await rota.say("maintenance move 1 to 2026-11-29 04:00")
    assert "needs no new approval" in texts(card_of(answer))
    assert (await window(rota)).ends_at == utc(2026, 11, 29, 4)
    await to(rota, ENDS)
    assert await state(rota) == "in_progress"
    await to(rota, utc(2026, 11, 29, 4))
    assert await state(rota) == "overrun"


async def test_extended_twice_by_the_same_press_it_is_half_an_hour_longer(rota: Rota) -> None:
    await plan(rota)
    await to(rota, ENDS)
    (card,) = [letter.card for letter in await rota.letters("ada", maintenance.CARD) if letter.payload.get("reader")]
    assert list(buttons(card)) == ["Done", "Extend 30 min", "Cancel"]
    for _ in range(2):
        await rota.press("maintenance.extend", data_of(card, "Extend 30 min"))
    assert (await window(rota)).ends_at == ENDS + timedelta(minutes=30)


async def test_extended_late_it_ends_at_a_full_minute(rota: Rota) -> None:
    await plan(rota)
    await to(rota, ENDS)
    (card,) = [letter.card for letter in await rota.letters("ada", maintenance.CARD) if letter.payload.get("reader")]
    rota.now = ENDS + timedelta(minutes=3, seconds=12)
    await rota.press("maintenance.extend", data_of(card, "Extend 30 min"))
    assert (await window(rota)).ends_at == ENDS + timedelta(minutes=33)


@pytest.mark.parametrize("who", ["zoe", "ben"])
async def test_others_may_look_and_nothing_else(rota: Rota, who: str) -> None:
    await plan(rota)
    for line in ("cancel 1", "move 1 from 2026-12-01 22:00 to +1h", "done 1 ok"):
        assert "Only Ada Lovelace, members of Payments and IT Operations, and admins" in said(
            await rota.say(f"maintenance {line}", "zoe")
        )
    assert "Database upgrade" in said(await rota.say("maintenance 1", "zoe"))
    await make_admin(rota, "zoe")
    await rota.say("maintenance cancel 1", "zoe")
    assert await state(rota) == "cancelled"


# -- its end ----------------------------------------------------------------------------------------------------------


async def test_done_asks_for_evidence_and_only_the_other_side_signs_off(rota: Rota) -> None:
    await plan(rota)
    await to(rota, STARTS)
    form = card_of(await rota.say("maintenance done M-1"))
    sent = {**data_of(form, "Done"), "evidence": "restored in **12** min"}
    assert "restored in \\*\\*12\\*\\* min" in shown(await rota.press("maintenance.done.submit", sent))
    assert await state(rota) == "done"
    version = (await window(rota)).version
    await rota.press("maintenance.done.submit", sent)
    assert (await window(rota)).version == version
    assert "somebody of the other side" in said(await rota.say("maintenance signoff 1", "ada"))
    assert "Somebody of the other side than Ada Lovelace" in said(await rota.say("maintenance signoff 1", "grace"))
    card = card_of(await rota.say("maintenance show 1", "lin"))
    assert list(buttons(card)) == ["Sign off"]
    await rota.press("maintenance.signoff", data_of(card, "Sign off"), "lin")
    await rota.press("maintenance.signoff", data_of(card, "Sign off"), "lin")
    done = (await window(rota)).done
    assert done is not None
    assert done.signed_off_by == rota.people["lin"].id


async def test_each_time_leaves_its_evidence_behind_and_a_late_press_spares_the_next_one(rota: Rota) -> None:
    await plan(rota, f"{PLAN} every 2 weeks")
    await to(rota, STARTS)
    form = card_of(await rota.say("maintenance done 1"))
    sent = {**data_of(form, "Done"), "evidence": "first"}
    await rota.press("maintenance.done.submit", sent)
    found = await window(rota)
    assert (str(found.state), found.starts_at) == ("planned", utc(2026, 12, 12, 22))
    await to(rota, utc(2026, 12, 12, 22))
    await rota.press("maintenance.done.submit", sent)
    assert await state(rota) == "in_progress", "that press was about the first time"
    await rota.say("maintenance cancel 1 the disk is full", "lin")
    assert await state(rota) == "planned", "the others stay"
    await rota.say("maintenance signoff 1", "lin")
    left = await rota.see(lambda store: store.maintenance.occurrences(1))
    assert [(str(o.state), o.words, o.signed_off_by) for o in left] == [
        ("cancelled", "the disk is full", None),
        ("done", "first", rota.people["lin"].id),
    ]
    await rota.say("maintenance skip 1 holidays")
    assert (await window(rota)).starts_at == utc(2027, 1, 9, 22)
    await to(rota, utc(2027, 1, 9, 22))
    await rota.say("maintenance cancel 1 we moved away all")
    found = await window(rota)
    assert (str(found.state), found.reason) == ("cancelled", "we moved away")


async def test_cancelled_while_it_waits_the_question_ends_too(rota: Rota) -> None:
    await rota.say(PLAN)
    await rota.say("maintenance cancel 1 no longer needed")
    approval = await rota.see(lambda store: asking.standing(store, "maintenance", 1))
    assert approval.state is ApprovalState.WITHDRAWN
    assert "and that is final" in said(
        await rota.say("maintenance move 1 from tomorrow 10:00 to tomorrow 11:00")
    ) + texts(card_of(await rota.say("maintenance move 1 from tomorrow 10:00 to tomorrow 11:00")))
    version = (await window(rota)).version
    assert "cancelled already" in said(await rota.say("maintenance cancel 1"))
    assert (await window(rota)).version == version


async def test_what_hangs_on_a_running_window_hears_of_its_start_and_its_end(
    rota: Rota, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, int]] = []

    def running(store: Any, window: Maintenance, now: datetime) -> int:
        return len(store.maintenance.running_on(window.services))

    follower = holding.Follower(
        started=lambda *news: heard.append(("started", running(*news))),
        ended=lambda *news: heard.append(("ended", running(*news))),
    )
    monkeypatch.setattr(holding, "FOLLOWERS", (follower,))
    await plan(rota, f"{PLAN} every week")
    await to(rota, STARTS)
    await rota.say("maintenance skip 1", "ada")
    assert heard == [("started", 1), ("ended", 0)]


# -- what people see --------------------------------------------------------------------------------------------------


async def test_the_list_says_what_runs_what_comes_soon_and_how_much_more(rota: Rota) -> None:
    assert said(await rota.say("maintenance list")) == "No maintenance is planned."
    await plan(rota)
    await to(rota, STARTS)
    for day in range(10, 28):
        await rota.say(f"maintenance schedule Job {day} service:checkout from 2026-12-{day} 10:00 to +1h")
    await rota.say("maintenance schedule Soon service:checkout from 2026-11-30 10:00 to +1h")
    card = card_of(await rota.say("maintenance"))
    told = texts(card)
    order = [told.index(word) for word in ("Running now", "Database upgrade", "Next 7 days", "Soon", "Later", "Job 10")]
    assert order == sorted(order)
    assert "And 5 more." in told


async def test_one_post_in_each_channel_with_everything_in_its_thread_and_leads_where_there_is_none(rota: Rota) -> None:
    await rota.change(
        lambda store: store.organisations.replace(organisation(teams=_teams(channel="19:pay@thread.tacv2")))
    )
    await plan(rota, who="lin")
    (root,) = [row for row in await rota.outbox() if row.get("post") and row["letter"] == maintenance.CARD]
    card, note = LETTERS
    gone = Gone(
        payload=root,
        place=place(conversation_id="19:pay@thread.tacv2"),
        activity_id="1700000000001",
        attempts=1,
        at=rota.now,
    )
    (said_,) = [row for row in await rota.outbox() if row.get("letter") == maintenance.NOTE and row["post"]]
    assert note.where is not None
    assert await rota.see(lambda store: note.where(store, said_)) is None, "the post is still on its way"
    await rota.change(lambda store: card.sent(store, gone))
    where = await rota.see(lambda store: note.where(store, said_))
    assert where.conversation_id == "19:pay@thread.tacv2;messageid=1700000000001"
    again = [row for row in await rota.outbox() if row.get("activity_id") == "1700000000001"]
    assert len(again) == 1, "it was approved while the post was on its way"
    await to(rota, ENDS)
    rows = [row for row in await rota.outbox() if row.get("letter") == maintenance.NOTE]
    assert [row["text"].split("”")[1][:12] for row in rows if row["post"]] == [
        ": it is plan",
        " begins in 2",
        " begins in 1",
        " begins in 1",
        " has begun a",
        " has overrun",
    ]
    assert len([row for row in await rota.outbox() if row.get("post") and "activity_id" not in row]) == 7


async def test_a_post_that_did_not_arrive_comes_with_the_next_news_which_stands_below_it(rota: Rota) -> None:
    teams = _teams(channel="19:pay@thread.tacv2")
    await rota.change(lambda store: store.organisations.replace(organisation(teams=teams)))
    card, note = LETTERS
    assert card.failed is not None
    assert note.where is not None
    await rota.say(PLAN, who="lin")
    for tries in (1, 2):
        rows = [row for row in await rota.outbox() if row.get("post") and row["letter"] == maintenance.CARD]
        assert len(rows) == tries, "each news brings the post along once"
        failed = Undelivered(payload=rows[-1], reason="Teams answered 403", attempts=1, at=rota.now)
        await rota.change(lambda store, failed=failed: card.failed(store, failed))
        if tries == 1:
            await decide(rota, "ada")
    await to(rota, STARTS - timedelta(hours=23))
    rows = [row for row in await rota.outbox() if row.get("post")]
    assert [row["letter"] for row in rows[-2:]] == [maintenance.CARD, maintenance.NOTE]
    gone = Gone(payload=rows[-2], place=place(), activity_id="1700000000009", attempts=1, at=rota.now)
    await rota.change(lambda store: card.sent(store, gone))
    where = await rota.see(lambda store: note.where(store, rows[-1]))
    assert where.conversation_id == "19:pay@thread.tacv2;messageid=1700000000009"
    told = [text for text in await sentences(rota, "ada") if "could not post" in text]
    assert len(told) == 1, "the lead hears of it once"


async def test_the_lead_of_a_team_without_a_channel_hears_it_in_their_own_zone(rota: Rota) -> None:
    await rota.change(lambda store: store.organisations.replace(organisation(teams=_teams(lead="lin"))))
    await plan(rota)
    await to(rota, STARTS)
    told = [letter.text for letter in await rota.letters("lin", maintenance.NOTE)]
    (text,) = [text for text in told if "begins in 1 h" in text]
    assert text == (
        "Maintenance 1 “Database upgrade” begins in 1 h: Sun 2026-11-29 03:30 – 07:30 Kolkata "
        "(Sat 2026-11-28 22:00 – Sun 2026-11-29 02:00 UTC)."
    )
    assert len([text for text in await sentences(rota, "ada") if "has begun" in text]) == 1


async def test_a_reminder_that_is_late_gives_way_to_the_next_one(rota: Rota) -> None:
    await plan(rota)
    due = (await planned(rota))[0]
    late = DueWork(id=1, kind=due.kind, due_at=due.due_at, fence=1, subject=due.subject, payload=due.payload)
    rota.now = STARTS - timedelta(minutes=50)
    await rota.change(lambda store: maintenance.run_remind(store, late, rota.now))
    assert await rota.letters("ada", maintenance.NOTE) == []


async def test_a_message_that_comes_twice_plans_one_window(rota: Rota) -> None:
    await rota.say(PLAN)
    await rota.again(PLAN)
    assert await rota.see(lambda store: store.maintenance.get(2)) is None


async def test_a_team_reads_its_windows_in_a_calendar_program(rota: Rota) -> None:
    await plan(rota, f"{PLAN} every 2 weeks")
    await rota.say("maintenance skip 1")
    await rota.say("maintenance move 1 from 2026-12-13 22:00 to 2026-12-14 02:00")
    await rota.say(PLAN.replace("Database", "Disk"))
    await rota.say("maintenance cancel 2")
    told = said(await rota.say("calendar team:it-ops"))
    address = next(word for word in told.split() if word.endswith(".ics"))
    secret = address.rpartition("/")[2].removesuffix(".ics")
    found = await rota.see(lambda store: calendars.calendar_of(store, secret, rota.now))
    book = icalendar.Calendar.from_ical(write_calendar(found, rota.now))
    events = {(str(e["uid"]), "recurrence-id" in e): e for e in book.walk("VEVENT")}
    series, moved = events["maintenance-1@incident", False], events["maintenance-1@incident", True]
    assert series["dtstart"].params["tzid"] == "Europe/London"
    assert series["rrule"].to_ical() == b"FREQ=WEEKLY;INTERVAL=2;BYDAY=SA"
    assert series["exdate"].dts[0].dt == STARTS
    assert (moved["recurrence-id"].dt, moved["dtstart"].dt) == (utc(2026, 12, 12, 22), utc(2026, 12, 13, 22))
    assert int(moved["sequence"]) > 1
    assert str(events["maintenance-2@incident", False]["status"]) == "CANCELLED"
    assert "I know no team" in said(await rota.say("calendar team:nobody"))


# -- small things -----------------------------------------------------------------------------------------------------


async def works(rota: Rota) -> list[tuple[str, datetime]]:
    found = await rota.see(lambda store: store.work.planned("maintenance:1"))
    return [(work.kind, work.due_at) for work in found]


async def sentences(rota: Rota, who: str) -> list[str]:
    return [letter.text for letter in await rota.letters(who, "sentence")]


async def declare(rota: Rota) -> None:
    def work(store: SqlStore) -> None:
        Incidents(store, rota.now).declare(
            rota.people["ada"],
            title="Checkout is slow",
            severity=4,
            services=("checkout",),
            details="",
            place=place(),
            trail=Trail(Source.MESSAGE, None),
        )

    await rota.change(work)


async def make_admin(rota: Rota, who: str) -> None:
    await rota.change(lambda store: store.people.save(replace(rota.people[who], admin=True)))


def _teams(*, channel: str | None = None, lead: str | None = None) -> tuple[Team, ...]:
    return (
        Team(
            id="payments",
            name="Payments",
            side=Side.ENGINEERING,
            lead="ada",
            members=("ada", "grace"),
            channel=channel,
        ),
        Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS, lead=lead, members=("lin",)),
        Team(id="platform", name="Platform", side=Side.PLATFORM, members=("zoe",)),
    )


def data_of(card: dict[str, Any], button: str) -> dict[str, Any]:
    return buttons(card)[button]["data"]


def inputs_of(card: dict[str, Any]) -> dict[str, Any]:
    return {part["id"]: part["value"] for part in everything(card) if "id" in part and "value" in part}


def value_of(card: dict[str, Any], name: str) -> str:
    return inputs_of(card).get(name, "")
