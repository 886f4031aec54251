"""What a check of a data set looks at: the days of its run's partitions, at their venues."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import dagster as dg

from alphapulse_assets.datasets.derivation import DAY, midnight
from alphapulse_assets.datasets.partitions import days_by_venue, days_of
from alphapulse_resources.database.derived_store import DerivedStore


@dataclass(frozen=True, slots=True)
class CheckScope:
    """A database, the partitions of a run, and whether there is no time for what takes seconds."""

    store: DerivedStore
    keys: Sequence[str]
    lightweight: bool

    @property
    def window(self) -> tuple[datetime, datetime]:
        """From the start of the first day to the end of the last."""
        days = self.days
        return midnight(days[0]), midnight(days[-1]) + DAY

    @property
    def days(self) -> list[date]:
        """The days of the partitions, in order."""
        return days_of(self.keys)

    @property
    def last_day(self) -> tuple[datetime, datetime]:
        """From the start to the end of the last day."""
        _, end = self.window
        return end - DAY, end

    @property
    def venues(self) -> list[str]:
        """The venues of the partitions; raises ValueError where they are of days alone."""
        return list(days_by_venue(self.keys))

    def named(self, asset: str, result: dg.AssetCheckResult) -> dg.AssetCheckResult:
        """The result with its asset and the partitions it speaks of."""
        keys = self.keys
        span = keys[0] if len(keys) == 1 else f"{keys[0]} to {keys[-1]} ({len(keys)})"
        return result._replace(
            asset_key=dg.AssetKey(asset),
            metadata={"partitions": dg.MetadataValue.text(span), **result.metadata},
        )
