"""Peaks of a profile and how far they stand out. Pure; a small exact version of topographic prominence."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Peak(NamedTuple):
    """A local maximum: `first`..`last` are the samples above half its prominence, `at` among them."""

    at: int
    height: float
    prominence: float
    first: int
    last: int


def smooth(profile: Floats, deviation: float) -> Floats:
    """A Gaussian mean over the known samples; unknown ones (NaN) stay unknown and weigh nothing."""
    reach = max(int(4 * deviation + 0.5), 1)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    known = ~np.isnan(profile)
    padded = np.pad(np.where(known, profile, 0.0), reach)
    total = np.convolve(padded, kernel, mode="valid")
    weight = np.convolve(np.pad(known.astype(np.float64), reach), kernel, mode="valid")
    return np.where(known, total / np.where(known, weight, 1.0), np.nan)


def find_peaks(profile: Floats, least_prominence: float) -> list[Peak]:
    """Local maxima of a profile without NaN, in order of place; ends are none, plateaus count once.

    Prominence is height minus the higher of the two lowest points passed on the way to higher ground, or to
    the end where there is none (as in topography and scipy.signal.peak_prominences).
    """
    peaks = []
    start = 1
    while start < len(profile) - 1:
        end = start
        while end + 1 < len(profile) and profile[end + 1] == profile[start]:
            end += 1
        if end + 1 < len(profile) and profile[start - 1] < profile[start] > profile[end + 1]:
            peak = _measured(profile, (start + end) // 2)
            if peak.prominence >= least_prominence:
                peaks.append(peak)
        start = end + 1
    return peaks


def _measured(profile: Floats, at: int) -> Peak:
    height = float(profile[at])
    higher = np.flatnonzero(profile > height)
    left = higher[higher < at]
    right = higher[higher > at]
    low = int(left[-1]) + 1 if len(left) else 0
    high = int(right[0]) if len(right) else len(profile)
    prominence = height - float(max(profile[low : at + 1].min(), profile[at:high].min()))
    under = np.flatnonzero(profile < height - prominence / 2)
    before, after = under[under < at], under[under > at]
    first = int(before[-1]) + 1 if len(before) else 0
    last = int(after[0]) - 1 if len(after) else len(profile) - 1
    return Peak(at, height, prominence, first, last)
