"""Fixtures of tests that have a database of their own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_support import fill
from candle_frames import register
from client_market import Market, client_market

from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import get_settings
from tests.databases import fresh_database


@pytest.fixture
def environment(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.MonkeyPatch]:
    """Settings in the environment as a run on this test's database has them, and none of the developer's."""
    for name in os.environ:
        if name.startswith("ALPHAPULSE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ALPHAPULSE_DSN", database.dsn)
    monkeypatch.setenv("ALPHAPULSE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # not where a developer's .env is
    get_settings.cache_clear()
    yield monkeypatch
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def filled(server_dsn: str) -> Iterator[tuple[str, Market]]:
    """A database with some of everything, only to be read; and what it holds."""
    with fresh_database(server_dsn) as dsn:
        database = Database(dsn)
        market = client_market(database)
        database.execute("ANALYZE")  # as autovacuum would
        database.close()
        yield dsn, market


@pytest.fixture
def btc(database: Database) -> int:
    """An instrument of this test's database."""
    return register(database, ["BTC/USDT"])[0]


@pytest.fixture(scope="session")
def filled(server_dsn: str) -> Iterator[Database]:
    """A database with rows in all tables, for tests that change nothing but what they make and remove."""
    with fresh_database(server_dsn) as dsn:
        fill(dsn)
        database = Database(dsn)
        yield database
        database.close()
