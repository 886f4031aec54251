"""From the times a file gives to open times, and whether they fit the timeframe at all."""

from datetime import timedelta
from typing import Final, Literal

import polars as pl

from alphapulse_resources.frames import TIMEFRAMES, WEEK_ORIGIN

TimeIs = Literal["open", "close"]

CLOSING_GAP: Final = timedelta(seconds=1)
"""A close time lies at most so long before the next open: 1 us, 1 ms (Binance's ...59999) or 1 s."""
SPACING_ROWS: Final = 10
SPACING_SHARE: Final = 0.9
"""A file is of another timeframe when that share of at least so many spacings is, and none fits (ours)."""

_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)


def to_open_times(ts: pl.Series, timeframe: str, time_is: TimeIs) -> pl.Series:
    """Open times of `ts`; a close time may be the last instant of its bar or the next bar's open time."""
    if time_is == "open":
        return ts
    return _next_open(ts) - TIMEFRAMES[timeframe]


def look_like_close_times(ts: pl.Series, timeframe: str) -> bool:
    """Whether every time is the last instant before a bar of the timeframe opens."""
    times = ts.drop_nulls()
    if times.is_empty():
        return False
    following = _next_open(times)
    gaps = following - times
    # longer bars start where each venue likes, but always at midnight
    grid = min(TIMEFRAMES[timeframe], _DAY)
    since = (following - WEEK_ORIGIN).dt.total_microseconds()
    on_grid = (since % (grid // timedelta(microseconds=1)) == 0).all()
    return on_grid and bool(((gaps > timedelta(0)) & (gaps <= CLOSING_GAP)).all())


def other_timeframe(ts: pl.Series, timeframe: str) -> str | None:
    """The timeframe that nearly all neighbouring rows are apart, when it is not the one expected."""
    # in whole seconds: the times of some venues jitter by milliseconds
    seconds = (ts.drop_nulls().diff().abs().drop_nulls().dt.total_microseconds() + 500_000) // 1_000_000
    seconds = seconds.filter(seconds > 0)
    if seconds.len() < SPACING_ROWS or (seconds == TIMEFRAMES[timeframe].total_seconds()).any():
        return None
    for name, step in TIMEFRAMES.items():
        if (seconds == step.total_seconds()).sum() >= SPACING_SHARE * seconds.len():
            return name
    return None


def _next_open(ts: pl.Series) -> pl.Series:
    """Times rounded up to the minute: where the bar after a close time opens."""
    floor = ts.dt.truncate("1m")
    return (floor + _MINUTE).zip_with(floor != ts, ts)
