"""From where on candles count for a value: the rule that makes values the same however they are computed.

Recursive indicators (EMA, RSI, ATR, ADX) remember everything before them, so where a frame happened to begin
would show in their values. The rule (ours): time is cut into blocks by the calendar, and the values of a
block are computed from bars that opened at most WARM_UP bar lengths before it began, and from none before. A
value is thus a function of a fixed stretch of time: the same bit by bit in one pass, per day or live, as long
as the frame goes back to `frame_start`.

The warm-up is counted by the clock, not in bars: where candles are missing, fewer bars are in it. After a gap
of nearly its length, the first values of the block are null, as at the start of an instrument's history.

The same blocks are the anchor of cumulative indicators (OBV, A/D line): they start again with each block.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_resources.frames import floor_time

WARM_UP: Final = 2_500
"""Bar lengths before a block from which on bars count: at least the memory of every indicator (ours)."""

_YEARLY_FROM: Final = timedelta(hours=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

Times = NDArray[np.int64]
"""Microseconds since 1970, UTC."""


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime.

    Raises:
        ValueError: a naive datetime.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; times are UTC and say so")
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(ts: int) -> datetime:
    """The time of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=ts)


def block_start(timeframe: str, moment: datetime) -> datetime:
    """When the block that holds `moment` began: its UTC month below 1h, its UTC year from 1h up (ours)."""
    utc = moment.astimezone(UTC)
    return datetime(utc.year, 1 if yearly(timeframe) else utc.month, 1, tzinfo=UTC)


def yearly(timeframe: str) -> bool:
    """Whether blocks are years."""
    return bar_length(timeframe) >= _YEARLY_FROM


def next_block(timeframe: str, moment: datetime) -> datetime:
    """When the block after the one that holds `moment` begins."""
    # 32 days or 366 days after a start always lie in the block that follows
    days = 366 if yearly(timeframe) else 32
    return block_start(timeframe, block_start(timeframe, moment) + timedelta(days=days))


def frame_start(timeframe: str, start: datetime, warm_up: int = WARM_UP) -> datetime:
    """The open time from which on candles are needed for values from `start` on.

    It reaches back `warm_up` bars before the block and, for the weekly VWAP, to Monday 00:00 UTC. An
    instrument whose first bar is later simply has no earlier ones.

    Raises:
        ValueError: unknown timeframe or a naive time.
    """
    micros(start)
    reach = block_start(timeframe, start) - warm_up * bar_length(timeframe)
    return min(reach, floor_time(start, "1w"))


def blocks(timeframe: str, ts: Times, warm_up: int = WARM_UP) -> list[tuple[int, int, int]]:
    """The blocks among ascending open times, as row numbers: (first that counts, first in the block, end)."""
    reach = warm_up * (bar_length(timeframe) // timedelta(microseconds=1))
    found = []
    end = 0
    while end < len(ts):
        begin = end
        moment = moment_of(int(ts[begin]))
        counts = np.searchsorted(ts, micros(block_start(timeframe, moment)) - reach)
        end = int(np.searchsorted(ts, micros(next_block(timeframe, moment))))
        found.append((int(counts), begin, end))
    return found
