"""Ready-made domain values for tests. Every builder has a sensible default; a test names only what it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.catalog import Service
from domain.change import Change, ChangeState, Risk
from domain.conversation import ConversationKind, Place
from domain.incident import Incident, Status
from domain.people import Identity, Person
from domain.timeline import EntryKind, TimelineEntry
from usecases.outbox import Failure, MessageState
from usecases.ports import IncidentFilter
from usecases.views import IncidentView, ListView, ServiceName, TimelineView

TENANT = "22222222-2222-2222-2222-222222222222"
SERVICE_URL = "https://smba.trafficmanager.net/emea/"
NOW = datetime(2026, 11, 23, 14, 18, tzinfo=UTC)
SEVERITY_NAMES = {1: "Critical", 2: "Major", 3: "Minor", 4: "Low"}
CHANNEL = "19:ops@thread.tacv2"


def ago(**length: float) -> datetime:
    """Name a moment before NOW: `ago(minutes=38)`."""
    return NOW - timedelta(**length)


def person(number: int = 1, name: str | None = None, **more: Any) -> Person:
    """Make somebody known and listed; the number decides id, handle and object id."""
    given: dict[str, Any] = {
        "id": number,
        "handle": f"person-{number}",
        "name": name or f"Person {number}",
        "object_id": object_id(number),
        "tenant_id": TENANT,
        "channel_user_id": f"29:user-{number}",
        "listed": True,
    }
    return Person(**{**given, **more})


def object_id(number: int) -> str:
    """Make the Entra object id of somebody."""
    return f"11111111-1111-1111-1111-{number:012d}"


ADA = person(1, "Ada Lovelace", handle="ada", time_zone="Europe/London", admin=True, email="ada@example.org")
GRACE = person(2, "Grace Hopper", handle="grace", time_zone="America/New_York", email="grace@example.org")
LIN = person(3, "Lin Wei 林薇", handle="lin", time_zone="Asia/Kolkata", email="lin@example.org")
PEOPLE = {p.id: p for p in (ADA, GRACE, LIN)}


def identity(number: int = 1, name: str | None = None, **more: Any) -> Identity:
    """Make what a verified activity says about somebody."""
    given: dict[str, Any] = {
        "object_id": object_id(number),
        "tenant_id": TENANT,
        "channel_user_id": f"29:user-{number}",
        "name": name or f"Person {number}",
        "time_zone": "Europe/Berlin",
        "locale": "en-GB",
        "guest": False,
    }
    return Identity(**{**given, **more})


def place(kind: ConversationKind | str = ConversationKind.CHANNEL, **more: Any) -> Place:
    """Make a conversation; the ids follow Teams' patterns for its kind."""
    kind = ConversationKind(kind)
    ids = {
        ConversationKind.CHANNEL: CHANNEL,
        ConversationKind.GROUP: "19:chat@thread.v2",
        ConversationKind.PERSONAL: "a:personal-1",
    }
    given: dict[str, Any] = {
        "tenant_id": TENANT,
        "service_url": SERVICE_URL,
        "conversation_id": ids[kind],
        "kind": kind,
        "team_id": "19:team@thread.tacv2" if kind is ConversationKind.CHANNEL else None,
        "person_object_id": object_id(1) if kind is ConversationKind.PERSONAL else None,
    }
    return Place(**{**given, **more})


def thread(root: str, **more: Any) -> Place:
    """Make a thread of the channel."""
    return place(**{"conversation_id": f"{CHANNEL};messageid={root}", **more})


def incident(number: int = 12, **more: Any) -> Incident:
    """Make an open incident of severity 1, declared by Ada 38 minutes before NOW."""
    given: dict[str, Any] = {
        "id": number,
        "title": "Checkout is down",
        "severity": 1,
        "status": Status.INVESTIGATING,
        "declared_by": ADA.id,
        "declared_at": ago(minutes=38),
        "entry_seq": 1,
        "version": 1,
    }
    return Incident(**{**given, **more})


def acknowledged(base: Incident, by: Person = GRACE, after: timedelta = timedelta(minutes=3)) -> Incident:
    """Let somebody have acknowledged it."""
    return replace(base, acknowledged_by=by.id, acknowledged_at=base.declared_at + after)


def resolved(base: Incident, summary: str = "", at: datetime = NOW) -> Incident:
    """Let it be over."""
    mitigated = base.mitigated_at or at
    return replace(base, status=Status.RESOLVED, resolved_at=at, mitigated_at=mitigated, summary=summary)


def entry(seq: int = 1, kind: EntryKind = EntryKind.NOTE, text: str = "Rolling back", **more: Any) -> TimelineEntry:
    """Make a timeline entry of Ada's, one minute after its predecessor."""
    given: dict[str, Any] = {
        "incident_id": 12,
        "seq": seq,
        "at": ago(minutes=38 - min(seq, 37)),
        "kind": kind,
        "actor": ADA.id,
        "text": text,
    }
    return TimelineEntry(**{**given, **more})


def failure(number: int = 1, reason: str = "the person has blocked the bot (403)") -> Failure:
    """Make a message that was given up."""
    return Failure(message_id=number, incident_id=12, state=MessageState.DEAD, reason=reason, at_ms=1_795_443_480_000)


def service(service_id: str = "checkout", name: str = "Checkout", **more: Any) -> Service:
    """Make a catalogue entry."""
    return Service(**{"id": service_id, "name": name, "owner": "payments", "tier": 1, **more})


def view(
    shown: Incident | None = None,
    *,
    services: Iterable[tuple[str, str]] = (("checkout", "Checkout"),),
    people: Mapping[int, Person] = PEOPLE,
    **more: Any,
) -> IncidentView:
    """Make what a status card is drawn from."""
    shown = shown or incident()
    given: dict[str, Any] = {
        "incident": shown,
        "people": people,
        "services": tuple(ServiceName(i, n, dict.fromkeys((1, 2, 3, 4), f"{i}-policy")) for i, n in services),
        "severity_name": SEVERITY_NAMES[shown.severity],
        "latest": None,
        "failures": (),
        "now": NOW,
    }
    return IncidentView(**{**given, **more})


def timeline(entries: Iterable[TimelineEntry], shown: Incident | None = None, **more: Any) -> TimelineView:
    """Make a page of a timeline; without `shown` it is the whole story."""
    rows = tuple(entries)
    given: dict[str, Any] = {
        "incident": shown or incident(entry_seq=rows[-1].seq if rows else 0),
        "entries": rows,
        "people": PEOPLE,
        "older": False,
        "newer": False,
    }
    return TimelineView(**{**given, **more})


def listing(incidents: Iterable[Incident], **more: Any) -> ListView:
    """Make a page of incidents."""
    given: dict[str, Any] = {
        "wanted": IncidentFilter(open_only=True, limit=10),
        "incidents": tuple(incidents),
        "people": PEOPLE,
        "services": {"checkout": "Checkout"},
        "severity_names": SEVERITY_NAMES,
        "next_before": None,
        "now": NOW,
    }
    return ListView(**{**given, **more})


def change(number: int = 7, **more: Any) -> Change:
    """Make a change that a program did on checkout twenty minutes ago."""
    given: dict[str, Any] = {
        "id": number,
        "title": "Deploy checkout 4.12",
        "service": "checkout",
        "risk": Risk.LOW,
        "at": ago(minutes=20),
        "state": ChangeState.DONE,
        "recorded_at": ago(minutes=20),
        "source": "deploys",
    }
    return Change(**{**given, **more})
