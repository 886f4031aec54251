"""The tables of liquidations, as streams write them. Pure. Meanings are in the comments of migration 0039."""

from typing import Final

import polars as pl

from alphapulse_resources.streams.tables import Conflict, StreamTable

_TIME: Final = pl.Datetime("us", "UTC")

LIQUIDATIONS: Final = StreamTable(
    "liquidations",
    {
        "instrument_id": pl.Int32,
        "ts": _TIME,
        "position_side": pl.String,
        "order_side": pl.String,
        "price": pl.Float64,
        "size": pl.Float64,
        "occurrence": pl.Int16,
        "average_price": pl.Float64,
        "filled": pl.Float64,
        "base_amount": pl.Float64,
        "notional": pl.Float64,
        "notional_usd": pl.Float64,
        "not_converted": pl.String,
        "status": pl.String,
        "published_at": _TIME,
        "known_at": _TIME,
        "received_at": _TIME,
        "run_id": pl.String,
    },
    key=("instrument_id", "ts", "position_side", "price", "size", "occurrence"),
    priority=2,
)
"""What is heard again, on another connection or after a reconnect, is the same row: the first one stays."""

LIQUIDATION_LISTENING: Final = StreamTable(
    "liquidation_listening",
    {
        "instrument_id": pl.Int32,
        "ts": _TIME,
        "until_at": _TIME,
        "why": pl.String,
        "run_id": pl.String,
    },
    key=("instrument_id", "ts", "run_id"),
    conflict=Conflict.REPLACE,
    priority=2,
)
"""Told once it is over, and meanwhile without an end."""
