"""What follows from a change of an incident, in the same transaction: pages, reminders, what is not needed any more."""

from collections.abc import Callable

from usecases import escalations, reminders, reviews, similar
from usecases.incident_change import Change
from usecases.maintenance import incidents
from usecases.ports import Store
from usecases.updates import ending

Follow = Callable[[Store, Change], None]
FOLLOWERS: tuple[Follow, ...] = (
    escalations.follow,
    reminders.follow,
    incidents.follow,
    ending.follow,
    reviews.follow,
    similar.follow,
)
"""They plan work and change their own rows; the incident and its timeline belong to whoever made the change."""


def follow(store: Store, change: Change) -> None:
    """Let everything follow that hangs on an incident."""
    for follower in FOLLOWERS:
        follower(store, change)
