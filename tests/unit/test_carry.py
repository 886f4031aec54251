"""Annualised funding, spreads between venues and cash and carry, against numbers worked out by hand."""

from datetime import UTC, datetime

import polars as pl
import pytest

from alphapulse_assets.futures.leverage.carry import (
    Fees,
    annual,
    basis,
    break_even_days,
    cash_and_carry,
    funding_spreads,
)

NINE = datetime(2024, 5, 1, 9, tzinfo=UTC)
FEES = Fees(spot=0.001, perpetual=0.0005)


def test_a_rate_is_annualised_by_its_own_interval() -> None:
    assert annual(0.0001, 8) == pytest.approx(0.1095)  # 3 x 365 x 0.01 %
    assert annual(0.0001, 4) == pytest.approx(0.219)
    assert annual(-0.0001, 1) == pytest.approx(-0.876)
    with pytest.raises(ValueError, match="interval of 0 hours"):
        annual(0.0001, 0)


def test_cash_and_carry_pays_both_legs_in_and_out() -> None:
    found = cash_and_carry(0.1095, 60_060.0, 60_000.0, FEES, days=30)
    assert found.long_spot
    assert found.basis == pytest.approx(0.001)
    assert found.fees == pytest.approx(0.003 * 365 / 30)  # 0.0365 by the year
    assert found.net == pytest.approx(0.073)
    assert found.net_with_basis == pytest.approx(0.073 + 0.001 * 365 / 30)


def test_with_funding_below_nought_it_is_the_other_way_round() -> None:
    found = cash_and_carry(-0.2, 99.0, 100.0, Fees(0.0, 0.0), days=365)
    assert (found.long_spot, found.funding) == (False, 0.2)
    assert found.net_with_basis == pytest.approx(0.2 + 0.01)  # bought below spot: gains as it closes


def test_fees_can_eat_all_of_it_and_days_say_how_long_it_takes() -> None:
    assert cash_and_carry(0.01, 100.0, 100.0, FEES, days=30).net == pytest.approx(0.01 - 0.0365)
    assert break_even_days(0.1095, FEES) == pytest.approx(10.0)
    assert break_even_days(0.0, FEES) is None


@pytest.mark.parametrize("fees", [(0.5, 0.0), (0.0, 10.0), (float("nan"), 0.0)])
def test_fees_in_per_cent_or_none_are_refused(fees: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match=r"0\.001 for 0\.1 %"):
        Fees(*fees)


def test_prices_and_days_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="no basis"):
        basis(0.0, 1.0)
    with pytest.raises(ValueError, match="held for 0 days"):
        cash_and_carry(0.1, 1.0, 1.0, FEES, days=0)


def rates(*rows: tuple[int, str, str, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [(number, venue, base, NINE, value) for number, venue, base, value in rows],
        schema={
            "instrument_id": pl.Int32(),
            "venue": pl.String(),
            "base": pl.String(),
            "ts": pl.Datetime("us", "UTC"),
            "funding_annual": pl.Float64(),
        },
        orient="row",
    )


def test_a_spread_is_between_venues_and_the_widest_of_a_coin() -> None:
    found = funding_spreads(
        rates(
            (1, "binanceusdm", "BTC", 0.11),
            (2, "bybit", "BTC", -0.02),
            (3, "bybit", "BTC", 0.30),  # dearest and cheapest of one venue are no pair
            (4, "hyperliquid", "BTC", 0.05),
            (5, "bybit", "ETH", 0.2),
            (6, "bybit", "ETH", 0.1),
            (7, "binanceusdm", "ETH", None),
        )
    )
    assert found.rows() == [("BTC", NINE, 3, 4, pytest.approx(0.25))]


def test_a_perpetual_twice_in_an_hour_is_an_error() -> None:
    with pytest.raises(ValueError, match="twice"):
        funding_spreads(rates((1, "bybit", "BTC", 0.1), (1, "bybit", "BTC", 0.2)))
