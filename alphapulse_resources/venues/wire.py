"""How a venue words a request for 1m candles and its answer: the terms of it. Pure: no I/O.

The words of each venue are in its folder, in `rest`.
"""

import math
from collections.abc import Callable
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
    read: Callable[[Any], Row | None]  # ValueError tells why not; None: the row says that nothing was traded
    weight: Callable[[int], float]  # of a request for that many minutes
    open_ended: bool = False  # an answer goes on beyond the window that was asked for
    longer: Callable[[str, int], dict[str, Any]] | None = None
    """Parameters that differ in a request for so many bars of a longer timeframe; None: not served."""


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


def whole(value: Any) -> int:
    """A whole number, or text of one; else `ValueError` with the reason."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    number = read_number(value)
    if not number.is_integer():
        raise ValueError(f"{value!r} is not a whole number")
    return int(number)


def bad_body(expected: str, body: Any) -> VenueError:
    """The error of an answer that is something else than `expected`."""
    seen = " ".join(str(body).split())[:80]
    return VenueError(ErrorKind.BAD_BODY, f"expected {expected}, got {type(body).__name__} {seen!r}")


def list_row(row: Any, width: int) -> list[Any]:
    """A row that is a list of `width` fields; else `ValueError` with the reason."""
    if not isinstance(row, list):
        raise ValueError(f"the row is a {type(row).__name__}, not a list")
    if len(row) != width:
        raise ValueError(f"the row has {len(row)} fields, not {width}")
    return row


def opened(value: Any, unit_ms: int = 1) -> int | None:
    """An open time in milliseconds of what should be a whole number of `unit_ms`; None where it is none."""
    try:
        return whole(value) * unit_ms
    except ValueError:
        return None


def list_opened(row: Any) -> int | None:
    """The open time of a row that begins with it, in milliseconds; None where there is none."""
    return opened(row[0]) if isinstance(row, list) and row else None
