"""Kraken's words, held against its documentation: candles, trades, names, checksums, frames, simulator."""

import asyncio
import json
import zlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from alphapulse_assets.order_book.book.book import OrderBook, Outcome
from alphapulse_assets.order_book.book.events import BookEvent, BookState, SnapshotRequest
from alphapulse_assets.order_book.session.market_session import MarketSession
from alphapulse_resources.streams.messages import (
    BookProof,
    DepthDiff,
    DepthSnapshot,
    MalformedFrameError,
    Trade,
)
from alphapulse_resources.streams.venues import ADAPTERS
from alphapulse_resources.venues.kraken import rest
from alphapulse_resources.venues.kraken.checksum import ChecksumProver
from alphapulse_resources.venues.kraken.streams import DEPTH
from alphapulse_resources.venues.model import Instrument, VenueError
from alphapulse_resources.venues.plan import Step, within_reach
from alphapulse_resources.venues.rows import read_rows
from alphapulse_resources.venues.tape import MINUTE_NS, Tape, TapePage, TapeTrade, candle_rows
from alphapulse_sim.server import make_app

KRAKEN = ADAPTERS["kraken"]
BTC = Instrument(1, "kraken", "BTC/USD", "BTC/USD", "spot")

# docs.kraken.com, "Book checksum (WebSocket v2)": the example and its result
BIDS = [
    "45283.5",
    "0.10000000",
    "45283.4",
    "1.54582015",
    "45282.1",
    "0.10000000",
    "45281.0",
    "0.10000000",
    "45280.3",
    "1.54592586",
    "45279.0",
    "0.07990000",
    "45277.6",
    "0.03310103",
    "45277.5",
    "0.30000000",
    "45277.3",
    "1.54602737",
    "45276.6",
    "0.15445238",
]
ASKS = [
    "45285.2",
    "0.00100000",
    "45286.4",
    "1.54571953",
    "45286.6",
    "1.54571109",
    "45289.6",
    "1.54560911",
    "45290.2",
    "0.15890660",
    "45291.8",
    "1.54553491",
    "45294.7",
    "0.04454749",
    "45296.1",
    "0.35380000",
    "45297.5",
    "0.09945542",
    "45299.5",
    "0.18772827",
]
CHECKSUM = 3310070434


def levels(words: list[str], quote: str = "") -> str:
    pairs = zip(words[::2], words[1::2], strict=True)
    return ",".join(f'{{"price":{quote}{p}{quote},"qty":{quote}{q}{quote}}}' for p, q in pairs)


def book_frame(
    kind: str, bids: str, asks: str, checksum: int, at: str = "2023-10-06T17:35:55.440295Z"
) -> bytes:
    whose = f'"symbol":"BTC/USD","bids":[{bids}],"asks":[{asks}],"checksum":{checksum}'
    stamp = f',"timestamp":"{at}"' if kind == "update" else ""
    return f'{{"channel":"book","type":"{kind}","data":[{{{whose}{stamp}}}]}}'.encode()


@pytest.mark.parametrize("quote", ["", '"'])  # the guide's example has text, the channel has numbers
def test_the_documented_checksum_is_that_of_the_documented_book(quote: str) -> None:
    frame = book_frame("snapshot", levels(BIDS, quote), levels(ASKS, quote), CHECKSUM)
    (snapshot,) = KRAKEN.decode(frame)
    assert isinstance(snapshot, DepthSnapshot)
    assert (snapshot.symbol, snapshot.bids[0], snapshot.limit) == ("BTC/USD", (45283.5, 0.1), DEPTH)
    assert snapshot.proof is not None
    assert ChecksumProver().load(snapshot.proof, DEPTH)
    assert not ChecksumProver().load(BookProof(CHECKSUM + 1, snapshot.proof.bids, snapshot.proof.asks), DEPTH)


def crc(bids: dict[str, str], asks: dict[str, str]) -> int:
    """The documented algorithm, word for word."""
    ordered = [(price, asks[price]) for price in sorted(asks, key=Decimal)[:10]]
    ordered += [(price, bids[price]) for price in sorted(bids, key=Decimal, reverse=True)[:10]]
    numbers = (number.replace(".", "").lstrip("0") for level in ordered for number in level)
    return zlib.crc32("".join(numbers).encode())


change = st.tuples(st.booleans(), st.integers(0, 30), st.integers(0, 10**17))


