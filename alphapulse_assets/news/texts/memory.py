"""The news of the last 72 hours, kept in memory between rounds: what a new text may be a copy of.

It is brought up to date from the database before each use, by what is newer than what it has; where it does
not hold what the database holds (rows were purged, another process wrote), it is read anew. Texts that were
placed and are not stored yet belong to it: two sources that tell a story at the same time share it.
"""

import threading
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.news.model import STORY_WINDOW
from alphapulse_assets.news.texts.stories import NEW_SCHEMA, Stories
from alphapulse_resources.database.client import Database, statement

STORED_WITHIN: Final = timedelta(minutes=10)
"""How long after it was placed a text is stored, or never will be (ours: a round is over far sooner)."""


class StoryMemory:
    """The stories of one database. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stories = Stories()
        self._read_to: datetime | None = None
        self._stored: dict[int, datetime] = {}
        self._placed: dict[int, datetime] = {}

    def place(self, database: Database, articles: pl.DataFrame, now: datetime) -> pl.DataFrame:
        """Where new texts (READ_SCHEMA) belong: PLACED_SCHEMA."""
        new = articles.select("text_id", "ts", "title", pl.col("description").alias("body"))
        with self._lock:
            self._refresh(database, now)
            placed = self._stories.place(new.match_to_schema(NEW_SCHEMA))
            self._placed |= dict.fromkeys(new["text_id"], now)
        return placed

    def _refresh(self, database: Database, now: datetime) -> None:
        start = now - STORY_WINDOW
        since = start if self._read_to is None else max(start, self._read_to - STORED_WITHIN)
        self._read(database, since, now)
        self._stored = {text_id: ts for text_id, ts in self._stored.items() if start <= ts <= now}
        count = database.rows(statement("news/news_count"), {"start": start, "end": now})[0]["texts"]
        lost = any(ts < now - STORED_WITHIN for ts in self._placed.values())
        if lost or count != len(self._stored):
            self._stories, self._stored, self._placed = Stories(), {}, {}
            self._read(database, start, now)
        self._read_to = now

    def _read(self, database: Database, start: datetime, end: datetime) -> None:
        stored = database.read(statement("news/stored_news"), (start, end))
        self._stories.remember(stored)
        for text_id, ts in stored.select("text_id", "ts").iter_rows():
            self._stored[text_id] = ts
            self._placed.pop(text_id, None)


_memories: dict[str, StoryMemory] = {}
_making: Final = threading.Lock()


def memory_of(database: Database) -> StoryMemory:
    """The memory of this process for a database."""
    with _making:
        return _memories.setdefault(database.dsn, StoryMemory())
