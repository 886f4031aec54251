"""Bars of longer timeframes out of 1m bars, and how a venue's own bars differ from them.

Pure, and written independently of the aggregates in the database, so that one can be held against the other.
"""

from datetime import timedelta
from typing import Final

import polars as pl

from alphapulse_resources.frames import CANDLE_SCHEMA, TIMEFRAMES, WEEK_ORIGIN

LOGIC_VERSION: Final = 1
"""Bumped whenever the same 1m bars would give other bars."""

LATE_MINUTE_SECONDS: Final = 15.0
"""How long after its close a bar may still lack its last minutes: REST has brought them by then (ours)."""

AGGREGATE_SCHEMA: Final = pl.Schema({**CANDLE_SCHEMA, "bars": pl.Int64()})
"""A candle frame with `bars`: how many 1m bars each row was built from."""

DIFFERENCE_SCHEMA: Final = pl.Schema(
    {
        "ts": pl.Datetime("us", "UTC"),
        "field": pl.String(),
        "native": pl.Float64(),
        "aggregated": pl.Float64(),
    }
)

_COMPARED: Final = [name for name in CANDLE_SCHEMA if name != "ts"]


def bar_length(timeframe: str) -> timedelta:
    """How long a bar of `timeframe` is.

    Raises:
        ValueError: unknown timeframe.
    """
    if timeframe not in TIMEFRAMES:
        raise ValueError(f"unknown timeframe {timeframe!r}; known are {', '.join(TIMEFRAMES)}")
    return TIMEFRAMES[timeframe]


def bar_open(timeframe: str) -> pl.Expr:
    """The open time of the bar of `timeframe` that holds `ts`, weeks from Monday: `floor_time` for frames."""
    length = pl.lit(bar_length(timeframe) // timedelta(microseconds=1), dtype=pl.Int64)
    origin = round(WEEK_ORIGIN.timestamp() * 1_000_000)
    micros = pl.col("ts").dt.epoch("us")
    return (micros - (micros - origin) % length).cast(pl.Datetime("us", "UTC")).alias("ts")


def aggregate(candles_1m: pl.DataFrame, timeframe: str) -> pl.DataFrame:
    """Bars of `timeframe` built from 1m bars (CANDLE_SCHEMA, any order): AGGREGATE_SCHEMA, sorted by `ts`.

    Open is the first bar's, close the last one's, high and low the extremes, the rest sums. quote_volume,
    trades and taker_buy_volume are null unless every 1m bar has them. A bar that lacks minutes is built from
    those there are and its `bars` tells so; a bar without any minute does not exist.

    Raises:
        ValueError: unknown timeframe, or an open time that occurs twice.
    """
    ordered = candles_1m.select(CANDLE_SCHEMA.names()).sort("ts")
    if (repeated := ordered["ts"].diff() == timedelta(0)).any():
        first = ordered.filter(repeated)["ts"][0]
        raise ValueError(
            f"the open time {first} occurs twice; validate the candles before they are aggregated"
        )
    sums = [_sum_if_complete(name) for name in ("quote_volume", "trades", "taker_buy_volume")]
    return (
        ordered.group_by(bar_open(timeframe), maintain_order=True)
        .agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.col("volume").sum(),
            *sums,
            pl.len().cast(pl.Int64).alias("bars"),
        )
        .match_to_schema(AGGREGATE_SCHEMA)
    )


def _sum_if_complete(name: str) -> pl.Expr:
    return pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name)


def compare(native: pl.DataFrame, aggregated: pl.DataFrame, rel_tol: float = 1e-9) -> pl.DataFrame:
    """Where a venue's own bars differ from aggregates of its 1m bars: DIFFERENCE_SCHEMA, by ts and field.

    Both frames have CANDLE_SCHEMA (more columns do not matter), the same timeframe, every `ts` once. Numbers
    differ when |native - aggregated| > rel_tol * max(|native|, |aggregated|); the default leaves room for the
    rounding of a week's sum of doubles (ours). A null on one side is not told, so no difference. A bar that
    only one side has is one row with field "bar", 1 where it is and null where it is not.
    """
    matched = native.select(CANDLE_SCHEMA.names()).join(
        aggregated.select(CANDLE_SCHEMA.names()), on="ts", how="full", suffix="_aggregated", coalesce=False
    )
    one_sided = matched.filter(pl.col("ts").is_null() | pl.col("ts_aggregated").is_null()).select(
        pl.coalesce("ts", "ts_aggregated").alias("ts"),
        pl.lit("bar").alias("field"),
        pl.when(pl.col("ts").is_not_null()).then(1.0).alias("native"),
        pl.when(pl.col("ts_aggregated").is_not_null()).then(1.0).alias("aggregated"),
    )
    return pl.concat([one_sided, *(_differences(matched, name, rel_tol) for name in _COMPARED)]).sort(
        "ts", "field"
    )


def _differences(matched: pl.DataFrame, name: str, rel_tol: float) -> pl.DataFrame:
    ours, theirs = pl.col("aggregated"), pl.col("native")
    return matched.select(
        "ts",
        pl.lit(name).alias("field"),
        pl.col(name).cast(pl.Float64).alias("native"),
        pl.col(f"{name}_aggregated").cast(pl.Float64).alias("aggregated"),
    ).filter((theirs - ours).abs() > rel_tol * pl.max_horizontal(theirs.abs(), ours.abs()))
