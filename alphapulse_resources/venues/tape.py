"""Trades as a venue's tape tells them, and the 1m candles that they make. Pure: no I/O.

Sizes and prices are added up as decimals, so that a candle of trades is the venue's own to the last digit.
"""

from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from typing import Final, NamedTuple

from alphapulse_resources.venues.wire import MINUTE_MS, Row

MINUTE_NS: Final = MINUTE_MS * 1_000_000


class TapeTrade(NamedTuple):
    """One trade. `key` tells it from others of the same moment."""

    ns: int  # since 1970
    key: str
    price: Decimal
    size: Decimal
    buyer_aggressed: bool


class TapePage(NamedTuple):
    """The trades of one answer, oldest first, and the moment up to which it tells all of them (ns)."""

    trades: list[TapeTrade]
    told_until: int


def minute_of(trade: TapeTrade) -> int:
    """The beginning of its minute, in ns since 1970."""
    return trade.ns // MINUTE_NS * MINUTE_NS


def candle_rows(trades: Iterable[TapeTrade]) -> list[Row]:
    """The candles of whole minutes of trades, in order; a minute without trades has none."""
    ordered = sorted(trades, key=lambda trade: trade.ns)  # stable: those of one moment as they were told
    return [_candle(minute, list(those)) for minute, those in groupby(ordered, minute_of)]


def _candle(minute: int, trades: list[TapeTrade]) -> Row:
    prices = [trade.price for trade in trades]
    bought = (trade.size for trade in trades if trade.buyer_aggressed)
    return (
        minute // 1_000_000,
        float(prices[0]),
        float(max(prices)),
        float(min(prices)),
        float(prices[-1]),
        float(sum((trade.size for trade in trades), Decimal())),
        float(sum((trade.size * trade.price for trade in trades), Decimal())),
        len(trades),
        float(sum(bought, Decimal())),
    )


class Tape:
    """Answers put together: what came twice counts once, and minutes are given out when they are whole."""

    def __init__(self, start: int, end: int) -> None:
        self.start = start  # ns: minutes from here on are not given out yet
        self._end: Final = end
        self._held: dict[tuple[int, str], TapeTrade] = {}

    def add(self, page: TapePage) -> None:
        """Take an answer."""
        for trade in page.trades:
            if self.start <= trade.ns < self._end:
                self._held.setdefault((trade.ns, trade.key), trade)

    def whole_until(self, moment: int) -> int:
        """The beginning of the minute that is still open when all trades before `moment` are known."""
        return max(self.start, min(moment // MINUTE_NS * MINUTE_NS, self._end))

    def take(self, until: int) -> list[Row]:
        """The candles up to a minute's beginning, which are given out with that."""
        rows = candle_rows(trade for trade in self._held.values() if trade.ns < until)
        self._held = {key: trade for key, trade in self._held.items() if trade.ns >= until}
        self.start = until
        return rows
