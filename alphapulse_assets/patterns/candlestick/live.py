"""Candlestick patterns bar by bar: a state per instrument and timeframe, equal to `candlestick.detect`.

A bar costs TA-Lib's 61 handles, O(1) each. The first bar of a block opens them anew (a fraction of a
millisecond), as the calendar rule in `candlestick` wants it.
"""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import compress, islice
from math import inf
from typing import Any, Final, NamedTuple, Self

import numpy as np
import polars as pl

from alphapulse_assets.core.bars import Bar, refuse
from alphapulse_assets.core.calendar_blocks import WARM_UP, block_start, moment_of, next_block
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.candlestick.batch import CONFIRMATION, checked, stretches
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE, LOOKBACK
from alphapulse_assets.patterns.candlestick.move import NEEDED, REACH, move_before

_PATTERNS: Final = tuple(CATALOGUE.values())
_FUNCTIONS: Final = tuple(pattern.batch for pattern in _PATTERNS)
_HANDLES: Final = tuple(pattern.handle for pattern in _PATTERNS)
_FACTS: Final = tuple(
    (pattern.name, (str(pattern.favours(-1)), str(pattern.favours(1))), pattern.candles)
    for pattern in _PATTERNS
)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)

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
    move_before_atr: float | None


_row: Final[Callable[[tuple[object, ...]], CandlestickPattern]] = partial(tuple.__new__, CandlestickPattern)
"""A row of its columns in their order: half the time of the constructor, which Python writes in Python."""


class CandlestickState:
    """The candlestick patterns of one instrument and timeframe in the middle of its bars.

    Begin with `warm(...)`, or empty at the instrument's first bar. TA-Lib's handles cannot be pickled.
    """

    def __init__(self, timeframe: str) -> None:
        self.timeframe = timeframe
        self._length = bar_length(timeframe)
        self._bars: deque[tuple[datetime, _Prices]] = deque(maxlen=REACH)  # the last ones
        self._last = self._block_end = self._reach = _NEVER
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
        prices = zip(*bars.values[:4, -REACH:].tolist(), strict=True)
        state._bars.extend(zip(map(moment_of, bars.ts[-REACH:].tolist()), prices, strict=True))
        state._last = moment_of(int(bars.ts[-1]))
        state._block_end = next_block(timeframe, state._last)
        state._reach = state._reaches(state._last)
        *_, (origin, _begin, end) = stretches(bars, timeframe)
        if end - origin > LOOKBACK:
            state._open(bars.values[:4, origin:end])
        else:
            state._stretch = list(zip(*bars.values[:4, origin:end].tolist(), strict=True))
        return state

    def update(self, bar: Bar) -> list[CandlestickPattern]:
        """Take the next closed bar; the patterns known at its close, in order of name.

        Raises:
            ValueError: a bar that does not come after the last one (a corrected bar: warm a new state), or an
                impossible one. The state is as before.
        """
        moment, prices = self._read(bar)
        if moment >= self._block_end:
            self._stretch = self._counting(moment)
            self._updates, self._peeks = [], []
            self._block_end = next_block(self.timeframe, moment)
            self._reach = self._reaches(moment)
        if self._updates:
            strengths = [update(*prices) for update in self._updates]
        else:
            self._stretch.append(prices)
            strengths = _strengths(self._stretch)
            if len(self._stretch) > LOOKBACK:
                self._open(np.array(self._stretch).T)
                self._stretch = []
        found = self._rows(moment, strengths, self._reach)
        self._bars.append((moment, prices))
        self._last = moment
        return found

    def extremes(self, count: int) -> list[tuple[float, float]]:
        """High and low of the last bars, the newest last: so many, or as many as were taken."""
        first = max(len(self._bars) - count, 0)
        return [prices[1:3] for _, prices in islice(self._bars, first, None)]

    def peek(self, bar: Bar) -> list[CandlestickPattern]:
        """What `update` would say if the forming bar closed as it is now; nothing is changed.

        `known_at` is when the bar will close: until then none of it is known.

        Raises:
            ValueError: as `update`.
        """
        moment, prices = self._read(bar)
        reach = self._reach
        if moment >= self._block_end:
            reach = self._reaches(moment)
            strengths = _strengths([*self._counting(moment), prices])
        elif self._peeks:
            strengths = [peek(*prices) for peek in self._peeks]
        else:
            strengths = _strengths([*self._stretch, prices])
        return self._rows(moment, strengths, reach)

    def _read(self, bar: Bar) -> tuple[datetime, _Prices]:
        moment = bar.ts
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone; times are UTC and say so")
        if moment <= self._last:
            raise ValueError(
                f"the bar of {moment} does not come after {self._last}, the last one: for a corrected bar, "
                "warm a new state"
            )
        opened, high, low, close = prices = bar.open, bar.high, bar.low, bar.close
        if not (0 < low <= opened <= high < inf and low <= close <= high):
            refuse(moment)
        return moment, prices

    def _counting(self, moment: datetime) -> list[_Prices]:
        """The bars before the block of a moment whose sums count in it."""
        reach = self._reaches(moment)
        return [prices for time, prices in list(self._bars)[-LOOKBACK:] if time >= reach]

    def _reaches(self, moment: datetime) -> datetime:
        """The open time from which on bars count in the block of a moment."""
        return block_start(self.timeframe, moment) - WARM_UP * self._length

    def _open(self, prices: Any) -> None:
        """Open the handles on these bars, of shape (4, n)."""
        history = [np.ascontiguousarray(row) for row in prices]
        handles = [handle(*history) for handle in _HANDLES]
        self._updates = [handle.update for handle in handles]
        self._peeks = [handle.peek for handle in handles]

    def _rows(self, moment: datetime, strengths: Sequence[int], reach: datetime) -> list[CandlestickPattern]:
        known_at = moment + self._length
        found = []
        moves: dict[int, float | None] = {}
        hits = zip(compress(_FACTS, strengths), filter(None, strengths), strict=True)
        for (name, directions, candles), strength in hits:
            if candles == 1 or abs(strength) == CONFIRMATION:
                candles, began_at, unbroken = 1, moment, True
            else:
                began_at = self._bars[1 - candles][0]
                unbroken = moment - began_at == (candles - 1) * self._length
            direction = directions[strength > 0]
            if candles not in moves:
                moves[candles] = self._move_before(candles, reach)
            told = (moment, name, direction, strength, candles, began_at, unbroken, known_at, moves[candles])
            found.append(_row(told))
        return found

    def _move_before(self, candles: int, reach: datetime) -> float | None:
        """The move before a pattern of so many candles that ends with the bar to come (`move`)."""
        first = len(self._bars) - (candles - 1) - NEEDED
        if first < 0 or self._bars[first][0] < reach:
            return None
        return move_before([self._bars[place][1] for place in range(first, first + NEEDED)])


def _strengths(history: Sequence[_Prices]) -> list[int]:
    """What TA-Lib says at the last of these bars."""
    opened, high, low, close = np.array(history).T.copy()
    return [int(function(opened, high, low, close)[-1]) for function in _FUNCTIONS]
