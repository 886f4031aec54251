"""One symbol as the session follows it: book, trades and candles, and the rows and alerts they give. Pure."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alphapulse_assets.alerts.model import Alert
from alphapulse_assets.alerts.rows import alert_row
from alphapulse_assets.candles.closing import CandleValues, ClosedCandle
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.order_book.book.book import OrderBook, Outcome
from alphapulse_assets.order_book.book.events import BookEvent, BookState, Cause
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.session.alerts import AlertRules
from alphapulse_assets.order_book.session.analytics import BookAnalytics
from alphapulse_assets.order_book.session.channel_alerts import ChannelAlerts
from alphapulse_assets.order_book.session.live_candles import LiveCandles
from alphapulse_assets.order_book.session.liveness import Liveness, Notice
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.order_book.session.periodic_trigger import PeriodicTrigger
from alphapulse_assets.order_book.session.rows import (
    candle_row,
    event_row,
    forming_row,
    second_row,
    status_row,
    sweep_row,
)
from alphapulse_assets.order_book.session.staleness_timer import StalenessTimer
from alphapulse_assets.order_book.session.trade_seconds import TradeSecond, TradeSeconds
from alphapulse_assets.order_book.whales.sweeps import Sweep
from alphapulse_assets.order_book.whales.thresholds import Subject
from alphapulse_assets.order_book.whales.usd import UsdRates
from alphapulse_resources.streams.clock import MarketClock
from alphapulse_resources.streams.messages import Candle, DepthDiff, DepthSnapshot, Trade
from alphapulse_resources.streams.protocols import Channel
from alphapulse_resources.streams.symbols import kind_of
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
class SessionContext:
    """What a session's symbols have in common: where things go, in whose name, by which options."""

    put: Put
    alert: Callable[[Alert], None]
    on_candle: Callable[[int, ClosedCandle], None] | None
    options: SessionOptions
    venue: str
    shard: str
    run_id: str
    candles_from_trades: bool
    trade_ids_run_on: bool
    unified: Callable[[str], str | None]  # what the venue's names mean, as well as a name tells
    clock: MarketClock
    watched: Callable[[int], bool] | None = None  # whether somebody follows the book of an instrument


