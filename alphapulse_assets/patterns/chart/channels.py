"""Patterns between two lines at a confirmed pivot: triangles, wedges, rectangles, channels. Compiled, pure.

Alternating pivots touch an upper and a lower line, each a least-squares line through its touches; every
touch lies within a small share of the first width W, and touches are spread evenly. With L the pattern's
length, a line's *move* is slope x L / W. What is not sourced is ours; the numbers are in `rules`.

*Ascending triangle*: upper line flat, lower line rising. *Descending*: its mirror. *Symmetrical*: upper line
falling, lower line rising, about equally steep (LMW 2000: triangles are E1 > E3 > E5 with E2 < E4; the flat
line is Bulkowski's). Five touches at least (Bulkowski), three of them on the flat line; six if there is none.
*Rectangle*: both lines flat (LMW: tops within 0.75 % of their average, bottoms too, lowest top above highest
bottom); *channel*: both clearly sloped and parallel. Three touches on each line (ours: two are what a random
walk has all the time).

*Rising wedge*: both lines rise and come together, the lower one being steeper; *falling wedge*: its mirror
(Bulkowski: both trendlines slope the same way and converge). Three touches on each line (Bulkowski: five
altogether; by chance five are three times as frequent, ours are six).

The price is between the lines when the pattern is found. An ascending triangle or falling wedge breaks
upwards and fails downwards, a descending one or a rising wedge the other way round; the others break either
way.
Breakout: the line, and where it is flat the highest (lowest) touch too, as touches lie on both sides of a
least-squares line; target: the height beyond it, of a wedge its far end, the lowest touch of a rising one
(Bulkowski's measure rule of wedges); invalidation: the other line. Whatever has an apex is over before it.

*Height*: of a triangle, from its lowest touch to its highest, which are at the base (Bulkowski, Encyclopedia
of Chart Patterns, measure rule of triangles: highest high less lowest low). W is larger: at the first touch
only one line was touched, and the other one is drawn on to there. W stays the unit of slopes and misses: it
belongs to the lines, not to two bars. Of the others it is W, as wide as they are all along (Bulkowski's
measure rules).
"""

import numpy as np

from alphapulse_assets.patterns.chart.candidates import Line, candidate_points, distance, write_lines
from alphapulse_assets.patterns.chart.layout import (
    ASCENDING_CHANNEL,
    ASCENDING_TRIANGLE,
    BALANCE,
    BASE,
    BEYOND,
    CANDIDATE,
    CLOSE,
    DESCENDING_CHANNEL,
    DESCENDING_TRIANGLE,
    FALLING_WEDGE,
    FLAT,
    HEIGHT,
    KIND,
    LOWER,
    MAX_LENGTH,
    MIN_HEIGHT,
    MIN_LENGTH,
    NOW_ATR,
    NOW_X,
    PARALLEL,
    PIVOTS,
    POINT,
    PRICE,
    QUALITY,
    RECTANGLE,
    RISING,
    RISING_WEDGE,
    SIDE,
    SLOPED,
    SYMMETRICAL_TRIANGLE,
    TIME_RATIO,
    TOLERANCE,
    TOUCH_TOLERANCE,
    UPPER,
    WEDGE_NARROWS,
    WEDGE_SLOPE,
    Floats,
    X,
    compiled,
)

_NONE = -1


@compiled
def between_lines(m: Floats, points: int, count: float, side: float) -> bool:
    """Whether the last six or five pivots make such a pattern: it is the candidate then.

    Args:
        m: the memory of an instrument and timeframe (`layout`); what is found is written at CANDIDATE.
        points: where in `m` the PIVOTS last pivots of a scale begin, the newest last.
        count: how many pivots the scale has had.
        side: 1.0 where the newest is a high, -1.0 where it is a low.
    """
    if count >= PIVOTS and _fits(m, points, 0, side):
        return True
    return count >= PIVOTS - 1 and _fits(m, points, 1, side)


@compiled
def _fits(m: Floats, points: int, first: int, side: float) -> bool:
    begin, end = m[points + first * POINT + X], m[points + (PIVOTS - 1) * POINT + X]
    length = end - begin
    if not m[MIN_LENGTH] <= length <= m[MAX_LENGTH] or not _even(m, points, first):
        return False
    # oriented: the newest pivot is a top
    top, top_error = _line(m, points, PIVOTS - 1, first, side, begin, end)
    bottom, bottom_error = _line(m, points, PIVOTS - 2, first, side, begin, end)
    width = top[1] - bottom[1]
    error = max(top_error, bottom_error)
    if width <= 0.0 or error > m[TOUCH_TOLERANCE] * width:
        return False
    rise, fall = (top[3] - top[1]) / width, (bottom[3] - bottom[1]) / width
    upper, lower = (rise, fall) if side > 0.0 else (-fall, -rise)
    pattern, bias, misfit = _kind(m, upper, lower, side, first == 0)
    if pattern == _NONE:
        return False
    lowest, highest = _extent(m, points, first)
    height = highest - lowest if _narrows(pattern) else width
    if height < m[MIN_HEIGHT] * m[NOW_ATR]:
        return False
    candidate_points(m, pattern, 1.0, points + first * POINT, PIVOTS - first)
    write_lines(m, CANDIDATE, side, top, bottom)
    m[CANDIDATE + SIDE] = bias
    m[CANDIDATE + HEIGHT] = height
    _write_extremes(m, pattern, lowest, highest)
    m[CANDIDATE + TOLERANCE] = m[TOUCH_TOLERANCE] * width
    m[CANDIDATE + QUALITY] = 1.0 - 0.5 * (error / m[CANDIDATE + TOLERANCE] + misfit)
    above = distance(m, CANDIDATE + UPPER, m[NOW_X], m[CLOSE])
    below = distance(m, CANDIDATE + LOWER, m[NOW_X], m[CLOSE])
    return bool(above <= 0.0 <= below)


