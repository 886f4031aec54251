"""From live patterns to a decision per timeframe: machine code, pure. The rules are told in `signals`."""

import math
from typing import Final, NamedTuple

import numpy as np

from alphapulse_assets.core.numba_cache import compiled
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.kernels import (
    NOBODY,
    PLACES,
    EventArrays,
    Floats,
    Integers,
    advance,
    group_end,
    overridden_by,
    run_of,
)
from alphapulse_assets.patterns.signals.sizing import sized

# columns of a decision
TRIGGER: Final = 0  # number of the event
PLACE: Final = 1
GRADE: Final = 2  # -3 strong sell .. 3 strong buy
NET: Final = 3
SCORE: Final = 4
CONFIDENCE: Final = 5
CONFIRMING_PATTERNS: Final = 6
RUN: Final = 7
OVERRIDDEN: Final = 8  # place, or NOBODY
ENTRY: Final = 9
ATR: Final = 10
STOP: Final = 11
TARGET: Final = 12
RISK_ATR: Final = 13
REWARD: Final = 14
SIZE: Final = 15
NOTIONAL: Final = 16
RISK: Final = 17
CAPPED: Final = 18
FIRST_REASON: Final = 19
END_REASON: Final = 20
DECISIONS: Final = 21


class Scored(NamedTuple):
    """What a decision reads of each event beside its place in time; NaN where not known."""

    confidence: Floats  # NaN where it is too low, or too little is known, for the event to count
    price: Floats
    atr: Floats
    target: Floats
    invalidation: Floats


class Rules(NamedTuple):
    """The configuration as the kernel reads it."""

    multipliers: Floats
    weak: float
    normal: float
    strong: float
    confirming: int
    strong_run: int
    stop_atr: float
    nearest_stop: float
    farthest_stop: float
    reward: float
    least_reward: float
    equity: float
    risk_fraction: float
    cap_fraction: float


def rules_of(configuration: PatternConfiguration) -> Rules:
    """The numbers of a configuration."""
    signals, sizing = configuration.signals, configuration.sizing
    return Rules(
        np.array(configuration.confluence.multipliers),
        signals.weak,
        signals.normal,
        signals.strong,
        signals.confirming,
        signals.strong_timeframes,
        signals.stop_atr,
        signals.nearest_stop_atr,
        signals.farthest_stop_atr,
        signals.reward,
        signals.least_reward,
        sizing.equity,
        sizing.risk_fraction,
        sizing.cap_fraction,
    )


@compiled
def _votes(
    events: EventArrays, scored: Scored, live: Integers, count: int, rules: Rules, stance: Integers
) -> None:
    """Where each timeframe stands by its patterns that count, before anything is overridden."""
    votes = np.zeros(PLACES)
    for j in range(count):
        i = live[j]
        if not math.isnan(scored.confidence[i]):
            votes[events.place[i]] += (
                events.sign[i] * scored.confidence[i] * rules.multipliers[events.place[i]]
            )
    for k in range(PLACES):
        stance[k] = 0 if votes[k] == 0 else (1 if votes[k] > 0 else -1)


@compiled
def _tally(
    events: EventArrays, scored: Scored, reasons: Integers, rules: Rules, dropped: Integers, out: Floats
) -> int:
    """Set net, confidence and number of patterns from what was not dropped; the direction."""
    both = np.zeros(2)
    for i in reasons:
        if dropped[events.place[i]] == NOBODY:
            weight = scored.confidence[i] * rules.multipliers[events.place[i]] / 100.0
            both[1 if events.sign[i] > 0 else 0] += weight
    total = both[0] + both[1]
    net = (both[1] - both[0]) / total if total > 0 else 0.0
    sign = 0 if net == 0 else (1 if net > 0 else -1)
    sure, weights, patterns = 0.0, 0.0, 0
    for j in range(len(reasons)):
        i = reasons[j]
        if dropped[events.place[i]] != NOBODY or events.sign[i] != sign:
            continue
        sure += rules.multipliers[events.place[i]] * scored.confidence[i]
        weights += rules.multipliers[events.place[i]]
        seen = False
        for earlier in reasons[:j]:
            alike = events.kind[earlier] == events.kind[i] and events.sign[earlier] == sign
            seen = seen or (alike and dropped[events.place[earlier]] == NOBODY)
        patterns += 0 if seen else 1
    out[NET], out[CONFIRMING_PATTERNS] = net, patterns
    out[CONFIDENCE] = min(sure / weights, 100.0) if weights > 0 else math.nan
    out[SCORE] = net * out[CONFIDENCE] if weights > 0 else 0.0
    return sign


