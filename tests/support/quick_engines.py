"""Engines of tests: they share what SQLAlchemy has compiled, and a SQLite file waits for no disk."""

from collections.abc import Iterator

import pytest
from sqlalchemy import URL, Engine, create_engine

from storage import engines

DURABLE = engines._SQLITE_PRAGMAS
"""How the product sets a SQLite file up."""


@pytest.fixture(scope="session", autouse=True)
def quick_engines() -> Iterator[None]:
    """Let later engines of a kind use the dialect and the compiled statements of the first one that has connected.

    A test's own database would compile every statement anew. And a crash of the machine is not what tests are about.
    """
    seen: dict[str, list[Engine]] = {}

    def create(url: URL, **options: object) -> Engine:
        engine = create_engine(url, **options)  # pyright: ignore[reportArgumentType,reportCallIssue]
        others = seen.setdefault(url.drivername, [])
        ready = next((other for other in others if getattr(other.dialect, "server_version_info", None)), None)
        if ready is None:
            others.append(engine)
            return engine
        engine.dialect, engine._compiled_cache = ready.dialect, ready._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("storage.engines.create_engine", create)
        patch.setattr("storage.engines._SQLITE_PRAGMAS", (*DURABLE, "PRAGMA synchronous = OFF"))
        yield
