"""From live patterns to a decision per timeframe: machine code, pure. The rules are told in `signals`."""

import math

import numpy as np

from alphapulse_assets.core.numba_cache import compiled
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
from alphapulse_assets.patterns.signals.decision import (
    AGAINST,
    ALIKE,
    ATR,
    CONFIDENCE,
    END_REASON,
    ENTRY,
    EVIDENCE,
    EXPIRES,
    FIRST_REASON,
    GRADE,
    NAMES,
    NET,
    OVERRIDDEN,
    PLACE,
    REMARKS,
    REWARD,
    RUN,
    SCORE,
    STOP,
    TRIGGER,
    Rules,
    Scored,
)
from alphapulse_assets.patterns.signals.life import let_go
from alphapulse_assets.patterns.signals.plans import allot, life_of, set_levels
from alphapulse_assets.patterns.signals.steps import Steps


@compiled
def _find_leads(events: EventArrays, scored: Scored, reasons: Integers, leads: Integers) -> None:
    """Set 1 where a pattern is the surest of its piece of evidence, the first of equals, else 0."""
    for j in range(len(reasons)):
        leads[j] = 1
        i = reasons[j]
        for other in range(j):
            k = reasons[other]
            alike = events.place[k] == events.place[i] and events.known[k] == events.known[i]
            alike = alike and events.sign[k] == events.sign[i] and scored.shape[k] == scored.shape[i]
            if alike and leads[other]:
                # one leads already: the surer of both goes on
                surer = scored.confidence[i] > scored.confidence[k]
                leads[other], leads[j] = (0, 1) if surer else (1, 0)
                break


@compiled
def _votes(
    events: EventArrays, scored: Scored, reasons: Integers, leads: Integers, rules: Rules, stance: Integers
) -> None:
    """Where each timeframe stands by its evidence that counts, before anything is overridden."""
    votes = np.zeros(PLACES)
    for j in range(len(reasons)):
        i = reasons[j]
        if leads[j]:
            votes[events.place[i]] += (
                events.sign[i] * scored.confidence[i] * rules.multipliers[events.place[i]]
            )
    for k in range(PLACES):
        stance[k] = 0 if votes[k] == 0 else (1 if votes[k] > 0 else -1)


@compiled
def _tally(
    events: EventArrays,
    scored: Scored,
    reasons: Integers,
    leads: Integers,
    rules: Rules,
    dropped: Integers,
    out: Floats,
) -> int:
    """Set net, confidence and what confirms from what was not dropped; the direction."""
    both = np.zeros(2)
    for j in range(len(reasons)):
        i = reasons[j]
        if leads[j] and dropped[events.place[i]] == NOBODY:
            weight = scored.confidence[i] * rules.multipliers[events.place[i]] / 100.0
            both[1 if events.sign[i] > 0 else 0] += weight
    total = both[0] + both[1]
    net = (both[1] - both[0]) / total if total > 0 else 0.0
    sign = 0 if net == 0 else (1 if net > 0 else -1)
    sure, weights, names, shapes = 0.0, 0.0, 0, 0
    for j in range(len(reasons)):
        i = reasons[j]
        if dropped[events.place[i]] != NOBODY or events.sign[i] != sign:
            continue
        if leads[j]:
            sure += rules.multipliers[events.place[i]] * scored.confidence[i]
            weights += rules.multipliers[events.place[i]]
        same_name, same_shape = False, False
        for earlier in reasons[:j]:
            if events.sign[earlier] == sign and dropped[events.place[earlier]] == NOBODY:
                same_name = same_name or events.kind[earlier] == events.kind[i]
                same_shape = same_shape or scored.shape[earlier] == scored.shape[i]
        names += 0 if same_name else 1
        shapes += 0 if same_shape else 1
    out[NET], out[NAMES], out[EVIDENCE] = net, names, shapes
    out[CONFIDENCE] = min(sure / weights, 100.0) if weights > 0 else math.nan
    out[SCORE] = net * out[CONFIDENCE] if weights > 0 else 0.0
    return sign


