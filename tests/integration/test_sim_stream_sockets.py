"""The simulator's streams over a real socket: our decoders and books against its truth, and every fault."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import aiohttp
import pytest
import requests

from alphapulse_assets.order_book.book.events import BookState
from alphapulse_assets.order_book.session.order_book_manager import OrderBookManager
from alphapulse_resources.streams.messages import MalformedFrameError, Refusal, SnapshotQuery
from alphapulse_resources.streams.venues import ADAPTERS
from alphapulse_sim.process import SimulatorProcess


@dataclass(frozen=True)
class Case:
    venue: str
    host: str
    path: str
    symbol: str
    hello: dict[str, Any] | None
    category: str = ""
    rest: str = ""
    depth: int | None = None


SPOT = Case("binance", "stream.binance.com:9443", "/stream?streams=btcusdt@depth@100ms/btcusdt@aggTrade",
            "BTCUSDT", None, rest="/api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=5000")  # fmt: skip
USDM = Case("binanceusdm", "fstream.binance.com", "/ws", "ETHUSDT",
            {"method": "SUBSCRIBE", "params": ["ethusdt@depth@100ms", "ethusdt@aggTrade"], "id": 1},
            rest="/fapi.binance.com/fapi/v1/depth?symbol=ETHUSDT&limit=1000")  # fmt: skip
BYBIT = Case("bybit", "stream.bybit.com", "/v5/public/linear", "BTCUSDT",
             {"op": "subscribe", "args": ["orderbook.50.BTCUSDT", "publicTrade.BTCUSDT"]},
             category="linear", depth=50)  # fmt: skip
COINBASE = Case("coinbase", "advanced-trade-ws.coinbase.com", "", "BTC-USD",
                {"type": "subscribe", "channel": "level2", "product_ids": ["BTC-USD"]})  # fmt: skip


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7) as sim:
        yield sim


@pytest.fixture
def sim(running: SimulatorProcess) -> Iterator[SimulatorProcess]:
    running.clear()
    yield running
    running.clear()


@dataclass
class Heard:
    texts: list[str]
    ended: str


async def listen(sim: SimulatorProcess, case: Case, frames: int, seconds: float = 4.0) -> Heard:
    """The first frames of a connection, or fewer if it ends or is silent."""
    texts: list[str] = []
    async with aiohttp.ClientSession() as session:
        url = f"{sim.url}/{case.host}{case.path}"
        async with session.ws_connect(url, max_msg_size=0, autoclose=True) as socket:
            if case.hello:
                await socket.send_json(case.hello)
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    async for message in socket:
                        texts.append(message.data)
                        if len(texts) >= frames:
                            return Heard(texts, "enough")
                    return Heard(texts, str(socket.close_code))
    return Heard(texts, "silent")


def hear(sim: SimulatorProcess, case: Case, frames: int, seconds: float = 4.0) -> Heard:
    return asyncio.run(listen(sim, case, frames, seconds))


def keep(sim: SimulatorProcess, case: Case, texts: list[str]) -> tuple[OrderBookManager, int]:
    """The books that the frames give, and the venue's time of the last."""
    adapter = ADAPTERS[case.venue]
    manager = OrderBookManager(adapter.rules, emit=lambda event: None, request=lambda request: None)
    if case.rest:
        body = requests.get(sim.url + case.rest, timeout=10).content
        query = adapter.snapshot_query(case.rest)
        assert isinstance(query, SnapshotQuery)
        manager.receive(adapter.decode_snapshot(query, body), "one", 0.0)
    last = 0
    for number, text in enumerate(texts):
        for message in adapter.decode(text.encode()):
            manager.receive(message, "one", float(number))
            last = getattr(message, "venue_ms", None) or last
    return manager, last


def truth(sim: SimulatorProcess, case: Case, update_id: int) -> dict[str, Any]:
    query: dict[str, str | int] = {
        "host": case.host,
        "symbol": case.symbol,
        "update_id": update_id,
        "category": case.category,
    }
    found: dict[str, Any] = requests.get(f"{sim.url}/_sim/truth", params=query, timeout=10).json()
    return found


async def with_snapshot(sim: SimulatorProcess, case: Case) -> tuple[list[str], bytes]:
    """Frames from before and after a REST snapshot, and the snapshot."""
    texts: list[str] = []
    url = f"{sim.url}/{case.host}{case.path}"
    async with aiohttp.ClientSession() as session, session.ws_connect(url, max_msg_size=0) as socket:
        if case.hello:
            await socket.send_json(case.hello)
        for _ in range(3):
            texts.append((await socket.receive(5)).data)
        body = b""
        if case.rest:
            async with session.get(sim.url + case.rest) as answer:
                body = await answer.read()
        for _ in range(25):
            texts.append((await socket.receive(5)).data)
    return texts, body


