"""What tests of aggregates share: texts with links and scores in the database, as collection leaves them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from alphapulse_assets.news.model import (
    LINKS_VERSION,
    NEWS_EVENTS,
    SOCIAL_POSTS,
    TEXT_LINKS,
    TEXT_SCORES,
    TEXTS_VERSION,
    text_id,
)
from alphapulse_resources.database.client import Database

VERSION: Final = "1"
_TIME: Final = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True)
class Said:
    """A text, whom it is about and what a model says of it.

    `number` makes its id; `story` is the number of its story's first text; `score` None: not read.
    """

    number: int
    at: datetime
    score: float | None = 0.5
    coins: Sequence[str] = ("BTC",)
    source: str = "outlet.example"
    kind: str = "news"
    story: int | None = None
    confidence: float | None = 0.8
    link: float = 0.9
    model: str = "linear"
    version: str = VERSION
    title: str = ""

    @property
    def text_id(self) -> int:
        return text_id("test", str(self.number))

    @property
    def cluster_id(self) -> int:
        return text_id("test", str(self.number if self.story is None else self.story))

    @property
    def headline(self) -> str:
        return self.title or f"Headline {self.number}"


def store(database: Database, texts: Sequence[Said], *, made_at: datetime | None = None) -> None:
    """Write texts, links and scores; `made_at`: when links and scores were made, else with the text."""
    news = [_news(each) for each in texts if each.kind == "news"]
    posts = [_post(each) for each in texts if each.kind != "news"]
    with database.transaction() as connection:
        for table, rows in ((NEWS_EVENTS, news), (SOCIAL_POSTS, posts)):
            if rows:
                database.upsert(connection, table, _frame(rows, table.columns).sort(table.key))
        links = [_link(each, coin, made_at) for each in texts for coin in each.coins]
        if links:
            database.upsert(connection, TEXT_LINKS, _frame(links, TEXT_LINKS.columns).sort(TEXT_LINKS.key))
        scores = _frame([_score(each, made_at) for each in texts], TEXT_SCORES.columns)
        database.upsert(connection, TEXT_SCORES, scores.sort(TEXT_SCORES.key))


def _news(said: Said) -> dict[str, object]:
    return {
        "text_id": said.text_id,
        "ts": said.at,
        "provider": "rss",
        "source": said.source,
        "url": f"https://{said.source}/{said.number}",
        "title": said.headline,
        "cluster_id": said.cluster_id,
        "language": "en",
        "logic_version": TEXTS_VERSION,
        "known_at": said.at,
    }


def _post(said: Said) -> dict[str, object]:
    return {
        "text_id": said.text_id,
        "provider": "reddit",
        "source": said.source,
        "post_id": str(said.number),
        "ts": said.at,
        "title": said.headline,
        "cluster_id": said.cluster_id,
        "language": "en",
        "logic_version": TEXTS_VERSION,
        "known_at": said.at,
    }


def _link(said: Said, coin: str, made_at: datetime | None) -> dict[str, object]:
    return {
        "text_id": said.text_id,
        "coin": coin,
        "logic_version": LINKS_VERSION,
        "ts": said.at,
        "rule": "cashtag",
        "confidence": said.link,
        "mention": f"${coin}",
        "known_at": said.at,
        "created_at": made_at or said.at,
    }


def _score(said: Said, made_at: datetime | None = None) -> dict[str, object]:
    return {
        "text_id": said.text_id,
        "model": said.model,
        "model_version": said.version,
        "ts": said.at,
        "score": said.score,
        "confidence": None if said.score is None else said.confidence,
        "negative": None,
        "neutral": None,
        "positive": None,
        "note": "language xx is not supported" if said.score is None else None,
        "data_hash": "0" * 64,
        "known_at": said.at,
        "created_at": made_at or said.at,
    }


_TIMES: Final = ("ts", "published", "deleted_at", "forgotten_at", "known_at", "created_at")
_NUMBERS: Final = ("text_id", "cluster_id", "likes", "replies")
_FLOATS: Final = (
    "language_confidence",
    "similarity",
    "confidence",
    "score",
    "negative",
    "neutral",
    "positive",
)


def _frame(rows: Sequence[dict[str, object]], columns: Sequence[str]) -> pl.DataFrame:
    schema = {
        name: _TIME
        if name in _TIMES
        else pl.Int64
        if name in _NUMBERS
        else pl.Float64
        if name in _FLOATS
        else pl.Int32
        if name == "logic_version"
        else pl.String
        for name in columns
    }
    return pl.DataFrame([{name: row.get(name) for name in columns} for row in rows], schema=schema)
