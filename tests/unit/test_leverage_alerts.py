"""Alerts of funding and open interest: where the lines are, and how they read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alphapulse_assets.alerts.market import MarketAlertKind
from alphapulse_assets.alerts.model import Severity
from alphapulse_assets.futures.leverage.alerts import funding_alerts, is_extreme, open_interest_alerts

NINE = datetime(2024, 5, 1, 9, tzinfo=UTC)


def snapshot(**values: Any) -> dict[str, Any]:
    return {
        "venue": "bybit",
        "symbol": "BTC/USDT:USDT",
        "instrument_id": 3,
        "known_at": NINE,
        "funding_at": NINE - timedelta(hours=1),
        "funding_rate": 0.0004,
        "funding_interval_hours": 8.0,
        "funding_annual": 0.438,
        "funding_percentile": 0.995,
        "funding_zscore": 3.4,
        "crowding_percentile": None,
        "open_interest_quote": 2e9,
        "quadrant": None,
        **values,
    }


def reading(**values: Any) -> dict[str, Any]:
    return {
        "venue": "bybit",
        "symbol": "BTC/USDT:USDT",
        "instrument_id": 3,
        "ts": NINE,
        "known_at": NINE + timedelta(seconds=2),
        "base_amount": 112.0,
        "quote_value": 6.72e6,
        "in_dollars": True,
        "before_ts": NINE - timedelta(minutes=61),
        "before_amount": 100.0,
        **values,
    }


@pytest.mark.parametrize(
    ("annual", "percentile", "extreme"),
    [
        (0.30, 0.99, True),
        (0.30, 0.989, False),
        (0.24, 1.00, False),  # unusual for it, and still next to nothing
        (-0.30, 0.01, True),
        (-0.30, 0.995, False),  # as low as that, and yet higher than usual
        (0.30, 0.005, False),
        (1.00, 0.5, True),
        (-1.2, None, True),
        (0.9, None, False),
        (None, None, False),
    ],
)
def test_what_is_extreme(annual: float | None, percentile: float | None, extreme: bool) -> None:
    assert is_extreme(annual, percentile) is extreme


def test_an_alert_of_funding_says_who_pays_and_is_one_for_a_settlement() -> None:
    (high,) = funding_alerts([snapshot(), snapshot(funding_percentile=0.5)])
    assert high.kind is MarketAlertKind.FUNDING_EXTREME
    assert high.title == (
        "Funding of BTC/USDT:USDT on bybit is +43.8% by the year, percentile 99.5 of its 90 days:"
        " longs pay shorts"
    )
    assert (high.ts, high.known_at, high.reference) == (NINE - timedelta(hours=1), NINE, "high")
    assert "crowding_percentile" not in high.detail
    (low,) = funding_alerts([snapshot(funding_annual=-1.5, funding_percentile=None)])
    assert (low.severity, low.reference) == (Severity.CRITICAL, "low")
    assert low.title.endswith("is -150.0% by the year, no 14 days of past: shorts pay longs")


@pytest.mark.parametrize(
    ("values", "jumps"),
    [
        ({}, True),
        ({"base_amount": 109.9}, False),
        ({"base_amount": 89.0, "quote_value": 5.34e6}, True),
        ({"quote_value": 0.9e6}, False),
        ({"in_dollars": False}, False),
        ({"quote_value": None}, False),
        ({"before_amount": 0.0}, False),
        ({"base_amount": None}, False),
        # what fell from a million to nearly nothing was of weight
        ({"base_amount": 1.0, "quote_value": 20_000.0}, True),
    ],
)
def test_what_is_a_jump(values: dict[str, Any], jumps: bool) -> None:
    assert bool(open_interest_alerts([reading(**values)])) is jumps


def test_an_alert_of_open_interest_says_how_much_and_how_fast() -> None:
    (up,) = open_interest_alerts([reading()])
    assert (up.kind, up.severity) == (MarketAlertKind.OPEN_INTEREST_JUMP, Severity.WARNING)
    assert up.title == "Open interest of BTC/USDT:USDT on bybit rose by 12.0% in 61 minutes"
    assert (up.reference, up.detail["minutes"]) == ("up", 61.0)
    (down,) = open_interest_alerts([reading(base_amount=70.0, quote_value=4.2e6)])
    assert (down.severity, down.reference) == (Severity.CRITICAL, "down")
    assert "fell by 30.0%" in down.title
