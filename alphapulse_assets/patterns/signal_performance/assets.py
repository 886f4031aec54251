"""How signals did, as an asset: of all that is stored, not written bar by bar."""

from datetime import UTC, datetime
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.derivation import DAY, midnight
from alphapulse_assets.datasets.derived_assets import dataset_asset
from alphapulse_assets.datasets.metadata import column_schema, window_metadata
from alphapulse_assets.datasets.partitions import days_by_venue, first_and_last
from alphapulse_assets.datasets.reporting import asset_materialized
from alphapulse_assets.patterns.evaluation.performance import ABOVE, BELOW, NO_EDGE
from alphapulse_assets.patterns.events.configuration_store import configured
from alphapulse_assets.patterns.signal_performance.dataset import SIGNAL_PERFORMANCE_DATASET
from alphapulse_assets.patterns.signal_performance.plots import equity_picture, performance_picture
from alphapulse_assets.patterns.signal_performance.stored import WALK_BARS, judge, write
from alphapulse_assets.patterns.signal_performance.tables import LOGIC_VERSION, SIGNAL_PERFORMANCE
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.frames import floor_time
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

_SHOWN: Final = ("grouped_by", "value", "n", "clusters", "mean_net_pct", "walk_mean_net_pct", "verdict")


class SignalPerformanceConfig(dg.Config):
    """What to look at."""

    walk_bars: int = WALK_BARS
    """Beside how many of the newest bars of each symbol's finest timeframe random walks are made."""


@dataset_asset(SIGNAL_PERFORMANCE_DATASET)
def signal_performance(
    context: dg.AssetExecutionContext, config: SignalPerformanceConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """As of the end of the run's last day; of today, up to this minute."""
    days = days_by_venue(context.partition_keys)
    _, last = first_and_last(days)
    as_of = min(midnight(last) + DAY, floor_time(datetime.now(UTC), "1m"))
    store, configuration = DerivedStore(database.get()), configured(get_settings())
    found = judge(store, as_of, configuration, config.walk_bars)
    written = write(store, found, as_of, configuration)
    rows = found.performance
    verdicts = dict(rows.group_by("verdict").len().iter_rows())
    pictures = {
        "returns": performance_picture(rows),
        "equity": equity_picture(found.equity),
    }
    metadata = {
        **window_metadata(days),
        "as_of": dg.MetadataValue.timestamp(as_of),
        "signals": rows.filter(pl.col("grouped_by") == "all")["n"].sum(),
        "logic_version": LOGIC_VERSION,
        "configuration_version": configuration.version,
        "comparisons": rows.height,
        **{verdict.replace(" ", "_"): verdicts.get(verdict, 0) for verdict in (ABOVE, BELOW, NO_EDGE)},
        "rows_inserted": written.inserted,
        "rows_changed": written.changed,
        "rows_unchanged": written.unchanged,
        "rows_removed": written.removed,
        "dagster/partition_row_count": written.inserted + written.changed + written.unchanged,
        "dagster/column_schema": column_schema(database.get(), SIGNAL_PERFORMANCE.name),
        **({"verdicts": _table(rows)} if rows.height else {}),
        **{name: dg.MetadataValue.md(picture) for name, picture in pictures.items() if picture},
    }
    return asset_materialized(context, metadata)


def _table(rows: pl.DataFrame) -> dg.MarkdownMetadataValue:
    """The groups of few values, for the page of the run."""
    few = rows.filter(pl.col("grouped_by").is_in(["all", "signal", "timeframe", "regime"]))
    lines = [
        "| "
        + " | ".join("" if v is None else format(v, ".3f") if isinstance(v, float) else str(v) for v in row)
        + " |"
        for row in few.select(_SHOWN).iter_rows()
    ]
    head = ["| " + " | ".join(_SHOWN) + " |", "|" + "---|" * len(_SHOWN)]
    return dg.MetadataValue.md("\n".join(head + lines))


signal_performance_assets: Final = [signal_performance]