@pytest.mark.parametrize("case", [SPOT, USDM, BYBIT, COINBASE], ids=lambda case: case.venue)
def test_a_book_kept_from_the_stream_equals_the_truth_level_by_level(
    sim: SimulatorProcess, case: Case
) -> None:
    texts, body = asyncio.run(with_snapshot(sim, case))
    adapter = ADAPTERS[case.venue]
    manager = OrderBookManager(adapter.rules, emit=lambda event: None, request=lambda request: None)
    tick = 0
    for number, text in enumerate(texts):
        if number == 3 and body:
            query = adapter.snapshot_query(case.rest)
            assert query is not None
            manager.receive(adapter.decode_snapshot(query, body), "one", 3.0)
        for message in adapter.decode(text.encode()):
            if manager.receive(message, "one", float(number)) is not None:
                tick = getattr(message, "venue_ms", 0) // 100
    book = manager.books[case.symbol]
    assert (book.state, manager.gaps) == (BookState.SYNCED, 0)
    expected = truth(sim, case, tick)
    low, high = book.horizon
    for side, held in (("bids", book.bids(case.depth)), ("asks", book.asks(case.depth))):
        levels = [(float(price), float(size)) for price, size in expected[side][: case.depth]]
        known = [level for level in levels if low <= level[0] <= high]
        assert [level for level in held if low <= level[0] <= high] == known
        assert len(known) >= 50


def depths(texts: list[str]) -> list[dict[str, Any]]:
    frames = [json.loads(text) for text in texts]
    return [frame["data"] for frame in frames if frame.get("data", {}).get("e") == "depthUpdate"]


def steps(texts: list[str]) -> list[int]:
    """How far each diff begins after the end of the one before it: 1 is right."""
    found = depths(texts)
    return [after["U"] - before["u"] for before, after in pairwise(found)]


def test_a_gap_drops_as_many_frames_as_it_says(sim: SimulatorProcess) -> None:
    sim.fault("ws_gap", n=3, symbol="BTCUSDT", path="depth", skip=2, times=1)
    found = steps(hear(sim, SPOT, 12).texts)
    assert sorted(found)[-1] == 4
    assert found.count(1) == len(found) - 1
    assert sim.faults()[0]["hits"] == 1


def test_duplicates_and_swapped_frames_come_as_told(sim: SimulatorProcess) -> None:
    sim.fault("ws_duplicate", path="depth", skip=1, times=1)
    assert 0 in steps(hear(sim, SPOT, 8).texts)
    sim.clear()
    sim.fault("ws_reorder", path="depth", skip=1, times=1)
    assert min(steps(hear(sim, SPOT, 10).texts)) < 0


def test_reset_and_close_end_the_connection_each_in_its_way(sim: SimulatorProcess) -> None:
    sim.fault("ws_close", code=1012, skip=2, times=1)
    assert hear(sim, SPOT, 50).ended == "1012"
    sim.clear()
    sim.fault("ws_reset", skip=2, times=1)
    assert hear(sim, SPOT, 50).ended == "1006"


@pytest.mark.parametrize("kind", ["ws_malformed", "ws_truncated"])
def test_a_broken_frame_is_one_that_no_decoder_takes(sim: SimulatorProcess, kind: str) -> None:
    sim.fault(kind, skip=1, times=1)
    bad = 0
    for text in hear(sim, SPOT, 6).texts:
        with suppress(json.JSONDecodeError):
            json.loads(text)
            continue
        bad += 1
        with pytest.raises(MalformedFrameError):
            ADAPTERS["binance"].decode(text.encode())
    assert bad == 1


@pytest.mark.parametrize("pongs", [True, False])
def test_a_stall_is_silent_and_answers_pings_as_told(sim: SimulatorProcess, pongs: bool) -> None:
    sim.fault("ws_stall", pongs=pongs, times=1)

    async def ping_in_silence() -> list[aiohttp.WSMsgType]:
        async with aiohttp.ClientSession() as session:
            url = f"{sim.url}/{SPOT.host}{SPOT.path}"
            async with session.ws_connect(url, autoping=False) as socket:
                await asyncio.sleep(0.5)
                await socket.ping(b"there?")
                with suppress(TimeoutError):
                    return [(await socket.receive(0.7)).type]
                return []

    assert asyncio.run(ping_in_silence()) == ([aiohttp.WSMsgType.PONG] if pongs else [])


def test_subscriptions_are_refused_on_command_in_the_words_of_each_venue(sim: SimulatorProcess) -> None:
    sim.fault("ws_subscribe_error")
    for case in (USDM, BYBIT, COINBASE):
        heard = hear(sim, case, 1)
        messages = [each for text in heard.texts for each in ADAPTERS[case.venue].decode(text.encode())]
        assert sum(isinstance(each, Refusal) for each in messages) == 1, case.venue


def test_an_upgrade_is_refused_with_the_status_told(sim: SimulatorProcess) -> None:
    sim.fault("status", host=SPOT.host, code=451, times=1)
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        hear(sim, SPOT, 1)
    assert caught.value.status == 451


def test_bybit_answers_a_ping_of_the_application(sim: SimulatorProcess) -> None:
    case = Case("bybit", BYBIT.host, "/v5/public/spot", "", {"op": "ping", "req_id": "9"})
    answer = json.loads(hear(sim, case, 1).texts[0])
    assert (answer["ret_msg"], answer["op"], answer["req_id"]) == ("pong", "ping", "9")
