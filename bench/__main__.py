"""Runs all benches one after the other; ends with 1 when a demand is not met.

python -m bench [edge] [turn] [storage] [outbox] [work] [paging] [oncall] [maintenance] [approvals] [similar]
"""

import subprocess
import sys

BENCHES = {
    "edge": "the wire alone, next to a bare handler and two SDKs",
    "turn": "whole turns and presses, next to bare handlers",
    "storage": "a turn's transaction next to the bare drivers, and reads as tables grow",
    "outbox": "1,000 messages, two processes, one kill -9",
    "work": "due work next to pgbench, procrastinate and APScheduler; twenty kill -9",
    "paging": "from the moment a step is due to the connector, with 1,000 open escalations",
    "maintenance": "what runs now on services, and planning, next to the same on empty tables",
    "approvals": "nine people who decide at the same moment, on two replicas",
    "similar": "similar incidents: how many of five fit, and how long a search takes among 50,000",
    "oncall": "who is on call by arithmetic, next to expanding a calendar; five years without a hole",
}


def main(wanted: list[str]) -> int:
    """Run what is wanted, or everything."""
    unknown = set(wanted) - set(BENCHES)
    if unknown:
        print(f"There is no bench {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    failed: list[str] = []
    for name in wanted or BENCHES:
        print(f"\n=== {name}: {BENCHES[name]}", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode:  # noqa: S603 - ourselves
            failed.append(name)
    print(f"\nNot met: {', '.join(failed)}" if failed else "\nAll demands are met.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
