"""Deribit: what its answers mean, and whether the simulator's have the documented fields and types."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from alphapulse_resources.providers.deribit import DERIBIT, INSTRUMENTS_WEIGHT
from alphapulse_resources.providers.deribit.errors import ERRORS
from alphapulse_resources.providers.deribit.reading import (
    read_contracts,
    read_index,
    read_quotes,
    read_ticker,
)
from alphapulse_resources.venues.error_rules import Failure
from alphapulse_resources.venues.errors import find_rule
from alphapulse_resources.venues.model import ErrorKind, VenueError
from alphapulse_sim.context import SimConfig, Simulator
from alphapulse_sim.deribit import Deribit
from alphapulse_sim.options import BOOKS, last_friday, terms

NOW = "2026-11-18T12:00:20Z"

# documented: docs.deribit.com (API 2.1.1), public/get_instruments, an option; the name with a d for the point
# is of an option that is settled in USDC
INSTRUMENT: dict[str, Any] = {
    "tick_size": 0.0005, "tick_size_steps": [{"above_price": 0.005, "tick_size": 0.0005}],
    "taker_commission": 0.0003, "strike": 52000.0, "settlement_period": "month",
    "settlement_currency": "BTC", "quote_currency": "BTC", "price_index": "btc_usd", "option_type": "put",
    "min_trade_amount": 0.1, "maker_commission": 0.0003, "kind": "option", "is_active": True,
    "instrument_name": "BTC-24JUN22-52000-P", "instrument_id": 124972, "instrument_type": "reversed",
    "expiration_timestamp": 1656057600000, "creation_timestamp": 1648199543000, "counter_currency": "USD",
    "contract_size": 1.0, "block_trade_commission": 0.0003, "block_trade_min_trade_amount": 25,
    "block_trade_tick_size": 0.0001, "base_currency": "BTC", "rfq": False, "state": "open",
}  # fmt: skip
LINEAR = INSTRUMENT | {
    "instrument_name": "XRP_USDC-30JUN23-0d625-C", "strike": 0.625, "option_type": "call",
    "settlement_currency": "USDC", "quote_currency": "USDC", "counter_currency": "USDC",
    "base_currency": "XRP", "instrument_type": "linear", "contract_size": 1000.0,
}  # fmt: skip
# documented: public/get_book_summary_by_currency, kind=option; without bid and ask as ccxt's comments have it
SUMMARY: dict[str, Any] = {
    "mid_price": 0.04025, "volume_usd": 11045.12, "quote_currency": "BTC",
    "estimated_delivery_price": 65444.72, "creation_timestamp": 1711100949273, "base_currency": "BTC",
    "underlying_index": "BTC-27DEC24", "underlying_price": 73742.14, "volume": 4.0, "interest_rate": 0.0,
    "price_change": -6.9767, "open_interest": 274.2, "ask_price": 0.042, "bid_price": 0.0385,
    "instrument_name": "BTC-27DEC24-240000-C", "mark_price": 0.04007735, "mark_iv": 79.35, "last": 0.04,
    "low": 0.04, "high": 0.043,
}  # fmt: skip
TICKER: dict[str, Any] = {
    "estimated_delivery_price": 36552.72, "best_bid_amount": 0.2, "best_ask_amount": 9.1,
    "interest_rate": 0.0, "best_bid_price": 0.214, "best_ask_price": 0.219, "open_interest": 368.8,
    "settlement_price": 0.22103022, "last_price": 0.215, "bid_iv": 60.51, "ask_iv": 61.88, "mark_iv": 61.27,
    "underlying_index": "BTC-27SEP24", "underlying_price": 38992.71, "min_price": 0.1515, "max_price": 0.326,
    "mark_price": 0.2168, "instrument_name": "BTC-27SEP24-40000-C", "index_price": 36552.72,
    "greeks": {"rho": 130.63998, "theta": -13.48784, "vega": 141.90146, "gamma": 0.00002, "delta": 0.59621},
    "stats": {"volume_usd": 100453.9, "volume": 12.0, "price_change": -2.2727, "low": 0.2065, "high": 0.238},
    "state": "open", "timestamp": 1699578548021,
}  # fmt: skip
INDEX = {
    "data": [
        [1598019300000, 21.0084879, 21.2860821, 21.0084879, 21.2860821],
        [1598022900000, 21.2869011, 21.2987527, 21.2869011, 21.2987527],
    ],
    "continuation": None,
}
ENVELOPE = {
    "jsonrpc": "2.0", "usIn": 1711101594456388, "usOut": 1711101594484065, "usDiff": 27677, "testnet": False,
}  # fmt: skip


def answer(result: Any) -> dict[str, Any]:
    """A body as documented, with this result."""
    return ENVELOPE | {"result": result}


def ask(method: str, **query: object) -> tuple[int, Any]:
    """Status and body of a simulated answer at NOW."""
    sim = Simulator(SimConfig())
    sim.clock.set(NOW, 0.0)
    deribit = Deribit(sim)
    handlers = {
        "get_instruments": deribit.instruments,
        "get_book_summary_by_currency": deribit.summaries,
        "ticker": deribit.ticker,
        "get_volatility_index_data": deribit.volatility_index,
        "get_time": deribit.time,
        "get_currencies": deribit.currencies,
    }
    text = "&".join(f"{name}={value}" for name, value in query.items())
    request = make_mocked_request("GET", f"/www.deribit.com/api/v2/public/{method}?{text}")
    try:
        response = asyncio.run(handlers[method](request))
    except web.HTTPException as error:
        return error.status, json.loads(error.text or "")
    return response.status, json.loads(response.text or "")


def shape(value: Any) -> Any:
    """Fields and types: whole numbers are numbers, and what may be null is left open."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def assert_like(found: dict[str, Any], documented: dict[str, Any], *, may_be_null: set[str]) -> None:
    assert found.keys() == documented.keys()
    for name, value in documented.items():
        if found[name] is None:
            assert name in may_be_null, name
        elif isinstance(value, dict):
            assert_like(found[name], value, may_be_null=may_be_null)
        else:
            assert shape(found[name]) == shape(value), name