@given(changes=st.lists(change, min_size=1, max_size=60))
def test_every_message_is_proven_whatever_its_digits_and_a_wrong_one_is_not(
    changes: list[tuple[bool, int, int]],
) -> None:
    """Sizes of 17 digits, of which a float keeps 16; levels beyond the depth are forgotten."""
    limit, prover = 12, ChecksumProver()
    sides: dict[bool, dict[str, str]] = {True: {}, False: {}}
    assert prover.load(BookProof(0, [], []), limit)
    for bid, step, size in changes:
        price = f"0.0{500 - step if bid else 501 + step:04d}"
        text = f"{size // 10**8}.{size % 10**8:08d}"
        sides[bid].pop(price, None)
        if size:
            sides[bid][price] = text
        worst = sorted(sides[bid], key=Decimal, reverse=bid)[limit:]
        for gone in worst:
            del sides[bid][gone]
        told = [(price.encode(), text.encode())]
        right = crc(sides[True], sides[False])
        proof = (told, []) if bid else ([], told)
        assert prover.apply(BookProof(right, *proof))
        assert not prover.apply(BookProof(right ^ 1, *proof))


def test_a_wrong_checksum_breaks_the_book_at_once_and_the_next_snapshot_mends_it() -> None:
    events: list[BookEvent] = []
    requests: list[SnapshotRequest] = []
    book = OrderBook("BTC/USD", KRAKEN.rules, emit=events.append, request=requests.append)
    bids, asks = dict(zip(BIDS[::2], BIDS[1::2], strict=True)), dict(zip(ASKS[::2], ASKS[1::2], strict=True))

    def snapshot(checksum: int) -> Outcome:
        (message,) = KRAKEN.decode(book_frame("snapshot", levels(BIDS), levels(ASKS), checksum))
        assert isinstance(message, DepthSnapshot)
        return book.on_snapshot(message, 1.0)

    def diff(price: str, size: str, checksum: int) -> Outcome:
        (message,) = KRAKEN.decode(book_frame("update", levels([price, size]), "", checksum))
        assert isinstance(message, DepthDiff)
        return book.on_diff(message, 2.0)

    assert snapshot(CHECKSUM + 1) is Outcome.BROKE
    assert (book.state, book.bids(), len(requests)) == (BookState.BROKEN, [], 1)
    assert snapshot(CHECKSUM) is Outcome.APPLIED
    bids["45283.6"] = "2.00000000"
    assert diff("45283.6", "2.00000000", crc(bids, asks)) is Outcome.APPLIED
    assert book.bids(1) == [(45283.6, 2.0)]
    assert diff("45283.6", "0.00000000", crc(bids, asks)) is Outcome.BROKE  # as told, but another checksum
    assert (book.state, events[-1].cause.value, len(requests)) == (BookState.BROKEN, "checksum", 2)
    assert (book.counts.disproved, book.counts.applied) == (2, 1)


def test_trades_name_the_side_that_took() -> None:
    told = (
        '"symbol":"BTC/USD","side":"sell","price":105910.50,"qty":0.00012460,"ord_type":"market",'
        '"trade_id":10218209,"timestamp":"2023-10-06T17:35:56.123456Z"'
    )
    frame = f'{{"channel":"trade","type":"update","data":[{{{told}}}]}}'.encode()
    assert KRAKEN.decode(frame) == [Trade("BTC/USD", "10218209", 105910.5, 0.0001246, False, 1696613756123)]


def test_trades_become_the_candle_of_their_minute() -> None:
    """There is no word for a minute that is over in `ohlc`, so the session makes candles of trades."""
    rows: dict[str, list[Any]] = {}
    session = MarketSession(
        KRAKEN,
        put=lambda table, row: rows.setdefault(table.name, []).append(row),
        request=lambda request: None,
        alert=lambda alert: None,
        run_id="run",
        shard="1-of-1",
    )
    start = datetime(2023, 10, 6, 17, 34, 50, tzinfo=UTC).timestamp()
    session.track("BTC/USD", 1, start)
    session.opened("one", start)
    for second, price in enumerate((100, 103, 99, 101), -1):
        at = start + 10 + 20 * second
        stamp = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        told = (
            f'"symbol":"BTC/USD","side":"buy","price":{price},"qty":0.5,"ord_type":"limit",'
            f'"trade_id":{second + 10},"timestamp":"{stamp}"'
        )
        frame = f'{{"channel":"trade","type":"update","data":[{{{told}}}]}}'
        session.received("one", frame.encode(), at + 0.05)
    session.tick(start + 90)
    (candle,) = rows["ohlcv_1m"]
    assert {103.0, 99.0, 101.0, 1.5} <= {value for value in candle if isinstance(value, float)}


