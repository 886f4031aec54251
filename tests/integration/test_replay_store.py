"""`alphapulse replay --store`: a recording in the tables that live streams write, and the same report."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from alphapulse_resources.database.client import Database
from tests.integration.cli_support import environment, run
from tests.integration.test_replay import (
    REAL,
    binanceus,
    capture,
    coinbase_lines,
    each_capture,
    frame,
    levels,
    report,
    write,
)

__all__ = ["binanceus"]

TABLES = (
    "order_book_snapshots",
    "order_book_depth",
    "order_book_events",
    "trades_1s",
    "whale_activities",
    "liquidity_zones",
    "liquidity_sweeps",
    "order_book_alerts",
    "order_book_status",
    "forming_candles",
    "ohlcv_1m",
)


@pytest.fixture
def stored(database: Database, dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Replays with --store into this test's database; gives the report."""

    def replay(venue: str, *arguments: object) -> Any:
        with environment(monkeypatch, tmp_path, DSN=dsn):
            said = run("replay", "--venue", venue, *map(str, arguments), "--store", "--json")
        assert said.code == 0, said.err
        return said.json

    return replay


def contents(database: Database) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    return {
        table: sorted(row["row"] for row in database.rows(f"SELECT t::text AS row FROM {table} t"))
        for table in TABLES
    }


def count(database: Database, table: str, condition: str = "true") -> int:
    return int(database.rows(f"SELECT count(*) AS n FROM {table} WHERE {condition}")[0]["n"])


@each_capture
def test_a_real_capture_is_stored_once_and_its_report_is_the_same(
    shared_data: Path, venue: str, stored: Any, database: Database
) -> None:
    files = capture(shared_data, venue)
    plain, first = report(venue, *files), stored(venue, *files)
    rows = first.pop("stored")
    assert first["book_states"] == REAL[venue][1]
    assert {k: v for k, v in plain.items() if k != "seconds"} == {
        k: v for k, v in first.items() if k != "seconds"
    }
    assert (rows["without_instrument"], rows["quarantined"], len(rows["instruments"])) == (
        [],
        {},
        REAL[venue][3],
    )
    before = contents(database)
    for table in (
        "order_book_snapshots",
        "order_book_depth",
        "order_book_events",
        "trades_1s",
        "liquidity_zones",
    ):
        assert rows["rows"][table] >= len(before[table]) > 0
    assert (before["order_book_status"], before["forming_candles"]) == ([], [])  # those are about now
    stored(venue, *files)
    assert contents(database) == before


def test_what_is_stored_says_what_the_recording_said(
    shared_data: Path, stored: Any, database: Database
) -> None:
    files = capture(shared_data, "binanceusdm")
    found = stored("binanceusdm", *files)
    events = database.rows(
        "SELECT state_before, state_after, cause, count(*) AS n FROM order_book_events GROUP BY 1, 2, 3"
    )
    assert {(e["state_before"], e["state_after"], e["cause"]): e["n"] for e in events} == {
        ("none", "buffering", "started"): 4,
        ("buffering", "synced", "snapshot"): 4,
        ("synced", "stopped", "stopped"): 4,
    }
    seconds = database.rows("SELECT sum(trades) AS trades FROM trades_1s")[0]
    assert seconds["trades"] == found["trades"]
    for wrong in (
        "best_bid >= best_ask",
        "imbalance NOT BETWEEN -1 AND 1",
        "ts > received_at",
        "cardinality(bid_prices) NOT BETWEEN 1 AND 20",
        "best_bid <> bid_prices[1] OR best_ask <> ask_prices[1]",
    ):
        assert count(database, "order_book_snapshots", wrong) == 0
    symbols = database.rows("SELECT symbol FROM instruments ORDER BY symbol")
    assert [row["symbol"] for row in symbols] == [
        "AKRO/USDT:USDT",
        "CTK/USDT:USDT",
        "KEEP/USDT:USDT",
        "SUSHI/USDT:USDT",
    ]
    assert count(database, "ohlcv_1m", "source_id <> 4") == 0
    assert count(database, "ohlcv_1m") > 0


def test_a_gap_is_in_the_events_with_what_came_of_it(
    binanceus: tuple[Path, Path], stored: Any, database: Database
) -> None:
    found = stored("binanceus", *binanceus, "--drop", 3)
    assert (found["gaps"], found["resyncs"]) == (1, 1)
    causes = [row["cause"] for row in database.rows("SELECT cause FROM order_book_events ORDER BY ts")]
    assert causes == ["started", "snapshot", "gap", "requested", "snapshot", "stopped"]
    chain = database.rows("SELECT state_before, state_after, ts FROM order_book_events ORDER BY ts")
    for event, following in pairwise(chain):
        assert following["state_before"] == event["state_after"]
        assert following["ts"] > event["ts"]


def test_a_symbol_whose_name_tells_nothing_has_a_book_and_no_rows(
    tmp_path: Path, stored: Any, database: Database
) -> None:
    lines = [frame(2.0 + n / 10, "WHAT", 103 + n, 103 + n, b=levels((98, n))) for n in range(3)]
    body = json.dumps({"lastUpdateId": 102, "bids": levels((99, 1)), "asks": levels((101, 1))})
    http = write(
        tmp_path / "http", [f"https://api.binance.com/api/v3/depth?symbol=WHAT&limit=100 -> 2.0: {body}"]
    )
    found = stored("binance", http, write(tmp_path / "ws", lines))
    assert (found["book_states"], found["stored"]["without_instrument"]) == (4, ["WHAT"])
    assert count(database, "order_book_events") == 0


def test_a_symbol_that_is_tracked_keeps_its_instrument(
    tmp_path: Path, stored: Any, database: Database
) -> None:
    key = database.rows("SELECT register_instrument('coinbase', 'BTC/USDC') AS id")[0]["id"]
    database.execute(
        "UPDATE instruments SET venue_symbol = 'BTC-USD' WHERE instrument_id = %(id)s", {"id": key}
    )
    found = stored("coinbase", write(tmp_path / "COINBASE.ws.0.0", list(coinbase_lines("BTC-USD"))))
    assert found["stored"]["instruments"] == {"BTC-USD": key}
    assert count(database, "order_book_snapshots", f"instrument_id = {key}") > 0


def test_without_a_schema_nothing_is_replayed(
    binanceus: tuple[Path, Path], server_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with environment(monkeypatch, tmp_path, DSN=server_dsn):
        said = run("replay", "--venue", "binanceus", *map(str, binanceus), "--store")
    assert said.code == 1
    assert "no AlphaPulse schema" in said.err
