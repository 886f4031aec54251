"""What is asked of each venue's socket, what its frames are taken for, and the rules of waiting."""

import json
import logging
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response

from alphapulse_resources.streams.feeding import (
    FeedOptions,
    Pacer,
    ResubscribeBackoff,
    ThrottledLogger,
    reconnect_seconds,
)
from alphapulse_resources.streams.protocols import (
    Channel,
    Subscription,
    SubscriptionReply,
    address,
)
from alphapulse_resources.streams.subscription_requests import SubscriptionRequests
from alphapulse_resources.streams.venues import ADAPTERS, PROTOCOLS, market_of

DEPTH, TRADES, CANDLES = Channel.DEPTH, Channel.TRADES, Channel.CANDLES
LIQUIDATIONS = Channel.LIQUIDATIONS
MARKETS = sorted(PROTOCOLS)
THREE = [Subscription("BTCUSDT", DEPTH), Subscription("BTCUSDT", TRADES), Subscription("ETHUSDT", CANDLES)]
FUTURES = ("binanceusdm", "binancecoinm", "bybit.linear")


def test_binance_is_asked_in_lower_case_with_a_number() -> None:
    assert json.loads(PROTOCOLS["binance"].request("subscribe", THREE, 7)) == {
        "method": "SUBSCRIBE",
        "params": ["btcusdt@depth@100ms", "btcusdt@aggTrade", "ethusdt@kline_1m"],
        "id": 7,
    }


def test_bybit_is_asked_by_topic() -> None:
    assert json.loads(PROTOCOLS["bybit.linear"].request("unsubscribe", THREE, 7)) == {
        "op": "unsubscribe",
        "args": ["orderbook.200.BTCUSDT", "publicTrade.BTCUSDT", "kline.1.ETHUSDT"],
        "req_id": "7",
    }


def test_coinbase_is_asked_for_one_channel_at_a_time() -> None:
    protocol = PROTOCOLS["coinbase"]
    asked = protocol.batch(
        [Subscription("BTC-USD", TRADES), Subscription("BTC-USD", DEPTH), Subscription("ETH-USD", DEPTH)]
    )
    assert json.loads(protocol.request("subscribe", asked, 7)) == {
        "type": "subscribe",
        "product_ids": ["BTC-USD", "ETH-USD"],
        "channel": "level2",
    }


@pytest.mark.parametrize("market", MARKETS)
def test_batches_keep_to_the_limit_and_cover_everything(market: str) -> None:
    protocol = PROTOCOLS[market]
    left = {Subscription(f"S{number}", channel) for number in range(70) for channel in protocol.channels}
    taken: list[Subscription] = []
    while left:
        batch = protocol.batch(left)
        assert 0 < len(batch) <= protocol.most_batched
        left.difference_update(batch)
        taken += batch
    assert len(taken) == len(set(taken)) == 70 * len(protocol.channels)


def test_usdm_depth_and_the_rest_have_addresses_of_their_own() -> None:
    routes = {channel: PROTOCOLS["binanceusdm"].route(channel) for channel in Channel}
    assert {channel: route.url for channel, route in routes.items() if route} == {
        DEPTH: "wss://fstream.binance.com/public/stream",
        TRADES: "wss://fstream.binance.com/market/stream",
        CANDLES: "wss://fstream.binance.com/market/stream",
        LIQUIDATIONS: "wss://fstream.binance.com/market/stream",
    }


def test_contracts_have_liquidations_and_spot_has_none() -> None:
    markets = {market for market, protocol in PROTOCOLS.items() if LIQUIDATIONS in protocol.channels}
    assert markets == set(FUTURES)
    asked = [Subscription("BTCUSDT", LIQUIDATIONS)]
    binance = json.loads(PROTOCOLS["binanceusdm"].request("subscribe", asked, 7))
    bybit = json.loads(PROTOCOLS["bybit.linear"].request("subscribe", asked, 7))
    assert (binance["params"], bybit["args"]) == (["btcusdt@forceOrder"], ["allLiquidation.BTCUSDT"])
    of = {market: PROTOCOLS[market].subscriptions_of for market in FUTURES}
    assert of["binancecoinm"](b'{"stream":"btcusdt@forceOrder","data":{}}') == asked
    assert of["bybit.linear"](b'{"topic":"allLiquidation.BTCUSDT","data":[]}') == asked


