"""The life of a pattern: forming, complete, then target met, failed or expired - or evolved. Compiled, pure.

*Forming*: enough pivots are known. *Complete*: a close beyond the level by `confirm` ATR, at once with a
volume ratio of at least `confirm_ratio`, otherwise with the `confirm_closes`-th such close in a row
(Bulkowski waits for a close beyond the level and looks at volume; the rule for time is ours). *Failed*:
before that, a close beyond the other line by as much; afterwards, a close beyond the invalidation level by
as much.
*Target met*: a bar touches the target, unless the same bar closes as a failure. *Expired*: no breakout within
the pattern's own length after it was found, or before its apex; or no outcome within its length after the
breakout. *Evolved*: it became another pattern. Each is an event of its bar; nothing is taken back.
"""

import numpy as np

from alphapulse_assets.patterns.chart.channels import still_touches
from alphapulse_assets.patterns.chart.drafts import distance, identity, level_at, shared_points
from alphapulse_assets.patterns.chart.layout import (
    AFTER_BREAKOUT,
    BASE,
    BECAME,
    BEFORE_BREAKOUT,
    BETTER,
    BREAKS,
    BULL_FLAG,
    BY_TIME,
    BY_VOLUME,
    CLOSE,
    COMPLETE,
    COMPLETION,
    CONFIRM,
    CONFIRM_CLOSES,
    CONFIRM_RATIO,
    CROWDED_OUT,
    CUP_AND_HANDLE,
    DRAFT,
    EVENT_ATR,
    EVENT_CLOSE,
    EVENT_PATTERN,
    EVENT_RATIO,
    EVENT_X,
    EVOLVED,
    EXPIRED,
    EXPIRES,
    FAILED,
    FALSE_BREAKS,
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
    PATTERN_ROOM,
    PATTERNS,
    PIVOTS_KNOWN,
    POINTS,
    QUALITY,
    REASON,
    REMEMBERED,
    SCALE,
    SIDE,
    STAGE,
    TARGET,
    TARGET_MET,
    TARGET_REACHED,
    TOLD,
    TOLD_IDS,
    UPPER,
    Floats,
    compiled,
)
from alphapulse_assets.patterns.chart.pivots import volume_ratio


@compiled
def tell(m: Floats, pattern: int, stage: int, reason: int, other: float, out: Floats, count: int) -> int:
    """Write an event of this bar; how many there are then."""
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
    need = m[CONFIRM] * m[NOW_ATR]
    while number < m[OPEN_PATTERNS]:
        pattern = PATTERNS + number * FOLLOWED
        if m[pattern + STAGE] == FORMING:
            count = _wait(m, pattern, need, out, count)
        else:
            count = _follow(m, pattern, need, out, count)
        if m[pattern + STAGE] > COMPLETE:
            remove(m, number)
        else:
            number += 1
    return count


@compiled
def _wait(m: Floats, pattern: int, need: float, out: Floats, count: int) -> int:
    """A forming pattern sees the bar."""
    above = distance(m, pattern + UPPER, m[NOW_X], m[CLOSE])
    below = -distance(m, pattern + LOWER, m[NOW_X], m[CLOSE])
    if above > need or below > need:
        count = _broken(m, pattern, 1.0 if above >= below else -1.0, out, count)
    elif m[pattern + BREAKS] != 0.0:
        m[pattern + FALSE_BREAKS] += 1.0
        m[pattern + BREAKS] = 0.0
    if m[pattern + STAGE] == FORMING and m[NOW_X] > m[pattern + EXPIRES]:
        show(m, pattern)
        count = tell(m, pattern, EXPIRED, NO_BREAKOUT, 0.0, out, count)
    return count


@compiled
def _broken(m: Floats, pattern: int, way: float, out: Floats, count: int) -> int:
    """A close is beyond a line of a forming pattern."""
    if m[pattern + SIDE] * way < 0.0:
        show(m, pattern)
        return tell(m, pattern, FAILED, BEFORE_BREAKOUT, 0.0, out, count)
    again = m[pattern + BREAKS] * way > 0.0
    m[pattern + BREAKS] = m[pattern + BREAKS] + way if again else way
    by_volume = volume_ratio(m) >= m[CONFIRM_RATIO]
    if not by_volume and abs(m[pattern + BREAKS]) < m[CONFIRM_CLOSES]:
        return count
    m[pattern + SIDE] = way
    m[pattern + EXPIRES] = m[NOW_X] + m[pattern + LENGTH]
    show(m, pattern)
    m[pattern + COMPLETION] = 100.0
    return tell(m, pattern, COMPLETE, BY_VOLUME if by_volume else BY_TIME, 0.0, out, count)