@compiled
def _set_levels(
    events: EventArrays, scored: Scored, reasons: Integers, sign: int, rules: Rules, out: Floats
) -> None:
    """Stop and target: of the surest pattern here whose invalidation is a fit stop, else in ATR."""
    entry, atr, place = out[ENTRY], out[ATR], int(out[PLACE])
    if not atr > 0:
        return
    stop, target, sure = entry - sign * rules.stop_atr * atr, math.nan, -1.0
    for i in reasons:
        distance = sign * (entry - scored.invalidation[i]) / atr
        fit = rules.nearest_stop <= distance <= rules.farthest_stop
        if events.place[i] == place and events.sign[i] == sign and fit and scored.confidence[i] > sure:
            stop, sure = scored.invalidation[i], scored.confidence[i]
            target = scored.target[i] if sign * (scored.target[i] - entry) > 0 else math.nan
    risk = abs(entry - stop)
    if math.isnan(target):
        target = entry + sign * rules.reward * risk
    if stop <= 0 or target <= 0 or risk == 0:
        return
    out[STOP], out[TARGET] = stop, target
    out[RISK_ATR], out[REWARD] = risk / atr, abs(target - entry) / risk
    size, notional, lost, capped = sized(entry, stop, rules.equity, rules.risk_fraction, rules.cap_fraction)
    out[SIZE], out[NOTIONAL], out[RISK], out[CAPPED] = size, notional, lost, 1.0 if capped else 0.0


@compiled
def _grade(sign: int, rules: Rules, out: Floats) -> int:
    """0 neutral, 1 weak, 2 plain, 3 strong."""
    size = abs(out[SCORE])
    if sign == 0 or size < rules.weak:
        return 0
    # a loss that nothing bounds, or that is not worth its risk (NaN fails too)
    if (
        not out[REWARD] >= rules.least_reward
        or size < rules.normal
        or out[CONFIRMING_PATTERNS] < rules.confirming
    ):
        return 1
    return 3 if size >= rules.strong and out[RUN] >= rules.strong_run else 2


@compiled
def _trigger(events: EventArrays, scored: Scored, begin: int, end: int, place: int, sign: int) -> int:
    """The surest new event of a timeframe and direction (0: of any), the first of equals, or NOBODY."""
    found = NOBODY
    for i in range(begin, end):
        counts = events.expires[i] > events.known[begin] and not math.isnan(scored.confidence[i])
        fits = events.place[i] == place and (sign == 0 or events.sign[i] == sign)
        if counts and fits and (found == NOBODY or scored.confidence[i] > scored.confidence[found]):
            found = i
    return found


