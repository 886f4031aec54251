"""What has to be scored anew when rates of success are told otherwise.

A score rests on the rates of the newest moment that was DAILY_DELAY before it (`history_as_of`). So other
rates as of a moment show in what becomes known from then on until the next moment's rates take over; and a
moment that is new, or gone, moves every score in between, of whatever timeframe.
"""

from bisect import bisect_right
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

import polars as pl

from alphapulse_assets.patterns.evaluation.success import LOGIC_VERSION
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.model import DAILY_DELAY
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import DerivedStore

_TIME: Final = pl.Datetime("us", "UTC")


def stored_times(store: DerivedStore, configuration: PatternConfiguration) -> set[datetime]:
    """The moments as of which rates of a configuration are stored."""
    versions = (LOGIC_VERSION, configuration.version)
    found = store.database.read(statement("patterns/success_times"), versions)
    return set(found["as_of"].cast(_TIME).to_list())


@dataclass(frozen=True, slots=True)
class RescoredBy:
    """The moments as of which rates are there once some are written."""

    times: list[datetime]
    moved: bool
    """Whether one of them is new, or one that was there goes."""

    @classmethod
    def before(cls, stored: Set[datetime], written: pl.Series, window: tuple[datetime, datetime]) -> Self:
        """Before those that are `stored` in a window (half-open) become the moments `written`."""
        added = set(written.cast(_TIME).unique().to_list())
        moved = added != {time for time in stored if window[0] <= time < window[1]}
        return cls(sorted(stored | added), moved)

    def stretch(self, before: pl.DataFrame, now: pl.DataFrame) -> tuple[datetime, datetime | None] | None:
        """The moments, half-open, whose scores were made with other rates; None where all are as they were.

        Its end is None where no later moment's rates take over.

        Both frames have the columns that scores rest on (RATE_USED), of one timeframe.
        """
        columns = now.columns
        other = pl.concat(
            [
                now.join(before, on=columns, how="anti", nulls_equal=True),
                before.join(now, on=columns, how="anti", nulls_equal=True),
            ]
        )["ts"]
        if other.is_empty():
            return None
        first, last = other.min(), other.max()
        assert isinstance(first, datetime)
        assert isinstance(last, datetime)
        place = bisect_right(self.times, last)
        until = self.times[place] + DAILY_DELAY if place < len(self.times) else None
        return first + DAILY_DELAY, until
