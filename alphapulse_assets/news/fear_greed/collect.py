"""Fear and greed: what the collector asks, and what a backfill of days does.

The index changes once a day, soon after 00:00 UTC: it is asked for every ten minutes, the last ten days at
once, in some 600 bytes, so that a new day is known within minutes and what is told otherwise is seen.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

import polars as pl

from alphapulse_assets.datasets.collecting import Collected, FillContext, FillResult, Rows, Sources
from alphapulse_assets.datasets.round_clock import RoundClock
from alphapulse_assets.datasets.vintage_filling import VintageRules, fill_series
from alphapulse_assets.datasets.vintage_store import newest_stored
from alphapulse_assets.datasets.vintages import as_vintages
from alphapulse_assets.news.fear_greed.model import DATASET, VINTAGES
from alphapulse_assets.news.fear_greed.rules import RULES
from alphapulse_resources.database.client import statement
from alphapulse_resources.providers.alternative_me import ALTERNATIVE_ME
from alphapulse_resources.providers.alternative_me.index import ALL_DAYS, FIRST_DAY, FearGreedIndex
from alphapulse_resources.providers.client import SOURCE
from alphapulse_resources.providers.model import WHOLE_MARKET, Series
from alphapulse_resources.venues.model import Page

COLLECTOR: Final = f"{DATASET} {ALTERNATIVE_ME.name}"
EVERY: Final = timedelta(minutes=10)
DAYS: Final = 10
"""Days that are asked for each time (ours)."""
DAY: Final = timedelta(days=1)
LATE: Final = timedelta(hours=2)
"""How long after its start a day may be without its value until it is said to be missing (ours)."""


def collect(sources: Sources, now: datetime) -> Collected:
    """The last days that are new or told otherwise."""
    start, end, asked = _midnight(now) - (DAYS - 1) * DAY, _midnight(now) + DAY, RoundClock(now)
    answer = FearGreedIndex(sources.provider(ALTERNATIVE_ME)).newest(DAYS, start, end)
    seen = asked()
    told = with_times(answer.rows, seen)
    stored = newest_stored(sources.database, VINTAGES, start, end)
    rows = as_vintages(told, stored, VINTAGES, seen)
    days = [(start + n * DAY).date() for n in range(DAYS)]
    return Collected(
        rows=(Rows(DATASET, VINTAGES, rows, answer.rejects),),
        fetches=answer.fetches,
        missing=missing_days(days, {ts.date() for ts in told["ts"]}, now),
    )


def with_times(rows: pl.DataFrame, seen: datetime) -> pl.DataFrame:
    """Rows of INDEX_SCHEMA with provider, `scheduled_at`, and `due_at` as `as_vintages` wants it: what we
    have seen now was known now."""
    return rows.with_columns(
        provider=pl.lit(ALTERNATIVE_ME.name),
        scheduled_at=pl.col("ts"),
        due_at=pl.lit(seen, pl.Datetime("us", "UTC")),
    )


def missing_days(days: list[date], told: set[date], now: datetime) -> dict[str, str]:
    """Days that the provider should have told of and did not, with the reason."""
    return {
        f"{day:%Y-%m-%d}": "the provider tells of later days, and not of this one"
        if told and day < max(told)
        else f"not there {now - _start(day)} after the day began"
        for day in days
        if day not in told and _start(day) >= FIRST_DAY and _start(day) + LATE <= now
    }


def fill(context: FillContext) -> FillResult:
    """Bring the index of days; days that it has none of are told as missing."""
    sources, now = context.sources, datetime.now(UTC)
    asking = FearGreedIndex(sources.provider(ALTERNATIVE_ME))

    def ask(_: Series, start: datetime, end: datetime) -> Iterator[Page[pl.DataFrame]]:
        answer = asking.newest(ALL_DAYS, start, end)
        yield Page(SOURCE, start, end, with_times(answer.rows, now), answer.rejects, answer.fetches)

    rules = VintageRules(sources.database, VINTAGES, RULES, now, known_at_receipt=True)
    subject = Series(ALTERNATIVE_ME.name, WHOLE_MARKET)
    result = fill_series(context, DATASET, [subject], rules, ask, until=now)
    if result.failed:
        return result
    window = (_start(min(context.days)), _start(max(context.days)) + DAY)
    stored = sources.database.read(statement("news/fear_greed_days"), window)
    missing = missing_days(list(context.days), {ts.date() for ts in stored["ts"]}, now)
    return FillResult(
        result.inserted,
        result.changed,
        result.unchanged,
        result.quarantined,
        result.written,
        {**result.missing, **missing},
    )


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
