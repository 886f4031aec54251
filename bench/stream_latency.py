"""From the socket to a row that can be queried: every message of 50 and 200 symbols becomes a row.

Each symbol tells ten messages of ten levels a second, and each becomes a row of `order_book_snapshots`
(`stream_snapshot_seconds=0`), with whales, zones and alerts as in a stream run: feed, session, writer are a
worker's. A row counts from when its message was read from the socket until somebody else can see it: a second
process asks for new rows some hundred times a second, so its figures are above the truth by up to its pause.
Beside them is what the writer itself notes at its commits.

`ALPHAPULSE_LATENCY_MINUTES` makes it longer, and tells how memory grows.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import enumerate as living_threads
from threading import main_thread
from typing import Any, Final

import numpy as np
import psutil
import psycopg

from alphapulse_assets.order_book.book.levels import warm_up
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.streaming.market_stream import MarketStream
from alphapulse_resources.database.client import Database
from alphapulse_resources.streams.writer import StreamWriter, WriterOptions
from bench.figures import Bar, Demand, Figure
from bench.flood import flood, flood_symbols
from bench.flooded import all_synced, flooded_stream
from bench.measure import BenchmarkError, Cost, Meter
from bench.servers import Server
from tests.databases import fresh_database

MINUTES: Final = "ALPHAPULSE_LATENCY_MINUTES"

SYMBOLS: Final = (50, 200)
RATE: Final = 10.0
"""Messages a second of each symbol."""
SHORT_MINUTES: Final = 0.5
LONG_MINUTES: Final = 3.0
"""From this length on the growth of memory is told: before it is that of the first minutes."""

_BAR: Final = Bar(Demand.OURS_AT_MOST, 100)
_PROBED: Final = 10  # symbols whose rows the second process looks for
_PROBE_SECONDS: Final = 0.005
_REPORT_SECONDS: Final = 5.0
_SYNC_SECONDS: Final = 60.0
_CALM_SECONDS: Final = 5.0  # between the start and the measurement


@dataclass(slots=True)
class Measured:
    """What one run gave. Latencies in milliseconds, memory in bytes."""

    seconds: float = 0.0
    probed: list[float] = field(default_factory=list)
    own: list[dict[str, Any]] = field(default_factory=list)  # rows of stream_latency
    rows: int = 0
    dropped: int = 0  # frames and rows
    memory: list[tuple[float, int]] = field(default_factory=list)  # (seconds, bytes)
    threads: dict[str, float] = field(default_factory=dict)  # processor seconds by thread
    cost: Cost | None = None


def run(server: Server) -> list[Figure]:
    """Latencies, processor time and memory on one server."""
    warm_up()
    minutes = float(os.environ.get(MINUTES, SHORT_MINUTES))
    return [figure for symbols in SYMBOLS for figure in _figures(server, symbols, 60.0 * minutes)]


def measure(server: Server, symbols: int, seconds: float) -> Measured:
    """Stream for so long, after all books are synced. `BenchmarkError` if rows are missing."""
    measured = Measured(seconds)
    with fresh_database(server.dsn) as dsn, flood(symbols, rate=RATE) as url:
        database = Database(dsn)
        options = WriterOptions(latency_seconds=_REPORT_SECONDS)
        writer = StreamWriter(database, run_id="flood", shard="1-of-1", options=options, lane="books")
        writer.start()
        try:
            asyncio.run(_stream(url, dsn, writer, symbols, measured))
            writer.close(_SYNC_SECONDS)
            measured.own = database.rows(
                "SELECT rows, queryable_p50_ms, queryable_p99_ms FROM stream_latency"
                " WHERE dataset = 'order_book_snapshots' ORDER BY ts"
            )[2:-1]  # without the start and the end
            measured.dropped += sum(writer.counts.dropped.values())
        finally:
            writer.close(0.0)
            database.close()
    return measured


async def _stream(url: str, dsn: str, writer: StreamWriter, symbols: int, measured: Measured) -> None:
    stream = flooded_stream(url, flood_symbols(symbols), writer.put, SessionOptions(snapshot_seconds=0.0))
    running = asyncio.create_task(stream.run())
    try:
        async with asyncio.timeout(_SYNC_SECONDS):
            while not all_synced(stream):
                await asyncio.sleep(0.1)
        await asyncio.sleep(_CALM_SECONDS)
        await _watch(dsn, stream, writer, measured)
        measured.dropped = stream.feed.dropped
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _watch(dsn: str, stream: MarketStream, writer: StreamWriter, measured: Measured) -> None:
    """Let the stream run, with everything measured."""
    seconds = measured.seconds
    watching = asyncio.create_task(_watch_memory(measured.memory))
    written, threads = writer.counts.written["order_book_snapshots"], _thread_seconds()
    messages, began = stream.session.totals().messages, time.monotonic()
    cost, measured.probed = await asyncio.gather(
        asyncio.to_thread(Meter(dsn).cost, lambda: time.sleep(seconds)),
        asyncio.to_thread(_probe, dsn, seconds),
    )
    measured.seconds, measured.cost = time.monotonic() - began, cost
    measured.threads = {name: spent - threads.get(name, 0.0) for name, spent in _thread_seconds().items()}
    messages = stream.session.totals().messages - messages
    measured.rows = writer.counts.written["order_book_snapshots"] - written
    watching.cancel()
    if abs(messages - measured.rows) > 0.05 * messages + 500:
        raise BenchmarkError(f"{messages} messages gave {measured.rows} rows: the latencies mean nothing")


async def _watch_memory(memory: list[tuple[float, int]]) -> None:
    process, began = psutil.Process(), time.monotonic()
    while True:
        memory.append((time.monotonic() - began, process.memory_info().rss))
        await asyncio.sleep(1.0)


def _thread_seconds() -> dict[str, float]:
    """Processor seconds of the loop and of the writer so far."""
    names = {main_thread().native_id: "loop"}
    names |= {t.native_id: "writer" for t in living_threads() if t.name.startswith("stream writer")}
    threads = psutil.Process().threads()
    return {names[t.id]: t.user_time + t.system_time for t in threads if t.id in names}


# the second process -----------------------------------------------------------------------------------


def _probe(dsn: str, seconds: float) -> list[float]:
    """Milliseconds from the socket until seen, of every row of some symbols; blocks for `seconds`."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_look, args=(theirs, dsn, seconds), daemon=True)
    process.start()
    try:
        if not ours.poll(seconds + _SYNC_SECONDS):
            raise BenchmarkError("the second process gave no figures")
        return list(ours.recv())
    finally:
        process.terminate()
        process.join()


