"""Prints what a bench has found."""

import os
import platform
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version


@dataclass(frozen=True)
class Row:
    """One figure: times of ours and of the floor (seconds, one per round), their ratio and what is demanded of it."""

    name: str
    ours: Sequence[float]
    floor: Sequence[float]
    ratio: float
    demand: float | None
    at_least: bool

    @property
    def holds(self) -> bool:
        """Whether the demand is met; always so without one."""
        if self.demand is None:
            return True
        return self.ratio >= self.demand if self.at_least else self.ratio <= self.demand


def print_setting(what: str) -> None:
    """Print what a reader needs to judge the figures."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("SQLAlchemy", "psycopg"))
    print(f"Python {platform.python_version()}, {packages}, SQLite {sqlite3.sqlite_version}; {os.cpu_count()} cores,")
    print(
        f"load {os.getloadavg()[0]:.1f}; durable: SQLite synchronous=FULL, PostgreSQL fsync and synchronous_commit on"
    )
    print(what, flush=True)


def print_table(rows: Sequence[Row]) -> None:
    """Print one line per figure."""
    print(f"\n{'figure':<44} {'ours':>10} {'floor':>10} {'ratio':>7} {'demand':>8}  verdict")
    for row in rows:
        sign = "≥" if row.at_least else "≤"
        demand = f"{sign} {row.demand:.2f}" if row.demand is not None else "-"
        verdict = "" if row.demand is None else "holds" if row.holds else "FAILS"
        ours, floor = (f"{statistics.median(times) * 1e6:.0f} us" for times in (row.ours, row.floor))
        print(f"{row.name:<44} {ours:>10} {floor:>10} {row.ratio:>7.2f} {demand:>8}  {verdict}")
