"""The machine code of the regime rules: bars after bars over one array, compiled by numba, pure.

`rows` has one column per bar. Its first INPUTS rows are set from outside, the others are worked out. What a
bar looks back at lies in the columns before it; there may be fewer than a window wants only at the start of
a block.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.core.numba_cache import compiled

CLOSE: Final = 0
QUOTE: Final = 1  # quote volume
ADX: Final = 2
PLUS_DI: Final = 3
MINUS_DI: Final = 4
EMA_FAST: Final = 5
EMA_SLOW: Final = 6
ATR: Final = 7
VOLATILITY: Final = 8
INPUTS: Final = 9
COST: Final = 9  # |log return| per quote volume; NaN without a trade
QUOTE_MEAN: Final = 10
ILLIQUIDITY: Final = 11
SLOPE: Final = 12
VOLATILITY_RANK: Final = 13
LIQUIDITY_RANK: Final = 14
TREND_STATE: Final = 15
VOLATILITY_STATE: Final = 16
LIQUIDITY_STATE: Final = 17
ROWS: Final = 18

UNKNOWN: Final = 0
LOW: Final = 1  # of trend: down
MIDDLE: Final = 2  # range, normal
HIGH: Final = 3  # up

Floats = NDArray[np.float64]


@compiled
def _rank(values: Floats, last: int, window: int, least: int) -> float:
    """Mid-rank of a value among the last `window` ones that are numbers; NaN with fewer than `least`."""
    value = values[last]
    below, equal, known = 0, 0, 0
    for i in range(max(last - window + 1, 0), last + 1):
        below += values[i] < value
        equal += values[i] == value
        known += values[i] == values[i]
    if value != value or known < least:
        return np.nan
    return (below + 0.5 * equal) / known


@compiled
def _level(before: float, rank: float, limits: Floats) -> float:
    """Low, middle or high: with limits low_enter, low_leave, high_leave, high_enter."""
    if rank != rank:
        return UNKNOWN
    if rank <= limits[0] or (before == LOW and rank < limits[1]):
        return LOW
    if rank >= limits[3] or (before == HIGH and rank > limits[2]):
        return HIGH
    return MIDDLE


@compiled
def _trend(
    before: float, rows: Floats, i: int, adx_enter: float, adx_leave: float, slope_enter: float
) -> float:
    """Down, range or up."""
    adx, slope = rows[ADX, i], rows[SLOPE, i]
    if adx != adx or slope != slope:
        return UNKNOWN
    lead, spread = rows[PLUS_DI, i] - rows[MINUS_DI, i], rows[EMA_FAST, i] - rows[EMA_SLOW, i]
    if adx >= adx_enter and min(lead, spread) > 0.0 and slope >= slope_enter:
        return HIGH
    if adx >= adx_enter and max(lead, spread) < 0.0 and slope <= -slope_enter:
        return LOW
    if adx >= adx_leave and ((before == HIGH and slope > 0.0) or (before == LOW and slope < 0.0)):
        return before
    return MIDDLE


@compiled
def _means(rows: Floats, i: int, bars: int) -> None:
    """Quote volume and illiquidity over the last bars; NaN if there are fewer than that."""
    quote, cost, traded = 0.0, 0.0, 0
    for j in range(max(i - bars + 1, 0), i + 1):
        quote += rows[QUOTE, j]
        if rows[COST, j] == rows[COST, j]:
            cost += rows[COST, j]
            traded += 1
    rows[QUOTE_MEAN, i] = quote / bars if i >= bars else np.nan
    rows[ILLIQUIDITY, i] = cost / traded if i >= bars and traded > 0 else np.nan


@compiled
def advance(rows: Floats, first: int, end: int, counts: NDArray[np.int64], limits: Floats) -> None:
    """Work out the columns [first, end).

    Args:
        rows: shape (ROWS, bars): the first INPUTS rows are given, the others written.
        first: the first bar; 0: the rules begin anew.
        end: the bar after the last one.
        counts: slope_bars, window, least_values, mean_bars; in bars.
        limits: the four of percentiles (0..1), then adx_enter, adx_leave, slope_enter.
    """
    back, window, least, bars = counts[0], counts[1], counts[2], counts[3]
    for i in range(first, end):
        rows[COST, i] = np.nan
        if i > 0 and rows[QUOTE, i] > 0.0:
            rows[COST, i] = abs(math.log(rows[CLOSE, i] / rows[CLOSE, i - 1])) / rows[QUOTE, i]
        _means(rows, i, bars)
        rows[SLOPE, i] = np.nan
        if i >= back:
            climbed = rows[EMA_SLOW, i] - rows[EMA_SLOW, i - back]
            # a market that does not move has neither range nor slope
            rows[SLOPE, i] = climbed / (back * rows[ATR, i]) if rows[ATR, i] != 0.0 else 0.0
        rows[VOLATILITY_RANK, i] = _rank(rows[VOLATILITY], i, window, least)
        active = _rank(rows[QUOTE_MEAN], i, window, least)
        rows[LIQUIDITY_RANK, i] = 0.5 * (active + 1.0 - _rank(rows[ILLIQUIDITY], i, window, least))
        if rows[QUOTE_MEAN, i] == 0.0:
            rows[LIQUIDITY_RANK, i] = 0.0
        trend, volatility, liquidity = 0.0, 0.0, 0.0
        if i > 0:
            trend, volatility = rows[TREND_STATE, i - 1], rows[VOLATILITY_STATE, i - 1]
            liquidity = rows[LIQUIDITY_STATE, i - 1]
        rows[TREND_STATE, i] = _trend(trend, rows, i, limits[4], limits[5], limits[6])
        rows[VOLATILITY_STATE, i] = _level(volatility, rows[VOLATILITY_RANK, i], limits)
        rows[LIQUIDITY_STATE, i] = _level(liquidity, rows[LIQUIDITY_RANK, i], limits)