def test_a_documented_list_of_instruments_is_read() -> None:
    future = {"kind": "future", "instrument_name": "BTC-27MAY22"}
    read = read_contracts(answer([INSTRUMENT, LINEAR, future]))
    inverse, linear = read.frame.to_dicts()
    assert not read.rejects
    assert (inverse["name"], inverse["currency"], inverse["inverse"]) == ("BTC-24JUN22-52000-P", "BTC", True)
    assert (inverse["kind"], inverse["strike"]) == ("put", 52000.0)
    assert inverse["expiry"] == datetime(2022, 6, 24, 8, tzinfo=UTC)
    assert (linear["currency"], linear["base"], linear["settle"]) == ("XRP_USDC", "XRP", "USDC")
    assert (linear["inverse"], linear["strike"], linear["contract_size"]) == (False, 0.625, 1000.0)


def test_a_documented_book_summary_is_read_and_what_nobody_quotes_is_null() -> None:
    other = SUMMARY | {"instrument_name": "BTC-27DEC24-10000-P", "bid_price": None, "mark_iv": 0.0}
    read = read_quotes(answer([SUMMARY, other | {"creation_timestamp": 1711100949274}]))
    first, second = read.frame.to_dicts()
    assert (
        first["ts"] == second["ts"] == datetime.fromtimestamp(1711100949.274, UTC)
    )  # one snapshot, one time
    assert (first["mark_price"], first["mark_iv"], first["open_interest"]) == (0.04007735, 79.35, 274.2)
    assert (first["underlying_price"], first["index_price"]) == (73742.14, 65444.72)
    assert (second["bid_price"], second["ask_price"], second["volume_24h"]) == (None, 0.042, 4.0)


