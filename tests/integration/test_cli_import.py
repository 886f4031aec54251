"""`alphapulse import candles` and what `alphapulse status` then says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli_support import environment, run, run_process

from alphapulse_resources.analyst import prepare_analyst
from alphapulse_resources.settings import Settings

MICROSECOND = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def asked(dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with environment(monkeypatch, tmp_path / "home", DSN=dsn):
        assert prepare_analyst(Settings(_env_file=None), dsn) == []
        yield


def archive_rows(start: datetime, count: int) -> str:
    """Lines of a Binance archive of 2025 or later: no header, times in microseconds."""
    lines = []
    for n in range(count):
        opened = (start + n * timedelta(minutes=1) - datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND
        lines.append(f"{opened},100.0,101.0,99.0,100.5,2.0,{opened + 59_999_999},201.0,5,1.0,100.5,0")
    return "\n".join(lines) + "\n"


def options(timeframe: str = "1m", symbol: str = "BTC/USDT") -> list[str]:
    return ["--venue", "binance", "--symbol", symbol, "--timeframe", timeframe]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two days of archives, a file that is none, and a broken one."""
    folder = tmp_path / "files"
    folder.mkdir()
    for day in (1, 2):
        start = datetime(2025, 3, day, tzinfo=UTC)
        (folder / f"BTCUSDT-1m-2025-03-0{day}.csv").write_text(archive_rows(start, 1440))
    (folder / "README.md").write_text("hello")
    return folder


def test_a_real_file_is_imported_by_a_process_and_again_without_a_change(shared_data: Path) -> None:
    file = str(shared_data / "candles" / "UNITTEST_BTC-1m.feather")
    asked = options(symbol="UNITTEST/BTC")  # the symbol that its name says: as BTC/USDT it is refused
    first = run_process("import", "candles", file, *asked)
    assert first.code == 0
    assert "13,681 new, 0 changed, 0 unchanged" in first.out
    assert "538 gaps of 717 minutes" in first.out
    again = run_process("import", "candles", file, *asked, "--json").json["files"][0]
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 13_681)
    assert (again["gaps"]["count"], again["gaps"]["minutes"]) == (538, 717)
    assert len(again["gaps"]["longest"]) == 3


def test_a_directory_of_archives_without_header_in_microseconds(folder: Path) -> None:
    said = run("import", "candles", str(folder), *options(), "--json")
    assert said.code == 0
    assert "left out as no candle files: README.md" in said.err
    files = said.json["files"]
    assert [(file["format"], file["time_unit"], file["new"]) for file in files] == [
        ("binance-archive", "us", 1440),
        ("binance-archive", "us", 1440),
    ]
    (row,) = run(
        "sql", "SELECT min(ts) AS first, max(ts) AS last, count(*) AS n FROM ohlcv_1m", "-f", "json"
    ).json
    assert row == {"first": "2025-03-01T00:00:00Z", "last": "2025-03-02T23:59:00Z", "n": 2880}
    days = run("sql", "SELECT bars, complete FROM ohlcv WHERE timeframe = '1d'", "-f", "json").json
    assert days == [{"bars": 1440, "complete": True}] * 2


def test_a_pattern_finds_its_files(folder: Path) -> None:
    said = run("import", "candles", str(folder / "*-02.csv"), *options(), "--json")
    assert [Path(file["path"]).name for file in said.json["files"]] == ["BTCUSDT-1m-2025-03-02.csv"]
    missing = run("import", "candles", str(folder / "*.parquet"), *options())
    assert missing.code == 1
    assert "there is no file" in missing.err


def test_an_unreadable_file_is_named_and_the_others_are_imported(folder: Path) -> None:
    (folder / "broken.csv").write_text("a,b\n1,2\n")
    said = run("import", "candles", str(folder), *options(), "--json")
    assert said.code == 1
    assert [file["new"] for file in said.json["files"]] == [1440, 1440]
    assert Path(said.json["unreadable"][0]["path"]).name == "broken.csv"
    assert "broken.csv" in said.err


def test_a_dry_run_keeps_nothing(folder: Path) -> None:
    said = run("import", "candles", str(folder), *options(), "--dry-run")
    assert said.code == 0
    assert said.out.count("1,440 new") == 2
    assert "nothing was kept" in said.out
    assert run("sql", "SELECT count(*) AS n FROM ohlcv_1m", "-f", "csv").out == "n\n0\n"


def test_native_hours_are_held_against_the_minutes(folder: Path, tmp_path: Path) -> None:
    run("import", "candles", str(folder), *options())
    hours = tmp_path / "hours.csv"
    hours.write_text(
        "timestamp,open,high,low,close,volume\n"
        "2025-03-01T00:00:00Z,100,101,99,100.5,120\n"
        "2025-03-01T01:00:00Z,100,101,99,100.5,121\n"
    )
    said = run("import", "candles", str(hours), *options("1h"))
    assert "1 of 2 native bars differ" in said.out
    rows = run("sql", "SELECT ts, field, native, aggregated FROM native_differences", "-f", "json").json
    assert rows == [{"ts": "2025-03-01T01:00:00Z", "field": "volume", "native": 121.0, "aggregated": 120.0}]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--timeframe", "7m"], "timeframe '7m' is not known"),
        (["--timezone", "Mars"], "'Mars' is not known"),
        (["--time-is", "middle"], "use open or close"),
        (["--symbol", "BTCUSDT"], "BASE/QUOTE"),
    ],
)
def test_wrong_options_are_refused_in_words(folder: Path, wrong: list[str], told: str) -> None:
    said = run("import", "candles", str(folder), *options(), *wrong)
    assert said.code == 1
    assert told in said.err


