"""What venues say of their futures, read: real and documented bodies, and bodies that are neither."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ccxt
import pytest

from alphapulse_resources.venues.binance import futures as binance
from alphapulse_resources.venues.bybit import futures as bybit
from alphapulse_resources.venues.model import ErrorKind, VenueError

PREMIUM = {
    "symbol": "BTCUSDT", "markPrice": "45802.81129892", "indexPrice": "45745.47701915",
    "estimatedSettlePrice": "45133.91753671", "lastFundingRate": "0.00063521",
    "interestRate": "0.00010000", "nextFundingTime": 1621267200000, "time": 1621252344001,
}  # fmt: skip
"""As documented: developers.binance.com, USD-M "Mark Price"."""
TICKER = {
    "symbol": "BTCUSD", "lastPrice": "16597.00", "indexPrice": "16598.54", "markPrice": "16596.00",
    "prevPrice24h": "16464.50", "openInterest": "373504107", "openInterestValue": "22505.67",
    "fundingRate": "-0.001034", "nextFundingTime": "1672387200000", "predictedDeliveryPrice": "",
    "basisRate": "", "deliveryFeeRate": "", "deliveryTime": "0", "fundingIntervalHour": "8",
    "fundingCap": "0.005",
}  # fmt: skip
"""As documented: bybit-exchange.github.io, v5 "Get Tickers", inverse."""


def tickers(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"retCode": 0, "result": {"category": "inverse", "list": list(rows)}, "time": 1672376496682}


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def test_a_premium_index_is_read_as_ccxt_reads_it() -> None:
    (state,) = binance.read_states([PREMIUM]).rows
    theirs = ccxt.binanceusdm().parse_funding_rate(PREMIUM)
    assert (state.mark, state.index_price, state.funding_rate) == (
        theirs["markPrice"],
        theirs["indexPrice"],
        theirs["fundingRate"],
    )
    assert state.next_funding_at == moment(theirs["fundingTimestamp"])
    assert state.ts == moment(theirs["timestamp"])
    assert binance.read_states(PREMIUM).rows == [state]  # one symbol is told without a list


def test_a_dated_contract_has_no_funding_and_an_index_of_nothing_is_none() -> None:
    dated = {**PREMIUM, "nextFundingTime": 0, "lastFundingRate": "", "indexPrice": "0.00000000"}
    (state,) = binance.read_states([dated]).rows
    assert (state.funding_rate, state.next_funding_at, state.index_price) == (None, None, None)


def test_real_bodies_of_open_interest_and_funding_are_read(shared_data: Path) -> None:
    def body(name: str) -> Any:
        file = shared_data / "metrics" / f"binance_http_futures_market_{name}.json"
        return json.loads(file.read_text())

    (interest,) = binance.read_interest(body("open_interest")).rows
    assert interest == ("BTCUSDT", moment(1589437530011), 10659.509)
    settled = binance.read_settled(body("funding_rate")).rows
    assert [(row.at, row.rate, row.mark) for row in settled] == [
        (moment(1570608000000), -0.0375, None),
        (moment(1570636800000), 0.0001, None),
    ]


def test_a_mark_price_of_old_settlements_is_empty() -> None:
    row = {"symbol": "BTCUSDT", "fundingTime": 1698768000013, "fundingRate": "0.00010000", "markPrice": ""}
    (settled,) = binance.read_settled([row]).rows
    assert (settled.mark, settled.at.microsecond) == (None, 13_000)


def test_terms_of_funding_are_those_that_were_adjusted() -> None:
    row = {
        "symbol": "BLZUSDT", "adjustedFundingRateCap": "0.02500000",
        "adjustedFundingRateFloor": "-0.02500000", "fundingIntervalHours": 4, "disclaimer": False,
    }  # fmt: skip
    assert binance.read_terms([row]).rows == [("BLZUSDT", 4.0, -0.025, 0.025)]


def test_ratios_and_flow_are_read() -> None:
    ratio = {"symbol": "BTCUSDT", "longAccount": "0.4558", "longShortRatio": "0.8376",
             "shortAccount": "0.5442", "timestamp": 1726790400000}  # fmt: skip
    assert binance.read_ratios([ratio]).rows == [(moment(1726790400000), 0.4558, 0.5442, 0.8376)]
    flow = {"buySellRatio": "1.1603", "buyVol": "298.2800", "sellVol": "257.0660", "timestamp": 1616439300000}
    assert binance.read_flow([flow]).rows == [(moment(1616439300000), 298.28, 257.066)]
    theirs = {"symbol": "BTCUSDT", "buyRatio": "0.5777", "sellRatio": "0.4223", "timestamp": "1695772800000"}
    (account,) = bybit.read_ratios({"retCode": 0, "result": {"list": [theirs]}}).rows
    assert account[:3] == (moment(1695772800000), 0.5777, 0.4223)
    assert account.ratio == pytest.approx(0.5777 / 0.4223)


def test_a_ticker_tells_prices_funding_and_contracts_of_its_answer() -> None:
    (state,) = bybit.read_states(tickers(TICKER)).rows
    assert (state.symbol, state.ts) == ("BTCUSD", moment(1672376496682))
    assert (state.mark, state.index_price, state.last) == (16596.0, 16598.54, 16597.0)
    assert (state.funding_rate, state.interval_hours) == (-0.001034, 8.0)
    assert (state.floor, state.cap, state.open_interest) == (-0.005, 0.005, 373504107.0)
    theirs = ccxt.bybit().parse_funding_rate(TICKER)
    assert state.funding_rate == theirs["fundingRate"]
    assert state.next_funding_at == moment(theirs["fundingTimestamp"])


def test_a_ticker_of_before_intervals_were_told_and_of_a_dated_contract() -> None:
    old = {name: value for name, value in TICKER.items() if not name.startswith(("fundingI", "fundingC"))}
    dated = {**old, "fundingRate": "", "nextFundingTime": "0"}
    first, second = bybit.read_states(tickers(old, dated)).rows
    assert (first.interval_hours, first.cap) == (None, None)
    assert (second.funding_rate, second.next_funding_at) == (None, None)


def test_a_row_that_cannot_be_read_is_kept_as_it_came_and_costs_no_other() -> None:
    found = binance.read_states([PREMIUM, {**PREMIUM, "markPrice": "n/a"}, {"symbol": "X"}, "?"])
    assert len(found.rows) == 1
    assert [reject.reason for reject in found.rejects] == [
        "'n/a' is not a number",
        "the row has no nextFundingTime",
        "the row is a str, not an object",
    ]
    assert found.rejects[0].payload["markPrice"] == "n/a"
    zero = binance.read_states([{**PREMIUM, "markPrice": "0"}])
    assert "not above 0" in zero.rejects[0].reason


@pytest.mark.parametrize("body", [{"result": {}}, {"result": None}, [], "?"])
def test_a_body_without_a_list_is_an_error(body: Any) -> None:
    with pytest.raises(VenueError) as caught:
        bybit.read_settled(body)
    assert caught.value.kind is ErrorKind.BAD_BODY


def test_all_prices_of_a_venue_cost_what_the_venue_says() -> None:
    (question,) = binance.futures_api("/fapi/v1", "a", "b", "c", whole_venue=True).states()
    assert (question.path, question.weight) == ("/fapi/v1/premiumIndex", 10)
    assert [each.parameters for each in bybit.FUTURES.states()] == [
        {"category": "linear"},
        {"category": "inverse"},
    ]
