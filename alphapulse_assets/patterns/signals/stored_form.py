"""Scores as their tables hold them: names as numbers, single precision, what follows left out. Pure.

A frame of the batch and a row of the stream become the same values. What the tables leave out (weights,
coverages, aspects, reliability, boosted score, `known_at`, which is the close of the bar) the views reckon
from the rest. The confidence itself stays in double precision, since it gates signals.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import polars as pl

from alphapulse_assets.patterns.events.configuration import LEVELS
from alphapulse_assets.patterns.events.kinds import KINDS, SIGNS, STAGE_IDS, kind_column, sign_column
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES
from alphapulse_resources.frames import TIMEFRAMES

_TIMEFRAME_IDS: Final = {name: TIMEFRAMES[name] // timedelta(minutes=1) for name in PATTERN_TIMEFRAMES}
_TIME: Final = pl.Datetime("us", "UTC")
_KEY: Final = {
    **{"instrument_id": pl.Int32, "timeframe_id": pl.Int16, "ts": _TIME},
    **{"logic_version": pl.Int32, "configuration_version": pl.Int32},
}
_WHOLE: Final = ("volume", "trend", "context", "history", "convergence", "boost_volume", "boost_price")
_LEVEL_IDS: Final = {name: number for number, name in enumerate(LEVELS)}
_GRADE_IDS: Final = {"weak": 1, "medium": 2, "strong": 3}
_TREND_PARTS: Final = 2
_CONTEXT_PARTS: Final = 4
"""Parts of a factor, of which its coverage is a share (`confidence`)."""

CONFIDENCE_FORM: Final[Mapping[str, Any]] = {
    **_KEY,
    **dict.fromkeys(("kind_id", "sign", "stage_id"), pl.Int16),
    "reference": pl.String,
    "strength": pl.Float32,
    **dict.fromkeys(_WHOLE, pl.Float32),
    "confidence": pl.Float64,
    **dict.fromkeys(("trend_parts", "context_parts", "level_id"), pl.Int16),
    "history_as_of": _TIME,
}
CONFLUENCE_FORM: Final[Mapping[str, Any]] = {
    **_KEY,
    **dict.fromkeys(("kind_id", "sign", "grade_id", "run", "run_first_id", "run_last_id"), pl.Int16),
    **dict.fromkeys(("confirming", "contradicting", "overridden_by_id"), pl.Int16),
    "reference": pl.String,
    "convergence": pl.Float32,
}
RELATIONSHIP_FORM: Final[Mapping[str, Any]] = {
    **_KEY,
    **dict.fromkeys(("other_timeframe_id", "other_kind_id", "other_sign"), pl.Int16),
    "other_ts": _TIME,
    "other_reference": pl.String,
}


def confidence_frame(rows: pl.DataFrame) -> pl.DataFrame:
    """CONFIDENCE_SCHEMA as rows of pattern_confidences."""
    return rows.select(
        *("instrument_id", "ts", "logic_version", "configuration_version", "confidence", "history_as_of"),
        _timeframe("timeframe"),
        kind_column(),
        sign_column(),
        pl.col("stage").replace_strict(STAGE_IDS, return_dtype=pl.Int16).alias("stage_id"),
        pl.col("reference").fill_null(""),
        (pl.col("aspect_technical") * 100).alias("strength"),
        *_WHOLE,
        (pl.col("trend_coverage") * _TREND_PARTS).round().alias("trend_parts"),
        (pl.col("context_coverage") * _CONTEXT_PARTS).round().alias("context_parts"),
        pl.col("level").replace_strict(_LEVEL_IDS, return_dtype=pl.Int16).alias("level_id"),
    ).cast(pl.Schema(CONFIDENCE_FORM))


def confidence_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The same of one row of a stream."""
    return {
        **_key(row),
        **{name: row[name] for name in (*_WHOLE, "confidence", "history_as_of")},
        "kind_id": KINDS[row["family"], row["pattern"]],
        "sign": SIGNS[row["direction"]],
        "stage_id": STAGE_IDS[row["stage"]],
        "reference": row["reference"] or "",
        "strength": row["aspect_technical"] * 100,
        "trend_parts": round(row["trend_coverage"] * _TREND_PARTS),
        "context_parts": round(row["context_coverage"] * _CONTEXT_PARTS),
        "level_id": _LEVEL_IDS.get(row["level"]),
    }


def confluence_frame(rows: pl.DataFrame) -> pl.DataFrame:
    """CONFLUENCE_SCHEMA as rows of pattern_confluences."""
    return rows.select(
        *("instrument_id", "ts", "logic_version", "configuration_version"),
        *("run", "confirming", "contradicting", "convergence"),
        *(_timeframe(name) for name in ("timeframe", "run_first", "run_last", "overridden_by")),
        kind_column(),
        sign_column(),
        pl.col("grade").replace_strict(_GRADE_IDS, return_dtype=pl.Int16).alias("grade_id"),
        pl.col("reference").fill_null(""),
    ).cast(pl.Schema(CONFLUENCE_FORM))


def confluence_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The same of one row of a stream."""
    places = {
        f"{name}_id": _TIMEFRAME_IDS.get(row[name]) for name in ("run_first", "run_last", "overridden_by")
    }
    return {
        **_key(row),
        **places,
        **{name: row[name] for name in ("run", "confirming", "contradicting", "convergence")},
        "kind_id": KINDS[row["family"], row["pattern"]],
        "sign": SIGNS[row["direction"]],
        "grade_id": _GRADE_IDS[row["grade"]],
        "reference": row["reference"] or "",
    }


def relationship_frame(rows: pl.DataFrame) -> pl.DataFrame:
    """RELATIONSHIP_SCHEMA as rows of pattern_relationship_events."""
    return rows.select(
        *("instrument_id", "ts", "logic_version", "configuration_version", "other_ts"),
        _timeframe("timeframe"),
        _timeframe("other_timeframe"),
        kind_column("other_"),
        sign_column("other_"),
        pl.col("other_reference").fill_null(""),
    ).cast(pl.Schema(RELATIONSHIP_FORM))


def relationship_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The same of one row of a stream."""
    return {
        **_key(row),
        "other_timeframe_id": _TIMEFRAME_IDS[row["other_timeframe"]],
        "other_kind_id": KINDS[row["other_family"], row["other_pattern"]],
        "other_sign": SIGNS[row["other_direction"]],
        "other_ts": row["other_ts"],
        "other_reference": row["other_reference"] or "",
    }


def signal_frame(rows: pl.DataFrame) -> pl.DataFrame:
    """SIGNAL_SCHEMA as rows of signal_events: timeframes by key."""
    return rows.with_columns(_timeframe("timeframe")).drop("timeframe")


def signal_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The same of one row of a stream."""
    return {**row, "timeframe_id": _TIMEFRAME_IDS[row["timeframe"]]}


def _key(row: Mapping[str, Any]) -> dict[str, Any]:
    shared = ("instrument_id", "ts", "logic_version", "configuration_version")
    return {**{name: row[name] for name in shared}, "timeframe_id": _TIMEFRAME_IDS[row["timeframe"]]}


def _timeframe(name: str) -> pl.Expr:
    return pl.col(name).replace_strict(_TIMEFRAME_IDS, return_dtype=pl.Int16).alias(f"{name}_id")


FRAMES: Final[Mapping[str, Callable[[pl.DataFrame], pl.DataFrame]]] = {
    "pattern_confidences": confidence_frame,
    "pattern_confluences": confluence_frame,
    "pattern_relationship_events": relationship_frame,
    "signal_events": signal_frame,
}
"""How frames become rows of each table."""
