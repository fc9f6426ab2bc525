"""The whole bot with planned care on a real store: a hand on the clock that lets all due work run, and a quick Teams."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete

from bot.letters.letter import Gone, Undelivered
from bot.letters.registry import LETTERS
from domain.care import CareState, CareTask, Occurrence
from domain.catalog import Service, Side, Team
from domain.conversation import ConversationKind, Place
from domain.organisation import Organisation
from scheduling.jobs import actions, care, digests, problems, reviews
from storage.database import Database
from storage.rates import Bucket, Rates
from storage.tables import outbox_message
from storage.work_queue import SqlWorkQueue
from tests.support.rota import Rota, card_of, organisation, said
from tests.support.samples import NOW, SERVICE_URL, TENANT
from usecases import organisation as organisations

_RUNS = {job.kind: job.run for job in (*care.JOBS, *actions.JOBS, *digests.JOBS, *reviews.JOBS, *problems.JOBS)}
_LETTERS = {letter.name: letter for letter in LETTERS}
_FAST = Rates(tenant=Bucket(1_000, 1))


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Something that reached somebody: a message of its own, or a card that was brought up to date (`again`)."""

    to: str
    letter: str
    at: datetime
    activity: Mapping[str, Any] = field(repr=False)
    message: str = ""
    again: bool = False

    @property
    def text(self) -> str:
        return said(self.activity)

    @property
    def card(self) -> dict[str, Any]:
        return card_of(self.activity)


class Watch:
    """The clock of the work queue: where the rota's hand stands."""

    def __init__(self, rota: Rota) -> None:
        self._rota = rota

    def now(self, store: object) -> datetime:
        return self._rota.now

    def offset(self, store: object) -> timedelta:
        return timedelta(0)

    def last_offset(self) -> timedelta:
        return timedelta(0)

    def steady_for(self, store: object) -> timedelta | None:
        return None


