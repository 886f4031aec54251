"""Telling what streams store: what it costs the stream, how long it takes to a client, what clients cost.

The stream is a worker's live path on a flood (50 symbols, ten messages of ten levels a second each), once
without telling and once with every book watched and followed by one client over `alphapulse_api`'s /ws, in
rounds one after the other. A state counts from when its message was read from the socket until the client
has its JSON; a candle from when it was put. API and clients are processes of their own, on the same machine.

Then one API process alone: 200 clients of 20 channels (ten symbols, candles and books), told ten books and
ten forming candles four times a second, beside them clients that never read.
"""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import enumerate as living_threads
from threading import main_thread
from typing import Any, Final

import numpy as np
import psutil
import uvicorn
import websockets
from fastapi import FastAPI

from alphapulse_api.broadcasting.endpoint import SERVER_OPTIONS, mount
from alphapulse_api.broadcasting.live import Live
from alphapulse_assets.order_book.book.levels import warm_up
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings.sections import Broadcast
from alphapulse_resources.streams.announcing import Announcer, announcer_of
from alphapulse_resources.streams.feeds import LIVE_BOOKS
from alphapulse_resources.streams.sinks import DatabaseSink
from alphapulse_resources.streams.tables import CANDLES, FORMING_CANDLES, Row
from bench.figures import Bar, Demand, Figure
from bench.flood import flood, flood_symbols
from bench.flooded import all_synced, flooded_stream, until
from bench.measure import BenchmarkError
from bench.servers import Server
from tests.databases import fresh_database

SYMBOLS: Final = 50
RATE: Final = 10.0
SECONDS: Final = 10.0
ROUNDS: Final = 3
CLIENTS: Final = 200
FOLLOWED: Final = 10  # symbols; of each the book and the candles: 20 channels
STALLED: Final = 5
TIMES_A_SECOND: Final = 4
_ENOUGH: Final = 60.0


@dataclass(slots=True)
class Round:
    """One run of the stream."""

    processor: float = 0.0  # microseconds of loop, writers and their helper, a message of the venue
    books: list[float] = field(default_factory=list)  # ms
    candles: list[float] = field(default_factory=list)


def run(server: Server) -> list[Figure]:
    """Cost of telling, latencies, and many clients on one core."""
    warm_up()
    silent, told = [], []
    for _ in range(ROUNDS):
        silent.append(_stream(server, tells=False))
        told.append(_stream(server, tells=True))
    cost = tuple(each.processor for each in told)
    baseline = tuple(each.processor for each in silent)
    share = tuple(100 * (ours / theirs - 1) for ours, theirs in zip(cost, baseline, strict=True))
    books = np.percentile([ms for each in told for ms in each.books], [50, 99]).tolist()
    candles = np.percentile([ms for each in told for ms in each.candles], [50, 99]).tolist()
    name = f"{server.name}: telling, {SYMBOLS} symbols"
    return [
        Figure(f"{name}: processor of the stream, a message", "us", cost, "without telling", baseline),
        Figure(f"{name}: added to the stream", "%", share, bar=Bar(Demand.OURS_AT_MOST, 5)),
        Figure(f"{name}: book to client, p50", "ms", (books[0],)),
        Figure(f"{name}: book to client, p99", "ms", (books[1],), bar=Bar(Demand.OURS_AT_MOST, 250)),
        Figure(f"{name}: candle to client, p50", "ms", (candles[0],)),
        Figure(f"{name}: candle to client, p99", "ms", (candles[1],), bar=Bar(Demand.OURS_AT_MOST, 1_200)),
        *_many(server),
    ]


# the stream -------------------------------------------------------------------------------------------


def _stream(server: Server, *, tells: bool) -> Round:
    with fresh_database(server.dsn) as dsn, flood(SYMBOLS, rate=RATE) as url:
        database = Database(dsn)
        _track(database, SYMBOLS)
        announcer = announcer_of(Broadcast(), database, "1-of-1") if tells else None
        sink = DatabaseSink(database, run_id="flood", shard="1-of-1", announcer=announcer)
        sink.start()
        try:
            if announcer is None:
                return asyncio.run(_measure(url, sink, None))
            with _serving(dsn) as (address, _), _following(address, 1, SYMBOLS) as following:
                measured = asyncio.run(_measure(url, sink, announcer))
                measured.books, measured.candles, _ = following()
            if not measured.books or not measured.candles:
                raise BenchmarkError("the client was told nothing: the figures mean nothing")
            return measured
        finally:
            sink.close(_ENOUGH)
            database.close()


