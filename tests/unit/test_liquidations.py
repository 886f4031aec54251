"""Liquidations read and valued: what venues tell, what they cannot mean, and when they are listened to."""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from market_session_support import START, Heard

from alphapulse_assets.alerts.model import Alert
from alphapulse_assets.futures.liquidations.amounts import Amounts, amounts
from alphapulse_assets.futures.liquidations.tables import LIQUIDATION_LISTENING, LIQUIDATIONS
from alphapulse_assets.futures.liquidations.watch import (
    BROKE,
    LOST,
    STANDS,
    STOPPED,
    UNTRACKED,
    LiquidationWatch,
)
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.whales.thresholds import Subject, Thresholds
from alphapulse_assets.order_book.whales.usd import PAR, UNKNOWN, UsdRate, UsdRates
from alphapulse_resources.streams.messages import Liquidation, MalformedFrameError, Message
from alphapulse_resources.streams.reader import FrameReader
from alphapulse_resources.streams.tables import TRADES_1S, Row, StreamTable
from alphapulse_resources.streams.venues import ADAPTERS

# of the documentation of COIN-M and of Bybit's v5 ("All Liquidation"); USD-M's is a recorded one
COIN = {
    "e": "forceOrder",
    "E": 1591154240950,
    "o": {
        "s": "BTCUSD_200925", "ps": "BTCUSD", "S": "SELL", "o": "LIMIT", "f": "IOC", "q": "1", "p": "9425.5",
        "ap": "9496.5", "X": "FILLED", "l": "1", "z": "1", "T": 1591154240949,
    },
}  # fmt: skip
BYBIT = {
    "topic": "allLiquidation.ROSEUSDT",
    "type": "snapshot",
    "ts": 1739502303204,
    "data": [{"T": 1739502302929, "s": "ROSEUSDT", "S": "Sell", "v": "20000", "p": "0.04499"}],
}


def decode(venue: str, frame: Any) -> list[Message]:
    return ADAPTERS[venue].decode(json.dumps(frame).encode())


def bybit(*rows: Any) -> dict[str, Any]:
    return BYBIT | {"data": list(rows)}


def test_a_recorded_order_of_binance_closed_a_long_position(shared_data: Path) -> None:
    file = shared_data / "metrics" / "binance_test_data_futures_market_data_json_liquidation_stream.json"
    recorded = json.loads(file.read_text())
    told = Liquidation(
        "BTCUSDT", True, 9910.0, 0.014, 1568014460893, 1568014460893,
        average_price=9910.12345678, filled=0.014, status="FILLED",
    )  # fmt: skip
    assert decode("binanceusdm", recorded) == [told]
    assert decode("binanceusdm", {"stream": "btcusdt@forceOrder", "data": recorded}) == [told]
    assert decode("binanceusdm", {"stream": "!forceOrder@arr", "data": recorded}) == [told]


def test_coin_margined_orders_are_read_with_their_pair() -> None:
    (told,) = decode("binancecoinm", COIN)
    assert isinstance(told, Liquidation)
    assert (told.symbol, told.long_closed, told.size) == ("BTCUSD_200925", True, 1.0)
    assert (told.venue_ms, told.told_ms) == (1591154240949, 1591154240950)


def test_what_was_not_filled_has_no_average_price() -> None:
    order = COIN["o"] | {"ap": "0", "z": "0", "X": "NEW", "S": "BUY"}  # type: ignore[operator]
    (told,) = decode("binancecoinm", COIN | {"o": order})
    assert isinstance(told, Liquidation)
    assert (told.average_price, told.filled, told.status, told.long_closed) == (None, 0.0, "NEW", False)


def test_bybit_names_the_side_of_the_position_and_not_that_of_the_order() -> None:
    (told,) = decode("bybit", BYBIT)
    assert told == Liquidation(
        "ROSEUSDT", False, 0.04499, 20000.0, 1739502302929, 1739502303204, filled=20000.0
    )
    (told,) = decode("bybit", bybit(BYBIT["data"][0] | {"S": "Buy"}))  # type: ignore[index]
    assert isinstance(told, Liquidation)
    assert (
        told.long_closed
    )  # documented: "When you receive a Buy update, a long position has been liquidated"


def test_those_that_are_alike_in_one_message_are_told_apart_in_the_same_way_each_time() -> None:
    one = BYBIT["data"][0]  # type: ignore[index]
    other = one | {"v": "1"}
    frame = bybit(one, other, one, one)
    occurrences = [told.occurrence for told in decode("bybit", frame) if isinstance(told, Liquidation)]
    assert occurrences == [0, 0, 1, 2]
    assert decode("bybit", frame) == decode("bybit", frame)


