"""What price did after a pattern: returns, excursions, and which of its levels it touched first. Pure.

Counted from the close of the bar at which the pattern was confirmed. A horizon is a number of bars as they
are: over missing ones it takes longer, and `known_at` tells when it ended. A row exists only once its horizon
is over and never changes afterwards.

Target and invalidation are touched by a bar's high or low (conservative for the invalidation, whose own rule
may want a close). Bars do not tell in which order: where one bar touches both, the invalidation counts as
first and `ambiguous` says so. Levels that are not on their side of the entry when the pattern is confirmed
promise nothing: then there is no `first_touch`.
"""

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.core.numba_cache import compiled
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.events.arrays import SIGNS
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.kernels import Floats, Integers
from alphapulse_assets.patterns.events.model import CONFIRMED, ordered

LOGIC_VERSION: Final = 2
"""Bumped whenever the same events and candles would give other outcomes."""

PATTERN_OUTCOME_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "timeframe": pl.String(),
        "ts": pl.Datetime("us", "UTC"),  # open time of the bar at which the pattern was confirmed
        "confirmed_at": pl.Datetime("us", "UTC"),  # that bar's close: when the pattern was known
        "family": pl.String(),
        "pattern": pl.String(),
        "direction": pl.String(),
        "reference": pl.String(),
        "regime": pl.String(),  # trend at the confirmation: up, down, range; null where not told
        "horizon": pl.Int64(),  # bars
        "entry": pl.Float64(),  # close of the bar of confirmation
        "atr": pl.Float64(),  # of that bar
        "return_pct": pl.Float64(),  # from entry to the close `horizon` bars later, per cent
        "return_atr": pl.Float64(),  # the same in ATR
        "directed_pct": pl.Float64(),  # the return the pattern's way; null of neutral ones
        "directed_atr": pl.Float64(),
        "favourable_pct": pl.Float64(),  # farthest the pattern's way within the horizon, 0 or more
        "favourable_atr": pl.Float64(),
        "adverse_pct": pl.Float64(),  # farthest against it, 0 or more
        "adverse_atr": pl.Float64(),
        "target_atr": pl.Float64(),  # distance of the target from the entry; null without fit levels
        "invalidation_atr": pl.Float64(),  # of the invalidation
        "first_touch": pl.String(),  # target, invalidation, neither; null without fit levels
        "touch_bars": pl.Int64(),  # bars until then
        "ambiguous": pl.Boolean(),  # one bar touched both; null without fit levels
        "known_at": pl.Datetime("us", "UTC"),  # close of the bar `horizon` bars later
        "logic_version": pl.Int64(),
    }
)
"""A row per confirmed pattern and horizon that is over, sorted by both."""

_RETURN: Final = 0
_UP: Final = 1  # highest high over the entry, at least 0
_DOWN: Final = 2  # lowest low under the entry, at least 0
_TOUCH: Final = 3  # 1 target, -1 invalidation, 0 neither, NaN no levels
_BARS: Final = 4
_BOTH: Final = 5
_MEASURES: Final = 6
_TOUCHES: Final = {1: "target", 0: "neither", -1: "invalidation"}


def outcomes(
    events: pl.DataFrame,
    candles: pl.DataFrame,
    timeframe: str,
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """PATTERN_OUTCOME_SCHEMA of the confirmed patterns of one instrument and timeframe.

    Args:
        events: PATTERN_EVENT_SCHEMA, and `regime` where known; other timeframes and stages are left out.
        candles: CANDLE_SCHEMA of that timeframe, sorted, closed, from the first event's bar to the longest
            horizon after the last one, or as far as there are.
        timeframe: the one that is looked at.
        configuration: for the horizons.

    Raises:
        ValueError: as `events.ordered`, an unknown timeframe, open times that do not rise, or an event
            without a candle of its bar.
    """
    length = bar_length(timeframe)
    if (candles["ts"].to_physical().diff().drop_nulls() <= 0).any():
        raise ValueError("candles are not in order of time, each once")
    rows = ordered(events).filter((pl.col("stage") == CONFIRMED) & (pl.col("timeframe") == timeframe))
    if "regime" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, dtype=pl.String()).alias("regime"))
    at = rows.select("ts").join(candles.with_row_index("at"), on="ts", how="left", maintain_order="left")[
        "at"
    ]
    if at.null_count():
        lost = rows.filter(at.is_null())["ts"][0]
        raise ValueError(f"no {timeframe} candle of {lost}, the bar of a pattern; read the candles again")
    horizons = configuration.outcomes.horizons
    measured = np.full((len(horizons), rows.height, _MEASURES), np.nan)
    _follow(
        candles["high"].to_numpy().astype(np.float64),
        candles["low"].to_numpy().astype(np.float64),
        candles["close"].to_numpy().astype(np.float64),
        at.to_numpy().astype(np.int64),
        rows["direction"].replace_strict(SIGNS, return_dtype=pl.Int64).to_numpy(),
        rows["target"].cast(pl.Float64).fill_null(math.nan).to_numpy(),
        rows["invalidation"].cast(pl.Float64).fill_null(math.nan).to_numpy(),
        np.array(horizons),
        measured,
    )
    rows = rows.with_columns(at.alias("at").cast(pl.Int64))
    known = [_known(rows, candles, measured[k], bars, length) for k, bars in enumerate(horizons)]
    return pl.concat(known).sort("ts", "family", "pattern", "direction", "reference", "horizon")


