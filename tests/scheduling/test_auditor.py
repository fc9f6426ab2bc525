"""The auditor on a real store: what is overdue is said once an hour, and the outside hears only while all is well."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from domain.running_escalation import EscalationState
from scheduling.auditor import Auditor
from tests.support.paged_organisation import PLATFORM_CHANNEL
from tests.support.paging_desk import JOBS, PagingDesk
from usecases import audit
from usecases.ports import Unavailable
from usecases.work import MAX_ATTEMPTS, NewWork, Outcome

WHERE = f"#{PLATFORM_CHANNEL}"


@dataclass
class Watch:
    """An auditor at a desk: `beats` is how often the outside heard that all is well."""

    desk: PagingDesk
    beats: int = 0
    counted: list[int] = field(default_factory=list[int])
    auditor: Auditor = field(init=False)

    def __post_init__(self) -> None:
        self.auditor = Auditor(
            self.desk.db,
            self.desk.queue,
            self.desk.db.lanes,
            self.desk.hand,
            all_is_well=self._beat,
            on_findings=self.counted.append,
        )

    async def _beat(self) -> None:
        self.beats += 1

    async def looks(self) -> list[str]:
        """Look, and let Teams have what waits in the lanes."""
        found = await self.auditor.look()
        await self.desk.delivers()
        return [finding.sentence for finding in found]

    async def stalls(self, **length: float) -> None:
        """Let an incident be declared and its first step stay undone."""
        await self.desk.declared()
        await self.desk.delivers()
        self.desk.sleeps(**length)

    def told(self) -> list[str]:
        return self.desk.got(WHERE)


@pytest.fixture
async def watch(database_url: str) -> AsyncIterator[Watch]:
    desk = await PagingDesk.opened(database_url)
    yield Watch(desk)
    await desk.db.close()


async def give_up(desk: PagingDesk, name: str) -> None:
    """Let a piece of work fail until it is given up."""

    def fails(*_: object) -> None:
        raise ValueError(name)

    work = NewWork(kind="broken:1", dedupe_key=name, due_at=desk.now, subject="incident:1")
    await desk.do(lambda store: store.work.add(work))
    for _ in range(MAX_ATTEMPTS):
        (due,) = (await desk.queue.claim(("broken:1",), 1)).work
        assert await desk.queue.run([(due, fails)]) == [Outcome.FAILED]
        desk.sleeps(minutes=6)


async def test_while_all_is_well_the_outside_hears_it_and_nobody_else(watch: Watch) -> None:
    await watch.desk.declare()
    assert await watch.looks() == []
    assert (watch.beats, watch.counted, watch.told()) == (1, [0], [])


async def test_work_that_nobody_does_is_said_and_the_outside_hears_nothing(watch: Watch) -> None:
    await watch.desk.declared()
    watch.desk.sleeps(seconds=59)
    assert await watch.looks() == []
    watch.desk.sleeps(seconds=31)
    late, stuck = await watch.looks()
    assert late == "Work has been due for 90 seconds and nobody has done it."
    assert stuck == "1 escalation is past its next step: INC-1."
    assert (watch.beats, watch.counted[-1]) == (1, 2)
    assert [text.split(": ", 1)[0] for text in watch.told()] == ["⚠ The bot is late"] * 2


async def test_the_channel_hears_of_a_trouble_once_an_hour_whoever_looks(watch: Watch) -> None:
    await watch.stalls(minutes=2)
    other = Watch(watch.desk)
    for each in (watch, other, watch, other):
        await each.looks()
        watch.desk.sleeps(minutes=9)
    assert len(watch.told()) == 2
    watch.desk.sleeps(hours=1)
    await watch.looks()
    assert len(watch.told()) == 4


async def test_once_it_is_done_the_outside_hears_again_that_all_is_well(watch: Watch) -> None:
    await watch.stalls(minutes=2)
    await watch.looks()
    await watch.desk.runs()
    await watch.desk.do(lambda store: store.work.cancel("similar:1"))  # this desk does not look for similar incidents
    assert await watch.looks() == []
    assert watch.beats == 1


async def test_a_message_that_could_be_sent_and_is_not_is_said(watch: Watch) -> None:
    await watch.desk.declared()
    taken = await watch.desk.queue.claim(tuple(JOBS), 50)
    await watch.desk.queue.run([(due, JOBS[due.kind]) for due in taken.work])
    watch.desk.sleeps(seconds=61)
    assert "A message that could be sent has waited for 61 seconds." in [f.sentence for f in await watch.auditor.look()]


async def test_an_escalation_that_waits_for_nothing_is_found_although_no_work_is_late(watch: Watch) -> None:
    number = await watch.desk.declare()

    def strand(store) -> None:
        (running,) = store.escalations.of_incident(number)
        assert running.state is EscalationState.RUNNING
        store.escalations.save(replace(running, next_at=None, version=running.version + 1), seen=running.version)
        for subject in ("incident", "similar"):
            store.work.cancel(f"{subject}:{number}")

    await watch.desk.do(strand)
    watch.desk.sleeps(seconds=61)
    assert await watch.looks() == [f"1 escalation is past its next step: INC-{number}."]


async def test_work_that_was_given_up_is_said_for_a_day_and_then_lets_the_sign_of_life_through(watch: Watch) -> None:
    await give_up(watch.desk, "first")
    (said,) = await watch.looks()
    assert said.startswith("Work was given up: broken:1 of incident:1, ValueError")
    assert watch.beats == 0
    watch.desk.sleeps(days=1)
    assert await watch.looks() == []
    assert watch.beats == 1
    assert (await watch.desk.queue.health()).dead == 1, "the metrics go on telling it"


async def test_the_log_has_a_trouble_once_until_it_is_over(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    await watch.stalls(minutes=2)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            await watch.looks()
    assert len([line for line in caplog.messages if line.startswith("overdue: Work")]) == 1


async def test_without_a_channel_to_tell_it_in_the_finding_still_counts(watch: Watch) -> None:
    def take_away(store) -> None:
        settled = store.organisations.load()
        store.organisations.replace(replace(settled, teams=tuple(replace(t, channel=None) for t in settled.teams)))

    await watch.desk.do(take_away)
    await watch.stalls(minutes=2)
    assert len(await watch.looks()) == 2
    assert (watch.counted[-1], watch.told()) == (2, [])


async def test_operations_hear_of_it_before_platform(watch: Watch) -> None:
    await watch.desk.do(lambda store: store.catalog.set_channel("it-ops", "19:it-ops@thread.tacv2"))
    team = await watch.desk.see(audit.watching_team)
    assert team is not None
    assert team.id == "it-ops"


async def test_without_a_database_it_says_so_and_nobody_hears_that_all_is_well(watch: Watch) -> None:
    await watch.desk.db.close()
    with pytest.raises(Unavailable):
        await watch.auditor.look()
    assert watch.beats == 0


def test_what_is_overdue_is_the_contracts_minute() -> None:
    assert timedelta(seconds=60) == audit.OVERDUE
