"""Confidence, reliability and boosts of events in numbers: machine code, pure; NaN is what is not known.

The formulas are told in `confidence`. A factor is the mean of its parts; its coverage is the share of its
parts that are known. Scores are means weighted by weight x coverage, so what is missing moves no score.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from alphapulse_assets.core.numba_cache import compiled
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.kernels import Floats, Integers, convergence

# columns of the context
VOLUME_RATIO: Final = 0
CHANGE: Final = 1
TREND: Final = 2
HIGHER_TREND: Final = 3
VOLATILITY: Final = 4
LIQUIDITY: Final = 5
MARKET_TREND: Final = 6
SENTIMENT: Final = 7
CONTEXTS: Final = 8

# columns of the scores: five factors, their coverages, and so on
FACTOR: Final = 0
FACTOR_COVERAGE: Final = 5
CONFIDENCE: Final = 10
COVERAGE: Final = 11
ASPECT: Final = 12
ASPECT_COVERAGE: Final = 16
RELIABILITY: Final = 20
RELIABILITY_COVERAGE: Final = 21
BOOST: Final = 22  # volume, price, timeframe
BOOSTED: Final = 25
BOOST_COVERAGE: Final = 26
SCORES: Final = 27

UNKNOWN_NATURE: Final = 0
WITH_TREND: Final = 1
AGAINST_TREND: Final = -1


class Subjects(NamedTuple):
    """What is scored, one entry per event."""

    place: Integers  # in the hierarchy of timeframes
    sign: Integers
    nature: Integers  # WITH_TREND, AGAINST_TREND or UNKNOWN_NATURE
    strength: Floats
    atr: Floats
    context: Floats  # (events, CONTEXTS)
    excess: Floats  # success rate above its base rate
    group: Integers  # row of the stances
    stances: Integers  # (moments, timeframes)


class Limits(NamedTuple):
    """The configuration as the kernel reads it."""

    weights: Floats
    aspects: Floats
    boosts: Floats
    multipliers: Floats
    volume_none: float
    volume_full: float
    history_full: float
    price_full: float
    cap: float
    run_full: float


def limits(configuration: PatternConfiguration) -> Limits:
    """The numbers of a configuration."""
    confidence, boosts = configuration.confidence, configuration.boosts
    return Limits(
        weights=np.array(confidence.weights),
        aspects=np.array(configuration.reliability.weights),
        boosts=np.array((boosts.volume, boosts.price, boosts.timeframe)),
        multipliers=np.array(configuration.confluence.multipliers),
        volume_none=confidence.volume_none,
        volume_full=confidence.volume_full,
        history_full=confidence.history_full,
        price_full=boosts.price_full,
        cap=boosts.cap,
        run_full=float(configuration.confluence.strong),
    )


@compiled
def _unit(value: float) -> float:
    """Into 0..1; NaN stays."""
    if value < 0.0:
        return 0.0
    return 1.0 if value > 1.0 else value


@compiled
def _mean_known(parts: Floats) -> tuple[float, float]:
    """The mean of those that are known, and the share that is."""
    total, known = 0.0, 0
    for part in parts:
        if not math.isnan(part):
            total += part
            known += 1
    return (total / known if known else math.nan), known / len(parts)


@compiled
def _weighted(values: Floats, coverages: Floats, weights: Floats) -> tuple[float, float]:
    """The mean of the known values (times 100) by weight x coverage, and the share of weights there."""
    total, there, everything = 0.0, 0.0, 0.0
    for i in range(len(weights)):
        everything += weights[i]
        if coverages[i] > 0:
            total += weights[i] * coverages[i] * values[i]
            there += weights[i] * coverages[i]
    # rounding of the mean must not leave 0..100
    score = min(max(100.0 * (total / there), 0.0), 100.0) if there > 0 else math.nan
    return score, min(there / everything, 1.0)


@compiled
def _aligned(sign: float, lean: float) -> float:
    """How far a direction goes with a lean within -1..1; NaN without a direction."""
    return _unit((1.0 + sign * lean) / 2.0) if sign != 0 else math.nan


@compiled
def _set_factors(subject: Subjects, i: int, limits: Limits, parts: Floats, out: Floats) -> None:
    context, sign = subject.context[i], subject.sign[i]
    ratio = context[VOLUME_RATIO]
    parts[0] = _unit((ratio - limits.volume_none) / (limits.volume_full - limits.volume_none))
    out[FACTOR], out[FACTOR_COVERAGE] = _mean_known(parts[:1])

    parts[0] = math.nan
    if subject.nature[i] != UNKNOWN_NATURE:
        parts[0] = _aligned(sign * subject.nature[i], context[TREND])
    parts[1] = _aligned(sign, context[HIGHER_TREND])
    out[FACTOR + 1], out[FACTOR_COVERAGE + 1] = _mean_known(parts[:2])

    parts[0] = _unit(1.0 - abs(2.0 * context[VOLATILITY] - 1.0))
    parts[1] = _unit(context[LIQUIDITY])
    parts[2] = _aligned(sign, context[MARKET_TREND])
    parts[3] = _aligned(sign, context[SENTIMENT])
    out[FACTOR + 2], out[FACTOR_COVERAGE + 2] = _mean_known(parts)

    parts[0] = _unit(0.5 + subject.excess[i] / (2.0 * limits.history_full)) if sign != 0 else math.nan
    out[FACTOR + 3], out[FACTOR_COVERAGE + 3] = _mean_known(parts[:1])

    parts[0] = math.nan
    if sign != 0:
        stance = subject.stances[subject.group[i]]
        parts[0] = convergence(stance, subject.place[i], sign, limits.multipliers, limits.run_full)
    out[FACTOR + 4], out[FACTOR_COVERAGE + 4] = _mean_known(parts[:1])


@compiled
def _set_aspects(strength: float, limits: Limits, out: Floats) -> None:
    out[ASPECT], out[ASPECT_COVERAGE] = strength / 100.0, 1.0
    out[ASPECT + 1], out[ASPECT_COVERAGE + 1] = out[FACTOR + 3], out[FACTOR_COVERAGE + 3]
    # trend and context, each as far as it is known
    out[ASPECT + 2], out[ASPECT_COVERAGE + 2] = _mean_known(out[FACTOR + 1 : FACTOR + 3])
    out[ASPECT_COVERAGE + 2] = (out[FACTOR_COVERAGE + 1] + out[FACTOR_COVERAGE + 2]) / 2.0
    out[ASPECT + 3], out[ASPECT_COVERAGE + 3] = out[FACTOR], out[FACTOR_COVERAGE]
    out[RELIABILITY], out[RELIABILITY_COVERAGE] = _weighted(
        out[ASPECT : ASPECT + 4], out[ASPECT_COVERAGE : ASPECT_COVERAGE + 4], limits.aspects
    )


@compiled
def _set_boosts(subject: Subjects, i: int, limits: Limits, parts: Floats, out: Floats) -> None:
    context, sign = subject.context[i], subject.sign[i]
    parts[0] = _unit((context[VOLUME_RATIO] - 1.0) / (limits.volume_full - 1.0))
    parts[1] = math.nan
    if sign != 0:
        parts[1] = _unit(sign * context[CHANGE] / subject.atr[i] / limits.price_full)
    parts[2] = out[FACTOR + 4]
    score, there, everything = subject.strength[i], 0.0, 0.0
    for k in range(3):
        out[BOOST + k] = limits.boosts[k] * parts[k]
        everything += limits.boosts[k]
        if not math.isnan(parts[k]):
            score += out[BOOST + k]
            there += limits.boosts[k]
    out[BOOSTED] = min(score, limits.cap)
    out[BOOST_COVERAGE] = there / everything if everything > 0 else 0.0


@compiled
def score(subject: Subjects, limits: Limits, scores: Floats) -> None:
    """Score every event.

    Args:
        subject: what is known of the events, an array each.
        limits: weights and thresholds.
        scores: shape (events, SCORES), written.
    """
    parts = np.empty(4)
    for i in range(len(subject.place)):
        out = scores[i]
        _set_factors(subject, i, limits, parts, out)
        out[CONFIDENCE], out[COVERAGE] = _weighted(
            out[FACTOR : FACTOR + 5], out[FACTOR_COVERAGE : FACTOR_COVERAGE + 5], limits.weights
        )
        _set_aspects(subject.strength[i], limits, out)
        _set_boosts(subject, i, limits, parts, out)
