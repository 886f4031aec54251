"""The desk of one market: frames in; rows, alerts and requests out. Pure: time comes as an argument.

It decodes, keeps the books, and brings every message to what is made of it. Live runs and `alphapulse replay
--store` use it unchanged. Rows leave through `put` only; all times are seconds since 1970 UTC, of receipt.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alphapulse_assets.candles.closing import CandleValues, ClosedCandle
from alphapulse_assets.order_book.alerts import Alert
from alphapulse_assets.order_book.book import Outcome
from alphapulse_assets.order_book.desk_options import DeskOptions
from alphapulse_assets.order_book.events import BookEvent, BookState, Cause, SnapshotRequest
from alphapulse_assets.order_book.features import Measures
from alphapulse_assets.order_book.followed import FollowedSymbol, Outlets
from alphapulse_assets.order_book.keeper import BookKeeper
from alphapulse_assets.order_book.sweeps import Bar
from alphapulse_assets.order_book.thresholds import Subject
from alphapulse_assets.order_book.usd import UsdRates
from alphapulse_resources.streams.messages import (
    Candle,
    DepthDiff,
    DepthSnapshot,
    MalformedFrameError,
    Message,
    SequenceMark,
    StreamAdapter,
    Trade,
)
from alphapulse_resources.streams.protocols import Channel, Subscription
from alphapulse_resources.streams.tables import Put

WITHOUT_CANDLES: Final = frozenset({"coinbase"})
"""Venues that have no channel of 1m candles: trades make them."""

RUNNING_TRADE_IDS: Final = frozenset({"binance", "binanceus", "binanceusdm", "binancecoinm"})
"""Venues whose trade ids are whole numbers that go up one by one per symbol (ours: seen in captures)."""


@dataclass(frozen=True, slots=True)
class DeskTotals:
    """How a desk stands; all but `books` and `synced` are counted from its start."""

    books: int
    synced: int
    messages: int
    gaps: int
    resyncs: int


class Desk:
    """One market's books, whales, zones, trade flow, candles and alerts. It is a `FeedConsumer`.

    Args:
        adapter: the venue's protocol.
        put: where rows go.
        ask: told when a book needs a snapshot. Where snapshots come in the stream, the depth stream has to be
            subscribed anew; elsewhere one is fetched over REST, `asked` called then, and `snapshot` later.
        options: figures and thresholds.
        run_id, shard: in whose name.
        alert: told every alert, after its row was put.
        on_candle: told every closed candle with its instrument, after its row was put.
        register: gives the instrument of a symbol that is heard of and not tracked, so that it is, or None:
            then its book is kept without rows. Without `register` such symbols are counted and left out.
        measures: of symbols that are heard of and not tracked.
    """

    def __init__(
        self,
        adapter: StreamAdapter,
        *,
        put: Put,
        ask: Callable[[SnapshotRequest], None],
        run_id: str,
        shard: str,
        alert: Callable[[Alert], None],
        options: DeskOptions | None = None,
        on_candle: Callable[[int, ClosedCandle], None] | None = None,
        register: Callable[[str], int | None] | None = None,
        measures: Measures | None = None,
    ) -> None:
        self.malformed = 0  # frames that could not be read
        self.unused_snapshots = 0
        self._messages_before = 0  # of symbols that are not followed any more
        self._adapter = adapter
        self._options = options or DeskOptions()
        self._register = register
        self._measures = measures
        self._rates = self._options.rates
        self._outlets = Outlets(
            put,
            alert,
            on_candle,
            self._options,
            venue=adapter.venue,
            shard=shard,
            run_id=run_id,
            candles_from_trades=adapter.venue in WITHOUT_CANDLES,
            trade_ids_run_on=adapter.venue in RUNNING_TRADE_IDS,
        )
        self.keeper: Final = BookKeeper(
            adapter.rules, emit=self._event, request=ask, measures=measures, tracked_only=register is None
        )
        self._followed: dict[str, FollowedSymbol] = {}
        self._without_rows: set[str] = set()  # symbols that have no instrument
        self._traded: defaultdict[str, set[str]] = defaultdict(set)  # symbols by connection of their trades

    # what is followed ------------------------------------------------------------------------------------

    @property
    def symbols(self) -> list[str]:
        """The venue's own names of what is tracked, in order."""
        return sorted(self._followed)

    def track(
        self,
        symbol: str,
        instrument_id: int,
        at: float,
        measures: Measures | None = None,
        subject: Subject | None = None,
    ) -> None:
        """Follow a symbol from now on; nothing if it is followed already. `subject`: what it is called."""
        if symbol not in self._followed:
            measures = measures or self._measures
            book = self.keeper.track(symbol, measures)
            followed = FollowedSymbol(book, instrument_id, self._outlets, measures, at, subject)
            followed.price_in(self._rates)
            self._followed[symbol] = followed

    def untrack(self, symbol: str, at: float, cause: Cause = Cause.UNTRACKED) -> None:
        """Write what is open of a symbol and forget it; what still comes of it is counted and left out."""
        followed = self._followed.pop(symbol, None)
        if followed is not None:
            followed.stop(cause, at)
            self._messages_before += followed.messages
            self.keeper.untrack(symbol)
            for symbols in self._traded.values():
                symbols.discard(symbol)

    def warm(self, symbol: str, bars: Iterable[Bar]) -> None:
        """Stored 1m bars before the first live one, in order, so that sweeps can be seen from the start."""
        if symbol in self._followed:
            self._followed[symbol].warm(bars)

    def price_in(self, rates: UsdRates) -> None:
        """What currencies are worth in USD from now on."""
        self._rates = rates
        for followed in self._followed.values():
            followed.price_in(rates)

    def stop(self, at: float) -> None:
        """Write what is open of every symbol; the run ends."""
        for symbol in self.symbols:
            self.untrack(symbol, at, Cause.STOPPED)

    # what comes over the socket --------------------------------------------------------------------------

    def received(self, connection: str, body: bytes, at: float) -> None:
        """A frame of a connection; one that cannot be read is counted and told, and nothing is raised."""
        try:
            messages = self._adapter.decode(body)
        except MalformedFrameError as error:
            self.unreadable(connection, error.symbol, str(error), at)
            return
        self.take(messages, connection, at)

    def take(self, messages: Iterable[Message], connection: str, at: float) -> None:
        """The messages of one frame, in order."""
        for message in messages:
            if isinstance(message, DepthDiff | DepthSnapshot):
                followed = self._followed.get(message.symbol) or self._met(message.symbol, at)
                outcome = self.keeper.receive(message, connection, at)
                if followed is not None and outcome is not None:
                    followed.on_depth(message, outcome, at)
                continue
            outcome = self.keeper.receive(message, connection, at)
            if isinstance(message, Trade | Candle):
                followed = self._followed.get(message.symbol) or self._met(message.symbol, at)
                if followed is None:
                    continue
                if isinstance(message, Candle):
                    followed.on_candle(message, at)
                    continue
                self._traded[connection].add(message.symbol)
                followed.on_trade(message, at)
            elif isinstance(message, SequenceMark) and outcome is Outcome.BROKE:
                self._hole(connection, at)

    def opened(self, connection: str, at: float) -> None:
        """A connection was opened, perhaps again."""
        self.keeper.opened(connection, at)
        self._hole(connection, at)

    def closed(self, connection: str, at: float, why: str = "") -> None:
        """A connection is gone for good; `why` is for the log of who closed it."""
        self.keeper.closed(connection, at)
        gone = self._traded.pop(connection, set())
        elsewhere = set().union(*self._traded.values())
        for symbol in sorted(gone - elsewhere):
            self._followed[symbol].on_hole(at)

    def unreadable(self, connection: str, symbol: str, error: str, at: float) -> None:
        """A frame that could not be read; `symbol` is '' where it could not be told whose it was."""
        self.malformed += 1
        followed = self._followed.get(symbol)
        if followed is not None:
            followed.on_malformed(error, at)
        elif not symbol:
            self._hole(connection, at)

    # what comes over REST, and with time -----------------------------------------------------------------

    def asked(self, symbol: str, at: float) -> None:
        """The snapshot that a book wants is being asked for."""
        if symbol in self.keeper.books:
            self.keeper.books[symbol].resyncing(at)

    def snapshot(self, snapshot: DepthSnapshot, at: float) -> None:
        """A book over REST; counted and left out if nobody waits for it."""
        followed = self._followed.get(snapshot.symbol) or self._met(snapshot.symbol, at)
        book = self.keeper.books.get(snapshot.symbol)
        if book is None and self._register is not None:
            book = self.keeper.book(snapshot.symbol)
        if book is None or not book.takes_snapshot:
            self.unused_snapshots += 1
            return
        outcome = book.on_snapshot(snapshot, at)
        if (
            followed is not None and outcome is not Outcome.OLD
        ):  # then the stream itself is as silent as before
            followed.on_depth(snapshot, outcome, at)

    def filled(self, symbol: str, candles: Iterable[CandleValues]) -> None:
        """Closed candles that REST brought for overdue minutes; their rows were put by who asked."""
        if symbol in self._followed:
            self._followed[symbol].filled(candles)

    def tick(self, at: float) -> None:
        """What passing time decides; wanted about ten times a second."""
        for followed in self._followed.values():
            followed.on_time(at)

    def silent(self, at: float) -> list[Subscription]:
        """Depth streams that have said nothing of use for too long, each at growing intervals.

        Their books are stale from now on, and they should be subscribed anew. Trades are not judged, as a
        quiet market has none; candles are, by `overdue`.
        """
        found = []
        for symbol, followed in self._followed.items():
            if followed.silence.due(at, self._options.silence_seconds):
                quiet = round(at - followed.silence.heard, 3)
                followed.book.mark_stale(Cause.SILENT, at, seconds=quiet)
                found.append(Subscription(symbol, Channel.DEPTH))
        return found

    def overdue(self, at: float) -> list[tuple[int, str, datetime]]:
        """Minutes that are over and whose candle did not come: (instrument, symbol, open time)."""
        return [
            (followed.instrument_id, symbol, ts)
            for symbol, followed in self._followed.items()
            for ts in followed.overdue(at)
        ]

    def totals(self) -> DeskTotals:
        """How the desk stands."""
        books = [followed.book for followed in self._followed.values()]
        return DeskTotals(
            books=len(books),
            synced=sum(book.state is BookState.SYNCED for book in books),
            messages=self._messages_before + sum(each.messages for each in self._followed.values()),
            gaps=self.keeper.gaps,
            resyncs=self.keeper.resyncs,
        )

    def _met(self, symbol: str, at: float) -> FollowedSymbol | None:
        """A symbol that is not tracked: tracked from now on, if it has an instrument."""
        if self._register is None or symbol in self._without_rows:
            return None
        instrument_id = self._register(symbol)
        if instrument_id is None:
            self._without_rows.add(symbol)
            return None
        self.track(symbol, instrument_id, at)
        return self._followed[symbol]

    def _hole(self, connection: str, at: float) -> None:
        """Something of a connection is missing, and it is not known what."""
        for symbol in sorted(self._traded.get(connection, ())):
            self._followed[symbol].on_hole(at)

    def _event(self, event: BookEvent) -> None:
        followed = self._followed.get(event.symbol)
        if followed is not None:
            followed.on_event(event)
