"""The bars after a leg's extreme: bodies of flags and pennants, and handles of cups. Compiled, pure.

A flag's body is too small to have pivots at the scale at which its pole is a leg, so it is not looked for
among pivots: at each scale the bars since the last high, and since the last low, are kept (at most
BODY_ROOM) and measured as they come. Written for poles that go up; the mirror follows. What is not sourced
is ours; the numbers are in `rules`.

*Cup and handle* (O'Neil 1988; Bulkowski): two rims about equally high, the cup between them round and its
bottom near the middle, a rise before it at least as high as the cup is deep; then a short handle in the cup's
upper half. Breakout: the right rim. Target: the cup's depth above it. Invalidation: the middle of the cup.
"""

import numpy as np

from alphapulse_assets.patterns.chart.candidates import candidate_points, write_lines
from alphapulse_assets.patterns.chart.layout import (
    ATR,
    BARS,
    BODY,
    BODY_LENGTH,
    BODY_MIN,
    BODY_ROOM,
    BODY_SHARE,
    BODY_X,
    BOTTOMS,
    CANDIDATE,
    CLOSES,
    COUNT,
    CUP,
    CUP_AND_HANDLE,
    CUP_BALANCE,
    CUP_BARS,
    CUP_HEIGHT,
    CUP_ROUND,
    END,
    EXPIRES,
    EXTREME,
    FIRST_CLOSE,
    FLAG,
    HANDLE_BARS,
    HANDLE_LEAST,
    HANDLE_LENGTH,
    HANDLE_MOST,
    HEIGHT,
    HIGH,
    LEG_AT,
    LOW,
    LOWEST,
    LOWEST_X,
    MAX_LENGTH,
    MISREAD,
    NO_POLE,
    NOW_ATR,
    NOW_BARS,
    NOW_VOLUMES,
    NOW_X,
    PIVOTS,
    PIVOTS_AT,
    POINT,
    POLE,
    POLE_ATR,
    POLE_BARS,
    POLE_SPEED,
    PRICE,
    QUALITY,
    RIM,
    RIM_TOLERANCE,
    SCRATCH,
    SIDE,
    START,
    TOPS,
    VOLUMES,
    Floats,
    X,
    compiled,
)


@compiled
def begin_tail(m: Floats, scale: int, tail: int, side: float) -> None:
    """A leg has a new extreme: its tail is empty. See if the leg is a pole or the right side of a cup.

    Mostly it is neither, and the tail's points are not written then.
    """
    start, end = scale + PIVOTS_AT + (PIVOTS - 1) * POINT, scale + EXTREME
    height, bars = _leg(m, start, end, side)
    pole = bars <= m[POLE_BARS] and height >= max(m[POLE_ATR], m[POLE_SPEED] * bars) * m[start + ATR] > 0.0
    cup = m[scale + LEG_AT + COUNT] >= 3.0 and _is_cup(m, start, end, side)
    m[tail + FLAG] = POLE if pole else NO_POLE
    m[tail + CUP] = 1.0 if cup else 0.0
    if not pole and not cup:
        return
    m[tail + BODY] = 0.0
    m[tail + LOWEST] = np.inf
    m[tail + MISREAD] = 0.0
    for place in range(POINT):
        m[tail + END + place] = m[end + place]
        m[tail + START + place] = m[start + place]
        m[tail + RIM + place] = m[start - POINT + place]


@compiled
def _leg(m: Floats, start: int, end: int, side: float) -> tuple[float, float]:
    """Height and bars from one point to another."""
    return side * (m[end + PRICE] - m[start + PRICE]), m[end + X] - m[start + X]


@compiled
def pole_of(m: Floats, tail: int, side: float) -> tuple[float, float]:
    """Height and bars of the leg before a tail."""
    return _leg(m, tail + START, tail + END, side)


@compiled
def _cup(m: Floats, rim: int, start: int, end: int, side: float) -> tuple[float, float]:
    """Depth of a cup below its lower rim, and how far the right rim is above the left one."""
    rims = side * (m[end + PRICE] - m[rim + PRICE])
    return side * (m[rim + PRICE] - m[start + PRICE]) + min(rims, 0.0), rims


