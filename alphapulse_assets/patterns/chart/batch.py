"""Chart patterns of a whole frame of candles."""

from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.core.calendar_blocks import blocks, micros
from alphapulse_assets.core.calendar_blocks import frame_start as block_frame_start
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.chart.bars import arrays
from alphapulse_assets.patterns.chart.events import MICROSECOND, ORIGIN, frame
from alphapulse_assets.patterns.chart.layout import CONFIRMED, EVENT, EVENT_X, KIND, POINT, PRICE, Floats, X
from alphapulse_assets.patterns.chart.rules import DEFAULT_RULES, ChartRules
from alphapulse_assets.patterns.chart.scan import mark, memory, scan

PIVOT_SCHEMA: Final = pl.Schema(
    {
        "ts": pl.Datetime("us", "UTC"),  # open time of the bar that has the extreme
        "known_at": pl.Datetime("us", "UTC"),  # close of the bar that ended its leg
        "scale": pl.Float64(),
        "kind": pl.String(),  # high, low
        "price": pl.Float64(),
    }
)
"""One row per pivot and scale, in the order in which they became known."""

WARM_UP: Final = 2_500
"""Bar lengths before a block (`indicators.warm_up`) from which on bars count.

Twice the longest life (400 bars of pivots, 400 until the breakout, 400 until the outcome) and some: where a
state began cannot be seen any more by then, but for legs of more than a thousand bars (ours).
"""
_ROOM: Final = 4_096


def frame_start(timeframe: str, start: datetime) -> datetime:
    """The open time from which on candles are needed for rows from `start` on.

    Raises:
        ValueError: unknown timeframe or a naive time.
    """
    return block_frame_start(timeframe, start, WARM_UP)


def detect(
    candles: pl.DataFrame,
    timeframe: str,
    *,
    start: datetime | None = None,
    rules: ChartRules = DEFAULT_RULES,
) -> pl.DataFrame:
    """What happened to chart patterns at one instrument's closed bars from `start` on: CHART_EVENT_SCHEMA.

    `candles` (CANDLE_SCHEMA, sorted by ts, each once) go back to `frame_start(timeframe, start)` or to the
    instrument's first bar; without `start` every bar is told of. Missing bars are not made up: bars are taken
    one after another, lines and durations go by the clock. Rows of a bar use bars up to and including it, and
    are in order of time; those of one bar in the order in which they follow from one another.

    Raises:
        ValueError: unknown timeframe, a naive `start`, open times that do not rise, or an impossible candle.
    """
    step = bar_length(timeframe) // MICROSECOND
    ts, bars = arrays(candles, step)
    first = 0 if start is None else int(np.searchsorted(ts, micros(start)))
    found: list[Floats] = [np.empty((0, EVENT))]
    for origin, begin, end in blocks(timeframe, ts, WARM_UP):
        if end > first:
            told = passed(memory(rules, step), bars, origin, end)
            found.append(told[told[:, EVENT_X] >= bars[0, max(begin, first)]])
    return frame(np.concatenate(found), step)


def passed(state: Floats, bars: Floats, first: int, end: int) -> Floats:
    """Let the state see the bars [first, end); the events, of shape (n, EVENT)."""
    room = np.empty((_ROOM, EVENT))
    found: list[Floats] = [room[:0]]
    while first < end:
        count, first = scan(state, bars, first, end, room)
        found.append(room[:count].copy())
    return np.concatenate(found)


def pivots(candles: pl.DataFrame, timeframe: str, rules: ChartRules = DEFAULT_RULES) -> pl.DataFrame:
    """The pivots of these bars (CANDLE_SCHEMA, as for `detect`) at every scale: PIVOT_SCHEMA.

    One pass from the first bar of the frame on: for pictures and for looking closer.

    Raises:
        ValueError: as `detect`.
    """
    step = bar_length(timeframe) // MICROSECOND
    _, bars = arrays(candles, step)
    room = np.empty((bars.shape[1] * len(rules.scales), 1 + POINT))
    found = room[: mark(memory(rules, step), bars, room)]
    ts, known = (np.rint(found[:, 1 + place] * step).astype(np.int64) + ORIGIN for place in (X, CONFIRMED))
    return pl.DataFrame(
        {
            "ts": ts,
            "known_at": known + step,
            "scale": found[:, 0],
            "kind": np.where(found[:, 1 + KIND] > 0, "high", "low"),
            "price": found[:, 1 + PRICE],
        }
    ).cast(PIVOT_SCHEMA)
