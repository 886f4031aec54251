"""Kinds of formulas: how each is computed over bars, and bar by bar with the same result.

A formula gives one array per output. It says in `scope` which bars it is given: all that count for the block,
those of the block alone (cumulative ones), or all of the frame (those with sessions of their own).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

import numpy as np
import talib
import talib.stream

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.indicators import kernels
from alphapulse_assets.indicators.bars import FIELDS, Bars, Floats, TimedValues, joined
from alphapulse_resources.frames import WEEK_ORIGIN

_YEAR: Final = timedelta(days=365)  # crypto trades every day
_MICROSECOND: Final = timedelta(microseconds=1)


class Scope(StrEnum):
    """Which bars a formula is given."""

    WARM = "block and the warm-up before it"
    BLOCK = "block"
    FRAME = "frame"


class Live(Protocol):
    """A formula in the middle of a series."""

    def update(self, bar: TimedValues, recent: Bars) -> tuple[float, ...]:
        """The outputs at a new bar, empty or NaN where there is none; `recent` ends with that bar."""
        ...


class Formula(Protocol):
    """How some columns are computed."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns of a bar that it reads."""
        ...

    @property
    def scope(self) -> Scope:
        """Which bars it is given."""
        ...

    def batch(self, bars: Bars, timeframe: str) -> tuple[Floats, ...]:
        """The outputs at every bar, NaN where there is none."""
        ...

    def live(self, bars: Bars, timeframe: str) -> Live:
        """A state after these bars, which may be none."""
        ...


@dataclass(frozen=True, slots=True)
class TaLib:
    """A function of TA-Lib (https://ta-lib.org): C over arrays, and a stream handle of O(1) per bar."""

    function: str
    inputs: tuple[str, ...]
    parameters: tuple[tuple[str, float], ...]
    lookback: int  # bars before the first value
    scope: Scope = Scope.WARM

    def batch(self, bars: Bars, timeframe: str) -> tuple[Floats, ...]:
        """See Formula."""
        found = getattr(talib, self.function)(*self.columns(bars), **dict(self.parameters))
        return found if isinstance(found, tuple) else (found,)

    def live(self, bars: Bars, timeframe: str) -> Live:
        """See Formula."""
        return _TaLibStream(self, bars)

    def columns(self, bars: Bars) -> list[Floats]:
        """The inputs as TA-Lib wants them."""
        return [getattr(bars, name) for name in self.inputs]


class _TaLibStream:
    """A stream handle, opened as soon as there are bars enough for a first value."""

    def __init__(self, formula: TaLib, bars: Bars) -> None:
        self._formula = formula
        self._rows = [FIELDS.index(name) for name in formula.inputs]
        self._early: list[Bars] = []
        self._update: Callable[..., Any] | None = None
        self._open([bars])

    def update(self, bar: TimedValues, recent: Bars) -> tuple[float, ...]:
        """See Live."""
        if self._update is None:
            found = self._open([*self._early, recent.between(len(recent) - 1)])
        else:
            values = bar[1]
            found = self._update(*[values[row] for row in self._rows])
        return found if isinstance(found, tuple) else (found,)

    def _open(self, early: list[Bars]) -> Any:
        bars = joined(early)
        if len(bars) <= self._formula.lookback:
            self._early = [bars]
            return ()
        handle = getattr(talib.stream, self._formula.function)(
            *map(np.ascontiguousarray, self._formula.columns(bars)), **dict(self._formula.parameters)
        )
        self._early, self._update = [], handle.update
        return handle.value


@dataclass(frozen=True, slots=True)
class Window:
    """A kernel over the last `bars_needed` bars and no others. Live it is simply computed over those."""

    kernel: Callable[..., Floats]
    inputs: tuple[str, ...]
    window: int
    bars_needed: int
    annualised: bool = False  # a root mean square per bar becomes one per year
    scope: Scope = Scope.WARM

    def batch(self, bars: Bars, timeframe: str) -> tuple[Floats, ...]:
        """See Formula."""
        found = self.kernel(*(getattr(bars, name) for name in self.inputs), self.window)
        if self.annualised:
            found *= (_YEAR / bar_length(timeframe)) ** 0.5
        return (found,)

    def live(self, bars: Bars, timeframe: str) -> Live:
        """See Formula."""
        self.batch(bars.between(0, 0), timeframe)  # compiles the kernel now, not at the next bar
        return _WindowTail(self, timeframe)


class _WindowTail:
    """The last value of a window."""

    def __init__(self, formula: Window, timeframe: str) -> None:
        self._formula = formula
        self._timeframe = timeframe

    def update(self, bar: TimedValues, recent: Bars) -> tuple[float, ...]:
        """See Live."""
        tail = recent.between(max(len(recent) - self._formula.bars_needed, 0))
        return (self._formula.batch(tail, self._timeframe)[0].item(-1),)


@dataclass(frozen=True, slots=True)
class Vwap:
    """Volume-weighted average price since the start of a session of `session` from a Monday 00:00 UTC on."""

    session: timedelta
    scope: Scope = Scope.FRAME
    inputs: tuple[str, ...] = ("high", "low", "close", "volume")

    def batch(self, bars: Bars, timeframe: str) -> tuple[Floats, ...]:
        """See Formula."""
        if self.one_bar(timeframe):
            return (np.full(len(bars), np.nan),)
        return (kernels.vwap(self.sessions(bars.ts), bars.high, bars.low, bars.close, bars.volume),)

    def live(self, bars: Bars, timeframe: str) -> Live:
        """See Formula."""
        state = _VwapSums(self, timeframe)
        if len(bars):
            first = int(np.searchsorted(self.sessions(bars.ts), self.sessions(bars.ts[-1])))
            for bar in bars.between(first).rows():
                state.update(bar, bars)
        return state

    def one_bar(self, timeframe: str) -> bool:
        """Whether a bar is as long as a session, so that there is nothing to average."""
        return bar_length(timeframe) >= self.session

    def sessions(self, ts: Any) -> Any:
        """The number of the session of each open time (microseconds)."""
        origin = round(WEEK_ORIGIN.timestamp() * 1_000_000)
        return (ts - origin) // (self.session // _MICROSECOND)


class _VwapSums:
    """The two sums of a session."""

    def __init__(self, formula: Vwap, timeframe: str) -> None:
        self._formula = formula
        self._idle = formula.one_bar(timeframe)
        self._session: int | None = None
        self._paid = self._traded = 0.0

    def update(self, bar: TimedValues, recent: Bars) -> tuple[float, ...]:
        """See Live."""
        if self._idle:
            return ()
        ts, (_, high, low, close, volume) = bar
        session = self._formula.sessions(ts)
        if session != self._session:
            self._session, self._paid, self._traded = session, 0.0, 0.0
        self._paid += (high + low + close) / 3.0 * volume
        self._traded += volume
        return (self._paid / self._traded,) if self._traded > 0 else ()
