"""The outside as Dagster resources. Each gives the plain object that tests and the command line use too."""

from typing import Any, Final

import dagster as dg
from pydantic import PrivateAttr

from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database, shared_database
from alphapulse_resources.database.connection import resolve_dsn
from alphapulse_resources.settings import get_settings
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter

STREAM_WAIT_SECONDS: Final = 5.0
"""Longest wait of a stream's request for a free place in a venue's rate limit (ours)."""


class DatabaseResource(dg.ConfigurableResource[Any]):
    """The database of this deployment (ALPHAPULSE_DSN, or the embedded server)."""

    _database: Database | None = PrivateAttr(default=None)

    def get(self) -> Database:
        """The database; connects on first use, so that definitions load without one."""
        if self._database is None:
            self._database = shared_database(resolve_dsn(get_settings()))
        return self._database

    def candles(self) -> CandleStore:
        """The candle tables."""
        return CandleStore(self.get())


class VenueResource(dg.ConfigurableResource[Any]):
    """The venues, within rate limits that all processes of this deployment share."""

    _client: VenueClient | None = PrivateAttr(default=None)

    def get(self) -> VenueClient:
        """The client for every venue."""
        if self._client is None:
            self._client = self._make(get_settings().venues_wait_seconds)
        return self._client

    def for_streams(self) -> VenueClient:
        """A client that refuses to wait for long: a stream has queues of its own and must end when told."""
        return self._make(STREAM_WAIT_SECONDS)

    def _make(self, max_wait: float) -> VenueClient:
        settings = get_settings()
        limiter = DatabaseRateLimiter(resolve_dsn(settings).get_secret_value(), max_wait=max_wait)
        return VenueClient(settings, limiter)
