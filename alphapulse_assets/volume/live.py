"""Volume patterns bar by bar: the state of one instrument and timeframe."""

from typing import Final, Self

import numpy as np
import polars as pl

from alphapulse_assets.core.bars import Bar, is_sound, refuse
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.volume import kernels
from alphapulse_assets.volume.bars import arrays
from alphapulse_assets.volume.definitions import DEFAULT_RULES, VolumeRules
from alphapulse_assets.volume.events import MICROSECOND, VolumePattern, microseconds, moment, rows

_SLACK: Final = 8
"""Capacity over what must be kept: the bars kept are moved once per so many of them, O(1) per bar."""


class VolumePatternState:
    """Finds what `batch.detect` finds, at the bar at which it is known: the same code sees the same bars."""

    def __init__(self, timeframe: str, rules: VolumeRules = DEFAULT_RULES) -> None:
        self._step = bar_length(timeframe) // MICROSECOND
        self._keep = rules.warm_up
        self._limits, self._cuts = rules.limits(), rules.cuts()
        self._bars = np.zeros((kernels.FIELDS, self._keep * _SLACK))
        self._times = np.zeros(self._keep * _SLACK, dtype=np.int64)
        self._events = np.empty((kernels.PATTERN_COUNT, kernels.EVENT_WIDTH))
        self._count = 0

    @classmethod
    def warm(cls, candles: pl.DataFrame, timeframe: str, rules: VolumeRules = DEFAULT_RULES) -> Self:
        """A state after `candles` (CANDLE_SCHEMA, sorted): the last `rules.warm_up` bars, or all there are.

        Raises:
            ValueError: unknown timeframe, open times that do not rise, or an impossible candle.
        """
        state = cls(timeframe, rules)
        bars, times = arrays(candles.tail(state._keep))
        n = len(times)
        state._bars[:, :n], state._times[:n], state._count = bars, times, n
        room = np.empty((max(n, 1) * kernels.PATTERN_COUNT, kernels.EVENT_WIDTH))
        kernels.scan(state._bars, state._times, 0, n, state._step, state._limits, state._cuts, room)
        return state

    def update(self, bar: Bar) -> list[VolumePattern]:
        """Take the next closed bar; the patterns known at its close, in order of name.

        Raises:
            ValueError: a bar that does not come after the last one (a corrected bar: warm a new state), or
                that is impossible. The state is as before.
        """
        ts = microseconds(bar.ts)
        if self._count and ts <= self._times[self._count - 1]:
            raise ValueError(
                f"the bar of {bar.ts} does not come after {moment(int(self._times[self._count - 1]))}, the "
                "last one: for a corrected bar, warm a new state"
            )
        if not is_sound(bar.high, bar.low, bar.close, bar.volume):
            refuse(bar.ts)
        if self._count == self._times.size:
            self._move()
        i = self._count
        bars = self._bars
        self._times[i] = ts
        bars[kernels.HIGH, i] = bar.high
        bars[kernels.LOW, i] = bar.low
        bars[kernels.CLOSE, i] = bar.close
        bars[kernels.VOLUME, i] = bar.volume
        self._count = i + 1
        found = kernels.scan(bars, self._times, i, i + 1, self._step, self._limits, self._cuts, self._events)
        return rows(self._events[:found], self._times, self._step) if found else []

    def _move(self) -> None:
        """Begin again with the bars that later ones may look at."""
        kept = slice(self._count - self._keep, self._count)
        self._bars[:, : self._keep] = self._bars[:, kept]
        self._times[: self._keep] = self._times[kept]
        self._count = self._keep
