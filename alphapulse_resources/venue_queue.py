"""Dagster's queue of runs, which tells of each run whose venue it is about, whoever asked for it.

The limits of dagster.yaml count runs by the tag `alphapulse/venue`. Sensors and schedules set it; the UI and
backfills cannot, so the queue does, from the partitions the run is started with. A run that asks a provider
which is no venue has `alphapulse/provider` instead, from its job: its partitions are days, and tell of none.
"""

from collections.abc import Mapping
from typing import Final

import dagster as dg

from alphapulse_resources.venues.registry import VENUES

VENUE_TAG: Final = "alphapulse/venue"
PROVIDER_TAG: Final = "alphapulse/provider"
_PARTITION: Final = "dagster/partition"
_RANGE: Final = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
_REFRESH: Final = "dagster/defer_asset_events"  # refreshes of all venues have a place of their own


def venue_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tag that a run with these tags lacks: the venue of its partitions, or all of several."""
    if VENUE_TAG in tags or PROVIDER_TAG in tags or _REFRESH in tags:
        return {}
    keys = [tags[name] for name in (_PARTITION, *_RANGE) if name in tags]
    order = list(VENUES)
    found = sorted(
        order.index(venue) for venue in (key.rpartition("|")[2] for key in keys) if venue in VENUES
    )
    if not found:
        return {}
    return {VENUE_TAG: ",".join(order[found[0] : found[-1] + 1])}


class VenueQueue(dg.QueuedRunCoordinator):
    """`QueuedRunCoordinator` whose runs carry the tag that the limits count."""

    def submit_run(self, context: dg.SubmitRunContext) -> dg.DagsterRun:
        """Put a run into the queue, with its venue."""
        run = context.dagster_run
        if missing := venue_tags(run.tags):
            self._instance.add_run_tags(run.run_id, missing)
        return super().submit_run(context)
