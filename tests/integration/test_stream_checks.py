"""Checks of streams on a real database: what is right passes, each thing that is wrong is named."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_support import Run, loaded_anew

from alphapulse_resources.database.client import Database

SNAPSHOT = """
INSERT INTO order_book_snapshots (instrument_id, ts, update_id, received_at, best_bid, bid_size, best_ask,
    ask_size, mid, spread_bps, weighted_mid, imbalance, flow_start, flow_messages, flow_complete, ofi,
    ofi_levels, bid_prices, bid_sizes, ask_prices, ask_sizes, logic_version)
VALUES (%(id)s, %(ts)s, 1, %(received)s, %(bid)s, 1, %(ask)s, 3, (%(bid)s::float + %(ask)s::float) / 2, 1,
    (3 * %(bid)s::float + %(ask)s::float) / 4, %(imbalance)s, %(ts)s, 1, true, 0, '{0}', '{1}', '{1}', '{1}',
    '{1}', 1)
"""
TRADES = """
INSERT INTO trades_1s (instrument_id, ts, trades, buy_volume, sell_volume, buy_value, sell_value, open, high,
    low, close, first_trade, last_trade, complete, received_at)
VALUES (%(id)s, %(ts)s, 2, 1, 1, 10, 10, 10, %(high)s, 9, 10, '1', '2', true, %(ts)s)
"""
ZONE = """
INSERT INTO liquidity_zones (instrument_id, ts, side, price, low, high, notional, strength, distance_bps,
    since, age_seconds, touches, known_at, logic_version)
VALUES (%(id)s, %(ts)s, 'support', %(price)s, 9, 11, 1000, 2, -5, %(ts)s, 0, 0, %(ts)s, 1)
"""
EVENT = """
INSERT INTO order_book_events (instrument_id, ts, state_before, state_after, cause, run_id)
VALUES (%(id)s, %(ts)s, %(before)s, %(after)s, %(cause)s, 'r')
"""
CANDLE = """
INSERT INTO ohlcv_1m (instrument_id, ts, open, high, low, close, volume, source_id, received_at)
VALUES (%(id)s, %(ts)s, 10, 11, 9, 10, %(volume)s, %(source)s, %(at)s)
"""
REVISION = """
INSERT INTO ohlcv_revisions (instrument_id, timeframe_id, ts, revised_at, open, high, low, close, volume,
    source_id, received_at)
VALUES (%(id)s, 1, %(ts)s, %(at)s, 10, 11, 9, 10, %(volume)s, %(source)s, %(at)s)
"""
STREAM, REST = 4, 2


class Checks:
    """A database with one symbol, and the hourly job on it."""

    def __init__(self, database: Database, instance: dg.DagsterInstance) -> None:
        self.database = database
        self.instance = instance
        self.now = datetime.now(UTC).replace(microsecond=0)
        (row,) = database.rows("SELECT track_symbol('binance', 'BTC/USDT') AS id")
        self.id = row["id"]

    def put(self, query: str, *, ago: float = 60, **values: Any) -> None:
        row = {"id": self.id, "ts": self.now - timedelta(seconds=ago), **values}
        self.database.execute(query, row)

    def run(self) -> dict[str, dg.AssetCheckEvaluation]:
        result = dg.execute_job(loaded_anew("check_streams"), self.instance)
        run = Run(result, self.instance)
        assert run.success, run.failures()
        return {found.check_name: found for found in run.result.get_asset_check_evaluations()}


@pytest.fixture
def checks(database: Database, tmp_path: Path, environment: pytest.MonkeyPatch) -> Iterator[Checks]:
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield Checks(database, instance)


def snapshot(checks: Checks, *, ago: float = 60, **values: Any) -> None:
    received = checks.now - timedelta(seconds=ago - 0.1)
    checks.put(
        SNAPSHOT, ago=ago, **{"bid": 10.0, "ask": 10.5, "imbalance": 0.5, "received": received, **values}
    )


def life(checks: Checks) -> None:
    """A book that was synced all but two seconds of the last half hour."""
    for ago, before, after, cause in (
        (1800, "none", "buffering", "started"),
        (1798, "buffering", "synced", "snapshot"),
    ):
        checks.put(EVENT, ago=ago, before=before, after=after, cause=cause)


def records(check: dg.AssetCheckEvaluation, name: str) -> Sequence[dg.TableRecord]:
    """Rows of a table among a check's metadata."""
    table = check.metadata[name]
    assert isinstance(table, dg.TableMetadataValue)
    return table.records


