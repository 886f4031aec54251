"""Live data from a stream's writers to WebSocket clients, over a real database and a real socket."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
import websockets
from live_support import NOW, Reader, candle, eventually, reading, served, telling, track
from writer_rows import row
from writer_support import away, end_connections

from alphapulse_assets.streaming.pattern_rows import CHART_ROWS, SIGNAL_ROWS
from alphapulse_resources.broadcast.new_rows import NewRowsTeller
from alphapulse_resources.broadcast.postgres import PostgresBus
from alphapulse_resources.database.client import Database
from alphapulse_resources.streams import announcing
from alphapulse_resources.streams.feeds import LIVE_BOOKS
from alphapulse_resources.streams.tables import (
    CANDLES,
    FORMING_CANDLES,
    ORDER_BOOK_ALERTS,
    ORDER_BOOK_EVENTS,
    TRADES_1S,
    WHALE_ACTIVITIES,
)

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


def is_update(**wanted: Any) -> Callable[[dict[str, Any]], bool]:
    """Whether a message is an update whose first row has these values."""
    return lambda m: m["type"] == "update" and wanted.items() <= m["data"][0].items()


def test_candles_reach_a_client_forming_and_closed(database: Database, btc: int) -> None:
    async def check() -> None:
        async with served(database) as (address, _), reading(address) as reader:
            with telling(database) as (sink, _):
                sink.put(CANDLES, candle(btc, 0, 5.0))
                sink.writers[0].flushed()
                snapshot = await reader.follow("candles", **MINUTES)
                assert (snapshot["topic"], snapshot["seq"]) == ("candles:binance:BTC/USDT:1m", 0)
                assert [row["close"] for row in snapshot["data"]] == [5.0]
                await reader.follow("candles", **BTC, timeframe="5m")
                sink.put(FORMING_CANDLES, candle(btc, 1, 6.0, forming=True))
                await reader.until(is_update(close=6.0, closed=False, timeframe="1m"))
                await reader.until(is_update(close=6.0, closed=False, timeframe="5m"))
                sink.put(CANDLES, candle(btc, 1, 7.0))
                await reader.until(is_update(close=7.0, closed=True, timeframe="1m"))

    run(check)


def test_every_row_of_a_stream_is_told_once_whenever_a_client_comes(database: Database, btc: int) -> None:
    async def check() -> None:
        async with served(database) as (address, _), reading(address) as early:
            await early.follow("trades", **BTC)
            with telling(database) as (sink, _):
                readers = [early]
                for number in range(60):
                    sink.put(
                        TRADES_1S, row(TRADES_1S, number, instrument_id=btc, ts=NOW.replace(second=number))
                    )
                    if number % 20 == 10:
                        reader = Reader(await websockets.connect(address, compression=None))
                        await reader.follow("trades", **BTC)
                        readers.append(reader)
                    await asyncio.sleep(0.005)
                for reader in readers:
                    await reader.until(lambda m: bool(m.get("data")) and m["data"][-1]["ts"][17:19] == "59")
                    times = [row["ts"] for row in reader.rows("snapshot") + reader.rows()]
                    assert times == sorted(set(times))
                    assert len(times) == 60
                for reader in readers[1:]:
                    await reader.close()

    run(check)


def test_what_follows_from_bars_whales_alerts_and_states_of_books(database: Database, btc: int) -> None:
    async def check() -> None:
        async with served(database) as (address, _), reading(address) as reader:
            for channel in ("signals", "patterns", "whales", "alerts", "status"):
                await reader.follow(channel)
            await reader.follow("signals", **BTC, timeframe="1h")
            await reader.follow("signals", **BTC, timeframe="4h")
            with telling(database) as (sink, _):
                shared = {"timeframe_id": 60, "instrument_id": btc, "ts": NOW}
                signal = row(SIGNAL_ROWS, 1, **shared, signal="buy", capped=False, configuration_version=1)
                sink.put(SIGNAL_ROWS, signal)
                sink.put(WHALE_ACTIVITIES, row(WHALE_ACTIVITIES, 1, instrument_id=btc, kind="large_trade"))
                sink.put(ORDER_BOOK_ALERTS, row(ORDER_BOOK_ALERTS, 1, instrument_id=btc))
                event = row(
                    ORDER_BOOK_EVENTS, 1, instrument_id=btc, state_before="synced", state_after="broken"
                )
                sink.put(ORDER_BOOK_EVENTS, event)
                told = await reader.until(is_update(signal="buy"))
                assert told["data"][0]["reasons"] == {"number": 1}
                await reader.until(lambda m: is_update(signal="buy")(m) and m["topic"].endswith(":1h"))
                await reader.until(is_update(kind="large_trade", venue="binance"))
                await reader.until(is_update(kind="whale", symbol="BTC/USDT"))
                await reader.until(is_update(kind="book", state="broken", before="synced"))
                assert not [m for m in reader.messages if m.get("topic", "").endswith(":4h") and m["data"]]

    run(check)


def test_books_are_told_while_somebody_watches_them(database: Database, btc: int) -> None:
    state = (btc, NOW, 7, NOW, "synced", 1.5, 2.0, 0.1, [[1.0, 2.0]], [[2.0, 3.0]])

    async def check() -> None:
        async with served(database) as (address, _):
            with telling(database) as (sink, announcer):
                assert not announcer.watched(btc)
                async with reading(address) as reader:
                    assert (await reader.follow("book", **BTC))["data"] == []
                    await eventually(lambda: announcer.watched(btc))
                    sink.put(LIVE_BOOKS, state)
                    book = (await reader.until(is_update(update_id=7)))["data"][0]
                    assert (book["best_bid"], book["ask_size"], book["state"]) == (1.0, 3.0, "synced")
                    assert (book["bids"], book["asks"]) == ([[1.0, 2.0]], [[2.0, 3.0]])
                (found,) = database.rows("SELECT topic, expires > now() AS lives FROM live_interest")
                assert found == {"topic": f"book:{btc}", "lives": True}
                database.execute("UPDATE live_interest SET expires = now()")
                await eventually(lambda: not announcer.watched(btc))

    run(check)


def test_two_processes_tell_their_clients_the_same(database: Database, btc: int) -> None:
    async def check() -> None:
        async with (
            served(database) as (one, _),
            served(database) as (other, _),
            reading(one) as first,
            reading(other) as second,
        ):
            for reader in (first, second):
                await reader.follow("candles", **MINUTES)
            with telling(database) as (sink, _), telling(database) as (shard, _):
                sink.put(CANDLES, candle(btc, 0, 5.0))
                shard.put(CANDLES, candle(btc, 1, 6.0))
                for reader in (first, second):
                    for close in (5.0, 6.0):
                        await reader.until(is_update(close=close, closed=True))

    run(check)


def test_a_row_too_large_for_a_notification_is_stored_and_told(database: Database, btc: int) -> None:
    lines = json.dumps({"upper": list(range(3_000))})
    shared = {"timeframe_id": 60, "instrument_id": btc, "ts": NOW, "known_at": NOW, "pattern": "triangle"}
    large = row(CHART_ROWS, 1, **shared, lines=lines, pivot_ts=[NOW], direction="bullish", stage="complete")

    async def check() -> None:
        async with served(database) as (address, _), reading(address) as reader:
            await reader.follow("patterns", **BTC)
            with telling(database) as (sink, _):
                sink.put(CHART_ROWS, large)
                told = await reader.until(is_update(pattern="triangle"))
                assert told["data"][0]["lines"] == json.loads(lines)
                assert (told["data"][0]["family"], told["data"][0]["timeframe"]) == ("chart", "1h")
        assert database.rows("SELECT count(*) AS n FROM chart_pattern_events") == [{"n": 1}]

    run(check)


def test_rows_are_stored_when_the_server_takes_no_notification(
    database: Database, btc: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pack(publisher: str, first: int, items: list[bytes]) -> list[bytes]:
        return [b"x" * 9_000]  # the server ends a transaction for it

    async def check() -> None:
        async with served(database) as (address, _), reading(address) as reader:
            await reader.follow("candles", **MINUTES)
            with telling(database) as (sink, announcer):
                sink.put(CANDLES, candle(btc, 0, 5.0))
                await reader.until(is_update(close=5.0))
                with monkeypatch.context() as patched:
                    patched.setattr(announcing, "pack", pack)
                    sink.put(CANDLES, candle(btc, 1, 6.0))
                    assert await asyncio.to_thread(sink.writers[0].flushed)
                    assert sink.writers[0].counts.failing_since is None
                assert announcer.dropped
                assert len(database.rows("SELECT FROM ohlcv_1m")) == 2
                # the next thing that is told has a number that shows it
                sink.put(CANDLES, candle(btc, 2, 7.0))
                await reader.until(lambda m: m["type"] == "resync")
                told = await reader.until(lambda m: m["type"] == "snapshot" and len(m["data"]) >= 2)
                assert [row["close"] for row in told["data"]][:2] == [5.0, 6.0]

    run(check)


def test_nothing_is_told_while_the_servers_queue_is_full(database: Database, btc: int) -> None:
    async def check() -> None:
        async with served(database) as (address, _), reading(address) as reader:
            await reader.follow("candles", **MINUTES)
            with telling(database) as (sink, announcer):
                announcer.close()  # what is looked up is said here
                sink.put(CANDLES, candle(btc, 0, 5.0))
                await reader.until(is_update(close=5.0))
                announcer.note([], 0.6)
                sink.put(CANDLES, candle(btc, 1, 6.0))
                assert await asyncio.to_thread(sink.writers[0].flushed)
                announcer.note([], 0.3)
                assert announcer.silent
                announcer.note([], 0.1)
                sink.put(CANDLES, candle(btc, 2, 7.0))
                await reader.until(lambda m: m["type"] == "resync")
                await reader.until(lambda m: m["type"] == "snapshot" and len(m["data"]) == 3)

    run(check)


def test_a_listener_whose_session_is_ended_begins_anew_with_snapshots(
    database: Database, btc: int, server_dsn: str
) -> None:
    async def check() -> None:
        async with served(database) as (address, _), reading(address) as reader:
            await reader.follow("candles", **MINUTES)
            with telling(database) as (sink, _):
                sink.put(CANDLES, candle(btc, 0, 5.0))
                await reader.until(is_update(close=5.0))
                assert end_connections(server_dsn, database, "alphapulse live") == 1
                sink.put(CANDLES, candle(btc, 1, 6.0))
                await reader.until(lambda m: m["type"] == "status" and m["source"] == "away")
                await reader.until(lambda m: m["type"] == "status" and m["source"] == "live")
                await reader.until(lambda m: m["type"] == "snapshot" and len(m["data"]) == 2)
                sink.put(CANDLES, candle(btc, 2, 7.0))
                await reader.until(is_update(close=7.0))

    run(check)


def test_while_the_database_is_away_clients_stay_and_get_all_after(
    database: Database, btc: int, server_dsn: str
) -> None:
    async def check() -> None:
        async with served(database) as (address, _), reading(address) as reader:
            await reader.follow("candles", **MINUTES)
            with telling(database) as (sink, _):
                sink.put(CANDLES, candle(btc, 0, 5.0))
                await reader.until(is_update(close=5.0))
                with away(server_dsn, database):
                    sink.put(CANDLES, candle(btc, 1, 6.0))
                    await reader.until(lambda m: m["type"] == "status" and m["source"] == "away")
                    before = len(reader.messages)
                    async with reading(address) as newcomer:
                        await newcomer.until(lambda m: m["type"] == "status" and m["source"] == "away")
                await reader.until(lambda m: m["type"] == "status" and m["source"] == "live", before)
                await reader.until(lambda m: m.get("data") and m["data"][-1]["close"] == 6.0, before)

    run(check)


def test_data_sets_that_are_collected_wake_their_topics(database: Database, btc: int) -> None:
    async def check() -> None:
        async with served(database) as (address, _), reading(address) as reader:
            await reader.follow("metrics", dataset="market")
            teller = NewRowsTeller(PostgresBus(database.dsn), "alphapulse_live", "collectors")
            teller.start()
            database.execute(
                "INSERT INTO market_metrics (provider, ts, known_at, total_market_cap, age_seconds,"
                " completeness, confidence, logic_version)"
                " VALUES ('coingecko', now(), now(), 3e12, 1, 1, 0.8, 1)"
            )
            teller.tell(["market_metrics"])
            told = await reader.until(is_update(provider="coingecko"))
            assert told["data"][0]["total_market_cap"] == 3e12
            await asyncio.to_thread(teller.close)

    run(check)


def test_a_writer_with_nothing_to_store_says_that_it_lives(database: Database) -> None:
    async def check() -> None:
        bus = PostgresBus(database.dsn)
        heard = bus.listen("alphapulse_live")
        assert await anext(heard) is None
        with telling(database):
            beat = await asyncio.wait_for(anext(heard), 30)
        assert beat is not None
        assert beat.endswith(b",1,[]]")
        await heard.aclose()  # type: ignore[attr-defined]

    run(check)


def test_a_writer_whose_database_is_away_counts_no_beat_as_lost(database: Database, server_dsn: str) -> None:
    with telling(database) as (sink, _):
        with away(server_dsn, database), pytest.raises(psycopg.OperationalError):
            database.connect()
        assert sink.dropped == 0
