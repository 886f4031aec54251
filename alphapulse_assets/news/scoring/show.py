"""What a materialization of scores shows: by coin and model, how many texts, and how they were scored."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import dagster as dg

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_resources.database.client import statement

MOST: Final = 50
"""Rows of the table (ours)."""


def show_scores(sources: Sources, days: Sequence[date]) -> Mapping[str, Any]:
    """The coins that most is said of, by model, over all the days."""
    start = datetime.combine(min(days), time(), UTC)
    end = datetime.combine(max(days), time(), UTC) + timedelta(days=1)
    found = sources.database.read(statement("news/coins_told_of"), (start, end, MOST))
    if found.is_empty():
        return {}
    kinds = {name: "integer" if dtype.is_integer() else "float" for name, dtype in found.schema.items()}
    kinds = {**kinds, "coin": "string", "model": "string"}
    records = [dg.TableRecord(row) for row in found.iter_rows(named=True)]
    columns = [dg.TableColumn(name, kinds[name]) for name in found.columns]
    return {"coins": dg.MetadataValue.table(records, dg.TableSchema(columns))}
