"""What streams tell, before any venue's wording: changes of books, trades and bars between two ticks.

Ticks are those of `book.py`: 100 ms each, counted since 1970. Everything follows from the market, so two
connections tell the same, and the same as REST.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from alphapulse_sim.book import TICK_MS, Book, Side, book_at
from alphapulse_sim.context import Simulator
from alphapulse_sim.hashing import Ints
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import MINUTE, next_open, open_of
from alphapulse_sim.tape import Bars, Trades, empty_bars

_BOOKS_KEPT: Final = 1024  # enough for two books of each of 200 symbols, with some that lag
_MINUTES_KEPT: Final = 1024
_MOST_STEPS: Final = 20  # ticks of one message; after a longer pause what came and went is left out
_MOST_BARS: Final = 60  # bars that closed between two looks, when the clock is made to run


@dataclass(frozen=True, slots=True)
class Changes:
    """The levels of a book that became others: sizes are absolute, 0 removes the level."""

    bids: Side
    asks: Side

    def __bool__(self) -> bool:
        return bool(len(self.bids.price) or len(self.asks.price))


def changed(old: Side, new: Side) -> Side:
    """The levels of `new` that `old` has not or has otherwise, then those of `old` that are gone."""
    same = np.isin(new.price, old.price, assume_unique=True)
    kept = np.isin(old.price, new.price, assume_unique=True)
    differs = ~same
    differs[same] = new.size[same] != old.size[kept]  # both in the side's order, and of the same prices
    gone = old.price[~kept]
    return Side(
        np.concatenate((new.price[differs], gone)),
        np.concatenate((new.size[differs], np.zeros(len(gone), dtype=np.int64))),
    )


def touched(steps: list[Side], new: Side) -> Side:
    """Every level that one of the steps to `new` changed, as it is in the end: as venues tell it.

    A level that came and went on the way is told as gone, since a REST book of the time between may hold it.
    """
    price = np.unique(np.concatenate([step.price for step in steps]))
    size = np.zeros(len(price), dtype=np.int64)
    order = np.argsort(new.price)
    there = np.isin(price, new.price)
    size[there] = new.size[order][np.searchsorted(new.price, price[there], sorter=order)]
    return Side(price, size)


def last_push(tick: int, interval_ms: int) -> int:
    """The latest tick not after `tick` at which a stream pushed every `interval_ms` has a message."""
    return tick * TICK_MS // interval_ms * interval_ms // TICK_MS


class StreamSource:
    """The market as all connections of one simulator read it, with what neighbours share kept for a while."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.book = lru_cache(maxsize=_BOOKS_KEPT)(self._book)
        self.changes = lru_cache(maxsize=_BOOKS_KEPT)(self._changes)
        self._minute = lru_cache(maxsize=_MINUTES_KEPT)(self._trades_of_minute)

    @property
    def tick(self) -> int:
        """The tick that the clock has reached."""
        return self.sim.clock.now_ms() // TICK_MS

    def _book(self, listing: Listing, tick: int) -> Book:
        return book_at(self.sim.market, listing, tick * TICK_MS)

    def _changes(self, listing: Listing, since: int, tick: int, depth: int | None = None) -> Changes:
        """What changed from the book of tick `since` to that of `tick`, within the best `depth` levels."""
        if depth is None and 1 < tick - since <= _MOST_STEPS:
            steps = [self.changes(listing, step, step + 1) for step in range(since, tick)]
            end = self.book(listing, tick)
            return Changes(
                touched([step.bids for step in steps], end.bids),
                touched([step.asks for step in steps], end.asks),
            )
        old, new = self.book(listing, since), self.book(listing, tick)
        return Changes(
            changed(old.bids.best(depth or len(old.bids.price)), new.bids.best(depth or len(new.bids.price))),
            changed(old.asks.best(depth or len(old.asks.price)), new.asks.best(depth or len(new.asks.price))),
        )

    def _trades_of_minute(self, listing: Listing, minute: int) -> Trades:
        return self.sim.market.trades(listing, minute * MINUTE, (minute + 1) * MINUTE)

    def trades(self, listing: Listing, since: int, tick: int) -> Trades:
        """The trades from tick `since` to before `tick`, oldest first."""
        start, end = since * TICK_MS, tick * TICK_MS
        minutes = range(start // MINUTE, (end - 1) // MINUTE + 1) if end > start else range(0)
        if not minutes:
            return self._minute(listing, end // MINUTE).take(slice(0, 0))
        trades = Trades.concat([self._minute(listing, minute) for minute in minutes])
        first, last = np.searchsorted(trades.ts, [start, end])
        return trades.take(slice(int(first), int(last)))

    def bar(self, listing: Listing, interval: str, opened: int, now_ms: int) -> Bars:
        """The one bar that opens at `opened`, as REST shows it at `now_ms`; none where REST shows none."""
        if not listing.trading(opened):
            return empty_bars()
        return self.sim.rest_bars(listing, interval, opened, opened + 1, now_ms)


@dataclass(slots=True)
class BarWatch:
    """One subscription to bars: says which are to be told, and whether they have closed."""

    source: StreamSource
    listing: Listing
    interval: str
    every_ms: int
    opened: int
    pushed: int  # tick
    _told: int = -1  # trades of the forming bar when it was last told

    @classmethod
    def start(
        cls, source: StreamSource, listing: Listing, interval: str, every_ms: int, tick: int
    ) -> "BarWatch":
        """A watch from `tick` on."""
        return cls(source, listing, interval, every_ms, open_of(tick * TICK_MS, interval), tick)

    def due(self, tick: int) -> list[tuple[Bars, bool]]:
        """Bars (of length 1) to tell at `tick`, each with whether it has closed."""
        now = tick * TICK_MS
        current, found = open_of(now, self.interval), []
        for _ in range(_MOST_BARS):
            if self.opened >= current:
                break
            found.append((self.source.bar(self.listing, self.interval, self.opened, now), True))
            self.opened, self._told = next_open(self.opened, self.interval), -1
        self.opened = current
        push = last_push(tick, self.every_ms)
        if push > self.pushed and now > current:
            self.pushed = push
            bar = self.source.bar(self.listing, self.interval, current, now - 1)
            if len(bar) and int(bar.trades[0]) != self._told:
                self._told = int(bar.trades[0])
                found.append((bar, False))
        return [(bar, closed) for bar, closed in found if len(bar)]


def single(units: Ints) -> int:
    """The value of a column of one row."""
    return int(units[0])
