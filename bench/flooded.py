"""The live path on a flood: the market's stream as a worker holds it, with no limit on asking for books.

And what became of everything that the venue told: `calm`, `accounted` and `wrong_books`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

import requests

from alphapulse_assets.order_book.book.book import OrderBook
from alphapulse_assets.order_book.book.events import BookState
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.streaming.market_stream import MarketContext, MarketStream
from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.tables import Put
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.model import Instrument
from bench.flood import flood_symbols

_SYNC_SECONDS: Final = 40.0
_SHARE: Final = 20.0  # of the venue's limit: the flood has none, and nobody wants to wait for its books


class Unlimited:
    """A rate limiter that lets everything through."""

    def acquire(self, bucket: str, weight: float) -> float:
        """At once."""
        return 0.0

    def penalize(self, bucket: str, until: datetime, reason: str) -> None:
        """Nothing is held back."""


def flooded_stream(
    url: str,
    symbols: Collection[str],
    put: Put,
    options: SessionOptions,
    watched: Callable[[int], bool] | None = None,
) -> MarketStream:
    """Follows `symbols` of the flood at `url`, instruments 1, 2, ..., rows to `put`. Wants a running loop."""
    around = MarketContext(
        venues=VenueClient(Settings(venue_url=url), Unlimited()),
        venue_url=url,
        put=put,
        alert=lambda alert: None,
        recent=lambda instrument_id, bars: [],
        on_candle=lambda instrument_id, candle: None,
        options=options,
        run_id="flood",
        shard="1-of-1",
        share=_SHARE,
        watched=watched,
    )
    stream = MarketStream("binance", around)
    stream.follow(
        Instrument(number, "binance", f"{symbol[:-4]}/USDT", symbol, "spot")
        for number, symbol in enumerate(symbols, 1)
    )
    return stream


def all_synced(stream: MarketStream) -> bool:
    """Whether every book of the stream is proven."""
    books = stream.session.books.values()
    return all(book.state is BookState.SYNCED for book in books)


@asynccontextmanager
async def following(url: str, put: Put, count: int) -> AsyncIterator[MarketStream]:
    """Follows the first `count` symbols of the flood at `url`, every book proven, a row for each message."""
    stream = flooded_stream(url, flood_symbols(count), put, SessionOptions(snapshot_seconds=0.0))
    running = asyncio.create_task(stream.run())
    try:
        await until(lambda: all_synced(stream), _SYNC_SECONDS)
        yield stream
        if running.done():
            raise RuntimeError("the stream ended") from running.exception()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until it holds. Raises `TimeoutError` when it does not within `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def ask(url: str, what: str, method: str = "GET", **query: str | float) -> Any:
    """What the flood answers."""

    def send() -> Any:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"{url}/_flood/{what}", params=query, timeout=90)
            answer.raise_for_status()
            return answer.json()

    return await asyncio.to_thread(send)


async def calm(url: str, stream: MarketStream) -> dict[str, int]:
    """Have the venue fall silent, and wait until all is handed over and every book proven.

    Returns how many messages were told of each symbol.
    """
    while True:
        await ask(url, "rate", "POST", rate=0)
        told: dict[str, int] = await ask(url, "told")
        await until(lambda: not any(each.queued for each in stream.feed.status()))
        if all_synced(stream):
            break
        # a book is synced from a snapshot, and goes on with the next message
        await ask(url, "rate", "POST", rate=5)
        await until(lambda: all_synced(stream), _SYNC_SECONDS)
    books = stream.session.books
    await until(lambda: all(book.last_id == told[symbol] for symbol, book in books.items()))
    return told


def accounted(stream: MarketStream) -> int:
    """Messages of which is known what became of them: each taken by its book, or let go and counted."""
    return stream.feed.dropped + sum(map(_taken, stream.session.books.values()))


def _taken(book: OrderBook) -> int:
    return book.counts.applied + book.counts.old + book.counts.unusable


async def wrong_books(url: str, stream: MarketStream, told: dict[str, int]) -> list[str]:
    """Symbols whose book is not the venue's, level by level."""
    wrong = []
    for symbol, book in stream.session.books.items():
        theirs = await ask(url, "book", symbol=symbol, number=told[symbol])
        if [book.bids(), book.asks()] != [[tuple(level) for level in side] for side in theirs]:
            wrong.append(symbol)
    return wrong
