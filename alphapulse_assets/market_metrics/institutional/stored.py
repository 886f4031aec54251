"""What the tables of this room hold already, and when their collectors last looked."""

from datetime import datetime

import polars as pl
from psycopg import sql

from alphapulse_assets.market_metrics.institutional.model import LOOK_BACK
from alphapulse_assets.market_metrics.institutional.vintages import REVISION, Watch
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.tables import Table


def newest_stored(database: Database, table: Table, start: datetime, end: datetime) -> pl.DataFrame:
    """The newest revision of each row of `[start, end)`: the table's key and values."""
    key = [name for name in table.key if name != REVISION]
    query = statement(
        "institutional/newest_revisions",
        table=table.name,
        key=_names(key),
        columns=_names([*table.key, *table.values]),
    )
    return database.read(query, (start, end))


def last_look(database: Database, collector: str) -> Watch | None:
    """When a collector last had an answer; None where it never had one."""
    rows = database.rows(statement("institutional/last_look"), {"collector": collector})
    return Watch(rows[0]["answered_at"], LOOK_BACK) if rows and rows[0]["answered_at"] else None


def _names(names: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
