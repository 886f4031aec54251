"""What the tests of the example queries share: running one at a pinned time, and looking at its rows."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
import psycopg
import pytest

from alphapulse_resources.database.client import SQL_DIRECTORY, Database

QUERIES: Final = sorted((SQL_DIRECTORY / "queries").glob("*.sql"))

Row = dict[str, Any]


def run(database: Database, path: Path, now: datetime) -> list[Row]:
    """The rows of a query file, for which it is `now`; an analyst's session need not be in UTC."""
    with psycopg.connect(database.dsn, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("CREATE SCHEMA pinned")
        connection.execute(
            "CREATE FUNCTION pinned.now() RETURNS timestamptz LANGUAGE sql STABLE"
            f" AS $$ SELECT TIMESTAMPTZ '{now.isoformat()}' $$"
        )
        connection.execute("SET LOCAL search_path = pinned, pg_catalog, public")
        connection.execute("SET LOCAL timezone = 'America/New_York'")
        connection.execute("SET LOCAL statement_timeout = '60s'")
        rows = connection.execute(path.read_bytes()).fetchall()
        connection.rollback()
    return rows


def only(rows: list[Row], **wanted: object) -> Row:
    """The one row that has these values."""
    (row,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return row


def near(value: object) -> object:
    """The same but for rounding."""
    return pytest.approx(value, rel=1e-9)


def hourly_candles(
    instrument_id: int, hours: Sequence[datetime], price: Callable[[datetime], float], received_at: datetime
) -> pl.DataFrame:
    """Candles of an hour each that open and close at `price`."""
    opens = [price(hour) for hour in hours]
    return pl.DataFrame(
        {
            "instrument_id": pl.Series([instrument_id] * len(hours), dtype=pl.Int32),
            "timeframe_id": pl.Series([60] * len(hours), dtype=pl.Int16),
            "ts": pl.Series(hours, dtype=pl.Datetime("us", "UTC")),
            "open": opens, "high": [each * 1.01 for each in opens], "low": [each * 0.99 for each in opens],
            "close": opens, "volume": [1.0] * len(hours), "quote_volume": opens,
            "trades": pl.Series([1] * len(hours), dtype=pl.Int64),
            "taker_buy_volume": [0.5] * len(hours),
            "source_id": pl.Series([2] * len(hours), dtype=pl.Int16),
            "received_at": pl.Series([received_at] * len(hours), dtype=pl.Datetime("us", "UTC")),
        }
    )  # fmt: skip
