"""All that we use of Dagster's private modules, each with the reason: a new minor version is tried here.

No other file imports from them: tests/unit/test_dagster_private.py sees to that, and that they do their work.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import dagster as dg

# The public API reads an asset's events and can wipe it, but not delete old events that belong to no run.
from dagster._core.instance.utils import RUNLESS_RUN_ID
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage


class OnceADay(dg.MultiPartitionsDefinition):
    """Partitions of days whose keys are listed once a day.

    Dagster asks for all of them, ten thousand, at each check of each run, and remembers those of one moment,
    which is never the same. The public method does not know the time that Dagster's evaluations go by.
    """

    # Dagster's own has lru_cache around it, which types cannot override
    def _get_partition_keys(self, _current_time: datetime) -> Sequence[dg.MultiPartitionKey]:  # type: ignore[override]
        midnight = _current_time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return super()._get_partition_keys(_current_time=midnight)  # which remembers those of one time


def delete_runless_events(
    instance: dg.DagsterInstance, assets: Collection[str], before: datetime
) -> int | None:
    """Delete older events of these assets that no run reported: how many, or None without a table."""
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        return None
    events = SqlEventLogStorageTable.c
    old = SqlEventLogStorageTable.delete().where(
        events.run_id == RUNLESS_RUN_ID,
        events.asset_key.in_([dg.AssetKey(name).to_string() for name in sorted(assets)]),
        events.timestamp < before.astimezone(UTC).replace(tzinfo=None),  # stored as UTC without saying so
    )
    with storage.index_connection() as connection:
        return int(connection.execute(old).rowcount)
