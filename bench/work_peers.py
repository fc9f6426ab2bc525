"""The peers: procrastinate on PostgreSQL, and APScheduler with its SQL job store on both databases."""

import pickle
import sqlite3
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event

from bench.work_world import FAR_MS
from storage.engines import normalised

TASK = "nothing"
CONCURRENCY = 10
POLL_S = 1.0
"""Its default of 5 s would be slower still."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FILL_PROCRASTINATE = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at)
SELECT 'default', %(task)s, '{"due_ms": 0}', to_timestamp(%(due)s + n) FROM generate_series(1, %(many)s) AS n"""
_CHUNK = 5_000

Ran = Callable[[int], None]
"""Hears of each run: the moment it was due."""


# -- procrastinate ----------------------------------------------------------------------------------------------------


def procrastinate_app(url: str, ran: Ran) -> Any:
    """Give an app with one task, which does nothing but tell that it runs."""
    import procrastinate  # pyright: ignore[reportMissingImports] - only .venv-bench has it

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

    @app.task(name=TASK, pass_context=False)
    async def _nothing(due_ms: int) -> None:  # pyright: ignore[reportUnusedFunction]
        ran(due_ms)

    return app


async def set_up_procrastinate(url: str) -> None:
    """Create its tables."""
    app = procrastinate_app(url, lambda _: None)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


def fill_procrastinate(url: str, many: int, *, due_ms: int = FAR_MS) -> None:
    """Plan work one second apart."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_FILL_PROCRASTINATE, {"task": TASK, "due": due_ms // 1000, "many": many})
        connection.execute("VACUUM ANALYZE procrastinate_jobs")
        connection.execute("VACUUM ANALYZE procrastinate_events")


async def plan_procrastinate(app: Any, moments_ms: list[int]) -> None:
    """Plan work through its interface."""
    for due_ms in sorted(set(moments_ms)):
        task = app.configure_task(TASK, schedule_at=moment(due_ms))
        await task.batch_defer_async(*({"due_ms": due_ms} for _ in range(moments_ms.count(due_ms))))


def worker_of(app: Any) -> Awaitable[None]:
    """Run its worker until it is cancelled."""
    return app.run_worker_async(
        concurrency=CONCURRENCY, fetch_job_polling_interval=POLL_S, install_signal_handlers=False, wait=True
    )


# -- APScheduler ------------------------------------------------------------------------------------------------------

_ran: Ran | None = None


async def _tell(due_ms: int) -> None:
    """Tell that it runs; the job store keeps functions by their name, so this cannot be a closure."""
    if _ran is not None:
        _ran(due_ms)


def scheduler_on(url: str, ran: Ran) -> Any:
    """Give a scheduler whose job store drops nothing, however late it is."""
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    global _ran  # noqa: PLW0603 - see above
    _ran = ran
    return AsyncIOScheduler(
        jobstores={"default": SQLAlchemyJobStore(engine=_engine(url))},
        job_defaults={"misfire_grace_time": None, "coalesce": False},
        timezone=UTC,
    )


def plan_apscheduler(url: str, moments_ms: list[int], name: str) -> None:
    """Plan work with rows such as its job store writes: it has no way to add many at once."""
    from apscheduler.triggers.date import DateTrigger

    scheduler = scheduler_on(url, lambda _: None)
    scheduler.start(paused=True)
    scheduler.add_job(_tell, "date", run_date=moment(FAR_MS), args=[0], id="model")
    store = scheduler._jobstores["default"]  # noqa: SLF001
    model = store.lookup_job("model").__getstate__()
    store.remove_job("model")
    for first in range(0, len(moments_ms), _CHUNK):
        rows: list[dict[str, Any]] = []
        for number, due_ms in enumerate(moments_ms[first : first + _CHUNK], first):
            at, key = moment(due_ms), f"{name}-{number}"
            state = {**model, "id": key, "args": [due_ms], "next_run_time": at, "trigger": DateTrigger(at, UTC)}
            packed = pickle.dumps(state, pickle.HIGHEST_PROTOCOL)
            rows.append({"id": key, "next_run_time": due_ms / 1000, "job_state": packed})
        with store.engine.begin() as connection:
            connection.execute(store.jobs_t.insert(), rows)
    scheduler.shutdown()


def _engine(url: str) -> Engine:
    """Connect as it would itself, as durable as ours and with the same kind of journal."""
    engine = create_engine(normalised(url))
    if url.startswith("sqlite"):

        @event.listens_for(engine, "connect")
        def _set_up(connection: sqlite3.Connection, _: Any) -> None:  # pyright: ignore[reportUnusedFunction]
            connection.execute("PRAGMA journal_mode = WAL").close()
            connection.execute("PRAGMA synchronous = FULL").close()

    return engine


def moment(at_ms: int) -> datetime:
    """Turn epoch milliseconds into a moment."""
    return _EPOCH + timedelta(milliseconds=at_ms)


def now_ms() -> int:
    """Tell the time."""
    return time.time_ns() // 1_000_000
