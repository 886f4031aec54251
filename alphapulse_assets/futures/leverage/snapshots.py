"""How leveraged and crowded each perpetual is at whole hours, beside its own past. Pure.

Leverage ratio of a coin: open interest of all its perpetuals that are collected over its market cap, the
"Futures Open Interest Leverage Ratio" as Glassnode defines it ("the market open contract value, by the market
cap of the asset"). The "Estimated Leverage Ratio" of CryptoQuant divides an exchange's open interest by the
coins in its wallets instead; no source without a key tells those, so it is not estimated from anything else.
Perpetuals that are not collected are missing from the sum: `leverage_perpetuals` says of how many it is.

Crowding: the mean of three percentiles of the perpetual's own trailing 90 days, each hour counting once: open
interest in coins, volume of 24 hours, and the size of annualised funding, whoever pays it (the mean is ours).
It is null unless all three are known.
"""

from datetime import datetime
from functools import reduce
from operator import add
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.futures.leverage import model
from alphapulse_assets.futures.leverage.carry import HOURS_OF_YEAR
from alphapulse_assets.futures.leverage.model import HOUR, HOURS_SCHEMA, LEAST_HOURS, SNAPSHOT_SCHEMA
from alphapulse_assets.futures.leverage.ranks import trailing_ranks, trailing_zscores

WINDOW: Final = model.TRAILING // HOUR
DAY: Final = 24  # hours


def snapshots(hours: pl.DataFrame, start: datetime) -> pl.DataFrame:
    """Snapshots from `start` on: SNAPSHOT_SCHEMA, by instrument and hour.

    `hours`: HOURS_SCHEMA, each perpetual with every hour from READ_BEFORE before `start` (less, and the
    percentiles see less past). There is a row where open interest or funding was known, and no other.

    Raises:
        ValueError: hours that do not follow one another, or an hour that is none.
    """
    table = hours.select(HOURS_SCHEMA.names()).match_to_schema(HOURS_SCHEMA).sort("instrument_id", "ts")
    if table.is_empty():
        return SNAPSHOT_SCHEMA.to_frame()
    _check_hours(table)
    told = _changed(_ratios(_priced(table)))
    pieces = [_ranked(part, start) for part in told.partition_by("instrument_id", maintain_order=True)]
    found = pl.concat(pieces)
    there = pl.col("open_interest_base").is_not_null() | pl.col("funding_rate").is_not_null()
    ranks = pl.mean_horizontal(
        "open_interest_percentile", "volume_percentile", "magnitude", ignore_nulls=False
    )
    return (
        found.filter(there)
        .with_columns(pl.mean_horizontal(ranks, ignore_nulls=False).alias("crowding_percentile"))
        .select(SNAPSHOT_SCHEMA.names())
        .match_to_schema(SNAPSHOT_SCHEMA, extra_columns="raise")
    )


def _check_hours(table: pl.DataFrame) -> None:
    step = pl.col("ts").diff().over("instrument_id")
    wrong = table.filter((step != HOUR) | (pl.col("ts").dt.truncate("1h") != pl.col("ts")))
    if wrong.height:
        first = wrong.row(0, named=True)
        raise ValueError(
            f"{first['ts']} of instrument {first['instrument_id']} is not the hour after the one before it: "
            "give every hour, with nulls where nothing was known"
        )


def _priced(table: pl.DataFrame) -> pl.DataFrame:
    """Price and where it is from, volume of the day, funding by the year; negative amounts are none."""
    candle = pl.col("close").is_not_null()
    interval = pl.when(pl.col("funding_interval_hours") > 0).then(pl.col("funding_interval_hours"))
    # all 24 hours or none: a hole would look like a quiet day. Each day is summed anew, one hour after the
    # other: a running sum would depend on where the frame begins, `sum_horizontal` on how threads share it
    hours = (pl.col("volume").shift(i).over("instrument_id", order_by="ts") for i in range(DAY))
    day = reduce(add, hours)
    priced = table.with_columns(
        pl.coalesce("close", "mark_price").alias("price"),
        pl.when(candle)
        .then(pl.lit("candle"))
        .when(pl.col("mark_price").is_not_null())
        .then(pl.lit("mark"))
        .alias("price_source"),
        day.alias("volume_24h"),
        (pl.col("funding_rate") * HOURS_OF_YEAR / interval).alias("funding_annual"),
    )
    worth = pl.col("open_interest_base") * pl.col("price")
    return priced.with_columns(pl.coalesce("open_interest_quote", worth).alias("open_interest_quote"))


