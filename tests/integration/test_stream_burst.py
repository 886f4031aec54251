"""Floods: whatever is told too fast for us is counted, and the books are right again after it.

The minute-long ones are `python -m bench burst`.
"""

import asyncio
from collections.abc import Iterator

import psutil
import pytest

from alphapulse_assets.order_book.book.levels import warm_up
from alphapulse_assets.streaming.market_stream import MarketStream
from alphapulse_resources.streams.tables import Row, StreamTable
from bench.flood import flood
from bench.flooded import accounted, ask, calm, following, wrong_books

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


def check_counts(stream: MarketStream, told: dict[str, int]) -> None:
    """Each message was taken by its book or let go before it, and counted either way."""
    assert accounted(stream) == sum(told[symbol] for symbol in stream.session.books)
    assert stream.session.malformed == 0
    assert stream.session.manager.untracked == 0


def test_each_message_of_a_flooded_symbol_is_applied_or_counted_and_its_book_is_right_again(
    venue: str,
) -> None:
    rows = Rows()

    async def story() -> None:
        async with following(venue, rows.put, 3) as stream:
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
            assert await wrong_books(venue, stream, told) == []

    asyncio.run(story())


def test_each_message_of_fifty_symbols_is_applied_and_none_is_lost(venue: str) -> None:
    rows = Rows()

    async def story() -> None:
        async with following(venue, rows.put, SYMBOLS) as stream:
            resident = psutil.Process().memory_info().rss
            books = stream.session.books
            applied = sum(book.counts.applied for book in books.values())
            await asyncio.sleep(15)
            told = await calm(venue, stream)
            assert psutil.Process().memory_info().rss - resident < MOST_BYTES
            assert sum(book.counts.applied for book in books.values()) - applied > 5_000
            assert stream.feed.dropped == 0
            assert {book.counts.gaps for book in books.values()} == {0}
            assert rows.counts["order_book_snapshots"] >= 0.99 * sum(b.counts.applied for b in books.values())
            check_counts(stream, told)
            assert await wrong_books(venue, stream, told) == []

    asyncio.run(story())
