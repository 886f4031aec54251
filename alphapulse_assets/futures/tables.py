"""The tables of the futures room: their schemas in polars, and how they are written. Pure.

Rows are idempotent on their keys. `known_at` is provenance: a row that is told again unchanged keeps the
moment it was first known. Units are in the comments of migration 0036, which the data dictionary shows.
"""

from typing import Final

import polars as pl

from alphapulse_resources.database.tables import Table

INSTANT: Final = pl.Datetime("us", "UTC")
SOURCES: Final = ("rest", "archive", "file", "stream")
RATIO_KINDS: Final = ("accounts", "top_accounts", "top_positions")
RATE_BOUND: Final = 0.05
"""Funding of one settlement beyond this is not believed, unless the venue's own cap is wider (ours)."""

OPEN_INTEREST_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "ts": INSTANT,
        "contracts": pl.Float64(),
        "base_amount": pl.Float64(),
        "quote_value": pl.Float64(),
        "settle_value": pl.Float64(),
        "price": pl.Float64(),
        "not_converted": pl.String(),
        "known_at": INSTANT,
        "source": pl.String(),
        "received_at": INSTANT,
    }
)
FUNDING_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "ts": INSTANT,
        "settled_at_original": INSTANT,
        "rate": pl.Float64(),
        "interval_hours": pl.Float64(),
        "mark_price": pl.Float64(),
        "rate_floor": pl.Float64(),
        "rate_cap": pl.Float64(),
        "known_at": INSTANT,
        "source": pl.String(),
        "received_at": INSTANT,
    }
)
MARK_PRICE_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "ts": INSTANT,
        "mark_price": pl.Float64(),
        "index_price": pl.Float64(),
        "last_price": pl.Float64(),
        "funding_rate": pl.Float64(),
        "next_funding_at": INSTANT,
        "interval_hours": pl.Float64(),
        "funding_floor": pl.Float64(),
        "funding_cap": pl.Float64(),
        "known_at": INSTANT,
        "source": pl.String(),
        "received_at": INSTANT,
    }
)
LONG_SHORT_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "kind": pl.String(),
        "timeframe_id": pl.Int16(),
        "ts": INSTANT,
        "long_share": pl.Float64(),
        "short_share": pl.Float64(),
        "ratio": pl.Float64(),
        "known_at": INSTANT,
        "source": pl.String(),
        "received_at": INSTANT,
    }
)
TAKER_FLOW_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "timeframe_id": pl.Int16(),
        "ts": INSTANT,
        "buy_volume": pl.Float64(),
        "sell_volume": pl.Float64(),
        "known_at": INSTANT,
        "source": pl.String(),
        "received_at": INSTANT,
    }
)

_PROVENANCE: Final = ("known_at", "source", "received_at")
OPEN_INTEREST: Final = Table(
    "open_interest_readings",
    key=("instrument_id", "ts"),
    values=("contracts", "base_amount", "quote_value", "settle_value", "price"),
    provenance=("not_converted", *_PROVENANCE),
)
FUNDING_RATES: Final = Table(
    "funding_settlements",
    key=("instrument_id", "ts"),
    values=("rate", "interval_hours", "mark_price"),
    provenance=("settled_at_original", "rate_floor", "rate_cap", *_PROVENANCE),
)
MARK_PRICES: Final = Table(
    "mark_price_readings",
    key=("instrument_id", "ts"),
    values=("mark_price", "index_price", "last_price", "funding_rate", "next_funding_at", "interval_hours"),
    provenance=("funding_floor", "funding_cap", *_PROVENANCE),
)
LONG_SHORT_RATIOS: Final = Table(
    "long_short_readings",
    key=("instrument_id", "kind", "timeframe_id", "ts"),
    values=("long_share", "short_share", "ratio"),
    provenance=_PROVENANCE,
)
TAKER_FLOW: Final = Table(
    "taker_flow_periods",
    key=("instrument_id", "timeframe_id", "ts"),
    values=("buy_volume", "sell_volume"),
    provenance=_PROVENANCE,
)


def whole_rows(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The frame in `schema`: columns in order and type, those that it lacks null.

    Bounds of funding that the venue does not tell are `RATE_BOUND`.
    """
    missing = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
    bounds = [
        pl.col(name).fill_null(-RATE_BOUND if name.endswith("floor") else RATE_BOUND)
        for name in schema
        if name.endswith(("_floor", "_cap"))
    ]
    return frame.with_columns(missing).select(schema.names()).cast(schema).with_columns(bounds)
