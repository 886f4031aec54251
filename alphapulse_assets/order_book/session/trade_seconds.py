"""Trade flow of one symbol by second: volumes by the taker's side, prices, whether all was heard. Pure.

Seconds are the venue's. A second is told a grace after its end, and again whenever a late trade comes; the
last telling is the truest. A trade that comes twice (two connections, a list of the latest trades after
subscribing) counts once.
"""

from dataclasses import dataclass, field
from typing import Final

from alphapulse_resources.streams.messages import Trade

GRACE: Final = 0.5
"""Seconds after a second's end in which its last trades may still come (ours)."""

KEPT: Final = 5.0
"""Seconds, before the newest trade of the venue's clock, within which a late trade still counts (ours)."""


@dataclass(frozen=True, slots=True)
class TradeSecond:
    """The trades of `[start, start + 1)`, seconds since 1970 UTC of the venue's clock.

    - buy_*, sell_*: by the side of the taker; volume in the venue's unit of size, value = size x price.
    - open, close: of the first and last trade by (time, id or order of receipt).
    - missing: ids absent between the first and the last trade; None where ids do not run on.
    - complete: heard without a hole, as far as can be known: not the first second of an observation, no
      connection broke around it, no id is missing in it or next to it.
    - received_at: our clock at its latest trade.
    """

    start: int
    trades: int
    buy_volume: float
    sell_volume: float
    buy_value: float
    sell_value: float
    open: float
    high: float
    low: float
    close: float
    first_trade: str
    last_trade: str
    missing: int | None
    complete: bool
    received_at: float


@dataclass(slots=True)
class _Open:
    """A second that may still change."""

    volumes: list[float] = field(default_factory=lambda: [0.0, 0.0])  # bought, sold
    values: list[float] = field(default_factory=lambda: [0.0, 0.0])
    ids: set[str] = field(default_factory=set)
    first: tuple[int, int, Trade] | None = None  # time, rank, trade
    last: tuple[int, int, Trade] | None = None
    high: float = 0.0
    low: float = 0.0
    received_at: float = 0.0
    complete: bool = True
    told: bool = False  # as it is now


class TradeSeconds:
    """Follows the trades of one symbol: `counted` are in a second, `old` ones came too late for theirs.

    Args:
        runs_on: the venue's trade ids are whole numbers, each one more than that before it.
    """

    def __init__(self, *, runs_on: bool) -> None:
        self.counted = 0
        self.repeated = 0
        self.old = 0
        self._runs_on = runs_on
        self._seconds: dict[int, _Open] = {}  # by start, in order of first trade
        self._newest_ms = -1
        self._last_id: int | None = None  # the highest
        self._observed = False  # since before the second of the newest trade
        self._first_open: int | None = None  # the earliest second that has not been told as it is now

    def on_trade(self, trade: Trade, at: float) -> bool:
        """Take a trade; False if it has been counted before, or is too old to say."""
        if trade.venue_ms < self._newest_ms - KEPT * 1e3:
            self.old += 1
            return False
        start = trade.venue_ms // 1000
        second = self._seconds.get(start)
        if second is None:
            second = self._seconds[start] = _Open()
        elif trade.trade_id in second.ids:
            self.repeated += 1
            return False
        if not self._observed:  # what came before it in its second was not heard
            second.complete = False
            self._observed = True
        self._newest_ms = max(self._newest_ms, trade.venue_ms)
        rank = self.counted
        if self._runs_on:
            rank = int(trade.trade_id)
            self._follow(rank, second)
        _add(second, trade, rank, at)
        self.counted += 1
        self._wake(start)
        return True

    def on_hole(self) -> None:
        """Trades may be missing from the newest one on until the next one comes."""
        self._observed = False
        newest = self._seconds.get(self._newest_ms // 1000)
        if newest is not None and newest.complete:
            newest.complete = newest.told = False
            self._wake(self._newest_ms // 1000)

    def on_time(self, at: float) -> list[TradeSecond]:
        """The seconds that are over, by our clock or by a newer trade, and have not been told as they are."""
        over = max(at, self._newest_ms / 1e3) - GRACE - 1.0
        return self._tell(over) if self._first_open is not None and self._first_open <= over else []

    def stop(self, at: float) -> list[TradeSecond]:
        """All that is open; a second that is not over is incomplete, as nobody listens to the rest of it."""
        if at < self._newest_ms // 1000 + 1 + GRACE:
            self.on_hole()
        return self._tell(self._newest_ms / 1e3)

    def _tell(self, over: float) -> list[TradeSecond]:
        ready = [start for start in sorted(self._seconds) if start <= over and not self._seconds[start].told]
        found = [self._told(start) for start in ready]
        oldest = (self._newest_ms - KEPT * 1e3) // 1000
        for start in [s for s, second in self._seconds.items() if s < oldest and second.told]:
            del self._seconds[start]
        waiting = [start for start, second in self._seconds.items() if not second.told]
        self._first_open = min(waiting, default=None)
        return found

    def _told(self, start: int) -> TradeSecond:
        second = self._seconds[start]
        second.told = True
        assert second.first is not None  # a second is made by its first trade
        assert second.last is not None
        missing = None
        if self._runs_on:
            missing = second.last[1] - second.first[1] + 1 - len(second.ids)
            missing = max(missing, 0)
        return TradeSecond(
            start=start,
            trades=len(second.ids),
            buy_volume=second.volumes[0],
            sell_volume=second.volumes[1],
            buy_value=second.values[0],
            sell_value=second.values[1],
            open=second.first[2].price,
            high=second.high,
            low=second.low,
            close=second.last[2].price,
            first_trade=second.first[2].trade_id,
            last_trade=second.last[2].trade_id,
            missing=missing,
            complete=second.complete and not missing,
            received_at=second.received_at,
        )

    def _follow(self, number: int, second: _Open) -> None:
        """Ids that do not go on from the highest: both seconds next to the hole are not whole."""
        last = self._last_id
        if last is not None and number > last + 1:
            newest = max((start for start in self._seconds if self._seconds[start].ids), default=None)
            before = None if newest is None else self._seconds[newest]
            if before is not None and before is not second and before.complete:
                before.complete = before.told = False
                self._wake(newest or 0)
            if before is not second:
                second.complete = False
        self._last_id = number if last is None else max(last, number)

    def _wake(self, start: int) -> None:
        self._seconds[start].told = False
        self._first_open = start if self._first_open is None else min(self._first_open, start)


def _add(second: _Open, trade: Trade, rank: int, at: float) -> None:
    side = 0 if trade.buyer_aggressed else 1
    second.volumes[side] += trade.size
    second.values[side] += trade.size * trade.price
    place = (trade.venue_ms, rank)
    if second.first is None or place < second.first[:2]:
        second.first = (*place, trade)
    if second.last is None or place >= second.last[:2]:
        second.last = (*place, trade)
    second.high = max(second.high, trade.price) if second.ids else trade.price
    second.low = min(second.low, trade.price) if second.ids else trade.price
    second.ids.add(trade.trade_id)
    second.received_at = max(second.received_at, at)
