"""The outside as Dagster resources. Each gives the plain object that tests and the command line use too.

Their fields are what the UI shows. A DSN holds a password, so it is no field but a dependency: Dagster hands
it over as it is and shows the name of its type only.
"""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import dagster as dg
from pydantic import Field, PrivateAttr, SecretStr

from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database, shared_database
from alphapulse_resources.database.connection import resolve_dsn
from alphapulse_resources.settings import DatabaseServer, Settings, Venues, get_settings
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter, UntilStopped

if TYPE_CHECKING:
    from alphapulse_resources.venues.client import VenueClient
    from alphapulse_resources.venues.gateway import Gateway

STREAM_WAIT_SECONDS: Final = 5.0
"""Longest wait of a stream's request for a free place in a venue's rate limit (ours)."""


class DatabaseResource(dg.ConfigurableResource[Any]):
    """A database: the one of its `dsn`, else that of the embedded server in `home`."""

    dsn: dg.ResourceDependency[SecretStr | None] = None  # type: ignore[assignment]  # what is set is what is read
    home: str = Field(description="Where the embedded server lives, which serves without a DSN.")
    postgres_bin: str | None = Field(None, description="Directory of the embedded server's programs, if set.")
    _database: Database | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The database of this deployment (ALPHAPULSE_DSN, or the embedded server)."""
        own = settings.database.postgres_bin
        return cls(dsn=settings.dsn, home=str(settings.home), postgres_bin=None if own is None else str(own))

    def get(self) -> Database:
        """The database; connects on first use, so that definitions load without one."""
        if self._database is None:
            self._database = shared_database(self.address())
        return self._database

    def address(self) -> SecretStr:
        """The DSN in force; raises `NoDatabaseError` where none is given and no embedded server runs."""
        own = None if self.postgres_bin is None else Path(self.postgres_bin)
        given = Settings.model_construct(
            dsn=self.dsn, home=Path(self.home), database=DatabaseServer(postgres_bin=own)
        )
        return resolve_dsn(given)

    def candles(self) -> CandleStore:
        """The candle tables."""
        return CandleStore(self.get())


class GatewayResource(dg.ConfigurableResource[Any]):
    """The way out to venues and providers, within limits that all processes of this deployment share."""

    database: DatabaseResource
    wait_seconds: float = Field(description="Longest wait for a free place in a rate limit.")
    _gateway: Any = PrivateAttr(default=None)

    @classmethod
    def of(cls, settings: Settings, database: DatabaseResource) -> Self:
        """The way out as the settings say, with rate limits in this database."""
        return cls(database=database, wait_seconds=settings.venues.wait_seconds)

    def get(self) -> "Gateway":
        """The gateway; one for all threads of the process."""
        if self._gateway is None:
            self._gateway = self._make()
        gateway: Gateway = self._gateway
        return gateway

    def until(self, stop: threading.Event) -> "Gateway":
        """A gateway of its own that sends nothing more once `stop` is set."""
        return self._make(stop)

    def _make(self, stop: threading.Event | None = None) -> "Gateway":
        # loaded when somebody is asked, as are the venues' clients
        from alphapulse_resources.providers.provider import all_budgets
        from alphapulse_resources.providers.registry import all_providers
        from alphapulse_resources.venues.gateway import Gateway

        dsn = self.database.address().get_secret_value()
        providers = all_providers(get_settings())
        limiter = DatabaseRateLimiter(dsn, max_wait=self.wait_seconds, budgets=all_budgets(providers))
        return Gateway(limiter if stop is None else UntilStopped(limiter, stop), providers)


class VenueResource(dg.ConfigurableResource[Any]):
    """The venues, within rate limits that all processes of this deployment share through its database."""

    database: DatabaseResource
    home: str = Field(description="Where downloaded archives live.")
    venue_url: str | None = Field(None, description="Where every request is sent instead (the simulator).")
    http_timeout_seconds: float = Field(description="Time limit of one request.")
    wait_seconds: float = Field(description="Longest wait for a free place in a venue's rate limit.")
    yahoo_enabled: bool = Field(description="Whether yfinance is the last source.")
    _client: Any = PrivateAttr(default=None)

    @classmethod
    def of(cls, settings: Settings, database: DatabaseResource) -> Self:
        """The venues as the settings say, with rate limits in this database."""
        return cls(
            database=database,
            home=str(settings.home),
            venue_url=settings.venue_url,
            **settings.venues.model_dump(),
        )

    def get(self) -> "VenueClient":
        """The client for every venue."""
        if self._client is None:
            self._client = self._make(self.wait_seconds)
        client: VenueClient = self._client
        return client

    def for_streams(self) -> "VenueClient":
        """A client that refuses to wait for long: a stream has queues of its own and must end when told."""
        return self._make(STREAM_WAIT_SECONDS)

    def _make(self, max_wait: float) -> "VenueClient":
        # loaded when a venue is asked: ccxt alone is half a second of each run that asks none
        from alphapulse_resources.venues.client import VenueClient

        given = Settings.model_construct(
            home=Path(self.home),
            venue_url=self.venue_url,
            venues=Venues(
                http_timeout_seconds=self.http_timeout_seconds,
                wait_seconds=self.wait_seconds,
                yahoo_enabled=self.yahoo_enabled,
            ),
        )
        limiter = DatabaseRateLimiter(self.database.address().get_secret_value(), max_wait=max_wait)
        return VenueClient(given, limiter)
