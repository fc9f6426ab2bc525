"""An organisation with schedules on both sides, a whole bot in front of it, and what waits to be sent to whom.

NOW is Monday 23 November 2026, 14:18 UTC. On payments-primary Grace is on call until 30 November 09:00 in London, then
Ada for a week, and so on. On it-ops-primary Lin is, Monday to Friday 09:00 to 18:00 in Kolkata, which is over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.letters.registry import LETTERS
from bot.registry import COMMANDS, VERBS, by_name, by_word
from bot.router import Router
from bot.transport.inbound import Accepted, Inbound, InvokeAnswer, MentionEntity
from dialogs.registry import FORMS
from dialogs.registry import VERBS as FORM_VERBS
from domain.catalog import Service, Side, Team
from domain.durations import parse_shift_length
from domain.escalation import EscalationPolicy, Step, parse_target
from domain.oncall import Override, Rotation, Schedule, parse_weekly_window
from domain.organisation import ListedPerson, Organisation
from domain.people import Person
from storage.database import Database
from storage.tables import outbox_message
from storage.unit_of_work import SqlStore
from tests.support.samples import ADA, GRACE, LIN, NOW, SERVICE_URL, TENANT, person

ZOE = person(4, "Zoë Ångström", handle="zoe", time_zone="Europe/Berlin")
BEN = person(5, "Ben Azar", handle="ben", time_zone="America/St_Johns", object_id=None)
CREW = (ADA, GRACE, LIN, ZOE, BEN)
PRIMARY, OPS, PLATFORM = "payments-primary", "it-ops-primary", "platform-primary"
OFFICE = parse_weekly_window("mon-fri 09:00-18:00")


MONDAY = datetime(2026, 11, 2, 9)  # noqa: DTZ001 - a wall clock has no zone


def rotation(*people: str, starts: datetime = MONDAY, shift: str = "P7D", **more: Any) -> Rotation:
    """Make turns that begin on Monday 2 November at 09:00."""
    return Rotation(starts=starts, shift=parse_shift_length(shift), people=people, **more)


def primary(*overrides: Override, zone: str = "Europe/London", **more: Any) -> Schedule:
    """Make the schedule of Payments: Ada and Grace by turns."""
    given: dict[str, Any] = {"rotations": (rotation("ada", "grace"),), "overrides": overrides}
    return Schedule(id=PRIMARY, team="payments", time_zone=zone, **{**given, **more})


def ops(**more: Any) -> Schedule:
    """Make the schedule of IT Operations, with gaps."""
    given: dict[str, Any] = {"rotations": (rotation("lin", shift="P1D", only=(OFFICE,)),)}
    return Schedule(id=OPS, team="it-ops", time_zone="Asia/Kolkata", **{**given, **more})


def platform(**more: Any) -> Schedule:
    """Make the schedule of Platform: always Zoë."""
    given: dict[str, Any] = {"rotations": (rotation("zoe"),)}
    return Schedule(id=PLATFORM, team="platform", time_zone="Europe/Berlin", **{**given, **more})


def listed(who: Person) -> ListedPerson:
    """Write somebody into the organisation file."""
    return ListedPerson(handle=who.handle, name=who.name, aad_object_id=who.object_id, time_zone=who.time_zone)


def organisation(*schedules: Schedule, people: Sequence[Person] = CREW, **more: Any) -> Organisation:
    """Make three teams, one on each side, and two services."""
    policy = EscalationPolicy(
        id="critical",
        steps=(
            Step(notify=(parse_target("schedule:payments-primary"),), wait=timedelta(minutes=5)),
            Step(notify=(parse_target("schedule:platform-primary"),), wait=timedelta(minutes=5)),
        ),
    )
    given: dict[str, Any] = {
        "people": tuple(map(listed, people)),
        "teams": (
            Team(id="payments", name="Payments", side=Side.ENGINEERING, lead="ada", members=("ada", "grace")),
            Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS, members=("lin",)),
            Team(id="platform", name="Platform", side=Side.PLATFORM, members=("zoe",)),
        ),
        "services": (
            Service(
                id="checkout", name="Checkout", owner="payments", operations="it-ops", escalation_policy="critical"
            ),
            Service(id="platform", name="Build pipeline", owner="platform"),
        ),
        "schedules": schedules or (primary(), ops(), platform()),
        "escalation_policies": (policy,),
    }
    return Organisation(**{**given, **more})


@dataclass(frozen=True)
class Letter:
    """One message to somebody, drawn from what is true now; `activity` is None when nobody needs it any more."""

    payload: Mapping[str, Any]
    activity: Mapping[str, Any] | None

    @property
    def text(self) -> str:
        return "" if self.activity is None else str(self.activity.get("summary") or self.activity.get("text"))

    @property
    def card(self) -> dict[str, Any]:
        assert self.activity is not None
        return self.activity["attachments"][0]["content"]


@dataclass
class Rota:
    """The bot, for people who write to it and press its buttons. `now` moves by hand."""

    db: Database
    now: datetime = NOW
    count: int = 0
    people: dict[str, Person] = field(default_factory=dict[str, Person])

    @classmethod
    async def made(cls, db: Database, *schedules: Schedule, **more: Any) -> "Rota":
        """Fill the database."""
        rota = cls(db)
        await db.write(lambda store: store.organisations.replace(organisation(*schedules, **more)))
        found = await db.read(lambda store: store.people.active())
        rota.people = {person.handle: person for person in found}
        rota.router = Router(
            database=db,
            clock=Hand(rota),
            commands=by_word(COMMANDS),
            verbs=by_name((*VERBS, *FORM_VERBS)),
            forms=FORMS,
            members_of=_nobody,
        )
        return rota

    router: Router = field(init=False)

    def later(self, **length: float) -> None:
        self.now += timedelta(**length)

    # -- talking -------------------------------------------------------------------------------------------------

    async def say(self, text: str, who: str = "ada", *, chat: str = "personal", **more: Any) -> Mapping[str, Any]:
        """Write to the bot; gives the activity it answers with."""
        inbound = self._inbound("message", who, chat, text=text, **more)
        assert await self.router.turn(inbound) == Accepted()
        return await self._answer(inbound)

    async def again(self, text: str, who: str = "ada", **more: Any) -> None:
        """Let Teams deliver the last message once more."""
        self.count -= 1
        await self.router.turn(self._inbound("message", who, "personal", text=text, **more))

    async def press(self, verb: str, data: Mapping[str, Any], who: str = "ada", **more: Any) -> dict[str, Any]:
        """Press a button; gives the card or the sentence it is answered with."""
        chat = more.pop("chat", "personal")
        inbound = self._inbound("invoke", who, chat, value={"action": {"verb": verb, "data": dict(data)}}, **more)
        answer = await self.router.turn(inbound)
        assert isinstance(answer, InvokeAnswer)
        assert answer.body is not None
        return dict(answer.body)

    async def dialog(self, name: str, data: Mapping[str, Any], who: str = "ada") -> dict[str, Any] | None:
        """Open a dialog (task/fetch) or send it (task/submit); gives its task, None where it closes."""
        answer = await self.router.turn(self._inbound("invoke", who, "personal", name=name, value={"data": dict(data)}))
        assert isinstance(answer, InvokeAnswer)
        assert answer.status == 200
        return dict(answer.body["task"]) if answer.body else None

    def _inbound(self, kind: Any, who: str, chat: str, **more: Any) -> Inbound:
        self.count += 1
        person = self.people[who]
        given: dict[str, Any] = {
            "kind": kind,
            "activity_id": f"a{self.count}",
            "name": "adaptiveCard/action" if kind == "invoke" else "",
            "tenant_id": TENANT,
            "service_url": SERVICE_URL,
            "conversation_id": f"a:{who}" if chat == "personal" else "19:chat@thread.v2",
            "conversation_kind": chat,
            "channel_id": None,
            "team_id": None,
            "aad_group_id": None,
            "sender_id": f"29:{who}",
            "sender_object_id": person.object_id,
            "sender_name": person.name,
            "sender_tenant_id": TENANT,
            "sender_is_guest": False,
            "bot_id": "28:bot",
            "bot_name": "Incident",
            "reply_to_id": "card-1" if kind == "invoke" else None,
            "private": False,
            "time_zone": person.time_zone,
            "locale": "en-GB",
            "text": "",
            "mentions": (),
            "value": {},
            "raw": {},
        }
        return Inbound(**{**given, **more})

    async def _answer(self, inbound: Inbound) -> Mapping[str, Any]:
        key = f"reply:activity:{inbound.tenant_id}:{inbound.conversation_id}:{inbound.activity_id}"
        rows = await self.outbox()
        return next(row["activity"] for row in rows if row["key"] == key)

    # -- looking -------------------------------------------------------------------------------------------------

    async def outbox(self) -> list[dict[str, Any]]:
        """Read all messages, oldest first, the payload and its key in one."""
        query = select(outbox_message.c.payload, outbox_message.c.dedupe_key).order_by(outbox_message.c.id)
        rows = await self.db.read(lambda store: store.connection.execute(query).all())
        return [{**row.payload, "key": row.dedupe_key} for row in rows]

    async def letters(self, who: str | None = None, name: str = "") -> list[Letter]:
        """Draw what people are sent, as it is now."""
        found: list[Letter] = []
        known = {letter.name: letter for letter in LETTERS}
        for row in await self.outbox():
            if row["do"] != "letter" or not row["letter"].startswith(name):
                continue
            if who is not None and row.get("object_id") != self.people[who].object_id:
                continue
            draw = known[row["letter"]].draw
            found.append(Letter(row, await self.db.read(lambda store, row=row, draw=draw: draw(store, row, self.now))))
        return found

    async def schedule(self, schedule_id: str = PRIMARY) -> Schedule:
        found = await self.db.read(lambda store: store.schedules.get(schedule_id))
        assert found is not None
        return found

    async def made_overrides(self, schedule_id: str = PRIMARY) -> Sequence[Any]:
        long_ago = datetime(2000, 1, 1, tzinfo=UTC)
        return await self.db.read(lambda store: store.schedules.overrides(schedule_id, ending_after=long_ago))

    async def see(self, work: Any) -> Any:
        return await self.db.read(work)

    async def change(self, work: Any) -> Any:
        return await self.db.write(work)


class Hand:
    """The clock of a rota, as the router asks for it."""

    def __init__(self, rota: Rota) -> None:
        self._rota = rota

    def now(self, store: SqlStore) -> datetime:
        return self._rota.now


async def _nobody(inbound: Inbound, mentions: Any) -> Sequence[Any]:
    return ()


def mention(name: str, who: Person) -> MentionEntity:
    """Mention somebody as Teams does."""
    return MentionEntity(id=f"29:{who.handle}", name=name, text=f"<at>{name}</at>", object_id=who.object_id)


def said(activity: Mapping[str, Any]) -> str:
    """Give the text or the notification of an answer."""
    return str(activity.get("summary") or activity.get("text"))


def card_of(activity: Mapping[str, Any]) -> dict[str, Any]:
    """Give the card of an answer."""
    return activity["attachments"][0]["content"]


def texts(value: Any) -> str:
    """Join everything a reader sees on a card."""
    if isinstance(value, dict):
        own = [str(value[k]) for k in ("text", "title", "label", "value") if isinstance(value.get(k), str)]
        return "\n".join([*own, *(texts(v) for k, v in value.items() if k != "data")])
    return "\n".join(map(texts, value)) if isinstance(value, list) else ""


def buttons(card: Mapping[str, Any]) -> dict[str, Any]:
    """Give the buttons of a card by title."""
    return {action["title"]: action for action in card.get("actions", ())}


def lines(shown: str) -> list[str]:
    """Give the lines that say something."""
    return [line for line in shown.splitlines() if line.strip()]


def shown(answer: Mapping[str, Any]) -> str:
    """Give what a press was answered with: the words of a card, or the sentence."""
    value = answer["value"]
    return value if isinstance(value, str) else texts(value)


def everything(value: Any) -> Iterator[Any]:
    """Walk all objects of a card."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from everything(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from everything(inner)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)
