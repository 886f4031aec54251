"""What the price did before a pattern: TA-Lib does not look, and a hammer after a rise is no textbook hammer.

The close of the bar before the pattern's first candle, less the close ten bars before that one, in ATR. ATR
is the plain mean of the 14 true ranges up to that bar, so that a row depends on few bars: it can be computed
from the REACH bars before the pattern's last candle. Bars are taken one after another; those that opened more
than `calendar_blocks.WARM_UP` bar lengths before the block count no more than anywhere else.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.indicators.bars import Bars, Floats

MOVE_BARS: Final = 10
"""Bars over which the move is measured (ours; example query 42 has always used them)."""
RANGE_BARS: Final = 14
"""True ranges in the ATR (Wilder's number)."""
NEEDED: Final = RANGE_BARS + 1
"""Bars before the pattern's first candle: a true range needs the close before."""
_MOST_CANDLES: Final = 5
REACH: Final = NEEDED + _MOST_CANDLES - 1
"""Bars before the last candle that a row can depend on."""
_HIGH, _LOW, _CLOSE = 1, 2, 3


def moves_before(bars: Bars, began: NDArray[np.int64], counts: NDArray[np.int64]) -> Floats:
    """The move before patterns whose first candles are at the rows `began`; NaN where it is not known.

    Args:
        bars: of one instrument and timeframe.
        began: row of each pattern's first candle.
        counts: row of the first bar that counts for each.
    """
    found = np.full(len(began), np.nan)
    known = began - NEEDED >= counts
    at = began[known]
    total = np.zeros(len(at))
    for back in range(RANGE_BARS, 0, -1):
        row, before = at - back, bars.close[at - back - 1]
        total += np.maximum(bars.high[row], before) - np.minimum(bars.low[row], before)
    move = bars.close[at - 1] - bars.close[at - 1 - MOVE_BARS]
    found[known] = np.divide(move, total / RANGE_BARS, out=np.full(len(at), np.nan), where=total > 0)
    return found


def move_before(prices: Sequence[Sequence[Any]]) -> float | None:
    """The same of one pattern: `prices` (open, high, low, close) of the NEEDED bars before it began."""
    total = 0.0
    for row in range(1, NEEDED):
        before = prices[row - 1][_CLOSE]
        total += max(prices[row][_HIGH], before) - min(prices[row][_LOW], before)
    if not total > 0:
        return None
    move = prices[-1][_CLOSE] - prices[-1 - MOVE_BARS][_CLOSE]
    return float(move / (total / RANGE_BARS))
