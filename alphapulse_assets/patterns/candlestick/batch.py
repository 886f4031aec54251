"""Candlestick patterns of a frame of candles: TA-Lib's 61 functions, a row for every hit.

**What a row depends on.** A function looks back at most `LOOKBACK` (14) bars, its averages included. TA-Lib
keeps those averages as running sums, so the rounding of bars long gone can decide a tie. For the same bars to
give the same rows, the sums begin anew with each block of `indicators.warm_up` (UTC month below 1h, UTC year
from 1h up), from the last 14 bars before it. A row is thus a function of its block's bars up to its own and
of 14 bars before the block: the same bit by bit in one pass, per day or live. Of the 14 only those count that
opened within `indicators.warm_up.WARM_UP` bar lengths before the block, as everywhere else. `move_before_atr`
looks at the `move.REACH` bars before a pattern's last candle, by the same rule.

The rows are those of TA-Lib called on the whole history, but for such ties; on the tests' real bars there is
none.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from alphapulse_assets.core.bars import refuse
from alphapulse_assets.core.calendar_blocks import blocks, micros, moment_of
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.indicators.bars import Bars
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE, LOOKBACK, Prices
from alphapulse_assets.patterns.candlestick.move import moves_before

LOGIC_VERSION: Final = 2
"""Bumped whenever the same candles would give other rows: TA-Lib's candle settings are its defaults."""

CANDLESTICK_SCHEMA: Final = pl.Schema(
    {
        "ts": pl.Datetime("us", "UTC"),  # open time of the pattern's last candle
        "pattern": pl.String(),  # a name of the catalogue
        "direction": pl.String(),  # bullish, bearish or neutral
        "strength": pl.Int16(),  # TA-Lib's number: 80, 100 or 200, below 0 where it says bearish or black
        "candles": pl.Int16(),  # of the pattern, this one included
        "began_at": pl.Datetime("us", "UTC"),  # open time of the first of them
        "unbroken": pl.Boolean(),  # no bar is missing among them
        "known_at": pl.Datetime("us", "UTC"),  # close of the last
        "move_before_atr": pl.Float64(),  # of the close, over 10 bars before the first candle (`move`)
    }
)
"""One row per bar and pattern, sorted by both; (ts, pattern) is unique.

A strength of 200 is the close that confirms a hikkake whose own row came one to three bars before; such a row
is about that one candle.
"""

CONFIRMATION: Final = 200
"""TA-Lib's number, without its sign, of a bar that confirms a pattern told before."""

_PATTERNS: Final = tuple(CATALOGUE.values())
_FUNCTIONS: Final = tuple(pattern.batch for pattern in _PATTERNS)
_CANDLES: Final = np.array([pattern.candles for pattern in _PATTERNS], dtype=np.int64)
_NAMES: Final = pl.Series([pattern.name for pattern in _PATTERNS], dtype=pl.String())
_DIRECTIONS: Final = pl.Series(
    [pattern.favours(sign) for pattern in _PATTERNS for sign in (-1, 1)], dtype=pl.String()
)
_PRICES: Final = 4

# a hit is one number, so that sorting hits by bar and pattern is sorting numbers: bar, pattern, strength
_STRENGTH_BITS: Final = 10
_PATTERN_BITS: Final = 6
_ZERO: Final = 1 << (_STRENGTH_BITS - 1)

Hits = NDArray[np.int64]


def detect(candles: pl.DataFrame, timeframe: str, *, start: datetime | None = None) -> pl.DataFrame:
    """The candlestick patterns of one instrument's closed bars: CANDLESTICK_SCHEMA, from `start` on.

    `candles` (CANDLE_SCHEMA, sorted by ts, each once) go back to `indicators.warm_up.frame_start(timeframe,
    start)`, or at least `move.REACH` bars before the block of `start`, or to the instrument's first bar;
    without `start` the frame is taken to begin there. Missing bars are not made up: bars are taken one after
    another, and `unbroken` tells.

    Raises:
        ValueError: unknown timeframe, a naive `start`, times that do not ascend, or an impossible candle.
    """
    step = bar_length(timeframe) // timedelta(microseconds=1)
    bars = checked(candles)
    first = 0 if start is None else int(np.searchsorted(bars.ts, micros(start)))
    prices = bars.values[:_PRICES]
    found, counting = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for counts, begin, end in blocks(timeframe, bars.ts):
        if end > first:
            found.append(_hits(prices, max(counts, begin - LOOKBACK), max(begin, first), end))
            counting.append(np.full(len(found[-1]), counts))
    return _rows(np.concatenate(found), np.concatenate(counting), bars, step)


def checked(candles: pl.DataFrame) -> Bars:
    """The bars of a candle frame.

    Raises:
        ValueError: times that do not ascend, or an impossible candle.
    """
    bars = Bars.of(candles)
    opened, high, low, close = bars.values[:_PRICES]
    sound = (low <= np.minimum(opened, close)) & (np.maximum(opened, close) <= high)
    if not sound.all():
        refuse(moment_of(int(bars.ts[int(np.flatnonzero(~sound)[0])])))
    return bars


def stretches(bars: Bars, timeframe: str) -> Iterator[tuple[int, int, int]]:
    """The blocks among bars, as row numbers: (first that counts, first in the block, end)."""
    for counts, begin, end in blocks(timeframe, bars.ts):
        yield max(counts, begin - LOOKBACK), begin, end


def _hits(prices: Prices, origin: int, first: int, end: int) -> Hits:
    """What fires at the rows [first, end), the sums beginning at `origin`: sorted by bar and pattern."""
    opened, high, low, close = prices[:, origin:end]
    found = []
    for number, function in enumerate(_FUNCTIONS):
        strengths = function(opened, high, low, close)[first - origin :]
        rows = np.flatnonzero(strengths != 0)  # of booleans: three times as fast
        bar_and_pattern = ((rows + first) << _PATTERN_BITS) + number
        found.append((bar_and_pattern << _STRENGTH_BITS) + (strengths[rows] + _ZERO))
    hits = np.concatenate(found)
    hits.sort()
    return hits


def _rows(hits: Hits, counts: NDArray[np.int64], bars: Bars, step: int) -> pl.DataFrame:
    """Hits as a frame; `counts`: the first row that counts for each; `step` is a bar's microseconds."""
    strength = (hits & ((1 << _STRENGTH_BITS) - 1)) - _ZERO
    number = (hits >> _STRENGTH_BITS) & ((1 << _PATTERN_BITS) - 1)
    last = hits >> (_STRENGTH_BITS + _PATTERN_BITS)
    candles = np.where(np.abs(strength) == CONFIRMATION, 1, _CANDLES[number])
    began = last - candles + 1
    ts, began_at = bars.ts[last], bars.ts[began]
    return pl.DataFrame(
        {
            "ts": ts,
            "pattern": _NAMES.gather(pl.Series(number)),
            "direction": _DIRECTIONS.gather(pl.Series(2 * number + (strength > 0))),
            "strength": strength.astype(np.int16),
            "candles": candles.astype(np.int16),
            "began_at": began_at,
            "unbroken": ts - began_at == (candles - 1) * step,
            "known_at": ts + step,
            "move_before_atr": pl.Series(moves_before(bars, began, counts), nan_to_null=True),
        }
    ).cast(CANDLESTICK_SCHEMA)
