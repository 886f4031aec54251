"""How signals did, with honest intervals, beside random walks, random entries and holding. Pure.

Signals that were live at the same time are partly one observation. So they come in clusters: a stretch of
time of their timeframe (`STRETCH`), over all symbols. Shares have Wilson's interval of the clusters, mean and
median that of the cluster bootstrap.

Above or below chance is said of the mean net return, only where its interval overlaps neither that of the
random walks nor the mean of random entries, with at least `fewest_clusters` on either side. Both have the
same costs taken off: above chance is not yet a gain, which needs `mean_net_low` above 0.
"""

import math
import zlib
from datetime import datetime
from typing import Any, Final

import numpy as np
import polars as pl

from alphapulse_assets.core.statistics import Interval, bootstrap, wilson
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.evaluation.performance import verdict
from alphapulse_assets.patterns.events.configuration import DEFAULT, OutcomeRules, PatternConfiguration
from alphapulse_assets.patterns.signal_performance.baselines import Floats, always_in
from alphapulse_assets.patterns.signal_performance.equity import deepest, growth, shares
from alphapulse_assets.patterns.signal_performance.tables import (
    GROUPS,
    LOGIC_VERSION,
    PERFORMANCE_SCHEMA,
    TRADE_SCHEMA,
    UNTOLD,
)

STRETCH: Final = {"1m": 60, "5m": 60, "15m": 240, "1h": 720, "4h": 1_440, "1d": 10_080, "1w": 50_400}
"""Minutes of a cluster: a signal's life of five bars, rounded up to one that divides the next (ours)."""

_NET: Final = pl.col("gross_pct") - pl.col("cost_pct")
_NO_WALK: Final = dict.fromkeys(name for name in PERFORMANCE_SCHEMA if name.startswith("walk_"))


def judged(outcomes: pl.DataFrame, symbols: dict[int, str]) -> pl.DataFrame:
    """TRADE_SCHEMA of the outcomes (OUTCOME_SCHEMA) that were entered and are decided."""
    return (
        outcomes.filter(pl.col("gross_pct").is_not_null())
        .with_columns(pl.col("instrument_id").replace_strict(symbols, return_dtype=pl.String).alias("symbol"))
        .select(TRADE_SCHEMA.names())
        .cast(TRADE_SCHEMA)
    )


def performance(
    trades: pl.DataFrame,
    walk: pl.DataFrame,
    random: Floats,
    as_of: datetime,
    *,
    configuration: PatternConfiguration = DEFAULT,
) -> pl.DataFrame:
    """PERFORMANCE_SCHEMA of what was known at `as_of`, by group and value.

    Args:
        trades: TRADE_SCHEMA of any instruments and timeframes, those known later left out by the caller.
        walk: the same of signals found on random walks (`walk.walked`).
        random: `baselines.random_entries` of the trades, in their order.
        as_of: what the rows say.
        configuration: level, thresholds, equity.

    Raises:
        ValueError: a trade that was known later, or not as many random rows as trades.
    """
    if len(random) != trades.height or (trades["known_at"] > as_of).any():
        raise ValueError(f"{trades.height} trades, {len(random)} random rows; all known by {as_of}?")
    real, chance = _grouped(trades), _grouped(walk)
    rows = []
    for group in GROUPS:
        beside = chance.partition_by(group, as_dict=True)
        for (value,), part in sorted(real.partition_by(group, as_dict=True).items()):
            row = {"grouped_by": group, "value": value, **_NO_WALK, "walk_n": 0, "walk_clusters": 0}
            row |= _figures(part, f"{group} {value}", configuration)
            if (walked := beside.get((value,))) is not None:
                row |= _walked(walked, f"{group} {value}", configuration.outcomes)
            rows.append(row | _baselines(part, random) | {"verdict": None})
            _judge(rows[-1], configuration.outcomes)
    versions = {"configuration_version": configuration.version, "logic_version": LOGIC_VERSION}
    told = [{**row, "as_of": as_of, "comparisons": len(rows), **versions} for row in rows]
    return pl.DataFrame(told, schema=PERFORMANCE_SCHEMA)


