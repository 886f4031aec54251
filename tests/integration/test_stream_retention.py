"""How long rows of streams are kept: TimescaleDB's policies and our own deletion say the same."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from candle_frames import register
from dagster_support import Platform
from liquidation_query_checks import liquidation
from stream_rows import SECOND, alert, depth, event, put, second, snapshot, sweep, whale, worker, zone

from alphapulse_assets.orchestration.retention import KEEP_MEASURED, MEASURED, forget_stream_rows
from alphapulse_assets.registry import kept
from alphapulse_resources.database.client import Database
from tests.databases import has_timescaledb

pytest_plugins = ("dagster_fixtures",)

KEEP_CHUNKS = {table: retention.keep for table, retention in kept() if retention.by_chunks}
KEEP_ALL = {
    **{table: retention.keep for table, retention in kept()},
    **dict.fromkeys(MEASURED, KEEP_MEASURED),
}
KEPT = ("order_book_events", "whale_activities", "order_book_alerts", "liquidity_sweeps")


def ago(age: timedelta) -> datetime:
    return datetime.now(UTC) - age


def row(table: str, instrument_id: int, ts: datetime) -> dict[str, Any]:
    """A row of a table."""
    made = {
        "order_book_snapshots": lambda: snapshot(instrument_id, ts),
        "order_book_depth": lambda: depth(instrument_id, ts),
        "trades_1s": lambda: second(instrument_id, ts, low=1.0, high=2.0),
        "liquidity_zones": lambda: zone(instrument_id, ts, since=ts, price=1.0),
        "order_book_events": lambda: event(instrument_id, ts, "buffering>synced", "snapshot", "kept"),
        "whale_activities": lambda: whale(instrument_id, ts, "wall_appeared", "bid", 1.0, since=ts),
        "order_book_alerts": lambda: alert(instrument_id, ts, "whale"),
        "liquidity_sweeps": lambda: sweep(instrument_id, ts, "high", 1.0),
        "liquidations": lambda: liquidation(instrument_id, ts, "long", 1.0, 1.0),
        "liquidation_listening": lambda: {
            "instrument_id": instrument_id,
            "ts": ts,
            "until_at": ts + SECOND,
            "why": "untracked",
            "run_id": "kept",
        },
        "stream_latency": lambda: {
            "run_id": "kept",
            "dataset": "trades_1s",
            "ts": ts,
            "shard": "1-of-1",
            "rows": 1,
            "dropped": 0,
        },
        "open_interest_readings": lambda: {
            **{"instrument_id": instrument_id, "ts": ts, "contracts": 1.0},
            **{"known_at": ts, "source": "rest", "received_at": ts},
        },
        "sentiment_aggregate_hours": lambda: {
            **{"coin": "BTC", "ts": ts, "hours": 1, "model": "linear", "model_version": "1"},
            **dict.fromkeys(("texts", "stories", "sources", "news", "neutral"), 1),
            **dict.fromkeys(("social", "positive", "negative", "unscored", "baseline_hours"), 0),
            **{"known_at": ts, "logic_version": 1},
        },
        "sentiment_correlation_lags": lambda: {
            **{"instrument_id": instrument_id, "ts": ts, "days": 30, "series": "level", "against": "return"},
            **{"lag": 1, "coin": "BTC", "model": "linear", "model_version": "1", "pairs": 500, "trials": 90},
            **{"verdict": "no demonstrated relation", "known_at": ts, "logic_version": 1},
        },
        "mark_price_readings": lambda: {
            **{"instrument_id": instrument_id, "ts": ts, "mark_price": 1.0},
            **{"known_at": ts, "source": "rest", "received_at": ts},
        },
        "option_quotes": lambda: {
            "contract_id": 1,
            "ts": ts,
            "known_at": ts,
            "mark_price": 0.1,
            "logic_version": 1,
        },
        "coin_metrics": lambda: {
            **{"provider": "coingecko", "coin": "bitcoin", "vintage": "live", "ts": ts, "symbol": "BTC"},
            **{"known_at": ts, "logic_version": 1},
        },
        "dominance_correlation_bars": lambda: {
            **{
                "provider": "coingecko",
                "basis": "market",
                "instrument_id": instrument_id,
                "timeframe_id": 60,
            },
            **{"ts": ts, "bars": 30, "logic_version": 1, "pairs": 30, "lags": [0.0], "known_at": ts},
        },
        "position_risks": lambda: {
            **{"account": "a", "instrument_id": instrument_id, "side": "long", "opened_at": ts, "ts": ts},
            **{"logic_version": 1, "known_at": ts},
        },
        "portfolio_risks": lambda: {
            **{"account": "a", "ts": ts, "level": 0.95, "logic_version": 1, "known_at": ts, "positions": 1},
            **{"gross": 1.0, "net": 1.0, "days": 250},
        },
        "portfolio_risk_parts": lambda: {
            **{"account": "a", "ts": ts, "level": 0.95, "instrument_id": instrument_id, "logic_version": 1},
            **{"known_at": ts, "exposure": 1.0},
        },
        "signal_equity_points": lambda: {
            **{"ts": ts, "grouped_by": "all", "value": "", "logic_version": 1, "configuration_version": 2},
            **{"day": ts, "trades": 1, "equity": 1.0, "drawdown_pct": 0.0, "hold_equity": 1.0},
            **{"random_equity": 1.0, "random_low": 1.0, "random_high": 1.0},
        },
        "candle_arrivals": lambda: {
            "instrument_id": instrument_id,
            "ts": ts,
            "received_at": ts,
            "queryable_at": ts,
            "source_id": 4,
        },
    }
    return dict(made[table]())


def ages(database: Database, table: str) -> list[int]:
    """Ages of the rows, in days."""
    rows = database.rows(f"SELECT extract(day FROM now() - ts)::integer AS days FROM {table} ORDER BY 1")
    return [found["days"] for found in rows]


def fill(database: Database, instrument_id: int) -> None:
    """In each table a row just before, and one after, the end of the time it is kept; and years old ones."""
    for table, keep in KEEP_ALL.items():
        times = (ago(keep + timedelta(hours=1)), ago(keep - timedelta(hours=1)))
        put(database, table, [row(table, instrument_id, ts) for ts in times])
    for table in KEPT:
        put(database, table, [row(table, instrument_id, ago(timedelta(days=1000)))])
    old, recent = ago(KEEP_MEASURED + 60 * SECOND), ago(KEEP_MEASURED - 60 * SECOND)
    put(database, "stream_workers", [worker("kept", old), worker("old", old), worker("recent", recent)])


def check(database: Database) -> None:
    """What is too old is gone, everything else is there."""
    left = KEEP_CHUNKS if has_timescaledb(database.dsn) else {}  # to the server
    for table, keep in KEEP_ALL.items():
        assert table in left or ages(database, table) == [keep.days - 1], table
    for table in KEPT:
        assert ages(database, table) == [1000], table
    runs = database.rows("SELECT run_id FROM stream_workers ORDER BY run_id")
    assert [found["run_id"] for found in runs] == ["kept", "recent"]  # "kept" has an event


def test_what_was_measured_long_ago_is_deleted_and_what_happened_stays(database: Database) -> None:
    (btc,) = register(database, ["BTC/USDT"])
    fill(database, btc)
    deleted = forget_stream_rows(database)
    assert set(deleted.values()) == {1}
    check(database)
    assert set(forget_stream_rows(database).values()) == {0}


def test_the_nightly_job_does_it(platform: Platform) -> None:
    (btc,) = register(platform.database, ["BTC/USDT"])
    fill(platform.database, btc)
    assert platform.run("purge_refreshes").success
    check(platform.database)


def test_the_policies_of_timescaledb_keep_as_long(database: Database) -> None:
    if not has_timescaledb(database.dsn):
        pytest.skip("there are no policies on this server")
    policies = database.rows(
        "SELECT hypertable_name AS table, (config ->> 'drop_after')::interval AS keep"
        " FROM timescaledb_information.jobs WHERE proc_name = 'policy_retention'"
    )
    theirs = {policy["table"]: policy["keep"] for policy in policies}
    assert {name: theirs[name] for name in KEEP_CHUNKS} == KEEP_CHUNKS


def test_what_the_server_cuts_by_itself_is_asked_of_it(database: Database) -> None:
    tables = [*KEEP_CHUNKS, "ohlcv_1m", "instruments", "no_such_table"]
    rows = database.rows(
        "SELECT name FROM unnest(%(tables)s::text[]) AS name WHERE is_cut_by_server(name)", {"tables": tables}
    )
    assert {row["name"] for row in rows} == (set(KEEP_CHUNKS) if has_timescaledb(database.dsn) else set())
