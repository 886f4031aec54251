"""Live data from a stream's writers to WebSocket clients, over a real database and a real socket."""

import asyncio

import pytest
from live_support import candle, reading, served, telling, track

from alphapulse_resources.database.client import Database
from alphapulse_resources.streams.tables import CANDLES, FORMING_CANDLES


@pytest.fixture
def btc(database: Database) -> int:
    """A tracked instrument."""
    return track(database, "BTC/USDT")


def test_a_closed_candle_reaches_a_client_that_follows_it(database: Database, btc: int) -> None:
    async def check() -> None:
        async with served(database) as (address, _), reading(address) as reader:
            with telling(database) as (sink, _):
                sink.put(CANDLES, candle(btc, 0, 5.0))
                sink.writers[0].flushed()
                snapshot = await reader.follow("candles", symbol="BTC/USDT", venue="binance", timeframe="1m")
                assert snapshot["topic"] == "candles:binance:BTC/USDT:1m"
                assert [row["close"] for row in snapshot["data"]] == [5.0]
                sink.put(FORMING_CANDLES, candle(btc, 1, 6.0, forming=True))
                forming = await reader.until(lambda m: m["type"] == "update")
                assert (forming["data"][0]["close"], forming["data"][0]["closed"]) == (6.0, False)
                sink.put(CANDLES, candle(btc, 1, 7.0))
                closed = await reader.until(lambda m: m["type"] == "update" and m["data"][0]["closed"])
                assert closed["data"][0]["close"] == 7.0

    asyncio.run(check())
