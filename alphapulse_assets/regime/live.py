"""Regimes bar by bar: a state per instrument and timeframe, equal to `batch.compute`.

A bar costs three percentiles over at most `window` values. The first bar of a block begins the rules anew
over the last WARM_UP bars, as the calendar rule wants it.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, Self

import numpy as np
import polars as pl

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.calendar_blocks import block_start, micros, moment_of, next_block
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.regime.batch import DEFAULT_RULES
from alphapulse_assets.regime.inputs import input_column, input_rows, regime_row, rule_arrays
from alphapulse_assets.regime.kernels import INPUTS, ROWS, advance
from alphapulse_assets.regime.rules import WARM_UP, RegimeRules

_ROOM: Final = WARM_UP + 500
_NEVER: Final = -(2**62)


class RegimeState:
    """The regime of one instrument and timeframe in the middle of its bars.

    Begin with `warm(...)`, or empty at the instrument's first bar.
    """

    def __init__(self, timeframe: str, rules: RegimeRules = DEFAULT_RULES) -> None:
        self.timeframe = timeframe
        self._reach = WARM_UP * (bar_length(timeframe) // timedelta(microseconds=1))
        self._counts, self._limits = rule_arrays(rules)
        self._ts = np.empty(_ROOM, dtype=np.int64)
        self._rows = np.full((ROWS, _ROOM), np.nan)
        self._end = 0
        self._last = self._block_end = _NEVER

    @classmethod
    def warm(
        cls,
        candles: pl.DataFrame,
        indicators: pl.DataFrame,
        timeframe: str,
        rules: RegimeRules = DEFAULT_RULES,
    ) -> Self:
        """The state after these bars, frames as in `batch.compute`.

        They go back to `rules.frame_start(timeframe, <the next bar's open time>)` or to the instrument's
        first bar; more do no harm.

        Raises:
            ValueError: as `batch.compute`.
        """
        state = cls(timeframe, rules)
        ts, rows = input_rows(candles, indicators)
        if len(ts):
            state._last = int(ts[-1])
            state._set_block(state._last, ts, rows)
        return state

    def update(self, bar: Bar, indicators: Mapping[str, Any]) -> dict[str, Any]:
        """The row (REGIME_SCHEMA) of the next closed bar and its row of indicators.

        Raises:
            ValueError: a bar that does not come after the last one, or indicators of another bar.
        """
        ts = micros(bar.ts)
        if ts <= self._last or indicators["ts"] != bar.ts:
            raise ValueError(
                f"the bar of {bar.ts} does not come after the last one, or the indicators are of another "
                f"bar ({indicators['ts']}); make a new state by warm()"
            )
        column = input_column(bar, indicators)
        if ts >= self._block_end:
            self._set_block(ts, self._ts[: self._end].copy(), self._rows[:, : self._end].copy())
        if self._end == _ROOM:
            self._keep(self._ts, self._rows)
        self._last = ts
        self._ts[self._end] = ts
        self._rows[:INPUTS, self._end] = column
        self._end += 1
        advance(self._rows, self._end - 1, self._end, self._counts, self._limits)
        return regime_row(bar.ts, self._rows[:, self._end - 1])

    def _set_block(self, moment: int, ts: Any, rows: Any) -> None:
        """Begin the rules for the block that holds `moment` and be after these bars."""
        self._block_end = micros(next_block(self.timeframe, moment_of(moment)))
        begin = micros(block_start(self.timeframe, moment_of(moment)))
        first = int(np.searchsorted(ts, begin - self._reach))
        counted = np.ascontiguousarray(rows[:, first:])
        advance(counted, 0, counted.shape[1], self._counts, self._limits)
        self._keep(ts[first:], counted)

    def _keep(self, ts: Any, rows: Any) -> None:
        """Have the last WARM_UP of these bars at the front: no block can want more, as bars have a length."""
        kept = min(WARM_UP, len(ts))
        self._ts[:kept] = ts[len(ts) - kept :].copy()
        self._rows[:, :kept] = rows[:, len(ts) - kept :].copy()
        self._end = kept
