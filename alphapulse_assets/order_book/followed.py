"""One symbol as the desk follows it: book, trades and candles, and the rows and alerts they give. Pure."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alphapulse_assets.candles.closing import CandleValues, ClosedCandle
from alphapulse_assets.order_book.alerts import Alert, AlertRules
from alphapulse_assets.order_book.analytics import BookAnalytics
from alphapulse_assets.order_book.beats import Beat
from alphapulse_assets.order_book.book import OrderBook, Outcome
from alphapulse_assets.order_book.desk_options import DeskOptions
from alphapulse_assets.order_book.events import BookEvent, BookState, Cause
from alphapulse_assets.order_book.features import Measures
from alphapulse_assets.order_book.live_candles import LiveCandles
from alphapulse_assets.order_book.rows import (
    alert_row,
    candle_row,
    event_row,
    forming_row,
    second_row,
    status_row,
    sweep_row,
)
from alphapulse_assets.order_book.silence import Silence
from alphapulse_assets.order_book.sweeps import Bar, Sweep
from alphapulse_assets.order_book.thresholds import Subject
from alphapulse_assets.order_book.trade_seconds import TradeSecond, TradeSeconds
from alphapulse_assets.order_book.usd import UsdRates
from alphapulse_resources.streams.messages import Candle, DepthDiff, DepthSnapshot, Trade
from alphapulse_resources.streams.symbols import kind_of, unified_symbol
from alphapulse_resources.streams.tables import (
    CANDLES,
    FORMING_CANDLES,
    LIQUIDITY_SWEEPS,
    ORDER_BOOK_ALERTS,
    ORDER_BOOK_EVENTS,
    ORDER_BOOK_STATUS,
    TRADES_1S,
    Put,
)

_ERROR_SHOWN: Final = 200
"""Characters of an error that an event keeps (ours)."""


@dataclass(frozen=True, slots=True)
class Outlets:
    """What a desk's symbols have in common: where things go, in whose name, by which options."""

    put: Put
    alert: Callable[[Alert], None]
    on_candle: Callable[[int, ClosedCandle], None] | None
    options: DeskOptions
    venue: str
    shard: str
    run_id: str
    candles_from_trades: bool
    trade_ids_run_on: bool


