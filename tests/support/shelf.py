"""A store to look at: a few given values behind the ports that cards and grammar read. Writing is for the real thing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from bot.registry import COMMANDS, by_word
from bot.turn import Turn
from bot.words import Mention
from domain.approval import Approval
from domain.catalog import Service, Team
from domain.change import Change
from domain.conversation import Place
from domain.escalation import EscalationPolicy
from domain.incident import Incident
from domain.maintenance import Maintenance
from domain.oncall import Schedule
from domain.organisation import OrganisationSettings
from domain.paging import Page
from domain.people import Person
from domain.running_escalation import Escalation
from domain.timeline import EntryKind, Source, TimelineEntry
from tests.support.samples import ADA, NOW, PEOPLE, SEVERITY_NAMES, place, service
from usecases.action_ports import ActionFilter
from usecases.change_ports import Near
from usecases.incidents import Incidents
from usecases.outbox import Failure
from usecases.ports import IncidentFilter, PostedCard, Store
from usecases.review_ports import ReviewFilter


@dataclass
class Shelf:
    """Everything a reader may ask for. `standing` maps a conversation to the incidents whose cards stand there."""

    known: Mapping[int, Person] = field(default_factory=lambda: dict(PEOPLE))
    cases: Mapping[int, Incident] = field(default_factory=dict[int, Incident])
    listed: Sequence[Service] = (service(), service("search", "Search"))
    standing: Mapping[tuple[str, bool], Sequence[int]] = field(default_factory=dict[tuple[str, bool], Sequence[int]])
    story: Sequence[TimelineEntry] = ()
    teams: Sequence[Team] = ()
    rotas: Sequence[Schedule] = ()
    rules: Sequence[EscalationPolicy] = ()
    ledger: Sequence[Page] = ()
    running: Sequence[Escalation] = ()
    changed: Sequence[Change] = ()
    windows: Mapping[int, Maintenance] = field(default_factory=dict[int, Maintenance])

    @property
    def maintenance(self) -> Mapping[int, Maintenance]:
        """Forms read single windows only."""
        return self.windows

    @property
    def actions(self) -> Any:
        return ShelfActions()

    @property
    def reviews(self) -> Any:
        return ShelfReviews()

    @property
    def similar(self) -> Any:
        return ShelfAlike()

    @property
    def problems(self) -> Any:
        return ShelfAlike()

    @property
    def moments(self) -> Any:
        return ShelfAlike()

    @property
    def changes(self) -> "ShelfChanges":
        return ShelfChanges(self.changed)

    @property
    def approvals(self) -> "ShelfWords":
        return ShelfWords()

    @property
    def schedules(self) -> "ShelfSchedules":
        return ShelfSchedules(self.rotas, self.rules)

    @property
    def pages(self) -> "ShelfPages":
        return ShelfPages(self.ledger)

    @property
    def escalations(self) -> "ShelfEscalations":
        return ShelfEscalations(self.running)

    @property
    def incidents(self) -> "ShelfIncidents":
        return ShelfIncidents(self)

    @property
    def people(self) -> "ShelfPeople":
        return ShelfPeople(self.known)

    @property
    def catalog(self) -> "ShelfCatalog":
        return ShelfCatalog(self.listed, self.teams)

    @property
    def timeline(self) -> "ShelfTimeline":
        return ShelfTimeline(self.story)

    @property
    def organisations(self) -> "ShelfWords":
        return ShelfWords()

    @property
    def cards(self) -> "ShelfCards":
        return ShelfCards()

    @property
    def outbox(self) -> "ShelfWords":
        return ShelfWords()


class ShelfAlike:
    """Nothing looks like anything, is a problem, or was put right."""

    def hits(self, incident_id: int) -> list[Any]:
        return []

    def of_incident(self, incident_id: int) -> None:
        return None

    def counting(self, incident_id: int) -> dict[Any, Any]:
        return {}

    def keys(self, incident_id: int) -> set[int]:
        return set()


class ShelfReviews:
    """Nothing is looked back at."""

    def list(self, wanted: ReviewFilter) -> list[Any]:
        return []


class ShelfActions:
    """Nothing is written down to be done."""

    def count(self, wanted: ActionFilter) -> int:
        return 0


class ShelfCards:
    """No status card stands anywhere."""

    def reachable(self, incident_id: int) -> Sequence[PostedCard]:
        return ()


class ShelfWords:
    """What every incident view asks for beside the incident."""

    def severity_names(self) -> Mapping[int, str]:
        return SEVERITY_NAMES

    def settings(self) -> OrganisationSettings:
        return OrganisationSettings()

    def of_subject(self, kind: str, subject_id: int, *, limit: int = 50) -> Sequence[Approval]:
        return ()

    def failures(self, incident_id: int, *, limit: int = 20) -> Sequence[Failure]:
        return ()


@dataclass
class ShelfIncidents:
    shelf: Shelf

    def get(self, incident_id: int) -> Incident | None:
        return self.shelf.cases.get(incident_id)

    def many(self, ids: Collection[int]) -> Mapping[int, Incident]:
        return {i: self.shelf.cases[i] for i in ids}

    def list(self, wanted: IncidentFilter) -> Sequence[Incident]:
        newest_first = sorted(self.shelf.cases.values(), key=lambda i: -i.id)
        return [i for i in newest_first if i.is_open or not wanted.open_only][: wanted.limit]

    def standing_in(self, conversation_id: str, *, whole_channel: bool) -> Sequence[int]:
        return self.shelf.standing.get((conversation_id, whole_channel), ())


@dataclass
class ShelfPeople:
    known: Mapping[int, Person]

    def many(self, ids: Collection[int]) -> Mapping[int, Person]:
        return {i: self.known[i] for i in ids if i in self.known}

    def active(self) -> Sequence[Person]:
        return sorted((p for p in self.known.values() if p.active), key=lambda p: p.name.casefold())

    def by_object_id(self, object_id: str) -> Person | None:
        return next((p for p in self.known.values() if p.object_id == object_id.lower()), None)

    def by_channel_user_id(self, channel_user_id: str) -> Person | None:
        return next((p for p in self.known.values() if p.channel_user_id == channel_user_id), None)

    def by_handle(self, handle: str) -> Person | None:
        return next((p for p in self.known.values() if p.handle.casefold() == handle.casefold()), None)

    def by_name(self, name: str) -> Sequence[Person]:
        return [p for p in self.active() if p.name.casefold() == name.casefold()]


@dataclass
class ShelfCatalog:
    listed: Sequence[Service]
    known: Sequence[Team] = ()

    def teams(self) -> Sequence[Team]:
        return sorted(self.known, key=lambda t: t.name)

    def team(self, team_id: str) -> Team | None:
        return next((t for t in self.known if t.id.lower() == team_id.lower()), None)

    def services(self) -> Sequence[Service]:
        return sorted(self.listed, key=lambda s: s.name)

    def service(self, service_id: str) -> Service | None:
        return next((s for s in self.listed if s.id.lower() == service_id.lower()), None)


@dataclass
class ShelfSchedules:
    known: Sequence[Schedule]
    policies: Sequence[EscalationPolicy]

    def all(self) -> Sequence[Schedule]:
        return sorted(self.known, key=lambda s: s.id)

    def of_team(self, team_id: str) -> Sequence[Schedule]:
        return [s for s in self.all() if s.team == team_id]

    def get(self, schedule_id: str) -> Schedule | None:
        return next((s for s in self.known if s.id.lower() == schedule_id.lower()), None)

    def policy(self, policy_id: str) -> EscalationPolicy | None:
        return next((p for p in self.policies if p.id.lower() == policy_id.lower()), None)


@dataclass
class ShelfPages:
    known: Sequence[Page]

    def get(self, page_id: int) -> Page | None:
        return next((p for p in self.known if p.id == page_id), None)

    def of_incident(self, incident_id: int) -> Sequence[Page]:
        return [p for p in self.known if p.incident_id == incident_id]

    def bundled_into(self, page_id: int) -> Sequence[Page]:
        return [p for p in self.known if p.bundled_into == page_id]


@dataclass
class ShelfEscalations:
    known: Sequence[Escalation]

    def get(self, escalation_id: int) -> Escalation | None:
        return next((e for e in self.known if e.id == escalation_id), None)

    def of_incident(self, incident_id: int) -> Sequence[Escalation]:
        return [e for e in self.known if e.incident_id == incident_id]


@dataclass
class ShelfChanges:
    known: Sequence[Change]

    def get(self, change_id: int) -> Change | None:
        return next((c for c in self.known if c.id == change_id), None)

    def caused(self, ids: Collection[int]) -> Mapping[int, Sequence[int]]:
        return {}

    def near(self, incident_id: int, services: Collection[str], *, most: int, **times: Any) -> Near:
        return Near(newest=tuple(self.known[:most]), total=len(self.known), cause=None)


@dataclass
class ShelfTimeline:
    story: Sequence[TimelineEntry]

    def latest_words(self, incident_id: int) -> TimelineEntry | None:
        return next((e for e in reversed(self.story) if e.text and e.incident_id == incident_id), None)

    def page(
        self, incident_id: int, *, after: int = 0, before: int | None = None, limit: int = 25
    ) -> Sequence[TimelineEntry]:
        rows = [e for e in self.story if e.seq > after and (before is None or e.seq < before)]
        return rows[:limit] if after else rows[-limit:]

    def of_kinds(self, incident_id: int, kinds: Collection[EntryKind], *, limit: int) -> Sequence[TimelineEntry]:
        return [e for e in self.story if e.incident_id == incident_id and e.kind in kinds][:limit]

    def first_seen(self, incident_id: int) -> Mapping[int, datetime]:
        return {e.actor: e.at for e in reversed(self.story) if e.incident_id == incident_id}


def turn(
    shelf: Shelf | None = None,
    *,
    actor: Person = ADA,
    where: Place | None = None,
    mentions: Iterable[Mention] = (),
    **more: Any,
) -> Turn:
    """Make a turn of somebody who looks at the shelf, at NOW."""
    store = cast("Store", shelf or Shelf())
    given: dict[str, Any] = {
        "actor": actor,
        "now": NOW,
        "place": where or place(),
        "private": False,
        "incidents": Incidents(store, NOW),
        "store": store,
        "at_ms": 1_795_443_480_000,
        "key": "activity:tenant:conversation:1",
        "source": Source.MESSAGE,
        "mentions": tuple(mentions),
        "commands": by_word(COMMANDS),
    }
    return replace(Turn(**given), **more)
