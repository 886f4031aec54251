"""Simulated liquidations: they follow the market, are always the same, and look like real ones."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alphapulse_sim.binance import USDM
from alphapulse_sim.binance_coinm import COINM
from alphapulse_sim.binance_liquidations import AllForcedOrders, ForcedOrders, told_of
from alphapulse_sim.book import TICK_MS
from alphapulse_sim.bybit_streams import AllLiquidations
from alphapulse_sim.context import SimConfig, Simulator
from alphapulse_sim.instruments import Catalogue, Listing
from alphapulse_sim.liquidations import SECOND, Forced, liquidations, moved
from alphapulse_sim.market import Market
from alphapulse_sim.stream_source import StreamSource

START = 1_790_000_040_000
HOUR = 3_600_000
TICK = START // TICK_MS


def listing(venue: str = "binanceusdm", symbol: str = "BTCUSDT") -> Listing:
    found = Catalogue().find(venue, "perpetual", symbol)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def hour() -> list[Forced]:
    return liquidations(Market(7), listing(), START, START + HOUR)


@pytest.fixture
def source() -> StreamSource:
    return StreamSource(Simulator(SimConfig(seed=7)))


def test_longs_are_closed_when_price_fell_and_shorts_when_it_rose(hour: list[Forced]) -> None:
    change = moved(Market(7), listing(), np.array([each.ts // SECOND * SECOND for each in hour]))
    assert len(hour) > 100
    assert {each.closes_long for each in hour} == {True, False}
    assert [each.closes_long for each in hour] == [bool(each < 0) for each in change]


def test_large_moves_bring_cascades(hour: list[Forced]) -> None:
    minutes = np.arange(START, START + HOUR, 60_000)
    count = np.array([sum(m <= each.ts < m + 60_000 for each in hour) for m in minutes])
    size = np.array(
        [abs(moved(Market(7), listing(), m + np.arange(0, 60_000, SECOND))).mean() for m in minutes]
    )
    assert np.corrcoef(count, size)[0, 1] > 0.8


def test_they_trade_at_the_market_and_the_orders_are_beyond_it(hour: list[Forced]) -> None:
    bid = Market(7).bid_ticks(listing(), np.array([each.ts for each in hour]))
    for each, best in zip(hour, bid.tolist(), strict=True):
        assert each.average == best + (not each.closes_long)
        assert each.price < each.average if each.closes_long else each.price > each.average
        assert 1 <= each.last_filled <= each.size


def test_any_window_of_any_process_tells_the_same(hour: list[Forced]) -> None:
    assert hour == sorted(hour, key=lambda each: each.ts)
    middle = START + 1_234_567
    again = Market(7)
    parts = [liquidations(again, listing(), *window) for window in ((START, middle), (middle, START + HOUR))]
    assert parts[0] + parts[1] == hour
    assert liquidations(Market(8), listing(), START, START + HOUR) != hour


def test_usdm_tells_the_largest_of_a_second_and_coinm_the_latest() -> None:
    small, large, last = (Forced(n, True, 1, 1, size, 1) for n, size in ((0, 1), (1, 9), (2, 5)))
    assert told_of(listing(), [small, large, last]) == large
    assert told_of(listing("binancecoinm", "BTCUSD_PERP"), [small, large, last]) == last
    assert told_of(listing(), []) is None


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(each) for each in value[:1]] if isinstance(value, list) else type(value).__name__


def events(stream: Any, ticks: int = 1200) -> list[dict[str, Any]]:
    return [body for tick in range(TICK, TICK + ticks) for body in stream.due(tick)]


def test_frames_have_the_fields_types_and_order_of_a_recorded_one(
    source: StreamSource, shared_data: Path
) -> None:
    file = shared_data / "metrics" / "binance_test_data_futures_market_data_json_liquidation_stream.json"
    recorded = json.loads(file.read_text())
    ours = events(ForcedOrders(source, listing(), TICK))[0]
    assert json.dumps(shape(ours)) == json.dumps(shape(recorded))


def test_frames_have_the_documented_fields_types_and_order(source: StreamSource) -> None:
    coin = {
        "e": "forceOrder", "E": 1591154240950,
        "o": {"s": "BTCUSD_200925", "ps": "BTCUSD", "S": "SELL", "o": "LIMIT", "f": "IOC", "q": "1",
              "p": "9425.5", "ap": "9496.5", "X": "FILLED", "l": "1", "z": "1", "T": 1591154240949},
    }  # fmt: skip
    ours = events(ForcedOrders(source, listing("binancecoinm", "BTCUSD_PERP"), TICK))[0]
    assert json.dumps(shape(ours)) == json.dumps(shape(coin))
    bybit = {
        "type": "snapshot", "ts": 1739502303204,
        "data": [{"T": 1739502302929, "s": "ROSEUSDT", "S": "Sell", "v": "20000", "p": "0.04499"}],
    }  # fmt: skip  # the topic is put before it where it is sent
    ours = events(AllLiquidations(source, listing("bybit"), TICK))[0]
    assert json.dumps(shape(ours)) == json.dumps(shape(bybit))


def test_bybit_tells_all_and_binance_one_of_each_second(source: StreamSource) -> None:
    market = source.sim.market
    begun, end = TICK * TICK_MS // SECOND, (TICK + 1199) * TICK_MS // SECOND
    all_of_it = liquidations(market, listing("bybit"), begun * SECOND, end * SECOND)
    told = [
        row["T"]
        for body in events(AllLiquidations(source, listing("bybit"), begun * 10))
        for row in body["data"]
    ]
    assert told[: len(all_of_it)] == [each.ts for each in all_of_it]
    seconds = [liquidations(market, listing(), s * SECOND, (s + 1) * SECOND) for s in range(begun, end)]
    ours = [body["o"]["T"] for body in events(ForcedOrders(source, listing(), begun * 10))]
    assert ours == [one.ts for second in seconds if (one := told_of(listing(), second)) is not None]
    assert 0 < len(ours) < sum(map(len, seconds))


def test_the_stream_of_all_symbols_is_that_of_each(source: StreamSource) -> None:
    for market in (USDM, COINM):
        symbols = {body["o"]["s"] for body in events(AllForcedOrders(source, market, TICK), 300)}
        assert len(symbols) > 1
    one = [body for body in events(AllForcedOrders(source, USDM, TICK), 300) if body["o"]["s"] == "BTCUSDT"]
    assert one == events(ForcedOrders(source, listing(), TICK), 300)
