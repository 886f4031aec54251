"""Frames of the venues become messages of one vocabulary; what is broken is an error that names its venue."""

import json
from typing import Any

import pytest

from alphapulse_resources.streams.messages import (
    Candle,
    DepthDiff,
    DepthSnapshot,
    MalformedFrameError,
    Message,
    Notice,
    Refusal,
    SequenceMark,
    SnapshotQuery,
    Trade,
)
from alphapulse_resources.streams.venues import ADAPTERS

SPOT = {"e": "depthUpdate", "E": 5, "s": "BNBBTC", "U": 157, "u": 160, "b": [["0.0024", "10"]], "a": []}
FUTURE = SPOT | {"T": 4, "pu": 149, "a": [["0.0026", "100"]]}
COIN = FUTURE | {"s": "BTCUSD_PERP", "ps": "BTCUSD"}


def decode(venue: str, frame: Any) -> list[Message]:
    return ADAPTERS[venue].decode(frame if isinstance(frame, bytes) else json.dumps(frame).encode())


def wrapped(data: dict[str, Any], channel: str = "depth@100ms") -> dict[str, Any]:
    return {"stream": f"{data.get('s', 'x').lower()}@{channel}", "data": data}


@pytest.mark.parametrize("venue", ["binance", "binanceus"])
@pytest.mark.parametrize("wrap", [wrapped, dict])
def test_spot_diffs_follow_the_update_before_their_first(venue: str, wrap: Any) -> None:
    assert decode(venue, wrap(SPOT)) == [DepthDiff("BNBBTC", 156, 157, 160, [(0.0024, 10.0)], [], 5)]


@pytest.mark.parametrize(("venue", "frame"), [("binanceusdm", FUTURE), ("binancecoinm", COIN)])
@pytest.mark.parametrize("wrap", [wrapped, dict])
def test_futures_diffs_follow_their_pu(venue: str, frame: dict[str, Any], wrap: Any) -> None:
    symbol = str(frame["s"])
    assert decode(venue, wrap(frame)) == [
        DepthDiff(symbol, 149, 157, 160, [(0.0024, 10.0)], [(0.0026, 100.0)], 5)
    ]


def test_a_frame_whose_kind_comes_last_is_read_too() -> None:
    late = {key: SPOT[key] for key in ("b", "a", "s", "U", "u", "E")} | {"x": "y" * 200, "e": "depthUpdate"}
    assert decode("binance", late) == decode("binance", SPOT)
    assert decode("binance", {"data": late, "stream": "bnbbtc@depth"}) != []


def test_a_futures_diff_without_pu_is_malformed() -> None:
    with pytest.raises(MalformedFrameError, match=r"binanceusdm BNBBTC: .*`pu`"):
        decode("binanceusdm", SPOT)


@pytest.mark.parametrize(
    "broken",
    [
        b'{"stream":"bnbbtc@depth","data":{"e":"depthUpdate","s":"BNBBTC","U":1',
        json.dumps(SPOT | {"b": [["0.0024"]]}).encode(),
        json.dumps(SPOT | {"b": [["much", "10"]]}).encode(),
        json.dumps(SPOT | {"u": None}).encode(),
    ],
)
def test_a_broken_frame_is_an_error_with_venue_and_symbol(broken: bytes) -> None:
    with pytest.raises(MalformedFrameError) as caught:
        decode("binance", broken)
    assert (caught.value.venue, caught.value.symbol) == ("binance", "BNBBTC")


@pytest.mark.parametrize("venue", sorted(ADAPTERS))
@pytest.mark.parametrize("garbage", [b"", b"garbage", b"[1]", b"\xff\xfe", b"null", b"7"])
def test_what_is_no_object_is_malformed_at_every_venue(venue: str, garbage: bytes) -> None:
    with pytest.raises(MalformedFrameError, match=venue):
        decode(venue, garbage)


def test_binance_trades_say_who_took_liquidity() -> None:
    trade = {"e": "aggTrade", "s": "BTCUSDT", "a": 7, "p": "100.5", "q": "2", "m": True, "T": 9, "E": 10}
    assert decode("binance", wrapped(trade, "aggTrade")) == [Trade("BTCUSDT", "7", 100.5, 2.0, False, 9)]
    single = {"e": "trade", "s": "BTCUSDT", "t": 8, "p": "100.5", "q": "2", "m": False, "T": 9}
    assert decode("binance", single) == [Trade("BTCUSDT", "8", 100.5, 2.0, True, 9)]


def test_insurance_fund_fills_are_no_trades() -> None:
    fill = {"e": "trade", "s": "X", "t": 8, "p": "0", "q": "0", "m": False, "T": 9, "X": "INSURANCE_FUND"}
    assert decode("binanceusdm", fill) == [Notice("trade:INSURANCE_FUND")]


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (
            wrapped({"u": 1, "s": "BNBBTC", "b": "1", "B": "2", "a": "3", "A": "4"}, "bookTicker"),
            "bookTicker",
        ),
        (wrapped({"e": "continuous_kline", "ps": "BNBBTC"}, "continuousKline_1m"), "continuous_kline"),
        ({"result": None, "id": 3}, "answer"),
        ({"what": "ever"}, "unknown"),
    ],
)
def test_other_messages_are_told_by_kind(frame: dict[str, Any], kind: str) -> None:
    assert decode("binance", frame) == [Notice(kind)]