def _look(pipe: Connection, dsn: str, seconds: float) -> None:
    query = (
        "SELECT instrument_id, update_id, extract(epoch FROM received_at)::float8 FROM order_book_snapshots"
        " WHERE instrument_id = ANY(%s) AND ts > now() - INTERVAL '2 seconds'"
    )
    latencies: list[float] = []
    # a table that is new has no statistics: it would be read as a whole
    with psycopg.connect(dsn, autocommit=True, options="-c enable_seqscan=off") as connection:
        probed = list(range(1, _PROBED + 1))
        known = {row[:2] for row in connection.execute(query, [probed]).fetchall()}
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = connection.execute(query, [probed]).fetchall()
            now = time.time()
            latencies += [(now - received) * 1e3 for *key, received in found if tuple(key) not in known]
            known.update((instrument, update) for instrument, update, _ in found)
            time.sleep(_PROBE_SECONDS)
    pipe.send(latencies)


# figures ----------------------------------------------------------------------------------------------


def _figures(server: Server, symbols: int, seconds: float) -> list[Figure]:
    measured = measure(server, symbols, seconds)
    watched = measured.seconds  # a little longer than asked for
    name = f"{server.name}: socket to row, {symbols} symbols"
    bar = _BAR if symbols == min(SYMBOLS) else None
    p50, p99, most = np.percentile(measured.probed, [50, 99, 100]).tolist()
    figures = [
        Figure(f"{name}, p50, seen by others", "ms", (p50,)),
        Figure(f"{name}, p99, seen by others", "ms", (p99,), bar=bar),
        Figure(f"{name}, longest, seen by others", "ms", (most,)),
        Figure(f"{name}, p50 at commit, each 5 s", "ms", _own(measured, "queryable_p50_ms")),
        Figure(f"{name}, p99 at commit, each 5 s", "ms", _own(measured, "queryable_p99_ms"), bar=bar),
        Figure(f"{name}, rows", "rows/s", (measured.rows / watched,)),
        Figure(f"{name}, dropped", "frames, rows", (measured.dropped,), bar=Bar(Demand.OURS_AT_MOST, 0)),
    ]
    for thread, spent in sorted(measured.threads.items()):
        figures.append(Figure(f"{name}, processor: {thread}", "% of a core", (100 * spent / watched,)))
    if measured.cost is not None and measured.cost.server is not None:
        figures.append(
            Figure(f"{name}, processor: database", "% of a core", (100 * measured.cost.server / seconds,))
        )
    return [*figures, *_memory(name, measured.memory, seconds)]


def _own(measured: Measured, column: str) -> tuple[float, ...]:
    return tuple(row[column] for row in measured.own) or (float("nan"),)


def _memory(name: str, memory: Sequence[tuple[float, int]], seconds: float) -> list[Figure]:
    """The highest, and from the second fifth on what is added in an hour."""
    figures = [Figure(f"{name}, memory at most", "MB", (max(size for _, size in memory) / 1e6,))]
    if seconds < 60.0 * LONG_MINUTES:
        return figures
    at, size = np.array(memory[len(memory) // 5 :]).T
    slope = float(np.polyfit(at, size, 1)[0]) * 3600 / 1e6
    return [*figures, Figure(f"{name}, memory growth", "MB/hour", (slope,))]
