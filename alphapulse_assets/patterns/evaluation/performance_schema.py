"""What is told of how patterns did: the columns of `performance`. Pure."""

from typing import Final

import polars as pl

from alphapulse_assets.patterns.evaluation.power import POWER_COLUMNS

PERFORMANCE_SCHEMA: Final = pl.Schema(
    {
        "as_of": pl.Datetime("us", "UTC"),  # only outcomes known by then count
        "timeframe": pl.String(),
        "family": pl.String(),
        "pattern": pl.String(),
        "direction": pl.String(),
        "regime": pl.String(),  # null: all of them
        "horizon": pl.Int64(),  # bars
        "n": pl.Int64(),  # outcomes
        "clusters": pl.Int64(),
        "hit_rate": pl.Float64(),
        "hit_low": pl.Float64(),
        "hit_high": pl.Float64(),
        "base_rate": pl.Float64(),  # of all patterns of the direction, in the regime if one is told
        "shrunk_rate": pl.Float64(),  # toward the base rate, in a regime the pattern's own, see `success`
        "mean_atr": pl.Float64(),  # return the pattern's way; null without ATRs
        "mean_atr_low": pl.Float64(),  # null with fewer than `fewest_clusters`
        "mean_atr_high": pl.Float64(),
        "median_atr": pl.Float64(),
        "median_atr_low": pl.Float64(),
        "median_atr_high": pl.Float64(),
        "favourable_atr": pl.Float64(),  # mean of the farthest its way
        "adverse_atr": pl.Float64(),  # mean of the farthest against it
        "target_n": pl.Int64(),  # outcomes with fit levels
        "target_rate": pl.Float64(),  # of them: target before invalidation, within the horizon
        "target_low": pl.Float64(),
        "target_high": pl.Float64(),
        "ambiguous": pl.Float64(),  # share of them in which one bar touched both, counted as lost
        "walk_n": pl.Int64(),  # the same pattern on random walks, over all regimes in every row
        "walk_clusters": pl.Int64(),
        "walk_rate": pl.Float64(),
        "walk_low": pl.Float64(),
        "walk_high": pl.Float64(),
        "walk_mean_atr": pl.Float64(),
        "walk_target_clusters": pl.Int64(),
        "walk_target_rate": pl.Float64(),
        "walk_target_low": pl.Float64(),
        "walk_target_high": pl.Float64(),
        **POWER_COLUMNS,
        "verdict": pl.String(),  # of the hit rate
        "target_verdict": pl.String(),  # of the target rate; null without fit levels
        "failures": pl.String(),  # JSON, see `failures.failures`
        "hints": pl.String(),  # JSON, see `failures.hints`
        "comparisons": pl.Int64(),  # rows of this table
        "configuration_version": pl.Int64(),
        "logic_version": pl.Int64(),
    }
)
"""A row per pattern, direction (not neutral), timeframe, horizon and regime, and one for all regimes."""
