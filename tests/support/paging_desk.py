"""A desk at which people are paged: a hand on the clock that lets all due work run, and a Teams that takes or refuses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from bot.letters.letter import Gone, Undelivered
from bot.letters.registry import LETTERS
from domain.catalog import Side
from domain.conversation import ConversationKind, Place
from domain.escalation import EscalationPolicy, NotifyTarget, parse_target
from domain.incident import Incident
from domain.paging import Drill, Page, PageResult
from domain.people import Person
from domain.running_escalation import Escalation
from domain.timeline import Source
from scheduling.jobs import drills as drill_jobs
from scheduling.jobs import escalations as escalation_jobs
from scheduling.jobs import pages as page_jobs
from storage.database import Database
from storage.rates import Bucket, Rates
from storage.tables import outbox_message
from storage.unit_of_work import SqlStore
from storage.work_queue import SqlWorkQueue
from tests.support.paged_organisation import CREW, organisation
from tests.support.samples import NOW, SERVICE_URL, TENANT, place
from usecases import drills, escalations, ledger, paging
from usecases.incidents import Incidents, Result, Trail
from usecases.outbox import Delivered, Delivery, DueMessage, Failed, Later
from usecases.work import NewWork

T = TypeVar("T")
JOBS = {job.kind: job.run for job in (*escalation_jobs.JOBS, *page_jobs.JOBS, *drill_jobs.JOBS)}
_LETTERS = {letter.name: letter for letter in LETTERS}
_FAST = Rates(short=Bucket(1000, 1), hour=Bucket(100_000, 1), tenant=Bucket(1000, 1))
"""The rates of Teams are not what these tests are about."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Something that reached somebody: a message of its own, or one that was brought up to date (`again`)."""

    to: str
    """A handle, "#" and a channel, or "@" and a mail address."""
    text: str
    at: datetime
    page: int | None = None
    again: bool = False
    activity: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)

    @property
    def buttons(self) -> list[str]:
        return [a["title"] for a in self.activity["attachments"][0]["content"].get("actions", [])]


@dataclass
class Hand:
    """The one clock of a desk: the product's time, and that of leases and lanes."""

    at: datetime

    def now_ms(self) -> int:
        return round(self.at.timestamp() * 1000)

    def now(self, store: object) -> datetime:
        return self.at

    def offset(self, store: object) -> timedelta:
        return timedelta(0)

    def last_offset(self) -> timedelta:
        return timedelta(0)

    def steady_for(self, store: object) -> timedelta | None:
        return None


