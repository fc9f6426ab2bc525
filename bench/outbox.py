"""Whether delivery loses, reorders or hurries anything when a process is killed, and what a message costs.

    python -m bench.outbox [--database sqlite|postgres]

1,000 messages over 20 conversations, two processes that deliver, one of them killed with SIGKILL after a third. Teams'
windows and our buckets run five times as fast as in life (7 in 0.2 s, 8 in 0.4 s, 60 in 6 s; tenant 30 in 0.2 s), so
that it ends within a minute. The windows are checked where Teams would see them: at the arrival of each message. The
hour's window is checked in virtual time by tests/storage/test_rates.py.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from bench.storage import postgres_databases, sqlite_databases
from bench.table import print_setting
from scheduling.delivery import DeliveryLoop
from storage.database import Database
from storage.rates import Bucket, Rates
from tests.support.lanes import new, put
from tests.support.outbox_worker import Arrival, arrivals, rates_json
from usecases.outbox import Delivered, Delivery, DueMessage, MessageClass

ROOT = Path(__file__).parents[1]
SPEED = 5
MESSAGES, LANES = 1_000, 20
RATES = Rates(
    short=Bucket(4, 540 // SPEED), hour=Bucket(600, 3_000 // SPEED), tenant=Bucket(8, 50 // SPEED), lease_ms=6_000
)
LANE_WINDOWS = {1_000 // SPEED: 7, 2_000 // SPEED: 8, 30_000 // SPEED: 60}
TENANT_WINDOWS = {1_000 // SPEED: 30}
COST_MESSAGES = 400


def most_in_any_window(moments: Sequence[float], window_ms: float) -> int:
    """Count the fullest window, wherever it begins."""
    ordered = sorted(moments)
    return max(n + 1 - bisect_left(ordered, moment - window_ms + 1e-6) for n, moment in enumerate(ordered))


@contextmanager
def worker(url: str, log: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that delivers."""
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "tests.support.outbox_worker", url, rates_json(RATES), str(log)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.wait()


async def deliver_all(url: str, log: Path) -> tuple[Database, float]:
    """Write the messages, kill a worker after a third, wait for the rest."""
    database = Database.open(url, rates=RATES)
    began = time.perf_counter()
    with worker(url, log) as doomed, worker(url, log):
        for number in range(MESSAGES // 2):
            classes = (MessageClass.PAGE, MessageClass.CHATTER)
            await put(database, *(new(f"lane-{(number * 2 + n) % LANES}", classes[n]) for n in range(2)))
        while len(arrivals(log)) < MESSAGES // 3:  # noqa: ASYNC110 - another process writes the file
            await asyncio.sleep(0.01)
        doomed.kill()
        while (await database.lanes.health()).open:  # noqa: ASYNC110 - another process empties it
            await asyncio.sleep(0.05)
    return database, time.perf_counter() - began


def judge(kind: str, found: Sequence[Arrival], unknown: int, seconds: float) -> bool:
    """Print one line per promise; tell whether all were kept."""
    numbers = {a.number for a in found}
    chatter = [a.number for a in found if a.message_class == MessageClass.CHATTER]
    first: dict[str, list[int]] = {}
    for arrival in found:
        seen = first.setdefault(arrival.lane, [])
        if arrival.seq not in seen:
            seen.append(arrival.seq)
    disorder = sum(a > b for seqs in first.values() for a, b in pairwise(seqs))
    windows = [
        (f"most in {window / 1000:g} s of a lane", most_in_any_window(moments, window), limit)
        for window, limit in LANE_WINDOWS.items()
        for moments in [max(_by_lane(found), key=lambda m, w=window: most_in_any_window(m, w))]
    ]
    windows += [
        (f"most in {window / 1000:g} s of the tenant", most_in_any_window([a.at_ms for a in found], window), limit)
        for window, limit in TENANT_WINDOWS.items()
    ]
    checks = [
        ("lost (not arrived and not shown as unknown)", max(MESSAGES - len(numbers) - unknown, 0), 0),
        ("out of order", disorder, 0),
        ("chatter doubled", len(chatter) - len(set(chatter)), 0),
        ("pages doubled by the kill (at most 16 sends)", len(found) - len(numbers), 16),
        ("chatter shown as unknown (at most 16 sends)", unknown, 16),
        *windows,
    ]
    print(f"\n{kind}: {MESSAGES} messages, {LANES} lanes, 2 processes, one killed; {seconds:.1f} s")
    for name, value, limit in checks:
        print(f"  {name:<46} {value:>5}  ≤ {limit:<5} {'holds' if value <= limit else 'FAILS'}")
    return all(value <= limit for _, value, limit in checks)


def _by_lane(found: Sequence[Arrival]) -> list[list[float]]:
    lanes: dict[str, list[float]] = {}
    for arrival in found:
        lanes.setdefault(arrival.lane, []).append(arrival.at_ms)
    return list(lanes.values())


class WakeOnly:
    """A courier to whom nothing is handed over: every message is claimed."""

    def __init__(self, loop: DeliveryLoop) -> None:
        self.hand_over, self.wake = loop.hand_over, loop.wake

    def room(self) -> int:
        """Never any."""
        return 0


async def cost(url: str, *, handing: bool) -> float:
    """CPU seconds of one message to an idle lane, from the turn's transaction to the record of its delivery."""
    quick = Rates(short=Bucket(10_000, 1), hour=Bucket(10_000, 1), tenant=Bucket(10_000, 1))
    database, got = Database.open(url, rates=quick), asyncio.Event()

    async def deliver(_due: DueMessage) -> Delivery:
        got.set()
        return Delivered("act")

    loop = DeliveryLoop(database.lanes, deliver)
    await loop.start()
    if not handing:
        database.lanes.courier = WakeOnly(loop)
    began = time.process_time()
    for number in range(COST_MESSAGES):
        got.clear()
        await put(database, new(f"cost-{handing}-{number % 50}", MessageClass.CHATTER))
        await got.wait()
    spent = (time.process_time() - began) / COST_MESSAGES
    await loop.stop()
    await database.close()
    return spent


async def measure(kind: str, url: str) -> bool:
    """Run both parts on one database."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "arrived.jsonl"
        database, seconds = await deliver_all(url, log)
        health = await database.lanes.health()
        held = judge(kind, arrivals(log), health.unknown, seconds)
        await database.close()
    pairs = [(await cost(url, handing=True), await cost(url, handing=False)) for _ in range(4)][1:]
    ratios = sorted(handed / claimed for handed, claimed in pairs)
    print(
        f"  CPU of a message to an idle lane: handed over {pairs[0][0] * 1e6:.0f} us, claimed {pairs[0][1] * 1e6:.0f} us,"
        f" ratio {ratios[len(ratios) // 2]:.2f}"
    )
    return held


def main() -> None:
    """Run it on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgres"))
    options = parser.parse_args()
    print_setting(f"windows and buckets at {SPEED} times their speed")
    held = True
    for kind, databases in (("sqlite", sqlite_databases), ("postgres", postgres_databases)):
        if options.database in {None, kind}:
            with databases(0) as urls:
                held = asyncio.run(measure(kind, urls[0])) and held
    raise SystemExit(0 if held else 1)


if __name__ == "__main__":
    main()
