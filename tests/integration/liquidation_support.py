"""What tests of liquidations share: a market's streams on a real socket, its rows stored, and the truth."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from candle_frames import register

from alphapulse_assets.alerts.model import Alert
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.streaming.market_stream import MarketContext, MarketStream
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.sinks import DatabaseSink
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.model import Instrument
from alphapulse_resources.venues.rate_limit import LocalRateLimiter
from alphapulse_sim.binance_liquidations import told_of
from alphapulse_sim.instruments import Catalogue, Listing
from alphapulse_sim.liquidations import liquidations
from alphapulse_sim.market import Market
from alphapulse_sim.process import SimulatorProcess

SECONDS = 60.0
"""The longest that anything is waited for, on a slow machine."""
SEED = 11
BASES = ("BTC", "ETH", "SOL", "XRP", "DOGE", "ADA")

Told = tuple[datetime, str, int, int]
"""Time, side of the position, price in ticks, size in lots."""


@dataclass
class Listening:
    """One market's streams; everything goes into the database."""

    market: str
    database: Database
    sim: SimulatorProcess
    home: Path
    run_id: str = "run"
    alerts: list[Alert] = field(default_factory=list)
    options: SessionOptions = field(default_factory=SessionOptions)
    contracts: dict[str, float | None] = field(default_factory=lambda: dict.fromkeys(BASES, 1.0))  # by base
    stream: MarketStream = field(init=False)

    def __post_init__(self) -> None:
        self.venue = self.market.partition(".")[0]
        inverse = self.venue == "binancecoinm"
        self.symbol, self.name = ("{0}USD_PERP", "{0}/USD:{0}") if inverse else ("{0}USDT", "{0}/USDT:USDT")
        names = [self.name.format(base) for base in self.contracts]
        self.ids = dict(zip(self.contracts, register(self.database, names, self.venue), strict=True))
        self.sink = DatabaseSink(self.database, run_id=self.run_id, shard="1-of-1")

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Listening"]:
        """Streams until the block ends; everything is stored then."""
        settings = Settings.model_validate({"venue_url": self.sim.url, "home": self.home})
        around = MarketContext(
            venues=VenueClient(settings, LocalRateLimiter(max_wait=5.0)),
            venue_url=self.sim.url,
            put=self.sink.put,
            alert=self.alerts.append,
            recent=lambda instrument_id, bars: [],
            on_candle=lambda instrument_id, candle: None,
            options=self.options,
            run_id=self.run_id,
            shard="1-of-1",
        )
        self.sink.start()
        self.stream = MarketStream(self.market, around)
        self.stream.follow(
            Instrument(
                self.ids[base],
                self.venue,
                self.name.format(base),
                self.symbol.format(base),
                "perpetual",
                contract_size=contract,
            )
            for base, contract in self.contracts.items()
        )
        task = asyncio.create_task(self.stream.run())
        try:
            yield self
            assert not task.done()
        finally:
            self.stream.stop(time.time())
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await asyncio.to_thread(self.sink.close, 30.0)

    def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        return self.database.rows(query, parameters)

    def stored(self, base: str) -> list[dict[str, Any]]:
        """Its liquidations, oldest first."""
        query = "SELECT * FROM liquidation_orders WHERE instrument_id = %(id)s ORDER BY ts, price"
        return self.rows(query, id=self.ids[base])

    def stretches(self, base: str) -> list[dict[str, Any]]:
        query = "SELECT * FROM liquidation_listening WHERE instrument_id = %(id)s ORDER BY ts"
        return self.rows(query, id=self.ids[base])

    def listing(self, base: str) -> Listing:
        found = Catalogue().find(self.venue, "perpetual", self.symbol.format(base))
        assert found is not None
        return found

    def told(self, base: str) -> list[Told]:
        """What is stored, in ticks and lots."""
        listing = self.listing(base)
        return sorted(
            (
                row["ts"],
                row["position_side"],
                round(row["price"] / listing.tick),
                round(row["size"] / listing.lot),
            )
            for row in self.stored(base)
        )

    def span(self, bases: Iterable[str]) -> tuple[datetime, datetime]:
        """The whole seconds of which all must be stored: since the latest stretch began, until the newest."""
        start = max(self.stretches(base)[-1]["ts"] for base in bases) + timedelta(seconds=1)
        newest = max((row["ts"] for base in bases for row in self.stored(base)), default=start)
        start, end = start.replace(microsecond=0), newest.replace(microsecond=0)
        return start, max(start, end)

    def compared(self, bases: Iterable[str]) -> int:
        """How many are stored of that span; 0 while not all are listened to."""
        if not all(self.stretches(base) for base in bases):
            return 0
        span = self.span(bases)
        return sum(len(within(self.told(base), *span)) for base in bases)

    def truth(self, base: str, start: datetime, end: datetime) -> list[Told]:
        """What the venue has to tell of the whole seconds from `start` to `end`."""
        listing, market = self.listing(base), Market(SEED)
        found: list[Told] = []
        for second in range(int(start.timestamp()), int(end.timestamp())):
            all_of_it = liquidations(market, listing, second * 1000, second * 1000 + 1000)
            one = told_of(listing, all_of_it)
            told = all_of_it if self.venue == "bybit" else [one] if one is not None else []
            found += [
                (
                    datetime.fromtimestamp(each.ts / 1000, start.tzinfo),
                    "long" if each.closes_long else "short",
                    each.price,
                    each.size,
                )
                for each in told
            ]
        return sorted(found)


async def until(what: str, ready: Callable[[], Any]) -> None:
    """Wait for a condition, asked in a thread."""
    started = time.monotonic()
    while not await asyncio.to_thread(ready):
        if time.monotonic() - started > SECONDS:
            raise AssertionError(f"{what} did not come within {SECONDS:.0f} s")
        await asyncio.sleep(0.1)


def within(told: Iterable[Told], start: datetime, end: datetime) -> list[Told]:
    """Those of a stretch."""
    return [each for each in told if start <= each[0] < end]
