"""How sure a pattern is, and why: confidence, reliability and the boosted score, factor by factor. Pure.

Each factor is within 0..1 and stored beside its weight and its coverage (the share of its parts that are
known). With d = 1 for a bullish and -1 for a bearish pattern and clip() into 0..1:

volume (30): clip((volume ratio - 0.5) / (2 - 0.5)); the ratio is to the mean of the 20 bars before.
trend (25): the mean of two parts. Own timeframe: (1 + d trend) / 2 for breakouts and continuations, for
    reversals (1 - d trend) / 2, as they need something to reverse; unknown for other natures. Next higher
    timeframe: (1 + d trend) / 2. `trend` is within -1..1, see `context.signed_trend`.
context (20): the mean of four parts. Volatility: 1 - |2 percentile - 1|, neither dead nor wild. Liquidity:
    its percentile. Market: (1 + d market trend) / 2. Sentiment: (1 + d sentiment) / 2.
history (15): clip(0.5 + excess / (2 x 0.2)), where the excess is the shrunk success rate less its base rate,
    both of the present regime (`success`): 0.5 is no better than usual there.
convergence (10): clip((sum of the multipliers of the consecutive timeframes that lean d, the pattern's own
    counted unless it leans -d, less those of the timeframes that lean -d) / 3). No run goes through an own
    timeframe that leans -d: 0. 0 also where a higher timeframe overrides it (`confluence`).

Confidence = 100 x sum(weight x coverage x factor) / sum(weight x coverage); its coverage is
sum(weight x coverage) / sum(weight). What is not known moves no score and lowers the coverage; below
`least_coverage` there is no level. Neutral patterns have no d: trend, market, sentiment, history and
convergence are unknown for them.

Reliability, by the same rule: technical (40) strength / 100, historical (30) as history, market (20) the mean
of trend and context, volume (10) as volume.

Boosted score = min(strength + boosts, 100): volume 30 x clip((ratio - 1) / (2 - 1)), price 20 x clip(d change
/ ATR), timeframe 30 x convergence. Strong above 80, medium from 60, else weak. A boost that is not known
adds nothing, and its coverage says so.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import polars as pl

from alphapulse_assets.patterns.evaluation.success import SUCCESS_SCHEMA
from alphapulse_assets.patterns.events.arrays import arrays
from alphapulse_assets.patterns.events.configuration import (
    ASPECTS,
    DEFAULT,
    FACTORS,
    LEVELS,
    PatternConfiguration,
)
from alphapulse_assets.patterns.events.kernels import Floats
from alphapulse_assets.patterns.events.model import DAILY_DELAY, PATTERN_EVENT_SCHEMA, PatternEvent, ordered
from alphapulse_assets.patterns.scoring.confluence import Leaning
from alphapulse_assets.patterns.scoring.context import NUMBERS
from alphapulse_assets.patterns.scoring.kernels import (
    AGAINST_TREND,
    ASPECT,
    ASPECT_COVERAGE,
    BOOST,
    BOOST_COVERAGE,
    BOOSTED,
    CONFIDENCE,
    COVERAGE,
    FACTOR,
    FACTOR_COVERAGE,
    RELIABILITY,
    RELIABILITY_COVERAGE,
    SCORES,
    UNKNOWN_NATURE,
    WITH_TREND,
    Subjects,
    limits,
    score,
)

LOGIC_VERSION: Final = 2
"""Bumped whenever the same inputs and configuration would give other scores."""

NATURES: Final = {
    "breakout": WITH_TREND,
    "continuation": WITH_TREND,
    "reversal": AGAINST_TREND,
    "indecision": UNKNOWN_NATURE,
    None: UNKNOWN_NATURE,
}
"""How the trend of its own timeframe should be for a pattern."""

BOOSTS: Final = ("volume", "price", "timeframe")

SCORE_COLUMNS: Final[dict[str, int]] = {
    **{name: FACTOR + i for i, name in enumerate(FACTORS)},
    **{f"{name}_coverage": FACTOR_COVERAGE + i for i, name in enumerate(FACTORS)},
    "confidence": CONFIDENCE,
    "coverage": COVERAGE,
    **{f"aspect_{name}": ASPECT + i for i, name in enumerate(ASPECTS)},
    **{f"aspect_{name}_coverage": ASPECT_COVERAGE + i for i, name in enumerate(ASPECTS)},
    "reliability": RELIABILITY,
    "reliability_coverage": RELIABILITY_COVERAGE,
    **{f"boost_{name}": BOOST + i for i, name in enumerate(BOOSTS)},
    "boosted": BOOSTED,
    "boosted_coverage": BOOST_COVERAGE,
}
"""Every number a row tells, by its column in the kernel's scores."""

