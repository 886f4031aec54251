"""Windows of open times: those that touch as one, and cut where calendar blocks begin. Pure."""

from collections.abc import Iterable
from datetime import datetime

from alphapulse_assets.core.calendar_blocks import next_block

Window = tuple[datetime, datetime]
"""Open times [start, end)."""


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
