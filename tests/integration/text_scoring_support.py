"""Texts for tests of scoring: stored as collectors store them, and rounds that read them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, cast

import polars as pl
from market_metrics_support import declare

from alphapulse_assets.datasets.collecting import FillContext, FillResult, Sources
from alphapulse_assets.datasets.collector_run import Round, run_collector
from alphapulse_assets.news.model import NEWS_EVENTS, SOCIAL_POSTS, TEXTS_VERSION, text_id
from alphapulse_assets.news.scoring.dataset import LINKS, SENTIMENT_DATA
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway

NOW: Final = datetime(2024, 3, 20, 12, 0, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
RULES: Final = {each.name: each.rules for each in (SENTIMENT_DATA, LINKS)}
_NOTHING: Final[dict[str, Any]] = dict.fromkeys(
    [*NEWS_EVENTS.columns, *SOCIAL_POSTS.columns, "language_confidence"]
)


@dataclass(frozen=True, slots=True)
class News:
    """A headline, and when it was first seen."""

    title: str
    ts: datetime = NOW
    language: str | None = "en"
    source: str = "outlet.example"
    story: str | None = None
    """Title of the text that it is a copy of."""
    description: str | None = None

    @property
    def text_id(self) -> int:
        """As its address would make it."""
        return text_id("news", self.title)


@dataclass(frozen=True, slots=True)
class Post:
    """A post, and when it was first seen."""

    body: str | None
    post_id: str
    ts: datetime = NOW
    language: str | None = "en"
    deleted_at: datetime | None = None
    forgotten_at: datetime | None = None

    @property
    def text_id(self) -> int:
        """As its id makes it."""
        return text_id("reddit", self.post_id)


def store_news(database: Database, news: Sequence[News]) -> None:
    """As a collector of news stores them."""
    rows = [
        {
            **{name: _NOTHING[name] for name in NEWS_EVENTS.columns},
            "text_id": each.text_id,
            "ts": each.ts,
            "known_at": each.ts,
            "provider": "rss",
            "source": each.source,
            "url": f"https://{each.source}/{each.text_id}",
            "title": each.title,
            "description": each.description,
            "language": each.language,
            "cluster_id": each.text_id if each.story is None else text_id("news", each.story),
            "logic_version": TEXTS_VERSION,
        }
        for each in news
    ]
    _write(database, NEWS_EVENTS, rows)


def store_posts(database: Database, posts: Sequence[Post]) -> None:
    """As a collector of posts stores them."""
    rows = [
        {
            **{name: _NOTHING[name] for name in SOCIAL_POSTS.columns},
            "text_id": each.text_id,
            "ts": each.ts,
            "known_at": each.ts,
            "provider": "reddit",
            "source": "CryptoCurrency",
            "post_id": each.post_id,
            "body": each.body,
            "language": each.language,
            "cluster_id": each.text_id,
            "deleted_at": each.deleted_at,
            "forgotten_at": each.forgotten_at,
            "logic_version": TEXTS_VERSION,
        }
        for each in posts
    ]
    _write(database, SOCIAL_POSTS, rows)


def _write(database: Database, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    times = {"ts", "known_at", "published", "deleted_at", "forgotten_at"} & set(table.columns)
    whole = {"likes", "replies", "text_id", "cluster_id"} & set(table.columns)
    numbers = {"language_confidence", "similarity"}
    schema = {
        name: pl.Datetime("us", "UTC") if name in times else pl.Int64 if name in whole
        else pl.Float64 if name in numbers else pl.Int32 if name == "logic_version" else pl.String
        for name in table.columns
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema).sort(table.key)
    with database.transaction() as connection:
        database.upsert(connection, table, frame)


@dataclass(frozen=True, slots=True)
class Scoring:
    """A database, and the settings that texts are scored by."""

    database: Database
    sentiment: dict[str, Any] = field(default_factory=dict)

    @property
    def sources(self) -> Sources:
        """Scoring asks nobody: there is no way out."""
        settings = Settings.model_validate({"sentiment": self.sentiment})
        return Sources(self.database, settings, cast(Gateway, None))

    def round(self, now: datetime = NOW + MINUTE) -> Round:
        """One round of the collector."""
        (collector,) = SENTIMENT_DATA.collectors
        if not self.database.rows(
            "SELECT FROM collectors WHERE collector = %(name)s", {"name": collector.name}
        ):
            declare(self.database, collector)
        done = run_collector(collector, self.sources, RULES, now=now)
        assert done.error is None
        return done

    def fill(self, *days: date) -> FillResult:
        """Whole days again."""
        assert SENTIMENT_DATA.fill is not None
        return SENTIMENT_DATA.fill(FillContext(self.sources, days, [], None, "test"))

    def scores(self, **where: Any) -> list[dict[str, Any]]:
        """Rows of text_scores without the time they were made, in order."""
        return self.rows("text_scores", "ts, text_id, model, model_version", **where)

    def rows(self, relation: str, order: str, **where: Any) -> list[dict[str, Any]]:
        """Rows of a relation without the time they were made."""
        wanted = " AND ".join(f"{name} = %({name})s" for name in where) or "true"
        rows = self.database.rows(f"SELECT * FROM {relation} WHERE {wanted} ORDER BY {order}", where)
        return [{name: row[name] for name in row if name not in ("created_at", "read_at")} for row in rows]
