"""Measuring a bar, and pivots by causal directional change. Compiled, pure.

A high is a pivot once a later bar is m ATR below it: the directional-change events of Guillaume et al. (1997,
"From the bird's eye to the microscope"). The extrema of a smoothed curve (Lo, Mamaysky & Wang 2000) need the
future; these do not. Until then the high is the running extreme of its leg. A bar that makes a new extreme
does not end the leg as well: what came first within a bar is not known. Highs and lows alternate; a pivot
keeps the bar at which it was and the bar at which it was known.
"""

import numpy as np

from alphapulse_assets.patterns.chart.layout import (
    ATR,
    BARS,
    CLOSE,
    CLOSES,
    CONFIRMED,
    COUNT,
    DIRECTION,
    EXTREME,
    FIRST,
    FIRST_CLOSE,
    HIGH,
    KIND,
    LAST_CLOSE,
    LEG_AT,
    LOW,
    MULTIPLE,
    NEW_EXTREME,
    NEW_PIVOT,
    NOTHING,
    NOW_ATR,
    NOW_BARS,
    NOW_CLOSES,
    NOW_VOLUMES,
    NOW_X,
    PIVOTS,
    PIVOTS_AT,
    POINT,
    PRICE,
    RANGES,
    ROOM_END,
    SEEDS,
    SINCE,
    STOP,
    VALUES,
    VOLUME,
    VOLUMES,
    VOLUMES_BEFORE,
    Floats,
    X,
    compiled,
)


@compiled
def measure(m: Floats) -> None:
    """Take the bar that is in `m` (x, high, low, close, volume): ATR and counts up to it.

    The windows are summed anew for every bar, oldest first: no drift, no trace of where the state began.
    """
    bars = m[NOW_BARS]
    high, low, close = m[HIGH], m[LOW], m[CLOSE]
    if bars == 0.0:
        m[FIRST_CLOSE] = close
    else:
        high, low = max(high, m[LAST_CLOSE]), min(low, m[LAST_CLOSE])
    _push(m, RANGES, high - low)
    m[NOW_ATR] = _mean(m, RANGES) if bars + 1.0 >= m[RANGES + VALUES] else np.nan
    m[NOW_VOLUMES] += m[VOLUME]
    m[NOW_CLOSES] += close - m[FIRST_CLOSE]
    m[NOW_BARS] = bars + 1.0
    m[LAST_CLOSE] = close


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
def advance(m: Floats, scale: int) -> int:
    """Move the leg of the scale that begins at `scale` on by the bar: NOTHING, NEW_EXTREME or NEW_PIVOT."""
    leg, extreme = scale + LEG_AT, scale + EXTREME
    direction = m[leg + DIRECTION]
    if direction == 0.0:
        return _seed(m, scale)
    top, bottom = (m[HIGH], m[LOW]) if direction > 0.0 else (-m[LOW], -m[HIGH])
    if top >= direction * m[extreme + PRICE]:
        _mark(m, extreme, direction * top)
        m[leg + SINCE] = np.inf
        return NEW_EXTREME
    # only the lowest bar so far ends a leg, so that it is where the next leg's extreme is
    if bottom > m[leg + SINCE]:
        return NOTHING
    m[leg + SINCE] = bottom
    if not direction * m[extreme + PRICE] - bottom >= m[scale + MULTIPLE] * m[NOW_ATR] > 0.0:
        return NOTHING
    _turn(m, scale, direction)
    _mark(m, extreme, direction * bottom)
    return NEW_PIVOT


@compiled
def _seed(m: Floats, scale: int) -> int:
    """Look for the first leg: highest and lowest so far, the later one m ATR from the earlier one."""
    highest, lowest = scale + SEEDS, scale + SEEDS + POINT
    if not m[highest + BARS] > 0.0:
        _mark(m, highest, m[HIGH])
        _mark(m, lowest, m[LOW])
    if m[HIGH] >= m[highest + PRICE]:
        _mark(m, highest, m[HIGH])
    if m[LOW] <= m[lowest + PRICE]:
        _mark(m, lowest, m[LOW])
    height = m[highest + PRICE] - m[lowest + PRICE]
    if not height >= m[scale + MULTIPLE] * m[NOW_ATR] > 0.0 or m[highest + X] == m[lowest + X]:
        return NOTHING
    falling = m[highest + X] < m[lowest + X]
    earlier, later = (highest, lowest) if falling else (lowest, highest)
    _copy(m, earlier, scale + EXTREME)
    _turn(m, scale, 1.0 if falling else -1.0)
    _copy(m, later, scale + EXTREME)
    return NEW_PIVOT


@compiled
def _turn(m: Floats, scale: int, direction: float) -> None:
    """Keep the extreme as a pivot; the leg goes the other way."""
    first = scale + PIVOTS_AT
    last = first + (PIVOTS - 1) * POINT
    for place in range(first, last):
        m[place] = m[place + POINT]
    _copy(m, scale + EXTREME, last)
    m[last + KIND] = direction
    m[last + CONFIRMED] = m[NOW_X]
    m[scale + LEG_AT + COUNT] += 1.0
    m[scale + LEG_AT + DIRECTION] = -direction
    m[scale + LEG_AT + SINCE] = np.inf


@compiled
def _copy(m: Floats, source: int, point: int) -> None:
    for place in range(POINT):
        m[point + place] = m[source + place]


@compiled
def _mark(m: Floats, point: int, price: float) -> None:
    """Write a point: this bar at `price`."""
    m[point + X] = m[NOW_X]
    m[point + PRICE] = price
    m[point + ATR] = m[NOW_ATR]
    m[point + VOLUMES] = m[NOW_VOLUMES]
    m[point + CLOSES] = m[NOW_CLOSES]
    m[point + BARS] = m[NOW_BARS]
