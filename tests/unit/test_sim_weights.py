"""Request weights, limits, bans, the clock and the printing of numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphapulse_sim.clock import SimClock
from alphapulse_sim.decimals import decimal_string, short_string, step_string
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.weights import (
    IGNORED_BEFORE_BAN,
    LIMITS,
    Budget,
    Limit,
    Verdict,
    budget_of,
    request_weight,
)


@pytest.mark.parametrize(
    ("host", "path", "query", "weight"),
    [
        ("api.binance.com", "/api/v3/klines", {"limit": "1000"}, 2),
        ("data-api.binance.vision", "/api/v3/klines", {}, 2),
        ("api.binance.com", "/api/v3/exchangeInfo", {}, 20),
        ("api.binance.com", "/api/v3/depth", {}, 5),
        ("api.binance.com", "/api/v3/depth", {"limit": "500"}, 25),
        ("api.binance.com", "/api/v3/depth", {"limit": "1000"}, 50),
        ("api.binance.com", "/api/v3/depth", {"limit": "5000"}, 250),
        ("fapi.binance.com", "/fapi/v1/klines", {"limit": "99"}, 1),
        ("fapi.binance.com", "/fapi/v1/klines", {"limit": "499"}, 2),
        ("fapi.binance.com", "/fapi/v1/klines", {}, 5),
        ("fapi.binance.com", "/fapi/v1/klines", {"limit": "1000"}, 5),
        ("fapi.binance.com", "/fapi/v1/klines", {"limit": "1500"}, 10),
        ("fapi.binance.com", "/fapi/v1/premiumIndex", {}, 10),
        ("fapi.binance.com", "/fapi/v1/premiumIndex", {"symbol": "BTCUSDT"}, 1),
        ("fapi.binance.com", "/fapi/v1/openInterest", {"symbol": "BTCUSDT"}, 1),
        ("api.bybit.com", "/v5/market/kline", {}, 1),
    ],
)
def test_the_weight_of_a_request(host: str, path: str, query: dict[str, str], weight: int) -> None:
    assert request_weight(host, path, query) == weight


def test_futures_data_and_funding_are_counted_apart_from_weights() -> None:
    host = "fapi.binance.com"
    assert budget_of(host, "/futures/data/openInterestHist") == f"{host}/futures/data"
    assert budget_of(host, "/fapi/v1/fundingRate") == budget_of(host, "/fapi/v1/fundingInfo")
    assert budget_of(host, "/fapi/v1/openInterest") == host
    assert {budget_of(host, path) for path in ("/futures/data/x", "/fapi/v1/fundingInfo")} <= set(LIMITS)
    assert budget_of("api.bybit.com", "/v5/market/tickers") == "api.bybit.com"


class Seconds:
    """A clock that stands until told otherwise."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_a_window_is_served_until_its_limit_and_again_when_it_is_over() -> None:
    seconds = Seconds(600.0)
    budget = Budget(Limit(10, 60, 120), seconds)
    assert [budget.charge(4).verdict for _ in range(3)] == [Verdict.SERVE, Verdict.SERVE, Verdict.TOO_MANY]
    seconds.now = 645.5
    refused = budget.charge(1)
    assert (refused.verdict, refused.retry_after) == (Verdict.TOO_MANY, 15)
    seconds.now = 660.0
    again = budget.charge(4)
    assert (again.verdict, again.used) == (Verdict.SERVE, 4)


def test_who_ignores_refusals_is_banned_for_a_time_and_then_served() -> None:
    seconds = Seconds(600.0)
    budget = Budget(Limit(1, 60, 120), seconds)
    budget.charge(1)
    verdicts = [budget.charge(1).verdict for _ in range(IGNORED_BEFORE_BAN + 1)]
    assert verdicts == [Verdict.TOO_MANY] * IGNORED_BEFORE_BAN + [Verdict.BANNED]
    seconds.now = 661.0
    banned = budget.charge(1)
    assert (banned.verdict, banned.retry_after) == (Verdict.BANNED, 59)
    seconds.now = 720.0
    assert budget.charge(1).verdict is Verdict.SERVE


def test_a_venue_without_bans_only_refuses() -> None:
    budget = Budget(Limit(1, 60), Seconds(0.0))
    assert {budget.charge(1).verdict for _ in range(100)} == {Verdict.SERVE, Verdict.TOO_MANY}


def test_the_clock_freezes_steps_and_runs_on_command() -> None:
    clock = SimClock()
    clock.set("2024-01-01T00:00:00Z")
    assert clock.now_ms() == clock.now_ms() == epoch_ms("2024-01-01")
    clock.set("2024-01-01T00:01:00Z")
    assert clock.now_ms() == epoch_ms("2024-01-01T00:01")
    clock.set("2024-01-01T00:00:00Z", rate=1e6)
    assert clock.now_ms() >= epoch_ms("2024-01-01")
    clock.set(None)
    assert clock.now_ms() > epoch_ms("2025-01-01")
    with pytest.raises(ValueError, match="Invalid isoformat"):
        clock.set("yesterday")


@given(st.integers(0, 10**15), st.integers(0, 8))
def test_printed_numbers_read_back_exactly(units: int, digits: int) -> None:
    text = decimal_string(units, digits, 8)
    whole, part = text.split(".")
    assert int(whole + part) == units * 10 ** (8 - digits)
    short = short_string(units, digits)
    assert float(short) == float(text)
    assert not ("." in short and short.endswith("0"))


def test_steps_are_printed_as_the_venues_do() -> None:
    assert step_string(2, 8) == "0.01000000"
    assert step_string(3) == "0.001"
    assert step_string(0) == "1"
    assert decimal_string(7, 0, 0) == "7"
