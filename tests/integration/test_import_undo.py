"""Imports are remembered and can be taken back: exactly what they did, and nothing that came since."""

import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from candle_frames import MINUTE, candles, changed, count, write
from cli_support import environment

from alphapulse_assets.candles.importing import CandleImport, FileReport
from alphapulse_assets.candles.undoing import UndoError, undo
from alphapulse_assets.core.timeframes import aggregate
from alphapulse_resources.candle_files import read_candles
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.import_log import imports, recorded

NOW = datetime(2024, 3, 20, 12, tzinfo=UTC)
START = datetime(2024, 1, 1, tzinfo=UTC)
ABOUT = ("vendor", "BTC/USDT", "1m")
TABLES = ("ohlcv_1m", "ohlcv_native")


class Desk:
    """Imports of one instrument into one database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder, self.store = database, folder, CandleStore(database)

    def load(
        self, *frames: pl.DataFrame, timeframe: str = "1m", chunk_rows: int = 200_000
    ) -> tuple[int, list[FileReport]]:
        """Import files that hold these frames; the import's id and what became of them."""
        reports = []
        with recorded(self.database, "test", ("vendor", "BTC/USDT", timeframe), NOW) as record:
            job = CandleImport(
                self.store,
                "vendor",
                "BTC/USDT",
                timeframe,
                NOW,
                chunk_rows=chunk_rows,
                import_id=record.import_id,
                force=True,
            )
            for number, frame in enumerate(frames):
                path = self.folder / f"{number}.parquet"
                frame.write_parquet(path)
                reports.append(job.file(read_candles(path, timeframe=timeframe)))
            job.finish(reports)
        return record.import_id, reports

    def state(self) -> dict[str, list[dict[str, object]]]:
        """Candles with their provenance, open gaps and aggregates, as they are now."""
        tables = {table: self.rows(f"SELECT * FROM {table} ORDER BY ts") for table in TABLES}
        gaps = self.rows("SELECT gap_start, gap_end FROM gap_ledger WHERE state = 'detected' ORDER BY 1")
        hours = "SELECT ts, close, volume, bars FROM ohlcv WHERE timeframe = '1h' ORDER BY ts"
        return tables | {"gaps": gaps, "hours": self.rows(hours)}

    def rows(self, query: str) -> list[dict[str, object]]:
        return self.database.rows(query)

    def instrument(self) -> int:
        return self.store.register("vendor", "BTC/USDT")


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


def test_an_undone_import_leaves_everything_as_it_was(desk: Desk) -> None:
    frame = candles(START, 300)
    desk.load(frame.slice(100, 100))
    before = desk.state()
    untold = dict.fromkeys(("quote_volume", "trades", "taker_buy_volume"))
    poorer = changed(frame, START + 100 * MINUTE, volume=0.01, close=frame["low"][100], **untold)
    second, (report,) = desk.load(poorer, chunk_rows=70)
    assert (report.written.inserted, report.written.changed) == (200, 1)
    found = undo(desk.store, second)
    assert (found.removed, found.restored, found.kept) == (200, 1, 0)
    assert desk.state() == before
    assert count(desk.database, "ohlcv_dirty") == 0
    again = undo(desk.store, second)
    assert again.undone_before is not None
    assert desk.state() == before


def test_a_dry_run_counts_and_changes_nothing(desk: Desk) -> None:
    first, _ = desk.load(candles(START, 60))
    before = desk.state()
    assert undo(desk.store, first, dry_run=True).removed == 60
    assert desk.state() == before
    assert undo(desk.store, first).removed == 60


def test_the_first_import_undone_leaves_neither_candles_nor_gaps_nor_bars(desk: Desk) -> None:
    frame = candles(START, 600).filter(~pl.col("ts").is_between(START + 50 * MINUTE, START + 59 * MINUTE))
    first, (report,) = desk.load(frame)
    assert report.gap_minutes == 10
    assert undo(desk.store, first).removed == 590
    assert desk.state() == {name: [] for name in (*TABLES, "gaps", "hours")}
    assert count(desk.database, "ohlcv_revisions") == 590  # nothing that was stored is lost


def test_a_gap_that_an_import_had_filled_is_open_again(desk: Desk) -> None:
    frame = candles(START, 300)
    hole = pl.col("ts").is_between(START + 100 * MINUTE, START + 119 * MINUTE)
    desk.load(frame.filter(~hole))
    before = desk.state()
    second, _ = desk.load(frame.filter(hole))
    assert desk.state()["gaps"] == []
    undo(desk.store, second)
    assert desk.state() == before
    (gap,) = desk.rows("SELECT minutes, reason FROM candle_gaps WHERE state = 'detected'")
    assert gap["minutes"] == 20
    assert "missing again" in str(gap["reason"])


