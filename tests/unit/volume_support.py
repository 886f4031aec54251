"""Bars for the tests of volume patterns: hand-made ones, ticks that mirror exactly, and a second opinion."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from alphapulse_assets.core.bars import Bar as ClosedBar
from alphapulse_assets.volume.definitions import VOLUME_PATTERN_SCHEMA
from alphapulse_assets.volume.live import VolumePatternState
from tests.unit.indicator_support import candle_frame

Bar = tuple[float, float, float, float]
"""High, low, close, volume."""

START = datetime(2024, 3, 5, tzinfo=UTC)
QUIET: tuple[Bar, Bar] = ((102.0, 98.0, 100.5, 100.0), (102.0, 98.0, 99.5, 100.0))
"""Two bars to repeat: range 4, volume 100, closes near the middle, so no pattern of any kind."""


def quiet(count: int) -> list[Bar]:
    """Bars without a pattern."""
    return [QUIET[number % 2] for number in range(count)]


def climb(count: int, step: float, price: float = 100.0, volume: float = 100.0) -> list[Bar]:
    """Bars of range 4, each `step` higher (or lower) than the one before, closing in the middle."""
    middles = [price + step * number for number in range(count)]
    return [(middle + 2, middle - 2, middle, volume) for middle in middles]


def framed(bars: Sequence[Bar], timeframe: str = "1m", rows: Any = None) -> pl.DataFrame:
    """Candles of bars; the open, which volume patterns do not read, is the close."""
    high, low, close, volume = np.array(bars, dtype=np.float64).reshape(-1, 4).T
    columns = {"open": close, "high": high, "low": low, "close": close, "volume": volume}
    return candle_frame(START, timeframe, columns, rows)


def live(state: VolumePatternState, candles: pl.DataFrame) -> pl.DataFrame:
    """What a state tells of candles one by one, as `detect` has it."""
    found = [row for bar in candles.to_dicts() for row in state.update(ClosedBar.of(bar))]
    return pl.DataFrame(found, schema=VOLUME_PATTERN_SCHEMA, orient="row")


def tick_bars(seed: int, count: int, base: int = 1_000) -> list[Bar]:
    """A walk in whole ticks, with still stretches and volume that comes in waves: exact under reflection."""
    random = np.random.default_rng(seed)
    activity = np.exp(np.cumsum(random.normal(0, 0.4, count)) % 3)
    close = base + np.cumsum(random.integers(-3, 4, count) * (random.random(count) < 0.8))
    high = close + random.integers(0, 5, count)
    low = close - random.integers(0, 5, count)
    volume = np.round(random.lognormal(0, 1, count) * activity * (random.random(count) < 0.95), 3)
    return list(zip(high.tolist(), low.tolist(), close.tolist(), volume.tolist(), strict=True))


class Opinion:
    """The definitions once more, as plainly as they can be written, over lists and one bar at a time."""

    def __init__(self, bars: Sequence[Bar]) -> None:
        self.bars = bars

    def patterns(self) -> list[tuple[int, str, str]]:
        """(bar, pattern, direction), sorted."""
        return sorted(found for i in range(21, len(self.bars)) for found in self._at(i))

    def _at(self, i: int) -> list[tuple[int, str, str]]:
        found = [(name, self._simple(name, i)) for name in ("spike", "climax", "exhaustion", "divergence")]
        found.append(("breakout", self._breakout(i)))
        found.append(("fake_out", self._fake_out(i)))
        pressure = self._pressure(i)
        if i > 21 and pressure and pressure != self._pressure(i - 1):
            found.append(("accumulation" if pressure > 0 else "distribution", pressure))
        if i > 50 and self._dry(i) and not self._dry(i - 1):
            found.append(("dry_up", 0))
        names = ("neutral", "bullish", "bearish")
        return [(i, name, names[side]) for name, side in found if side is not None]

    def _column(self, place: int, first: int, last: int) -> list[float]:
        return [bar[place] for bar in self.bars[first:last]]

    def _close(self, i: int) -> float:
        return self.bars[i][2]

    def _volume(self, i: int) -> float:
        return self.bars[i][3]

    def _ratio(self, i: int) -> float:
        before = sum(self._column(3, i - 20, i)) / 20
        return self._volume(i) / before if before else float("nan")

    def _true_range(self, i: int) -> float:
        high, low, _, _ = self.bars[i]
        return max(high - low, abs(high - self._close(i - 1)), abs(low - self._close(i - 1)))

    def _range(self, i: int) -> float:
        usual = self._usual(i)
        return self._true_range(i) / usual if usual else float("nan")

    def _usual(self, i: int) -> float:
        return sum(self._true_range(j) for j in range(i - 20, i)) / 20

    def _in_atr(self, change: float, i: int) -> float:
        atr = sum(self._true_range(j) for j in range(i - 13, i + 1)) / 14
        return change / atr if atr else float("nan")

    def _position(self, i: int) -> float:
        high, low, close, _ = self.bars[i]
        return (2 * close - high - low) / (high - low) if high > low else 0.0

    def _extremes(self, i: int) -> tuple[float, float]:
        return max(self._column(0, i - 20, i)), min(self._column(1, i - 20, i))

    def _simple(self, name: str, i: int) -> int | None:
        return {
            "spike": self._spike,
            "climax": self._climax,
            "exhaustion": self._exhaustion,
            "divergence": self._divergence,
        }[name](i)

    def _spike(self, i: int) -> int | None:
        change = self._close(i) - self._close(i - 1)
        return (change > 0) - (change < 0) if self._ratio(i) >= 2 else None

    def _climax(self, i: int) -> int | None:
        trend = self._in_atr(self._close(i - 1) - self._close(i - 20), i)
        top, bottom = self._extremes(i)
        if not (self._ratio(i) >= 3 and self._range(i) >= 2):
            return None
        if trend >= 1 and self.bars[i][0] > top and self._position(i) < 0.33:
            return -1
        return 1 if trend <= -1 and self.bars[i][1] < bottom and self._position(i) > -0.33 else None

    def _exhaustion(self, i: int) -> int | None:
        move = self._in_atr(self._close(i) - self._close(i - 20), i)
        if self._ratio(i) >= 2 and self._range(i) <= 0.8 and abs(move) >= 3:
            return -1 if move > 0 else 1
        return None

    def _divergence(self, i: int) -> int | None:
        top, bottom = self._extremes(i)
        higher, lower = self.bars[i][0] > top, self.bars[i][1] < bottom
        traded = sum(self._column(3, i - 19, i + 1))
        if higher == lower or not traded:
            return None
        balance = [0.0]
        for j in range(i - 19, i + 1):
            change = self._close(j) - self._close(j - 1)
            balance.append(balance[-1] + ((change > 0) - (change < 0)) * self._volume(j))
        *before, now = balance
        gap = max(before) - now if higher else now - min(before)
        return (-1 if higher else 1) if gap >= 0.2 * traded else None

    def _pressure(self, i: int) -> int:
        traded = sum(self._column(3, i - 19, i + 1))
        flow = sum(self._position(j) * self._volume(j) for j in range(i - 19, i + 1))
        still = abs(self._in_atr(self._close(i) - self._close(i - 20), i)) < 2
        if not traded or not still or abs(flow / traded) < 0.25:
            return 0
        return 1 if flow > 0 else -1

    def _dry(self, i: int) -> bool:
        before = self._column(3, i - 50, i)
        recent = sum(self._column(3, i - 4, i + 1)) / 5
        less = sum(volume < self._volume(i) for volume in before)
        return bool(sum(before)) and recent <= 0.5 * sum(before) / 50 and less / 50 <= 0.2

    def _breakout(self, i: int) -> int | None:
        top, bottom = self._extremes(i)
        side = (self._close(i) > top) - (self._close(i) < bottom)
        tight = 0 < top - bottom <= 4 * self._usual(i)
        drift = abs(self._close(i - 1) - self._close(i - 20))
        clear = self._ratio(i) >= 1.5 and side * self._position(i) > 0.2
        return side if side and tight and clear and drift <= 0.5 * (top - bottom) else None

    def _fake_out(self, i: int) -> int | None:
        for broken in range(i - 1, max(i - 4, 20), -1):
            side = self._breakout(broken)
            if side is None:
                continue
            level = self._extremes(broken)[0 if side > 0 else 1]
            back = [side * (self._close(j) - level) < 0 for j in range(broken + 1, i + 1)]
            if back[-1] and not any(back[:-1]):
                return -side
        return None
