"""Rows as streams write them, with sensible values for what a test does not care about."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from alphapulse_resources.database.client import Database

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
DELAY: Final = timedelta(milliseconds=40)
"""From the venue to us."""

Row = Mapping[str, Any]


def put(database: Database, table: str, rows: Iterable[Row]) -> None:
    """Store rows that all have the same columns."""
    rows = list(rows)
    names = list(rows[0])
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with psycopg.connect(database.dsn) as connection, connection.cursor().copy(copy) as lines:
        for row in rows:
            lines.write_row([Jsonb(row[n]) if isinstance(row[n], dict) else row[n] for n in names])


def snapshot(instrument_id: int, ts: datetime, *, mid: float = 100.0, **values: Any) -> Row:
    """A row of order_book_snapshots."""
    row = {
        "instrument_id": instrument_id,
        "ts": ts,
        "update_id": 1,
        "received_at": ts + DELAY,
        "best_bid": mid * 0.9999,
        "bid_size": 1.0,
        "best_ask": mid * 1.0001,
        "ask_size": 1.0,
        "mid": mid,
        "spread_bps": 2.0,
        "weighted_mid": mid,
        "imbalance": 0.0,
        "bid_depth_10bps": None,
        "ask_depth_10bps": None,
        "flow_start": ts - SECOND,
        "flow_messages": 10,
        "flow_complete": True,
        "ofi": 0.0,
        "ofi_levels": [0.0],
        "bid_prices": [mid * 0.9999],
        "bid_sizes": [1.0],
        "ask_prices": [mid * 1.0001],
        "ask_sizes": [1.0],
        "logic_version": 1,
    }
    return row | values


def depth(
    instrument_id: int,
    ts: datetime,
    *,
    mid: float = 100.0,
    bids: Iterable[float] = (1.0,),
    asks: Iterable[float] = (1.0,),
    **values: Any,
) -> Row:
    """A row of order_book_depth; sizes from the bin of mid outwards."""
    bin_bps = values.get("bin_bps", 2.0)
    row = {
        "instrument_id": instrument_id,
        "ts": ts,
        "update_id": 1,
        "known_at": ts + DELAY,
        "mid": mid,
        "bin_bps": bin_bps,
        "mid_bin": math.floor(math.log(mid) / math.log1p(bin_bps / 1e4)),
        "bid_sizes": list(bids),
        "ask_sizes": list(asks),
        "known_from": None,
        "known_to": None,
        "unit": "base",
        "logic_version": 1,
    }
    return row | values


def event(instrument_id: int, ts: datetime, states: str, cause: str, run_id: str = "run") -> Row:
    """A row of order_book_events; `states` as "synced>broken"."""
    before, after = states.split(">")
    return {
        "instrument_id": instrument_id,
        "ts": ts,
        "state_before": before,
        "state_after": after,
        "cause": cause,
        "detail": {"expected": 7, "seen": 9},
        "run_id": run_id,
    }


def worker(run_id: str, heartbeat_at: datetime, **values: Any) -> Row:
    """A row of stream_workers."""
    row = {
        "run_id": run_id,
        "shard": "1-of-1",
        "code_version": "1",
        "host": "here",
        "pid": 1,
        "symbols": 2,
        "started_at": heartbeat_at - HOUR,
        "heartbeat_at": heartbeat_at,
        "stopped_at": None,
        "stopped_because": None,
    }
    return row | values


def second(instrument_id: int, ts: datetime, *, low: float, high: float, **values: Any) -> Row:
    """A row of trades_1s."""
    row = {
        "instrument_id": instrument_id,
        "ts": ts,
        "trades": 3,
        "buy_volume": 2.0,
        "sell_volume": 1.0,
        "buy_value": 2.0 * high,
        "sell_value": 1.0 * low,
        "open": low,
        "high": high,
        "low": low,
        "close": high,
        "first_trade": "1",
        "last_trade": "3",
        "missing": 0,
        "complete": True,
        "received_at": ts + SECOND,
    }
    return row | values


def whale(
    instrument_id: int, ts: datetime, kind: str, side: str, price: float, *, since: datetime, **values: Any
) -> Row:
    """A row of whale_activities about a wall; `size`, `traded` and `distance_bps` may be given."""
    size, traded = values.pop("size", 100.0), values.pop("traded", 0.0)
    row = {
        "instrument_id": instrument_id,
        "ts": ts,
        "known_at": ts + DELAY,
        "kind": kind,
        "side": side,
        "price": price,
        "size": size,
        "notional": size * price,
        "distance_bps": 20.0,
        "cause": "placed",
        "evidence": {
            "since": since.timestamp(),
            "peak_size": size,
            "traded": traded,
            "removed": traded,
            "refills": 0,
        },
        "reference": "",
        "logic_version": 1,
    }
    return row | values


def zone(instrument_id: int, ts: datetime, *, since: datetime, price: float, **values: Any) -> Row:
    """A row of liquidity_zones."""
    row = {
        "instrument_id": instrument_id,
        "ts": ts,
        "side": "support",
        "price": price,
        "low": price * 0.9995,
        "high": price * 1.0005,
        "notional": 1e6,
        "strength": 5.0,
        "distance_bps": 30.0,
        "since": since,
        "age_seconds": (ts - since).total_seconds(),
        "touches": 0,
        "known_to": None,
        "known_at": ts + DELAY,
        "logic_version": 1,
    }
    return row | values


def sweep(instrument_id: int, ts: datetime, side: str, close: float) -> Row:
    """A row of liquidity_sweeps."""
    return {
        "instrument_id": instrument_id,
        "ts": ts,
        "side": side,
        "pivot_time": ts - 20 * MINUTE,
        "known_at": ts + MINUTE,
        "pivot": close,
        "extreme": close,
        "close": close,
        "beyond_atr": 0.5,
        "bars": 1,
        "relative_volume": 2.0,
        "logic_version": 1,
    }


def alert(instrument_id: int, ts: datetime, kind: str, severity: str = "info", reference: str = "") -> Row:
    """A row of order_book_alerts."""
    return {
        "instrument_id": instrument_id,
        "ts": ts,
        "kind": kind,
        "reference": reference,
        "severity": severity,
        "title": "Something is going on",
        "detail": {"value": 1},
        "known_at": ts + DELAY,
        "logic_version": 1,
    }


def delivery(told: Row, outcome: str, sink: str = "webhook") -> Row:
    """A row of alert_deliveries for an alert."""
    key = {name: told[name] for name in ("instrument_id", "ts", "kind", "reference")}
    return key | {
        "sink": sink,
        "outcome": outcome,
        "attempts": 1,
        "error": "HTTP 500" if outcome == "failed" else None,
        "settled_at": told["ts"] + SECOND,
    }


def today() -> datetime:
    """The start of the present day: rows must be of late, or TimescaleDB's retention takes them away."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def shown(database: Database, view: str, **wanted: Any) -> list[dict[str, Any]]:
    """The rows of a view that have these values."""
    where = " AND ".join(f"{name} = %({name})s" for name in wanted) or "true"
    return database.rows(f"SELECT * FROM {view} WHERE {where}", wanted)
