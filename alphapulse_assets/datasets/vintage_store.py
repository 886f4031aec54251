"""What a table of vintages holds already, when its collector last looked, and when an answer had come."""

from datetime import datetime, timedelta

import polars as pl
from psycopg import sql

from alphapulse_assets.datasets.vintages import REVISION, Watch
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.tables import Table


def newest_stored(database: Database, table: Table, start: datetime, end: datetime) -> pl.DataFrame:
    """The newest revision of each row of `[start, end)`: the table's key and values."""
    key = [name for name in table.key if name != REVISION]
    query = statement(
        "collecting/newest_revisions",
        table=table.name,
        key=_names(key),
        columns=_names([*table.key, *table.values]),
    )
    return database.read(query, (start, end))


def last_look(database: Database, collector: str, reach: timedelta) -> Watch | None:
    """When a collector that asks back for `reach` last had an answer; None where it never had one."""
    rows = database.rows(statement("collecting/last_look"), {"collector": collector})
    return Watch(rows[0]["answered_at"], reach) if rows and rows[0]["answered_at"] else None


def _names(names: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
