"""The shape of a candle frame and the timeframes the project knows.

Pure vocabulary: no I/O. Every source of candles produces `CANDLE_SCHEMA`, every consumer expects it.
"""

from typing import Final

import polars as pl

from alphapulse_resources.timeframes import AGGREGATED as AGGREGATED
from alphapulse_resources.timeframes import TIMEFRAMES as TIMEFRAMES
from alphapulse_resources.timeframes import WEEK_ORIGIN as WEEK_ORIGIN
from alphapulse_resources.timeframes import floor_time as floor_time

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


def empty_candles() -> pl.DataFrame:
    """A candle frame without rows."""
    return pl.DataFrame(schema=CANDLE_SCHEMA)
