"""Clients of /ws that ask wrongly, read slowly or may not come in; the Python client, Redis, the analyst."""

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import Awaitable, Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import websockets
from live_support import NOW, Reader, candle, eventually, reading, served, telling, track
from pydantic import SecretStr
from writer_rows import row

from alphapulse.streaming import (
    Resync,
    Snapshot,
    Status,
    StreamError,
    Subscription,
    SubscriptionError,
    Update,
    stream,
)
from alphapulse_api.broadcasting import endpoint
from alphapulse_api.broadcasting.endpoint import Door
from alphapulse_resources.database.analyst import analyst_dsn, prepare_analyst
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.feeds import TRADES
from alphapulse_resources.streams.tables import CANDLES, TRADES_1S, Row

BTC = {"symbol": "BTC/USDT", "venue": "binance"}
MINUTES = {**BTC, "timeframe": "1m"}


@pytest.fixture
def btc(database: Database) -> int:
    """A tracked instrument."""
    return track(database, "BTC/USDT")


def run(check: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await check()

    asyncio.run(main())


async def closed(reader: Reader) -> tuple[int | None, str | None]:
    """Why the server closed it."""
    await asyncio.wait_for(reader.connection.wait_closed(), 30)
    return reader.connection.close_code, reader.connection.close_reason


# questions ----------------------------------------------------------------------------------------------


def test_a_wrong_question_is_answered_with_its_field_and_the_connection_goes_on(
    database: Database, btc: int
) -> None:
    async def check() -> None:
        async with served(database) as (address, _), reading(address) as reader:
            error = await reader.follow("candles", symbol="BTC/USD", venue="binance", timeframe="1m")
            assert (error["type"], error["field"]) == ("error", "symbol")
            assert "did you mean BTC/USDT" in error["message"]
            assert (await reader.follow("candles", **MINUTES))["type"] == "snapshot"
            await reader.send(op="unsubscribe", id=77, channel="candles", **MINUTES)
            await reader.until(lambda m: m["type"] == "unsubscribed" and m["id"] == 77)
            await reader.send(op="unsubscribe", id=78, channel="candles", **MINUTES)
            await reader.until(lambda m: m["type"] == "error" and m["id"] == 78)

    run(check)


def test_a_symbol_that_was_just_tracked_can_be_followed(database: Database, btc: int) -> None:
    async def check() -> None:
        async with served(database) as (address, live), reading(address) as reader:
            await reader.follow("candles", **MINUTES)
            track(database, "NEW/USDT")
            live._named_at = 0.0
            told = await reader.follow("book", symbol="NEW/USDT", venue="binance")
            assert told["type"] == "snapshot"

    run(check)


def test_garbage_is_answered_and_then_cut(database: Database) -> None:
    async def check() -> None:
        async with served(database) as (address, _), reading(address) as reader:
            for garbage in ("{", b"\xff\x00", "[]", "3", '{"op":"fly"}', '{"op":["subscribe"]}', "", "null"):
                await reader.connection.send(garbage)
            await reader.until(lambda m: "there is no op 'fly'" in m.get("message", ""))
            for _ in range(3):
                await reader.connection.send('{"op":"fly"}')
            assert (await closed(reader))[0] == endpoint.GARBAGE
            async with reading(address) as other:
                await other.connection.send("x" * 70_000)
                assert (await closed(other))[0] == 1009

    run(check)


def test_connections_and_what_one_may_follow_are_bounded(database: Database, btc: int) -> None:
    async def check() -> None:
        async with (
            served(database, clients=2, subscriptions=2) as (address, live),
            reading(address) as reader,
            reading(address),
        ):
            await reader.follow("signals")
            await reader.follow("whales")
            assert "may follow 2 topics" in (await reader.follow("alerts"))["message"]
            assert (await reader.follow("whales"))["type"] == "snapshot"  # again, not one more
            third = Reader(await websockets.connect(address))
            assert (await closed(third))[0] == endpoint.TOO_MANY
            assert live.clients == 2
        assert live.hub.topics == []

    run(check)


# who may come in ----------------------------------------------------------------------------------------


def test_pages_of_elsewhere_may_not_ask(database: Database) -> None:
    async def check() -> None:
        door = Door(origins=["https://desk.example"])
        async with served(database, door=door) as (address, _):
            port = address.split(":")[-1].split("/")[0]
            for origin in ("https://evil.example", "null", f"http://evil.example:{port}"):
                with pytest.raises(websockets.InvalidStatus):
                    await websockets.connect(address, origin=origin)
            # a name of theirs that was made to mean this machine
            with pytest.raises(websockets.InvalidStatus):
                async with socket_of(address) as (raw, _):
                    await websockets.connect(f"ws://rebound.example:{port}/ws", sock=raw)
            for origin in (f"http://127.0.0.1:{port}", "https://desk.example"):
                async with reading(address, origin=origin):
                    pass

    run(check)


def test_from_elsewhere_a_token_is_needed_in_the_first_message(database: Database) -> None:
    asked: list[tuple[str, Collection[str]]] = []

    async def authorise(token: str, scopes: Collection[str]) -> bool:
        asked.append((token, scopes))
        return token == "good"

    async def check() -> None:
        elsewhere = {"additional_headers": {"X-Forwarded-For": "203.0.113.9"}}
        async with served(database, door=Door(authorise)) as (address, live):
            async with reading(address, **elsewhere) as reader:
                assert reader.messages[0]["token_needed"] is True
                await reader.send(op="hello", token="good")
                await reader.until(lambda m: m["type"] == "welcome" and not m["token_needed"])
                assert (await reader.follow("signals"))["type"] == "snapshot"
            for first in (
                {"op": "hello", "token": "bad"},
                {"op": "subscribe", "channel": "signals"},
                {"op": "hello"},
            ):
                async with reading(address, **elsewhere) as reader:
                    await reader.send(**first)
                    assert (await closed(reader))[0] == endpoint.UNAUTHORISED
            assert asked == [("good", ("read",)), ("bad", ("read",))]
            assert live.hub.topics == []

    run(check)


# who reads slowly ---------------------------------------------------------------------------------------


class socket_of:
    """A socket to an address, with a small buffer for what comes."""

    def __init__(self, address: str) -> None:
        self._port = int(address.split(":")[-1].split("/")[0])

    async def __aenter__(self) -> tuple[socket.socket, int]:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self._socket.connect(("127.0.0.1", self._port))
        self._socket.setblocking(False)
        return self._socket, self._port

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()


def values(stored: Row) -> list[Any]:
    """A row of TRADES_1S as it is told."""
    return [stored[TRADES_1S.column(name)] for name in TRADES.columns]


def test_a_client_that_never_reads_is_cut_and_harms_nobody(
    database: Database, btc: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "SEND_SECONDS", 1.0)

    async def check() -> None:
        async with served(database) as (address, live), socket_of(address) as (raw, port):
            options = {"sock": raw, "compression": None, "max_queue": 1}
            stalled = await websockets.connect(f"ws://127.0.0.1:{port}/ws", **options)
            await stalled.send(json.dumps({"op": "subscribe", "channel": "trades", **BTC}))
            async with reading(address) as reader:
                await reader.follow("trades", **BTC)
                (topic,) = await eventually(lambda: live.hub.topics)
                await eventually(lambda: len(topic.followers) == 2)
                sent = 0
                while live.clients == 2:
                    for _ in range(100):
                        told = row(TRADES_1S, sent, instrument_id=btc)
                        live.hub.told_row(None, TRADES, btc, values(told))
                        sent += 1
                    assert max(outbox.waiting for outbox in topic.followers) <= 2_000
                    await asyncio.sleep(0.01)
                last = values(row(TRADES_1S, sent - 1))[0].isoformat()
                await reader.until(lambda m: bool(m.get("data")) and m["data"][-1]["ts"] == last)
                assert len(reader.rows()) == sent
            stalled.transport.abort()

    run(check)


def test_who_does_not_answer_heartbeats_is_cut(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(endpoint, "IDLE_SECONDS", 0.5)

    async def check() -> None:
        async with served(database) as (address, _):
            connection = await websockets.connect(address)
            async with reading(address) as reader:
                with pytest.raises(websockets.ConnectionClosedError, match="answer heartbeats"):
                    async for _ in connection:
                        pass
                assert connection.close_code == endpoint.IDLE
                beats = [m for m in reader.messages if m["type"] == "heartbeat"]
                assert beats[-1]["messages"] == reader.messages.index(beats[-1])

    run(check)


# the Python client --------------------------------------------------------------------------------------


def test_the_python_client_goes_on_where_the_server_comes_back(database: Database, btc: int) -> None:
    wanted = Subscription("candles", **MINUTES)

    async def check() -> None:
        with telling(database) as (sink, _):
            async with served(database) as (address, _):
                port = int(address.split(":")[-1].split("/")[0])
                events = stream(address, [wanted])
                assert isinstance(first := await anext(events), Snapshot)
                assert (first.subscription, first.rows) == (wanted, [])
                sink.put(CANDLES, candle(btc, 0, 5.0))
                assert isinstance(update := await anext(events), Update)
                assert (update.seq, update.rows[0]["close"]) == (1, 5.0)
            sink.put(CANDLES, candle(btc, 1, 6.0))
            assert isinstance(lost := await anext(events), Status)
            assert lost.source == "reconnecting"
            async with served(database, port=port):
                async for event in events:
                    if isinstance(event, Snapshot):
                        break
                    assert isinstance(event, Status | Resync)
                assert [row["close"] for row in event.rows] == [5.0, 6.0]
                await events.aclose()

    run(check)


def test_the_python_client_says_what_is_wrong(database: Database, btc: int) -> None:
    async def check() -> None:
        async with served(database) as (address, _):
            with pytest.raises(SubscriptionError, match="did you mean BTC/USDT") as refused:
                await anext(stream(address, [Subscription("book", "BTC/USD", "binance")]))
            assert refused.value.field == "symbol"
            with pytest.raises(StreamError, match="does not serve live data"):
                await anext(stream(address.replace("/ws", "/other"), [Subscription("signals")]))
            with pytest.raises(StreamError, match="refused the token"):
                await anext(stream(address, [Subscription("signals")], token="unknown"))
        with pytest.raises(StreamError, match="is `alphapulse api` running"):
            await anext(stream(address, [Subscription("signals")]))
        with pytest.raises(StreamError, match="no address of a WebSocket"):
            await anext(stream("http://127.0.0.1/ws", [Subscription("signals")]))
        with pytest.raises(SubscriptionError, match="at least one"):
            await anext(stream(address, []))

    run(check)


# other buses and roles ----------------------------------------------------------------------------------


def test_the_analysts_role_is_enough_to_serve(database: Database, btc: int, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    prepare_analyst(settings, database.dsn)
    analyst = Database(analyst_dsn(settings, database.dsn))

    async def check() -> None:
        async with served(analyst, owner=database) as (address, _), reading(address) as reader:
            for channel in ("signals", "patterns", "whales", "alerts", "status", "sentiment"):
                assert (await reader.follow(channel))["type"] == "snapshot"
            for dataset in ("market", "futures"):
                await reader.follow("metrics", dataset=dataset)
            for timeframe in ("1m", "5m", "15m", "1h", "4h", "1d", "1w"):
                await reader.follow("candles", **BTC, timeframe=timeframe)
            for channel in ("book", "trades"):
                await reader.follow(channel, **BTC)
            with telling(database) as (sink, _):
                sink.put(CANDLES, candle(btc, 0, 5.0))
                await reader.until(lambda m: m["type"] == "update" and m["topic"].endswith(":1m"))

    run(check)
    analyst.close()


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """A Redis of these tests' own."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server on this machine (Debian: apt install redis-server)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(30)


def test_redis_takes_the_place_of_notifications(database: Database, btc: int, redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)

    async def check() -> None:
        await eventually(lambda: _answers(client))
        url = SecretStr(redis_url)
        async with served(database, redis_url=url) as (address, live), reading(address) as reader:
            await reader.follow("trades", **BTC)
            await eventually(lambda: client.pubsub_channels())
            with telling(database, redis_url=url) as (sink, announcer):
                for number in range(3):
                    sink.put(
                        TRADES_1S, row(TRADES_1S, number, instrument_id=btc, ts=NOW.replace(second=number))
                    )
                await reader.until(lambda m: bool(m.get("data")) and m["data"][-1]["ts"][17:19] == "02")
                client.client_kill_filter(_type="pubsub")
                await reader.until(lambda m: m["type"] == "status" and m["source"] == "away")
                await reader.until(lambda m: m["type"] == "status" and m["source"] == "live")
                assert (announcer.dropped, live.hub.gaps) == (0, 0)
            times = [row["ts"] for row in reader.rows()]
            assert len(times) == len(set(times)) == 3

    run(check)


def test_rows_are_stored_while_redis_is_away(database: Database, btc: int) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = SecretStr(f"redis://127.0.0.1:{nobody.getsockname()[1]}/0")
        with telling(database, redis_url=url) as (sink, announcer):
            for number in range(3):
                sink.put(CANDLES, candle(btc, number))
            assert sink.writers[0].flushed()
            assert announcer.silent
            assert sink.writers[0].counts.failing_since is None
    assert len(database.rows("SELECT FROM ohlcv_1m")) == 3


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
