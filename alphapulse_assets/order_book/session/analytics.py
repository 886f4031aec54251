"""What is made of one symbol's book as it changes: whales, zones, rows of its state, its imbalance. Pure."""

import math
from collections.abc import Callable
from typing import Final

from alphapulse_assets.alerts.model import Alert
from alphapulse_assets.order_book.book.book import OrderBook, Outcome
from alphapulse_assets.order_book.book.events import BookState
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.liquidity.zones import LiquidityMap
from alphapulse_assets.order_book.session.alerts import AlertRules
from alphapulse_assets.order_book.session.live_beat import LiveBeat
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.order_book.session.periodic_trigger import PeriodicTrigger
from alphapulse_assets.order_book.session.rows import live_book_row, snapshot_row, whale_row, zone_row
from alphapulse_assets.order_book.whales.events import Moment, WhaleEvent
from alphapulse_assets.order_book.whales.thresholds import SymbolThresholds
from alphapulse_assets.order_book.whales.usd import PAR, UsdRate
from alphapulse_assets.order_book.whales.watch import WhaleWatch
from alphapulse_resources.streams.feeds import LIVE_BOOKS
from alphapulse_resources.streams.messages import DepthDiff, DepthSnapshot, Trade
from alphapulse_resources.streams.tables import LIQUIDITY_ZONES, ORDER_BOOK_SNAPSHOTS, WHALE_ACTIVITIES, Put

LATE_TRADE: Final = 5.0
"""Seconds, of the venue's clock, that a trade may be behind the book and still explain it (ours)."""


