"""The tables that streams write, as assets Dagster knows of but does not make.

A stream run reports a materialization of each every half minute, so that the UI shows how fresh they are.
Live candles have no asset of their own: the stream writes them to the table of `ohlcv_1m`. The refresh
reports its partitions, also for candles of the stream, once the venue has confirmed them.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import dagster as dg

from alphapulse_assets.datasets.tags import asset_tags
from alphapulse_resources.database.migrations import column_comments
from alphapulse_resources.streams.tables import (
    LIQUIDITY_SWEEPS,
    LIQUIDITY_ZONES,
    ORDER_BOOK_ALERTS,
    ORDER_BOOK_EVENTS,
    ORDER_BOOK_SNAPSHOTS,
    TRADES_1S,
    WHALE_ACTIVITIES,
    StreamTable,
)

GROUP: Final = "live"
OWNERS: Final = ["team:market-data"]
SECONDS_FRESH: Final = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(minutes=1), fail_window=timedelta(minutes=2)
)
"""For what is written all the time; two missed reports warn (ours)."""

DESCRIPTIONS: Final[Mapping[StreamTable, str]] = {
    ORDER_BOOK_SNAPSHOTS: (
        "States of synced order books at a set interval: the best levels of each side, spread, weighted mid, "
        "imbalance, depth within 10 and 50 basis points, slope and order flow imbalance. A book whose "
        "continuity is not proven writes none."
    ),
    ORDER_BOOK_EVENTS: (
        "Every change of a book's state with its cause: when it was synced, and so when what is stored of it "
        "could be trusted."
    ),
    TRADES_1S: (
        "Trades of each second: buys and sells by taker side, first, highest, lowest and last price, and how "
        "many trades are known to be missing. Seconds without trades have no row."
    ),
    WHALE_ACTIVITIES: (
        "Large resting orders, large trades and clusters, what became of walls (grew, consumed, pulled), and "
        "icebergs and spoofs labelled as the suspicions they are."
    ),
    LIQUIDITY_ZONES: (
        "Supports and resistances: where resting orders have been piled up for a while, with strength, age "
        "and touches. Beyond the horizon of a book nothing is known and nothing is said."
    ),
    LIQUIDITY_SWEEPS: (
        "Stop hunts on the live 1m candles (`ohlcv_1m`, which the stream writes too): a bar that went beyond "
        "an earlier pivot and closed back inside."
    ),
    ORDER_BOOK_ALERTS: (
        "What a person may want to know at once: imbalance, whales, sweeps, books out of step. Each is an "
        "observation of this asset too, at most one a second."
    ),
}
_DEPENDS_ON: Final[Mapping[StreamTable, Sequence[str]]] = {
    ORDER_BOOK_SNAPSHOTS: ("instruments",),
    ORDER_BOOK_EVENTS: ("instruments",),
    TRADES_1S: ("instruments",),
    WHALE_ACTIVITIES: ("order_book_snapshots",),
    LIQUIDITY_ZONES: ("order_book_snapshots",),
    LIQUIDITY_SWEEPS: ("ohlcv_1m",),
    ORDER_BOOK_ALERTS: (
        "whale_activities",
        "liquidity_zones",
        "liquidity_sweeps",
        "order_book_events",
    ),
}
_CONTINUOUS: Final = (ORDER_BOOK_SNAPSHOTS, TRADES_1S, LIQUIDITY_ZONES)
_TYPES: Final[Mapping[str, str]] = {
    "Int16": "smallint",
    "Int32": "integer",
    "Int64": "bigint",
    "Float64": "double precision",
    "Boolean": "boolean",
    "String": "text",
    "List(Float64)": "double precision[]",
    "Datetime(time_unit='us', time_zone='UTC')": "timestamp with time zone",
}


def table_schema(table: StreamTable) -> dg.TableSchema:
    """Columns of a table: types as the writer has them, meanings from the comments of its migration."""
    meanings = column_comments(table.name)
    return dg.TableSchema(
        [
            dg.TableColumn(
                name, "jsonb" if name in table.json else _TYPES[str(dtype)], description=meanings[name]
            )
            for name, dtype in table.columns.items()
        ]
    )


def _asset(table: StreamTable) -> dg.AssetSpec:
    return dg.AssetSpec(
        table.name,
        deps=list(_DEPENDS_ON[table]),
        description=DESCRIPTIONS[table],
        group_name=GROUP,
        owners=OWNERS,
        kinds={"websocket", "postgres"},
        tags=asset_tags("live", "seconds"),
        code_version="1",
        metadata={
            "dagster/table_name": table.name,
            "dagster/column_schema": table_schema(table),
            "key": ", ".join(table.key),
        },
        freshness_policy=SECONDS_FRESH if table in _CONTINUOUS else None,
    )


live_assets: Final = [_asset(table) for table in DESCRIPTIONS]
REPORTED: Final = frozenset(table.name for table in DESCRIPTIONS)
"""Tables whose materializations a stream run reports."""
