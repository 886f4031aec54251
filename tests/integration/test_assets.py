"""Candle assets for real: jobs run as the daemon runs them, on simulated venues and a real database."""

import base64
import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest
from dagster_support import MONDAY, TUESDAY, WEDNESDAY, Platform, Run
from PIL import Image

from alphapulse_assets.datasets.partitions import partition_key, range_tags, today
from alphapulse_assets.definitions import build_defs
from alphapulse_resources.frames import AGGREGATED

pytest_plugins = ("dagster_fixtures",)

CANDLES = ["ohlcv_1m", *(f"ohlcv_{timeframe}" for timeframe in AGGREGATED)]
EVERYTHING = {*CANDLES, "ohlcv", "candle_gaps", "quality_scores"}
DAY_MINUTES = 1440
BTC, ETH = "BTC/USDT", "ETH/USDT"
BACKFILL = """
import sys
import dagster as dg
from dagster_support import DEFINITIONS, MONDAY, WEDNESDAY
from alphapulse_assets.datasets.partitions import range_tags

retry_of = sys.argv[2]
with dg.DagsterInstance.local_temp(sys.argv[1]) as instance:
    result = dg.execute_job(
        DEFINITIONS.get_reconstructable_job("backfill_candles"),
        instance,
        tags=range_tags(MONDAY, WEDNESDAY, "bybit", "bybit"),
        reexecution_options=dg.ReexecutionOptions(retry_of) if retry_of else None,
    )
sys.exit(not result.success)
"""
IMPOSSIBLE = """
INSERT INTO ohlcv_1m (instrument_id, ts, open, high, low, close, volume, source_id, received_at)
VALUES (%(id)s, %(day)s + time '12:00' AT TIME ZONE 'UTC', 100, 90, 110, 100, 1, 5, now())
"""


def partitions(platform: Platform, asset: str) -> set[str]:
    return platform.instance.get_materialized_partitions(dg.AssetKey(asset))


