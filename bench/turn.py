"""CPU of whole turns of the product, next to bare aiohttp handlers, in one run.

The product is `app.py serve` on SQLite (synchronous=FULL) with an emulator's address, as an operator starts it. A
message turn is `help` in a group chat: token check, dedupe, one transaction, a card that is posted through the outbox.
A press writes a note: token check, one transaction with timeline and outbox, the status card in the answer. Every turn
has its own conversation and few share a tenant, so that Teams' rate windows (which the product keeps) do not slow the
run; CPU is counted until the last card has arrived.

Run: .venv-bench/bin/python -m bench.turn
"""

import asyncio
import itertools
import json
import logging
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web

from bench.edge import CLIENTS, Handler, activity, bare
from bench.processes import standing_by
from bot.transport.connector import open_session
from tests.support.connector_double import ConnectorDouble, serving
from tests.support.product import Product
from tests.support.tokens import bearer, token

ROUNDS, WARM_UP = 6, 40
COUNTS = {"post": 1000, "turn": 250, "json": 1000, "press": 300}
TENANT_BURST = 6  # turns of one tenant in a round: below what a tenant's bucket gives at once
"""The product allows a tenant ten calls at once and twenty a second."""


@dataclass
class Side:
    """A server whose CPU is measured. `cpu` gives seconds used so far."""

    url: str
    cpu: Callable[[], float]


async def serve_floor(base: str) -> None:
    """Serve both floors until standard input closes: JSON in and a POST out; JSON in and the same JSON out as ours."""
    logging.disable()
    async with open_session() as http:
        app = web.Application()
        app.router.add_post("/post", bare(http, base))
        answer, keep = json_answer()
        app.router.add_post("/json", answer)
        app.router.add_put("/json", keep)
        async with serving(app) as address:
            print(address, flush=True)
            await asyncio.to_thread(sys.stdin.read)


def json_answer() -> tuple[Handler, Handler]:
    """Return a handler that reads JSON and writes JSON, and the one that tells it what to write: an answer of ours."""
    kept: dict[str, Any] = {}

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.json()
        return web.json_response(kept)

    async def keep(request: web.Request) -> web.StreamResponse:
        kept.update(await request.json())
        return web.Response()

    return answer, keep


def cpu_of(pid: int) -> float:
    """Read the CPU seconds that a process's threads have used (Linux; the scheduler counts in nanoseconds)."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9


@asynccontextmanager
async def floor(base: str) -> AsyncIterator[Side]:
    """Run the floors in a process of their own."""
    async with standing_by("bench.turn", "--floor", base) as (process, url):
        yield Side(url, lambda: cpu_of(process.pid))


def message(base: str, number: int, text: str = "<at>Incident</at> help") -> dict[str, Any]:
    """Return a group chat message with ids of its own."""
    made, tenant = activity(base), f"t-{number // TENANT_BURST}"
    made |= {"id": f"17{number:011d}", "text": text}
    made["conversation"] = {
        "id": f"19:chat{number}@thread.v2",
        "conversationType": "groupChat",
        "isGroup": True,
        "tenantId": tenant,
    }
    made["channelData"] = {"tenant": {"id": tenant}}
    return made


def press(base: str, number: int) -> dict[str, Any]:
    """Return a press that saves a note on the first incident."""
    data = {"incident": 1, "cycle": 0, "version": 1, "embedded": True, "text": f"step {number} of the rollback"}
    made = message(base, 0) | {"id": f"f:{number}", "type": "invoke", "name": "adaptiveCard/action", "replyToId": "1"}
    made["value"] = {"action": {"type": "Action.Execute", "verb": "note.submit", "data": data}, "trigger": "manual"}
    return made


async def load(http: ClientSession, url: str, bodies: list[bytes], headers: dict[str, str]) -> None:
    """Post all bodies with a few clients at once."""
    waiting: Iterator[bytes] = iter(bodies)

    async def client() -> None:
        for body in waiting:
            async with http.post(url, data=body, headers=headers) as reply:
                answer = await reply.read()
                assert reply.status in (200, 201), (url, reply.status, answer[:300])

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


async def arrived(double: ConnectorDouble, count: int) -> None:
    """Wait until so many messages have arrived at Teams' side."""
    async with asyncio.timeout(60):
        while len(double.delivered) < count:  # noqa: ASYNC110 - a bench watches, it has nobody to be woken by
            await asyncio.sleep(0.005)


async def measure() -> bool:
    """Run all rounds and print the table; tell whether the demands hold."""
    double = ConnectorDouble()
    numbers = itertools.count(1)
    figures: dict[str, list[float]] = {name: [] for name in ("post", "turn", "json", "press")}
    with tempfile.TemporaryDirectory() as folder:
        async with serving(double.app) as base, ClientSession() as http, floor(base) as bare_side:
            product = Product(
                {"DATABASE_URL": f"sqlite:///{folder}/bench.db", "TEAMS_EMULATOR_URL": base, "LOG_LEVEL": "ERROR"}
            )
            await asyncio.to_thread(product.wait_ready)
            ours = Side(f"{product.address}/api/messages", lambda: cpu_of(product.pid))
            good = {"Content-Type": "application/json", **bearer(token(base, f"{base}/emea/", aud="local-bot"))}
            declared = json.dumps(message(base, 0, "declare Checkout is down")).encode()
            await load(http, ours.url, [declared], good)
            async with http.post(ours.url, json=press(base, next(numbers)), headers=good) as pressed:
                await http.put(f"{bare_side.url}/json", data=await pressed.read())
            for round_number in range(ROUNDS):
                for name, side, made in (
                    ("post", Side(f"{bare_side.url}/post", bare_side.cpu), message),
                    ("turn", ours, message),
                    ("json", Side(f"{bare_side.url}/json", bare_side.cpu), press),
                    ("press", ours, press),
                ):
                    count = COUNTS[name] if round_number else WARM_UP
                    next_numbers = [next(numbers) for _ in range(count)]
                    bodies = [json.dumps(made(base, n)).encode() for n in next_numbers]
                    double.delivered.clear()
                    began = side.cpu()
                    await load(http, side.url, bodies, good)
                    if name in ("post", "turn"):
                        await arrived(double, count)
                    figures[name].append((side.cpu() - began) / count * 1e3)
            await asyncio.to_thread(product.stop)
    return report({name: values[1:] for name, values in figures.items()})


def report(figures: dict[str, list[float]]) -> bool:
    """Print medians, paired ratios and verdicts."""
    for name, values in figures.items():
        print(f"{name:<8}{statistics.median(values):>8.3f} ms CPU")
    turn = statistics.median(t / p for t, p in zip(figures["turn"], figures["post"], strict=True))
    pressed = statistics.median(p / j for p, j in zip(figures["press"], figures["json"], strict=True))
    print(f"full turn / bare with one POST    {turn:>6.2f}  demand <= 9   {'pass' if turn <= 9 else 'FAIL'}")
    print(f"press / bare JSON answer          {pressed:>6.2f}  demand <= 10  {'pass' if pressed <= 10 else 'FAIL'}")
    return turn <= 9 and pressed <= 10


if __name__ == "__main__":
    if "--floor" in sys.argv:
        asyncio.run(serve_floor(sys.argv[-1]))
    else:
        sys.exit(0 if asyncio.run(measure()) else 1)
