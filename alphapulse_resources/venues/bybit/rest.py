"""Bybit v5 over REST: klines, headers. Pure: no I/O."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from alphapulse_resources.venues.model import Instrument
from alphapulse_resources.venues.wire import (
    MINUTE_MS,
    Row,
    Wire,
    bad_body,
    list_opened,
    list_row,
    read_number,
    to_ms,
    whole,
)


def _params(instrument: Instrument, start: datetime, end: datetime) -> dict[str, Any]:
    first, last = to_ms(start), to_ms(end) - 1
    return {
        "category": "spot" if instrument.kind == "spot" else "linear",
        "symbol": instrument.venue_symbol,
        "interval": "1",
        "start": first,
        "end": last,
        "limit": (last - first) // MINUTE_MS + 1,
    }


_INTERVALS: Final = {"1h": "60", "1d": "D"}
"""Documented ("Get Kline"): minutes, D, W, M."""


def _longer(timeframe: str, bars: int) -> dict[str, Any]:
    return {"interval": _INTERVALS[timeframe], "limit": bars}


def _rows(body: Any) -> list[Any]:
    result = body.get("result") if isinstance(body, dict) and body.get("retCode") == 0 else None
    rows = result.get("list") if isinstance(result, dict) else None
    if not isinstance(rows, list):
        raise bad_body("retCode 0 with a list of klines", body)
    return rows


def _read(row: Any) -> Row:
    ts, open_, high, low, close, volume, turnover = list_row(row, 7)
    return (
        whole(ts),
        read_number(open_),
        read_number(high),
        read_number(low),
        read_number(close),
        read_number(volume),
        read_number(turnover),
        None,
        None,
    )


def used_weight(headers: Mapping[str, Any]) -> float | None:
    """Bybit tells the limit and what is left of it."""
    if "X-Bapi-Limit" not in headers or "X-Bapi-Limit-Status" not in headers:
        return None
    return float(headers["X-Bapi-Limit"]) - float(headers["X-Bapi-Limit-Status"])


def reset_seconds(headers: Mapping[str, Any], now: datetime) -> float | None:
    """Seconds until a used-up limit begins anew."""
    reset = str(headers.get("X-Bapi-Limit-Reset-Timestamp", "")).strip()
    return int(reset) / 1000 - now.timestamp() if reset.isdigit() else None


KLINES: Final = Wire(
    "publicGetV5MarketKline",
    lambda _: "/v5/market/kline",
    _params,
    _rows,
    list_opened,
    _read,
    lambda _: 1,
    longer=_longer,
)
