"""Liquidation, exposure, funding, value at risk and limits, held against numbers reckoned by hand."""

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.positions import exposure, liquidation, value_at_risk
from alphapulse_assets.positions.limits import Allowed, Held, RiskLimits, Wanted, allowed
from alphapulse_assets.positions.model import Equity, Funding, Mark, Position, Surroundings, Tier
from alphapulse_assets.positions.portfolio import (
    CLOSE_SCHEMA,
    history_of,
    portfolio_rows,
    position_rows,
)

NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)


def position(**changes: Any) -> Position:
    """One Bitcoin long at 50,000 with ten times leverage, isolated, 0.5 % maintenance, but for changes."""
    usual: dict[str, Any] = {
        "account": "main", "instrument_id": 1, "venue": "binanceusdm", "symbol": "BTC/USDT:USDT",
        "base": "BTC", "quote": "USDT", "settle": "USDT", "side": "long", "size": 1.0, "size_unit": "base",
        "entry_price": 50_000.0, "opened_at": NOW, "known_at": NOW, "leverage": 10.0,
        "margin_mode": "isolated", "maintenance_rate": 0.005,
    }  # fmt: skip
    return Position(**{**usual, **changes})


def mark(price: float) -> Mark:
    return Mark(price, NOW, "mark_price")


def test_an_isolated_long_is_liquidated_where_its_margin_is_used_up() -> None:
    # margin 5,000; 5,000 + (P - 50,000) = 0.005 P  ->  P = 45,000 / 0.995
    found = liquidation.liquidation(position(), mark(50_000.0))
    assert found.price == pytest.approx(45_000 / 0.995)
    assert found.distance == pytest.approx(1 - 45_000 / 0.995 / 50_000)


def test_an_isolated_short_is_liquidated_above() -> None:
    # 5,000 + (50,000 - P) = 0.005 P  ->  P = 55,000 / 1.005
    found = liquidation.liquidation(position(side="short"), mark(52_000.0))
    assert found.price == pytest.approx(55_000 / 1.005)
    assert found.distance == pytest.approx((55_000 / 1.005 - 52_000) / 52_000)


def test_the_worked_example_of_binance_comes_out() -> None:
    """documented: "How to Calculate Liquidation Price of USDS-M Futures Contracts": a cross account of two.

    A wallet of 1,535,443.01 USDT behind 3,683.979 ETH from 1,456.84 and 109.488 BTC from 32,481.98; the
    article gives 1,153.26 and 26,316.89.
    """
    usual = {"margin_mode": "cross", "leverage": None}
    ether = position(
        symbol="ETH/USDT:USDT", base="ETH", size=3683.979, entry_price=1456.84, maintenance_rate=0.10,
        maintenance_amount=135_365.0, **usual,
    )  # fmt: skip
    bitcoin = position(
        instrument_id=2, size=109.488, entry_price=32_481.980, maintenance_rate=0.025,
        maintenance_amount=16_300.0, **usual,
    )  # fmt: skip
    wallet, at_ether, at_bitcoin = Equity(1_535_443.01, "USDT", NOW), mark(1335.18), mark(31_967.27)
    first = liquidation.liquidation(ether, at_ether, equity=wallet, others=[(bitcoin, at_bitcoin, ())])
    second = liquidation.liquidation(bitcoin, at_bitcoin, equity=wallet, others=[(ether, at_ether, ())])
    assert first.price == pytest.approx(1_153.26, abs=0.01)
    assert second.price == pytest.approx(26_316.89, abs=0.01)


def test_an_inverse_contract_is_liquidated_by_its_base() -> None:
    # 10,000 contracts of 1 USD, margin 0.02 BTC: 0.02 + 10,000 (1/50,000 - 1/P) = 0.005 * 10,000 / P
    held = position(
        symbol="BTC/USD:BTC", quote="USD", settle="BTC", size=10_000.0, size_unit="contracts",
        contract_size=1.0, margin=0.02, leverage=None,
    )  # fmt: skip
    found = liquidation.liquidation(held, mark(50_000.0))
    assert found.price == pytest.approx(10_050 / 0.22)
    assert exposure.gain(held, 55_000.0) == pytest.approx(10_000 / 50_000 - 10_000 / 55_000)
    assert exposure.exposure(held, 55_000.0) == 10_000.0
    assert exposure.base_size(held, 40_000.0) == 0.25


