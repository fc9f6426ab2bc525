"""How late work is when 1,000 pieces are due at one moment and 100,000 wait for theirs; next to both peers.

Ours is measured to its commit; a peer to the begin of its function, when nothing of it is durable yet.
"""

import json
import statistics
from dataclasses import dataclass
from typing import Any

from bench import work_peers as peers
from bench.processes import answer_of
from bench.work_world import FAR_MS, Databases, Figures, at_share, fill

MANY, PENDING, FEW = 1_000, 100_000, 10_000
AHEAD_MS = 2_000  # for planning
AT_MOST_S = 12  # procrastinate takes longer than that; by then it is clear enough, and one round is enough


@dataclass(frozen=True)
class Load:
    """One engine in one situation."""

    name: str
    engine: str
    pending: int
    rounds: int
    spread_ms: int = 0


def loads(kind: str) -> list[Load]:
    """List what is compared on a database, in the order of a round."""
    found = [
        Load("own", "own", PENDING, 5),
        Load("own, 10k pending", "own", FEW, 5),
        Load("APScheduler", "apscheduler", PENDING, 3),
        Load("own, spread over 1 s", "own", PENDING, 2, 1_000),
        Load("APScheduler, spread over 1 s", "apscheduler", PENDING, 2, 1_000),
    ]
    return [*found, Load("procrastinate", "procrastinate", PENDING, 1)] if kind == "postgres" else found


Found = dict[str, list[dict[str, Any]]]


async def measure(databases: Databases, figures: Figures) -> None:
    """Run all loads in turns; a first run of ours is not counted."""
    tables = {(load.engine, load.pending): await _table(databases, load) for load in loads(databases.kind)}
    found: Found = {}
    await _run(loads(databases.kind)[0], tables["own", PENDING])
    for number in range(max(load.rounds for load in loads(databases.kind))):
        for load in loads(databases.kind):
            if number < load.rounds:
                found.setdefault(load.name, []).append(await _run(load, tables[load.engine, load.pending]))
    for url in tables.values():
        databases.drop(url)
    _show(databases.kind, found, figures)


async def _table(databases: Databases, load: Load) -> str:
    url = databases.fresh()
    match load.engine:
        case "own":
            fill(url, load.pending, name="pending", due_ms=FAR_MS, step_ms=1_000)
        case "apscheduler":
            peers.plan_apscheduler(url, [FAR_MS + n * 1000 for n in range(load.pending)], "pending")
        case _:
            await peers.set_up_procrastinate(url)
            peers.fill_procrastinate(url, load.pending)
    return url


async def _run(load: Load, url: str) -> dict[str, Any]:
    options = {"many": MANY, "spread_ms": load.spread_ms, "ahead_ms": AHEAD_MS, "at_most_s": AT_MOST_S}
    return await answer_of("bench.work_worker", load.engine, "lag", url, json.dumps(options))


def _show(kind: str, found: Found, figures: Figures) -> None:
    for name, results in found.items():
        late = [ms for result in results for ms in result["late"]]
        figures.spread(f"{kind}: {name}", late)
        missing = sum(result["missing"] for result in results) // len(results)
        stall = statistics.median(max(result["stalls"]) for result in results)
        cpu = statistics.median(result["cpu_s"] for result in results) * 1000
        undone = f", {missing} of {MANY} not even begun" if missing else ""
        print(f"      longest stall of the event loop {stall:.0f} ms, CPU {cpu:.0f} ms{undone}")
    peer = [("APScheduler", 1.0), ("procrastinate", 0.1)]
    for name, most in peer:
        if name in found:
            figures.add(f"{kind}: p99 of {name}'s, all at once", _ratio(found["own"], found[name]), most=most)
    spread = _ratio(found["own, spread over 1 s"], found["APScheduler, spread over 1 s"])
    figures.add(f"{kind}: p99 of APScheduler's, spread over 1 s", spread, most=1 if kind == "postgres" else None)
    figures.add(f"{kind}: p99, 100k pending of 10k", _ratio(found["own"], found["own, 10k pending"]), most=1.5)
    stalls = [max(result["stalls"]) for name, results in found.items() if name.startswith("own") for result in results]
    figures.add(f"{kind}: longest stall of our event loop in any run", max(stalls), most=50, unit="ms")


def _ratio(ours: list[dict[str, Any]], others: list[dict[str, Any]]) -> float:
    """Give the median of the ratios of p99 within the rounds."""
    pairs = zip(ours, others, strict=False)
    return statistics.median(at_share(o["late"], 0.99) / at_share(p["late"], 0.99) for o, p in pairs)