class BookAnalytics:
    """Follows one book after each message to it; every call returns the alerts that are due.

    Nothing is concluded from a state of which the venue's time is not known: a REST book may have none, and
    then the first diff after it begins. A book that loses its proof is waited for: what is open goes on if it
    is proven to be what it was, or as far as its next snapshot shows it.

    Args:
        book: kept by somebody else; its state counts.
        instrument_id: for the rows.
        put: where rows go.
        rules: for alerts.
        measures: what a unit of size is worth in quote units.
        rate: what a quote unit is worth in USD.
        watched: whether somebody follows this book's states as they come; without it nobody does.
    """

    def __init__(
        self,
        book: OrderBook,
        instrument_id: int,
        *,
        put: Put,
        rules: AlertRules,
        thresholds: SymbolThresholds,
        measures: Measures | None,
        options: SessionOptions,
        rate: UsdRate = PAR,
        watched: Callable[[int], bool] | None = None,
    ) -> None:
        self._book = book
        self._id = instrument_id
        self._put = put
        self._rules = rules
        self._levels = options.levels
        self._whales = WhaleWatch(book.symbol, thresholds.whales, measures, rate)
        self._liquidity = LiquidityMap(book.symbol, thresholds.liquidity, measures)
        self._watched = watched
        self._live_beat = LiveBeat(options.live_book_seconds)
        self._live_levels = options.live_book_levels
        self._states = -1  # of the book, up to the one that whales and liquidity have
        self._ts = 0.0  # the venue's clock at that one
        self._snapshot_beat = PeriodicTrigger(options.snapshot_seconds, book.symbol, at_once=True)
        self._zones_beat = PeriodicTrigger(options.zones_seconds, book.symbol)
        self._untold = False  # a state since the latest row of ORDER_BOOK_SNAPSHOTS
        self._unmapped = False  # a state since the latest zones

    def on_depth(self, message: DepthDiff | DepthSnapshot, outcome: Outcome, at: float) -> list[Alert]:
        """The book has taken a message; `outcome` is what became of it."""
        book = self._book
        if outcome is not Outcome.APPLIED or book.state is not BookState.SYNCED or book.venue_ms is None:
            return []
        ts = book.venue_ms / 1e3
        mid, imbalance = book.mid_and_imbalance
        if math.isnan(mid):  # one side is empty
            return self._lose(at, self._goes_on(message))
        found = self._take(message, mid, Moment(ts, at))
        self._untold = self._unmapped = True
        self._tell_snapshot(at)
        if self._watched is not None:
            self._tell_live(at, changed=True)
        alerts = self._rules.on_imbalance(imbalance, ts, at)
        return alerts + self._tell_whales(found) if found else alerts

    def on_trade(self, trade: Trade, at: float) -> list[Alert]:
        """A trade that has not been heard of before; one far behind the book explains nothing of it."""
        if trade.venue_ms / 1e3 < self._ts - LATE_TRADE:
            return []
        return self._tell_whales(self._resume() + self._whales.on_trade(trade, at))

    def trades_known(self, known: bool, at: float) -> list[Alert]:
        """Whether trades are heard from `at` on; what becomes of a wall without them is unknown.

        Walls that were to be judged before are, by what was known then.
        """
        judged = self._resume() + self._whales.on_time(at)
        self._whales.trades_known(known, at)
        return self._tell_whales(judged)

    def price_in(self, rate: UsdRate) -> None:
        """What a quote unit is worth in USD from now on."""
        self._whales.price_in(rate)

    def lost(self, at: float) -> list[Alert]:
        """The book is not proven any more, for now; until `at` it was."""
        return self._lose(at, self._book.counts.book_states == self._states)

    def _lose(self, at: float, went_on: bool) -> list[Alert]:
        """`went_on`: whether the book had been proven again to be what it was, which nobody may have seen."""
        found = self._go_on() if went_on else []
        self._untold = self._unmapped = False
        moment = Moment(self._ts, at)
        self._liquidity.on_lost(moment)
        return self._rules.on_lost(at) + self._tell_whales(found + self._whales.on_paused(moment))

    def stop(self, at: float) -> list[Alert]:
        """Nothing more will be heard of the book."""
        moment = Moment(self._ts, at)
        return self._tell_whales(self._resume() + self._whales.on_lost(moment))

    def on_time(self, at: float) -> list[Alert]:
        """Time has passed: states and zones may be due, walls that are gone judged."""
        alerts = self._tell_whales(self._resume() + self._whales.on_time(at))
        if self._untold:
            self._tell_snapshot(at)
        if self._watched is not None:
            self._tell_live(at)
        if self._unmapped and self._zones_beat.due(at):
            self._unmapped = False
            for zone in self._liquidity.zones(Moment(self._ts, at)) or ():
                self._put(LIQUIDITY_ZONES, zone_row(self._id, zone))
        return alerts

    def _take(self, message: DepthDiff | DepthSnapshot, mid: float, moment: Moment) -> list[WhaleEvent]:
        """Bring the change to whales and liquidity, or the whole book where they have not what was before."""
        book, horizon = self._book, self._book.horizon
        next_one = self._goes_on(message)
        found = self._go_on() if next_one else []
        self._ts, self._states = moment.ts, book.counts.book_states
        if next_one and self._whales.proven:
            self._liquidity.on_changed(message.bids, message.asks, mid, horizon, moment)
            return found + self._whales.on_changed(message.bids, message.asks, mid, moment, horizon)
        bids, asks = book.bids(), book.asks()
        self._liquidity.on_synced(bids, asks, mid, horizon, moment)
        return found + self._whales.on_synced(bids, asks, mid, moment, horizon)

    def _goes_on(self, message: DepthDiff | DepthSnapshot) -> bool:
        """Whether the message is the next change of the book that whales and liquidity have."""
        return isinstance(message, DepthDiff) and self._book.counts.book_states == self._states + 1

    def _resume(self) -> list[WhaleEvent]:
        """Go on if the book has been proven to be what it was."""
        book = self._book
        if book.state is BookState.SYNCED and book.counts.book_states == self._states:
            return self._go_on()
        return []

    def _go_on(self) -> list[WhaleEvent]:
        """From the moment at which the book was proven again, whenever we are called after it."""
        if not self._whales.waits:
            return []
        at = self._book.synced_at
        events = self._whales.on_resumed(at)
        if self._whales.proven:
            self._liquidity.on_resumed(Moment(self._ts, at))
        return events

    def _tell_snapshot(self, at: float) -> None:
        if not self._snapshot_beat.due(at):
            return
        self._untold = False
        row = snapshot_row(self._id, self._book, self._levels, at)
        if row is not None:
            self._put(ORDER_BOOK_SNAPSHOTS, row)

    def _tell_live(self, at: float, *, changed: bool = False) -> None:
        """Tell the book's state to those who watch it, at once and then at most so often."""
        assert self._watched is not None  # the callers have looked
        if self._live_beat.due(at, watched=self._watched(self._id), changed=changed):
            row = live_book_row(self._id, self._book, self._live_levels)
            if row is not None:
                self._put(LIVE_BOOKS, row)

    def _tell_whales(self, events: list[WhaleEvent]) -> list[Alert]:
        if not events:
            return []
        for event in events:
            self._put(WHALE_ACTIVITIES, whale_row(self._id, event))
        return self._rules.on_whales(events)
