"""Whales of one symbol: walls, clusters, large trades, suspected icebergs and spoofs, as they happen. Pure.

Fed with the levels of a synced book as they change, and with trades; a message costs what it changes. Nothing
is concluded while the book is not synced: what is open then waits, and goes on if the book is proven to be
unchanged, or as far as the next snapshot shows it. Thresholds and their sources are in `thresholds`; events,
their units and times in `whale_events`.
"""

import math
from operator import attrgetter
from typing import Final, NamedTuple

from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.book.kernels import ASKS, BIDS
from alphapulse_assets.order_book.book.resting import RestingSizes
from alphapulse_assets.order_book.whales.events import Evidence, Moment, Scene, WhaleEvent, WhaleKind
from alphapulse_assets.order_book.whales.icebergs import Icebergs
from alphapulse_assets.order_book.whales.reference import Usual
from alphapulse_assets.order_book.whales.thresholds import WhaleThresholds
from alphapulse_assets.order_book.whales.usd import PAR, UsdRate
from alphapulse_assets.order_book.whales.wall import TradesHeard
from alphapulse_assets.order_book.whales.walls import Walls
from alphapulse_resources.streams.messages import Levels, Trade

ALL_IN_SIGHT: Final = (0.0, float("inf"))
HELD: Final = 1_000
"""Trades kept while the book is not proven; of more, walls are told but nothing else (ours)."""

_known_at: Final = attrgetter("known_at")


class _Held(NamedTuple):
    """A trade that came while the book was not proven, and what made it large, if it was."""

    trade: Trade
    ts: float
    large: Evidence | None


