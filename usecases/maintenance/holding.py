"""What hangs on a running window, in the same transaction as its start and its end: pages that wait for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.maintenance import Maintenance
from usecases import escalations
from usecases.ports import Store

Follow = Callable[[Store, Maintenance, datetime], None]
"""Takes the window as it runs, or as it ran, and the moment (UTC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Something that follows windows. `ended` may ask `store.maintenance.running_on`, which lists it no more."""

    started: Follow
    ended: Follow


def _nothing(store: Store, window: Maintenance, now: datetime) -> None:
    """Whoever is to be paged next looks for itself whether a window runs."""


FOLLOWERS: tuple[Follower, ...] = (Follower(started=_nothing, ended=escalations.plan_release),)
"""They plan work and change their own rows; the window belongs to whoever made the change."""


def started(store: Store, window: Maintenance, now: datetime) -> None:
    """Let everything follow from a window that begins to run, or runs on after all."""
    for follower in FOLLOWERS:
        follower.started(store, window, now)


def ended(store: Store, window: Maintenance, now: datetime) -> None:
    """Let everything follow from a window that runs no more: done, cancelled, or gone on to its next occurrence."""
    for follower in FOLLOWERS:
        follower.ended(store, window, now)
