"""Fixtures shared by all tests."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from alphapulse_resources.database.client import Database
from tests.databases import fresh_database, server_under_test

ROOT = Path(__file__).resolve().parent.parent
END_TO_END = "tests/e2e/"


def pytest_xdist_auto_num_workers() -> int:
    """Workers of `-n auto`: twice as many as cores, since many tests wait for sockets and processes."""
    return 2 * (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


class ByFile(LoadFileScheduling):
    """A worker takes whole files; the end-to-end tests, which share one demo, are as one file."""

    def _split_scope(self, nodeid: str) -> str:
        return END_TO_END if nodeid.startswith(END_TO_END) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Who runs what, whatever `--dist` says."""
    return ByFile(config, log)


def pytest_configure() -> None:
    """What is imported and collected stays: nobody looks for garbage in it, now or after each test."""
    gc.disable()


def pytest_collection_finish() -> None:
    """From here on there is garbage."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real captures and candles kept beside the project; tests that need them skip where they are not."""
    path = Path(os.environ.get("ALPHAPULSE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"real inputs are not here: {path} (set ALPHAPULSE_SHARED_DATA)")
    return path


@pytest.fixture(scope="session")
def server_dsn() -> Iterator[str]:
    """The database server under test."""
    with server_under_test() as dsn:
        yield dsn


@pytest.fixture
def dsn(server_dsn: str) -> Iterator[str]:
    """A fresh, migrated database of this test's own."""
    with fresh_database(server_dsn) as dsn:
        yield dsn


@pytest.fixture
def database(dsn: str) -> Iterator[Database]:
    """A fresh, migrated database, as the pipeline uses it."""
    database = Database(dsn)
    yield database
    database.close()
