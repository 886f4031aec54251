"""One minute of trades as a candle. Pure."""

from decimal import Decimal

from alphapulse_resources.streams.messages import Trade


class TradeBar:
    """Open, high, low, close and volume of the trades of one minute, each trade once.

    The first and the last are those of the venue's clock; of one millisecond, those that came first and last.
    Volume is summed in decimals, as venues sum it: doubles would differ from theirs in the last digit.
    """

    __slots__ = ("_first_ms", "_ids", "_last_ms", "_volume", "close", "high", "low", "open", "received_at")

    def __init__(self, trade: Trade, at: float) -> None:
        self._ids = {trade.trade_id}
        self._first_ms = self._last_ms = trade.venue_ms
        self._volume = Decimal(repr(trade.size))
        self.open = self.high = self.low = self.close = trade.price
        self.received_at = at  # of the latest trade, epoch seconds

    @property
    def volume(self) -> float:
        """Sum of the sizes, base units."""
        return float(self._volume)

    def add(self, trade: Trade, at: float) -> bool:
        """Take a trade of the same minute; False if it was there already."""
        if trade.trade_id in self._ids:
            return False
        self._ids.add(trade.trade_id)
        if trade.venue_ms < self._first_ms:
            self._first_ms, self.open = trade.venue_ms, trade.price
        if trade.venue_ms >= self._last_ms:
            self._last_ms, self.close = trade.venue_ms, trade.price
        self.high = max(self.high, trade.price)
        self.low = min(self.low, trade.price)
        self._volume += Decimal(repr(trade.size))
        self.received_at = at
        return True
