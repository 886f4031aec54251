"""What materializations of detected patterns show: how many of each, and the last bars of one symbol."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.core.windows import merged
from alphapulse_assets.datasets.derivation import DerivationResult
from alphapulse_assets.datasets.plots import PlotData, PlotScope, all_to_show, with_marks
from alphapulse_assets.patterns.plots import draw_charts, draw_marks
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore

_CANDLES_SHOWN: Final = 90
_BARS_SHOWN: Final = 300
Picture = Callable[[Database, DerivationResult], str | None]


def described(database: Database, derived: DerivationResult, counts: str, picture: Picture) -> dict[str, Any]:
    """Metadata: a table of counts by the statement `counts`, and a picture where there are bars to show."""
    table = counts_table(database, derived, counts)
    drawn = picture(database, derived)
    return {
        **({"patterns": table} if table else {}),
        **({"picture": dg.MetadataValue.md(drawn)} if drawn else {}),
    }


def counts_table(
    database: Database, derived: DerivationResult, query: str, *more: Any
) -> dg.TableMetadataValue | None:
    """Patterns of the run's symbols in the windows that it computed: a row per pattern, a column per kind.

    `more`: parameters of the statement after symbols, timeframe, version and window.
    """
    ids = [subject.instrument_id for subject in derived.subjects]
    found = [
        database.read(statement(query), (ids, TIMEFRAME_IDS[timeframe], derived.version, *window, *more))
        for timeframe, windows in derived.windows.items()
        for window in merged(windows)
    ]
    if not found or not (counts := pl.concat(found)).height:
        return None
    kinds = counts["kind"].unique().sort().to_list()
    table = (
        counts.group_by("pattern", "kind")
        .agg(pl.col("n").sum())
        .pivot("kind", index="pattern", values="n")
        .fill_null(0)
        .select("pattern", pl.sum_horizontal(kinds).alias("n"), *kinds)
        .sort("n", "pattern", descending=[True, False])
    )
    return dg.MetadataValue.table(
        [dg.TableRecord(row) for row in table.iter_rows(named=True)],
        schema=dg.TableSchema(
            [dg.TableColumn("pattern"), *(dg.TableColumn(name, "int") for name in ("n", *kinds))]
        ),
    )


def candlestick_picture(database: Database, derived: DerivationResult) -> str | None:
    """The last bars of the first timeframe with patterns to draw, with the rarest candlestick patterns."""
    found = with_marks(
        _found(database, derived.version, shown, _CANDLES_SHOWN, "patterns/candlesticks_shown")
        for shown in all_to_show(derived)
    )
    return draw_marks(*found) if found else None


def chart_picture(database: Database, derived: DerivationResult) -> str | None:
    """The same with the best chart patterns: lines, pivots, target and invalidation."""
    found = with_marks(
        _found(database, derived.version, shown, _BARS_SHOWN, "patterns/charts_shown")
        for shown in all_to_show(derived)
    )
    return draw_charts(*found) if found else None


def _found(database: Database, version: int, shown: PlotScope, bars: int, query: str) -> PlotData | None:
    """Candles and patterns on them; None with fewer than two candles."""
    reader = DerivedStore(database).bars(shown.subject, shown.timeframe, datetime.now(UTC))
    candles = reader.before(shown.end, bars)
    if candles.height < 2:
        return None
    key = shown.subject.instrument_id, TIMEFRAME_IDS[shown.timeframe], version
    patterns = database.read(statement(query), (*key, candles["ts"][0], shown.end))
    return PlotData(candles, patterns, shown.title)
