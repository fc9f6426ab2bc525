"""Reminders on a real store: the clock is moved by hand, due work is carried out by the real queue."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.incident import Role, Status
from domain.organisation import OrganisationSettings, Targets
from domain.timeline import EntryKind
from storage.database import Database
from storage.work import to_ms
from tests.support.samples import CHANNEL, NOW, thread
from tests.usecases.conftest import ORGANISATION, Desk
from tests.usecases.watch import RUN, Watch
from usecases.deadlines import Deadlines, deadlines_of
from usecases.reminders import KINDS
from usecases.work import NewWork

HOME = thread("1790000000000")


@pytest.fixture
def watch(desk: Desk) -> Watch:
    return Watch(desk)


async def declare(desk: Desk, severity: int = 3, **more: Any) -> int:
    """Declare as Ada; the card has been posted, so the incident has a thread."""
    number = await desk.declare(severity=severity, **more)
    (card,) = await desk.cards(number)
    await desk.drawn(card.id, "1790000000000", HOME)
    return number


async def texts(desk: Desk, about: str = "") -> list[str]:
    """Read what was said in sentences, oldest first."""
    return [row["text"] for row in await desk.outbox("letter") if row["letter"] == "sentence" and about in row["text"]]


async def rule(desk: Desk, **more: Any) -> None:
    """Let the organisation file say something else."""
    settings = OrganisationSettings(**more)
    await desk.db.write(lambda store: store.organisations.replace(replace(ORGANISATION, settings=settings)))


async def planned(desk: Desk, number: int) -> Sequence[NewWork]:
    return await desk.see(lambda store: [w for w in store.work.planned(f"incident:{number}") if w.kind in KINDS])


async def kinds(desk: Desk, number: int) -> list[str]:
    return sorted(work.kind for work in await planned(desk, number))


async def deadlines(desk: Desk, number: int) -> Deadlines | None:
    incident = await desk.incident(number)
    return await desk.see(lambda store: deadlines_of(store, incident))


async def assign(desk: Desk, number: int, role: Role, who: Any) -> None:
    await desk.do(lambda i: i.assign(desk.ada, number, role, who, desk.trail()))


async def note(desk: Desk, number: int, text: str = "rolling back") -> None:
    await desk.do(lambda i: i.note(desk.ada, number, text, desk.trail()))


async def resolve(desk: Desk, number: int) -> None:
    await desk.do(lambda i: i.resolve(desk.ada, number, "", desk.trail()))


# -- deadlines ------------------------------------------------------------------------------------------------------


async def test_an_open_incident_has_a_deadline_for_an_update_and_one_to_be_resolved(desk: Desk) -> None:
    number = await declare(desk, 3)
    assert await deadlines(desk, number) == Deadlines(
        resolve_by=NOW + timedelta(hours=2), update_by=NOW + timedelta(hours=1)
    )
    desk.later(minutes=7)
    await note(desk, number)
    found = await deadlines(desk, number)
    assert found == Deadlines(resolve_by=NOW + timedelta(hours=2), update_by=NOW + timedelta(hours=1, minutes=7))


async def test_a_resolved_incident_has_none_and_a_reopened_one_counts_from_its_declaration(desk: Desk) -> None:
    number = await declare(desk, 1)
    await resolve(desk, number)
    assert await deadlines(desk, number) is None
    desk.later(minutes=50)
    await desk.do(lambda i: i.reopen(desk.ada, number, "it is back", desk.trail()))
    assert await deadlines(desk, number) == Deadlines(
        resolve_by=NOW + timedelta(hours=2), update_by=desk.now + timedelta(minutes=30)
    )


async def test_a_severity_without_an_interval_is_not_asked_for_updates(desk: Desk) -> None:
    number = await declare(desk, 4)
    found = await deadlines(desk, number)
    assert found
    assert found.update_by is None
    assert await kinds(desk, number) == []


# -- updates ----------------------------------------------------------------------------------------------------------


async def test_an_update_is_asked_for_before_it_is_late_then_when_it_is_and_then_no_more(
    desk: Desk, watch: Watch
) -> None:
    number = await declare(desk, 3)
    await watch.passes(minutes=54, seconds=59)
    assert await texts(desk) == []
    await watch.passes(seconds=1)
    assert await texts(desk) == ["INC-1 wants an update by 15:18 UTC: write `note INC-1 …` or change the status."]
    await watch.passes(minutes=5)
    late = "The update of INC-1 is overdue since 15:18 UTC: write `note INC-1 …` or change the status."
    assert (await texts(desk, "overdue")) == [late]
    await watch.passes(hours=30)
    assert len(await texts(desk, "update")) == 2
    assert [entry.kind for entry in await desk.story(number)] == [EntryKind.DECLARED]


async def test_a_reminder_is_one_reply_in_the_incidents_thread(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 3)
    await watch.passes(minutes=55)
    (row,) = await desk.outbox("letter")
    assert row["letter"] == "sentence"
    assert row["place"]["conversation_id"] == f"{CHANNEL};messageid=1790000000000"
    assert row["mention"] is None
    assert number == 1


async def test_the_cards_are_drawn_again_when_an_update_is_late(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 3)
    before = await desk.incident(number)
    await desk.sending()
    await watch.passes(minutes=55)
    assert (await desk.incident(number)).version == before.version
    await watch.passes(minutes=5)
    after = await desk.incident(number)
    assert after == replace(before, version=before.version + 1)
    assert [row["version"] for row in await desk.outbox("draw")] == [after.version]


SEATS = {
    "nobody has a seat": ((), None, None),
    "a commander": ((Role.COMMANDER,), "grace", "grace"),
    "somebody who speaks to customers": ((Role.COMMUNICATIONS,), "lin", "lin"),
    "both": ((Role.COMMANDER, Role.COMMUNICATIONS), "lin", "grace"),
    "a scribe only": ((Role.SCRIBE,), None, None),
}


@pytest.mark.parametrize("seats", SEATS)
async def test_first_whoever_speaks_to_customers_is_named_then_the_commander(
    desk: Desk, watch: Watch, seats: str
) -> None:
    roles, first, second = SEATS[seats]
    number = await declare(desk, 3)
    for role in roles:
        await assign(desk, number, role, desk.lin if role is Role.COMMUNICATIONS else desk.grace)
    await watch.passes(minutes=61)
    ids = {"grace": desk.grace.id, "lin": desk.lin.id, None: None}
    mentions = [row["mention"] for row in await desk.outbox("letter") if "update" in row["text"]]
    assert mentions == [ids[first], ids[second]]


UPDATES = {
    "note": note,
    "status": lambda desk, n: desk.do(lambda i: i.change_status(desk.ada, n, Status.IDENTIFIED, desk.trail())),
    "severity": lambda desk, n: desk.do(lambda i: i.change_severity(desk.ada, n, 2, desk.trail())),
}


@pytest.mark.parametrize("by", UPDATES)
@pytest.mark.parametrize("passed", [40, 57, 90], ids=["in time", "after the reminder", "late"])
async def test_an_update_begins_the_interval_anew(desk: Desk, watch: Watch, by: str, passed: int) -> None:
    number = await declare(desk, 3)
    await watch.passes(minutes=passed)
    said_before = len(await texts(desk, "update"))
    await UPDATES[by](desk, number)
    interval = 30 if by == "severity" else 60
    await watch.passes(minutes=interval - 6)
    assert len(await texts(desk, "update")) == said_before
    await watch.passes(minutes=7)
    assert len(await texts(desk, "update")) == said_before + 2


async def test_what_is_no_update_changes_no_reminder(desk: Desk) -> None:
    number = await declare(desk, 3)
    before = await planned(desk, number)
    desk.later(minutes=2)
    await desk.do(lambda i: i.acknowledge(desk.ada, number, desk.trail()))
    await assign(desk, number, Role.SCRIBE, desk.grace)
    assert await planned(desk, number) == before


async def test_an_incident_that_is_resolved_is_left_alone_and_a_reopened_one_is_not(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 1)
    assert await kinds(desk, number) == sorted(KINDS)
    await resolve(desk, number)
    assert await kinds(desk, number) == []
    await note(desk, number, "for the review")
    assert await kinds(desk, number) == []
    await watch.passes(hours=1, minutes=20)
    assert await texts(desk) == []
    await desk.do(lambda i: i.reopen(desk.ada, number, "it is back", desk.trail()))
    await watch.passes(minutes=25)
    assert await texts(desk) == [
        "INC-1 has no commander: press `Take command` on its card, or write `assign INC-1 commander @person`.",
        "INC-1: three quarters of the 2 h target is used, 30 min left.",
        "INC-1 wants an update by 16:08 UTC: write `note INC-1 …` or change the status.",
    ]


async def test_very_short_intervals_work_too(desk: Desk, watch: Watch) -> None:
    await rule(desk, update_reminder={3: timedelta(seconds=1)}, targets=Targets(resolve_hours=0.001))
    number = await declare(desk, 3)
    works = await planned(desk, number)
    assert [(work.due_at - NOW).total_seconds() for work in works] == [0.834, 1.8]
    await watch.passes(seconds=1)
    assert [text[:26] for text in await texts(desk)] == ["INC-1 wants an update by 1", "The update of INC-1 is ove"]
    await watch.passes(seconds=3)
    assert (await texts(desk))[2:] == [
        "INC-1: half of the 4 s target is used, 2 s left.",
        "INC-1: three quarters of the 4 s target is used, 1 s left.",
        "INC-1: the 4 s target to resolve it is used up.",
    ]


async def test_intervals_that_change_while_an_incident_is_open_are_kept_to_from_the_next_reminder_on(
    desk: Desk, watch: Watch
) -> None:
    await declare(desk, 3)
    await rule(desk, update_reminder={3: timedelta(hours=3)}, targets=Targets(resolve_hours=8))
    await watch.passes(hours=2, minutes=54)
    assert await texts(desk) == []
    await watch.passes(minutes=2)
    assert await texts(desk, "wants an update by 17:18 UTC")
    await watch.passes(hours=1, minutes=4)
    assert await texts(desk, "target") == ["INC-1: half of the 8 h target is used, 4 h left."]


async def test_a_severity_whose_reminders_were_taken_away_is_not_asked_any_more(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 3)
    await rule(desk, update_reminder={1: timedelta(minutes=5)}, targets=Targets(resolve_hours=8))
    await watch.passes(hours=3)
    assert await texts(desk, "update") == []
    assert await kinds(desk, number) == ["reminder.budget:1"]


async def test_an_incident_without_a_card_reminds_nobody(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 3)
    (card,) = await desk.cards(number)
    await desk.db.write(lambda store: store.cards.remove(card.id))
    await watch.passes(hours=3)
    assert await texts(desk) == []


# -- command ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("severity", [1, 2])
async def test_a_major_incident_without_a_commander_is_said_once(desk: Desk, watch: Watch, severity: int) -> None:
    await declare(desk, severity)
    await watch.passes(minutes=9, seconds=59)
    assert await texts(desk) == []
    await watch.passes(minutes=9)
    assert await texts(desk) == [
        "INC-1 has no commander: press `Take command` on its card, or write `assign INC-1 commander @person`."
    ]
    await watch.passes(hours=20)
    assert len(await texts(desk, "no commander")) == 1


async def test_a_commander_in_time_ends_the_reminder_in_the_same_transaction(desk: Desk) -> None:
    number = await declare(desk, 2)
    assert "reminder.role:1" in await kinds(desk, number)
    await desk.do(lambda i: i.take_command(desk.grace, number, desk.trail()))
    assert "reminder.role:1" not in await kinds(desk, number)
    await assign(desk, number, Role.COMMANDER, desk.lin)
    assert "reminder.role:1" not in await kinds(desk, number)


async def test_a_commander_found_while_the_reminder_is_under_way_ends_it(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 2)
    desk.later(minutes=10)
    (due,) = (await watch.queue.claim(["reminder.role:1"], 50)).work
    await assign(desk, number, Role.COMMANDER, desk.lin)
    await desk.db.write(lambda store: RUN[due.kind](store, due, desk.now))
    assert await texts(desk, "commander") == []


async def test_a_minor_incident_needs_no_commander_until_it_becomes_major(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 3)
    await watch.passes(minutes=30)
    assert await texts(desk, "commander") == []
    await desk.do(lambda i: i.change_severity(desk.ada, number, 1, desk.trail()))
    await watch.passes(minutes=9)
    await desk.do(lambda i: i.change_severity(desk.ada, number, 2, desk.trail()))
    await watch.passes(minutes=1)
    assert len(await texts(desk, "commander")) == 1


async def test_going_up_and_down_the_severities_says_it_once(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 2)
    for severity in (3, 1, 4, 2):
        await desk.do(lambda i, s=severity: i.change_severity(desk.ada, number, s, desk.trail()))
    await watch.passes(minutes=11)
    for severity in (3, 1):
        await desk.do(lambda i, s=severity: i.change_severity(desk.ada, number, s, desk.trail()))
    await watch.passes(minutes=11)
    assert len(await texts(desk, "commander")) == 1


# -- the time to resolve ------------------------------------------------------------------------------------------------


async def test_the_time_to_resolve_is_said_at_half_three_quarters_and_the_end(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 3)
    await desk.do(lambda i: i.remind(desk.ada, number, "off", desk.trail()))
    await watch.passes(minutes=59)
    assert await texts(desk) == []
    await watch.passes(minutes=1)
    assert await texts(desk) == ["INC-1: half of the 2 h target is used, 1 h left."]
    await watch.passes(minutes=30)
    assert (await texts(desk))[1:] == ["INC-1: three quarters of the 2 h target is used, 30 min left."]
    version = (await desk.incident(number)).version
    await watch.passes(minutes=30)
    assert (await texts(desk))[2:] == ["INC-1: the 2 h target to resolve it is used up."]
    assert (await desk.incident(number)).version == version + 1
    await watch.passes(days=3)
    assert len(await texts(desk)) == 3
    assert await kinds(desk, number) == []


async def test_severity_4_has_no_time_to_keep(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 4)
    await watch.passes(minutes=90)
    await desk.do(lambda i: i.change_severity(desk.ada, number, 3, desk.trail()))
    await desk.do(lambda i: i.remind(desk.ada, number, "off", desk.trail()))
    await watch.passes(hours=1)
    assert await texts(desk) == ["INC-1: the 2 h target to resolve it is used up."]


async def test_after_a_reopening_what_was_said_is_not_said_again(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 3)
    await desk.do(lambda i: i.remind(desk.ada, number, "off", desk.trail()))
    await watch.passes(minutes=70)
    await resolve(desk, number)
    await desk.do(lambda i: i.reopen(desk.ada, number, "it is back", desk.trail()))
    await watch.passes(minutes=21)
    assert [text.split(" ")[1] for text in await texts(desk)] == ["half", "three"]


# -- when the bot was down ------------------------------------------------------------------------------------------------


async def test_after_an_outage_each_kind_is_said_once_and_as_it_is_by_then(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 1)
    await watch.down(hours=2, minutes=20)
    assert sorted(await texts(desk)) == [
        "INC-1 has no commander: press `Take command` on its card, or write `assign INC-1 commander @person`.",
        "INC-1: the 2 h target to resolve it is used up since 16:18 UTC.",
        "The update of INC-1 is overdue since 14:48 UTC: write `note INC-1 …` or change the status.",
    ]
    assert await kinds(desk, number) == []


async def test_a_shorter_outage_leaves_what_is_still_to_come(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 3)
    await watch.down(minutes=72)
    assert await texts(desk, "target") == ["INC-1: more than half of the 2 h target is used, 48 min left."]
    assert await kinds(desk, number) == ["reminder.budget:1"]
    await watch.passes(minutes=18)
    assert (await texts(desk, "target"))[1:] == ["INC-1: three quarters of the 2 h target is used, 30 min left."]


async def test_a_date_is_named_when_it_is_another_day(desk: Desk, watch: Watch) -> None:
    await rule(desk, update_reminder={3: timedelta(hours=12)}, targets=Targets(resolve_hours=100))
    await declare(desk, 3)
    await watch.passes(hours=11, minutes=55)
    assert await texts(desk, "update") == [
        "INC-1 wants an update by 02:18 UTC: write `note INC-1 …` or change the status."
    ]
    await watch.down(days=2)
    assert await texts(desk, "overdue since 2026-11-24 02:18 UTC")


async def test_work_that_is_carried_out_twice_or_too_early_says_nothing_twice(desk: Desk, watch: Watch) -> None:
    number = await declare(desk, 1)
    desk.later(hours=3)
    taken = (await watch.queue.claim(KINDS, 50)).work
    for _ in range(2):  # the second time as after a lease that ran out
        for due in taken:
            await desk.db.write(lambda store, d=due: RUN[d.kind](store, d, desk.now))
    assert len(await texts(desk)) == 3
    await note(desk, number)
    for due in taken:
        await desk.db.write(lambda store, d=due: RUN[d.kind](store, d, desk.now))
    assert len(await texts(desk)) == 3
    asked = [w for w in await planned(desk, number) if w.kind == "reminder.update:1"]
    assert [w.due_at for w in asked] == [desk.now + timedelta(minutes=25)]
    await resolve(desk, number)
    for due in taken:
        await desk.db.write(lambda store, d=due: RUN[d.kind](store, d, desk.now))
    assert len(await texts(desk)) == 3
    assert await planned(desk, number) == []


# -- two at once ------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[tuple[Desk, Desk]]:
    """The desk on either kind of database, as two replicas see it; time is the desk's own on both."""
    databases = [Database.open(database_url, now_ms=lambda: to_ms(NOW)) for _ in range(2)]

    def fill(store: Any) -> Any:
        store.organisations.replace(ORGANISATION)
        return [store.people.by_handle(handle) for handle in ("ada", "grace", "lin")]

    people = await databases[0].write(fill)
    first, second = (Desk(database, *people) for database in databases)
    yield first, second
    for database in databases:
        await database.close()


async def test_an_update_and_its_reminder_at_the_same_moment(two: tuple[Desk, Desk]) -> None:
    shared = two[0]
    watch, other = map(Watch, two)
    number = await declare(shared, 3)
    other.desk.told.append("other")
    for turn in range(6):
        shared.later(minutes=55)
        other.desk.now = shared.now
        before = await texts(shared, "wants an update")
        await asyncio.gather(watch.catches_up(), note(shared, number, f"update {turn}"), other.catches_up())
        assert len(await texts(shared, "wants an update")) - len(before) in {0, 1}
        updates = [work for work in await planned(shared, number) if work.kind == "reminder.update:1"]
        assert [work.due_at for work in updates] == [shared.now + timedelta(minutes=55)]
    assert (await shared.incident(number)).updated_at == shared.now