@pytest.mark.parametrize(
    "level",
    [
        '{"price":-1,"qty":1}',
        '{"price":"x","qty":1}',
        '{"price":1e3,"qty":1}',
        '{"price":0,"qty":1}',
        '{"qty":1}',
    ],
)
def test_a_level_that_cannot_be_makes_its_frame_malformed_and_names_the_book(level: str) -> None:
    with pytest.raises(MalformedFrameError) as caught:
        KRAKEN.decode(book_frame("update", level, "", 1))
    assert (caught.value.symbol, caught.value.depth) == ("BTC/USD", True)


# REST


def test_names_go_between_the_two_interfaces() -> None:
    assert [rest.rest_pair(name) for name in ("BTC/USD", "ETH/BTC", "DOGE/EUR")] == [
        "XBTUSD",
        "ETHXBT",
        "XDGEUR",
    ]
    markets: Any = ({"id": "XXBTZUSD", "info": {"wsname": "XBT/USD"}}, {"id": "ODD", "info": {}})
    assert [rest.venue_symbol(market) for market in markets] == ["BTC/USD", "ODD"]


def test_documented_candles_are_read_and_fillers_are_no_candles() -> None:
    rows = [
        [1762777260, "106040.1", "106040.1", "106040.1", "106040.1", "0.0", "0.00000000", 0],
        [1762777560, "106038.5", "106038.5", "106038.4", "106038.5", "106038.4", "0.99495458", 11],
    ]
    raw = rest.OHLC.rows({"error": [], "result": {"XBTUSDT": rows, "last": 1762777560}})
    start = datetime.fromtimestamp(1762777200, UTC)
    read = read_rows(raw, rest.OHLC.read, start, start + timedelta(hours=1), start + timedelta(hours=1))
    (candle,) = read.candles.rows(named=True)
    assert (candle["close"], candle["volume"], candle["trades"]) == (106038.5, 0.99495458, 11)
    assert (candle["quote_volume"], read.rejects) == (None, [])
    assert rest.OHLC.params(BTC, start, start)["since"] == 1762777199  # exclusive


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"error": ["EService:Busy"]},
        {"error": [], "result": {"last": 1}},
        {"error": [], "result": {"A": {}}},
    ],
)
def test_another_body_is_none(body: Any) -> None:
    with pytest.raises(VenueError):
        rest.OHLC.rows(body)
    with pytest.raises(VenueError):
        rest.TRADES.read(body)


def test_documented_trades_are_read_to_the_last_digit() -> None:
    body = {
        "error": [],
        "result": {
            "XXBTZUSD": [
                ["30243.40000", "0.34507674", 1688669597.8277369, "b", "m", "", 61044952],
                ["30243.30000", "0.00376960", 1688669598.2804112, "s", "l", "", 61044953],
            ],
            "last": "1688671969993150842",
        },
    }
    page = rest.TRADES.read(body)
    assert page.told_until == 1688671969993150842
    first = TapeTrade(1688669597827736900, "61044952", Decimal("30243.40000"), Decimal("0.34507674"), True)
    assert (page.trades[0], page.trades[1].buyer_aggressed) == (first, False)
    assert rest.TRADES.params(BTC, 10) == {"pair": "XBTUSD", "since": "9", "count": 1000}


def trade(ns: int, key: int, price: str = "10", size: str = "1") -> TapeTrade:
    return TapeTrade(ns, str(key), Decimal(price), Decimal(size), key % 2 == 0)


def test_candles_of_trades_add_up_as_decimals_and_leave_silent_minutes_out() -> None:
    trades = [
        trade(0, 0, "10", "0.1"),
        trade(1, 1, "12", "0.2"),
        trade(2, 2, "9", "0.3"),
        trade(2 * MINUTE_NS, 3),
    ]
    first, second = candle_rows(trades)
    assert first == (0, 10.0, 12.0, 9.0, 9.0, 0.6, 6.1, 3, 0.4)
    assert second[0] == 120_000


@given(
    moments=st.lists(st.integers(0, 5 * MINUTE_NS - 1), max_size=60),
    size=st.integers(2, 9),
    again=st.integers(0, 1),
)
def test_wherever_the_answers_are_cut_the_candles_are_the_same(
    moments: list[int], size: int, again: int
) -> None:
    """Answers of a few trades, some beginning with the last of the one before; no minute is halved."""
    told = [trade(ns, key) for key, ns in enumerate(sorted(moments))]
    tape, rows = Tape(0, 5 * MINUTE_NS), []
    for begin in range(0, len(told), size - again):
        part = told[begin : begin + size]
        tape.add(TapePage(part, part[-1].ns))
        rows += tape.take(tape.whole_until(part[-1].ns))
    rows += tape.take(tape.whole_until(5 * MINUTE_NS))
    assert rows == candle_rows(told)


