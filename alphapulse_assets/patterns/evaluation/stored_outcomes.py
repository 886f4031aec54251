"""Outcomes, success rates and performance in a database: their tables, and their frames as rows and back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import polars as pl

from alphapulse_assets.patterns.evaluation.markets import Outcomes, judged
from alphapulse_assets.patterns.evaluation.outcomes import HORIZONS, MEASURED_SCHEMA, long_form
from alphapulse_assets.patterns.evaluation.outcomes import LOGIC_VERSION as OUTCOME_VERSION
from alphapulse_assets.patterns.evaluation.performance import PERFORMANCE_SCHEMA
from alphapulse_assets.patterns.evaluation.success import COUNT_SCHEMA, SUCCESS_SCHEMA
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.kinds import kind_column, sign_column
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore
from alphapulse_resources.database.tables import Table
from alphapulse_resources.venues.registry import VENUES

OUTCOME_KEY: Final = (
    *("instrument_id", "timeframe_id", "ts", "kind_id", "sign", "logic_version", "reference"),
)
RATE_KEY: Final = (
    *("ts", "timeframe_id", "family", "pattern", "direction", "regime", "horizon"),
    *("logic_version", "configuration_version"),
)


def _values(schema: pl.Schema, key: Sequence[str], *first: str) -> tuple[str, ...]:
    """The other columns; those named come first."""
    taken = {*key, *first, "timeframe", "as_of"}
    return (*first, *(name for name in schema if name not in taken))


_REGIMES: Final = {"down": -1, "range": 0, "up": 1}
_MEASURED: Final = (
    *("has_levels", "target_pct", "invalidation_pct", "touch", "touch_bars", "ambiguous", "late"),
    *(f"{name}_{bars}" for name in ("return", "favourable", "adverse") for bars in HORIZONS),
)
OUTCOMES: Final = Table(
    "pattern_outcome_events",
    key=OUTCOME_KEY,
    values=("entry", "atr", "regime_sign", *_MEASURED),
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


def outcome_rows(measured: pl.DataFrame) -> pl.DataFrame:
    """MEASURED_SCHEMA as rows of the table, without scope: shares of prices in single precision."""
    single = [name for name, kind in MEASURED_SCHEMA.items() if kind == pl.Float64 and name != "entry"]
    return measured.select(
        "ts",
        kind_column(),
        sign_column(),
        pl.col("reference").fill_null(""),
        pl.col("regime").replace_strict(_REGIMES, return_dtype=pl.Int16).alias("regime_sign"),
        "entry",
        *(pl.col(name).cast(pl.Float32) for name in single),
        *(name for name in _MEASURED if name not in single),
    )


def known_rows(rows: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Rows of the table as they were at a moment: without what a horizon told that ended later.

    `rows`: the table's columns, `timeframe_id` among them.
    """
    bar = pl.duration(minutes=pl.col("timeframe_id"))
    late = [pl.col("late").list.get(k, null_on_oob=True).fill_null(0) for k in range(len(HORIZONS))]
    over = [
        (pl.col("ts") + bar * (bars + 1 + each) <= as_of).alias(f"over_{bars}")
        for bars, each in zip(HORIZONS, late, strict=True)
    ]
    known = rows.with_columns(over).filter(f"over_{HORIZONS[0]}")
    last = pl.max_horizontal(pl.when(f"over_{bars}").then(bars) for bars in HORIZONS)
    touched = pl.col("touch_bars") <= last
    some = pl.any_horizontal(
        (each > 0) & pl.col(f"over_{bars}") for bars, each in zip(HORIZONS, late, strict=True)
    )
    seen = pl.concat_list(
        pl.when(f"over_{bars}").then(each) for bars, each in zip(HORIZONS, late, strict=True)
    )
    return known.with_columns(
        *(pl.when(touched).then(name).alias(name) for name in ("touch", "touch_bars", "ambiguous")),
        pl.when(some).then(seen).alias("late"),
        *(
            pl.when(f"over_{bars}").then(f"{name}_{bars}").alias(f"{name}_{bars}")
            for name in ("return", "favourable", "adverse")
            for bars in HORIZONS
        ),
    ).select(rows.columns)


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
    measured = found.with_columns(
        pl.lit(timeframe).alias("timeframe"),
        pl.when(pl.col("reference") != "").then("reference").alias("reference"),
    ).cast(MEASURED_SCHEMA)
    return long_form(measured.select(MEASURED_SCHEMA.names())).filter(pl.col("known_at") <= as_of)


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
