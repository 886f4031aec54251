"""Which events count at a moment and where each timeframe leans then: machine code over event arrays, pure.

Events lie in the order of `events.ORDER`; those of one `known_at` are a group. `live` holds the numbers of
the events that count after a group: confirmed, with a direction, neither ended nor too old. Sums are taken
anew for every group, in the order of the events, so where the arrays begin never shows in a number.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.core.numba_cache import compiled

PLACES: Final = 7
"""Timeframes in the hierarchy."""
NOBODY: Final = -1

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class EventArrays(NamedTuple):
    """Events as the kernels read them, one entry each."""

    known: Integers  # microseconds since 1970
    expires: Integers  # when they stop to count; 0 for those that never do; set back by an ending
    place: Integers  # in the hierarchy of timeframes
    sign: Integers  # 1 bullish, -1 bearish, 0 neutral
    strength: Floats  # 0..100
    ends: Integers  # number of the event that this one ends, or NOBODY
    kind: Integers  # a number per family and pattern


@compiled
def group_end(known: Integers, begin: int) -> int:
    """The end of the group that begins there."""
    end = begin + 1
    while end < len(known) and known[end] == known[begin]:
        end += 1
    return end


@compiled
def advance(events: EventArrays, begin: int, end: int, live: Integers, count: int) -> int:
    """Take a group of events into those that count, and let go what counts no more.

    Args:
        events: all events; `expires` of those that the group ends is set to the group's moment.
        begin: number of the group's first event.
        end: number after its last one.
        live: shape (events,): numbers of the events that count, the first `count` of them; changed.
        count: how many count before the group.

    Returns:
        How many count after it.
    """
    now = events.known[begin]
    for i in range(begin, end):
        if events.ends[i] != NOBODY:
            events.expires[events.ends[i]] = now
    kept = 0
    for j in range(count):
        if events.expires[live[j]] > now:
            live[kept] = live[j]
            kept += 1
    for i in range(begin, end):
        if events.expires[i] > now:
            live[kept] = i
            kept += 1
    return kept


@compiled
def lean(
    events: EventArrays, live: Integers, count: int, margin: float, stance: Integers, leader: Integers
) -> None:
    """Set the direction of each timeframe (1, -1, 0 for none) and the strongest event that way, or NOBODY.

    The direction is the sign of the sum of sign x strength, unless that is below `margin` of all strength.
    Of events equally strong the later one leads.

    Args:
        events: all events.
        live: numbers of the events that count, the first `count` of them.
        count: how many those are.
        margin: share of all strength, 0..1.
        stance: shape (PLACES,), written: 1, -1 or 0.
        leader: shape (PLACES,), written: number of an event, or NOBODY.
    """
    net, gross = np.zeros(PLACES), np.zeros(PLACES)
    for j in range(count):
        i = live[j]
        net[events.place[i]] += events.sign[i] * events.strength[i]
        gross[events.place[i]] += events.strength[i]
    for k in range(PLACES):
        leans = gross[k] > 0 and net[k] != 0 and abs(net[k]) >= margin * gross[k]
        stance[k] = (1 if net[k] > 0 else -1) if leans else 0
        leader[k] = NOBODY
    for j in range(count):
        i = live[j]
        k = events.place[i]
        if events.sign[i] == stance[k] and (
            leader[k] == NOBODY or events.strength[i] >= events.strength[leader[k]]
        ):
            leader[k] = i


@compiled
def lean_all(
    events: EventArrays, margin: float, group: Integers, stances: Integers, leaders: Integers
) -> int:
    """`lean` after every group of events.

    Args:
        events: all events, in the order of `events.ORDER`; `expires` is changed as by `advance`.
        margin: share of all strength below which a timeframe leans nowhere, 0..1.
        group: shape (events,), written: the row of each event's group.
        stances: shape (groups, PLACES), written: 1, -1 or 0.
        leaders: shape (groups, PLACES), written: number of an event, or NOBODY.

    Returns:
        How many groups there were.
    """
    live = np.empty(len(events.known), dtype=np.int64)
    count, begin, row = 0, 0, 0
    while begin < len(events.known):
        end = group_end(events.known, begin)
        count = advance(events, begin, end, live, count)
        lean(events, live, count, margin, stances[row], leaders[row])
        group[begin:end] = row
        begin, row = end, row + 1
    return row


@compiled
def run_of(stance: Integers, place: int, sign: int) -> tuple[int, int]:
    """The consecutive timeframes around `place` that lean `sign`: first, last.

    `place` is counted, as a pattern of that direction is there; it must not lean the other way.
    """
    first, last = place, place
    while first > 0 and stance[first - 1] == sign:
        first -= 1
    while last < PLACES - 1 and stance[last + 1] == sign:
        last += 1
    return first, last


@compiled
def overridden_by(stance: Integers, place: int, sign: int) -> int:
    """The timeframe above `place` that overrides what leans `sign` there, or NOBODY.

    Decided from the highest down, and one that is overridden has no say over those below it. So whoever has a
    say leans as the highest timeframe that leans at all does, and that one decides for all below it.
    """
    for k in range(PLACES - 1, place, -1):
        if stance[k] != 0:
            return k if stance[k] == -sign else NOBODY
    return NOBODY


@compiled
def convergence(stance: Integers, place: int, sign: int, multipliers: Floats, full: float) -> float:
    """How far the timeframes agree with a pattern of direction `sign` (1 or -1) at `place`: 0..1.

    The multipliers of its run less those of the other timeframes that lean against it, over `full` (the
    number of consecutive timeframes that is strong); 0 where a higher timeframe overrides it. Where its own
    timeframe leans against it no run goes through there, so that nothing is left but what is subtracted: 0.
    """
    if stance[place] == -sign or overridden_by(stance, place, sign) != NOBODY:
        return 0.0
    first, last = run_of(stance, place, sign)
    total = 0.0
    for k in range(PLACES):
        if first <= k <= last:
            total += multipliers[k]
        elif stance[k] == -sign:
            total -= multipliers[k]
    return min(max(total / full, 0.0), 1.0)
