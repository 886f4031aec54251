"""A burst on a venue's socket must not make ccxt.pro's client deaf, with the versions that are installed.

ccxt empties aiohttp's receive buffer by hand. aiohttp 3.14.4 and 3.14.5 count 128 bytes more per message than
ccxt 4.5.64 gave back (4.5.90 does): after some 2,500 messages reading paused for good, without an error.
"""

import asyncio
import contextlib
import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import ccxt.pro
import pytest
from aiohttp import WSMsgType, web

MESSAGES = 8_000  # the deaf versions stop below 3,000
PATIENCE_SECONDS = 4.0  # ends a deaf client; a hearing one needs about one

SYMBOLS = [f"S{number:02d}USDT" for number in range(50)]


def market(symbol: str) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "status": "TRADING",
        "baseAsset": symbol.removesuffix("USDT"),
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "contractType": "PERPETUAL",
        "deliveryDate": 4_133_404_800_000,
    }


def trade(symbol: str, number: int) -> str:
    head = f'{{"e":"trade","E":{number},"T":{number},"s":"{symbol}","t":{number}'
    return head + ',"p":"10000.5","q":"0.1","X":"MARKET","m":true}'


async def exchange_info(_: web.Request) -> web.Response:
    return web.json_response({"symbols": [market(symbol) for symbol in SYMBOLS]})


async def flood(request: web.Request) -> web.WebSocketResponse:
    """After a SUBSCRIBE, MESSAGES trades over the subscribed symbols as fast as the socket takes them."""
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    async for message in socket:
        if message.type != WSMsgType.TEXT:
            break
        command = json.loads(message.data)
        await socket.send_str(json.dumps({"result": None, "id": command["id"]}))
        names = [stream.split("@")[0].upper() for stream in command["params"]]
        for number in range(MESSAGES):
            await socket.send_str(trade(names[number % len(names)], number))
    return socket


async def serve(port: list[int], ready: threading.Event, stop: threading.Event) -> None:
    app = web.Application()
    app.router.add_get("/fapi.binance.com/fapi/v1/exchangeInfo", exchange_info)
    app.router.add_get("/fstream.binance.com/{rest:.*}", flood)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port.append(runner.addresses[0][1])
    ready.set()
    await asyncio.to_thread(stop.wait)
    await runner.cleanup()


@pytest.fixture(scope="module")
def flood_port() -> Iterator[int]:
    port: list[int] = []
    ready, stop = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve(port, ready, stop)))
    thread.start()
    assert ready.wait(10)
    yield port[0]
    stop.set()
    thread.join(10)


def to_loopback(urls: Any, port: int) -> Any:
    if isinstance(urls, dict):
        return {name: to_loopback(url, port) for name, url in urls.items()}
    if not isinstance(urls, str):
        return urls
    return re.sub(r"^(http|ws)s?://", lambda scheme: f"{scheme[1]}://127.0.0.1:{port}/", urls)


async def count_heard(port: int, symbols: int) -> int:
    """How many of MESSAGES trades the client handles before it falls silent or has them all."""
    exchange = ccxt.pro.binanceusdm({"enableRateLimit": False})
    exchange.urls["api"] = to_loopback(exchange.urls["api"], port)
    heard, all_heard = 0, asyncio.Event()
    handle = exchange.handle_trade

    def count(client: Any, message: Any) -> Any:
        nonlocal heard
        heard += 1
        if heard == MESSAGES:
            all_heard.set()
        return handle(client, message)

    async def watch(names: list[str]) -> None:
        while True:
            await exchange.watch_trades_for_symbols(names)

    exchange.handle_trade = count
    try:
        await exchange.load_markets()
        watching = asyncio.ensure_future(watch(exchange.symbols[:symbols]))
        waiting = asyncio.ensure_future(all_heard.wait())
        await asyncio.wait({watching, waiting}, timeout=PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in (watching, waiting):
            task.cancel()
        await asyncio.gather(watching, waiting, return_exceptions=True)
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(exchange.close(), 1)
    return heard


@pytest.mark.parametrize("symbols", [1, len(SYMBOLS)], ids=["one symbol", "many symbols"])
def test_a_burst_is_heard_to_its_end(flood_port: int, symbols: int) -> None:
    assert asyncio.run(count_heard(flood_port, symbols)) == MESSAGES
