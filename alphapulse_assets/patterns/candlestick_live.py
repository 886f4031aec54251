"""Candlestick patterns bar by bar: a state per instrument and timeframe, equal to `candlestick.detect`.

A bar costs TA-Lib's 61 handles, O(1) each. The first bar of a block opens them anew (a fraction of a
millisecond), as the calendar rule in `candlestick` wants it.
"""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import Any, Final, NamedTuple, Self

import numpy as np
import polars as pl

from alphapulse_assets.candles.bars import ClosedBar, refuse
from alphapulse_assets.candles.timeframes import bar_length
from alphapulse_assets.indicators.warm_up import WARM_UP, block_start, micros, moment_of, next_block
from alphapulse_assets.patterns.candlestick import CONFIRMATION, checked, stretches
from alphapulse_assets.patterns.catalogue import CATALOGUE, LOOKBACK

_PATTERNS: Final = tuple(CATALOGUE.values())
_FUNCTIONS: Final = tuple(pattern.batch for pattern in _PATTERNS)
_HANDLES: Final = tuple(pattern.handle for pattern in _PATTERNS)
_FACTS: Final = tuple(
    (pattern.name, (str(pattern.favours(-1)), str(pattern.favours(1))), pattern.candles)
    for pattern in _PATTERNS
)
_NEVER: Final = -(2**62)

_Prices = tuple[float, float, float, float]
_Step = Callable[[float, float, float, float], int]


class CandlestickPattern(NamedTuple):
    """One row of `candlestick.CANDLESTICK_SCHEMA`."""

    ts: datetime
    pattern: str
    direction: str
    strength: int
    candles: int
    began_at: datetime
    unbroken: bool
    known_at: datetime


class CandlestickState:
    """The candlestick patterns of one instrument and timeframe in the middle of its bars.

    Begin with `warm(...)`, or empty at the instrument's first bar. TA-Lib's handles cannot be pickled.
    """

    def __init__(self, timeframe: str) -> None:
        self.timeframe = timeframe
        self._length = bar_length(timeframe)
        self._step = self._length // timedelta(microseconds=1)
        self._times: deque[int] = deque(maxlen=LOOKBACK)  # of the last bars
        self._prices: deque[_Prices] = deque(maxlen=LOOKBACK)
        self._last = self._block_end = _NEVER
        self._stretch: list[_Prices] = []  # bars that count, until there are enough to open the handles
        self._updates: list[_Step] = []
        self._peeks: list[_Step] = []

    @classmethod
    def warm(cls, candles: pl.DataFrame, timeframe: str) -> Self:
        """The state after these bars (CANDLE_SCHEMA, sorted by ts, each once).

        They go back as far as `candlestick.detect` wants it for the next bar; more do no harm.

        Raises:
            ValueError: as `candlestick.detect`.
        """
        state = cls(timeframe)
        bars = checked(candles)
        if not len(bars):
            return state
        state._last = int(bars.ts[-1])
        state._times.extend(bars.ts[-LOOKBACK:].tolist())
        state._prices.extend(zip(*bars.values[:4, -LOOKBACK:].tolist(), strict=True))
        state._block_end = micros(next_block(timeframe, moment_of(state._last)))
        *_, (origin, _begin, end) = stretches(bars, timeframe)
        if end - origin > LOOKBACK:
            state._open(bars.values[:4, origin:end])
        else:
            state._stretch = list(zip(*bars.values[:4, origin:end].tolist(), strict=True))
        return state

    def update(self, bar: ClosedBar) -> list[CandlestickPattern]:
        """Take the next closed bar; the patterns known at its close, in order of name.

        Raises:
            ValueError: a bar that does not come after the last one (a corrected bar: warm a new state), or an
                impossible one. The state is as before.
        """
        ts, prices = self._read(bar)
        if ts >= self._block_end:
            self._stretch = self._counting(ts)
            self._updates, self._peeks = [], []
            self._block_end = micros(next_block(self.timeframe, bar.ts))
        if self._updates:
            opened, high, low, close = prices
            strengths = [update(opened, high, low, close) for update in self._updates]
        else:
            self._stretch.append(prices)
            strengths = _strengths(self._stretch)
            if len(self._stretch) > LOOKBACK:
                self._open(np.array(self._stretch).T)
                self._stretch = []
        found = self._rows(bar.ts, ts, strengths)
        self._times.append(ts)
        self._prices.append(prices)
        self._last = ts
        return found

    def peek(self, bar: ClosedBar) -> list[CandlestickPattern]:
        """What `update` would say if the forming bar closed as it is now; nothing is changed.

        `known_at` is when the bar will close: until then none of it is known.

        Raises:
            ValueError: as `update`.
        """
        ts, prices = self._read(bar)
        if ts >= self._block_end:
            strengths = _strengths([*self._counting(ts), prices])
        elif self._peeks:
            opened, high, low, close = prices
            strengths = [peek(opened, high, low, close) for peek in self._peeks]
        else:
            strengths = _strengths([*self._stretch, prices])
        return self._rows(bar.ts, ts, strengths)

    def _read(self, bar: ClosedBar) -> tuple[int, _Prices]:
        ts = micros(bar.ts)
        if ts <= self._last:
            raise ValueError(
                f"the bar of {bar.ts} does not come after {moment_of(self._last)}, the last one: for a "
                "corrected bar, warm a new state"
            )
        prices = bar.open, bar.high, bar.low, bar.close
        opened, high, low, close = prices
        if not (0 < low <= opened <= high < inf and low <= close <= high):
            refuse(bar.ts)
        return ts, prices

    def _counting(self, ts: int) -> list[_Prices]:
        """The bars before the block of `ts` that count in it."""
        block = micros(block_start(self.timeframe, moment_of(ts)))
        reach = block - WARM_UP * self._step
        return [bar for moment, bar in zip(self._times, self._prices, strict=True) if moment >= reach]

    def _open(self, prices: Any) -> None:
        """Open the handles on these bars, of shape (4, n)."""
        history = [np.ascontiguousarray(row) for row in prices]
        handles = [handle(*history) for handle in _HANDLES]
        self._updates = [handle.update for handle in handles]
        self._peeks = [handle.peek for handle in handles]

    def _rows(self, moment: datetime, ts: int, strengths: Sequence[int]) -> list[CandlestickPattern]:
        if not any(strengths):
            return []
        known_at = moment + self._length
        found = []
        for (name, directions, candles), strength in zip(_FACTS, strengths, strict=True):
            if not strength:
                continue
            if candles == 1 or abs(strength) == CONFIRMATION:
                candles, began_at, unbroken = 1, moment, True
            else:
                began = self._times[1 - candles]
                unbroken = ts - began == (candles - 1) * self._step
                began_at = moment_of(began)
            found.append(
                CandlestickPattern(
                    moment,
                    name,
                    directions[strength > 0],
                    strength,
                    candles,
                    began_at,
                    unbroken,
                    known_at,
                )
            )
        return found


def _strengths(history: Sequence[_Prices]) -> list[int]:
    """What TA-Lib says at the last of these bars."""
    opened, high, low, close = np.array(history).T.copy()
    return [int(function(opened, high, low, close)[-1]) for function in _FUNCTIONS]