@compiled
def _narrows(pattern: int) -> bool:
    return ASCENDING_TRIANGLE <= pattern <= SYMMETRICAL_TRIANGLE or pattern >= RISING_WEDGE


@compiled
def _write_extremes(m: Floats, pattern: int, lowest: float, highest: float) -> None:
    """Where a flat line lets a breakout begin, and from where a wedge's move is measured to its far end."""
    if pattern == ASCENDING_TRIANGLE:
        m[CANDIDATE + BEYOND] = highest
    elif pattern == DESCENDING_TRIANGLE:
        m[CANDIDATE + BEYOND] = lowest
    elif pattern == RISING_WEDGE:
        m[CANDIDATE + BASE] = highest
    elif pattern == FALLING_WEDGE:
        m[CANDIDATE + BASE] = lowest


@compiled
def _extent(m: Floats, points: int, first: int) -> tuple[float, float]:
    """The lowest touch and the highest one."""
    lowest, highest = np.inf, -np.inf
    for place in range(points + first * POINT, points + PIVOTS * POINT, POINT):
        lowest, highest = min(lowest, m[place + PRICE]), max(highest, m[place + PRICE])
    return lowest, highest


@compiled
def _even(m: Floats, points: int, first: int) -> bool:
    """Whether the touches are spread over the pattern: the leg that led to it is not one of them."""
    shortest, longest = np.inf, 0.0
    for place in range(points + first * POINT, points + (PIVOTS - 1) * POINT, POINT):
        gap = m[place + POINT + X] - m[place + X]
        shortest, longest = min(shortest, gap), max(longest, gap)
    return bool(longest <= m[TIME_RATIO] * shortest)


@compiled
def _line(
    m: Floats, points: int, last: int, first: int, side: float, begin: float, end: float
) -> tuple[Line, float]:
    """The least-squares line through every other pivot from `last` back to `first`, from begin to end.

    Prices count from the newest touch, so that a shift of price changes nothing. With it, its largest miss.
    """
    origin = m[points + last * POINT + PRICE]
    number, sum_x, sum_y, sum_xx, sum_xy = 0, 0.0, 0.0, 0.0, 0.0
    for place in range(last, first - 1, -2):
        x, y = m[points + place * POINT + X] - end, side * (m[points + place * POINT + PRICE] - origin)
        number += 1
        sum_x, sum_y, sum_xx, sum_xy = sum_x + x, sum_y + y, sum_xx + x * x, sum_xy + x * y
    slope = (number * sum_xy - sum_x * sum_y) / (number * sum_xx - sum_x * sum_x)
    level = (sum_y - slope * sum_x) / number
    miss = 0.0
    for place in range(last, first - 1, -2):
        x, y = m[points + place * POINT + X] - end, side * (m[points + place * POINT + PRICE] - origin)
        miss = max(miss, abs(y - level - slope * x))
    newest = side * origin
    return (begin, newest + (level + slope * (begin - end)), end, newest + level), miss


@compiled
def _kind(m: Floats, upper: float, lower: float, side: float, six: bool) -> tuple[int, float, float]:
    """Pattern, the side it is expected to break to, and how much of the room for slopes it uses (0..1)."""
    flat = m[FLAT]
    if (six or side > 0.0) and abs(upper) <= flat and lower >= m[RISING]:
        return ASCENDING_TRIANGLE, 1.0, abs(upper) / flat
    if (six or side < 0.0) and abs(lower) <= flat and -upper >= m[RISING]:
        return DESCENDING_TRIANGLE, -1.0, abs(lower) / flat
    if not six:
        return _NONE, 0.0, 1.0
    if upper >= m[WEDGE_SLOPE] and lower - upper >= m[WEDGE_NARROWS]:
        return RISING_WEDGE, -1.0, m[WEDGE_NARROWS] / (lower - upper)
    if -lower >= m[WEDGE_SLOPE] and lower - upper >= m[WEDGE_NARROWS]:
        return FALLING_WEDGE, 1.0, m[WEDGE_NARROWS] / (lower - upper)
    if -upper > flat and lower > flat and lower - upper >= m[RISING]:
        balance = min(-upper, lower) / max(-upper, lower)
        if balance >= m[BALANCE]:
            return SYMMETRICAL_TRIANGLE, 0.0, (1.0 - balance) / (1.0 - m[BALANCE])
    if abs(upper) <= flat and abs(lower) <= flat:
        return RECTANGLE, 0.0, max(abs(upper), abs(lower)) / flat
    if abs(upper - lower) <= m[PARALLEL]:
        misfit = abs(upper - lower) / m[PARALLEL]
        if min(upper, lower) >= m[SLOPED]:
            return ASCENDING_CHANNEL, 0.0, misfit
        if max(upper, lower) <= -m[SLOPED]:
            return DESCENDING_CHANNEL, 0.0, misfit
    return _NONE, 0.0, 1.0


@compiled
def still_touches(m: Floats, pattern: int, point: int) -> bool:
    """Whether a new pivot lies near the line of its side: the pattern goes on.

    Args:
        m: the memory of an instrument and timeframe (`layout`).
        pattern: where in `m` the pattern's row begins.
        point: where in `m` the pivot begins. A high is held against the upper line, a low against the lower
            one; near is within the pattern's TOLERANCE, in units of price.
    """
    line = pattern + (UPPER if m[point + KIND] > 0.0 else LOWER)
    return bool(abs(distance(m, line, m[point + X], m[point + PRICE])) <= m[pattern + TOLERANCE])
