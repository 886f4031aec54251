"""Confidence, confluence and signals as data sets: how sure patterns are, and what to do about them."""

from typing import Final

import polars as pl

from alphapulse_assets.datasets.dataset import NO_LOOK_AHEAD, Check, Dataset
from alphapulse_assets.datasets.derived_assets import BARS
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.indicators.registry import registry_version
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.chart import batch as chart_batch
from alphapulse_assets.patterns.chart import definitions as chart
from alphapulse_assets.patterns.evaluation import success
from alphapulse_assets.patterns.events.adapters import chart_events
from alphapulse_assets.patterns.events.configuration import FACTORS, LEVELS
from alphapulse_assets.patterns.events.model import (
    FAMILIES,
    PATTERN_TIMEFRAMES,
    STAGES,
    PatternEvent,
)
from alphapulse_assets.patterns.scoring import confidence, confluence, context
from alphapulse_assets.patterns.signals import batch as signals
from alphapulse_assets.patterns.signals import checks
from alphapulse_assets.patterns.signals.checks import ROUNDING, SINGLE, scores_hold
from alphapulse_assets.patterns.signals.decision import LIMITS
from alphapulse_assets.patterns.signals.state import SignalState
from alphapulse_assets.patterns.signals.tables import (
    PATTERN_CONFIDENCES,
    PATTERN_CONFLUENCES,
    PATTERN_RELATIONSHIPS,
    SIGNAL_EVENTS,
)
from alphapulse_assets.regime import batch as regimes
from alphapulse_assets.regime import rules
from alphapulse_assets.volume import definitions as volume

_EVENTS: Final = (candlestick.LOGIC_VERSION, chart.LOGIC_VERSION, volume.LOGIC_VERSION, registry_version())
_SURE: Final = (
    *(confidence.LOGIC_VERSION, context.LOGIC_VERSION, success.LOGIC_VERSION),
    *(confluence.LOGIC_VERSION, rules.LOGIC_VERSION, *_EVENTS),
)
_PATTERNS: Final = ("candlestick_patterns", "chart_patterns", "volume_patterns")
_ZERO: Final = (0.0, 0.0)
_SHARE: Final = (0.0, 1.0)
_SCORE: Final = (0.0, 100.0)
_WEIGHTS: Final = (100.0 - ROUNDING, 100.0 + ROUNDING)


def _warm_up(candles: pl.DataFrame, timeframe: str) -> None:
    """All that scores patterns, over the chart patterns of the candles; then a live state goes on from it."""
    values = indicators.compute(candles, timeframe)
    regime = regimes.compute(candles, values, timeframe)
    events = chart_events(chart_batch.detect(candles, timeframe), candles, values, timeframe, 0)
    sure = confidence.confidence(events, context.context(timeframe, candles, {timeframe: regime}))
    confluence.confluence(events)
    signals.signals(events, sure)
    last = events["known_at"][-1]
    state = SignalState.warm(events.filter(pl.col("known_at") < last), sure.filter(pl.col("known_at") < last))
    newest = events.filter(pl.col("known_at") == last)
    state.update([PatternEvent.of(row) for row in newest.iter_rows(named=True)], {})


