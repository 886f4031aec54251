"""Flags and pennants in the tail of a pole. Compiled, pure.

*Pole*: the leg to the extreme, high, short and fast in ATR as it was where the leg began (Bulkowski: a
steep, nearly straight run). *Body*: the bars since, after a pause of a few bars, low against the pole.
*Flag*: the lines of highs and lows are nearly parallel and do not lean with the pole; *pennant*: they
converge, highs falling and lows rising (Bulkowski; Edwards & Magee 1948). A line's slope goes from the
extreme of the body's earlier half to that of its later half (a regression through all highs would not see
that they narrow), and it lies so that no bar of the body is beyond it. The body is read and its lines are
drawn again at each of its bars, which last at most `body_length` times the pole; a close is judged by the
lines of the bars before it, and where they have met it is over. Breakout: the line on the pole's side.
Target: the pole's height from the body's far extreme (Bulkowski's measure rule; "the flag flies at
half-mast"). Invalidation: the other line; of a pennant, whose
lines meet, the body's far extreme.
"""

import numpy as np

from alphapulse_assets.patterns.chart.candidates import write_lines
from alphapulse_assets.patterns.chart.flags_and_handles import candidate_tail, longest, pole_of
from alphapulse_assets.patterns.chart.layout import (
    BASE,
    BEFORE,
    BODY,
    BODY_DRIFT,
    BODY_MIN,
    BODY_PARALLEL,
    BODY_SHARE,
    BODY_SPEED,
    BODY_X,
    BOTTOMS,
    BREAKS,
    BULL_FLAG,
    BULL_PENNANT,
    CANDIDATE,
    END,
    EXPIRES,
    FLAG,
    FLAG_ID,
    FORMING,
    HEIGHT,
    ID,
    LOWEST,
    MIN_HEIGHT,
    MISREAD,
    NOW_ATR,
    PATTERN,
    PENNANT_SLOPE,
    POLE,
    QUALITY,
    READ,
    STAGE,
    START,
    TOPS,
    Floats,
    X,
    compiled,
)
from alphapulse_assets.patterns.chart.life import NOWHERE, followed


@compiled
def flag(m: Floats, tail: int, side: float) -> bool:
    """Whether the tail of a pole is a flag or a pennant by now: it is the candidate then."""
    bars = int(m[tail + BODY])
    pole, pole_bars = pole_of(m, tail, side)
    if bars < m[BODY_MIN] or pole < m[MIN_HEIGHT] * m[NOW_ATR]:
        return False
    highest = m[tail + TOPS]
    for place in range(1, bars):
        highest = max(highest, m[tail + TOPS + place])
    height = highest - m[tail + LOWEST]
    if not 0.0 < height <= m[BODY_SHARE] * pole:
        return False
    length = m[tail + BODY_X + bars - 1] - m[tail + BODY_X]
    upper = _slope(m, tail, TOPS, bars) * length / height
    lower = _slope(m, tail, BOTTOMS, bars) * length / height
    drift = 0.5 * (upper + lower)
    if abs(drift) * height > m[BODY_SPEED] * pole / pole_bars * length:
        return False
    if upper <= -m[PENNANT_SLOPE] and lower >= m[PENNANT_SLOPE]:
        pattern, misfit = BULL_PENNANT, 0.0
    elif abs(upper - lower) <= m[BODY_PARALLEL] and drift <= m[BODY_DRIFT]:
        pattern, misfit = BULL_FLAG, abs(upper - lower) / m[BODY_PARALLEL]
    else:
        return False
    candidate_tail(m, pattern, side, tail, START)
    draw(m, CANDIDATE, tail, side)
    m[CANDIDATE + BEFORE] = m[tail + MISREAD]
    m[CANDIDATE + EXPIRES] = m[tail + END + X] + longest(m, tail, side)
    m[CANDIDATE + HEIGHT] = pole
    m[CANDIDATE + QUALITY] = 1.0 - 0.5 * (misfit + height / (m[BODY_SHARE] * pole))
    return True


@compiled
def draw(m: Floats, pattern: int, tail: int, side: float) -> None:
    """Lines around the body as it is now: of a flag parallel, of a pennant each for itself."""
    bars = int(m[tail + BODY])
    upper, lower = _slope(m, tail, TOPS, bars), _slope(m, tail, BOTTOMS, bars)
    if m[pattern + PATTERN] < BULL_PENNANT:
        upper = 0.5 * (upper + lower)
        lower = upper
    first, last = m[tail + BODY_X], m[tail + BODY_X + bars - 1]
    origin = m[tail + TOPS]
    above, below = -np.inf, np.inf
    for place in range(bars):
        x = m[tail + BODY_X + place] - first
        above = max(above, (m[tail + TOPS + place] - origin) - upper * x)
        below = min(below, (m[tail + BOTTOMS + place] - origin) - lower * x)
    length = last - first
    top = (first, origin + above, last, origin + (above + upper * length))
    bottom = (first, origin + below, last, origin + (below + lower * length))
    write_lines(m, pattern, side, top, bottom)
    m[pattern + BASE] = side * m[tail + LOWEST]


@compiled
def _slope(m: Floats, tail: int, values: int, bars: int) -> float:
    """Slope of the envelope of a body: from the extreme of its earlier half to that of its later half."""
    half = bars // 2
    sign = 1.0 if values == TOPS else -1.0
    earlier, later = sign * m[tail + values], sign * m[tail + values + bars - half]
    for place in range(1, half):
        earlier = max(earlier, sign * m[tail + values + place])
        later = max(later, sign * m[tail + values + bars - half + place])
    return float(sign * (later - earlier) / (m[tail + BODY_X + bars - half] - m[tail + BODY_X]))


@compiled
def read(m: Floats, tail: int, side: float) -> bool:
    """Whether a body reads otherwise than before: then it is the candidate. Its lines are drawn at each bar.

    A body is read as long as it lasts, as its first bars may look like anything: until something is found;
    then, unless a close is beyond, whether it has become the other kind; and again once that has failed,
    expired or broken out. While nothing is forming, a price beyond the pole's end begins another pole.
    """
    if m[tail + FLAG] == POLE:
        return flag(m, tail, side)
    pattern = followed(m, m[tail + FLAG_ID])
    if pattern == NOWHERE:
        m[tail + FLAG] = POLE
        m[tail + MISREAD] += 1.0
    elif m[pattern + STAGE] != FORMING:
        m[tail + FLAG] = POLE
    elif m[pattern + BREAKS] == 0.0:
        draw(m, pattern, tail, side)
        return flag(m, tail, side) and m[CANDIDATE + PATTERN] != m[pattern + PATTERN]
    return False


@compiled
def keep(m: Floats, tail: int) -> None:
    """Remember the candidate, if it is followed now: found here, or at another scale."""
    pattern = followed(m, m[CANDIDATE + ID])
    if pattern != NOWHERE and m[pattern + STAGE] == FORMING:
        m[tail + FLAG] = READ
        m[tail + FLAG_ID] = m[CANDIDATE + ID]
