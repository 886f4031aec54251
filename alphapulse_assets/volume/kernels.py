"""The machine code of the volume patterns: measure one bar, decide, remember. Compiled by numba, pure.

Everything is looked up in fixed windows that are summed anew for every bar, always in the same order, and
batch and live run the same compiled `scan`: what is found at a bar cannot depend on where a frame began. A
running sum would drift, and a threshold turns the last digit into a row more or less.

`bars` is one array of shape (FIELDS, capacity), a column per bar, the first four rows from outside and the
rest what the scan remembers. `limits` are the numbers of `VolumeRules`, each at the place named like it here.
"""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.core.numba_cache import compiled_with

# bars: what is given ...
HIGH: Final = 0
LOW: Final = 1
CLOSE: Final = 2
VOLUME: Final = 3
GIVEN: Final = 4
# ... and what the scan derives and looks back at
TRUE_RANGE: Final = 4
FLOW: Final = 5  # money flow multiplier
FLOWED: Final = 6  # the same times volume
SIGNED: Final = 7  # the bar's step of on-balance volume
BREAKOUT: Final = 8  # 1 up, -1 down, 0 none
LEVEL: Final = 9  # what was broken
PRESSURE: Final = 10  # 1 accumulation, -1 distribution, 0 neither, nan not known
DRY: Final = 11  # 1 yes, 0 no, nan not known
FIELDS: Final = 12

# patterns, in the order of their names
ACCUMULATION: Final = 0
BREAKOUT_PATTERN: Final = 1
CLIMAX: Final = 2
DISTRIBUTION: Final = 3
DIVERGENCE: Final = 4
DRY_UP: Final = 5
EXHAUSTION: Final = 6
FAKE_OUT: Final = 7
SPIKE: Final = 8
PATTERN_COUNT: Final = 9

# an event: a row of floats
INDEX: Final = 0  # of the bar
PATTERN: Final = 1
DIRECTION: Final = 2  # 1 bullish, -1 bearish, 0 neutral
STRENGTH: Final = 3  # 0 weak .. 3 extreme
CONFIDENCE: Final = 4
RATIO: Final = 5
CHANGE: Final = 6
KIND: Final = 7  # which of the pattern's kinds: 1 up, -1 down, the level of a spike
ATR: Final = 8
MEASURES: Final = 9
CONTINUITY: Final = 14
PARTS: Final = 15
EVENT_WIDTH: Final = 18

# limits: the places of the thresholds of VolumeRules
BASELINE_BARS: Final = 0
LONG_BARS: Final = 1
DRY_BARS: Final = 2
ATR_BARS: Final = 3
FAKE_OUT_BARS: Final = 4
SPIKE_RATIO: Final = 5
SPIKE_HIGHER: Final = 6
SPIKE_HIGHEST: Final = 7
SPIKE_FULL: Final = 8
DIVERGENCE_GAP: Final = 9
DIVERGENCE_GAP_FULL: Final = 10
DIVERGENCE_REACH_FULL: Final = 11
CLIMAX_RATIO: Final = 12
CLIMAX_RATIO_FULL: Final = 13
CLIMAX_RANGE: Final = 14
CLIMAX_RANGE_FULL: Final = 15
CLIMAX_CLOSE: Final = 16
CLIMAX_TREND: Final = 17
DRY_RATIO: Final = 18
DRY_QUANTILE: Final = 19
FLOW_LEAST: Final = 20
FLOW_FULL: Final = 21
FLOW_MOVE: Final = 22
BREAKOUT_RATIO: Final = 23
BREAKOUT_RATIO_FULL: Final = 24
BREAKOUT_CLOSE: Final = 25
CONSOLIDATION_WIDTH: Final = 26
CONSOLIDATION_DRIFT: Final = 27
FAKE_OUT_DEPTH_FULL: Final = 28
FAKE_OUT_RATIO_FULL: Final = 29
EXHAUSTION_RATIO: Final = 30
EXHAUSTION_RATIO_FULL: Final = 31
EXHAUSTION_RANGE: Final = 32
EXHAUSTION_MOVE: Final = 33
EXHAUSTION_MOVE_FULL: Final = 34
LIMIT_COUNT: Final = 35

