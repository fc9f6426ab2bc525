"""A team with a schedule on a real store, a hand on the clock that lets all due work run, and what people were sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select, update

from bot.letters.letter import Gone, Undelivered
from bot.letters.registry import LETTERS
from domain.catalog import Side, Team
from domain.conversation import Place
from domain.durations import parse_shift_length
from domain.handoff import Handoff
from domain.oncall import Override, Rotation, Schedule
from domain.organisation import ListedPerson, Organisation
from domain.people import Person
from domain.timeline import Source
from domain.zones import parse_wall_time
from scheduling.jobs.handoffs import JOBS
from storage.database import Database
from storage.tables import outbox_message
from storage.unit_of_work import SqlStore
from storage.work_queue import SqlWorkQueue
from tests.support.samples import ADA, GRACE, LIN, person, place, service
from usecases import handoffs
from usecases.handoffs.answers import Answered
from usecases.incidents import Incidents, Trail
from usecases.oncall_ports import MadeOverride

T = TypeVar("T")
ZOE = person(4, "Zoë Ångström", handle="zoe", time_zone="Europe/Berlin", email="zoe@example.org")
CREW = (ADA, GRACE, LIN, ZOE)
CHANNEL = "19:payments@thread.tacv2"
PRIMARY = "payments-primary"
MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
"""The shift change from Grace to Ada that most tests are about: 09:00 in London, 04:00 in New York."""
FIRST = parse_wall_time("2026-11-02T09:00")
MINUTE, HALF, WEEK = timedelta(minutes=1), timedelta(minutes=30), timedelta(days=7)
_KINDS = {job.kind: job.run for job in JOBS}
_LETTERS = {letter.name: letter for letter in LETTERS}


def rotation(*people: str, starts: datetime = FIRST, shift: str = "P7D", **more: Any) -> Rotation:
    """Make a rotation of weeks that begin on Mondays at 09:00."""
    return Rotation(starts=starts, shift=parse_shift_length(shift), people=people, **more)


def weekly(*people: str, **more: Any) -> Schedule:
    """Make the team's schedule in London: Ada and Grace by turns, Grace in the week before MONDAY."""
    given = {"id": PRIMARY, "team": "payments", "time_zone": "Europe/London"}
    return Schedule(**{**given, "rotations": (rotation(*(people or ("ada", "grace"))),), **more})


def organisation(*schedules: Schedule, lead: str | None = "lin", channel: str | None = CHANNEL) -> Organisation:
    """Make Payments with four people, and two services of which it owns one and operates the other."""
    listed = tuple(
        ListedPerson(
            handle=p.handle, name=p.name, aad_object_id=p.object_id, email=p.email, time_zone=p.time_zone, admin=p.admin
        )
        for p in CREW
    )
    payments = Team(
        id="payments",
        name="Payments",
        side=Side.ENGINEERING,
        lead=lead,
        members=("ada", "grace", "lin", "zoe"),
        channel=channel,
    )
    other = Team(id="search", name="Search", side=Side.ENGINEERING, members=("zoe",))
    return Organisation(
        people=listed,
        teams=(payments, other),
        services=(
            service(),
            service("gateway", "Payment gateway", owner="search", operations="payments"),
            service("search", "Search", owner="search"),
        ),
        schedules=schedules or (weekly(),),
    )


@dataclass
class Watch:
    """The clock of the work queue: the machine's time, moved to where the desk's hand stands."""

    hand: "HandoffDesk"

    def now(self, store: object) -> datetime:
        return self.hand.now

    def offset(self, store: object) -> timedelta:
        return self.last_offset()

    def last_offset(self) -> timedelta:
        real = datetime.fromtimestamp(self.hand.db.now_ms() / 1000, UTC)
        return self.hand.now - real + timedelta(milliseconds=2)  # both are cut to milliseconds on their way

    def steady_for(self, store: object) -> timedelta | None:
        return None


@dataclass(frozen=True)
class Told:
    """One message that waits to be sent, drawn from what is true now: None when nobody needs it any more."""

    lane: str
    payload: dict[str, Any]
    activity: dict[str, Any] | None
    message_class: str = ""

    @property
    def text(self) -> str:
        return "" if self.activity is None else str(self.activity.get("text") or self.activity.get("summary"))

    @property
    def card(self) -> dict[str, Any]:
        assert self.activity is not None
        return self.activity["attachments"][0]["content"]

    @property
    def buttons(self) -> list[str]:
        return [action["title"] for action in self.card.get("actions", ())]


