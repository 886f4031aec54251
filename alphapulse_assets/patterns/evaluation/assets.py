"""How patterns performed, as an asset: statistics of all symbols together, not written bar by bar."""

from datetime import UTC, date, datetime
from typing import Any, Final, Literal

import dagster as dg

from alphapulse_assets.datasets.derivation import DAY, midnight
from alphapulse_assets.datasets.derived_assets import dataset_asset
from alphapulse_assets.datasets.metadata import column_schema, window_metadata
from alphapulse_assets.datasets.partitions import days_by_venue, first_and_last
from alphapulse_assets.datasets.reporting import asset_materialized
from alphapulse_assets.patterns.evaluation import performance
from alphapulse_assets.patterns.evaluation.dataset import PATTERN_PERFORMANCE
from alphapulse_assets.patterns.evaluation.metadata import verdict_metadata
from alphapulse_assets.patterns.evaluation.performance_stats import (
    SAMPLE_BARS,
    subjects_judged,
    write_performance,
    write_success,
)
from alphapulse_assets.patterns.evaluation.plots import performance_picture
from alphapulse_assets.patterns.evaluation.stored_outcomes import PERFORMANCE_STATS
from alphapulse_assets.patterns.events.configuration_store import configured
from alphapulse_resources.database.derived_store import COMPUTED, DerivedStore, Mark
from alphapulse_resources.frames import floor_time
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings


class PerformanceConfig(dg.Config):
    """What to look at."""

    timeframes: list[str] | None = None
    """Only these timeframes; without them all."""
    bars: int = SAMPLE_BARS
    """How many of the newest bars of each symbol and timeframe are judged."""
    mode: Literal["days", "changed"] = "days"
    """days: rates of success as of the end of each day of the run; changed: also as of the days before it
    whose outcomes are others since rates were written, in the job refresh_reactions."""


@dataset_asset(PATTERN_PERFORMANCE)
def pattern_performance(
    context: dg.AssetExecutionContext, config: PerformanceConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """As of the end of each day of the run, or of its last one."""
    days = days_by_venue(context.partition_keys)
    store = DerivedStore(database.get())
    first, last = first_and_last(days)
    marks = settled_marks(store) if config.mode == "changed" else []
    since = min([first, *(mark.day for mark in marks if mark.day <= last)])
    times = ends_of_days((since, last), datetime.now(UTC))
    names = [name for name in COMPUTED if config.timeframes is None or name in config.timeframes]
    configuration = configured(get_settings())
    changed = config.mode == "changed"
    rates = write_success(store, times, names, only_news=changed, configuration=configuration)
    store.forget(PATTERN_PERFORMANCE.name, [mark for mark in marks if mark.day <= min(last, yesterday())])
    subjects = subjects_judged(store)
    found, written = write_performance(
        store, subjects, times[-1], names, config.bars, configuration=configuration
    )
    picture = performance_picture(found)
    metadata = {
        **window_metadata(days),
        "as_of": dg.MetadataValue.timestamp(times[-1]),
        "bars": config.bars,
        "symbols": len({subject for judged in subjects.values() for subject in judged}),
        "rates_since": since.isoformat(),
        "logic_version": performance.LOGIC_VERSION,
        "configuration_version": configuration.version,
        **verdict_metadata(found),
        "success_rates_written": rates.inserted + rates.changed,
        "rows_inserted": written.inserted,
        "rows_changed": written.changed,
        "rows_unchanged": written.unchanged,
        "rows_removed": written.removed,
        "dagster/partition_row_count": written.inserted + written.changed + written.unchanged,
        "dagster/column_schema": column_schema(database.get(), PERFORMANCE_STATS.name),
        **({"picture": dg.MetadataValue.md(picture)} if picture else {}),
    }
    return asset_materialized(context, metadata)


def settled_marks(store: DerivedStore) -> list[Mark]:
    """Days whose bars changed since rates were written, of instruments whose outcomes have caught up."""
    waiting = {mark.instrument_id for mark in store.marks("pattern_outcomes") if mark.day <= yesterday()}
    marks = store.marks(PATTERN_PERFORMANCE.name)
    return [mark for mark in marks if mark.instrument_id not in waiting]


def yesterday() -> date:
    """The last UTC day that is over."""
    return datetime.now(UTC).date() - DAY


def ends_of_days(days: tuple[date, date], now: datetime) -> list[datetime]:
    """The end of each day from the first to the last that has begun; of the one that lasts, this minute."""
    first, last = (midnight(day) for day in days)
    ends = [first + n * DAY for n in range(1, (last - first) // DAY + 2)]
    now = floor_time(now, "1m")
    return sorted({min(end, now) for end in ends})


outcome_assets: Final = [pattern_performance]
