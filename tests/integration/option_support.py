"""What the tests of options share: a simulator at a moment, and what asks it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from alphapulse_assets.datasets.collecting import Collector, FillContext, Sources
from alphapulse_assets.datasets.collector_run import Round, run_collector
from alphapulse_assets.options.dataset import DATASETS
from alphapulse_resources.database.client import Database
from alphapulse_resources.providers.deribit import DERIBIT
from alphapulse_resources.providers.provider import ProviderLimits, all_budgets
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from alphapulse_sim.context import SimConfig, Simulator
from alphapulse_sim.deribit import Deribit

NOW: Final = datetime(2024, 11, 20, 12, 0, 20, tzinfo=UTC)
RULES: Final = {each.name: each.rules for each in DATASETS}


@contextmanager
def sources_of(database: Database, url: str) -> Iterator[Sources]:
    """What collectors use, with the simulator behind it; rounds of a quarter of an hour follow each other."""
    hurried = replace(DERIBIT, limits=ProviderLimits(a_minute=60_000))
    limiter = DatabaseRateLimiter(database.dsn, max_wait=5.0, budgets=all_budgets([hurried]))
    settings = Settings.model_validate({"venue_url": url, "venues": {"http_timeout_seconds": 5.0}})
    yield Sources(database, settings, Gateway(limiter, [hurried]))
    limiter.close()


def ask(collector: Collector, sources: Sources, now: datetime = NOW) -> Round:
    """One round of a collector, judged and stored."""
    return run_collector(collector, sources, RULES, now=now)


def filling(sources: Sources, days: Sequence[datetime], symbols: list[str] | None = None) -> FillContext:
    """What a materialization of these days hands to a fill."""
    return FillContext(sources, [day.date() for day in days], [], None, "run", symbols)


def options_market() -> Deribit:
    """The simulated market, asked without a socket: what its answers are made of."""
    return Deribit(Simulator(SimConfig()))