def test_kraken_is_asked_by_method_with_a_depth_and_without_the_trades_of_before() -> None:
    protocol = PROTOCOLS["kraken"]
    depth, trades = [Subscription("BTC/USD", DEPTH)], [Subscription("BTC/USD", TRADES)]
    book = {"channel": "book", "symbol": ["BTC/USD"], "depth": 500}
    assert json.loads(protocol.request("subscribe", depth, 7)) == {
        "method": "subscribe",
        "params": book | {"snapshot": True},
        "req_id": 7,
    }
    assert json.loads(protocol.request("unsubscribe", depth, 8))["params"] == book
    assert json.loads(protocol.request("subscribe", trades, 9))["params"]["snapshot"] is False


WITH_ONE_MORE = """
from enum import StrEnum
from alphapulse_resources.streams import protocols
names = {each.name: each.value for each in protocols.Channel} | {"FUNDING": "funding"}
protocols.Channel = StrEnum("Channel", names)
from alphapulse_resources.streams.venues import PROTOCOLS
import json
print(json.dumps({market: sorted(each.channels) for market, each in PROTOCOLS.items()}))
"""


def test_a_channel_that_is_added_is_switched_on_nowhere() -> None:
    told = subprocess.run([sys.executable, "-c", WITH_ONE_MORE], capture_output=True, text=True, check=True)
    assert json.loads(told.stdout) == {
        market: sorted(protocol.channels) for market, protocol in PROTOCOLS.items()
    }


def test_coinbase_has_no_candles() -> None:
    assert PROTOCOLS["coinbase"].route(CANDLES) is None
    assert PROTOCOLS["coinbase"].channels == {DEPTH, TRADES}


@pytest.mark.parametrize("market", MARKETS)
def test_every_market_has_an_adapter_and_leaves_room_below_its_limits(market: str) -> None:
    protocol = PROTOCOLS[market]
    assert protocol.venue in ADAPTERS
    assert market_of(protocol.venue, "perpetual" if market in FUTURES else "spot") == market
    # the venue's messages a second: three of ours fit always, and two websocket pings beside them
    assert 1 / protocol.request_seconds + 1 < {"binance": 5, "binanceus": 5, "coinbase": 8}.get(market, 12)


def test_what_has_no_stream_has_no_market() -> None:
    assert market_of("deribit", "spot") is None
    assert market_of("binance", "perpetual") is None
    assert market_of("bybit", "future") == "bybit.linear"


@pytest.mark.parametrize(
    ("venue_url", "expected"),
    [
        (None, "wss://stream.binance.com:9443/stream"),
        ("http://127.0.0.1:8080", "ws://127.0.0.1:8080/stream.binance.com:9443/stream"),
        ("http://127.0.0.1:8080/", "ws://127.0.0.1:8080/stream.binance.com:9443/stream"),
        ("https://sim.example/base", "wss://sim.example/base/stream.binance.com:9443/stream"),
    ],
)
def test_a_venue_url_goes_before_host_and_path(venue_url: str | None, expected: str) -> None:
    assert address("wss://stream.binance.com:9443/stream", venue_url) == expected


