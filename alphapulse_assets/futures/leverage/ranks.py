"""How a value stands in its own past: mid-ranks and z-scores over the hours behind it. Pure.

The value itself is in its window, nothing after it is: a longer frame changes no row.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]

AT_ONCE: Final = 1_024
"""Rows looked at in one go (ours): some 20 MB with 90 days of hours."""


def trailing_ranks(values: Floats, first: int, window: int, least: int) -> Floats:
    """Mid-ranks (0 to 1) of `values[first:]`, each among the last `window` numbers up to itself.

    The share of those below plus half of those alike, as the regimes' percentiles are. NaN where the value is
    not known, or fewer than `least` of its window are.
    """
    found = np.full(len(values) - first, np.nan)
    for at, windows, own in _windows(values, first, window):
        known = (~np.isnan(windows)).sum(axis=1)
        below = (windows < own[:, None]).sum(axis=1)
        equal = (windows == own[:, None]).sum(axis=1)
        enough = ~np.isnan(own) & (known >= least)
        ranks = (below + 0.5 * equal) / np.maximum(known, 1)
        found[at : at + len(own)] = np.where(enough, ranks, np.nan)
    return found


def trailing_zscores(values: Floats, first: int, window: int, least: int) -> Floats:
    """Distances of `values[first:]` from the mean of the same windows, in their standard deviations (n - 1).

    NaN as of ranks, and where nothing moved. Every window is summed anew: a running sum would depend on where
    the frame begins.
    """
    found = np.full(len(values) - first, np.nan)
    for at, windows, own in _windows(values, first, window):
        there = ~np.isnan(windows)
        known = there.sum(axis=1)
        mean = np.where(there, windows, 0.0).sum(axis=1) / np.maximum(known, 1)
        away = np.where(there, windows - mean[:, None], 0.0)
        deviation = np.sqrt((away**2).sum(axis=1) / np.maximum(known - 1, 1))
        # what is alike but for rounding has not moved
        moved = deviation > 1e-12 * np.maximum(np.abs(mean), 1e-300)
        enough = ~np.isnan(own) & (known >= max(least, 2)) & moved
        scores = (own - mean) / np.where(moved, deviation, 1.0)
        found[at : at + len(own)] = np.where(enough, scores, np.nan)
    return found


def _windows(values: Floats, first: int, window: int) -> Iterator[tuple[int, Floats, Floats]]:
    """Place in the result, the windows that end there, and the values at their ends."""
    padded = np.concatenate([np.full(window - 1, np.nan), values.astype(np.float64)])
    views = sliding_window_view(padded, window)[first:]
    own = values[first:]
    # each row in one piece, so that it is summed in the same order however many there are
    for at in range(0, len(own), AT_ONCE):
        yield at, np.ascontiguousarray(views[at : at + AT_ONCE]), own[at : at + AT_ONCE]
