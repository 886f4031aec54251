"""The machine code of indicators that TA-Lib lacks, compiled by numba, pure.

Windows are summed afresh for each bar: a running sum would keep the rounding of volumes long gone, and a
window without any volume would seem to have some. Results are NaN where there is no value.
"""

import math

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.core.numba_cache import compiled
from alphapulse_assets.indicators.bars import Floats


@compiled
def vwap(session: NDArray[np.int64], high: Floats, low: Floats, close: Floats, volume: Floats) -> Floats:
    """Volume-weighted mean typical price since the first bar with the same session number."""
    out = np.full(len(close), np.nan)
    paid, traded = 0.0, 0.0
    for i in range(len(close)):
        if i == 0 or session[i] != session[i - 1]:
            paid, traded = 0.0, 0.0
        paid += (high[i] + low[i] + close[i]) / 3.0 * volume[i]
        traded += volume[i]
        if traded > 0.0:
            out[i] = paid / traded
    return out


@compiled
def chaikin_money_flow(high: Floats, low: Floats, close: Floats, volume: Floats, window: int) -> Floats:
    """Sum of money flow multiplier x volume over sum of volume; 0 without volume."""
    out = np.full(len(close), np.nan)
    flows = np.zeros(len(close))
    for i in range(len(close)):
        if high[i] > low[i]:
            flows[i] = ((close[i] - low[i]) - (high[i] - close[i])) / (high[i] - low[i]) * volume[i]
        if i >= window - 1:
            flow, traded = 0.0, 0.0
            for j in range(i - window + 1, i + 1):
                flow += flows[j]
                traded += volume[j]
            out[i] = flow / traded if traded > 0.0 else 0.0
    return out


@compiled
def money_flow_index(high: Floats, low: Floats, close: Floats, volume: Floats, window: int) -> Floats:
    """100 x positive flow over all flow, flow being typical price x volume; 50 where there is no flow."""
    out = np.full(len(close), np.nan)
    ups, downs = np.zeros(len(close)), np.zeros(len(close))
    before = 0.0
    for i in range(len(close)):
        typical = (high[i] + low[i] + close[i]) / 3.0
        if typical > before:
            ups[i] = typical * volume[i]
        elif typical < before:
            downs[i] = typical * volume[i]
        before = typical
        if i >= window:
            up, down = 0.0, 0.0
            for j in range(i - window + 1, i + 1):
                up += ups[j]
                down += downs[j]
            # the share first: 100 times it is never above 100
            out[i] = 100.0 * (up / (up + down)) if up + down > 0.0 else 50.0
    return out


@compiled
def root_mean_square_return(close: Floats, window: int) -> Floats:
    """Root of the mean squared log return."""
    out = np.full(len(close), np.nan)
    squares = np.empty(len(close))
    for i in range(1, len(close)):
        squares[i] = math.log(close[i] / close[i - 1]) ** 2
        if i >= window:
            total = 0.0
            for j in range(i - window + 1, i + 1):
                total += squares[j]
            out[i] = math.sqrt(total / window)
    return out


@compiled
def relative_volume(volume: Floats, window: int) -> Floats:
    """Volume over the mean of the `window` bars before it; NaN where those have none."""
    out = np.full(len(volume), np.nan)
    for i in range(window, len(volume)):
        total = 0.0
        for j in range(i - window, i):
            total += volume[j]
        if total > 0.0:
            out[i] = volume[i] / (total / window)
    return out


@compiled
def still_bars(close: Floats) -> NDArray[np.int64]:
    """For how many bars, this one included, the close has been that of the bar before."""
    out = np.zeros(len(close), dtype=np.int64)
    for i in range(1, len(close)):
        if close[i] == close[i - 1]:
            out[i] = out[i - 1] + 1
    return out


@compiled
def _highest(values: Floats, last: int, window: int) -> float:
    found = values[last]
    for j in range(last - window + 1, last):
        found = max(found, values[j])
    return float(found)


@compiled
def _lowest(values: Floats, last: int, window: int) -> float:
    found = values[last]
    for j in range(last - window + 1, last):
        found = min(found, values[j])
    return float(found)


@compiled
def stochastic(high: Floats, low: Floats, close: Floats, window: int, slow: int, signal: int) -> Floats:
    """%K and %D, shape (2, n): where the close lies in the range of `window` bars, its mean, that one's.

    A range of nothing counts 50: the middle, as nothing moved.
    """
    out = np.full((2, len(close)), np.nan)
    fast = np.full(len(close), np.nan)
    for i in range(window - 1, len(close)):
        top, bottom = _highest(high, i, window), _lowest(low, i, window)
        fast[i] = 100.0 * ((close[i] - bottom) / (top - bottom)) if top > bottom else 50.0
        if i >= window + slow - 2:
            out[0, i] = _mean(fast, i, slow)
        if i >= window + slow + signal - 3:
            out[1, i] = _mean(out[0], i, signal)
    return out


@compiled
def _mean(values: Floats, last: int, window: int) -> float:
    total = 0.0
    for j in range(last - window + 1, last + 1):
        total += values[j]
    return total / window


@compiled
def williams(high: Floats, low: Floats, close: Floats, window: int) -> Floats:
    """%R: how far the close lies below the top of the range of `window` bars, -100 to 0; -50 without one."""
    out = np.full(len(close), np.nan)
    for i in range(window - 1, len(close)):
        top, bottom = _highest(high, i, window), _lowest(low, i, window)
        out[i] = -100.0 * ((top - close[i]) / (top - bottom)) if top > bottom else -50.0
    return out


@compiled
def ichimoku(high: Floats, low: Floats, conversion: int, base: int, span: int) -> Floats:
    """Conversion line, base line, span A and span B as they are known at each bar, shape (4, n).

    A line is the middle of the range of so many bars; span A is the middle of conversion and base line.
    """
    out = np.full((4, len(high)), np.nan)
    for i in range(len(high)):
        if i >= conversion - 1:
            out[0, i] = _middle(high, low, i, conversion)
        if i >= base - 1:
            out[1, i] = _middle(high, low, i, base)
        if i >= span - 1:
            out[3, i] = _middle(high, low, i, span)
        out[2, i] = (out[0, i] + out[1, i]) / 2.0
    return out


@compiled
def _middle(high: Floats, low: Floats, last: int, window: int) -> float:
    return (_highest(high, last, window) + _lowest(low, last, window)) / 2.0
