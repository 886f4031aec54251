"""A venue that tells as much as one likes: Binance's spot depth and REST books, in a process of its own.

Messages are made beforehand and told in turn, so that the venue costs little; their ids, and the books that
follow from them, are exact. The simulator is richer, and too slow for thousands of messages a second.
"""

import asyncio
import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final, NamedTuple

from aiohttp import WSMsgType, web

from alphapulse_resources.streams.messages import Levels

POOL: Final = 512
"""Different messages; each symbol tells all of them in turn, and then again."""
DEPTH: Final = 500
"""Levels per side of a book before the first message."""

_MID: Final = 10_000  # ticks; no message moves a level across it
_TICK: Final = 0.0001
_NEAR: Final = 3  # ticks around it that are never empty
_START_SECONDS: Final = 20.0
_STEP_SECONDS: Final = 0.004
_AT_ONCE: Final = 100  # messages of a burst between two looks at anything else


class _Change(NamedTuple):
    """The part of a message that is made beforehand: its text, and what it says of either side."""

    text: str
    bids: Levels
    asks: Levels


def flood_symbols(count: int) -> list[str]:
    """The symbols of a flood: F000USDT and so on."""
    return [f"F{number:03}USDT" for number in range(count)]


class FloodMarket:
    """What the venue tells of each symbol: message `n` (from 1) of a symbol has update id `n`."""

    def __init__(self, symbols: Sequence[str], levels: int) -> None:
        chance = random.Random(levels)
        self.told: Final = dict.fromkeys(symbols, 0)
        self._offset = {symbol: 37 * number % POOL for number, symbol in enumerate(symbols)}
        self._pool = [_change(chance, levels) for _ in range(POOL)]
        self._start = {
            side: [(_price(side * (1 + i)), _size(chance)) for i in range(DEPTH)] for side in (-1, 1)
        }

    def next(self, symbol: str) -> str:
        """The next message of a symbol."""
        number = self.told[symbol] = self.told[symbol] + 1
        change = self._pool[(self._offset[symbol] + number) % POOL]
        head = f'{{"stream":"{symbol.lower()}@depth@100ms","data":{{"e":"depthUpdate","E":{_now_ms()}'
        return f'{head},"s":"{symbol}","U":{number},"u":{number},{change.text}}}}}'

    def book(self, symbol: str, number: int) -> tuple[Levels, Levels]:
        """Bids and asks after message `number`, best first."""
        bids, asks = dict(self._start[-1]), dict(self._start[1])
        for n in range(max(number - POOL, 0) + 1, number + 1):  # a whole pool says all that it can say
            change = self._pool[(self._offset[symbol] + n) % POOL]
            bids.update(change.bids)
            asks.update(change.asks)
        return (
            sorted(((p, s) for p, s in bids.items() if s), reverse=True),
            sorted((p, s) for p, s in asks.items() if s),
        )


@dataclass(slots=True)
class _Client:
    """One websocket and what it has subscribed to."""

    socket: web.WebSocketResponse
    symbols: set[str] = field(default_factory=set)


