"""What the use cases need from the outside, as Protocols. Storage implements them; tests use the real thing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from domain.catalog import Service, Team
from domain.conversation import Place
from domain.incident import Incident
from domain.organisation import Organisation, OrganisationSettings
from domain.people import Person
from usecases.action_ports import Actions
from usecases.approval_ports import Approvals
from usecases.care_ports import Care
from usecases.change_ports import Changes
from usecases.maintenance_ports import Maintenances
from usecases.metric_ports import Metrics
from usecases.moment_ports import Moments
from usecases.oncall_ports import (
    CalendarLinks,
    Drills,
    Escalations,
    Feeds,
    Handoffs,
    Pages,
    Schedules,
    Swaps,
)
from usecases.outbox import Outbox
from usecases.problem_ports import Problems
from usecases.review_ports import Reviews
from usecases.similar_ports import Similar
from usecases.timeline_ports import Timeline
from usecases.update_ports import Updates
from usecases.work import Work

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedCard:
    """A status card that stands in a conversation. `activity_id` is None until Teams has named it."""

    id: int
    incident_id: int
    place: Place
    activity_id: str | None = None
    original: bool = True  # posted by the declaration; one shown later gives way to the next
    sent_at_ms: int = 0  # when it was last drawn, real time, epoch milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """Which incidents to list. `before` pages: only ids below it, newest first."""

    open_only: bool = False
    statuses: tuple[str, ...] = ()
    service: str | None = None
    person_id: int | None = None  # has a role in it, declared it or acknowledged it
    before: int | None = None
    limit: int = 20


class Incidents(Protocol):
    """Incidents by number."""

    def add(self, incident: Incident) -> Incident:
        """Store a new one and give it its number."""
        ...

    def compared(self, incident_id: int) -> None:
        """Note that there is something to say about what one looks like; no change of its version."""
        ...

    def get(self, incident_id: int) -> Incident | None:
        """Read one."""
        ...

    def lock(self, incident_id: int) -> Incident | None:
        """Read one to change it: until this transaction ends nobody else changes it (row lock on PostgreSQL)."""
        ...

    def save(self, incident: Incident, *, seen: int) -> None:
        """Write a changed one whose version was `seen`. Raise StaleVersion when it is another by now."""
        ...

    def list(self, wanted: IncidentFilter) -> Sequence[Incident]:
        """List the newest first."""
        ...

    def many(self, ids: Collection[int]) -> Mapping[int, Incident]:
        """Read several at once."""
        ...

    def standing_in(self, conversation_id: str, *, whole_channel: bool) -> Sequence[int]:
        """Ids of incidents that have a status card here (`whole_channel`: in any thread of it), newest first."""
        ...


class People(Protocol):
    """People the bot knows."""

    def add(self, person: Person) -> Person:
        """Store somebody new and give them an id."""
        ...

    def save(self, person: Person) -> None:
        """Write what changed about somebody."""
        ...

    def many(self, ids: Collection[int]) -> Mapping[int, Person]:
        """Read several at once."""
        ...

    def by_object_id(self, object_id: str) -> Person | None:
        """Find by Entra object id, in any case."""
        ...

    def by_channel_user_id(self, channel_user_id: str) -> Person | None:
        """Find by the `29:` id last seen in a verified activity."""
        ...

    def by_handle(self, handle: str) -> Person | None:
        """Find by handle, in any case."""
        ...

    def by_name(self, name: str) -> Sequence[Person]:
        """Find active people by full name, in any case."""
        ...

    def handles(self) -> Collection[str]:
        """List all handles, to make a new one."""
        ...

    def active(self) -> Sequence[Person]:
        """List everybody who is active, by name."""
        ...


class Catalog(Protocol):
    """Teams and services."""

    def services(self) -> Sequence[Service]:
        """List all, by name."""
        ...

    def service(self, service_id: str) -> Service | None:
        """Find one by id, in any case."""
        ...

    def teams(self) -> Sequence[Team]:
        """List all, by name."""
        ...

    def team(self, team_id: str) -> Team | None:
        """Find one by id, in any case."""
        ...

    def set_channel(self, team_id: str, channel: str) -> None:
        """Make a channel the team's, until the organisation file names another one."""
        ...


class Organisations(Protocol):
    """The organisation as its file describes it."""

    def load(self, *, with_made: bool = False) -> Organisation:
        """Read everything, in the order of the file; `with_made` adds the overrides that people have made."""
        ...

    def settled(self, organisation: Organisation) -> Organisation:
        """Tell what `load(with_made=True)` would give after `replace`: what people made by command outlives it."""
        ...

    def replace(self, organisation: Organisation) -> None:
        """Make the stored one equal to this one; people who are no longer listed stay, inactive."""
        ...

    def severity_names(self) -> Mapping[int, str]:
        """Tell the words for severities 1 to 4. Read with every card: cheap."""
        ...

    def settings(self) -> OrganisationSettings:
        """Tell what holds for the whole organisation. Cheap too."""
        ...


