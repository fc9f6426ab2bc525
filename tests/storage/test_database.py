import asyncio
import logging
import threading
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from domain.errors import Refused, StaleVersion
from storage.database import Database
from storage.engines import normalised, open_engines
from tests.support.quick_engines import DURABLE
from tests.support.samples import incident, person
from usecases.outbox import MessageClass, NewMessage
from usecases.ports import Unavailable

DEADLINE = 30


def message(lane: str, key: str) -> NewMessage:
    return NewMessage(lane=lane, tenant_id="t", dedupe_key=key, message_class=MessageClass.PAGE, payload={"do": "post"})


async def test_an_error_of_the_work_rolls_everything_back_and_comes_through(database: Database):
    def work(store):
        store.key_value.set("x", "1")
        store.outbox.enqueue(message("l", "m"))
        raise Refused("No.")

    with pytest.raises(Refused, match="No"):
        await database.write(work)
    assert await database.read(lambda store: store.key_value.get("x")) is None
    assert (await database.lanes.health()).open == 0


async def test_work_that_lost_a_race_is_run_again_from_the_start(database: Database):
    tries = []

    def work(store):
        tries.append(store.key_value.get("x"))
        store.key_value.set("x", "dirty")
        if len(tries) < 3:
            raise StaleVersion
        return "done"

    assert await database.write(work) == "done"
    assert tries == [None, None, None]


async def test_a_lost_race_that_never_ends_is_unavailable(database: Database):
    def work(store):
        raise StaleVersion

    with pytest.raises(Unavailable, match="try again"):
        await database.write(work)


async def test_fifty_rounds_of_nine_writers_have_one_winner_each(database: Database, other_database: Database):
    def declare(store):
        ada = store.people.add(person(1, id=0))
        return [store.incidents.add(incident(id=0, declared_by=ada.id)) for _ in range(50)]

    def decide(seen, winner):
        def work(store):
            now = store.incidents.lock(seen.id)
            if now.version != seen.version:
                return False
            store.incidents.save(replace(now, summary=winner, version=now.version + 1), seen=now.version)
            return True

        return work

    rounds = await database.write(declare)
    for seen in rounds:
        won = await asyncio.gather(
            *((database, other_database)[n % 2].write(decide(seen, f"writer {n}")) for n in range(9))
        )
        assert sum(won) == 1
        after = await database.read(lambda store, number=seen.id: store.incidents.get(number))
        assert (after.version, after.summary) == (seen.version + 1, f"writer {won.index(True)}")


async def test_writers_without_a_lock_lose_by_version_and_run_again(database: Database, other_database: Database):
    def declare(store):
        ada = store.people.add(person(1, id=0))
        return store.incidents.add(incident(id=0, declared_by=ada.id, entry_seq=0, version=0)).id

    number = await database.write(declare)

    def step(store):
        now = store.incidents.get(number)
        store.incidents.save(replace(now, entry_seq=now.entry_seq + 1, version=now.version + 1), seen=now.version)

    for _ in range(5):  # a few at a time: with many more, five attempts are too few for the last one
        await asyncio.gather(*((database, other_database)[n % 2].write(step) for n in range(4)))
    assert (await database.read(lambda store: store.incidents.get(number))).entry_seq == 20


async def test_two_turns_that_lock_two_rows_crosswise_both_succeed(database: Database):
    """On PostgreSQL this is a deadlock: the server ends one, which is run again. SQLite has one writer."""
    meet = threading.Barrier(2)
    tries = []

    def work(first: str, second: str):
        def turn(store):
            tries.append(first)
            store.key_value.set(first, second)
            if not database.is_sqlite and len(tries) <= 2:
                meet.wait(DEADLINE)
            store.key_value.set(second, first)

        return turn

    await database.write(lambda store: [store.key_value.set(name, "") for name in "ab"])
    await asyncio.gather(database.write(work("a", "b")), database.write(work("b", "a")))
    assert len(tries) == (2 if database.is_sqlite else 3)


async def test_messages_to_two_lanes_in_opposite_order_do_not_deadlock(database: Database):
    meet = threading.Barrier(2)
    tries = []

    def work(*lanes: str):
        def turn(store):
            tries.append(lanes)
            for lane in lanes:
                store.outbox.enqueue(message(lane, f"{lanes}-{lane}"))
            if not database.is_sqlite and len(tries) <= 2:
                meet.wait(DEADLINE)

        return turn

    await asyncio.gather(database.write(work("a", "b")), database.write(work("b", "a")))
    assert len(tries) == 2
    assert (await database.lanes.health()).open == 4


@pytest.mark.postgres
async def test_a_lock_that_takes_too_long_is_tried_again(postgres_url: str):
    database = Database.open(postgres_url)
    await database.write(lambda store: store.key_value.set("x", "0"))
    tries = []
    with psycopg.connect(postgres_url) as holder:
        holder.execute("UPDATE key_value SET value = '1' WHERE name = 'x'")

        def work(store):
            tries.append(1)
            if len(tries) == 2:
                holder.commit()
            store.connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            store.key_value.set("x", "2")

        await database.write(work)
    assert len(tries) == 2
    assert await database.read(lambda store: store.key_value.get("x")) == "2"
    await database.close()