def test_what_is_right_passes_and_is_counted(checks: Checks) -> None:
    snapshot(checks)
    checks.put(TRADES, high=11)
    checks.put(ZONE, price=10)
    life(checks)
    checks.put(
        CANDLE,
        volume=5,
        source=STREAM,
        at=checks.now,
        ts=(checks.now - timedelta(minutes=5)).replace(second=0),
    )
    found = checks.run()
    assert {name for name, check in found.items() if not check.passed} == set()
    assert set(found) == {
        *("book_rules", "depth_rules", "trade_rules", "whale_rules", "zone_rules", "sweep_rules"),
        "alert_rules",
        "liquidation_rules",
        *("states_follow", "books_synced", "stream_equals_batch"),
    }
    assert found["book_rules"].metadata["rows"].value == 1
    assert found["states_follow"].metadata["changes"].value == 2
    assert found["books_synced"].metadata["lowest"].value == pytest.approx(1 - 2 / 1800, abs=0.001)
    assert found["stream_equals_batch"].metadata["written"].value == 1


def test_what_is_wrong_fails_its_check_and_no_other(checks: Checks) -> None:
    snapshot(checks, ask=9.5)
    snapshot(checks, ago=50, imbalance=1.5)
    snapshot(checks, ago=40, received=checks.now - timedelta(seconds=100))
    checks.put(TRADES, high=9.5)
    checks.put(ZONE, price=12)
    found = checks.run()
    assert {name for name, check in found.items() if not check.passed} == {
        "book_rules",
        "trade_rules",
        "zone_rules",
    }
    about = " ".join(str(record.data) for record in records(found["book_rules"], "failures"))
    for column in ("best_ask", "imbalance", "ahead"):
        assert column in about


def test_a_state_that_came_from_nowhere_is_shown(checks: Checks) -> None:
    life(checks)
    checks.put(EVENT, ago=600, before="stale", after="synced", cause="continued")
    found = checks.run()
    assert not found["states_follow"].passed
    assert found["states_follow"].metadata["breaks"].value == 1
    assert found["books_synced"].passed


def test_a_book_that_was_hardly_ever_synced_is_shown(checks: Checks) -> None:
    life(checks)
    checks.put(EVENT, ago=900, before="synced", after="stale", cause="silent")
    found = checks.run()
    assert found["states_follow"].passed
    assert not found["books_synced"].passed
    assert found["books_synced"].severity is dg.AssetCheckSeverity.WARN
    assert found["books_synced"].metadata["lowest"].value == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(("fetched", "passed"), [(5.5, False), (5.0 * (1 + 1e-12), True)])
def test_a_candle_that_the_batch_fetched_otherwise_is_shown(
    checks: Checks, fetched: float, passed: bool
) -> None:
    minute = (checks.now - timedelta(minutes=5)).replace(second=0)
    checks.put(REVISION, volume=5.0, source=STREAM, at=checks.now - timedelta(minutes=3), ts=minute)
    checks.put(CANDLE, volume=fetched, source=REST, at=checks.now - timedelta(minutes=2), ts=minute)
    found = checks.run()["stream_equals_batch"]
    assert found.passed is passed
    assert found.metadata["differing"].value == 1
    assert found.metadata["differing_beyond_rounding"].value == int(not passed)
    (record,) = records(found, "differences")
    assert (record.data["symbol"], record.data["field"]) == ("BTC/USDT", "volume")
