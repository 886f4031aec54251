"""What price did after a volume pattern, and whether that differs from what it does anyway. Pure."""

import zlib
from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.core.statistics import LEVEL, bootstrap, wilson
from alphapulse_assets.core.timeframes import bar_length

LOGIC_VERSION: Final = 1
"""Bumped whenever the same candles and patterns would give other reactions or another summary."""

HORIZONS: Final = (1, 3, 5, 10, 20, 50)
"""Bars after the bar at whose close a pattern was known."""

ATR_BARS: Final = 14
FEWEST_CLUSTERS: Final = 30
"""Stretches of time with the pattern below which nothing is called an edge (ours)."""

NO_EDGE: Final = "no demonstrated edge"
ABOVE: Final = "above base rate"
BELOW: Final = "below base rate"

OUTCOME_SCHEMA: Final = pl.Schema(
    {
        "ts": pl.Datetime("us", "UTC"),  # open time of the bar it is counted from
        "horizon": pl.Int64(),  # bars
        "return_pct": pl.Float64(),  # from that bar's close to the close `horizon` bars later, per cent
        "return_atr": pl.Float64(),  # the same in ATR of that bar; null without one
        "known_at": pl.Datetime("us", "UTC"),  # close of the bar `horizon` bars later
    }
)
"""One row per bar and horizon whose outcome is known, sorted by both."""

DIMENSIONS: Final = ("pattern", "direction", "strength", "timeframe", "regime")

_MEASURED: Final = pl.Schema(
    {
        "horizon": pl.Int64(),
        "n": pl.Int64(),  # reactions
        "clusters": pl.Int64(),  # stretches of time of one horizon with a reaction: the independent ones
        "share_up": pl.Float64(),
        "share_up_low": pl.Float64(),  # Wilson
        "share_up_high": pl.Float64(),
        "mean_pct": pl.Float64(),
        "mean_pct_low": pl.Float64(),  # bootstrap; null with a single cluster
        "mean_pct_high": pl.Float64(),
        "median_pct": pl.Float64(),
        "median_pct_low": pl.Float64(),
        "median_pct_high": pl.Float64(),
        "mean_atr": pl.Float64(),
        "base_n": pl.Int64(),  # bars the base rates are from
        "base_share_up": pl.Float64(),
        "base_mean_pct": pl.Float64(),
        "base_mean_atr": pl.Float64(),
        "edge": pl.String(),
        "comparisons": pl.Int64(),  # rows of this table: at 95 %, one in twenty looks like an edge by chance
    }
)


def outcomes(candles: pl.DataFrame, timeframe: str) -> pl.DataFrame:
    """What followed every bar: OUTCOME_SCHEMA. Rows exist only where the outcome is known.

    `candles` has CANDLE_SCHEMA, sorted: one instrument, closed bars. Bars are counted as they are, so over
    missing ones a horizon takes longer; `known_at` tells when it ended. ATR is the plain mean of the last 14
    true ranges (Wilder 1978) up to the bar, null before 15 bars and where nothing moved: begin the frame 14
    bars before the window.

    Raises:
        ValueError: unknown timeframe, or open times that do not rise.
    """
    length = bar_length(timeframe)
    if (candles["ts"].to_physical().diff().drop_nulls() <= 0).any():
        raise ValueError("candles are not in order of time, each once")
    table = candles.select("ts", "close", _atr().alias("atr"))
    later = [
        table.select(
            "ts",
            pl.lit(horizon, dtype=pl.Int64()).alias("horizon"),
            ((pl.col("close").shift(-horizon) / pl.col("close") - 1) * 100).alias("return_pct"),
            ((pl.col("close").shift(-horizon) - pl.col("close")) / pl.col("atr")).alias("return_atr"),
            (pl.col("ts").shift(-horizon) + length).alias("known_at"),
        ).head(max(candles.height - horizon, 0))
        for horizon in HORIZONS
    ]
    return pl.concat(later).match_to_schema(OUTCOME_SCHEMA).sort("ts", "horizon")


def reactions(patterns: pl.DataFrame, followed: pl.DataFrame) -> pl.DataFrame:
    """What followed each pattern: its columns and those of `outcomes`, sorted by ts, pattern and horizon.

    `patterns` has VOLUME_PATTERN_SCHEMA (more columns stay: timeframe, regime), `followed` is what `outcomes`
    tells of the same instrument and timeframe. `known_at` is when the pattern was known, `outcome_at` when
    what followed was. Horizons that are not over have no row yet.
    """
    return patterns.join(
        followed.rename({"known_at": "outcome_at"}), on="ts", how="inner", maintain_order="left"
    ).sort("ts", "pattern", "horizon")


