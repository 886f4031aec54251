"""Scored events as pieces of evidence with what came of them. Pure.

Events of one bar, direction and shape are one piece (`events.evidence`): its score is that of the surest of
its names (one with a level before one without), and its outcome is theirs, as they share bar and direction.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from alphapulse_assets.patterns.calibration.scores import DECILES, NONE, SCORES, Score
from alphapulse_assets.patterns.events.arrays import micros_of
from alphapulse_assets.patterns.events.evidence import CHART, EVIDENCE, SHAPES, shape_column
from alphapulse_assets.patterns.events.model import DIRECTIONS, PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.scoring.confidence import CONFIDENCE_SCHEMA

Cuts = Sequence[float]
"""Upper bounds of the lower nine tenths of a score's values."""

_UNKNOWN: Final = "unknown"
_KINDS: Final = {
    "timeframe": pl.Enum(PATTERN_TIMEFRAMES),
    "direction": pl.Enum(DIRECTIONS),
    "shape": pl.Enum([*dict.fromkeys(SHAPES.values()), CHART, _UNKNOWN]),
}
"""Names as numbers: joins of millions of rows by text take seconds."""
_PIECE: Final = (*EVIDENCE, "path")
_LENGTHS: Final = {name: micros_of(name) for name in PATTERN_TIMEFRAMES}


Condensed = tuple[pl.DataFrame, pl.DataFrame]
"""Events with their scores, and what came of each piece of evidence by horizon: what `condensed` gives."""


def condensed(scores: pl.DataFrame, outcomes: pl.DataFrame, path: int = 0) -> Condensed:
    """What calibration needs of scored events and their outcomes, a fraction of it in size.

    Args:
        scores: confirmed directional events: EVIDENCE's columns but shape, family, pattern, and scores.
        outcomes: PATTERN_OUTCOME_SCHEMA of the same events.
        path: which of several prices of one instrument they are of: evidence of two walks is never one piece.
    """
    length = pl.col("timeframe").replace_strict(_LENGTHS, return_dtype=pl.Int64) * pl.col("horizon")
    cluster = (pl.col("confirmed_at").dt.epoch("us") // length).alias("cluster")
    told = ("horizon", "directed_pct", "directed_atr", "known_at")
    came = (
        outcomes.filter(pl.col("directed_pct").is_not_null())
        .select(*EVIDENCE[:-1], "family", "pattern", *told, cluster)
        .pipe(_with_shape)
        .unique([*EVIDENCE, "horizon"], keep="first")
        .with_columns(pl.lit(path).alias("path"))
    )
    columns = {name for score in SCORES for name in (score.column, score.level) if name in scores.columns}
    named = scores.select(*EVIDENCE[:-1], "family", "pattern", *sorted(columns | _more(scores)))
    return _with_shape(named).with_columns(pl.lit(path).alias("path")), came


def _more(scores: pl.DataFrame) -> set[str]:
    """Columns of scores that are not among SCORES: of those that are tried."""
    known = {*CONFIDENCE_SCHEMA, *EVIDENCE}
    return {name for name in scores.columns if name not in known and scores.schema[name].is_float()}


def _with_shape(events: pl.DataFrame) -> pl.DataFrame:
    """With `shape` in the place of names, and what names a piece of evidence as numbers."""
    return (
        events.with_columns(shape_column().fill_null(_UNKNOWN)).drop("family", "pattern").cast(_KINDS)  # type: ignore[arg-type]  # kinds by name
    )


def pieces(score: Score, scores: pl.DataFrame, came: pl.DataFrame, cuts: Cuts | None) -> pl.DataFrame:
    """A row per piece of evidence and horizon: value, level, place, names and what came, in order of time.

    Args:
        score: which one is looked at.
        scores: events with the score's columns.
        came: what came of them; both as `condensed` gives them.
        cuts: of a score without levels (`deciles`).
    """
    places = {name: place for place, name in enumerate(score.levels, start=1)}
    level = pl.col(score.level) if score.level else _decile(score.column, cuts or ())
    named = (
        scores.select(*_PIECE, pl.col(score.column).alias("value"), level.alias("level"))
        .drop_nulls("value")
        .with_columns(pl.col("level").replace_strict(places, default=0, return_dtype=pl.Int64).alias("place"))
        .sort(pl.col("place") == 0, -pl.col("value"), maintain_order=True)
    )
    counts = named.group_by(_PIECE).agg(pl.len().cast(pl.Int64).alias("names"))
    return (
        named.unique(_PIECE, keep="first", maintain_order=True)
        .with_columns(pl.when(pl.col("place") > 0).then("level").otherwise(pl.lit(NONE)).alias("level"))
        .join(counts, on=_PIECE)
        .join(came, on=_PIECE)
        .sort("ts", "instrument_id", "direction", "shape", "path", "horizon")
    )


def deciles(score: Score, scores: pl.DataFrame) -> Cuts | None:
    """Where the tenths of a score's values meet; None for a score with levels of its own."""
    values = scores[score.column].drop_nulls()
    if score.level is not None or values.is_empty():
        return None
    tenths = (values.quantile(number / 10, "linear") for number in range(1, 10))
    return tuple(each for each in tenths if each is not None)


def _decile(column: str, cuts: Cuts) -> pl.Expr:
    place = pl.sum_horizontal(pl.lit(0), *((pl.col(column) > cut).cast(pl.Int64) for cut in cuts))
    return place.replace_strict(dict(enumerate(DECILES)), return_dtype=pl.String)
