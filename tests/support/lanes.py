"""A courier that only collects, a clock that only moves when told, and short ways to write messages."""

from collections.abc import Sequence
from itertools import count

from storage.database import Database
from storage.rates import Bucket, Rates
from usecases.outbox import Delivered, DueMessage, MessageClass, NewMessage

QUICK = Rates(short=Bucket(100, 10), hour=Bucket(1000, 1), tenant=Bucket(1000, 1))
_keys = count(1)


class HandClock:
    """Real time as a test wants it, in epoch milliseconds."""

    def __init__(self, now: int = 1_800_000_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += round(seconds * 1000)


class CollectingCourier:
    """Takes what is handed over and keeps it."""

    def __init__(self, places: int = 16) -> None:
        self.places = places
        self.handed: list[DueMessage] = []
        self.wakes: list[float] = []

    def room(self) -> int:
        return self.places - len(self.handed)

    def hand_over(self, messages: Sequence[DueMessage]) -> None:
        self.handed += messages

    def wake(self, after_s: float = 0.0) -> None:
        self.wakes.append(after_s)


def new(lane: str = "a", message_class: MessageClass = MessageClass.PAGE, **more) -> NewMessage:
    """Make a message with a key of its own."""
    number = next(_keys)
    given = {"tenant_id": "t", "dedupe_key": f"key-{number}", "payload": {"number": number}}
    return NewMessage(lane=lane, message_class=message_class, **{**given, **more})


def card(lane: str = "a", version: int = 1, key: str = "card:1", **more) -> NewMessage:
    """Make a drawing of a card."""
    return new(lane, MessageClass.CARD, coalesce_key=key, version=version, **more)


async def put(database: Database, *messages: NewMessage) -> None:
    """Enqueue in one transaction."""

    def work(store) -> None:
        for message in messages:
            store.outbox.enqueue(message)

    await database.write(work)


async def claim(database: Database, limit: int = 10) -> list[DueMessage]:
    """Take what is due."""
    return list((await database.lanes.claim(limit)).messages)


async def drain(database: Database, lane: str = "a") -> list[int]:
    """Send all a lane gives, starting with a claim; return the numbers in order."""
    sent: list[int] = []
    due = next((m for m in await claim(database) if m.lane == lane), None)
    while due is not None:
        sent.append(due.payload["number"])
        due = await database.lanes.finish(due, Delivered())
    return sent


async def states(database: Database) -> list[tuple[str, str, int]]:
    """Tell lane, state and attempts of every message, in the order they were written."""

    def look(store):
        rows = store.connection.exec_driver_sql("SELECT lane_id, state, attempts FROM outbox_message ORDER BY id")
        return [tuple(row) for row in rows]

    return await database.read(look)


async def lane_row(database: Database, lane: str = "a"):
    """Read a lane."""
    return await database.read(
        lambda store: store.connection.exec_driver_sql(f"SELECT * FROM lane WHERE id = '{lane}'").one()  # noqa: S608
    )
