"""Reversal patterns at a confirmed pivot: head and shoulders, triple and double tops. Compiled, pure.

Written for tops; bottoms are their mirror. e0..e5 are the last six pivots with a high last, oriented; H is
the pattern's height. What is not sourced is ours; the numbers are in `rules`.

*Head and shoulders* (LMW 2000: E1 a maximum, E3 > E1 and E3 > E5, E1 and E5 near their average, E2 and E4
near theirs; Bulkowski, Encyclopedia of Chart Patterns, for confirmation and measure rule). Neckline through
e2 and e4, H from it up to the head e3. The head is above both shoulders, these well above the neckline and
about equally high, halves about equally long, no leg of a bar or two, and the leg to the left shoulder comes
from below the neckline. Breakout: the neckline, or the right armpit e4 where the neckline falls
(Bulkowski: where it slopes adversely). Target: H below the breakout. Invalidation: the right shoulder.

*Triple top* (Bulkowski): e1, e3, e5 about equally high, e2 and e4 roughly so, about equally spaced, leg from
below. H from highest top to lowest valley. Breakout: the lowest valley; target H below it (measure rule);
invalidation: the highest top.

*Double top* (LMW: two maxima near their average at least 22 days apart; Bulkowski: a valley between them, a
rise before them). e3 and e5 about equally high, e4 roughly in the middle, the leg to e3 from well below e4,
no top as high before it. Breakout: the valley e4; target H below it, half of H for the cautious
(Bulkowski); invalidation: the higher top.
"""

from alphapulse_assets.patterns.chart.candidates import candidate_levels, candidate_points
from alphapulse_assets.patterns.chart.layout import (
    DOUBLE_BARS,
    DOUBLE_PRIOR,
    DOUBLE_TIME_RATIO,
    DOUBLE_TOLERANCE,
    DOUBLE_TOP,
    HEAD_ABOVE,
    HEAD_AND_SHOULDERS,
    LEG_BARS,
    MAX_LENGTH,
    MIN_HEIGHT,
    MIN_LENGTH,
    NECK_TOLERANCE,
    NOW_ATR,
    PIVOTS,
    POINT,
    PRICE,
    PRIOR_LEG,
    SHOULDER_HEIGHT,
    SHOULDER_TOLERANCE,
    TIME_RATIO,
    TRIPLE_TOLERANCE,
    TRIPLE_TOP,
    TRIPLE_VALLEYS,
    Floats,
    X,
    compiled,
)


@compiled
def reversal(m: Floats, points: int, count: float, side: float) -> bool:
    """Whether the last pivots end such a pattern: it is the candidate then.

    Args:
        m: the memory of an instrument and timeframe (`layout`); what is found is written at CANDIDATE.
        points: where in `m` the PIVOTS last pivots of a scale begin, the newest last.
        count: how many pivots the scale has had.
        side: 1.0 where the newest is a high, -1.0 where it is a low.
    """
    if count >= PIVOTS and (_head_and_shoulders(m, points, side) or _triple(m, points, side)):
        return True
    return count >= 4 and _double(m, points, count, side)


@compiled
def _price(m: Floats, points: int, number: int, side: float) -> float:
    return float(side * m[points + number * POINT + PRICE])


@compiled
def _time(m: Floats, points: int, number: int) -> float:
    return float(m[points + number * POINT + X])


@compiled
def _sized(m: Floats, height: float, length: float) -> bool:
    """Whether a pattern is high and long enough, and not too long."""
    return bool(height >= m[MIN_HEIGHT] * m[NOW_ATR] and m[MIN_LENGTH] <= length <= m[MAX_LENGTH])


@compiled
def _balanced(left: float, right: float, most: float) -> bool:
    """Whether two durations differ by at most this factor."""
    return max(left, right) <= most * min(left, right)


@compiled
def _legs(m: Floats, points: int) -> bool:
    """Whether every leg from the first top to the last is more than a bar or two."""
    for number in range(1, 5):
        if _time(m, points, number + 1) - _time(m, points, number) < m[LEG_BARS]:
            return False
    return True


