"""Frames read and looked at: what a venue cannot have meant goes no further, and is told. Pure.

An adapter knows what frames look like; here it is known when they came and what came before. One bad message
costs nothing of its frame but itself.
"""

import math
from typing import Final, NamedTuple

from alphapulse_resources.streams.clock import AHEAD, MarketClock
from alphapulse_resources.streams.messages import (
    Candle,
    DepthDiff,
    DepthSnapshot,
    Liquidation,
    MalformedFrameError,
    Message,
    SequenceMark,
    SnapshotQuery,
    StreamAdapter,
    Trade,
)

MINUTE_MS: Final = 60_000


class Malformed(NamedTuple):
    """A message, or a whole frame, that is none. `symbol` is '' where it could not be told whose it was."""

    symbol: str
    error: str
    depth: bool  # of a book: what it said is missing there
    liquidation: bool = False  # of liquidations: neither books nor trades miss anything


class FrameReader:
    """Reads one market's frames; holds its clock."""

    def __init__(self, adapter: StreamAdapter, clock: MarketClock | None = None) -> None:
        self.clock: Final = clock or MarketClock()
        self._adapter = adapter

    def read(self, raw: bytes, at: float) -> tuple[list[Message], list[Malformed]]:
        """The messages of a frame received `at`, in order, and what of it could not be read or be true."""
        bad: list[Malformed] = []
        try:
            messages = self._adapter.decode(raw)
        except MalformedFrameError as error:
            messages = error.read
            parts = error.parts or [(error.symbol, str(error))]
            bad = [Malformed(symbol, text, error.depth, error.liquidation) for symbol, text in parts]
        good: list[Message] = []
        for message in messages:
            why = self._wrong(message, at)
            if why is None:
                good.append(message)
            elif isinstance(message, DepthDiff | DepthSnapshot | Trade | Candle | Liquidation):
                depth = isinstance(message, DepthDiff | DepthSnapshot)
                kind = type(message).__name__
                error_text = f"{self._adapter.venue} {message.symbol}: a {kind} that cannot be: {why}"
                bad.append(Malformed(message.symbol, error_text, depth, isinstance(message, Liquidation)))
        return good, bad

    def read_snapshot(self, query: SnapshotQuery, body: bytes, at: float) -> DepthSnapshot:
        """The answer to a request for an order book. Raises `MalformedFrameError`."""
        found = self._adapter.decode_snapshot(query, body)
        why = None if found.venue_ms is None else self.clock.admissible(found.venue_ms, at)
        if why is not None:
            raise MalformedFrameError(self._adapter.venue, body, f"depth snapshot of {query.symbol}: {why}")
        return found

    def _wrong(self, message: Message, at: float) -> str | None:
        """What cannot be about a message; None: it may be true."""
        if isinstance(message, DepthDiff):
            return self.clock.admit((message.symbol, "depth"), message.venue_ms, at)
        if isinstance(message, Trade):
            return _wrong_trade(message) or self.clock.admit((message.symbol, "trades"), message.venue_ms, at)
        if isinstance(message, SequenceMark):  # kept, whatever its time: its number is what counts
            self.clock.admit("marks", message.venue_ms, at)
            return None
        if isinstance(message, DepthSnapshot):
            ms = message.venue_ms
            return None if ms is None else self.clock.admit((message.symbol, "depth"), ms, at)
        if isinstance(message, Candle):
            return self._wrong_candle(message, at)
        if isinstance(message, Liquidation):
            return self._wrong_liquidation(message, at)
        return None

    def _wrong_liquidation(self, told: Liquidation, at: float) -> str | None:
        """The venue's clock is not judged by them: they are few, and told up to a second late."""
        values = (told.price, told.size, told.price * told.size)
        if not all(0.0 < value < math.inf for value in values):
            return f"price {told.price}, size {told.size}"
        if told.average_price is not None and not 0.0 < told.average_price < math.inf:
            return f"an average price of {told.average_price}"
        if told.filled is not None and not 0.0 <= told.filled <= told.size:
            return f"{told.filled} filled of {told.size}"
        return self.clock.admissible(told.told_ms, at) or self.clock.admissible(told.venue_ms, at)

    def _wrong_candle(self, candle: Candle, at: float) -> str | None:
        why = _wrong_values(candle) or self.clock.admit((candle.symbol, "candles"), candle.venue_ms, at)
        why = why or self.clock.admissible(candle.open_ms, at)
        if why is None and candle.closed:
            early = (candle.open_ms + MINUTE_MS - self.clock.ms(at)) / 1e3
            why = f"closed {early:,.1f} s before the end of its minute" if early > AHEAD else None
        return why


def _wrong_trade(trade: Trade) -> str | None:
    if not (0.0 < trade.price < math.inf and 0.0 < trade.size < math.inf):
        return f"price {trade.price}, size {trade.size}"
    return None if 0.0 < trade.price * trade.size < math.inf else f"a value of {trade.price * trade.size}"


def _wrong_values(candle: Candle) -> str | None:
    """The same for a forming candle as for a closed one: nobody looks at it twice."""
    prices = (candle.open, candle.high, candle.low, candle.close)
    if not all(0.0 < price < math.inf for price in prices):
        return f"prices {prices}"
    if candle.low > min(prices) or candle.high < max(prices):
        return f"open, high, low, close of {prices}"
    told = (candle.volume, candle.quote_volume, candle.trades, candle.taker_buy_volume)
    if not all(0.0 <= value < math.inf for value in told if value is not None):
        return f"volumes {told}"
    return f"an open time of {candle.open_ms} ms" if candle.open_ms % MINUTE_MS else None
