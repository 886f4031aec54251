"""Outcomes, success rates and performance in a database: their tables, and their frames as rows and back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import polars as pl

from alphapulse_assets.patterns.evaluation.markets import Outcomes, judged
from alphapulse_assets.patterns.evaluation.outcomes import LOGIC_VERSION as OUTCOME_VERSION
from alphapulse_assets.patterns.evaluation.outcomes import PATTERN_OUTCOME_SCHEMA
from alphapulse_assets.patterns.evaluation.performance import PERFORMANCE_SCHEMA
from alphapulse_assets.patterns.evaluation.success import COUNT_SCHEMA, SUCCESS_SCHEMA
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore
from alphapulse_resources.database.tables import Table
from alphapulse_resources.venues.registry import VENUES

OUTCOME_KEY: Final = (
    *("instrument_id", "timeframe_id", "ts", "family", "pattern", "direction", "reference"),
    *("horizon", "logic_version"),
)
RATE_KEY: Final = (
    *("ts", "timeframe_id", "family", "pattern", "direction", "regime", "horizon"),
    *("logic_version", "configuration_version"),
)


def _values(schema: pl.Schema, key: Sequence[str], *first: str) -> tuple[str, ...]:
    """The other columns; those named come first."""
    taken = {*key, *first, "timeframe", "as_of"}
    return (*first, *(name for name in schema if name not in taken))


OUTCOMES: Final = Table(
    "pattern_outcome_events",
    key=OUTCOME_KEY,
    values=_values(PATTERN_OUTCOME_SCHEMA, OUTCOME_KEY, "known_at"),
    provenance=("created_at",),
    computed=True,
)
SUCCESS_RATES: Final = Table(
    "pattern_success_rates",
    key=RATE_KEY,
    values=_values(SUCCESS_SCHEMA, RATE_KEY),
    provenance=("created_at",),
    computed=True,
)
PERFORMANCE_STATS: Final = Table(
    "pattern_performance_stats",
    key=RATE_KEY,
    values=_values(PERFORMANCE_SCHEMA, RATE_KEY),
    provenance=("created_at",),
    computed=True,
    json=("failures", "hints"),
)

RATE_USED: Final = pl.Schema(
    {
        **dict.fromkeys(("ts",), pl.Datetime("us", "UTC")),
        **dict.fromkeys(("family", "pattern", "direction", "regime"), pl.String()),
        "excess": pl.Float64(),
    }
)
"""Of a rate of success, what confidence rests on."""

_NARROW: Final[dict[pl.DataType, type[pl.DataType]]] = {pl.Float64(): pl.Float32, pl.Int64(): pl.Int16}


def outcome_rows(outcomes: pl.DataFrame) -> pl.DataFrame:
    """PATTERN_OUTCOME_SCHEMA as rows of the table, without scope: shares of prices in single precision."""
    kept = {"entry", "atr", "logic_version"}
    return outcomes.drop("instrument_id", "timeframe", "logic_version").with_columns(
        pl.col("reference").fill_null(""),
        *(
            pl.col(name).cast(_NARROW[kind])
            for name, kind in PATTERN_OUTCOME_SCHEMA.items()
            if kind in _NARROW and name not in kept
        ),
    )


def rate_rows(rates: pl.DataFrame) -> pl.DataFrame:
    """SUCCESS_SCHEMA or PERFORMANCE_SCHEMA as rows of their tables, without scope."""
    return rates.drop("timeframe", "logic_version", "configuration_version").with_columns(
        pl.col("as_of").alias("ts"),
        pl.col("regime").fill_null(""),
        pl.col("horizon").cast(pl.Int16),
    )


def read_outcomes(
    store: DerivedStore, instrument_ids: Sequence[int], timeframe: str, start: datetime, as_of: datetime
) -> pl.DataFrame:
    """PATTERN_OUTCOME_SCHEMA of patterns at bars from `start` on, as far as they were known at `as_of`.

    Sizes in per cent and ATR have the precision they are stored in (seven digits).
    """
    found = store.database.read(
        statement("patterns/outcomes"),
        (list(instrument_ids), TIMEFRAME_IDS[timeframe], OUTCOME_VERSION, start, as_of),
    )
    return (
        found.with_columns(
            pl.lit(timeframe).alias("timeframe"),
            pl.when(pl.col("reference") != "").then("reference").alias("reference"),
        )
        .select(PATTERN_OUTCOME_SCHEMA.names())
        .cast(PATTERN_OUTCOME_SCHEMA)
    )


def read_counts(
    store: DerivedStore,
    timeframe: str,
    times: Sequence[datetime],
    *,
    instrument_ids: Sequence[int],
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """COUNT_SCHEMA of these instruments' outcomes known by the last of these times (which rise)."""
    horizon = configuration.outcomes.history_horizon
    found = store.database.read(
        statement("patterns/outcome_counts"),
        (TIMEFRAME_IDS[timeframe], OUTCOME_VERSION, horizon, list(times), times[-1], list(instrument_ids)),
    )
    return (
        found.with_columns(pl.lit(timeframe).alias("timeframe"))
        .select(COUNT_SCHEMA.names())
        .cast(COUNT_SCHEMA)
    )


def judged_markets(store: DerivedStore) -> Mapping[str, list[int]]:
    """By timeframe, the instruments whose outcomes count, tracked or imported (`markets.judged`)."""
    rows = store.database.rows(statement("patterns/judged"), {"logic_version": OUTCOME_VERSION})
    return judged((Outcomes(**row) for row in rows), VENUES)


def read_rates(
    store: DerivedStore, scope: Mapping[str, int | str], window: tuple[datetime, datetime]
) -> pl.DataFrame:
    """What scores take from the rates of success of a scope (`RATE_USED`) as of a window of times."""
    found = store.database.read(statement("patterns/rates_used"), (*scope.values(), *window))
    return found.select(RATE_USED.names()).cast(RATE_USED)
