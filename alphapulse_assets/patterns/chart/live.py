"""Chart patterns bar by bar: the state of one instrument and timeframe, equal to `batch.detect`.

A bar costs a few microseconds. The first bar of a block (`indicators.warm_up`) begins the state anew over the
last WARM_UP bars, as the calendar rule wants it: less than a millisecond.
"""

from typing import Any, Final, Self

import numpy as np
import polars as pl

from alphapulse_assets.core.bars import Bar, is_sound, refuse
from alphapulse_assets.core.calendar_blocks import block_start, micros, moment_of, next_block
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.chart.bars import arrays
from alphapulse_assets.patterns.chart.batch import WARM_UP, passed
from alphapulse_assets.patterns.chart.events import MICROSECOND, ORIGIN, rows
from alphapulse_assets.patterns.chart.layout import EVENT, GIVEN, ROOM_FOR_A_BAR
from alphapulse_assets.patterns.chart.rules import DEFAULT_RULES, ChartRules
from alphapulse_assets.patterns.chart.scan import look, memory, scan

_ROOM: Final = 2 * WARM_UP
_NEVER: Final = -(2**62)


class ChartState:
    """The chart patterns of one instrument and timeframe in the middle of its bars.

    Begin with `warm(...)`, or empty at the instrument's first bar.
    """

    def __init__(self, timeframe: str, rules: ChartRules = DEFAULT_RULES) -> None:
        self.timeframe = timeframe
        self._rules = rules
        self._step = bar_length(timeframe) // MICROSECOND
        self._memory = memory(rules, self._step)
        self._bars = np.zeros((GIVEN, _ROOM))
        self._ts = np.zeros(_ROOM, dtype=np.int64)
        self._end = 0
        self._last = self._block_end = _NEVER
        self._bar = np.zeros((GIVEN, 1))
        self._events = np.empty((ROOM_FOR_A_BAR, EVENT))

    @classmethod
    def warm(cls, candles: pl.DataFrame, timeframe: str, rules: ChartRules = DEFAULT_RULES) -> Self:
        """The state after these bars (CANDLE_SCHEMA, sorted by ts, each once).

        They go back to `batch.frame_start(timeframe, <the next bar's open time>)` or to the instrument's
        first bar; more do no harm.

        Raises:
            ValueError: as `batch.detect`.
        """
        state = cls(timeframe, rules)
        ts, bars = arrays(candles, state._step)
        if len(ts):
            state._last = int(ts[-1])
            state._begin(state._last, ts, bars)
        return state

    def update(self, bar: Bar) -> list[dict[str, Any]]:
        """Take the next closed bar; the rows (CHART_EVENT_SCHEMA) known at its close, usually none.

        Raises:
            ValueError: a bar that does not come after the last one (a corrected bar: warm a new state), or an
                impossible one. The state is as before.
        """
        ts = micros(bar.ts)
        if ts <= self._last:
            raise ValueError(
                f"the candle of {bar.ts} does not come after {moment_of(self._last)}, the last one: for a "
                "corrected candle, warm a new state"
            )
        column = self._bar
        column[1:, 0] = bar.high, bar.low, bar.close, bar.volume
        if not is_sound(bar.high, bar.low, bar.close, bar.volume):
            refuse(bar.ts)
        column[0, 0] = (ts - ORIGIN) / self._step
        if ts >= self._block_end:
            self._begin(ts, self._ts[: self._end].copy(), self._bars[:, : self._end].copy())
        self._keep(ts)
        count, _ = scan(self._memory, column, 0, 1, self._events)
        return rows(self._events[:count], self._step) if count else []

    def open_patterns(self) -> list[dict[str, Any]]:
        """The patterns that are forming or complete after the last bar, shown as they are now.

        Rows of CHART_EVENT_SCHEMA, `ts` the last bar's; they are a view and are not stored.
        """
        count = look(self._memory.copy(), self._events)
        return rows(self._events[:count], self._step)

    def _begin(self, moment: int, ts: Any, bars: Any) -> None:
        """Begin the block that holds `moment` after these bars."""
        self._block_end = micros(next_block(self.timeframe, moment_of(moment)))
        begin = micros(block_start(self.timeframe, moment_of(moment)))
        first = int(np.searchsorted(ts, begin - WARM_UP * self._step))
        self._memory = memory(self._rules, self._step)
        passed(self._memory, np.ascontiguousarray(bars[:, first:]), 0, len(ts) - first)
        self._end = kept = min(WARM_UP, len(ts))
        self._ts[:kept], self._bars[:, :kept] = ts[len(ts) - kept :], bars[:, len(ts) - kept :]

    def _keep(self, ts: int) -> None:
        """Keep the bar: no block can want more than the last WARM_UP, as bars have a length."""
        if self._end == _ROOM:
            self._ts[:WARM_UP] = self._ts[_ROOM - WARM_UP :]
            self._bars[:, :WARM_UP] = self._bars[:, _ROOM - WARM_UP :]
            self._end = WARM_UP
        self._ts[self._end] = ts
        self._bars[:, self._end] = self._bar[:, 0]
        self._end += 1
        self._last = ts
