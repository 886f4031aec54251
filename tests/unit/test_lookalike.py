"""Bars that look like others: the distance, what may match, what followed, and that chance stays chance."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse.lookalike.following import ABOVE, NO_EDGE
from alphapulse.lookalike.similar import Similar, similar
from alphapulse.lookalike.windows import Series, distances, nearest, zone

MINUTE = timedelta(minutes=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def frame(closes: Any, leave_out: tuple[int, ...] = ()) -> pl.DataFrame:
    close = np.asarray(closes, dtype=np.float64)
    ts = [START + n * MINUTE for n in range(len(close))]
    bars = pl.DataFrame({"ts": ts, "high": close * 1.001, "low": close * 0.999, "close": close})
    bars = bars.with_columns(pl.col("ts").cast(pl.Datetime("us", "UTC")))
    return bars.filter(~pl.int_range(pl.len()).is_in(leave_out))


def series(closes: Any, leave_out: tuple[int, ...] = (), symbol: str = "BTC/USDT") -> Series:
    return Series.of("binance", symbol, MINUTE, frame(closes, leave_out))


def walk(bars: int, seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    steps = np.random.default_rng(seed).standard_normal(bars) * 0.001
    return np.asarray(60_000 * np.exp(np.cumsum(steps)))


def at(bar: int) -> datetime:
    """The close of a bar."""
    return START + (bar + 1) * MINUTE


def found(closes: Any, bar: int, **asked: Any) -> Similar:
    return similar([series(closes)], "1m", at(bar), **asked)


def slow(query: Any, window: Any) -> float:
    """The distance by its definition."""
    a, b = (each - each.mean() for each in (np.asarray(query), np.asarray(window)))
    return float(np.sqrt(((a / a.std() - b / b.std()) ** 2).sum()))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(8, 40), st.sampled_from([1e-8, 1.0, 60_000.0]))
def test_the_distance_is_that_of_normalised_windows_whatever_the_price(
    seed: int, bars: int, price: float
) -> None:
    closes = price * np.exp(np.cumsum(np.random.default_rng(seed).standard_normal(120) * 0.01))
    told = distances(closes[-bars:], closes)
    wanted = [slow(closes[-bars:], closes[n : n + bars]) for n in range(len(closes) - bars + 1)]
    np.testing.assert_allclose(told, wanted, atol=2e-5)


def test_a_shape_is_found_again_higher_larger_and_never_upside_down() -> None:
    closes = walk(400, 1)
    shape = np.cumsum(np.random.default_rng(9).standard_normal(16))
    closes[50:66] = 30_000 + 40 * shape  # elsewhere, larger
    closes[150:166] = 60_000 - 40 * shape
    closes[384:] = 61_000 + 5 * shape
    best = found(closes, 399, bars=16, matches=1).matches[0]
    assert best.start == START + 50 * MINUTE
    assert best.distance < 1e-3
    assert best.correlation == pytest.approx(1)
    turned = distances(closes[384:], closes)[150]
    assert turned == pytest.approx(2 * np.sqrt(16))


def test_matches_end_before_the_window_and_are_told_once() -> None:
    answer = found(walk(3_000, 2), 2_999, bars=24, matches=50)
    ends = sorted((each.end - START) // MINUTE for each in answer.matches)
    assert len(ends) == 50
    assert ends[-1] < 3_000 - 24
    assert min(np.diff(ends)) > zone(24)
    distance = [each.distance for each in answer.matches]
    assert distance == sorted(distance)


@pytest.mark.parametrize("bar", [500, 777, 1_200])
def test_what_came_later_changes_nothing(bar: int) -> None:
    closes = walk(2_000, 3)
    whole, cut = found(closes, bar), found(closes[: bar + 1], bar)
    assert whole == cut
    assert whole.end == START + bar * MINUTE
    changed = closes.copy()
    changed[bar + 1 :] *= 2
    assert found(changed, bar) == whole


def test_what_followed_is_told_only_as_far_as_it_was_over() -> None:
    closes = walk(400, 4)
    answer = found(closes, 399, bars=16, matches=100)
    late = [each for each in answer.matches if each.end > START + (399 - 20) * MINUTE]
    assert late
    assert all(each.returns_pct[20] is None and each.returns_atr[50] is None for each in late)
    for each in answer.matches:
        end = (each.end - START) // MINUTE
        if (told := each.returns_pct[10]) is not None:
            assert told == pytest.approx((closes[end + 10] / closes[end] - 1) * 100)


def test_windows_with_missing_bars_or_without_a_shape_are_left_out_and_counted() -> None:
    closes = walk(300, 5)
    closes[100:140] = closes[100]
    answer = similar([series(closes, (200,))], "1m", at(299), bars=16, matches=200)
    assert answer.left_out == (16 - 1) + (40 - 15)  # windows around the hole, and flat ones
    inside = [each for each in answer.matches if each.end - each.start != 15 * MINUTE]
    assert not inside


def test_other_symbols_are_searched_and_only_their_past() -> None:
    own, other = walk(600, 6), walk(600, 7)
    other[100:132] = 10 + own[568:] / 1000
    other[568:] = own[568:]  # at the same time: no earlier window
    answer = similar([series(own), series(other, symbol="ETH/USDT")], "1m", at(599))
    assert (answer.matches[0].symbol, answer.matches[0].start) == ("ETH/USDT", START + 100 * MINUTE)
    assert all(each.end < answer.start for each in answer.matches)


@pytest.mark.parametrize(
    ("closes", "asked", "said"),
    [
        (walk(20, 1), {"bars": 32}, "ask for fewer"),
        ([5.0] * 100, {}, "flat"),
        (walk(100, 1), {"bars": 4}, "bars is from 8"),
        (walk(100, 1), {"matches": 0}, "matches is from 1"),
    ],
)
def test_what_cannot_be_asked_says_what_would_do(closes: Any, asked: dict[str, int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        found(closes, len(closes) - 1, **asked)


def test_a_window_with_a_hole_is_refused() -> None:
    with pytest.raises(ValueError, match="missing"):
        similar([series(walk(200, 1), (190,))], "1m", at(199))


def test_nothing_earlier_is_no_error() -> None:
    answer = found(walk(32, 1), 31)
    assert (answer.matches, answer.windows, answer.verdict) == ([], 0, NO_EDGE)
    assert "Nothing earlier" in answer.in_words


def test_random_walks_show_no_edge_but_for_one_in_twenty() -> None:
    loud = sum(found(walk(1_500, seed), 1_499).verdict != NO_EDGE for seed in range(100, 220))
    assert loud <= 12  # 6 are due at 5 %; more than 12 of 120 have a probability below one per cent


def test_a_shape_that_price_always_rises_after_is_above_chance() -> None:
    closes, shape = walk(6_000, 8), np.cumsum(np.random.default_rng(1).standard_normal(32)) * 0.002
    for first in range(200, 5_900, 240):
        last = closes[first]
        closes[first : first + 32] = last * np.exp(shape)
        closes[first + 32 :] *= closes[first + 31] / closes[first + 32] * 1.02
    closes = np.concatenate((closes, closes[-1] * np.exp(shape)))
    answer = found(closes, len(closes) - 1)
    assert answer.verdict == ABOVE
    assert "above chance" in answer.in_words
    assert answer.followed[0].rose == 1.0


def test_the_same_question_has_the_same_answer_and_another_seed_other_random_windows() -> None:
    closes = walk(800, 9)
    first, again, other = (found(closes, 799, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.matches == other.matches
    assert first.followed[1].random_low != other.followed[1].random_low


def test_the_nearest_are_apart() -> None:
    assert nearest(np.array([0.1, 0.0, 0.2, 5.0, np.nan]), 3, 2) == [1]
