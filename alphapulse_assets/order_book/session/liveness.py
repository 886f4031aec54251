"""Whether one symbol's trades and candles are heard: each is held against what tells of the other. Pure.

A quiet market has no trades, and a dead stream neither. What tells them apart is the venue's own candle,
forming or closed, over the stream or over REST: its volume and count say how much was traded. Candles in turn
are held against the clock and against trades: a minute in which was traded has a candle.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from alphapulse_assets.candles.closing import CandleValues
from alphapulse_assets.order_book.book.events import Cause
from alphapulse_assets.order_book.session.staleness_timer import StalenessTimer
from alphapulse_resources.streams.messages import Candle, Trade
from alphapulse_resources.streams.protocols import Channel

UNHEARD_SECONDS: Final = 20.0
"""A trade that the venue's forming candle shows is told by the stream of trades within this time (ours)."""

BEFORE_SECONDS: Final = 2.0
"""Or was told that long before the candle that did not show it yet, or after the one that did (ours)."""

CANDLE_SECONDS: Final = 75.0
"""A trade is followed by a candle within this time: the end of its minute at the latest (ours)."""

SETTLE_SECONDS: Final = 5.0
"""After a closed candle came, in which the last trades of its minute may still come (ours)."""

SHORT: Final = 0.95
"""Share of a candle's volume that trades must make up: the rest are those of its edges, and kinds of trades
that streams do not tell, such as of insurance funds (ours)."""

SHORT_MINUTES: Final = 2
"""Minutes in a row with less than that, after which the stream of trades is taken to be broken (ours)."""

KEPT: Final = 10
"""Minutes of trades that are remembered for their candles, which may come late over REST (ours)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that was found out about a channel, and the figures behind it."""

    channel: Channel
    cause: Cause
    at: float  # when it could be known, whenever it was looked at
    since: float  # when it was last known to be heard, by our clock
    detail: dict[str, int | float | str]


@dataclass(slots=True)
class _Minute:
    """The trades of one minute that were heard."""

    trades: int = 0
    volume: float = 0.0


@dataclass(slots=True)
class _Channel:
    """One channel: when it was last heard, and since when it is known to be dead."""

    silence: StalenessTimer
    dead: bool = False


