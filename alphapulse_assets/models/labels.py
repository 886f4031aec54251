"""What came of a piece of evidence, and when that was known: the labels of models. Pure."""

import polars as pl

from alphapulse_assets.models.model import LABEL_SCHEMA
from alphapulse_assets.patterns.events.configuration import DEFAULT, PatternConfiguration
from alphapulse_assets.patterns.events.evidence import EVIDENCE, shape_column


def labels(outcomes: pl.DataFrame, *, configuration: PatternConfiguration = DEFAULT) -> pl.DataFrame:
    """LABEL_SCHEMA from PATTERN_OUTCOME_SCHEMA: events of a group share entry, direction and horizon, so
    also what came of them.

    The return is that of a trade from the close of the bar to the close at the horizon; costs are those of
    a round trip at the configuration's fee and slippage.
    """
    gross = pl.col("gross_return")
    return (
        outcomes.drop_nulls("directed_pct")
        .with_columns(shape_column(), (pl.col("directed_pct") / 100.0).alias("gross_return"))
        .drop_nulls("shape")
        .unique([*EVIDENCE, "horizon"], keep="first", maintain_order=True)
        .with_columns(
            (gross - configuration.costs.round_trip).alias("net_return"),
            pl.col("known_at").alias("label_known_at"),
        )
        .with_columns((pl.col("net_return") > 0).alias("is_right"))
        .select(LABEL_SCHEMA.names())
        .match_to_schema(LABEL_SCHEMA)
        .sort("ts", "direction", "shape", "horizon")
    )


def labelled(features: pl.DataFrame, labels: pl.DataFrame, horizon: int) -> pl.DataFrame:
    """Features with the labels of one horizon, those whose horizon is not over left out."""
    keys = list(EVIDENCE)
    mine = labels.filter(pl.col("horizon") == horizon)
    return features.join(mine, on=keys, how="inner", maintain_order="left")