class FollowedSymbol:
    """One symbol from `started` to `stop`.

    Args:
        book: its book, kept by the desk's keeper.
        instrument_id: for the rows.
        outlets: see `Outlets`.
        measures: what a unit of size is worth in quote units.
        at: from when on it is followed.
        subject: what it is called; None: as its venue's name tells.
    """

    def __init__(
        self,
        book: OrderBook,
        instrument_id: int,
        outlets: Outlets,
        measures: Measures | None,
        at: float,
        subject: Subject | None = None,
    ) -> None:
        options = outlets.options
        subject = subject or subject_of(outlets.venue, book.symbol)
        thresholds = options.thresholds.of(subject)
        self.book: Final = book
        self.instrument_id: Final = instrument_id
        self.silence: Final = Silence(at)  # of its depth stream
        self.messages = 0
        self._out = outlets
        self._subject = subject
        self._measures = measures or Measures()
        self._rate = options.rates.of(self._currency)
        self._rules = AlertRules(
            instrument_id, book.symbol, outlets.venue, thresholds.alerts, quote=self._currency
        )
        self._analytics = BookAnalytics(
            book,
            instrument_id,
            put=outlets.put,
            rules=self._rules,
            thresholds=thresholds,
            measures=measures,
            options=options,
            rate=self._rate,
        )
        self._seconds = TradeSeconds(runs_on=outlets.trade_ids_run_on)
        self._candles = LiveCandles(
            book.symbol, thresholds.sweeps, at, from_trades=outlets.candles_from_trades
        )
        self._status_beat = Beat(options.status_seconds, book.symbol)
        self._forming_beat = Beat(options.forming_seconds, book.symbol)
        self._status_told = (-math.inf, -1, BookState.NONE)  # when, messages and state then
        self._event_us = 0  # of the latest event's row
        self._malformed = 0  # not told yet
        self._malformed_error = ""
        self._malformed_beat = Beat(options.malformed_seconds, book.symbol, at_once=True)
        self._last = BookEvent(at, book.symbol, BookState.NONE, book.state, Cause.STARTED)
        self.on_event(self._last)

    @property
    def _currency(self) -> str | None:
        """What notionals are in; None where it is not known, as of contracts whose size is not."""
        return None if self._measures.inverse and self._measures.contract == 1.0 else self._subject.quote

    def price_in(self, rates: UsdRates) -> None:
        """What currencies are worth from now on."""
        rate = rates.of(self._currency)
        if rate != self._rate:
            self._rate = rate
            self._analytics.price_in(rate)

    def on_event(self, event: BookEvent) -> None:
        """The book has changed its state, or noticed something in it."""
        if event.before is not event.after:
            self._last = event
            self._tell(self._rules.on_event(event))
        if event.before is BookState.SYNCED and event.after is not BookState.SYNCED:
            self._tell(self._analytics.lost(event.at))
        # strictly in order: changes of one moment must not be told apart by luck
        self._event_us = max(round(event.at * 1e6), self._event_us + 1)
        row = event_row(self.instrument_id, event, self._event_us / 1e6, self._out.run_id)
        self._out.put(ORDER_BOOK_EVENTS, row)

    def on_depth(self, message: DepthDiff | DepthSnapshot, outcome: Outcome, at: float) -> None:
        """The book has taken a message."""
        self.messages += 1
        if outcome is not Outcome.STRAY:
            waits_in_vain = outcome is Outcome.WAITING and self.book.snapshot_in_stream
            if not waits_in_vain:  # for a snapshot that only the stream itself can bring
                self.silence.hear(at)
        self._tell(self._analytics.on_depth(message, outcome, at))

    def on_trade(self, trade: Trade, at: float) -> None:
        """Take a trade; it is left out if it came before."""
        self.messages += 1
        if not (0.0 < trade.price < math.inf and 0.0 <= trade.size < math.inf):
            self.on_malformed(f"trade {trade.trade_id}: price {trade.price}, size {trade.size}", at)
            return
        if not self._seconds.on_trade(trade, at):
            return
        self._tell(self._analytics.on_trade(trade, at))
        self._close(self._candles.on_trade(trade, at))

    def on_candle(self, candle: Candle, at: float) -> None:
        """Take the venue's candle."""
        self.messages += 1
        self._close(self._candles.on_candle(candle, at))

    def on_hole(self, at: float) -> None:
        """Trades may be missing from the latest one until the next."""
        self._seconds.on_hole()
        self._candles.on_hole(at)

    def on_malformed(self, error: str, at: float) -> None:
        """A frame of it could not be read; what was in it is unknown."""
        self._malformed += 1
        self._malformed_error = error[:_ERROR_SHOWN]
        self.on_hole(at)
        self._tell_malformed(at)

    def on_time(self, at: float) -> None:
        """Time has passed: what is due is told."""
        self._tell(self._analytics.on_time(at))
        self._tell(self._rules.on_time(at))
        self._put_seconds(self._seconds.on_time(at))
        self._close(self._candles.on_time(at))
        if self._out.options.live:
            self._tell_forming(at)
            if self._status_beat.due(at):
                self._tell_status(at)

    def stop(self, cause: Cause, at: float) -> None:
        """It is not followed any more: what is open is written."""
        self._tell(self._analytics.on_time(at))
        self._tell(self._analytics.stop(at))
        self._put_seconds(self._seconds.stop(at))
        if self._malformed:
            self._tell_malformed(at, now=True)
        self.on_event(BookEvent(at, self.book.symbol, self.book.state, BookState.STOPPED, cause))
        if self._out.options.live:
            self._put_status(at)  # nobody else will say that it is not followed any more

    def overdue(self, at: float) -> list[datetime]:
        """Closed minutes whose candle did not come."""
        return self._candles.overdue(at)

    def filled(self, candles: Iterable[CandleValues]) -> None:
        """Closed candles that came another way, and were written there."""
        for candle in candles:
            self._tell_sweeps(self._candles.filled(candle), candle.received_at)

    def warm(self, bars: Iterable[Bar]) -> None:
        """Closed bars of the past, in order."""
        self._candles.warm(bars)

    def _close(self, candles: list[ClosedCandle]) -> None:
        for candle in candles:
            self._out.put(CANDLES, candle_row(self.instrument_id, candle))
            if self._out.on_candle is not None:
                self._out.on_candle(self.instrument_id, candle)
            self._tell_sweeps(self._candles.sweeps(candle), candle.received_at)

    def _tell_sweeps(self, sweeps: list[Sweep], received_at: float) -> None:
        for sweep in sweeps:
            known_at = max(sweep.known_at, received_at)
            self._out.put(LIQUIDITY_SWEEPS, sweep_row(self.instrument_id, sweep, known_at))
            self._tell(self._rules.on_sweep(sweep, known_at))

    def _put_seconds(self, seconds: list[TradeSecond]) -> None:
        for second in seconds:
            self._out.put(TRADES_1S, second_row(self.instrument_id, second))

    def _tell(self, alerts: list[Alert]) -> None:
        for alert in alerts:
            self._out.put(ORDER_BOOK_ALERTS, alert_row(alert))
            self._out.alert(alert)

    def _tell_forming(self, at: float) -> None:
        if self._forming_beat.due(at) and (forming := self._candles.new_forming()) is not None:
            self._out.put(FORMING_CANDLES, forming_row(self.instrument_id, forming))

    def _tell_malformed(self, at: float, *, now: bool = False) -> None:
        if not (self._malformed_beat.due(at) or now):
            return
        state = self.book.state
        detail: dict[str, int | float | str] = {"frames": self._malformed, "error": self._malformed_error}
        self._malformed = 0
        self.on_event(BookEvent(at, self.book.symbol, state, state, Cause.MALFORMED, detail))

    def _tell_status(self, at: float) -> None:
        told_at, messages, state = self._status_told
        same = messages == self.messages and state is self.book.state
        if same and 0 <= at - told_at < self._out.options.idle_status_seconds:
            return
        self._status_told = (at, self.messages, self.book.state)
        self._put_status(at)

    def _put_status(self, at: float) -> None:
        by = (self._out.shard, self._out.run_id)
        self._out.put(
            ORDER_BOOK_STATUS,
            status_row(self.instrument_id, self.book, self._last, self.messages, by, at, self._rate),
        )


def subject_of(venue: str, venue_symbol: str) -> Subject:
    """A market as far as its venue's name for it tells."""
    symbol = unified_symbol(venue, venue_symbol)
    return Subject(venue, venue_symbol, symbol, symbol and kind_of(symbol))