def kline(interval: str = "1m", *, closed: bool = True) -> dict[str, Any]:
    bar = {
        "t": 60_000, "T": 119_999, "s": "BNBBTC", "i": interval, "f": 1, "L": 9, "o": "3", "c": "2.5",
        "h": "4", "l": "2", "v": "10", "n": 9, "x": closed, "q": "30", "V": "6", "Q": "18", "B": "0",
    }  # fmt: skip
    return {"e": "kline", "E": 120_004, "s": "BNBBTC", "k": bar}


@pytest.mark.parametrize("venue", ["binance", "binanceus", "binanceusdm"])
@pytest.mark.parametrize("wrap", [lambda frame: wrapped(frame, "kline_1m"), dict])
@pytest.mark.parametrize("closed", [True, False])
def test_binance_minutes_are_candles_that_say_whether_they_are_closed(
    venue: str, wrap: Any, closed: bool
) -> None:
    assert decode(venue, wrap(kline(closed=closed))) == [
        Candle("BNBBTC", 60_000, 3.0, 4.0, 2.0, 2.5, 10.0, closed, 120_004, 30.0, 9, 6.0)
    ]


def test_quote_volume_is_unknown_where_volume_is_in_contracts() -> None:
    (candle,) = decode("binancecoinm", kline())
    assert isinstance(candle, Candle)
    assert (candle.volume, candle.quote_volume, candle.taker_buy_volume) == (10.0, None, 6.0)


@pytest.mark.parametrize("interval", ["1s", "5m", "1M"])
def test_bars_of_other_lengths_are_only_told(interval: str) -> None:
    assert decode("binance", wrapped(kline(interval), f"kline_{interval}")) == [Notice("kline")]


@pytest.mark.parametrize("broken", [{"e": "kline", "s": "BNBBTC"}, kline() | {"k": {"i": "1m", "o": "x"}}])
def test_a_kline_that_lacks_what_a_candle_has_is_malformed(broken: dict[str, Any]) -> None:
    with pytest.raises(MalformedFrameError, match="binance BNBBTC"):
        decode("binance", broken)


@pytest.mark.parametrize(
    ("venue", "frame", "text"),
    [
        ("binance", {"error": {"code": 2, "msg": "Invalid request"}, "id": 1}, "2 Invalid request"),
        ("binance", {"code": -1121, "msg": "Invalid symbol."}, "-1121 Invalid symbol."),
        ("bybit", {"success": False, "ret_msg": "handler not found", "op": "subscribe"}, "handler not found"),
        ("coinbase", {"type": "error", "message": "authentication failure"}, "authentication failure"),
    ],
)
def test_refusals_are_told(venue: str, frame: dict[str, Any], text: str) -> None:
    assert decode(venue, frame) == [Refusal(text)]


def test_binance_snapshots_know_how_many_levels_were_asked_for() -> None:
    adapter = ADAPTERS["binancecoinm"]
    query = adapter.snapshot_query("https://dapi.binance.com/dapi/v1/depth?symbol=BTCUSD_PERP&limit=1000")
    assert query == SnapshotQuery("BTCUSD_PERP", 1000)
    body = b'{"lastUpdateId":16769853,"pair":"BTCUSD","E":9,"T":8,"bids":[["1","2"]],"asks":[]}'
    assert adapter.decode_snapshot(query, body) == DepthSnapshot(
        "BTCUSD_PERP", 16769853, [(1.0, 2.0)], [], venue_ms=9, limit=1000
    )


@pytest.mark.parametrize(("venue", "limit"), [("binance", 100), ("binanceus", 100), ("binanceusdm", 500)])
def test_a_request_without_a_limit_has_the_venues_default(venue: str, limit: int) -> None:
    assert ADAPTERS[venue].snapshot_query("https://x/depth?symbol=btcusdt") == SnapshotQuery("BTCUSDT", limit)
    assert ADAPTERS[venue].snapshot_query("https://x/api/v3/exchangeInfo") is None


def test_a_refused_snapshot_is_malformed_and_names_its_symbol() -> None:
    with pytest.raises(MalformedFrameError, match="depth snapshot of BTCUSDT"):
        ADAPTERS["binance"].decode_snapshot(SnapshotQuery("BTCUSDT", 100), b'{"code":-1003,"msg":"banned"}')


def bybit(kind: str, u: int, bids: list[list[str]] | None = None) -> dict[str, Any]:
    data = {"s": "BTCUSDT", "b": bids or [["1", "2"]], "a": [["3", "0"]], "u": u, "seq": 900 + u}
    return {"topic": "orderbook.500.BTCUSDT", "type": kind, "ts": 77, "data": data, "cts": 76}


