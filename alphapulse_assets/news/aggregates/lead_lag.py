"""Whether sentiment has anything to do with price: correlations at lags, and how good chance looks. Pure.

Both are on one grid of hours, by the time at which the hour began. At a lag of k > 0 the sentiment of an hour
is held against the price of the hour k later, which opened when that sentiment was known already; at -k price
came first. docs/news.md tells what is done against seeing what is not there:

- the interval is the stationary block bootstrap's (Politis and Romano 1994), of hours near in time together;
- p is by the number of independent pairs that both series are worth (Pyper and Peterman 1998), and q is
  adjusted for all that was looked at (Benjamini and Hochberg 1995, by families);
- beside the best lag stands what the best lag reaches with sentiment shuffled in blocks of a day.

The same input gives the same figures: what is drawn at random is drawn from a fixed seed.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alphapulse_assets.news.aggregates.kernels import (
    Floats,
    Ints,
    autocorrelations,
    best_of_shuffled,
    correlation_at,
    resampled,
)

LAGS: Final = (-24, -12, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 12, 24)
"""Hours (ours): dense where news should show, thin where only the order of magnitude matters."""
LEAST_PAIRS: Final = 100
"""Hours without which nothing is said (ours)."""
BLOCK: Final = 24
"""Hours that are drawn or shuffled together, in the mean (ours): a level rests on as many."""
DRAWS: Final = 499
"""Resamples and shufflings (ours)."""
SEED: Final = 20_261_130
CORRELATED_FOR: Final = 72
"""Hours over which a series is taken to hang together with itself (ours)."""
SIGNIFICANT: Final = 0.01
"""q below which a relation is demonstrated (ours): at 0.05 one verdict of twenty would be chance."""
_HELD: Final = 8
"""Lengths of which draws are held: 9 MB each for 90 days."""

NOTHING: Final = "no demonstrated relation"
TOO_LITTLE: Final = "too little data"
LEADS, FOLLOWS, AT_ONCE = "sentiment leads", "sentiment follows", "same hour"
ECHO: Final = "echo of a stronger one"
VERDICTS: Final = (LEADS, FOLLOWS, AT_ONCE, ECHO, NOTHING, TOO_LITTLE)
DEMONSTRATED: Final = (LEADS, FOLLOWS, AT_ONCE)


@dataclass(frozen=True, slots=True)
class LagFigures:
    """Of one pair of series, an array of each with a value a lag (LAGS); NaN where there is none.

    `best` is what the best lag of shuffled sentiment reaches in one case of twenty; `share` of each lag how
    many shufflings have a best lag at least as large.
    """

    pairs: Ints
    effective: Floats
    correlation: Floats
    low: Floats
    high: Floats
    p: Floats
    best: float
    share: Floats


def lead_lag(sentiment: Floats, price: Floats) -> LagFigures:
    """Figures of two series on one grid of hours, NaN where one is not known.

    Raises:
        ValueError: grids of different lengths.
    """
    if len(sentiment) != len(price):
        raise ValueError(f"{len(sentiment)} hours of sentiment and {len(price)} of price")
    x, y = _spoken(np.asarray(sentiment, np.float64), np.asarray(price, np.float64))
    n, count = len(x), len(LAGS)
    lags, hours = np.array(LAGS, np.int64), np.arange(n)
    told = [correlation_at(x, y, hours, lag) for lag in LAGS]
    pairs = np.array([each[1] for each in told], np.int64)
    found = np.array([each[0] for each in told])
    found[pairs < LEAST_PAIRS] = math.nan
    nothing = np.full(count, math.nan)
    if np.isnan(found).all():
        return LagFigures(pairs, nothing, nothing, nothing, nothing, nothing, math.nan, nothing)
    effective = _effective(x, y, pairs)
    effective[np.isnan(found)] = math.nan
    low, high = _interval(x, y, lags, found)
    best = np.empty(DRAWS)
    best_of_shuffled(x, y, _orders(n), lags, int(pairs[~np.isnan(found)].min()) // 2, best)
    share = np.array([math.nan if math.isnan(each) else np.mean(best >= abs(each)) for each in found])
    return LagFigures(
        pairs, effective, found, low, high, _p(found, effective), float(np.quantile(best, 0.95)), share
    )


def _spoken(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Both from the first to the last hour in which anything was said.

    Before the first text there is nothing to shuffle: few pairs would be left, whose best looks good by
    chance.
    """
    known = np.flatnonzero(~np.isnan(x))
    span = slice(int(known[0]), int(known[-1]) + 1) if len(known) else slice(0, 0)
    return np.ascontiguousarray(x[span]), np.ascontiguousarray(y[span])