@pytest.mark.parametrize(
    "bad",
    [{"T": "soon"}, {"S": "Long"}, {"v": None}, {"p": {}}, 7, None, []],
    ids=str,
)
def test_one_that_cannot_be_read_costs_no_other_of_its_message(bad: Any) -> None:
    one = BYBIT["data"][0]  # type: ignore[index]
    broken = one | bad if isinstance(bad, dict) else bad
    with pytest.raises(MalformedFrameError) as caught:
        decode("bybit", bybit(one, broken, one))
    assert len(caught.value.read) == 2
    assert [symbol for symbol, _ in caught.value.parts] == ["ROSEUSDT"]
    assert (caught.value.liquidation, caught.value.depth) == (True, False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.sampled_from(["s", "S", "q", "p", "ap", "z", "X", "T"]),
    JSON,
    st.sampled_from(["binanceusdm", "binancecoinm"]),
)
def test_whatever_binance_tells_is_a_true_liquidation_or_malformed(name: str, value: Any, venue: str) -> None:
    frame = {"stream": "btcusd@forceOrder", "data": COIN | {"o": COIN["o"] | {name: value}}}  # type: ignore[operator]
    _reads(venue, frame)


@given(st.sampled_from(["T", "s", "S", "v", "p"]), JSON)
def test_whatever_bybit_tells_is_a_true_liquidation_or_malformed(name: str, value: Any) -> None:
    _reads("bybit", bybit(BYBIT["data"][0] | {name: value}, BYBIT["data"][0]))  # type: ignore[index]


def _reads(venue: str, frame: Any) -> None:
    messages, malformed = FrameReader(ADAPTERS[venue]).read(json.dumps(frame).encode(), 1_800_000_000.0)
    assert messages or malformed
    assert all(bad.liquidation and not bad.depth for bad in malformed)
    for told in messages:
        assert isinstance(told, Liquidation)
        assert 0 < told.price < float("inf")
        assert 0 < told.size < float("inf")
        assert 1_230_768_000_000 <= told.venue_ms <= 1_800_000_005_000


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"p": "0"}, "price 0.0, size 1.0"),
        ({"q": "-1"}, "price 9425.5, size -1.0"),
        ({"p": "NaN"}, "malformed"),
        ({"z": "2"}, "2.0 filled of 1.0"),
        ({"ap": "-5"}, "an average price of -5.0"),
        ({"T": 1591154240949000}, "ahead"),  # microseconds
        ({"T": 1591154240}, "before 2009"),  # seconds
    ],
)
def test_what_cannot_be_true_is_refused_with_its_reason(change: dict[str, Any], why: str) -> None:
    frame = json.dumps(COIN | {"o": COIN["o"] | change}).encode()  # type: ignore[operator]
    messages, (bad,) = FrameReader(ADAPTERS["binancecoinm"]).read(frame, 1591154241.0)
    assert messages == []
    assert (bad.symbol, bad.liquidation) == ("BTCUSD_200925", True)
    assert why in bad.error or why == "malformed"


def test_a_malformed_one_makes_no_hole_in_trades_and_breaks_no_book() -> None:
    heard = Heard(venue="binanceusdm")
    heard.session.track("X", 1, START)
    for n in range(3):
        trade = {
            "e": "aggTrade",
            "s": "X",
            "a": n,
            "p": "100",
            "q": "1",
            "m": True,
            "T": int(START * 1e3) + n * 1000,
        }
        heard.session.received("c", json.dumps(trade).encode(), START + n)
        heard.session.received(
            "c", b'{"stream":"x@forceOrder","data":{"e":"forceOrder","o":{"s":"X"}}}', START + n
        )
    heard.session.tick(START + 6)
    assert heard.session.malformed == 3
    assert [row["complete"] for row in heard.rows(TRADES_1S)] == [False, True, True]  # the first as ever


LINEAR = Liquidation("X", True, 99.0, 3.0, 0, 0, average_price=100.0)


@pytest.mark.parametrize(
    ("told", "measures", "rate", "worth"),
    [
        (LINEAR, Measures(), PAR, Amounts(3.0, 300.0, 300.0, None)),
        (LINEAR, Measures(contract=10.0), PAR, Amounts(30.0, 3000.0, 3000.0, None)),
        (LINEAR, Measures(), UsdRate(0.5, "given"), Amounts(3.0, 300.0, 150.0, None)),
        (LINEAR, Measures(), UNKNOWN, Amounts(3.0, 300.0, None, "no rate in USD")),
        (LINEAR, Measures(contract=100.0, inverse=True), PAR, Amounts(3.0, 300.0, 300.0, None)),
        (LINEAR, Measures(inverse=True), PAR, Amounts(None, None, None, "no contract size")),
        (Liquidation("X", True, 50.0, 4.0, 0, 0), Measures(), PAR, Amounts(4.0, 200.0, 200.0, None)),
        (Liquidation("X", True, 1e200, 1e200, 0, 0), Measures(), PAR,
         Amounts(None, None, None, "beyond all numbers")),
    ],
)  # fmt: skip
def test_a_liquidation_is_worth_what_its_contract_is(
    told: Liquidation, measures: Measures, rate: UsdRate, worth: Amounts
) -> None:
    assert amounts(told, measures, rate) == worth


