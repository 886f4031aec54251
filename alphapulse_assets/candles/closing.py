"""When a live 1m candle is final: by the venue's own word, or built from trades where it tells no candles.

Pure: messages and moments in, candles out. `at` is seconds since 1970 UTC by our clock, at receipt; minutes
are those of the venue's clock. A candle of the venue is closed by the venue's flag and by nothing else, one
of trades only if the whole minute was observed. Every other minute is `overdue`, and REST has to tell.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import Final

from alphapulse_assets.candles.missing_minutes import MINUTE_MS, MissingMinutes
from alphapulse_assets.candles.trade_bar import TradeBar
from alphapulse_assets.candles.validation import TAKER_TOLERANCE
from alphapulse_assets.candles.venue_clock import Clock, VenueClock
from alphapulse_assets.core.bars import Bar
from alphapulse_resources.streams.messages import Candle, Trade

LOGIC_VERSION: Final = 1
"""Bumped whenever the same messages would give other candles."""

GRACE: Final = 0.25
"""Seconds of the venue's clock after a minute in which its last trades may still come (ours)."""

PATIENCE: Final = 2.0
"""Seconds after a minute within which its candle should have come (ours)."""

EDGE: Final = 1.0
"""Seconds around the beginning of an observation in which trades may have been missed (ours)."""

