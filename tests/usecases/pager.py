"""An organisation that pages, a hand on the clock, and Teams as a list of what it was asked: whole turns, no HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from bot.letters.registry import LETTERS
from bot.notifier import FirstAddress, Notifier
from bot.transport.outcomes import Outcome, Refused, Sent
from domain.catalog import Service, Side, Team
from domain.durations import parse_shift_length
from domain.escalation import EscalationPolicy, Step, parse_target
from domain.oncall import Rotation, Schedule
from domain.organisation import Organisation
from domain.paging import Page
from domain.people import Person
from scheduling.jobs.registry import all_jobs
from storage.work import to_ms
from storage.work_queue import SqlWorkQueue
from tests.support.samples import ADA, GRACE, LIN
from tests.usecases.conftest import Desk, listed
from tests.usecases.test_router import Bot
from tests.usecases.watch import Hand
from usecases import work

RUN = {job.kind: job.run for job in all_jobs()}
EMULATOR = "http://127.0.0.1:3979/teams/"


def rota(schedule_id: str, team: str, handle: str) -> Schedule:
    """Make a schedule with one person who is always on call."""
    rotation = Rotation(starts=datetime(2026, 11, 2), shift=parse_shift_length("P7D"), people=(handle,))  # noqa: DTZ001
    return Schedule(id=schedule_id, team=team, time_zone="UTC", rotations=(rotation,))


def step(*targets: str, acknowledgements: int = 1) -> Step:
    """Make a step of five minutes."""
    notify = tuple(map(parse_target, targets))
    return Step(notify=notify, wait=timedelta(minutes=5), acknowledgements=acknowledgements)


ORGANISATION = Organisation(
    people=tuple(map(listed, (ADA, GRACE, LIN))),
    teams=(
        Team(
            id="payments",
            name="Payments",
            side=Side.ENGINEERING,
            lead="ada",
            members=("ada", "grace"),
            channel="19:payments@thread.tacv2",
        ),
        Team(id="it-ops", name="IT Operations", side=Side.OPERATIONS, lead="lin", members=("lin",)),
    ),
    services=(
        Service(
            id="checkout",
            name="Checkout",
            owner="payments",
            operations="it-ops",
            escalation_policy="critical",
            runbooks=("https://wiki.example.org/checkout",),
        ),
        Service(id="search", name="Search", owner="payments"),
    ),
    schedules=(rota("payments-primary", "payments", "grace"), rota("it-ops-primary", "it-ops", "lin")),
    escalation_policies=(
        EscalationPolicy(
            id="critical",
            steps=(step("schedule:payments-primary"), step("schedule:it-ops-primary")),
            last_resort=parse_target("team:payments"),
        ),
    ),
)


@dataclass
class Teams:
    """Takes every call, or refuses those to somebody's chat."""

    calls: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list[tuple[str, str, Mapping[str, Any]]])
    refuses: dict[str, Refused] = field(default_factory=dict[str, Refused])

    async def create_conversation(self, service_url: str, body: Mapping[str, Any]) -> Outcome:
        member = body["members"][0]["id"]
        self.calls.append(("open", service_url, body))
        return self.refuses.get(member) or Sent("", conversation_id=f"a:{member}")

    async def post_activity(
        self, service_url: str, conversation: str, activity: Mapping[str, Any], *, targeted_to: str | None = None
    ) -> Outcome:
        self.calls.append(("post", conversation, activity))
        return self.refuses.get(conversation) or Sent(str(1_000 + len(self.calls)))

    async def put_activity(
        self, service_url: str, conversation: str, standing: str, activity: Mapping[str, Any], *, targeted: bool = False
    ) -> Outcome:
        self.calls.append(("put", conversation, {**activity, "id": standing}))
        return self.refuses.get(f"put {conversation}") or Sent(standing)

    def of(self, who: Person | str, *ways: str) -> Sequence[Mapping[str, Any]]:
        """Read what stands in somebody's chat or a channel, as it was sent."""
        chat = who if isinstance(who, str) else f"a:{who.object_id}"
        return [body for way, where, body in self.calls if where == chat and way in (ways or ("post", "put"))]


