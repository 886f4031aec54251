"""A platform's way to the simulated Reddit and X, at a time of the test's choosing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from alphapulse_assets.datasets.collecting import Collector, Sources
from alphapulse_assets.datasets.collector_run import Round, run_collector
from alphapulse_assets.news.social.dataset import DATASETS
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.providers.registry import PROVIDERS
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_sim.process import SimulatorProcess

NOW: Final = datetime(2024, 3, 20, 12, 0, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
REDDIT, X = "oauth.reddit.com", "api.twitter.com"
CLIENT, SECRET, TOKEN = "app-of-the-tests", "s3cret-of-the-app", "b3arer-of-the-tests"
PLACES: Final = ("CryptoCurrency", "Bitcoin")
COLLECTORS: Final[dict[str, Collector]] = {
    each.name: each for dataset in DATASETS for each in dataset.collectors
}
RULES: Final = {each.name: each.rules for each in DATASETS}
POSTS, POSTS_X = "social_posts reddit", "social_posts x"
AGAIN, AGAIN_X, FORGET = "social_removals reddit", "social_removals x", "social_removals alphapulse"


class Unlimited:
    """A rate limiter that lets everything through, and remembers who was to wait until when."""

    def __init__(self) -> None:
        self.pauses: list[tuple[str, datetime, str]] = []

    def acquire(self, bucket: str, weight: float = 1.0) -> float:
        return 0.0

    def penalize(self, bucket: str, until: datetime, reason: str) -> None:
        self.pauses.append((bucket, until, reason))


@dataclass(frozen=True, slots=True)
class Social:
    """The simulator as Reddit and X, and what asks it."""

    simulator: SimulatorProcess
    sources: Sources
    limiter: Unlimited

    @property
    def database(self) -> Database:
        """The test's database."""
        return self.sources.database

    def round(self, name: str, now: datetime = NOW) -> Round:
        """One round of a collector at a time, which is the networks' too."""
        self.simulator.set_clock(now)
        return run_collector(COLLECTORS[name], self.sources, RULES, now=now)

    def rows(
        self, query: str = "SELECT * FROM social_posts ORDER BY provider, post_id"
    ) -> list[dict[str, Any]]:
        """Rows of a query."""
        return self.database.rows(query)

    def posts(self) -> dict[str, dict[str, Any]]:
        """Stored posts by their ids."""
        return {row["post_id"]: row for row in self.rows()}

    def truth(self, network: str, start: datetime, end: datetime) -> dict[str, dict[str, Any]]:
        """What the simulator knows of posts, by their ids."""
        return {each["id"]: each for each in self.simulator.posts(network, start, end, *PLACES)}


@contextmanager
def social(
    database: Database,
    simulator: SimulatorProcess,
    providers: dict[str, Any] | None = None,
    seconds: float = 10.0,
    **news: Any,
) -> Iterator[Social]:
    """Reddit and X for one test; `providers` and `news` are settings, `seconds` a request may take."""
    simulator.clear()
    for each in COLLECTORS.values():
        declare(database, each)
    keys = {"reddit_client_id": CLIENT, "reddit_client_secret": SECRET, "x_bearer_token": TOKEN}
    settings = Settings.model_validate(
        {
            "venue_url": simulator.url,
            "venues": {"http_timeout_seconds": seconds},
            "providers": {**keys, **(providers or {})},
            "news": {"subreddits": "CryptoCurrency, r/Bitcoin", **news},
        }
    )
    limiter = Unlimited()
    yield Social(simulator, Sources(database, settings, Gateway(limiter, PROVIDERS)), limiter)


def declare(database: Database, collector: Collector) -> None:
    """As the poller does when it begins."""
    database.execute(
        statement("collecting/declare"),
        {
            "collector": collector.name, "source": collector.source, "datasets": list(collector.datasets),
            "every": collector.every, "rank": collector.rank, "off_because": None, "run_id": "run",
        },
    )  # fmt: skip
