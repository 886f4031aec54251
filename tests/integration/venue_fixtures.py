"""Fixtures of the venue tests: a simulator, a database with the rate limits, a client between them."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from venue_support import NOW, MakeClient

from alphapulse_resources.postgres.embedded import EmbeddedPostgres
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from alphapulse_sim.process import SimulatorProcess

MIGRATION = Path(__file__).resolve().parents[2] / "sql" / "migrations" / "0002_rate_limits.sql"


@pytest.fixture(scope="session")
def rate_limit_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A private server with migration 0002, applied twice as a migration may be."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
    dsn = server.ensure().dsn
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(2):
            connection.execute(MIGRATION.read_bytes())
    yield dsn
    server.stop()


@pytest.fixture(scope="module")
def running_simulator() -> Iterator[SimulatorProcess]:
    """One simulator for a test file."""
    with SimulatorProcess() as simulator:
        yield simulator


@pytest.fixture
def simulator(running_simulator: SimulatorProcess) -> SimulatorProcess:
    """The simulator at NOW, without faults, with an empty log."""
    running_simulator.clear()
    running_simulator.set_clock(NOW)
    return running_simulator


@pytest.fixture
def limiter(rate_limit_dsn: str) -> Iterator[DatabaseRateLimiter]:
    """The limiter in the database with nothing used; a wait of more than 5 s is refused."""
    with psycopg.connect(rate_limit_dsn, autocommit=True) as connection:
        connection.execute("TRUNCATE rate_limits")
    limiter = DatabaseRateLimiter(rate_limit_dsn, max_wait=5.0)
    yield limiter
    limiter.close()


@pytest.fixture
def make_client(simulator: SimulatorProcess, limiter: DatabaseRateLimiter, tmp_path: Path) -> MakeClient:
    """Clients that ask the simulator or another; other keyword arguments are settings of venues."""

    def make(venue_url: str = simulator.url, **changes: object) -> VenueClient:
        venues = {"http_timeout_seconds": 2.0, **changes}
        given = {"venue_url": venue_url, "home": tmp_path, "venues": venues}
        return VenueClient(Settings.model_validate(given), limiter, cache_dir=tmp_path / "cache")

    return make


@pytest.fixture
def client(make_client: MakeClient) -> VenueClient:
    """A client with the usual settings."""
    return make_client()
