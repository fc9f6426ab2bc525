"""Use cases on a real store: a fresh SQLite file, a small organisation, and a hand on the clock."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import select, update

from domain.catalog import Side, Team
from domain.conversation import Place
from domain.escalation import EscalationPolicy
from domain.incident import Incident
from domain.organisation import ListedPerson, Organisation
from domain.people import Person
from domain.timeline import Source, TimelineEntry
from storage.database import Database
from storage.rates import Bucket, Rates
from storage.tables import outbox_message
from storage.unit_of_work import SqlStore
from tests.support.paging_desk import PagingDesk
from tests.support.samples import ADA, GRACE, LIN, NOW, place, service
from usecases.incidents import Incidents, Trail
from usecases.ports import PostedCard

T = TypeVar("T")


STILL = Rates(tenant=Bucket(1_000, 50))
"""Where time stands still no token comes back."""


@dataclass
class Desk:
    """The use cases, one transaction per call; `now` moves by hand."""

    db: Database
    ada: Person
    grace: Person
    lin: Person
    now: datetime = NOW
    told: list[str] = field(default_factory=list[str])

    async def do(self, work: Callable[[Incidents], T]) -> T:
        """Run one intention in a transaction of its own."""
        return await self.db.write(lambda store: work(Incidents(store, self.now)))

    async def see(self, work: Callable[[SqlStore], T]) -> T:
        """Look at the store."""
        return await self.db.read(work)

    def later(self, **length: float) -> None:
        """Move the clock on."""
        self.now += timedelta(**length)

    def trail(self, activity: str | None = None, source: Source = Source.MESSAGE) -> Trail:
        """Name the activity a change comes from; without a name it is a new one."""
        self.told.append(activity or f"activity:{len(self.told)}")
        return Trail(source, self.told[-1])

    async def declare(self, title: str = "Checkout is down", *, where: Place | None = None, **more: Any) -> int:
        """Declare as Ada and give the number."""
        given = {
            "title": title,
            "severity": 2,
            "services": (),
            "details": "",
            "place": where or place(),
            "trail": self.trail(),
        }
        view = await self.do(lambda i: i.declare(self.ada, **{**given, **more}))
        return view.incident.id

    async def incident(self, number: int) -> Incident:
        found = await self.see(lambda store: store.incidents.get(number))
        assert found is not None
        return found

    async def story(self, number: int) -> Sequence[TimelineEntry]:
        return await self.see(lambda store: store.timeline.page(number, limit=1_000))

    async def cards(self, number: int) -> Sequence[PostedCard]:
        return await self.see(lambda store: store.cards.of_incident(number))

    async def drawn(self, card_id: int, activity_id: str, where: Place) -> None:
        """Let Teams have named a card."""
        await self.db.write(lambda store: store.cards.drawn(card_id, activity_id=activity_id, place=where, at_ms=1))

    async def sending(self) -> None:
        """Let the sends of all that waits have begun: what changes from now on has to be sent after them."""
        await self.db.write(lambda store: store.connection.execute(update(outbox_message).values(begun_ms=1)))

    async def outbox(self, do: str) -> Sequence[Mapping[str, Any]]:
        """Read what waits to be sent, oldest first: `lane`, `version` and the payload in one."""
        rows = await self.see(
            lambda store: store.outbox._connection.execute(select(outbox_message).order_by(outbox_message.c.id)).all()
        )
        told = [{**row.payload, "lane": row.lane_id, "version": row.version} for row in rows]
        return [row for row in told if row["do"] == do]


@pytest.fixture
async def db(sqlite_url: str) -> AsyncIterator[Database]:
    """An empty database."""
    opened = Database.open(sqlite_url, rates=STILL)
    yield opened
    await opened.close()


@pytest.fixture
async def desk(db: Database) -> Desk:
    """Ada, Grace and Lin, two services, and nothing declared yet."""

    def fill(store: SqlStore) -> list[Person]:
        store.organisations.replace(ORGANISATION)
        return [p for p in (store.people.by_handle(who.handle) for who in (ADA, GRACE, LIN)) if p]

    ada, grace, lin = await db.write(fill)
    return Desk(db, ada, grace, lin)


OpenDesk = Callable[..., Awaitable[PagingDesk]]
"""Opens a desk whose people are paged, with policies of one's own."""


@pytest.fixture
async def opened(sqlite_url: str) -> AsyncIterator[OpenDesk]:
    """Open desks at which people are paged."""
    desks: list[PagingDesk] = []

    async def open_(*policies: EscalationPolicy, **more: Any) -> PagingDesk:
        desks.append(await PagingDesk.opened(sqlite_url, *policies, **more))
        return desks[-1]

    yield open_
    for one in desks:
        await one.db.close()


def listed(who: Person) -> ListedPerson:
    """Write somebody into the organisation file."""
    return ListedPerson(
        handle=who.handle,
        name=who.name,
        aad_object_id=who.object_id,
        email=who.email,
        time_zone=who.time_zone,
        admin=who.admin,
    )


ORGANISATION = Organisation(
    people=tuple(map(listed, (ADA, GRACE, LIN))),
    teams=(Team(id="payments", name="Payments", side=Side.ENGINEERING, members=("ada", "grace")),),
    services=(service(), service("search", "Search")),
)
