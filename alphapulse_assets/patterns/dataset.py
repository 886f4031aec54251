"""Candlestick and chart patterns as data sets: each of seven timeframes is a row, once a version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.core import calendar_blocks as warm_up
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Check, Dataset, required
from alphapulse_assets.datasets.derivation import Derivation, DerivationResult
from alphapulse_assets.datasets.derived_assets import BARS
from alphapulse_assets.datasets.derived_checks import ERROR, complete, no_look_ahead, none_but_zero, rules
from alphapulse_assets.datasets.expectations import guard_frame
from alphapulse_assets.datasets.rules import AT_CLOSE, RuleSet
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE
from alphapulse_assets.patterns.candlestick.move import REACH
from alphapulse_assets.patterns.chart import batch, definitions
from alphapulse_assets.patterns.chart.live import ChartState
from alphapulse_assets.patterns.events.stored_definitions import (
    store_candlestick_definitions,
    store_chart_definitions,
)
from alphapulse_assets.patterns.events.tables import CANDLESTICK_PATTERN_EVENTS, CHART_PATTERN_EVENTS
from alphapulse_assets.patterns.metadata import candlestick_picture, chart_picture, described
from alphapulse_assets.volume.definitions import DIRECTIONS
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import BarReader, DerivedStore

GROUP: Final = "patterns"


def candlestick_rows(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
    """Candlestick patterns of the closed bars that open in [start, end)."""
    candles = bars.between(warm_up.frame_start(bars.timeframe, start), end)
    return candlestick.detect(candles, bars.timeframe, start=start)


def candlesticks_until(bars: BarReader, bar: datetime) -> datetime:
    """The end of the block whose sums the bar is in: of the next one too, if that looks back so far."""
    return warm_up.next_block(bars.timeframe, bars.opens_after(bar, REACH + 1))


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


def _candlesticks_shown(store: DerivedStore, derived: DerivationResult) -> Mapping[str, Any]:
    return described(store.database, derived, "patterns/candlestick_counts", candlestick_picture)


def _charts_shown(store: DerivedStore, derived: DerivationResult) -> Mapping[str, Any]:
    return described(store.database, derived, "patterns/chart_counts", chart_picture)


def _check_life(scope: CheckScope, dataset: Dataset) -> dg.AssetCheckResult:
    """Chart patterns go from forming to complete to their end, and nothing comes after it."""
    version = required(dataset.derivation, dataset.name).version
    frame = scope.store.database.read(
        statement("patterns/lives_to_check"), (scope.venues, *scope.window, version)
    )
    faults = ("after_the_end", "without_breakout", "wrong_when_complete")
    if scope.lightweight:
        return guard_frame("life", frame, {name: pl.col(name) > 0 for name in faults}, severity=ERROR)
    return none_but_zero("life", frame, faults)


def _warm_up_charts(candles: pl.DataFrame, timeframe: str) -> None:
    batch.detect(candles, timeframe)
    batch.pivots(candles, timeframe)
    state = ChartState.warm(candles.head(-1), timeframe)
    state.update(Bar.of(candles.row(-1, named=True)))
    state.open_patterns()


CANDLESTICK_PATTERNS: Final = Dataset(
    name="candlestick_patterns",
    description="TA-Lib's 61 candlestick patterns from 1m to 1w, each at its last candle, at whose close it "
    "was known.\n\n"
    "What they are and whom they favour is in `candlestick_pattern_definitions`; a confirmation is a row of "
    "its own. A row says that the shape was there, not that it works: that is for `pattern_performance`.",
    group=GROUP,
    tables=[CANDLESTICK_PATTERN_EVENTS],
    relations=["candlestick_pattern_definitions"],
    reads=BARS,
    versions=[candlestick.LOGIC_VERSION],
    derivation=CANDLESTICKS,
    prepare=store_candlestick_definitions,
    show=_candlesticks_shown,
    rules=RuleSet(
        known=("known_at", "began_at", "unbroken"),
        between={
            **AT_CLOSE,
            "strength": (-candlestick.CONFIRMATION, candlestick.CONFIRMATION),
            "candles": (1, 5),
        },
        ordered=(("began_at", "ts"),),
        among={"pattern": tuple(CATALOGUE), "direction": DIRECTIONS},
    ),
    checks=[
        rules("Patterns and directions by name, strengths from -200 to 200, known at the close."),
        complete(
            "Every closed bar was looked at, and every pattern is at a bar.", coverage="patterns/coverage"
        ),
        no_look_ahead("Bars computed again as if the last were the newest show the patterns stored."),
    ],
)
CHART_PATTERNS: Final = Dataset(
    name="chart_patterns",
    description="The lives of chart patterns from 1m to 1w: forming, complete, then target met, failed or "
    "expired.\n\n"
    "Head and shoulders, double and triple tops and bottoms, triangles, rectangles, channels, flags, "
    "pennants, cups with handles: each with pivots, lines, breakout level, target and invalidation, as known "
    "at its bar.",
    group=GROUP,
    tables=[CHART_PATTERN_EVENTS],
    reads=BARS,
    versions=[definitions.LOGIC_VERSION],
    derivation=CHARTS,
    prepare=store_chart_definitions,
    show=_charts_shown,
    rules=RuleSet(
        known=("known_at", "breakout_level", "lines", "detail"),
        between={
            **AT_CLOSE,
            **{"completion": (0.0, 100.0), "quality": (0.0, 1.0)},
            **dict.fromkeys(("height", "atr", "scale"), (0.0, None)),
            **dict.fromkeys(("volume_ratio", "volume_trend"), (0.0, None)),
        },
        among={
            "pattern": tuple(definitions.CHART_CATALOGUE),
            "direction": DIRECTIONS,
            "stage": definitions.STAGES[1:],
        },
    ),
    checks=[
        rules("Patterns, stages, directions by name, completion and quality in range, known at the close."),
        complete(
            "Every closed bar was looked at, and every event is at a bar.", coverage="patterns/coverage"
        ),
        Check(
            "life",
            "Patterns form, break out before they are wrong, and end: once each, in this order.",
            _check_life,
        ),
        no_look_ahead("Bars computed again as if the last were the newest show the events stored."),
    ],
    warm_up=_warm_up_charts,
)
DATASETS: Final = (CANDLESTICK_PATTERNS, CHART_PATTERNS)
