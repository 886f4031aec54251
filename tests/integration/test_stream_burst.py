"""Floods: whatever is told too fast for us is counted, and the books are right again after it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import psutil
import pytest
import requests
from stream_feed_support import until

from alphapulse_assets.live.market_stream import MarketStream
from alphapulse_assets.order_book.book import OrderBook
from alphapulse_assets.order_book.desk_options import DeskOptions
from alphapulse_assets.order_book.levels import warm_up
from alphapulse_resources.streams.tables import Row, StreamTable
from bench.flood import flood, flood_symbols
from bench.flooded import all_synced, flooded_stream

SYMBOLS = 50
MOST_BYTES = 400e6
"""More than is ever queued: 5,000 frames a connection, and buffers of 10,000 diffs."""


@pytest.fixture
def venue() -> Iterator[str]:
    warm_up()
    with flood(SYMBOLS, rate=10) as url:
        yield url


class Rows:
    """Counts the rows of each table."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def put(self, table: StreamTable, row: Row) -> None:
        self.counts[table.name] = self.counts.get(table.name, 0) + 1


async def ask(url: str, what: str, method: str = "GET", **query: object) -> object:
    def send() -> object:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"{url}/_flood/{what}", params=query, timeout=30)
            answer.raise_for_status()
            return answer.json()

    return await asyncio.to_thread(send)


@asynccontextmanager
async def following(url: str, rows: Rows, count: int) -> AsyncIterator[MarketStream]:
    stream = flooded_stream(url, flood_symbols(count), rows.put, DeskOptions(snapshot_seconds=0.0))
    running = asyncio.create_task(stream.run())
    try:
        await until(lambda: all_synced(stream), 40)
        yield stream
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def accounted(book: OrderBook) -> int:
    """Messages of which a book can say what became of them."""
    return book.counts.applied + book.counts.old + book.counts.unusable


async def calm(url: str, stream: MarketStream) -> dict[str, int]:
    """Have the venue fall silent, and wait until all is handed over and every book proven; what was told."""
    await ask(url, "rate", "POST", rate=0)
    told = await ask(url, "told")
    assert isinstance(told, dict)
    await until(lambda: not any(each.queued for each in stream.feed.status()))
    if not all_synced(stream):  # a book is synced from a snapshot, and goes on with the next message
        await ask(url, "rate", "POST", rate=5)
        await until(lambda: all_synced(stream), 40)
        return await calm(url, stream)
    books = stream.desk.keeper.books
    await until(lambda: all(book.last_id == told[symbol] for symbol, book in books.items()))
    return told


async def check_books(url: str, stream: MarketStream, told: dict[str, int]) -> None:
    """Every book is the venue's, level by level."""
    for symbol, book in stream.desk.keeper.books.items():
        theirs = await ask(url, "book", symbol=symbol, number=told[symbol])
        assert [book.bids(), book.asks()] == [[tuple(level) for level in side] for side in theirs]


def check_counts(stream: MarketStream, told: dict[str, int]) -> None:
    """Each message was taken by its book or let go before it, and counted either way."""
    books = stream.desk.keeper.books
    assert sum(map(accounted, books.values())) + stream.feed.dropped == sum(told[each] for each in books)
    assert stream.desk.malformed == 0
    assert stream.desk.keeper.untracked == 0


def test_each_message_of_a_flooded_symbol_is_applied_or_counted_and_its_book_is_right_again(
    venue: str,
) -> None:
    rows = Rows()

    async def story() -> None:
        async with following(venue, rows, 3) as stream:
            resident = psutil.Process().memory_info().rss
            bursting = asyncio.create_task(ask(venue, "burst", "POST", symbol="F001USDT", seconds=5))
            grown = 0
            while not bursting.done():
                await asyncio.sleep(0.1)
                assert all(each.queued <= 5000 for each in stream.feed.status())
                grown = max(grown, psutil.Process().memory_info().rss - resident)
            await bursting
            told = await calm(venue, stream)
            assert told["F001USDT"] > 5_000  # a flood: a hundred times what is usual
            assert grown < MOST_BYTES
            check_counts(stream, told)
            await check_books(venue, stream, told)

    asyncio.run(story())


def test_each_message_of_fifty_symbols_is_applied_and_none_is_lost(venue: str) -> None:
    rows = Rows()

    async def story() -> None:
        async with following(venue, rows, SYMBOLS) as stream:
            resident = psutil.Process().memory_info().rss
            books = stream.desk.keeper.books
            applied = sum(book.counts.applied for book in books.values())
            await asyncio.sleep(15)
            told = await calm(venue, stream)
            assert psutil.Process().memory_info().rss - resident < MOST_BYTES
            assert sum(book.counts.applied for book in books.values()) - applied > 5_000
            assert stream.feed.dropped == 0
            assert {book.counts.gaps for book in books.values()} == {0}
            assert rows.counts["order_book_snapshots"] >= 0.99 * sum(b.counts.applied for b in books.values())
            check_counts(stream, told)
            await check_books(venue, stream, told)

    asyncio.run(story())