def adjusted(p: Floats, families: Ints) -> Floats:
    """Probabilities adjusted for all trials; NaN is no trial and stays NaN.

    A family (its number beside each p) are the trials whose strongest gets one verdict. Families are judged
    by Benjamini and Hochberg (1995), each by its smallest p times its trials; within them p counts times
    their trials and the share of families that were let through (Benjamini and Bogomolov 2014). Trials taken
    one by one would not do: echoes of one true relation are found by the dozen, and each would allow chance
    another.
    """
    q = np.full(len(p), math.nan)
    tried = ~np.isnan(p)
    if not tried.any():
        return q
    names, family = np.unique(families[tried], return_inverse=True)
    sizes = np.bincount(family)
    best = np.full(len(names), 1.0)
    np.minimum.at(best, family, p[tried])
    whole = np.sort(np.minimum(best * sizes, 1.0))
    passed = np.flatnonzero(whole * len(names) / np.arange(1, len(names) + 1) < SIGNIFICANT)
    through = int(passed[-1]) + 1 if len(passed) else 1
    q[tried] = np.minimum(p[tried] * sizes[family] * len(names) / through, 1.0)
    return q


def verdicts(correlation: Floats, q: Floats, best: Floats, lags: Ints) -> list[str]:
    """What may be said of each trial of one symbol and window, of all its series and lags.

    A relation is demonstrated where q is below SIGNIFICANT and the correlation beyond the best of shuffled
    sentiment (`best`, that of its series). Sentiment hangs together in time, and its series with each other:
    what shows at one lag shows at its neighbours, on both sides. So the strongest trial alone tells who
    leads, and the others are its echo.
    """
    told = [
        TOO_LITTLE
        if math.isnan(r) or math.isnan(each) or math.isnan(most)
        else ECHO
        if each < SIGNIFICANT and abs(r) > most
        else NOTHING
        for r, each, most in zip(correlation, q, best, strict=True)
    ]
    shown = [place for place, each in enumerate(told) if each == ECHO]
    if shown:
        strongest = max(shown, key=lambda place: (abs(correlation[place]), -abs(lags[place])))
        lag = lags[strongest]
        told[strongest] = AT_ONCE if lag == 0 else LEADS if lag > 0 else FOLLOWS
    return told


def _effective(x: Floats, y: Floats, pairs: Ints) -> Floats:
    """1/n* = 1/n + 2/n sum of (n - j)/n r_xx(j) r_yy(j), between 3 and n (Pyper and Peterman 1998)."""
    of_x, of_y = np.zeros(CORRELATED_FOR), np.zeros(CORRELATED_FOR)
    autocorrelations(x, of_x)
    autocorrelations(y, of_y)
    steps = np.arange(1, CORRELATED_FOR + 1)
    n = np.maximum(pairs, 1).astype(np.float64)[:, None]
    inflation = 1 + 2 * (np.maximum(n - steps, 0) / n * (of_x * of_y)).sum(axis=1)
    effective: Floats = np.clip(pairs / np.maximum(inflation, 1.0), 3.0, None)
    return effective


def _p(found: Floats, effective: Floats) -> Floats:
    """Two-sided, of Fisher's transform of a correlation of so many independent pairs."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.abs(np.arctanh(found)) * np.sqrt(np.maximum(effective - 3.0, 0.0))
    return np.array([math.nan if math.isnan(each) else math.erfc(each / math.sqrt(2)) for each in z])


def _interval(x: Floats, y: Floats, lags: Ints, found: Floats) -> tuple[Floats, Floats]:
    drawn = np.empty((DRAWS, len(lags)))
    resampled(x, y, _draws(len(x)), lags, drawn)
    low, high = np.full(len(lags), math.nan), np.full(len(lags), math.nan)
    for place in np.flatnonzero(~np.isnan(found)):
        some = drawn[~np.isnan(drawn[:, place]), place]
        if len(some):
            low[place] = min(np.quantile(some, 0.025), found[place])
            high[place] = max(np.quantile(some, 0.975), found[place])
    return low, high


@lru_cache(maxsize=_HELD)
def _draws(n: int) -> NDArray[np.int64]:
    """Hours of each resample: blocks that begin anywhere and end with probability 1 / BLOCK, wrapping."""
    random = np.random.default_rng([SEED, n, 1])
    begins = random.random((DRAWS, n)) < 1 / BLOCK
    begins[:, 0] = True
    starts = random.integers(0, n, (DRAWS, n))
    place = np.broadcast_to(np.arange(n), (DRAWS, n))
    since = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    first = np.take_along_axis(starts, since, axis=1)
    drawn: NDArray[np.int64] = (first + place - since) % n
    return drawn


@lru_cache(maxsize=_HELD)
def _orders(n: int) -> NDArray[np.int64]:
    """Hours of each shuffling: blocks of BLOCK, cut anywhere, in another order."""
    random = np.random.default_rng([SEED, n, 2])
    rows = []
    for _ in range(DRAWS):
        turned = np.roll(np.arange(n), int(random.integers(0, n)))
        blocks = [turned[at : at + BLOCK] for at in range(0, n, BLOCK)]
        rows.append(np.concatenate([blocks[place] for place in random.permutation(len(blocks))]))
    return np.array(rows, np.int64)
