"""The platform's definitions with a small worker in place of the real one: it writes what tests look for.

Loaded by a code server as a code location; tests read it only for its names.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from alphapulse_assets.definitions import build_defs
from alphapulse_assets.streaming.job import RunWorker, StreamWorkerResource
from alphapulse_assets.streaming.report import StreamReport
from alphapulse_assets.streaming.shards import Shard
from alphapulse_resources.database.client import Database, statement

EVENT = """
INSERT INTO order_book_events (instrument_id, ts, state_before, state_after, cause, run_id)
VALUES (%(id)s, %(ts)s, %(before)s, %(after)s, %(cause)s, %(run)s)
"""
FIGURES = """
INSERT INTO stream_latency (run_id, dataset, ts, shard, rows, dropped, received_p50_ms, received_p99_ms,
    queryable_p50_ms, queryable_p99_ms, queryable_max_ms)
SELECT %(run)s, dataset, clock_timestamp(), %(shard)s, 3, 0, 1, 2, 3, 4, 5
FROM unnest(ARRAY['order_book_events', 'ohlcv_1m', 'forming_candles']) AS dataset
"""
FAILS = "binance:FAIL/USDT"


async def follow(
    shard: Shard, database: Database, run_id: str, report: Callable[[StreamReport], None], stop: asyncio.Event
) -> None:
    """Books that are synced as soon as they are tracked; closes them when it is told to stop."""
    followed: dict[int, str] = {}

    def event(instrument_id: int, before: str, after: str, cause: str) -> None:
        row = {"id": instrument_id, "before": before, "after": after, "cause": cause, "run": run_id}
        database.execute(EVENT, {**row, "ts": datetime.now(UTC)})

    messages = 0
    while not stop.is_set():
        for row in database.rows(statement("streams/tracked")):
            if row["instrument_id"] not in followed and shard.carries(row["venue"], row["symbol"]):
                followed[row["instrument_id"]] = f"{row['venue']}:{row['symbol']}"
                event(row["instrument_id"], "none", "synced", "started")
        messages += 10
        count = len(followed)
        report(StreamReport(frozenset(followed.values()), books=count, synced=count, messages=messages))
        if FAILS in followed.values():
            raise RuntimeError("the worker cannot go on")
        try:
            await asyncio.wait_for(stop.wait(), 0.2)
        except TimeoutError:
            continue
    await asyncio.sleep(0.5)  # what it still has to write takes a moment
    database.execute(FIGURES, {"run": run_id, "shard": shard.name})
    for instrument_id in followed:
        event(instrument_id, "synced", "stopped", "stopped")


class SmallWorker(StreamWorkerResource):
    """The small worker."""

    def get(self) -> RunWorker:
        def run_worker(shard: Shard, **arguments: Any) -> Awaitable[None]:
            names = ("database", "run_id", "report", "stop")
            return follow(shard, **{name: arguments[name] for name in names})

        return run_worker


defs = build_defs({"stream_worker": SmallWorker()})
