"""Bursts: is every message of a flood either applied or counted, and is each book right again after it?

One symbol is told as fast as the venue can for ten seconds, then fifty symbols ten times a second for a
minute.
"""

import asyncio
from typing import Final

import psutil

from alphapulse_assets.order_book.book.levels import warm_up
from alphapulse_assets.streaming.market_stream import MarketStream
from alphapulse_resources.streams.tables import Row, StreamTable
from bench.figures import Bar, Demand, Figure
from bench.flood import flood, flood_symbols
from bench.flooded import accounted, ask, calm, following, wrong_books
from bench.measure import BenchmarkError

SYMBOLS: Final = 50
RATE: Final = 10.0
"""Messages a second of each symbol."""
STEADY_SECONDS: Final = 60.0
FLOODED_SECONDS: Final = 10.0

_NONE: Final = Bar(Demand.OURS_AT_MOST, 0)


def run() -> list[Figure]:
    """Messages, and those of which nobody knows what became of them."""
    warm_up()
    figures = []
    for story in (_one_symbol, _all_symbols):
        with flood(SYMBOLS, rate=RATE) as url:  # each from the first message on
            figures += asyncio.run(story(url))
    return figures


async def _one_symbol(url: str) -> list[Figure]:
    flooded = flood_symbols(1)[0]
    async with following(url, _forget, 1) as stream:
        await ask(url, "burst", "POST", symbol=flooded, seconds=FLOODED_SECONDS)
        return await _figures(f"one symbol flooded for {FLOODED_SECONDS:g} s", url, stream)


async def _all_symbols(url: str) -> list[Figure]:
    async with following(url, _forget, SYMBOLS) as stream:
        await asyncio.sleep(STEADY_SECONDS)
        figures = await _figures(f"{SYMBOLS} symbols for {STEADY_SECONDS:g} s", url, stream)
        applied = sum(book.counts.applied for book in stream.session.books.values())
        if applied < 0.9 * SYMBOLS * RATE * STEADY_SECONDS:
            raise BenchmarkError(f"only {applied} messages were applied: the flood told too few")
        return figures


async def _figures(name: str, url: str, stream: MarketStream) -> list[Figure]:
    told = await calm(url, stream)
    sent = sum(told[symbol] for symbol in stream.session.books)
    wrong = await wrong_books(url, stream, told)
    return [
        Figure(f"burst, {name}: messages told", "messages", (sent,)),
        Figure(f"burst, {name}: let go and counted", "messages", (stream.feed.dropped,)),
        Figure(f"burst, {name}: unaccounted for", "messages", (abs(sent - accounted(stream)),), bar=_NONE),
        Figure(f"burst, {name}: wrong books after it", "books", (len(wrong),), bar=_NONE),
        Figure(f"burst, {name}: memory after it", "MB", (psutil.Process().memory_info().rss / 1e6,)),
    ]


def _forget(table: StreamTable, row: Row) -> None:
    """Rows go nowhere: what is measured ends at the book."""
