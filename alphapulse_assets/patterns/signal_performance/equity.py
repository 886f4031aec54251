"""What an account would be that takes each signal at the next bar's open, at its own size. Pure.

A signal's size is for the configured equity; as a share of it, it is taken of whatever the account is worth
when the signal is left (fixed fraction, compounded). Signals that overlap are all taken: nothing here limits
what is held at once. A signal without a size is not taken.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.signal_performance.baselines import Floats
from alphapulse_assets.patterns.signal_performance.tables import EQUITY_SCHEMA, LOGIC_VERSION

_DAY: Final = timedelta(days=1)
_BOUNDS: Final = (0.025, 0.5, 0.975)


def shares(trades: pl.DataFrame, equity: float) -> Floats:
    """What each position is worth of the equity it is sized for; 0 without a size."""
    worth = (pl.col("size") * pl.col("planned_entry") / equity).fill_null(0.0)
    return trades.select(worth.alias("share"))["share"].to_numpy()


def growth(net_pct: Floats, share: Floats) -> Floats:
    """The account after each trade, in the order they are left, in units of what it began with.

    `net_pct` may have draws as a second axis. An account that has lost everything stays at nothing.
    """
    factors = 1.0 + net_pct / 100.0 * (share if net_pct.ndim == 1 else share[:, None])
    return np.asarray(np.cumprod(np.maximum(factors, 0.0), axis=0))


def deepest(curve: Floats) -> float:
    """The deepest fall below the highest before, in per cent, 0 or more; of a curve that began at 1."""
    highest = np.maximum.accumulate(np.maximum(curve, 1.0))
    return float(100.0 * (1.0 - curve / highest).max(initial=0.0))


def curve(
    trades: pl.DataFrame,
    random: Floats,
    closes: pl.DataFrame,
    names: dict[str, Any],
    configuration: PatternConfiguration,
) -> pl.DataFrame:
    """EQUITY_SCHEMA of some trades (TRADE_SCHEMA, at least one), day by day.

    Args:
        trades: those that are taken.
        random: `random_entries` of them, in the same order.
        closes: `symbol`, `day`, `close` of whole days: what holding is worth; symbols without any are held as
            if their price stood still.
        names: `as_of`, `grouped_by`, `value`.
        configuration: for the equity and the costs.
    """
    order = np.argsort(trades["closed_at"].to_numpy(), kind="stable")
    taken = trades[order]
    equity = configuration.sizing.equity
    share = shares(taken, equity)
    net = (taken["gross_pct"] - taken["cost_pct"]).to_numpy()
    account, drawn = growth(net, share), growth(random[order], share)
    # an exit at midnight belongs to the day that ends then
    day = taken.select(pl.col("closed_at").dt.offset_by("-1us").dt.truncate("1d").alias("day"))["day"]
    days = _days(day[0], day[-1])
    upto = day.search_sorted(days, side="right").to_numpy() - 1
    low, middle, high = np.quantile(drawn[upto], _BOUNDS, axis=1)
    highest = np.maximum.accumulate(np.maximum(account, 1.0))
    return (
        pl.DataFrame(
            {
                "day": days,
                "trades": upto + 1,
                "equity": equity * account[upto],
                "drawdown_pct": 100.0 * (1.0 - account / highest)[upto],
                **{
                    "random_equity": equity * middle,
                    "random_low": equity * low,
                    "random_high": equity * high,
                },
                "hold_equity": equity * _held(taken, closes, days, configuration.costs.round_trip),
            }
        )
        .with_columns(
            *(pl.lit(value).alias(name) for name, value in names.items()),
            pl.lit(configuration.version).alias("configuration_version"),
            pl.lit(LOGIC_VERSION).alias("logic_version"),
        )
        .select(EQUITY_SCHEMA.names())
        .cast(EQUITY_SCHEMA)
    )


def _days(first: datetime, last: datetime) -> pl.Series:
    return pl.datetime_range(first, last, _DAY, time_unit="us", time_zone="UTC", eager=True).alias("day")


def _held(taken: pl.DataFrame, closes: pl.DataFrame, days: pl.Series, costs: float) -> Floats:
    """The mean of holding each symbol from its first entry on, at the end of each day, costs at once."""
    begun = taken.group_by("symbol").agg(pl.col("entry").sort_by("entry_at").first())
    grid = begun.join(pl.DataFrame({"day": days}), how="cross").join(closes, on=["symbol", "day"], how="left")
    worth = (
        grid.sort("symbol", "day")
        .with_columns(pl.col("close").forward_fill().over("symbol").fill_null(pl.col("entry")))
        .group_by("day", maintain_order=True)
        .agg((pl.col("close") / pl.col("entry") - costs).mean().alias("worth"))
    )
    return worth.sort("day")["worth"].to_numpy()
