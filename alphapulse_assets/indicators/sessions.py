"""Where sums since an anchor begin again: every so long from a Monday on, each month or year, or once. Pure.

Times are open times of bars: a bar belongs to the session in which it opens.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, Protocol

import numpy as np

from alphapulse_assets.core.calendar_blocks import micros
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_resources.frames import WEEK_ORIGIN

_MICROSECOND: Final = timedelta(microseconds=1)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
BEFORE: Final = -1
"""The number of bars that open before the only session."""


class Sessions(Protocol):
    """A way to cut time into sessions."""

    def numbers(self, ts: Any) -> Any:
        """The number of the session of each open time (microseconds, one or an array); BEFORE: of none."""
        ...

    def began(self, moment: datetime) -> datetime:
        """When the session of this open time began."""
        ...

    def ends(self, moment: datetime) -> datetime:
        """When it ends."""
        ...

    def one_bar(self, timeframe: str) -> bool:
        """Whether a bar is as long as a session, so that there is nothing to average."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """Sessions of `length`, counted from a Monday 00:00 UTC: days, weeks."""

    length: timedelta

    def numbers(self, ts: Any) -> Any:
        """See Sessions."""
        return (ts - micros(WEEK_ORIGIN)) // (self.length // _MICROSECOND)

    def began(self, moment: datetime) -> datetime:
        """See Sessions."""
        return WEEK_ORIGIN + (moment - WEEK_ORIGIN) // self.length * self.length

    def ends(self, moment: datetime) -> datetime:
        """See Sessions."""
        return self.began(moment) + self.length

    def one_bar(self, timeframe: str) -> bool:
        """See Sessions."""
        return bar_length(timeframe) >= self.length


@dataclass(frozen=True, slots=True)
class Calendar:
    """Months or years, UTC."""

    unit: Literal["M", "Y"]

    def numbers(self, ts: Any) -> Any:
        """See Sessions."""
        times = np.asarray(ts, dtype="datetime64[us]")
        found = times.astype(f"datetime64[{self.unit}]").astype(np.int64)
        return found if found.ndim else int(found)

    def began(self, moment: datetime) -> datetime:
        """See Sessions."""
        utc = moment.astimezone(UTC)
        return datetime(utc.year, utc.month if self.unit == "M" else 1, 1, tzinfo=UTC)

    def ends(self, moment: datetime) -> datetime:
        """See Sessions."""
        # 32 days or 366 days after a start always lie in the session that follows
        return self.began(self.began(moment) + timedelta(days=32 if self.unit == "M" else 366))

    def one_bar(self, timeframe: str) -> bool:
        """See Sessions."""
        return False


@dataclass(frozen=True, slots=True)
class Since:
    """One session, from a moment on: what comes before is in none."""

    moment: datetime

    def numbers(self, ts: Any) -> Any:
        """See Sessions."""
        found = np.where(np.asarray(ts) >= micros(self.moment), 0, BEFORE)
        return found if found.ndim else int(found)

    def began(self, moment: datetime) -> datetime:
        """See Sessions."""
        return min(self.moment, moment)

    def ends(self, moment: datetime) -> datetime:
        """See Sessions: never, but for bars before it."""
        return _LAST if moment >= self.moment else moment + _MICROSECOND

    def one_bar(self, timeframe: str) -> bool:
        """See Sessions."""
        return False
