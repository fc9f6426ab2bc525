"""The engine of due work next to pgbench, the bare sqlite3, procrastinate and APScheduler's SQL job store.

    python -m bench.work [claim] [jobs] [lag] [wake] [kill] [--database postgres|sqlite]

claim: claim and complete, next to the bare statements. jobs: jobs a second, next to procrastinate. lag: 100,000 pending
and 1,000 due at once, next to procrastinate and APScheduler. wake: from a commit to the claim. kill: twenty kill -9.
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from bench import work_claim, work_jobs, work_kill, work_lag, work_wake
from bench.work_world import SERVERS, Databases, Figures, print_world

Case = Callable[[Databases, Figures], Coroutine[Any, Any, None]]
CASES: dict[str, Case] = {
    "claim": work_claim.measure,
    "jobs": work_jobs.measure,
    "lag": work_lag.measure,
    "wake": work_wake.measure,
    "kill": work_kill.measure,
}


def main() -> None:
    """Run what is wanted, or everything; end with 1 when a demand is not met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=(*CASES, []), metavar="CASE")
    parser.add_argument("--database", choices=(*SERVERS,))
    options = parser.parse_args()
    print_world("ratios are medians of the ratios within interleaved rounds, the first round dropped")
    figures = Figures()
    for kind, server in SERVERS.items():
        if options.database in {None, kind}:
            with server() as databases:
                for name in options.cases or CASES:
                    began = time.monotonic()
                    print(f"\n{name} on {kind}", flush=True)
                    asyncio.run(CASES[name](databases, figures))
                    print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    figures.end()


if __name__ == "__main__":
    main()
