"""Tables and columns of where news come from. Pure; the news themselves are in `news/model.py`."""

from typing import Final

import polars as pl

from alphapulse_resources.database.tables import Table

NEWS_FEEDS: Final = Table(
    "news_feeds",
    key=("feed",),
    values=(
        "ts", "url", "etag", "last_modified", "items", "newest_published", "newest_at", "reached", "note",
    ),
    provenance=("known_at",),
    computed=True,  # a row stands for the latest answer: what it does not tell is null
)  # fmt: skip
NEWS_SIGHTINGS: Final = Table(
    "news_sightings",
    key=("text_id", "feed", "title"),
    values=("ts", "published"),
    provenance=("known_at",),
    first_told=True,
)
_TIME: Final = pl.Datetime("us", "UTC")
FEED_SCHEMA: Final = pl.Schema(
    {
        "feed": pl.String(), "ts": _TIME, "url": pl.String(), "etag": pl.String(),
        "last_modified": pl.String(), "items": pl.Int32(), "newest_published": _TIME, "newest_at": _TIME,
        "reached": _TIME, "note": pl.String(), "known_at": _TIME,
    }
)  # fmt: skip
SIGHTING_SCHEMA: Final = pl.Schema(
    {
        "text_id": pl.Int64(), "feed": pl.String(), "title": pl.String(), "ts": _TIME, "published": _TIME,
        "known_at": _TIME,
    }
)  # fmt: skip
READ_SCHEMA: Final = pl.Schema(
    {
        "text_id": pl.Int64(), "ts": _TIME, "provider": pl.String(), "source": pl.String(),
        "url": pl.String(), "title": pl.String(), "description": pl.String(),
        "published": _TIME, "published_note": pl.String(),
        "logic_version": pl.Int32(), "known_at": _TIME,
    }
)  # fmt: skip
"""Articles as they were read, before it is said in which language they are and to which story they belong."""
NEWS_SCHEMA: Final = pl.Schema(
    {
        **READ_SCHEMA, "language": pl.String(), "language_confidence": pl.Float64(), "cluster_id": pl.Int64(),
        "similarity": pl.Float64(),
    }
)  # fmt: skip
"""A row of news_events, without what the database fills in."""
