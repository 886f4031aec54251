"""The books of one venue: brings each message to its book, and a connection's faults to all its books."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Final

from alphapulse_assets.order_book.book import OrderBook, Outcome
from alphapulse_assets.order_book.continuity import SequenceTracker, Verdict
from alphapulse_assets.order_book.events import BookEvent, Cause, SnapshotRequest
from alphapulse_assets.order_book.features import Measures
from alphapulse_resources.streams.messages import (
    BookRules,
    DepthDiff,
    DepthSnapshot,
    Message,
    Notice,
    Refusal,
    SequenceMark,
    Trade,
)


class BookKeeper:
    """All books of one venue, made as their symbols are first heard of.

    Args:
        rules: how the venue's snapshots and diffs go together.
        emit: told every change of state of every book.
        request: told when a book needs a snapshot.
        measures: what to measure, for every book.
    """

    def __init__(
        self,
        rules: BookRules,
        *,
        emit: Callable[[BookEvent], None],
        request: Callable[[SnapshotRequest], None],
        measures: Measures | None = None,
    ) -> None:
        self.books: Final[dict[str, OrderBook]] = {}
        self.notices: Final[Counter[str]] = Counter()  # messages that are no depth and no trade, by kind
        self.refusals: Final[list[str]] = []
        self.trades = 0
        self._rules = rules
        self._emit = emit
        self._request = request
        self._measures = measures
        self._sequences: defaultdict[str, SequenceTracker] = defaultdict(SequenceTracker)
        self._fed_by: defaultdict[str, set[str]] = defaultdict(set)  # symbols by connection

    @property
    def gaps(self) -> int:
        """Breaks noticed: in books' own ids, and in connections' numbers (once, however many books broke)."""
        own = sum(book.counts.gaps for book in self.books.values())
        return own + sum(tracker.gaps for tracker in self._sequences.values())

    def book(self, symbol: str) -> OrderBook:
        """The book of a symbol; a new one, waiting for its snapshot, if there was none."""
        found = self.books.get(symbol)
        if found is None:
            found = self.books[symbol] = OrderBook(
                symbol, self._rules, emit=self._emit, request=self._request, measures=self._measures
            )
        return found

    def receive(self, message: Message, connection: str, at: float) -> Outcome | None:
        """Take one message of a connection; None if it was for no book."""
        if isinstance(message, DepthDiff | DepthSnapshot):
            return self._receive_depth(message, connection, at)
        if isinstance(message, SequenceMark):
            self._check(message, connection, at)
        elif isinstance(message, Trade):
            self.trades += 1
        elif isinstance(message, Notice):
            self.notices[message.kind] += 1
        elif isinstance(message, Refusal):
            self.refusals.append(message.text)
        return None

    def opened(self, connection: str, at: float) -> None:
        """A connection was opened, perhaps again: its books may have missed something."""
        self._sequences[connection].reset()
        for symbol in sorted(self._fed_by[connection]):
            book = self.books[symbol]
            if self._rules.numbers_connections:  # without ids of their own they cannot go on
                if not book.wants_snapshot:
                    book.break_up(Cause.RECONNECTED, at)
            else:
                book.mark_stale(Cause.RECONNECTED, at)

    def _receive_depth(self, message: DepthDiff | DepthSnapshot, connection: str, at: float) -> Outcome:
        fed = self._fed_by[connection]
        if message.symbol not in fed:
            fed.add(message.symbol)
        book = self.books.get(message.symbol) or self.book(message.symbol)
        if isinstance(message, DepthDiff):
            return book.on_diff(message, at)
        return book.on_snapshot(message, at)

    def _check(self, mark: SequenceMark, connection: str, at: float) -> None:
        """A hole in a connection's numbers: what was in it is unknown, so no book fed by it is proven."""
        tracker = self._sequences[connection]
        expected = tracker.expected
        if tracker.judge(mark.number, mark.venue_ms) is not Verdict.GAP or expected is None:
            return
        for symbol in sorted(self._fed_by[connection]):
            book = self.books[symbol]
            if not book.wants_snapshot:
                book.break_up(Cause.CONNECTION_GAP, at, expected=expected, seen=mark.number)