@dataclass
class HandoffDesk:
    """Handoffs of one team. Every call is a transaction of its own."""

    db: Database
    now: datetime = MONDAY - timedelta(days=6)
    queue: SqlWorkQueue = field(init=False)
    people: dict[str, Person] = field(default_factory=dict)
    read: int = 0
    """Messages looked at so far."""

    def __post_init__(self) -> None:
        self.queue = SqlWorkQueue(self.db, Watch(self))

    async def open(self, *schedules: Schedule, **more: Any) -> "HandoffDesk":
        """Take over the organisation and plan; everybody has a 1:1 chat already."""

        def fill(store: SqlStore) -> list[Person]:
            store.organisations.replace(organisation(*schedules, **more))
            found = [p for p in (store.people.by_handle(who.handle) for who in CREW) if p]
            for who in found:
                store.conversations.remember(self.chat(who), at=self.now)
            handoffs.plan_all(store, self.now)
            return found

        self.people = {who.handle: who for who in await self.db.write(fill)}
        return self

    @staticmethod
    def chat(who: Person) -> Place:
        return place("personal", conversation_id=f"a:{who.handle}", person_object_id=who.object_id)

    # -- time ---------------------------------------------------------------------------------------------------------

    async def at(self, moment: datetime) -> None:
        """Move the clock there; on the way everything runs when it is due."""
        while (due := (await self.queue.standing(_KINDS)).next_due) is not None and due <= moment:
            self.now = max(self.now, due)
            await self.work()
        self.now = moment

    async def work(self) -> None:
        """Do what is due."""
        taken = await self.queue.claim(_KINDS, 100)
        outcomes = await self.queue.run([(due, _KINDS[due.kind]) for due in taken.work])
        assert set(outcomes) <= {"done", "lost"}, "lost: another replica, or a person, was first"

    async def after_outage_at(self, moment: datetime) -> None:
        """Come back after nothing ran since."""
        self.now = moment
        while (due := (await self.queue.standing(_KINDS)).next_due) is not None and due <= moment:
            await self.work()

    # -- looking ------------------------------------------------------------------------------------------------------

    async def see(self, look: Callable[[SqlStore], T]) -> T:
        return await self.db.read(look)

    async def all(self, schedule: str = PRIMARY) -> Sequence[Handoff]:
        """List the handoffs of the schedule, the earliest shift change first."""
        return [*reversed(await self.see(lambda store: store.handoffs.of_schedule(schedule)))]

    async def one(self, number: int) -> Handoff:
        found = await self.see(lambda store: store.handoffs.get(number))
        assert found is not None
        return found

    async def asked(self, who: str) -> int:
        """Give the number of the handoff that somebody is asked to accept."""
        return next(h.id for h in await self.all() if h.state == "offered" and h.incoming == self.people[who].id)

    def names(self, handoff: Handoff) -> str:
        """Say who hands over to whom, and how it stands: "grace→ada offered"."""
        by_id = {p.id: p.handle for p in self.people.values()}
        return f"{by_id[handoff.outgoing]}→{by_id[handoff.incoming]} {handoff.state}"

    async def story(self, schedule: str = PRIMARY) -> list[str]:
        return [self.names(handoff) for handoff in await self.all(schedule)]

    async def paged(self, at: datetime | None = None, schedule: str = PRIMARY) -> str | None:
        """Tell who is paged instead of whom the schedule names."""

        def look(store: SqlStore) -> int | None:
            known = store.schedules.get(schedule)
            assert known is not None
            return handoffs.responsible(store, known, at or self.now)

        found = await self.see(look)
        return next((p.handle for p in self.people.values() if p.id == found), None)

    async def sent(self, to: str | None = None) -> list[Told]:
        """List what was enqueued since the last look, to one person, or to everybody and the channel."""

        def look(store: SqlStore) -> list[Told]:
            query = select(outbox_message).order_by(outbox_message.c.id)
            rows = store.connection.execute(query).all()[self.read :]
            self.read += len(rows)
            return [
                Told(
                    row.lane_id,
                    row.payload,
                    _LETTERS[row.payload["letter"]].draw(store, row.payload, self.now),
                    row._mapping["class"],
                )
                for row in rows
                if row.payload["do"] == "letter"
            ]

        told = await self.see(look)
        return [t for t in told if to is None or t.lane == self.lane(to)]

    def lane(self, to: str) -> str:
        return self.chat(self.people[to]).lane if to in self.people else to

    async def texts(self, to: str) -> list[str]:
        return [told.text for told in await self.sent(to) if told.activity is not None]

    # -- acting -------------------------------------------------------------------------------------------------------

    async def accept(self, who: str, number: int) -> Answered:
        return await self.db.write(
            lambda store: handoffs.accept(store, self.people[who], number, self.now, Source.BUTTON)
        )

    async def decline(self, who: str, number: int, reason: str = "I am ill") -> Answered:
        return await self.db.write(lambda store: handoffs.decline(store, self.people[who], number, reason, self.now))

    async def note(self, who: str, number: int, text: str) -> Answered:
        return await self.db.write(lambda store: handoffs.write_notes(store, self.people[who], number, text, self.now))

    async def arrives(self, told: Told, activity_id: str) -> None:
        """Let Teams have taken a message."""
        letter, who = _LETTERS[told.payload["letter"]], self._of(told.lane)
        hook = letter.sent
        assert hook is not None
        gone = Gone(payload=told.payload, place=self.chat(who), activity_id=activity_id, attempts=1, at=self.now)
        await self.db.write(lambda store: hook(store, gone))

    async def delivered(self) -> None:
        """Let everything that waits have been sent: what changes from now on is sent anew."""
        await self.db.write(lambda store: store.connection.execute(update(outbox_message).values(state="sent")))

    async def refused(self, told: Told, reason: str) -> None:
        """Let Teams have refused a message for good."""
        hook = _LETTERS[told.payload["letter"]].failed
        assert hook is not None
        lost = Undelivered(payload=told.payload, reason=reason, attempts=1, at=self.now)
        await self.db.write(lambda store: hook(store, lost))

    def _of(self, lane: str) -> Person:
        return next(who for who in self.people.values() if self.chat(who).lane == lane)

    async def override(self, who: str, starts_at: datetime, ends_at: datetime) -> int:
        """Put somebody in, as the command does: the change and the plan are one transaction."""

        def work(store: SqlStore) -> int:
            made = MadeOverride(
                id=0,
                schedule=PRIMARY,
                override=Override(person=who, starts_at=starts_at, ends_at=ends_at),
                made_by=self.people["lin"].id,
                made_at=self.now,
            )
            number = store.schedules.add_override(made).id
            handoffs.replan(store, PRIMARY, self.now)
            return number

        return await self.db.write(work)

    async def without_override(self, number: int) -> None:
        def work(store: SqlStore) -> None:
            store.schedules.remove_override(number)
            handoffs.replan(store, PRIMARY, self.now)

        await self.db.write(work)

    async def imports(self, *schedules: Schedule, people: Sequence[str] | None = None, **more: Any) -> None:
        """Import the file again with other schedules, or with fewer people."""
        wanted = organisation(*schedules, **more)
        if people is not None:
            teams = tuple(
                replace(
                    t, members=tuple(m for m in t.members if m in people), lead=t.lead if t.lead in people else None
                )
                for t in wanted.teams
            )
            wanted = replace(wanted, people=tuple(p for p in wanted.people if p.handle in people), teams=teams)

        def work(store: SqlStore) -> None:
            before = {s.id for s in store.schedules.all()}
            store.organisations.replace(wanted)
            handoffs.plan_all(store, self.now)
            for schedule in sorted(before | {s.id for s in wanted.schedules}):
                handoffs.replan(store, schedule, self.now)

        await self.db.write(work)

    async def declare(self, title: str = "Checkout is down", *, who: str = "zoe", **more: Any) -> int:
        given = {"title": title, "severity": 2, "services": ("checkout",), "details": "", "place": place()}
        trail = Trail(Source.MESSAGE, f"declared:{title}:{self.now}")
        view = await self.db.write(
            lambda store: Incidents(store, self.now).declare(self.people[who], **{**given, **more}, trail=trail)
        )
        return view.incident.id