@dataclass
class PagingDesk:
    """The use cases, one transaction per call. `refuses` and `down` are how Teams behaves."""

    db: Database
    hand: "Hand"
    people: dict[str, Person] = field(default_factory=dict[str, Person])
    sent: list[Sent] = field(default_factory=list[Sent])
    refuses: dict[str, str] = field(default_factory=dict[str, str])
    down: bool = False
    count: int = 0

    @classmethod
    async def opened(cls, url: str, *policies: EscalationPolicy, **more: Any) -> "PagingDesk":
        """Open a database whose time is the desk's, and fill it."""
        hand = Hand(NOW)
        database = Database.open(url, rates=_FAST, now_ms=hand.now_ms)
        desk = cls(database, hand)
        desk.queue = SqlWorkQueue(database, hand)
        await desk.imports(*policies, **more)
        await database.write(lambda store: store.conversations.remember(place(), at=NOW))
        return desk

    queue: SqlWorkQueue = field(init=False)

    async def imports(self, *policies: EscalationPolicy, **more: Any) -> None:
        """Import the organisation file (again)."""
        await self.db.write(lambda store: store.organisations.replace(organisation(*policies, **more)))
        handles = [who.handle for who in CREW]
        found = await self.see(lambda store: [store.people.by_handle(handle) for handle in handles])
        self.people = {person.handle: person for person in found if person}

    # -- time ---------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.hand.at

    async def runs(self) -> None:
        """Do all work that is due, and let Teams have what waits."""
        while True:
            taken = await self.queue.claim(tuple(JOBS), 50)
            if not taken.work:
                break
            outcomes = await self.queue.run([(due, JOBS[due.kind]) for due in taken.work])
            assert set(outcomes) == {"done"}, outcomes
        await self.delivers()

    async def later(self, **length: float) -> None:
        """Let time pass: all that becomes due on the way happens at its moment."""
        target = self.now + timedelta(**length)
        await self.runs()
        while (moment := (await self.queue.standing(tuple(JOBS))).next_due) is not None and moment <= target:
            self.hand.at = max(self.now, moment)
            await self.runs()
        self.hand.at = target
        await self.runs()

    def sleeps(self, **length: float) -> None:
        """Let time pass while the bot is down."""
        self.hand.at += timedelta(**length)

    # -- Teams and the mail server ------------------------------------------------------------------------------------

    async def delivers(self) -> None:
        """Send everything that may be sent now."""
        while claimed := (await self.db.lanes.claim(50)).messages:
            for message in claimed:
                due: DueMessage | None = message
                while due is not None:
                    due = await self.db.lanes.finish(due, await self._deliver(due))

    async def _deliver(self, message: DueMessage) -> Delivery:
        payload = message.payload
        if payload["do"] == "email":
            return await self._mail(message)
        if self.down:
            return Later("Teams is away")
        return await self._letter(message) if payload["do"] == "letter" else Delivered("stands")

    async def _letter(self, message: DueMessage) -> Delivery:
        payload, letter = message.payload, _LETTERS[message.payload["letter"]]
        activity = await self.see(lambda store: letter.draw(store, payload, self.now))
        if activity is None:
            gone = letter.dropped
            return Delivered(None, (lambda store: gone(store, payload, self.now)) if gone else None)
        to, where = self._address(payload)
        if to in self.refuses:
            lost = Undelivered(payload=payload, reason=self.refuses[to], attempts=message.attempts, at=self.now)
            return Failed(self.refuses[to], (lambda store: letter.failed(store, lost)) if letter.failed else None)
        self.count += 1
        stands = payload.get("activity_id") or f"act-{self.count}"
        text = str(activity.get("text") or activity.get("summary"))
        self.sent.append(
            Sent(
                to=to,
                text=text,
                at=self.now,
                page=payload.get("page"),
                again="activity_id" in payload,
                activity=activity,
            )
        )
        arrived = Gone(payload=payload, place=where, activity_id=stands, attempts=message.attempts, at=self.now)
        return Delivered(stands, (lambda store: letter.sent(store, arrived)) if letter.sent else None)

    def _address(self, payload: Mapping[str, Any]) -> tuple[str, Place]:
        if "place" in payload:
            written = payload["place"]
            where = Place(**{**written, "kind": ConversationKind(written["kind"])})
            whose = where.person_object_id
            return (self._handle(whose) if whose else f"#{where.conversation_id}"), where
        whose = payload["object_id"]
        where = Place(
            tenant_id=TENANT,
            service_url=SERVICE_URL,
            conversation_id=f"a:{whose}",
            kind=ConversationKind.PERSONAL,
            person_object_id=whose,
        )
        return self._handle(whose), where

    def _handle(self, object_id: str) -> str:
        return next(p.handle for p in self.people.values() if p.object_id == object_id)

    async def _mail(self, message: DueMessage) -> Delivery:
        to, page = message.lane.replace("email:", "@", 1), message.payload["page"]
        found = await self.see(lambda store: store.pages.get(page))
        if found is None or found.result is not PageResult.PENDING:
            return Delivered(None, lambda store: paging.not_needed(store, page, self.now))
        if to in self.refuses:
            return Failed(
                self.refuses[to],
                lambda store: paging.undelivered(store, page, self.refuses[to], message.attempts, self.now),
            )
        self.sent.append(Sent(to=to, text="PAGE", at=self.now, page=page))
        return Delivered(None, lambda store: paging.delivered(store, page, None, None, message.attempts, self.now))

    def got(self, to: str, *, again: bool = False) -> list[str]:
        """List what somebody was sent, or (`again`) what was brought up to date."""
        return [sent.text for sent in self.sent if sent.to == to and sent.again is again]

    def paged(self) -> list[tuple[str, str]]:
        """List the pages that went out as messages of their own by time and name, with the second of each."""
        found = [sent for sent in self.sent if sent.page is not None and not sent.again]
        return [(sent.to, f"{sent.at:%H:%M:%S}") for sent in sorted(found, key=lambda sent: (sent.at, sent.to))]

    # -- acting -------------------------------------------------------------------------------------------------------

    def trail(self, activity: str | None = None, source: Source = Source.MESSAGE) -> Trail:
        self.count += 1
        return Trail(source, activity or f"activity:{self.count}")

    async def do(self, work: Callable[[SqlStore], T]) -> T:
        return await self.db.write(work)

    async def see(self, work: Callable[[SqlStore], T]) -> T:
        return await self.db.read(work)

    async def declare(self, title: str = "Checkout is down", severity: int = 2, *services: str, **more: Any) -> int:
        """Declare as Lin and give the number; what is due at once has happened."""
        number = await self.declared(title, severity, *services, **more)
        await self.runs()
        return number

    async def declared(self, title: str = "Checkout is down", severity: int = 2, *services: str, **more: Any) -> int:
        """Declare as Lin; nothing that is due has happened yet."""
        given: dict[str, Any] = {
            "title": title,
            "severity": severity,
            "services": services or ("checkout",),
            "details": "",
            "place": place(),
        }
        trail = self.trail()
        view = await self.do(
            lambda store: Incidents(store, self.now).declare(self.people["lin"], **{**given, **more}, trail=trail)
        )
        return view.incident.id

    async def change(self, who: str, work: Callable[[Incidents, Person, Trail], Result]) -> Result:
        """Let somebody change an incident: `change("ada", lambda i, p, t: i.resolve(p, 1, "", t))`."""
        trail = self.trail()
        result = await self.do(lambda store: work(Incidents(store, self.now), self.people[who], trail))
        await self.runs()
        return result

    async def ack(self, who: str, number: int) -> Result:
        return await self.change(who, lambda i, p, t: i.acknowledge(p, number, t))

    async def press(self, who: str, page: int, *, key: str | None = None) -> str:
        """Press Acknowledge on a page."""
        trail = self.trail(key, Source.BUTTON)
        said = await self.do(lambda store: paging.acknowledge(store, self.people[who], page, trail, self.now))
        await self.runs()
        return said

    async def escalate(
        self, number: int, target: str | None = None, *, who: str = "lin", key: str | None = None
    ) -> str:
        """Write `escalate`; a target as in the organisation file, or policy:<id>."""
        meant: NotifyTarget | escalations.PolicyTarget | None = None
        if target is not None:
            is_policy = target.startswith("policy:")
            meant = escalations.PolicyTarget(target.removeprefix("policy:")) if is_policy else parse_target(target)
        trail = self.trail(key)
        said = await self.do(
            lambda store: escalations.escalate(store, self.people[who], number, meant, trail, self.now)
        )
        await self.runs()
        return said

    async def bring_in(self, number: int, side: Side, *, who: str = "grace") -> str:
        trail = self.trail(source=Source.BUTTON)
        said = await self.do(lambda store: escalations.bring_in(store, self.people[who], number, side, trail, self.now))
        await self.runs()
        return said

    async def drill(self, schedule_id: str = "payments-primary", *, key: str = "request-1", who: str = "ada") -> str:
        said = await self.do(
            lambda store: drills.start(store, self.people[who], schedule_id, place("groupChat"), key, self.now)
        )
        await self.runs()
        return said

    async def mail_is_on(self) -> None:
        await self.do(lambda store: store.key_value.set(ledger.EMAIL_SWITCH, ledger.ON))

    # -- looking ------------------------------------------------------------------------------------------------------

    async def incident(self, number: int) -> Incident:
        found = await self.see(lambda store: store.incidents.get(number))
        assert found is not None
        return found

    async def pages(self, number: int) -> Sequence[Page]:
        return await self.see(lambda store: store.pages.of_incident(number))

    async def ledger(self, number: int) -> list[str]:
        """Write every page as "grace teams 1/1 sent": to whom, by which way, step and round, how it went."""
        handles = {p.id: p.handle for p in self.people.values()}

        def row(page: Page) -> str:
            asked = f"{page.step}/{page.round}" if page.step else str(page.reason)
            whom = handles[page.person_id] if page.person_id is not None else f"#{page.team_id}"
            return f"{whom} {page.way} {asked} {page.result}" + (" acked" if page.acknowledged_at else "")

        return [row(page) for page in await self.pages(number)]

    async def story(self, number: int) -> list[str]:
        """List what the timeline says, the steps of people by their kind."""
        entries = await self.see(lambda store: store.timeline.page(number, limit=1_000))
        return [entry.text or str(entry.kind) for entry in entries]

    async def escalations(self, number: int) -> list[str]:
        """Write every escalation as "critical running 2"."""
        found = await self.running(number)
        return [f"{e.policy.id} {e.state} {e.position}" for e in found]

    async def running(self, number: int) -> Sequence[Escalation]:
        return await self.see(lambda store: store.escalations.of_incident(number))

    async def planned(self, number: int) -> Sequence[NewWork]:
        """List the open work of an incident that is ours."""
        found = await self.see(lambda store: store.work.planned(f"incident:{number}"))
        return [work for work in found if work.kind in JOBS]

    async def only_drill(self) -> Drill:
        found = await self.see(lambda store: store.drills.get(1))
        assert found is not None
        return found

    async def waiting(self) -> list[str]:
        """List the lanes of messages that are not sent."""
        query = select(outbox_message.c.lane_id).where(outbox_message.c.state == "open").order_by(outbox_message.c.id)
        return list(await self.see(lambda store: store.connection.execute(query).scalars().all()))