@compiled
def _follow(m: Floats, pattern: int, need: float, out: Floats, count: int) -> int:
    """A complete pattern sees the bar."""
    side = m[pattern + SIDE]
    if side * (m[pattern + INVALIDATION] - m[CLOSE]) > need:
        return tell(m, pattern, FAILED, AFTER_BREAKOUT, 0.0, out, count)
    best = m[HIGH] if side > 0.0 else m[LOW]
    if side * (best - m[pattern + TARGET]) >= 0.0:
        return tell(m, pattern, TARGET_MET, TARGET_REACHED, 0.0, out, count)
    if m[NOW_X] > m[pattern + EXPIRES]:
        return tell(m, pattern, EXPIRED, NO_OUTCOME, 0.0, out, count)
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
    m[pattern + LEVEL] = upper if up else lower
    m[pattern + TARGET] = np.nan
    m[pattern + INVALIDATION] = np.nan
    if side != 0.0:
        base = m[pattern + LEVEL] if np.isnan(m[pattern + BASE]) else m[pattern + BASE]
        m[pattern + TARGET] = base + side * m[pattern + HEIGHT]
        m[pattern + INVALIDATION] = lower if up else upper
    left = min(max((to_upper if up else to_lower) / m[pattern + HEIGHT], 0.0), 1.0)
    pivots = m[pattern + POINTS]
    m[pattern + COMPLETION] = 100.0 * (pivots + 1.0 - left) / (pivots + 1.0)


@compiled
def remove(m: Floats, number: int) -> None:
    """Take a pattern out; the others keep their order."""
    end = PATTERNS + int(m[OPEN_PATTERNS]) * FOLLOWED
    for place in range(PATTERNS + number * FOLLOWED, end - FOLLOWED):
        m[place] = m[place + FOLLOWED]
    m[OPEN_PATTERNS] -= 1.0


@compiled
def offer(m: Floats, scale: float, point: int, out: Floats, count: int) -> int:
    """Begin to follow the drafted pattern, unless it is known; what it replaces evolves into it.

    One pattern per set of pivots and kind, whatever the scale. One that shares pivots with a forming pattern
    (two of a short one, otherwise three) is another reading of the same thing. Of the same kind, it takes its
    place only when clearly better; of another kind, only when the newest pivot, which lies at `point`, is off
    the lines of the old one.
    """
    m[DRAFT + ID] = identity(m, DRAFT)
    for place in range(REMEMBERED):
        if m[TOLD_IDS + place] == m[DRAFT + ID]:
            return count
    for number in range(int(m[OPEN_PATTERNS])):
        pattern = PATTERNS + number * FOLLOWED
        if _same_thing(m, pattern) and not _better(m, pattern, point):
            return count
    m[DRAFT + SCALE] = scale
    m[DRAFT + BREAKS] = 0.0
    m[DRAFT + FALSE_BREAKS] = 0.0
    latest = m[NOW_X] + m[DRAFT + LENGTH]
    if not m[DRAFT + EXPIRES] < latest:
        m[DRAFT + EXPIRES] = latest
    came_from, count = _replace(m, out, count)
    return _begin(m, came_from, out, count)


@compiled
def _better(m: Floats, pattern: int, point: int) -> bool:
    """Whether the draft is a better reading than this pattern."""
    if m[pattern + PATTERN] == m[DRAFT + PATTERN]:
        return bool(m[DRAFT + QUALITY] > m[pattern + QUALITY] + m[BETTER])
    return not still_touches(m, pattern, point)


@compiled
def _same_thing(m: Floats, pattern: int) -> bool:
    """Whether draft and pattern are readings of the same pivots, and not one a small part of the other."""
    if m[pattern + STAGE] != FORMING or _family(m[DRAFT + PATTERN]) != _family(m[pattern + PATTERN]):
        return False
    if m[DRAFT + HEIGHT] < 0.5 * m[pattern + HEIGHT]:
        return False
    few = min(m[DRAFT + POINTS], m[pattern + POINTS]) <= 4
    return shared_points(m, DRAFT, pattern) >= (2 if few else 3)


@compiled
def _family(pattern: float) -> int:
    """Shapes of pivots, flags and pennants, cups."""
    return 0 if pattern < BULL_FLAG else (1 if pattern < CUP_AND_HANDLE else 2)


@compiled
def _replace(m: Floats, out: Floats, count: int) -> tuple[float, int]:
    """Forming patterns that are the same thing evolve into the draft; the id of the last of them, or 0."""
    came_from = 0.0
    number = 0
    while number < m[OPEN_PATTERNS]:
        pattern = PATTERNS + number * FOLLOWED
        if _same_thing(m, pattern):
            came_from = m[pattern + ID]
            show(m, pattern)
            count = tell(m, pattern, EVOLVED, BECAME, m[DRAFT + ID], out, count)
            remove(m, number)
        else:
            number += 1
    return came_from, count


@compiled
def _begin(m: Floats, came_from: float, out: Floats, count: int) -> int:
    """Follow the draft; where there is no room, the oldest pattern gives way."""
    if m[OPEN_PATTERNS] == PATTERN_ROOM:
        if m[PATTERNS + STAGE] == FORMING:
            show(m, PATTERNS)
        count = tell(m, PATTERNS, EXPIRED, CROWDED_OUT, m[DRAFT + ID], out, count)
        remove(m, 0)
    m[TOLD_IDS + int(m[TOLD]) % REMEMBERED] = m[DRAFT + ID]
    m[TOLD] += 1.0
    pattern = PATTERNS + int(m[OPEN_PATTERNS]) * FOLLOWED
    m[OPEN_PATTERNS] += 1.0
    for place in range(FOLLOWED):
        m[pattern + place] = m[DRAFT + place]
    show(m, pattern)
    return tell(m, pattern, FORMING, PIVOTS_KNOWN, came_from, out, count)
