import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from scheduling.ticks import Ticks, all_of
from usecases.ports import Unavailable

DEADLINE = 30
ROOT = Path(__file__).parents[2]


class Counted:
    """An action that counts its runs, and may have an end of its own."""

    def __init__(self, *faults: Exception | None) -> None:
        self.runs, self.faults = 0, list(faults)
        self.changed = asyncio.Condition()

    async def __call__(self) -> None:
        async with self.changed:
            self.runs += 1
            self.changed.notify_all()
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault

    async def until(self, many: int) -> None:
        async with asyncio.timeout(DEADLINE), self.changed:
            await self.changed.wait_for(lambda: self.runs >= many)


async def test_it_ticks_again_and_again_until_it_is_stopped():
    ticks, often, once = Ticks(), Counted(), Counted()
    ticks.every(0.01, "often", often)
    ticks.every(3600, "once", once, at_once=True)
    ticks.every(3600, "later", later := Counted())
    await ticks.start()
    await often.until(3)
    await once.until(1)
    await ticks.stop()
    seen = often.runs
    await asyncio.sleep(0.05)
    assert (often.runs, once.runs, later.runs) == (seen, 1, 0)
    await ticks.stop()  # harmless


async def test_an_error_is_logged_and_the_next_tick_comes(caplog: pytest.LogCaptureFixture):
    ticks, action = Ticks(), Counted(LookupError("a fault of ours"), Unavailable("away"))
    ticks.every(0.01, "faulty", action)
    await ticks.start()
    await action.until(3)
    await ticks.stop()
    assert caplog.text.count("tick “faulty” failed") == 1
    assert [record.levelname for record in caplog.records if record.name == "scheduling.ticks"] == ["ERROR"]


async def test_a_tick_that_takes_long_is_not_run_twice_at_once_and_is_waited_for():
    release, running, most, ends = asyncio.Event(), 0, 0, 0
    begun = asyncio.Event()

    async def slow() -> None:
        nonlocal running, most, ends
        running += 1
        most = max(most, running)
        begun.set()
        await release.wait()
        running -= 1
        ends += 1

    ticks = Ticks()
    ticks.every(0.01, "slow", slow)
    await ticks.start()
    await begun.wait()
    await asyncio.sleep(0.05)  # several ticks long
    stopping = asyncio.create_task(ticks.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    release.set()
    await stopping
    assert (most, ends) == (1, 1)


async def test_a_tick_that_never_ends_is_cut_off():
    begun, cut = asyncio.Event(), asyncio.Event()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cut.set()

    ticks = Ticks()
    ticks.every(3600, "endless", endless, at_once=True)
    await ticks.start()
    await begun.wait()
    await ticks.stop(patience_s=0.02)
    assert cut.is_set()


async def test_a_name_is_taken_once():
    ticks = Ticks()
    ticks.every(1, "x", Counted())
    with pytest.raises(ValueError, match="“x” ticks already"):
        ticks.every(2, "x", Counted())


async def test_all_of_repeats_until_nothing_is_left():
    left = [1000, 1000, 3, 0, 7]

    async def step() -> int:
        return left.pop(0)

    await all_of(step)()
    assert left == [7]


def test_the_scheduler_is_loaded_only_when_it_is_needed():
    code = "import sys, scheduling.ticks; print('apscheduler' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
