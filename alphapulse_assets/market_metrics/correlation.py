"""Rolling correlation of changes of Bitcoin's dominance with the returns of symbols, with intervals and lags.
Pure.

At each closed bar: Pearson's correlation over the last 30 and 90 bars of the change of dominance (points)
with the log return of the close. Both changes are from one bar to the very next; where a bar is missing there
is none, and with fewer than two thirds of the window's pairs there is no correlation. The interval is
Fisher's (1921): atanh(r) +- 1.96 / sqrt(n - 3). It takes the pairs for independent of each other; windows of
neighbouring bars share most of their pairs, so that a run of rows without 0 in the interval is one finding
and not many.

At a lag of k > 0 the symbol's return is held against the change of dominance k bars earlier (it follows); at
-k its return k bars earlier against the change now (it leads). No pair uses anything later than the bar. The
best of seven lags looks good by chance alone: with 30 bars and no relation at all it is beyond 0.36 in three
rows of ten.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.market_metrics.kernels import MISSING, MOST, SCALE, Ints, largest, rolling
from alphapulse_assets.market_metrics.model import CORRELATION_SCHEMA

WINDOWS: Final = (30, 90)
LAGS: Final = (-3, -2, -1, 0, 1, 2, 3)
TIMEFRAMES: Final = ("1h", "1d")
LEAST_SHARE: Final = 2 / 3
"""Of a window's pairs that have to be known (ours)."""
Z95: Final = 1.959963984540054
AT_ONCE: Final = 32
"""Symbols worked out together (ours): what they need stays in the processor's caches."""
WARM_UP_BARS: Final = max(WINDOWS) + max(LAGS) + 1

Floats = NDArray[np.float64]


def correlations(
    dominance: pl.DataFrame, closes: pl.DataFrame, timeframe: str, start: datetime, end: datetime
) -> pl.DataFrame:
    """CORRELATION_SCHEMA of the bars that open in [start, end) and of which both changes are known at least
    once.

    `dominance` has ts (open time of the bar) and dominance at its close, `closes` instrument_id, ts and
    close; both go back to `start` less WARM_UP_BARS bars, in any order. Rows are by window, instrument and
    time. The caller leaves out bars that are not over.

    Raises:
        ValueError: an unknown timeframe, or `start` off its grid.
    """
    length = bar_length(timeframe)
    if (start - datetime(1970, 1, 1, tzinfo=start.tzinfo)) % length:
        raise ValueError(f"{start} is no open time of a bar of {timeframe}")
    grid = _grid(start - WARM_UP_BARS * length, end, length)
    first = WARM_UP_BARS
    if len(grid) <= first or closes.is_empty():
        return pl.DataFrame(schema=CORRELATION_SCHEMA)
    instruments = closes["instrument_id"].unique().sort().to_list()
    driver = _steps(np.diff(_on_grid(dominance, "dominance", grid), prepend=np.nan))
    levels = _levels(closes, instruments, grid)
    with np.errstate(invalid="ignore", divide="ignore"):
        returns = _steps(np.diff(np.log(levels), axis=1, prepend=np.nan))
    there = np.isfinite(levels[:, first:])
    parts = [
        _of_window(driver, returns[some], there[some], window, (instruments[some], grid, first))
        for window in WINDOWS
        for some in (slice(n, n + AT_ONCE) for n in range(0, len(instruments), AT_ONCE))
    ]
    return pl.concat(parts)


