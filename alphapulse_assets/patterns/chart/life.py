"""The life of a pattern: forming, complete, then target met, failed or expired - or evolved. Compiled, pure.

*Forming*: enough pivots are known. *Complete*: a close beyond the level by `confirm` ATR, at once with a
volume ratio of at least `confirm_ratio`, otherwise with the `confirm_closes`-th such close in a row
(Bulkowski waits for a close beyond the level and looks at volume; the rule for time is ours). *Failed*:
before that, a close beyond the other line by as much; afterwards, a close beyond the invalidation level by
as much.
*Target met*: a bar touches the target, unless the same bar closes as a failure. *Expired*: no breakout within
the pattern's own length after it was found, or before its lines have come too near; of a flag or pennant,
within the longest body; or no outcome within its length after the breakout. A bar after the last one that it
waits for decides nothing else. *Evolved*: it became another pattern. Each is an event of its bar;
nothing is taken back.
"""

from typing import Final

import numpy as np

from alphapulse_assets.patterns.chart.candidates import distance, has_closed, level_at
from alphapulse_assets.patterns.chart.layout import (
    AFTER_BREAKOUT,
    BASE,
    BEFORE_BREAKOUT,
    BEYOND,
    BREAKS,
    BULL_PENNANT,
    BY_TIME,
    BY_VOLUME,
    CLOSE,
    COMPLETE,
    COMPLETION,
    CONFIRM,
    CONFIRM_CLOSES,
    CONFIRM_RATIO,
    CUP_AND_HANDLE,
    EVENT_ATR,
    EVENT_CLOSE,
    EVENT_PATTERN,
    EVENT_RATIO,
    EVENT_X,
    EXPIRED,
    EXPIRES,
    FAILED,
    FALSE_BREAKS,
    FIRST_PATTERN,
    FOLLOWED,
    FORMING,
    HEIGHT,
    HIGH,
    ID,
    INVALIDATION,
    LENGTH,
    LEVEL,
    LOW,
    LOWER,
    NO_BREAKOUT,
    NO_OUTCOME,
    NOW_ATR,
    NOW_X,
    OPEN_PATTERNS,
    OTHER,
    PATTERN,
    POINTS,
    REASON,
    SIDE,
    STAGE,
    TARGET,
    TARGET_MET,
    TARGET_REACHED,
    UPPER,
    Floats,
    compiled,
)
from alphapulse_assets.patterns.chart.pivots import volume_ratio

NOWHERE: Final = -1


@compiled
def emit(m: Floats, pattern: int, stage: int, reason: int, other: float, out: Floats, count: int) -> int:
    """Write an event of this bar.

    Args:
        m: the memory of an instrument and timeframe (`layout`).
        pattern: where in `m` the pattern's row begins.
        stage: the pattern's from now on (FORMING to EVOLVED).
        reason: why (PIVOTS_KNOWN to STILL_OPEN).
        other: id of the pattern it became or came from; 0: none.
        out: shape (n, EVENT), room for events.
        count: how many events there are already.

    Returns:
        How many there are then.
    """
    m[pattern + STAGE] = stage
    out[count, EVENT_X] = m[NOW_X]
    out[count, REASON] = reason
    out[count, EVENT_CLOSE] = m[CLOSE]
    out[count, EVENT_ATR] = m[NOW_ATR]
    out[count, EVENT_RATIO] = volume_ratio(m)
    out[count, OTHER] = other
    for place in range(FOLLOWED):
        out[count, EVENT_PATTERN + place] = m[pattern + place]
    return count + 1


@compiled
def live_on(m: Floats, out: Floats, count: int) -> int:
    """Let every open pattern see the bar; those that are over are taken out."""
    number = 0
    while number < m[OPEN_PATTERNS]:
        pattern = FIRST_PATTERN + number * FOLLOWED
        if m[pattern + STAGE] == FORMING:
            count = _wait(m, pattern, out, count)
        else:
            count = _follow(m, pattern, out, count)
        if m[pattern + STAGE] > COMPLETE:
            remove(m, number)
        else:
            number += 1
    return count


@compiled
def _wait(m: Floats, pattern: int, out: Floats, count: int) -> int:
    """A forming pattern sees the bar, unless its time is up or its lines have met.

    That is asked first: where bars are missing, the next one may be days after the last one it waits for.
    """
    if m[NOW_X] > m[pattern + EXPIRES] or has_closed(m, pattern):
        show(m, pattern)
        return emit(m, pattern, EXPIRED, NO_BREAKOUT, 0.0, out, count)
    return judge(m, pattern, out, count)


@compiled
def judge(m: Floats, pattern: int, out: Floats, count: int) -> int:
    """Count a close beyond a line of a forming pattern; a break that was not confirmed is over."""
    need = m[CONFIRM] * m[NOW_ATR]
    above = distance(m, pattern + UPPER, m[NOW_X], m[CLOSE])
    below = -distance(m, pattern + LOWER, m[NOW_X], m[CLOSE])
    if m[pattern + SIDE] > 0.0:
        above = min(above, m[CLOSE] - _beyond(m, pattern, -np.inf))
    elif m[pattern + SIDE] < 0.0:
        below = min(below, _beyond(m, pattern, np.inf) - m[CLOSE])
    if above > need or below > need:
        count = _broken(m, pattern, 1.0 if above >= below else -1.0, out, count)
    elif m[pattern + BREAKS] != 0.0:
        m[pattern + FALSE_BREAKS] += 1.0
        m[pattern + BREAKS] = 0.0
    return count