def test_an_inverse_short_covered_by_its_base_is_never_liquidated() -> None:
    held = position(
        symbol="BTC/USD:BTC", quote="USD", settle="BTC", side="short", size=10_000.0, size_unit="contracts",
        contract_size=1.0, margin=0.2, leverage=None,
    )  # fmt: skip
    assert liquidation.liquidation(held, mark(50_000.0)).reason is not None
    assert liquidation.liquidation(held, mark(50_000.0)).price is None


@given(
    side=st.sampled_from(["long", "short"]),
    size=st.floats(0.001, 1e4),
    entry=st.floats(0.01, 1e5),
    leverage=st.floats(1.5, 100),
    rate=st.floats(0.001, 0.004),
    inverse=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_at_the_liquidation_price_the_margin_is_the_maintenance_margin(
    side: str, size: float, entry: float, leverage: float, rate: float, inverse: bool
) -> None:
    kind = {"settle": "BTC", "quote": "USD", "size_unit": "contracts", "contract_size": 100.0}
    held = position(
        side=side, size=size, entry_price=entry, leverage=leverage, maintenance_rate=rate,
        **(kind if inverse else {}),
    )  # fmt: skip
    found = liquidation.liquidation(held, mark(entry))
    if found.price is None:
        assert "no price" in str(found.reason)
        return
    margin = liquidation.isolated_margin(held)
    needed = liquidation.maintenance_margin(held, found.price, ())
    assert margin is not None
    assert needed is not None
    left = margin + exposure.gain(held, found.price)
    assert left == pytest.approx(needed, rel=1e-6, abs=1e-9 * margin)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"settle": None, "margin_mode": "none"}, "spot"),
        ({"maintenance_rate": None}, "maintenance margin rate is not known"),
        ({"leverage": None}, "neither margin nor leverage"),
        ({"margin_mode": "cross"}, "balance of account main is not known"),
        ({"size_unit": "contracts"}, "contract size is not known"),
        ({"leverage": 1.0, "margin": 100_000.0}, "no price above 0"),
    ],
)
def test_what_is_not_known_gives_no_price_and_says_why(changes: dict[str, Any], said: str) -> None:
    found = liquidation.liquidation(position(**changes), mark(50_000.0))
    assert found.price is None
    assert said in str(found.reason)


def test_tiers_are_those_of_the_worth() -> None:
    tiers = [Tier(0.0, 0.004, 0.0), Tier(50_000.0, 0.005, 50.0), Tier(250_000.0, 0.01, 1_300.0)]
    held = position(maintenance_rate=None)
    assert liquidation.maintenance_of(held, tiers, 49_999.0) == (0.004, 0.0)
    assert liquidation.maintenance_of(held, tiers, 50_000.0) == (0.005, 50.0)
    assert liquidation.maintenance_margin(held, 300_000.0, tiers) == 300_000 * 0.01 - 1_300
    # 5,000 + 50 + (P - 50,000) = 0.005 P
    assert liquidation.liquidation(held, mark(50_000.0), tiers).price == pytest.approx(44_950 / 0.995)


def test_funding_costs_what_settlements_of_a_day_cost() -> None:
    # 60,000 at 0.01 % three times a day
    each = Funding(0.0001, 8.0, NOW)
    assert exposure.funding_per_day(position(), 60_000.0, each) == pytest.approx(18.0)
    assert exposure.funding_per_day(position(side="short"), 60_000.0, each) == pytest.approx(-18.0)
    assert exposure.funding_per_day(position(), 60_000.0, Funding(0.0001, 4.0, NOW)) == pytest.approx(36.0)


