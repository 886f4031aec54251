"""Scored events as pieces of evidence with what came of them. Pure.

Events of one bar, direction and shape are one piece (`events.evidence`): its score is that of the surest of
its names (one with a level before one without), and its outcome is theirs, as they share bar and direction.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from alphapulse_assets.patterns.calibration.scores import DECILES, NONE, Score
from alphapulse_assets.patterns.events.arrays import micros_of
from alphapulse_assets.patterns.events.evidence import CHART, EVIDENCE, SHAPES, shape_column
from alphapulse_assets.patterns.events.model import DIRECTIONS, PATTERN_TIMEFRAMES

Cuts = Sequence[float]
"""Upper bounds of the lower nine tenths of a score's values."""

_UNKNOWN: Final = "unknown"
_KINDS: Final = {
    "timeframe": pl.Enum(PATTERN_TIMEFRAMES),
    "direction": pl.Enum(DIRECTIONS),
    "shape": pl.Enum([*dict.fromkeys(SHAPES.values()), CHART, _UNKNOWN]),
}
"""Names as numbers: joins of millions of rows by text take seconds."""
_LENGTHS: Final = {name: micros_of(name) for name in PATTERN_TIMEFRAMES}


def with_shape(events: pl.DataFrame) -> pl.DataFrame:
    """With `shape`, and what names a piece of evidence as numbers."""
    return events.with_columns(
        pl.col("timeframe", "direction").cast(pl.String), shape_column().fill_null(_UNKNOWN)
    ).cast(_KINDS)  # type: ignore[arg-type]  # kinds by name


def what_came(outcomes: pl.DataFrame) -> pl.DataFrame:
    """A row per piece of evidence and horizon: directed_pct, directed_atr and the number of its cluster."""
    length = pl.col("timeframe").replace_strict(_LENGTHS, return_dtype=pl.Int64) * pl.col("horizon")
    cluster = (pl.col("confirmed_at").dt.epoch("us") // length).alias("cluster")
    sizes = ("directed_pct", "directed_atr")
    columns = (*EVIDENCE[:-1], "family", "pattern", "horizon", *sizes)
    return (
        with_shape(outcomes.select(*columns, cluster))
        .select(*EVIDENCE, "horizon", *sizes, "cluster")
        .unique([*EVIDENCE, "horizon"], keep="first")
    )


def pieces(score: Score, scores: pl.DataFrame, came: pl.DataFrame, cuts: Cuts | None) -> pl.DataFrame:
    """A row per piece of evidence and horizon: value, level, place, names and what came, in order of time.

    Args:
        score: which one is looked at.
        scores: events (`with_shape`) with the score's columns.
        came: `what_came` of the same events.
        cuts: of a score without levels (`deciles`).
    """
    places = {name: place for place, name in enumerate(score.levels, start=1)}
    level = pl.col(score.level) if score.level else _decile(score.column, cuts or ())
    named = (
        scores.select(*EVIDENCE, pl.col(score.column).alias("value"), level.alias("level"))
        .drop_nulls("value")
        .with_columns(pl.col("level").replace_strict(places, default=0, return_dtype=pl.Int64).alias("place"))
        .sort(pl.col("place") == 0, -pl.col("value"), maintain_order=True)
    )
    counts = named.group_by(EVIDENCE).agg(pl.len().cast(pl.Int64).alias("names"))
    return (
        named.unique(EVIDENCE, keep="first", maintain_order=True)
        .with_columns(pl.when(pl.col("place") > 0).then("level").otherwise(pl.lit(NONE)).alias("level"))
        .join(counts, on=EVIDENCE)
        .join(came, on=EVIDENCE)
        .sort("ts", "instrument_id", "direction", "shape", "horizon")
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
