"""Bodies of Deribit's answers as frames. Pure: what cannot be read is a `Reject`, or KeyError and the like.

Documented (docs.deribit.com, public/get_instruments, public/get_book_summary_by_currency, public/ticker,
public/get_volatility_index_data): times in milliseconds; prices of options in the currency of settlement,
open interest and volume in coins; `estimated_delivery_price` is the price index, but for the last half hour
before an expiry, when it is the mean that will be paid.
"""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import polars as pl

from alphapulse_resources.providers.deribit.errors import ERRORS
from alphapulse_resources.providers.deribit.model import CONTRACT_SCHEMA, INDEX_SCHEMA, QUOTE_SCHEMA
from alphapulse_resources.venues.model import ErrorKind, Reject, VenueError

HOUR: Final = timedelta(hours=1)


class Read(NamedTuple):
    """Rows of an answer, and what in it could not be read."""

    frame: pl.DataFrame
    rejects: list[Reject]


class IndexAnswer(NamedTuple):
    """Candles of one answer; `continuation` is where the older ones that were left out end."""

    frame: pl.DataFrame
    rejects: list[Reject]
    continuation: datetime | None


def result(body: Any) -> Any:
    """What an answer holds; a refusal that came with HTTP 200 is a `VenueError`."""
    if "error" in body:
        code, message = body["error"]["code"], str(body["error"]["message"])
        kinds = (rule.kind for rule in ERRORS if rule.text.strip('"') in message.lower())
        raise VenueError(next(kinds, ErrorKind.BAD_BODY), f"Deribit refused: {code} {message}")
    return body["result"]


def read_contracts(body: Any) -> Read:
    """Options of `get_instruments`; other kinds of instruments are left out."""
    rows = [row for row in _list(body) if row["kind"] == "option"]
    return _each(rows, _contract, CONTRACT_SCHEMA)


def read_quotes(body: Any) -> Read:
    """Quotes of `get_book_summary_by_currency`, all at the time of the newest of them."""
    read = _each(_list(body), _quote, QUOTE_SCHEMA)
    return Read(read.frame.with_columns(pl.col("ts").max()), read.rejects)


def read_index(body: Any, now: datetime) -> IndexAnswer:
    """Candles of an hour that are over, out of `get_volatility_index_data`, in order of time."""
    told = result(body)
    read = _each(told["data"], _candle, INDEX_SCHEMA)
    more = told["continuation"]
    return IndexAnswer(
        read.frame.filter(pl.col("known_at") <= now).unique(maintain_order=True).sort("ts"),
        read.rejects,
        None if more is None else _time(more),
    )


def read_ticker(body: Any) -> dict[str, float]:
    """Greeks of `ticker`, as Deribit reckons them: to hold ours against."""
    greeks = result(body)["greeks"]
    return {name: float(greeks[name]) for name in ("delta", "gamma", "vega", "theta")}


def _list(body: Any) -> list[Any]:
    rows = result(body)
    if not isinstance(rows, list):
        raise TypeError(f"the result is no list but {type(rows).__name__}")
    return rows


def _each(rows: list[Any], read: Callable[[Any], tuple[Any, ...]], schema: pl.Schema) -> Read:
    found: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    for row in rows:
        try:
            found.append(read(row))
        except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
            payload = {"row": row, "error": f"{type(error).__name__}: {error}"}
            rejects.append(Reject("unreadable_value", payload))
    return Read(pl.DataFrame(found, schema=schema, orient="row"), rejects)


def _contract(row: Mapping[str, Any]) -> tuple[Any, ...]:
    name, kind = str(row["instrument_name"]), row["option_type"]
    if kind not in ("call", "put"):
        raise ValueError(f"option_type {kind!r} is neither call nor put")
    return (
        name,
        name.partition("-")[0],
        str(row["base_currency"]),
        str(row["settlement_currency"]),
        row["settlement_currency"] == row["base_currency"],
        _time(row["expiration_timestamp"]),
        _positive(row["strike"]),
        kind,
        _positive(row["contract_size"]),
        _time(row["creation_timestamp"]),
    )


def _quote(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        str(row["instrument_name"]),
        _time(row["creation_timestamp"]),
        _number(row["mark_price"]),
        _number(row.get("mark_iv")),
        _number(row["bid_price"]),
        _number(row["ask_price"]),
        _number(row["open_interest"]),
        _number(row["volume"]),
        _number(row.get("underlying_price")),
        _number(row.get("estimated_delivery_price")),
        _number(row.get("interest_rate")),
    )


def _candle(row: list[Any]) -> tuple[Any, ...]:
    ts = _time(row[0])
    if len(row) != len(INDEX_SCHEMA) - 1:
        raise ValueError(f"{len(row)} values instead of time, open, high, low and close")
    return (ts, ts + HOUR, *(_positive(value) for value in row[1:]))


def _time(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no time in milliseconds")
    return datetime.fromtimestamp(value / 1000, UTC)


def _number(value: Any) -> float | None:
    """A number, or None where there is none; a text is no number."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def _positive(value: Any) -> float:
    number = _number(value)
    if number is None or not (math.isfinite(number) and number > 0):
        raise ValueError(f"{value!r} is not above zero")
    return number