@pytest.mark.parametrize(
    "wrong",
    [{"mark_price": "0.04"}, {"open_interest": True}, {"creation_timestamp": None}, {"bid_price": []}],
)
def test_a_row_that_cannot_be_read_is_kept_as_it_came_and_stops_no_other(wrong: dict[str, Any]) -> None:
    read = read_quotes(answer([SUMMARY | wrong, SUMMARY]))
    assert read.frame.height == 1
    (reject,) = read.rejects
    assert reject.reason == "unreadable_value"
    assert reject.payload["row"]["instrument_name"] == "BTC-27DEC24-240000-C"


def test_a_documented_answer_about_the_index_is_read_without_the_hour_that_is_not_over() -> None:
    ended = datetime.fromtimestamp(1598022900, UTC)
    read = read_index(answer(INDEX), ended)
    assert read.frame["close"].to_list() == [21.2860821]
    assert read.continuation is None
    assert read_index(answer(INDEX | {"continuation": 1598019300000}), ended).continuation is not None


def test_a_documented_ticker_is_read() -> None:
    assert read_ticker(answer(TICKER)) == {
        "delta": 0.59621, "gamma": 0.00002, "vega": 141.90146, "theta": -13.48784
    }  # fmt: skip


@pytest.mark.parametrize("body", [[], {}, answer({}), answer(None), "text"])
def test_another_body_is_no_empty_list(body: Any) -> None:
    with pytest.raises((KeyError, TypeError)):
        read_quotes(body)


def test_a_refusal_with_http_200_is_a_refusal() -> None:
    with pytest.raises(VenueError, match="10028 too_many_requests") as caught:
        read_quotes(ENVELOPE | {"error": {"code": 10028, "message": "too_many_requests"}})
    assert caught.value.kind is ErrorKind.BANNED


REFUSALS = [
    (429, 10028, "too_many_requests", ErrorKind.BANNED),
    (400, 10066, "too_many_concurrent_requests", ErrorKind.BANNED),
    (400, 10041, "settlement_in_progress", ErrorKind.VENUE_DOWN),
    (400, 11051, "system_maintenance", ErrorKind.VENUE_DOWN),
    (400, 11094, "internal_server_error", ErrorKind.VENUE_DOWN),
    (400, 13028, "temporarily_unavailable", ErrorKind.VENUE_DOWN),
    (400, 10040, "retry", ErrorKind.VENUE_DOWN),
    (400, 13888, "timed_out", ErrorKind.TIMEOUT),
    (400, 13009, "unauthorized", ErrorKind.BAD_KEY),
    (400, 10020, "invalid_or_unsupported_instrument", ErrorKind.BAD_SYMBOL),
    (400, 13020, "not_found", ErrorKind.BAD_SYMBOL),
    (400, -32700, "Parse error", ErrorKind.BAD_BODY),
    (400, -32602, "Invalid params", ErrorKind.BAD_REQUEST),
    (403, 0, "Forbidden", ErrorKind.GEO_BLOCKED),
    (503, 0, "Service Unavailable", ErrorKind.VENUE_DOWN),
]


@pytest.mark.parametrize(("status", "code", "message", "kind"), REFUSALS)
def test_documented_refusals_mean_what_they_say(
    status: int, code: int, message: str, kind: ErrorKind
) -> None:
    body = json.dumps({"jsonrpc": "2.0", "error": {"code": code, "message": message}})
    failure = Failure("deribit", ValueError("refused"), status, body)
    assert find_rule(failure, DERIBIT.errors).kind is kind


def test_every_rule_of_deribits_is_reached_by_a_documented_refusal() -> None:
    reached = set()
    for status, code, message, _ in REFUSALS:
        body = json.dumps({"error": {"code": code, "message": message}})
        reached.add(find_rule(Failure("deribit", ValueError(), status, body), DERIBIT.errors))
    assert set(ERRORS) <= reached


def test_what_we_ask_at_most_is_below_what_is_documented() -> None:
    (bucket,) = DERIBIT.budgets.values()
    assert bucket.rate <= 20 / 2  # requests a second
    assert bucket.rate / INSTRUMENTS_WEIGHT <= 1 + 1e-9  # lists of instruments a second