def test_a_source_is_asked_only_as_far_back_as_it_goes() -> None:
    now = datetime(2024, 3, 20, 12, 0, 20, tzinfo=UTC)
    step = Step(now - timedelta(hours=20), now - timedelta(hours=1), ("rest", "trades"))
    begin = datetime(2024, 3, 20, 0, 11, tzinfo=UTC)  # 710 minutes back, to the next whole one
    reach = {"rest": timedelta(minutes=710)}
    assert list(within_reach([step], reach, now)) == [
        Step(step.start, begin, ("trades",)),
        Step(begin, step.end, ("rest", "trades")),
    ]
    assert list(within_reach([Step(step.start, begin, ("rest",))], reach, now)) == [
        Step(step.start, begin, ("rest",))
    ]


# the simulator, held against what is documented


def test_the_simulator_answers_in_the_documented_fields_and_types() -> None:
    async def ask(path: str) -> Any:
        async with TestClient(TestServer(make_app())) as client:
            return await (await client.get(f"/api.kraken.com/0/public/{path}")).json()

    pairs = asyncio.run(ask("AssetPairs"))
    assert pairs["error"] == []
    btc = pairs["result"]["XXBTZUSD"]
    assert (btc["altname"], btc["wsname"], btc["base"], btc["quote"]) == ("XBTUSD", "XBT/USD", "XXBT", "ZUSD")
    ohlc = asyncio.run(ask("OHLC?pair=XBTUSD&interval=1"))["result"]
    assert (len(ohlc["XXBTZUSD"]), type(ohlc["last"])) == (720, int)
    assert_row(ohlc["XXBTZUSD"][0], (int, str, str, str, str, str, str, int))
    tape = asyncio.run(ask("Trades?pair=XBTUSD&since=1688669597827736900"))["result"]
    assert (len(tape["XXBTZUSD"]), type(tape["last"])) == (1000, str)
    assert_row(tape["XXBTZUSD"][0], (str, str, float, str, str, str, int))
    assert len(tape["XXBTZUSD"][0][1].partition(".")[2]) == 8
    assert asyncio.run(ask("OHLC?pair=NOSUCH")) == {"error": ["EQuery:Unknown asset pair"]}
    assert {*asyncio.run(ask("Time"))["result"]} == {"unixtime", "rfc1123"}
    assert asyncio.run(ask("SystemStatus"))["result"]["status"] == "online"


def assert_row(row: list[Any], types: tuple[type, ...]) -> None:
    assert [type(value) for value in row] == list(types)


def test_the_simulators_frames_are_the_documented_ones() -> None:
    async def talk() -> list[dict[str, Any]]:
        async with (
            TestClient(TestServer(make_app())) as client,
            client.ws_connect("/ws.kraken.com/v2") as socket,
        ):
            for number, params in enumerate(
                (
                    {"channel": "book", "symbol": ["BTC/USD", "NO/USD"], "depth": 10},
                    {"channel": "trade", "symbol": ["BTC/USD"], "snapshot": False},
                ),
                1,
            ):
                await socket.send_json({"method": "subscribe", "params": params, "req_id": number})
            await socket.send_json({"method": "ping", "req_id": 3})
            told: list[dict[str, Any]] = []
            async with asyncio.timeout(60):
                while {"book", "trade", "heartbeat"} - {each.get("channel") for each in told} or len(
                    told
                ) < 12:
                    told.append(json.loads(await socket.receive_str()))
            return told

    told = asyncio.run(talk())
    by_channel = {each["channel"]: each for each in told if "channel" in each}
    answers = [each for each in told if "method" in each]
    assert by_channel["status"]["data"][0].keys() == {"api_version", "connection_id", "system", "version"}
    assert by_channel["heartbeat"] == {"channel": "heartbeat"}
    book = by_channel["book"]["data"][0]
    assert book.keys() == {"symbol", "bids", "asks", "checksum", "timestamp"}
    one = by_channel["trade"]["data"][0]
    assert one.keys() == {"symbol", "side", "price", "qty", "ord_type", "trade_id", "timestamp"}
    assert answers[0]["result"] == {"channel": "book", "symbol": "BTC/USD", "snapshot": True, "depth": 10}
    assert (answers[1]["success"], answers[1]["symbol"]) == (False, "NO/USD")
    assert answers[1]["error"] == "Currency pair not supported NO/USD"
    assert answers[-1]["method"] == "pong"