CONFIDENCE_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "timeframe": pl.String(),
        "ts": pl.Datetime("us", "UTC"),
        "known_at": pl.Datetime("us", "UTC"),
        "family": pl.String(),
        "pattern": pl.String(),
        "direction": pl.String(),
        "stage": pl.String(),
        "reference": pl.String(),
        **{name: pl.Float64() for name in SCORE_COLUMNS},
        **{f"{name}_weight": pl.Float64() for name in FACTORS},
        **{f"aspect_{name}_weight": pl.Float64() for name in ASPECTS},
        "level": pl.String(),  # very low, low, medium, high, extreme; null below the least coverage
        "reliability_level": pl.String(),
        "boosted_level": pl.String(),  # weak, medium, strong
        "history_as_of": pl.Datetime("us", "UTC"),  # null where no history was known
        "configuration_version": pl.Int64(),
        "logic_version": pl.Int64(),
    }
)
"""A row per event; factors and coverages 0..1, scores 0..100, null where nothing is known of them."""

_EVENT: Final = CONFIDENCE_SCHEMA.names()[:9]


def confidence(
    events: pl.DataFrame,
    context: pl.DataFrame,
    success: pl.DataFrame | None = None,
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """CONFIDENCE_SCHEMA of one instrument's events, in their order (`events.ORDER`).

    Args:
        events: PATTERN_EVENT_SCHEMA of all timeframes, from `confluence.frame_start` on; those before the
            rows that are wanted only speak for the convergence. Filter the result by `known_at`.
        context: CONTEXT_SCHEMA of all timeframes; an event without a row there knows none of it.
        success: SUCCESS_SCHEMA as of any number of times; an event takes the last one at or before its
            `known_at`, and of that what was known of its pattern.
        configuration: weights and thresholds.

    Raises:
        ValueError: as `events.ordered`, or a bar with two rows of context.
    """
    rows = ordered(events).select(PATTERN_EVENT_SCHEMA.names())
    found = arrays(rows, configuration.confluence)
    leaning = Leaning(found, configuration)
    if context.select("timeframe", "ts").is_duplicated().any():
        raise ValueError("a bar has two rows of context; they must be of one instrument")
    beside = rows.join(context, on=["timeframe", "ts"], how="left", maintain_order="left")
    history = _history(beside, success)
    scores = np.empty((rows.height, SCORES))
    subjects = Subjects(
        place=found.place,
        sign=found.sign,
        nature=rows["nature"].replace_strict(NATURES, return_dtype=pl.Int64).to_numpy(),
        strength=found.strength,
        atr=_floats(rows, ["atr"])[:, 0],
        context=_floats(beside, NUMBERS),
        excess=_floats(history, ["excess"])[:, 0],
        group=leaning.group,
        stances=leaning.stances,
    )
    score(subjects, limits(configuration), scores)
    return _frame(rows, scores, history["as_of"], configuration)


def level(score: float | None, coverage: float, configuration: PatternConfiguration) -> str | None:
    """The name of a confidence or reliability; None where too little is known."""
    rules = configuration.confidence
    if score is None or coverage < rules.least_coverage:
        return None
    return LEVELS[sum(score >= bound for bound in rules.levels)]


def confidence_row(
    event: PatternEvent, scores: Sequence[float], as_of: datetime | None, configuration: PatternConfiguration
) -> dict[str, Any]:
    """One event's scores (a row of the kernel's) as a row of CONFIDENCE_SCHEMA."""
    known = {name: None if math.isnan(scores[at]) else scores[at] for name, at in SCORE_COLUMNS.items()}
    boosts = configuration.boosts
    boosted = scores[BOOSTED]
    return {
        **{name: getattr(event, name) for name in _EVENT},
        **known,
        **_weights(configuration),
        "level": level(known["confidence"], scores[COVERAGE], configuration),
        "reliability_level": level(known["reliability"], scores[RELIABILITY_COVERAGE], configuration),
        "boosted_level": (
            "strong" if boosted > boosts.strong else "medium" if boosted >= boosts.medium else "weak"
        ),
        "history_as_of": as_of,
        "configuration_version": configuration.version,
        "logic_version": LOGIC_VERSION,
    }


def _weights(configuration: PatternConfiguration) -> dict[str, float]:
    factors = zip(FACTORS, configuration.confidence.weights, strict=True)
    aspects = zip(ASPECTS, configuration.reliability.weights, strict=True)
    return {
        **{f"{name}_weight": weight for name, weight in factors},
        **{f"aspect_{name}_weight": weight for name, weight in aspects},
    }


def _history(beside: pl.DataFrame, success: pl.DataFrame | None) -> pl.DataFrame:
    """`excess` and `as_of` for each event: of its regime, else of all regimes."""
    known = pl.DataFrame(schema=SUCCESS_SCHEMA) if success is None else success
    keys = ["as_of", "timeframe", "family", "pattern", "direction"]
    times = known.select("as_of").unique().sort("as_of")
    timed = beside.select(*keys[1:], "known_at", "regime").join_asof(
        times.with_columns((pl.col("as_of") + DAILY_DELAY).alias("known_at")),
        on="known_at",
        strategy="backward",
    )
    whole = known.filter(pl.col("regime").is_null()).select(*keys, "excess")
    part = known.drop_nulls("regime").select(*keys, "regime", pl.col("excess").alias("excess_in_regime"))
    return (
        timed.join(whole, on=keys, how="left", maintain_order="left")
        .join(part, on=[*keys, "regime"], how="left", maintain_order="left")
        .select(pl.coalesce("excess_in_regime", "excess").alias("excess"), "as_of")
    )


def _floats(table: pl.DataFrame, names: list[str]) -> Floats:
    """Columns as one array, null as NaN."""
    filled = table.select(pl.col(name).cast(pl.Float64).fill_null(float("nan")) for name in names)
    return np.ascontiguousarray(filled.to_numpy(), dtype=np.float64)


def _frame(
    rows: pl.DataFrame, scores: Floats, as_of: pl.Series, configuration: PatternConfiguration
) -> pl.DataFrame:
    boosts = configuration.boosts
    boosted = (
        pl.when(pl.col("boosted") > boosts.strong)
        .then(pl.lit("strong"))
        .when(pl.col("boosted") >= boosts.medium)
        .then(pl.lit("medium"))
        .otherwise(pl.lit("weak"))
    )
    return (
        rows.with_columns(
            *(pl.Series(name, scores[:, at], nan_to_null=True) for name, at in SCORE_COLUMNS.items()),
            *(
                pl.lit(weight, dtype=pl.Float64).alias(name)
                for name, weight in _weights(configuration).items()
            ),
            as_of.alias("history_as_of"),
            pl.lit(configuration.version, dtype=pl.Int64).alias("configuration_version"),
            pl.lit(LOGIC_VERSION, dtype=pl.Int64).alias("logic_version"),
        )
        .with_columns(
            _level("confidence", "coverage", configuration).alias("level"),
            _level("reliability", "reliability_coverage", configuration).alias("reliability_level"),
            boosted.alias("boosted_level"),
        )
        .select(CONFIDENCE_SCHEMA.names())
        .match_to_schema(CONFIDENCE_SCHEMA)
    )


def _level(name: str, coverage: str, configuration: PatternConfiguration) -> pl.Expr:
    """`level` for frames."""
    rules = configuration.confidence
    reached = pl.sum_horizontal((pl.col(name) >= bound).cast(pl.Int64) for bound in rules.levels)
    known = pl.col(name).is_not_null() & (pl.col(coverage) >= rules.least_coverage)
    return pl.when(known).then(reached.replace_strict(dict(enumerate(LEVELS)), return_dtype=pl.String()))
