"""The tables that streams write: columns with types, keys, and what becomes of a row that is there already.

Pure. A row is a tuple in the order of `columns`; times are aware UTC datetimes, jsonb is JSON text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final, TypeAlias

import polars as pl

from alphapulse_resources.database.tables import Table

Row: TypeAlias = tuple[Any, ...]

_TIME: Final = pl.Datetime("us", "UTC")
_FLOATS: Final = pl.List(pl.Float64)


class Conflict(Enum):
    """What becomes of a row whose key is stored already."""

    KEEP = "keep"  # it said the same: facts of one moment never change
    REPLACE = "replace"  # the newer one is truer
    REVISE = "revise"  # as REPLACE, through the candles' write path: revisions kept, timeframes marked


class Lane(StrEnum):
    """Which of a run's writers stores a table's rows."""

    CANDLES = "candles"
    BOOKS = "books"
    DERIVED = "derived"  # what follows from candles


@dataclass(frozen=True, slots=True, eq=False)
class StreamTable:
    """One table. `priority`: what is let go first when memory is full (higher stays longer)."""

    name: str
    columns: Mapping[str, pl.DataType | type[pl.DataType]]
    key: tuple[str, ...]
    conflict: Conflict = Conflict.KEEP
    json: tuple[str, ...] = ()
    priority: int = 1
    larger: str | None = None  # a row is replaced only by one that has as much of this, or more
    lane: Lane = Lane.BOOKS

    def column(self, name: str) -> int:
        """Place of a column in a row."""
        return list(self.columns).index(name)


Put: TypeAlias = Callable[[StreamTable, Row], None]
"""Where rows go: never blocks, never raises; what has to be dropped is counted there."""

_DERIVED: Final[Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "instrument_id": pl.Int32,
    "timeframe_id": pl.Int16,
    "ts": _TIME,
    "known_at": _TIME,
    "logic_version": pl.Int32,
}


def stream_table(
    table: Table, schema: Mapping[str, pl.DataType | type[pl.DataType]], *, priority: int = 1
) -> StreamTable:
    """A table of computed rows that the batch writes too: its key, then its values; a newer row replaces.

    `schema` has at least the types of the columns that derived rows do not share. What the database fills in
    itself (`table.provenance`) is no column of a stream.
    """
    types = {**schema, **_DERIVED}
    columns = {name: types[name] for name in (*table.key, *table.values)}
    return StreamTable(
        table.name, columns, table.key, Conflict.REPLACE, table.json, priority, lane=Lane.DERIVED
    )


ORDER_BOOK_SNAPSHOTS: Final = StreamTable(
    "order_book_snapshots",
    {
        "instrument_id": pl.Int32,
        "ts": _TIME,
        "update_id": pl.Int64,
        "received_at": _TIME,
        **dict.fromkeys(
            (
                "best_bid",
                "bid_size",
                "best_ask",
                "ask_size",
                "mid",
                "spread_bps",
                "weighted_mid",
                "imbalance",
                "bid_slope",
                "ask_slope",
                "bid_depth_10bps",
                "ask_depth_10bps",
                "bid_depth_50bps",
                "ask_depth_50bps",
                "known_from",
                "known_to",
            ),
            pl.Float64,
        ),
        "flow_start": _TIME,
        "flow_messages": pl.Int32,
        "flow_complete": pl.Boolean,
        "ofi": pl.Float64,
        "ofi_levels": _FLOATS,
        "bid_prices": _FLOATS,
        "bid_sizes": _FLOATS,
        "ask_prices": _FLOATS,
        "ask_sizes": _FLOATS,
        "logic_version": pl.Int32,
    },
    key=("instrument_id", "ts", "update_id"),
    priority=0,
)
ORDER_BOOK_DEPTH: Final = StreamTable(
    "order_book_depth",
    {
        "instrument_id": pl.Int32,
        "ts": _TIME,
        "update_id": pl.Int64,
        "known_at": _TIME,
        "mid": pl.Float64,
        "bin_bps": pl.Float64,
        "mid_bin": pl.Int32,
        "bid_sizes": pl.List(pl.Float32),
        "ask_sizes": pl.List(pl.Float32),
        "known_from": pl.Float64,
        "known_to": pl.Float64,
        "unit": pl.String,
        "logic_version": pl.Int32,
    },
    key=("instrument_id", "ts", "update_id"),
    priority=0,
)
ORDER_BOOK_EVENTS: Final = StreamTable(
    "order_book_events",
    {
        "instrument_id": pl.Int32,
        "ts": _TIME,
        "state_before": pl.String,
        "state_after": pl.String,
        "cause": pl.String,
        "detail": pl.String,
        "run_id": pl.String,
    },
    key=("instrument_id", "ts", "cause", "state_after"),
    json=("detail",),
    priority=3,
)
TRADES_1S: Final = StreamTable(
    "trades_1s",
    {
        "instrument_id": pl.Int32,
        "ts": _TIME,
        "trades": pl.Int32,
        **dict.fromkeys(
            ("buy_volume", "sell_volume", "buy_value", "sell_value", "open", "high", "low", "close"),
            pl.Float64,
        ),
        "first_trade": pl.String,
        "last_trade": pl.String,
        "missing": pl.Int32,
        "complete": pl.Boolean,
        "received_at": _TIME,
    },
    key=("instrument_id", "ts"),
    conflict=Conflict.REPLACE,
    larger="trades",  # a run that begins within a second knows only part of it
)
WHALE_ACTIVITIES: Final = StreamTable(
    "whale_activities",
    {
        "instrument_id": pl.Int32,
        "ts": _TIME,
        "known_at": _TIME,
        "kind": pl.String,
        "side": pl.String,
        "price": pl.Float64,
        "size": pl.Float64,
        "notional": pl.Float64,
        "distance_bps": pl.Float64,
        "cause": pl.String,
        "evidence": pl.String,
        "reference": pl.String,
        "logic_version": pl.Int32,
        "notional_usd": pl.Float64,
    },
    key=("instrument_id", "ts", "kind", "side", "price", "reference", "logic_version"),
    json=("evidence",),
    priority=2,
)
LIQUIDITY_ZONES: Final = StreamTable(
    "liquidity_zones",
    {
        "instrument_id": pl.Int32,
        "ts": _TIME,
        "side": pl.String,
        **dict.fromkeys(("price", "low", "high", "notional", "strength", "distance_bps"), pl.Float64),
        "since": _TIME,
        "age_seconds": pl.Float64,
        "touches": pl.Int32,
        "known_to": pl.Float64,
        "known_at": _TIME,
        "logic_version": pl.Int32,
    },
    key=("instrument_id", "ts", "side", "price", "logic_version"),
)
LIQUIDITY_SWEEPS: Final = StreamTable(
    "liquidity_sweeps",
    {
        "instrument_id": pl.Int32,
        "ts": _TIME,
        "side": pl.String,
        "pivot_time": _TIME,
        "known_at": _TIME,
        "pivot": pl.Float64,
        "extreme": pl.Float64,
        "close": pl.Float64,
        "beyond_atr": pl.Float64,
        "bars": pl.Int32,
        "relative_volume": pl.Float64,
        "logic_version": pl.Int32,
    },
    key=("instrument_id", "ts", "side", "pivot_time", "logic_version"),
    priority=2,
)
ORDER_BOOK_ALERTS: Final = StreamTable(
    "order_book_alerts",
    {
        "instrument_id": pl.Int32,
        "ts": _TIME,
        "kind": pl.String,
        "reference": pl.String,
        "severity": pl.String,
        "title": pl.String,
        "detail": pl.String,
        "known_at": _TIME,
        "logic_version": pl.Int32,
    },
    key=("instrument_id", "ts", "kind", "reference"),
    json=("detail",),
    priority=3,
)
ALERT_DELIVERIES: Final = StreamTable(
    "alert_deliveries",
    {
        "instrument_id": pl.Int32,
        "ts": _TIME,
        "kind": pl.String,
        "reference": pl.String,
        "sink": pl.String,
        "outcome": pl.String,
        "attempts": pl.Int32,
        "error": pl.String,
        "settled_at": _TIME,
        "answer": pl.String,
    },
    key=("instrument_id", "ts", "kind", "reference", "sink"),
    conflict=Conflict.REPLACE,
    priority=2,
)
ORDER_BOOK_STATUS: Final = StreamTable(
    "order_book_status",
    {
        "instrument_id": pl.Int32,
        "state": pl.String,
        "cause": pl.String,
        "since": _TIME,
        "last_update": _TIME,
        **dict.fromkeys(
            (
                "spread_bps",
                "weighted_mid",
                "imbalance",
                "bid_depth_10bps",
                "ask_depth_10bps",
                "bid_depth_50bps",
                "ask_depth_50bps",
            ),
            pl.Float64,
        ),
        **dict.fromkeys(("messages", "gaps", "resyncs", "dropped"), pl.Int64),
        "shard": pl.String,
        "run_id": pl.String,
        "updated_at": _TIME,
        "levels": pl.Int32,
        "usd_rate": pl.Float64,
        "usd_rate_source": pl.String,
    },
    key=("instrument_id",),
    conflict=Conflict.REPLACE,
    priority=0,
)
VENUE_CLOCKS: Final = StreamTable(
    "venue_clocks",
    {
        "shard": pl.String,
        "venue": pl.String,
        "ahead_seconds": pl.Float64,
        "depth_late_seconds": pl.Float64,
        "refused_times": pl.Int64,
        "run_id": pl.String,
        "measured_at": _TIME,
    },
    key=("shard", "venue"),
    conflict=Conflict.REPLACE,
    priority=0,
)

_CANDLE: Final[Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "instrument_id": pl.Int32,
    "ts": _TIME,
    **dict.fromkeys(("open", "high", "low", "close", "volume", "quote_volume"), pl.Float64),
    "trades": pl.Int64,
    "taker_buy_volume": pl.Float64,
}
CANDLES: Final = StreamTable(
    "ohlcv_1m",
    {**_CANDLE, "source_id": pl.Int16, "received_at": _TIME},
    key=("instrument_id", "ts"),
    conflict=Conflict.REVISE,
    priority=4,
    lane=Lane.CANDLES,
)
"""A row may carry one value more: the venue's own time of the candle, which goes to CANDLE_ARRIVALS."""

FORMING_CANDLES: Final = StreamTable(
    "forming_candles",
    {**_CANDLE, "received_at": _TIME},
    key=("instrument_id",),
    conflict=Conflict.REPLACE,
    priority=0,
    lane=Lane.CANDLES,
)
CANDLE_ARRIVALS: Final = StreamTable(
    "candle_arrivals",
    {
        "instrument_id": pl.Int32,
        "ts": _TIME,
        "venue_at": _TIME,
        "received_at": _TIME,
        "queryable_at": _TIME,
        "source_id": pl.Int16,
    },
    key=("instrument_id", "ts"),
)
