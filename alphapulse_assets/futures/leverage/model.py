"""What is told of leverage at whole hours: columns, units and table.

A snapshot of an hour is made of rows that were known by then, and of nothing later: `known_at` is the hour
itself. All rates, changes and ratios are shares (0.01 is one per cent), all values in quote units.
"""

from datetime import timedelta
from typing import Final

import polars as pl

from alphapulse_resources.database.tables import computed_table

LOGIC_VERSION: Final = 1
"""Bumped whenever the same rows would give other snapshots."""

HOUR: Final = timedelta(hours=1)
TRAILING: Final = timedelta(days=90)
"""The past that a perpetual is held against: its own."""
LEAST_HOURS: Final = 14 * 24
"""Known hours in that past below which there is no percentile and no z-score (ours)."""
READ_BEFORE: Final = TRAILING + timedelta(days=1)
"""What the first snapshot of a window rests on: the past, and the day of its first volume."""

OPEN_INTEREST_AGE: Final = timedelta(hours=2)
"""How old open interest, mark price may be (ours): the venues' hourly statistics come up to an hour late."""
FUNDING_AGE: Final = timedelta(hours=24)
"""How long ago funding may have been settled (ours): the longest interval of a venue is 8 hours as a rule."""
MARKET_CAP_AGE: Final = timedelta(hours=6)
"""How old a market cap may be (ours): coins are told of every five minutes at most."""
PROVIDERS: Final = ("coingecko", "coinmarketcap")
"""Whose market caps are taken, the first that told one; its name is in the row."""

BUILD_UP, COVERING = "long_build_up", "short_covering"
SHORT_BUILD_UP, UNWINDING = "short_build_up", "long_unwinding"
QUADRANTS: Final = (BUILD_UP, COVERING, SHORT_BUILD_UP, UNWINDING)
"""Price up or down with open interest up or down (Murphy 1999, Technical Analysis of the Financial Markets,
chapter 7): price up with open interest is new longs, without it shorts that are covered; price down with
open interest is new shorts, which a rise would squeeze, without it longs that give up."""

MOMENT: Final = pl.Datetime("us", "UTC")

HOURS_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "ts": MOMENT,  # a whole hour: what was known then
        "base": pl.String(),
        "in_dollars": pl.Boolean(),  # whether its quote is worth about a dollar
        "open_interest_at": MOMENT,
        "open_interest_base": pl.Float64(),
        "open_interest_quote": pl.Float64(),  # null where the venue does not tell
        "close": pl.Float64(),  # of the hour that closed at ts
        "volume": pl.Float64(),  # of the same hour, in quote units
        "mark_price": pl.Float64(),
        "funding_at": MOMENT,
        "funding_rate": pl.Float64(),  # of one interval
        "funding_interval_hours": pl.Float64(),
        "market_cap": pl.Float64(),  # dollars
        "market_cap_provider": pl.String(),
    }
)
"""What is read: a row for every hour and perpetual, null where nothing was known."""

SNAPSHOT_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "ts": MOMENT,
        "open_interest_at": MOMENT,
        "open_interest_base": pl.Float64(),
        "open_interest_quote": pl.Float64(),
        "price": pl.Float64(),
        "price_source": pl.String(),  # candle or mark
        "volume_24h": pl.Float64(),
        "open_interest_to_volume": pl.Float64(),
        "market_cap": pl.Float64(),
        "market_cap_provider": pl.String(),
        "open_interest_to_market_cap": pl.Float64(),
        "leverage_ratio": pl.Float64(),
        "leverage_perpetuals": pl.Int32(),
        "funding_at": MOMENT,
        "funding_rate": pl.Float64(),
        "funding_interval_hours": pl.Float64(),
        "funding_annual": pl.Float64(),
        "funding_percentile": pl.Float64(),
        "funding_zscore": pl.Float64(),
        "open_interest_percentile": pl.Float64(),
        "volume_percentile": pl.Float64(),
        "crowding_percentile": pl.Float64(),
        "open_interest_change_1h": pl.Float64(),
        "open_interest_change_24h": pl.Float64(),
        "price_change_1h": pl.Float64(),
        "price_change_24h": pl.Float64(),
        "quadrant": pl.String(),
    }
)

SNAPSHOTS: Final = computed_table("leverage_hours", ("instrument_id", "ts", "logic_version"), SNAPSHOT_SCHEMA)
