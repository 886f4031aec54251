"""A platform's way to the simulated CFTC, DefiLlama and Coinglass, at a time of the test's choosing."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from pydantic import SecretStr

from alphapulse_assets.datasets.collecting import FillContext, Sources
from alphapulse_assets.datasets.collector_run import Round, run_collector
from alphapulse_assets.market_metrics.institutional.dataset import DATASETS
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.providers.registry import PROVIDERS
from alphapulse_resources.settings import Providers, Settings
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_sim.process import SimulatorProcess

RULES: Final = {each.name: each.rules for each in DATASETS}
COLLECTORS: Final = {collector.source: collector for each in DATASETS for collector in each.collectors}
FILLS: Final = {each.name: each.fill for each in DATASETS}
KEY: Final = "s3cret-of-coinglass"


class Unlimited:
    """A rate limiter that lets everything through: budgets are tested elsewhere."""

    def acquire(self, bucket: str, weight: float = 1.0) -> float:
        return 0.0

    def penalize(self, bucket: str, until: datetime, reason: str) -> None:
        pass


def sources_of(database: Database, url: str, key: str | None = None) -> Sources:
    """What collectors and fills may use, with every request going to the simulator."""
    secret = None if key is None else SecretStr(key)
    settings = Settings(_env_file=None, venue_url=url, providers=Providers(coinglass_key=secret))
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
    done = run_collector(COLLECTORS[source], sources, RULES, now=at)
    sources.database.execute(
        "UPDATE collectors SET answered_at = %(at)s WHERE collector = %(name)s AND failures = 0",
        {"at": at, "name": COLLECTORS[source].name},
    )
    return done


def context(sources: Sources, first: date, last: date, **more: Any) -> FillContext:
    """Days to fill, both ends among them."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    given: Mapping[str, Any] = {"venues": [], "batch": None, "run_id": "run", **more}
    return FillContext(sources=sources, days=days, **given)


def utc(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
