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
from alphapulse_assets.indicators.bars import FIELDS, Bars, Floats, TimedValues, joined

_YEAR: Final = timedelta(days=365)  # crypto trades every day


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

    @property
    def bars_needed(self) -> int:
        """How many of the last bars its live state looks at, the newest included."""
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
    bars_needed: int = 1

    def batch(self, bars: Bars, timeframe: str) -> tuple[Floats, ...]:
        """See Formula."""
        found = getattr(talib, self.function)(*self.columns(bars), **dict(self.parameters))
        return tuple(map(self._numbers, found)) if isinstance(found, tuple) else (found,)

    def _numbers(self, found: Any) -> Floats:
        """Whole numbers, such as a side, know no NaN: TA-Lib leaves 0 before the first value."""
        if found.dtype == np.float64:
            return np.asarray(found)
        numbers = found.astype(np.float64)
        numbers[: self.lookback] = np.nan
        return np.asarray(numbers)

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
    """A kernel over the last `bars_needed` bars and no others. Live it is simply computed over those.

    It gives one array, or one of shape (outputs, bars).
    """

    kernel: Callable[..., Floats]
    inputs: tuple[str, ...]
    window: int | tuple[int, ...]
    bars_needed: int
    annualised: bool = False  # a root mean square per bar becomes one per year
    scope: Scope = Scope.WARM

    def batch(self, bars: Bars, timeframe: str) -> tuple[Floats, ...]:
        """See Formula."""
        windows = self.window if isinstance(self.window, tuple) else (self.window,)
        found = self.kernel(*(getattr(bars, name) for name in self.inputs), *windows)
        if self.annualised:
            found *= (_YEAR / bar_length(timeframe)) ** 0.5
        return tuple(found) if found.ndim > 1 else (found,)

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
        return tuple(found.item(-1) for found in self._formula.batch(tail, self._timeframe))
