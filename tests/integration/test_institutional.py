"""Institutional flows from the simulated sockets to tables and views, and nothing known before its time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from institutional_support import declare, look, sources_of, utc

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_resources.database.client import Database
from alphapulse_sim.process import SimulatorProcess

HOUR = timedelta(hours=1)
TUESDAY = utc("2024-06-04")
RELEASE = utc("2024-06-07T19:30")  # Friday 15:30 in New York, summer time


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7) as process:
        yield process


@pytest.fixture
def sim(running: SimulatorProcess) -> Iterator[SimulatorProcess]:
    yield running
    running.clear()


@pytest.fixture
def sources(database: Database, sim: SimulatorProcess) -> Sources:
    declare(database)
    return sources_of(database, sim.url)


def weeks(database: Database, contract: str = "133741") -> dict[datetime, datetime]:
    """Since when each week of a contract is known."""
    rows = database.rows(
        "SELECT ts, min(known_at) AS known_at FROM institutional_positions"
        " WHERE contract = %(contract)s AND report = 'futures' AND revision = 0 GROUP BY ts ORDER BY ts",
        {"contract": contract},
    )
    return {row["ts"]: row["known_at"] for row in rows}


def test_a_report_is_not_there_before_its_release_and_known_since_we_saw_it_come(
    sources: Sources, sim: SimulatorProcess
) -> None:
    database = sources.database
    first = look(sources, sim, "cftc", RELEASE - HOUR)
    assert first.error is None
    known = weeks(database)
    assert max(known) == TUESDAY - timedelta(days=7)
    assert known[max(known)] == utc(
        "2024-05-31T19:30"
    )  # what was out before we looked has the schedule's time
    assert min(known) > RELEASE - timedelta(days=107)
    late = look(sources, sim, "cftc", RELEASE + HOUR / 2)
    assert (late.error, late.new) == (None, 4 * 2 * 5)
    assert weeks(database)[TUESDAY] == RELEASE  # we had not looked since it was due: the schedule holds
    again = look(sources, sim, "cftc", RELEASE + 2 * HOUR)
    assert (again.error, again.new) == (None, 0)
