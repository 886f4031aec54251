"""What is known beside a pattern at its bar's close: volume, trend, regime, market, sentiment. Pure.

One row per bar, made of rows known at that close or before. What is not known is null and stays null.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.core.numba_cache import compiled
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.kernels import Floats
from alphapulse_assets.patterns.events.model import DAILY_DELAY, PATTERN_TIMEFRAMES, place

LOGIC_VERSION: Final = 1
"""Bumped whenever the same inputs would give another context."""

VOLUME_BARS: Final = 20
"""Bars before a bar whose mean volume its own is held against, as in the volume patterns."""

CONTEXT_SCHEMA: Final = pl.Schema(
    {
        "timeframe": pl.String(),
        "ts": pl.Datetime("us", "UTC"),  # open time; all is known at the close
        "volume_ratio": pl.Float64(),  # volume over the mean of the 20 bars before
        "change": pl.Float64(),  # close less the close before
        "trend": pl.Float64(),  # -1..1, `signed_trend` of the timeframe's regime
        "higher_trend": pl.Float64(),  # of the next higher timeframe's bar closed last, if within 2 bars
        "volatility_percentile": pl.Float64(),  # 0..1
        "liquidity_percentile": pl.Float64(),  # 0..1
        "market_trend": pl.Float64(),  # -1..1, `market_levels` of the last day that is known
        "sentiment": pl.Float64(),  # -1..1
        "regime": pl.String(),  # the timeframe's trend: up, down, range
    }
)

NUMBERS: Final = CONTEXT_SCHEMA.names()[2:-1]
"""The columns the scores read, in the order of the kernel's."""

LEVEL_SCHEMA: Final = pl.Schema({"known_at": pl.Datetime("us", "UTC"), "value": pl.Float64()})
"""A figure within -1..1 and since when it was known: the market's trend, sentiment."""

MARKET_AGE: Final = timedelta(days=3)
"""How old the market's trend may be (ours)."""

SENTIMENT_DELAY: Final = timedelta(hours=2)
"""After the end of its hour, from when on sentiment is taken as known (ours): scores of the last texts come
late, and streams read it hourly."""
SENTIMENT_AGE: Final = timedelta(days=1)
"""How old sentiment may be (ours): where nothing is said any more, nothing is known."""

_LABELS: Final = {"up": 1.0, "range": 0.0, "down": -1.0}


def signed_trend(trend: str | None, slope: float | None, full: float) -> float | None:
    """A regime's trend within -1..1: 0 in a range, else 0.5 (no slope) to 1 (`full` ATR per bar and more).

    `context` says the same of frames.
    """
    if trend is None or slope is None:
        return None
    return _LABELS[trend] * (0.5 + 0.5 * min(abs(slope) / full, 1.0))


def market_levels(days: pl.DataFrame) -> pl.DataFrame:
    """LEVEL_SCHEMA: the market's trend of each day, from when it is taken as known.

    It is the share of the market that is in its trend, above 0 for up, below for down; 0 in a range. `days`:
    ts, trend and trend_share of MARKET_SCHEMA, of bars of a day.
    """
    label = pl.col("trend").replace_strict(_LABELS, return_dtype=pl.Float64)
    return days.select(
        (pl.col("ts") + bar_length("1d") + DAILY_DELAY).alias("known_at"),
        (label * pl.col("trend_share")).alias("value"),
    ).match_to_schema(LEVEL_SCHEMA)


def sentiment_levels(hours: pl.DataFrame) -> pl.DataFrame:
    """LEVEL_SCHEMA: sentiment of each hour, from when it is taken as known. `hours`: known_at and score."""
    return hours.select(
        (pl.col("known_at") + SENTIMENT_DELAY).alias("known_at"), pl.col("score").alias("value")
    ).match_to_schema(LEVEL_SCHEMA)


