"""Motifs judged as patterns are, on bars that they were not found in. Pure.

A history is cut in two. In the first part shapes that come back are found, and each is given the direction in
which price went after it there. In the second part, a horizon later, its occurrences are counted: how often
price went that way, with Wilson's interval of clusters, beside all windows of that part and beside the
occurrences of the same shape on random walks with the same volatility. The verdict is that of patterns, at a
level that several motifs share (Bonferroni). Only what is above chance there has any claim to be called a
pattern.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from alphapulse.lookalike.following import returns
from alphapulse.lookalike.windows import FLAT, Booleans, Floats, Integers, Series, deviations
from alphapulse_assets.core.statistics import Interval, wilson
from alphapulse_assets.patterns.evaluation.performance import NO_EDGE, verdict
from alphapulse_assets.patterns.evaluation.random_walk import SEED, matched_walk
from alphapulse_assets.patterns.motifs.profile import Motif, motifs, occurrences

DISCOVERY: Final = 0.6
"""Share of the history in which motifs are looked for (ours)."""
WALKS: Final = 3
FEWEST: Final = 30
"""Clusters on either side below which nothing is called an edge, as of patterns."""
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Judged:
    """A motif and what became of it. first, twin: open times of its nearest pair. found: occurrences where it
    was found; n: occurrences later, with `clusters` stretches among them. Shares are 0 to 1, mean_atr is the
    motif's way.
    """

    first: datetime
    twin: datetime
    distance: float
    radius: float
    direction: str
    found: int
    found_atr: float
    n: int
    clusters: int
    rate: float | None
    low: float | None
    high: float | None
    mean_atr: float | None
    base_rate: float | None
    walk_n: int
    walk_rate: float | None
    walk_low: float | None
    walk_high: float | None
    verdict: str
    path: list[float]
    times: list[datetime]


def judged(
    candles: pl.DataFrame, step: timedelta, *, bars: int, most: int, horizon: int, seed: int = SEED
) -> list[Judged]:
    """Motifs of a history (CANDLE_SCHEMA, one instrument), nearest pair first, each with its verdict.

    Raises:
        ValueError: too few candles for anything to be found and judged.
    """
    candles = candles.sort("ts")
    cut = int(candles.height * DISCOVERY)
    if cut < 4 * bars + horizon or candles.height - cut < 4 * bars + 2 * horizon:
        raise ValueError(f"{candles.height} bars are too few to find motifs of {bars} bars and to judge them")
    early, late = candles[:cut], candles[cut + horizon :]
    first = Series.of("", "", step, early)
    found = motifs(first.close, bars, fit_windows(first, bars), most)
    second = Series.of("", "", step, late)
    walks = [Series.of("", "", step, matched_walk(late, seed + number)) for number in range(WALKS)]
    level = 1 - (1 - LEVEL) / max(len(found), 1)
    return [_judge(each, first, second, walks, bars, horizon, level) for each in found]


def fit_windows(series: Series, bars: int) -> Booleans:
    """Whether each window lacks no bar and has a shape."""
    spread = deviations(series.close, bars)
    return np.asarray(series.whole(bars) & (spread > FLAT * series.close[: len(spread)]))


def _judge(
    motif: Motif,
    first: Series,
    second: Series,
    walks: list[Series],
    bars: int,
    horizon: int,
    level: float,
) -> Judged:
    shape = first.close[motif.first : motif.first + bars]
    where = occurrences(shape, first.close, fit_windows(first, bars), motif.radius)
    before = _after(first, where + bars - 1, horizon)
    mean = float(np.mean(before)) if len(before) else 0.0
    sign = 1.0 if mean >= 0 else -1.0
    later = occurrences(shape, second.close, fit_windows(second, bars), motif.radius)
    seen, clusters, size, n = _share(second, later, bars, horizon, sign, level)
    everything = sign * _after(second, np.flatnonzero(fit_windows(second, bars)) + bars - 1, horizon)
    chance, walk_clusters, walk_n = _chance(shape, walks, motif.radius, horizon, sign, level)
    base = float((everything > 0).mean()) if len(everything) else None
    enough = min(clusters, walk_clusters) >= FEWEST
    return Judged(
        first=_moment(first.ts[motif.first]),
        twin=_moment(first.ts[motif.twin]),
        distance=motif.distance,
        radius=motif.radius,
        direction="bullish" if sign > 0 else "bearish",
        found=len(where),
        found_atr=sign * mean,
        n=n,
        clusters=clusters,
        rate=None if seen is None else seen.value,
        low=None if seen is None else seen.low,
        high=None if seen is None else seen.high,
        mean_atr=size,
        base_rate=base,
        walk_n=walk_n,
        walk_rate=None if chance is None else chance.value,
        walk_low=None if chance is None else chance.low,
        walk_high=None if chance is None else chance.high,
        verdict=verdict(seen, chance, base) if enough else NO_EDGE,
        path=((shape / shape[-1] - 1) * 100).round(4).tolist(),
        times=[_moment(second.ts[place]) for place in later],
    )


def _after(series: Series, ends: Integers, horizon: int) -> Floats:
    """Returns in ATR that are known."""
    _, in_atr = returns(series, ends, horizon)
    return in_atr[np.isfinite(in_atr)]


def _share(
    series: Series, places: Integers, bars: int, horizon: int, sign: float, level: float
) -> tuple[Interval | None, int, float | None, int]:
    """How often price went a way after windows: share with its interval, clusters, mean in ATR, windows."""
    ends = places + bars - 1
    _, in_atr = returns(series, ends, horizon)
    known = np.isfinite(in_atr)
    if not known.any():
        return None, 0, None, 0
    stretch = horizon * (series.step // timedelta(microseconds=1))
    clusters = len(np.unique(series.ts[ends[known]] // stretch))
    way = sign * in_atr[known]
    return wilson(float((way > 0).mean()), clusters, level), clusters, float(way.mean()), int(known.sum())


def _chance(
    shape: Floats, walks: list[Series], radius: float, horizon: int, sign: float, level: float
) -> tuple[Interval | None, int, int]:
    """The same of random walks: what they do at the same time is one observation."""
    rights: list[Floats] = []
    clusters: set[int] = set()
    bars, stretch = len(shape), horizon * (walks[0].step // timedelta(microseconds=1))
    for walk in walks:
        ends = occurrences(shape, walk.close, fit_windows(walk, bars), radius) + bars - 1
        _, in_atr = returns(walk, ends, horizon)
        known = np.isfinite(in_atr)
        rights.append(sign * in_atr[known])
        clusters.update((walk.ts[ends[known]] // stretch).tolist())
    together = np.concatenate(rights)
    if not len(together):
        return None, 0, 0
    return wilson(float((together > 0).mean()), len(clusters), level), len(clusters), len(together)


def _moment(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(micros))