class Pager:
    """The bot with its timed work and its sending. Teams numbers what it is sent; nothing has to wait."""

    def __init__(self, desk: Desk) -> None:
        desk.db.now_ms = lambda: to_ms(desk.now)
        self.desk, self.bot, self.teams = desk, Bot(desk), Teams()
        self.queue = SqlWorkQueue(desk.db, Hand(desk))
        self.notifier = Notifier(
            cast("Any", self.teams),
            desk.db,
            Hand(desk),
            bot_id="28:bot",
            letters=LETTERS,
            first_address=FirstAddress("", EMULATOR),
        )

    async def organise(self, organisation: Organisation = ORGANISATION) -> None:
        """Make this the organisation; everybody keeps the number they have."""
        await self.desk.db.write(lambda store: store.organisations.replace(organisation))

    async def policy(self, policy: EscalationPolicy) -> None:
        """Let the checkout service be paged by this policy."""
        services = tuple(replace(s, escalation_policy=policy.id) for s in ORGANISATION.services[:1])
        await self.organise(replace(ORGANISATION, services=services, escalation_policies=(policy,)))

    async def declare(self, title: str = "Checkout is down", severity: int = 1, service: str = "checkout") -> int:
        """Declare as Ada in the group chat, and let everything happen that is due at once."""
        known = len(await self.desk.see(lambda s: s.incidents.many(range(1, 100))))
        await self.bot.say(f"declare {title} sev{severity} service:{service}")
        await self.settle()
        return known + 1

    async def passes(self, **length: float) -> None:
        """Let time pass, with the bot at work."""
        end = self.desk.now + timedelta(**length)
        while (due := (await self.queue.standing([*RUN])).next_due) is not None and due <= end:
            self.desk.now = max(self.desk.now, due)
            await self.settle()
        self.desk.now = end
        await self.settle()

    async def settle(self) -> None:
        """Do what is due, and send what waits, until nothing is left."""
        while await self._work() or await self._send():
            pass

    async def _work(self) -> bool:
        taken = (await self.queue.claim([*RUN], 50)).work
        ended = await self.queue.run([(due, RUN[due.kind]) for due in taken])
        assert work.Outcome.FAILED not in ended
        return bool(taken)

    async def _send(self) -> bool:
        claimed = (await self.desk.db.lanes.claim(50)).messages
        for message in claimed:
            delivery = await self.notifier.deliver(message)
            await self.desk.db.lanes.finish(message, delivery, more=False)
        return bool(claimed)

    # -- looking --------------------------------------------------------------------------------------------------

    async def pages(self, number: int = 1) -> Sequence[Page]:
        """Read the ledger of an incident."""
        return await self.desk.see(lambda store: store.pages.of_incident(number))

    def card(self, who: Person | str) -> dict[str, Any]:
        """Read the newest card in somebody's chat."""
        shown = [m for m in self.teams.of(who) if m.get("attachments")]
        return shown[-1]["attachments"][0]["content"]

    def sentences(self, who: Person | str) -> list[str]:
        """Read what was said in words."""
        return [str(m["text"]) for m in self.teams.of(who) if "text" in m]

    async def press(self, who: Person, title: str, card: dict[str, Any] | None = None, **typed: Any) -> dict[str, Any]:
        """Press a button of a card in somebody's own chat; returns what Teams shows them then."""
        shown = card or self.card(who)
        action = next(a for a in shown["actions"] if a["title"] == title)
        number = int(str(who.object_id)[-3:])
        answer = await self.bot.press(
            action["verb"],
            {**action["data"], **typed},
            who=number,
            conversation_id=f"a:{who.object_id}",
            conversation_kind="personal",
        )
        await self.settle()
        return answer["value"] if isinstance(answer["value"], dict) else {"body": [], "said": answer["value"]}
