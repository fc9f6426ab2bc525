"""What has to happen around a window: rows of due work that are planned and taken back with it."""

from datetime import datetime

from domain.maintenance import REMINDED_BEFORE, Maintenance, MaintenanceState
from usecases.ports import Store
from usecases.work import NewWork

REMIND, START, END = "maintenance.remind:1", "maintenance.start:1", "maintenance.end:1"
"""Kinds of work: it begins soon, it begins, it should have ended."""


def replan(store: Store, window: Maintenance, now: datetime) -> None:
    """Plan what has to happen from now on, and take back what was planned before.

    Reminders whose moment has passed are not planned; a start that has passed happens at once.
    """
    store.work.cancel(subject(window))
    if window.state is MaintenanceState.PLANNED:
        for before in REMINDED_BEFORE:
            if window.starts_at - before > now:
                _plan(store, window, REMIND, window.starts_at - before)
        _plan(store, window, START, window.starts_at)
    if window.state in (MaintenanceState.PLANNED, MaintenanceState.IN_PROGRESS):
        _plan(store, window, END, window.ends_at)


def subject(window: Maintenance) -> str:
    """Name the due work of a window."""
    return f"maintenance:{window.id}"


def _plan(store: Store, window: Maintenance, kind: str, due_at: datetime) -> None:
    store.work.add(
        NewWork(
            kind=kind,
            dedupe_key=f"{subject(window)}:{window.plan}:{kind}:{due_at.isoformat()}",
            due_at=due_at,
            subject=subject(window),
            payload={"maintenance": window.id, "plan": window.plan},
        )
    )