# measures of one bar
_RATIO: Final = 0  # volume over the mean of the bars before
_CHANGE: Final = 1
_ATR: Final = 2
_USUAL: Final = 3  # mean true range of the bars before
_RANGE: Final = 4  # true range over the usual one
_TOP: Final = 5  # highest high of the bars before
_BOTTOM: Final = 6
_TRADED: Final = 7  # volume of the window with this bar
_MONEY_FLOW: Final = 8  # Chaikin money flow
_MOVE: Final = 9  # close against the close a window ago, in ATR
_TREND: Final = 10  # the same up to the bar before
_CONTINUITY: Final = 11
_MEASURE_COUNT: Final = 12

Floats = NDArray[np.float64]
Times = NDArray[np.int64]
_P = ParamSpec("_P")
_R = TypeVar("_R")


def _compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Machine code in which x / 0 is inf or nan, no error.

    Inlined, as each array that a function is given would be counted up and down: that halves the speed.
    """
    return compiled_with(function, error_model="numpy", forceinline=True)


@_compiled
def _between(value: float, low: float, high: float) -> float:
    """How far `value` has come from `low` (0) to `high` (1); nan counts as 0."""
    share = (value - low) / (high - low)
    if not share > 0.0:
        return 0.0
    return min(share, 1.0)


@_compiled
def _mean(bars: Floats, field: int, first: int, last: int) -> float:
    """The plain mean of a field over [first, last): four sums side by side, always the same way."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    whole = first + (last - first) // 4 * 4
    for j in range(first, whole, 4):
        a += bars[field, j]
        b += bars[field, j + 1]
        c += bars[field, j + 2]
        d += bars[field, j + 3]
    for j in range(whole, last):
        a += bars[field, j]
    return ((a + b) + (c + d)) / (last - first)


@_compiled
def _derive(bars: Floats, i: int) -> None:
    """The bar's own derived fields; the very first bar of a frame has no bar before it."""
    high, low, close = bars[HIGH, i], bars[LOW, i], bars[CLOSE, i]
    bars[FLOW, i] = ((close - low) - (high - close)) / (high - low) if high > low else 0.0
    bars[FLOWED, i] = bars[FLOW, i] * bars[VOLUME, i]
    before = bars[CLOSE, i - 1] if i > 0 else close
    bars[TRUE_RANGE, i] = max(high, before) - min(low, before)
    step = 0.0
    if close > before:
        step = bars[VOLUME, i]
    elif close < before:
        step = -bars[VOLUME, i]
    bars[SIGNED, i] = step
    bars[BREAKOUT, i] = 0.0
    bars[LEVEL, i] = np.nan
    bars[PRESSURE, i] = np.nan
    bars[DRY, i] = np.nan


@_compiled
def _measure(bars: Floats, times: Times, i: int, step: int, limits: Floats, m: Floats) -> None:
    """Fill `m` from the bars up to and with i; the window before i holds BASELINE_BARS bars."""
    window = int(limits[BASELINE_BARS])
    start, close, volume = i - window, bars[CLOSE, i], bars[VOLUME, i]
    before, ranges, traded, flowed = 0.0, 0.0, 0.0, 0.0
    top, bottom = bars[HIGH, start], bars[LOW, start]
    for j in range(start, i):
        before += bars[VOLUME, j]
        ranges += bars[TRUE_RANGE, j]
        traded += bars[VOLUME, j + 1]
        flowed += bars[FLOWED, j + 1]
        top = max(top, bars[HIGH, j])
        bottom = min(bottom, bars[LOW, j])
    atr = _mean(bars, TRUE_RANGE, i - int(limits[ATR_BARS]) + 1, i + 1)
    usual = ranges / window
    m[_RATIO] = volume / (before / window) if before > 0.0 else np.nan
    m[_CHANGE] = close / bars[CLOSE, i - 1] - 1.0
    m[_ATR] = atr
    m[_USUAL] = usual
    m[_RANGE] = bars[TRUE_RANGE, i] / usual if usual > 0.0 else np.nan
    m[_TOP], m[_BOTTOM] = top, bottom
    m[_TRADED] = traded
    m[_MONEY_FLOW] = flowed / traded if traded > 0.0 else np.nan
    m[_MOVE] = (close - bars[CLOSE, start]) / atr if atr > 0.0 else np.nan
    m[_TREND] = (bars[CLOSE, i - 1] - bars[CLOSE, start]) / atr if atr > 0.0 else np.nan
    m[_CONTINUITY] = window * step / (times[i] - times[start])


