"""OKX over REST: candles. Pure: no I/O.

Documented at okx.com/docs-v5, "Get candlesticks" (the newest 1,440) and "Get candlesticks history": 300 rows
at most, newest first; `after` asks for rows earlier than it, `before` for later ones, both exclusive. The
sixth field counts contracts and the seventh is the base; the ninth says whether the candle is complete. A
minute without trades repeats the close before it, with no volume.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from alphapulse_resources.venues.model import Instrument
from alphapulse_resources.venues.wire import (
    Row,
    Wire,
    bad_body,
    list_opened,
    list_row,
    read_number,
    to_ms,
    whole,
)

NEWEST_REACH: Final = timedelta(minutes=1400)
"""What is younger is asked for as the newest candles: 1,440 documented, less some until the answer."""


def _params(instrument: Instrument, start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "instId": instrument.venue_symbol,
        "bar": "1m",
        "before": str(to_ms(start) - 1),
        "after": str(to_ms(end)),
        "limit": str((end - start) // timedelta(minutes=1)),
    }


def rows_of(body: Any) -> list[Any]:
    """The rows of an answer; `VenueError` BAD_BODY where there are none."""
    rows = body.get("data") if isinstance(body, dict) and str(body.get("code")) == "0" else None
    if not isinstance(rows, list):
        raise bad_body("code 0 with a list of data", body)
    return rows


def read(row: Any) -> Row | None:
    """A candle; None for a minute in which nothing was traded."""
    ts, open_, high, low, close, contracts, volume, quote_volume, _complete = list_row(row, 9)
    if read_number(contracts) == 0:
        return None
    return (
        whole(ts),
        read_number(open_),
        read_number(high),
        read_number(low),
        read_number(close),
        read_number(volume),
        read_number(quote_volume),
        None,
        None,
    )


def _wire(method: str, path: str) -> Wire:
    return Wire(method, lambda _: path, _params, rows_of, list_opened, read, lambda _: 1)


HISTORY: Final = _wire("publicGetMarketHistoryCandles", "/api/v5/market/history-candles")
NEWEST: Final = _wire("publicGetMarketCandles", "/api/v5/market/candles")