async def _measure(url: str, sink: DatabaseSink, announcer: Announcer | None) -> Round:
    watched = announcer.watched if announcer else None
    stream = flooded_stream(url, flood_symbols(SYMBOLS), sink.put, SessionOptions(), watched)
    running = asyncio.create_task(stream.run())
    try:
        await until(lambda: all_synced(stream), _ENOUGH)
        if announcer is not None:
            await until(lambda: all(map(announcer.watched, range(1, SYMBOLS + 1))), _ENOUGH)
        await asyncio.sleep(2.0)
        before, messages = _processor_seconds(), stream.session.totals().messages
        minute = datetime.now(UTC).replace(second=0, microsecond=0)
        for number in range(int(SECONDS)):
            for instrument in range(1, SYMBOLS + 1):
                sink.put(CANDLES, _candle(instrument, minute - timedelta(minutes=10 - number), closed=True))
            await asyncio.sleep(1.0)
        messages = stream.session.totals().messages - messages
        return Round(1e6 * (_processor_seconds() - before) / messages)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _processor_seconds() -> float:
    """Of the loop, the writers, and whoever looks up what is watched."""
    ids = {main_thread().native_id}
    ids |= {t.native_id for t in living_threads() if t.name.startswith(("stream writer", "broadcast"))}
    return float(sum(t.user_time + t.system_time for t in psutil.Process().threads() if t.id in ids))


# many clients -----------------------------------------------------------------------------------------


def _many(server: Server) -> list[Figure]:
    """One API process with clients that read, then beside some that never do."""
    with fresh_database(server.dsn) as dsn:
        database = Database(dsn)
        _track(database, FOLLOWED)
        quiet, calm = _crowd(database, dsn, stalled=0)
        crowded, disturbed = _crowd(database, dsn, stalled=STALLED)
        database.close()
    name = f"{server.name}: {CLIENTS} clients x {2 * FOLLOWED} channels"
    least = CLIENTS * 2 * FOLLOWED * SECONDS * 0.5
    if min(quiet[1], crowded[1]) < least:
        raise BenchmarkError(f"only {quiet[1]} and {crowded[1]} messages came: the figures mean nothing")
    return [
        Figure(f"{name}: processor of the API", "s/s", (quiet[0],), bar=Bar(Demand.OURS_AT_MOST, 1.0)),
        Figure(f"{name}: messages", "1/s", (quiet[1] / SECONDS,)),
        Figure(f"{name}: to client, p99", "ms", (calm[1],), bar=Bar(Demand.OURS_AT_MOST, 250)),
        Figure(
            f"{name}, {STALLED} that never read: p99 of the others",
            "ms",
            (disturbed[1],),
            "without them",
            (calm[1],),
            bar=Bar(Demand.OURS_AT_MOST, 250),
        ),
        Figure(f"{name}, {STALLED} that never read: processor", "s/s", (crowded[0],), "without", (quiet[0],)),
    ]


def _crowd(database: Database, dsn: str, stalled: int) -> tuple[tuple[float, int], list[float]]:
    """Processor seconds of the API a second, messages; latencies p50 and p99 in ms."""
    announcer = announcer_of(Broadcast(), database, "1-of-1")
    sink = DatabaseSink(database, run_id="crowd", shard="1-of-1", announcer=announcer)
    sink.start()
    held: list[socket.socket] = []
    try:
        with _serving(dsn) as (address, pid):
            held += [_never_reads(address) for _ in range(stalled)]
            with _following(address, CLIENTS, FOLLOWED) as following:
                process = psutil.Process(pid)
                before, began = sum(process.cpu_times()[:2]), time.monotonic()
                while time.monotonic() - began < SECONDS:
                    for instrument in range(1, FOLLOWED + 1):
                        sink.put(LIVE_BOOKS, _book(instrument))
                        sink.put(FORMING_CANDLES, _candle(instrument, datetime.now(UTC), closed=False))
                    time.sleep(1 / TIMES_A_SECOND)
                spent = (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - began)
                books, candles, messages = following()
        return (spent, messages), np.percentile(books + candles, [50, 99]).tolist()
    finally:
        for each in held:
            each.close()
        sink.close(_ENOUGH)