FRAMES = [
    ("binance", b'{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate"}}', [("BTCUSDT", DEPTH)]),
    ("binanceusdm", b'{"stream":"ethusdt@aggTrade","data":{}}', [("ETHUSDT", TRADES)]),
    ("binance", b'{"stream":"1000satsusdt@kline_1m","data":{}}', [("1000SATSUSDT", CANDLES)]),
    ("binancecoinm", b'{"stream":"btcusd_perp@depth@100ms","data":{}}', [("BTCUSD_PERP", DEPTH)]),
    ("binance", b'{"stream":"btcusdt@bookTicker","data":{}}', []),
    ("bybit.spot", b'{"topic":"orderbook.200.BTCUSDT","type":"delta"}', [("BTCUSDT", DEPTH)]),
    ("bybit.linear", b'{"type":"snapshot","topic":"publicTrade.ETHUSDT"}', [("ETHUSDT", TRADES)]),
    ("bybit.spot", b'{"topic": "kline.1.BTCUSDT","data":[]}', [("BTCUSDT", CANDLES)]),
    (
        "coinbase",
        b'{"channel":"l2_data","sequence_num":1,"events":[{"type":"update","product_id":"BTC-USD"}]}',
        [("BTC-USD", DEPTH)],
    ),
    (
        "coinbase",
        b'{"channel":"market_trades","events":[{"trades":[{"product_id":"A-USD"},{"product_id":"B-USD"},'
        b'{"product_id":"A-USD"}]}]}',
        [("A-USD", TRADES), ("B-USD", TRADES)],
    ),
    ("coinbase", b'{"channel":"heartbeats","events":[]}', []),
]


@pytest.mark.parametrize(("market", "body", "expected"), FRAMES)
def test_a_frame_is_known_for_the_subscription_it_belongs_to(
    market: str, body: bytes, expected: list[tuple[str, Channel]]
) -> None:
    assert PROTOCOLS[market].subscriptions_of(body) == expected
    assert PROTOCOLS[market].answer(body) is None


ANSWERS = [
    ("binance", b'{"result":null,"id":3}', SubscriptionReply(3, None)),
    (
        "binance",
        b'{"error":{"code":2,"msg":"Invalid request"},"id":3}',
        SubscriptionReply(3, "2 Invalid request"),
    ),
    ("binance", b'{"code":2,"msg":"Invalid request","id":3}', SubscriptionReply(3, "2 Invalid request")),
    (
        "binance",
        b'{"error":{"code":3,"msg":"Invalid JSON"},"id":null}',
        SubscriptionReply(None, "3 Invalid JSON"),
    ),
    (
        "bybit.spot",
        b'{"success":true,"ret_msg":"","req_id":"4","op":"subscribe"}',
        SubscriptionReply(4, None),
    ),
    (
        "bybit.spot",
        b'{"success":false,"ret_msg":"error:handler not found,topic:x","req_id":"4","op":"subscribe"}',
        SubscriptionReply(4, "error:handler not found,topic:x"),
    ),
    ("bybit.spot", b'{"success":true,"ret_msg":"pong","req_id":"5","op":"ping"}', SubscriptionReply(5, None)),
    ("bybit.linear", b'{"req_id":"","op":"pong","args":["1672916271846"]}', SubscriptionReply(0, None)),
    (
        "kraken",
        b'{"method":"subscribe","result":{"channel":"trade","symbol":"BTC/USD","snapshot":false},"success":true,'
        b'"time_in":"2023-09-25T09:04:31.742599Z","time_out":"2023-09-25T09:04:31.742648Z","req_id":6}',
        SubscriptionReply(6, None, "BTC/USD"),
    ),
    (
        "kraken",
        b'{"error":"Currency pair not supported XBT/USD","method":"subscribe","success":false,'
        b'"symbol":"XBT/USD","req_id":6}',
        SubscriptionReply(6, "Currency pair not supported XBT/USD", "XBT/USD"),
    ),
    (
        "kraken",
        b'{"method":"pong","req_id":101,"time_in":"2023-09-24T14:10:23.799685Z"}',
        SubscriptionReply(101, None),
    ),
    ("coinbase", b'{"type":"error","message":"no such product"}', SubscriptionReply(None, "no such product")),
    ("coinbase", b'{"channel":"subscriptions","sequence_num":1,"events":[]}', SubscriptionReply(None, None)),
]


