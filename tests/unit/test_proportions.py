"""Shares by clusters: what they are worth, differences, false discoveries, trends, verdicts; simulated."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.core.proportions import (
    Share,
    above,
    benjamini_hochberg,
    cohens_h,
    difference,
    score_interval,
    share,
    trend,
)
from alphapulse_assets.core.statistics import bootstrap, bootstrap_mean
from alphapulse_assets.patterns.evaluation.power import ABOVE, NO_EDGE, decide, standing
from alphapulse_assets.patterns.events.configuration import DEFAULT


def tosses(random: np.random.Generator, n: int, rate: float = 0.5) -> np.ndarray:
    return (random.random(n) < rate).astype(np.float64)


def overlapping(random: np.random.Generator, n: int, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether a walk is higher `horizon` steps on, at each of n steps; the stretches they are in."""
    walk = np.cumsum(random.normal(size=n + horizon))
    return (walk[horizon:] > walk[:-horizon]).astype(np.float64), np.arange(n) // horizon


def test_one_hit_a_cluster_is_worth_itself_and_one_that_is_repeated_no_more() -> None:
    hits = tosses(np.random.default_rng(1), 400)
    alone = share(hits, np.arange(400) * 2)
    assert alone.effective == pytest.approx(400, rel=0.01)
    again = share(np.repeat(hits, 5), np.repeat(np.arange(400) * 2, 5))
    assert again == Share(alone.value, pytest.approx(alone.effective))
    assert share(np.ones(7), np.array([1, 1, 1, 2, 2, 2, 2])) == Share(1.0, 2.0)
    with pytest.raises(ValueError, match="0 hits"):
        share(np.empty(0), np.empty(0, dtype=np.int64))


def test_outcomes_that_overlap_are_worth_about_their_clusters() -> None:
    random = np.random.default_rng(2)
    worth = [share(*overlapping(random, 4_000, 10)).effective for _ in range(40)]
    assert 400 < float(np.mean(worth)) < 700  # of 4,000 outcomes in 400 stretches


def test_a_coin_is_seldom_called_better_than_a_half_however_its_outcomes_overlap() -> None:
    random = np.random.default_rng(3)
    found = [above(share(*overlapping(random, 3_000, 10)), 0.5) for _ in range(400)]
    assert np.mean(np.array(found) < 0.025) < 0.045
    assert np.mean(np.array(found) > 0.975) < 0.045


def test_two_shares_are_apart_as_the_textbook_has_it() -> None:
    one, other = Share(0.7, 80), Share(0.6, 80)
    # Newcombe 1998, table II (a): 56/70 against 48/80 gives 0.0524 to 0.3339
    told = difference(Share(56 / 70, 70), Share(48 / 80, 80))
    assert (told.low, told.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert above(one, other) == pytest.approx(0.0924, abs=1e-3)  # z = 1.3252, pooled
    assert above(one, one) == 0.5
    assert above(Share(1.0, 9), 1.0) == 0.5
    assert cohens_h(0.5, 0.25) == pytest.approx(math.pi / 2 - math.pi / 3)
    assert score_interval(Share(0.3, 0.4)).low >= 0


def test_q_is_that_of_benjamini_and_hochberg() -> None:
    # Benjamini & Hochberg 1995, section 3: the first four of fifteen are named at 0.05
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    p += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    q = benjamini_hochberg(p[::-1])[::-1]
    assert sum(each <= 0.05 for each in q) == 4
    assert q[3] == pytest.approx(0.0095 * 15 / 4)
    assert q == sorted(q)
    assert benjamini_hochberg([]) == []


def test_a_trend_is_that_of_cochran_and_armitage_where_each_cluster_has_one_outcome() -> None:
    random = np.random.default_rng(4)
    levels = np.repeat([1.0, 2.0, 3.0, 4.0], 500)
    hits = (random.random(2_000) < 0.4 + 0.03 * levels).astype(np.float64)
    told = trend(hits, levels, np.arange(2_000) * 2)
    assert told is not None
    # under independence the variance of the statistic is p (1 - p) times the spread of the levels
    p, away = hits.mean(), levels - levels.mean()
    z = float(away @ hits) / math.sqrt(p * (1 - p) * float(away @ away))
    assert told.p == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), rel=0.2)
    assert told.slope.low < 0.03 < told.slope.high
    assert told.slope.low > 0
    assert trend(hits, np.ones(2_000), np.arange(2_000)) is None
    assert trend(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64)) is None