class Cards(Protocol):
    """Status cards that stand in conversations."""

    def add(self, card: PostedCard) -> PostedCard:
        """Store one before it is sent."""
        ...

    def get(self, card_id: int) -> PostedCard | None:
        """Read one."""
        ...

    def of_incident(self, incident_id: int) -> Sequence[PostedCard]:
        """List those of an incident, oldest first."""
        ...

    def reachable(self, incident_id: int) -> Sequence[PostedCard]:
        """List those of an incident whose conversation is not closed to us, oldest first."""
        ...

    def at(self, base_id: str, activity_id: str) -> PostedCard | None:
        """Find the card that a message is. `base_id` is the conversation without its thread."""
        ...

    def drawn(self, card_id: int, *, activity_id: str, place: Place, at_ms: int) -> None:
        """Record where it stands after a send, and when."""
        ...

    def remove(self, card_id: int) -> None:
        """Forget one: it is gone, or has given way."""
        ...


class Conversations(Protocol):
    """Places the bot has been spoken to, by verified activities only."""

    def remember(self, place: Place, *, at: datetime) -> None:
        """Keep the newest address of a conversation (its base, without a thread) and lift a block."""
        ...

    def find(self, base_id: str) -> Place | None:
        """Find a conversation we have been spoken to in."""
        ...

    def personal(self, object_id: str) -> Place | None:
        """Find somebody's 1:1 chat."""
        ...

    def any_of_tenant(self, tenant_id: str) -> Place | None:
        """Find the newest address in a tenant: its service URL opens new chats."""
        ...

    def home(self) -> Place | None:
        """Find the newest address of all, for people and channels that have never spoken to us."""
        ...

    def block(self, base_id: str, reason: str) -> None:
        """Mark a conversation as closed to us until somebody writes in it again."""
        ...

    def blocked(self, base_id: str) -> str | None:
        """Say why a conversation is closed to us, or None."""
        ...


class Inbound(Protocol):
    """Which activities and presses were seen."""

    def first_time(self, key: str, *, at_ms: int) -> bool:
        """Record a key in this transaction; False when it was there already. Keys live 24 hours at least."""
        ...

    def forget_before(self, at_ms: int, *, limit: int = 1000) -> int:
        """Delete old keys, at most `limit`; return how many."""
        ...


class KeyValue(Protocol):
    """Small facts of the installation itself."""

    def get(self, name: str) -> str | None:
        """Read one."""
        ...

    def set(self, name: str, value: str) -> None:
        """Write one."""
        ...


class Store(Protocol):
    """Everything one transaction can reach."""

    @property
    def incidents(self) -> Incidents: ...  # noqa: D102
    @property
    def timeline(self) -> Timeline: ...  # noqa: D102
    @property
    def people(self) -> People: ...  # noqa: D102
    @property
    def catalog(self) -> Catalog: ...  # noqa: D102
    @property
    def organisations(self) -> Organisations: ...  # noqa: D102
    @property
    def cards(self) -> Cards: ...  # noqa: D102
    @property
    def conversations(self) -> Conversations: ...  # noqa: D102
    @property
    def inbound(self) -> Inbound: ...  # noqa: D102
    @property
    def outbox(self) -> Outbox: ...  # noqa: D102
    @property
    def key_value(self) -> KeyValue: ...  # noqa: D102
    @property
    def schedules(self) -> Schedules: ...  # noqa: D102
    @property
    def escalations(self) -> Escalations: ...  # noqa: D102
    @property
    def pages(self) -> Pages: ...  # noqa: D102
    @property
    def drills(self) -> Drills: ...  # noqa: D102
    @property
    def handoffs(self) -> Handoffs: ...  # noqa: D102
    @property
    def swaps(self) -> Swaps: ...  # noqa: D102
    @property
    def actions(self) -> Actions: ...  # noqa: D102
    @property
    def approvals(self) -> Approvals: ...  # noqa: D102
    @property
    def care(self) -> Care: ...  # noqa: D102
    @property
    def changes(self) -> Changes: ...  # noqa: D102
    @property
    def maintenance(self) -> Maintenances: ...  # noqa: D102
    @property
    def metrics(self) -> Metrics: ...  # noqa: D102
    @property
    def moments(self) -> Moments: ...  # noqa: D102
    @property
    def problems(self) -> Problems: ...  # noqa: D102
    @property
    def reviews(self) -> Reviews: ...  # noqa: D102
    @property
    def similar(self) -> Similar: ...  # noqa: D102
    @property
    def updates(self) -> Updates: ...  # noqa: D102
    @property
    def calendar_links(self) -> CalendarLinks: ...  # noqa: D102
    @property
    def feeds(self) -> Feeds: ...  # noqa: D102
    @property
    def work(self) -> Work: ...  # noqa: D102


class Database(Protocol):
    """Runs synchronous work in one transaction on a worker thread.

    Work must be safe to run again: on a lost race (StaleVersion, deadlock, serialisation failure, lock time-out) it is
    rolled back and repeated. Both raise Unavailable when the database does not answer.
    """

    async def write(self, work: Callable[[Store], T]) -> T:
        """Run work that may change things."""
        ...

    async def read(self, work: Callable[[Store], T]) -> T:
        """Run work that only looks."""
        ...


class Unavailable(Exception):  # noqa: N818 - a state of the world, not a bug
    """The database does not answer; the caller says "try again" and loses nothing."""


class Clock(Protocol):
    """The product's time. In development it can be moved; token expiry and rate windows never use it."""

    def now(self, store: Store) -> datetime:
        """Tell the time (UTC) as every replica on this database sees it."""
        ...

    def offset(self, store: Store) -> timedelta:
        """Tell how far the product's time is ahead of the machine's; always zero outside of development."""
        ...
