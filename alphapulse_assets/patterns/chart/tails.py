"""The bars after a leg's extreme: bodies of flags and pennants, and handles of cups. Compiled, pure.

A flag's body is too small to have pivots at the scale at which its pole is a leg, so it is not looked for
among pivots: at each scale the bars since the last high, and since the last low, are kept (at most
BODY_ROOM) and measured as they come. Written for poles that go up; the mirror follows. What is not sourced
is ours; the numbers are in `rules`.

*Pole*: the leg to the extreme, high, short and fast in ATR as it was where the leg began (Bulkowski: a
steep, nearly straight run). *Body*: the bars since, after a pause of a few bars, low against the pole.
*Flag*: the lines of highs and lows are nearly parallel and do not lean with the pole; *pennant*: they
converge, highs falling and lows rising (Bulkowski; Edwards & Magee 1948). A line's slope goes from the
extreme of the body's earlier half to that of its later half (a regression through all highs would not see
that they narrow), and it lies so that no bar of the body is beyond it. Lines are drawn again at each bar of
the body; a close is judged by those of the bars before it. Breakout: the line on the pole's side. Target:
the pole's height from the body's far extreme (Bulkowski's measure rule; "the flag flies at half-mast").
Invalidation: the other line.

*Cup and handle* (O'Neil 1988; Bulkowski): two rims about equally high, the cup between them round and its
bottom near the middle, a rise before it at least as high as the cup is deep; then a short handle in the cup's
upper half. Breakout: the right rim. Target: the cup's depth above it. Invalidation: the middle of the cup.
"""

import numpy as np

from alphapulse_assets.patterns.chart.drafts import draft_points, write_lines
from alphapulse_assets.patterns.chart.layout import (
    ATR,
    BARS,
    BASE,
    BODY,
    BODY_DRIFT,
    BODY_LENGTH,
    BODY_MIN,
    BODY_PARALLEL,
    BODY_ROOM,
    BODY_SHARE,
    BODY_SPEED,
    BODY_X,
    BOTTOMS,
    BREAKS,
    BULL_FLAG,
    BULL_PENNANT,
    CLOSES,
    COUNT,
    CUP,
    CUP_AND_HANDLE,
    CUP_BALANCE,
    CUP_BARS,
    CUP_HEIGHT,
    CUP_ROUND,
    DRAFT,
    END,
    EXPIRES,
    EXTREME,
    FIRST_CLOSE,
    FLAG,
    FLAG_ID,
    FOLLOWED,
    FORMING,
    HANDLE_BARS,
    HANDLE_LEAST,
    HANDLE_LENGTH,
    HANDLE_MOST,
    HEIGHT,
    HIGH,
    ID,
    LEG_AT,
    LOW,
    LOWEST,
    LOWEST_X,
    MAX_LENGTH,
    MIN_HEIGHT,
    NOW_ATR,
    NOW_BARS,
    NOW_VOLUMES,
    NOW_X,
    OPEN_PATTERNS,
    PATTERN,
    PATTERNS,
    PENNANT_SLOPE,
    PIVOTS,
    PIVOTS_AT,
    POINT,
    POLE_ATR,
    POLE_BARS,
    POLE_SPEED,
    PRICE,
    QUALITY,
    RIM,
    RIM_TOLERANCE,
    SCRATCH,
    SIDE,
    STAGE,
    START,
    TOPS,
    VOLUMES,
    Floats,
    X,
    compiled,
)


@compiled
def begin_tail(m: Floats, scale: int, tail: int, side: float) -> None:
    """A leg has a new extreme: its tail is empty. See if the leg is a pole or the right side of a cup."""
    m[tail + BODY] = 0.0
    m[tail + LOWEST] = np.inf
    m[tail + FLAG] = 0.0
    m[tail + CUP] = 0.0
    start = scale + PIVOTS_AT + (PIVOTS - 1) * POINT
    for place in range(POINT):
        m[tail + END + place] = m[scale + EXTREME + place]
        m[tail + START + place] = m[start + place]
        m[tail + RIM + place] = m[start - POINT + place]
    height, bars = _pole(m, tail, side)
    usual = m[start + ATR]
    if bars <= m[POLE_BARS] and height >= max(m[POLE_ATR], m[POLE_SPEED] * bars) * usual > 0.0:
        m[tail + FLAG] = 1.0
    if m[scale + LEG_AT + COUNT] >= 3.0 and _is_cup(m, tail, side, m[start - 2 * POINT + PRICE]):
        m[tail + CUP] = 1.0


@compiled
def _pole(m: Floats, tail: int, side: float) -> tuple[float, float]:
    """Height and bars of the leg before a tail."""
    height = side * (m[tail + END + PRICE] - m[tail + START + PRICE])
    return height, m[tail + END + X] - m[tail + START + X]