def test_status_tells_what_an_import_left_behind(folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(archive_rows(datetime(2025, 3, 3, 0, 10, tzinfo=UTC), 5).replace("101.0", "1.0", 1))
    run("import", "candles", str(folder), str(bad), *options())
    hole = tmp_path / "hole.csv"
    hole.write_text(
        archive_rows(datetime(2025, 3, 4, tzinfo=UTC), 5)
        + archive_rows(datetime(2025, 3, 4, 1, tzinfo=UTC), 5)
    )
    run("import", "candles", str(hole), *options())
    found = run("status", "--json").json
    assert found["ready"]
    newest = {row["timeframe"]: row["newest"] for row in found["freshness"]}
    assert newest["1m"] == "2025-03-04T01:04:00Z"
    assert newest["1d"] == "2025-03-04T00:00:00Z"
    assert found["gaps"] == [
        {"venue": "binance", "state": "detected", "gaps": 1, "minutes": 55, "longest_minutes": 55}
    ]
    assert {(row["reason"], row["rows"]) for row in found["quarantine"]} == {
        ("high_below_body", 1),
        ("high_below_low", 1),
    }
    assert found["venues"][0]["known"] == 1
    shown = run("status")
    assert shown.code == 0
    for words in ("PostgreSQL", "Freshness", "detected", "high_below_low", "no day has failed"):
        assert words in shown.out


def test_status_of_an_empty_database_says_how_to_begin() -> None:
    said = run_process("status")
    assert said.code == 0
    assert "symbols add" in said.out
    assert said.err == ""


HEADER = "stamp,a,b,c,d,e\n"
PARTS = ("time", "open", "high", "low", "close", "volume")


def test_columns_can_be_named_and_a_name_can_be_overruled(tmp_path: Path) -> None:
    rows = "".join(f"2025-03-01T00:{n:02}:00Z,100,101,99,100.5,2\n" for n in range(30))
    file = tmp_path / "ETHUSDT-1m.csv"
    file.write_text(HEADER + rows)
    named = [part for pair in zip(PARTS, HEADER.strip().split(","), strict=True)
             for part in ("--column", "=".join(pair))]  # fmt: skip
    refused = run("import", "candles", str(file), *options(), *named)
    assert refused.code == 1
    assert "its name says ETHUSDT, not BTC/USDT" in refused.err
    assert "--any-symbol" in refused.err
    said = run("import", "candles", str(file), *options(), *named, "--any-symbol", "--json")
    assert (said.code, said.json["files"][0]["new"]) == (0, 30)
    wrong = run("import", "candles", str(file), *options(), "--column", "price=x")
    assert wrong.code == 1
    assert "write PART=NAME" in wrong.err


def test_files_of_a_folder_that_say_another_symbol_are_left_out_and_told(folder: Path) -> None:
    (folder / "ETHUSDT-1m-2025-03-03.csv").write_text(archive_rows(datetime(2025, 3, 3, tzinfo=UTC), 60))
    (folder / "BTCUSDT-5m-2025-03-03.csv").write_text(archive_rows(datetime(2025, 3, 3, tzinfo=UTC), 60))
    said = run("import", "candles", str(folder), *options(), "--json")
    assert said.code == 0
    assert [file["new"] for file in said.json["files"]] == [1440, 1440]
    assert "2 files left out as not BTC/USDT 1m" in said.err
    assert "ETHUSDT-1m-2025-03-03.csv says ETHUSDT" in said.err
    nothing = run("import", "candles", str(folder), *options(symbol="SOL/USDT"))
    assert nothing.code == 1
    assert "nothing to import" in nothing.err


def test_an_export_of_all_timeframes_gives_back_the_one_asked_for(folder: Path, tmp_path: Path) -> None:
    run("import", "candles", str(folder), *options())
    exported = tmp_path / "all.csv"
    run("export", "ohlcv", str(exported))
    again = run("import", "candles", str(exported), *options(), "--json").json["files"][0]
    assert (again["new"], again["changed"], again["unchanged"], again["quarantined"]) == (0, 0, 2880, 0)
    assert again["other_symbols"] > 500


def test_a_file_that_is_wrong_throughout_fills_no_quarantine(tmp_path: Path) -> None:
    rows = "".join(f"2025-03-01T{n // 60 % 24:02}:{n % 60:02}:00Z,100,x,99,100.5,2\n" for n in range(3000))
    file = tmp_path / "bad.csv"
    file.write_text("timestamp,open,high,low,close,volume\n" + rows)
    said = run("import", "candles", str(file), *options(), "--json")
    assert said.json["files"][0]["quarantined"] == 3000
    (row,) = run("sql", "SELECT count(*) AS n FROM quarantine", "-f", "json").json
    assert row["n"] == 1000
