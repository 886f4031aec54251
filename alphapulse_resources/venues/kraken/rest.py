"""Kraken over REST: candles of the latest 720 minutes, trades of any time, its names of pairs. Pure: no I/O.

Sources: docs.kraken.com "Get OHLC Data", "Get Recent Trades", "Get Tradable Asset Pairs".
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from alphapulse_resources.venues.model import ErrorKind, Instrument, VenueError
from alphapulse_resources.venues.tape import TapePage, TapeTrade
from alphapulse_resources.venues.venue import TradeTape
from alphapulse_resources.venues.wire import Row, Wire, bad_body, list_row, opened, read_number, to_ms, whole

_OLD_NAMES: Final = {"BTC": "XBT", "DOGE": "XDG"}
"""Codes that REST has kept, by those of WebSocket v2."""

_NEW_NAMES: Final = {old: new for new, old in _OLD_NAMES.items()}
_PAGE: Final = 1000
_SECOND_NS: Final = 1_000_000_000


def rest_pair(venue_symbol: str) -> str:
    """XBTUSD (its `altname`) of BTC/USD."""
    return "".join(_OLD_NAMES.get(part, part) for part in venue_symbol.split("/"))


def venue_symbol(market: Mapping[str, Any]) -> str:
    """BTC/USD, as WebSocket v2 calls what REST's `wsname` calls XBT/USD; REST's name where it has none."""
    name = market["info"].get("wsname") or market["id"]
    return "/".join(_NEW_NAMES.get(part, part) for part in str(name).split("/"))


def _of_pair(body: Any, expected: str) -> tuple[list[Any], Any]:
    """The list in an answer, which stands under REST's own name of the pair, and its `last`."""
    result = body.get("result") if isinstance(body, dict) and not body.get("error") else None
    if not isinstance(result, dict):
        raise bad_body(f"no error and {expected}", body)
    lists = [value for name, value in result.items() if name != "last"]
    if len(lists) != 1 or not isinstance(lists[0], list):
        raise bad_body(expected, body)
    return lists[0], result.get("last")


# Candles


def _params(instrument: Instrument, start: datetime, end: datetime) -> dict[str, Any]:
    # `since` is exclusive; there is no end
    return {"pair": rest_pair(instrument.venue_symbol), "interval": 1, "since": to_ms(start) // 1000 - 1}


_INTERVALS: Final = {"1h": 60, "1d": 1440}
"""Documented ("Get OHLC Data"): minutes; the newest 720 bars of each, whatever is asked for."""


def _longer(timeframe: str, _bars: int) -> dict[str, Any]:
    return {"interval": _INTERVALS[timeframe]}


def _rows(body: Any) -> list[Any]:
    return _of_pair(body, "a list of candles")[0]


def _opened(row: Any) -> int | None:
    return opened(row[0], 1000) if isinstance(row, list) and row else None


def _read(row: Any) -> Row | None:
    """One candle; None for one of a minute in which nothing was traded, which repeats the close before it."""
    ts, open_, high, low, close, _, volume, trades = list_row(row, 8)
    prices = (read_number(open_), read_number(high), read_number(low), read_number(close))
    candle = (whole(ts) * 1000, *prices, read_number(volume), None, whole(trades), None)
    return None if candle[7] == 0 and candle[5] == 0 else candle


OHLC: Final = Wire(
    "publicGetOHLC",
    lambda _: "/0/public/OHLC",
    _params,
    _rows,
    _opened,
    _read,
    lambda _: 1,
    open_ended=True,
    longer=_longer,
)


# Trades


def _trades_params(instrument: Instrument, since: int) -> dict[str, Any]:
    # `since` is exclusive, in nanoseconds
    return {"pair": rest_pair(instrument.venue_symbol), "since": str(since - 1), "count": _PAGE}


def _read_trades(body: Any) -> TapePage:
    rows, last = _of_pair(body, "a list of trades")
    try:
        trades = [_read_trade(row) for row in rows]
        until = int(str(last))
    except ValueError as error:
        raise VenueError(ErrorKind.BAD_BODY, f"a trade that cannot be read: {error}") from error
    return TapePage(sorted(trades, key=lambda trade: trade.ns), until)


def _read_trade(row: Any) -> TapeTrade:
    price, size, moment, side, _, _, number = list_row(row, 7)
    if side not in ("b", "s"):
        raise ValueError(f"{side!r} is no side")
    return TapeTrade(_nanoseconds(moment), str(whole(number)), _positive(price), _positive(size), side == "b")


def _nanoseconds(moment: Any) -> int:
    """A moment in seconds, which is told with up to nine decimals; a float would round them."""
    return int(_positive(moment) * _SECOND_NS)


def _positive(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{str(value)[:40]!r} is not a number") from None
    if not number.is_finite() or number <= 0:
        raise ValueError(f"{str(value)[:40]!r} is not above 0")
    return number


TRADES: Final = TradeTape(
    "publicGetTrades",
    "/0/public/Trades",
    _trades_params,
    _read_trades,
)
