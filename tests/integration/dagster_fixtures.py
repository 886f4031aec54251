"""Fixtures of the Dagster tests: the definitions on a database, venues and an instance of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster_support import Platform

from alphapulse_resources.database.client import Database
from alphapulse_sim.process import SimulatorProcess


@pytest.fixture(scope="module")
def venues() -> Iterator[SimulatorProcess]:
    """One simulator for a test file, with the real time."""
    with SimulatorProcess() as simulator:
        yield simulator


@pytest.fixture
def platform(
    database: Database, venues: SimulatorProcess, tmp_path: Path, environment: pytest.MonkeyPatch
) -> Iterator[Platform]:
    """The platform as its runs see it: settings in the environment, nothing fetched, no fault in force."""
    venues.clear()
    venues.set_clock(None)
    environment.setenv("ALPHAPULSE_VENUE_URL", venues.url)
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield Platform(database, venues, instance, environment)