@compiled
def _is_cup(m: Floats, start: int, end: int, side: float) -> bool:
    """Whether left rim, bottom (the pivot at `start`) and extreme make a cup; its depth in ATR waits."""
    rim, before = start - POINT, m[start - 2 * POINT + PRICE]
    left, right = m[start + X] - m[rim + X], m[end + X] - m[start + X]
    if not m[CUP_BARS] <= left + right <= m[MAX_LENGTH]:
        return False
    if max(left, right) > m[CUP_BALANCE] * min(left, right):
        return False
    depth, rims = _cup(m, rim, start, end, side)
    return bool(abs(rims) <= m[RIM_TOLERANCE] * depth and side * (m[rim + PRICE] - before) >= depth)


@compiled
def lengthen(m: Floats, tail: int, side: float) -> None:
    """Take the bar into the tail; a tail that is too long or gives back too much is dropped."""
    top, bottom = (m[HIGH], m[LOW]) if side > 0.0 else (-m[LOW], -m[HIGH])
    place = int(m[tail + BODY])
    if place == BODY_ROOM:
        m[tail + FLAG] = NO_POLE
        m[tail + CUP] = 0.0
        return
    m[tail + BODY_X + place] = m[NOW_X]
    m[tail + TOPS + place] = top
    m[tail + BOTTOMS + place] = bottom
    m[tail + BODY] = place + 1
    if bottom <= m[tail + LOWEST]:
        m[tail + LOWEST] = bottom
        m[tail + LOWEST_X] = m[NOW_X]
    back = side * m[tail + END + PRICE] - m[tail + LOWEST]
    since = m[NOW_X] - m[tail + END + X]
    pole, _ = pole_of(m, tail, side)
    if back > m[BODY_SHARE] * pole or since > longest(m, tail, side):
        m[tail + FLAG] = NO_POLE
    if back > m[HANDLE_MOST] * pole or since > m[HANDLE_LENGTH] * (m[tail + END + X] - m[tail + RIM + X]):
        m[tail + CUP] = 0.0


@compiled
def longest(m: Floats, tail: int, side: float) -> float:
    """How many bars after its pole a body may last."""
    _, bars = pole_of(m, tail, side)
    return float(m[BODY_LENGTH] * max(bars, m[BODY_MIN]))


@compiled
def candidate_tail(m: Floats, pattern: int, side: float, tail: int, first: int) -> None:
    """Begin a candidate with the pivots of the tail from `first` on and the extreme of its bars so far.

    The last one counts volume up to now: a body is compared with its pole, a handle and half a cup with the
    other half.
    """
    count = 0
    for place in (RIM, START, END):
        if first == RIM or place != RIM:
            for number in range(POINT):
                m[SCRATCH + count * POINT + number] = m[tail + place + number]
            count += 1
    last = SCRATCH + count * POINT
    m[last + X] = m[tail + LOWEST_X]
    m[last + PRICE] = side * m[tail + LOWEST]
    m[last + VOLUMES] = m[NOW_VOLUMES]
    m[last + BARS] = m[NOW_BARS]
    candidate_points(m, pattern, side, SCRATCH, count + 1)
    m[CANDIDATE + SIDE] = side


@compiled
def handle(m: Floats, tail: int, side: float) -> bool:
    """Whether the tail of a cup is a handle by now: the pattern is the candidate then."""
    depth, rims = _cup(m, tail + RIM, tail + START, tail + END, side)
    back = side * m[tail + END + PRICE] - m[tail + LOWEST]
    if m[tail + BODY] < m[HANDLE_BARS] or depth < m[CUP_HEIGHT] * m[NOW_ATR]:
        return False
    if not m[HANDLE_LEAST] * depth <= back <= m[HANDLE_MOST] * depth:
        return False
    mean = (m[tail + END + CLOSES] - m[tail + RIM + CLOSES]) / (m[tail + END + BARS] - m[tail + RIM + BARS])
    lower_rim = m[tail + RIM + PRICE] if rims > 0.0 else m[tail + END + PRICE]
    if side * ((lower_rim - m[FIRST_CLOSE]) - mean) < m[CUP_ROUND] * depth:
        return False
    candidate_tail(m, CUP_AND_HANDLE, side, tail, RIM)
    rim = side * m[tail + END + PRICE]
    middle = rim - m[HANDLE_MOST] * depth
    first, last = m[tail + RIM + X], m[tail + END + X]
    write_lines(m, CANDIDATE, side, (first, rim, last, rim), (first, middle, last, middle))
    m[CANDIDATE + HEIGHT] = depth
    m[CANDIDATE + QUALITY] = 1.0 - 0.5 * (abs(rims) / m[RIM_TOLERANCE] + back / m[HANDLE_MOST]) / depth
    m[CANDIDATE + EXPIRES] = m[NOW_X] + m[HANDLE_LENGTH] * (last - first)
    return True
