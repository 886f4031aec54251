"""The rows in which the past of a perpetual is told, whoever tells it. Pure."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import polars as pl

from alphapulse_resources.venues.model import Reject

UTC_TIME: Final = pl.Datetime("us", "UTC")
MINUTE: Final = timedelta(minutes=1)
FIVE_MINUTES: Final = timedelta(minutes=5)

FUNDING_SCHEMA: Final = pl.Schema(
    {
        "ts": UTC_TIME,
        "settled_at_original": UTC_TIME,
        "rate": pl.Float64(),
        "interval_hours": pl.Float64(),
        "mark_price": pl.Float64(),
    }
)
"""`ts`: the settlement, to the minute; `settled_at_original`: as it was told, with its jitter; `rate`: a
fraction of the position's value (0.0001 is a hundredth of a percent), of the whole `interval_hours`."""

OPEN_INTEREST_SCHEMA: Final = pl.Schema(
    {"ts": UTC_TIME, "contracts": pl.Float64(), "base_amount": pl.Float64(), "quote_value": pl.Float64()}
)
"""`ts`: when it was so. What nobody told is null: contracts, coins, or value in the quote currency."""

RATIO_SCHEMA: Final = pl.Schema(
    {
        "ts": UTC_TIME,
        "kind": pl.String(),
        "long_share": pl.Float64(),
        "short_share": pl.Float64(),
        "ratio": pl.Float64(),
    }
)
"""`ts`: the time that the venue gives the period; `kind`: accounts, top_accounts or top_positions."""

FLOW_SCHEMA: Final = pl.Schema({"ts": UTC_TIME, "buy_volume": pl.Float64(), "sell_volume": pl.Float64()})
"""`ts`: the time that the venue gives the period; volumes in base units."""

KNOWN_AFTER: Final = FIVE_MINUTES
"""Statistics of a moment are published within so long after it (ours): the newest row is a minute old."""


@dataclass(frozen=True, slots=True)
class Told:
    """Rows of one instrument and what could not be read as one."""

    rows: pl.DataFrame
    rejects: list[Reject] = field(default_factory=list)


def funding_known_at() -> pl.Expr:
    """A rate is final when it is settled: at its time, or as much later as the venue took to say so."""
    return pl.max_horizontal("ts", "settled_at_original").alias("known_at")


def open_interest_known_at() -> pl.Expr:
    """When the statistics of a moment can be had."""
    return (pl.col("ts") + KNOWN_AFTER).alias("known_at")


def period_known_at() -> pl.Expr:
    """When the statistics of a period can be had, whether its time is that of its start or of its end."""
    return (pl.col("ts") + 2 * KNOWN_AFTER).alias("known_at")