@_compiled
def _share_below(bars: Floats, i: int, count: int) -> float:
    """Share of the `count` bars before i that traded less than it."""
    less = 0
    for j in range(i - count, i):
        less += int(bars[VOLUME, j] < bars[VOLUME, i])
    return less / count


@_compiled
def _on_balance(bars: Floats, i: int, count: int) -> tuple[float, float, float]:
    """On-balance volume at i, and its highest and lowest of the `count` bars before, from 0 at the first."""
    now, top, bottom = 0.0, 0.0, 0.0
    for j in range(i - count + 1, i):
        now += bars[SIGNED, j]
        top, bottom = max(top, now), min(bottom, now)
    return now + bars[SIGNED, i], top, bottom


@_compiled
def _finish(
    event: Floats, i: int, pattern: int, direction: float, kind: float, size: float, cuts: Floats, m: Floats
) -> None:
    """What all patterns have in common. Confidence is the mean of the parts, times continuity."""
    event[INDEX], event[PATTERN], event[DIRECTION], event[KIND] = i, pattern, direction, kind
    event[STRENGTH] = 0.0
    for j in range(cuts.shape[1]):
        event[STRENGTH] += 1.0 if size >= cuts[pattern, j] else 0.0
    event[RATIO], event[CHANGE], event[ATR] = m[_RATIO], m[_CHANGE], m[_ATR]
    event[CONTINUITY] = min(m[_CONTINUITY], 1.0)
    event[CONFIDENCE] = event[CONTINUITY] * ((event[PARTS] + event[PARTS + 1] + event[PARTS + 2]) / 3.0)


@_compiled
def _spike(bars: Floats, i: int, limits: Floats, cuts: Floats, m: Floats, events: Floats, n: int) -> int:
    ratio = m[_RATIO]
    if not ratio >= limits[SPIKE_RATIO]:
        return 0
    level = limits[SPIKE_RATIO]
    if ratio >= limits[SPIKE_HIGHEST]:
        level = limits[SPIKE_HIGHEST]
    elif ratio >= limits[SPIKE_HIGHER]:
        level = limits[SPIKE_HIGHER]
    event = events[n]
    event[MEASURES] = bars[VOLUME, i]
    event[MEASURES + 1] = m[_RANGE]
    event[PARTS] = _between(ratio, limits[SPIKE_RATIO], limits[SPIKE_FULL])
    event[PARTS + 1] = _share_below(bars, i, int(limits[BASELINE_BARS]))
    event[PARTS + 2] = _between(m[_RANGE], 0.0, 2.0)
    direction = np.sign(bars[CLOSE, i] - bars[CLOSE, i - 1])
    _finish(event, i, SPIKE, direction, level, ratio, cuts, m)
    return 1


