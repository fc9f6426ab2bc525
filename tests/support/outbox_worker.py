"""A process that delivers: `python -m tests.support.outbox_worker URL RATES LOG [HANGS_AT]`.

What arrives at "Teams" is a line in LOG, written at once and whole. At the message with the number HANGS_AT it stays
in the middle of the send for ever: the line is there, the answer never comes.
"""

import asyncio
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from scheduling.delivery import DeliveryLoop
from storage.database import Database
from storage.rates import Bucket, Rates
from usecases.outbox import Delivered, Delivery, DueMessage


@dataclass(frozen=True)
class Arrival:
    """One message as Teams saw it."""

    lane: str
    seq: int
    number: int
    message_class: str
    at_ms: float
    pid: int


def arrivals(log: Path) -> list[Arrival]:
    """Read what has arrived so far, in the order it did."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [Arrival(**json.loads(line)) for line in lines]


def rates_json(rates: Rates) -> str:
    """Write rates for the command line."""
    return json.dumps(asdict(rates))


def _rates(text: str) -> Rates:
    given = {k: Bucket(**v) if isinstance(v, dict) else v for k, v in json.loads(text).items()}
    return Rates(**given)


async def _main(url: str, rates: str, log: str, hangs_at: str = "") -> None:
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def deliver(due: DueMessage) -> Delivery:
        number = due.payload["number"]
        arrival = Arrival(due.lane, due.seq, number, str(due.message_class), time.time() * 1000, os.getpid())
        os.write(out, json.dumps(asdict(arrival)).encode() + b"\n")
        if str(number) == hangs_at:
            await asyncio.Event().wait()
        return Delivered(f"act-{number}")

    database = Database.open(url, rates=_rates(rates))
    loop = DeliveryLoop(database.lanes, deliver)
    await loop.start()
    print("ready", flush=True)  # noqa: T201 - its parent reads it
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until the parent closes it
    await loop.stop()
    await database.close()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
