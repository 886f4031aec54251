"""Sweeps (stop hunts): price runs beyond a prior pivot and closes back behind it. Pure, from 1m bars."""

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.order_book.whales.thresholds import SweepThresholds

LOGIC_VERSION: Final = 1
"""Raised when a formula changes."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A pivot that was run over and given back. `side` is "high" or "low".

    `ts` is the open time of the bar that closed back, `known_at` its close. `extreme` is how far price went,
    `beyond_atr` that distance in ATRs, `relative_volume` the largest of the bars since it went beyond.
    """

    symbol: str
    ts: float
    known_at: float
    side: str
    pivot: float
    pivot_time: float
    extreme: float
    close: float
    beyond_atr: float
    bars: int
    relative_volume: float
    logic_version: int = LOGIC_VERSION


@dataclass(slots=True)
class _Pivot:
    """A pivot on one side; prices are times the side's sign, so that beyond is always higher."""

    price: float
    time: float
    bars: int = 0  # since price went beyond; 0: it has not
    extreme: float = -math.inf
    atr: float = math.nan
    volume: float = 0.0  # largest relative volume since


class SweepDetector:
    """Follows the bars of one symbol in order; every pivot is confirmed before it can be swept.

    A pivot exceeds `pivot_bars` bars on either side (equal highs: the later ones are none), so it is known
    that many bars later. ATR (Wilder) and mean volume are those before the bar that went beyond.

    Args:
        symbol: the venue's own name.
        thresholds: what makes a sweep.
    """

    def __init__(self, symbol: str, thresholds: SweepThresholds) -> None:
        self._symbol = symbol
        self._limits = thresholds
        self._window: deque[Bar] = deque(maxlen=2 * thresholds.pivot_bars + 1)
        self._volumes: deque[float] = deque(maxlen=thresholds.volume_bars)
        self._pivots: dict[float, deque[_Pivot]] = {}  # by sign
        self._ranges = 0
        self._atr = 0.0
        self._reset()

    def on_bar(self, bar: Bar) -> list[Sweep]:
        """Take the next closed bar; a missing one makes all that came before unusable, and it is forgotten.

        Raises:
            ValueError: the bar is not later than the one before.
        """
        if self._window:
            elapsed = (bar.ts - self._window[-1].ts).total_seconds()
            if elapsed <= 0:
                raise ValueError(f"{self._symbol}: bar at {bar.ts} is not after the one before; sort them")
            if elapsed != self._limits.bar_seconds:
                self._reset()
        found = [sweep for sign in (1.0, -1.0) for sweep in self._swept(sign, bar)]
        self._measure(bar)
        self._window.append(bar)
        for sign in (1.0, -1.0):
            self._confirm(sign)
        return found

    def _reset(self) -> None:
        self._window.clear()
        self._volumes.clear()
        self._pivots = {sign: deque(maxlen=self._limits.pivots) for sign in (1.0, -1.0)}
        self._ranges, self._atr = 0, 0.0

    def _swept(self, sign: float, bar: Bar) -> list[Sweep]:
        limits = self._limits
        atr = self._atr if self._ranges >= limits.atr_bars else math.nan
        full = len(self._volumes) == limits.volume_bars and sum(self._volumes) > 0.0
        volume = bar.volume * limits.volume_bars / sum(self._volumes) if full else math.nan
        top = _top(sign, bar)
        swept, kept = [], []
        for pivot in self._pivots[sign]:
            if not pivot.bars:
                if math.isnan(atr) and top > pivot.price:
                    continue  # how far it went cannot be told
                if not top > pivot.price + limits.beyond_atr * atr:
                    kept.append(pivot)
                    continue
                pivot.atr = atr
            pivot.bars += 1
            pivot.extreme = max(pivot.extreme, top)
            pivot.volume = max(pivot.volume, volume)
            if sign * bar.close < pivot.price:
                if pivot.volume >= limits.relative_volume:
                    swept.append(self._sweep(sign, pivot, bar))
            elif pivot.bars < limits.back_within:
                kept.append(pivot)
        self._pivots[sign] = deque(kept, maxlen=limits.pivots)
        return swept

    def _sweep(self, sign: float, pivot: _Pivot, bar: Bar) -> Sweep:
        opened = bar.ts.timestamp()
        return Sweep(
            symbol=self._symbol,
            ts=opened,
            known_at=opened + self._limits.bar_seconds,
            side="high" if sign > 0 else "low",
            pivot=sign * pivot.price,
            pivot_time=pivot.time,
            extreme=sign * pivot.extreme,
            close=bar.close,
            beyond_atr=(pivot.extreme - pivot.price) / pivot.atr if pivot.atr else math.inf,
            bars=pivot.bars,
            relative_volume=pivot.volume,
        )

    def _measure(self, bar: Bar) -> None:
        """Volumes, and Wilder's ATR: a mean of the first true ranges, then smoothed by 1 / bars."""
        self._volumes.append(bar.volume)
        if not self._window:
            return
        before = self._window[-1].close
        true_range = max(bar.high, before) - min(bar.low, before)
        self._ranges += 1
        self._atr += (true_range - self._atr) / min(self._ranges, self._limits.atr_bars)

    def _confirm(self, sign: float) -> None:
        """The bar in the middle of the window is a pivot if it exceeds those before and is not exceeded."""
        reach = self._limits.pivot_bars
        if len(self._window) < 2 * reach + 1:
            return
        tops = [_top(sign, bar) for bar in self._window]
        middle = tops[reach]
        if middle > max(tops[:reach]) and middle >= max(tops[reach + 1 :]):
            self._pivots[sign].append(_Pivot(middle, self._window[reach].ts.timestamp()))


def _top(sign: float, bar: Bar) -> float:
    return bar.high if sign > 0 else -bar.low
