"""Coinbase Advanced over REST: candles, and what its refusals mean. Pure: no I/O."""

from datetime import datetime
from typing import Any, Final

from alphapulse_resources.venues.error_rules import SYMBOL, WAIT, Rule
from alphapulse_resources.venues.model import ErrorKind, Instrument
from alphapulse_resources.venues.wire import Row, Wire, bad_body, opened, read_number, to_ms, whole

ERRORS: Final = (
    Rule(ErrorKind.BANNED, True, WAIT, statuses=frozenset({429}), pause=1),
    Rule(ErrorKind.BAD_SYMBOL, False, SYMBOL, statuses=frozenset({404})),
    Rule(ErrorKind.BAD_SYMBOL, False, SYMBOL, statuses=frozenset({400}), text="product"),
)


def _params(instrument: Instrument, start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "product_id": instrument.venue_symbol,
        "granularity": "ONE_MINUTE",
        "start": str(to_ms(start) // 1000),
        "end": str(to_ms(end) // 1000 - 1),  # the last minute is in, the next is not
    }


_GRANULARITIES: Final = {"1h": "ONE_HOUR", "1d": "ONE_DAY"}
"""Documented ("Get Public Product Candles")."""


def _longer(timeframe: str, _bars: int) -> dict[str, Any]:
    return {"granularity": _GRANULARITIES[timeframe]}


def _rows(body: Any) -> list[Any]:
    rows = body.get("candles") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise bad_body("a list of candles", body)
    return rows


def _opened(row: Any) -> int | None:
    return opened(row.get("start"), 1000) if isinstance(row, dict) else None


def _read(row: Any) -> Row:
    if not isinstance(row, dict):
        raise ValueError(f"the row is a {type(row).__name__}, not an object")
    names = ("start", "open", "high", "low", "close", "volume")
    if missing := [name for name in names if name not in row]:
        raise ValueError(f"the row has no {', '.join(missing)}")
    open_, high, low, close, volume = (read_number(row[name]) for name in names[1:])
    return whole(row["start"]) * 1000, open_, high, low, close, volume, None, None, None


CANDLES: Final = Wire(
    "v3PublicGetBrokerageMarketProductsProductIdCandles",
    lambda instrument: f"/api/v3/brokerage/market/products/{instrument.venue_symbol}/candles",
    _params,
    _rows,
    _opened,
    _read,
    lambda _: 1,
    longer=_longer,
)
