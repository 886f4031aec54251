"""The formulas of options: against documented figures, scipy, brute force, and what has to hold of all."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from alphapulse_assets.options.batch import summarise, with_greeks
from alphapulse_assets.options.black76 import Greeks, greeks
from alphapulse_assets.options.max_pain import max_pain, payouts
from alphapulse_assets.options.smile import at_maturity, between, wings

ONE = np.asarray([1.0])


def one(forward: float, strike: float, volatility: float, years: float, rate: float, call: bool) -> Greeks:
    """The greeks of one option."""
    found = greeks(*(each * ONE for each in (forward, strike, volatility, years, rate)), np.asarray([call]))
    return Greeks(*(float(each[0]) for each in found))  # type: ignore[arg-type]


def scipy_price(f: float, k: float, v: float, t: float, r: float, call: bool) -> float:
    """Black's price, by scipy's normal distribution."""
    d1 = (math.log(f / k) + v * v * t / 2) / (v * math.sqrt(t))
    d2 = d1 - v * math.sqrt(t)
    sign = 1 if call else -1
    return float(math.exp(-r * t) * sign * (f * norm.cdf(sign * d1) - k * norm.cdf(sign * d2)))


# documented: tickers as Deribit sent them, in comments of ccxt (BTC-27SEP24-40000-C) and of a public program
TICKERS = [
    pytest.param(
        (38992.71, 40000.0, 61.27, datetime(2024, 9, 27, 8, tzinfo=UTC), 1699578548021, 0.2168),
        {"delta": 0.59621, "gamma": 0.00002, "vega": 141.90146, "theta": -13.48784},
        id="BTC-27SEP24-40000-C",
    ),
    pytest.param(
        (48559.14, 45000.0, 46.17, datetime(2024, 2, 23, 8, tzinfo=UTC), 1707627659690, 0.0815),
        {"delta": 0.82809, "gamma": 0.00006, "vega": 22.55662, "theta": -42.9504},
        id="BTC-23FEB24-45000-C",
    ),
]


@pytest.mark.parametrize(("option", "told"), TICKERS)
def test_greeks_are_those_of_deribits_own_tickers(option: tuple[Any, ...], told: dict[str, float]) -> None:
    forward, strike, iv, expiry, at_ms, mark = option
    ts = datetime.fromtimestamp(at_ms / 1000, UTC)
    quotes = pl.DataFrame(
        {
            "ts": [ts], "expiry": [expiry], "strike": [strike], "kind": ["call"], "mark_iv": [iv],
            "underlying_price": [forward], "interest_rate": [0.0],
        }
    )  # fmt: skip
    (row,) = with_greeks(quotes).to_dicts()
    assert row["delta"] == pytest.approx(told["delta"], abs=2e-5)
    assert row["gamma"] == pytest.approx(told["gamma"], abs=5e-6)
    assert row["vega"] == pytest.approx(told["vega"], rel=1e-4)
    assert row["theta"] == pytest.approx(told["theta"], rel=2e-4)
    years = (expiry - ts) / timedelta(days=365)
    coins = scipy_price(forward, strike, iv / 100, years, 0.0, True) / forward
    assert coins == pytest.approx(mark, abs=2e-4)  # so the mark is in coins of the forward


def test_greeks_by_hand() -> None:
    # F = K = 100, v = 0.5, T = 0.25: d1 = 0.125, d2 = -0.125; N(0.125) = 0.549738, phi(0.125) = 0.395838
    call, put = one(100, 100, 0.5, 0.25, 0.0, True), one(100, 100, 0.5, 0.25, 0.0, False)
    assert call.delta == pytest.approx(0.549738, abs=1e-6)
    assert put.delta == pytest.approx(0.549738 - 1, abs=1e-6)
    assert call.gamma == put.gamma == pytest.approx(0.395838 / 25, abs=1e-6)
    assert call.vega == put.vega == pytest.approx(100 * 0.395838 * 0.5 / 100, abs=1e-6)
    assert call.theta == put.theta == pytest.approx(-100 * 0.395838 * 0.5 / (2 * 0.5) / 365, abs=1e-6)


options_st = st.tuples(
    st.floats(0.5, 200_000),
    st.floats(0.4, 2.5),
    st.floats(0.1, 2.0),
    st.floats(0.02, 1.5),
    st.floats(0.0, 0.1),
)


@settings(max_examples=60, deadline=None)
@given(options_st)
def test_greeks_are_the_slopes_of_the_price_and_have_the_right_signs(option: tuple[float, ...]) -> None:
    f, ratio, v, t, r = option
    k = f * ratio
    for call in (True, False):
        found, price = one(f, k, v, t, r, call), scipy_price(f, k, v, t, r, call)
        h = f * 1e-4
        up, down = scipy_price(f + h, k, v, t, r, call), scipy_price(f - h, k, v, t, r, call)
        assert found.delta == pytest.approx((up - down) / (2 * h), abs=1e-5)
        assert found.gamma * f == pytest.approx((up - 2 * price + down) / h**2 * f, abs=1e-3)
        more, less = scipy_price(f, k, v + 1e-4, t, r, call), scipy_price(f, k, v - 1e-4, t, r, call)
        assert found.vega / f == pytest.approx((more - less) / 2e-4 / 100 / f, abs=1e-7)
        sooner, later = scipy_price(f, k, v, t - 1e-5, r, call), scipy_price(f, k, v, t + 1e-5, r, call)
        assert found.theta / f == pytest.approx((sooner - later) / 2e-5 / 365 / f, abs=1e-6)
        assert found.gamma >= 0
        assert found.vega >= 0
        assert (0 <= found.delta <= 1) if call else (-1 <= found.delta <= 0)
    call, put = one(f, k, v, t, r, True), one(f, k, v, t, r, False)
    assert call.delta - put.delta == pytest.approx(math.exp(-r * t))  # put-call parity


@pytest.mark.parametrize(
    "wrong", [{"volatility": 0.0}, {"years": 0.0}, {"years": -0.1}, {"forward": float("nan")}]
)
def test_an_option_without_volatility_or_after_its_expiry_has_no_greeks(wrong: dict[str, float]) -> None:
    usual = {"forward": 100.0, "strike": 90.0, "volatility": 0.5, "years": 0.1, "rate": 0.0}
    assert all(math.isnan(each) for each in one(*{**usual, **wrong}.values(), True))


interests = st.lists(
    st.tuples(st.integers(1, 400), st.integers(0, 50), st.integers(0, 50)),
    min_size=1, max_size=25, unique_by=lambda row: row[0],
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(interests)
def test_max_pain_is_where_brute_force_finds_it(rows: list[tuple[int, int, int]]) -> None:
    strikes, calls, puts = (np.asarray(column, dtype=float) for column in zip(*rows, strict=True))
    found = max_pain(strikes, calls, puts)

    def paid(price: float) -> float:
        return sum(
            c * max(price - k, 0) + p * max(k - price, 0)
            for k, c, p in zip(strikes.tolist(), calls.tolist(), puts.tolist(), strict=True)
        )

    if calls.sum() + puts.sum() == 0:
        assert found is None
        return
    least = min(paid(price) for price in [*strikes.tolist(), *np.linspace(0, 450, 181).tolist()])
    assert found is not None
    assert paid(found) == pytest.approx(least)
    assert found == min(k for k in strikes.tolist() if paid(k) <= least + 1e-9)  # the lowest of several
    assert payouts(strikes, calls, puts, np.asarray([found]))[0] == pytest.approx(paid(found))


def test_max_pain_by_hand() -> None:
    # at 100: put of 120 pays 20 x 1 = 20; at 110: call of 100 pays 10 x 5, put 10; at 120: call 20 x 5
    strikes, calls, puts = np.asarray([120.0, 100, 110]), np.asarray([0.0, 5, 0]), np.asarray([1.0, 0, 0])
    assert max_pain(strikes, calls, puts) == 100
    assert max_pain(strikes, puts, calls) == 100  # nothing is paid from 100 to 120: the lowest
    assert max_pain(strikes, 0 * calls, 0 * puts) is None


points = st.lists(
    st.tuples(st.floats(0.01, 0.99), st.floats(10, 200)),
    min_size=2,
    max_size=20,
    unique_by=lambda row: row[0],
)


@settings(max_examples=60, deadline=None)
@given(points, st.floats(0.0, 1.0))
def test_what_is_between_two_points_is_within_their_values_and_beyond_them_nothing_is(
    rows: list[tuple[float, float]], at: float
) -> None:
    x, y = (np.asarray(column) for column in zip(*rows, strict=True))
    found = between(x, y, at)
    if not x.min() <= at <= x.max():
        assert found is None
        return
    left, right = x[x <= at].max(), x[x >= at].min()
    around = [float(y[x == left][0]), float(y[x == right][0])]
    assert found is not None
    assert min(around) - 1e-9 <= found <= max(around) + 1e-9


def test_wings_by_hand() -> None:
    delta = np.asarray([0.9, 0.7, 0.5, 0.3, 0.1])
    volatility = np.asarray([60.0, 54, 50, 52, 58])
    strikes = np.asarray([80.0, 90, 100, 110, 125])
    shape = wings(strikes, delta, volatility, 100.0)
    # the put of -0.25 is at 0.75: 54 + (60 - 54) / 4 = 55.5; the call of 0.25: 52 + (58 - 52) / 4 = 53.5
    assert shape.at_the_money == pytest.approx(50)
    assert shape.skew == pytest.approx(53.5 - 55.5)
    assert shape.butterfly == pytest.approx((53.5 + 55.5) / 2 - 50)
    narrow = wings(strikes[1:4], delta[1:4], volatility[1:4], 100.0)
    assert (narrow.skew, narrow.butterfly) == (None, None)
    assert wings(strikes, delta, volatility, 130.0).at_the_money is None


def test_the_term_structure_is_linear_in_total_variance() -> None:
    years, volatility = np.asarray([7.0, 35.0]) / 365, np.asarray([40.0, 60.0])
    # halfway (21 days): (1600 x 7 + 3600 x 35) / 2 / 21 = 3266.7, its root 57.15
    assert at_maturity(years, volatility, 21 / 365) == pytest.approx(
        math.sqrt((1600 * 7 + 3600 * 35) / 2 / 21)
    )
    assert at_maturity(years, volatility, 7 / 365) == pytest.approx(40.0)
    assert at_maturity(years, volatility, 6.9 / 365) is None
    assert at_maturity(years, volatility, 36 / 365) is None


def test_a_chain_of_four_options_by_hand() -> None:
    ts = datetime(2026, 1, 1, tzinfo=UTC)
    rows = {
        "currency": ["BTC"] * 4,
        "ts": [ts] * 4,
        "known_at": [ts + timedelta(seconds=each) for each in (1, 3, 2, 1)],
        "expiry": [ts + timedelta(days=30)] * 4,
        "strike": [100.0, 100.0, 120.0, 120.0],
        "kind": ["call", "put", "call", "put"],
        "mark_iv": [50.0, 50.0, None, 54.0],
        "delta": [0.6, -0.4, None, -0.8],
        "open_interest": [10.0, 5.0, 0.0, 1.0],
        "volume_24h": [0.0, 2.0, None, 0.0],
        "underlying_price": [110.0] * 4,
        "index_price": [109.0] * 4,
    }
    found = summarise(pl.DataFrame(rows, schema_overrides={"ts": pl.Datetime("us", "UTC")}))
    (expiry,), (total,) = found.expiries.to_dicts(), found.totals.to_dicts()
    assert (expiry["calls_open_interest"], expiry["puts_open_interest"]) == (10.0, 6.0)
    assert expiry["put_call_open_interest"] == 0.6
    assert expiry["put_call_volume"] is None  # no call was traded
    assert expiry["max_pain"] == 100.0  # there only the put of 120 pays, 20
    half = (math.log(110) - math.log(100)) / (math.log(120) - math.log(100))
    assert expiry["atm_iv"] == pytest.approx(50 + 4 * half)
    assert expiry["skew_25d"] is None  # deltas go from 0.2 to 0.6 only
    assert expiry["known_at"] == total["known_at"] == ts + timedelta(seconds=3)
    assert total["atm_iv_30d"] == pytest.approx(expiry["atm_iv"])
    assert (total["atm_iv_7d"], total["index_price"], total["expiries"]) == (None, 109.0, 1)