class SymbolSession:
    """One symbol from `started` to `stop`.

    Args:
        book: its book, kept by the session's manager.
        instrument_id: for the rows.
        outlets: see `SessionContext`.
        measures: what a unit of size is worth in quote units.
        at: from when on it is followed.
        subject: what it is called; None: as its venue's name tells.
    """

    def __init__(
        self,
        book: OrderBook,
        instrument_id: int,
        outlets: SessionContext,
        measures: Measures | None,
        at: float,
        subject: Subject | None = None,
    ) -> None:
        options = outlets.options
        subject = subject or _subject(outlets, book.symbol)
        thresholds = options.thresholds.of(subject)
        self.book: Final = book
        self.instrument_id: Final = instrument_id
        self.silence: Final = StalenessTimer(at)  # of its depth stream
        self.messages = 0
        self.measures: Final = measures
        self.liveness: Final = Liveness(at, has_candles=not outlets.candles_from_trades)
        self.channel_alerts: Final = ChannelAlerts(instrument_id, book.symbol, outlets.venue)
        self.lag = 0.0  # seconds that depth came later than it could, when it last came
        self._looking = False  # at what is due of the other channels
        self._verified = -math.inf  # when REST last said that a silent stream missed nothing
        self._out = outlets
        self.subject: Final = subject
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
            watched=outlets.watched,
        )
        self._seconds = TradeSeconds(runs_on=outlets.trade_ids_run_on)
        self._candles = LiveCandles(
            book.symbol,
            thresholds.sweeps,
            at,
            from_trades=outlets.candles_from_trades,
            clock=outlets.clock,
        )
        self._status_beat = PeriodicTrigger(options.status_seconds, book.symbol)
        self._forming_beat = PeriodicTrigger(options.forming_seconds, book.symbol)
        self._status_told = (-math.inf, -1, BookState.NONE)  # when, messages and state then
        self._event_us = 0  # of the latest event's row
        self._malformed = 0  # not told yet
        self._malformed_error = ""
        self._malformed_beat = PeriodicTrigger(options.malformed_seconds, book.symbol, at_once=True)
        self._last = BookEvent(at, book.symbol, BookState.NONE, book.state, Cause.STARTED)
        self.on_event(self._last)

    @property
    def _currency(self) -> str | None:
        """What notionals are in; None where it is not known, as of contracts whose size is not."""
        measures = self.measures or Measures()
        return None if measures.inverse and measures.contract == 1.0 else self.subject.quote

    def price_in(self, rates: UsdRates) -> None:
        """What currencies are worth from now on."""
        rate = rates.of(self._currency)
        if rate != self._rate:
            self._rate = rate
            self._analytics.price_in(rate)

    def on_event(self, event: BookEvent) -> None:
        """The book has changed its state, or noticed something in it."""
        self._look(event.at, event.before)
        if event.cause is Cause.VERIFIED:
            self._verified = event.at
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
        """The book has taken a message of its stream."""
        self.messages += 1
        if outcome is not Outcome.STRAY:
            waits_in_vain = outcome is Outcome.WAITING and self.book.snapshot_in_stream
            if not waits_in_vain:  # for a snapshot that only the stream itself can bring
                self.silence.hear(at)
        if message.venue_ms is not None and outcome in (Outcome.APPLIED, Outcome.OLD):
            self._judge_lag(message.venue_ms, at)
        self._look(at)
        self._tell(self._analytics.on_depth(message, outcome, at))

    def on_rest_book(self, message: DepthSnapshot, outcome: Outcome, at: float) -> None:
        """The book has taken a snapshot over REST, which is no sign of life of the stream."""
        self._look(at)
        self.messages += 1
        self._tell(self._analytics.on_depth(message, outcome, at))

    def on_trade(self, trade: Trade, at: float) -> None:
        """Take a trade; it is left out if it came before."""
        self._look(at)
        self.messages += 1
        if not self._seconds.on_trade(trade, at):
            return
        self._notice(self.liveness.on_trade(trade, at))
        self._tell(self._analytics.on_trade(trade, at))
        self._close(self._candles.on_trade(trade, at))

    def on_candle(self, candle: Candle, at: float) -> None:
        """Take the venue's candle."""
        self._look(at)
        self.messages += 1
        self._notice(self.liveness.on_candle(candle, at))
        closed = self._candles.on_candle(candle, at)
        for each in closed:
            self.liveness.on_closed(each, at)
        self._close(closed)

    def on_refused(self, channel: Channel, why: str, at: float) -> None:
        """The venue refused a channel; it is asked for again by who was told."""
        why = why[:_ERROR_SHOWN]
        self._remark(Cause.REFUSED, at, {"channel": channel.value, "why": why})
        self._tell(self.channel_alerts.on_refused(channel, why, at))

    def on_accepted(self, channel: Channel, at: float) -> None:
        """It did not any more."""
        if alerts := self.channel_alerts.on_accepted(channel, at):
            self._remark(Cause.ACCEPTED, at, {"channel": channel.value})
            self._tell(alerts)

    def on_clock(self, ahead: float, at: float) -> None:
        """How far our clock is ahead of the venue's has come to matter, or (0) does no more."""
        rules = self.channel_alerts
        self._tell(rules.on_clock(ahead, at) if ahead else rules.on_clock_right(at))

    def quiet(self, at: float) -> float:
        """Seconds since its depth stream was heard, or REST said that it missed nothing."""
        return at - max(self.silence.heard, self._verified)

    def on_hole(self, at: float) -> None:
        """Trades may be missing from the latest one until the next."""
        self._look(at)
        self._seconds.on_hole()
        self._candles.on_hole(at)
        self.liveness.on_hole(at)

    def on_malformed(self, error: str, at: float, *, hole: bool = True) -> None:
        """A frame of it could not be read; what was in it is unknown. `hole`: trades may have been in it."""
        self._malformed += 1
        self._malformed_error = error[:_ERROR_SHOWN]
        if hole:
            self.on_hole(at)
        self._tell_malformed(at)

    def on_time(self, at: float) -> None:
        """Time has passed: what is due is told."""
        self._look(at)
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
        self._look(at)
        self._tell(self._analytics.on_time(at))
        self._tell(self._analytics.stop(at))
        self._put_seconds(self._seconds.stop(at))
        if self._malformed:
            self._tell_malformed(at, now=True)
        self.end(cause, at)

    def end(self, cause: Cause, at: float, **detail: str) -> None:
        """The last words alone: where something in it failed, the rest may fail as well."""
        state = self.book.state
        self.on_event(BookEvent(at, self.book.symbol, state, BookState.STOPPED, cause, {**detail}))
        if self._out.options.live:
            self._put_status(at)  # nobody else will say that it is not followed any more

    def overdue(self, at: float) -> list[datetime]:
        """Closed minutes whose candle did not come."""
        return self._candles.overdue(at)

    def filled(self, candles: Iterable[CandleValues]) -> None:
        """Closed candles that came another way, and were written there."""
        for candle in candles:
            self.liveness.on_closed(candle, candle.received_at)
            self._tell_sweeps(self._candles.filled(candle), candle.received_at)

    def warm(self, bars: Iterable[Bar]) -> None:
        """Closed bars of the past, in order."""
        self._candles.warm(bars)

    def _judge_lag(self, venue_ms: int, at: float) -> None:
        """How late depth comes: a book of some time ago is not a book of now."""
        late, most = self._out.clock.late(venue_ms, at), self._out.options.late_seconds
        self.lag = late
        if late > most:
            self.book.mark_late(late, at)
        elif late < most / 2:
            self.book.mark_in_time(late, at)

    def _look(self, at: float, state: BookState | None = None) -> None:
        """What was due of trades and candles before anything that happens `at`; `state`: of the book then."""
        if not self._looking:
            self._looking = True
            try:
                self._notice(self.liveness.on_time(at), state)
            finally:
                self._looking = False

    def _notice(self, notices: list[Notice], state: BookState | None = None) -> None:
        for notice in notices:
            self._tell(self._analytics.trades_known(self.liveness.trades_known, notice.at))
            self._remark(notice.cause, notice.at, {"since": notice.since, **notice.detail}, state)
            if notice.cause is not Cause.TRADES_MISSING:
                tell = self.channel_alerts.on_channel
                self._tell(tell(notice.cause, notice.since, notice.detail, notice.at))

    def _remark(
        self,
        cause: Cause,
        at: float,
        detail: dict[str, int | float | str],
        state: BookState | None = None,
    ) -> None:
        """An event that leaves the book as it is, or as it was."""
        state = state or self.book.state
        self.on_event(BookEvent(at, self.book.symbol, state, state, cause, detail))

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
        detail: dict[str, int | float | str] = {"frames": self._malformed, "error": self._malformed_error}
        self._malformed = 0
        self._remark(Cause.MALFORMED, at, detail)

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


def _subject(outlets: SessionContext, venue_symbol: str) -> Subject:
    """A market as far as its venue's name for it tells."""
    symbol = outlets.unified(venue_symbol)
    return Subject(outlets.venue, venue_symbol, symbol, symbol and kind_of(symbol))
