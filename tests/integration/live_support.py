"""What tests of live data share: an API on a real socket, clients that read it, and rows told by a writer."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
import websockets
from candle_frames import register
from fastapi import FastAPI

from alphapulse_api.broadcasting.endpoint import SERVER_OPTIONS, Door, mount
from alphapulse_api.broadcasting.live import Live
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings.sections import Broadcast
from alphapulse_resources.streams.announcing import Announcer, announcer_of
from alphapulse_resources.streams.sinks import DatabaseSink

ENOUGH = 30.0
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
Message = dict[str, Any]


@asynccontextmanager
async def served(
    database: Database,
    *,
    owner: Database | None = None,
    door: Door | None = None,
    port: int = 0,
    **settings: Any,
) -> AsyncIterator[tuple[str, Live]]:
    """What an API process serves, on a port of its own: the address of /ws, and what is behind it."""
    live = Live(database, Broadcast(**settings), owner or database)
    app = FastAPI()
    mount(app, live, door)
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        config = uvicorn.Config(app, log_level="error", lifespan="on", **SERVER_OPTIONS)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            while not server.started:
                await asyncio.sleep(0.01)
            yield f"ws://127.0.0.1:{listening.getsockname()[1]}/ws", live
        finally:
            server.should_exit = True
            await asyncio.wait_for(task, ENOUGH)


class Reader:
    """A client that keeps all it was told, checks that no number is missing, and answers heartbeats."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self.connection = connection
        self.messages: list[Message] = []
        self._seqs: dict[str, int] = {}
        self._came = asyncio.Event()
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in self.connection:
                message = json.loads(text)
                if message["type"] == "snapshot":
                    self._seqs[message["topic"]] = message["seq"]
                elif message["type"] == "update":
                    assert message["seq"] == self._seqs[message["topic"]] + 1, message
                    self._seqs[message["topic"]] += 1
                elif message["type"] == "heartbeat":
                    assert message["messages"] == len(self.messages), message
                    await self.connection.send('{"op":"heartbeat"}')
                self.messages.append(message)
                self._came.set()
        self._came.set()

    async def send(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def follow(self, channel: str, **wanted: Any) -> Message:
        """Subscribe; its snapshot."""
        before = len(self.messages)
        await self.send(op="subscribe", id=before, channel=channel, **wanted)
        return await self.until(lambda m: m["type"] in ("snapshot", "error") and m.get("id") == before)

    async def until(self, wanted: Callable[[Message], bool], after: int = 0) -> Message:
        """The first message that is wanted, from the `after`th on."""
        async with asyncio.timeout(ENOUGH):
            while True:
                self._came.clear()
                for message in self.messages[after:]:
                    if wanted(message):
                        return message
                if self._task.done():
                    self._task.result()
                    raise AssertionError(
                        f"closed: {self.connection.close_code} {self.connection.close_reason}"
                    )
                await self._came.wait()

    def rows(self, kind: str = "update") -> list[Message]:
        """All rows of these messages."""
        return [row for message in self.messages if message["type"] == kind for row in message["data"]]

    async def close(self) -> None:
        await self.connection.close()
        await self._task


@asynccontextmanager
async def reading(address: str, **options: Any) -> AsyncIterator[Reader]:
    """A client of this address."""
    connection = await websockets.connect(address, compression=None, **options)
    reader = Reader(connection)
    try:
        await reader.until(lambda m: m["type"] == "welcome")
        yield reader
    finally:
        await reader.close()


@contextmanager
def telling(database: Database, **settings: Any) -> Iterator[tuple[DatabaseSink, Announcer]]:
    """The writers of a stream run, which tell what they store."""
    announcer = announcer_of(Broadcast(**settings), database, "1-of-1")
    assert announcer is not None
    sink = DatabaseSink(database, run_id="run", shard="1-of-1", announcer=announcer)
    sink.start()
    try:
        yield sink, announcer
    finally:
        sink.close(ENOUGH)


async def eventually(condition: Callable[[], Any] | Callable[[], Awaitable[Any]], what: str = "") -> Any:
    """Wait until it holds."""
    async with asyncio.timeout(ENOUGH):
        while not (result := condition()):
            await asyncio.sleep(0.02)
        return result


def track(database: Database, symbol: str, venue: str = "binance") -> int:
    """A tracked instrument; its number."""
    (number,) = register(database, [symbol], venue)
    database.execute("UPDATE instruments SET tracked = true WHERE instrument_id = %(id)s", {"id": number})
    return number


def candle(instrument_id: int, minute: int, close: float = 1.0, *, forming: bool = False) -> tuple[Any, ...]:
    """A row of CANDLES, or of FORMING_CANDLES: `minute` minutes after this one began."""
    ts = NOW + timedelta(minutes=minute)
    values = (instrument_id, ts, 1.0, max(close, 1.0), min(close, 1.0), close, 2.0, 2.0, 3, 1.0)
    return (*values, NOW) if forming else (*values, 4, NOW)
