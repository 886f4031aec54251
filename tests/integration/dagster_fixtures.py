"""Fixtures of the Dagster tests: the definitions on a database, venues and an instance of the test's own."""

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster_support import Platform

from alphapulse_resources.database import Database
from alphapulse_resources.settings import get_settings
from alphapulse_sim.process import SimulatorProcess


@pytest.fixture(scope="module")
def venues() -> Iterator[SimulatorProcess]:
    """One simulator for a test file, with the real time."""
    with SimulatorProcess() as simulator:
        yield simulator


@pytest.fixture
def platform(
    database: Database, venues: SimulatorProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Platform]:
    """The platform as its runs see it: settings in the environment, nothing fetched, no fault in force."""
    venues.clear()
    venues.set_clock(None)
    for name in os.environ:
        if name.startswith("ALPHAPULSE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ALPHAPULSE_DSN", database.dsn)
    monkeypatch.setenv("ALPHAPULSE_VENUE_URL", venues.url)
    monkeypatch.setenv("ALPHAPULSE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # not where a developer's .env is
    get_settings.cache_clear()
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield Platform(database, venues, instance, monkeypatch)
    get_settings.cache_clear()