def test_what_is_newer_stays_and_is_told(desk: Desk) -> None:
    frame = candles(START, 100)
    first, _ = desk.load(frame)
    better = changed(frame, START + 5 * MINUTE, close=1.0, low=0.5)
    write(
        desk.database,
        desk.instrument(),
        better.slice(5, 2),
        source="rest",
        received_at=datetime.now(UTC),
    )
    found = undo(desk.store, first)
    assert (found.removed, found.kept, found.first_kept) == (99, 1, START + 5 * MINUTE)
    (left,) = desk.rows("SELECT ts, close, source_id FROM ohlcv_1m")
    assert left == {"ts": START + 5 * MINUTE, "close": 1.0, "source_id": 2}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the older first", "the newer first"])
def test_two_imports_of_the_same_candles_undone_in_any_order(desk: Desk, order: tuple[int, int]) -> None:
    frame = candles(START, 50)
    write(desk.database, desk.instrument(), frame)
    before = desk.state()["ohlcv_1m"]
    one, (first,) = desk.load(frame.with_columns(pl.col("volume", "quote_volume", "taker_buy_volume") * 2))
    two, (second,) = desk.load(frame.with_columns(pl.col("volume", "quote_volume", "taker_buy_volume") * 3))
    assert (first.written.changed, second.written.changed) == (50, 50)
    for number in order:
        undo(desk.store, (one, two)[number])
    assert desk.state()["ohlcv_1m"] == before


def test_an_import_again_after_its_undoing_can_be_undone_again(desk: Desk) -> None:
    frame = candles(START, 50)
    for _ in range(2):
        import_id, (report,) = desk.load(frame)
        assert report.written.inserted == 50
        assert undo(desk.store, import_id).removed == 50
        assert count(desk.database, "ohlcv_1m") == 0


def test_files_of_one_import_that_overlap_are_undone_together(desk: Desk) -> None:
    frame = candles(START, 50)
    import_id, reports = desk.load(
        frame, frame.with_columns(pl.col("volume", "quote_volume", "taker_buy_volume") * 2)
    )
    assert [report.written.changed for report in reports] == [0, 50]
    assert (undo(desk.store, import_id).removed, count(desk.database, "ohlcv_1m")) == (50, 0)


def test_native_bars_are_undone_with_what_was_found_out_about_them(desk: Desk) -> None:
    minutes = candles(START, 600)
    desk.load(minutes)
    hours = aggregate(minutes, "1h").drop("bars")
    desk.load(hours.head(5), timeframe="1h")
    before = desk.state()
    wrong = hours.with_columns(pl.col("high") * 1.5)
    import_id, _ = desk.load(wrong, timeframe="1h")
    assert count(desk.database, "native_differences") == 10
    found = undo(desk.store, import_id)
    assert (found.removed, found.restored) == (5, 5)
    assert desk.state() == before
    assert count(desk.database, "native_differences") == 0


def test_what_was_known_at_a_time_is_told_across_an_undoing(desk: Desk) -> None:
    frame = candles(START, 1)
    write(desk.database, desk.instrument(), frame, received_at=datetime.now(UTC) - timedelta(days=1))
    import_id, _ = desk.load(frame.with_columns(pl.col("volume", "quote_volume", "taker_buy_volume") * 2))
    between = desk.database.rows("SELECT clock_timestamp() AS t")[0]["t"]
    undo(desk.store, import_id)
    query = (Path(__file__).parents[2] / "sql" / "queries" / "13_as_known_at.sql").read_text()
    query = query.replace("binance", "vendor").replace(
        "date_trunc('day', now(), 'UTC') - INTERVAL '24 hours'", "'2024-01-01Z'::timestamptz"
    )
    window_end = "v.ts < date_trunc('day', now(), 'UTC')"
    for moment, factor in ((between, 2), (datetime.now(UTC) + timedelta(days=1), 1)):
        asked = query.replace(window_end, "v.ts < '2024-01-02Z'").replace(
            "date_trunc('day', now(), 'UTC')", f"'{moment.isoformat()}'::timestamptz"
        )
        (row,) = desk.rows(asked.rstrip().rstrip(";"))
        assert row["volume"] == frame["volume"][0] * factor


