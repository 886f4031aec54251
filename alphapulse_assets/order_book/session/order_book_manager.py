"""The books of one venue: brings each message to its book, and a connection's faults to all its books."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from alphapulse_assets.order_book.book.book import OrderBook, Outcome
from alphapulse_assets.order_book.book.continuity import SequenceTracker, Verdict
from alphapulse_assets.order_book.book.events import BookEvent, Cause, SnapshotRequest
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_resources.streams.messages import (
    BookRules,
    DepthDiff,
    DepthSnapshot,
    Message,
    SequenceMark,
)


class OrderBookManager:
    """All books of one venue.

    Several connections may tell of the same book, as when one is replaced by the next. Where snapshots come
    over REST, ids are the venue's and the book takes what is new from either. Where they come in the stream,
    it belongs to the connection whose snapshot it was built from, and what others say of it is left out.

    Args:
        rules: how the venue's snapshots and diffs go together.
        emit: told every change of state of every book.
        request: told when a book needs a snapshot.
        measures: what to measure, for books that are not tracked with measures of their own.
        tracked_only: no books but tracked ones; otherwise they are made as their symbols are heard of.
    """

    def __init__(
        self,
        rules: BookRules,
        *,
        emit: Callable[[BookEvent], None],
        request: Callable[[SnapshotRequest], None],
        measures: Measures | None = None,
        tracked_only: bool = False,
    ) -> None:
        self.books: Final[dict[str, OrderBook]] = {}
        self.strays = 0  # diffs of a connection that the book does not belong to
        self.untracked = 0  # depth messages of symbols that are not tracked
        self._rules = rules
        self._emit = emit
        self._request = request
        self._measures = measures
        self._tracked_only = tracked_only
        self._sequences: defaultdict[str, SequenceTracker] = defaultdict(SequenceTracker)
        self._fed_by: defaultdict[str, set[str]] = defaultdict(set)  # symbols by connection
        self._feeders: defaultdict[str, set[str]] = defaultdict(set)  # connections by symbol
        self._owners: dict[str, str] = {}  # connection that a book belongs to, where those are numbered
        self._gaps_before = 0  # of connections and books that are gone
        self._resyncs_before = 0  # of books that are gone

    @property
    def gaps(self) -> int:
        """Breaks noticed: in books' own ids, and in connections' numbers (once, however many books broke)."""
        own = sum(book.counts.gaps for book in self.books.values())
        return own + self._gaps_before + sum(tracker.gaps for tracker in self._sequences.values())

    @property
    def resyncs(self) -> int:
        """Books that were broken and are proven again."""
        return self._resyncs_before + sum(book.counts.resyncs for book in self.books.values())

    def book(self, symbol: str) -> OrderBook:
        """The book of a symbol; a new one, waiting for its snapshot, if there was none."""
        return self.books.get(symbol) or self.track(symbol, self._measures)

    def track(self, symbol: str, measures: Measures | None = None) -> OrderBook:
        """Make a new book for a symbol."""
        made = self.books[symbol] = OrderBook(
            symbol, self._rules, emit=self._emit, request=self._request, measures=measures
        )
        return made

    def untrack(self, symbol: str) -> None:
        """Forget a symbol's book."""
        if (book := self.books.pop(symbol, None)) is not None:
            self._gaps_before += book.counts.gaps
            self._resyncs_before += book.counts.resyncs
        self._owners.pop(symbol, None)
        for connection in self._feeders.pop(symbol, ()):
            self._fed_by[connection].discard(symbol)

    def receive(self, message: Message, connection: str, at: float) -> Outcome | None:
        """Take one message of a connection; None if it was for no book and proved none wrong.

        Only depth and the numbers of a connection matter to books; of any other message nothing is done.
        """
        if isinstance(message, DepthDiff | DepthSnapshot):
            return self._receive_depth(message, connection, at)
        if isinstance(message, SequenceMark):
            return self._check(message, connection, at)
        return None

    def opened(self, connection: str, at: float) -> None:
        """A connection was opened, perhaps again: its books may have missed something."""
        self._sequences[connection].reset()
        for book in self._books_of(connection):
            if self._rules.numbers_connections:  # without ids of their own they cannot go on
                if not book.wants_snapshot:
                    book.break_up(Cause.RECONNECTED, at)
            else:
                book.mark_stale(Cause.RECONNECTED, at)

    def closed(self, connection: str, at: float) -> None:
        """A connection is gone for good: books that no other one tells of are stale at once."""
        for book in self._books_of(connection):
            self._owners.pop(book.symbol, None)
            if self._rules.numbers_connections or self._feeders[book.symbol] == {connection}:
                book.mark_stale(Cause.DISCONNECTED, at, connection=connection)
        for symbol in self._fed_by.pop(connection, ()):
            feeders = self._feeders[symbol]
            feeders.discard(connection)
            if len(feeders) == 1:
                self.books[symbol].share(at, shared=False)
        tracker = self._sequences.pop(connection, None)
        self._gaps_before += tracker.gaps if tracker else 0

    def _books_of(self, connection: str) -> Iterable[OrderBook]:
        """The books that a connection's faults are about."""
        owned = self._rules.snapshot_in_stream
        for symbol in sorted(self._fed_by.get(connection, ())):
            if not owned or self._owners.get(symbol, connection) == connection:
                yield self.books[symbol]

    def _receive_depth(
        self, message: DepthDiff | DepthSnapshot, connection: str, at: float
    ) -> Outcome | None:
        book = self.books.get(message.symbol)
        if book is None:
            if self._tracked_only:
                self.untracked += 1
                return None
            book = self.book(message.symbol)
        if message.symbol not in self._fed_by[connection]:
            self._met(message.symbol, connection, book, at)
        if self._rules.numbers_connections and self._sequences[connection].is_past(message.last_id):
            book.counts.old += 1  # a later message overtook it: what that one said is true, or was let go
            return Outcome.OLD
        if isinstance(message, DepthSnapshot):
            if self._rules.snapshot_in_stream:
                self._owners[message.symbol] = connection
            return book.on_snapshot(message, at)
        if self._rules.snapshot_in_stream and self._is_stray(message, connection, book):
            self.strays += 1
            return Outcome.STRAY
        return book.on_diff(message, at)

    def _is_stray(self, diff: DepthDiff, connection: str, book: OrderBook) -> bool:
        """A diff of a connection whose snapshot is not the book's, and not the next by its ids either."""
        owner = self._owners.get(diff.symbol)
        if owner == connection or book.wants_snapshot:
            return False
        if self._rules.numbers_connections:
            return True
        return owner is not None and diff.previous_id != book.last_id

    def _met(self, symbol: str, connection: str, book: OrderBook, at: float) -> None:
        """A connection tells of a symbol for the first time."""
        self._fed_by[connection].add(symbol)
        self._feeders[symbol].add(connection)
        if len(self._feeders[symbol]) > 1:
            book.share(at, shared=True)

    def _check(self, mark: SequenceMark, connection: str, at: float) -> Outcome | None:
        """A hole in a connection's numbers: what was in it is unknown, so no book fed by it is proven."""
        tracker = self._sequences[connection]
        expected = tracker.expected
        if tracker.judge(mark.number, mark.venue_ms) is not Verdict.GAP or expected is None:
            return None
        for book in self._books_of(connection):
            if not book.wants_snapshot:
                book.break_up(Cause.CONNECTION_GAP, at, expected=expected, seen=mark.number)
        return Outcome.BROKE
