"""What price did after a pattern: returns, excursions, and which of its levels it touched first. Pure.

Counted from the close of the bar at which the pattern was confirmed. A horizon is a number of bars as they
are: over missing ones it takes longer, and `known_at` tells when it ended. A figure exists only once its
horizon is over and never changes afterwards. There are two forms of the same: one row per pattern with its
horizons beside each other, as stored (`measure`), and a row per pattern and horizon (`outcomes`).

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
from numpy.typing import NDArray

from alphapulse_assets.core.numba_cache import compiled
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.kernels import Floats, Integers
from alphapulse_assets.patterns.events.kinds import SIGNS
from alphapulse_assets.patterns.events.model import CONFIRMED, PATTERN_TIMEFRAMES, ordered

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

HORIZONS: Final = DEFAULT.outcomes.horizons
"""The horizons that a stored row has columns for."""

MEASURED_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "timeframe": pl.String(),
        "ts": pl.Datetime("us", "UTC"),  # open time of the bar at which the pattern was confirmed
        "family": pl.String(),
        "pattern": pl.String(),
        "direction": pl.String(),
        "reference": pl.String(),
        "regime": pl.String(),
        "entry": pl.Float64(),
        "atr": pl.Float64(),
        "has_levels": pl.Boolean(),  # target and invalidation are on their sides of the entry
        "target_pct": pl.Float64(),  # distance from the entry, per cent; null without levels
        "invalidation_pct": pl.Float64(),
        "touch": pl.Int16(),  # 1 target, -1 invalidation; null as long as neither, and without levels
        "touch_bars": pl.Int16(),  # bars until then
        "ambiguous": pl.Boolean(),  # that bar touched both
        "late": pl.List(pl.Int32()),  # by horizon, bars missing before its end; null where none is
        **{f"return_{bars}": pl.Float64() for bars in HORIZONS},  # per cent, null until it is over
        **{f"favourable_{bars}": pl.Float64() for bars in HORIZONS},
        **{f"adverse_{bars}": pl.Float64() for bars in HORIZONS},
        "logic_version": pl.Int64(),
    }
)
"""A row per confirmed pattern whose shortest horizon is over; columns of the others fill in as they end.

