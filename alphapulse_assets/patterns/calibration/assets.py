"""Calibration as an asset: statistics of all symbols together, not written bar by bar."""

from datetime import UTC, datetime
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.derived_assets import dataset_asset
from alphapulse_assets.datasets.metadata import column_schema, window_metadata
from alphapulse_assets.datasets.partitions import days_by_venue, first_and_last
from alphapulse_assets.datasets.reporting import asset_materialized
from alphapulse_assets.patterns.calibration.dataset import SCORE_CALIBRATION
from alphapulse_assets.patterns.calibration.model import CALIBRATION_STATS, LOGIC_VERSION
from alphapulse_assets.patterns.calibration.plots import calibration_picture
from alphapulse_assets.patterns.calibration.stored import SAMPLE_BARS, write_calibration
from alphapulse_assets.patterns.evaluation.assets import ends_of_days
from alphapulse_assets.patterns.evaluation.performance_stats import subjects_judged
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.configuration_store import configured
from alphapulse_resources.database.derived_store import COMPUTED, DerivedStore
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

_SHOWN: Final = {
    **dict.fromkeys(("timeframe", "score", "level"), "string"),
    **dict.fromkeys(("evidence", "clusters"), "int"),
    **dict.fromkeys(("right_share", "right_low", "right_high", "paid_share", "walk_right"), "float"),
}


class CalibrationConfig(dg.Config):
    """What to look at."""

    timeframes: list[str] | None = None
    """Only these timeframes; without them all."""
    bars: int = SAMPLE_BARS
    """How many of the newest bars of each symbol and timeframe are looked at."""


@dataset_asset(SCORE_CALIBRATION)
def score_calibration(
    context: dg.AssetExecutionContext, config: CalibrationConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """As of the end of the run's last day."""
    days = days_by_venue(context.partition_keys)
    as_of = ends_of_days(first_and_last(days), datetime.now(UTC))[-1]
    store = DerivedStore(database.get())
    names = [name for name in COMPUTED if config.timeframes is None or name in config.timeframes]
    configuration = configured(get_settings())
    subjects = subjects_judged(store)
    found, written = write_calibration(
        store, subjects, as_of, names, config.bars, configuration=configuration
    )
    picture = calibration_picture(found)
    metadata = {
        **window_metadata(days),
        "as_of": dg.MetadataValue.timestamp(as_of),
        "bars": config.bars,
        "symbols": len({subject for judged in subjects.values() for subject in judged}),
        "logic_version": LOGIC_VERSION,
        "configuration_version": configuration.version,
        "rows_inserted": written.inserted,
        "rows_changed": written.changed,
        "rows_unchanged": written.unchanged,
        "rows_removed": written.removed,
        "dagster/partition_row_count": written.inserted + written.changed + written.unchanged,
        "dagster/column_schema": column_schema(database.get(), CALIBRATION_STATS.name),
        **({"levels": _table(found)} if found.height else {}),
        **({"picture": dg.MetadataValue.md(picture)} if picture else {}),
    }
    return asset_materialized(context, metadata)


def _table(found: pl.DataFrame) -> dg.TableMetadataValue:
    """The levels at the horizon that counts as success."""
    shown = found.filter(pl.col("horizon") == DEFAULT.outcomes.history_horizon)
    rows = shown.select(pl.col(name).round(3) if kind == "float" else name for name, kind in _SHOWN.items())
    return dg.MetadataValue.table(
        [dg.TableRecord(row) for row in rows.iter_rows(named=True)],
        schema=dg.TableSchema([dg.TableColumn(name, kind) for name, kind in _SHOWN.items()]),
    )


calibration_assets: Final = [score_calibration]
