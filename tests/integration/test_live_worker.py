"""A whole worker on real sockets, and a client that follows what it stores."""

import asyncio
from collections.abc import Callable
from typing import Any

from live_support import Message, eventually, reading, served, track

from alphapulse_assets.streaming.shards import Shard
from alphapulse_assets.streaming.worker import run_worker
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Settings, Streams
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from alphapulse_sim.process import SimulatorProcess

BTC = {"symbol": "BTC/USDT", "venue": "binance"}


def test_a_client_follows_a_worker(database: Database) -> None:
    number = track(database, "BTC/USDT")
    database.execute("UPDATE instruments SET venue_symbol = 'BTCUSDT', active = true")

    async def check(simulator: SimulatorProcess) -> None:
        limiter = DatabaseRateLimiter(database.dsn, max_wait=5.0)
        settings = Settings(venue_url=simulator.url, streams=Streams(indicators=False))
        stop = asyncio.Event()
        async with served(database) as (address, live), reading(address) as reader:
            for channel in ("book", "trades"):
                await reader.follow(channel, **BTC)
            await reader.follow("candles", **BTC, timeframe="1m")
            await reader.follow("candles", **BTC, timeframe="1d")
            await reader.follow("status")
            worker = asyncio.create_task(
                run_worker(
                    Shard(1, 1),
                    settings=settings,
                    database=database,
                    venues=VenueClient(settings, limiter),
                    run_id="live",
                    report=lambda report: None,
                    stop=stop,
                )
            )
            try:
                await reader.until(_row_of("status", lambda row: row["state"] == "synced"))
                await reader.until(_row_of("book", lambda row: len(row["bids"]) == 20 and row["mid"] > 0))
                await reader.until(_row_of("trades", lambda row: row["trades"] >= 1))
                for timeframe in ("1m", "1d"):
                    await reader.until(
                        _row_of("candles", lambda row, name=timeframe: row["timeframe"] == name)
                    )
                books = [m for m in reader.messages if _row_of("book", lambda row: True)(m)]
                query = "SELECT count(*) AS n FROM order_book_snapshots WHERE instrument_id = %(id)s"
                stored = database.rows(query, {"id": number})[0]["n"]
                assert len(books) >= stored  # told more often than stored
                assert live.hub.gaps == 0
            finally:
                stop.set()
                await worker
                limiter.close()
            await eventually(
                lambda: any(map(_row_of("status", lambda row: row["state"] == "stopped"), reader.messages))
            )

    with SimulatorProcess(seed=5) as simulator:
        asyncio.run(check(simulator))


def _row_of(channel: str, wanted: Callable[..., bool]) -> Callable[[Message], bool]:
    def check(message: Message) -> bool:
        topic: Any = message.get("topic", "")
        if message["type"] != "update" or not topic.startswith(channel):
            return False
        return any(wanted(row) for row in message["data"] if "state" in row or channel != "status")

    return check