@_compiled
def _divergence(bars: Floats, i: int, limits: Floats, cuts: Floats, m: Floats, events: Floats, n: int) -> int:
    higher, lower = bars[HIGH, i] > m[_TOP], bars[LOW, i] < m[_BOTTOM]
    if higher == lower or not m[_TRADED] > 0.0:
        return 0
    side = 1.0 if higher else -1.0
    level = m[_TOP] if higher else m[_BOTTOM]
    reach = (bars[HIGH, i] - level if higher else level - bars[LOW, i]) / m[_ATR]
    obv, obv_top, obv_bottom = _on_balance(bars, i, int(limits[BASELINE_BARS]))
    gap = (obv_top - obv if higher else obv - obv_bottom) / m[_TRADED]
    if not gap >= limits[DIVERGENCE_GAP]:
        return 0
    event = events[n]
    event[MEASURES], event[MEASURES + 1], event[MEASURES + 2] = level, gap, reach
    event[PARTS] = _between(gap, limits[DIVERGENCE_GAP], limits[DIVERGENCE_GAP_FULL])
    event[PARTS + 1] = _between(reach, 0.0, limits[DIVERGENCE_REACH_FULL])
    event[PARTS + 2] = _between(-side * m[_MONEY_FLOW], -limits[FLOW_FULL], limits[FLOW_FULL])
    _finish(event, i, DIVERGENCE, -side, -side, gap, cuts, m)
    return 1


@_compiled
def _climax(bars: Floats, i: int, limits: Floats, cuts: Floats, m: Floats, events: Floats, n: int) -> int:
    side, trend = np.sign(m[_TREND]), abs(m[_TREND])
    extreme = bars[HIGH, i] > m[_TOP] if side > 0.0 else bars[LOW, i] < m[_BOTTOM]
    off = side * bars[FLOW, i]
    if not (
        trend >= limits[CLIMAX_TREND]
        and m[_RATIO] >= limits[CLIMAX_RATIO]
        and m[_RANGE] >= limits[CLIMAX_RANGE]
        and extreme
        and off < limits[CLIMAX_CLOSE]
    ):
        return 0
    event = events[n]
    event[MEASURES], event[MEASURES + 1] = m[_TOP] if side > 0.0 else m[_BOTTOM], bars[FLOW, i]
    event[MEASURES + 2], event[MEASURES + 3] = m[_RANGE], m[_TREND]
    event[PARTS] = _between(m[_RATIO], limits[CLIMAX_RATIO], limits[CLIMAX_RATIO_FULL])
    event[PARTS + 1] = _between(m[_RANGE], limits[CLIMAX_RANGE], limits[CLIMAX_RANGE_FULL])
    event[PARTS + 2] = _between(-off, -limits[CLIMAX_CLOSE], 1.0)
    _finish(event, i, CLIMAX, -side, side, m[_RATIO], cuts, m)
    return 1


@_compiled
def _dry_up(bars: Floats, i: int, limits: Floats, cuts: Floats, m: Floats, events: Floats, n: int) -> int:
    window, short = int(limits[LONG_BARS]), int(limits[DRY_BARS])
    if i < window:
        return 0
    ratio = _mean(bars, VOLUME, i - short + 1, i + 1) / _mean(bars, VOLUME, i - window, i)
    bars[DRY, i] = 0.0
    if not ratio <= limits[DRY_RATIO]:  # nan where nothing was traded: no market, not dry
        return 0
    rank = _share_below(bars, i, window)
    if rank > limits[DRY_QUANTILE]:
        return 0
    bars[DRY, i] = 1.0
    if bars[DRY, i - 1] != 0.0:  # it lasts, or nobody knows
        return 0
    event = events[n]
    event[MEASURES], event[MEASURES + 1] = ratio, rank
    event[PARTS] = _between(-ratio, -limits[DRY_RATIO], 0.0)
    event[PARTS + 1] = _between(-rank, -limits[DRY_QUANTILE], 0.0)
    event[PARTS + 2] = _between(-m[_RANGE], -1.0, 0.0)
    _finish(event, i, DRY_UP, 0.0, 0.0, 1.0 - ratio, cuts, m)
    return 1


