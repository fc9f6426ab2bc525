"""A process that carries out work: `python -m tests.support.work_worker URL LEASE_MS LOG`.

Each run is a line in LOG, written at once and whole, in the middle of its transaction: so LOG shows runs that came to
nothing too. In the database a run counts itself, sends a message and, where `more` is left, plans the next piece.
"""

import asyncio
import os
import sys
import time
from datetime import datetime, timedelta
from typing import Any

from scheduling.clock import SystemClock
from scheduling.engine import WorkEngine
from storage.database import Database
from storage.work_queue import SqlWorkQueue, WorkTimes
from tests.support.lanes import new
from tests.support.work import KIND, note
from usecases.work import DueWork, Job, NewWork

JOB_S = 0.005
"""Long enough to be killed in."""


def follower(due: DueWork) -> NewWork:
    """Make the next piece of a chain."""
    number, more = due.payload["number"], due.payload["more"] - 1
    return NewWork(
        kind=KIND,
        dedupe_key=f"chain:{number + 1}",
        due_at=due.due_at + timedelta(milliseconds=1),
        payload={"number": number + 1, "more": more},
    )


async def _main(url: str, lease_ms: str, log: str) -> None:
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def job(store: Any, due: DueWork, now: datetime) -> None:
        del now
        note(store, due, due.due_at)
        os.write(out, f"{due.payload['number']} {os.getpid()}\n".encode())
        time.sleep(JOB_S)
        number = due.payload["number"]
        store.outbox.enqueue(new(f"lane-{number % 3}", dedupe_key=f"sent:{number}"))
        if due.payload.get("more"):
            store.work.add(follower(due))

    database = Database.open(url)
    queue = SqlWorkQueue(database, SystemClock(), times=WorkTimes(lease_ms=int(lease_ms)))
    engine = WorkEngine(queue, [Job(KIND, job)], chunk=3, runners=2)
    await engine.start()
    print("ready", flush=True)  # noqa: T201 - its parent reads it
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until the parent closes it
    await engine.stop()
    await database.close()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
