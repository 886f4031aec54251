"""From what a source tells to rows: canonical, plain, each article once. Pure."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, NamedTuple

import polars as pl

from alphapulse_assets.news.model import TEXTS_VERSION, text_id
from alphapulse_assets.news.texts.language import languages
from alphapulse_assets.news.texts.model import NEWS_SCHEMA, READ_SCHEMA, SIGHTING_SCHEMA
from alphapulse_assets.news.texts.plain import LONGEST_TITLE, description, plain
from alphapulse_assets.news.texts.published import believed
from alphapulse_assets.news.texts.urls import canonical, outlet
from alphapulse_resources.providers.news_model import NewsItem
from alphapulse_resources.venues.model import Reject

NEWS: Final = "news"


class Told(NamedTuple):
    """What one answer comes to: articles (READ_SCHEMA), who told them (SIGHTING_SCHEMA), what no row is."""

    articles: pl.DataFrame
    sightings: pl.DataFrame
    rejects: Sequence[Reject]


def told(items: Sequence[NewsItem], provider: str, feed: str, now: datetime) -> Told:
    """Rows of the items that a source told at `now` (UTC), in the order of their publication as far as told.

    An item without an address or a headline is rejected, with the reason.
    """
    articles: dict[int, dict[str, Any]] = {}
    sightings: dict[tuple[int, str], dict[str, Any]] = {}
    rejects: list[Reject] = []
    for item in items:
        row = _article(item, provider, now)
        if isinstance(row, Reject):
            rejects.append(row)
            continue
        articles.setdefault(row["text_id"], row)
        sightings.setdefault((row["text_id"], row["title"]), {**row, "feed": feed})
    frame = pl.DataFrame(list(articles.values()), READ_SCHEMA)
    seen = pl.DataFrame(
        [{name: each[name] for name in SIGHTING_SCHEMA} for each in sightings.values()], SIGHTING_SCHEMA
    )
    return Told(frame.sort("published", "text_id", nulls_last=True), seen, rejects)


def with_languages(articles: pl.DataFrame) -> pl.DataFrame:
    """The same with language and language_confidence."""
    texts = [f"{title}. {body or ''}" for title, body in articles.select("title", "description").iter_rows()]
    found = languages(texts)
    return articles.with_columns(
        pl.Series("language", [each.code for each in found], pl.String()),
        pl.Series("language_confidence", [each.confidence for each in found], pl.Float64()),
    )


def with_stories(articles: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """Rows of news_events (NEWS_SCHEMA), with the stories that they were placed in (PLACED_SCHEMA)."""
    return articles.join(placed, on="text_id", how="left", maintain_order="left").select(NEWS_SCHEMA.names())


def _article(item: NewsItem, provider: str, now: datetime) -> dict[str, Any] | Reject:
    url = canonical(item.url)
    title = plain(item.title, LONGEST_TITLE)
    if url is None or title is None:
        return Reject("no_address_of_an_article" if url is None else "no_headline", _payload(item))
    published, note = believed(item.published, now)
    return {
        "text_id": text_id(NEWS, url),
        "ts": now,
        "provider": provider,
        "source": outlet(url),
        "url": url,
        "title": title,
        "description": description(item.description, title),
        "published": published,
        "published_note": note if item.seen is None else f"not told; {provider} saw it at {item.seen[:40]}",
        "logic_version": TEXTS_VERSION,
        "known_at": now,
    }


def _payload(item: NewsItem) -> dict[str, Any]:
    return {name: str(value)[:500] for name, value in asdict(item).items() if value is not None}