@_compiled
def _pressure_begun(bars: Floats, i: int, limits: Floats, m: Floats) -> float:
    """Remember the pressure of bar i; 1 or -1 where one begins that is known not to have been before."""
    pressure = 0.0
    if abs(m[_MONEY_FLOW]) >= limits[FLOW_LEAST] and abs(m[_MOVE]) < limits[FLOW_MOVE]:
        pressure = 1.0 if m[_MONEY_FLOW] > 0.0 else -1.0
    bars[PRESSURE, i] = pressure
    before = bars[PRESSURE, i - 1]
    return 0.0 if np.isnan(before) or pressure == before else pressure


@_compiled
def _pressure(
    bars: Floats, i: int, side: float, limits: Floats, cuts: Floats, m: Floats, events: Floats, n: int
) -> int:
    """Accumulation (side 1) or distribution (side -1), which begins here."""
    flow = side * m[_MONEY_FLOW]
    event = events[n]
    event[MEASURES], event[MEASURES + 1] = m[_MONEY_FLOW], m[_MOVE]
    event[PARTS] = _between(flow, limits[FLOW_LEAST], limits[FLOW_FULL])
    event[PARTS + 1] = _between(-abs(m[_MOVE]), -limits[FLOW_MOVE], 0.0)
    obv, _, _ = _on_balance(bars, i, int(limits[BASELINE_BARS]))
    event[PARTS + 2] = _between(side * obv / m[_TRADED], 0.0, 1.0)
    _finish(event, i, ACCUMULATION if side > 0.0 else DISTRIBUTION, side, side, flow, cuts, m)
    return 1


@_compiled
def _breakout(bars: Floats, i: int, limits: Floats, cuts: Floats, m: Floats, events: Floats, n: int) -> int:
    close, height = bars[CLOSE, i], m[_TOP] - m[_BOTTOM]
    side = 1.0 if close > m[_TOP] else -1.0 if close < m[_BOTTOM] else 0.0
    width = height / m[_USUAL]
    drift = abs(bars[CLOSE, i - 1] - bars[CLOSE, i - int(limits[BASELINE_BARS])])
    if not (
        side != 0.0
        and m[_RATIO] >= limits[BREAKOUT_RATIO]
        and side * bars[FLOW, i] > limits[BREAKOUT_CLOSE]
        and width <= limits[CONSOLIDATION_WIDTH]
        and drift <= limits[CONSOLIDATION_DRIFT] * height
    ):
        return 0
    level = m[_TOP] if side > 0.0 else m[_BOTTOM]
    bars[BREAKOUT, i], bars[LEVEL, i] = side, level
    event = events[n]
    event[MEASURES], event[MEASURES + 1] = level, m[_BOTTOM] if side > 0.0 else m[_TOP]
    event[MEASURES + 2], event[MEASURES + 3] = width, side * (close - level) / m[_ATR]
    event[MEASURES + 4] = bars[FLOW, i]
    event[PARTS] = _between(m[_RATIO], limits[BREAKOUT_RATIO], limits[BREAKOUT_RATIO_FULL])
    event[PARTS + 1] = _between(side * bars[FLOW, i], limits[BREAKOUT_CLOSE], 1.0)
    event[PARTS + 2] = _between(-width, -limits[CONSOLIDATION_WIDTH], 0.0)
    _finish(event, i, BREAKOUT_PATTERN, side, side, m[_RATIO], cuts, m)
    return 1


@_compiled
def _lost_before(bars: Floats, broken: int, i: int) -> bool:
    """Whether a close between the breakout and i was back beyond its level."""
    for j in range(broken + 1, i):
        if bars[BREAKOUT, broken] * (bars[CLOSE, j] - bars[LEVEL, broken]) < 0.0:
            return True
    return False