def test_bybit_snapshots_are_windows_of_their_topics_depth() -> None:
    assert decode("bybit", bybit("snapshot", 50)) == [
        DepthSnapshot("BTCUSDT", 50, [(1.0, 2.0)], [(3.0, 0.0)], venue_ms=77, limit=500, windowed=True)
    ]


def test_bybit_deltas_are_counted_one_by_one() -> None:
    assert decode("bybit", bybit("delta", 51)) == [
        DepthDiff("BTCUSDT", 50, 51, 51, [(1.0, 2.0)], [(3.0, 0.0)], 77)
    ]


@pytest.mark.parametrize("kind", ["snapshot", "delta"])
def test_bybits_update_1_is_a_snapshot_after_a_restart(kind: str) -> None:
    (message,) = decode("bybit", bybit(kind, 1))
    assert isinstance(message, DepthSnapshot)
    assert message.restarted


def test_bybit_trades_and_other_topics() -> None:
    trade = {"T": 9, "s": "BTCUSDT", "S": "Sell", "v": "0.5", "p": "100", "i": "ab-1", "BT": False}
    frame = {"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": 9, "data": [trade]}
    assert decode("bybit", frame) == [Trade("BTCUSDT", "ab-1", 100.0, 0.5, False, 9)]
    assert decode("bybit", {"topic": "tickers.BTCUSDT", "data": {}}) == [Notice("tickers")]
    assert decode("bybit", {"success": True, "ret_msg": "pong", "op": "ping"}) == [Notice("ping")]


BYBIT_BAR = {
    "start": 60_000, "end": 119_999, "interval": "1", "open": "3", "close": "2.5", "high": "4", "low": "2",
    "volume": "10", "turnover": "30", "confirm": True, "timestamp": 119_500,
}  # fmt: skip


def test_bybit_minutes_are_candles_with_turnover_as_quote_volume() -> None:
    forming = BYBIT_BAR | {"start": 120_000, "confirm": False}
    frame = {"topic": "kline.1.BTCUSDT", "type": "snapshot", "ts": 120_010, "data": [BYBIT_BAR, forming]}
    assert decode("bybit", frame) == [
        Candle("BTCUSDT", 60_000, 3.0, 4.0, 2.0, 2.5, 10.0, True, 120_010, 30.0),
        Candle("BTCUSDT", 120_000, 3.0, 4.0, 2.0, 2.5, 10.0, False, 120_010, 30.0),
    ]
    assert decode("bybit", frame | {"topic": "kline.15.BTCUSDT"}) == [Notice("kline")]


def test_a_bybit_minute_without_its_close_is_malformed() -> None:
    bar = {key: value for key, value in BYBIT_BAR.items() if key != "close"}
    with pytest.raises(MalformedFrameError, match="close"):
        decode("bybit", {"topic": "kline.1.BTCUSDT", "type": "snapshot", "ts": 1, "data": [bar]})


def coinbase(channel: str, number: int, events: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "channel": channel,
        "client_id": "",
        "timestamp": "2023-02-09T20:32:50.714964855Z",
        "sequence_num": number,
        "events": events,
    }


MOMENT = 1_675_974_770_714


def test_coinbase_frames_begin_with_their_connections_number() -> None:
    level = {"event_time": "2023-02-09T20:32:50Z", "price_level": "21921.73", "new_quantity": "0.06"}
    event = {"type": "update", "product_id": "BTC-USD", "updates": [{"side": "bid", **level}]}
    other = {"type": "snapshot", "product_id": "ETH-USD", "updates": [{"side": "offer", **level}]}
    assert decode("coinbase", coinbase("l2_data", 8, [event, other])) == [
        SequenceMark(8, MOMENT),
        DepthDiff("BTC-USD", 8, 8, 8, [(21921.73, 0.06)], [], MOMENT),
        DepthSnapshot("ETH-USD", 8, [], [(21921.73, 0.06)], venue_ms=MOMENT),
    ]


def test_coinbase_trades_name_the_makers_side() -> None:
    trade = {
        "trade_id": "12",
        "product_id": "ETH-USD",
        "price": "1260.01",
        "size": "0.3",
        "side": "BUY",
        "time": "2023-02-09T20:32:50.714Z",
    }
    assert decode("coinbase", coinbase("market_trades", 9, [{"type": "update", "trades": [trade]}])) == [
        SequenceMark(9, MOMENT),
        Trade("ETH-USD", "12", 1260.01, 0.3, False, MOMENT),
    ]


def test_coinbase_heartbeats_are_numbered_too() -> None:
    assert decode("coinbase", coinbase("heartbeats", 10, [])) == [
        SequenceMark(10, MOMENT),
        Notice("heartbeats"),
    ]


def test_coinbases_older_feed_is_told_by_its_type() -> None:
    assert decode("coinbase", {"type": "l2update", "product_id": "BTC-USD"}) == [Notice("l2update")]


def test_a_coinbase_message_without_its_number_is_malformed() -> None:
    frame = coinbase("l2_data", 8, [])
    del frame["sequence_num"]
    with pytest.raises(MalformedFrameError, match="sequence_num"):
        decode("coinbase", frame)
