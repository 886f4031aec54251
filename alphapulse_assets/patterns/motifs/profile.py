"""The matrix profile of closes and the motifs in it: shapes that come back. Pure.

The profile has for each window the distance of its nearest other one (Yeh et al. 2016), here exactly, by
blocks of correlations: of 10,000 windows that is a second of matrix products and no compiled code, where
stumpy's needs some twenty seconds to be compiled first and gives the same numbers (`bench/similar.py` holds
one to the other).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from alphapulse.lookalike.windows import Booleans, Floats, Integers, distances, zone

BLOCK: Final = 2_000_000
"""Correlations that are held at once, 16 MB of them (ours)."""
ALIKE: Final = 0.8
"""Correlation from which on a window is an occurrence (ours). stumpy's cutoff, two deviations below the mean
distance, leaves a handful of occurrences in weeks of minutes: too few to be judged."""


@dataclass(frozen=True, slots=True)
class Motif:
    """A shape: its window's first bar, that of the nearest other one, and how far occurrences may be."""

    first: int
    twin: int
    distance: float
    radius: float


def profile(closes: Floats, bars: int, fit: Booleans) -> tuple[Floats, Integers]:
    """Distance and place of each window's nearest other one beyond `zone`; NaN and -1 if not fit."""
    windows = sliding_window_view(closes, bars)[fit]
    shapes = windows - windows.mean(axis=1, keepdims=True)
    shapes /= np.sqrt((shapes * shapes).sum(axis=1, keepdims=True))
    places, apart = np.flatnonzero(fit), zone(bars)
    near, twin = np.full(len(fit), np.nan), np.full(len(fit), -1)
    rows = max(BLOCK // max(len(places), 1), 1)
    for begin in range(0, len(places), rows):
        own = places[begin : begin + rows]
        alike = shapes[begin : begin + rows] @ shapes.T
        for row, place in enumerate(own):
            low, high = np.searchsorted(places, (place - apart, place + apart + 1))
            alike[row, low:high] = -np.inf
        best = alike.argmax(axis=1)
        highest = alike[np.arange(len(own)), best]
        known = np.isfinite(highest)
        near[own[known]] = np.sqrt(np.clip(2 * bars * (1 - highest[known]), 0.0, None))
        twin[own[known]] = places[best[known]]
    return near, twin


def motifs(closes: Floats, bars: int, fit: Booleans, most: int) -> list[Motif]:
    """The nearest pairs, at most so many, none of whose windows is an occurrence of an earlier one."""
    near, twin = profile(closes, bars, fit)
    found: list[Motif] = []
    while len(found) < most and np.isfinite(near).any():
        first = int(np.nanargmin(near))
        apart = distances(closes[first : first + bars], closes)
        apart[~fit] = np.nan
        radius = max(float(np.sqrt(2 * bars * (1 - ALIKE))), float(near[first]))
        found.append(Motif(first, int(twin[first]), float(near[first]), radius))
        for place in np.flatnonzero(apart <= radius):
            near[max(place - zone(bars), 0) : place + zone(bars) + 1] = np.nan
    return found


def occurrences(shape: Floats, closes: Floats, fit: Booleans, radius: float) -> Integers:
    """First bars of the windows within the radius, the nearest of those that overlap by more than `zone`."""
    apart = distances(shape, closes)
    apart[~fit | (apart > radius)] = np.nan
    chosen: list[int] = []
    for place in np.argsort(apart, kind="stable")[: int(np.isfinite(apart).sum())]:
        if np.isfinite(apart[place]):
            chosen.append(int(place))
            apart[max(place - zone(len(shape)), 0) : place + zone(len(shape)) + 1] = np.nan
    return np.array(sorted(chosen), dtype=np.int64)