@compiled
def _grade(sign: int, rules: Rules, out: Floats) -> int:
    """0 neutral, 1 weak, 2 plain, 3 strong."""
    size = abs(out[SCORE])
    if sign == 0 or size < rules.weak:
        return 0
    # a loss that nothing bounds, or that is not worth its risk (NaN fails too)
    if not out[REWARD] >= rules.least_reward or size < rules.normal or out[EVIDENCE] < rules.confirming:
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
    leads: Integers,
    group: tuple[int, int],
    place: int,
    before: Integers,
    dropped: Integers,
    rules: Rules,
    steps: Steps,
    out: Floats,
) -> None:
    """Set the decision of one timeframe that has a new pattern."""
    out[:] = math.nan
    out[PLACE], out[OVERRIDDEN], out[GRADE], out[AGAINST] = place, dropped[place], 0.0, NOBODY
    out[REMARKS] = 0.0
    sign = _tally(events, scored, reasons, leads, rules, dropped, out)
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
    out[EXPIRES] = life_of(events, reasons, place, sign)
    set_levels(events, scored, reasons, sign, events.known[group[0]], rules, steps, out)
    out[GRADE] = sign * _grade(sign, rules, out)
    if out[GRADE] == 0:
        out[STOP : EXPIRES + 1] = math.nan
        out[REMARKS] = 0.0


@compiled
def decide_group(
    events: EventArrays,
    scored: Scored,
    begin: int,
    end: int,
    live: Integers,
    count: int,
    rules: Rules,
    steps: Steps,
    ledger: Floats,
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
        steps: of the instrument's prices and sizes.
        ledger: the symbol's signals that live (`life`); changed.
        decisions: shape (n, DECISIONS), written from row `rows` on.
        rows: how many decisions there are already.
        reasons: shape (m,), written from `used` on: numbers of events; those that are one piece of evidence
            with a surer one have ALIKE added, those of overridden timeframes are turned below 0 (~number).
        used: how many reasons there are already.

    Returns:
        How many decisions and how many reasons there are then.
    """
    first = used
    for j in range(count):
        if not math.isnan(scored.confidence[live[j]]):
            reasons[used] = live[j]
            used += 1
    leads = np.empty(used - first, dtype=np.int64)
    _find_leads(events, scored, reasons[first:used], leads)
    stance, dropped = np.empty(PLACES, dtype=np.int64), np.empty(PLACES, dtype=np.int64)
    _votes(events, scored, reasons[first:used], leads, rules, stance)
    for k in range(PLACES):
        dropped[k] = overridden_by(stance, k, stance[k]) if stance[k] != 0 else NOBODY
    told = rows
    for place in range(PLACES):
        if _trigger(events, scored, begin, end, place, 0) == NOBODY:
            continue
        out = decisions[rows]
        given = reasons[first:used]
        _decide(events, scored, given, leads, (begin, end), place, stance, dropped, rules, steps, out)
        out[FIRST_REASON], out[END_REASON] = first, used
        rows += 1
    if rows > told:
        let_go(ledger, events.known[begin])
        for row in range(rows - 1, told - 1, -1):  # the highest timeframe is served first
            allot(ledger, events.known[begin], rules, steps, decisions[row])
    for j in range(first, used):
        if dropped[events.place[reasons[j]]] != NOBODY:
            reasons[j] = ~reasons[j]
        elif not leads[j - first]:
            reasons[j] += ALIKE
    return rows, (used if rows > told else first)


@compiled
def decide_all(
    events: EventArrays,
    scored: Scored,
    begin: int,
    stop: int,
    live: Integers,
    count: int,
    rules: Rules,
    steps: Steps,
    ledger: Floats,
    decisions: Floats,
    reasons: Integers,
) -> tuple[int, int, int, int]:
    """Decide group after group, until the events end or the next group might not find room.

    Args:
        events: all events, in the order of `events.ORDER`.
        scored: what decisions read of each of them, by the same numbers.
        begin: number of the first event of the group to begin with.
        stop: number of the first event of a group that is not looked at, or how many events there are.
        live: shape (events,): numbers of the events that count, the first `count` of them; changed.
        count: how many count before the first group.
        rules: thresholds.
        steps: of the instrument's prices and sizes.
        ledger: the symbol's signals that live (`life`); changed.
        decisions: shape (n, DECISIONS): rows are written from 0 on; room for PLACES more is kept.
        reasons: shape (m,): as `decide_group` writes them, from 0 on; a decision's are those from its
            FIRST_REASON to its END_REASON.

    Returns:
        The first event of the next group, how many events count then, and how many decisions and reasons
        were written.
    """
    rows, used = 0, 0
    while begin < stop:
        end = group_end(events.known, begin)
        room = count + end - begin
        if rows + PLACES > len(decisions) or used + room > len(reasons):
            break
        count = advance(events, begin, end, live, count)
        rows, used = decide_group(
            events, scored, begin, end, live, count, rules, steps, ledger, decisions, rows, reasons, used
        )
        begin = end
    return begin, count, rows, used