def _never_reads(address: str) -> socket.socket:
    """A client that subscribes to everything and reads nothing more, with a small buffer."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    raw.connect(("127.0.0.1", int(address.split(":")[-1].split("/")[0])))

    async def subscribe() -> None:
        connection = await websockets.connect(
            address, sock=raw, compression=None, max_queue=1, ping_interval=None
        )
        for asked in _subscriptions(FOLLOWED):
            await connection.send(json.dumps(asked))
        connection.transport.pause_reading()

    kept = raw.dup()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(subscribe())
    return kept


# processes ------------------------------------------------------------------------------------------


@contextmanager
def _serving(dsn: str) -> Iterator[tuple[str, int]]:
    """An API process: its address and process id."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, dsn), daemon=True)
    process.start()
    try:
        yield ours.recv(), process.pid or 0
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection, dsn: str) -> None:
    database = Database(dsn)

    async def main() -> None:
        app = FastAPI()
        mount(app, Live(database, Broadcast(), database))
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on", **SERVER_OPTIONS))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        pipe.send(f"ws://127.0.0.1:{listening.getsockname()[1]}/ws")
        await task

    asyncio.run(main())


@contextmanager
def _following(address: str, clients: int, symbols: int) -> Iterator[Any]:
    """Clients in a process of their own; what is yielded ends them and gives latencies and messages."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_follow, args=(theirs, address, clients, symbols), daemon=True)
    process.start()
    try:
        if not ours.poll(_ENOUGH) or ours.recv() != "ready":
            raise BenchmarkError("the clients got no snapshots")

        def end() -> Any:
            ours.send("end")
            return ours.recv()

        yield end
    finally:
        process.terminate()
        process.join()


def _follow(pipe: Connection, address: str, clients: int, symbols: int) -> None:
    books: list[float] = []
    candles: list[float] = []
    messages = 0

    async def client(number: int, ready: asyncio.Semaphore) -> None:
        nonlocal messages
        async with websockets.connect(address, compression=None, max_size=None) as connection:
            for asked in _subscriptions(symbols):
                await connection.send(json.dumps(asked))
            snapshots = 0
            async for text in connection:
                if text.startswith('{"type":"update"'):
                    messages += 1
                    if number % 20 == 0:  # the others only read
                        _note(json.loads(text), books, candles)
                elif text.startswith('{"type":"snapshot"'):
                    snapshots += 1
                    if snapshots == 2 * symbols:
                        ready.release()
                elif '"heartbeat"' in text:
                    await connection.send('{"op":"heartbeat"}')

    async def main() -> None:
        nonlocal messages
        ready = asyncio.Semaphore(0)
        tasks = [asyncio.create_task(client(number, ready)) for number in range(clients)]
        for _ in range(clients):
            await ready.acquire()
        pipe.send("ready")
        messages = 0
        await asyncio.to_thread(pipe.recv)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        pipe.send((books, candles, messages))

    asyncio.run(main())


def _note(message: dict[str, Any], books: list[float], candles: list[float]) -> None:
    now = time.time()
    for row in message["data"]:
        into = books if message["topic"].startswith("book") else candles
        into.append((now - datetime.fromisoformat(row["received_at"]).timestamp()) * 1e3)


def _subscriptions(symbols: int) -> list[dict[str, Any]]:
    asked = []
    for number, name in enumerate(flood_symbols(symbols)):
        of = {"op": "subscribe", "venue": "binance", "symbol": f"{name[:-4]}/USDT"}
        asked.append({**of, "id": 2 * number, "channel": "book"})
        asked.append({**of, "id": 2 * number + 1, "channel": "candles", "timeframe": "1m"})
    return asked


def _track(database: Database, symbols: int) -> None:
    for name in flood_symbols(symbols):  # their numbers are 1, 2, ... in a fresh database
        database.rows("SELECT track_symbol('binance', %(symbol)s)", {"symbol": f"{name[:-4]}/USDT"})


def _candle(instrument: int, ts: datetime, *, closed: bool) -> Row:
    now = datetime.now(UTC)
    head = (instrument, ts.replace(second=0, microsecond=0), 1.0, 2.0, 0.5, 1.0 + now.microsecond / 1e7)
    values = (*head, 1.0, 1.0, 5, 0.5)
    return (*values, 4, now) if closed else (*values, now)


def _book(instrument: int) -> Row:
    now = datetime.now(UTC)
    sides = [[(1.0 + side * level / 1e4, 123.456) for level in range(20)] for side in (-1, 1)]
    return (instrument, now, now.microsecond, now, "synced", 1.0, 2.0, 0.1, *sides)
