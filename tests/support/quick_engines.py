"""Engines that share what SQLAlchemy has compiled: a test's own database would compile every statement anew."""

from collections.abc import Iterator

import pytest
from sqlalchemy import URL, Engine, create_engine


@pytest.fixture(scope="session", autouse=True)
def quick_engines() -> Iterator[None]:
    """Let later engines of a kind use the dialect and the compiled statements of the first one that has connected."""
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
        yield
