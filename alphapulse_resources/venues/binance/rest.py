"""Binance over REST, spot and futures alike: klines, order books, headers. Pure: no I/O."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alphapulse_resources.venues.model import Instrument
from alphapulse_resources.venues.wire import (
    MINUTE_MS,
    Row,
    bad_body,
    list_row,
    read_number,
    to_ms,
    whole,
)


def params(instrument: Instrument, start: datetime, end: datetime) -> dict[str, Any]:
    """Of a request for the klines of `[start, end)`."""
    first, last = to_ms(start), to_ms(end) - 1  # both bounds are inclusive
    minutes = (last - first) // MINUTE_MS + 1
    return {
        "symbol": instrument.venue_symbol,
        "interval": "1m",
        "startTime": first,
        "endTime": last,
        "limit": minutes,
    }


def longer(timeframe: str, bars: int) -> dict[str, Any]:
    """Of a request for so many klines of another interval (documented: 1h, 1d and others, by these names)."""
    return {"interval": timeframe, "limit": bars}


def rows(body: Any) -> list[Any]:
    """The klines of an answer."""
    if not isinstance(body, list):
        raise bad_body("a list of klines", body)
    return body


def read(row: Any) -> Row:
    """One kline."""
    ts, open_, high, low, close, volume, _, quote_volume, trades, taker, _, _ = list_row(row, 12)
    return (
        whole(ts),
        read_number(open_),
        read_number(high),
        read_number(low),
        read_number(close),
        read_number(volume),
        read_number(quote_volume),
        whole(trades),
        read_number(taker),
    )


def read_contracts(row: Any) -> Row:
    """One kline of contracts of a fixed quote value: volumes in the base; of the quote nothing is told."""
    ts, open_, high, low, close, _, _, base_volume, trades, _, taker_base, _ = list_row(row, 12)
    return (
        whole(ts),
        read_number(open_),
        read_number(high),
        read_number(low),
        read_number(close),
        read_number(base_volume),
        None,
        whole(trades),
        read_number(taker_base),
    )


def levels(body: Any) -> int:
    """How many levels an order book holds."""
    if isinstance(body, dict) and "lastUpdateId" in body:
        bids, asks = body.get("bids"), body.get("asks")
        if isinstance(bids, list) and isinstance(asks, list):
            return len(bids) + len(asks)
    raise bad_body("an order book", body)


def used_weight(headers: Mapping[str, Any]) -> float | None:
    """The weight that the last minute has used up."""
    used = headers.get("X-MBX-USED-WEIGHT-1M")
    return None if used is None else float(used)
