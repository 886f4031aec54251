"""Measuring a bar, and pivots by causal directional change. Compiled, pure.

A high is a pivot once a later bar is m ATR below it: the directional-change events of Guillaume et al. (1997,
"From the bird's eye to the microscope"). The extrema of a smoothed curve (Lo, Mamaysky & Wang 2000) need the
future; these do not. Until then the high is the running extreme of its leg. A bar that makes a new extreme
does not end the leg as well: what came first within a bar is not known. Highs and lows alternate; a pivot
keeps the bar at which it was and the bar at which it was known.

`now` and `scale` are records over the memory `m` (`layout.NOW_RECORD`, `SCALE_RECORD`): what is written to
them is written there.
"""

from typing import Any

import numpy as np

from alphapulse_assets.patterns.chart.layout import (
    FIRST,
    NEW_EXTREME,
    NEW_PIVOT,
    NOTHING,
    NOW_BARS,
    RANGES,
    ROOM_END,
    STOP,
    VALUES,
    VOLUME,
    VOLUMES_BEFORE,
    Floats,
    compiled,
)

Record = Any
"""A record of a numpy array, which numba reads and writes by its fields' names."""


@compiled
def measure(m: Floats, now: Record) -> None:
    """Take the bar that is in `now` (x, high, low, close, volume): ATR and counts up to it.

    The windows are summed anew for every bar, oldest first: no drift, no trace of where the state began.
    """
    bars = now.bars
    high, low, close = now.high, now.low, now.close
    if bars == 0.0:
        now.first_close = close
    else:
        high, low = max(high, now.last_close), min(low, now.last_close)
    _push(m, RANGES, high - low)
    now.atr = _mean(m, RANGES) if bars + 1.0 >= m[RANGES + VALUES] else np.nan
    now.volumes += now.volume
    now.closes += close - now.first_close
    now.bars = bars + 1.0
    now.last_close = close


@compiled
def keep_volume(m: Floats) -> None:
    """Have the bar's volume among those that later bars are compared with."""
    _push(m, VOLUMES_BEFORE, m[VOLUME])


@compiled
def volume_ratio(m: Floats) -> float:
    """Volume over the mean of the bars before; nan where there are too few, or they traded nothing."""
    usual = _mean(m, VOLUMES_BEFORE) if m[NOW_BARS] > m[VOLUMES_BEFORE + VALUES] else 0.0
    return float(m[VOLUME] / usual) if usual > 0.0 else np.nan


@compiled
def _push(m: Floats, window: int, value: float) -> None:
    """Move a window on by one value; at the end of its room it goes back to the beginning."""
    stop = int(m[window + STOP])
    if stop == m[window + ROOM_END]:
        kept = int(m[window + VALUES]) - 1
        first = int(m[window + FIRST])
        for place in range(kept):
            m[first + place] = m[stop - kept + place]
        stop = first + kept
    m[stop] = value
    m[window + STOP] = stop + 1.0


@compiled
def _mean(m: Floats, window: int) -> float:
    """Mean of a window, by two sums, which the processor makes at the same time."""
    values, end = int(m[window + VALUES]), int(m[window + STOP])
    one, other = 0.0, 0.0
    for place in range(end - values, end - 1, 2):
        one += m[place]
        other += m[place + 1]
    if values % 2:
        one += m[end - 1]
    return (one + other) / values


@compiled
def advance(now: Record, scale: Record) -> int:
    """Move the leg of a scale on by the bar: NOTHING, NEW_EXTREME or NEW_PIVOT."""
    direction = scale.direction
    if direction == 0.0:
        return _seed(now, scale)
    top, bottom = (now.high, now.low) if direction > 0.0 else (-now.low, -now.high)
    if top >= direction * scale.extreme.price:
        _mark(now, scale.extreme, direction * top)
        scale.since = np.inf
        return NEW_EXTREME
    # only the lowest bar so far ends a leg, so that it is where the next leg's extreme is
    if bottom > scale.since:
        return NOTHING
    scale.since = bottom
    if not direction * scale.extreme.price - bottom >= scale.multiple * now.atr > 0.0:
        return NOTHING
    _turn(now, scale, direction)
    _mark(now, scale.extreme, direction * bottom)
    return NEW_PIVOT


@compiled
def _seed(now: Record, scale: Record) -> int:
    """Look for the first leg: highest and lowest so far, the later one m ATR from the earlier one."""
    highest, lowest = scale.highest, scale.lowest
    if not highest.bars > 0.0:
        _mark(now, highest, now.high)
        _mark(now, lowest, now.low)
    if now.high >= highest.price:
        _mark(now, highest, now.high)
    if now.low <= lowest.price:
        _mark(now, lowest, now.low)
    height = highest.price - lowest.price
    if not height >= scale.multiple * now.atr > 0.0 or highest.x == lowest.x:
        return NOTHING
    falling = highest.x < lowest.x
    earlier, later = (highest, lowest) if falling else (lowest, highest)
    _copy(earlier, scale.extreme)
    _turn(now, scale, 1.0 if falling else -1.0)
    _copy(later, scale.extreme)
    return NEW_PIVOT


@compiled
def _turn(now: Record, scale: Record, direction: float) -> None:
    """Keep the extreme as a pivot; the leg goes the other way."""
    _copy(scale.pivot_1, scale.pivot_0)
    _copy(scale.pivot_2, scale.pivot_1)
    _copy(scale.pivot_3, scale.pivot_2)
    _copy(scale.pivot_4, scale.pivot_3)
    _copy(scale.pivot_5, scale.pivot_4)
    last = scale.pivot_5
    _copy(scale.extreme, last)
    last.kind = direction
    last.confirmed = now.x
    scale.count += 1.0
    scale.direction = -direction
    scale.since = np.inf


@compiled
def _copy(source: Record, point: Record) -> None:
    point.x = source.x
    point.price = source.price
    point.kind = source.kind
    point.confirmed = source.confirmed
    point.atr = source.atr
    point.volumes = source.volumes
    point.closes = source.closes
    point.bars = source.bars


@compiled
def _mark(now: Record, point: Record, price: float) -> None:
    """Write a point: this bar at `price`."""
    point.x = now.x
    point.price = price
    point.atr = now.atr
    point.volumes = now.volumes
    point.closes = now.closes
    point.bars = now.bars