async def test_without_a_free_thread_the_caller_hears_it_in_time(database_url: str):
    database = Database.open(database_url, wait_s=0.2)
    release = threading.Event()

    def block(store):
        release.wait(DEADLINE)

    blockers = [asyncio.create_task(database.write(block)) for _ in range(1 if database.is_sqlite else 10)]
    await asyncio.sleep(0)
    began = time.monotonic()
    with pytest.raises(Unavailable, match="try again"):
        await database.write(lambda store: store.key_value.set("x", "late"))
    assert time.monotonic() - began < DEADLINE / 2
    release.set()
    await asyncio.gather(*blockers)
    await database.write(lambda store: store.key_value.set("y", "1"))
    assert await database.read(lambda store: [store.key_value.get(k) for k in "xy"]) == [None, "1"]
    await database.close()


async def test_connections_that_were_cut_heal_without_an_error(postgres_url: str):
    database = Database.open(postgres_url)
    await asyncio.gather(*(database.write(lambda store: store.key_value.get("x")) for _ in range(30)))
    await database.read(lambda store: store.key_value.get("x"))
    with psycopg.connect(postgres_url, autocommit=True) as operator:
        operator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await asyncio.gather(*(database.write(lambda store: store.key_value.set("x", "1")) for _ in range(30)))
    assert await database.read(lambda store: store.key_value.get("x")) == "1"
    await database.close()


@pytest.mark.parametrize("connection", ["used", "new"])
async def test_a_connection_that_is_cut_in_the_middle_of_work_does_the_work_once(postgres_url: str, connection: str):
    database = Database.open(postgres_url)
    if connection == "used":
        await database.write(lambda store: store.key_value.set("n", "0"))
    tries = []

    def work(store):
        tries.append(1)
        store.key_value.set("n", str(int(store.key_value.get("n") or 0) + 1))
        if len(tries) == 1:
            store.connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    await database.write(work)
    assert await database.read(lambda store: store.key_value.get("n")) == "1"
    await database.close()


async def test_a_database_that_is_away_says_so_and_heals(postgres_server, postgres_url: str):
    database = Database.open(postgres_url)
    assert await database.check() == []
    name = normalised(postgres_url).database
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as operator:
        operator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        operator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        with pytest.raises(Unavailable, match="does not answer"):
            await database.write(lambda store: store.key_value.set("x", "1"))
        assert len(await database.check()) == 1
        operator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await database.write(lambda store: store.key_value.set("x", "1"))
    assert await database.check() == []
    await database.close()


async def test_nobody_hears_a_password(caplog: pytest.LogCaptureFixture, tmp_path: Path):
    with caplog.at_level(logging.DEBUG):
        database = Database.open(f"postgresql://bot:s3cr3t@localhost:1/db?sslmode=disable&host={tmp_path}")
        with pytest.raises(Unavailable) as fault:
            await database.write(lambda store: None)
        said = " ".join(map(str, [fault.value, fault.value.__cause__, await database.check()]))
        await database.close()
    assert "s3cr3t" not in said + caplog.text


@pytest.mark.parametrize("wrong", ["", "nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "://s3cr3t"])
def test_a_wrong_address_is_one_sentence(wrong: str):
    with pytest.raises(ValueError, match="DATABASE_URL") as fault:
        Database.open(wrong)
    assert "s3cr3t" not in str(fault.value)
    assert fault.value.__cause__ is None


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_all_spellings_of_postgres_mean_the_same(scheme: str):
    assert normalised(f"{scheme}://u:p@h:5/db").render_as_string(hide_password=False) == (
        "postgresql+psycopg://u:p@h:5/db"
    )


def test_sqlite_is_set_up_to_survive_a_power_cut(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("storage.engines._SQLITE_PRAGMAS", DURABLE)  # as the product has it; other tests are quicker
    engines = open_engines(sqlite_url)
    for engine in (engines.writer, engines.reader):
        with engine.connect() as connection:
            found = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_postgres_is_set_up_to_survive_a_crash_and_a_stuck_transaction(postgres_url: str):
    engines = open_engines(postgres_url)
    names = ("synchronous_commit", "idle_in_transaction_session_timeout", "lock_timeout", "transaction_isolation")
    found = []
    for engine in (engines.writer, engines.reader):
        with engine.connect() as connection:
            found.append([connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names])
    assert found == [["on", "5s", "3s", "read committed"], ["on", "5s", "3s", "repeatable read"]]


async def test_a_reader_cannot_write(postgres_url: str):
    database = Database.open(postgres_url)
    with pytest.raises(Exception, match="read-only"):
        await database.read(lambda store: store.key_value.set("x", "1"))
    await database.close()


async def test_readers_do_not_wait_for_a_writer(database: Database):
    """A view is answered while a long import is under way."""
    inside, release = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work(store):
        store.key_value.set("x", "1")
        loop.call_soon_threadsafe(inside.set)
        release.wait(DEADLINE)

    writer = asyncio.create_task(database.write(work))
    await inside.wait()
    assert await asyncio.wait_for(database.read(lambda store: store.key_value.get("x")), DEADLINE) is None
    release.set()
    await writer
    assert await database.read(lambda store: store.key_value.get("x")) == "1"


async def test_work_begun_before_close_is_finished(database_url: str):
    database = Database.open(database_url)
    task = asyncio.create_task(database.write(lambda store: store.key_value.set("x", "1")))
    await asyncio.sleep(0)
    await database.close()
    await task
    with pytest.raises(Unavailable):
        await database.write(lambda store: None)
