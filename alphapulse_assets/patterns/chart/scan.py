"""The pass over bars: everything that is compiled, put together. Batch and live both call `scan`."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numpy as np

from alphapulse_assets.core.numba_cache import compiled_with
from alphapulse_assets.patterns.chart import (
    admission,
    channels,
    flags,
    flags_and_handles,
    life,
    pivots,
    reversals,
)
from alphapulse_assets.patterns.chart.layout import (
    COUNT,
    CUP,
    DIRECTION,
    END,
    EXTREME,
    FIRST_PATTERN,
    FIRST_SCALE,
    FLAG,
    FOLLOWED,
    FORMING,
    GIVEN,
    KIND,
    LEG_AT,
    LIMITS_END,
    MULTIPLE,
    NEW_EXTREME,
    NEW_PIVOT,
    NO_POLE,
    NOW,
    OPEN_PATTERNS,
    PIVOTS,
    PIVOTS_AT,
    POINT,
    PRICE,
    RANGES,
    READ,
    ROOM_FOR_A_BAR,
    ROOMY,
    SCALE_SIZE,
    SCALES,
    STAGE,
    STEP,
    STILL_OPEN,
    TAIL,
    TAILS,
    VOLUMES_BEFORE,
    WINDOW,
    Floats,
    compiled,
)
from alphapulse_assets.patterns.chart.rules import ChartRules

_P = ParamSpec("_P")
_R = TypeVar("_R")


def memory(rules: ChartRules, step: int) -> Floats:
    """An empty state; `step` is the bar's length in microseconds."""
    scales = len(rules.scales)
    rooms = FIRST_SCALE + scales * SCALE_SIZE
    found = np.zeros(rooms + ROOMY * (rules.atr_bars + rules.volume_bars))
    found[STEP] = step
    found[SCALES] = scales
    for window, values in ((RANGES, rules.atr_bars), (VOLUMES_BEFORE, rules.volume_bars)):
        found[window : window + WINDOW] = rooms, rooms + values, rooms + ROOMY * values, values
        rooms += ROOMY * values
    found[NOW:LIMITS_END] = rules.limits()
    for number, multiple in enumerate(rules.scales):
        found[FIRST_SCALE + number * SCALE_SIZE + MULTIPLE] = multiple
    return found


@compiled
def _at_pivot(m: Floats, scale: int, out: Floats, count: int) -> int:
    """Look for shapes that end with the newest pivot of a scale."""
    points, so_far = scale + PIVOTS_AT, m[scale + LEG_AT + COUNT]
    newest = points + (PIVOTS - 1) * POINT
    side = m[newest + KIND]
    if reversals.reversal(m, points, so_far, side):
        count = admission.admit(m, m[scale + MULTIPLE], newest, out, count)
    if channels.between_lines(m, points, so_far, side):
        count = admission.admit(m, m[scale + MULTIPLE], newest, out, count)
    return count


@compiled
def _in_tail(m: Floats, scale: int, tail: int, side: float, out: Floats, count: int) -> int:
    """Look at a tail after it took the bar."""
    if m[tail + FLAG] != NO_POLE and flags.read(m, tail, side):
        count = admission.admit(m, m[scale + MULTIPLE], tail + END, out, count)
        flags.keep(m, tail)
    if m[tail + CUP] == 1.0 and flags_and_handles.handle(m, tail, side):
        count = admission.admit(m, m[scale + MULTIPLE], tail + END, out, count)
        m[tail + CUP] = 2.0
    return count


@compiled
def _move_tails(m: Floats, scale: int, happened: int, out: Floats, count: int) -> int:
    """Move both tails of a scale on by the bar."""
    for number in range(2):
        side = 1.0 - 2.0 * number
        tail = scale + TAILS + number * TAIL
        open_tail = m[tail + FLAG] > 0.0 or m[tail + CUP] == 1.0
        if happened == NEW_EXTREME and m[scale + LEG_AT + DIRECTION] == side and m[tail + FLAG] != READ:
            further = side * (m[scale + EXTREME + PRICE] - m[tail + END + PRICE]) >= 0.0
            if further or not open_tail:
                flags_and_handles.begin_tail(m, scale, tail, side)
                continue
        if open_tail:
            flags_and_handles.lengthen(m, tail, side)
            count = _in_tail(m, scale, tail, side, out, count)
    return count


@compiled
def _has_tail(m: Floats, scale: int) -> bool:
    """Whether a body or a handle may be under way."""
    one, other = scale + TAILS, scale + TAILS + TAIL
    return bool(m[one + FLAG] + m[other + FLAG] > 0.0 or m[one + CUP] == 1.0 or m[other + CUP] == 1.0)


@compiled
def _take(m: Floats, out: Floats, count: int) -> int:
    """Take the bar that is in `m`."""
    pivots.measure(m)
    if m[OPEN_PATTERNS] > 0.0:
        count = life.live_on(m, out, count)
    for number in range(int(m[SCALES])):
        scale = FIRST_SCALE + number * SCALE_SIZE
        happened = pivots.advance(m, scale)
        if happened == NEW_PIVOT:
            count = _at_pivot(m, scale, out, count)
        if happened == NEW_EXTREME or _has_tail(m, scale):
            count = _move_tails(m, scale, happened, out, count)
    pivots.keep_volume(m)
    return count


def _entry(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Machine code that Python calls, kept on disk with all that it calls."""
    return compiled_with(function, error_model="numpy")


@_entry
def scan(m: Floats, bars: Floats, first: int, end: int, out: Floats) -> tuple[int, int]:
    """Take the bars [first, end) of shape (GIVEN, n); events written, and the bar to go on with.

    It stops where `out` might not hold the events of another bar.
    """
    count = 0
    for bar in range(first, end):
        if count + ROOM_FOR_A_BAR > len(out):
            return count, bar
        for field in range(GIVEN):
            m[field] = bars[field, bar]
        count = _take(m, out, count)
    return count, end


@_entry
def look(m: Floats, out: Floats) -> int:
    """Write the open patterns as they are after the last bar; how many there are. Changes `m`."""
    count = 0
    for number in range(int(m[OPEN_PATTERNS])):
        pattern = FIRST_PATTERN + number * FOLLOWED
        if m[pattern + STAGE] == FORMING:
            life.show(m, pattern)
        count = life.emit(m, pattern, m[pattern + STAGE], STILL_OPEN, 0.0, out, count)
    return count


@_entry
def mark(m: Floats, bars: Floats, out: Floats) -> int:
    """Write the pivots of all bars, as they become known: scale, then a point; how many there are."""
    count = 0
    for bar in range(bars.shape[1]):
        for field in range(GIVEN):
            m[field] = bars[field, bar]
        pivots.measure(m)
        for number in range(int(m[SCALES])):
            scale = FIRST_SCALE + number * SCALE_SIZE
            if pivots.advance(m, scale) == NEW_PIVOT:
                newest = scale + PIVOTS_AT + (PIVOTS - 1) * POINT
                out[count, 0] = m[scale + MULTIPLE]
                for place in range(POINT):
                    out[count, 1 + place] = m[newest + place]
                count += 1
    return count
