"""Which partitions a run tells Dagster of: a whole one's are its own, a refresh's are those it wrote.

What a refresh writes is known when it has written: of any day and venue, or of none. Dagster would report
the partitions that the run was started with, whatever came of it. So runs of refreshing jobs carry a tag with
which Dagster leaves the reports to the run, and each asset reports the venue-days (or, of what no venue has,
the days) that got rows. Where none
did, what the run found is an observation, which makes nothing look fresh.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Protocol, TypeVar

import dagster as dg
from dagster import AssetKey

from alphapulse_assets.datasets.partitions import VENUE_NAMES, partition_key, today, venue_days
from alphapulse_resources.settings import get_settings

REPORTS_ITSELF: Final = {"dagster/defer_asset_events": "true"}
"""Tag of runs whose assets report what they wrote; Dagster then plans and reports nothing for them."""
_OF_ALL: Final = ("dagster/partition_row_count",)
"""Figures of the whole run, which would be wrong on one of several partitions."""

VenueDay = tuple[str, date]
Partitioned = tuple[str | None, date]
"""What a partition is about: a venue's day, or a day alone, without a venue."""
V = TypeVar("V", bound=str | None)


class Identified(Protocol):
    """What instruments have: a key and a venue."""

    @property
    def instrument_id(self) -> int:
        """Key of the instrument."""
        ...

    @property
    def venue(self) -> str:
        """Where it is traded."""
        ...


def reports_itself(context: dg.AssetExecutionContext) -> bool:
    """Whether this run reports what it wrote."""
    return all(context.run.tags.get(name) == value for name, value in REPORTS_ITSELF.items())


def require_own_reports(context: dg.AssetExecutionContext, mode: str, job: str) -> None:
    """Refuse a mode that writes other partitions than those of its run in a run that cannot say so.

    Raises:
        dagster.Failure: the run has not the tag; it names the job that has.
    """
    if not reports_itself(context):
        (tag,) = REPORTS_ITSELF
        raise dg.Failure(
            f"mode {mode!r} writes days of any venue, and this run would report its own partitions instead: "
            f"start the job {job} (or give the run the tag {tag}: true)",
            allow_retries=False,
        )


def asset_materialized(
    context: dg.AssetExecutionContext,
    metadata: Mapping[str, Any],
    written: Collection[Partitioned] | None = None,
    *,
    asset: str | None = None,
) -> dg.MaterializeResult[Any]:
    """The result of an asset. Where the run reports itself, the events of the venue-days in `written`.

    None stands for all partitions of the run. Pictures and tables go with the newest day alone.
    """
    if not reports_itself(context):
        return dg.MaterializeResult(asset_key=asset, metadata=metadata)
    key = context.asset_key if asset is None else AssetKey(asset)
    events = list(_events(key, metadata, _own(context) if written is None else written))
    for event in events:
        context.log_event(event)
    if not events:
        context.log_event(dg.AssetObservation(key, metadata=metadata))
    return dg.MaterializeResult(asset_key=asset, metadata=metadata)


def days_of_venues(
    changed: Collection[tuple[int, date]], instruments: Collection[Identified]
) -> set[VenueDay]:
    """Instrument-days that got rows (`Written.changed_days`) as days of the instruments' venues."""
    venues = {each.instrument_id: each.venue for each in instruments}
    return {(venues[instrument_id], day) for instrument_id, day in changed if instrument_id in venues}


def last_reports(context: dg.AssetExecutionContext, days: Mapping[V, Sequence[date]]) -> dict[V, datetime]:
    """When one of these partitions was last reported, by venue; where none was, the first day's start."""
    return {venue: _last_report(context, venue, of_venue) for venue, of_venue in days.items()}


def _last_report(context: dg.AssetExecutionContext, venue: str | None, days: Sequence[date]) -> datetime:
    partitions = [partition_key(day, venue) for day in days]
    wanted = dg.AssetRecordsFilter(asset_key=context.asset_key, asset_partitions=partitions)
    records = context.instance.fetch_materializations(wanted, limit=1).records
    if not records:
        return datetime.combine(min(days), time(), UTC)
    return datetime.fromtimestamp(records[0].timestamp, UTC)


def _own(context: dg.AssetExecutionContext) -> set[Partitioned]:
    return set(venue_days(context.partition_keys))


def _events(
    key: AssetKey, metadata: Mapping[str, Any], written: Collection[Partitioned]
) -> Iterator[dg.AssetMaterialization]:
    """One event for each venue-day, or day, that is a partition, oldest first."""
    first = get_settings().history.first_partition
    known = (*VENUE_NAMES, None)
    days = sorted(
        ((day, venue) for venue, day in set(written) if venue in known and first <= day <= today()),
        key=lambda found: (found[0], found[1] or ""),
    )
    told = {name: value for name, value in metadata.items() if len(days) == 1 or name not in _OF_ALL}
    short = {name: value for name, value in told.items() if isinstance(value, str | int | float)}
    for day, venue in days:
        window = {
            "window_start": day.isoformat(),
            "window_end": (day + timedelta(days=1)).isoformat(),
            **({} if venue is None else {"venues": venue}),
        }
        dimensions = {} if venue is None else {"day": day.isoformat(), "venue": venue}
        yield dg.AssetMaterialization(
            key,
            partition=dg.MultiPartitionKey(dimensions) if dimensions else partition_key(day),
            metadata={**(told if (day, venue) == days[-1] else short), **window},
            tags={f"dagster/partition/{name}": value for name, value in dimensions.items()},
        )