def test_value_at_risk_of_twenty_days_is_the_worst_and_of_forty_the_second() -> None:
    returns = np.array([[-0.05], [-0.03], *([[0.01]] * 18)])
    twenty = value_at_risk.simulate([1_000.0], returns, 0.95)
    assert twenty is not None
    assert (twenty.days, twenty.value_at_risk, twenty.expected_shortfall) == (20, 50.0, 50.0)
    forty = value_at_risk.simulate([1_000.0], np.vstack([returns, np.full((20, 1), 0.01)]), 0.95)
    assert forty is not None
    assert (forty.value_at_risk, forty.expected_shortfall) == (pytest.approx(30.0), pytest.approx(40.0))
    assert value_at_risk.simulate([1_000.0], returns, 0.99) is None


def test_two_hundred_and_fifty_days_have_the_thirteenth_worst() -> None:
    returns = np.arange(250)[:, None] / 1000 - 0.1  # -10 %, -9.9 % ...
    found = value_at_risk.simulate([100.0], returns, 0.95)
    assert found is not None
    assert found.value_at_risk == pytest.approx(10.0 - 1.2)  # ceil(12.5) = 13th
    at_99 = value_at_risk.simulate([100.0], returns, 0.99)
    assert at_99 is not None
    assert at_99.value_at_risk == pytest.approx(10.0 - 0.2)  # ceil(2.5) = 3rd


def test_what_moves_together_is_one_risk_and_what_moves_apart_is_less() -> None:
    random = np.random.default_rng(5)
    one = random.normal(0, 0.02, 250)
    same = value_at_risk.simulate([500.0, 500.0], np.column_stack([one, one]), 0.95)
    alone = value_at_risk.simulate([1_000.0], one[:, None], 0.95)
    hedged = value_at_risk.simulate([500.0, -500.0], np.column_stack([one, one]), 0.95)
    apart = value_at_risk.simulate([500.0, 500.0], np.column_stack([one, random.normal(0, 0.02, 250)]), 0.95)
    assert same is not None
    assert alone is not None
    assert hedged is not None
    assert apart is not None
    assert same.value_at_risk == pytest.approx(alone.value_at_risk)
    assert hedged.value_at_risk == pytest.approx(0.0, abs=1e-9)
    assert apart.value_at_risk < 0.85 * sum(apart.alone.values())


def test_components_sum_to_the_whole_and_hedges_are_below_zero() -> None:
    random = np.random.default_rng(6)
    market = random.normal(0, 0.02, 250)
    returns = np.column_stack([market, 1.5 * market + random.normal(0, 0.01, 250), market])
    found = value_at_risk.simulate([1_000.0, 500.0, -300.0], returns, 0.95)
    assert found is not None
    assert sum(found.components.values()) == pytest.approx(found.value_at_risk)
    assert sum(found.shortfall_components.values()) == pytest.approx(found.expected_shortfall)
    assert found.components[2] < 0 < found.components[0]
    assert found.shortfall_components[2] < 0


def closes(columns: dict[int, list[float | None]]) -> pl.DataFrame:
    """CLOSE_SCHEMA of closes on consecutive days; None: no row."""
    first = date(2026, 1, 1)
    rows = [
        (instrument, first + timedelta(days=n), close)
        for instrument, values in columns.items()
        for n, close in enumerate(values)
        if close is not None
    ]
    return pl.DataFrame(rows, schema=CLOSE_SCHEMA, orient="row")


def test_a_missing_day_costs_two_returns_and_no_more() -> None:
    history = history_of(closes({7: [100.0, 110.0, 121.0, None, 100.0], 9: [1.0, 2.0, 3.0, 4.0, 5.0]}))
    assert history.instruments == (7, 9)
    assert [history.count(each) for each in (7, 9, 8)] == [2, 4, 0]
    common, days = history.common([7, 9])
    assert common.tolist() == [pytest.approx([0.1, 1.0]), pytest.approx([0.1, 0.5])]
    assert days == [date(2026, 1, 2), date(2026, 1, 3)]


