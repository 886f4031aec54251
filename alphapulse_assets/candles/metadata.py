"""What every materialization of candles shows: rows, window, symbols, coverage, latency, a price picture."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.core.plots import price_picture
from alphapulse_assets.datasets.fetching import Outcome
from alphapulse_assets.datasets.partitions import first_and_last
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.venues.model import Instrument

PICTURE_SYMBOLS: Final = 6
REFRESH_SYMBOLS: Final = 2
"""Symbols in the pictures of runs that come every few minutes: a tenth of a second each to draw (ours)."""


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


def ingest_metadata(outcomes: Sequence[Outcome[Instrument]]) -> dict[str, Any]:
    """Counts of a fetch, and a table of what failed."""
    fetches = [fetch for outcome in outcomes for fetch in outcome.fetches]
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    return {
        "symbols": len(outcomes),
        "rows_inserted": sum(outcome.written.inserted for outcome in outcomes),
        "rows_changed": sum(outcome.written.changed for outcome in outcomes),
        "rows_unchanged": sum(outcome.written.unchanged for outcome in outcomes),
        "rows_quarantined": sum(outcome.quarantined for outcome in outcomes),
        "duplicates": sum(outcome.duplicates for outcome in outcomes),
        "requests": len(fetches),
        "venue_latency_ms": round(median(fetch.latency_ms for fetch in fetches), 1) if fetches else 0.0,
        "weight_used": sum(fetch.weight for fetch in fetches),
        "symbols_failed": len(failed),
        **({"failures": _failures(failed)} if failed else {}),
    }


def coverage_metadata(
    database: Database,
    days: Mapping[str, Sequence[date]],
    timeframe: str = "1m",
    *,
    symbols: int = PICTURE_SYMBOLS,
) -> dict[str, Any]:
    """Coverage of the window, and a picture of prices at its end that shows the first `symbols` symbols."""
    first, last = first_and_last(days)
    figures = database.rows(
        statement("candles/coverage_of_window"), {"venues": list(days), "first": first, "last": last}
    )[0]
    return {
        "picture": dg.MetadataValue.md(_picture(database, list(days), last, timeframe, symbols)),
        "coverage": round(float(figures["coverage"] or 0.0), 6),
        "explained": round(float(figures["explained"] or 0.0), 6),
        "open_gaps": figures["open_gaps"],
        "minutes": int(figures["present"] or 0),
    }


def _picture(database: Database, venues: list[str], last: date, timeframe: str, symbols: int) -> str:
    """Closes of the first symbols: the last day of the window, or a span that shows some hundred bars."""
    spans = {"1m": 1, "5m": 1, "15m": 3, "1h": 14, "4h": 60, "1d": 365, "1w": 1500}
    end = datetime.combine(last, time(), UTC) + timedelta(days=1)
    frame = database.read(
        statement("candles/picture", relation=f"ohlcv_{timeframe}"),
        (venues, end - timedelta(days=spans[timeframe]), end, symbols),
    )
    panels = {
        str(label[0]): part.select("ts", "high", "low", "close")
        for label, part in frame.with_columns(pl.col("ts").cast(pl.Datetime("us", "UTC"))).group_by(
            "label", maintain_order=True
        )
    }
    return price_picture(panels, title=f"{timeframe} close")


def _failures(failed: Sequence[Outcome[Instrument]]) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "symbol": str(outcome.subject),
                    "kind": str(outcome.error.kind),
                    "error": str(outcome.error),
                }
            )
            for outcome in failed
            if outcome.error is not None
        ],
        schema=dg.TableSchema([dg.TableColumn("symbol"), dg.TableColumn("kind"), dg.TableColumn("error")]),
    )
