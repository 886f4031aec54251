"""Volume patterns, daily volume profiles, and what price did after patterns, as assets."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.candles.metadata import column_schema, window_metadata
from alphapulse_assets.datasets.derivation import DAY, Derivation, midnight
from alphapulse_assets.datasets.derived_assets import (
    BARS,
    DerivedConfig,
    after,
    derive,
    derived_asset,
    derived_materialized,
    last_day,
    version_of,
)
from alphapulse_assets.datasets.partitions import days_by_venue
from alphapulse_assets.datasets.reporting import asset_materialized
from alphapulse_assets.datasets.tables import VOLUME_PATTERN_EVENTS
from alphapulse_assets.regime import rules
from alphapulse_assets.volume import batch, definitions, profile, reactions
from alphapulse_assets.volume.picture import counts_picture
from alphapulse_assets.volume.reaction_stats import REACTION_STATS, SAMPLE_BARS, write_statistics
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import COMPUTED, BarReader, DerivedStore
from alphapulse_resources.database.tables import Table
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.frames import floor_time
from alphapulse_resources.resources import DatabaseResource

GROUP: Final = "volume"
PROFILES: Final = Table(
    "volume_profile_days",
    key=("instrument_id", "ts", "logic_version"),
    values=(
        "known_at",
        *(name for name in profile.VOLUME_PROFILE_SCHEMA if name not in ("day", "known_at")),
    ),
    provenance=("created_at",),
    computed=True,
)


def pattern_rows(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
    """Volume patterns of the closed bars that open in [start, end)."""
    candles = pl.concat([bars.before(start, definitions.WARM_UP), bars.between(start, end)])
    return batch.detect(candles, bars.timeframe, start=start)


def patterns_until(bars: BarReader, bar: datetime) -> datetime:
    """Windows count bars: so many later ones see this one, however long that takes."""
    return bars.opens_after(bar, definitions.WARM_UP + 1) + timedelta(microseconds=1)


def profile_rows(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
    """Profiles of the days that begin in [start, end) and are over."""
    minutes = bars.of("1m").between(start, min(end, bars.closed_until))
    found = profile.volume_profiles(minutes, tick=bars.subject.tick_size)
    return found.with_columns((pl.col("known_at") - DAY).alias("ts"))


VOLUME_DERIVATION: Final = Derivation(
    "volume_patterns", VOLUME_PATTERN_EVENTS, definitions.LOGIC_VERSION, pattern_rows, patterns_until
)
DAILY_PROFILES: Final = Derivation(
    "volume_profiles",
    PROFILES,
    profile.LOGIC_VERSION,
    profile_rows,
    lambda bars, bar: bar + DAY,
    timeframes=("1d",),
    by_timeframe=False,
)


@derived_asset(group=GROUP, version=str(definitions.LOGIC_VERSION), deps=after(*BARS))
def volume_patterns(
    context: dg.AssetExecutionContext, config: DerivedConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """Volume patterns from 1m to 1w, each at the bar at whose close it was known: spike, divergence, climax,
    dry-up, accumulation and distribution, breakout, fake-out, exhaustion; with strength and confidence.
    """
    derived, metadata = derive(context, config, database, VOLUME_DERIVATION)
    picture = counts_picture(database.get(), derived)
    shown = {"picture": picture} if picture else {}
    return derived_materialized(context, config.mode, derived, {**metadata, **shown})


@derived_asset(
    group=GROUP, version=str(profile.LOGIC_VERSION), deps=after("ohlcv_1m", "ohlcv_1d", lookback=False)
)
def volume_profiles(
    context: dg.AssetExecutionContext, config: DerivedConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """How much of each symbol was traded at which price on each day that is over: the point of control with
    the most volume, and the value area around it.
    """
    derived, metadata = derive(context, config, database, DAILY_PROFILES)
    return derived_materialized(context, config.mode, derived, metadata)


class ReactionConfig(dg.Config):
    """What to look at."""

    timeframes: list[str] | None = None
    """Only these timeframes; without them all."""
    bars: int = SAMPLE_BARS
    """How many of the newest bars of each symbol and timeframe are looked at."""


@derived_asset(
    group=GROUP,
    version=version_of(reactions.LOGIC_VERSION, definitions.LOGIC_VERSION, rules.LOGIC_VERSION),
    deps=after("volume_patterns", "market_regime"),
)
def volume_reactions(
    context: dg.AssetExecutionContext, config: ReactionConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """What price did 1 to 50 bars after volume patterns, with intervals, beside what it did anyway.

    Statistics are of the symbols of a venue as far as outcomes were known at the end of the day; a run over
    several days makes those of the last one. What has the base rate within its interval is no edge.
    """
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


volume_assets: Final = [volume_patterns, volume_profiles, volume_reactions]