class Liveness:
    """The trades and candles of one symbol.

    Args:
        at: from when on it is followed.
        has_candles: its venue has a channel of them; else trades make them.
    """

    def __init__(self, at: float, *, has_candles: bool) -> None:
        self._has_candles = has_candles
        self._trades = _Channel(StalenessTimer(at))
        self._candles = _Channel(StalenessTimer(at))
        self._whole_from = at  # trades are whole from then on, by our clock
        self._minutes: dict[int, _Minute] = {}  # by open time in ms
        self._forming: tuple[int, float, float] | None = (
            None  # open time, volume, receipt of the newest candle
        )
        self._grown_at: float | None = None  # when candles first showed trades that were not told since
        self._traded_at: float | None = None  # when a trade was first told of that no candle followed since
        self._closed: list[tuple[float, CandleValues]] = []  # to be looked at then
        self._short = 0  # minutes in a row
        self._checked = -1  # open time in ms of the newest minute that was held against its candle

    @property
    def trades_known(self) -> bool:
        """Whether what is traded is told, as far as is known."""
        return not self._trades.dead

    def on_trade(self, trade: Trade, at: float) -> list[Notice]:
        """A trade that was not heard of before."""
        minute = int(trade.venue_ms // 60_000) * 60_000
        found = self._minutes.get(minute)
        if found is None:
            found = self._minutes[minute] = _Minute()
            for old in [key for key in self._minutes if key < minute - KEPT * 60_000]:
                del self._minutes[old]
        found.trades += 1
        found.volume += trade.size
        self._grown_at = None
        self._trades.silence.hear(at)
        if self._traded_at is None and at - self._candles.silence.heard >= BEFORE_SECONDS:
            self._traded_at = at  # the latest candle cannot have had it
        if not self._trades.dead:
            return []
        self._whole_from = at
        return self._alive(self._trades, Channel.TRADES, Cause.TRADES_HEARD, at)

    def on_candle(self, candle: Candle, at: float) -> list[Notice]:
        """The venue's candle over the stream."""
        before, self._forming = self._forming, (candle.open_ms, candle.volume, at)
        self._traded_at = None
        self._candles.silence.hear(at)
        if before is not None and self._grown_at is None:
            opened, volume, earlier = before
            grown = candle.volume > (volume if opened == candle.open_ms else 0.0)
            told = max(self._trades.silence.heard, self._whole_from) >= earlier - BEFORE_SECONDS
            self._grown_at = at if grown and not told else None
        return self._alive(self._candles, Channel.CANDLES, Cause.CANDLES_HEARD, at)

    def on_closed(self, candle: CandleValues, at: float) -> None:
        """A closed candle of the venue's own, over the stream or over REST: what was traded in its minute."""
        self._closed.append((at + SETTLE_SECONDS, candle))
        self._closed.sort(key=lambda each: each[0])

    def on_hole(self, at: float) -> None:
        """Trades may be missing, and it is known why: minutes until now are held against nothing."""
        self._whole_from = max(self._whole_from, at)
        self._grown_at = None

    def on_time(self, at: float) -> list[Notice]:
        """What is due by now, before anything that came `at`: untold trades and candles, closed minutes."""
        found: list[Notice] = []
        while (due := self._next_due()) <= at:  # in order of time: what is due first may settle the others
            found += self._at_due(due)
        return found

    def _next_due(self) -> float:
        """When something is to be looked at next; never, where nothing is."""
        grown = math.inf if self._grown_at is None else self._grown_at + UNHEARD_SECONDS
        traded = math.inf if self._traded_at is None else self._traded_at + CANDLE_SECONDS
        return min(grown, traded, self._closed[0][0] if self._closed else math.inf)

    def _at_due(self, due: float) -> list[Notice]:
        """Look at what is due then, the first of it."""
        if self._grown_at is not None and self._grown_at + UNHEARD_SECONDS == due:
            self._grown_at = None
            if self._trades.dead:
                return []
            seconds = round(due - self._trades.silence.heard, 3)
            return self._dies(self._trades, Channel.TRADES, Cause.TRADES_SILENT, due, {"seconds": seconds})
        if self._traded_at is not None and self._traded_at + CANDLE_SECONDS == due:
            self._traded_at = None
            return self._silent_candles(due)
        _, candle = self._closed.pop(0)
        return self._compare(candle, due)

    def _compare(self, candle: CandleValues, at: float) -> list[Notice]:
        """Hold the trades of a minute, and its candle's way here, against the candle."""
        opened = candle.ts.timestamp()
        minute = round(opened * 1e3)
        if minute <= self._checked or opened < self._whole_from + 1.0 or not candle.volume:
            return []
        self._checked = minute
        late = at - SETTLE_SECONDS - self._candles.silence.heard
        found = self._silent_candles(at) if late > CANDLE_SECONDS else []
        heard = self._minutes.get(minute, _Minute())
        if heard.volume >= SHORT * candle.volume:
            self._short = 0
            return found
        self._short += 1
        detail: dict[str, int | float | str] = {
            "minute": opened,
            "volume": candle.volume,
            "heard_volume": heard.volume,
            "heard_trades": heard.trades,
        }
        if candle.trades is not None:
            detail["trades"] = candle.trades
        if heard.trades and self._short < SHORT_MINUTES:
            found.append(Notice(Channel.TRADES, Cause.TRADES_MISSING, at, opened, detail))
        elif not self._trades.dead:
            found += self._dies(self._trades, Channel.TRADES, Cause.TRADES_SILENT, at, detail)
        return found

    def due(self, at: float) -> Iterator[Channel]:
        """Channels that are dead and should be subscribed anew now, each at growing intervals."""
        for channel, each in ((Channel.TRADES, self._trades), (Channel.CANDLES, self._candles)):
            if each.dead and each.silence.due(at, 0.0):
                yield channel

    def dead(self) -> list[Channel]:
        """Channels that are dead as far as is known."""
        pairs = ((Channel.TRADES, self._trades), (Channel.CANDLES, self._candles))
        return [channel for channel, each in pairs if each.dead]

    def _silent_candles(self, at: float) -> list[Notice]:
        if not self._has_candles or self._candles.dead:
            return []
        detail: dict[str, int | float | str] = {"seconds": round(at - self._candles.silence.heard, 3)}
        return self._dies(self._candles, Channel.CANDLES, Cause.CANDLES_SILENT, at, detail)

    def _dies(
        self,
        which: _Channel,
        channel: Channel,
        cause: Cause,
        at: float,
        detail: dict[str, int | float | str],
    ) -> list[Notice]:
        which.dead = True
        return [Notice(channel, cause, at, which.silence.heard, detail)]

    def _alive(self, which: _Channel, channel: Channel, cause: Cause, at: float) -> list[Notice]:
        if not which.dead:
            return []
        which.dead = False
        self._short = 0
        return [Notice(channel, cause, at, at, {})]
