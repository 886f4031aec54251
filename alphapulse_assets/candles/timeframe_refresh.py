"""Bringing a timeframe up to date, and which venue-days' bars that made anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from alphapulse_assets.datasets.reporting import VenueDay
from alphapulse_resources.database.client import Database, statement

DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class TimeframeRefresh:
    """One refresh of a timeframe: the days that changed, and the bars of some instruments that touch `days`.

    `venues` are those instruments' by key.
    """

    database: Database
    timeframe: str
    venues: Mapping[int, str]
    days: tuple[date, date]
    _reached: set[tuple[int, date]] = field(default_factory=set)

    def run(self) -> None:
        """Refresh, and keep which changed days have reached the timeframe by it."""
        first, last = self.days
        window = datetime.combine(first, time(), UTC), datetime.combine(last, time(), UTC) + DAY
        before = self._marks()
        self.database.refresh_timeframes([self.timeframe], window=window, instrument_ids=list(self.venues))
        left = self._marks()
        self._reached = {day for seq, day in before.items() if seq not in left}

    def written(self, since: Mapping[str, datetime]) -> set[VenueDay]:
        """Venue-days of the closed bars that were made anew, or closed since a moment of their venue."""
        first, last = self.days
        window = {(key, first + n * DAY) for key in self.venues for n in range((last - first).days + 1)}
        due = sorted(window | self._reached)
        rows = self.database.rows(
            statement("candles/bars_written", relation=f"ohlcv_{self.timeframe}"),
            {
                "instrument_ids": [key for key, _ in due],
                "days": [day for _, day in due],
                "changed": [each in self._reached for each in due],
                "timeframe": self.timeframe,
                "since": [since.get(self.venues.get(key, ""), datetime.now(UTC)) for key, _ in due],
            },
        )
        return {(row["venue"], row["day"]) for row in rows}

    def _marks(self) -> dict[int, tuple[int, date]]:
        rows = self.database.rows(
            "SELECT seq, instrument_id, day FROM ohlcv_dirty WHERE timeframe = %(timeframe)s",
            {"timeframe": self.timeframe},
        )
        return {row["seq"]: (row["instrument_id"], row["day"]) for row in rows}
