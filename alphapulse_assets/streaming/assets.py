"""The tables that streams write, as assets Dagster knows of but does not make.

A stream run reports a materialization of each every half minute, so that the UI shows how fresh they are.
Live candles have no asset of their own: the stream writes them to the table of `ohlcv_1m`. The refresh
reports its partitions, also for candles of the stream, once the venue has confirmed them.
"""

from collections.abc import Mapping
from typing import Final

import dagster as dg

from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.registry import streamed
from alphapulse_resources.database.migrations import column_comments
from alphapulse_resources.streams.tables import StreamTable

_TYPES: Final[Mapping[str, str]] = {
    "Int16": "smallint",
    "Int32": "integer",
    "Int64": "bigint",
    "Float64": "double precision",
    "Boolean": "boolean",
    "String": "text",
    "List(Float64)": "double precision[]",
    "List(Float32)": "real[]",
    "Datetime(time_unit='us', time_zone='UTC')": "timestamp with time zone",
}


def table_schema(table: StreamTable) -> dg.TableSchema:
    """Columns of a table: types as the writer has them, meanings from the comments of its migration."""
    meanings = column_comments(table.name)
    return dg.TableSchema(
        [
            dg.TableColumn(
                name, "jsonb" if name in table.json else _TYPES[str(dtype)], description=meanings[name]
            )
            for name, dtype in table.columns.items()
        ]
    )


def _asset(dataset: Dataset, table: StreamTable) -> dg.AssetSpec:
    facts = dataset.facts()
    facts["metadata"] |= {"dagster/column_schema": table_schema(table), "key": ", ".join(table.key)}
    return dg.AssetSpec(dataset.name, deps=list(dataset.reads), **facts)


live_assets: Final = [_asset(dataset, table) for dataset, table in streamed()]
REPORTED: Final = frozenset(dataset.name for dataset, _ in streamed())
"""Tables whose materializations a stream run reports."""
