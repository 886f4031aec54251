"""What price did after volume patterns, as an asset: statistics that are not written bar by bar."""

from datetime import UTC, datetime
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.derivation import DAY, midnight
from alphapulse_assets.datasets.derived_assets import dataset_asset, last_day
from alphapulse_assets.datasets.metadata import column_schema, window_metadata
from alphapulse_assets.datasets.partitions import days_by_venue
from alphapulse_assets.datasets.reporting import asset_materialized
from alphapulse_assets.volume import reactions
from alphapulse_assets.volume.dataset import VOLUME_REACTIONS
from alphapulse_assets.volume.reaction_stats import REACTION_STATS, SAMPLE_BARS, write_statistics
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import COMPUTED, DerivedStore
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.frames import floor_time
from alphapulse_resources.resources import DatabaseResource


class ReactionConfig(dg.Config):
    """What to look at."""

    timeframes: list[str] | None = None
    """Only these timeframes; without them all."""
    bars: int = SAMPLE_BARS
    """How many of the newest bars of each symbol and timeframe are looked at."""


@dataset_asset(VOLUME_REACTIONS)
def volume_reactions(
    context: dg.AssetExecutionContext, config: ReactionConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """Of the symbols of a venue, as of the end of the run's last day."""
    days = days_by_venue(context.partition_keys)
    as_of = min(midnight(last_day(days)) + DAY, floor_time(datetime.now(UTC), "1m"))
    store = DerivedStore(database.get())
    names = [name for name in COMPUTED if config.timeframes is None or name in config.timeframes]
    written = sum((write_statistics(store, venue, as_of, names, config.bars) for venue in days), Written())
    metadata = {
        **window_metadata(days),
        "as_of": dg.MetadataValue.timestamp(as_of),
        "bars": config.bars,
        "logic_version": reactions.LOGIC_VERSION,
        "rows_inserted": written.inserted,
        "rows_changed": written.changed,
        "rows_unchanged": written.unchanged,
        "rows_removed": written.removed,
        "dagster/partition_row_count": written.inserted + written.changed + written.unchanged,
        "dagster/column_schema": column_schema(database.get(), REACTION_STATS.name),
        "highlights": _highlights(database.get(), sorted(days), as_of),
    }
    return asset_materialized(context, metadata)


def _highlights(database: Database, venues: list[str], as_of: datetime) -> dg.TableMetadataValue:
    """The statistics to look at first."""
    found = database.read(statement("derived/reaction_highlights"), (venues, as_of, reactions.LOGIC_VERSION))
    names = {pl.Int32: "int", pl.Float64: "float", pl.String: "string"}
    columns = [dg.TableColumn(name, names[type(kind)]) for name, kind in found.schema.items()]
    return dg.MetadataValue.table([dg.TableRecord(row) for row in found.to_dicts()], dg.TableSchema(columns))


volume_assets: Final = [volume_reactions]
