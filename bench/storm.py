"""A storm of faults over live books, each book held against what the venue knows to be true.

What is between the venue's sockets and the books is what a stream run has: the same feeds, queues for
snapshots and sessions. Only the database is left out: rows go to a list. The venues are the simulator's.
"""

import asyncio
import random
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import requests

from alphapulse_assets.order_book.book.book import OrderBook
from alphapulse_assets.order_book.book.events import BookState
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.streaming.market_stream import MarketContext, MarketStream
from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.messages import Levels
from alphapulse_resources.streams.tables import ORDER_BOOK_EVENTS, Row, StreamTable
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.model import Instrument
from alphapulse_resources.venues.rate_limit import LocalRateLimiter
from alphapulse_sim.process import SimulatorProcess
from bench.storm_faults import MARKETS, FaultChooser

LONGEST_SILENCE: Final = 15.0
"""Seconds that a book may hear nothing and say that it is synced; the simulator's markets are never quiet."""

CALM: Final = 90.0
"""Seconds that books may take to be synced, at the start and after the last fault."""
LINGER: Final = 30.0
"""Seconds that the last faults are left to strike: those of a quiet stream have to wait for a message."""

_TICK_MS: Final = 100  # the simulator's: update ids of Binance and Bybit count these since 1970
_IDS: Final = 1000  # instrument ids of one market
_COMPARISON_SECONDS: Final = 0.03


@dataclass(slots=True)
class StormReport:
    """What the storm did. Times in seconds."""

    raised: Counter[str] = field(default_factory=Counter)  # faults by kind
    struck: Counter[str] = field(default_factory=Counter)  # those that hit something
    compared: Counter[str] = field(default_factory=Counter)  # books held against the truth, by market
    levels: int = 0  # of all comparisons
    wrong: list[str] = field(default_factory=list)  # books that said they were synced, and were not right
    longest_silence: float = 0.0  # of a book that said it was synced
    to_resync: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By market: from leaving `synced` until it again."""
    first_sync: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By market: from the start."""
    unsynced: list[str] = field(default_factory=list)  # long after the last fault


