"""The plan of a signal: stop, target, size. Machine code and what it reads of patterns, pure.

*Stop*: the own one of the surest winning pattern of the timeframe (`own_stop`), a tick beyond its level
(Bulkowski: "a penny below the low"), at most 4 ATR behind the entry; nearer than one ATR it is set back to
there. Where none fits: 2 ATR. *Target*: that of the same pattern, else twice the risk; never farther than
the signal can expect to go while it lives (`SignalRules.reach`). *Size*: `sizing`, within what the symbol's
other signals that live leave of its budget, in whole lots.

A pattern of two levels has a reward/risk below 1 by arithmetic where its stop is its far side: reward is
height less overshoot, risk height and overshoot. Of double and triple tops and bottoms, rectangles and
channels the stop is therefore the middle: after a valid breakout the price should not come back deep into the
range, so that a stop between its middle and its far side is enough (Schwager, Technical Analysis, 1996,
"Choosing stop-loss points"). Where that is still more than the signal can reach it is weak and says so.
"""

import math
from typing import Final

import polars as pl

from alphapulse_assets.core.numba_cache import compiled
from alphapulse_assets.patterns.events.evidence import CHART
from alphapulse_assets.patterns.events.kernels import NOBODY, EventArrays, Floats, Integers
from alphapulse_assets.patterns.events.model import PatternEvent
from alphapulse_assets.patterns.signals.decision import (
    AGAINST,
    AGAINST_HIGHER,
    AT_REACH,
    ATR,
    BY_BUDGET,
    BY_CAP,
    BY_LOT,
    BY_MINIMUM,
    BY_REACH,
    BY_RULE,
    BY_WEAKNESS,
    CAPPED,
    ENTRY,
    EXPIRES,
    GRADE,
    LIMITED,
    NO_PLAN,
    NONE_FIT,
    NOTIONAL,
    PLACE,
    POOR,
    REMARKS,
    REWARD,
    RISK,
    RISK_ATR,
    SET_BACK,
    SIZE,
    STOP,
    STOP_FROM,
    TARGET,
    TARGET_FROM,
    Rules,
    Scored,
)
from alphapulse_assets.patterns.signals.life import AT_RISK, WORTH, at_stake, enter, opposite_above
from alphapulse_assets.patterns.signals.sizing import sized
from alphapulse_assets.patterns.signals.steps import Steps, on_step

HALFWAY: Final = (
    *("double_top", "double_bottom", "triple_top", "triple_bottom"),
    *("rectangle", "ascending_channel", "descending_channel"),
)
"""Chart patterns whose stop is their middle."""

_REMARKS: Final = {
    SET_BACK: "stop set back: the pattern's own is nearer than one may be",
    NONE_FIT: "stop by ATR: no pattern has a fit one",
    AT_REACH: "target at the reach of its life",
    POOR: "reward below the least",
    NO_PLAN: "no plan: no ATR, or a level that is no price",
    AGAINST_HIGHER: "against a live signal of a higher timeframe",
}
_HALF: Final = "stop at the middle of the pattern"


def own_stop(event: PatternEvent) -> float | None:
    """The stop that a pattern brings, before ticks; None where it brings none."""
    if event.family != CHART or event.pattern not in HALFWAY:
        return event.invalidation
    if event.breakout_level is None or event.invalidation is None:
        return None
    return (event.breakout_level + event.invalidation) / 2.0


def own_stop_column() -> pl.Expr:
    """`own_stop` of the rows of a frame (PATTERN_EVENT_SCHEMA)."""
    half = (pl.col("family") == CHART) & pl.col("pattern").is_in(HALFWAY)
    middle = (pl.col("breakout_level") + pl.col("invalidation")) / 2.0
    return pl.when(half).then(middle).otherwise("invalidation").alias("own_stop")


def remark_of(remarks: int, stop_from: str | None) -> str | None:
    """What is to be said of a plan, None where there is nothing."""
    told = [text for bit, text in _REMARKS.items() if remarks & bit]
    if stop_from in HALFWAY:
        told.insert(0, _HALF)
    return "; ".join(told) or None


@compiled
def life_of(events: EventArrays, reasons: Integers, place: int, sign: int) -> int:
    """When the last vote of a timeframe and direction stops to count."""
    last = 0
    for i in reasons:
        if events.place[i] == place and events.sign[i] == sign:
            last = max(last, events.expires[i])
    return last


