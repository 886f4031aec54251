"""How assets are partitioned: UTC day x venue, symbols inside; what no venue has by the UTC day alone.

A day x symbol product would break Dagster at a few hundred symbols; the truth per symbol is `ingest_ledger`,
and per series of another provider `provider_ledger`.
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
def days_from(first: date) -> dg.DailyPartitionsDefinition:
    """UTC days from this day on."""
    return dg.DailyPartitionsDefinition(
        start_date=first.isoformat(),
        end_offset=1,  # today has a partition while it lasts
    )


@lru_cache
def day_and_venue(first: date) -> dg.MultiPartitionsDefinition:
    """Venue-days from this day on; one object a day, as it remembers its keys."""
    return OnceADay({"day": days_from(first), "venue": dg.StaticPartitionsDefinition(list(VENUE_NAMES))})


DAY_AND_VENUE: Final = day_and_venue(FIRST_PARTITION)
"""What assets are declared with; `starting` gives them the first day that the settings say."""
DAY: Final = days_from(FIRST_PARTITION)
"""The same for assets of data without a venue: the series of its providers are inside."""

Partitions = dg.MultiPartitionsDefinition | dg.DailyPartitionsDefinition
"""`DAY_AND_VENUE` or `DAY`."""


def starting(first: date, assets: Sequence[Any]) -> list[Any]:
    """The assets (definitions and specs), with partitions from this day on where they have days of ours."""

    def start(spec: dg.AssetSpec) -> dg.AssetSpec:
        if spec.partitions_def == DAY_AND_VENUE:
            return spec.replace_attributes(partitions_def=day_and_venue(first))
        if spec.partitions_def == DAY:
            return spec.replace_attributes(partitions_def=days_from(first))
        return spec

    return list(dg.map_asset_specs(start, assets))


def partition_key(day: date, venue: str | None = None) -> str:
    """The key of a venue-day, or of a day without a venue, as Dagster writes it."""
    if venue is None:
        return day.isoformat()
    return str(dg.MultiPartitionKey({"day": day.isoformat(), "venue": venue}))


def venue_days(keys: Sequence[str]) -> list[tuple[str | None, date]]:
    """What partition keys of either kind are about, in their order; without a venue it is None."""
    found: list[tuple[str | None, date]] = []
    for key in keys:
        day, _, venue = key.partition("|")
        found.append((venue or None, date.fromisoformat(day)))
    return found


def days_of(keys: Sequence[str]) -> list[date]:
    """The days among partition keys of either kind, in order, each once."""
    return sorted({day for _, day in venue_days(keys)})


def days_by_venue(keys: Sequence[str]) -> dict[str, list[date]]:
    """The days of each venue among partition keys, in order; any range or selection of keys will do.

    Raises `ValueError` for a key of a day alone: no venue has it (`days_of` gives the days).
    """
    grouped: dict[str, list[date]] = {}
    for key in keys:
        if "|" not in key:
            raise ValueError(f"partition {key!r} is of a day alone, not of a venue's day")
        dimensions = DAY_AND_VENUE.get_partition_key_from_str(key).keys_by_dimension
        grouped.setdefault(dimensions["venue"], []).append(date.fromisoformat(dimensions["day"]))
    return {venue: sorted(set(days)) for venue, days in grouped.items()}


def run_keys(tags: Mapping[str, str], partitions: Partitions = DAY_AND_VENUE) -> list[str]:
    """The partition keys a run is about, from its tags; without any, today's (of every venue)."""
    if RANGE_START in tags:
        keys = dg.PartitionKeyRange(tags[RANGE_START], tags[RANGE_END])
        ((_, first),) = venue_days([keys.start])
        from_then = day_and_venue if isinstance(partitions, dg.MultiPartitionsDefinition) else days_from
        return [str(key) for key in from_then(first).get_partition_keys_in_range(keys)]
    if "dagster/partition" in tags:
        return [tags["dagster/partition"]]
    if isinstance(partitions, dg.MultiPartitionsDefinition):
        return [partition_key(today(), venue) for venue in VENUE_NAMES]
    return [partition_key(today())]


def first_and_last(days: Mapping[str, Sequence[date]]) -> tuple[date, date]:
    """First and last of all days of all venues."""
    every = [day for venue_days in days.values() for day in venue_days]
    return min(every), max(every)


def range_tags(
    first: date, last: date, first_venue: str | None = None, last_venue: str | None = None
) -> dict[str, str]:
    """Run tags that make one run of a range of days and venues (venues in the order of VENUE_NAMES).

    Without venues it is a range of partitions of `DAY`.
    """
    return {
        RANGE_START: partition_key(first, first_venue),
        RANGE_END: partition_key(last, last_venue),
    }


def today() -> date:
    """The UTC day it is."""
    return datetime.now(UTC).date()