class Storm:
    """Books of `symbols` instruments of each market, on a running simulator. `seed` chooses the faults."""

    def __init__(self, simulator: SimulatorProcess, symbols: int, seed: int) -> None:
        self.report: Final = StormReport()
        self._simulator = simulator
        self._chance = random.Random(seed)
        self._session = requests.Session()
        self._session.trust_env = False
        self._streams: dict[str, MarketStream] = {}
        self._started = time.time()
        self._left: dict[int, float] = {}  # when an instrument's book was synced last
        self._known: set[int] = set()
        self._fresh: deque[int] = deque()  # instruments whose books say that they are synced again
        settings = Settings(venue_url=simulator.url)
        self._around = MarketContext(
            venues=VenueClient(settings, LocalRateLimiter(max_wait=5.0)),
            venue_url=simulator.url,
            put=self._put,
            alert=lambda alert: None,
            recent=lambda instrument_id, bars: [],
            on_candle=lambda instrument_id, candle: None,
            options=SessionOptions(),
            run_id="storm",
            shard="1-of-1",
        )
        self._instruments = {name: list(self._choose(name, symbols)) for name in MARKETS}
        self._places = {
            each.instrument_id: (name, each.venue_symbol)
            for name, group in self._instruments.items()
            for each in group
        }
        self._chooser = FaultChooser(self._instruments, random.Random(seed))

    async def run(self, faults: int, per_second: float) -> StormReport:
        """Raise the storm, compare all along, and wait at most `CALM` seconds for all books after it.

        Raises: whatever a part of a stream could not handle.
        """
        self._started = time.time()
        tasks = []
        for name, instruments in self._instruments.items():
            stream = self._streams[name] = MarketStream(name, self._around)
            stream.follow(instruments)
            tasks.append(asyncio.create_task(stream.run()))
        tasks.append(asyncio.create_task(self._compare_forever()))
        raising = asyncio.create_task(self._raise(faults, per_second))
        try:
            await asyncio.wait({raising, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (raising, *tasks):
                task.cancel()
            for result in await asyncio.gather(raising, *tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    raise result
        return self.report

    async def _raise(self, faults: int, per_second: float) -> None:
        await self._all_synced()
        due = time.monotonic()
        for _ in range(faults):
            specs = self._chooser.next()
            self.report.raised[specs[0]["kind"]] += 1
            for spec in specs:
                await asyncio.to_thread(self._simulator.fault, **spec)
            due += self._chance.expovariate(per_second)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        for fault in await self._struck():
            self.report.struck[fault["kind"]] += fault["hits"] > 0
        await asyncio.to_thread(self._simulator.clear)
        await self._all_synced()
        self.report.unsynced = [
            f"{name} {book.symbol} {book.state}"
            for name in self._streams
            for book in self._books(name)
            if book.state is not BookState.SYNCED
        ]

    async def _struck(self) -> list[dict[str, Any]]:
        """All faults, once each has met a message, or `LINGER` seconds later."""
        end = time.monotonic() + LINGER
        while True:
            faults: list[dict[str, Any]] = await asyncio.to_thread(self._simulator.faults)
            if all(fault["hits"] for fault in faults) or time.monotonic() > end:
                return faults
            await asyncio.sleep(0.5)

    def _choose(self, name: str, symbols: int) -> Iterator[Instrument]:
        venue, kind = MARKETS[name].venue, MARKETS[name].kind
        listed = [each for each in self._around.venues.markets(venue) if each.kind == kind and each.active]
        first_id = _IDS * list(MARKETS).index(name)
        for number, each in enumerate(listed[:symbols]):
            yield Instrument(first_id + number, venue, each.symbol, each.venue_symbol, kind)

    def _books(self, name: str) -> list[OrderBook]:
        return list(self._streams[name].session.books.values())

    async def _all_synced(self) -> None:
        end = time.monotonic() + CALM
        while time.monotonic() < end:
            if all(book.state is BookState.SYNCED for name in self._streams for book in self._books(name)):
                return
            await asyncio.sleep(0.2)

    # truth -----------------------------------------------------------------------------------------------

    async def _compare_forever(self) -> None:
        """Books that have just been synced come first, then any."""
        while True:
            if self._fresh:
                name, symbol = self._places[self._fresh.popleft()]
                books = [self._streams[name].session.books[symbol]]
            else:
                name = self._chance.choice(list(self._streams))
                books = self._books(name)
            synced = [book for book in books if book.state is BookState.SYNCED]
            if synced:
                await self._compare(name, self._chance.choice(synced))
            await asyncio.sleep(_COMPARISON_SECONDS)

    async def _compare(self, name: str, book: OrderBook) -> None:
        """One synced book, as it is now, against the truth of its last update."""
        ours = (book.bids(), book.asks())
        (low, high), state = book.horizon, book.last_id or 0
        tick = state if name != "coinbase" else (book.venue_ms or 0) // _TICK_MS
        silent = time.time() - (book.updated_at or 0.0)
        theirs = await asyncio.to_thread(self._truth, name, book.symbol, tick)
        report = self.report
        report.compared[name] += 1
        report.levels += len(ours[0]) + len(ours[1])
        report.longest_silence = max(report.longest_silence, silent)
        if silent > LONGEST_SILENCE:
            report.wrong.append(f"{name} {book.symbol} has heard nothing for {silent:.1f} s")
        for side, own, true in zip(("bid", "ask"), ours, theirs, strict=True):
            known = [level for level in true if low <= level[0] <= high]
            if name.startswith("bybit"):
                known = known[: len(own)]
            if [level for level in own if low <= level[0] <= high] != known:
                report.wrong.append(f"{name} {book.symbol} {side} at {state}, tick {tick}")

    def _truth(self, name: str, symbol: str, tick: int) -> tuple[Levels, Levels]:
        query = {"host": MARKETS[name].host, "symbol": symbol, "update_id": str(tick)}
        if name.startswith("bybit"):
            query["category"] = name.removeprefix("bybit.")
        answer = self._session.get(f"{self._simulator.url}/_sim/truth", params=query, timeout=60)
        answer.raise_for_status()
        found = answer.json()
        bids, asks = ([(float(p), float(s)) for p, s in found[side]] for side in ("bids", "asks"))
        return bids, asks

    def _put(self, table: StreamTable, row: Row) -> None:
        """Rows are not kept: of events, how long a book was not synced."""
        if table is not ORDER_BOOK_EVENTS:
            return
        instrument_id, ts, before, after = row[:4]
        name, at = list(MARKETS)[instrument_id // _IDS], ts.timestamp()
        if before == BookState.SYNCED and after != BookState.SYNCED:
            self._left[instrument_id] = at
        elif after == BookState.SYNCED and before != BookState.SYNCED:
            self._fresh.append(instrument_id)
            if instrument_id in self._left:
                self.report.to_resync[name].append(at - self._left.pop(instrument_id))
            elif instrument_id not in self._known:
                self._known.add(instrument_id)
                self.report.first_sync[name].append(at - self._started)