@pytest.mark.parametrize(("market", "body", "expected"), ANSWERS)
def test_an_answer_is_told_from_a_frame_and_a_refusal_from_consent(
    market: str, body: bytes, expected: SubscriptionReply
) -> None:
    assert PROTOCOLS[market].answer(body) == expected
    assert PROTOCOLS[market].subscriptions_of(body) == []


@pytest.mark.parametrize("market", MARKETS)
@given(body=st.binary(max_size=200))
def test_no_bytes_whatever_make_a_frame_an_error(market: str, body: bytes) -> None:
    protocol = PROTOCOLS[market]
    for start in (b"", b'{"error":'):
        assert isinstance(protocol.answer(start + body), SubscriptionReply | None)
    for start in (b'{"stream":"', b'{"topic":"orderbook.200.', b'{"channel":"level2","product_id":"'):
        found = protocol.subscriptions_of(start + body)
        assert all(each.symbol and each.channel in protocol.channels for each in found)


@given(bad=st.sets(st.integers(0, 119), max_size=4), market=st.sampled_from(MARKETS))
def test_whatever_is_refused_everything_else_is_subscribed_and_the_asking_ends(
    bad: set[int], market: str
) -> None:
    protocol = PROTOCOLS[market]
    wanted = {Subscription(f"S{number:03d}", DEPTH) for number in range(120)}
    refused = {Subscription(f"S{number:03d}", DEPTH) for number in bad}
    asking = SubscriptionRequests("test", protocol, wanted)
    live: set[str] = set()
    requests = 0
    while asking.due:
        request = asking.next_request()
        requests += 1
        named = {
            name for name in (f"S{number:03d}" for number in range(120)) if name in (request or "").upper()
        }
        spoiled = named & {each.symbol for each in refused}
        number = request_number(request or "")
        if protocol.venue == "kraken":  # each symbol is answered by itself
            live |= named - spoiled
            for name in sorted(named):
                asking.hear(kraken_answer(number, name, refused=name in spoiled))
            continue
        live |= set() if spoiled else named
        asking.hear(ANSWER_OF[protocol.venue[:5]][bool(spoiled)] % {b"id": number})
    assert live == {each.symbol for each in wanted - refused}
    assert requests <= 120 / protocol.most_batched + 1 + 2 * 7 * len(bad)
    assert (len(asking), asking.due) == (120, False)


ANSWER_OF = {
    "binan": (b'{"result":null,"id":%(id)d}', b'{"error":{"code":2,"msg":"bad"},"id":%(id)d}'),
    "bybit": (
        b'{"success":true,"ret_msg":"","req_id":"%(id)d","op":"subscribe"}',
        b'{"success":false,"ret_msg":"bad","req_id":"%(id)d","op":"subscribe"}',
    ),
    "coinb": (b'{"channel":"subscriptions"}', b'{"type":"error","message":"bad"}'),
}


def kraken_answer(number: int, symbol: str, *, refused: bool) -> bytes:
    told = {"error": "no", "symbol": symbol} if refused else {"result": {"channel": "book", "symbol": symbol}}
    return json.dumps({"method": "subscribe", "success": not refused, "req_id": number} | told).encode()


def request_number(request: str) -> int:
    asked = json.loads(request)
    return int(asked.get("id") or asked.get("req_id") or 0)


def refused(code: int, retry_after: str | None = None) -> InvalidStatus:
    headers = Headers() if retry_after is None else Headers({"retry-after": retry_after})
    return InvalidStatus(Response(code, "refused", headers))


def test_waits_grow_with_the_failures_up_to_a_cap_and_are_spread_over_all_below() -> None:
    options = FeedOptions(retry_cap_seconds=30.0)
    for attempt, most in ((1, 1), (2, 2), (4, 8), (9, 30), (100_000, 30)):
        waits = [reconnect_seconds(attempt, OSError(), options) for _ in range(300)]
        assert 0 <= min(waits) < most * 0.2
        assert most * 0.8 < max(waits) <= most


