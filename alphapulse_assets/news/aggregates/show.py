"""What a materialization shows of aggregates and correlations: pictures and tables."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.news.aggregates.correlation import DAYS
from alphapulse_assets.news.aggregates.lead_lag import DEMONSTRATED, LAGS, SIGNIFICANT
from alphapulse_resources.database.client import statement

SHOWN: Final = timedelta(days=14)
"""A picture shows what was before the last day, too, as far as it is stored."""
MAIN_SYMBOLS: Final = 3
MOST_SYMBOLS: Final = 24


def show_aggregates(sources: Sources, days: Sequence[date]) -> Mapping[str, Any]:
    """Price and sentiment of the coins that were most spoken of, until the last day."""
    from alphapulse_assets.news.aggregates.picture import sentiment_picture

    end = _end(days)
    window = (end - SHOWN, end)
    shown = {}
    main = sources.database.read(statement("news/aggregates/shown"), (*window, MAIN_SYMBOLS))
    for row in main.iter_rows(named=True):
        query = statement("news/aggregates/symbol_shown")
        found = sources.database.read(query, (row["instrument_id"], *window))
        if found.height > 1 and found["score"].count():
            title = f"{row['symbol']} on {row['venue']} and what is said of {row['coin']}, until {max(days)}"
            shown[f"sentiment of {row['coin']}"] = dg.MetadataValue.md(sentiment_picture(found, title))
    return shown


def show_correlations(sources: Sources, days: Sequence[date]) -> Mapping[str, Any]:
    """Correlations of the last day by symbol and lag, and a table of what was found among how many trials."""
    from alphapulse_assets.news.aggregates.picture import correlation_picture

    end = _end(days)
    main = sources.database.read(
        statement("news/aggregates/shown"), (end - max(DAYS) * timedelta(days=1), end, MOST_SYMBOLS)
    )
    given = (end - timedelta(days=1), max(DAYS), main["instrument_id"].to_list())
    found = sources.database.read(statement("news/aggregates/correlations_shown"), given)
    if found.is_empty():
        return {}
    title = f"Sentiment (level) and price, {max(DAYS)} days until {max(days)}: correlation by lag"
    trials = int(found["trials"][0])
    told = found.filter(pl.col("verdict").is_in(DEMONSTRATED)).sort("q")
    note = (
        f"{trials} correlations were looked at: one in twenty is below p = 0.05 by chance. Shown as "
        f"demonstrated is what has q < {SIGNIFICANT} among all of them and beats the best of {len(LAGS)} "
        "lags of shuffled sentiment." + ("" if told.height else " Nothing does: no demonstrated relation.")
    )
    return {
        "picture": dg.MetadataValue.md(correlation_picture(found, title)),
        "trials": trials,
        "note": note,
        "demonstrated": _table(told),
    }


def _table(found: pl.DataFrame) -> dg.TableMetadataValue:
    names = {"venue": "string", "symbol": "string", "series": "string", "against": "string",
             "lag": "integer", "correlation": "float", "q": "float", "verdict": "string"}  # fmt: skip
    records = [
        dg.TableRecord({name: row[name] for name in names}) for row in found.head(100).iter_rows(named=True)
    ]
    return dg.MetadataValue.table(
        records, dg.TableSchema([dg.TableColumn(name, kind) for name, kind in names.items()])
    )


def _end(days: Sequence[date]) -> datetime:
    last = max(days)
    return datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
