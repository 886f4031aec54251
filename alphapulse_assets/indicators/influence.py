"""How far a changed bar reaches: until when values have to be computed anew. Pure.

It follows from the calendar rule of `warm_up`: a bar counts for its block and for every block that begins at
most WARM_UP bar lengths after it. All bars that are computed in one go lie in one block.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from alphapulse_assets.core.calendar_blocks import WARM_UP, next_block
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_resources.frames import floor_time

Window = tuple[datetime, datetime]
"""Open times [start, end)."""


def indicators_until(timeframe: str, bar: datetime) -> datetime:
    """The open time from which on no indicator depends on a bar (its open time) any more.

    Raises:
        ValueError: unknown timeframe or a naive time.
    """
    week = floor_time(bar, "1w") + timedelta(weeks=1)  # the weekly VWAP goes on across blocks
    return max(next_block(timeframe, bar + WARM_UP * bar_length(timeframe)), week)


def regimes_until(timeframe: str, bar: datetime, warm_up: int) -> datetime:
    """The same for regimes, which look at the indicators of `warm_up` bar lengths before a block."""
    last = indicators_until(timeframe, bar) - timedelta(microseconds=1)
    return next_block(timeframe, last + warm_up * bar_length(timeframe))


def merged(windows: Iterable[Window]) -> list[Window]:
    """The windows in order, those that touch as one; empty ones are left out."""
    found: list[Window] = []
    for start, end in sorted(windows):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif start < end:
            found.append((start, end))
    return found


def by_block(timeframe: str, window: Window) -> list[Window]:
    """The window cut where blocks begin: what bounds the bars that are held at a time."""
    pieces = []
    start, end = window
    while start < end:
        piece_end = min(next_block(timeframe, start), end)
        pieces.append((start, piece_end))
        start = piece_end
    return pieces
