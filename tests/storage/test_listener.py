"""Hearing what other processes have written; that the polls find it all the same is tested where the polls are."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from storage.engines import normalised
from storage.listener import OUTBOX_DUE, WORK_DUE, Listener

DEADLINE = 30


class Ear:
    """Counts calls, and waits for them."""

    def __init__(self) -> None:
        self.calls = 0
        self.changed = asyncio.Event()

    def __call__(self) -> None:
        self.calls += 1
        self.changed.set()

    async def next(self) -> None:
        await asyncio.wait_for(self.changed.wait(), DEADLINE)
        self.changed.clear()


@pytest.fixture
async def listener(postgres_url: str) -> AsyncIterator[Listener]:
    opened = Listener(normalised(postgres_url), "me")
    yield opened
    for channel in (OUTBOX_DUE, WORK_DUE):
        opened.unsubscribe(channel)


def call(url: str, *calls: tuple[str, str]) -> None:
    with psycopg.connect(url) as connection:
        for each in calls:
            connection.execute("SELECT pg_notify(%s, %s)", each)


async def test_everybody_is_told_once_when_listening_begins_and_begins_again(
    listener: Listener, postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    """Something may have been written while nobody listened."""
    monkeypatch.setattr("storage.listener.RECONNECT_S", 0.01)
    outbox, work = Ear(), Ear()
    listener.subscribe(OUTBOX_DUE, outbox)
    await outbox.next()
    listener.subscribe(WORK_DUE, work)  # it listens already
    with psycopg.connect(postgres_url, autocommit=True) as operator:
        operator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await outbox.next()
    await work.next()
    assert (outbox.calls, work.calls) == (2, 1)


async def test_a_channel_is_its_own_and_our_own_calls_are_no_news(listener: Listener, postgres_url: str):
    outbox, work = Ear(), Ear()
    listener.subscribe(WORK_DUE, work)
    await work.next()
    listener.subscribe(OUTBOX_DUE, outbox)
    call(postgres_url, (WORK_DUE, "me"), (OUTBOX_DUE, "me"))
    call(postgres_url, (WORK_DUE, "somebody else"))
    await work.next()
    assert (outbox.calls, work.calls) == (0, 2)
    call(postgres_url, (OUTBOX_DUE, ""))
    await outbox.next()
    assert (outbox.calls, work.calls) == (1, 2)


async def test_who_listens_no_more_hears_nothing_and_the_others_still_do(listener: Listener, postgres_url: str):
    outbox, work = Ear(), Ear()
    listener.subscribe(OUTBOX_DUE, outbox)
    await outbox.next()
    listener.subscribe(WORK_DUE, work)
    listener.unsubscribe(OUTBOX_DUE)
    call(postgres_url, (OUTBOX_DUE, ""), (WORK_DUE, ""))
    await work.next()
    assert (outbox.calls, work.calls) == (1, 1)
    listener.unsubscribe(WORK_DUE)
    listener.unsubscribe(WORK_DUE)  # harmless
    listener.subscribe(OUTBOX_DUE, outbox)  # a new connection
    await outbox.next()
