"""An organisation whose people can be paged, for tests: three teams, three services, one policy.

NOW is Monday 23 November 2026, 14:18 UTC. Grace is on call on payments-primary, Zoë on it-ops-primary, nobody on
payments-secondary before Tuesday 09:00. Noor leads Platform, whose channel is the last resort.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.catalog import Service, Side, Team
from domain.durations import parse_shift_length
from domain.escalation import EscalationPolicy, Step, parse_target
from domain.oncall import HandoffRule, Rotation, Schedule, parse_weekly_window
from domain.organisation import ListedPerson, Organisation
from domain.people import Person
from domain.zones import parse_wall_time
from tests.support.samples import ADA, GRACE, LIN, NOW, person

ZOE = person(4, "Zoë Ångström", handle="zoe", email="zoe@example.org")
BEN = person(5, "Ben Azar", handle="ben", object_id=None, email="ben@example.org")
NOOR = person(6, "Noor Haddad", handle="noor")
CREW = (ADA, GRACE, LIN, ZOE, BEN, NOOR)
PLATFORM_CHANNEL = "19:platform@thread.tacv2"
FIVE = timedelta(minutes=5)


def step(*notify: str, wait: timedelta = FIVE, **more: Any) -> Step:
    """Make a step."""
    return Step(notify=tuple(map(parse_target, notify)), wait=wait, **more)


def policy(*steps: Step, name: str = "critical", last_resort: str | None = None, **more: Any) -> EscalationPolicy:
    """Make a policy; without steps Grace (5 min), then Zoë (5 min), then Ada (10 min)."""
    usual = (
        step("schedule:payments-primary"),
        step("schedule:it-ops-primary"),
        step("person:ada", wait=timedelta(minutes=10)),
    )
    resort = parse_target(last_resort) if last_resort else None
    return EscalationPolicy(id=name, steps=steps or usual, last_resort=resort, **more)


def schedule(name: str, team: str, *people: str, only: Sequence[str] = (), **more: Any) -> Schedule:
    """Make turns of a week from 2 November on."""
    rotation = Rotation(
        starts=parse_wall_time("2026-11-02T09:00"),
        shift=parse_shift_length("P7D"),
        people=people,
        only=tuple(map(parse_weekly_window, only)),
    )
    given: dict[str, Any] = {"time_zone": "UTC", "rotations": (rotation,), "handoff": HandoffRule.OFF}
    return Schedule(id=name, team=team, **{**given, **more})


def organisation(*policies: EscalationPolicy, people: Sequence[Person] = CREW, **more: Any) -> Organisation:
    """Make three teams and three services, two of which share a policy."""
    first = (policies or (policy(),))[0]
    payments = {"owner": "payments", "operations": "it-ops"}
    given: dict[str, Any] = {
        "people": tuple(_listed(who) for who in people),
        "teams": (
            Team(id="payments", name="Payments", side=Side.ENGINEERING, lead="ada", members=("ada", "grace")),
            Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS, lead="lin", members=("lin", "zoe")),
            Team(id="platform", name="Platform", side=Side.PLATFORM, lead="noor", channel=PLATFORM_CHANNEL),
        ),
        "services": (
            Service(id="checkout", name="Checkout", **payments, escalation_policy=first.id),
            Service(id="gateway", name="Payment gateway", **payments, escalation_policy=first.id),
            Service(id="build", name="Build pipeline", owner="platform"),
        ),
        "schedules": (
            schedule("payments-primary", "payments", "grace"),
            schedule("payments-secondary", "payments", "ada", only=["tue-fri 09:00-17:00"]),
            schedule("it-ops-primary", "it-ops", "zoe"),
        ),
        "escalation_policies": policies or (first,),
    }
    return Organisation(**{**given, **more})


def _listed(who: Person) -> ListedPerson:
    return ListedPerson(
        handle=who.handle, name=who.name, aad_object_id=who.object_id, email=who.email, time_zone=who.time_zone
    )


def without(*handles: str) -> Sequence[Person]:
    """List the crew without some."""
    return [who for who in CREW if who.handle not in handles]


def at(clock: str) -> datetime:
    """Name a moment of the first day: `at("14:23")`."""
    hours, minutes = map(int, clock.split(":"))
    return NOW.replace(hour=hours, minute=minutes)
