"""Old reports of streams leave Dagster's storage: they belong to no run, so nothing else takes them along."""

from datetime import UTC, datetime, timedelta
from typing import Final

import dagster as dg

from alphapulse_assets.datasets.dagster_private import delete_runless_events
from alphapulse_assets.streaming.assets import REPORTED

KEEP_REPORTS: Final = timedelta(days=2)
"""Materializations each half minute are some 3,000 events a day, table and shard (ours)."""


@dg.op
def delete_old_reports(context: dg.OpExecutionContext) -> int:
    """Delete the streams' materializations and observations that are older than two days.

    What they said of a table stays in `stream_latency`.
    """
    before = datetime.now(UTC) - KEEP_REPORTS
    deleted = delete_runless_events(context.instance, REPORTED, before)
    if deleted is None:
        context.log.info("this event log has no table to delete from")
        return 0
    context.log.info(f"deleted {deleted} reports of streams from before {before:%Y-%m-%d %H:%M}")
    return deleted
