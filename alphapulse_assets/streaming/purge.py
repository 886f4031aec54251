"""Old reports of streams leave Dagster's storage: they belong to no run, so nothing else takes them along."""

from datetime import UTC, datetime, timedelta
from typing import Final

import dagster as dg
from dagster._core.instance.utils import RUNLESS_RUN_ID
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

from alphapulse_assets.streaming.assets import REPORTED

KEEP_REPORTS: Final = timedelta(days=2)
"""Materializations each half minute are some 3,000 events a day, table and shard (ours)."""


@dg.op
def delete_old_reports(context: dg.OpExecutionContext) -> int:
    """Delete the streams' materializations and observations that are older than two days.

    What they said of a table stays in `stream_latency`. Dagster has no call for this: it goes by its table.
    """
    storage = context.instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        context.log.info("this event log has no table to delete from")
        return 0
    events = SqlEventLogStorageTable.c
    before = datetime.now(UTC) - KEEP_REPORTS
    old = SqlEventLogStorageTable.delete().where(
        events.run_id == RUNLESS_RUN_ID,
        events.asset_key.in_([dg.AssetKey(name).to_string() for name in sorted(REPORTED)]),
        events.timestamp < before.replace(tzinfo=None),  # stored as UTC without saying so
    )
    with storage.index_connection() as connection:
        deleted = int(connection.execute(old).rowcount)
    context.log.info(f"deleted {deleted} reports of streams from before {before:%Y-%m-%d %H:%M}")
    return deleted
