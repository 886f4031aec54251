"""The session of one market: frames in; rows, alerts and requests out. Pure: time comes as an argument.

It decodes, keeps the books, and brings every message to what is made of it. Live runs and `alphapulse replay
--store` use it unchanged. Rows leave through `put` only; all times are seconds since 1970 UTC, of receipt.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alphapulse_assets.alerts.model import Alert
from alphapulse_assets.alerts.rows import alert_row
from alphapulse_assets.candles.closing import CandleValues, ClosedCandle
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.order_book.book.book import OrderBook, Outcome
from alphapulse_assets.order_book.book.events import BookEvent, BookState, Cause, SnapshotRequest
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.session.channel_alerts import failure_alert
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.order_book.session.order_book_manager import OrderBookManager
from alphapulse_assets.order_book.session.periodic_trigger import PeriodicTrigger
from alphapulse_assets.order_book.session.rows import clock_row
from alphapulse_assets.order_book.session.symbol_session import SessionContext, SymbolSession
from alphapulse_assets.order_book.whales.thresholds import Subject
from alphapulse_assets.order_book.whales.usd import UsdRates
from alphapulse_resources.streams.clock import MarketClock
from alphapulse_resources.streams.messages import (
    Candle,
    DepthDiff,
    DepthSnapshot,
    Liquidation,
    Message,
    SequenceMark,
    StreamAdapter,
    Trade,
)
from alphapulse_resources.streams.protocols import Channel, Subscription
from alphapulse_resources.streams.reader import FrameReader, Malformed
from alphapulse_resources.streams.tables import ORDER_BOOK_ALERTS, VENUE_CLOCKS, Put

log = logging.getLogger(__name__)

CLOCK_SECONDS: Final = 10.0
"""Between two looks at how far our clock and the venue's are apart; two in a row have to agree (ours)."""

LONGEST_FAILURE: Final = 60.0
"""Seconds that a symbol waits which fails again and again, at most; and of being well (ours)."""

ALERTED_FAILURES: Final = 3
"""Failures of a symbol in a row from which on there is an alert: beginning anew does not help (ours)."""


@dataclass(frozen=True, slots=True)
class SessionTotals:
    """How a session stands; all but `books` and `synced` are counted from its start."""

    books: int
    synced: int
    messages: int
    gaps: int
    resyncs: int


@dataclass(slots=True)
class _Failed:
    """A symbol in which something of ours failed, and when it begins anew."""

    instrument_id: int
    measures: Measures | None
    subject: Subject
    times: int
    again: float
    error: str
    waits: bool = True


