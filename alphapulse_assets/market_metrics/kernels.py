"""The machine code of rolling correlations, compiled by numba, pure.

Changes are whole numbers (SCALE of a unit each): their sums are exact, so that a window's correlation is the
same to the last digit wherever the computation began.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.core.numba_cache import compiled

SCALE: Final = 10_000_000
"""Steps of a unit: 1e-7 of a log return or of a point of dominance."""
MOST: Final = 100_000_000
"""The largest change that is counted, in steps: ten units. Sums of a hundred products stay within 64
bits."""
MISSING: Final = np.iinfo(np.int64).min
"""Stands for a change that is not known."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@compiled
def rolling(
    driver: Ints, changes: Ints, first: int, window: int, least: int, lags: Ints, pairs: Ints, found: Floats
) -> None:
    """Correlations of one window length over all bars from `first` on.

    Args:
        driver: changes of what the others are held against, by bar.
        changes: shape (symbols, bars).
        first: the first bar that is wanted.
        window: bars of a window.
        least: pairs that have to be known.
        lags: above 0 the driver is taken so many bars earlier, below 0 the symbol is; never a later bar.
        pairs: shape (symbols, bars - first): pairs without lag; written.
        found: shape (symbols, bars - first, lags): the correlations, NaN where there is none; written.
    """
    bars = len(driver)
    begin = max(first - window, 0)
    for symbol in range(changes.shape[0]):
        for place in range(len(lags)):
            lag = lags[place]
            dx, dy = max(lag, 0), max(-lag, 0)
            n, sx, sy, sxx, syy, sxy = 0, 0, 0, 0, 0, 0
            for t in range(begin, bars):
                if t >= dx + dy:
                    x, y = driver[t - dx], changes[symbol, t - dy]
                    if x != MISSING and y != MISSING:
                        n, sx, sy = n + 1, sx + x, sy + y
                        sxx, syy, sxy = sxx + x * x, syy + y * y, sxy + x * y
                old = t - window
                if old >= begin and old >= dx + dy:
                    x, y = driver[old - dx], changes[symbol, old - dy]
                    if x != MISSING and y != MISSING:
                        n, sx, sy = n - 1, sx - x, sy - y
                        sxx, syy, sxy = sxx - x * x, syy - y * y, sxy - x * y
                if t >= first:
                    if lag == 0:
                        pairs[symbol, t - first] = n
                    value = math.nan
                    if n >= least:
                        vx = float(sxx) - float(sx) * float(sx) / n
                        vy = float(syy) - float(sy) * float(sy) / n
                        if vx > 0.5 and vy > 0.5:  # of whole numbers: less is rounding
                            value = (float(sxy) - float(sx) * float(sy) / n) / math.sqrt(vx * vy)
                            value = min(max(value, -1.0), 1.0)
                    found[symbol, t - first, place] = value


@compiled
def largest(found: Floats, order: Ints, best: Ints) -> None:
    """Which column of each row is the largest by size: the first in `order` wins a tie, -1 where all are
    NaN."""
    for row in range(found.shape[0]):
        best[row], size = -1, -1.0
        for place in range(len(order)):
            value = abs(found[row, order[place]])
            if value > size:  # never so of NaN
                best[row], size = order[place], value