@compiled
def _follow(
    high: Floats,
    low: Floats,
    close: Floats,
    at: Integers,
    sign: Integers,
    target: Floats,
    invalidation: Floats,
    horizons: Integers,
    measured: Floats,
) -> None:
    """Set what happened up to each horizon; the rows of horizons that are not over stay NaN."""
    for event in range(len(at)):
        begin, entry = at[event], close[at[event]]
        ahead = sign[event] * (target[event] - entry)
        behind = sign[event] * (entry - invalidation[event])
        fit = ahead > 0 and behind > 0
        up, down, touch, bars, both = 0.0, 0.0, 0, 0, False
        step = 0
        for k in range(len(horizons)):
            if begin + horizons[k] >= len(close):
                break
            while step < horizons[k]:
                step += 1
                i = begin + step
                up, down = max(up, high[i] - entry), max(down, entry - low[i])
                if fit and touch == 0:
                    rise, fall = high[i] - entry, entry - low[i]
                    won = (rise if sign[event] > 0 else fall) >= ahead
                    lost = (fall if sign[event] > 0 else rise) >= behind
                    if won or lost:
                        touch, bars, both = (-1 if lost else 1), step, won and lost
            out = measured[k, event]
            out[_RETURN], out[_UP], out[_DOWN] = close[begin + horizons[k]] - entry, up, down
            if fit:
                out[_TOUCH], out[_BOTH] = touch, both
                out[_BARS] = bars if touch != 0 else np.nan


def _known(
    rows: pl.DataFrame, candles: pl.DataFrame, measured: Floats, horizon: int, length: timedelta
) -> pl.DataFrame:
    """The rows of one horizon that is over."""
    over = np.flatnonzero(~np.isnan(measured[:, _RETURN]))
    values, told = measured[over], rows[over]
    sign = told["direction"].replace_strict(SIGNS, return_dtype=pl.Float64)
    entry, atr = pl.col("entry"), pl.col("atr")
    moved = pl.Series("moved", values[:, _RETURN])
    neutral = pl.col("direction") == "neutral"
    towards = np.where(sign.to_numpy() > 0, values[:, _UP], values[:, _DOWN])
    against = np.where(sign.to_numpy() > 0, values[:, _DOWN], values[:, _UP])
    fit = pl.Series(~np.isnan(values[:, _TOUCH]))
    ended = candles["ts"][told["at"] + horizon] + length
    return (
        told.with_columns(
            pl.col("known_at").alias("confirmed_at"),
            ended.alias("known_at"),
            candles["close"].cast(pl.Float64)[told["at"]].alias("entry"),
            pl.lit(horizon, dtype=pl.Int64).alias("horizon"),
            pl.lit(LOGIC_VERSION, dtype=pl.Int64).alias("logic_version"),
            pl.Series("first_touch", values[:, _TOUCH], nan_to_null=True)
            .cast(pl.Int64)
            .replace_strict(_TOUCHES, return_dtype=pl.String()),
            pl.Series("touch_bars", values[:, _BARS], nan_to_null=True).cast(pl.Int64),
            pl.Series("ambiguous", values[:, _BOTH], nan_to_null=True).cast(pl.Boolean),
        )
        .with_columns(
            *_in_units("return", moved, entry, atr),
            *(pl.when(~neutral).then(unit).alias(unit.meta.output_name()) for unit in
              (*_in_units("directed", moved * sign, entry, atr),
               *_in_units("favourable", pl.Series(towards), entry, atr),
               *_in_units("adverse", pl.Series(against), entry, atr))),
            target_atr=pl.when(fit).then((pl.col("target") - entry).abs() / atr),
            invalidation_atr=pl.when(fit).then((pl.col("invalidation") - entry).abs() / atr),
        )
        .select(PATTERN_OUTCOME_SCHEMA.names())
        .match_to_schema(PATTERN_OUTCOME_SCHEMA)
    )  # fmt: skip


def _in_units(name: str, moved: pl.Series, entry: pl.Expr, atr: pl.Expr) -> Sequence[pl.Expr]:
    price = pl.lit(moved)
    return (price / entry * 100).alias(f"{name}_pct"), (price / atr).alias(f"{name}_atr")
