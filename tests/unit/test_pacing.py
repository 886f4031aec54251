"""Requests stay within their share of a budget, and wait longer the more often they were in vain."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphapulse_resources.streams.snapshots import SnapshotOptions
from alphapulse_resources.venues.depth import order_book_weight
from alphapulse_resources.venues.limits import SHARE
from alphapulse_resources.venues.pacing import Pace, back_off
from alphapulse_resources.venues.registry import BUCKETS

WEIGHTS = st.lists(st.tuples(st.sampled_from([2.0, 5.0, 20.0, 50.0]), st.floats(0, 20)), max_size=80)


def spent(pace: Pace, wishes: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """When each weight was spent by someone who waits for each as long as told, from time to time idle."""
    now, found = 1000.0, []
    for weight, idle in wishes:
        now += idle
        while (wait := pace.wait(weight, now)) > 0:
            now += wait
        pace.spend(weight, now)
        found.append((now, weight))
    return found


@given(WEIGHTS)
def test_no_stretch_of_time_holds_more_than_rate_and_burst(wishes: list[tuple[float, float]]) -> None:
    rate, burst = 35.0, 300.0
    found = spent(Pace(rate, burst), wishes)
    for first in range(len(found)):
        total = 0.0
        for now, weight in found[first:]:
            total += weight
            assert total <= burst + rate * (now - found[first][0]) + 1e-6


def test_without_a_pause_the_rate_is_used_up() -> None:
    found = spent(Pace(10.0, 20.0), [(5.0, 0.0)] * 104)
    assert found[3][0] == 1000.0  # the burst at once
    assert found[-1][0] == pytest.approx(1050.0)  # and the other 500 at 10 a second


def test_a_pause_holds_everything_and_only_grows() -> None:
    pace = Pace(10.0, 20.0)
    pace.pause(1060.0)
    pace.pause(1030.0)
    assert pace.wait(5.0, 1000.0) == 60.0
    assert pace.wait(5.0, 1060.0) == 0.0


@pytest.mark.parametrize(("venue", "limit"), [("binance", 5000), ("binance", 100), ("binanceusdm", 1000)])
def test_a_queue_leaves_the_other_half_of_our_budget_to_candles(venue: str, limit: int) -> None:
    budget = BUCKETS[venue]
    options = SnapshotOptions(budget, order_book_weight(venue, limit))
    a_minute = options.rate * budget.period + options.burst
    assert a_minute <= SHARE * budget.limit / 2 + options.weight
    assert options.burst >= options.weight  # one book can always be asked for


@given(st.integers(-3, 200), st.integers(0, 10**6))
def test_waiting_grows_to_its_limit_and_is_never_less_than_half(times: int, seed: int) -> None:
    wait = back_off(times, 1.0, 60.0, random.Random(seed))
    most = 0.0 if times <= 0 else min(60.0, 2.0 ** (times - 1))
    assert most / 2 <= wait <= most


@pytest.mark.parametrize(
    ("venue", "limit", "text"),
    [
        ("bybit", 200, "over the socket"),
        ("coinbase", 100, "over the socket"),
        ("deribit", 100, "unknown venue"),
        ("binance", 5001, "1 to 5000"),
        ("binance", 0, "1 to 5000"),
        ("binanceusdm", 200, "5, 10, 20, 50, 100, 500 or 1000"),
    ],
)
def test_a_book_that_cannot_be_asked_for_is_refused_with_what_can(venue: str, limit: int, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        order_book_weight(venue, limit)