`known_at` of a horizon is the close of the bar `horizon` + `late` bars after `ts`.
"""

_RETURN: Final = 0
_UP: Final = 1  # highest high over the entry, at least 0
_DOWN: Final = 2  # lowest low under the entry, at least 0
_TOUCH: Final = 3  # 1 target, -1 invalidation, 0 neither, NaN no levels
_BARS: Final = 4
_BOTH: Final = 5
_MEASURES: Final = 6
_EVENT: Final = ("instrument_id", "timeframe", "ts", "family", "pattern", "direction", "reference", "regime")
_LENGTHS: Final = {name: bar_length(name) for name in PATTERN_TIMEFRAMES}
_ORDER: Final = ("ts", "family", "pattern", "direction", "reference")


def outcomes(
    events: pl.DataFrame,
    candles: pl.DataFrame,
    timeframe: str,
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """PATTERN_OUTCOME_SCHEMA of the confirmed patterns of one instrument and timeframe: `measure`, long."""
    measured = _measured(events, candles, timeframe, configuration.outcomes.horizons)
    return long_form(measured, configuration.outcomes.horizons)


def measure(events: pl.DataFrame, candles: pl.DataFrame, timeframe: str) -> pl.DataFrame:
    """MEASURED_SCHEMA of the confirmed patterns of one instrument and timeframe, sorted.

    Args:
        events: PATTERN_EVENT_SCHEMA, and `regime` where known; other timeframes and stages are left out.
        candles: CANDLE_SCHEMA of that timeframe, sorted, closed, from the first event's bar to the longest
            horizon after the last one, or as far as there are.
        timeframe: the one that is looked at.

    Raises:
        ValueError: as `events.ordered`, an unknown timeframe, open times that do not rise, or an event
            without a candle of its bar.
    """
    return _measured(events, candles, timeframe, HORIZONS)


def long_form(measured: pl.DataFrame, horizons: Sequence[int] = HORIZONS) -> pl.DataFrame:
    """PATTERN_OUTCOME_SCHEMA of MEASURED_SCHEMA: a row per horizon that is over, sorted."""
    told = [PATTERN_OUTCOME_SCHEMA.to_frame(), *(_of(measured, at, h) for at, h in enumerate(horizons))]
    return pl.concat(told).sort(*_ORDER, "horizon")


def _measured(
    events: pl.DataFrame, candles: pl.DataFrame, timeframe: str, horizons: Sequence[int]
) -> pl.DataFrame:
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
    rows = rows.with_columns(candles["close"].cast(pl.Float64)[at].alias("entry"))
    return _as_measured(rows, measured, horizons, _late(candles["ts"], at, length, horizons))


def _late(opened: pl.Series, at: pl.Series, length: timedelta, horizons: Sequence[int]) -> pl.Series:
    """By pattern, the bars missing before the end of each horizon (null: to come); null where none is."""
    times = opened.dt.epoch("us").to_numpy()
    places, bar = at.to_numpy().astype(np.int64), length // timedelta(microseconds=1)
    steps = np.arange(len(times)) * bar
    behind = (times - steps - (times[0] if len(times) else 0)) // bar  # bars missing before each bar
    ends = places[:, None] + np.array(horizons)[None, :]
    over = ends < len(times)
    missing = np.where(over, behind[np.where(over, ends, 0)] - behind[places][:, None], 0)
    found: list[list[int | None] | None] = [None] * len(places)
    for i in np.flatnonzero(missing.any(axis=1)).tolist():
        found[i] = [int(bars) if known else None for bars, known in zip(missing[i], over[i], strict=True)]
    return pl.Series("late", found, dtype=pl.List(pl.Int32()))


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


def _as_measured(
    rows: pl.DataFrame, measured: Floats, horizons: Sequence[int], late: pl.Series
) -> pl.DataFrame:
    """The patterns whose first horizon is over; `measured` has the shape (horizons, patterns, measures)."""
    sign = rows["direction"].replace_strict(SIGNS, return_dtype=pl.Float64).to_numpy()
    entry = rows["entry"].to_numpy()
    up, down = measured[:, :, _UP], measured[:, :, _DOWN]
    towards, against = np.where(sign > 0, up, down), np.where(sign > 0, down, up)
    towards[:, sign == 0], against[:, sign == 0] = np.nan, np.nan
    columns = {
        name: pl.Series(values[k] / entry * 100, nan_to_null=True)
        for prefix, values in (
            ("return", measured[:, :, _RETURN]),
            ("favourable", towards),
            ("adverse", against),
        )
        for k, name in enumerate(f"{prefix}_{bars}" for bars in horizons)
    }
    touch, bars, both = _touched(measured)
    fit = ~np.isnan(measured[0, :, _TOUCH])
    schema = {name: kind for name, kind in MEASURED_SCHEMA.items() if name in {*_FIXED, *columns}}
    schema |= dict.fromkeys(columns, pl.Float64())
    return (
        rows.with_columns(
            late,
            has_levels=pl.Series(fit),
            **{f"{name}_pct": _distance(rows, name, fit) for name in ("target", "invalidation")},
            touch=touch,
            touch_bars=bars,
            ambiguous=both,
            logic_version=pl.lit(LOGIC_VERSION, dtype=pl.Int64),
            **columns,
        )
        .filter(pl.col(f"return_{horizons[0]}").is_not_null())
        .select(list(schema))
        .cast(pl.Schema(schema))
        .sort(_ORDER)
    )


_FIXED: Final = tuple(name for name in MEASURED_SCHEMA if not name.rpartition("_")[2].isdigit())


def _distance(rows: pl.DataFrame, name: str, fit: NDArray[np.bool_]) -> pl.Series:
    """From the entry to a level, in per cent; by numpy, since polars divides a single row otherwise."""
    level, entry = (rows[each].cast(pl.Float64).to_numpy() for each in (name, "entry"))
    return pl.Series(np.where(fit, np.abs(level - entry) / entry * 100, np.nan), nan_to_null=True)


def _touched(measured: Floats) -> tuple[pl.Series, pl.Series, pl.Series]:
    """What was touched first within the longest horizon that is over, after how many bars, whether both."""
    found = np.full((3, measured.shape[1]), np.nan)
    for told in measured:  # a later horizon says the same, or more
        hit = ~np.isnan(told[:, _BARS])
        found[:, hit] = told[hit][:, (_TOUCH, _BARS, _BOTH)].T
    touch, bars, both = (pl.Series(row, nan_to_null=True) for row in found)
    return touch.cast(pl.Int16), bars.cast(pl.Int16), both.cast(pl.Boolean)


def _of(measured: pl.DataFrame, place: int, horizon: int) -> pl.DataFrame:
    """The rows of one horizon that is over."""
    sign = pl.col("direction").replace_strict(SIGNS, return_dtype=pl.Float64)
    length = pl.col("timeframe").replace_strict(_LENGTHS, return_dtype=pl.Duration("us"))
    late = pl.col("late").list.get(place, null_on_oob=True).fill_null(0).cast(pl.Int64)
    touched = pl.col("touch_bars") <= horizon
    moved = pl.col(f"return_{horizon}")
    told = measured.filter(moved.is_not_null())
    shares = {
        "return": moved,
        "directed": pl.when(sign != 0).then(moved * sign),
        "favourable": pl.col(f"favourable_{horizon}"),
        "adverse": pl.col(f"adverse_{horizon}"),
        "target": pl.col("target_pct"),
        "invalidation": pl.col("invalidation_pct"),
    }
    return (
        told.select(
            *_EVENT,
            *("entry", "atr", "logic_version"),
            *(share.alias(f"{name}_pct") for name, share in shares.items()),
            (pl.col("ts") + length).alias("confirmed_at"),
            (pl.col("ts") + length * (late + (horizon + 1))).alias("known_at"),
            pl.lit(horizon, dtype=pl.Int64).alias("horizon"),
            pl.when(touched.fill_null(value=False))
            .then(pl.when(pl.col("touch") > 0).then(pl.lit("target")).otherwise(pl.lit("invalidation")))
            .when("has_levels")
            .then(pl.lit("neither"))
            .alias("first_touch"),
            pl.when(touched).then(pl.col("touch_bars").cast(pl.Int64)).alias("touch_bars"),
            pl.when("has_levels")
            .then((pl.col("ambiguous") & touched).fill_null(value=False))
            .alias("ambiguous"),
        )
        .with_columns(_in_atr(told.select("entry", "atr", **shares)))
        .select(PATTERN_OUTCOME_SCHEMA.names())
        .match_to_schema(PATTERN_OUTCOME_SCHEMA)
    )


def _in_atr(told: pl.DataFrame) -> list[pl.Series]:
    """Shares of the entry in per cent, in ATR: by numpy, since polars divides a single row otherwise."""
    values = told.to_dict()
    entry, atr = (values.pop(name).to_numpy() for name in ("entry", "atr"))
    return [
        pl.Series(f"{name}_atr", share.to_numpy() / 100 * entry / atr, nan_to_null=True)
        for name, share in values.items()
    ]
