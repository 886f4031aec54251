"""What the tests of derived rows share: a tracked symbol with made-up candles, runs, and rows as frames."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import polars as pl
from candle_frames import candles, register, write
from dagster_support import Platform, Run

from alphapulse_assets.datasets.partitions import range_tags
from alphapulse_resources.database.client import Database

FIRST: Final = datetime(2024, 3, 10, tzinfo=UTC)
DAYS: Final = 3
LAST: Final = FIRST + timedelta(days=DAYS - 1)
DERIVED: Final = (
    *("indicators", "market_regime", "volume_patterns", "volume_profiles"),
    *("candlestick_patterns", "chart_patterns"),
)
DUE: Final = f"SELECT * FROM derived_dirty WHERE dataset IN {DERIVED}"
"""What is to be brought up to date after bars have changed, but for what is made of patterns."""
TABLES: Final = (
    *("indicator_values", "market_regimes", "market_regimes_overall"),
    *("volume_pattern_events", "volume_profile_days"),
    *("candlestick_pattern_events", "chart_pattern_events"),
)


def symbol(
    database: Database, name: str = "BTC/USDT", venue: str = "bybit", *, seed: int = 1, days: int = DAYS
) -> int:
    """A tracked symbol with candles and timeframes; its key."""
    (instrument_id,) = register(database, [name], venue)
    database.execute(
        "UPDATE instruments SET tracked = true, venue_symbol = replace(symbol, '/', ''), resolved_at = now(),"
        " tick_size = 0.01 WHERE instrument_id = %(id)s",
        {"id": instrument_id},
    )
    write(database, instrument_id, candles(FIRST, days * 1440, seed=seed))
    database.refresh_timeframes()
    return instrument_id


def days(
    platform: Platform,
    first: datetime = FIRST,
    last: datetime = LAST,
    *,
    assets: Sequence[str] = DERIVED,
    venue: str = "bybit",
    **config: Any,
) -> Run:
    """The partitions from one day to another, in one run."""
    return platform.run(
        "backfill_candles",
        tags=range_tags(first.date(), last.date(), venue, venue),
        config={"ops": {name: {"config": config} for name in assets}},
        assets=assets,
    )


def changed(platform: Platform, day: date | None = None) -> Run:
    """What changed bars make due, as the sensor asks for it, but for what is made of patterns."""
    day = day or datetime.now(UTC).date()
    return platform.run(
        "refresh_indicators",
        tags=range_tags(day, day, "bybit", "bybit"),
        config={"ops": {name: {"config": {"mode": "changed"}} for name in DERIVED}},
        assets=DERIVED,
    )


def rows(database: Database, table: str, *, version: int | None = None) -> pl.DataFrame:
    """All rows of a table but for when they were made, in order of the key."""
    found = database.read(f"SELECT * FROM {table}").drop("created_at")
    if version is not None:
        found = found.filter(pl.col("logic_version") == version)
    keys = (
        *("instrument_id", "venue", "timeframe_id", "ts"),
        *("pattern", "pattern_id", "stage", "logic_version"),
    )
    return found.sort([key for key in keys if key in found.columns])


def written(run: Run, asset: str) -> tuple[int, int, int]:
    """Rows that a run inserted, changed and removed."""
    shown = run.metadata(asset)
    return shown["rows_inserted"], shown["rows_changed"], shown["rows_removed"]


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of March 2024."""
    return datetime.combine(date(2024, 3, day), time(hour, minute), UTC)
