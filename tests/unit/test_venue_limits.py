"""Budgets and breakers: how much may be asked, and when not to ask."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphapulse_resources.venues.breaker import BLOCK_SECONDS, COOL_DOWN_SECONDS, FAILURES_TO_OPEN, Breaker
from alphapulse_resources.venues.gateway import read_used_weight
from alphapulse_resources.venues.model import ErrorKind, VenueError
from alphapulse_resources.venues.rate_limit import LocalRateLimiter
from alphapulse_resources.venues.registry import BUCKETS, SHARE, VENUES, find_venue
from alphapulse_resources.venues.wire import WIRES


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize("name", list(BUCKETS))
def test_no_period_can_see_more_than_our_share_of_the_limit(name: str) -> None:
    bucket = BUCKETS[name]
    assert bucket.rate * bucket.period + bucket.burst <= SHARE * bucket.limit + 1e-9


@pytest.mark.parametrize("name", list(VENUES))
def test_every_venue_is_described_completely(name: str) -> None:
    venue = VENUES[name]
    assert name in WIRES
    assert set(venue.buckets) == set(venue.sources)
    assert set(venue.buckets.values()) <= set(BUCKETS)
    assert ("archive" in venue.sources) == (venue.archive_prefix is not None)
    assert ("mirror" in venue.sources) == (venue.mirror_host is not None)


def test_an_unknown_venue_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown venue 'kraken': use one of binance, "):
        find_venue("kraken")


def test_a_burst_passes_at_once_and_what_would_wait_too_long_is_refused_untaken() -> None:
    limiter = LocalRateLimiter(max_wait=0.0)
    burst = BUCKETS["binance"].burst
    assert limiter.acquire("binance", burst - 10) == 0.0
    for _ in range(2):  # the refused weight is not taken: the second answer is the same
        with pytest.raises(VenueError, match="request budget is used up") as caught:
            limiter.acquire("binance", burst)
        assert caught.value.kind is ErrorKind.BANNED
        assert caught.value.retry_after is not None
        assert 0 < caught.value.retry_after <= burst / BUCKETS["binance"].rate


def test_a_penalty_blocks_with_its_reason_and_is_not_shortened() -> None:
    limiter = LocalRateLimiter(max_wait=1.0)
    now = datetime.now(UTC)
    limiter.penalize("bybit", now + timedelta(seconds=500), "HTTP 403 too frequent")
    limiter.penalize("bybit", now + timedelta(seconds=5), "shorter")
    with pytest.raises(VenueError, match="HTTP 403 too frequent") as caught:
        limiter.acquire("bybit", 1)
    assert caught.value.retry_after == pytest.approx(500, abs=5)
    assert limiter.acquire("coinbase", 1) == 0.0


def test_a_breaker_opens_after_failures_in_a_row_and_lets_one_trial_through() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker.fail()
    assert breaker.wait_seconds() == 0
    breaker.fail()
    assert breaker.wait_seconds() == COOL_DOWN_SECONDS
    clock.seconds += COOL_DOWN_SECONDS
    assert breaker.wait_seconds() == 0  # the trial
    assert breaker.wait_seconds() == COOL_DOWN_SECONDS  # everybody else
    breaker.fail()
    assert breaker.wait_seconds() == COOL_DOWN_SECONDS
    clock.seconds += COOL_DOWN_SECONDS
    assert breaker.wait_seconds() == 0
    breaker.succeed()
    assert breaker.wait_seconds() == 0


@given(st.lists(st.booleans(), max_size=40))
def test_a_breaker_is_open_exactly_after_enough_failures_in_a_row(outcomes: list[bool]) -> None:
    breaker = Breaker(Clock())
    in_a_row = 0
    for worked in outcomes:
        breaker.succeed() if worked else breaker.fail()
        in_a_row = 0 if worked else in_a_row + 1
    assert (breaker.wait_seconds() > 0) == (in_a_row >= FAILURES_TO_OPEN)


def test_a_refused_address_is_remembered_for_a_while() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    assert breaker.blocked_seconds() == 0
    breaker.block()
    assert breaker.blocked_seconds() == BLOCK_SECONDS
    clock.seconds += BLOCK_SECONDS
    assert breaker.blocked_seconds() == 0


@pytest.mark.parametrize(
    ("headers", "used"),
    [
        ({"X-MBX-USED-WEIGHT-1M": "123"}, 123.0),
        ({"X-Bapi-Limit": "600", "X-Bapi-Limit-Status": "590"}, 10.0),
        ({"X-Bapi-Limit-Status": "590"}, None),
        ({"X-MBX-USED-WEIGHT-1M": "much"}, None),
        ({}, None),
    ],
)
def test_the_weight_a_venue_counts_is_read(headers: dict[str, str], used: float | None) -> None:
    assert read_used_weight(headers) == used