class WhaleWatch:
    """Looks for whales in one book and its trades.

    Every call returns the events that it made known, in order: those a shorter stream would have given come
    first and are the same. `sight` is the lowest bid and highest ask price up to which the book is known;
    `ALL_IN_SIGHT` where it is known as a whole.

    Args:
        symbol: the venue's own name.
        thresholds: what counts as large.
        measures: what a unit of size is worth in quote units ...
        rate: ... and a quote unit in USD.
    """

    def __init__(
        self,
        symbol: str,
        thresholds: WhaleThresholds,
        measures: Measures | None = None,
        rate: UsdRate = PAR,
    ) -> None:
        self._limits = thresholds
        self._scene = Scene(symbol, measures or Measures(), rate)
        self._synced = False  # something is known of the book, though it may be paused
        self._paused_at: float | None = None  # by our clock ...
        self._paused_ts = 0.0  # ... and the venue's, of the latest state
        self._resumed_at = -math.inf
        self._sizes = (RestingSizes(BIDS), RestingSizes(ASKS))
        self._usual = Usual(thresholds)
        self._usual_trades = Usual(thresholds, thresholds.trade_floor)
        self._trades = TradesHeard(thresholds.settle)
        self._held: list[_Held] = []
        self._knows = False  # all levels were looked at since it is known what is large
        self._walls = tuple(
            Walls(side, self._scene, thresholds, self._usual, self._sizes[side], self._trades)
            for side in (BIDS, ASKS)
        )
        self._icebergs = Icebergs(self._scene, thresholds, self._usual)
        self._price_in()

    @property
    def proven(self) -> bool:
        """Whether changes can be taken: a book was given, and it has been proven ever since."""
        return self._synced and self._paused_at is None

    @property
    def waits(self) -> bool:
        """Whether a book was given that is not proven now, and may be found to go on."""
        return self._synced and self._paused_at is not None

    def on_synced(
        self,
        bids: Levels,
        asks: Levels,
        mid: float,
        moment: Moment,
        sight: tuple[float, float] = ALL_IN_SIGHT,
    ) -> list[WhaleEvent]:
        """The book is synced anew, and these are all its levels. Walls that still stand go on."""
        self._give_up(moment.known_at)
        if self._paused_at is None:
            self._settle(moment.known_at)
        events = self._taken()
        self._synced, self._paused_at, self._resumed_at = True, None, moment.known_at
        self._held.clear()
        self._icebergs.clear()
        self._scene.mid = mid
        for sizes, levels, worst in zip(self._sizes, (bids, asks), sight, strict=True):
            sizes.load(levels)
            sizes.forget_beyond(worst)
        for walls, worst in zip(self._walls, sight, strict=True):
            walls.load(worst, moment)
        self._look_at_all(moment)
        for walls, worst in zip(self._walls, sight, strict=True):
            walls.move(worst, moment)
        return events + self._taken()

    def on_changed(
        self,
        bids: Levels,
        asks: Levels,
        mid: float,
        moment: Moment,
        sight: tuple[float, float] = ALL_IN_SIGHT,
    ) -> list[WhaleEvent]:
        """Levels with a new absolute size (0: gone) in a synced book whose mid is now `mid`."""
        if not self.proven:
            return []
        self._settle(moment.known_at)
        self._scene.mid = mid
        events: list[WhaleEvent] = self._taken()
        for walls, side, levels in zip(self._walls, (BIDS, ASKS), (bids, asks), strict=True):
            for price, before, now in self._sizes[side].change(levels):
                walls.change(price, before, now, moment)
                events += self._icebergs.changed(side, price, before, now, moment)
        for walls, sizes, worst in zip(self._walls, self._sizes, sight, strict=True):
            walls.move(worst, moment)
            for price, _ in sizes.forget_beyond(worst):
                walls.forget(price)
        if not self._knows and self._usual.knows(moment.known_at):
            self._look_at_all(moment)
        return events + self._taken()

    def on_trade(self, trade: Trade, known_at: float) -> list[WhaleEvent]:
        """A trade of this symbol. Its size counts as usual even while the book is not synced."""
        self._give_up(known_at)
        if self.proven:
            self._settle(known_at)
        events = self._taken()
        notional = self._scene.notional(trade.price, trade.size)
        if not 0.0 < notional < math.inf:  # some venues send them of size 0; nothing changed hands
            return events
        large = self._usual_trades.is_large(notional, known_at)
        self._usual_trades.add(notional, known_at)
        evidence = self._usual_trades.evidence(notional) | {"trade_id": trade.trade_id} if large else None
        held = _Held(trade, trade.venue_ms / 1e3, evidence)
        if self.proven:
            return events + self._traded(held, known_at)
        if self.waits:
            self._walls[_resting(trade)].trade(trade.price, trade.size)
            if len(self._held) < HELD:
                self._held.append(held)
        return events

    def on_time(self, known_at: float) -> list[WhaleEvent]:
        """Time has passed without a message: walls that have been gone for long enough are judged."""
        self._give_up(known_at)
        if self.proven:
            self._settle(known_at)
        return self._taken()

    def on_paused(self, moment: Moment) -> list[WhaleEvent]:
        """The book is not proven any more, and it may turn out to have been right all the same."""
        if not self.proven:
            return []
        self._settle(moment.known_at)
        self._paused_at, self._paused_ts = moment.known_at, moment.ts
        return self._taken()

    def on_resumed(self, known_at: float) -> list[WhaleEvent]:
        """The book that was not proven is what it was, so whatever was open goes on."""
        self._give_up(known_at)
        events = self._taken()
        if not self.waits:
            return events
        self._paused_at, self._resumed_at = None, known_at
        held, self._held = self._held, []
        for each in held:
            events += self._traded(each, known_at, again=True)
        self._settle(known_at)
        return events + self._taken()

    def on_lost(self, moment: Moment) -> list[WhaleEvent]:
        """Nothing more is heard of the book: open walls end with cause `unknown`."""
        self._give_up(moment.known_at)
        if not self._synced:
            return self._taken()
        if self._paused_at is None:
            self._settle(moment.known_at)
        self._lose(moment)
        return self._taken()

    def trades_known(self, known: bool, at: float) -> None:
        """Whether trades are heard from now on: without them no wall that vanishes is judged."""
        if self._trades.known and not known:
            for walls in self._walls:
                walls.trades_lost(at)
        self._trades.set(known, at)

    def price_in(self, rate: UsdRate) -> None:
        """What a quote unit is worth from now on. What is open goes on."""
        before, self._scene.rate = self._usual.floor, rate
        self._price_in()
        changed = abs(self._usual.floor - before) > self._limits.step * before
        if changed and self._synced:
            self._knows = False  # look at all levels again with the next change

    def _look_at_all(self, moment: Moment) -> None:
        """Look at all levels, and again once enough is known for the first time to tell what is large."""
        for walls in self._walls:
            walls.look_at_all(moment)
        self._knows = self._usual.knows(moment.known_at)

    def _price_in(self) -> None:
        for usual in (self._usual, self._usual_trades):
            usual.price_in(self._scene.rate.value)

    def _traded(self, held: _Held, known_at: float, *, again: bool = False) -> list[WhaleEvent]:
        """What follows from a trade beside a proven book; `again`: walls have been told of it."""
        trade, moment, events = held.trade, Moment(held.ts, known_at), []
        level = (trade.price, trade.size)
        if held.large is not None:
            aggressor = BIDS if trade.buyer_aggressed else ASKS
            kind = WhaleKind.LARGE_TRADE
            events.append(self._scene.event(kind, moment, aggressor, level, "traded", held.large))
        resting = _resting(trade)
        if not again:
            self._walls[resting].trade(*level)
        shown = self._sizes[resting].at(trade.price)
        return events + self._icebergs.traded(resting, level, shown, moment)

    def _give_up(self, at: float) -> None:
        """A book without proof for too long: its walls end as unknown, at the moment when that was so."""
        if self._paused_at is not None and at > self._paused_at + self._limits.unproven:
            self._lose(Moment(self._paused_ts, self._paused_at + self._limits.unproven))

    def _lose(self, moment: Moment) -> None:
        for walls in self._walls:
            walls.lose(moment)
        self._synced, self._paused_at = False, None
        for sizes in self._sizes:
            sizes.clear()
        self._held.clear()
        self._icebergs.clear()

    def _settle(self, at: float) -> None:
        for walls in self._walls:
            walls.settle(at, self._resumed_at)

    def _taken(self) -> list[WhaleEvent]:
        taken: list[WhaleEvent] = []
        for walls in self._walls:
            taken += walls.out
            walls.out.clear()
        taken.sort(key=_known_at)  # of both sides, whenever we were called
        return taken


def _resting(trade: Trade) -> int:
    """The side that a trade took from."""
    return ASKS if trade.buyer_aggressed else BIDS