class FloodVenue:
    """The handlers. `rate`: messages a second of each symbol."""

    def __init__(self, market: FloodMarket, rate: float) -> None:
        self._market = market
        self._rate = rate
        self._clients: list[_Client] = []
        self._bursting = ""  # the symbol that is told as fast as it goes

    def app(self) -> web.Application:
        """The venue as an application."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/stream.binance.com:9443/stream", self.stream),
                web.get("/api.binance.com/api/v3/depth", self.depth),
                web.get("/api.binance.com/api/v3/klines", self.klines),
                web.get("/_flood/told", self.told),
                web.get("/_flood/book", self.book),
                web.post("/_flood/burst", self.burst),
                web.post("/_flood/rate", self.set_rate),
            ]
        )
        return app

    async def stream(self, request: web.Request) -> web.WebSocketResponse:
        """A websocket: streams of depth are told, others acknowledged."""
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        client = _Client(socket)
        self._clients.append(client)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await socket.send_str(self._heard(client, json.loads(message.data)))
        finally:
            self._clients.remove(client)
        return socket

    def _heard(self, client: _Client, asked: dict[str, Any]) -> str:
        names = [name.partition("@") for name in asked.get("params", [])]
        symbols = {symbol.upper() for symbol, _, channel in names if channel.startswith("depth")}
        if asked["method"] == "SUBSCRIBE":
            client.symbols |= symbols & self._market.told.keys()
        elif asked["method"] == "UNSUBSCRIBE":
            client.symbols -= symbols
        return json.dumps({"result": None, "id": asked["id"]})

    async def depth(self, request: web.Request) -> web.Response:
        """The REST book of now."""
        symbol, limit = request.query["symbol"], int(request.query["limit"])
        number = self._market.told[symbol]
        bids, asks = self._market.book(symbol, number)
        sides = {"bids": _texts(bids[:limit]), "asks": _texts(asks[:limit])}
        return web.json_response({"lastUpdateId": number, **sides})

    async def klines(self, request: web.Request) -> web.Response:
        """There are no candles."""
        return web.json_response([])

    async def told(self, request: web.Request) -> web.Response:
        """The number of the last message of each symbol."""
        return web.json_response(self._market.told)

    async def book(self, request: web.Request) -> web.Response:
        """The book of `symbol` after message `number`."""
        return web.json_response(self._market.book(request.query["symbol"], int(request.query["number"])))

    async def burst(self, request: web.Request) -> web.Response:
        """Tell `symbol` as fast as it goes for `seconds`; answered at the end."""
        self._bursting = symbol = request.query["symbol"]
        end = time.monotonic() + float(request.query["seconds"])
        try:
            while time.monotonic() < end:
                for _ in range(_AT_ONCE):
                    await self._tell(symbol)
                await asyncio.sleep(0)
        finally:
            self._bursting = ""
        return web.json_response(self._market.told)

    async def set_rate(self, request: web.Request) -> web.Response:
        """From now on `rate` messages a second of each symbol; 0: none."""
        self._rate = float(request.query["rate"])
        return web.json_response(self._market.told)

    async def run(self) -> None:
        """Tell all symbols evenly, for ever."""
        symbols, credit, looked = list(self._market.told), 0.0, time.monotonic()
        place = 0
        while True:
            now = time.monotonic()
            credit, looked = credit + (now - looked) * self._rate * len(symbols), now
            while credit >= 1.0:
                credit -= 1.0
                symbol, place = symbols[place], (place + 1) % len(symbols)
                if symbol != self._bursting:
                    await self._tell(symbol)
            await asyncio.sleep(_STEP_SECONDS)

    async def _tell(self, symbol: str) -> None:
        """One message of a symbol, to everybody who wants it; none is made if nobody does."""
        hearers = [
            client for client in self._clients if symbol in client.symbols and not client.socket.closed
        ]
        if not hearers:
            return
        text = self._market.next(symbol)
        for client in hearers:
            try:
                await client.socket.send_str(text)
            except ConnectionError:
                client.symbols.clear()  # it is gone, and will be taken off the list by its own handler


@contextmanager
def flood(symbols: int, *, rate: float, levels: int = 10) -> Iterator[str]:
    """The venue in a process of its own, as a venue_url; ended with the block."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, symbols, rate, levels), daemon=True)
    process.start()
    try:
        if not ours.poll(_START_SECONDS):
            raise RuntimeError(f"the flood did not listen within {_START_SECONDS:.0f} s")
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection, symbols: int, rate: float, levels: int) -> None:
    """The process: tells its address and serves until it is ended."""

    async def serve() -> None:
        venue = FloodVenue(FloodMarket(flood_symbols(symbols), levels), rate)
        runner = web.AppRunner(venue.app(), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        pipe.send(f"http://{host}:{port}")
        telling = asyncio.create_task(venue.run())
        asyncio.get_running_loop().add_reader(pipe.fileno(), telling.cancel)  # whoever wanted it has gone
        with suppress(asyncio.CancelledError):
            await telling

    asyncio.run(serve())


def _change(chance: random.Random, levels: int) -> _Change:
    n_bids = chance.randint(0, levels)
    bids = [_level(chance, -1) for _ in range(n_bids)]
    asks = [_level(chance, 1) for _ in range(levels - n_bids)]
    sides = json.dumps({"b": _texts(bids), "a": _texts(asks)}, separators=(",", ":"))
    return _Change(sides[1:-1], bids, asks)


def _level(chance: random.Random, side: int) -> tuple[float, float]:
    distance = 1 + min(int(chance.expovariate(0.02)), DEPTH - 1)
    kept = distance < _NEAR or chance.random() < 0.7
    return _price(side * distance), _size(chance) if kept else 0.0


def _price(distance: int) -> float:
    return round((_MID + distance) * _TICK, 8)


def _size(chance: random.Random) -> float:
    return round(chance.uniform(1, 10_000), 8)


def _texts(levels: Levels) -> list[list[str]]:
    return [[f"{price:.8f}", f"{size:.8f}"] for price, size in levels]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
