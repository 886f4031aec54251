"""Indicators bar by bar: a state per instrument and timeframe, O(1) per bar, equal to `batch.compute`.

Each bar costs the same, but for the first bar of a block: there the state is made again from the last WARM_UP
bars, as the calendar rule in `warm_up` wants it (a few milliseconds).
"""

from collections.abc import Sequence
from datetime import timedelta
from math import isfinite
from typing import Any, Final, Self

import numpy as np
import polars as pl

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.calendar_blocks import WARM_UP, block_start, micros, moment_of, next_block
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.indicators.bars import FIELDS, BarLog, Bars, TimedValues, timed_values
from alphapulse_assets.indicators.definition import IndicatorDefinition, formulas_of
from alphapulse_assets.indicators.formulas import Formula, Live, Scope
from alphapulse_assets.indicators.registry import INDICATORS

_ROOM: Final = 1_024
_MICROSECOND: Final = timedelta(microseconds=1)
_NEVER: Final = -(2**62)


class IndicatorState:
    """The indicators of one instrument and timeframe in the middle of its bars.

    Begin with `warm(...)`, or empty at the instrument's first bar. TA-Lib's handles cannot be pickled.
    """

    def __init__(
        self, timeframe: str, definitions: Sequence[IndicatorDefinition] = tuple(INDICATORS.values())
    ) -> None:
        """Of these definitions, by default those of the registry."""
        self.timeframe = timeframe
        self._names = [each.name for each in definitions]
        self._reach = WARM_UP * (bar_length(timeframe) // _MICROSECOND)
        self._formulas = formulas_of(definitions)
        self._window = max((formula.bars_needed for formula in self._formulas), default=1)
        empty = Bars(np.empty(0, dtype=np.int64), np.empty((len(FIELDS), 0)))
        self._recent = _Recent(empty, self._window)
        self._kept = BarLog.of(empty)
        self._last = self._block_end = self._keep_from = _NEVER
        self._states: dict[Formula, Live] = {}
        self._steps: list[tuple[Live, list[tuple[str, int]]]] = []
        self._begin([formula for formula in self._formulas if formula.scope is Scope.FRAME], empty)

    @classmethod
    def warm(
        cls,
        candles: pl.DataFrame,
        timeframe: str,
        definitions: Sequence[IndicatorDefinition] = tuple(INDICATORS.values()),
    ) -> Self:
        """The state after these bars (CANDLE_SCHEMA, sorted by ts, each once).

        They go back to `warm_up.frame_start(timeframe, <the next bar's open time>)` or to the instrument's
        first bar; more do no harm.

        Raises:
            ValueError: as `batch.compute`.
        """
        state = cls(timeframe, definitions)
        bars = Bars.of(candles)
        if len(bars):
            state._start(bars)
        return state

    def update(self, bar: Bar) -> dict[str, Any]:
        """The row (INDICATOR_SCHEMA) of the next closed bar.

        Raises:
            ValueError: a bar that does not come after the last one, or a number that is missing, not finite
                or cannot be. The state is as before.
        """
        found = timed_values(bar, self._last)
        ts = found[0]
        if ts >= self._block_end:
            self._enter_block(ts)
        self._last = ts
        if ts >= self._keep_from:
            self._kept.append(found)
        recent = self._recent.add(found)
        row: dict[str, Any] = dict.fromkeys(self._names)
        for state, outputs in self._steps:
            values = state.update(found, recent)
            for name, output in outputs if values else ():
                row[name] = values[output] if isfinite(values[output]) else None
        return {"ts": bar.ts, **row}

    def _start(self, bars: Bars) -> None:
        """Be after these bars."""
        self._last = int(bars.ts[-1])
        begin = self._set_block(self._last)
        self._begin([formula for formula in self._formulas if formula.scope is Scope.FRAME], bars)
        self._begin_block(bars.since(begin - self._reach), begin)
        self._kept = BarLog.of(bars.since(self._keep_from))

    def _enter_block(self, ts: int) -> None:
        """Begin the block that holds `ts`, its first bar still to come."""
        begin = self._set_block(ts)
        bars = self._kept.bars().since(begin - self._reach)
        self._begin_block(bars, begin)
        self._kept = BarLog.of(bars.since(self._keep_from))

    def _set_block(self, ts: int) -> int:
        moment = moment_of(ts)
        self._block_end = micros(next_block(self.timeframe, moment))
        self._keep_from = self._block_end - self._reach
        return micros(block_start(self.timeframe, moment))

    def _begin_block(self, bars: Bars, begin: int) -> None:
        """States of the block after `bars`, all of which count for it; those since `begin` are in it."""
        formulas = self._formulas
        self._begin([formula for formula in formulas if formula.scope is Scope.WARM], bars)
        self._begin([formula for formula in formulas if formula.scope is Scope.BLOCK], bars.since(begin))
        self._steps = [(self._states[formula], outputs) for formula, outputs in formulas.items()]
        self._recent = _Recent(bars, self._window)

    def _begin(self, formulas: list[Formula], bars: Bars) -> None:
        self._states.update((formula, formula.live(bars, self.timeframe)) for formula in formulas)


class _Recent:
    """The last bars as one view on an array that is moved rarely."""

    def __init__(self, bars: Bars, window: int) -> None:
        tail = bars.between(max(len(bars) - window, 0))
        self._window, self._room = window, window + _ROOM
        self._ts = np.empty(self._room, dtype=np.int64)
        self._values = np.empty((len(FIELDS), self._room))
        self._end = len(tail)
        self._ts[: self._end] = tail.ts
        self._values[:, : self._end] = tail.values

    def add(self, bar: TimedValues) -> Bars:
        """The last bars, with this one."""
        if self._end == self._room:
            self._ts[: self._window] = self._ts[-self._window :]
            self._values[:, : self._window] = self._values[:, -self._window :]
            self._end = self._window
        self._ts[self._end] = bar[0]
        self._values[:, self._end] = bar[1]
        self._end += 1
        first = max(self._end - self._window, 0)
        return Bars(self._ts[first : self._end], self._values[:, first : self._end])
