"""Candle files into a real database: what is stored, what is judged, what is found out about it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from alphapulse_assets.candles.importing import CandleImport, FileReport
from alphapulse_assets.core.timeframes import aggregate
from alphapulse_resources.candle_files import read_candles
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database

NOW = datetime(2024, 3, 20, 12, tzinfo=UTC)
START = datetime(2024, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def job(
    database: Database, timeframe: str = "1m", *, dry_run: bool = False, chunk_rows: int = 200_000
) -> CandleImport:
    return CandleImport(CandleStore(database), "vendor", "BTC/USDT", timeframe, NOW, dry_run, chunk_rows)


def minutes(count: int, *, start: datetime = START) -> pl.DataFrame:
    """Minutes of a market that goes up and down."""
    index = pl.int_range(count, eager=True)
    price = 100 + (index % 97) / 10
    return pl.DataFrame(
        {
            "ts": pl.datetime_range(start, start + (count - 1) * MINUTE, MINUTE, time_unit="us", eager=True),
            "open": price,
            "high": price + 1,
            "low": price - 1,
            "close": price + 0.5,
            "volume": 1.0 + index % 7,
        }
    )


def load(job: CandleImport, frame: pl.DataFrame, path: Path) -> FileReport:
    frame.write_parquet(path)
    return job.file(read_candles(path, timeframe=job.timeframe))


def count(database: Database, table: str) -> int:
    return int(database.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"])


@pytest.fixture
def real(shared_data: Path) -> Path:
    return shared_data / "candles" / "UNITTEST_BTC-1m.feather"


def test_a_real_file_of_minutes_is_stored_with_its_gaps_and_timeframes(
    database: Database, real: Path
) -> None:
    run = job(database)
    report = run.file(read_candles(real, timeframe="1m"))
    run.finish([report])
    assert (report.written.inserted, report.written.changed, report.written.unchanged) == (13_681, 0, 0)
    assert (len(report.gaps), report.gap_minutes) == (538, 717)
    assert report.longest_gaps()[0].end - report.longest_gaps()[0].start == 7 * MINUTE
    ledger = database.rows("SELECT state, count(*) AS n, sum(minutes) AS m FROM candle_gaps GROUP BY state")
    assert ledger == [{"state": "detected", "n": 538, "m": 717}]
    assert database.rows("SELECT sum(bars)::int AS n FROM ohlcv_1d") == [{"n": 13_681}]
    assert database.rows("SELECT DISTINCT source FROM ohlcv WHERE timeframe = '1m'") == [{"source": "import"}]


def test_the_same_file_again_changes_nothing(database: Database, real: Path) -> None:
    run, file = job(database), read_candles(real, timeframe="1m")
    first = run.file(file)
    again = run.file(file)
    assert (again.written.inserted, again.written.changed, again.written.unchanged) == (0, 0, 13_681)
    assert again.gaps == first.gaps
    assert count(database, "gap_ledger") == 538
    assert count(database, "ohlcv_revisions") == 0


def test_chunks_give_what_one_transaction_gives(database: Database, real: Path) -> None:
    report = job(database, chunk_rows=777).file(read_candles(real, timeframe="1m"))
    assert report.written.inserted == 13_681
    assert (len(report.gaps), report.gap_minutes) == (538, 717)
    assert count(database, "gap_ledger") == 538


def test_a_gap_between_two_chunks_is_one_gap(database: Database, tmp_path: Path) -> None:
    frame = pl.concat([minutes(10), minutes(10, start=START + 15 * MINUTE)])
    report = load(job(database, chunk_rows=10), frame, tmp_path / "a.parquet")
    assert [(gap.start, gap.end) for gap in report.gaps] == [(START + 10 * MINUTE, START + 15 * MINUTE)]


def test_a_dry_run_tells_everything_and_keeps_nothing(database: Database, real: Path) -> None:
    run = job(database, dry_run=True)
    report = run.file(read_candles(real, timeframe="1m"))
    assert run.finish([report]) == []
    assert report.written.inserted == 13_681
    assert (len(report.gaps), report.gap_minutes) == (538, 717)
    for table in ("ohlcv_1m", "gap_ledger", "instruments", "ohlcv_dirty"):
        assert count(database, table) == 0


def test_a_corrected_file_changes_its_rows_and_keeps_the_old_values(
    database: Database, tmp_path: Path
) -> None:
    run, frame = job(database), minutes(60)
    load(run, frame, tmp_path / "a.parquet")
    better = frame.with_columns(pl.when(pl.col("ts") == START).then(99.0).otherwise("volume").alias("volume"))
    report = load(run, better, tmp_path / "b.parquet")
    assert (report.written.inserted, report.written.changed, report.written.unchanged) == (0, 1, 59)
    assert count(database, "ohlcv_revisions") == 1


def test_a_file_that_fills_a_gap_repairs_it(database: Database, tmp_path: Path) -> None:
    run, frame = job(database), minutes(60)
    hole = pl.col("ts").is_between(START + 20 * MINUTE, START + 29 * MINUTE)
    assert load(run, frame.filter(~hole), tmp_path / "a.parquet").gap_minutes == 10
    assert load(run, frame, tmp_path / "b.parquet").gaps == ()
    rows = database.rows("SELECT state, repaired_from, minutes FROM candle_gaps")
    assert rows == [{"state": "repaired", "repaired_from": "import", "minutes": 10}]


def test_bad_rows_go_to_quarantine_with_their_reasons(database: Database, tmp_path: Path) -> None:
    lines = [
        "timestamp,open,high,low,close,volume",
        "2024-01-01T00:00:00Z,100,101,99,100,1",
        "2024-01-01T00:01:00Z,100,90,99,100,1",  # high below everything
        "2024-01-01T00:02:00Z,100,101,99,abc,1",
        "2024-01-01T00:03:00Z,100,101,99,100,1",
        "2024-01-01T00:03:00Z,100,101,99,100,1",
        "2024-01-01T00:04:30Z,100,101,99,100,1",
        "2024-03-20T12:00:00Z,100,101,99,100,1",  # forming at NOW
    ]
    path = tmp_path / "bad.csv"
    path.write_text("\n".join(lines))
    report = job(database).file(read_candles(path, timeframe="1m"))
    assert report.rows == 7
    assert (report.candles, report.duplicates, report.forming, report.quarantined) == (2, 1, 1, 3)
    stored = database.rows("SELECT dataset, reasons FROM quarantine")
    assert len(stored) == 3
    assert sum(report.reasons.values()) == sum(len(row["reasons"]) for row in stored)
    assert {"high_below_low", "high_below_body", "misaligned_time"} < set(report.reasons)
    assert {row["dataset"] for row in stored} == {"ohlcv_1m"}


def test_a_nul_character_in_a_bad_row_is_kept_as_its_symbol(database: Database, tmp_path: Path) -> None:
    lines = [f"{START + n * MINUTE:%Y-%m-%dT%H:%M:%SZ},100,101,99,100,1" for n in range(200)]
    path = tmp_path / "nul.csv"
    path.write_text(
        "\n".join(["timestamp,open,high,low,close,volume", *lines, "2024-01-02T00:00:00Z,1,2,1,a\0b,1"])
    )
    report = job(database).file(read_candles(path, timeframe="1m"))
    assert (report.candles, report.quarantined) == (200, 1)
    (row,) = database.rows("SELECT payload::text AS payload FROM quarantine")
    assert "a\N{SYMBOL FOR NULL}b" in row["payload"]


def test_native_bars_that_agree_leave_no_difference(database: Database, tmp_path: Path) -> None:
    run, frame = job(database), minutes(600)
    run.finish([load(run, frame, tmp_path / "m.parquet")])
    hours = job(database, "1h")
    found = hours.finish([load(hours, aggregate(_full(frame), "1h"), tmp_path / "h.parquet")])
    assert [(c.timeframe, c.bars, c.differing) for c in found] == [("1h", 10, 0)]
    assert count(database, "native_differences") == 0


def test_native_bars_that_disagree_are_recorded_and_a_correction_clears_them(
    database: Database, tmp_path: Path
) -> None:
    run, frame = job(database), minutes(600)
    run.finish([load(run, frame.slice(30), tmp_path / "m.parquet")])
    hours, truth = job(database, "1h"), aggregate(_full(frame), "1h")
    wrong = truth.with_columns(
        pl.when(pl.col("ts") == START + timedelta(hours=5))
        .then(pl.col("high") + 1)
        .otherwise("high")
        .alias("high")
    )
    (found,) = hours.finish([load(hours, wrong, tmp_path / "h.parquet")])
    assert (found.bars, found.differing, found.incomplete) == (10, 2, 1)
    rows = database.rows(
        "SELECT ts, field, native - aggregated AS excess FROM native_differences ORDER BY ts, field"
    )
    assert {(row["ts"], row["field"]) for row in rows} >= {
        (START, "volume"),
        (START + timedelta(hours=5), "high"),
    }
    assert rows[-1] == {"ts": START + timedelta(hours=5), "field": "high", "excess": 1.0}
    hours.finish([load(hours, truth, tmp_path / "h2.parquet")])
    # the missing half hour comes: minutes are held against the native bars that are there
    compared = run.finish([load(run, frame, tmp_path / "m2.parquet")])
    assert [(c.timeframe, c.bars, c.differing) for c in compared] == [("1h", 10, 0)]
    assert count(database, "native_differences") == 0


@pytest.mark.parametrize(
    ("name", "timeframe", "rows", "gaps"),
    [
        ("ADA_BTC-5m.feather", "5m", 5_720, 5),
        ("ETH_BTC-5m.feather", "5m", 5_760, 0),
        ("XRP_USDT_USDT-5m-futures.feather", "5m", 1_999, 0),
        ("Coinbase_BTCUSD_1h.csv", "1h", 20_111, 0),
    ],
)
def test_real_files_of_longer_bars_become_native_bars(
    database: Database, shared_data: Path, name: str, timeframe: str, rows: int, gaps: int
) -> None:
    run, file = job(database, timeframe), read_candles(shared_data / "candles" / name, timeframe=timeframe)
    report = run.file(file)
    assert run.finish([report]) == []
    assert report.written.inserted == report.candles == file.rows - report.duplicates
    assert len(report.gaps) == gaps
    assert report.candles == rows
    shown = database.rows(
        "SELECT count(*) AS n FROM ohlcv WHERE native AND timeframe = %(t)s", {"t": timeframe}
    )
    assert shown == [{"n": report.candles}]


def _full(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.lit(None, pl.Float64).alias("quote_volume"),
        pl.lit(None, pl.Int64).alias("trades"),
        pl.lit(None, pl.Float64).alias("taker_buy_volume"),
    )