def test_a_portfolio_is_told_of_by_account_and_as_a_whole() -> None:
    random = np.random.default_rng(8)
    path = [100.0 * math.exp(x) for x in np.cumsum(random.normal(0, 0.02, 121))]
    history = history_of(closes({1: path, 2: path, 3: [1.0, 2.0]}))
    held = [
        position(),
        position(account="other", instrument_id=2, side="short"),
        position(instrument_id=3, symbol="NEW/USDT:USDT"),
        position(instrument_id=4, symbol="ETH/BTC", quote="BTC", settle=None, margin_mode="none"),
    ]
    known = Surroundings(
        marks={1: mark(60_000.0), 2: mark(60_000.0), 3: mark(10.0)},
        balances={"main": {"USDT": Equity(20_000.0, "USDT", NOW)}},
    )
    found = portfolio_rows(held, known, history, NOW)
    rows = {(row["account"], row["level"]): row for row in found.risks.to_dicts()}
    whole, main, other = (rows[account, 0.95] for account in ("all", "main", "other"))
    assert (whole["positions"], main["positions"], main["days"]) == (4, 3, 120)
    # 60,000 and 10 over 20,000 and gains of 10,000 and -49,990 (the coin bought at 50,000 and worth 10)
    assert main["gross"] == 60_010.0
    assert main["equity"] == 20_000 + 10_000 - 49_990
    assert main["leverage"] is None
    assert "not above 0" in main["leverage_reason"]
    assert "no balance" in other["leverage_reason"]
    assert "BTC" in main["left_out"]
    assert "1 days of returns" in main["left_out"]
    # the two that go by one path cancel each other out in the whole
    assert whole["value_at_risk"] == pytest.approx(0.0, abs=1e-6)
    assert main["value_at_risk"] > 0
    # 120 days are enough for 99 %, and components are there for every row with a figure
    assert rows["main", 0.99]["value_at_risk"] > main["value_at_risk"]
    parts = found.parts.filter(pl.col("account") == "main", pl.col("level") == 0.95)
    assert parts["component"].sum() == pytest.approx(main["value_at_risk"])


def test_rows_of_positions_say_what_is_missing() -> None:
    held = [position(), position(side="short", instrument_id=2, margin_mode="cross", maintenance_rate=None)]
    known = Surroundings(marks={1: mark(55_000.0)}, funding={1: Funding(0.0001, 8.0, NOW)})
    first, second = position_rows(held, known, NOW).to_dicts()
    assert (first["exposure"], first["gain"]) == (55_000.0, 5_000.0)
    assert first["funding_per_day"] == pytest.approx(16.5)
    assert second["exposure"] is None
    assert second["liquidation_price"] is None
    assert "maintenance" in second["liquidation_reason"]
    assert "no funding rate" in second["funding_reason"]


HELD: Final = (Held(1, "BTC", 40_000.0), Held(2, "ETH", -10_000.0))


def want(worth: float, instrument: int = 1, base: str = "BTC", sign: int = 1) -> Wanted:
    return Wanted(instrument, base, sign, worth)


def test_no_limits_leave_every_size() -> None:
    assert allowed(want(1e9), HELD, 1.0, RiskLimits(1)) == Allowed(1e9, None)


