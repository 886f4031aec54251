"""Whales of one symbol: walls, clusters, large trades, suspected icebergs and spoofs, as they happen. Pure.

Fed with the levels of a synced book as they change, and with trades; a message costs what it changes. Nothing
is concluded while the book is not synced. Thresholds and their sources are in `thresholds`; events, their
units and times in `whale_events`.
"""

from operator import attrgetter
from typing import Final

from alphapulse_assets.order_book.features import Measures
from alphapulse_assets.order_book.icebergs import Icebergs
from alphapulse_assets.order_book.kernels import ASKS, BIDS
from alphapulse_assets.order_book.reference import Usual
from alphapulse_assets.order_book.resting import RestingSizes
from alphapulse_assets.order_book.thresholds import WhaleThresholds
from alphapulse_assets.order_book.walls import Walls
from alphapulse_assets.order_book.whale_events import Moment, Scene, WhaleEvent, WhaleKind
from alphapulse_resources.streams.messages import Levels, Trade

ALL_IN_SIGHT: Final = (0.0, float("inf"))
_known_at: Final = attrgetter("known_at")


class WhaleWatch:
    """Looks for whales in one book and its trades.

    Every call returns the events that it made known, in order: those a shorter stream would have given come
    first and are the same. `sight` is the lowest bid and highest ask price that the stream tells of: the
    horizon of a windowed book, `ALL_IN_SIGHT` otherwise.

    Args:
        symbol: the venue's own name.
        thresholds: what counts as large.
        measures: what a unit of size is worth.
    """

    def __init__(self, symbol: str, thresholds: WhaleThresholds, measures: Measures | None = None) -> None:
        self._limits = thresholds
        self._scene = Scene(symbol, measures or Measures())
        self._synced = False
        self._sizes = (RestingSizes(BIDS), RestingSizes(ASKS))
        usual = Usual(thresholds)
        self._usual_trades = Usual(thresholds)
        self._walls = tuple(Walls(side, self._scene, thresholds, usual) for side in (BIDS, ASKS))
        self._icebergs = Icebergs(self._scene, thresholds)

    def on_synced(
        self,
        bids: Levels,
        asks: Levels,
        mid: float,
        moment: Moment,
        sight: tuple[float, float] = ALL_IN_SIGHT,
    ) -> list[WhaleEvent]:
        """The book has become synced, and these are all its levels; walls from before end as unknown."""
        events = self.on_lost(moment) if self._synced else []
        self._synced = True
        self._scene.mid = mid
        for walls, sizes, levels in zip(self._walls, self._sizes, (bids, asks), strict=True):
            for price, _, size in sizes.change(levels):
                walls.learn(price, size, moment.known_at)
        for walls, levels, worst in zip(self._walls, (bids, asks), sight, strict=True):
            for price, size in levels:
                walls.change(price, size, moment, "snapshot")
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
        if not self._synced:
            return []
        self._settle(moment.known_at)
        self._scene.mid = mid
        events: list[WhaleEvent] = self._taken()
        for walls, side, levels in zip(self._walls, (BIDS, ASKS), (bids, asks), strict=True):
            for price, before, now in self._sizes[side].change(levels):
                walls.change(price, now, moment)
                events += self._icebergs.changed(side, price, before, now, moment)
        for walls, sizes, worst in zip(self._walls, self._sizes, sight, strict=True):
            walls.move(worst, moment)
            for _ in sizes.forget_beyond(worst):
                pass
        return events + self._taken()

    def on_trade(self, trade: Trade, known_at: float) -> list[WhaleEvent]:
        """A trade of this symbol. Its size counts as usual even while the book is not synced."""
        moment = Moment(trade.venue_ms / 1e3, known_at)
        self._settle(known_at)
        events = self._taken()
        if trade.size <= 0.0:  # some venues send them; nothing changed hands
            return events
        notional = self._scene.notional(trade.price, trade.size)
        large = self._usual_trades.is_large(notional, known_at)
        self._usual_trades.add(notional, known_at)
        if not self._synced:
            return events
        level = (trade.price, trade.size)
        if large:
            aggressor = BIDS if trade.buyer_aggressed else ASKS
            evidence = self._usual_trades.evidence(notional) | {"trade_id": trade.trade_id}
            kind = WhaleKind.LARGE_TRADE
            events.append(self._scene.event(kind, moment, aggressor, level, "traded", evidence))
        resting = ASKS if trade.buyer_aggressed else BIDS
        self._walls[resting].trade(*level)
        shown = self._sizes[resting].at(trade.price)
        return events + self._icebergs.traded(resting, level, shown, moment)

    def on_time(self, known_at: float) -> list[WhaleEvent]:
        """Time has passed without a message: walls that have been gone for long enough are judged."""
        self._settle(known_at)
        return self._taken()

    def on_lost(self, moment: Moment) -> list[WhaleEvent]:
        """The book is not synced any more: open walls end with cause `unknown`."""
        if not self._synced:
            return []
        self._settle(moment.known_at)
        for walls in self._walls:
            walls.lose(moment)
        self._synced = False
        for sizes in self._sizes:
            sizes.clear()
        self._icebergs.clear()
        return self._taken()

    def _settle(self, at: float) -> None:
        for walls in self._walls:
            walls.settle(at)

    def _taken(self) -> list[WhaleEvent]:
        taken: list[WhaleEvent] = []
        for walls in self._walls:
            taken += walls.out
            walls.out.clear()
        taken.sort(key=_known_at)  # of both sides, whenever we were called
        return taken
