"""The timeframes the project knows. Pure, and without polars: commands that only name one start quickly."""

from datetime import UTC, datetime, timedelta
from typing import Final

TIMEFRAMES: Final[dict[str, timedelta]] = {
    "1m": timedelta(minutes=1),
    "3m": timedelta(minutes=3),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "2h": timedelta(hours=2),
    "4h": timedelta(hours=4),
    "6h": timedelta(hours=6),
    "8h": timedelta(hours=8),
    "12h": timedelta(hours=12),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
    "1w": timedelta(weeks=1),
}
"""Every timeframe a venue or a file may bring, with its length."""

AGGREGATED: Final = ("5m", "15m", "1h", "4h", "1d", "1w")
"""The timeframes kept as aggregates of 1m, finest first; each is built from the one before it."""

WEEK_ORIGIN: Final = datetime(1970, 1, 5, tzinfo=UTC)
"""A Monday: weeks start there, and every shorter timeframe is aligned with it too."""


def floor_time(moment: datetime, timeframe: str) -> datetime:
    """The open time of the bar of `timeframe` that contains `moment` (UTC, weeks from Monday)."""
    step = TIMEFRAMES[timeframe]
    return moment - (moment - WEEK_ORIGIN) % step