@compiled
def _beyond(m: Floats, pattern: int, otherwise: float) -> float:
    """The price that a close has to be beyond too, or what stands for none."""
    return float(otherwise if np.isnan(m[pattern + BEYOND]) else m[pattern + BEYOND])


@compiled
def _broken(m: Floats, pattern: int, way: float, out: Floats, count: int) -> int:
    """A close is beyond a line of a forming pattern."""
    if m[pattern + SIDE] * way < 0.0:
        show(m, pattern)
        return emit(m, pattern, FAILED, BEFORE_BREAKOUT, 0.0, out, count)
    again = m[pattern + BREAKS] * way > 0.0
    m[pattern + BREAKS] = m[pattern + BREAKS] + way if again else way
    by_volume = volume_ratio(m) >= m[CONFIRM_RATIO]
    if not by_volume and abs(m[pattern + BREAKS]) < m[CONFIRM_CLOSES]:
        return count
    m[pattern + SIDE] = way
    m[pattern + EXPIRES] = m[NOW_X] + m[pattern + LENGTH]
    show(m, pattern)
    m[pattern + COMPLETION] = 100.0
    return emit(m, pattern, COMPLETE, BY_VOLUME if by_volume else BY_TIME, 0.0, out, count)


@compiled
def _follow(m: Floats, pattern: int, out: Floats, count: int) -> int:
    """A complete pattern sees the bar, unless its time is up."""
    if m[NOW_X] > m[pattern + EXPIRES]:
        return emit(m, pattern, EXPIRED, NO_OUTCOME, 0.0, out, count)
    side = m[pattern + SIDE]
    if side * (m[pattern + INVALIDATION] - m[CLOSE]) > m[CONFIRM] * m[NOW_ATR]:
        return emit(m, pattern, FAILED, AFTER_BREAKOUT, 0.0, out, count)
    best = m[HIGH] if side > 0.0 else m[LOW]
    if side * (best - m[pattern + TARGET]) >= 0.0:
        return emit(m, pattern, TARGET_MET, TARGET_REACHED, 0.0, out, count)
    return count


@compiled
def show(m: Floats, pattern: int) -> None:
    """Level, target, invalidation and completion of a forming pattern at this bar.

    Where either line may break, the level is that of the nearer one, and the rest is not known yet.
    Completion (ours): pivots and breakout are steps of equal size, the last one as far done as the price
    has come from a height away to the level.
    """
    upper, lower = level_at(m, pattern + UPPER, m[NOW_X]), level_at(m, pattern + LOWER, m[NOW_X])
    to_upper = -distance(m, pattern + UPPER, m[NOW_X], m[CLOSE])
    to_lower = distance(m, pattern + LOWER, m[NOW_X], m[CLOSE])
    side = m[pattern + SIDE]
    up = side > 0.0 or (side == 0.0 and to_upper <= to_lower)
    if side > 0.0:
        level = max(upper, _beyond(m, pattern, -np.inf))
    elif side < 0.0:
        level = min(lower, _beyond(m, pattern, np.inf))
    else:
        level = upper if up else lower
    m[pattern + LEVEL] = level
    m[pattern + TARGET] = np.nan
    m[pattern + INVALIDATION] = np.nan
    if side != 0.0:
        base = m[pattern + LEVEL] if np.isnan(m[pattern + BASE]) else m[pattern + BASE]
        m[pattern + TARGET] = base + side * m[pattern + HEIGHT]
        m[pattern + INVALIDATION] = lower if up else upper
        if BULL_PENNANT <= m[pattern + PATTERN] < CUP_AND_HANDLE:
            m[pattern + INVALIDATION] = m[
                pattern + BASE
            ]  # its lines meet: the body's far extreme does not move
    left = min(max((to_upper if up else to_lower) / m[pattern + HEIGHT], 0.0), 1.0)
    pivots = m[pattern + POINTS]
    m[pattern + COMPLETION] = 100.0 * (pivots + 1.0 - left) / (pivots + 1.0)


@compiled
def followed(m: Floats, number: float) -> int:
    """Where the open pattern with this id is, or NOWHERE."""
    for place in range(int(m[OPEN_PATTERNS])):
        pattern = FIRST_PATTERN + place * FOLLOWED
        if m[pattern + ID] == number:
            return pattern
    return NOWHERE


@compiled
def remove(m: Floats, number: int) -> None:
    """Take a pattern out; the others keep their order."""
    end = FIRST_PATTERN + int(m[OPEN_PATTERNS]) * FOLLOWED
    for place in range(FIRST_PATTERN + number * FOLLOWED, end - FOLLOWED):
        m[place] = m[place + FOLLOWED]
    m[OPEN_PATTERNS] -= 1.0
