"""What the tests of market metrics share: the simulator as both providers, and rounds of collectors."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from alphapulse_assets.datasets.collecting import Collector, Sources
from alphapulse_assets.datasets.collector_run import Round, run_collector
from alphapulse_assets.market_metrics.dataset import DATASETS
from alphapulse_resources.database.client import Database
from alphapulse_resources.providers.provider import all_budgets
from alphapulse_resources.providers.registry import PROVIDERS
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from alphapulse_sim.process import SimulatorProcess

NOW: Final = datetime(2024, 3, 20, 12, 0, 40, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
GECKO: Final = "api.coingecko.com"
CMC: Final = "pro-api.coinmarketcap.com"
KEY: Final = "k3y-of-coinmarketcap"
COLLECTORS: Final = {each.name: each for dataset in DATASETS for each in dataset.collectors}
PLENTY: Final = Bucket(60_000, 60)
"""Budgets that keep no test waiting: the real ones let a request through every few seconds."""
RULES: Final = {dataset.name: dataset.rules for dataset in DATASETS}


@dataclass(frozen=True, slots=True)
class Providers:
    """The simulator as the providers, and what asks it."""

    simulator: SimulatorProcess
    sources: Sources

    def round(self, name: str, now: datetime = NOW) -> Round:
        """One round of a collector at a time, which is the providers' too."""
        self.simulator.set_clock(now)
        return run_collector(COLLECTORS[name], self.sources, RULES, now=now)

    def rows(self, table: str, **where: str) -> list[dict[str, Any]]:
        """The rows of a table in order of time."""
        wanted = " AND ".join(f"{name} = %({name})s" for name in where) or "true"
        order = "ts" if "coin" not in table else "coin, ts"
        return self.sources.database.rows(f"SELECT * FROM {table} WHERE {wanted} ORDER BY {order}", where)

    def quarantined(self) -> list[dict[str, Any]]:
        """What was put aside."""
        return self.sources.database.rows("SELECT * FROM quarantine ORDER BY dataset, series")


@contextmanager
def providers(database: Database, simulator: SimulatorProcess, **keys: str) -> Iterator[Providers]:
    """Both providers for one test; `keys` are settings of `providers`."""
    simulator.clear()
    for each in COLLECTORS.values():
        declare(database, each)
    given = {"coinmarketcap_key": KEY, **keys}
    settings = Settings.model_validate({"venue_url": simulator.url, "providers": given})
    limiter = DatabaseRateLimiter(
        database.dsn, max_wait=5.0, budgets=dict.fromkeys(all_budgets(PROVIDERS), PLENTY)
    )
    try:
        yield Providers(simulator, Sources(database, settings, Gateway(limiter, PROVIDERS)))
    finally:
        limiter.close()


def declare(database: Database, collector: Collector) -> None:
    """As the poller does when it begins."""
    database.execute(
        "INSERT INTO collectors (collector, source, datasets, every, rank, declared_at)"
        " VALUES (%(name)s, %(source)s, %(datasets)s, %(every)s, %(rank)s, now())",
        {
            "name": collector.name,
            "source": collector.source,
            "datasets": list(collector.datasets),
            "every": collector.every,
            "rank": collector.rank,
        },
    )
