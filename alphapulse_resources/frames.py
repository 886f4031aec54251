"""The shape of a candle frame and the timeframes the project knows.

Pure vocabulary: no I/O. Every source of candles produces `CANDLE_SCHEMA`, every consumer expects it.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

CANDLE_SCHEMA: Final = pl.Schema(
    {
        "ts": pl.Datetime("us", "UTC"),  # open time
        "open": pl.Float64(),
        "high": pl.Float64(),
        "low": pl.Float64(),
        "close": pl.Float64(),
        "volume": pl.Float64(),  # in base units
        "quote_volume": pl.Float64(),  # null where the source does not tell
        "trades": pl.Int64(),  # null where the source does not tell
        "taker_buy_volume": pl.Float64(),  # base units; null where the source does not tell
    }
)

TIMEFRAMES: Final[dict[str, timedelta]] = {
    "1m": timedelta(minutes=1),
    "3m": timedelta(minutes=3),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "2h": timedelta(hours=2),
    "4h": timedelta(hours=4),
    "6h": timedelta(hours=6),
    "8h": timedelta(hours=8),
    "12h": timedelta(hours=12),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
    "1w": timedelta(weeks=1),
}
"""Every timeframe a venue or a file may bring, with its length."""

AGGREGATED: Final = ("5m", "15m", "1h", "4h", "1d", "1w")
"""The timeframes kept as aggregates of 1m, finest first; each is built from the one before it."""

WEEK_ORIGIN: Final = datetime(1970, 1, 5, tzinfo=UTC)
"""A Monday: weeks start there, and every shorter timeframe is aligned with it too."""


def floor_time(moment: datetime, timeframe: str) -> datetime:
    """The open time of the bar of `timeframe` that contains `moment` (UTC, weeks from Monday)."""
    step = TIMEFRAMES[timeframe]
    return moment - (moment - WEEK_ORIGIN) % step


def empty_candles() -> pl.DataFrame:
    """A candle frame without rows."""
    return pl.DataFrame(schema=CANDLE_SCHEMA)
