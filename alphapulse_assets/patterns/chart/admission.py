"""Admitting a candidate: is it known, what does it replace, its first bar. Compiled, pure."""

import numpy as np

from alphapulse_assets.patterns.chart.candidates import apex, has_closed, identity, shared_points
from alphapulse_assets.patterns.chart.channels import still_touches
from alphapulse_assets.patterns.chart.layout import (
    ADMITTED,
    ADMITTED_IDS,
    BECAME,
    BETTER,
    BREAKS,
    BULL_FLAG,
    CANDIDATE,
    CROWDED_OUT,
    CUP_AND_HANDLE,
    EVOLVED,
    EXPIRED,
    EXPIRES,
    FALSE_BREAKS,
    FIRST_PATTERN,
    FOLLOWED,
    FORMING,
    HEIGHT,
    ID,
    LENGTH,
    NOW_X,
    OPEN_PATTERNS,
    PATTERN,
    PATTERN_ROOM,
    PIVOTS_KNOWN,
    POINTS,
    QUALITY,
    REMEMBERED,
    SCALE,
    STAGE,
    Floats,
    compiled,
)
from alphapulse_assets.patterns.chart.life import emit, judge, remove, show


@compiled
def admit(m: Floats, scale: float, point: int, out: Floats, count: int) -> int:
    """Begin to follow the candidate, unless it is known; what it replaces evolves into it.

    One pattern per set of pivots and kind, whatever the scale. One that shares pivots with a forming pattern
    (two of a short one, otherwise three) is another reading of the same thing. Of the same kind, it takes its
    place only when clearly better; of another kind, only when the newest pivot, which lies at `point`, is off
    the lines of the old one. Lines that have met, or nearly, are no pattern any more. A candidate waits for
    as long as it took itself, or until its apex, unless it says otherwise.

    Args:
        m: the memory of an instrument and timeframe (`layout`); the candidate is at CANDIDATE.
        scale: multiple of the ATR at which it was found.
        point: where in `m` the newest pivot begins.
        out: shape (n, EVENT), room for events.
        count: how many events there are already.

    Returns:
        How many there are then.
    """
    m[CANDIDATE + ID] = identity(m, CANDIDATE)
    if has_closed(m, CANDIDATE):
        return count
    for place in range(REMEMBERED):
        if m[ADMITTED_IDS + place] == m[CANDIDATE + ID]:
            return count
    for number in range(int(m[OPEN_PATTERNS])):
        pattern = FIRST_PATTERN + number * FOLLOWED
        if _is_admitted(m, pattern) or (_same_thing(m, pattern) and not _better(m, pattern, point)):
            return count
    m[CANDIDATE + SCALE] = scale
    m[CANDIDATE + BREAKS] = 0.0
    m[CANDIDATE + FALSE_BREAKS] = 0.0
    if np.isnan(m[CANDIDATE + EXPIRES]):
        m[CANDIDATE + EXPIRES] = min(m[NOW_X] + m[CANDIDATE + LENGTH], apex(m, CANDIDATE))
    came_from, count = _replace(m, out, count)
    return _begin(m, came_from, out, count)


@compiled
def _is_admitted(m: Floats, pattern: int) -> bool:
    """Whether the candidate is this very pattern, perhaps read once more."""
    same = m[pattern + PATTERN] == m[CANDIDATE + PATTERN] and m[pattern + POINTS] == m[CANDIDATE + POINTS]
    return bool(same and shared_points(m, CANDIDATE, pattern) == m[CANDIDATE + POINTS])


@compiled
def _better(m: Floats, pattern: int, point: int) -> bool:
    """Whether the candidate is a better reading than this pattern."""
    if m[pattern + PATTERN] == m[CANDIDATE + PATTERN]:
        return bool(m[CANDIDATE + QUALITY] > m[pattern + QUALITY] + m[BETTER])
    return not still_touches(m, pattern, point)


@compiled
def _same_thing(m: Floats, pattern: int) -> bool:
    """Whether both are readings of the same pivots, and not one a small part of the other."""
    if m[pattern + STAGE] != FORMING or _family(m[CANDIDATE + PATTERN]) != _family(m[pattern + PATTERN]):
        return False
    if m[CANDIDATE + HEIGHT] < 0.5 * m[pattern + HEIGHT]:
        return False
    few = min(m[CANDIDATE + POINTS], m[pattern + POINTS]) <= 4
    return shared_points(m, CANDIDATE, pattern) >= (2 if few else 3)


@compiled
def _family(pattern: float) -> int:
    """Shapes of pivots, flags and pennants, cups."""
    return 0 if pattern < BULL_FLAG else (1 if pattern < CUP_AND_HANDLE else 2)


@compiled
def _replace(m: Floats, out: Floats, count: int) -> tuple[float, int]:
    """Forming patterns that are the same thing evolve into the candidate; the id of the last, or 0."""
    came_from = 0.0
    number = 0
    while number < m[OPEN_PATTERNS]:
        pattern = FIRST_PATTERN + number * FOLLOWED
        if _same_thing(m, pattern):
            came_from = m[pattern + ID]
            show(m, pattern)
            count = emit(m, pattern, EVOLVED, BECAME, m[CANDIDATE + ID], out, count)
            remove(m, number)
        else:
            number += 1
    return came_from, count


@compiled
def _begin(m: Floats, came_from: float, out: Floats, count: int) -> int:
    """Follow the candidate; where there is no room, the oldest pattern gives way.

    Its first bar is judged as any other: a close that is beyond the level by then is a break. (It is never
    beyond the other line: that is at the newest extreme, around the body, or has been asked for.)
    """
    if m[OPEN_PATTERNS] == PATTERN_ROOM:
        if m[FIRST_PATTERN + STAGE] == FORMING:
            show(m, FIRST_PATTERN)
        count = emit(m, FIRST_PATTERN, EXPIRED, CROWDED_OUT, m[CANDIDATE + ID], out, count)
        remove(m, 0)
    m[ADMITTED_IDS + int(m[ADMITTED]) % REMEMBERED] = m[CANDIDATE + ID]
    m[ADMITTED] += 1.0
    pattern = FIRST_PATTERN + int(m[OPEN_PATTERNS]) * FOLLOWED
    m[OPEN_PATTERNS] += 1.0
    for place in range(FOLLOWED):
        m[pattern + place] = m[CANDIDATE + place]
    show(m, pattern)
    return judge(m, pattern, out, emit(m, pattern, FORMING, PIVOTS_KNOWN, came_from, out, count))