def present_and_missing(platform: Platform, venue: str, symbol: str) -> tuple[int, int]:
    """Stored minutes, and minutes that gaps account for."""
    gaps = platform.of("gap_ledger", venue, symbol)
    missing = sum((row["gap_end"] - row["gap_start"]) // timedelta(minutes=1) for row in gaps)
    return len(platform.of("ohlcv_1m", venue, symbol)), missing


def table(check: dg.AssetCheckEvaluation, name: str) -> list[dg.TableRecord]:
    """Rows of a table among what a check found."""
    value = check.metadata[name]
    assert isinstance(value, dg.TableMetadataValue)
    return list(value.records)


# a day, a range, one symbol of many


def test_one_day_of_one_venue_reaches_every_candle_asset(platform: Platform) -> None:
    platform.track("binance", BTC, ETH)
    run = platform.days(TUESDAY, venues=["binance"])
    assert run.success
    assert run.materialized() == EVERYTHING
    for asset in EVERYTHING:
        assert partitions(platform, asset) == {partition_key(TUESDAY, "binance")}
    for symbol in (BTC, ETH):
        present, missing = present_and_missing(platform, "binance", symbol)
        assert present + missing == DAY_MINUTES
        bars = [len(platform.of(table, "binance", symbol)) for table in CANDLES[1:]]
        assert bars == [288, 96, 24, 6, 1, 1]
        (scored,) = platform.of("quality_daily", "binance", symbol)
        assert scored["present"] == present
    checks = run.result.get_asset_check_evaluations()
    checked = {check.asset_key.to_user_string() for check in checks if check.passed}
    assert checked == EVERYTHING - {"ohlcv"}  # which has no rows of its own to check
    assert all(check.passed for check in checks)


def test_a_range_of_days_and_venues_is_one_run(platform: Platform) -> None:
    platform.track("binance", BTC)
    platform.track("binanceusdm", "BTC/USDT:USDT")
    platform.track("bybit", BTC)
    run = platform.days(MONDAY, WEDNESDAY, venues=["binance", "bybit"])
    assert run.success
    days = [MONDAY, TUESDAY, WEDNESDAY]
    expected = {partition_key(d, venue) for d in days for venue in ("binance", "binanceusdm", "bybit")}
    for asset in ("ohlcv_1m", "ohlcv_1w", "candle_gaps", "quality_scores"):
        assert partitions(platform, asset) == expected
    assert run.metadata("ohlcv_1m")["window_start"] == "2024-03-11"
    assert run.metadata("ohlcv_1m")["window_end"] == "2024-03-14"
    for venue, symbol in (("binance", BTC), ("binanceusdm", "BTC/USDT:USDT"), ("bybit", BTC)):
        assert sum(present_and_missing(platform, venue, symbol)) == 3 * DAY_MINUTES
        ledger = platform.of("ingest_ledger", venue, symbol)
        assert [(row["day"], row["status"]) for row in ledger] == [(d, "complete") for d in days]
        assert {row["run_id"] for row in ledger} == {run.result.run_id}


def test_a_backfill_of_one_symbol_leaves_the_others_alone(platform: Platform) -> None:
    platform.track("bybit", BTC, ETH)
    assert platform.days(TUESDAY, assets=["ohlcv_1m"]).success
    before = {table: platform.of(table, "bybit", ETH) for table in ("ohlcv_1m", "ingest_ledger")}
    run = platform.days(MONDAY, TUESDAY, symbols=[BTC], assets=["ohlcv_1m"])
    assert run.success
    assert run.metadata("ohlcv_1m")["symbols"] == 1
    assert [row["run_id"] for row in platform.of("ingest_ledger", "bybit", BTC)] == [run.result.run_id] * 2
    for table, rows in before.items():
        assert rows
        assert platform.of(table, "bybit", ETH) == rows


def test_days_that_are_materialized_again_change_nothing(platform: Platform) -> None:
    platform.track("bybit", BTC)
    assert platform.days(TUESDAY).success
    tables = [*CANDLES, "gap_ledger", "candle_flags", "quality_daily"]
    kept = ("flag", "score", "gap_start", "gap_end", "state")

    def state() -> dict[str, list[Any]]:
        rows = {table: platform.of(table, "bybit", BTC) for table in tables}
        return {
            # flags, scores and gaps are written anew with every look: what they say is the same
            table: found if table in CANDLES else [[row[k] for k in kept if k in row] for row in found]
            for table, found in rows.items()
        }

    before = state()
    run = platform.days(TUESDAY)
    assert run.success
    assert state() == before
    counts = {name: run.metadata("ohlcv_1m")[f"rows_{name}"] for name in ("inserted", "changed", "unchanged")}
    assert counts == {"inserted": 0, "changed": 0, "unchanged": len(before["ohlcv_1m"])}


# what a materialization shows


def test_candles_show_rows_coverage_columns_and_a_picture(platform: Platform) -> None:
    platform.track("bybit", BTC)
    run = platform.days(TUESDAY, assets=["ohlcv_1m"])
    shown = run.metadata("ohlcv_1m")
    present, missing = present_and_missing(platform, "bybit", BTC)
    assert shown["minutes"] == shown["rows_inserted"] == shown["dagster/partition_row_count"] == present
    assert shown["coverage"] == pytest.approx(present / DAY_MINUTES, abs=1e-6)
    assert (shown["open_gaps"] > 0) == (missing > 0)
    assert (shown["venues"], shown["symbols"], shown["symbols_failed"]) == ("bybit", 1, 0)
    assert shown["requests"] >= 2
    assert shown["venue_latency_ms"] > 0
    pixels = pixels_of(run, "ohlcv_1m")
    assert pixels.shape[0] > 100
    assert pixels.shape[1] > 300
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 8  # more than its background


@pytest.mark.parametrize("asset", ["ohlcv_1m", "ohlcv_1h", "candle_gaps", "quality_scores"])
def test_columns_are_described_as_the_database_describes_them(platform: Platform, asset: str) -> None:
    platform.track("bybit", BTC)
    columns = (
        platform.days(TUESDAY, assets=["ohlcv_1m", asset]).metadata(asset)["dagster/column_schema"].columns
    )
    _, described = platform.database.describe(asset)
    assert [(c.name, c.type, c.description) for c in columns] == [
        (c.name, c.type, c.description) for c in described
    ]
    assert all(column.description for column in columns)


def pixels_of(run: Run, asset: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The picture that a materialization shows, as height x width x RGB."""
    markdown = run.metadata(asset)["picture"].strip()
    found = re.fullmatch(r"!\[[^\]]+\]\(data:image/png;base64,([A-Za-z0-9+/=]+)\)", markdown)
    assert found, markdown[:200]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(found[1]))).convert("RGB"))


# checks


def test_an_impossible_row_stops_what_would_be_built_on_it(platform: Platform) -> None:
    platform.track("bybit", BTC, ETH)
    ours = platform.instrument("bybit", ETH)["instrument_id"]
    platform.database.execute(IMPOSSIBLE, {"id": ours, "day": TUESDAY})
    run = platform.days(TUESDAY, symbols=[BTC])
    assert not run.success
    check = run.check("ohlcv_1m", "hard_rules")
    assert (check.passed, check.blocking, check.severity) == (False, True, dg.AssetCheckSeverity.ERROR)
    broken = {record.data["expectation"] for record in table(check, "failures")}
    assert broken == {"expect_column_pair_values_a_to_be_greater_than_b"}
    assert run.materialized() == {"ohlcv_1m"}
    # TimescaleDB's real-time aggregates are views that show candles at once, stored or not
    stored = [row for row in platform.of("ohlcv_5m", "bybit", BTC) if "xmin" in row]
    assert stored == []


def test_an_impossible_row_is_noticed_within_the_minute_as_well(platform: Platform) -> None:
    platform.track("bybit", BTC)
    platform.database.rows("SELECT register_instrument('bybit', %(symbol)s)", {"symbol": ETH})
    not_fetched = platform.instrument("bybit", ETH)["instrument_id"]
    yesterday = today() - timedelta(days=1)
    platform.database.execute(IMPOSSIBLE, {"id": not_fetched, "day": yesterday})
    tags = range_tags(yesterday, today(), "bybit", "bybit")
    run = platform.run("refresh_candles", tags=tags, config=newest())
    assert not run.success
    assert not run.check("ohlcv_1m", "hard_rules").passed
    assert "ohlcv_5m" not in run.materialized()


def test_coverage_warns_of_a_missing_minute_until_it_is_on_record(platform: Platform) -> None:
    platform.track("bybit", BTC)
    assert platform.days(TUESDAY, assets=["ohlcv_1m", "candle_gaps"]).check("candle_gaps", "coverage").passed
    minute = platform.of("ohlcv_1m", "bybit", BTC)[700]["ts"]
    platform.database.execute("DELETE FROM ohlcv_1m WHERE ts = %(ts)s", {"ts": minute})
    check = coverage_alone(platform, TUESDAY)
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    (row,) = table(check, "incomplete")
    assert (row.data["symbol"], row.data["unrecorded"]) == (BTC, 1)
    run = platform.days(TUESDAY, assets=["candle_gaps"])
    assert run.success
    assert run.check("candle_gaps", "coverage").passed
    assert minute in [row["gap_start"] for row in platform.of("gap_ledger", "bybit", BTC)]


def coverage_alone(platform: Platform, day: date) -> dg.AssetCheckEvaluation:
    """The check by itself, as the UI's button runs it."""
    selection = dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey("candle_gaps"), "coverage"))
    job = dg.define_asset_job("coverage_alone", selection)
    every = dg.Definitions.merge(build_defs(), dg.Definitions(jobs=[job]))
    result = every.resolve_job_def("coverage_alone").execute_in_process(
        instance=platform.instance, tags=range_tags(day, day, "bybit", "bybit")
    )
    (check,) = result.get_asset_check_evaluations()
    return check


