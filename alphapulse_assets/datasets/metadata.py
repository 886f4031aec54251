"""What materializations of every data set show: the columns of their table, the window they cover."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import dagster as dg

from alphapulse_assets.datasets.partitions import first_and_last
from alphapulse_resources.database.client import Database


def column_schema(database: Database, relation: str) -> dg.TableSchema:
    """Columns of a table with types and descriptions, as the database's comments tell them."""
    _, columns = database.describe(relation)
    return dg.TableSchema(
        [dg.TableColumn(column.name, column.type, column.description) for column in columns]
    )


def window_metadata(days: Mapping[str, Sequence[date]]) -> dict[str, Any]:
    """The window a materialization covers."""
    first, last = first_and_last(days)
    return {
        "window_start": first.isoformat(),
        "window_end": (last + timedelta(days=1)).isoformat(),
        "venues": ", ".join(days),
    }
