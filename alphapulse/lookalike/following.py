"""What followed windows, beside what followed random windows of the same instruments. Pure.

A horizon is a number of bars as they are, as of patterns' outcomes: over missing ones it takes longer.
Whether what followed the matches stands out is asked of their mean return in ATR, held against sets of as
many random windows: windows of the same instruments, drawn from the same history by a seed. Matches less than
a horizon apart are one stretch of prices and count once, by the nearest of them.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from alphapulse.lookalike.windows import Floats, Integers, Series

HORIZONS: Final = (5, 10, 20, 50)
"""Bars after a window."""
SETS: Final = 2_000
"""Random sets beside the matches (ours)."""
FEWEST: Final = 10
"""Stretches of time below which nothing is called an edge (ours)."""
LEVEL: Final = 0.95
SEED: Final = 20_260_101

NO_EDGE: Final = "no demonstrated edge"
ABOVE: Final = "above chance"
BELOW: Final = "below chance"


@dataclass(frozen=True, slots=True)
class Followed:
    """What followed at one horizon: of the matches that count, and of random sets of as many windows.

    known: matches whose horizon was over. counted: those of them that are a stretch of their own. Shares are
    of windows after which price was higher, 0 to 1; means are in ATR and in per cent; bounds hold 95 % of the
    random sets. p: how often a random set is as far out, on either side (permutation, with the usual 1
    added); q: that times the number of horizons, at most 1 (Bonferroni). Null where nothing is known.
    """

    horizon: int
    known: int
    counted: int
    rose: float | None = None
    random_rose: float | None = None
    random_rose_low: float | None = None
    random_rose_high: float | None = None
    mean_pct: float | None = None
    random_pct: float | None = None
    mean_atr: float | None = None
    random_atr: float | None = None
    random_low: float | None = None
    random_high: float | None = None
    p: float | None = None
    q: float | None = None
    verdict: str = NO_EDGE


def returns(series: Series, ends: Integers, horizon: int) -> tuple[Floats, Floats]:
    """Return after windows that end at these places: per cent, and in ATR of the last bar; NaN: not known."""
    there = ends + horizon < len(series.close)
    later = np.where(there, ends + horizon, ends)
    moved = np.where(there, series.close[later] - series.close[ends], np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        in_atr = np.where(series.atr[ends] > 0, moved / series.atr[ends], np.nan)
    return moved / series.close[ends] * 100, in_atr


def followed(
    matches: list[tuple[int, int]], all_series: list[Series], pools: list[Integers], horizon: int, seed: int
) -> Followed:
    """What followed matches (number of the series, place of the last bar), the nearest first.

    pools: of each series the places of the last bars of all windows that could have been matches.
    """
    stretch = horizon * (all_series[0].step // timedelta(microseconds=1))
    percent, in_atr, of, seen, known = [], [], [], set(), 0
    for number, end in matches:
        series = all_series[number]
        pct, atr = (float(each[0]) for each in returns(series, np.array([end]), horizon))
        if not np.isfinite(atr):
            continue
        known += 1
        if (cluster := int(series.ts[end]) // stretch) not in seen:
            seen.add(cluster)
            percent.append(pct)
            in_atr.append(atr)
            of.append(number)
    if not in_atr:
        return Followed(horizon, known, 0, verdict=NO_EDGE)
    rates, atrs = _random_sets(of, all_series, pools, horizon, seed)
    return _beside(horizon, known, np.array(percent), np.array(in_atr), rates, atrs)


def _random_sets(
    of: list[int], all_series: list[Series], pools: list[Integers], horizon: int, seed: int
) -> tuple[Floats, Floats]:
    """Returns in per cent and in ATR of SETS sets, each a window of every match's own series."""
    generator = np.random.default_rng([seed, horizon])
    percent, in_atr = np.empty((SETS, len(of))), np.empty((SETS, len(of)))
    for number in set(of):
        pct, atr = returns(all_series[number], pools[number], horizon)
        fit = np.flatnonzero(np.isfinite(atr))
        places = [column for column, each in enumerate(of) if each == number]
        drawn = fit[generator.integers(0, len(fit), (SETS, len(places)))]
        percent[:, places], in_atr[:, places] = pct[drawn], atr[drawn]
    return percent, in_atr


def _beside(
    horizon: int, known: int, percent: Floats, in_atr: Floats, rates: Floats, atrs: Floats
) -> Followed:
    bounds = (50 * (1 - LEVEL), 50 * (1 + LEVEL))
    means, rose = atrs.mean(axis=1), (atrs > 0).mean(axis=1)
    mean = float(in_atr.mean())
    beyond = min(int((means >= mean).sum()), int((means <= mean).sum()))
    p = min(2 * (beyond + 1) / (SETS + 1), 1.0)
    q = min(p * len(HORIZONS), 1.0)
    stands_out = len(in_atr) >= FEWEST and q < 1 - LEVEL
    verdict = NO_EDGE if not stands_out else ABOVE if mean > float(means.mean()) else BELOW
    rose_low, rose_high = (float(each) for each in np.percentile(rose, bounds))
    low, high = (float(each) for each in np.percentile(means, bounds))
    return Followed(
        horizon,
        known,
        len(in_atr),
        float((in_atr > 0).mean()),
        float(rose.mean()),
        rose_low,
        rose_high,
        float(percent.mean()),
        float(rates.mean()),
        mean,
        float(means.mean()),
        low,
        high,
        p,
        q,
        verdict,
    )
