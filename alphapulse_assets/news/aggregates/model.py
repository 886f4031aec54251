"""Tables, columns and versions of what texts say together. Pure."""

from typing import Final

import polars as pl

from alphapulse_resources.database.tables import computed_table

AGGREGATES_VERSION: Final = 1
CORRELATIONS_VERSION: Final = 1
MARKET: Final = "market"
"""Coin of rows about all texts, whoever they are about; coins are in upper case."""
HOURS: Final = (1, 24)
"""Windows: the hour alone shows spikes, 24 hours the level; in most quarters of an hour nothing is said."""

_TIME: Final = pl.Datetime("us", "UTC")
COUNTS: Final = (
    "texts", "stories", "sources", "news", "social", "positive", "negative", "neutral", "unscored",
)  # fmt: skip
AGGREGATE_SCHEMA: Final = pl.Schema(
    {
        "coin": pl.String(),
        "ts": _TIME,
        "hours": pl.Int16(),
        "model": pl.String(),
        "model_version": pl.String(),
        "known_at": _TIME,
        "score": pl.Float64(),
        "dispersion": pl.Float64(),
        "disagreement": pl.Float64(),
        "effective_stories": pl.Float64(),
        **dict.fromkeys(COUNTS, pl.Int32()),
        "baseline_hours": pl.Int32(),
        "baseline_mean": pl.Float64(),
        "change": pl.Float64(),
        "zscore": pl.Float64(),
    }
)
CORRELATION_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "ts": _TIME,
        "days": pl.Int16(),
        "series": pl.String(),
        "against": pl.String(),
        "lag": pl.Int16(),
        "known_at": _TIME,
        "coin": pl.String(),
        "model": pl.String(),
        "model_version": pl.String(),
        "pairs": pl.Int32(),
        "effective_n": pl.Float64(),
        "correlation": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "p": pl.Float64(),
        "trials": pl.Int32(),
        "q": pl.Float64(),
        "shuffled_best": pl.Float64(),
        "shuffled_share": pl.Float64(),
        "verdict": pl.String(),
    }
)
SENTIMENT_AGGREGATES: Final = computed_table(
    "sentiment_aggregate_hours",
    ("coin", "ts", "hours", "model", "model_version", "logic_version"),
    AGGREGATE_SCHEMA,
)
SENTIMENT_CORRELATIONS: Final = computed_table(
    "sentiment_correlation_lags",
    ("instrument_id", "ts", "days", "series", "against", "lag", "logic_version"),
    CORRELATION_SCHEMA,
)
