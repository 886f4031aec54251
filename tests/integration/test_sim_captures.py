"""The simulator's Binance bodies held against real captures of 2021: same fields, types and formats."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from alphapulse_sim.capture import HttpExchange, events, http_exchanges
from alphapulse_sim.process import SimulatorProcess

MARKETS = [
    pytest.param("BINANCE", "api.binance.com/api/v3", id="spot"),
    pytest.param("BINANCE_FUTURES", "fapi.binance.com/fapi/v1", id="usdm"),
]
DEPTH_OF_2021 = 1000
SYMBOLS = ("BTCUSDT", "ETHUSDT", "DOGEUSDT", "AVAXUSDT")


@pytest.fixture(scope="module")
def sim() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7) as running:
        yield running


@pytest.fixture(scope="module")
def captures(shared_data: Path) -> Path:
    return shared_data / "binance_capture"


def captured(captures: Path, name: str, path: str) -> list[HttpExchange]:
    files = (captures / f"{name}.0", captures / f"{name}.http.0.0")
    found = [each for file in files for each in http_exchanges(file) if each.path.endswith(path)]
    assert found, f"no {path} in {name}"
    return found


def ask(sim: SimulatorProcess, path: str, **query: object) -> Any:
    answer = requests.get(
        f"{sim.url}/{path}", params={name: str(value) for name, value in query.items()}, timeout=20
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def shape(value: Any) -> Any:
    """The type of a value, and for text whether it is a whole number, a decimal or words."""
    if isinstance(value, str):
        return "decimal" if re.fullmatch(r"-?\d+\.\d+", value) else "whole" if value.isdecimal() else "words"
    return type(value).__name__


def places(text: str) -> int:
    return len(text.partition(".")[2])


@pytest.mark.parametrize(("name", "base"), MARKETS)
def test_depth_has_the_captured_fields_in_their_order(
    sim: SimulatorProcess, captures: Path, name: str, base: str
) -> None:
    ours = ask(sim, f"{base}/depth", symbol="LINKUSDT", limit=DEPTH_OF_2021)
    for real in captured(captures, name, "/depth"):
        assert list(ours) == list(real.body)
        assert {field: type(value) for field, value in ours.items()} == {
            field: type(value) for field, value in real.body.items()
        }


@pytest.mark.parametrize(("name", "base"), MARKETS)
def test_depth_levels_are_printed_sorted_and_sized_as_captured(
    sim: SimulatorProcess, captures: Path, name: str, base: str
) -> None:
    reals = [each.body for each in captured(captures, name, "/depth")]
    ours = ask(sim, f"{base}/depth", symbol="BTCUSDT", limit=DEPTH_OF_2021)
    for body in [*reals, ours]:
        for side, falling in (("bids", True), ("asks", False)):
            levels = body[side]
            prices = [float(price) for price, _ in levels]
            assert prices == sorted(prices, reverse=falling)
            assert len(set(prices)) == len(prices) <= DEPTH_OF_2021
            assert all(len(level) == 2 and float(level[1]) > 0 for level in levels)
            assert len({places(price) for price, _ in levels}) == 1
            assert len({places(size) for _, size in levels}) == 1
            if name == "BINANCE":
                assert {places(text) for level in levels for text in level} == {8}
        assert float(body["bids"][0][0]) < float(body["asks"][0][0])
    assert all(len(ours[side]) > 500 for side in ("bids", "asks"))


def test_futures_depth_times_stand_as_captured(sim: SimulatorProcess, captures: Path) -> None:
    ours = ask(sim, "fapi.binance.com/fapi/v1/depth", symbol="BTCUSDT", limit=100)
    for body in [ours, *(each.body for each in captured(captures, "BINANCE_FUTURES", "/depth"))]:
        assert body["T"] <= body["E"] < body["T"] + 60_000
        assert len(str(body["E"])) == 13


@pytest.mark.parametrize(("name", "base"), MARKETS)
def test_a_later_snapshot_has_a_later_update_id_as_the_captured_diffs_do(
    sim: SimulatorProcess, captures: Path, name: str, base: str
) -> None:
    sim.set_clock("2024-01-01T00:00:00Z")
    first = ask(sim, f"{base}/depth", symbol="BTCUSDT", limit=5)["lastUpdateId"]
    sim.set_clock("2024-01-01T00:00:01Z")
    second = ask(sim, f"{base}/depth", symbol="BTCUSDT", limit=5)["lastUpdateId"]
    sim.set_clock(None)
    assert second - first == 10  # one update each 100 ms, the captured streams' pace
    last: dict[str, int] = {}
    for event in events(captures / f"{name}.ws.1.0", "depthUpdate"):
        assert event["u"] > last.get(event["s"], 0)
        last[event["s"]] = event["u"]
    assert last


@pytest.mark.parametrize(("name", "base"), MARKETS)
def test_exchange_info_has_every_captured_field_and_type(
    sim: SimulatorProcess, captures: Path, name: str, base: str
) -> None:
    real = captured(captures, name, "/exchangeInfo")[0].body
    ours = ask(sim, f"{base}/exchangeInfo")
    assert list(ours) == list(real)
    assert {each["rateLimitType"] for each in real["rateLimits"]} == {
        each["rateLimitType"] for each in ours["rateLimits"]
    }
    theirs = next(each for each in real["symbols"] if each["symbol"] == "BTCUSDT")
    mine = next(each for each in ours["symbols"] if each["symbol"] == "BTCUSDT")
    assert [field for field in mine if field in theirs] == list(theirs)
    assert {field: shape(mine[field]) for field in theirs} == {
        field: shape(theirs[field]) for field in theirs
    }
    for filter_, its in ((each, _filter(mine, each["filterType"])) for each in theirs["filters"]):
        assert its.keys() == filter_.keys(), filter_["filterType"]
        assert {field: type(value) for field, value in its.items()} == {
            field: type(value) for field, value in filter_.items()
        }
    statuses = {each["status"] for each in ours["symbols"]}
    if name == "BINANCE":
        assert statuses == {each["status"] for each in real["symbols"]} == {"TRADING", "BREAK"}


def _filter(symbol: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(each for each in symbol["filters"] if each["filterType"] == kind)


@pytest.mark.parametrize(("name", "base"), MARKETS)
def test_klines_print_as_the_captured_kline_events(
    sim: SimulatorProcess, captures: Path, name: str, base: str
) -> None:
    reals = [event["k"] for event in events(captures / f"{name}.ws.1.0", "kline")]
    assert reals
    order = ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B")
    ours = [
        row for symbol in SYMBOLS for row in ask(sim, f"{base}/klines", symbol=symbol, interval="1m", limit=5)
    ]
    for row in [*([kline[field] for field in order] for kline in reals), *ours]:
        assert len(row) == 12
        assert [type(value).__name__ for value in row] == [
            "int", *["str"] * 5, "int", "str", "int", "str", "str", "str",
        ]  # fmt: skip
        assert row[6] - row[0] == 59_999
        assert len({places(text) for text in row[1:5]}) == 1
        assert places(row[5]) == places(row[9])
        assert places(row[7]) == places(row[10])
        if name == "BINANCE":
            assert {places(row[index]) for index in (1, 5, 7)} == {8}
        else:  # quote volume carries the decimals of price and size together
            assert places(row[7]) == places(row[1]) + places(row[5])
        assert row[11] == "0"


@pytest.mark.parametrize(("name", "base"), MARKETS)
def test_aggregate_trades_have_the_fields_of_the_captured_ones(
    sim: SimulatorProcess, captures: Path, name: str, base: str
) -> None:
    envelope = {"e", "E", "s"}  # only the stream names the event and the symbol
    real = next(events(captures / f"{name}.ws.1.0", "aggTrade"))
    for ours in ask(sim, f"{base}/aggTrades", symbol="SOLUSDT", limit=20):
        assert ours.keys() == real.keys() - envelope
        assert {field: type(value) for field, value in ours.items()} == {
            field: type(value) for field, value in real.items() if field not in envelope
        }
        assert ours["f"] <= ours["l"]
