"""What came of patterns, as data sets: the outcomes of each, and how the patterns did."""

from datetime import datetime
from itertools import pairwise
from typing import Final

import polars as pl

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.datasets.dataset import REFRESH_REACTIONS_JOB, Check, Dataset
from alphapulse_assets.datasets.derivation import Derivation
from alphapulse_assets.datasets.derived_assets import BARS
from alphapulse_assets.datasets.derived_checks import complete, no_look_ahead
from alphapulse_assets.datasets.derived_checks import rules as rules_check
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.indicators.dataset import DERIVATION as INDICATORS
from alphapulse_assets.indicators.registry import registry_version
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.chart import batch as chart_batch
from alphapulse_assets.patterns.chart import definitions as chart
from alphapulse_assets.patterns.dataset import CANDLESTICKS, CHARTS, GROUP
from alphapulse_assets.patterns.evaluation import checks, outcomes, performance, success
from alphapulse_assets.patterns.evaluation.stored_outcomes import (
    OUTCOMES,
    PERFORMANCE_STATS,
    SUCCESS_RATES,
    known_rows,
    outcome_rows,
)
from alphapulse_assets.patterns.events.adapters import chart_events
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.model import FAMILIES
from alphapulse_assets.patterns.events.stored import read_events
from alphapulse_assets.regime import rules
from alphapulse_assets.regime.dataset import DERIVATION as REGIMES
from alphapulse_assets.volume import definitions as volume
from alphapulse_assets.volume.dataset import VOLUME_DERIVATION
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, BarReader, DerivedStore

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
        outcomes.measure(events.join(regimes, on="ts", how="left", maintain_order="left"), candles, timeframe)
    )


def until(bars: BarReader, bar: datetime) -> datetime:
    """As far as anything that outcomes are made of depends on a bar."""
    return max(each.until(bars, bar) for each in _MADE_OF)


def since(bars: BarReader, bar: datetime) -> datetime:
    """The first bar whose longest horizon reaches this one."""
    before = bars.before(bar, LONGEST)
    return before["ts"][0] if before.height else bar


OUTCOME_DERIVATION: Final = Derivation(
    "pattern_outcomes", OUTCOMES, outcomes.LOGIC_VERSION, rows, until, since=since, known=known_rows
)


def _warm_up(candles: pl.DataFrame, timeframe: str) -> None:
    values = indicators.compute(candles, timeframe)
    events = chart_events(chart_batch.detect(candles, timeframe), candles, values, timeframe, 0)
    outcomes.outcomes(events, candles, timeframe)


PATTERN_OUTCOMES: Final = Dataset(
    name="pattern_outcomes",
    layer="outcomes",
    description="What price did 1 to 50 bars after each confirmed pattern: return, farthest for and against "
    "it, and whether its target or its invalidation was touched first.\n\n"
    "A row a pattern, whose columns fill in as its horizons end. A run also writes what the days of its "
    "partitions made known of the patterns before them. Flags (neutral candlestick and volume patterns) have "
    "none.",
    group=GROUP,
    tables=[OUTCOMES],
    reads=[
        *("candlestick_patterns", "chart_patterns", "volume_patterns", "indicators", "market_regime"),
        *BARS,
    ],
    versions=_VERSIONS,
    derivation=OUTCOME_DERIVATION,
    refreshed_by=REFRESH_REACTIONS_JOB,
    rules=RuleSet(
        known=("entry", "has_levels", f"return_{outcomes.HORIZONS[0]}"),
        between={
            "entry": (0.0, None),
            **dict.fromkeys(
                (f"{name}_{bars}" for name in ("favourable", "adverse") for bars in outcomes.HORIZONS),
                (0.0, None),
            ),
            **dict.fromkeys(("atr", "target_pct", "invalidation_pct"), (0.0, None)),
            **dict.fromkeys(("sign", "regime_sign", "touch"), (-1, 1)),
            "touch_bars": (1, LONGEST),
        },
        ordered=tuple(
            (f"{name}_{shorter}", f"{name}_{longer}")
            for name in ("favourable", "adverse")
            for shorter, longer in pairwise(outcomes.HORIZONS)
        ),
        among={"family": FAMILIES},
    ),
    checks=[
        rules_check(
            "Families by name, directions, regimes and touches in range, excursions that only grow.",
            checks.rows_to_check,
        ),
        complete(
            "Every confirmed pattern has its outcome, and every outcome its pattern.",
            coverage="patterns/outcome_coverage",
        ),
        no_look_ahead("Outcomes computed again as if a bar were the newest are those known at its close."),
        Check(
            "measured",
            "Some outcomes held against the candles in SQL: known at the close of the bar at the "
            "horizon, not before it is over, with the return up to it.",
            checks.measured,
        ),
    ],
    warm_up=_warm_up,
)
PATTERN_PERFORMANCE: Final = Dataset(
    name="pattern_performance",
    layer="statistics",
    description="How often patterns are right, with intervals, beside what the same patterns achieve on "
    "random walks.\n\n"
    "Of all symbols together, tracked or imported, whatever the partition's venue; the same market under two "
    "names counts once. Rates of success are written as of the end of each day of the run, in the job "
    "refresh_reactions also of earlier days whose outcomes changed, performance as of the end of the last. "
    "Scores that were made with other rates are due anew.",
    group=GROUP,
    tables=[PERFORMANCE_STATS, SUCCESS_RATES],
    reads=["pattern_outcomes"],
    versions=[performance.LOGIC_VERSION, success.LOGIC_VERSION, *_VERSIONS],
    refreshed_by=REFRESH_REACTIONS_JOB,
    rules=RuleSet(
        known=("hit_rate", "base_rate", "shrunk_rate", "verdict", "hints"),
        between={
            **dict.fromkeys(("hit_rate", "base_rate", "target_rate", "walk_rate", "ambiguous"), (0.0, 1.0)),
            **dict.fromkeys(("favourable_atr", "adverse_atr"), (0.0, None)),
            "clusters": (1, None),
        },
        ordered=(
            *(("hit_low", "hit_rate"), ("hit_rate", "hit_high"), ("walk_low", "walk_rate")),
            *(("walk_rate", "walk_high"), ("target_low", "target_rate"), ("target_rate", "target_high")),
            *(("mean_atr_low", "mean_atr_high"), ("median_atr_low", "median_atr_high")),
            *(("clusters", "n"), ("target_n", "n"), ("walk_clusters", "walk_n")),
        ),
        among={
            "family": FAMILIES,
            "direction": ("bearish", "bullish"),
            "regime": ("", "up", "down", "range"),
            **dict.fromkeys(
                ("verdict", "target_verdict"), (performance.NO_EDGE, performance.ABOVE, performance.BELOW)
            ),
        },
    ),
    checks=[
        Check(
            "rules",
            "Shares from 0 to 1 within their intervals, counts that fit together, verdicts by name.",
            checks.performance_rules,
            blocking=True,
        ),
        Check(
            "success_rules",
            "Rates of success from 0 to 1 within their intervals, counts that fit together.",
            checks.success_rules,
            blocking=True,
        ),
        Check(
            "recomputed",
            "Of each timeframe the rate of success with most outcomes is counted again, in SQL.",
            checks.recomputed,
        ),
    ],
)
DATASETS: Final = (PATTERN_OUTCOMES, PATTERN_PERFORMANCE)
