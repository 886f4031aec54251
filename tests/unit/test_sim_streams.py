"""Streams of the simulator before any socket: changes of books, bars that agree with REST, ids, faults."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alphapulse_sim.binance import SPOT, USDM
from alphapulse_sim.binance_streams import Depth, Klines, TradeStream
from alphapulse_sim.book import TICK_MS, Side
from alphapulse_sim.capture import events
from alphapulse_sim.context import Simulator
from alphapulse_sim.faults import parse_fault
from alphapulse_sim.instruments import Listing
from alphapulse_sim.stream_source import BarWatch, StreamSource, changed, last_push

MINUTE_TICKS = 600
START = 1_704_067_200_000 // TICK_MS + 5 * MINUTE_TICKS


@pytest.fixture(scope="module")
def source() -> StreamSource:
    return StreamSource(Simulator())


def listing(source: StreamSource, venue: str = "binance", kind: str = "spot") -> Listing:
    found = source.sim.catalogue.find(venue, kind, "BTCUSDT")
    assert found is not None
    return found


def as_levels(side: Side) -> dict[int, int]:
    return dict(zip(side.price.tolist(), side.size.tolist(), strict=True))


@pytest.mark.parametrize("depth", [None, 50])
def test_a_book_with_all_changes_applied_is_the_later_book(source: StreamSource, depth: int | None) -> None:
    btc = listing(source)
    held = as_levels(source.book(btc, START).asks.best(depth or 10_000))
    for tick in range(START + 1, START + 30):
        held |= as_levels(source.changes(btc, tick - 1, tick, depth).asks)
        held = {price: size for price, size in held.items() if size}
    assert held == as_levels(source.book(btc, START + 29).asks.best(depth or 10_000))


def test_a_message_of_several_ticks_makes_the_later_book_of_any_book_between(source: StreamSource) -> None:
    btc, ticks = listing(source), 10
    told = source.changes(btc, START, START + ticks)
    later = source.book(btc, START + ticks)
    for tick in range(START, START + ticks):
        book = source.book(btc, tick)
        for old, changes, new in ((book.bids, told.bids, later.bids), (book.asks, told.asks, later.asks)):
            held = as_levels(old) | as_levels(changes)
            assert {price: size for price, size in held.items() if size} == as_levels(new)


def test_an_equal_side_has_no_changes() -> None:
    side = Side(np.array([3, 2, 1]), np.array([5, 6, 7]))
    assert len(changed(side, side).price) == 0


@pytest.mark.parametrize("every_ms", [100, 250, 500, 1000])
def test_pushes_are_where_the_clock_says_and_not_when_one_subscribed(every_ms: int) -> None:
    pushes = sorted({last_push(tick, every_ms) for tick in range(START, START + 100)})
    assert len(pushes) == pytest.approx(10_000 / every_ms, abs=1)
    assert all(last_push(push, every_ms) == push for push in pushes if every_ms != 250)


@pytest.mark.parametrize(("market", "futures"), [(SPOT, False), (USDM, True)])
def test_diffs_follow_each_other_even_when_ticks_were_missed(
    source: StreamSource, market: Any, futures: bool
) -> None:
    stream = Depth(source, listing(source, market.venue, market.kind), 100, START)
    told = [payload for tick in (START + 1, START + 2, START + 40) for payload in stream.due(tick)]
    assert [(each["U"] - START, each["u"] - START) for each in told] == [(1, 1), (2, 2), (3, 40)]
    assert all(each.get("pu") == (each["U"] - 1 if futures else None) for each in told)


def test_bars_told_as_closed_are_those_of_rest(source: StreamSource) -> None:
    btc = listing(source)
    watch = BarWatch.start(source, btc, "1m", 2000, START)
    told = [bar for tick in range(START, START + 3 * MINUTE_TICKS + 1, 5) for bar in watch.due(tick)]
    closed = [[int(column[0]) for column in (*bar.prices, bar.volume)] for bar, done in told if done]
    start = START * TICK_MS
    rest = source.sim.rest_bars(btc, "1m", start, start + 180_000, start + 180_000)
    expected = np.stack([*rest.prices, rest.volume], axis=1).tolist()
    assert closed == expected
    assert len(told) > len(closed) > 0


def test_trades_told_tick_by_tick_are_those_of_the_whole_window(source: StreamSource) -> None:
    btc = listing(source)
    ticks = range(START, START + 2 * MINUTE_TICKS, 7)
    told = [each for tick in ticks for each in source.trades(btc, tick, tick + 7).ids.tolist()]
    end = ticks[-1] + 7
    assert told == source.sim.market.trades(btc, START * TICK_MS, end * TICK_MS).ids.tolist()
    assert told


@pytest.mark.parametrize(
    "spec",
    [
        {"kind": "ws_gap", "n": 0},
        {"kind": "ws_close", "code": 7},
        {"kind": "ws_stall", "seconds": -1},
        {"kind": "ws_truncated", "keep": 2},
        {"kind": "ws_reset", "n": 1},
    ],
)
def test_a_stream_fault_that_cannot_be_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|does not know"):
        parse_fault(spec)


def test_stream_faults_hit_frames_only_and_by_topic_and_symbol() -> None:
    fault = parse_fault({"kind": "ws_gap", "symbol": "BTCUSDT", "path": "depth"})
    assert not fault.matches("stream.binance.com:9443", "/ws/btcusdt@depth", {"symbol": "BTCUSDT"})
    assert fault.matches_frame("any", "btcusdt@depth@100ms", "BTCUSDT")
    assert not fault.matches_frame("any", "btcusdt@aggTrade", "BTCUSDT")
    assert not fault.matches_frame("any", "ethusdt@depth", "ETHUSDT")


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(each) for each in value[:1]] if isinstance(value, list) else type(value).__name__


@pytest.mark.parametrize(("file", "market"), [("BINANCE.ws.1.0", SPOT), ("BINANCE_FUTURES.ws.1.0", USDM)])
@pytest.mark.parametrize("kind", ["depthUpdate", "aggTrade", "kline"])
def test_frames_have_the_fields_types_and_order_of_recorded_ones(
    source: StreamSource, shared_data: Path, file: str, market: Any, kind: str
) -> None:
    btc = listing(source, market.venue, market.kind)
    streams: dict[str, Any] = {
        "depthUpdate": Depth(source, btc, 100, START),
        "aggTrade": TradeStream(source, btc, True, START),
        "kline": Klines(BarWatch.start(source, btc, "1m", 250, START)),
    }
    recorded = next(
        each
        for each in events(shared_data / "binance_capture" / file, kind)
        if kind != "depthUpdate" or (each["b"] and each["a"])
    )
    ours = next(payload for tick in range(START, START + 601) for payload in streams[kind].due(tick))
    assert json.dumps(shape(ours)) == json.dumps(shape(recorded))