@compiled
def _cup(m: Floats, tail: int, side: float) -> tuple[float, float]:
    """Depth of a cup below its lower rim, and how far the right rim is above the left one."""
    rims = side * (m[tail + END + PRICE] - m[tail + RIM + PRICE])
    return side * (m[tail + RIM + PRICE] - m[tail + START + PRICE]) + min(rims, 0.0), rims


@compiled
def _is_cup(m: Floats, tail: int, side: float, before: float) -> bool:
    """Whether left rim, bottom and the new extreme make a cup; its depth in ATR is asked for later."""
    left = m[tail + START + X] - m[tail + RIM + X]
    right = m[tail + END + X] - m[tail + START + X]
    if not m[CUP_BARS] <= left + right <= m[MAX_LENGTH] or max(left, right) > m[CUP_BALANCE] * min(
        left, right
    ):
        return False
    depth, rims = _cup(m, tail, side)
    return bool(abs(rims) <= m[RIM_TOLERANCE] * depth and side * (m[tail + RIM + PRICE] - before) >= depth)


@compiled
def lengthen(m: Floats, tail: int, side: float) -> None:
    """Take the bar into the tail; a tail that is too long or gives back too much is dropped."""
    top, bottom = (m[HIGH], m[LOW]) if side > 0.0 else (-m[LOW], -m[HIGH])
    place = int(m[tail + BODY])
    if place == BODY_ROOM:
        m[tail + FLAG] = 0.0
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
    pole, bars = _pole(m, tail, side)
    if back > m[BODY_SHARE] * pole or since > m[BODY_LENGTH] * max(bars, m[BODY_MIN]):
        m[tail + FLAG] = 0.0
    if back > m[HANDLE_MOST] * pole or since > m[HANDLE_LENGTH] * (m[tail + END + X] - m[tail + RIM + X]):
        m[tail + CUP] = 0.0


@compiled
def flag(m: Floats, tail: int, side: float) -> bool:
    """Whether the tail of a pole is a flag or a pennant by now: it is drafted then."""
    bars = int(m[tail + BODY])
    pole, pole_bars = _pole(m, tail, side)
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
    _draft_tail(m, pattern, side, tail, START)
    draw(m, DRAFT, tail, side)
    m[DRAFT + HEIGHT] = pole
    m[DRAFT + QUALITY] = 1.0 - 0.5 * (misfit + height / (m[BODY_SHARE] * pole))
    m[DRAFT + EXPIRES] = m[NOW_X] + m[BODY_LENGTH] * max(pole_bars, m[BODY_MIN])
    return True


@compiled
def _draft_tail(m: Floats, pattern: int, side: float, tail: int, first: int) -> None:
    """Begin a draft with the pivots of the tail from `first` on and the extreme of its bars so far.

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
    draft_points(m, pattern, side, SCRATCH, count + 1)
    m[DRAFT + SIDE] = side


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
def redraw(m: Floats, tail: int, side: float) -> None:
    """Draw the lines of a flag that was found, unless a close is beyond; forget it once it is over."""
    for number in range(int(m[OPEN_PATTERNS])):
        pattern = PATTERNS + number * FOLLOWED
        if m[pattern + ID] == m[tail + FLAG_ID] and m[pattern + STAGE] == FORMING:
            if m[pattern + BREAKS] == 0.0:
                draw(m, pattern, tail, side)
            return
    m[tail + FLAG] = 0.0


@compiled
def handle(m: Floats, tail: int, side: float) -> bool:
    """Whether the tail of a cup is a handle by now: the pattern is drafted then."""
    depth, rims = _cup(m, tail, side)
    back = side * m[tail + END + PRICE] - m[tail + LOWEST]
    if m[tail + BODY] < m[HANDLE_BARS] or depth < m[CUP_HEIGHT] * m[NOW_ATR]:
        return False
    if not m[HANDLE_LEAST] * depth <= back <= m[HANDLE_MOST] * depth:
        return False
    mean = (m[tail + END + CLOSES] - m[tail + RIM + CLOSES]) / (m[tail + END + BARS] - m[tail + RIM + BARS])
    lower_rim = m[tail + RIM + PRICE] if rims > 0.0 else m[tail + END + PRICE]
    if side * ((lower_rim - m[FIRST_CLOSE]) - mean) < m[CUP_ROUND] * depth:
        return False
    _draft_tail(m, CUP_AND_HANDLE, side, tail, RIM)
    rim = side * m[tail + END + PRICE]
    middle = rim - m[HANDLE_MOST] * depth
    first, last = m[tail + RIM + X], m[tail + END + X]
    write_lines(m, DRAFT, side, (first, rim, last, rim), (first, middle, last, middle))
    m[DRAFT + HEIGHT] = depth
    m[DRAFT + QUALITY] = 1.0 - 0.5 * (abs(rims) / m[RIM_TOLERANCE] + back / m[HANDLE_MOST]) / depth
    m[DRAFT + EXPIRES] = m[NOW_X] + m[HANDLE_LENGTH] * (last - first)
    return True
