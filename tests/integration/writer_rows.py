"""Rows of every stream table, made up from a number: the same number, the same row."""

from datetime import UTC, datetime, timedelta
from typing import Any

from alphapulse_resources.database.client import Database
from alphapulse_resources.streams.tables import (
    ALERT_DELIVERIES,
    CANDLE_ARRIVALS,
    CANDLES,
    FORMING_CANDLES,
    LIQUIDITY_SWEEPS,
    LIQUIDITY_ZONES,
    ORDER_BOOK_ALERTS,
    ORDER_BOOK_DEPTH,
    ORDER_BOOK_EVENTS,
    ORDER_BOOK_SNAPSHOTS,
    ORDER_BOOK_STATUS,
    TRADES_1S,
    WHALE_ACTIVITIES,
    Row,
    StreamTable,
)

START = datetime(2026, 5, 4, 12, tzinfo=UTC)
TABLES = (
    ORDER_BOOK_SNAPSHOTS,
    ORDER_BOOK_DEPTH,
    ORDER_BOOK_EVENTS,
    TRADES_1S,
    WHALE_ACTIVITIES,
    LIQUIDITY_ZONES,
    LIQUIDITY_SWEEPS,
    ORDER_BOOK_ALERTS,
    ALERT_DELIVERIES,
    ORDER_BOOK_STATUS,
    CANDLES,
    FORMING_CANDLES,
    CANDLE_ARRIVALS,
)
_CHOICES = {
    (LIQUIDITY_ZONES.name, "side"): "support",
    (LIQUIDITY_SWEEPS.name, "side"): "low",
    (ORDER_BOOK_ALERTS.name, "kind"): "whale",
    (ORDER_BOOK_ALERTS.name, "severity"): "info",
    (ALERT_DELIVERIES.name, "outcome"): "failed",
    (WHALE_ACTIVITIES.name, "side"): "bid",
    (ORDER_BOOK_DEPTH.name, "unit"): "base",
}


def row(table: StreamTable, number: int, *, instrument_id: int = 1, **values: Any) -> Row:
    """A row a minute after the one of the number before; `values` say what is different."""
    ts = START + timedelta(minutes=number)
    made: dict[str, Any] = {}
    for place, (name, dtype) in enumerate(table.columns.items()):
        kind = str(dtype)
        if name in table.json:
            made[name] = f'{{"number": {number}}}'
        elif kind.startswith("List"):
            made[name] = [place + number / 4 + level for level in range(3)]
        elif kind.startswith("Datetime"):
            made[name] = ts
        elif kind.startswith("Int"):
            made[name] = number + place
        elif kind == "Float64":
            made[name] = place + number / 8
        elif kind == "Boolean":
            made[name] = number % 2 == 0
        else:
            made[name] = _CHOICES.get((table.name, name), f"{name} {number} \u00e9\U0001f40b")
    made |= {"instrument_id": instrument_id} | ({"source_id": 4} if "source_id" in made else {})
    return tuple((made | values)[name] for name in table.columns)


def stored(database: Database, table: StreamTable) -> list[Row]:
    """The rows of a table as they were put, by instrument and then by their next columns."""
    columns = ", ".join(f"{name}::text" if name in table.json else name for name in table.columns)
    with database.transaction() as connection:
        return connection.execute(f"SELECT {columns} FROM {table.name} ORDER BY 1, 2, 3").fetchall()