# when venues fail


def newest() -> dict[str, Any]:
    return {"ops": {"ohlcv_1m": {"config": {"mode": "newest"}}}}


def test_a_banned_venue_is_reported_and_stops_nobody_else(platform: Platform) -> None:
    platform.set("VENUES__WAIT_SECONDS", "1")
    platform.track("binance", BTC)
    platform.track("bybit", BTC)
    yesterday = today() - timedelta(days=1)
    assert platform.days(yesterday, venues=["binance", "bybit"], assets=["ohlcv_1m"]).success
    before = {venue: len(platform.of("ohlcv_1m", venue, BTC)) for venue in ("binance", "bybit")}
    platform.venues.fault("ban", host="api.bybit.com", seconds=600)
    run = platform.run(
        "refresh_candles",
        tags=range_tags(today(), today(), "binance", "bybit"),
        config=newest(),
        assets=["ohlcv_1m"],
    )
    assert run.success
    shown = run.metadata("ohlcv_1m")
    assert (shown["symbols"], shown["symbols_failed"]) == (2, 1)
    (failure,) = shown["failures"].records
    assert (failure.data["symbol"], failure.data["kind"]) == ("bybit BTC/USDT", "banned")
    assert len(platform.of("ohlcv_1m", "bybit", BTC)) == before["bybit"]
    assert shown["rows_inserted"] == len(platform.of("ohlcv_1m", "binance", BTC)) - before["binance"]
    assert shown["rows_unchanged"] + shown["rows_inserted"] > 0
    last = platform.of("ingest_ledger", "bybit", BTC)[-1]
    assert (last["error_kind"], last["attempts"]) == ("banned", 1)
    assert "api.bybit.com" in last["error"] or "bybit" in last["error"]


