"""Candles from the sockets equal those of REST, and where the sockets fail REST completes them."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from venue_support import COINBASE, LINEAR, NOW, SPOT, USDM

from alphapulse_assets.candles.closing import CandleCloser, ClosedCandle
from alphapulse_assets.streaming.fill_in import CandleFillIn
from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.messages import Candle, SequenceMark, Trade
from alphapulse_resources.streams.venues import ADAPTERS
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.model import Instrument
from alphapulse_resources.venues.rate_limit import LocalRateLimiter
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures",)

MINUTE = timedelta(minutes=1)
START = NOW.replace(second=45)  # the simulator's clock when the sockets open
END = NOW.replace(second=0) + 4 * MINUTE
RATE = 20.0  # simulated seconds in one
LATENCY = 0.05
SECONDS = 60.0  # the longest it may take, on a slow machine
NAMES = ("ts", "open", "high", "low", "close", "volume", "quote_volume", "trades", "taker_buy_volume")


@dataclass(frozen=True)
class Case:
    instrument: Instrument
    url: str
    hello: dict[str, Any] | None = None

    @property
    def from_trades(self) -> bool:
        return self.instrument is COINBASE


CASES = (
    Case(SPOT, "stream.binance.com:9443/stream?streams=btcusdt@kline_1m"),
    Case(USDM, "fstream.binance.com/market/stream?streams=btcusdt@kline_1m"),
    Case(
        LINEAR,
        "stream.bybit.com/v5/public/linear",
        {"op": "subscribe", "args": ["kline.1.BTCUSDT"]},
    ),
    Case(
        COINBASE,
        "advanced-trade-ws.coinbase.com",
        {"type": "subscribe", "channel": "market_trades", "product_ids": ["BTC-USD"]},
    ),
)


@dataclass
class Live:
    """What is known of one symbol from its socket."""

    closer: CandleCloser
    closed: dict[datetime, ClosedCandle] = field(default_factory=dict)
    at: float = 0.0  # receipt, by a clock that is the simulator's and a latency

    def hear(self, message: object) -> None:
        made: list[ClosedCandle] = []
        if isinstance(message, Candle | Trade | SequenceMark):
            self.at = max(self.at, message.venue_ms / 1000 + LATENCY)
        if isinstance(message, Candle):
            made = self.closer.on_candle(message, self.at)
        elif isinstance(message, Trade):
            made = self.closer.on_trade(message, self.at)
        elif isinstance(message, SequenceMark):
            made = self.closer.on_time(self.at, heard_ms=message.venue_ms)
        self.closed |= {candle.ts: candle for candle in made}


async def follow(simulator: SimulatorProcess, case: Case) -> Live:
    """Listen until the venue's clock is some seconds past END."""
    live = Live(CandleCloser(case.instrument.venue_symbol, from_trades=case.from_trades))
    live.closer.begin(START.timestamp())
    adapter, until = ADAPTERS[case.instrument.venue], END.timestamp() + 5
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{simulator.url}/{case.url}") as socket,
    ):
        if case.hello:
            await socket.send_json(case.hello)
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                async for frame in socket:
                    for message in adapter.decode(frame.data.encode()):
                        live.hear(message)
                    if live.at >= until:
                        break
    return live


def follow_all(simulator: SimulatorProcess) -> list[Live]:
    async def run() -> list[Live]:
        return await asyncio.gather(*(follow(simulator, case) for case in CASES))

    simulator.set_clock(START, RATE)
    lives = asyncio.run(run())
    simulator.set_clock(END + timedelta(seconds=20))
    return lives


@pytest.fixture
def client(simulator: SimulatorProcess, tmp_path: Path) -> VenueClient:
    settings = Settings.model_validate({"venue_url": simulator.url, "home": tmp_path})
    return VenueClient(settings, LocalRateLimiter(max_wait=0.2))


def rest(client: VenueClient, instrument: Instrument, start: datetime) -> list[tuple[Any, ...]]:
    """What the batch will have of `[start, END)`."""
    pages = client.candles(instrument, start, END, sources=["rest"], now=END + timedelta(seconds=20))
    return [row for page in pages for row in page.candles.select(NAMES).rows()]


def rows(candles: dict[datetime, ClosedCandle]) -> list[tuple[Any, ...]]:
    return [tuple(getattr(candle, name) for name in NAMES) for _, candle in sorted(candles.items())]


def test_what_the_sockets_tell_is_what_rest_will_have(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("ws_duplicate", host="stream.binance.com:9443")
    simulator.fault("ws_reorder", path="market_trades", times=3, skip=20)
    lives = follow_all(simulator)
    assert all(fault["hits"] for fault in simulator.faults())
    for case, live in zip(CASES, lives, strict=True):
        first = START.replace(second=0) + (MINUTE if case.from_trades else timedelta(0))
        assert rows(live.closed) == rest(client, case.instrument, first), case
        absent = set(live.closer.overdue(END.timestamp() + 3)) - {START.replace(second=0)}
        assert absent.isdisjoint(row[0] for row in rest(client, case.instrument, first)), case
        assert len(live.closed) >= 3, case


def test_what_the_sockets_did_not_tell_comes_from_rest(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("ws_stall", path="kline", seconds=80 / RATE, times=3)
    lives = follow_all(simulator)
    stored: dict[int, dict[datetime, tuple[Any, ...]]] = {}
    fill_in = CandleFillIn(
        client,
        lambda table, row: stored.setdefault(row[0], {}).update({row[1]: row[1:10]}),
        now=lambda: END + timedelta(seconds=20),
        chance=random.Random(1),
    )

    async def run() -> None:
        running = asyncio.create_task(fill_in.run())
        for case, live in zip(CASES, lives, strict=True):
            fill_in.ask(case.instrument, live.closer.overdue(END.timestamp() + 3))
        async with asyncio.timeout(SECONDS):
            while fill_in.waiting:
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    for case, live in zip(CASES, lives, strict=True):
        filled = stored[case.instrument.instrument_id]
        assert filled.keys().isdisjoint(live.closed), case
        told = {row[0]: row for row in rows(live.closed)}
        whole = [row for _, row in sorted((told | filled).items())]
        assert whole == rest(client, case.instrument, START.replace(second=0)), case
