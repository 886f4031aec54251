"""OKX's words, held against its documentation (okx.com/docs-v5) and ccxt: swaps, prices, funding, candles."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import ccxt
import pytest
from aiohttp.test_utils import TestClient, TestServer

from alphapulse_resources.venues.futures_api import State, merge_states
from alphapulse_resources.venues.model import ErrorKind, Instrument, VenueError
from alphapulse_resources.venues.okx import futures, past, rest
from alphapulse_resources.venues.registry import VENUES
from alphapulse_resources.venues.rows import read_rows
from alphapulse_sim.server import make_app

BTC = Instrument(1, "okx", "BTC/USDT:USDT", "BTC-USDT-SWAP", "perpetual")
T0 = datetime(2023, 11, 23, 8, 0, tzinfo=UTC)

# the fields of "Get funding rate", with the values of ccxt's example of its channel
FUNDING = {
    "instType": "SWAP", "instId": "BTC-USD-SWAP", "method": "current_period", "formulaType": "noRate",
    "fundingRate": "0.0001875391284828", "nextFundingRate": "", "fundingTime": "1700726400000",
    "nextFundingTime": "1700755200000", "minFundingRate": "-0.00375", "maxFundingRate": "0.00375",
    "interestRate": "", "impactValue": "", "settState": "settled", "settFundingRate": "0.0001699799259033",
    "premium": "0.0001233824646391", "ts": "1700724675402",
}  # fmt: skip
MARK = {"instType": "SWAP", "instId": "BTC-USD-SWAP", "markPx": "37000.1", "ts": "1700724675000"}
INDEX = {
    "instId": "BTC-USD", "idxPx": "36990.5", "high24h": "37500", "low24h": "36000", "open24h": "36500",
    "sodUtc0": "36900", "sodUtc8": "36800", "ts": "1700724674000",
}  # fmt: skip
INTEREST = {
    "instType": "SWAP", "instId": "BTC-USD-SWAP", "oi": "5000", "oiCcy": "13.5", "oiUsd": "500000",
    "ts": "1700724675100",
}  # fmt: skip
TICKER = {
    "instType": "SWAP", "instId": "BTC-USD-SWAP", "last": "37001", "lastSz": "1", "askPx": "37001.1",
    "askSz": "11", "bidPx": "37001", "bidSz": "5", "open24h": "36500", "high24h": "37500", "low24h": "36000",
    "volCcy24h": "2222", "vol24h": "222200", "sodUtc0": "36900", "sodUtc8": "36800", "ts": "1700724675050",
}  # fmt: skip
SETTLED = {
    "instType": "SWAP", "instId": "BTC-USDT-SWAP", "formulaType": "noRate", "fundingRate": "0.018",
    "realizedRate": "0.017", "fundingTime": "1597026383085", "method": "next_period",
}  # fmt: skip
INSTRUMENT = {
    "alias": "", "auctionEndTime": "", "baseCcy": "", "category": "1", "contTdSwTime": "", "ctMult": "1",
    "ctType": "linear", "ctVal": "0.01", "ctValCcy": "BTC", "expTime": "", "futureSettlement": False,
    "groupId": "2", "instFamily": "BTC-USDT", "instId": "BTC-USDT-SWAP", "instIdCode": 10459,
    "instType": "SWAP", "lever": "100", "listTime": "1573557408000", "lotSz": "0.01",
    "maxIcebergSz": "100000000", "maxLmtAmt": "20000000", "maxLmtSz": "100000000", "maxMktAmt": "",
    "maxMktSz": "12000", "maxStopSz": "12000", "maxTriggerSz": "100000000", "maxTwapSz": "100000000",
    "minSz": "0.01", "openType": "", "optType": "", "preMktSwTime": "", "quoteCcy": "",
    "ruleType": "normal", "settleCcy": "USDT", "state": "live", "stk": "", "tickSz": "0.1",
    "tradeQuoteCcyList": [], "uly": "BTC-USDT",
}  # fmt: skip
CANDLE = ["1597026360000", "8533.02", "8553.74", "8527.17", "8548.26", "45247", "529.5858061", "5529.58", "1"]
"""As the interface answers: [ts, o, h, l, c, vol, volCcy, volCcyQuote, confirm]."""


def body(*rows: Any) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": list(rows)}


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def test_the_parts_of_a_state_are_one_known_with_the_last_of_them() -> None:
    read: list[tuple[Callable[[Any], Any], dict[str, Any]]] = [
        (futures.read_indices, INDEX),  # stands first: whatever comes first, the instant is the mark's
        (futures.read_marks, MARK),
        (futures.read_funding, FUNDING),
        (futures.read_interest, INTEREST),
        (futures.read_tickers, TICKER),
    ]
    parts = [
        (row, T0 + timedelta(seconds=n))
        for n, (reader, given) in enumerate(read)
        for row in reader(body(given)).rows
    ]
    ((state, known_at),) = merge_states(parts)
    assert state == State(
        symbol="BTC-USD-SWAP",
        ts=moment(1700724675000),
        mark=37000.1,
        index_price=36990.5,
        last=37001.0,
        funding_rate=0.0001875391284828,
        next_funding_at=moment(1700726400000),
        interval_hours=8.0,
        floor=-0.00375,
        cap=0.00375,
        open_interest=5000.0,
    )
    assert known_at == T0 + timedelta(seconds=4)
    theirs = ccxt.okx().parse_funding_rate(FUNDING)
    assert state.funding_rate == theirs["fundingRate"]
    assert state.next_funding_at == moment(theirs["fundingTimestamp"])
    assert theirs["interval"] == f"{state.interval_hours:.0f}h"
    assert merge_states(part for part in parts if part[0].mark is None) == []


def test_what_was_paid_is_read_and_not_what_was_predicted() -> None:
    (settled,) = futures.read_settled(body(SETTLED)).rows
    assert (settled.rate, settled.at) == (0.017, moment(1597026383085))


def test_a_quotient_becomes_the_shares_that_are_long_and_short() -> None:
    rows = body(["1729323600000", "0.25"], ["1729323300000", "0"], ["1729323000000"], ["1729323000000", "x"])
    answer = futures.read_ratios(rows)
    assert [(r.long_share, r.short_share, r.ratio) for r in answer.rows] == [(0.2, 0.8, 0.25), (0, 1, 0)]
    assert len(answer.rejects) == 2
    (flow,) = futures.read_flow(body(["1729323600000", "1.5", "2.5"])).rows
    assert (flow.sell_volume, flow.buy_volume) == (1.5, 2.5)


def test_dollars_are_a_value_in_the_quote_of_inverse_swaps_alone() -> None:
    row = ["1790550000000", "2800476.45", "28006.5419", "2360916466.88"]
    (linear,), (inverse,) = (
        past.read_interest(body(row), kind).rows.rows() for kind in ("linear", "inverse")
    )
    assert linear == (moment(1790550000000), 2800476.45, 28006.5419, None)
    assert inverse[3] == 2360916466.88


def test_a_candle_has_the_volume_of_the_base_and_a_filler_is_none() -> None:
    start = moment(1597026360000)
    filler = [str(1597026420000), *["8548.26"] * 4, "0", "0", "0", "1"]
    read = read_rows(
        [CANDLE, filler], rest.read, start, start + timedelta(minutes=2), start + timedelta(days=1)
    )
    assert (read.candles.height, read.rejects) == (1, [])
    (row,) = read.candles.rows(named=True)
    assert (row["open"], row["close"], row["volume"], row["quote_volume"]) == (
        8533.02, 8548.26, 529.5858061, 5529.58,
    )  # fmt: skip


@pytest.mark.parametrize("wrong", [[], {"code": "0"}, {"code": "51001", "msg": "x", "data": []}, None])
def test_a_body_that_is_none_is_an_error(wrong: Any) -> None:
    with pytest.raises(VenueError) as caught:
        rest.rows_of(wrong)
    assert caught.value.kind is ErrorKind.BAD_BODY


def test_young_candles_are_asked_for_as_the_newest_and_others_as_history() -> None:
    api = VENUES["okx"].rest
    assert api.candles_from(T0 - timedelta(hours=23), T0) is rest.NEWEST
    assert api.candles_from(T0 - timedelta(hours=24), T0) is rest.HISTORY
    bybit = VENUES["bybit"].rest
    assert bybit.candles_from(T0, T0) is bybit.candles
    given = rest.HISTORY.params(BTC, T0, T0 + timedelta(minutes=300))
    assert (int(given["after"]) - int(given["before"]), given["limit"]) == (300 * 60_000 + 1, "300")


def shape(value: Any) -> Any:
    """What a value is made of, without the figures."""
    if isinstance(value, dict):
        return {name: type(each).__name__ for name, each in value.items()}
    return [type(each).__name__ for each in value]


@pytest.mark.parametrize(
    ("path", "documented"),
    [
        ("public/instruments?instType=SWAP", INSTRUMENT),
        ("public/mark-price?instType=SWAP", MARK),
        ("public/funding-rate?instId=ANY", FUNDING),
        ("public/funding-rate?instId=BTC-USDT-SWAP", FUNDING),
        ("public/open-interest?instType=SWAP", INTEREST),
        ("market/tickers?instType=SWAP", TICKER),
        ("market/index-tickers?quoteCcy=USDT", INDEX),
        ("public/funding-rate-history?instId=BTC-USDT-SWAP", SETTLED),
        ("market/candles?instId=BTC-USDT-SWAP", CANDLE),
        ("market/history-candles?instId=BTC-USD-SWAP", CANDLE),
        ("rubik/stat/contracts/open-interest-history?instId=BTC-USDT-SWAP", ["1", "2", "3", "4"]),
        ("rubik/stat/contracts/long-short-account-ratio-contract?instId=BTC-USDT-SWAP", ["1", "2"]),
        ("rubik/stat/taker-volume-contract?instId=BTC-USDT-SWAP&unit=0", ["1", "2", "3"]),
    ],
)
def test_the_simulator_answers_with_the_documented_fields_and_types(path: str, documented: Any) -> None:
    status, told = asyncio.run(_get(path))
    assert (status, told["code"], told["msg"]) == (200, "0", "")
    assert {json.dumps(shape(row), sort_keys=True) for row in told["data"]} == {
        json.dumps(shape(documented), sort_keys=True)
    }


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("market/candles?instId=GONE-USDT-SWAP", 200, "51001"),
        ("market/candles", 400, "50014"),
        ("public/instruments?instType=SWAPS", 400, "51000"),
    ],
)
def test_the_simulator_refuses_in_the_documented_words(path: str, status: int, code: str) -> None:
    got, told = asyncio.run(_get(path))
    assert (got, told["code"], told["data"]) == (status, code, [])


def test_a_market_of_the_simulator_is_read_by_ccxt_with_its_contract() -> None:
    _, told = asyncio.run(_get("public/instruments?instType=SWAP"))
    markets = {each["id"]: each for each in map(ccxt.okx().parse_market, told["data"])}
    linear, inverse = markets["BTC-USDT-SWAP"], markets["BTC-USD-SWAP"]
    assert (linear["symbol"], linear["contractSize"], linear["linear"]) == ("BTC/USDT:USDT", 0.01, True)
    assert (inverse["symbol"], inverse["contractSize"], inverse["inverse"]) == ("BTC/USD:BTC", 100.0, True)


async def _get(path: str) -> tuple[int, Any]:
    async with TestClient(TestServer(make_app())) as client:
        answer = await client.get(f"/www.okx.com/api/v5/{path}")
        return answer.status, await answer.json()
