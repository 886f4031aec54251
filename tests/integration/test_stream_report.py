"""What a stream run tells Dagster: figures from the database, alerts at their pace, and no error back."""

import queue
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, DagsterEventType, StepMaterializationData
from dagster._core.instance.utils import RUNLESS_JOB_NAME, RUNLESS_RUN_ID

from alphapulse_assets.alerts.model import Alert, AlertKind, Severity
from alphapulse_assets.streaming.assets import REPORTED
from alphapulse_assets.streaming.purge import delete_old_reports
from alphapulse_assets.streaming.report import MOST_ALERTS, Reporter, StreamReport
from alphapulse_resources.database.client import Database

WRITTEN = """
INSERT INTO stream_latency (run_id, dataset, ts, shard, rows, dropped, received_p50_ms, received_p99_ms,
    queryable_p50_ms, queryable_p99_ms, queryable_max_ms)
VALUES (%(run)s, %(dataset)s, clock_timestamp(), '1-of-1', %(rows)s, 1, 10, 20, 5, %(slow)s, 60)
"""
Event = dg.AssetMaterialization | dg.AssetObservation


def alert(title: str) -> Alert:
    return Alert(
        instrument_id=1,
        symbol="BTCUSDT",
        ts=1_790_000_000.25,
        known_at=1_790_000_000.5,
        kind=AlertKind.IMBALANCE,
        severity=Severity.WARNING,
        title=title,
        detail={"imbalance": 0.9},
        reference="",
        logic_version=2,
    )


@dataclass
class Told:
    """What a reporter passed on."""

    database: Database
    lines: "queue.SimpleQueue[str]" = field(default_factory=queue.SimpleQueue)
    events: "queue.SimpleQueue[Event]" = field(default_factory=queue.SimpleQueue)

    def reporter(self, **options: Any) -> Reporter:
        values = {"log_line": self.lines.put, "event": self.events.put, **options}
        return Reporter(self.database, run_id="r", shard="1-of-1", datasets=REPORTED, **values)

    def wrote(self, dataset: str, *, rows: int = 3, run: str = "r", slow: float = 50) -> None:
        self.database.execute(WRITTEN, {"run": run, "dataset": dataset, "rows": rows, "slow": slow})


@pytest.fixture
def told(database: Database) -> Iterator[Told]:
    return Told(database)


def figures(event: Event) -> dict[str, Any]:
    return {name: value.value for name, value in event.metadata.items()}


def test_each_table_with_rows_is_materialized_with_its_figures(told: Told) -> None:
    with told.reporter(materialize_seconds=0.1) as reporter:
        reporter(StreamReport(frozenset({"binance:BTC/USDT"})))
        told.wrote("trades_1s", slow=40)
        told.wrote("trades_1s", slow=50)
        told.wrote("whale_activities", rows=0)
        told.wrote("forming_candles")
        told.wrote("order_book_events", run="another")
        seen: list[Event] = []
        while sum(figures(event)["rows"] for event in seen) < 6:
            seen.append(told.events.get(timeout=30))
    assert told.events.empty()
    assert {event.asset_key.to_user_string() for event in seen} == {"trades_1s"}
    last = figures(seen[-1])
    assert (last["queryable_p99_ms"], last["symbols"], last["run_id"]) == (50, 1, "r")
    assert sum(figures(event)["dropped"] for event in seen) == 2
    assert last["window_start"] < last["window_end"]


def test_windows_follow_each_other_so_that_rows_count_once(told: Told) -> None:
    with told.reporter(materialize_seconds=0.1):
        told.wrote("trades_1s")
        first = figures(told.events.get(timeout=30))
        told.wrote("trades_1s", rows=7)
        second = figures(told.events.get(timeout=30))
    assert (first["rows"], second["rows"]) == (3, 7)
    assert first["window_end"] <= second["window_start"]


def test_the_summary_counts_since_the_last_one(told: Told) -> None:
    with told.reporter(summary_seconds=0.3) as reporter:
        reporter(StreamReport(books=2, synced=1, messages=100, gaps=2, resyncs=1, dropped=4))
        first = told.lines.get(timeout=30)
        reporter(StreamReport(books=2, synced=2, messages=100, gaps=3, resyncs=1, dropped=4))
        second = told.lines.get(timeout=30)
        while "1 gaps" not in second:
            second = told.lines.get(timeout=30)
    assert "1/2 books synced, 2 gaps, 1 resyncs, 4 dropped" in first
    assert second.startswith("0 messages/s, 2/2 books synced, 1 gaps, 0 resyncs, 0 dropped")


def test_alerts_become_observations_and_what_does_not_is_counted(told: Told) -> None:
    with told.reporter() as reporter:
        reporter(StreamReport(alerts=[alert(f"alert {n}") for n in range(MOST_ALERTS + 20)]))
        first = told.events.get(timeout=30)
    assert isinstance(first, dg.AssetObservation)
    assert first.asset_key == dg.AssetKey("order_book_alerts")
    assert first.description == "alert 20"  # the oldest that still waits
    assert (figures(first)["symbol"], figures(first)["kind"]) == ("BTCUSDT", "imbalance")
    assert figures(first)["ts"] == 1_790_000_000.25
    assert figures(first)["detail"] == {"imbalance": 0.9}
    assert (figures(first)["waiting"], figures(first)["not_observed"]) == (MOST_ALERTS - 1, 20)


def test_a_storage_that_fails_stops_nothing_and_is_counted(told: Told) -> None:
    def fail(event: Event) -> None:
        raise OSError("the storage is away")

    with told.reporter(materialize_seconds=0.1, event=fail) as reporter:
        told.wrote("trades_1s")
        reporter(StreamReport(frozenset({"binance:BTC/USDT"}), alerts=[alert("one")]))
        assert "binance:BTC/USDT" in told.lines.get(timeout=30)
        reporter(StreamReport(frozenset({"binance:ETH/USDT"})))
        assert "following 1 more: binance:ETH/USDT" in told.lines.get(timeout=30)
        assert "no longer following 1: binance:BTC/USDT" in told.lines.get(timeout=30)
    assert reporter.failed_reports >= 1


def test_a_database_that_is_away_stops_nothing_either(told: Told) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with Reporter(
        nowhere,
        run_id="r",
        shard="1-of-1",
        datasets=REPORTED,
        log_line=told.lines.put,
        event=told.events.put,
        materialize_seconds=0.1,
    ) as reporter:
        reporter(StreamReport(frozenset({"binance:BTC/USDT"})))
        assert "binance:BTC/USDT" in told.lines.get(timeout=30)
    assert reporter.failed_reports >= 1
    assert told.events.empty()


def test_old_reports_leave_the_event_log_and_nothing_else_does(tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        for asset, ago in (("trades_1s", 3), ("trades_1s", 1), ("ohlcv_1m", 3)):
            event = DagsterEvent(
                DagsterEventType.ASSET_MATERIALIZATION.value,
                job_name=RUNLESS_JOB_NAME,
                event_specific_data=StepMaterializationData(dg.AssetMaterialization(asset)),
            )
            when = (datetime.now(UTC) - timedelta(days=ago)).timestamp()
            instance.report_dagster_event(event, RUNLESS_RUN_ID, timestamp=when)
        result = dg.build_op_context(instance=instance)
        assert delete_old_reports(result) == 1
        assert delete_old_reports(result) == 0
        for asset in ("trades_1s", "ohlcv_1m"):
            assert len(instance.fetch_materializations(dg.AssetKey(asset), limit=9).records) == 1