@pytest.mark.parametrize(
    ("wanted", "limits", "left"),
    [
        (want(20_000.0), RiskLimits(1, max_symbol=0.5), Allowed(10_000.0, "max_symbol")),
        (want(5_000.0), RiskLimits(1, max_symbol=0.5), Allowed(5_000.0, None)),
        (want(20_000.0), RiskLimits(1, max_symbol=0.3), Allowed(0.0, "max_symbol")),
        # selling what is held makes it smaller: 40,000 long, then 50,000 short are allowed
        (want(100_000.0, sign=-1), RiskLimits(1, max_symbol=0.5), Allowed(90_000.0, "max_symbol")),
        (want(100_000.0), RiskLimits(1, max_leverage=1.0), Allowed(50_000.0, "max_leverage")),
        # of a portfolio beyond its leverage nothing is added, and what is held may be sold
        (want(100_000.0), RiskLimits(1, max_leverage=0.1), Allowed(0.0, "max_leverage")),
        (want(100_000.0, sign=-1), RiskLimits(1, max_leverage=0.1), Allowed(40_000.0, "max_leverage")),
        # of several limits the tightest
        (want(20_000.0), RiskLimits(1, max_symbol=0.5, max_leverage=0.55), Allowed(5_000.0, "max_leverage")),
        # what cannot be measured is not within a budget
        (want(1.0), RiskLimits(1, max_value_at_risk=0.1), Allowed(0.0, "max_value_at_risk")),
    ],
)
def test_limits_cut_to_what_is_left_of_them(wanted: Wanted, limits: RiskLimits, left: Allowed) -> None:
    found = allowed(wanted, HELD, 100_000.0, limits)
    assert (found.worth, found.limited_by) == (pytest.approx(left.worth), left.limited_by)


def test_a_value_at_risk_budget_is_used_up_and_not_exceeded() -> None:
    returns = np.column_stack([np.arange(100) / 1000 - 0.05] * 2)  # the fifth worst of 100 days: -4.6 %
    limits = RiskLimits(1, max_value_at_risk=0.02)
    found = allowed(want(100_000.0), HELD, 100_000.0, limits, returns, (1, 2))
    # 30,000 net are held, all by one path: 2,000 / 0.046 = 43,478.26 may be
    assert found.limited_by == "max_value_at_risk"
    assert found.worth == pytest.approx(2_000 / 0.046 - 30_000)
    hedge = allowed(want(25_000.0, sign=-1), HELD, 50_000.0, limits, returns, (1, 2))
    assert hedge == Allowed(25_000.0, None)  # beyond the budget before, and less so after


def test_two_that_move_alike_are_one_bet() -> None:
    random = np.random.default_rng(9)
    market = random.normal(0, 0.02, 250)
    returns = np.column_stack([market, market + random.normal(0, 0.002, 250), random.normal(0, 0.02, 250)])
    held = (Held(2, "ETH", 30_000.0), Held(3, "XMR", 90_000.0))
    limits = RiskLimits(1, max_correlation=0.8, max_correlated=0.5)
    found = allowed(want(60_000.0), held, 100_000.0, limits, returns, (1, 2, 3))
    assert found == Allowed(20_000.0, "max_correlated")
    against = allowed(want(60_000.0, sign=-1), held, 100_000.0, limits, returns, (1, 2, 3))
    assert against == Allowed(60_000.0, None)


@given(
    worth=st.floats(0, 1e6),
    sign=st.sampled_from([1, -1]),
    exposures=st.lists(st.floats(-1e5, 1e5), max_size=3),
    shares=st.tuples(*(st.none() | st.floats(0.01, 5.0) for _ in range(4))),
    equity=st.floats(-100, 1e6),
)
@settings(max_examples=200, deadline=None)
def test_a_limit_only_ever_makes_a_size_smaller(
    worth: float,
    sign: int,
    exposures: list[float],
    shares: tuple[float | None, ...],
    equity: float,
) -> None:
    returns = np.random.default_rng(1).normal(0, 0.02, (60, 3))
    held = [Held(n + 1, "ABC"[n], each) for n, each in enumerate(exposures)]
    symbol, leverage, risk, correlated = shares
    limits = RiskLimits(1, symbol, leverage, risk, None if correlated is None else 0.5, correlated)
    found = allowed(Wanted(1, "A", sign, worth), held, equity, limits, returns, (1, 2, 3))
    assert 0.0 <= found.worth <= worth
    assert (found.limited_by is None) == (found.worth == worth) or worth == 0.0
