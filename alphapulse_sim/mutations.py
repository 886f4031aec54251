"""What faults do to rows of candles in a response body, in each venue's own shape."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from alphapulse_sim.faults import Fault
from alphapulse_sim.intervals import DAY

Row = Any  # a list or a dict, as the venue has it
Key = int | str


@dataclass(frozen=True, slots=True)
class RowShape:
    """Where a venue keeps its rows and their columns."""

    path: tuple[str, ...]  # "*": whatever the list is called
    ts: Key
    open: Key
    high: Key
    low: Key
    close: Key
    volume: Key
    unit_ms: int  # milliseconds per unit of `ts`

    @property
    def prices(self) -> tuple[Key, Key, Key, Key]:
        """The columns of the four prices."""
        return self.open, self.high, self.low, self.close


_BINANCE: Final = RowShape((), 0, 1, 2, 3, 4, 5, 1)
_CFTC: Final = RowShape(  # no candles: positions stand for prices, the open interest for a volume
    (), "report_date_as_yyyy_mm_dd", "dealer_positions_long_all", "asset_mgr_positions_long",
    "lev_money_positions_short", "lev_money_positions_long", "open_interest_all", 1,
)  # fmt: skip
SHAPES: Final[dict[str, RowShape]] = {
    "api.binance.com": _BINANCE,
    "data-api.binance.vision": _BINANCE,
    "fapi.binance.com": _BINANCE,
    "dapi.binance.com": _BINANCE,
    "api.bybit.com": RowShape(("result", "list"), 0, 1, 2, 3, 4, 5, 1),
    "api.coinbase.com": RowShape(("candles",), "start", "open", "high", "low", "close", "volume", 1000),
    "api.exchange.coinbase.com": RowShape((), 0, 3, 2, 1, 4, 5, 1000),
    "api.kraken.com": RowShape(("result", "*"), 0, 1, 2, 3, 4, 6, 1000),
    "www.okx.com": RowShape(("data",), 0, 1, 2, 3, 4, 5, 1),
    "www.deribit.com": RowShape(("result", "data"), 0, 1, 2, 3, 4, 4, 1),  # an index has no volume
}
"""The shape of candles by host."""
OTHER_SHAPES: Final[dict[str, RowShape]] = {
    "publicreporting.cftc.gov": _CFTC,
    # the one value stands for all that a candle has
    "api.alternative.me": RowShape(("data",), "timestamp", *("value",) * 5, 1000),
    "api.blockchain.info": RowShape(("values",), "x", *("y",) * 5, 1000),
}
"""The shape of rows that are no candles; other hosts have no rows to break."""

_CANDLE_WIDTH: Final = 9  # of OKX's
_OKX_STATISTICS: Final = RowShape(("data",), 0, 1, 1, 1, 1, 1, 1)
_PAST: Final = tuple(
    RowShape(path, ts, value, value, value, value, value, 1)
    for path, ts, value in (
        ((), "fundingTime", "fundingRate"),
        ((), "timestamp", "sumOpenInterest"),
        (("result", "list"), "fundingRateTimestamp", "fundingRate"),
        (("result", "list"), "timestamp", "openInterest"),
        (("data",), "fundingTime", "realizedRate"),
        ((), "timestamp", "longShortRatio"),
        ((), "timestamp", "buySellRatio"),
        (("result", "list"), "timestamp", "buyRatio"),
    )
)
"""The shapes of funding and open interest: the one value stands for all that a candle has."""


def shape_of(host: str, body: Any) -> RowShape | None:
    """The shape of the rows in a body of this host; None where it has no rows to break."""
    shape = SHAPES.get(host) or OTHER_SHAPES.get(host)
    rows, _ = find_rows(body, shape) if shape else (None, None)
    if rows and isinstance(rows[0], dict) and host in ("fapi.binance.com", "api.bybit.com", "www.okx.com"):
        fits = (past for past in _PAST if past.ts in rows[0] and past.open in rows[0])
        return next(fits, None)
    if rows and host == "www.okx.com" and len(rows[0]) < _CANDLE_WIDTH:
        return _OKX_STATISTICS
    return shape


def _like(old: Any, value: float | str) -> Any:
    """`value` in the type of `old`: text stays text, numbers stay numbers."""
    if isinstance(old, str):
        return str(value)
    return int(value) if isinstance(old, int) else float(value)


def _shift(row: Row, shape: RowShape, milliseconds: int) -> None:
    row[shape.ts] = _like(row[shape.ts], int(row[shape.ts]) + milliseconds // shape.unit_ms)


def _high_below_low(row: Row, shape: RowShape) -> None:
    row[shape.high] = _like(row[shape.high], round(float(row[shape.low]) * 0.9, 8))


def _negative_volume(row: Row, shape: RowShape) -> None:
    volume = row[shape.volume]
    row[shape.volume] = f"-{volume}" if isinstance(volume, str) else -volume


def _zero_price(row: Row, shape: RowShape) -> None:
    for column in shape.prices:
        row[column] = _like(row[column], 0)


def _null(row: Row, shape: RowShape) -> None:
    for column in shape.prices:
        row[column] = None


def _text_price(row: Row, shape: RowShape) -> None:
    row[shape.close] = "n/a"


def _extra_column(row: Row, shape: RowShape) -> None:
    if isinstance(row, list):
        row.append("extra")
    else:
        row["extra"] = "extra"


_IN_PLACE: Final[dict[str, Callable[[Row, RowShape], None]]] = {
    "high_below_low": _high_below_low,
    "negative_volume": _negative_volume,
    "zero_price": _zero_price,
    "misaligned": lambda row, shape: _shift(row, shape, 7_000),
    "future": lambda row, shape: _shift(row, shape, 366 * DAY),
    "null": _null,
    "text_price": _text_price,
    "extra_column": _extra_column,
}


def _conflicting(row: Row, shape: RowShape) -> Row:
    other: Row = row.copy()
    other[shape.close] = _like(row[shape.close], round(float(row[shape.close]) * 1.01, 8))
    other[shape.high] = _like(row[shape.high], round(float(row[shape.high]) * 1.01, 8))
    return other


def mutate(rows: list[Row], shape: RowShape, what: str, every: int) -> list[Row]:
    """The rows with the first and each `every`-th after it broken as `what` says."""
    if what in _IN_PLACE:
        for row in rows[::every]:
            _IN_PLACE[what](row, shape)
        return rows
    if what == "out_of_order":
        for index in range(0, len(rows) - 1, max(every, 2)):
            rows[index], rows[index + 1] = rows[index + 1], rows[index]
        return rows
    twin = _conflicting if what == "conflicting_duplicate" else lambda row, shape: row.copy()
    doubled: list[Row] = []
    for index, row in enumerate(rows):
        doubled.append(row)
        if index % every == 0:
            doubled.append(twin(row, shape))
    return doubled


def drop(rows: list[Row], shape: RowShape, parameters: dict[str, Any]) -> list[Row]:
    """The rows without the first and each `every`-th after it, or without those in [start, end)."""
    every = parameters["every"]
    if every is not None:
        return [row for index, row in enumerate(rows) if index % every]
    start, end = parameters["start"], parameters["end"]
    return [row for row in rows if not start <= int(row[shape.ts]) * shape.unit_ms < end]


def change_rows(host: str, text: str, fault: Fault) -> str:
    """The response body `text` with its rows emptied, dropped or broken; a body without rows is untouched,
    save that `empty` leaves nothing of it."""
    shape, rows, replace = None, None, None
    try:
        body = json.loads(text)
        shape = shape_of(host, body)
        rows, replace = find_rows(body, shape) if shape else (None, None)
    except ValueError:  # another fault has been at it
        pass
    if shape is None or rows is None or replace is None:
        return "" if fault.kind == "empty" else text
    if fault.kind == "empty":
        return replace([])
    if fault.kind == "drop_rows":
        return replace(drop(rows, shape, fault.parameters))
    return replace(mutate(rows, shape, fault.parameters["what"], fault.parameters["every"]))


def find_rows(body: Any, shape: RowShape) -> tuple[list[Row] | None, Callable[[list[Row]], str] | None]:
    """The rows in the body, and a function that prints the body with other rows in their place."""
    holder: Any = None
    found, key = body, ""
    for step in shape.path:
        if step == "*" and isinstance(found, dict):
            step = next((name for name, value in found.items() if isinstance(value, list)), "")
        key = step
        if not isinstance(found, dict) or step not in found:
            return None, None
        holder, found = found, found[step]
    if not isinstance(found, list):
        return None, None

    def replace(rows: list[Row]) -> str:
        if holder is None:
            return json.dumps(rows, separators=(",", ":"))
        holder[key] = rows
        return json.dumps(body, separators=(",", ":"))

    return found, replace