@compiled
def _decide(
    events: EventArrays,
    scored: Scored,
    reasons: Integers,
    group: tuple[int, int],
    place: int,
    before: Integers,
    dropped: Integers,
    rules: Rules,
    out: Floats,
) -> None:
    """Set the decision of one timeframe that has a new pattern."""
    out[:] = math.nan
    out[PLACE], out[OVERRIDDEN], out[GRADE] = place, dropped[place], 0.0
    sign = _tally(events, scored, reasons, rules, dropped, out)
    out[RUN] = 0.0
    trigger = _trigger(events, scored, group[0], group[1], place, sign)
    stands = trigger != NOBODY and dropped[place] == NOBODY and sign != 0
    if trigger == NOBODY:
        trigger = _trigger(events, scored, group[0], group[1], place, 0)
    out[TRIGGER], out[ENTRY], out[ATR] = trigger, scored.price[trigger], scored.atr[trigger]
    if not stands:
        return
    first, last = run_of(before, place, sign)
    out[RUN] = last - first + 1
    _set_levels(events, scored, reasons, sign, rules, out)
    out[GRADE] = sign * _grade(sign, rules, out)
    if out[GRADE] == 0:
        out[STOP : CAPPED + 1] = math.nan


@compiled
def decide_group(
    events: EventArrays,
    scored: Scored,
    begin: int,
    end: int,
    live: Integers,
    count: int,
    rules: Rules,
    decisions: Floats,
    rows: int,
    reasons: Integers,
    used: int,
) -> tuple[int, int]:
    """Decide for every timeframe that has a new pattern that counts, after one group.

    Args:
        events: all events, in the order of `events.ORDER`.
        scored: what decisions read of each of them, by the same numbers.
        begin: number of the first event of the group.
        end: number after the last one.
        live: numbers of the events that count after the group, the first `count` of them.
        count: how many those are.
        rules: thresholds.
        decisions: shape (n, DECISIONS), written from row `rows` on.
        rows: how many decisions there are already.
        reasons: shape (m,), written from `used` on: numbers of events; those of overridden timeframes are
            turned below 0 (~number).
        used: how many reasons there are already.

    Returns:
        How many decisions and how many reasons there are then.
    """
    stance, dropped = np.empty(PLACES, dtype=np.int64), np.empty(PLACES, dtype=np.int64)
    _votes(events, scored, live, count, rules, stance)
    for k in range(PLACES):
        dropped[k] = overridden_by(stance, k, stance[k]) if stance[k] != 0 else NOBODY
    first = used
    for j in range(count):
        if not math.isnan(scored.confidence[live[j]]):
            reasons[used] = live[j]
            used += 1
    told = False
    for place in range(PLACES):
        if _trigger(events, scored, begin, end, place, 0) == NOBODY:
            continue
        told = True
        out = decisions[rows]
        _decide(events, scored, reasons[first:used], (begin, end), place, stance, dropped, rules, out)
        out[FIRST_REASON], out[END_REASON] = first, used
        rows += 1
    for j in range(first, used):
        if dropped[events.place[reasons[j]]] != NOBODY:
            reasons[j] = ~reasons[j]
    return rows, (used if told else first)


@compiled
def decide_all(
    events: EventArrays,
    scored: Scored,
    begin: int,
    live: Integers,
    count: int,
    rules: Rules,
    decisions: Floats,
    reasons: Integers,
) -> tuple[int, int, int, int]:
    """Decide group after group, until the events end or the next group might not find room.

    Args:
        events: all events, in the order of `events.ORDER`.
        scored: what decisions read of each of them, by the same numbers.
        begin: number of the first event of the group to begin with.
        live: shape (events,): numbers of the events that count, the first `count` of them; changed.
        count: how many count before the first group.
        rules: thresholds.
        decisions: shape (n, DECISIONS): rows are written from 0 on; room for PLACES more is kept.
        reasons: shape (m,): numbers of events, ~number for those of overridden timeframes, written from 0 on;
            a decision's are those from its FIRST_REASON to its END_REASON.

    Returns:
        The first event of the next group, how many events count then, and how many decisions and reasons
        were written.
    """
    rows, used = 0, 0
    while begin < len(events.known):
        end = group_end(events.known, begin)
        room = count + end - begin
        if rows + PLACES > len(decisions) or used + room > len(reasons):
            break
        count = advance(events, begin, end, live, count)
        rows, used = decide_group(
            events, scored, begin, end, live, count, rules, decisions, rows, reasons, used
        )
        begin = end
    return begin, count, rows, used
