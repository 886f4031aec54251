"""One asset between the timeframes and what is computed from them, so that the lineage can be read.

Seven things are computed from the bars of seven timeframes: 49 lines, of which nobody can follow one. In SQL
all bars are found in the view `ohlcv`; here it is what all that follows depends on.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import dagster as dg

from alphapulse_assets.candles.dataset import OHLCV
from alphapulse_assets.datasets.metadata import column_schema, window_metadata
from alphapulse_assets.datasets.partitions import DAY_AND_VENUE, days_by_venue, first_and_last
from alphapulse_assets.datasets.policies import ONE_RUN, RETRY
from alphapulse_assets.datasets.reporting import VenueDay, asset_materialized, reports_itself
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.resources import DatabaseResource


@dg.asset(
    name=OHLCV.name,
    partitions_def=DAY_AND_VENUE,
    backfill_policy=ONE_RUN,
    deps=list(OHLCV.reads),
    retry_policy=RETRY,
    **OHLCV.facts(),
)
def ohlcv(context: dg.AssetExecutionContext, database: DatabaseResource) -> dg.MaterializeResult[Any]:
    """Says how far the bars of each timeframe reach; of a refresh, the days that its timeframes reported."""
    days = days_by_venue(context.partition_keys)
    metadata = {
        **window_metadata(days),
        "newest_bars": _newest_bars(database.get(), days),
        "dagster/column_schema": column_schema(database.get(), "ohlcv"),
    }
    return asset_materialized(context, metadata, _reported(context) if reports_itself(context) else None)


def _reported(context: dg.AssetExecutionContext) -> set[VenueDay]:
    """The venue-days that the run has reported of candles and timeframes: so many of this."""
    told = dg.DagsterEventType.ASSET_MATERIALIZATION
    entries = context.instance.all_logs(context.run.run_id, of_type=told)
    events = [entry.asset_materialization for entry in entries]
    keys = [
        event.partition
        for event in events
        if event is not None and event.partition and event.asset_key.path[-1] in OHLCV.reads
    ]
    return {(venue, day) for venue, of_venue in days_by_venue(keys).items() for day in of_venue}


def _newest_bars(database: Database, days: Mapping[str, Sequence[date]]) -> dg.TableMetadataValue:
    """How far the bars of each timeframe reach at the end of the window."""
    end = datetime.combine(first_and_last(days)[1], time(), UTC) + timedelta(days=1)
    rows = database.rows(statement("candles/newest_bars"), {"venues": list(days), "end": end})
    columns = ("timeframe", "symbols", "newest", "furthest_behind")
    return dg.MetadataValue.table(
        [
            dg.TableRecord({k: str(v) if isinstance(v, datetime) else v for k, v in row.items()})
            for row in rows
        ],
        dg.TableSchema([dg.TableColumn(name) for name in columns]),
    )
