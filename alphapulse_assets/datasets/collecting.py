"""What is asked again and again: one question to one source, and what its answer brings.

A `Collector` is declared with its data set. The poller (`alphapulse_assets.collecting`) runs all of them by
their cadence in one process; `collector_run` judges and stores what they bring. Days of the past are brought,
or made again, by the data set's `Fill`, which its asset calls.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from alphapulse_assets.alerts.market import MarketAlert
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.tables import Table
from alphapulse_resources.providers.provider import Provider
from alphapulse_resources.settings import Settings
from alphapulse_resources.settings.model import DELIMITER, PREFIX
from alphapulse_resources.venues.model import Fetch, Reject

if TYPE_CHECKING:
    from alphapulse_resources.providers.client import ProviderClient
    from alphapulse_resources.venues.gateway import Gateway
    from alphapulse_resources.venues.public_api import VenueApi

OURS: Final = "alphapulse"
"""Source of rows that are computed of collected ones."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a collector may use: the database, and the way out that all of the platform shares."""

    database: Database
    settings: Settings
    gateway: "Gateway"

    def provider(self, provider: Provider) -> "ProviderClient":
        """The client of a provider, with its key where one is set (`<name>_key` of `settings.providers`)."""
        from alphapulse_resources.providers.client import ProviderClient

        key = getattr(self.settings.providers, f"{provider.name}_key", None)
        return ProviderClient(provider, self.settings, self.gateway, key)

    def venue(self, venue: str) -> "VenueApi":
        """The client of a venue's data beside candles, on the budgets that candles are paid from."""
        from alphapulse_resources.venues.public_api import venue_api

        return venue_api(venue, self.settings, self.gateway)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table of a data set, as answers brought them.

    `frame` holds the table's key and values, `ts` and `known_at` among them (aware, UTC, microseconds);
    `received_at` is filled in where the table has it. `rejects` could not be read: they go to quarantine.
    """

    dataset: str
    table: Table
    frame: pl.DataFrame
    rejects: Sequence[Reject] = ()


@dataclass(frozen=True, slots=True)
class Collected:
    """What one round of a collector brought.

    `missing` is what was asked for and not answered, with the reason: the failure of one symbol stops nobody
    else. `fetches` are the requests it took, for the request log.
    """

    rows: Sequence[Rows] = ()
    fetches: Sequence[Fetch] = ()
    missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """One question to one source, asked every so often."""

    name: str
    """Stable: what ledgers know it by, such as `open_interest binanceusdm`."""
    source: str
    """A venue or a provider; `OURS` for what is computed of collected rows."""
    datasets: tuple[str, ...]
    """The data sets that its rows are of, the main one first."""
    every: timedelta
    collect: Callable[[Sources, datetime], Collected]
    """Asks now (UTC); may raise `VenueError`, which is kept, told and tried again next time."""
    needs_key: str | Sequence[str] | None = None
    """Field of `settings.providers`, or several, without which it is off; `alphapulse status` says so."""
    rank: int = 1
    """Which of several sources of a data set it is; the first serves it while it answers."""
    alerts: Callable[[Sources, datetime], Sequence[MarketAlert]] | None = None
    """What deserves an alert; asked each time its rows were stored."""
    switched_off: Callable[[Settings], str | None] | None = None
    """Why the settings leave it out; None where they do not."""
    hurried: bool = False
    """Whether it is asked at once when a tracked symbol moves much more than usual (`collecting.hurry`)."""

    def off_because(self, settings: Settings) -> str | None:
        """Why it is not asked; None where it is."""
        if self.switched_off is not None and (why := self.switched_off(settings)) is not None:
            return why
        wanted = [self.needs_key] if isinstance(self.needs_key, str) else self.needs_key or ()
        unset = [key for key in wanted if getattr(settings.providers, key, None) is None]
        return needs(*unset) if unset else None


def needs(*keys: str) -> str:
    """What is said where keys are not set; each is a field of `settings.providers`."""
    return "needs a key: set " + " and ".join(f"{PREFIX}PROVIDERS{DELIMITER}{key.upper()}" for key in keys)


def off_unless(switch: str) -> Callable[[Settings], str | None]:
    """Off unless `switch`, a field of `settings.providers`, is true: for `Collector.switched_off`."""

    def why(settings: Settings) -> str | None:
        if getattr(settings.providers, switch):
            return None
        return f"off unless {PREFIX}PROVIDERS{DELIMITER}{switch.upper()}=true (docs/news.md tells why)"

    return why


@dataclass(frozen=True, slots=True)
class FillContext:
    """Which days are to be filled, for whom, and in whose name.

    `venues` is empty for data sets without a venue. `symbols` restricts to some, None to none of them.
    """

    sources: Sources
    days: Sequence[date]
    venues: Sequence[str]
    batch: str | None
    run_id: str
    symbols: Sequence[str] | None = None
    log: Callable[[str], None] = print


@dataclass(frozen=True, slots=True)
class FillResult:
    """What a fill did.

    `written` are the partitions that got rows (venue or None, day); `missing` is what no source had or could
    answer for, with the reason; `failed` tells that it has to be tried again.
    """

    inserted: int = 0
    changed: int = 0
    unchanged: int = 0
    quarantined: int = 0
    written: frozenset[tuple[str | None, date]] = frozenset()
    missing: Mapping[str, str] = field(default_factory=dict)
    failed: bool = False


Fill = Callable[[FillContext], FillResult]
"""Brings the rows of whole days: fetches history, or computes again what is derived. Idempotent."""
