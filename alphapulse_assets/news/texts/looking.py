"""One look at a source of news: how far it was read before, and what becomes of what it tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

import polars as pl

from alphapulse_assets.datasets.collecting import Collected, Rows, Sources
from alphapulse_assets.datasets.round_clock import RoundClock
from alphapulse_assets.news.model import NEWS_EVENTS
from alphapulse_assets.news.texts.memory import memory_of
from alphapulse_assets.news.texts.model import FEED_SCHEMA, NEWS_FEEDS, NEWS_SIGHTINGS
from alphapulse_assets.news.texts.rows import Told, told, with_languages, with_stories
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.providers.bodies import Unless
from alphapulse_resources.providers.news_model import NewsAnswer
from alphapulse_resources.venues.model import Fetch

DATASET: Final = "news_events"
STANDS_STILL: Final = timedelta(hours=24)
"""How long a source that answers may bring nothing new before it is told of (ours)."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look: at whom, when, and what is known of the looks before (`state`: a row of news_feeds)."""

    sources: Sources
    clock: RoundClock
    provider: str
    feed: str
    url: str
    quiet: timedelta
    state: Mapping[str, Any] | None

    @classmethod
    def at(
        cls,
        sources: Sources,
        now: datetime,
        provider: str,
        feed: str,
        url: str,
        quiet: timedelta = STANDS_STILL,
    ) -> Self:
        """A look at a source, with its state."""
        rows = sources.database.rows(statement("news/feed"), {"feed": feed})
        return cls(sources, RoundClock(now), provider, feed, url, quiet, rows[0] if rows else None)

    @property
    def now(self) -> datetime:
        """When the source was asked."""
        return self.clock.began

    def unchanged(self, fetches: Sequence[Fetch]) -> Collected:
        """What comes of an answer that nothing has changed."""
        return Collected((), fetches, self._still(self.state))

    def collected(
        self,
        answers: Sequence[NewsAnswer],
        fetches: Sequence[Fetch],
        *,
        known_by: Unless | None = None,
        reached: datetime | None = None,
    ) -> Collected:
        """What comes of answers: new articles, who told what, and how far the source was read."""
        at = self.clock()
        made = told([item for each in answers for item in each.items], self.provider, self.feed, at)
        new = _new(self.sources.database, made.articles, at)
        missing = "; ".join(each.missing for each in answers if each.missing)
        notes = [missing, *(each.note for each in answers)]
        note = "; ".join(each for each in notes if each) or None
        row = {**self._row(made, new, at), "note": note, "reached": reached}
        if known_by is not None:
            row |= {"etag": known_by.etag, "last_modified": known_by.last_modified}
        rejects = [*(reject for each in answers for reject in each.rejects), *made.rejects]
        return Collected(
            [
                Rows(DATASET, NEWS_EVENTS, new, rejects),
                Rows(NEWS_SIGHTINGS.name, NEWS_SIGHTINGS, made.sightings),
                Rows(NEWS_FEEDS.name, NEWS_FEEDS, pl.DataFrame([row], FEED_SCHEMA)),
            ],
            fetches,
            {self.feed: missing} if missing else self._still(row),
        )

    def _row(self, made: Told, new: pl.DataFrame, at: datetime) -> dict[str, Any]:
        published = made.articles["published"].max()
        newest = at
        if self.state is None:  # what came before we looked is as new as it says
            newest = published if isinstance(published, datetime) else at
        elif not new.height:
            newest = self.state["newest_at"]
        return {
            "feed": self.feed, "ts": at, "url": self.url, "items": made.articles.height,
            "newest_published": published, "newest_at": newest, "known_at": at,
        }  # fmt: skip

    def _still(self, state: Mapping[str, Any] | None) -> dict[str, str]:
        """What is told of a source that answers, and has brought nothing new for long."""
        if state is None or self.now - state["newest_at"] <= self.quiet:
            return {}
        hours = (self.now - state["newest_at"]) / timedelta(hours=1)
        since = f"{state['newest_at']:%Y-%m-%d %H:%M} UTC"
        return {self.feed: f"it answers, and has brought nothing new for {hours:.0f} h (since {since})"}


def _new(database: Database, articles: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Rows of the articles that are not stored, with language and story."""
    ids = articles["text_id"].to_list()
    known = [row["text_id"] for row in database.rows(statement("news/news_known"), {"ids": ids})]
    new = with_languages(articles.filter(~pl.col("text_id").is_in(known)))
    return with_stories(new, memory_of(database).place(database, new, now))