def _grouped(trades: pl.DataFrame) -> pl.DataFrame:
    """With what they are put together by, their place, and their cluster."""
    minutes = pl.col("timeframe").replace_strict(STRETCH, return_dtype=pl.Int64)
    lengths = {name: bar_length(name).total_seconds() / 3600 for name in STRETCH}
    return trades.with_row_index("place").with_columns(
        pl.lit("all").alias("all"),
        pl.col("regime").fill_null(UNTOLD),
        pl.col("told_at").dt.strftime("%Y-%m").alias("month"),
        # stretches of one length begin at multiples of it, so that their numbers differ by the factor
        (minutes * 10_000_000 + pl.col("told_at").dt.epoch("s") // (60 * minutes)).alias("cluster"),
        (pl.col("timeframe").replace_strict(lengths, return_dtype=pl.Float64) * pl.col("bars")).alias(
            "hours"
        ),
        _NET.alias("net"),
        (pl.col("gross_r") - pl.col("cost_r")).alias("net_r"),
    )


def _figures(part: pl.DataFrame, name: str, configuration: PatternConfiguration) -> dict[str, Any]:
    clusters = part["cluster"].n_unique()
    row: dict[str, Any] = {"n": part.height, "clusters": clusters}
    for state in ("target", "stopped", "expired", "closed"):
        share: float = part.select((pl.col("state") == state).mean()).item()
        found = wilson(share, clusters, configuration.outcomes.level)
        row |= {f"{state}_share": found.value, f"{state}_low": found.low, f"{state}_high": found.high}
    left = part.sort("closed_at", "place")
    account = growth(left["net"].to_numpy(), shares(left, configuration.sizing.equity))
    net, held = part.select(pl.col("net").sum(), pl.col("hours").sum()).row(0)
    return {
        **row,
        **_returns(part, name, configuration.outcomes),
        "mean_gross_pct": part["gross_pct"].mean(),
        "profit_factor": _profit_factor(part),
        "expectancy_r": part["net_r"].mean(),
        "drawdown_pct": deepest(account),
        "mean_bars": part["bars"].mean(),
        "mean_hours": held / part.height,
        "net_pct_per_hour": net / held if held else None,
    }


def _returns(part: pl.DataFrame, name: str, rules: OutcomeRules) -> dict[str, float | None]:
    """Mean and median net return with their bounds; without bounds where there are few clusters."""
    net, cluster = part["net"].to_numpy(), part["cluster"].to_numpy()
    if part["cluster"].n_unique() < rules.fewest_clusters:
        mean, median = math.fsum(net) / len(net), float(np.median(net))
        intervals: list[tuple[float, float | None, float | None]] = [(mean, None, None), (median, None, None)]
    else:
        found = bootstrap(net, cluster, key=zlib.crc32(name.encode()), level=rules.level)
        intervals = [(each.value, each.low, each.high) for each in found]
    names = [f"{kind}_net{bound}" for kind in ("mean", "median") for bound in ("_pct", "_low", "_high")]
    return dict(zip(names, (value for each in intervals for value in each), strict=True))


def _walked(part: pl.DataFrame, name: str, rules: OutcomeRules) -> dict[str, Any]:
    found = _returns(part, name, rules)
    shown = {f"walk_{key}": found[key] for key in ("mean_net_pct", "mean_net_low", "mean_net_high")}
    return {
        **shown,
        "walk_n": part.height,
        "walk_clusters": part["cluster"].n_unique(),
        "walk_target_share": part.select((pl.col("state") == "target").mean()).item(),
        "walk_stopped_share": part.select((pl.col("state") == "stopped").mean()).item(),
        "walk_profit_factor": _profit_factor(part),
        "walk_expectancy_r": part["net_r"].mean(),
    }


def _baselines(part: pl.DataFrame, random: Floats) -> dict[str, float]:
    means = random[part["place"].to_numpy()].mean(axis=0)
    low, high = np.quantile(means, (0.025, 0.975))
    held, per_hour = always_in(part)
    return {
        "random_mean_net_pct": float(means.mean()),
        "random_mean_net_low": float(low),
        "random_mean_net_high": float(high),
        "hold_net_pct": held,
        "hold_pct_per_hour": per_hour,
    }


def _judge(row: dict[str, Any], rules: OutcomeRules) -> None:
    enough = min(row["clusters"], row["walk_clusters"]) >= rules.fewest_clusters
    seen, chance = (
        Interval(row[f"{name}mean_net_pct"], row[f"{name}mean_net_low"], row[f"{name}mean_net_high"])
        if enough
        else None
        for name in ("", "walk_")
    )
    row["verdict"] = verdict(seen, chance, row["random_mean_net_pct"])


def _profit_factor(part: pl.DataFrame) -> float | None:
    gains: float = part.select(pl.col("net").clip(lower_bound=0.0).sum()).item()
    losses: float = part.select((-pl.col("net")).clip(lower_bound=0.0).sum()).item()
    return gains / losses if losses > 0 else None
