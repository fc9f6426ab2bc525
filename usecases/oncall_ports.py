"""What on-call, escalation and handoff need from storage. A part of usecases.ports."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.escalation import EscalationPolicy
from domain.handoff import Handoff
from domain.oncall import ImportedShift, Override, Schedule
from domain.paging import Drill, Page
from domain.running_escalation import Escalation
from domain.swap import Swap


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeOverride:
    """An override that somebody made by command or form; it outlives imports of the organisation file."""

    id: int
    schedule: str
    override: Override
    made_by: int
    """A person's id."""
    made_at: datetime


class Schedules(Protocol):
    """Schedules and escalation policies, as the organisation file and people have made them."""

    def get(self, schedule_id: str) -> Schedule | None:
        """Find one by id, in any case: the file's overrides, then people's own, and what its calendar gave."""
        ...

    def lock(self, schedule_id: str) -> Schedule | None:
        """Read one to plan or change it: until this transaction ends nobody else does."""
        ...

    def all(self) -> Sequence[Schedule]:
        """List all, by id."""
        ...

    def of_team(self, team_id: str) -> Sequence[Schedule]:
        """List those of a team, by id."""
        ...

    def policy(self, policy_id: str) -> EscalationPolicy | None:
        """Find an escalation policy by id, in any case."""
        ...

    def add_override(self, made: MadeOverride) -> MadeOverride:
        """Store a new one (id 0) and give it its number."""
        ...

    def override(self, override_id: int) -> MadeOverride | None:
        """Read one that a person made."""
        ...

    def overrides(self, schedule_id: str, *, ending_after: datetime) -> Sequence[MadeOverride]:
        """List those that people made, in the order in which they were made."""
        ...

    def remove_override(self, override_id: int) -> None:
        """Take one back."""
        ...


class Escalations(Protocol):
    """Running and past escalations. They change under the lock of their incident."""

    def add(self, escalation: Escalation) -> Escalation:
        """Store a new one (id 0) and give it its number."""
        ...

    def get(self, escalation_id: int) -> Escalation | None:
        """Read one."""
        ...

    def save(self, escalation: Escalation, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        ...

    def of_incident(self, incident_id: int) -> Sequence[Escalation]:
        """List those of an incident, oldest first."""
        ...

    def live(self, *, limit: int = 1000) -> Sequence[Escalation]:
        """List those that are waiting, held back or running, oldest first."""
        ...

    def held(self) -> Sequence[Escalation]:
        """List those that maintenance holds back, oldest first."""
        ...


class Pages(Protocol):
    """The delivery ledger."""

    def add(self, page: Page) -> Page:
        """Store a new one (id 0) and give it its number."""
        ...

    def get(self, page_id: int) -> Page | None:
        """Read one."""
        ...

    def save(self, page: Page) -> None:
        """Write a changed one. Read it in this transaction under the lock of its incident (or `lock` it)."""
        ...

    def lock(self, page_id: int) -> Page | None:
        """Read one to change it: until this transaction ends nobody else does."""
        ...

    def of_incident(self, incident_id: int) -> Sequence[Page]:
        """List those of an incident, oldest first."""
        ...

    def of_drill(self, drill_id: int) -> Sequence[Page]:
        """List those of a drill."""
        ...

    def bundled_into(self, page_id: int) -> Sequence[Page]:
        """List those that stand on this page's card too."""
        ...

    def to_person(self, person_id: int, *, due_after: datetime) -> Sequence[Page]:
        """List pages of incidents to a person from a moment on, newest first."""
        ...


class Drills(Protocol):
    """Harmless pages."""

    def add(self, drill: Drill) -> Drill:
        """Store a new one (id 0) and give it its number."""
        ...

    def get(self, drill_id: int) -> Drill | None:
        """Read one."""
        ...

    def lock(self, drill_id: int) -> Drill | None:
        """Read one to change it."""
        ...

    def save(self, drill: Drill) -> None:
        """Write a changed one that was locked."""
        ...


class Handoffs(Protocol):
    """Handoffs by number."""

    def add(self, handoff: Handoff) -> Handoff | None:
        """Store a new one (id 0); None when this schedule has one for this moment and these two people already."""
        ...

    def get(self, handoff_id: int) -> Handoff | None:
        """Read one."""
        ...

    def save(self, handoff: Handoff, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        ...

    def remove(self, handoff_id: int) -> None:
        """Forget a prepared one whose shift change is not going to happen."""
        ...

    def of_schedule(self, schedule_id: str | None, *, limit: int = 50) -> Sequence[Handoff]:
        """List those of a schedule (None: of all), the latest shift change first."""
        ...

    def open_of(self, schedule_id: str) -> Sequence[Handoff]:
        """List the prepared and offered ones of a schedule, the earliest shift change first."""
        ...

    def around(self, schedule_id: str, at: datetime) -> Sequence[Handoff]:
        """List those whose shift change lies within a day before `at`, the latest first."""
        ...

    def stands(self, handoff_id: int, person_id: int, activity_id: str) -> None:
        """Remember the Teams message in which one of the two sees it."""
        ...

    def cards(self, handoff_id: int) -> Mapping[int, str]:
        """Tell in which Teams messages it stands, by person."""
        ...

    def open_for(self, person_id: int) -> Sequence[Handoff]:
        """List the open ones a person gives or takes, the earliest shift change first."""
        ...


class Swaps(Protocol):
    """Swaps by number."""

    def add(self, swap: Swap) -> Swap:
        """Store a new one (id 0) and give it its number."""
        ...

    def get(self, swap_id: int) -> Swap | None:
        """Read one."""
        ...

    def open_like(self, swap: Swap) -> Swap | None:
        """Find the first open one of the same two people about the same shifts."""
        ...

    def save(self, swap: Swap, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        ...


class LinkOwner(StrEnum):
    """What a calendar link shows."""

    SCHEDULE = "schedule"
    PERSON = "person"
    TEAM = "team"
    """The maintenance of its services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarLink:
    """A secret address under which a calendar can be read."""

    secret: str
    owner: LinkOwner
    owner_id: str
    """A schedule's id, or a person's database id as text."""
    made_at: datetime


class CalendarLinks(Protocol):
    """Secret calendar addresses, one for each owner."""

    def of(self, owner: LinkOwner, owner_id: str) -> CalendarLink | None:
        """Find the one of an owner."""
        ...

    def by_secret(self, secret: str) -> CalendarLink | None:
        """Find who a secret belongs to."""
        ...

    def put(self, link: CalendarLink) -> None:
        """Store one; the owner's earlier one ends."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The last good copy of an outside calendar, and how reading it goes."""

    schedule: str
    url: str
    shifts: tuple[ImportedShift, ...] = ()
    good_at: datetime | None = None
    """When the copy was read, UTC."""
    tried_at: datetime | None = None
    error: str = ""
    """Why the last try failed; empty when it did not."""


class Feeds(Protocol):
    """Outside calendars of schedules."""

    def get(self, schedule_id: str) -> Feed | None:
        """Read what is known of a schedule's calendar."""
        ...

    def put(self, feed: Feed) -> None:
        """Write it."""
        ...

    def looks(self) -> Mapping[tuple[str, str], datetime]:
        """Tell when each was last tried, UTC, by schedule and address."""
        ...

    def forget(self, schedule_ids: Collection[str]) -> None:
        """Drop what is known of schedules that have no calendar any more."""
        ...
