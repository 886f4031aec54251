"""When `alphapulse import candles` refuses, stops or is no success, and what it says; exports of nothing."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli_support import Said, environment, let_analysts_in, run, run_process

from alphapulse_assets.candles.importing import QUARANTINED_ROWS
from alphapulse_resources.database.client import Database

START = datetime(2025, 3, 3, tzinfo=UTC)  # a Monday
HEADER = "timestamp,open,high,low,close,volume"


@pytest.fixture(autouse=True)
def asked(dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with environment(monkeypatch, tmp_path / "home", DSN=dsn):
        yield


def rows(
    count: int, price: float = 100.0, *, start: datetime = START, step: timedelta | None = None
) -> list[str]:
    step = step or timedelta(minutes=1)
    found = []
    for n in range(count):
        p = price * (1 + (n % 7) / 1000)
        found.append(f"{start + n * step:%Y-%m-%dT%H:%M:%SZ},{p},{p * 1.01},{p * 0.99},{p},{1 + n % 5}")
    return found


def file(folder: Path, lines: Sequence[str], name: str = "a.csv") -> str:
    path = folder / name
    path.write_text("\n".join([HEADER, *lines]))
    return str(path)


def load(
    path: str, *more: str, symbol: str = "BTC/USDT", timeframe: str = "1m", venue: str = "binance"
) -> Said:
    return run(
        "import", "candles", path, "--venue", venue, "--symbol", symbol, "--timeframe", timeframe, *more
    )


def one_line(text: str) -> str:
    (line,) = [line for line in text.splitlines() if line.strip()]
    return line


def count(database: Database, table: str) -> int:
    return int(database.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"])


@pytest.mark.parametrize(
    ("timeframe", "start", "step", "told"),
    [
        ("1w", START + timedelta(days=3), timedelta(weeks=1), "Thursday"),
        ("1w", START - timedelta(days=1), timedelta(weeks=1), "Sunday"),
        ("1d", START - timedelta(hours=8), timedelta(days=1), "16:00 UTC"),
    ],
)
def test_bars_that_begin_elsewhere_are_refused_with_what_was_read(
    database: Database, tmp_path: Path, timeframe: str, start: datetime, step: timedelta, told: str
) -> None:
    said = load(file(tmp_path, rows(60, start=start, step=step)), timeframe=timeframe)
    assert said.code == 1
    assert told in one_line(said.err)
    assert count(database, "ohlcv_native") == count(database, "quarantine") == 0


def test_a_file_of_which_nothing_is_good_fails_in_one_line(database: Database, tmp_path: Path) -> None:
    lines = [re.sub(r",[^,]*$", ",-1", row) for row in rows(20)]
    said = load(file(tmp_path, lines))
    assert said.code == 1
    assert "only 0 of 20 rows could be stored; 20 for negative_volume" in one_line(said.err)
    assert count(database, "quarantine") == 20


@pytest.mark.parametrize(("bad", "code"), [(9, 0), (10, 0), (11, 1)])
def test_less_than_half_is_no_success(tmp_path: Path, bad: int, code: int) -> None:
    lines = [re.sub(r",[^,]*$", ",1e300", row) if n < bad else row for n, row in enumerate(rows(20))]
    said = load(file(tmp_path, lines))
    assert said.code == code
    assert ("absurd_volume" in said.err) == bool(code)


def test_a_file_again_and_only_a_forming_bar(tmp_path: Path) -> None:
    path = file(tmp_path, rows(20))
    assert [load(path).code for _ in range(2)] == [0, 0]
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    said = load(file(tmp_path, rows(1, start=now), "forming.csv"), symbol="ETH/USDT")
    assert said.code == 1
    assert "nothing to store in it: 1 forming" in one_line(said.err)


def test_the_quarantine_of_one_file_is_bounded(database: Database, tmp_path: Path) -> None:
    bad = [re.sub(r",[^,]*$", ",-1", row) for row in rows(QUARANTINED_ROWS + 500)]
    said = load(file(tmp_path, [*bad, *rows(5, start=START + timedelta(days=9))]))
    assert said.code == 1
    assert "1,500 quarantined" in said.out
    assert "the first 1,000 of them are kept" in said.out
    assert count(database, "quarantine") == QUARANTINED_ROWS


def test_another_instruments_candles_stop_the_import_unless_forced(
    database: Database, tmp_path: Path
) -> None:
    load(file(tmp_path, rows(60)))
    later, other = file(tmp_path, rows(9, start=START + timedelta(hours=1)), "z.csv"), tmp_path / "b.csv"
    other.write_text("\n".join([HEADER, *rows(60, 2500.0)]))
    said = run("import", "candles", str(other), later, "--venue", "binance", "--symbol", "BTC/USDT",
               "--timeframe", "1m")  # fmt: skip
    assert said.code == 1
    line = one_line(said.err)
    assert all(words in line for words in ("b.csv", "60 times", "2507", "100.3", "--force"))
    assert count(database, "ohlcv_1m") == 60  # nor anything after it
    forced = load(str(other), "--force")
    assert forced.code == 0
    assert "60 changed" in forced.out
    assert count(database, "ohlcv_revisions") == 60


def test_the_net_works_among_the_files_of_a_dry_run_too(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    file(folder, rows(60), "a.csv")
    file(folder, rows(60, 2500.0), "b.csv")
    said = load(str(folder), "--dry-run")
    assert said.code == 1
    assert "b.csv: its closes are not those" in said.err
    assert count(database, "ohlcv_1m") == count(database, "imports") == 0


def test_two_instruments_mixed_in_one_file_stop_it(database: Database, tmp_path: Path) -> None:
    mixed = [pair[n % 2] for n, pair in enumerate(zip(rows(60), rows(60, 2500.0), strict=True))]
    said = load(file(tmp_path, mixed))
    assert said.code == 1
    assert "jump between two prices 59 times" in one_line(said.err)
    assert count(database, "ohlcv_1m") == 0


def test_longer_bars_are_held_against_the_minutes(tmp_path: Path) -> None:
    load(file(tmp_path, rows(180)))
    said = load(file(tmp_path, rows(3, 2500.0, step=timedelta(hours=1)), "h.csv"), timeframe="1h")
    assert said.code == 1
    assert "closes are not those of the stored instrument" in one_line(said.err)


@pytest.mark.parametrize(
    ("venue", "symbol", "told"),
    [
        ("binnance", "BTC/USDT", "did you mean binance"),
        ("", "BTC/USDT", "the venue is empty"),
        ("my-desk", "BTC/USDT", "--new-venue"),
        ("x'; drop table venues; --", "BTC/USDT", "quote"),
        ("binance", "", "the symbol is empty"),
        ("binance", "BTCUSDT", "BASE/QUOTE"),
        ("binance", "A\x1b[2J/B", "cannot be seen"),
    ],
)
def test_a_name_that_nobody_knows_is_an_error(
    database: Database, tmp_path: Path, venue: str, symbol: str, told: str
) -> None:
    said = load(file(tmp_path, rows(5)), venue=venue, symbol=symbol)
    assert said.code == 1
    assert told in one_line(said.err)
    assert "\x1b" not in said.err
    assert count(database, "instruments") == count(database, "imports") == 0


def test_names_are_found_in_any_case_and_new_ones_made_on_demand(database: Database, tmp_path: Path) -> None:
    path = file(tmp_path, rows(5))
    load(path, venue="Binance ", symbol="btc/usdt")
    assert load(path, venue="kraken").code == 0  # an exchange that ccxt knows
    assert load(path, "--new-venue", venue="my-desk").code == 0
    assert load(path, venue="MY-DESK").code == 0
    assert database.rows("SELECT venue, symbol FROM instruments ORDER BY 1") == [
        {"venue": venue, "symbol": "BTC/USDT"} for venue in ("binance", "kraken", "my-desk")
    ]


def test_a_dry_run_tells_what_would_be_made_and_replaced(database: Database, tmp_path: Path) -> None:
    path = file(tmp_path, rows(30))
    said = load(path, "--dry-run")
    assert "as binance BTC/USDT (a new instrument), 1m bars" in said.out
    assert "conflicts" not in said.out
    load(path)
    cut_off = f"{START + timedelta(minutes=29):%Y-%m-%dT%H:%M:%SZ},100,101,99,100,0.5"
    said = load(file(tmp_path, [*rows(29), cut_off], "older.csv"), "--dry-run")
    assert "a new instrument" not in said.out
    assert "1 row differs, first 2025-03-03T00:29:00Z" in said.out
    assert "from 2025-03-03T00:00:00Z to 2025-03-03T00:30:00Z" in said.out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--symbol", "BTC/UDST"], "did you mean BTC/USDT"),
        (["--venue", "binnance"], "did you mean binance"),
        (["--symbol", "BTC/USDT", "--timeframe", "2h"], "there are: 1m, 5m"),
        (["--symbol", "BTC/USDT", "--start", "2031-01-01"], "in this window"),
    ],
)
def test_an_export_of_nothing_is_an_error_that_names_the_nearest(
    tmp_path: Path, options: list[str], told: str
) -> None:
    load(file(tmp_path, rows(60)))
    kept = tmp_path / "out.csv"
    kept.write_text("an earlier export")
    said = run("export", "ohlcv", str(kept), *options)
    assert said.code == 1
    assert told in one_line(said.err)
    assert kept.read_text() == "an earlier export"
    assert run("export", "ohlcv", str(kept), "--venue", "BINANCE", "--symbol", "btc/usdt").code == 0
    assert len(kept.read_text().splitlines()) > 60


def test_a_terminal_is_never_sent_what_data_hold(dsn: str) -> None:
    let_analysts_in(dsn)
    said = run_process("sql", "SELECT E'a\\x1b[31mred\\u202e' AS x")
    assert "a\\x1b[31mred\\u202e" in said.out
    assert "\x1b" not in said.out