def test_the_simulator_answers_with_the_documented_fields() -> None:
    status, body = ask("get_instruments", currency="BTC", kind="option")
    assert status == 200
    assert body.keys() == answer([]).keys()
    assert_like(body["result"][0], INSTRUMENT, may_be_null=set())
    quoted = {"mid_price", "bid_price", "ask_price", "last", "low", "high", "price_change"}
    _, body = ask("get_book_summary_by_currency", currency="USDC", kind="option")
    for row in body["result"]:
        assert_like(row, SUMMARY, may_be_null=quoted)
    name = body["result"][5]["instrument_name"]
    _, body = ask("ticker", instrument_name=name)
    assert_like(body["result"], TICKER, may_be_null={"last_price", "low", "high", "price_change"})
    _, body = ask(
        "get_volatility_index_data", currency="BTC", resolution=3600,
        start_timestamp=1700000000000, end_timestamp=1700007200000,
    )  # fmt: skip
    assert body["result"].keys() == INDEX.keys()
    assert [len(row) for row in body["result"]["data"]] == [5, 5]
    for opened, top, bottom, closed in (row[1:] for row in body["result"]["data"]):
        assert bottom <= min(opened, closed) <= max(opened, closed) <= top


@pytest.mark.parametrize(
    ("method", "query", "code"),
    [
        ("get_instruments", {"currency": "XX"}, -32602),
        ("get_book_summary_by_currency", {}, -32602),
        ("get_volatility_index_data", {"currency": "BTC", "resolution": "7"}, -32602),
        ("ticker", {"instrument_name": "BTC-1JAN20-1-C"}, 13020),
    ],
)
def test_the_simulator_refuses_as_documented(method: str, query: dict[str, str], code: int) -> None:
    status, body = ask(method, **query)
    assert status == 400
    assert body["error"]["code"] == code
    assert body["error"].keys() == {"code", "message", "data"}


def test_simulated_expiries_follow_the_calendar() -> None:
    now = datetime(2026, 11, 18, 12, tzinfo=UTC)
    found = terms(int(now.timestamp() * 1000))
    times = [datetime.fromtimestamp(each.expiry_ms / 1000, UTC) for each in found]
    assert all((each.hour, each.minute) == (8, 0) for each in times)
    assert [each.date().isoformat() for each in times[:4]] == [
        "2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"
    ]  # fmt: skip
    months = {each.date() for each, term in zip(times, found, strict=True) if term.period == "month"}
    assert {
        last_friday(2026, 11),
        last_friday(2026, 12),
        last_friday(2027, 3),
        last_friday(2027, 6),
    } <= months
    weeks = [each for each, term in zip(times, found, strict=True) if term.period == "week"]
    assert weeks
    assert all(each.weekday() == 4 for each in weeks)


def test_simulated_prices_agree_with_each_other_and_open_interest_drifts() -> None:
    deribit = Deribit(Simulator(SimConfig()))
    now = int(datetime(2026, 11, 18, 12, tzinfo=UTC).timestamp() * 1000)
    for book in BOOKS:
        contracts = deribit.options.contracts(book, now)
        quotes = deribit.options.quotes(book, contracts, now)
        later = deribit.options.quotes(book, contracts, now + 3_600_000)
        price = quotes.mark * (quotes.forward if book.inverse else 1.0)
        by_key = {(each.term.expiry_ms, each.strike, each.call): n for n, each in enumerate(contracts)}
        for (expiry, strike, call), n in by_key.items():
            if call:
                put = by_key[(expiry, strike, False)]
                gap = price[n] - price[put] - (quotes.forward[n] - strike)
                assert abs(gap) < 1e-9 * quotes.forward[n]
        assert (quotes.open_interest >= 0).all()
        change = abs(later.open_interest.sum() / quotes.open_interest.sum() - 1)
        assert 0 < change < 0.2
        same = deribit.options.quotes(book, contracts, now)
        assert (same.mark == quotes.mark).all()  # a pure function of time