@compiled
def _head_and_shoulders(m: Floats, points: int, side: float) -> bool:
    e0, e1, e2 = _price(m, points, 0, side), _price(m, points, 1, side), _price(m, points, 2, side)
    e3, e4, e5 = _price(m, points, 3, side), _price(m, points, 4, side), _price(m, points, 5, side)
    t1, t2, t3 = _time(m, points, 1), _time(m, points, 2), _time(m, points, 3)
    t4, t5 = _time(m, points, 4), _time(m, points, 5)
    if not _legs(m, points):
        return False
    slope = (e4 - e2) / (t4 - t2)
    height = (e3 - e2) - slope * (t3 - t2)
    if not _sized(m, height, t5 - t1) or not _balanced(t3 - t1, t5 - t3, m[TIME_RATIO]):
        return False
    uneven, tilt = abs(e1 - e5) / height, abs(e2 - e4) / height
    if uneven > m[SHOULDER_TOLERANCE] or tilt > m[NECK_TOLERANCE]:
        return False
    left, right = (e1 - e2) - slope * (t1 - t2), (e5 - e4) - slope * (t5 - t4)
    before = (e2 - e0) - slope * (t2 - t1)
    if min(left, right) < m[SHOULDER_HEIGHT] * height or before < m[PRIOR_LEG] * height:
        return False
    if min(e3 - e1, e3 - e5) < m[HEAD_ABOVE] * height:
        return False
    candidate_points(m, HEAD_AND_SHOULDERS, side, points + POINT, 5)
    fit = 1.0 - 0.5 * (uneven / m[SHOULDER_TOLERANCE] + tilt / m[NECK_TOLERANCE])
    candidate_levels(m, side, (t4, e4, t5, e4 + max(slope, 0.0) * (t5 - t4)), e5, height, fit)
    return True


@compiled
def _triple(m: Floats, points: int, side: float) -> bool:
    e0, e1, e2 = _price(m, points, 0, side), _price(m, points, 1, side), _price(m, points, 2, side)
    e3, e4, e5 = _price(m, points, 3, side), _price(m, points, 4, side), _price(m, points, 5, side)
    t1, t3, t5 = _time(m, points, 1), _time(m, points, 3), _time(m, points, 5)
    top, valley = max(e1, e3, e5), min(e2, e4)
    height = top - valley
    if not _sized(m, height, t5 - t1) or not _balanced(t3 - t1, t5 - t3, m[TIME_RATIO]):
        return False
    if not _legs(m, points):
        return False
    spread, uneven = (top - min(e1, e3, e5)) / height, abs(e2 - e4) / height
    if spread > m[TRIPLE_TOLERANCE] or uneven > m[TRIPLE_VALLEYS]:
        return False
    if valley - e0 < m[PRIOR_LEG] * height:
        return False
    candidate_points(m, TRIPLE_TOP, side, points + POINT, 5)
    fit = 1.0 - 0.5 * (spread / m[TRIPLE_TOLERANCE] + uneven / m[TRIPLE_VALLEYS])
    candidate_levels(m, side, (t1, valley, t5, valley), top, height, fit)
    return True


@compiled
def _double(m: Floats, points: int, count: float, side: float) -> bool:
    e1, e2 = _price(m, points, 1, side), _price(m, points, 2, side)
    e3, e4, e5 = _price(m, points, 3, side), _price(m, points, 4, side), _price(m, points, 5, side)
    t3, t4, t5 = _time(m, points, 3), _time(m, points, 4), _time(m, points, 5)
    top = max(e3, e5)
    height = top - e4
    if not _sized(m, height, t5 - t3) or not _balanced(t4 - t3, t5 - t4, m[DOUBLE_TIME_RATIO]):
        return False
    uneven = abs(e3 - e5) / height
    if t5 - t3 < m[DOUBLE_BARS] or uneven > m[DOUBLE_TOLERANCE] or e4 - e2 < m[DOUBLE_PRIOR] * height:
        return False
    if count > 4 and e1 >= min(e3, e5):
        return False
    candidate_points(m, DOUBLE_TOP, side, points + 3 * POINT, 3)
    candidate_levels(m, side, (t3, e4, t5, e4), top, height, 1.0 - uneven / m[DOUBLE_TOLERANCE])
    return True
