"""One signal followed bar by bar until it is decided: machine code that batch and stream both run. Pure.

A trade is a row of numbers (the constants below are its columns); times are microseconds since 1970, which
doubles hold exactly. It is entered at the open of the first bar after the signal. Then, at each bar in turn:

1. Its time was over before the bar opened (bars are missing): it leaves at the bar's open.
2. The open is beyond the stop or the target: it leaves at the open, never at a price that was jumped over.
3. The bar touches one of them: it leaves there. Both: the stop counts, unless minutes tell (`settle`).
4. Its time is over with the bar: it leaves at the close. So it does where one the other way is told then.
"""

from typing import Final

import numpy as np

from alphapulse_assets.core.numba_cache import compiled
from alphapulse_assets.patterns.events.kernels import Floats, Integers

SIGN: Final = 0  # 1 buys, -1 sells
STOP: Final = 1  # NaN: none
TARGET: Final = 2
EXPIRES: Final = 3
NEXT: Final = 4  # when the next bar opens if none is missing
ENTRY: Final = 5  # NaN before it is entered
ENTRY_AT: Final = 6
BARS: Final = 7
UP: Final = 8  # farthest the signal's way in the bars before the one that decided, in price
DOWN: Final = 9  # farthest against it
STATE: Final = 10  # number in `model.STATES`
EXIT: Final = 11
CLOSED_AT: Final = 12
KNOWN_AT: Final = 13
BOTH: Final = 14  # one bar touched both, and nobody knows in which order
GAP: Final = 15  # a bar was missing
BY_MINUTES: Final = 16  # minutes told what was first
COLUMNS: Final = 17

OPEN: Final = 0
STOPPED: Final = 1
REACHED: Final = 2
EXPIRED: Final = 3
CLOSED: Final = 4

NOTHING: Final = 0
"""What minutes tell of a bar's touches: none of them touched; else STOPPED, REACHED, or BOTH_AT_ONCE."""
BOTH_AT_ONCE: Final = 3


@compiled
def _decide(trade: Floats, state: int, price: float, at: float, known: float) -> None:
    trade[STATE], trade[EXIT], trade[CLOSED_AT], trade[KNOWN_AT] = state, price, at, known


@compiled
def touched(trade: Floats, high: float, low: float) -> int:
    """Which of its levels lie within a bar: NOTHING, STOPPED, REACHED or BOTH_AT_ONCE."""
    worst, best = (low, high) if trade[SIGN] > 0 else (high, low)
    lost = trade[SIGN] * (trade[STOP] - worst) >= 0
    won = trade[SIGN] * (best - trade[TARGET]) >= 0
    if lost and won:
        return BOTH_AT_ONCE
    return STOPPED if lost else (REACHED if won else NOTHING)


@compiled
def step(
    trade: Floats, opened: float, length: float, open_: float, high: float, low: float, close: float
) -> bool:
    """Let a trade see the next closed bar, if it is open and the bar after its signal.

    Returns:
        Whether the bar touched both levels: it is stopped then, unless `settle` says otherwise.
    """
    if trade[STATE] != OPEN or opened < trade[NEXT]:
        return False
    if opened > trade[NEXT]:
        trade[GAP] = 1.0
    trade[NEXT] = closes = opened + length
    if opened >= trade[EXPIRES]:
        missed = np.isnan(trade[ENTRY])
        _decide(trade, EXPIRED, np.nan if missed else open_, trade[EXPIRES] if missed else opened, closes)
        return False
    if np.isnan(trade[ENTRY]):
        trade[ENTRY], trade[ENTRY_AT], trade[KNOWN_AT] = open_, opened, closes
    trade[BARS] += 1
    jumped = touched(trade, open_, open_)
    if jumped != NOTHING:
        _decide(trade, STOPPED if jumped != REACHED else REACHED, open_, opened, closes)
        return False
    first = touched(trade, high, low)
    if first != NOTHING:
        trade[BOTH] = 1.0 if first == BOTH_AT_ONCE else 0.0
        won = first == REACHED
        _decide(trade, REACHED if won else STOPPED, trade[TARGET] if won else trade[STOP], closes, closes)
        return first == BOTH_AT_ONCE
    worst, best = (low, high) if trade[SIGN] > 0 else (high, low)
    trade[UP] = max(trade[UP], trade[SIGN] * (best - trade[ENTRY]))
    trade[DOWN] = max(trade[DOWN], trade[SIGN] * (trade[ENTRY] - worst))
    if closes >= trade[EXPIRES]:
        _decide(trade, EXPIRED, close, closes, closes)
    return False


@compiled
def settle(trade: Floats, first: int) -> None:
    """Say what minutes tell of a bar that touched both levels: NOTHING leaves it as it is."""
    if first != NOTHING:
        trade[BY_MINUTES] = 1.0
        trade[BOTH] = 1.0 if first == BOTH_AT_ONCE else 0.0
        if first == REACHED:
            trade[STATE], trade[EXIT] = REACHED, trade[TARGET]


@compiled
def leave(trade: Floats, moment: float, close: float) -> None:
    """A signal the other way is told at the close of a bar that the trade has seen."""
    if trade[STATE] == OPEN and not np.isnan(trade[ENTRY]):
        _decide(trade, CLOSED, close, moment, moment)


@compiled
def first_touched(trade: Floats, high: Floats, low: Floats) -> int:
    """What the first of these bars that touches any level touches."""
    for i in range(len(high)):
        found = touched(trade, high[i], low[i])
        if found != NOTHING:
            return found
    return NOTHING


@compiled
def follow(
    trades: Floats,
    first: Integers,
    opposite: Floats,
    opened: Floats,
    length: float,
    prices: Floats,
    both: Integers,
) -> None:
    """Let each trade see bars until it is decided or they end.

    Args:
        trades: shape (trades, COLUMNS); changed.
        first: number of the first bar that each may see.
        opposite: when the next signal the other way is told; infinite where there is none.
        opened: open times of the bars, which rise.
        length: of a bar.
        prices: shape (4, bars): open, high, low, close.
        both: written: number of the bar that touched both levels of a trade, or -1.
    """
    open_, high, low, close = prices
    for i in range(len(trades)):
        both[i] = -1
        for k in range(first[i], len(opened)):
            if step(trades[i], opened[k], length, open_[k], high[k], low[k], close[k]):
                both[i] = k
            if opened[k] + length >= opposite[i]:
                leave(trades[i], opened[k] + length, close[k])
            if trades[i, STATE] != OPEN:
                break