def summarise(
    reacted: pl.DataFrame,
    followed: pl.DataFrame,
    *,
    by: Sequence[str] = DIMENSIONS,
    level: float = LEVEL,
) -> pl.DataFrame:
    """How price reacted, group by group and horizon by horizon, beside the base rate: SUMMARY columns.

    Args:
        reacted: `reactions` of any number of instruments and timeframes, with the columns named in `by`.
        followed: `outcomes` of **all** bars of the same window, instruments and timeframes. Where it also has
            `instrument_id`, `timeframe` or `regime`, base rates are taken within each and weighed as the
            reactions are spread over them: a pattern seen mostly in one symbol is held against that symbol.
        by: what to group by; a null there (a regime that is not told) is a group of its own.
        level: of all intervals.

    Returns:
        The columns of `by`, then those of `_MEASURED`, sorted. Clusters are stretches of one horizon of the
        longest timeframe in the group. `edge` is "no demonstrated edge" where the interval of the share up
        includes the base rate, or there are fewer than 30 clusters; else "above base rate" or "below".

    Raises:
        ValueError: a column of `by` is missing, or a bar with a reaction is missing from `followed`.
    """
    if missing := [name for name in by if name not in reacted.columns]:
        raise ValueError(f"reactions have no columns {missing} to group by")
    alike = ["instrument_id", "timeframe", "regime"]
    keys = [*(name for name in alike if {*reacted.columns} & {*followed.columns} >= {name}), "horizon"]
    rates = followed.group_by(keys).agg(
        pl.len().cast(pl.Int64).alias("base_n"),
        (pl.col("return_pct") > 0).mean().alias("base_share_up"),
        pl.col("return_pct").mean().alias("base_mean_pct"),
        pl.col("return_atr").mean().alias("base_mean_atr"),
    )
    table = reacted.join(rates, on=keys, how="left", nulls_equal=True)
    if table["base_n"].null_count():
        raise ValueError("some reactions have no base rate: `followed` must hold all bars of the same window")
    groups = table.sort(*by, "horizon", "ts").partition_by([*by, "horizon"], maintain_order=True)
    rows = [_summary(group, by, keys, level, len(groups)) for group in groups]
    schema = pl.Schema({**{name: reacted.schema[name] for name in by}, **_MEASURED})
    return pl.DataFrame(rows, schema=schema)


def _atr() -> pl.Expr:
    """Each window is summed anew, one bar after the other.

    A running sum would depend on where the frame begins, `sum_horizontal` on how threads share it.
    """
    before = pl.col("close").shift(1)
    true_range = pl.max_horizontal("high", before) - pl.min_horizontal("low", before)
    known = pl.when(before.is_not_null()).then(true_range)
    atr = reduce(add, (known.shift(i) for i in range(ATR_BARS))) / ATR_BARS
    return pl.when(atr > 0).then(atr)


def _summary(
    group: pl.DataFrame, by: Sequence[str], keys: Sequence[str], level: float, comparisons: int
) -> dict[str, object]:
    names = {name: group[name][0] for name in [*by, "horizon"]}
    clusters = _clusters(group)
    count = len(np.unique(clusters))
    returns = group["return_pct"].to_numpy()
    up = wilson(float((returns > 0).mean()), count, level)
    key = zlib.crc32("\0".join(str(value) for value in names.values()).encode())
    mean, median = bootstrap(returns, clusters, key=key, level=level)
    base_share = _mean(group, "base_share_up")
    return {
        **names,
        "n": group.height,
        "clusters": count,
        "share_up": up.value,
        "share_up_low": up.low,
        "share_up_high": up.high,
        "mean_pct": mean.value,
        "mean_pct_low": mean.low if count > 1 else None,
        "mean_pct_high": mean.high if count > 1 else None,
        "median_pct": median.value,
        "median_pct_low": median.low if count > 1 else None,
        "median_pct_high": median.high if count > 1 else None,
        "mean_atr": group["return_atr"].mean(),
        "base_n": group.select(*keys, "base_n").unique()["base_n"].sum(),
        "base_share_up": base_share,
        "base_mean_pct": _mean(group, "base_mean_pct"),
        "base_mean_atr": group["base_mean_atr"].mean(),
        "edge": _edge(up.low, up.high, base_share, count),
        "comparisons": comparisons,
    }


def _clusters(group: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The stretch of time each reaction is in: so long that those of one but the next do not overlap.

    The median of a timeframe, as one hole in its bars makes some reactions last far longer; the longest of
    all timeframes, as those of a shorter one lie within.
    """
    length = (pl.col("outcome_at") - pl.col("known_at")).dt.total_microseconds().median()
    within = ["timeframe"] if "timeframe" in group.columns else []
    lengths = group.group_by(within).agg(length) if within else group.select(length)
    stretch = max(round(float(lengths.to_series(-1).to_numpy().max())), 1)
    return (group["known_at"].dt.epoch("us").to_numpy() // stretch).astype(np.int64)


def _edge(low: float, high: float, base: float, clusters: int) -> str:
    if clusters < FEWEST_CLUSTERS or low <= base <= high:
        return NO_EDGE
    return ABOVE if low > base else BELOW


def _mean(group: pl.DataFrame, name: str) -> float:
    return float(np.mean(group[name].to_numpy()))
