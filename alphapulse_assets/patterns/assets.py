"""Candlestick and chart patterns as assets: every one of seven timeframes is a row, in each version once."""

from datetime import datetime
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.core import calendar_blocks as warm_up
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.datasets.derivation import Derivation
from alphapulse_assets.datasets.derived_assets import (
    BARS,
    DerivedConfig,
    after,
    derive,
    derived_asset,
    derived_materialized,
)
from alphapulse_assets.datasets.tables import CANDLESTICK_PATTERN_EVENTS, CHART_PATTERN_EVENTS
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.candlestick.catalogue import LOOKBACK
from alphapulse_assets.patterns.chart import batch, definitions
from alphapulse_assets.patterns.events.stored_definitions import (
    store_candlestick_definitions,
    store_chart_definitions,
)
from alphapulse_assets.patterns.metadata import candlestick_picture, chart_picture, described
from alphapulse_resources.database.derived_store import BarReader
from alphapulse_resources.resources import DatabaseResource

GROUP: Final = "patterns"


def candlestick_rows(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
    """Candlestick patterns of the closed bars that open in [start, end)."""
    candles = bars.between(warm_up.frame_start(bars.timeframe, start), end)
    return candlestick.detect(candles, bars.timeframe, start=start)


def candlesticks_until(bars: BarReader, bar: datetime) -> datetime:
    """The end of the block whose sums the bar is in: of the next one too, if that looks back so far."""
    return warm_up.next_block(bars.timeframe, bars.opens_after(bar, LOOKBACK + 1))


def chart_rows(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
    """What happened to chart patterns at the closed bars that open in [start, end)."""
    candles = bars.between(batch.frame_start(bars.timeframe, start), end)
    return batch.detect(candles, bars.timeframe, start=start)


def charts_until(bars: BarReader, bar: datetime) -> datetime:
    """The end of the last block that a bar is in the warm-up of."""
    return warm_up.next_block(bars.timeframe, bar + batch.WARM_UP * bar_length(bars.timeframe))


CANDLESTICKS: Final = Derivation(
    "candlestick_patterns",
    CANDLESTICK_PATTERN_EVENTS,
    candlestick.LOGIC_VERSION,
    candlestick_rows,
    candlesticks_until,
)
CHARTS: Final = Derivation(
    "chart_patterns", CHART_PATTERN_EVENTS, definitions.LOGIC_VERSION, chart_rows, charts_until
)


@derived_asset(group=GROUP, version=str(candlestick.LOGIC_VERSION), deps=after(*BARS))
def candlestick_patterns(
    context: dg.AssetExecutionContext, config: DerivedConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """TA-Lib's 61 candlestick patterns from 1m to 1w, each at its last candle, at whose close it was known.

    What they are and whom they favour is in `candlestick_pattern_definitions`; a confirmation is a row of its
    own. A row says that the shape was there, not that it works: that is for `pattern_performance`.
    """
    version = CANDLESTICKS.version if config.version is None else config.version
    store_candlestick_definitions(database.get(), version)
    derived, metadata = derive(context, config, database, CANDLESTICKS)
    shown = described(database.get(), derived, "patterns/candlestick_counts", candlestick_picture)
    return derived_materialized(context, config.mode, derived, {**metadata, **shown})


@derived_asset(group=GROUP, version=str(definitions.LOGIC_VERSION), deps=after(*BARS))
def chart_patterns(
    context: dg.AssetExecutionContext, config: DerivedConfig, database: DatabaseResource
) -> dg.MaterializeResult[Any]:
    """The lives of chart patterns from 1m to 1w: forming, complete, then target met, failed or expired.

    Head and shoulders, double and triple tops and bottoms, triangles, rectangles, channels, flags, pennants,
    cups with handles: each with pivots, lines, breakout level, target and invalidation, as known at its bar.
    """
    version = CHARTS.version if config.version is None else config.version
    store_chart_definitions(database.get(), version)
    derived, metadata = derive(context, config, database, CHARTS)
    shown = described(database.get(), derived, "patterns/chart_counts", chart_picture)
    return derived_materialized(context, config.mode, derived, {**metadata, **shown})


pattern_assets: Final = [candlestick_patterns, chart_patterns]
