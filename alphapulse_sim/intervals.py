"""The lengths of bars and how they are aligned: pure arithmetic on milliseconds since 1970."""

from datetime import UTC, datetime
from typing import Final

import numpy as np

from alphapulse_sim.hashing import Ints

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY
MONTH: Final = 0  # not a fixed length
_MONDAY: Final = 4 * DAY  # 1970-01-05

STEPS: Final[dict[str, int]] = {
    "1m": MINUTE,
    "3m": 3 * MINUTE,
    "5m": 5 * MINUTE,
    "15m": 15 * MINUTE,
    "30m": 30 * MINUTE,
    "1h": HOUR,
    "2h": 2 * HOUR,
    "4h": 4 * HOUR,
    "6h": 6 * HOUR,
    "8h": 8 * HOUR,
    "12h": 12 * HOUR,
    "1d": DAY,
    "3d": 3 * DAY,
    "1w": WEEK,
    "1M": MONTH,
}


def opens(times: Ints, interval: str) -> Ints:
    """The open time of the bar that contains each time; weeks start on Monday, 3d counts from 1970-01-01."""
    step = STEPS[interval]
    if step == MONTH:
        months = times.astype("datetime64[ms]").astype("datetime64[M]")
        return months.astype("datetime64[ms]").astype(np.int64)
    origin = _MONDAY if step == WEEK else 0
    return (times - origin) // step * step + origin


def open_of(moment: int, interval: str) -> int:
    """The open time of the bar that contains `moment`."""
    return int(opens(np.array([moment], dtype=np.int64), interval)[0])


def next_open(opened: int, interval: str, bars: int = 1) -> int:
    """The open time `bars` bars after (or before, if negative) the bar that opens at `opened`."""
    if STEPS[interval] != MONTH:
        return opened + bars * STEPS[interval]
    first = datetime.fromtimestamp(opened / 1000, UTC)
    months = first.year * 12 + first.month - 1 + bars
    return int(datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000)


def first_open_from(moment: int, interval: str) -> int:
    """The earliest open time that is not before `moment`."""
    opened = open_of(moment, interval)
    return opened if opened == moment else next_open(opened, interval)
