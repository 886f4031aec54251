"""A recorded stream brought to its books, as the live one would be. Pure: records come in, a report goes out.

A snapshot of the recording is served to a symbol that waits for one at the moment it was received; one that
nobody waits for then is left unused. So after a gap only a snapshot recorded later can help, as in life.
"""

import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from alphapulse_assets.order_book.book.book import OrderBook
from alphapulse_assets.order_book.book.events import BookEvent, Cause, SnapshotRequest
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.session.market_session import MarketSession
from alphapulse_assets.order_book.session.order_book_manager import OrderBookManager
from alphapulse_resources.streams.capture import Kind, Record
from alphapulse_resources.streams.messages import (
    Candle,
    DepthDiff,
    DepthSnapshot,
    Liquidation,
    MalformedFrameError,
    Message,
    Notice,
    Refusal,
    StreamAdapter,
    Trade,
)
from alphapulse_resources.streams.reader import FrameReader, Malformed

SHOWN: Final = 100
"""Malformed lines that are listed; all are counted (ours)."""

REFUSALS: Final = 1000
"""Refusals of which the text is kept; more are counted among the others (ours)."""

TICK: Final = 0.1
"""Seconds of the recording between two looks of a session at what passing time decides (ours)."""


@dataclass(frozen=True, slots=True)
class SeenMalformed:
    """A line that could not be read."""

    place: str  # file:line
    symbol: str  # '' where unknown
    error: str


@dataclass(slots=True)
class Tally:
    """What was in the recording."""

    messages: int = 0  # socket messages that could be read, those dropped on purpose not counted
    depth_messages: int = 0  # of these: snapshots and diffs of books
    trades: int = 0
    other: Counter[str] = field(default_factory=Counter)  # messages that are no depth and no trade, by kind
    refusals: list[str] = field(default_factory=list)
    snapshots_read: int = 0  # REST answers with an order book
    snapshots_unused: int = 0
    http_other: int = 0  # other REST answers
    malformed: int = 0
    malformed_lines: list[SeenMalformed] = field(default_factory=list)
    dropped: str | None = None  # place of the message dropped on purpose
    dropped_symbols: tuple[str, ...] = ()
    first_at: float | None = None
    last_at: float | None = None

    def count(self, message: Message) -> None:
        """Count a message that is no depth."""
        if isinstance(message, Trade):
            self.trades += 1
        elif isinstance(message, Candle):
            self.other["kline"] += 1
        elif isinstance(message, Liquidation):
            self.other["liquidation"] += 1
        elif isinstance(message, Notice):
            self.other[message.kind] += 1
        elif isinstance(message, Refusal):
            if len(self.refusals) < REFUSALS:
                self.refusals.append(message.text)
            else:
                self.other["refusal"] += 1


class Replay:
    """Feeds records to the books of one venue.

    Args:
        adapter: the venue's protocol.
        drop: the depth message to leave out, 1 being the first; for seeing a gap noticed.
        measures: what to measure.
        session: is given the same, with books of its own, so that rows come of it.
    """

    def __init__(
        self,
        adapter: StreamAdapter,
        *,
        drop: int | None = None,
        measures: Measures | None = None,
        session: MarketSession | None = None,
    ) -> None:
        self.tally: Final = Tally()
        self.events: Final[list[BookEvent]] = []
        self.requests: Final[list[SnapshotRequest]] = []
        self.manager: Final = OrderBookManager(
            adapter.rules, emit=self.events.append, request=self._ask, measures=measures
        )
        self._adapter = adapter
        self._reader = session.reader if session is not None else FrameReader(adapter)
        self._drop = drop
        self._depth_seen = 0
        self._session = session
        self._next_tick = 0.0

    @property
    def read_anything(self) -> bool:
        """Whether there was a single message or order book that could be read."""
        return self.tally.messages + self.tally.snapshots_read > 0 or self.tally.dropped is not None

    def feed(self, record: Record) -> None:
        """Take one line of the recording."""
        tally = self.tally
        if record.at > 0:
            tally.first_at = record.at if tally.first_at is None else tally.first_at
            tally.last_at = record.at
            self._tick(record.at)
        try:
            match record.kind:
                case Kind.FRAME:
                    self._frame(record)
                case Kind.HTTP:
                    self._http(record)
                case Kind.OPENED:
                    self.manager.opened(record.connection, record.at)
                    if self._session is not None:
                        self._session.opened(record.connection, record.at)
                case Kind.MALFORMED:
                    text = record.body[:120].decode(errors="replace")
                    self._malformed(record, Malformed("", f"not a line of a capture: {text}", False))
        except MalformedFrameError as error:
            self._malformed(record, Malformed(error.symbol, str(error), error.depth))

    def finish(self) -> None:
        """The recording is over: let the session write what is open."""
        if self._session is not None and self.tally.last_at is not None:
            self._session.stop(self.tally.last_at)

    def _tick(self, at: float) -> None:
        if self._session is not None and at >= self._next_tick:
            self._next_tick = at + TICK
            self._session.tick(at)

    def _frame(self, record: Record) -> None:
        messages, malformed = self._reader.read(record.body, record.at)
        self._take(messages, record)
        for bad in malformed:
            self._malformed(record, bad)

    def _take(self, messages: list[Message], record: Record) -> None:
        if not messages:
            return
        symbols = _depth_symbols(messages)
        if symbols:
            self._depth_seen += 1
            if self._depth_seen == self._drop:
                self.tally.dropped, self.tally.dropped_symbols = record.place, symbols
                return
            self.tally.depth_messages += 1
        self.tally.messages += 1
        for message in messages:
            self.tally.count(message)
            self.manager.receive(message, record.connection, record.at)
        if self._session is not None:
            self._session.take(messages, record.connection, record.at)

    def _http(self, record: Record) -> None:
        query = self._adapter.snapshot_query(record.url)
        if query is None:
            self.tally.http_other += 1
            return
        snapshot = self._reader.read_snapshot(query, record.body, record.at)
        self.tally.snapshots_read += 1
        book = self.manager.book(snapshot.symbol)
        if book.wants_snapshot:
            book.on_snapshot(snapshot, record.at)
        else:
            self.tally.snapshots_unused += 1
        if self._session is not None:
            self._session.snapshot(snapshot, record.at)

    def _ask(self, request: SnapshotRequest) -> None:
        self.requests.append(request)
        self.manager.book(request.symbol).resyncing(request.at)

    def _malformed(self, record: Record, bad: Malformed) -> None:
        self.tally.malformed += 1
        if bad.depth and self._adapter.rules.numbers_connections:
            book = self.manager.books.get(bad.symbol)
            if book is not None and not book.wants_snapshot:
                book.break_up(Cause.MALFORMED, record.at)
        if self._session is not None:
            self._session.unreadable(record.connection, bad, record.at)
        if len(self.tally.malformed_lines) < SHOWN:
            self.tally.malformed_lines.append(SeenMalformed(record.place, bad.symbol, bad.error))


def _depth_symbols(messages: list[Message]) -> tuple[str, ...]:
    return tuple(message.symbol for message in messages if isinstance(message, DepthDiff | DepthSnapshot))


def digest(book: OrderBook) -> str:
    """CRC-32 of all levels, as hexadecimal: equal for equal books. Ours, no venue's checksum."""
    levels = np.array(book.bids() + book.asks(), "<f8")
    return f"{zlib.crc32(levels.tobytes()):08x}"
