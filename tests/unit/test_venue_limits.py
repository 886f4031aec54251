"""Budgets and breakers: how much may be asked, and when not to ask."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphapulse_resources.streams.protocols import Channel
from alphapulse_resources.venues.breaker import BLOCK_SECONDS, COOL_DOWN_SECONDS, FAILURES_TO_OPEN, Breaker
from alphapulse_resources.venues.gateway import Gateway, Request, Seen
from alphapulse_resources.venues.limits import SHARE
from alphapulse_resources.venues.model import ErrorKind, VenueError
from alphapulse_resources.venues.rate_limit import LocalRateLimiter
from alphapulse_resources.venues.registry import ALL, BUCKETS, VENUES, find_venue

ROOT = Path(__file__).resolve().parents[2]


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
    assert venue.name == name
    assert set(venue.rest.buckets) == set(venue.sources)
    assert set(venue.rest.buckets.values()) <= set(BUCKETS)
    assert ("archive" in venue.sources) == (venue.rest.archive is not None)
    assert ("mirror" in venue.sources) == (venue.rest.mirror is not None)
    if venue.adapter is None:  # it is asked, and not listened to
        assert venue.markets == {}
        return
    assert set(venue.markets) == venue.kinds
    assert (venue.rest.books is None) == venue.adapter.rules.snapshot_in_stream
    assert {each.venue for each in venue.markets.values()} == {name}
    candles = {Channel.CANDLES in each.channels for each in venue.markets.values()}
    assert candles == {venue.adapter.has_candles}


def test_an_unknown_venue_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown venue 'deribit': use one of binance, "):
        find_venue("deribit")


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
    ("venue", "headers", "used"),
    [
        ("binance", {"X-MBX-USED-WEIGHT-1M": "123"}, 123.0),
        ("bybit", {"X-Bapi-Limit": "600", "X-Bapi-Limit-Status": "590"}, 10.0),
        ("bybit", {"X-Bapi-Limit-Status": "590"}, None),
        ("binance", {}, None),
    ],
)
def test_the_weight_a_venue_counts_is_read(venue: str, headers: dict[str, str], used: float | None) -> None:
    read = VENUES[venue].rest.used_weight
    assert read is not None
    assert read(headers) == used


@pytest.mark.parametrize("told", ["123", "much"])
def test_a_weight_that_is_no_number_costs_no_answer(told: str) -> None:
    gateway = Gateway(LocalRateLimiter())
    now = datetime.now(UTC)
    question = Request("rest", "binance", "x", "host", "/", now, now, ("binance",), 1)

    def send(seen: Seen) -> None:
        seen.headers = {"X-MBX-USED-WEIGHT-1M": told}

    fetched = gateway.ask(question, send).fetches[0]
    assert fetched.used_weight == (123.0 if told == "123" else None)


MAY_NAME_VENUES = (
    "alphapulse_resources/venues/",
    "alphapulse_resources/candle_files/",
    "alphapulse_resources/futures_history/",
    "alphapulse_resources/accounts/",
    "alphapulse_cli/demo.py",
)
"""The venues' own folders, how files of candles and futures are named, whose accounts can be read, and what
the demo tracks."""


def test_no_other_code_names_a_venue() -> None:
    names = {venue.name for venue in ALL}
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.value!r}"
        for package in ("alphapulse_assets", "alphapulse_resources", "alphapulse_cli")
        for path in sorted((ROOT / package).rglob("*.py"))
        if not str(path.relative_to(ROOT)).startswith(MAY_NAME_VENUES)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in names
    ]
    assert found == []


def test_what_venues_have_in_common_names_none_of_them() -> None:
    folder = ROOT / "alphapulse_resources" / "venues"
    for path in sorted(folder.glob("*.py")):
        constants = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant))
        assert not {node.value for node in constants} & {venue.name for venue in ALL}, path.name
