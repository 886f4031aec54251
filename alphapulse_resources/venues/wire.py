"""How each venue words a request for 1m candles and its answer. Pure: no I/O."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from alphapulse_resources.venues.model import ErrorKind, Instrument, VenueError

Row = tuple[int, float, float, float, float, float, float | None, int | None, float | None]
"""Open time in ms since 1970, open, high, low, close, volume, quote volume, trades, taker buy volume."""

MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Wire:
    """One venue's words for 1m candles."""

    method: str  # ccxt's implicit method: the raw answer, nothing dropped
    path: Callable[[Instrument], str]
    params: Callable[[Instrument, datetime, datetime], dict[str, Any]]
    rows: Callable[[Any], list[Any]]  # of a body; VenueError BAD_BODY if it is not the documented type
    opened: Callable[
        [Any], int | None
    ]  # a row's open time in ms, also of one that is no candle; None: not told
    read: Callable[[Any], Row]  # one row; ValueError tells why it cannot be read
    weight: Callable[[int], float]  # of a request for that many minutes


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, exact for whole milliseconds."""
    return round(moment.timestamp() * 1000)


def read_number(value: Any) -> float:
    """A finite number, or text of one; else `ValueError` with the reason."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is not a number")
    try:
        number = float(value)
    except ValueError:
        raise ValueError(f"{str(value)[:40]!r} is not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is not a finite number")
    return number


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    number = read_number(value)
    if not number.is_integer():
        raise ValueError(f"{value!r} is not a whole number")
    return int(number)


def _bad_body(expected: str, body: Any) -> VenueError:
    seen = " ".join(str(body).split())[:80]
    return VenueError(ErrorKind.BAD_BODY, f"expected {expected}, got {type(body).__name__} {seen!r}")


def _list_row(row: Any, width: int) -> list[Any]:
    if not isinstance(row, list):
        raise ValueError(f"the row is a {type(row).__name__}, not a list")
    if len(row) != width:
        raise ValueError(f"the row has {len(row)} fields, not {width}")
    return row


def _opened(value: Any, unit_ms: int = 1) -> int | None:
    """An open time in milliseconds of what should be a whole number of `unit_ms`; None where it is none."""
    try:
        return _whole(value) * unit_ms
    except ValueError:
        return None


def _list_opened(row: Any) -> int | None:
    return _opened(row[0]) if isinstance(row, list) and row else None


# Binance, spot and USD-M


def _binance_params(instrument: Instrument, start: datetime, end: datetime) -> dict[str, Any]:
    first, last = to_ms(start), to_ms(end) - 1  # both bounds are inclusive
    minutes = (last - first) // MINUTE_MS + 1
    return {
        "symbol": instrument.venue_symbol,
        "interval": "1m",
        "startTime": first,
        "endTime": last,
        "limit": minutes,
    }


def _binance_rows(body: Any) -> list[Any]:
    if not isinstance(body, list):
        raise _bad_body("a list of klines", body)
    return body


def _binance_read(row: Any) -> Row:
    ts, open_, high, low, close, volume, _, quote_volume, trades, taker, _, _ = _list_row(row, 12)
    return (
        _whole(ts),
        read_number(open_),
        read_number(high),
        read_number(low),
        read_number(close),
        read_number(volume),
        read_number(quote_volume),
        _whole(trades),
        read_number(taker),
    )


def _usdm_weight(minutes: int) -> float:
    """By limit: below 100, 500, up to 1000, above (developers.binance.com, USD-M "Kline data")."""
    if minutes < 100:
        return 1
    if minutes < 500:
        return 2
    return 5 if minutes <= 1000 else 10


# Bybit v5


def _bybit_params(instrument: Instrument, start: datetime, end: datetime) -> dict[str, Any]:
    first, last = to_ms(start), to_ms(end) - 1
    return {
        "category": "spot" if instrument.kind == "spot" else "linear",
        "symbol": instrument.venue_symbol,
        "interval": "1",
        "start": first,
        "end": last,
        "limit": (last - first) // MINUTE_MS + 1,
    }


def _bybit_rows(body: Any) -> list[Any]:
    result = body.get("result") if isinstance(body, dict) and body.get("retCode") == 0 else None
    rows = result.get("list") if isinstance(result, dict) else None
    if not isinstance(rows, list):
        raise _bad_body("retCode 0 with a list of klines", body)
    return rows


def _bybit_read(row: Any) -> Row:
    ts, open_, high, low, close, volume, turnover = _list_row(row, 7)
    return (
        _whole(ts),
        read_number(open_),
        read_number(high),
        read_number(low),
        read_number(close),
        read_number(volume),
        read_number(turnover),
        None,
        None,
    )


# Coinbase Advanced


def _coinbase_params(instrument: Instrument, start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "product_id": instrument.venue_symbol,
        "granularity": "ONE_MINUTE",
        "start": str(to_ms(start) // 1000),
        "end": str(to_ms(end) // 1000 - 1),  # the last minute is in, the next is not
    }


def _coinbase_rows(body: Any) -> list[Any]:
    rows = body.get("candles") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise _bad_body("a list of candles", body)
    return rows


def _coinbase_opened(row: Any) -> int | None:
    return _opened(row.get("start"), 1000) if isinstance(row, dict) else None


def _coinbase_read(row: Any) -> Row:
    if not isinstance(row, dict):
        raise ValueError(f"the row is a {type(row).__name__}, not an object")
    names = ("start", "open", "high", "low", "close", "volume")
    if missing := [name for name in names if name not in row]:
        raise ValueError(f"the row has no {', '.join(missing)}")
    open_, high, low, close, volume = (read_number(row[name]) for name in names[1:])
    return _whole(row["start"]) * 1000, open_, high, low, close, volume, None, None, None


WIRES: Final[Mapping[str, Wire]] = {
    "binance": Wire(
        "publicGetKlines",
        lambda _: "/api/v3/klines",
        _binance_params,
        _binance_rows,
        _list_opened,
        _binance_read,
        lambda _: 2,  # whatever the limit: developers.binance.com, spot "Kline data"
    ),
    "binanceusdm": Wire(
        "fapiPublicGetKlines",
        lambda _: "/fapi/v1/klines",
        _binance_params,
        _binance_rows,
        _list_opened,
        _binance_read,
        _usdm_weight,
    ),
    "bybit": Wire(
        "publicGetV5MarketKline",
        lambda _: "/v5/market/kline",
        _bybit_params,
        _bybit_rows,
        _list_opened,
        _bybit_read,
        lambda _: 1,
    ),
    "coinbase": Wire(
        "v3PublicGetBrokerageMarketProductsProductIdCandles",
        lambda instrument: f"/api/v3/brokerage/market/products/{instrument.venue_symbol}/candles",
        _coinbase_params,
        _coinbase_rows,
        _coinbase_opened,
        _coinbase_read,
        lambda _: 1,
    ),
}
"""By venue."""