class Watched:
    """A watch and what came out of it."""

    def __init__(self) -> None:
        self.puts: list[tuple[StreamTable, Row]] = []
        self.alerts: list[Alert] = []
        self.watch = LiquidationWatch(
            "bybit", put=self.put, alert=self.alerts.append, thresholds=Thresholds(), rates=UsdRates(),
            run_id="run",
        )  # fmt: skip
        self.watch.track("XUSDT", 7, Subject("bybit", "XUSDT", "X/USDT:USDT", "perpetual"))

    def put(self, table: StreamTable, row: Row) -> None:
        self.puts.append((table, row))

    def rows(self, table: StreamTable) -> list[dict[str, Any]]:
        return [dict(zip(table.columns, row, strict=True)) for each, row in self.puts if each is table]


def test_a_row_says_both_sides_without_doubt_and_when_it_was_known() -> None:
    watched = Watched()
    told = Liquidation("XUSDT", False, 0.5, 40.0, 1_700_000_000_100, 1_700_000_000_400, filled=40.0)
    watched.watch.take(told, 1_700_000_000.9)
    watched.watch.take(Liquidation("OTHER", False, 0.5, 40.0, 1, 1), 1_700_000_000.9)  # nobody follows it
    (row,) = watched.rows(LIQUIDATIONS)
    assert (row["position_side"], row["order_side"], row["instrument_id"]) == ("short", "buy", 7)
    assert (row["base_amount"], row["notional"], row["notional_usd"]) == (40.0, 20.0, 20.0)
    assert row["ts"] == datetime.fromtimestamp(1_700_000_000.1, UTC)
    assert row["published_at"] == datetime.fromtimestamp(1_700_000_000.4, UTC)
    assert row["known_at"] == row["received_at"] == datetime.fromtimestamp(1_700_000_000.9, UTC)


def test_what_fails_in_one_is_logged_and_the_next_one_comes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    watched, calls = Watched(), []

    def put(table: StreamTable, row: Row) -> None:
        calls.append(row)
        if len(calls) == 1:
            raise RuntimeError("once")

    monkeypatch.setattr(watched.watch, "_put", put)
    with caplog.at_level(logging.ERROR):
        for n in range(2):
            watched.watch.take(Liquidation("XUSDT", True, 1.0, 1.0, 10**12 + n, 10**12), 1e9)
    assert (len(calls), watched.watch.failures) == (2, 1)
    assert "bybit XUSDT: a liquidation could not be taken" in caplog.text


def stretches(watched: Watched) -> list[tuple[float, float | None, str]]:
    return [
        (row["ts"].timestamp(), row["until_at"] and row["until_at"].timestamp(), row["why"])
        for row in watched.rows(LIQUIDATION_LISTENING)
    ]


def test_listening_begins_with_the_venues_acceptance_and_ends_with_its_connection() -> None:
    watched = Watched()
    one, both, two = frozenset({"a"}), frozenset({"a", "b"}), frozenset({"b"})
    for at, standing in enumerate(
        ({}, {"XUSDT": one}, {"XUSDT": both}, {"XUSDT": two}, {}, {"XUSDT": one}), 10
    ):
        watched.watch.listening(standing, float(at))
    watched.watch.stop(20.0)
    assert stretches(watched) == [
        (11.0, None, STANDS),
        (11.0, 14.0, LOST),  # a renewal with an overlap is no break
        (15.0, None, STANDS),
        (15.0, 20.0, STOPPED),
    ]


def test_a_connection_that_was_replaced_between_two_looks_is_a_break() -> None:
    watched = Watched()
    watched.watch.listening({"XUSDT": frozenset({"a"})}, 1.0)
    watched.watch.listening({"XUSDT": frozenset({"b"})}, 2.0)
    watched.watch.untrack("XUSDT", 3.0)
    watched.watch.listening({"XUSDT": frozenset({"b"})}, 4.0)
    assert stretches(watched) == [
        (1.0, None, STANDS), (1.0, 2.0, BROKE), (2.0, None, STANDS), (2.0, 3.0, UNTRACKED),
    ]  # fmt: skip
