"""Timeframes in a stream run: what a minute brought is in all of them seconds later."""

import asyncio
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest
from candle_frames import candles

from alphapulse_assets.streaming.timeframes import keep_timeframes
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import REFRESH_LOCK, Database
from alphapulse_resources.database.locks import only_one
from alphapulse_resources.frames import AGGREGATED

START = datetime(2024, 1, 1, tzinfo=UTC)


def store_hour(database: Database) -> None:
    store = CandleStore(database)
    key = store.register("binance", "BTC/USDT")
    with database.transaction() as connection:
        store.write(connection, key, candles(START, 60), source="stream", received_at=datetime.now(UTC))


def bars(database: Database) -> dict[str, int]:
    """Bars of each timeframe that are in its relation."""
    return {
        name: int(database.rows(f"SELECT count(*) AS n FROM ohlcv_{name}")[0]["n"]) for name in AGGREGATED
    }


async def until_nothing_is_dirty(database: Database) -> None:
    manager = asyncio.create_task(keep_timeframes(database, after=(time.time() + 1.0) % 60.0))
    try:
        for _ in range(200):
            await asyncio.sleep(0.1)
            dirty: list[dict[str, Any]] = database.rows("SELECT count(*) AS n FROM ohlcv_dirty")
            if not dirty[0]["n"]:
                return
        raise AssertionError("candles did not reach every timeframe within 20 s")
    finally:
        manager.cancel()


def test_candles_reach_every_timeframe_without_a_run(database: Database) -> None:
    store_hour(database)
    asyncio.run(until_nothing_is_dirty(database))
    assert bars(database) == {"5m": 12, "15m": 4, "1h": 1, "4h": 1, "1d": 1, "1w": 1}


@pytest.mark.parametrize("held", [False, True])
def test_nobody_waits_for_another_that_refreshes(database: Database, held: bool) -> None:
    store_hour(database)
    with only_one(database.dsn, REFRESH_LOCK, wait=True) if held else nullcontext():
        assert database.refresh_timeframes(wait=False) is not held
    assert bool(database.rows("SELECT FROM ohlcv_dirty")) is held
