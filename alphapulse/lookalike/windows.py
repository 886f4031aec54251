"""Windows of closes and how far they are from one another. Pure.

The distance is that of the matrix profile (Yeh et al. 2016, MASS: Mueen et al. 2017): Euclidean, of windows
that are z-normalised first, so that neither the level of prices nor the size of the moves counts, only the
shape. Of windows as short as ours a direct correlation takes a seventh of the time of MASS by FFT
(`bench/similar.py` measures both, and holds this one against stumpy's), needs no compiled code and rounds
less.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self

import numpy as np
import polars as pl
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

AT_ONCE: Final = 2_000_000
"""Values that are looked at in one go, 16 MB of them (ours)."""
ATR_BARS: Final = 14
FLAT: Final = 1e-12
"""Deviation over price below which a window has no shape: what is left is rounding (ours)."""


@dataclass(frozen=True, slots=True)
class Series:
    """Closed bars of one instrument, in the order of time.

    ts: open times, microseconds since 1970. atr: mean true range of 14 bars by Wilder, NaN in its warm-up.
    """

    venue: str
    symbol: str
    step: timedelta
    ts: Integers
    close: Floats
    atr: Floats

    @classmethod
    def of(cls, venue: str, symbol: str, step: timedelta, candles: pl.DataFrame) -> Self:
        """The series of candles (`ts`, `high`, `low`, `close`), in any order."""
        bars = candles.sort("ts")
        high, low, before = pl.col("high"), pl.col("low"), pl.col("close").shift()
        spread = pl.max_horizontal(high - low, (high - before).abs(), (low - before).abs())
        atr = spread.ewm_mean(alpha=1 / ATR_BARS, adjust=False, min_samples=ATR_BARS)
        values = bars.select(
            pl.col("ts").dt.epoch("us").alias("ts"),
            pl.col("close").cast(pl.Float64),
            atr.fill_null(float("nan")).alias("atr"),
        )
        return cls(venue, symbol, step, *(values[name].to_numpy() for name in ("ts", "close", "atr")))

    def whole(self, bars: int) -> Booleans:
        """Whether each window of so many bars, by its first bar, lacks none up to its last."""
        length = (bars - 1) * (self.step // timedelta(microseconds=1))
        return np.asarray(self.ts[bars - 1 :] - self.ts[: len(self.ts) - bars + 1] == length)


def distances(query: Floats, closes: Floats) -> Floats:
    """Distance of each window of `closes`, by its first bar, from `query`; NaN where it has no shape.

    Between 0, the same shape, and 2 * sqrt(bars), upside down.

    Raises:
        ValueError: a query without a shape, of fewer than 2 bars, or longer than the closes.
    """
    bars = len(query)
    if bars < 2 or bars > len(closes):
        raise ValueError(f"no window of {bars} bars in {len(closes)}")
    if is_flat(query):
        raise ValueError("the window is flat: it has no shape that others could have")
    # far from 0 a small move is lost in the rounding of what is multiplied
    level = float(query.mean())
    shape = query - level
    shape = shape / np.sqrt((shape * shape).sum())
    spread = deviations(closes, bars)
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = np.correlate(closes - level, shape, "valid") / (np.sqrt(bars) * spread)
    found = np.sqrt(np.clip(2 * bars * (1 - alike), 0.0, 4 * bars))
    found[spread <= FLAT * np.abs(closes[: len(spread)])] = np.nan
    return np.asarray(found)


def deviations(closes: Floats, bars: int) -> Floats:
    """Standard deviation of each window, by its first bar."""
    views, rows = sliding_window_view(closes, bars), max(AT_ONCE // bars, 1)
    return np.concatenate([views[first : first + rows].std(axis=1) for first in range(0, len(views), rows)])


def is_flat(window: Floats) -> bool:
    """Whether a window has no shape."""
    return bool(window.std() <= FLAT * abs(window[0]))


def correlation(distance: Any, bars: int) -> Any:
    """The correlation that a distance stands for, -1 to 1.

    >>> correlation(0.0, 32), correlation(8.0, 32)
    (1.0, 0.0)
    """
    return 1 - distance * distance / (2 * bars)


def zone(bars: int) -> int:
    """Bars within which a second match is the first one again: a quarter of the window (as stumpy has it)."""
    return -(-bars // 4)


def nearest(found: Floats, most: int, within: int) -> list[int]:
    """Places of the smallest values, at most so many, none nearer than `within` to a smaller one; NaN never.

    >>> nearest(np.array([3.0, 1.0, 2.0, np.nan, 0.5]), 2, 1)
    [4, 1]
    """
    left = np.where(np.isnan(found), np.inf, found)
    chosen: list[int] = []
    while len(chosen) < most and len(left):
        place = int(np.argmin(left))
        if not np.isfinite(left[place]):
            break
        chosen.append(place)
        left[max(place - within, 0) : place + within + 1] = np.inf
    return chosen
