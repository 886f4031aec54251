"""What a run of pattern performance shows: which patterns have a demonstrated edge, and which not."""

from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.patterns.evaluation.performance import ABOVE, BELOW, NO_EDGE

ROWS: Final = 60
"""Rows of a table of verdicts: those that stand out first, then the commonest (ours)."""

_COLUMNS: Final = {
    **dict.fromkeys(("timeframe", "pattern", "direction"), "string"),
    **dict.fromkeys(("horizon", "n", "clusters"), "int"),
    **dict.fromkeys(
        ("hit_rate", "hit_low", "hit_high", "walk_rate", "base_rate", "effect", "q_value"), "float"
    ),
    "verdict": "string",
}


def verdict_metadata(found: pl.DataFrame) -> dict[str, Any]:
    """Counts of verdicts, the number of comparisons, and a table, from PERFORMANCE_SCHEMA."""
    counts = dict(found.group_by("verdict").len().iter_rows())
    return {
        "comparisons": found.height,
        **{verdict.replace(" ", "_"): counts.get(verdict, 0) for verdict in (ABOVE, BELOW, NO_EDGE)},
        **({"verdicts": _table(found)} if found.height else {}),
    }


def _table(found: pl.DataFrame) -> dg.TableMetadataValue:
    whole = found.filter(pl.col("regime").is_null()).with_columns((pl.col("verdict") != NO_EDGE).alias("out"))
    shown = whole.sort(
        "out", "clusters", "timeframe", "pattern", "horizon", descending=[True, True, *[False] * 3]
    )
    rows = shown.head(ROWS).select(
        pl.col(name).round(3) if kind == "float" else name for name, kind in _COLUMNS.items()
    )
    return dg.MetadataValue.table(
        [dg.TableRecord(row) for row in rows.iter_rows(named=True)],
        schema=dg.TableSchema([dg.TableColumn(name, kind) for name, kind in _COLUMNS.items()]),
    )
