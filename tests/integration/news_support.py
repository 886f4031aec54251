"""A platform's way to the simulated outlets, GDELT and NewsAPI, at a time of the test's choosing."""

from datetime import UTC, datetime
from typing import Any, Final

import requests
from pydantic import SecretStr

from alphapulse_assets.collecting.job import collectors_of
from alphapulse_assets.datasets.collecting import Collector, Sources
from alphapulse_assets.datasets.collector_run import Round, run_collector
from alphapulse_assets.news.texts.dataset import DATASETS
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.providers.registry import all_providers
from alphapulse_resources.settings import News, Providers, Settings
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_sim.process import SimulatorProcess

RULES: Final = {each.name: each.rules for each in DATASETS}
KEY: Final = "s3cret-of-newsapi"


GDELT_HOST: Final = "api.gdeltproject.org"


class Unlimited:
    """A rate limiter that lets everything through: budgets are tested elsewhere.

    The simulator counts by the real time: it is told to forget what it counted before each request to GDELT.
    """

    def __init__(self, sim: SimulatorProcess | None = None) -> None:
        self._sim = sim

    def acquire(self, bucket: str, weight: float = 1.0) -> float:
        if self._sim is not None and bucket.startswith("gdelt"):
            self._sim.spend(GDELT_HOST, 0)
        return 0.0

    def penalize(self, bucket: str, until: datetime, reason: str) -> None:
        pass


def sources_of(
    database: Database, sim: SimulatorProcess, *, feeds: str | None = None, key: str | None = None
) -> Sources:
    """What collectors may use, with every request going to the simulator."""
    secret = None if key is None else SecretStr(key)
    settings = Settings(
        _env_file=None, venue_url=sim.url, providers=Providers(newsapi_key=secret), news=News(feeds=feeds)
    )
    return Sources(database, settings, Gateway(Unlimited(sim), all_providers(settings)))


def collectors(sources: Sources) -> dict[str, Collector]:
    """The collectors of news by their source."""
    return {each.source: each for each in collectors_of(DATASETS, sources.settings)}


def declare(sources: Sources) -> None:
    """Note the collectors, as a poller that starts does."""
    for each in collectors(sources).values():
        sources.database.execute(
            statement("collecting/declare"),
            {
                "collector": each.name,
                "source": each.source,
                "datasets": list(each.datasets),
                "every": each.every,
                "rank": each.rank,
                "off_because": each.off_because(sources.settings),
                "run_id": "run",
            },
        )


def look(sources: Sources, source: str, at: datetime, sim: SimulatorProcess | None = None) -> Round:
    """One round of a source at a time: the simulator's clock stands at it, and so does ours."""
    if sim is not None:
        sim.set_clock(at)
    return run_collector(collectors(sources)[source], sources, RULES, now=at)


def news(database: Database, where: str = "true") -> list[dict[str, Any]]:
    """The stored articles, in the order in which they were seen."""
    return database.rows(f"SELECT * FROM news_events WHERE {where} ORDER BY ts, published, text_id")


def truth(sim: SimulatorProcess, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """What was published in [start, end), as the simulator knows it."""
    asked = {"start": start.isoformat(), "end": end.isoformat()}
    rows: list[dict[str, Any]] = requests.get(f"{sim.url}/_sim/stories", params=asked, timeout=30).json()
    return rows


def utc(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
