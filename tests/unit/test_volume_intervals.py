"""Intervals, held to published figures and to the same draws worked out the long way."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.core import statistics as intervals
from alphapulse_assets.core.statistics import RESAMPLES, SEED, bootstrap, wilson


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_is_within_its_wilson_interval_even_where_nothing_or_all_was_a_hit(
    of: tuple[int, int],
) -> None:
    hits, n = of
    found = wilson(hits / n, n)
    assert found.low <= hits / n <= found.high
    assert (found.low == 0, found.high == 1) == (hits == 0, hits == n)


@pytest.mark.parametrize(
    ("up", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_intervals_are_those_newcombe_published(up: int, n: int, low: float, high: float) -> None:
    found = wilson(up / n, n)  # Newcombe 1998, Statistics in Medicine 17, table I, method 3
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.floats(0.001, 0.999), st.integers(1, 10_000))
def test_a_wilson_bound_is_a_share_that_lies_just_so_many_errors_away(share: float, n: int) -> None:
    found = wilson(share, n)
    assert 0 <= found.low < share < found.high <= 1
    for bound in (found.low, found.high):
        error = math.sqrt(bound * (1 - bound) / n)
        assert abs(share - bound) == pytest.approx(1.959964 * error, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(("share", "n", "level"), [(0.5, 0, 0.95), (1.1, 5, 0.95), (0.5, 5, 1.0)])
def test_shares_that_cannot_be_are_refused(share: float, n: int, level: float) -> None:
    with pytest.raises(ValueError, match="no interval"):
        wilson(share, n, level)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 6)), min_size=2, max_size=40), st.integers(0, 99))
def test_bounds_are_the_quantiles_of_whole_clusters_drawn_again(
    pairs: list[tuple[float, int]], key: int
) -> None:
    values = np.array([value for value, _ in pairs])
    clusters = np.array([cluster for _, cluster in pairs])
    names = np.unique(clusters)
    if len(names) < 2:
        return
    mean, median = bootstrap(values, clusters, key=key)
    random = np.random.default_rng([SEED, key])
    means, medians = [], []
    for _ in range(RESAMPLES):
        chosen = names[random.integers(0, len(names), len(names))]
        drawn = np.concatenate([values[clusters == name] for name in chosen])
        means.append(drawn.mean())
        medians.append(np.median(drawn))
    for found, value, resampled in ((mean, values.mean(), means), (median, np.median(values), medians)):
        wanted = (value, *np.quantile(resampled, [0.025, 0.975]))
        assert (found.value, found.low, found.high) == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def test_the_interval_of_a_mean_of_independent_values_is_the_textbook_one() -> None:
    values = np.random.default_rng(1).normal(1, 2, 400)
    mean, _ = bootstrap(values, np.arange(400))
    error = 1.96 * values.std(ddof=1) / 20
    assert mean.value == pytest.approx(values.mean())
    assert mean.low == pytest.approx(values.mean() - error, abs=0.1 * error)
    assert mean.high == pytest.approx(values.mean() + error, abs=0.1 * error)


def test_the_same_stretch_seen_ten_times_is_no_surer_than_seen_once() -> None:
    values, clusters = np.random.default_rng(2).normal(0, 1, 50), np.arange(50)
    once, tenfold = bootstrap(values, clusters), bootstrap(np.repeat(values, 10), np.repeat(clusters, 10))
    for single, repeated in zip(once, tenfold, strict=True):
        assert (repeated.low, repeated.high) == pytest.approx((single.low, single.high), rel=1e-9)


def test_the_order_of_observations_does_not_matter_and_the_key_does() -> None:
    random = np.random.default_rng(3)
    values, clusters = random.normal(0, 1, 60), random.integers(0, 20, 60)
    mixed = random.permutation(60)
    assert bootstrap(values, clusters) == bootstrap(values[mixed], clusters[mixed])
    assert bootstrap(values, clusters, key=1) != bootstrap(values, clusters, key=2)


def test_how_many_are_drawn_at_once_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(4)
    values, clusters = random.normal(0, 1, 60), random.integers(0, 20, 60)
    together = bootstrap(values, clusters)
    for at_once in (1, 140, 19_999):  # one by one; seven by seven; all but the last
        monkeypatch.setattr(intervals, "AT_ONCE", at_once)
        assert bootstrap(values, clusters) == together


def test_a_single_cluster_tells_nothing_about_its_spread() -> None:
    mean, median = bootstrap(np.array([1.0, 2.0, 6.0]), np.array([4, 4, 4]))
    assert (mean.value, mean.low, mean.high) == (3.0, -math.inf, math.inf)
    assert (median.value, median.low, median.high) == (2.0, -math.inf, math.inf)


@pytest.mark.parametrize(("values", "clusters"), [([], []), ([1.0], [1, 2]), ([1.0, math.nan], [1, 2])])
def test_values_that_cannot_be_resampled_are_refused(values: list[float], clusters: list[int]) -> None:
    with pytest.raises(ValueError, match="values"):
        bootstrap(np.array(values), np.array(clusters, dtype=np.int64))