@dataclass
class CareDesk:
    """The bot, its clock and its messages. `refuses` names who Teams refuses to write to."""

    db: Database
    rota: Rota
    queue: SqlWorkQueue
    sent: list[Sent] = field(default_factory=list[Sent])
    refuses: str = ""
    count: int = 0

    @classmethod
    async def opened(cls, url: str, **more: Any) -> "CareDesk":
        """Open a database whose time is the rota's, and fill it."""
        clock = [NOW]
        database = Database.open(url, rates=_FAST, now_ms=lambda: round(clock[0].timestamp() * 1000))
        rota = await Rota.made(database, **{**crew(), **more})
        desk = cls(database, rota, SqlWorkQueue(database, Watch(rota)))
        desk._clock = clock
        for person in rota.people.values():
            if person.object_id is not None:
                chat = Place(
                    tenant_id=TENANT,
                    service_url=SERVICE_URL,
                    conversation_id=f"a:{person.handle}",
                    kind=ConversationKind.PERSONAL,
                    person_object_id=person.object_id,
                )
                await database.write(lambda store, chat=chat: store.conversations.remember(chat, at=NOW))
        return desk

    _clock: list[datetime] = field(init=False)

    # -- time ---------------------------------------------------------------------------------------------------------

    async def to(self, at: datetime) -> None:
        """Let time pass: all that becomes due on the way happens at its moment."""
        await self.runs()
        while (moment := (await self.queue.standing(tuple(_RUNS))).next_due) is not None and moment <= at:
            self.sleeps(max(moment, self.rota.now))
            await self.runs()
        self.sleeps(at)
        await self.runs()

    async def later(self, **length: float) -> None:
        await self.to(self.rota.now + timedelta(**length))

    def sleeps(self, until: datetime) -> None:
        """Let time pass while the bot is down."""
        self.rota.now = self._clock[0] = until

    async def runs(self) -> None:
        """Do all work that is due, and let Teams have what waits."""
        while (taken := await self.queue.claim(tuple(_RUNS), 50)).work:
            outcomes = await self.queue.run([(due, _RUNS[due.kind]) for due in taken.work])
            assert set(outcomes) <= {"done", "lost"}, outcomes
        await self.delivers()

    async def delivers(self) -> None:
        """Send all letters that wait; answers of the bot are let go."""
        while rows := await self.rota.outbox():
            await self.db.write(lambda store: store.connection.execute(delete(outbox_message)))
            for row in rows:
                if row["do"] == "letter":
                    await self._deliver(row)

    async def _deliver(self, row: Mapping[str, Any]) -> None:
        letter, now = _LETTERS[row["letter"]], self.rota.now
        activity = await self.db.read(lambda store: letter.draw(store, row, now))
        if activity is None:
            return
        place = row.get("place") or {}
        known = {p.object_id: p.handle for p in self.rota.people.values() if p.object_id}
        to = known.get(row.get("object_id") or place.get("person_object_id"), str(place.get("conversation_id")))
        if to == self.refuses and letter.failed:
            lost = Undelivered(payload=row, reason="the bot is blocked", attempts=1, at=now)
            await self.db.write(lambda store: letter.failed(store, lost) if letter.failed else None)
            return
        self.count += 1
        message = str(row.get("activity_id") or f"m{self.count}")
        again = "activity_id" in row
        self.sent.append(Sent(to=to, letter=row["letter"], at=now, activity=activity, message=message, again=again))
        chat = Place(
            tenant_id=TENANT, service_url=SERVICE_URL, conversation_id=f"a:{to}", kind=ConversationKind.PERSONAL
        )
        gone = Gone(payload=row, place=chat, activity_id=message, attempts=1, at=now)
        await self.db.write(lambda store: letter.sent(store, gone) if letter.sent else None)

    # -- looking ------------------------------------------------------------------------------------------------------

    def got(self, who: str, *words: str, letter: str = "", again: bool = False) -> list[Sent]:
        """List what somebody was sent, with these words in it, oldest first."""
        mine = [one for one in self.sent if one.to == who and one.again is again and one.letter.startswith(letter)]
        return [one for one in mine if all(word in one.text for word in words)]

    def card(self, who: str, number: int = -1, *, letter: str = "care") -> dict[str, Any]:
        """Give a card somebody was sent as it looks now."""
        first = self.got(who, letter=letter)
        posted = [one for one in first if "attachments" in one.activity][number]
        return [one for one in self.sent if one.message == posted.message][-1].card

    async def task(self, number: int = 1) -> CareTask:
        return await self.rota.see(lambda store: store.care.get(number))

    async def open(self, number: int = 1) -> Occurrence | None:
        return await self.rota.see(lambda store: store.care.open_of(number))

    async def story(self, number: int = 1) -> list[str]:
        """Tell how each time ended, oldest first: "done", "missed", and "open" at the end."""
        closed = await self.rota.see(lambda store: store.care.history(number, limit=1_000))
        told = [str(one.state) for one in reversed(closed)]
        return [*told, str(CareState.OPEN)] if await self.open(number) else told

    async def imports(self, **more: Any) -> None:
        """Import another organisation."""
        made: Organisation = organisation(**{**crew(), **more})
        await self.db.write(lambda store: organisations.replace(store, made, self.rota.now))
        found = await self.db.read(lambda store: store.people.active())
        self.rota.people |= {person.handle: person for person in found}


def crew(**more: Any) -> dict[str, Any]:
    """Make teams on both sides whose people can look after each other's work: Ada leads Payments, Lin operates."""
    payments: dict[str, Any] = {
        "id": "payments",
        "name": "Payments",
        "side": Side.ENGINEERING,
        "lead": "ada",
        "members": ("ada", "grace"),
        "time_zone": "Europe/London",
        "care_hours_per_week": 8.0,
    }
    return {
        "teams": (
            Team(**{**payments, **more}),
            Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS, lead="lin", members=("lin", "ben")),
            Team(id="platform", name="Platform", side=Side.PLATFORM, members=("zoe",)),
        ),
        "services": (
            Service(id="checkout", name="Checkout", owner="payments", operations="it-ops"),
            Service(id="platform", name="Build pipeline", owner="platform"),
        ),
        "escalation_policies": (),
    }
