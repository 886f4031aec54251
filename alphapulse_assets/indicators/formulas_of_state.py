"""Formulas with a state of their own: VWAP since an anchor, RSI that knows still markets, Keltner."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from alphapulse_assets.indicators import kernels
from alphapulse_assets.indicators.bars import FIELDS, Bars, Floats, TimedValues
from alphapulse_assets.indicators.formulas import Live, Scope, TaLib
from alphapulse_assets.indicators.sessions import BEFORE, Sessions

_CLOSE: Final = FIELDS.index("close")
NEUTRAL: Final = 50.0
"""What an oscillator from 0 to 100 says of a market that does not move: neither oversold nor overbought."""


@dataclass(frozen=True, slots=True)
class Vwap:
    """Volume-weighted average price since the start of a session."""

    sessions: Sessions
    scope: Scope = Scope.FRAME
    inputs: tuple[str, ...] = ("high", "low", "close", "volume")
    bars_needed: int = 1

    def batch(self, bars: Bars, timeframe: str) -> tuple[Floats, ...]:
        """See Formula."""
        if self.sessions.one_bar(timeframe):
            return (np.full(len(bars), np.nan),)
        numbers = self.sessions.numbers(bars.ts)
        found = kernels.vwap(numbers, bars.high, bars.low, bars.close, bars.volume)
        found[numbers == BEFORE] = np.nan
        return (found,)

    def live(self, bars: Bars, timeframe: str) -> Live:
        """See Formula."""
        state = _VwapSums(self.sessions, timeframe)
        if len(bars):
            numbers = self.sessions.numbers(bars.ts)
            for bar in bars.between(int(np.searchsorted(numbers, numbers[-1]))).rows():
                state.update(bar, bars)
        return state


class _VwapSums:
    """The two sums of a session."""

    def __init__(self, sessions: Sessions, timeframe: str) -> None:
        self._sessions = sessions
        self._idle = sessions.one_bar(timeframe)
        self._session: int | None = None
        self._paid = self._traded = 0.0

    def update(self, bar: TimedValues, recent: Bars) -> tuple[float, ...]:
        """See Live."""
        if self._idle:
            return ()
        ts, (_, high, low, close, volume) = bar
        session = self._sessions.numbers(ts)
        if session != self._session:
            self._session, self._paid, self._traded = session, 0.0, 0.0
        self._paid += (high + low + close) / 3.0 * volume
        self._traded += volume
        return (self._paid / self._traded,) if self._traded > 0 and session != BEFORE else ()


@dataclass(frozen=True, slots=True)
class Rsi:
    """TA-Lib's RSI, but NEUTRAL where the last `window` closes did not move.

    Wilder's averages never forget: where trading stops after a fall, RSI stays low for as long as nothing
    moves, and TA-Lib gives 0 where nothing ever moved. Either is no oversold market.
    """

    window: int
    scope: Scope = Scope.WARM
    inputs: tuple[str, ...] = ("close",)
    bars_needed: int = 1

    def batch(self, bars: Bars, timeframe: str) -> tuple[Floats, ...]:
        """See Formula."""
        (found,) = self._talib.batch(bars, timeframe)
        found[kernels.still_bars(bars.close) >= self.window] = NEUTRAL
        return (found,)

    def live(self, bars: Bars, timeframe: str) -> Live:
        """See Formula."""
        return _RsiState(self._talib.live(bars, timeframe), bars, self.window)

    @property
    def _talib(self) -> TaLib:
        return TaLib("RSI", self.inputs, (("timeperiod", self.window),), self.window)


class _RsiState:
    """TA-Lib's handle, and for how many bars the close has not moved."""

    def __init__(self, talib: Live, bars: Bars, window: int) -> None:
        self._talib = talib
        self._window = window
        self._close = bars.close.item(-1) if len(bars) else None
        self._still = int(kernels.still_bars(bars.close)[-1]) if len(bars) else 0

    def update(self, bar: TimedValues, recent: Bars) -> tuple[float, ...]:
        """See Live."""
        close = bar[1][_CLOSE]
        self._still = self._still + 1 if close == self._close else 0
        self._close = close
        found = self._talib.update(bar, recent)
        return (NEUTRAL,) if self._still >= self._window else found


@dataclass(frozen=True, slots=True)
class Keltner:
    """Upper band, middle, lower band: EMA of the close, and so many ATR around it (Raschke's form)."""

    window: int
    multiple: float
    atr_window: int
    scope: Scope = Scope.WARM
    inputs: tuple[str, ...] = ("high", "low", "close")
    bars_needed: int = 1

    def batch(self, bars: Bars, timeframe: str) -> tuple[Floats, ...]:
        """See Formula."""
        middle, atr = (part.batch(bars, timeframe)[0] for part in self._parts)
        width = self.multiple * atr
        return middle + width, middle, middle - width

    def live(self, bars: Bars, timeframe: str) -> Live:
        """See Formula."""
        middle, atr = (part.live(bars, timeframe) for part in self._parts)
        return _KeltnerState(middle, atr, self.multiple)

    @property
    def _parts(self) -> tuple[TaLib, TaLib]:
        return (
            TaLib("EMA", ("close",), (("timeperiod", self.window),), self.window - 1),
            TaLib("ATR", self.inputs, (("timeperiod", self.atr_window),), self.atr_window),
        )


class _KeltnerState:
    """The states of both averages."""

    def __init__(self, middle: Live, atr: Live, multiple: float) -> None:
        self._middle, self._atr, self._multiple = middle, atr, multiple

    def update(self, bar: TimedValues, recent: Bars) -> tuple[float, ...]:
        """See Live."""
        middle, atr = self._middle.update(bar, recent), self._atr.update(bar, recent)
        # without ATR the middle alone has a value, as in one pass
        width = self._multiple * atr[0] if atr else np.nan
        return (middle[0] + width, middle[0], middle[0] - width) if middle else ()
