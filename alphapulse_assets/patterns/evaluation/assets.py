"""What came of patterns, as assets: the outcomes of each, and how the patterns did."""

from datetime import UTC, date, datetime
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.candles.metadata import column_schema, window_metadata
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.datasets.derivation import DAY, Derivation, midnight
from alphapulse_assets.datasets.derived_assets import (
    BARS,
    REFRESH_REACTIONS_JOB,
    DerivedConfig,
    after,
    derive,
    derived_asset,
    derived_materialized,
    version_of,
)
from alphapulse_assets.datasets.partitions import VENUE_NAMES, days_by_venue, first_and_last
from alphapulse_assets.datasets.reporting import asset_materialized
from alphapulse_assets.indicators.assets import DERIVATION as INDICATORS
from alphapulse_assets.indicators.registry import registry_version
from alphapulse_assets.patterns.assets import CANDLESTICKS, CHARTS, GROUP
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.chart import definitions as chart
from alphapulse_assets.patterns.evaluation import outcomes, performance, success
from alphapulse_assets.patterns.evaluation.metadata import verdict_metadata
from alphapulse_assets.patterns.evaluation.performance_stats import (
    SAMPLE_BARS,
    write_performance,
    write_success,
)
from alphapulse_assets.patterns.evaluation.plots import performance_picture
from alphapulse_assets.patterns.evaluation.stored_outcomes import OUTCOMES, PERFORMANCE_STATS, outcome_rows
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.configuration_store import configured
from alphapulse_assets.patterns.events.stored import read_events
from alphapulse_assets.regime import rules
from alphapulse_assets.regime.assets import DERIVATION as REGIMES
from alphapulse_assets.volume import definitions as volume
from alphapulse_assets.volume.assets import VOLUME_DERIVATION
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import COMPUTED, TIMEFRAME_IDS, BarReader, DerivedStore
from alphapulse_resources.frames import floor_time
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings

LONGEST: Final = max(DEFAULT.outcomes.horizons)
_MADE_OF: Final = (CANDLESTICKS, CHARTS, VOLUME_DERIVATION, INDICATORS, REGIMES)
_VERSIONS: Final = (
    *(outcomes.LOGIC_VERSION, candlestick.LOGIC_VERSION, chart.LOGIC_VERSION, volume.LOGIC_VERSION),
    *(registry_version(), rules.LOGIC_VERSION, DEFAULT.version),
)


def rows(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
    """What came of the patterns at the closed bars that open in [start, end), as far as it is known."""
    timeframe, end = bars.timeframe, min(end, bars.closed_until)
    length = bar_length(timeframe)
    store = DerivedStore(bars.database)
    events = read_events(store, bars.subject, start + length, end + length, timeframes=[timeframe])
    key = bars.subject.instrument_id, TIMEFRAME_IDS[timeframe], rules.LOGIC_VERSION
    trends = bars.database.read(statement("derived/trends"), (*key, start, end))
    regimes = trends.select(pl.col("ts").cast(events.schema["ts"]), pl.col("trend").alias("regime"))
    candles = bars.between(start, bars.opens_after(end, LONGEST) + length)
    return outcome_rows(
        outcomes.outcomes(
            events.join(regimes, on="ts", how="left", maintain_order="left"), candles, timeframe
        )
    )


def until(bars: BarReader, bar: datetime) -> datetime:
    """As far as anything that outcomes are made of depends on a bar."""
    return max(each.until(bars, bar) for each in _MADE_OF)


def since(bars: BarReader, bar: datetime) -> datetime:
    """The first bar whose longest horizon reaches this one."""
    before = bars.before(bar, LONGEST)
    return before["ts"][0] if before.height else bar


OUTCOME_DERIVATION: Final = Derivation(
    "pattern_outcomes", OUTCOMES, outcomes.LOGIC_VERSION, rows, until, since=since
)


@derived_asset(
    group=GROUP,
    version=version_of(*_VERSIONS),
    deps=after(
        "candlestick_patterns", "chart_patterns", "volume_patterns", "indicators", "market_regime", *BARS
    ),
)
def pattern_outcomes(
    context: dg.AssetExecutionContext, config: DerivedConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """What price did 1 to 50 bars after each confirmed pattern: return, farthest for and against it, and
    whether its target or its invalidation was touched first.

    A row exists once its horizon is over. A run also writes what the days of its partitions made known of
    the patterns before them.
    """
    derived, metadata = derive(context, config, database, OUTCOME_DERIVATION, job=REFRESH_REACTIONS_JOB)
    return derived_materialized(context, config.mode, derived, metadata)


class PerformanceConfig(dg.Config):
    """What to look at."""

    timeframes: list[str] | None = None
    """Only these timeframes; without them all."""
    bars: int = SAMPLE_BARS
    """How many of the newest bars of each symbol and timeframe are judged."""


@derived_asset(
    group=GROUP,
    version=version_of(performance.LOGIC_VERSION, success.LOGIC_VERSION, *_VERSIONS),
    deps=after("pattern_outcomes"),
)
def pattern_performance(
    context: dg.AssetExecutionContext, config: PerformanceConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """How often patterns are right, with intervals, beside what the same patterns achieve on random walks.

    Of all tracked symbols of all venues together, whatever the partition's venue. Rates of success are
    written as of the end of each day of the run, performance as of the end of the last.
    """
    days = days_by_venue(context.partition_keys)
    times = ends_of_days(first_and_last(days), datetime.now(UTC))
    store = DerivedStore(database.get())
    names = [name for name in COMPUTED if config.timeframes is None or name in config.timeframes]
    configuration = configured(get_settings())
    rates = write_success(store, times, names, configuration=configuration)
    subjects = store.tracked(VENUE_NAMES)
    found, written = write_performance(
        store, subjects, times[-1], names, config.bars, configuration=configuration
    )
    picture = performance_picture(found)
    metadata = {
        **window_metadata(days),
        "as_of": dg.MetadataValue.timestamp(times[-1]),
        "bars": config.bars,
        "symbols": len(subjects),
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


def ends_of_days(days: tuple[date, date], now: datetime) -> list[datetime]:
    """The end of each day from the first to the last that has begun; of the one that lasts, this minute."""
    first, last = (midnight(day) for day in days)
    ends = [first + n * DAY for n in range(1, (last - first) // DAY + 2)]
    now = floor_time(now, "1m")
    return sorted({min(end, now) for end in ends})


outcome_assets: Final = [pattern_outcomes, pattern_performance]