def context(
    timeframe: str,
    candles: pl.DataFrame,
    regimes: Mapping[str, pl.DataFrame],
    *,
    market: pl.DataFrame | None = None,
    sentiment: pl.DataFrame | None = None,
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """CONTEXT_SCHEMA, a row per candle of one instrument.

    Args:
        timeframe: of the candles; in the hierarchy.
        candles: CANDLE_SCHEMA, sorted, closed; begin 20 bars before the rows that are wanted.
        regimes: REGIME_SCHEMA by timeframe; this one's and the next higher one's are read where given.
        market: LEVEL_SCHEMA (`market_levels`); a bar gets the last one known at its close, if within 3 days.
        sentiment: LEVEL_SCHEMA (`sentiment_levels`); a bar gets the last one known at its close, if within
            a day.
        configuration: for the slope at which a trend is full.

    Raises:
        ValueError: unknown timeframe, or open times that do not rise.
    """
    number = place(timeframe)
    if (candles["ts"].to_physical().diff().drop_nulls() <= 0).any():
        raise ValueError("candles are not in order of time, each once")
    full = configuration.confidence.slope_full
    close = (pl.col("ts") + bar_length(timeframe)).alias("known_at")
    ratio = volume_ratios(candles["volume"].to_numpy().astype(np.float64))
    rows = candles.select(
        pl.lit(timeframe).alias("timeframe"),
        "ts",
        close,
        pl.Series("volume_ratio", ratio, nan_to_null=True),
        (pl.col("close") - pl.col("close").shift(1)).alias("change"),
    )
    own = _regime(regimes, timeframe, full).with_columns(
        (pl.col("known_at") - bar_length(timeframe)).alias("ts")
    )
    rows = rows.join(own.drop("known_at"), on="ts", how="left", maintain_order="left")
    # the highest timeframe has none above it, and no regimes of itself stand in for them
    higher = PATTERN_TIMEFRAMES[number + 1] if number + 1 < len(PATTERN_TIMEFRAMES) else None
    above = _regime(regimes, higher, full).select("known_at", pl.col("trend").alias("higher_trend"))
    age = 2 * bar_length(higher or timeframe)
    return (
        rows.join_asof(above, on="known_at", strategy="backward", tolerance=age)
        .join_asof(_levels("market_trend", market), on="known_at", strategy="backward", tolerance=MARKET_AGE)
        .join_asof(
            _levels("sentiment", sentiment), on="known_at", strategy="backward", tolerance=SENTIMENT_AGE
        )
        .select(CONTEXT_SCHEMA.names())
        .match_to_schema(CONTEXT_SCHEMA)
    )


@compiled
def volume_ratios(volume: Floats) -> Floats:
    """Each volume over the mean of the 20 before it; NaN without 20 or where they traded nothing.

    Live: of the last 21 volumes, the last ratio. Every mean is summed anew, so both agree.
    """
    found = np.full(len(volume), np.nan)
    for i in range(VOLUME_BARS, len(volume)):
        total = 0.0
        for j in range(i - VOLUME_BARS, i):
            total += volume[j]
        if total > 0:
            found[i] = volume[i] / (total / VOLUME_BARS)
    return found


def _regime(regimes: Mapping[str, pl.DataFrame], timeframe: str | None, full: float) -> pl.DataFrame:
    """known_at, trend (signed), percentiles and regime of a timeframe; without rows where none are given."""
    schema = {
        "known_at": pl.Datetime("us", "UTC"),
        "trend": pl.Float64(),
        "volatility_percentile": pl.Float64(),
        "liquidity_percentile": pl.Float64(),
        "regime": pl.String(),
    }
    if timeframe is None or timeframe not in regimes:
        return pl.DataFrame(schema=schema)
    rows = regimes[timeframe].sort("ts")
    label = rows["trend"].replace_strict(_LABELS, return_dtype=pl.Float64)
    # numpy, as its division rounds like Python's own in `signed_trend`
    slope = np.minimum(np.abs(rows["trend_slope"].cast(pl.Float64).to_numpy()) / full, 1.0)
    signed = label * pl.Series(0.5 + 0.5 * slope, nan_to_null=True)
    return rows.select(
        (pl.col("ts") + bar_length(timeframe)).alias("known_at"),
        signed.alias("trend"),
        "volatility_percentile",
        "liquidity_percentile",
        pl.col("trend").alias("regime"),
    )


def _levels(name: str, levels: pl.DataFrame | None) -> pl.DataFrame:
    known = pl.DataFrame(schema=LEVEL_SCHEMA) if levels is None else levels.drop_nulls().sort("known_at")
    if not known["value"].is_between(-1, 1).all():
        raise ValueError(f"a {name} outside -1..1")
    return known.select("known_at", pl.col("value").alias(name))