def _of_window(
    driver: Ints,
    returns: Ints,
    there: NDArray[np.bool_],
    window: int,
    axes: tuple[Sequence[int], pl.Series, int],
) -> pl.DataFrame:
    instruments, grid, first = axes
    shape = (len(instruments), len(grid) - first)
    pairs = np.zeros(shape, dtype=np.int64)
    found = np.full((*shape, len(LAGS)), np.nan)
    least = int(np.ceil(window * LEAST_SHARE))
    rolling(driver, returns, first, window, least, np.array(LAGS, dtype=np.int64), pairs, found)
    symbol, bar = np.nonzero(there & (pairs > 0))
    picked, n = found[symbol, bar], pairs[symbol, bar]
    now = picked[:, LAGS.index(0)]
    low, high = fisher(now, n)
    flat = pl.Series(picked.ravel(), nan_to_null=True)
    return pl.DataFrame(
        {
            "instrument_id": pl.Series(np.array(instruments, dtype=np.int32)[symbol]),
            "ts": grid.gather(pl.Series(bar + first)),
            "bars": pl.Series(np.full(len(bar), window, dtype=np.int16)),
            "pairs": pl.Series(n.astype(np.int32)),
            "correlation": pl.Series(now, nan_to_null=True),
            "low": pl.Series(low, nan_to_null=True),
            "high": pl.Series(high, nan_to_null=True),
            "lags": flat.reshape((-1, len(LAGS))).arr.to_list()
            if len(bar)
            else pl.Series([], dtype=pl.List(pl.Float64)),
            "best_lag": _best(picked),
        },
        schema=CORRELATION_SCHEMA,
    )


def fisher(correlation: Floats, pairs: Ints) -> tuple[Floats, Floats]:
    """The bounds of 95 % (Fisher 1921) of correlations of so many pairs; NaN with three or fewer."""
    half = np.tanh(Z95 / np.sqrt(np.maximum(np.arange(pairs.max(initial=3) + 1) - 3.0, 1e-9)))
    half[:4] = np.nan
    t = half[pairs]  # tanh(atanh(r) + h) = (r + tanh h) / (1 + r tanh h)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = (correlation - t) / (1 - correlation * t), (correlation + t) / (1 + correlation * t)
    return np.minimum(low, correlation), np.maximum(high, correlation)


def _best(picked: Floats) -> pl.Series:
    """The lag of the largest correlation by size; the smaller lag wins a tie, null where there is none."""
    order = np.array(sorted(LAGS, key=abs), dtype=np.int64)
    best = np.empty(len(picked), dtype=np.int64)
    largest(picked, np.array([LAGS.index(lag) for lag in order], dtype=np.int64), best)
    lags = pl.Series(np.array(LAGS, dtype=np.int16)[best])
    return lags if (best >= 0).all() else lags.set(pl.Series(best < 0), None)


def _steps(changes: Floats) -> Ints:
    """Changes in whole steps; what is missing or beyond all measure is MISSING."""
    with np.errstate(invalid="ignore"):
        steps = np.rint(changes * SCALE)
        known = np.isfinite(steps) & (np.abs(steps) <= MOST)
    return np.where(known, np.where(known, steps, 0.0).astype(np.int64), MISSING)


def _grid(start: datetime, end: datetime, length: timedelta) -> pl.Series:
    bars = max((end - start) // length, 0)
    step = length // timedelta(microseconds=1)
    first = round(start.timestamp() * 1_000_000)
    return pl.Series("ts", first + step * np.arange(bars, dtype=np.int64)).cast(pl.Datetime("us", "UTC"))


def _on_grid(rows: pl.DataFrame, column: str, grid: pl.Series) -> Floats:
    values = grid.to_frame().join(rows.select("ts", column), on="ts", how="left", maintain_order="left")
    return values[column].cast(pl.Float64).to_numpy(allow_copy=True).astype(np.float64)


def _levels(closes: pl.DataFrame, instruments: Sequence[int], grid: pl.Series) -> Floats:
    """Closes by instrument and bar; NaN where there is none."""
    rows = pl.Series(instruments, dtype=closes.schema["instrument_id"])
    step = int(grid[1].timestamp() - grid[0].timestamp()) if len(grid) > 1 else 1
    bar = (closes["ts"] - grid[0]).dt.total_seconds() // step
    inside = (bar >= 0) & (bar < len(grid)) & closes["close"].is_not_null()
    levels = np.full((len(instruments), len(grid)), np.nan)
    place = rows.search_sorted(closes["instrument_id"].filter(inside))
    levels[place.to_numpy(), bar.filter(inside).to_numpy()] = closes["close"].filter(inside).to_numpy()
    return levels