class MarketSession:
    """One market's books, whales, zones, trade flow, candles and alerts. It is a `FeedConsumer`.

    Args:
        adapter: the venue's protocol.
        put: where rows go.
        request: told when a book needs a snapshot. Where snapshots come in the stream, the depth stream has
            to be subscribed anew; elsewhere one is fetched over REST, `requested` called then, and
            `snapshot` later.
        options: figures and thresholds.
        run_id, shard: in whose name.
        alert: told every alert, after its row was put.
        on_candle: told every closed candle with its instrument, after its row was put.
        register: gives the instrument of a symbol that is heard of and not tracked, so that it is, or None:
            then its book is kept without rows. Without `register` such symbols are counted and left out.
        measures: of symbols that are heard of and not tracked.
        on_liquidation: told every liquidation; must not raise. Nothing here rests on them.
        watched: whether somebody follows the book of an instrument as it changes.
    """

    def __init__(
        self,
        adapter: StreamAdapter,
        *,
        put: Put,
        request: Callable[[SnapshotRequest], None],
        run_id: str,
        shard: str,
        alert: Callable[[Alert], None],
        options: SessionOptions | None = None,
        on_candle: Callable[[int, ClosedCandle], None] | None = None,
        register: Callable[[str], int | None] | None = None,
        measures: Measures | None = None,
        on_liquidation: Callable[[Liquidation, float], None] | None = None,
        watched: Callable[[int], bool] | None = None,
    ) -> None:
        self._on_liquidation = on_liquidation
        self.malformed = 0  # frames that could not be read
        self._messages_before = 0  # of symbols that are not followed any more
        self._adapter = adapter
        self._options = options or SessionOptions()
        self._register = register
        self._measures = measures
        self.failures = 0  # of ours, each of one symbol, which began anew
        self.reader: Final = FrameReader(adapter, MarketClock())
        self._failed_symbols: dict[str, _Failed] = {}
        self._failing: dict[str, Exception] = {}  # symbols that end as soon as what is under way is through
        self._clock_beat = PeriodicTrigger(CLOCK_SECONDS, adapter.venue)
        self._clock_wrong = 0  # looks in a row
        self._clock_told: str | None = None  # the symbol under which it was told
        self._rates = self._options.rates
        self._outlets = SessionContext(
            put,
            alert,
            on_candle,
            self._options,
            venue=adapter.venue,
            shard=shard,
            run_id=run_id,
            candles_from_trades=not adapter.has_candles,
            trade_ids_run_on=adapter.trade_ids_run_on,
            unified=adapter.unified,
            clock=self.reader.clock,
            watched=watched,
        )
        self.manager: Final = OrderBookManager(
            adapter.rules, emit=self._event, request=request, measures=measures, tracked_only=register is None
        )
        self._followed: dict[str, SymbolSession] = {}
        self._without_rows: set[str] = set()  # symbols that have no instrument
        self._traded: defaultdict[str, set[str]] = defaultdict(set)  # symbols by connection of their trades

    # what is followed ------------------------------------------------------------------------------------

    @property
    def symbols(self) -> list[str]:
        """The venue's own names of what is tracked, in order."""
        return sorted(self._followed)

    @property
    def books(self) -> Mapping[str, OrderBook]:
        """All books that are kept, by the venue's own name."""
        return self.manager.books

    def book(self, symbol: str) -> OrderBook | None:
        """A symbol's book; None while it has none: not tracked, or failed and not begun anew yet."""
        return self.manager.books.get(symbol)

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
            book = self.manager.track(symbol, measures)
            followed = SymbolSession(book, instrument_id, self._outlets, measures, at, subject)
            followed.price_in(self._rates)
            self._followed[symbol] = followed

    def untrack(self, symbol: str, at: float, cause: Cause = Cause.UNTRACKED) -> None:
        """Write what is open of a symbol and forget it; what still comes of it is counted and left out."""
        self._failed_symbols.pop(symbol, None)
        followed = self._followed.pop(symbol, None)
        if followed is None:
            return
        try:
            followed.stop(cause, at)
        except Exception as error:
            self.failures += 1
            log.exception("%s %s: not all that was open could be written", self._adapter.venue, symbol)
            self._end(followed, Cause.FAILED, error, at)
        self._forget(followed)

    def _forget(self, followed: SymbolSession) -> None:
        symbol = followed.book.symbol
        self._messages_before += followed.messages
        self.manager.untrack(symbol)
        for symbols in self._traded.values():
            symbols.discard(symbol)

    def _end(self, followed: SymbolSession, cause: Cause, error: Exception, at: float) -> None:
        try:
            followed.end(cause, at, error=repr(error)[:200])
        except Exception:
            log.exception("%s %s: its end could not be written", self._adapter.venue, followed.book.symbol)

    def _fail(self, symbol: str, error: Exception, at: float) -> None:
        """Something of ours failed in a symbol: it begins anew, and no other one notices."""
        self.failures += 1
        log.exception("%s %s: failed, begins anew", self._adapter.venue, symbol, exc_info=error)
        followed = self._followed.pop(symbol, None)
        if followed is None:
            return
        self._end(followed, Cause.FAILED, error, at)
        self._forget(followed)
        before = self._failed_symbols.get(symbol)
        lately = before is not None and 0 <= at - before.again < LONGEST_FAILURE
        times = before.times + 1 if before is not None and lately else 1
        wait = 0.0 if times == 1 else min(2.0 ** (times - 1), LONGEST_FAILURE)
        self._failed_symbols[symbol] = _Failed(
            followed.instrument_id, followed.measures, followed.subject, times, at + wait, repr(error)[:200]
        )
        if times == ALERTED_FAILURES:
            self._tell_failures(symbol, at, over=False)

    def _tell_failures(self, symbol: str, at: float, *, over: bool) -> None:
        failed = self._failed_symbols[symbol]
        alert = failure_alert(
            failed.instrument_id, symbol, self._adapter.venue, failed.times, failed.error, at, over=over
        )
        self._outlets.put(ORDER_BOOK_ALERTS, alert_row(alert))
        self._outlets.alert(alert)

    def _each(self, symbols: Iterable[str], at: float, act: Callable[[SymbolSession], object]) -> None:
        """Do something in each of these that is followed; where it fails, only that one ends."""
        for symbol in symbols:
            followed = self._followed.get(symbol)
            if followed is not None:
                try:
                    act(followed)
                except Exception as error:
                    self._failing.setdefault(symbol, error)
        self._end_failing(at)

    def _end_failing(self, at: float) -> None:
        while self._failing:
            self._fail(*self._failing.popitem(), at)

    def _begin_anew(self, at: float) -> None:
        for symbol, failed in list(self._failed_symbols.items()):
            if not failed.waits and at - failed.again >= LONGEST_FAILURE:
                if failed.times >= ALERTED_FAILURES:
                    self._tell_failures(symbol, at, over=True)
                del self._failed_symbols[symbol]
            elif failed.waits and (at >= failed.again or at < failed.again - LONGEST_FAILURE):
                failed.waits = False
                self.track(symbol, failed.instrument_id, at, failed.measures, failed.subject)

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
        messages, malformed = self.reader.read(body, at)
        self.take(messages, connection, at)
        for bad in malformed:
            self.unreadable(connection, bad, at)

    def take(self, messages: Iterable[Message], connection: str, at: float) -> None:
        """The messages of one frame, in order, as the reader let them pass."""
        for message in messages:
            symbol = getattr(message, "symbol", "")
            try:
                self._take(message, symbol, connection, at)
            except Exception as error:
                if symbol not in self._followed:
                    raise
                self._failing.setdefault(symbol, error)
            if self._failing:
                self._end_failing(at)

    def _take(self, message: Message, symbol: str, connection: str, at: float) -> None:
        if isinstance(message, DepthDiff | DepthSnapshot):
            followed = self._followed.get(symbol) or self._met(symbol, at)
            outcome = self.manager.receive(message, connection, at)
            if followed is not None and outcome is not None:
                followed.on_depth(message, outcome, at)
            return
        if isinstance(message, Trade | Candle):
            followed = self._followed.get(symbol) or self._met(symbol, at)
            if followed is None:
                return
            if isinstance(message, Candle):
                followed.on_candle(message, at)
                return
            self._traded[connection].add(symbol)
            followed.on_trade(message, at)
        elif isinstance(message, Liquidation):
            if self._on_liquidation is not None:
                self._on_liquidation(message, at)
        elif (
            isinstance(message, SequenceMark)
            and self.manager.receive(message, connection, at) is Outcome.BROKE
        ):
            self._hole(connection, at)

    def opened(self, connection: str, at: float) -> None:
        """A connection was opened, perhaps again."""
        self.manager.opened(connection, at)
        self._hole(connection, at)

    def closed(self, connection: str, at: float, why: str = "") -> None:
        """A connection is gone for good; `why` is for the log of who closed it."""
        self.manager.closed(connection, at)
        gone = self._traded.pop(connection, set())
        elsewhere = set().union(*self._traded.values())
        self._each(sorted(gone - elsewhere), at, lambda followed: followed.on_hole(at))

    def unreadable(self, connection: str, bad: Malformed, at: float) -> None:
        """A message that could not be read or cannot be true."""
        self.malformed += 1

        def tell(followed: SymbolSession) -> None:
            followed.on_malformed(bad.error, at, hole=not bad.liquidation)
            book = followed.book
            if bad.depth and not self._adapter.rules.owns_ids and not book.wants_snapshot:
                book.break_up(Cause.MALFORMED, at)  # elsewhere the ids of the next message tell

        self._each([bad.symbol], at, tell)
        if not bad.symbol and not bad.liquidation:
            self._hole(connection, at)

    def refused(self, subscription: Subscription, why: str, at: float) -> None:
        """The venue refused a subscription by itself; who tells of it asks again."""
        channel = subscription.channel
        self._each([subscription.symbol], at, lambda followed: followed.on_refused(channel, why, at))

    def accepted(self, subscription: Subscription, at: float) -> None:
        """It accepted one."""
        channel = subscription.channel
        self._each([subscription.symbol], at, lambda followed: followed.on_accepted(channel, at))

    # what comes over REST, and with time -----------------------------------------------------------------

    def requested(self, symbol: str, at: float) -> None:
        """The snapshot that a book wants is being asked for."""
        if symbol in self.manager.books:
            self.manager.books[symbol].resyncing(at)
            self._end_failing(at)

    def snapshot(self, snapshot: DepthSnapshot, at: float) -> None:
        """A book over REST; left out if nobody waits for it."""
        followed = self._followed.get(snapshot.symbol) or self._met(snapshot.symbol, at)
        book = self.manager.books.get(snapshot.symbol)
        if book is None and self._register is not None:
            book = self.manager.book(snapshot.symbol)
        if book is None or not book.takes_snapshot:
            return
        if followed is None:
            book.on_snapshot(snapshot, at)
            return

        def take(followed: SymbolSession) -> None:
            outcome = book.on_snapshot(snapshot, at)
            if outcome is not Outcome.OLD:
                followed.on_rest_book(snapshot, outcome, at)

        self._each([snapshot.symbol], at, take)

    def filled(self, symbol: str, candles: Iterable[CandleValues]) -> None:
        """Closed candles that REST brought for overdue minutes; their rows were put by who asked."""
        given = list(candles)
        if given:
            at = max(candle.received_at for candle in given)
            self._each([symbol], at, lambda followed: followed.filled(given))

    def tick(self, at: float) -> None:
        """What passing time decides; wanted about ten times a second."""
        self._each(list(self._followed), at, lambda followed: followed.on_time(at))
        if self._failed_symbols:
            self._begin_anew(at)
        if self._options.live and self._clock_beat.due(at):
            self._look_at_clock(at)

    def silent(self, at: float) -> list[Subscription]:
        """Depth streams that have said nothing of use for too long, each at growing intervals.

        Their books are stale from now on, and they should be subscribed anew where REST does not show that
        the market is quiet.
        """
        found = []

        def look(followed: SymbolSession) -> None:
            if followed.silence.due(at, self._options.silence_seconds):
                followed.book.mark_stale(Cause.SILENT, at, seconds=round(followed.quiet(at), 3))
                found.append(Subscription(followed.book.symbol, Channel.DEPTH))

        self._each(list(self._followed), at, look)
        return found

    def quiet(self, symbol: str, at: float) -> float:
        """Seconds since the depth stream of a symbol said something of use, or began to be followed."""
        followed = self._followed.get(symbol)
        return 0.0 if followed is None else at - followed.silence.heard

    def dead(self, at: float) -> list[Subscription]:
        """Trades and candles known not to be heard, to be subscribed anew, each at growing intervals."""
        found: list[Subscription] = []

        def look(followed: SymbolSession) -> None:
            found.extend(Subscription(followed.book.symbol, each) for each in followed.liveness.due(at))

        self._each(list(self._followed), at, look)
        return found

    def is_dead(self, subscription: Subscription) -> bool:
        """Whether trades or candles are known not to be heard."""
        followed = self._followed.get(subscription.symbol)
        return followed is not None and subscription.channel in followed.liveness.dead()

    def overdue(self, at: float) -> list[tuple[int, str, datetime]]:
        """Minutes that are over and whose candle did not come: (instrument, symbol, open time)."""
        found: list[tuple[int, str, datetime]] = []

        def look(followed: SymbolSession) -> None:
            found.extend((followed.instrument_id, followed.book.symbol, ts) for ts in followed.overdue(at))

        self._each(list(self._followed), at, look)
        return found

    def totals(self) -> SessionTotals:
        """How the session stands."""
        books = [followed.book for followed in self._followed.values()]
        return SessionTotals(
            books=len(books),
            synced=sum(book.state is BookState.SYNCED for book in books),
            messages=self._messages_before + sum(each.messages for each in self._followed.values()),
            gaps=self.manager.gaps,
            resyncs=self.manager.resyncs,
        )

    def _met(self, symbol: str, at: float) -> SymbolSession | None:
        """A symbol that is not tracked: tracked from now on, if it has an instrument."""
        if self._register is None or symbol in self._without_rows:
            return None
        instrument_id = self._register(symbol)
        if instrument_id is None:
            self._without_rows.add(symbol)
            return None
        self.track(symbol, instrument_id, at)
        return self._followed[symbol]

    def _look_at_clock(self, at: float) -> None:
        """Write how far our clock is ahead of the venue's, and tell it where that matters."""
        ahead, limit = self.reader.clock.ahead(at), self._options.clock_seconds
        lags = [followed.lag for followed in self._followed.values() if at - followed.silence.heard < 60.0]
        by = (self._outlets.shard, self._outlets.run_id)
        row = clock_row(
            self._adapter.venue, by, ahead, max(lags, default=None), self.reader.clock.refused, at
        )
        self._outlets.put(VENUE_CLOCKS, row)
        self._clock_wrong = self._clock_wrong + 1 if abs(ahead) > limit else 0
        symbol = self._clock_told if self._clock_told in self._followed else min(self._followed, default=None)
        if symbol is None:
            return
        if self._clock_wrong >= 2:  # filed under one symbol, as alerts are
            self._clock_told = symbol
            self._each([symbol], at, lambda followed: followed.on_clock(ahead, at))
        elif abs(ahead) < limit / 2 and self._clock_told is not None:
            self._each([symbol], at, lambda followed: followed.on_clock(0.0, at))
            self._clock_told = None

    def _hole(self, connection: str, at: float) -> None:
        """Something of a connection is missing, and it is not known what."""
        traded = sorted(self._traded.get(connection, ()))
        self._each(traded, at, lambda followed: followed.on_hole(at))

    def _event(self, event: BookEvent) -> None:
        """A book's event. What fails in telling it is no fault of the others, which may have one as well."""
        followed = self._followed.get(event.symbol)
        if followed is not None:
            try:
                followed.on_event(event)
            except Exception as error:
                self._failing.setdefault(event.symbol, error)
