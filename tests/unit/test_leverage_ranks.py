"""Percentiles and z-scores of the trailing past, against numbers by hand and by the standard library."""

import math
import statistics

import numpy as np
import pytest

from alphapulse_assets.futures.leverage.ranks import AT_ONCE, trailing_ranks, trailing_zscores

NAN = math.nan


def test_a_rank_is_the_share_below_plus_half_of_those_alike() -> None:
    values = np.array([1.0, 3.0, 2.0, 2.0, 5.0])
    # windows of four: [1], [1 3], [1 3 2], [1 3 2 2], [3 2 2 5]
    assert trailing_ranks(values, 0, 4, 1).tolist() == [0.5, 0.75, 0.5, 0.5, 0.875]


def test_what_is_not_known_counts_neither_way_and_too_little_is_no_rank() -> None:
    values = np.array([1.0, NAN, 2.0, NAN, 3.0])
    ranks = trailing_ranks(values, 0, 5, 2)
    assert np.isnan(ranks[[0, 1, 3]]).all()
    assert ranks[[2, 4]].tolist() == [0.75, pytest.approx(2.5 / 3)]


def test_zscores_are_those_of_the_standard_library() -> None:
    values = np.random.default_rng(3).normal(size=60) * 1e-4
    found = trailing_zscores(values, 40, 30, 10)
    for at in range(40, 60):
        window = values[at - 29 : at + 1].tolist()
        expected = (values[at] - statistics.mean(window)) / statistics.stdev(window)
        assert found[at - 40] == pytest.approx(expected, rel=1e-9)


def test_what_never_moved_has_no_zscore_however_it_was_rounded() -> None:
    assert np.isnan(trailing_zscores(np.full(50, 0.1095), 0, 50, 5)).all()
    assert np.isnan(trailing_zscores(np.zeros(50), 0, 50, 5)).all()


def test_a_longer_frame_changes_no_row() -> None:
    values = np.random.default_rng(5).normal(size=AT_ONCE + 300)
    values[::7] = NAN
    for function in (trailing_ranks, trailing_zscores):
        whole = function(values, 50, 40, 5)
        assert np.array_equal(whole[:500], function(values[:550], 50, 40, 5), equal_nan=True)
        for last in (51, 52, 300):  # a single row is summed as one of many
            assert np.array_equal(whole[: last - 50], function(values[:last], 50, 40, 5), equal_nan=True)
        # nor does where the frame begins, once a window is full
        assert np.array_equal(whole[200:], function(values[100:], 150, 40, 5), equal_nan=True)