def test_a_refresh_draws_two_symbols_and_whole_days_more(platform: Platform) -> None:
    platform.track("bybit", BTC, ETH, "BTC/USDT:USDT")
    days = platform.days(today(), assets=["ohlcv_1m", "ohlcv_5m"])
    refresh = platform.run(
        "refresh_candles",
        tags=range_tags(today(), today(), "bybit", "bybit"),
        config=newest(),
        assets=["ohlcv_1m", "ohlcv_5m"],
    )
    for asset in ("ohlcv_1m", "ohlcv_5m"):  # two panels stand side by side, a third below them
        assert len(pixels_of(days, asset)) > 1.5 * len(pixels_of(refresh, asset))


def test_a_refresh_fails_when_every_venue_does(platform: Platform) -> None:
    platform.track("bybit", BTC)
    assert platform.days(today() - timedelta(days=1), assets=["ohlcv_1m"]).success
    platform.venues.fault("status", host="api.bybit.com", code=400)
    tags = range_tags(today(), today(), "bybit", "bybit")
    run = platform.run("refresh_candles", tags=tags, config=newest(), assets=["ohlcv_1m"])
    assert not run.success
    assert "bybit BTC/USDT" in run.failures()


@pytest.mark.parametrize(("least", "succeeds"), [("0.5", True), ("0.9", False)])
def test_days_fail_below_the_coverage_that_was_asked_for(
    platform: Platform, least: str, succeeds: bool
) -> None:
    platform.set("HISTORY__MIN_COVERAGE", least)
    platform.track("bybit", BTC, ETH)
    platform.venues.fault("status", host="api.bybit.com", path="kline", symbol="ETHUSDT", code=400)
    run = platform.days(TUESDAY, assets=["ohlcv_1m"])
    assert run.success == succeeds
    assert len(platform.of("ohlcv_1m", "bybit", BTC)) > 1400
    (failed,) = platform.of("ingest_ledger", "bybit", ETH)
    assert (failed["status"], failed["error_kind"], failed["attempts"]) == ("failed", "bad_request", 1)
    if not succeeds:
        assert "too few symbols could be fetched at bybit" in run.failures()
        assert "bybit ETH/USDT [2024-03-12 00:00, 2024-03-13 00:00)" in run.failures()


# killed workers


def test_the_retry_of_a_killed_run_goes_on_where_it_stopped(platform: Platform, tmp_path: Path) -> None:
    platform.track("bybit", BTC)
    platform.set("VENUES__HTTP_TIMEOUT_SECONDS", "120")
    third_page = {"host": "api.bybit.com", "path": "kline", "skip": 2, "seconds": 120}
    platform.venues.fault("delay", **third_page)
    worker = backfill_process(tmp_path)
    with worker:
        eventually(lambda: len(platform.of("ohlcv_1m", "bybit", BTC)) > 1500, "two pages are stored")
        worker.kill()
    half = platform.of("ohlcv_1m", "bybit", BTC)
    assert [row["status"] for row in platform.of("ingest_ledger", "bybit", BTC)] == [
        *("complete", "partial", "fetching")
    ]
    platform.venues.clear()
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        (killed,) = instance.get_runs()
        assert killed.status is dg.DagsterRunStatus.STARTED
        instance.report_run_failed(killed)
        with backfill_process(tmp_path, killed.run_id) as retry:
            assert retry.wait(120) == 0
        (latest,) = instance.get_runs(limit=1)
        assert latest.root_run_id == killed.run_id
    asked = [int(entry["query"]["start"]) for entry in platform.venues.log() if "kline" in entry["path"]]
    assert min(asked) == half[-1]["ts"].timestamp() * 1000 + 60_000
    ledger = platform.of("ingest_ledger", "bybit", BTC)
    assert {(row["status"], row["batch"]) for row in ledger} == {("complete", killed.run_id)}
    assert platform.of("ohlcv_1m", "bybit", BTC)[: len(half)] == half
    assert sum(present_and_missing(platform, "bybit", BTC)) == 3 * DAY_MINUTES


def backfill_process(storage: Path, retry_of: str = "") -> subprocess.Popen[bytes]:
    """A process that backfills three days at Bybit, or tries a run of that again."""
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", BACKFILL, str(storage), retry_of],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stderr=subprocess.DEVNULL,
    )


