"""An organisation with 1,000 open incidents: 200 people on 200 schedules, 1,000 services, so that no page joins another's card."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.catalog import Service, Side, Team
from domain.conversation import ConversationKind, Place
from domain.durations import parse_shift_length
from domain.escalation import EscalationPolicy, Step, parse_target
from domain.oncall import Rotation, Schedule
from domain.organisation import ListedPerson, Organisation
from domain.timeline import Source
from domain.zones import parse_wall_time
from scheduling.clock import real_now
from storage.database import Database
from tests.support.samples import TENANT, object_id
from usecases.incidents import Incidents, Trail

PEOPLE, TEAMS, INCIDENTS = 200, 20, 1_000


def organisation() -> Organisation:
    """Give everybody a schedule on which they are on call now, and every schedule five services."""
    monday = datetime.now(UTC).date()  # noqa: TID251 - whatever day it is
    starts = parse_wall_time(f"{monday - timedelta(days=monday.weekday() + 7):%Y-%m-%d}T00:00")
    names = [f"person-{n}" for n in range(PEOPLE)]
    return Organisation(
        people=tuple(
            ListedPerson(
                handle=name, name=f"Person {n} Ångström", aad_object_id=object_id(n + 1), time_zone="Europe/Berlin"
            )
            for n, name in enumerate(names)
        ),
        teams=tuple(
            Team(id=f"team-{n}", name=f"Team {n}", side=Side.ENGINEERING, lead=names[n], members=tuple(names[n::TEAMS]))
            for n in range(TEAMS)
        ),
        services=tuple(
            Service(
                id=f"service-{n}",
                name=f"Service {n}",
                owner=f"team-{n % TEAMS}",
                escalation_policy=f"policy-{n % PEOPLE}",
            )
            for n in range(INCIDENTS)
        ),
        schedules=tuple(
            Schedule(
                id=f"rota-{n}",
                team=f"team-{n % TEAMS}",
                time_zone="Europe/Berlin",
                rotations=(
                    Rotation(
                        starts=starts,
                        shift=parse_shift_length("P7D"),
                        people=tuple(names[(n + turn) % PEOPLE] for turn in range(5)),
                    ),
                ),
            )
            for n in range(PEOPLE)
        ),
        escalation_policies=tuple(
            EscalationPolicy(
                id=f"policy-{n}",
                steps=(
                    Step(notify=(parse_target(f"schedule:rota-{n}"),), wait=timedelta(minutes=5)),
                    Step(notify=(parse_target(f"person:person-{(n + 7) % PEOPLE}"),), wait=timedelta(minutes=10)),
                ),
            )
            for n in range(PEOPLE)
        ),
    )


async def declare_all(database: Database, base: str) -> None:
    """Let everybody have a chat with the bot, and declare an incident on each service; Teams is at `base`."""
    now = real_now()
    await database.write(lambda store: store.organisations.replace(organisation()))
    for n in range(PEOPLE):
        chat = _place(base, f"a:{n}", ConversationKind.PERSONAL, object_id(n + 1))
        await database.write(lambda store, chat=chat: store.conversations.remember(chat, at=now))
    for n in range(INCIDENTS):
        await database.write(lambda store, n=n: _declare(store, base, n))
    while (await database.lanes.health()).open:  # noqa: ASYNC110 - a bench watches
        await asyncio.sleep(0.1)


def _declare(store: Any, base: str, n: int) -> None:
    actor = store.people.by_handle(f"person-{n % PEOPLE}")
    Incidents(store, real_now()).declare(
        actor,
        title=f"Service {n} answers with errors",
        severity=2,
        services=(f"service-{n}",),
        details="",
        place=_place(base, f"19:{n % TEAMS}@thread.tacv2", ConversationKind.CHANNEL),
        trail=Trail(Source.MESSAGE, f"declare-{n}"),
    )


def _place(base: str, conversation: str, kind: ConversationKind, person: str | None = None) -> Place:
    return Place(
        tenant_id=TENANT,
        service_url=f"{base}/emea/",
        conversation_id=conversation,
        kind=kind,
        team_id="19:team@thread.tacv2" if kind is ConversationKind.CHANNEL else None,
        person_object_id=person,
    )
