"""A websocket of a simulated venue, whatever it speaks: hears requests, tells what is due, keeps alive.

What a venue says is in `binance_streams.py`, `bybit_streams.py`, `coinbase_streams.py`, `kraken_streams.py`.
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, Protocol

from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler

from alphapulse_sim.book import TICK_MS
from alphapulse_sim.stream_faults import ConnectionEnded, FaultyLine, Frame
from alphapulse_sim.stream_source import StreamSource

PING_SECONDS: Final = 20.0  # Binance: "every 20 seconds"
PONG_SECONDS: Final = 60.0  # Binance: disconnects without a pong "within a minute"
_STEPS: Final = 10  # ticks told one by one when late; more are told as one
_LONGEST_PAUSE: Final = 0.1
_SHORTEST_PAUSE: Final = 0.002


class VenueError(Exception):
    """The venue closes the connection over what the client did, with its reason."""


class Dialect(Protocol):
    """What one connection of a venue has been asked for, and its words for it."""

    def open(self, tick: int) -> Iterable[Frame]:
        """What is said right after the connection was made."""

    def hear(self, text: str, tick: int) -> Iterable[Frame]:
        """The answer to a client's message; raises `VenueError` where the venue hangs up."""

    def due(self, tick: int) -> Iterable[Frame]:
        """What is to be told at `tick`, of everything since the last time it was asked."""


DialectFactory = Callable[[web.Request, StreamSource, FaultyLine], Dialect]


class Connection:
    """One client's websocket."""

    def __init__(
        self, socket: web.WebSocketResponse, line: FaultyLine, dialect: Dialect, source: StreamSource
    ):
        self._socket = socket
        self._line = line
        self._dialect = dialect
        self._source = source
        self._order = asyncio.Lock()  # frames leave in the order in which they were numbered
        self._heard = asyncio.get_running_loop().time()

    async def run(self) -> None:
        """Serve until either side ends it."""
        tellers = [asyncio.create_task(self._tell()), asyncio.create_task(self._ping())]
        try:
            await self._listen()
        except (ConnectionEnded, ConnectionError):
            pass  # cut by a fault, or by the client
        finally:
            for teller in tellers:
                teller.cancel()
            await asyncio.gather(*tellers, return_exceptions=True)

    async def _listen(self) -> None:
        async for message in self._socket:
            self._heard = asyncio.get_running_loop().time()
            if message.type is WSMsgType.PING:
                await self._line.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                try:
                    await self._send(partial(self._hear, message.data))
                except VenueError as error:
                    await self._socket.close(code=1008, message=str(error).encode())
                    return

    def _hear(self, text: str) -> Iterable[Frame]:
        return self._dialect.hear(text, self._source.tick)

    async def _send(self, frames: Callable[[], Iterable[Frame]]) -> None:
        async with self._order:
            for frame in frames():
                await self._line.send(frame)

    async def _tell(self) -> None:
        """Tell each tick as the clock reaches it."""
        try:
            told = self._source.tick
            await self._send(partial(self._dialect.open, told))
            while not self._socket.closed:
                tick = self._source.tick
                first = told + 1 if tick - told <= _STEPS else tick
                for step in range(first, tick + 1):
                    await self._send(partial(self._dialect.due, step))
                told = tick
                await asyncio.sleep(self._pause())
        except (ConnectionEnded, ConnectionError):
            return

    def _pause(self) -> float:
        """Seconds until the clock reaches the next tick."""
        clock = self._source.sim.clock
        if clock.rate <= 0:
            return _LONGEST_PAUSE
        left = (TICK_MS - clock.now_ms() % TICK_MS) / 1000 / clock.rate
        return min(max(left, _SHORTEST_PAUSE), _LONGEST_PAUSE)

    async def _ping(self) -> None:
        """Ping the client as venues do, and hang up on one that has gone."""
        try:
            while not self._socket.closed:
                await asyncio.sleep(PING_SECONDS)
                if asyncio.get_running_loop().time() - self._heard > PONG_SECONDS:
                    await self._socket.close(code=1008, message=b"Pong timeout")
                    return
                await self._socket.ping(str(self._source.sim.clock.now_ms()).encode())
        except ConnectionError:
            return


def stream_handler(host: str, source: StreamSource, dialect: DialectFactory) -> Handler:
    """The handler of a stream's address."""

    async def serve(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=False, compress=False)
        await socket.prepare(request)
        line = FaultyLine(socket, request, host, source.sim.faults)
        await Connection(socket, line, dialect(request, source, line), source).run()
        return socket

    return serve
