"""Days whose minutes a venue opened off the grid are stored, floored and flagged, however they come."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cli_support import environment, run
from ingest_support import at, track
from venue_support import NOW, SPOT, MakeClient

from alphapulse_assets.candles.ingest import Ingest
from alphapulse_assets.candles.scoring import score_days
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.fetch_store import Batch
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures", "ingest_fixtures")

OPTIONS = ["--venue", "binance", "--symbol", "BTC/USDT", "--timeframe", "1m"]
FLAGS = (
    "SELECT count(*) AS n, min(score) AS low, max(score) AS high FROM candle_remarks WHERE flag = 'off_grid'"
)


def archive(day: date, off: range, offset_ms: int = 14_789) -> bytes:
    """A day's archive of the venue, with some minutes past the grid and one row off by itself."""
    start = round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    lines = []
    for minute in range(1440):
        ts = start + minute * 60_000 + (offset_ms if minute in off else 5_000 if minute == 1000 else 0)
        lines.append(f"{ts},100.0,101.0,99.0,100.5,2.0,{ts + 59_999},201.0,5,1.0,100.5,0")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(f"BTCUSDT-1m-{day}.csv", "\n".join(lines) + "\n")
    return packed.getvalue()


@pytest.fixture
def imported(dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with environment(monkeypatch, tmp_path / "home", DSN=dsn):
        yield


def test_a_downloaded_archive_is_imported_whole(imported: None, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "BTCUSDT-1m-2018-02-09.zip"
    file.write_bytes(archive(date(2018, 2, 9), range(100, 900)))
    said = run("import", "candles", str(file), *OPTIONS)
    assert said.code == 0
    assert "1,439 new" in said.out
    assert "800 open times are all 14.789 s past the minute: floored, with the flag off_grid" in said.out
    assert "misaligned_time 1" in said.out
    assert database.rows(FLAGS) == [{"n": 800, "low": 14.789, "high": 14.789}]
    assert database.rows("SELECT count(*) AS n FROM ohlcv_1m WHERE extract(second FROM ts) <> 0") == [
        {"n": 0}
    ]
    again = run("import", "candles", str(file), *OPTIONS, "--json").json["files"][0]
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 1439)


def test_a_dry_run_tells_and_keeps_nothing(imported: None, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "BTCUSDT-1m-2018-02-09.zip"
    file.write_bytes(archive(date(2018, 2, 9), range(0, 1440)))
    said = run("import", "candles", str(file), *OPTIONS, "--dry-run")
    assert "1,440 open times are all 14.789 s past the minute" in said.out
    assert database.rows(FLAGS)[0]["n"] == 0


def test_the_case_kept_beside_the_project(imported: None, database: Database, shared_data: Path) -> None:
    file = shared_data.parent / "cases" / "candles" / "BTCUSDT-1m-2018-02.zip"
    if not file.is_file():
        pytest.skip(f"the case is not here: {file}")
    said = run("import", "candles", str(file), *OPTIONS, "--json").json["files"][0]
    assert (said["new"], said["quarantined"]) == (said["rows"], 0)
    assert database.rows(FLAGS) == [{"n": 1200, "low": 14.789, "high": 14.789}]


def test_an_archive_from_the_venue_makes_the_day_complete_and_its_flags_stay(
    database: Database, simulator: SimulatorProcess, make_client: MakeClient, tmp_path: Path
) -> None:
    day = date(2024, 3, 12)
    content = archive(day, range(0, 700))
    kept = tmp_path / "cache" / "data/spot/daily/klines/BTCUSDT/1m" / f"BTCUSDT-1m-{day}.zip"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(content)
    kept.with_name(f"{kept.name}.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  {kept.name}\n")
    simulator.fault("status", host="data.binance.vision", code=503)  # what is on disk is taken then
    instrument, store = track(database, SPOT), CandleStore(database)
    ingest = Ingest(make_client(), store, Batch(None, None), NOW)
    (outcome,) = ingest.days([instrument], [day])
    assert (outcome.error, outcome.written.inserted, outcome.quarantined) == (None, 1439, 1)
    assert database.rows(FLAGS) == [{"n": 700, "low": 14.789, "high": 14.789}]
    score_days(store, {"binance": [day]}, now=at(13) + timedelta(hours=1))
    assert database.rows(FLAGS)[0]["n"] == 700
