"""How signals did and what following them made of an account: columns and tables. Pure."""

from typing import Final

import polars as pl

from alphapulse_resources.database.tables import Table

LOGIC_VERSION: Final = 1
"""Bumped whenever the same outcomes, walks and configuration would give other figures."""

GROUPS: Final = ("all", "signal", "side", "trigger", "timeframe", "regime", "symbol", "month")
"""By what signals are put together; `all` has one value, which is `all` too."""
CURVES: Final = ("all", "timeframe", "symbol")
"""Groups that have an equity curve."""
UNTOLD: Final = "untold"
"""The regime of signals at bars whose regime is not known."""

TRADE_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "symbol": pl.String(),  # venue and symbol
        "timeframe": pl.String(),
        "signal": pl.String(),
        "side": pl.String(),
        "trigger": pl.String(),
        "regime": pl.String(),
        "told_at": pl.Datetime("us", "UTC"),
        "entry_at": pl.Datetime("us", "UTC"),
        "entry": pl.Float64(),
        "closed_at": pl.Datetime("us", "UTC"),
        "exit": pl.Float64(),
        "known_at": pl.Datetime("us", "UTC"),
        "state": pl.String(),
        "bars": pl.Int64(),
        "gross_pct": pl.Float64(),
        "cost_pct": pl.Float64(),
        "gross_r": pl.Float64(),
        "cost_r": pl.Float64(),
        "planned_entry": pl.Float64(),
        "size": pl.Float64(),
    }
)
"""What of decided outcomes (OUTCOME_SCHEMA) is judged: those that were entered."""

_SHARES: Final = {
    f"{state}{bound}": pl.Float64()
    for state in ("target", "stopped", "expired", "closed")
    for bound in ("_share", "_low", "_high")
}
PERFORMANCE_SCHEMA: Final = pl.Schema(
    {
        "as_of": pl.Datetime("us", "UTC"),  # only outcomes known by then count
        "grouped_by": pl.String(),  # one of GROUPS
        "value": pl.String(),
        "n": pl.Int64(),  # signals that were entered and decided
        "clusters": pl.Int64(),  # stretches of time
        **_SHARES,  # with Wilson's bounds, of clusters
        "mean_gross_pct": pl.Float64(),
        "mean_net_pct": pl.Float64(),  # after costs, with bounds of the cluster bootstrap (null with few)
        "mean_net_low": pl.Float64(),
        "mean_net_high": pl.Float64(),
        "median_net_pct": pl.Float64(),
        "median_net_low": pl.Float64(),
        "median_net_high": pl.Float64(),
        "profit_factor": pl.Float64(),  # sum of gains over sum of losses, after costs; null without losses
        "expectancy_r": pl.Float64(),  # mean net return in units of the planned risk
        "drawdown_pct": pl.Float64(),  # deepest fall of the account that takes each at its size, 0 or more
        "mean_bars": pl.Float64(),
        "mean_hours": pl.Float64(),
        "walk_n": pl.Int64(),  # the same on random walks
        "walk_clusters": pl.Int64(),
        "walk_target_share": pl.Float64(),
        "walk_stopped_share": pl.Float64(),
        "walk_mean_net_pct": pl.Float64(),
        "walk_mean_net_low": pl.Float64(),
        "walk_mean_net_high": pl.Float64(),
        "walk_profit_factor": pl.Float64(),
        "walk_expectancy_r": pl.Float64(),
        "random_mean_net_pct": pl.Float64(),  # as many entries at random bars, over all draws
        "random_mean_net_low": pl.Float64(),
        "random_mean_net_high": pl.Float64(),
        "hold_net_pct": pl.Float64(),  # holding the symbols from the first entry to the last exit, costs once
        "hold_pct_per_hour": pl.Float64(),
        "net_pct_per_hour": pl.Float64(),  # of the signals, while they were held
        "verdict": pl.String(),  # of the mean net return
        "comparisons": pl.Int64(),  # rows of this table
        "configuration_version": pl.Int64(),
        "logic_version": pl.Int64(),
    }
)
"""A row per group and value."""

EQUITY_SCHEMA: Final = pl.Schema(
    {
        "as_of": pl.Datetime("us", "UTC"),
        "grouped_by": pl.String(),  # one of CURVES
        "value": pl.String(),
        "day": pl.Datetime("us", "UTC"),  # UTC day whose exits are in it
        "trades": pl.Int64(),  # up to the end of the day
        "equity": pl.Float64(),  # quote units, after costs
        "drawdown_pct": pl.Float64(),  # below the highest before
        "random_equity": pl.Float64(),  # median of the draws of random entries
        "random_low": pl.Float64(),
        "random_high": pl.Float64(),
        "hold_equity": pl.Float64(),  # in the symbols all the time, bought once
        "configuration_version": pl.Int64(),
        "logic_version": pl.Int64(),
    }
)
"""A row per curve and day from the first exit to the last."""

PERFORMANCE_KEY: Final = ("ts", "grouped_by", "value", "logic_version", "configuration_version")
EQUITY_KEY: Final = ("ts", "grouped_by", "value", "day", "logic_version", "configuration_version")


def _table(name: str, key: tuple[str, ...], schema: pl.Schema, first: str) -> Table:
    taken = {*key, "as_of", first}
    values = (first, *(column for column in schema if column not in taken))
    return Table(name, key, values, provenance=("created_at",), computed=True)


SIGNAL_PERFORMANCE: Final = _table("signal_performance_stats", PERFORMANCE_KEY, PERFORMANCE_SCHEMA, "n")
SIGNAL_EQUITY: Final = _table("signal_equity_points", EQUITY_KEY, EQUITY_SCHEMA, "trades")
