"""Filling in the row of a pattern that was found: its pivots, its lines, its number. Compiled, pure."""

import numpy as np

from alphapulse_assets.patterns.chart.layout import (
    APEX_ROOM,
    APEX_SHARE,
    ASCENDING_TRIANGLE,
    BARS,
    BEFORE,
    CANDIDATE,
    CLOSE,
    FALLING_WEDGE,
    FOLLOWED,
    HEIGHT,
    LENGTH,
    LOWER,
    NOW_ATR,
    NOW_X,
    PATTERN,
    POINT,
    POINT_PRICE,
    POINT_X,
    POINTS,
    PRICE,
    QUALITY,
    RISING_WEDGE,
    SIDE,
    STEP,
    SYMMETRICAL_TRIANGLE,
    UPPER,
    VOLUME_TREND,
    VOLUMES,
    Floats,
    X,
    compiled,
)

Line = tuple[float, float, float, float]
"""x0, oriented price there, x1, oriented price there."""


@compiled
def candidate_points(m: Floats, pattern: int, side: float, points: int, count: int) -> None:
    """Begin a candidate: a top's pattern number (its mirror follows), and `count` pivots from `points` on.

    The volume trend compares the bars up to the middle pivot with those after it.
    """
    for place in range(FOLLOWED):
        m[CANDIDATE + place] = np.nan
    m[CANDIDATE + PATTERN] = pattern if side > 0.0 else pattern + 1
    m[CANDIDATE + POINTS] = count
    m[CANDIDATE + BEFORE] = 0.0
    for number in range(count):
        m[CANDIDATE + POINT_X + number] = m[points + number * POINT + X]
        m[CANDIDATE + POINT_PRICE + number] = m[points + number * POINT + PRICE]
    last = points + (count - 1) * POINT
    m[CANDIDATE + LENGTH] = m[last + X] - m[points + X]
    middle = points + (count - 1) // 2 * POINT
    before = _mean_volume(m, points, middle)
    m[CANDIDATE + VOLUME_TREND] = _mean_volume(m, middle, last) / before if before > 0.0 else np.nan


@compiled
def _mean_volume(m: Floats, start: int, end: int) -> float:
    return float((m[end + VOLUMES] - m[start + VOLUMES]) / (m[end + BARS] - m[start + BARS]))


@compiled
def candidate_levels(
    m: Floats, side: float, breaks: Line, back: float, height: float, quality: float
) -> None:
    """A top that breaks through the line `breaks` below, or fails at the level `back` above."""
    write_lines(m, CANDIDATE, side, (breaks[0], back, breaks[2], back), breaks)
    m[CANDIDATE + SIDE] = -side
    m[CANDIDATE + HEIGHT] = height
    m[CANDIDATE + QUALITY] = quality


@compiled
def write_lines(m: Floats, pattern: int, side: float, top: Line, bottom: Line) -> None:
    """Oriented lines of a pattern as real ones: in the mirror the top is the lower line."""
    upper, lower = (UPPER, LOWER) if side > 0.0 else (LOWER, UPPER)
    _write_line(m, pattern + upper, side, top)
    _write_line(m, pattern + lower, side, bottom)


@compiled
def _write_line(m: Floats, line: int, side: float, given: Line) -> None:
    m[line] = given[0]
    m[line + 1] = side * given[1]
    m[line + 2] = given[2]
    m[line + 3] = side * given[3]


@compiled
def distance(m: Floats, line: int, x: float, price: float) -> float:
    """How far `price` is above a line (x0, p0, x1, p1) at x; differences only, so a shift changes nothing."""
    return float((price - m[line + 1]) - _slope(m, line) * (x - m[line]))


@compiled
def level_at(m: Floats, line: int, x: float) -> float:
    """The line's price at x."""
    return float(m[line + 1] + _slope(m, line) * (x - m[line]))


@compiled
def _slope(m: Floats, line: int) -> float:
    return float((m[line + 3] - m[line + 1]) / (m[line + 2] - m[line]))


@compiled
def room(m: Floats, pattern: int) -> float:
    """How far apart the lines are at this bar; nothing or less where they have met."""
    return distance(m, pattern + LOWER, m[NOW_X], m[CLOSE]) - distance(m, pattern + UPPER, m[NOW_X], m[CLOSE])


@compiled
def has_closed(m: Floats, pattern: int) -> bool:
    """Whether its lines have met at this bar, or are too near for a breakout of a triangle or wedge."""
    kind = m[pattern + PATTERN]
    least = 0.0
    if ASCENDING_TRIANGLE <= kind <= SYMMETRICAL_TRIANGLE or RISING_WEDGE <= kind <= FALLING_WEDGE:
        first = m[pattern + UPPER + 1] - m[pattern + LOWER + 1]
        least = max(m[APEX_ROOM] * m[NOW_ATR], m[APEX_SHARE] * first)
    return not room(m, pattern) > least


@compiled
def apex(m: Floats, pattern: int) -> float:
    """Where lines with room between them meet: an x ahead, or infinity."""
    closing = _slope(m, pattern + LOWER) - _slope(m, pattern + UPPER)
    return float(m[NOW_X] + room(m, pattern) / closing) if closing > 0.0 else np.inf


@compiled
def identity(m: Floats, pattern: int) -> float:
    """A pattern's id: 53 bits of its kind and the times of its pivots, mixed (splitmix64, Steele 2014).

    Another reading of the same pivots, after one that came to nothing, is another pattern.
    """
    mixed = _mix(np.uint64(m[pattern + PATTERN]) + np.uint64(1))
    for place in range(int(m[pattern + POINTS])):
        micros = np.int64(round(m[pattern + POINT_X + place] * m[STEP]))
        mixed = _mix(mixed ^ np.uint64(micros))
    for _ in range(int(m[pattern + BEFORE])):
        mixed = _mix(mixed)
    return float(mixed >> np.uint64(11))


@compiled
def _mix(value: np.uint64) -> np.uint64:
    z = value + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@compiled
def shared_points(m: Floats, one: int, other: int) -> int:
    """How many pivots two patterns have in common, by their times."""
    found = 0
    for a in range(int(m[one + POINTS])):
        for b in range(int(m[other + POINTS])):
            if m[one + POINT_X + a] == m[other + POINT_X + b]:
                found += 1
    return found