def _ratios(table: pl.DataFrame) -> pl.DataFrame:
    """Open interest against volume and market cap, of the perpetual and of all of its coin."""
    value = pl.col("open_interest_quote")
    dollars = pl.when(pl.col("in_dollars")).then(value)
    cap = pl.when(pl.col("market_cap") > 0).then(pl.col("market_cap"))
    volume = pl.when(pl.col("volume_24h") > 0).then(pl.col("volume_24h"))
    coin = ("base", "ts")
    return table.with_columns(
        (value / volume).alias("open_interest_to_volume"),
        (dollars / cap).alias("open_interest_to_market_cap"),
        pl.when(dollars.is_not_null()).then(dollars.sum().over(*coin) / cap).alias("leverage_ratio"),
        pl.when(dollars.is_not_null() & cap.is_not_null())
        .then(dollars.count().over(*coin))
        .cast(pl.Int32)
        .alias("leverage_perpetuals"),
    )


def _changed(table: pl.DataFrame) -> pl.DataFrame:
    """Changes against one hour and one day before, and the quadrant of the day.

    Open interest in coins, as its value moves with the price; prices of one source only.
    """
    changes = []
    for hours, name in ((1, "1h"), (DAY, "24h")):
        coins, price = pl.col("open_interest_base"), pl.col("price")
        before, cost = (each.shift(hours).over("instrument_id", order_by="ts") for each in (coins, price))
        source = pl.col("price_source").shift(hours).over("instrument_id", order_by="ts")
        changes += [
            pl.when(before > 0).then(coins / before - 1).alias(f"open_interest_change_{name}"),
            pl.when((cost > 0) & (source == pl.col("price_source")))
            .then(price / cost - 1)
            .alias(f"price_change_{name}"),
        ]
    return table.with_columns(changes).with_columns(quadrant().alias("quadrant"))


def quadrant(price: str = "price_change_24h", open_interest: str = "open_interest_change_24h") -> pl.Expr:
    """Which of QUADRANTS two changes are in; null where one is unknown or nothing."""
    moved, opened = pl.col(price), pl.col(open_interest)
    return (
        pl.when((moved > 0) & (opened > 0))
        .then(pl.lit(model.BUILD_UP))
        .when((moved > 0) & (opened < 0))
        .then(pl.lit(model.COVERING))
        .when((moved < 0) & (opened > 0))
        .then(pl.lit(model.SHORT_BUILD_UP))
        .when((moved < 0) & (opened < 0))
        .then(pl.lit(model.UNWINDING))
    )


def _ranked(part: pl.DataFrame, start: datetime) -> pl.DataFrame:
    """One perpetual's hours from `start` on, with how each stands in its own past."""
    first = int((part["ts"] < start).sum())
    funding, coins, volume = (
        part[name].to_numpy().astype(np.float64)
        for name in ("funding_annual", "open_interest_base", "volume_24h")
    )
    told = {
        "funding_percentile": trailing_ranks(funding, first, WINDOW, LEAST_HOURS),
        "funding_zscore": trailing_zscores(funding, first, WINDOW, LEAST_HOURS),
        "open_interest_percentile": trailing_ranks(coins, first, WINDOW, LEAST_HOURS),
        "volume_percentile": trailing_ranks(volume, first, WINDOW, LEAST_HOURS),
        "magnitude": trailing_ranks(np.abs(funding), first, WINDOW, LEAST_HOURS),
    }
    return part[first:].with_columns(pl.Series(name, row, nan_to_null=True) for name, row in told.items())
