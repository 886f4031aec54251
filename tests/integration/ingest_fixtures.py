"""Fixtures of the ingest tests: the real client on the simulator, writing to the test's own database."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from ingest_support import MakeIngest
from venue_support import NOW

from alphapulse_assets.candles.ingest import Ingest
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.fetch_store import Batch
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from alphapulse_sim.process import SimulatorProcess


@pytest.fixture
def venue_client(database: Database, simulator: SimulatorProcess, tmp_path: Path) -> Iterator[VenueClient]:
    """The real client, asking the simulator within the limits of the test's own database."""
    limiter = DatabaseRateLimiter(database.dsn, max_wait=30.0)
    settings = Settings.model_validate({"venue_url": simulator.url, "home": tmp_path})
    yield VenueClient(settings, limiter, cache_dir=tmp_path / "cache")
    limiter.close()


@pytest.fixture
def make_ingest(venue_client: VenueClient, database: Database) -> MakeIngest:
    """Fetches at a time, by default NOW, in a batch of that name."""

    def make(now: datetime = NOW, batch: str | None = None) -> Ingest:
        return Ingest(venue_client, CandleStore(database), Batch(batch, None), now)

    return make