def test_an_import_that_is_not_there_or_still_runs_is_refused(desk: Desk) -> None:
    with pytest.raises(UndoError, match="no import 7"):
        undo(desk.store, 7)
    with recorded(desk.database, "test", ABOUT, NOW) as record:
        assert imports(desk.database)[0]["status"] == "running"
        with pytest.raises(UndoError, match="still running"):
            undo(desk.store, record.import_id)
    assert imports(desk.database)[0]["status"] == "done"


def test_an_import_that_fails_is_remembered_with_its_reason(desk: Desk) -> None:
    with pytest.raises(RuntimeError), recorded(desk.database, "x", ABOUT, NOW):
        raise RuntimeError("the disk is gone")
    (row,) = imports(desk.database)
    assert (row["status"], row["error"]) == ("failed", "the disk is gone")


IMPORT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from alphapulse_assets.candles.importing import CandleImport
from alphapulse_resources.candle_files import read_candles
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.import_log import recorded
database, file = Database(sys.argv[1]), read_candles(Path(sys.argv[2]), timeframe="1m")
def told(done, total):
    print(done, flush=True)
    sys.stdin.readline()
now = datetime.now(UTC)
with recorded(database, "test", ("vendor", "BTC/USDT", "1m"), now) as record:
    store = CandleStore(database)
    job = CandleImport(store, "vendor", "BTC/USDT", "1m", now, chunk_rows=100, import_id=record.import_id)
    job.finish([job.file(file, told)])
"""


@pytest.fixture
def killed(desk: Desk) -> pl.DataFrame:
    """A file whose import was killed after two chunks of ten."""
    frame, path = candles(START, 1000), desk.folder / "killed.parquet"
    frame.write_parquet(path)
    with subprocess.Popen(
        [sys.executable, "-c", IMPORT, desk.database.dsn, str(path)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "100\n"
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "200\n"
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    while imports(desk.database)[0]["status"] == "running":  # until the server notices
        time.sleep(0.02)
    return frame


def test_a_killed_import_is_listed_as_unfinished_and_can_be_undone(desk: Desk, killed: pl.DataFrame) -> None:
    (row,) = imports(desk.database)
    assert (row["status"], row["new"]) == ("unfinished", 200)
    assert undo(desk.store, row["id"]).removed == 200
    assert desk.state() == {name: [] for name in (*TABLES, "gaps", "hours")}
    assert imports(desk.database)[0]["status"] == "undone"


def test_an_import_again_completes_a_killed_one(desk: Desk, killed: pl.DataFrame) -> None:
    unfinished = imports(desk.database)[0]["id"]
    second, (report,) = desk.load(killed)
    assert (report.written.inserted, report.written.unchanged, report.gaps) == (800, 200, ())
    assert undo(desk.store, second).removed == 800
    assert count(desk.database, "ohlcv_1m") == 200
    assert undo(desk.store, unfinished).removed == 200


@pytest.fixture
def cases() -> Path:
    folder = Path(__file__).resolve().parents[3] / "shared" / "cases" / "candles"
    if not folder.is_dir():
        pytest.skip(f"the cases are not here: {folder}")
    return folder


def test_the_partial_last_row_of_an_older_download_is_taken_back(
    desk: Desk, cases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(cases / "ov_new.csv", desk.folder)
    shutil.copy(cases / "ov_old.csv", desk.folder)
    from cli_support import run

    options = ["--venue", "binance", "--symbol", "BTC/USDT", "--timeframe", "1m"]
    with environment(monkeypatch, desk.folder / "home", DSN=desk.database.dsn):
        assert run("import", "candles", str(desk.folder / "ov_new.csv"), *options).code == 0
        before = desk.state()
        told = run("import", "candles", str(desk.folder / "ov_old.csv"), *options, "--dry-run")
        assert "conflicts with what was stored: 1 row differs, first 2025-03-01T01:00:00Z" in told.out
        assert "4.184056 -> 0.01" in told.out
        assert desk.state() == before
        done = run("import", "candles", str(desk.folder / "ov_old.csv"), *options, "--json").json
        undone = run("import", "undo", str(done["import_id"]))
        assert "60 candles removed, 1 put back" in undone.out
        assert "nothing to do" in run("import", "undo", str(done["import_id"])).out
        assert desk.state() == before
        listed = run("import", "list", "-f", "json").json
        assert [(row["status"], row["new"], row["changed"]) for row in listed] == [
            ("undone", 60, 1),
            ("done", 60, 0),
        ]
        assert len(listed[0]["files"][0]["sha256"]) == 64
