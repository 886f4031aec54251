"""Settlements of funding: when they were, and for how many hours they are. Pure.

Venues stamp a settlement some milliseconds after it; two of one settlement would be two rows. So times are
rounded to the minute, and the venue's own is kept beside. How long a rate is for is data: 8 hours, 4, 1, and
it changes within the history of a symbol.
"""

from typing import Final

import polars as pl

LENGTHS: Final = (1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 24.0)
"""Hours between settlements that venues use (ours, of what has been seen); others are holes in the data."""


def settlement_minute(at: pl.Expr) -> pl.Expr:
    """The settlement that a venue's time means: the nearest minute."""
    return at.dt.round("1m")


def with_intervals(settled: pl.DataFrame, told: pl.Expr | None = None) -> pl.DataFrame:
    """The frame with interval_hours: the time since the settlement before it, of the same instrument.

    It has instrument_id and ts, each settlement once, in any order. Of the first one of an instrument, and
    after a hole, nothing shows it. What the venue says now (`told`) is true of the newest one alone: an older
    one may have been for other hours, so that it stays null.
    """
    before = pl.col("ts").shift(1).over("instrument_id", order_by="ts")
    hours = (pl.col("ts") - before).dt.total_seconds() / 3600
    seen = pl.when(hours.is_in(LENGTHS)).then(hours)
    if told is None:
        return settled.with_columns(interval_hours=seen)
    is_newest = pl.col("ts") == pl.col("ts").max().over("instrument_id")
    return settled.with_columns(interval_hours=pl.coalesce(seen, pl.when(is_newest).then(told)))
