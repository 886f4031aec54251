"""What the tests of the example queries share: running one at a pinned time, and looking at its rows."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

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