def test_without_a_trend_one_is_seldom_seen_though_outcomes_overlap() -> None:
    random = np.random.default_rng(5)
    seen = 0
    for _ in range(300):
        hits, clusters = overlapping(random, 1_500, 10)
        # the level lasts as the score of a stretch does
        told = trend(hits, np.repeat(random.integers(1, 5, 300), 5).astype(np.float64), clusters)
        assert told is not None
        seen += told.p < 0.05
    assert seen < 0.08 * 300


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 60))
def test_the_mean_by_sums_of_clusters_is_that_of_the_bootstrap(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    values, clusters = random.normal(size=n), np.sort(random.integers(0, n, n))
    ours, theirs = bootstrap_mean(values, clusters, key=seed), bootstrap(values, clusters, key=seed)[0]
    assert ours.value == theirs.value
    assert ours == bootstrap_mean(values, clusters, key=seed)
    if len(np.unique(clusters)) > 1:
        # the same draws
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


# verdicts ---------------------------------------------------------------------------------------------------

CLUSTERS = 4_000
_STRETCHES = np.arange(CLUSTERS)
_THREE_WALKS = np.repeat(_STRETCHES, 3)


def table(random: np.random.Generator, rates: list[float]) -> list[dict[str, object]]:
    """Verdicts of patterns with these true rates, in a market in which all the others are coins."""
    rows = []
    for rate in rates:
        walk = share(tosses(random, 3 * CLUSTERS), _THREE_WALKS)
        told = standing(share(tosses(random, CLUSTERS, rate), _STRETCHES), walk, 0.5, 0.95)
        effect = told.effect
        rows.append(
            {"effect": effect.value, "effect_low": effect.low, "effect_high": effect.high}
            | {"p_value": told.p, "first_effect": None, "second_effect": None}
        )
    decide(rows, DEFAULT.outcomes)
    return rows


def named(rows: list[dict[str, object]], verdict: str) -> float:
    return sum(row["verdict"] == verdict for row in rows) / len(rows)


def test_a_true_edge_of_three_points_in_4000_clusters_is_found() -> None:
    random = np.random.default_rng(6)
    alone = [named(table(random, [0.53]), ABOVE) for _ in range(100)]
    assert np.mean(alone) > 0.8  # two intervals apart find it in 43 of 100
    among = [table(random, [0.53] * 8 + [0.5] * 32) for _ in range(12)]
    assert np.mean([named(rows[:8], ABOVE) for rows in among]) > 0.45
    false = [row for rows in among for row in rows[8:] if row["verdict"] != NO_EDGE]
    assert len(false) <= 0.05 * sum(row["verdict"] != NO_EDGE for rows in among for row in rows) + 2


def test_where_nothing_has_an_edge_the_share_of_false_verdicts_stays_below_the_level() -> None:
    random = np.random.default_rng(7)
    tables = [table(random, [0.5] * 25) for _ in range(40)]
    # all discoveries are false here, so their share is that of tables with any: at most 2 of 40, and noise
    assert sum(named(rows, NO_EDGE) < 1 for rows in tables) <= 6


def test_an_effect_is_what_is_beyond_walk_and_base_rate_both() -> None:
    walk = Share(0.5, 9_000)
    told = standing(Share(0.6, 2_000), walk, 0.55, 0.95)
    assert told.effect.value == pytest.approx(0.05)
    assert 0.02 < told.effect.low < 0.05 < told.effect.high < 0.08
    assert told.cohens_h == pytest.approx(cohens_h(0.6, 0.55))
    below = standing(Share(0.4, 2_000), walk, 0.45, 0.95)
    assert (below.effect.value, below.p) == (pytest.approx(-0.05), pytest.approx(told.p, rel=0.05))
    assert below.effect.high < 0
    between = standing(Share(0.52, 2_000), walk, 0.55, 0.95)
    assert (between.effect.value, between.cohens_h) == (0.0, pytest.approx(0.0, abs=1e-9))
    assert between.effect.low < 0 < between.effect.high
    assert between.p > 0.5