def eventually(state: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not state():
        assert time.monotonic() < end, f"not within a minute: {what}"
        time.sleep(0.1)


# instruments


def test_instruments_are_what_the_venue_says(platform: Platform) -> None:
    platform.track("binance", BTC, "NOSUCH/USDT")
    known, unknown = (platform.instrument("binance", symbol) for symbol in (BTC, "NOSUCH/USDT"))
    assert (known["venue_symbol"], known["kind"], known["active"]) == ("BTCUSDT", "spot", True)
    assert (known["tick_size"], known["lot_size"]) == (0.01, 1e-05)
    assert known["problem"] is None
    assert unknown["problem"] == "binance does not list NOSUCH/USDT; see alphapulse symbols search NOSUCH"
    assert unknown["venue_symbol"] is None
    assert (
        platform.days(TUESDAY, venues=["binance"], assets=["ohlcv_1m"]).metadata("ohlcv_1m")["symbols"] == 1
    )


def test_a_delisted_symbol_keeps_its_history(platform: Platform) -> None:
    platform.venues.set_clock("2024-06-10T12:00:00Z")
    platform.track("bybit", "WAVES/USDT")
    assert platform.instrument("bybit", "WAVES/USDT")["delisted_at"] is None
    assert platform.days(TUESDAY, assets=["ohlcv_1m"]).success
    history = platform.of("ohlcv_1m", "bybit", "WAVES/USDT")
    assert len(history) > 1400
    platform.venues.set_clock(None)
    assert platform.resolve("bybit").success
    gone = platform.instrument("bybit", "WAVES/USDT")
    assert (gone["active"], gone["problem"]) == (False, None)
    assert gone["delisted_at"] == gone["resolved_at"]
    assert platform.resolve("bybit").success
    assert platform.instrument("bybit", "WAVES/USDT")["delisted_at"] == gone["delisted_at"]
    assert platform.of("ohlcv_1m", "bybit", "WAVES/USDT") == history


def test_a_symbol_that_trades_again_is_no_longer_delisted(platform: Platform) -> None:
    platform.venues.set_clock("2024-06-10T12:00:00Z")
    platform.track("bybit", "WAVES/USDT")
    platform.venues.set_clock(None)
    platform.resolve("bybit")
    assert platform.instrument("bybit", "WAVES/USDT")["delisted_at"] is not None
    platform.venues.set_clock("2024-06-10T12:00:00Z")
    platform.resolve("bybit")
    back = platform.instrument("bybit", "WAVES/USDT")
    assert (back["active"], back["delisted_at"]) == (True, None)


def test_a_renamed_symbol_and_its_successor_have_their_own_history(platform: Platform) -> None:
    old, new = "MATIC/USDT", "POL/USDT"
    platform.venues.set_clock("2024-09-01T00:00:00Z")
    platform.track("bybit", old)
    assert platform.days(TUESDAY, assets=["ohlcv_1m"]).success
    history = platform.of("ohlcv_1m", "bybit", old)
    platform.database.rows("SELECT rename_symbol('bybit', %(old)s, %(new)s)", {"old": old, "new": new})
    platform.venues.set_clock(None)
    platform.track("bybit", new)
    after = date(2024, 9, 20)
    assert platform.days(after, symbols=[new], assets=["ohlcv_1m"]).success
    assert (
        platform.instrument("bybit", old)["successor_id"]
        == platform.instrument("bybit", new)["instrument_id"]
    )
    assert platform.of("ohlcv_1m", "bybit", old) == history
    assert {row["ts"].date() for row in platform.of("ohlcv_1m", "bybit", new)} == {after}


def test_one_venue_that_does_not_answer_leaves_the_others_resolved(platform: Platform) -> None:
    for venue in ("binance", "bybit"):
        platform.database.rows("SELECT track_symbol(%(venue)s, 'BTC/USDT')", {"venue": venue})
    platform.venues.fault("status", host="api.bybit.com", code=451)
    run: Run = platform.resolve("binance", "bybit")
    assert run.success
    assert "bybit" in run.metadata("instruments")["errors"]
    assert platform.instrument("binance", BTC)["venue_symbol"] == "BTCUSDT"
    assert platform.instrument("bybit", BTC)["resolved_at"] is None
    nobody = platform.resolve("bybit")
    assert not nobody.success
    assert "bybit" in nobody.failures()
