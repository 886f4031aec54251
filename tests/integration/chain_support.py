"""A way to the simulated alternative.me, Blockchain.com, mempool.space and Coin Metrics, at any time."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from alphapulse_assets.datasets.collecting import FillContext, Sources
from alphapulse_assets.datasets.collector_run import Round, run_collector
from alphapulse_assets.news.fear_greed.dataset import FEAR_GREED
from alphapulse_assets.news.onchain.dataset import ONCHAIN
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.providers.registry import PROVIDERS
from alphapulse_resources.settings import Providers, Settings
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_sim.process import SimulatorProcess

DATASETS: Final = (FEAR_GREED, ONCHAIN)
RULES: Final = {each.name: each.rules for each in DATASETS}
COLLECTORS: Final = {collector.source: collector for each in DATASETS for collector in each.collectors}
DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)


class Unlimited:
    """A rate limiter that lets everything through: budgets are tested elsewhere."""

    def acquire(self, bucket: str, weight: float = 1.0) -> float:
        return 0.0

    def penalize(self, bucket: str, until: datetime, reason: str) -> None:
        pass


def sources_of(database: Database, url: str, *, coinmetrics: bool = True) -> Sources:
    """What collectors and fills may use, with every request going to the simulator."""
    providers = Providers(coinmetrics_enabled=coinmetrics)
    settings = Settings(_env_file=None, venue_url=url, providers=providers)
    return Sources(database, settings, Gateway(Unlimited(), PROVIDERS))


def declare(database: Database) -> None:
    """Note the collectors, as a poller that starts does."""
    for each in COLLECTORS.values():
        database.execute(
            statement("collecting/declare"),
            {
                "collector": each.name,
                "source": each.source,
                "datasets": list(each.datasets),
                "every": each.every,
                "rank": each.rank,
                "off_because": None,
                "run_id": "run",
            },
        )


def look(sources: Sources, sim: SimulatorProcess, source: str, at: datetime) -> Round:
    """One round of a collector at a time: the simulator's clock stands at it, and so does ours."""
    sim.set_clock(at)
    return run_collector(COLLECTORS[source], sources, RULES, now=at)


def context(sources: Sources, first: date, last: date, **more: Any) -> FillContext:
    """Days to fill, both ends among them."""
    days = [first + n * DAY for n in range((last - first).days + 1)]
    given: Mapping[str, Any] = {"venues": [], "batch": None, "run_id": "run", **more}
    return FillContext(sources=sources, days=days, **given)


def utc(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