@pytest.mark.parametrize("code", [403, 418, 429, 451])
def test_a_refused_upgrade_waits_longer_and_heeds_retry_after(code: int) -> None:
    options = FeedOptions()
    assert min(reconnect_seconds(1, refused(code), options) for _ in range(100)) >= 7.5
    assert max(reconnect_seconds(20, refused(code), options) for _ in range(100)) <= 600
    assert reconnect_seconds(1, refused(code, "900"), options) == 900
    assert reconnect_seconds(1, refused(code, "Fri, 01 Jan 2100 00:00:00 GMT"), options) > 600


def test_a_server_in_trouble_is_asked_again_soon() -> None:
    assert max(reconnect_seconds(1, refused(503), FeedOptions()) for _ in range(100)) <= 1


def test_a_stream_is_renewed_at_once_then_ever_more_seldom_then_anew_after_a_good_time() -> None:
    options = FeedOptions(renew_seconds=5.0, renew_cap_seconds=40.0)
    patience = ResubscribeBackoff(options)
    allowed = [tenth / 10 for tenth in range(0, 6000) if patience.allows(tenth / 10)]
    steps = [after - before for before, after in pairwise(allowed)]
    assert allowed[0] == 0
    for step, least in zip(steps, (5, 10, 20, 40, 40, 40), strict=False):
        assert least <= step <= least * 1.25 + 0.11
    assert patience.allows(1000.0)
    assert not patience.allows(1004.9)
    assert patience.allows(1006.3)


def test_a_pacer_gives_turns_in_order_and_saves_none_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("alphapulse_resources.streams.feeding.time.monotonic", lambda: now)
    pacer = Pacer(0.25)
    assert [pacer.wait() for _ in range(3)] == [0.0, 0.25, 0.5]
    now = 200.0
    assert [pacer.wait() for _ in range(2)] == [0.0, 0.25]


def test_repeated_troubles_are_logged_once_and_counted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 100.0
    monkeypatch.setattr("alphapulse_resources.streams.feeding.time.monotonic", lambda: now)
    seldom = ThrottledLogger(logging.getLogger("seldom"), 10.0)
    for _ in range(1000):
        seldom.warn("%s is bad", "BTCUSDT")
    now = 111.0
    seldom.warn("%s is bad", "BTCUSDT")
    assert [record.getMessage() for record in caplog.records] == [
        "BTCUSDT is bad (0 more not logged)",
        "BTCUSDT is bad (999 more not logged)",
    ]


def test_a_quiet_subscription_that_nobody_answers_is_known_and_others_are_left_to_their_silence() -> None:
    now = [100.0]
    quiet = [Subscription(f"S{n}", LIQUIDATIONS) for n in range(3)]
    wanted = {*quiet, Subscription("S0", TRADES)}
    asking = SubscriptionRequests("c", PROTOCOLS["binanceusdm"], wanted, now=lambda: now[0])
    assert asking.unanswered({LIQUIDATIONS}, 60.0) == []  # not asked for yet
    number = json.loads(asking.next_request() or "")["id"]
    now[0] += 61.0
    assert asking.unanswered({LIQUIDATIONS}, 60.0) == quiet
    assert asking.accepted_of(quiet) == set()
    asking.hear(json.dumps({"result": None, "id": number}).encode())
    assert asking.unanswered({LIQUIDATIONS}, 60.0) == []
    assert asking.accepted_of(quiet) == set(quiet)
    assert asking.renew(quiet[0])
    assert asking.unanswered({LIQUIDATIONS}, 60.0) == []  # it is about to be asked for again
    requests = [json.loads(asking.next_request() or "") for _ in range(2)]
    assert [each["method"] for each in requests] == ["UNSUBSCRIBE", "SUBSCRIBE"]
    now[0] += 61.0
    assert asking.unanswered({LIQUIDATIONS}, 60.0) == quiet[:1]
    asking.hear(json.dumps({"error": {"code": 2, "msg": "no"}, "id": requests[1]["id"]}).encode())
    assert asking.unanswered({LIQUIDATIONS}, 60.0) == []  # refused: it is asked for again in its own time