@_compiled
def _fake_out(bars: Floats, i: int, limits: Floats, cuts: Floats, m: Floats, events: Floats, n: int) -> int:
    reach = int(limits[FAKE_OUT_BARS])
    since, lost = 0, 0
    for k in range(1, reach + 1):
        side = bars[BREAKOUT, i - k]
        if side * (bars[CLOSE, i] - bars[LEVEL, i - k]) < 0.0 and not _lost_before(bars, i - k, i):
            lost += 1
            if since == 0:
                since = k
    if lost == 0:
        return 0
    side, level = bars[BREAKOUT, i - since], bars[LEVEL, i - since]
    depth = side * (level - bars[CLOSE, i]) / m[_ATR]
    event = events[n]
    event[MEASURES], event[MEASURES + 1], event[MEASURES + 2] = level, since, depth
    event[MEASURES + 3] = lost
    event[PARTS] = _between(depth, 0.0, limits[FAKE_OUT_DEPTH_FULL])
    event[PARTS + 1] = (reach + 1.0 - since) / reach
    event[PARTS + 2] = _between(m[_RATIO], 0.0, limits[FAKE_OUT_RATIO_FULL])
    _finish(event, i, FAKE_OUT, -side, side, depth, cuts, m)
    return 1


@_compiled
def _exhaustion(i: int, limits: Floats, cuts: Floats, m: Floats, events: Floats, n: int) -> int:
    side, move = np.sign(m[_MOVE]), abs(m[_MOVE])
    if not (
        m[_RATIO] >= limits[EXHAUSTION_RATIO]
        and m[_RANGE] <= limits[EXHAUSTION_RANGE]
        and move >= limits[EXHAUSTION_MOVE]
    ):
        return 0
    event = events[n]
    event[MEASURES], event[MEASURES + 1] = m[_MOVE], m[_RANGE]
    event[PARTS] = _between(m[_RATIO], limits[EXHAUSTION_RATIO], limits[EXHAUSTION_RATIO_FULL])
    event[PARTS + 1] = _between(-m[_RANGE], -limits[EXHAUSTION_RANGE], 0.0)
    event[PARTS + 2] = _between(move, limits[EXHAUSTION_MOVE], limits[EXHAUSTION_MOVE_FULL])
    _finish(event, i, EXHAUSTION, -side, side, move, cuts, m)
    return 1


@_compiled
def scan(
    bars: Floats,
    times: Times,
    first: int,
    last: int,
    step: int,
    limits: Floats,
    cuts: Floats,
    events: Floats,
) -> int:
    """Find the patterns of the bars [first, last), which follow bars that were scanned already.

    Args:
        bars: see the layout above; the rows from GIVEN on are filled in for the bars scanned.
        times: open times, microseconds since 1970.
        first: the first bar to scan; 0 where none was.
        last: the bar after the last one.
        step: length of the timeframe, microseconds.
        limits: thresholds, see the layout above.
        cuts: shape (PATTERN_COUNT, 3): sizes from which a pattern is medium, strong, extreme.
        events: room for PATTERN_COUNT rows of EVENT_WIDTH per bar.

    Returns:
        How many rows of `events` were filled, in order of bar and pattern.
    """
    m = np.empty(_MEASURE_COUNT)
    least = int(limits[BASELINE_BARS]) + 1
    n = 0
    for i in range(first, last):
        _derive(bars, i)
        if i < least:
            continue
        _measure(bars, times, i, step, limits, m)
        begun = _pressure_begun(bars, i, limits, m)
        if begun > 0.0:
            n += _pressure(bars, i, begun, limits, cuts, m, events, n)
        n += _breakout(bars, i, limits, cuts, m, events, n)
        n += _climax(bars, i, limits, cuts, m, events, n)
        if begun < 0.0:
            n += _pressure(bars, i, begun, limits, cuts, m, events, n)
        n += _divergence(bars, i, limits, cuts, m, events, n)
        n += _dry_up(bars, i, limits, cuts, m, events, n)
        n += _exhaustion(i, limits, cuts, m, events, n)
        n += _fake_out(bars, i, limits, cuts, m, events, n)
        n += _spike(bars, i, limits, cuts, m, events, n)
    return n
