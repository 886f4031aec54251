"""What the regime rules read and what they tell: columns of candles and indicators, and REGIME_SCHEMA."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.regime import kernels
from alphapulse_assets.regime.kernels import Floats
from alphapulse_assets.regime.rules import RegimeRules

REGIME_SCHEMA: Final = pl.Schema(
    {
        "ts": pl.Datetime("us", "UTC"),  # open time; known at the close
        "trend": pl.String(),  # up, down, range; null in warm-up
        "volatility": pl.String(),  # low, normal, high; null in warm-up
        "liquidity": pl.String(),  # low, normal, high; null in warm-up
        "adx": pl.Float64(),  # ADX 14
        "trend_slope": pl.Float64(),  # of EMA 50, in ATR 14 per bar
        "volatility_percentile": pl.Float64(),  # 0 to 1
        "liquidity_percentile": pl.Float64(),  # 0 to 1
        "quote_volume_mean": pl.Float64(),  # over 20 bars
        "illiquidity": pl.Float64(),  # Amihud 2002, over 20 bars; null if none of them traded
    }
)

INDICATOR_INPUTS: Final = (
    "adx_14",
    "plus_di_14",
    "minus_di_14",
    "ema_20",
    "ema_50",
    "atr_14",
    "realised_volatility_20",
)
"""The indicators that are read, in the order of the kernels' rows."""

_TREND: Final = {kernels.UNKNOWN: None, kernels.LOW: "down", kernels.MIDDLE: "range", kernels.HIGH: "up"}
_LEVEL: Final = {kernels.UNKNOWN: None, kernels.LOW: "low", kernels.MIDDLE: "normal", kernels.HIGH: "high"}
_STATES: Final = (
    ("trend", kernels.TREND_STATE, _TREND),
    ("volatility", kernels.VOLATILITY_STATE, _LEVEL),
    ("liquidity", kernels.LIQUIDITY_STATE, _LEVEL),
)
_NUMBERS: Final = (
    ("adx", kernels.ADX),
    ("trend_slope", kernels.SLOPE),
    ("volatility_percentile", kernels.VOLATILITY_RANK),
    ("liquidity_percentile", kernels.LIQUIDITY_RANK),
    ("quote_volume_mean", kernels.QUOTE_MEAN),
    ("illiquidity", kernels.ILLIQUIDITY),
)


def input_rows(candles: pl.DataFrame, indicators: pl.DataFrame) -> tuple[NDArray[np.int64], Floats]:
    """Open times in microseconds, and the kernels' array with its inputs set.

    Where a source tells no quote volume it is volume x typical price.

    Raises:
        ValueError: times that do not ascend, a candle without a row of indicators, a number that is not
        there.
    """
    numbers = ["close", "high", "low", "volume"]
    both = candles.select("ts", *numbers, "quote_volume").join(
        indicators.select("ts", *INDICATOR_INPUTS, pl.lit(True).alias("told")),
        on="ts",
        how="left",
        maintain_order="left",
    )
    wrong = (pl.col("ts").diff().dt.total_microseconds() <= 0).fill_null(False)
    wrong |= pl.col("told").is_null() | pl.any_horizontal(pl.col(numbers).is_null())
    if both.height != candles.height or (bad := both.filter(wrong)).height:
        moment = bad["ts"][0] if both.height == candles.height else "one"
        raise ValueError(
            f"the bar of {moment} does not come after the one before it, lacks a number or has no row of "
            "indicators; give the candles and indicators of one instrument, sorted by ts, each once"
        )
    close, high, low, volume, quote = (both[name].to_numpy() for name in (*numbers, "quote_volume"))
    estimated = volume * ((high + low + close) / 3)
    rows = np.full((kernels.ROWS, both.height), np.nan)
    rows[kernels.CLOSE] = close
    rows[kernels.QUOTE] = np.where(np.isnan(quote), estimated, quote)
    rows[kernels.ADX : kernels.INPUTS] = both.select(INDICATOR_INPUTS).to_numpy().T
    return both["ts"].dt.epoch("us").to_numpy(), rows


def input_column(bar: Bar, indicators: Mapping[str, Any]) -> list[float]:
    """The same for one bar."""
    quote = bar.quote_volume
    if quote is None:
        quote = bar.volume * ((bar.high + bar.low + bar.close) / 3)
    told = [indicators[name] for name in INDICATOR_INPUTS]
    return [bar.close, quote, *(np.nan if value is None else value for value in told)]


def rule_arrays(rules: RegimeRules) -> tuple[NDArray[np.int64], Floats]:
    """The rules as the kernels take them: counts and limits."""
    counts = (rules.slope_bars, rules.window, rules.least_values, rules.mean_bars)
    percentiles = (rules.low_enter, rules.low_leave, rules.high_leave, rules.high_enter)
    limits = (*percentiles, rules.adx_enter, rules.adx_leave, rules.slope_enter)
    return np.array(counts, dtype=np.int64), np.array(limits)


def regime_frame(ts: pl.Series, rows: Floats) -> pl.DataFrame:
    """What was worked out: REGIME_SCHEMA."""
    states = {
        name: pl.Series(rows[row]).cast(pl.Int8).replace_strict(labels, return_dtype=pl.String)
        for name, row, labels in _STATES
    }
    numbers = {name: pl.Series(rows[row], nan_to_null=True) for name, row in _NUMBERS}
    return pl.DataFrame({"ts": ts, **states, **numbers}, schema=REGIME_SCHEMA)


def regime_row(ts: Any, column: Floats) -> dict[str, Any]:
    """The same for one bar."""
    values = column.tolist()
    states = {name: labels[int(values[row])] for name, row, labels in _STATES}
    # a number that is not equal to itself is NaN
    numbers = {name: values[row] if values[row] == values[row] else None for name, row in _NUMBERS}
    return {"ts": ts, **states, **numbers}
