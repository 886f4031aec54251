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
