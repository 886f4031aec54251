"""The signals of one instrument that are open, at the moment its candles close: as batch, live. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

import numpy as np
import polars as pl

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.calendar_blocks import micros, moment_of
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.datasets.live import BarSource
from alphapulse_assets.patterns.events.configuration import DEFAULT, CostRules
from alphapulse_assets.patterns.events.kernels import Floats
from alphapulse_assets.patterns.signal_outcomes import kernels
from alphapulse_assets.patterns.signal_outcomes.batch import begun, followed, outcome_row, touched_first
from alphapulse_assets.patterns.signal_outcomes.model import MINUTE, SIGNAL_COLUMNS, side_of

_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(slots=True)
class _Followed:
    """A signal that is open, and what the minutes of the bar under way touched first."""

    signal: dict[str, Any]  # SIGNAL_COLUMNS, side, regime
    trade: Floats
    first: int = kernels.NOTHING


class OutcomeState:
    """The open signals of one instrument, on all its timeframes; begins with none."""

    def __init__(self, costs: CostRules = DEFAULT.costs) -> None:
        """`costs`: fees and slippage."""
        self._costs = costs
        self._open: dict[str, list[_Followed]] = {}

    @classmethod
    def warm(
        cls,
        signals: Mapping[str, pl.DataFrame],
        bars: Mapping[str, BarSource],
        now: datetime,
        costs: CostRules = DEFAULT.costs,
    ) -> Self:
        """The state after all bars that closed by `now`, the close of the newest minute.

        Args:
            signals: by timeframe SIGNAL_COLUMNS and `regime`, those that may be open and all after them.
            bars: of each timeframe, and 1m.
            now: what is told later is left out.
            costs: fees and slippage.
        """
        state = cls(costs)
        for timeframe, told in signals.items():
            known = told.filter(pl.col("known_at") <= now)
            if known.is_empty():
                continue
            candles = bars[timeframe].between(
                known.select(pl.col("ts").min()).item(), now - bar_length(timeframe) + _MICROSECOND
            )
            rows, trades = followed(known, candles, timeframe, minutes=bars[MINUTE].between)
            for row, trade in zip(rows.iter_rows(named=True), trades, strict=True):
                if trade[kernels.STATE] == kernels.OPEN:
                    state._follow(timeframe, row, trade).first = _so_far(trade, timeframe, bars[MINUTE], now)
        return state

    def update(
        self,
        closed: Mapping[str, Bar],
        trends: Mapping[str, str | None],
        signals: Sequence[Mapping[str, Any]],
    ) -> list[dict[str, Any]]:
        """Take all bars that closed at one moment and the signals told then; OUTCOME_SCHEMA of what changed.

        Args:
            closed: by timeframe, those of one moment after the last one.
            trends: the regime's trend at these bars.
            signals: SIGNAL_SCHEMA of that moment, neutral ones too.
        """
        changed = {}
        if (minute := closed.get(MINUTE)) is not None:
            self._note_touches(minute)
        for timeframe, bar in closed.items():
            for each in self._open.get(timeframe, ()):
                if self._step(each, timeframe, bar):
                    changed[id(each)] = timeframe, each
        for row in signals:
            if (side := side_of(row["signal"])) is not None:
                timeframe = row["timeframe"]
                for each in self._open.get(timeframe, ()):
                    if each.signal["side"] != side and each.trade[kernels.STATE] == kernels.OPEN:
                        kernels.leave(each.trade, float(micros(row["known_at"])), closed[timeframe].close)
                        changed[id(each)] = timeframe, each
                each = self._begin(timeframe, row, side, trends.get(timeframe))
                changed[id(each)] = timeframe, each
        rows = [outcome_row(each.signal, each.trade, name, self._costs) for name, each in changed.values()]
        for timeframe in closed:
            kept = [
                each for each in self._open.get(timeframe, ()) if each.trade[kernels.STATE] == kernels.OPEN
            ]
            self._open[timeframe] = kept
        return rows

    def _note_touches(self, minute: Bar) -> None:
        for timeframe, open_ in self._open.items():
            if timeframe != MINUTE:
                for each in open_:
                    if each.first == kernels.NOTHING:
                        each.first = kernels.touched(each.trade, minute.high, minute.low)

    def _step(self, each: _Followed, timeframe: str, bar: Bar) -> bool:
        """Let a signal see a bar; whether its row is another one now."""
        trade, entered = each.trade, not np.isnan(each.trade[kernels.ENTRY])
        length = bar_length(timeframe) / _MICROSECOND
        prices = (bar.open, bar.high, bar.low, bar.close)
        if kernels.step(trade, float(micros(bar.ts)), length, *prices):
            kernels.settle(trade, each.first)
        each.first = kernels.NOTHING
        return bool(trade[kernels.STATE] != kernels.OPEN) or entered == np.isnan(trade[kernels.ENTRY])

    def _begin(self, timeframe: str, row: Mapping[str, Any], side: str, trend: str | None) -> _Followed:
        told = {name: row[name] for name in SIGNAL_COLUMNS} | {"side": side, "regime": trend}
        return self._follow(timeframe, told, begun([told])[0])

    def _follow(self, timeframe: str, signal: dict[str, Any], trade: Floats) -> _Followed:
        each = _Followed(signal, trade)
        self._open.setdefault(timeframe, []).append(each)
        return each


def _so_far(trade: Floats, timeframe: str, minutes: BarSource, now: datetime) -> int:
    """What the minutes of the bar under way have touched."""
    if timeframe == MINUTE:
        return kernels.NOTHING
    return touched_first(trade, minutes.between(moment_of(int(trade[kernels.NEXT])), now))
