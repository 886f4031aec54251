"""Tables and schemas of options: contracts, quotes, what they sum up to, the volatility index. Pure."""

from typing import Final

import polars as pl

from alphapulse_resources.database.tables import Table, computed_table

TIME: Final = pl.Datetime("us", "UTC")

QUOTES: Final = Table(
    "option_quotes",
    key=("contract_id", "ts"),
    values=(
        "known_at",
        "mark_price",
        "mark_iv",
        "bid_price",
        "ask_price",
        "open_interest",
        "volume_24h",
        "underlying_price",
        "index_price",
        "interest_rate",
        "delta",
        "gamma",
        "vega",
        "theta",
        "logic_version",
    ),
)
"""What was quoted; `known_at` is when the answer came, `logic_version` that of the greeks."""

VOLATILITY_INDEX: Final = Table(
    "volatility_index_candles",
    key=("provider", "series", "ts"),
    values=("known_at", "open", "high", "low", "close"),
    provenance=("received_at",),
)

SUMMARY_VERSION: Final = 1
"""Raised whenever the same quotes would be summed up otherwise."""

_SUMS: Final = {
    "calls_open_interest": pl.Float64(),
    "puts_open_interest": pl.Float64(),
    "calls_volume_24h": pl.Float64(),
    "puts_volume_24h": pl.Float64(),
    "put_call_open_interest": pl.Float64(),
    "put_call_volume": pl.Float64(),
    "contracts": pl.Int32(),
}
EXPIRY_SCHEMA: Final = pl.Schema(
    {
        "currency": pl.String(),
        "ts": TIME,
        "expiry": TIME,
        "known_at": TIME,
        "forward": pl.Float64(),
        **_SUMS,
        "max_pain": pl.Float64(),
        "atm_iv": pl.Float64(),
        "skew_25d": pl.Float64(),
        "butterfly_25d": pl.Float64(),
    }
)
"""A row for each expiry of a snapshot."""
TOTAL_SCHEMA: Final = pl.Schema(
    {
        "currency": pl.String(),
        "ts": TIME,
        "known_at": TIME,
        "index_price": pl.Float64(),
        **_SUMS,
        "expiries": pl.Int32(),
        "atm_iv_7d": pl.Float64(),
        "atm_iv_30d": pl.Float64(),
        "atm_iv_90d": pl.Float64(),
        "atm_iv_180d": pl.Float64(),
        "skew_30d": pl.Float64(),
    }
)
"""A row for all expiries of a snapshot together."""

_KEY: Final = ("provider", "currency", "ts")
EXPIRIES: Final = computed_table("option_expiry_summaries", (*_KEY, "expiry", "logic_version"), EXPIRY_SCHEMA)
TOTALS: Final = computed_table("option_summaries", (*_KEY, "logic_version"), TOTAL_SCHEMA)