@compiled
def _chosen(
    events: EventArrays, scored: Scored, reasons: Integers, sign: int, rules: Rules, out: Floats
) -> int:
    """The surest pattern of the timeframe whose own stop is fit, the first of equals, or BY_RULE."""
    found = BY_RULE
    for i in reasons:
        if events.place[i] != int(out[PLACE]) or events.sign[i] != sign:
            continue
        distance = sign * (out[ENTRY] - scored.stop[i])
        fit = 0.0 < distance <= rules.farthest_stop * out[ATR]
        if fit and (found == BY_RULE or scored.confidence[i] > scored.confidence[found]):
            found = i
    return found


@compiled
def set_levels(
    events: EventArrays,
    scored: Scored,
    reasons: Integers,
    sign: int,
    now: int,
    rules: Rules,
    steps: Steps,
    out: Floats,
) -> None:
    """Set stop, target and remarks of a decision whose entry, ATR, place and EXPIRES are there."""
    entry, atr, remarks = out[ENTRY], out[ATR], 0
    out[REMARKS] = NO_PLAN
    if not atr > 0:
        return
    by = _chosen(events, scored, reasons, sign, rules, out)
    nearest = entry - sign * rules.nearest_stop * atr
    target, aim = math.nan, BY_RULE
    if by == BY_RULE:
        stop, remarks = entry - sign * rules.stop_atr * atr, remarks | NONE_FIT
    else:
        stop = scored.stop[by] - sign * steps.tick
        if sign * (nearest - stop) < 0:
            stop, remarks = nearest, remarks | SET_BACK
        if sign * (scored.target[by] - entry) > 0:
            target, aim = scored.target[by], by
    stop = on_step(stop, steps.tick_units, steps.tick_scale, sign < 0)
    risk = sign * (entry - stop)
    if aim == BY_RULE:
        target = entry + sign * rules.reward * risk
    farthest = rules.reach * math.sqrt((out[EXPIRES] - now) / rules.lengths[int(out[PLACE])]) * atr
    if sign * (target - entry) > farthest:
        target, aim, remarks = entry + sign * farthest, BY_REACH, remarks | AT_REACH
    target = on_step(target, steps.tick_units, steps.tick_scale, sign < 0)
    ahead = sign * (target - entry)
    if stop <= 0 or target <= 0 or risk <= 0 or ahead <= 0:
        return
    out[STOP], out[TARGET], out[STOP_FROM], out[TARGET_FROM] = stop, target, by, aim
    out[RISK_ATR], out[REWARD] = risk / atr, ahead / risk
    out[REMARKS] = remarks | (0 if out[REWARD] >= rules.least_reward else POOR)


@compiled
def allot(ledger: Floats, now: int, rules: Rules, steps: Steps, out: Floats) -> None:
    """Size a decision by what the symbol's signals that live leave, and put it among them.

    A signal against one of a higher timeframe that lives is at most weak. What is weak is not sized: it takes
    nothing from what is worth its risk.
    """
    if out[GRADE] == 0:
        return
    place, sign = int(out[PLACE]), 1 if out[GRADE] > 0 else -1
    above = opposite_above(ledger, place, sign)
    if above != NOBODY:
        out[AGAINST], out[GRADE] = above, sign
        out[REMARKS] = int(out[REMARKS]) | AGAINST_HIGHER
    row = enter(ledger, place, sign, now, out[EXPIRES])
    if math.isnan(out[STOP]):
        return
    size, capped, limited = 0.0, False, BY_WEAKNESS
    if abs(out[GRADE]) > 1:
        size, capped, limited = _within_budget(ledger, out[ENTRY], abs(out[ENTRY] - out[STOP]), rules, steps)
    out[SIZE], out[CAPPED], out[LIMITED] = size, 1.0 if capped else 0.0, limited
    out[NOTIONAL], out[RISK] = size * out[ENTRY], size * abs(out[ENTRY] - out[STOP])
    ledger[row, AT_RISK], ledger[row, WORTH] = out[RISK], out[NOTIONAL]


@compiled
def _within_budget(
    ledger: Floats, entry: float, distance: float, rules: Rules, steps: Steps
) -> tuple[float, bool, int]:
    """Size, whether the position's cap made it smaller, and what limits it."""
    wanted, _, _, capped = sized(
        entry, entry - distance, rules.equity, rules.risk_fraction, rules.cap_fraction
    )
    size, limited = wanted, BY_CAP if capped else 0
    risk, worth = at_stake(ledger)
    left = max(min((rules.symbol_risk - risk) / distance, (rules.symbol_cap - worth) / entry), 0.0)
    if left < wanted * (1.0 - 1e-12):
        size, limited = left, BY_BUDGET
    whole = on_step(size, steps.lot_units, steps.lot_scale, False)
    if whole == 0.0 and size > 0.0:
        limited = BY_MINIMUM
    elif whole < size * (1.0 - 1e-9) and limited == 0:
        limited = BY_LOT
    return whole, capped, limited
