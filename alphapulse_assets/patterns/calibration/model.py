"""What is told of how often scores were right: CALIBRATION_SCHEMA, and the table that holds it. Pure."""

from typing import Final

import polars as pl

from alphapulse_resources.database.tables import Table

LOGIC_VERSION: Final = 1
"""Bumped whenever the same scores, outcomes and configuration would give other figures."""

CALIBRATION_SCHEMA: Final = pl.Schema(
    {
        "as_of": pl.Datetime("us", "UTC"),  # only outcomes known by then count
        "timeframe": pl.String(),
        "score": pl.String(),  # `scores.SCORES`
        "horizon": pl.Int64(),  # bars
        "level": pl.String(),  # of the score, or a decile; "none" where too little was known for one
        "place": pl.Int64(),  # 1 for the lowest level; 0 for "none"
        "n": pl.Int64(),  # pattern events by name
        "evidence": pl.Int64(),  # pieces of evidence: one a bar, direction and shape
        "clusters": pl.Int64(),  # stretches of time, one horizon long
        "mean_score": pl.Float64(),
        "predicted": pl.Float64(),  # mean score where it claims to be a probability
        "right_share": pl.Float64(),  # directed return above 0
        "right_low": pl.Float64(),  # Wilson, of the clusters
        "right_high": pl.Float64(),
        "paid_share": pl.Float64(),  # directed return above the costs of a round trip
        "paid_low": pl.Float64(),
        "paid_high": pl.Float64(),
        "mean_atr": pl.Float64(),  # directed return, before costs
        "mean_atr_low": pl.Float64(),  # cluster bootstrap; null with few clusters
        "mean_atr_high": pl.Float64(),
        "base_rate": pl.Float64(),  # right_share of all levels together
        "walk_evidence": pl.Int64(),  # the same on random walks; 0 where they were not scored
        "walk_clusters": pl.Int64(),
        "walk_right": pl.Float64(),
        "walk_low": pl.Float64(),
        "walk_high": pl.Float64(),
        "walk_paid": pl.Float64(),
        "walk_mean_atr": pl.Float64(),
        "slope": pl.Float64(),  # of right_share a level, over the levels of score, timeframe and horizon
        "slope_low": pl.Float64(),
        "slope_high": pl.Float64(),
        "trend_p": pl.Float64(),
        "increasing": pl.Boolean(),  # slope_low above 0; null where too little is known
        "walk_slope": pl.Float64(),
        "walk_trend_p": pl.Float64(),
        "note": pl.String(),  # what the levels say
        "configuration_version": pl.Int64(),
        "logic_version": pl.Int64(),
    }
)
"""A row per score, timeframe, horizon and level that occurred."""

CALIBRATION_KEY: Final = (
    *("ts", "timeframe_id", "score", "horizon", "level"),
    *("logic_version", "configuration_version"),
)
CALIBRATION_STATS: Final = Table(
    "score_calibration_stats",
    key=CALIBRATION_KEY,
    values=tuple(name for name in CALIBRATION_SCHEMA if name not in {*CALIBRATION_KEY, "as_of", "timeframe"}),
    provenance=("created_at",),
    computed=True,
)
