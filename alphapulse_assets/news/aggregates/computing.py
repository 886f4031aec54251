"""Aggregates and correlations of what is stored: the hours that are due each minute, and whole days again.

An hour is made when it is over, and once more when a link or a score of one of its texts came late or a post
was deleted; rows that are the same are not written again. Rows of what is gone go with the next fill.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.datasets.collecting import Collected, FillContext, FillResult, Rows, Sources
from alphapulse_assets.news.aggregates import aggregation, correlation
from alphapulse_assets.news.aggregates.model import (
    AGGREGATES_VERSION,
    CORRELATIONS_VERSION,
    SENTIMENT_AGGREGATES,
    SENTIMENT_CORRELATIONS,
)
from alphapulse_assets.news.model import LINKS_VERSION
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.database.tables import Table
from alphapulse_resources.database.upsert import Written

AGGREGATES: Final = "sentiment_aggregates"
CORRELATIONS: Final = "sentiment_correlations"
AGGREGATES_OF: Final = "sentiment_aggregates alphapulse"
CORRELATIONS_OF: Final = "sentiment_correlations alphapulse"
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
CATCH_UP: Final = timedelta(days=3)
"""How far back a round goes for what nobody made or what changed late; the rest is for a fill (ours)."""
SETTLED: Final = timedelta(minutes=10)
"""After which the last hour of a day has its candles and scores (ours)."""
AT_ONCE: Final = timedelta(days=7)
"""How much a fill holds in memory at a time: each text is in 25 windows (ours)."""

Window = tuple[datetime, datetime]


def aggregate_rows(database: Database, window: Window) -> pl.DataFrame:
    """Aggregates of the hours of a window, of texts as they are stored now."""
    start, end = window
    reach = (start - aggregation.REACH, end)
    texts = database.read(statement("news/aggregates/texts"), reach)
    links = database.read(statement("news/aggregates/links"), (*reach, LINKS_VERSION))
    scores = database.read(statement("news/aggregates/scores"), reach)
    utc = pl.col("known_at").cast(pl.Datetime("us", "UTC"))
    return aggregation.aggregates(texts.with_columns(utc), links, scores, start, end)


def correlation_rows(database: Database, day: datetime) -> pl.DataFrame:
    """Correlations of a day, of all tracked symbols."""
    tracked = database.read(statement("news/aggregates/tracked"))
    end = day + DAY
    window = (end - max(correlation.DAYS) * DAY - correlation.BEFORE, end)
    coins, instruments = tracked["coin"].unique().sort().to_list(), tracked["instrument_id"].to_list()
    said = database.read(statement("news/aggregates/hours_of_coins"), (*window, coins))
    bars = database.read(statement("news/aggregates/hourly_bars"), (instruments, *window))
    return correlation.correlations(said, bars.join(tracked, on="instrument_id"), day)


def collect_aggregates(sources: Sources, now: datetime) -> Collected:
    """The hours that are over and were not made yet, or of whose texts something has changed since."""
    until = floor_hour(now)
    start = _due_since(sources.database, until)
    if start >= until:
        return Collected()
    found = _stamped(aggregate_rows(sources.database, (start, until)), AGGREGATES_VERSION)
    return Collected([Rows(AGGREGATES, SENTIMENT_AGGREGATES, found)])


def collect_correlations(sources: Sources, now: datetime) -> Collected:
    """Those of yesterday, once."""
    yesterday = _midnight((now - SETTLED).date()) - DAY
    given = {"day": yesterday, "version": CORRELATIONS_VERSION}
    if sources.database.rows(statement("news/aggregates/correlated"), given)[0]["made"]:
        return Collected()
    found = _stamped(correlation_rows(sources.database, yesterday), CORRELATIONS_VERSION)
    return Collected([Rows(CORRELATIONS, SENTIMENT_CORRELATIONS, found)])


def fill_aggregates(context: FillContext) -> FillResult:
    """Make the aggregates of whole days again, as far as their hours are over."""
    store, total, written = DerivedStore(context.sources.database), Written(), set[date]()
    for window in _windows(context.days, floor_hour(datetime.now(UTC))):
        found = aggregate_rows(store.database, window)
        total += _replace(store, SENTIMENT_AGGREGATES, found, window, AGGREGATES_VERSION)
        written |= set(found["ts"].dt.date())
    return _filled(total, written)


def fill_correlations(context: FillContext) -> FillResult:
    """Make the correlations of whole days again: of all symbols, since q is of all of them together."""
    store, total, written = DerivedStore(context.sources.database), Written(), set[date]()
    for day in sorted(context.days):
        opened = _midnight(day)
        if opened + DAY > datetime.now(UTC):
            continue
        found = correlation_rows(store.database, opened)
        window = (opened, opened + DAY)
        total += _replace(store, SENTIMENT_CORRELATIONS, found, window, CORRELATIONS_VERSION)
        written |= set(found["ts"].dt.date())
    return _filled(total, written)


def _due_since(database: Database, until: datetime) -> datetime:
    """The first hour that a round has to make; `until` where there is none."""
    given = {"collector": AGGREGATES_OF, "oldest": until - CATCH_UP}
    due = database.rows(statement("news/aggregates/due"), given)[0]
    since, changed = due["since"], due["changed"]
    if since is None:
        return until - CATCH_UP
    hours = [until, floor_hour(since)] + ([] if changed is None else [floor_hour(changed)])
    return max(min(hours), until - CATCH_UP)


def _replace(store: DerivedStore, table: Table, found: pl.DataFrame, window: Window, version: int) -> Written:
    with store.database.transaction() as connection:
        store.lock(connection, table, 0)
        return store.replace(connection, table, found, {"logic_version": version}, window)


def _filled(total: Written, written: set[date]) -> FillResult:
    return FillResult(
        inserted=total.inserted,
        changed=total.changed + total.removed,
        unchanged=total.unchanged,
        written=frozenset((None, day) for day in written),
    )


def _windows(days: Sequence[date], until: datetime) -> Iterator[Window]:
    """Days as windows, neighbours together, none longer than AT_ONCE, as far as they are over."""
    opened = [_midnight(day) for day in sorted(set(days)) if _midnight(day) < until]
    while opened:
        start = last = opened.pop(0)
        while opened and opened[0] == last + DAY and opened[0] - start < AT_ONCE:
            last = opened.pop(0)
        yield start, min(last + DAY, until)


def _stamped(found: pl.DataFrame, version: int) -> pl.DataFrame:
    return found.with_columns(
        logic_version=pl.lit(version, pl.Int32),
        created_at=pl.lit(datetime.now(UTC)).cast(pl.Datetime("us", "UTC")),
    )


def floor_hour(moment: datetime) -> datetime:
    """The beginning of the hour of a moment."""
    return moment.replace(minute=0, second=0, microsecond=0)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
