"""The streams of one market in one worker: sockets, session, and the queue that asks for its books."""

import asyncio
import logging
import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from alphapulse_assets.alerts.model import Alert
from alphapulse_assets.candles.closing import ClosedCandle
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.futures.liquidations.watch import LiquidationWatch
from alphapulse_assets.order_book.book.events import BookState, Cause, SnapshotRequest
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.session.market_session import MarketSession
from alphapulse_assets.order_book.session.options import SessionOptions
from alphapulse_assets.order_book.whales.thresholds import Subject
from alphapulse_assets.order_book.whales.usd import UsdRates
from alphapulse_assets.streaming.channels import STREAMED, wanted_channels
from alphapulse_assets.streaming.fill_in import CandleFillIn
from alphapulse_resources.streams.feed import Feed
from alphapulse_resources.streams.feeding import ThrottledLogger
from alphapulse_resources.streams.messages import SnapshotQuery
from alphapulse_resources.streams.protocols import Channel, Subscription
from alphapulse_resources.streams.snapshots import SnapshotOptions, SnapshotQueue
from alphapulse_resources.streams.tables import Put
from alphapulse_resources.streams.venues import ADAPTERS, INVERSE, PROTOCOLS
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.depth import affordable_levels, order_book_weight
from alphapulse_resources.venues.model import Instrument
from alphapulse_resources.venues.registry import find_bucket

log = logging.getLogger(__name__)

START_SECONDS: Final = 30.0
"""Books over REST are so deep that all of a market start in this time, at our share of its limit (ours)."""
TICK_SECONDS: Final = 0.1
JUDGE_SECONDS: Final = 1.0
"""How often streams are judged for silence, and candles for absence."""
WARM_BARS: Final = 120
"""Stored candles from which sweeps are known at once: pivots, ATR and mean volume reach no further (ours)."""

UNANSWERED_SECONDS: Final = 60.0
"""After which a subscription of a channel that may be quiet is asked for anew, where the venue has neither
accepted nor refused it: of other channels their silence tells (ours)."""


@dataclass(frozen=True, slots=True)
class MarketContext:
    """What the markets of a worker have in common.

    `recent` gives an instrument's newest stored bars, blocking; it may raise whatever the database raises.
    `liquidated` gives in the same way the minutes in which positions of it were closed: start, quote units.
    `on_candle` is told every closed candle with its instrument, wherever it came from.
    """

    venues: VenueClient
    venue_url: str | None
    put: Put
    alert: Callable[[Alert], None]
    recent: Callable[[int, int], list[Bar]]
    on_candle: Callable[[int, ClosedCandle], None]
    options: SessionOptions
    run_id: str
    shard: str
    share: float = 0.5  # of the venues' limits that may be used for books; the rest is for candles
    liquidated: Callable[[int], Sequence[tuple[float, float]]] | None = None
    watched: Callable[[int], bool] | None = None  # whether somebody follows the book of an instrument
    datasets: frozenset[str] = STREAMED  # that are wanted: their channels are subscribed to, and no others