KEPT: Final = 5
"""Minutes for which late trades and repeated candles are compared with what was closed (ours)."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class CandleValues(Bar, frozen=True, gc=False):
    """A 1m bar, and when it was told.

    `venue_ms` is the venue's clock when it told (null: built from trades), `received_at` seconds since 1970
    by our clock when it was known.
    """

    venue_ms: int | None
    received_at: float


class ClosedCandle(CandleValues, frozen=True, gc=False):
    """A candle that is final, unless a late trade corrects it: then it comes once more."""


class FormingCandle(CandleValues, frozen=True, gc=False):
    """A candle of a minute that is not over, or not known to be."""


class CandleCloser:
    """The candles of one symbol.

    Args:
        symbol: the venue's own.
        from_trades: there is no candle channel, trades make them; REST is asked only once for a minute that
            was observed whole and had no trade.
        grace: see `GRACE`.
        clock: the venue's; one that goes by this symbol's messages alone unless given.
    """

    def __init__(
        self, symbol: str, *, from_trades: bool = False, grace: float = GRACE, clock: Clock | None = None
    ) -> None:
        self.symbol: Final = symbol
        self.refused = 0  # closed candles with impossible values; their minutes become overdue
        self._from_trades = from_trades
        self._grace_ms = grace * 1000
        self._clock: Clock = clock or VenueClock()
        self._missing: MissingMinutes | None = None
        self._observed_from: float | None = None  # our clock; trades are whole from then on
        self._trade_at: float | None = None  # receipt of the latest trade
        self._latest: FormingCandle | None = None  # of the venue
        self._bars: dict[int, TradeBar] = {}
        self._closed: dict[int, ClosedCandle] = {}  # the newest, by open time in ms

    @property
    def forming(self) -> FormingCandle | None:
        """The newest candle that is not closed; None where it is not known from its beginning on."""
        if self._latest is not None:
            return self._latest
        minute = max(self._bars, default=None)
        if minute is None or minute in self._closed or not self._whole(minute):
            return None
        bar = self._bars[minute]
        return FormingCandle(*_built(minute, bar, bar.received_at))

    def begin(self, at: float) -> None:
        """The channel is being heard from now on: its first message, or the venue's answer, was received.

        The first call sets from which minute on candles are due; later ones are about trades: what was before
        is a hole.
        """
        self._observed_from = at
        if self._missing is None:
            self._missing = MissingMinutes(_minute(self._clock.ms(at)))

    def on_gap(self, at: float, since: float | None = None) -> None:
        """Messages received between `since` (default: the latest trade) and `at` are missing.

        Candles of the venue are whole in themselves, so this is about trades: minutes that are open now are
        not whole, and what was closed with an end in that time is to be asked for (`overdue`).
        """
        if not self._from_trades or self._missing is None:
            return
        self._observed_from = at
        begun = since if since is not None else self._trade_at
        for minute in self._closed:
            if begun is None or minute + MINUTE_MS > self._clock.ms(begun):
                self._missing.doubt(minute)

    def on_candle(self, candle: Candle, at: float) -> list[ClosedCandle]:
        """Take the venue's candle; the closed one if that is what it is, and new."""
        self._clock.heard(candle.venue_ms, at)
        if self._missing is None:
            self.begin(at)
        if candle.closed:
            return self._close(candle.open_ms, ClosedCandle(*_told(candle, at)))
        if candle.open_ms > max(self._closed, default=-1):
            self._form(FormingCandle(*_told(candle, at)))
        return []

    def on_trade(self, trade: Trade, at: float) -> list[ClosedCandle]:
        """Take a trade; the corrected candle if it is a late one of a minute that was closed.

        After a hole a late trade cannot tell what else was missed: the minute becomes overdue again.
        """
        self._clock.heard(trade.venue_ms, at)
        if self._observed_from is None:
            self.begin(at)
        self._trade_at = at
        minute = _minute(trade.venue_ms)
        bar = self._bars.get(minute)
        if bar is None:
            if minute > max(self._bars, default=minute) - KEPT * MINUTE_MS:
                self._bars[minute] = TradeBar(trade, at)
            return []
        if not bar.add(trade, at) or minute not in self._closed:
            return []
        if self._missing is not None and not self._whole(minute):
            self._missing.doubt(minute)
            return []
        return self._close(minute, ClosedCandle(*_built(minute, bar, at)))

    def on_time(self, at: float, heard_ms: int | None = None) -> list[ClosedCandle]:
        """The minutes of trades that are over now, oldest first.

        `heard_ms` is the venue's clock in the newest message of the connection, of any channel. Where it is
        given, silence closes nothing; else our clock does, less the shortest lag of late.
        """
        if not self._bars:
            return []
        over = (self._clock.ms(at) if heard_ms is None else heard_ms) - self._grace_ms - MINUTE_MS
        ready = [minute for minute in sorted(self._bars) if minute <= over and minute not in self._closed]
        found = [
            closed
            for minute in ready
            if self._whole(minute)
            for closed in self._close(minute, ClosedCandle(*_built(minute, self._bars[minute], at)))
        ]
        if ready:
            _forget(self._bars)
        return found

    def overdue(self, at: float, patience: float = PATIENCE) -> list[datetime]:
        """Minutes over for longer than `patience` whose candle did not come, oldest first.

        Each is told once, and again after some time (`missing_minutes.REPEATS`) until its candle comes or
        `filled` is called; a minute of trades that was observed whole and had none is told only once.
        """
        if self._missing is None:
            return []
        until = self._clock.ms(at) - patience * 1000
        return [_moment(minute) for minute in self._missing.due(until, at, once=self._quiet)]

    def filled(self, ts: datetime) -> None:
        """The candle of a minute came another way."""
        if self._missing is not None:
            self._missing.settle((ts - _EPOCH) // timedelta(milliseconds=1))

    def _form(self, candle: FormingCandle) -> None:
        latest = self._latest
        if latest is None or (latest.ts, latest.venue_ms or 0) <= (candle.ts, candle.venue_ms or 0):
            self._latest = candle

    def _close(self, minute: int, candle: ClosedCandle) -> list[ClosedCandle]:
        """Close a minute, or correct it; nothing if the same is known, or something newer of the venue."""
        before = self._closed.get(minute)
        if before is not None and (_same(before, candle) or (before.venue_ms or 0) > (candle.venue_ms or 0)):
            return []
        if minute % MINUTE_MS or not _possible(candle):
            self.refused += 1
            return []
        self._closed[minute] = candle
        _forget(self._closed)
        if self._latest is not None and self._latest.ts <= candle.ts:
            self._latest = None
        if self._missing is not None:
            self._missing.settle(minute)
        return [candle]

    def _whole(self, minute: int) -> bool:
        """Whether trades were heard from before the minute's beginning on."""
        began = self._observed_from
        return began is not None and minute >= self._clock.ms(began) + EDGE * 1000

    def _quiet(self, minute: int) -> bool:
        return self._from_trades and minute not in self._bars and self._whole(minute)


def _forget(minutes: dict[int, TradeBar] | dict[int, ClosedCandle]) -> None:
    """Keep the newest `KEPT` minutes."""
    oldest = max(minutes) - KEPT * MINUTE_MS
    for minute in [minute for minute in minutes if minute <= oldest]:
        del minutes[minute]


def _minute(ms: float) -> int:
    return int(ms // MINUTE_MS) * MINUTE_MS


def _moment(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


_Fields = tuple[
    datetime, float, float, float, float, float, float | None, int | None, float | None, int | None, float
]


def _told(candle: Candle, at: float) -> _Fields:
    """The fields of a candle that the venue told."""
    return (
        _moment(candle.open_ms),
        candle.open,
        candle.high,
        candle.low,
        candle.close,
        candle.volume,
        candle.quote_volume,
        candle.trades,
        candle.taker_buy_volume,
        candle.venue_ms,
        at,
    )


def _built(minute: int, bar: TradeBar, at: float) -> _Fields:
    """The fields of a candle made of trades; null where the venue's REST candles are null too (wire.py)."""
    return (_moment(minute), bar.open, bar.high, bar.low, bar.close, bar.volume, None, None, None, None, at)


def _same(one: CandleValues, other: CandleValues) -> bool:
    """Whether two candles of a minute differ in nothing but when they were told."""
    names = ("open", "high", "low", "close", "volume", "quote_volume", "trades", "taker_buy_volume")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _possible(candle: CandleValues) -> bool:
    """The hard rules of `validation.RULES` that a single candle can break."""
    optional = (candle.quote_volume, candle.trades, candle.taker_buy_volume)
    volumes = [candle.volume, *(value for value in optional if value is not None)]
    return (
        all(math.isfinite(value) for value in (candle.open, candle.close, candle.high, *volumes))
        and 0 < candle.low <= min(candle.open, candle.close)
        and max(candle.open, candle.close) <= candle.high
        and min(volumes) >= 0
        and (candle.taker_buy_volume or 0) <= candle.volume * (1 + TAKER_TOLERANCE)
    )
