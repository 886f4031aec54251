"""How candle assets are partitioned: UTC day x venue, symbols inside.

A day x symbol product would break Dagster at a few hundred symbols; the truth per symbol is `ingest_ledger`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.dagster_private import OnceADay
from alphapulse_resources.settings.sections import FIRST_PARTITION
from alphapulse_resources.venues.registry import VENUES

RANGE_START: Final = "dagster/asset_partition_range_start"
RANGE_END: Final = "dagster/asset_partition_range_end"
VENUE_NAMES: Final = tuple(VENUES)


@lru_cache
def day_and_venue(first: date) -> dg.MultiPartitionsDefinition:
    """Venue-days from this day on; one object a day, as it remembers its keys."""
    days = dg.DailyPartitionsDefinition(
        start_date=first.isoformat(),
        end_offset=1,  # today has a partition while it lasts
    )
    return OnceADay({"day": days, "venue": dg.StaticPartitionsDefinition(list(VENUE_NAMES))})


DAY_AND_VENUE: Final = day_and_venue(FIRST_PARTITION)
"""What assets are declared with; `starting` gives them the first day that the settings say."""


def starting(first: date, assets: Sequence[Any]) -> list[Any]:
    """The assets (definitions and specs), with partitions from this day on where they have venue-days."""
    venue_days = day_and_venue(first)

    def start(spec: dg.AssetSpec) -> dg.AssetSpec:
        if spec.partitions_def != DAY_AND_VENUE:
            return spec
        return spec.replace_attributes(partitions_def=venue_days)

    return list(dg.map_asset_specs(start, assets))


def partition_key(day: date, venue: str) -> str:
    """The key of a venue-day, as Dagster writes it."""
    return str(dg.MultiPartitionKey({"day": day.isoformat(), "venue": venue}))


def days_by_venue(keys: Sequence[str]) -> dict[str, list[date]]:
    """The days of each venue among partition keys, in order; any range or selection of keys will do."""
    grouped: dict[str, list[date]] = {}
    for key in keys:
        dimensions = DAY_AND_VENUE.get_partition_key_from_str(key).keys_by_dimension
        grouped.setdefault(dimensions["venue"], []).append(date.fromisoformat(dimensions["day"]))
    return {venue: sorted(set(days)) for venue, days in grouped.items()}


def run_keys(tags: Mapping[str, str]) -> list[str]:
    """The partition keys a run is about, from its tags; without any, today's of every venue."""
    if RANGE_START in tags:
        keys = dg.PartitionKeyRange(tags[RANGE_START], tags[RANGE_END])
        first = DAY_AND_VENUE.get_partition_key_from_str(keys.start).keys_by_dimension["day"]
        return [
            str(key) for key in day_and_venue(date.fromisoformat(first)).get_partition_keys_in_range(keys)
        ]
    if "dagster/partition" in tags:
        return [tags["dagster/partition"]]
    return [partition_key(today(), venue) for venue in VENUE_NAMES]


def first_and_last(days: Mapping[str, Sequence[date]]) -> tuple[date, date]:
    """First and last of all days of all venues."""
    every = [day for venue_days in days.values() for day in venue_days]
    return min(every), max(every)


def range_tags(first: date, last: date, first_venue: str, last_venue: str) -> dict[str, str]:
    """Run tags that make one run of a range of days and venues (venues in the order of VENUE_NAMES)."""
    return {
        RANGE_START: partition_key(first, first_venue),
        RANGE_END: partition_key(last, last_venue),
    }


def today() -> date:
    """The UTC day it is."""
    return datetime.now(UTC).date()