class MarketStream:
    """One market's streams, for as long as `run` runs. `market` is its name in `streams.venues.PROTOCOLS`."""

    def __init__(self, market: str, around: MarketContext) -> None:
        self.market: Final = market
        self._around = around
        self._protocol = PROTOCOLS[market]
        self._adapter = ADAPTERS[self._protocol.venue]
        self._instruments: dict[str, Instrument] = {}  # by the venue's own symbol
        self._cold: deque[Instrument] = deque()  # without their stored bars yet
        self.liquidations: Final = LiquidationWatch(
            self._protocol.venue,
            put=around.put,
            alert=around.alert,
            thresholds=around.options.thresholds,
            rates=around.options.rates,
            run_id=around.run_id,
        )
        self.session: Final = MarketSession(
            self._adapter,
            put=around.put,
            request=self._ask,
            options=around.options,
            run_id=around.run_id,
            shard=around.shard,
            alert=around.alert,
            on_candle=around.on_candle,
            on_liquidation=self.liquidations.take,
            watched=around.watched,
        )
        self.feed: Final = Feed(
            market, self.session, venue_url=around.venue_url, refused=self._refused, accepted=self._accepted
        )
        self._trouble = ThrottledLogger(log)
        self._renewed: set[Subscription] = set()  # trades and candles that were dead
        self._levels = 0  # of a book over REST
        self._asked_levels: dict[str, int] = {}  # of the one that is under way, by symbol
        self._snapshots: SnapshotQueue | None = None
        if not self._adapter.rules.snapshot_in_stream:
            self._levels = affordable_levels(self._protocol.venue, 1, math.inf)
            self._snapshots = self._queue()
        self._fill_in = CandleFillIn(around.venues, around.put, filled=self._filled)

    def follow(self, instruments: Iterable[Instrument]) -> None:
        """Follow exactly these from now on; the others are dropped, their books end as untracked."""
        now = time.time()
        wanted = {instrument.venue_symbol: instrument for instrument in instruments}
        if wanted == self._instruments:
            return
        for symbol in sorted(self._instruments):
            known = self._instruments[symbol]
            if symbol not in wanted or wanted[symbol].contract_size != known.contract_size:
                self._drop(symbol, now)  # what was in contracts of another size begins anew
        for symbol in sorted(wanted.keys() - self._instruments.keys()):
            self._instruments[symbol] = wanted[symbol]
            self._cold.append(wanted[symbol])
            subject, measures = _subject(wanted[symbol]), _measures(wanted[symbol])
            self.session.track(symbol, wanted[symbol].instrument_id, now, measures, subject)
            self.liquidations.track(symbol, wanted[symbol].instrument_id, subject, measures)
        if self._snapshots is not None:
            self._set_levels(self._snapshots)
        channels = wanted_channels(self._around.datasets, self._protocol.channels)
        self.feed.want([Subscription(symbol, channel) for symbol in wanted for channel in channels])

    def price_in(self, rates: UsdRates) -> None:
        """What currencies are worth in USD from now on."""
        self.session.price_in(rates)
        self.liquidations.price_in(rates)

    def stop(self, at: float) -> None:
        """Write what is open; the run ends."""
        try:
            self.session.stop(at)
        finally:
            self.liquidations.stop(at)

    async def run(self) -> None:
        """Until cancelled; the sockets are closed then; what is held is for `stop` to write."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.feed.run(), name=f"{self.market} feed")
            tasks.create_task(self._fill_in.run(), name=f"{self.market} fill-in")
            tasks.create_task(self._clock(), name=f"{self.market} clock")
            tasks.create_task(self._warm(), name=f"{self.market} stored bars")
            if self._snapshots is not None:
                tasks.create_task(self._snapshots.run(), name=f"{self.market} snapshots")

    def _queue(self) -> SnapshotQueue:
        options = SnapshotOptions(
            budget=find_bucket(self._protocol.venue),
            weight=order_book_weight(self._protocol.venue, self._levels),
            share=self._around.share,
        )
        return SnapshotQueue(
            self._fetch_book,
            self._take_book,
            requested=self.session.requested,
            failed=self._not_fetched,
            options=options,
        )

    def _set_levels(self, queue: SnapshotQueue) -> None:
        """How deep books are asked for from now on."""
        venue, books = self._protocol.venue, len(self._instruments)
        bucket = find_bucket(venue)
        budget = self._around.share * bucket.rate * START_SECONDS
        self._levels = affordable_levels(venue, books, budget)
        queue.weight = order_book_weight(venue, self._levels)

    def _drop(self, symbol: str, now: float) -> None:
        instrument = self._instruments.pop(symbol)
        self._fill_in.forget(instrument.instrument_id)
        if self._snapshots is not None:
            self._snapshots.cancel(symbol)
        self.session.untrack(symbol, now)
        self.liquidations.untrack(symbol, now)

    async def _clock(self) -> None:
        """What passing time decides, and what is judged once a second."""
        judged = 0.0
        while True:
            now = time.time()
            # what waits here unread was told: the time of the session is that of what it has taken
            behind = self.feed.behind(now)
            self.session.reader.clock.behind = behind
            try:
                self.session.tick(now - behind)
                if abs(now - judged) >= JUDGE_SECONDS:
                    judged = now
                    self._judge(now - behind)
            except Exception:  # whatever it is, the next look has to come
                self._trouble.warn("%s: a look at its symbols failed", self.market, exc_info=True)
            await asyncio.sleep(TICK_SECONDS)

    def _judge(self, now: float) -> None:
        self._ask_clock()
        self._look_at_liquidations(now)
        silent = self.session.silent(now)
        if self._snapshots is None:
            self._renew(now)
        else:
            for subscription in silent:  # a quiet market, or a dead stream: the venue's book tells
                self._snapshots.request(SnapshotRequest(now, subscription.symbol, Cause.SILENT, attempt=1))
        for subscription in self.session.dead(now):
            self._renewed.add(subscription)
            self.feed.renew(subscription)
        for subscription in [each for each in self._renewed if not self.session.is_dead(each)]:
            self._renewed.discard(subscription)
            self.feed.settled(subscription)
        overdue: defaultdict[str, list[datetime]] = defaultdict(list)
        for _, symbol, minute in self.session.overdue(now):
            overdue[symbol].append(minute)
        for symbol, minutes in overdue.items():
            self._fill_in.ask(self._instruments[symbol], minutes)

    def _look_at_liquidations(self, now: float) -> None:
        """Their silence proves nothing: what counts is that the venue has accepted them."""
        self.liquidations.listening(self.feed.standing(Channel.LIQUIDATIONS), now)
        for subscription in self.feed.unanswered(UNANSWERED_SECONDS):
            self.feed.renew(subscription)

    def _renew(self, now: float) -> None:
        """Subscribe again where that brings a snapshot: books that wait for one, and books gone silent.

        Also those that were silent from the beginning: their subscription may be lost, or not be obeyed.
        """
        for symbol in self._instruments:
            book, depth = self.session.book(symbol), Subscription(symbol, Channel.DEPTH)
            if book is None:
                continue  # it failed, and begins anew in a moment
            silent = self.session.quiet(symbol, now) > self._around.options.silence_seconds
            if book.state in (BookState.SYNCED, BookState.LAGGING):
                self.feed.settled(depth)
            elif book.state is BookState.BROKEN or silent:
                self.feed.renew(depth)

    def _ask_clock(self) -> None:
        """What the venue's REST API said of its clock, when it was last asked for anything."""
        ask = getattr(self._around.venues, "clock_distance", None)
        try:
            told = ask(self._protocol.venue) if ask is not None else None
        except Exception as error:
            self._trouble.warn("%s: its clock is not known over REST: %s", self.market, error)
            return
        if told is not None:
            self.session.reader.clock.asked(*told)

    def _refused(self, subscription: Subscription, why: str) -> None:
        self.session.refused(subscription, why, time.time())

    def _accepted(self, subscription: Subscription) -> None:
        self.session.accepted(subscription, time.time())

    async def _warm(self) -> None:
        """Give newly followed symbols their stored bars, one by one; without them sweeps are known later."""
        while True:
            while self._cold:
                instrument = self._cold.popleft()
                try:
                    bars = await asyncio.to_thread(self._around.recent, instrument.instrument_id, WARM_BARS)
                    self.session.warm(instrument.venue_symbol, bars)
                    if self._around.liquidated is not None:
                        past = await asyncio.to_thread(self._around.liquidated, instrument.instrument_id)
                        self.liquidations.warm(instrument.venue_symbol, past)
                except Exception as error:  # the other symbols' bars have to come
                    log.warning("%s: its stored rows could not be read: %s", instrument, error)
            await asyncio.sleep(JUDGE_SECONDS)

    # books over REST -------------------------------------------------------------------------------------

    def _ask(self, request: SnapshotRequest) -> None:
        """A book wants a snapshot: over REST, or by subscribing anew where the stream begins with one."""
        if self._snapshots is not None:
            self._snapshots.request(request)
        else:
            self.feed.renew(Subscription(request.symbol, Channel.DEPTH))

    def _fetch_book(self, symbol: str) -> bytes:
        """Blocking; called in a thread."""
        kind, levels = self._instruments[symbol].kind, self._levels
        self._asked_levels[symbol] = levels
        return self._around.venues.order_book(self._protocol.venue, symbol, levels, kind=kind)

    def _take_book(self, symbol: str, body: bytes, at: float) -> None:
        query = SnapshotQuery(symbol, self._asked_levels.pop(symbol))
        snapshot = self.session.reader.read_snapshot(query, body, at)
        self.session.snapshot(snapshot, at)
        book, depth = self.session.book(symbol), Subscription(symbol, Channel.DEPTH)
        if book is not None and book.state in (BookState.SYNCED, BookState.LAGGING):
            self.feed.settled(depth)
        else:
            self._renew_silent(symbol)  # the market went on without the stream

    def _not_fetched(self, symbol: str, error: Exception) -> None:
        """The queue has logged it and tries again; a silent stream need not wait for that."""
        self._renew_silent(symbol)

    def _renew_silent(self, symbol: str) -> None:
        now = time.time()
        if self.session.quiet(symbol, now - self.feed.behind(now)) > self._around.options.silence_seconds:
            self.feed.renew(Subscription(symbol, Channel.DEPTH))

    def _filled(self, instrument: Instrument, candle: ClosedCandle) -> None:
        self.session.filled(instrument.venue_symbol, [candle])
        self._around.on_candle(instrument.instrument_id, candle)


def _measures(instrument: Instrument) -> Measures:
    """What a unit of size is worth; of inverse contracts a size of 1 stands for one that is not known."""
    return Measures(contract=instrument.contract_size or 1.0, inverse=instrument.venue in INVERSE)


def _subject(instrument: Instrument) -> Subject:
    return Subject(instrument.venue, instrument.venue_symbol, instrument.symbol, instrument.kind)