PATTERN_CONFIDENCE: Final = Dataset(
    name="pattern_confidence",
    description="How sure each pattern is, and why: confidence, reliability and the boosted score of every "
    "event (flags are none) at the moment it was known, each factor beside its weight and its coverage.",
    group="patterns",
    tables=[PATTERN_CONFIDENCES],
    reads=[*_PATTERNS, "market_regime", "indicators", "pattern_performance", *BARS],
    versions=_SURE,
    rules=RuleSet(
        known=("strength", "weights"),
        between={
            **dict.fromkeys(("confidence", "strength"), _SCORE),
            **dict.fromkeys(FACTORS, _SHARE),
            **{"stage_id": (0, len(STAGES) - 1), "level_id": (0, len(LEVELS) - 1), "sign": (-1, 1)},
            **{"trend_parts": (0, 2), "context_parts": (0, 4), "parts_without_factor": _ZERO},
            **dict.fromkeys(("boost_volume", "boost_price"), (0.0, None)),
            **dict.fromkeys(("weights", "aspect_weights"), _WEIGHTS),
            **{"confidence_error": (0.0, SINGLE), "wrong_level": _ZERO, "history_from_the_future": _ZERO},
        },
        among={"family": FAMILIES},
    ),
    checks=[
        scores_hold(
            "Factors from 0 to 1, weights that sum to 100, each confidence the weighted sum of its stored "
            "factors, levels that fit, no history from the future.",
        ),
        Check(
            "complete",
            "Every pattern event has its confidence, and every confidence its event; flags have none.",
            checks.complete,
        ),
    ],
)
PATTERN_CONFLUENCE: Final = Dataset(
    name="pattern_confluence",
    description="Where timeframes lean, how many consecutive ones lean alike, and which patterns confirm, "
    "contradict or override each other (pattern_relationships).",
    group="patterns",
    tables=[PATTERN_CONFLUENCES, PATTERN_RELATIONSHIPS],
    reads=_PATTERNS,
    versions=[confluence.LOGIC_VERSION, *_EVENTS],
    rules=RuleSet(
        known=("kind_id", "family"),
        between={
            **{"run": (1, len(PATTERN_TIMEFRAMES)), "grade_id": (1, 3), "sign": (-1, 1)},
            **dict.fromkeys(("confirming", "contradicting"), (0, len(PATTERN_TIMEFRAMES) - 1)),
            "convergence": _SHARE,
            **dict.fromkeys(("overridden_yet_converging", "run_longer_than_confirmed"), _ZERO),
            **dict.fromkeys(("relationships_missing", "from_the_future"), _ZERO),
        },
        among={"family": FAMILIES},
    ),
    checks=[
        scores_hold(
            "Directions and grades in range, 1 to 7 timeframes, a relationship for each other timeframe of "
            "the run and for the one that overrides.",
        )
    ],
)
SIGNALS: Final = Dataset(
    name="signals",
    layer="signals",
    description="Buy and sell signals from patterns that are sure enough, with entry, stop, target, size and "
    "every reason. Sizes are for the configured equity; no signal is advice: whether patterns work is for "
    "pattern_performance to tell.",
    group="signals",
    tables=[SIGNAL_EVENTS],
    reads=["pattern_confidence", "pattern_confluence"],
    reads_before=False,
    versions=[signals.LOGIC_VERSION, *_SURE],
    rules=RuleSet(
        known=("known_at", "entry", "trigger", "reasons"),
        between={
            **{"score": (-100.0, 100.0), "net": (-1.0, 1.0), "confidence": _SCORE, "patterns": (0, None)},
            "evidence": (0, None),
            **dict.fromkeys(("entry", "atr", "stop", "target", "size", "notional", "risk"), (0.0, None)),
            **dict.fromkeys(("off_close", "wrong_side", "too_weak", "without_reasons"), _ZERO),
            **dict.fromkeys(("overridden_yet_signalling", "neutral_with_a_plan", "endless"), _ZERO),
            **dict.fromkeys(("stop_on_the_wrong_side", "target_on_the_wrong_side"), _ZERO),
            **dict.fromkeys(("score_error", "risk_error"), (0.0, ROUNDING)),
            **dict.fromkeys(("risk_atr_error", "reward_error"), (0.0, ROUNDING)),
            **dict.fromkeys(("stop_too_near", "stop_too_far", "out_of_reach", "off_the_tick"), _ZERO),
            **dict.fromkeys(("stronger_than_it_may_be", "weak_yet_sized"), _ZERO),
            "less_risk_without_reason": _ZERO,
            **dict.fromkeys(("share_of_risk", "share_of_cap"), (0.0, 1.0 + ROUNDING)),
        },
        ordered=(("known_at", "expires_at"),),
        among={
            "signal": tuple(signals.SIGNALS.values()),
            "risk_limited_by": tuple(name for name in LIMITS if name),
        },
    ),
    checks=[
        scores_hold(
            "Scores that fit their names, stop and target on their sides and the tick, neither too near nor "
            "out of reach, a loss at the stop within the risk allowed or a reason why less, a position "
            "within its cap, neutral where overridden, weak where little confirms, reasons for each.",
        ),
        Check(
            NO_LOOK_AHEAD,
            "Moments computed again from nothing known later have the rows that are stored.",
            checks.no_look_ahead,
        ),
    ],
    warm_up=_warm_up,
)
DATASETS: Final = (PATTERN_CONFIDENCE, PATTERN_CONFLUENCE, SIGNALS)
"""Computed together: one pass over the events gives all three."""
