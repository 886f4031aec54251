"""`alphapulse import funding` and `import open-interest`: what is stored, refused, replaced and undone."""

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from cli_support import environment, let_analysts_in, run

from alphapulse_resources.database.client import Database

START = datetime(2025, 3, 1, tzinfo=UTC)
BTC = ("--venue", "binanceusdm", "--symbol", "BTC/USDT:USDT")


@pytest.fixture(autouse=True)
def asked(dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with environment(monkeypatch, tmp_path / "home", DSN=dsn):
        let_analysts_in(dsn)
        yield


def funding(path: Path, hours: list[float], rates: list[float | str], header: str = "timestamp,rate") -> str:
    lines = [f"{(START + timedelta(hours=h)).isoformat()},{r}" for h, r in zip(hours, rates, strict=True)]
    path.write_text("\n".join([header, *lines]) + "\n")
    return str(path)


def stored(database: Database, columns: str, table: str = "funding_rates") -> list[tuple[object, ...]]:
    rows = database.rows(f"SELECT {columns} FROM {table} ORDER BY ts")
    return [tuple(row.values()) for row in rows]


def test_a_real_history_in_local_time_is_refused_and_with_its_zone_right(
    database: Database, shared_data: Path
) -> None:
    file = str(shared_data / "funding" / "BTC-USDT_binance_2020-01-01_2024-01-01_funding_history.csv")
    refused = run("import", "funding", file, *BTC)
    assert refused.code == 1
    assert "--timezone" in refused.err.replace("\n", " ")
    assert "UTC+3" in refused.err
    assert stored(database, "ts") == []
    wrong = run("import", "funding", file, *BTC, "--timezone", "UTC")
    assert wrong.code == 1
    assert "does not settle" in " ".join(wrong.err.split())
    said = run("import", "funding", file, *BTC, "--timezone", "Etc/GMT-3", "--json")
    assert said.code == 0, said.err
    (symbol,) = said.json["files"][0]["symbols"]
    assert (symbol["new"], symbol["duplicates"], symbol["gaps"]["rows"]) == (4383, 0, 0)
    (sums,) = database.rows(
        "SELECT count(*) AS n, sum(rate) AS rate, min(ts) AS first, max(ts) AS last,"
        " count(*) FILTER (WHERE settled_at_original <> ts) AS jitter, min(interval_hours) AS low,"
        " max(interval_hours) AS high FROM funding_rates"
    )
    lines = Path(file).read_text().splitlines()[1:]  # counted here by hand, not by the reader
    cells = [line.split(",") for line in lines]
    assert sums["rate"] == pytest.approx(sum(float(cell[2]) for cell in cells), abs=1e-12)
    assert sums["jitter"] == sum(not cell[1].endswith(":00.000") for cell in cells) == 2233
    assert (sums["n"], sums["low"], sums["high"]) == (4383, 8, 8)
    assert sums["first"] == datetime(2020, 1, 1, tzinfo=UTC)
    assert sums["last"] == datetime(2023, 12, 31, 16, tzinfo=UTC)
    again = run("import", "funding", file, *BTC, "--timezone", "Etc/GMT-3", "--json").json["files"][0]
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 4383)


def test_freqtrades_funding_keeps_the_jitter_beside_the_minute(database: Database, shared_data: Path) -> None:
    file = str(shared_data / "funding" / "XRP_USDT_USDT-8h-funding_rate.feather")
    said = run("import", "funding", file, "--venue", "binanceusdm", "--symbol", "XRP/USDT:USDT")
    assert said.code == 0, said.err
    assert "91 new" in said.out
    first = stored(database, "ts, settled_at_original, rate, interval_hours, source, known_at")[0]
    jitter = datetime(2021, 11, 18, 0, 0, 0, 17_000, tzinfo=UTC)
    assert first == (datetime(2021, 11, 18, tzinfo=UTC), jitter, 0.0001, 8, "file", jitter)


def test_intervals_that_change_in_mid_history_are_told_row_by_row(database: Database, tmp_path: Path) -> None:
    hours = [0, 8, 16, 24, 28, 32, 40, 44, 45, 46, 47]  # 8 h, then 4 h with 36 missing, then 1 h
    file = funding(tmp_path / "f.csv", hours, [1e-4] * len(hours))
    said = run("import", "funding", file, *BTC, "--json")
    assert said.code == 0, said.err
    (symbol,) = said.json["files"][0]["symbols"]
    assert [(each["hours"], each["settlements"]) for each in symbol["intervals"]] == [(8, 4), (4, 4), (1, 3)]
    assert stored(database, "interval_hours") == [(x,) for x in [8, 8, 8, 8, 4, 4, 4, 4, 1, 1, 1]]
    assert symbol["gaps"] == {"count": 1, "rows": 1}
    (gap,) = database.rows("SELECT dataset, gap_start, gap_end, state FROM gap_ledger")
    assert tuple(gap.values()) == (
        "funding_rates", START + timedelta(hours=36), START + timedelta(hours=40), "detected",
    )  # fmt: skip


def test_a_settlement_that_comes_later_repairs_the_gap(database: Database, tmp_path: Path) -> None:
    run("import", "funding", funding(tmp_path / "a.csv", [0, 8, 24, 32], [1e-4] * 4), *BTC)
    run("import", "funding", funding(tmp_path / "b.csv", [8, 16, 24], [1e-4] * 3), *BTC)
    (gap,) = database.rows("SELECT gap_start, state, repaired_from FROM gap_ledger")
    assert tuple(gap.values()) == (START + timedelta(hours=16), "repaired", "import")


@pytest.mark.parametrize(
    ("header", "cells", "words"),
    [
        ("timestamp,rate", "0.0100", "--unit"),
        ("timestamp,price", "0.0001", "no column gives a rate"),
        ("price,rate", "0.0001", "no column gives a time"),
    ],
)
def test_what_could_be_meant_in_two_ways_is_asked_for(
    tmp_path: Path, header: str, cells: str, words: str
) -> None:
    file = funding(tmp_path / "f.csv", [0, 8, 16], [cells] * 3, header)
    said = run("import", "funding", file, *BTC)
    assert said.code == 1
    assert words in " ".join(said.err.split())


def test_percent_is_stored_as_a_fraction_where_it_is_said(database: Database, tmp_path: Path) -> None:
    file = funding(tmp_path / "f.csv", [0, 8, 16], [0.01, -0.02, 0.03])
    assert run("import", "funding", file, *BTC, "--unit", "percent").code == 0
    signed = funding(tmp_path / "g.csv", [24, 32], ["0.0100%", "-0.02%"])
    assert run("import", "funding", signed, *BTC).code == 0
    rates = [row[0] for row in stored(database, "rate")]
    assert rates == pytest.approx([1e-4, -2e-4, 3e-4, 1e-4, -2e-4], abs=1e-15)


def test_bad_rows_go_to_quarantine_with_their_reasons(database: Database, tmp_path: Path) -> None:
    rates = [
        "0.0001",
        "nan",
        "x",
        "0.0001",
        "0.0002",
        "0.0001",
        "0.0001",
        "-0.0001",
        "0.0001",
        "0.9",
        "0",
        "0",
    ]
    hours = [0, 8, 16, 24, 24, 32, 32, 40, 48, 56, 64, 72]
    said = run("import", "funding", funding(tmp_path / "f.csv", hours, rates), *BTC, "--json")
    assert said.code == 0, said.err
    (symbol,) = said.json["files"][0]["symbols"]
    assert symbol["reasons"] == {
        "rate is missing": 1,
        "rate is not a number": 1,
        "conflicting_duplicate": 2,
        "rate_out_of_bounds": 1,
    }
    assert (symbol["new"], symbol["duplicates"], symbol["rows"]) == (6, 1, 12)
    (kept,) = database.rows("SELECT count(*) AS n FROM quarantine WHERE dataset = 'funding_rates'")
    assert kept["n"] == 5


def test_names_that_say_something_else_are_refused(tmp_path: Path) -> None:
    other = funding(tmp_path / "ETHUSDT-fundingRate-2025-03.csv", [0, 8], [1e-4] * 2)
    said = run("import", "funding", other, *BTC)
    assert said.code == 1
    assert "its name says ETHUSDT, not BTC/USDT:USDT" in " ".join(said.err.split())
    venue = tmp_path / "f.csv"
    venue.write_text("exchange,timestamp,rate\nbybit,2025-03-01T00:00:00Z,0.0001\n")
    said = run("import", "funding", str(venue), *BTC)
    assert said.code == 1
    assert "bybit" in said.err
    column = tmp_path / "g.csv"
    column.write_text("symbol,timestamp,rate\nETHUSDT,2025-03-01T00:00:00Z,0.0001\n")
    assert "holds no BTC/USDT:USDT, only ETHUSDT" in " ".join(
        run("import", "funding", str(column), *BTC).err.split()
    )
    spot = run("import", "funding", other, "--venue", "binanceusdm", "--symbol", "ETH/USDT")
    assert spot.code == 1
    assert "ETH/USDT:USDT" in spot.err


def test_a_dry_run_keeps_nothing_and_tells_the_same(database: Database, tmp_path: Path) -> None:
    file = funding(tmp_path / "f.csv", [0, 8, 16, 16], [1e-4, 2e-4, 3e-4, 3e-4])
    dry = run("import", "funding", file, *BTC, "--dry-run", "--json").json["files"]
    assert stored(database, "ts") == []
    assert database.rows("SELECT FROM imports") == []
    assert run("import", "funding", file, *BTC, "--json").json["files"] == dry


def test_undone_is_what_an_import_brought_and_what_it_replaced_is_back(
    database: Database, tmp_path: Path
) -> None:
    first = funding(tmp_path / "a.csv", [0, 8, 24], [1e-4, 2e-4, 3e-4])
    second = funding(tmp_path / "b.csv", [8, 16], [5e-4, 6e-4])
    one = run("import", "funding", first, *BTC, "--json").json["import_id"]
    two = run("import", "funding", second, *BTC, "--json").json
    assert (two["files"][0]["new"], two["files"][0]["changed"]) == (1, 1)
    assert [row[0] for row in stored(database, "rate")] == [1e-4, 5e-4, 6e-4, 3e-4]
    undone = run("import", "undo", str(two["import_id"]), "--json").json
    assert (undone["removed"], undone["restored"], undone["kept"]) == (1, 1, 0)
    assert [row[0] for row in stored(database, "rate")] == [1e-4, 2e-4, 3e-4]
    assert run("import", "undo", str(one)).code == 0
    assert stored(database, "rate") == []
    listed = run("import", "list", "-f", "json").json
    assert [(row["dataset"], row["status"]) for row in listed] == [("funding_rates", "undone")] * 2


def test_what_something_newer_told_is_left_by_the_undoing(database: Database, tmp_path: Path) -> None:
    file = funding(tmp_path / "a.csv", [0, 8, 24, 32], [1e-4] * 4)
    number = run("import", "funding", file, *BTC, "--json").json["import_id"]
    assert len(database.rows("SELECT FROM gap_ledger")) == 1
    database.execute(
        "UPDATE funding_settlements SET source = 'rest', received_at = now() WHERE ts = %(at)s",
        {"at": START + timedelta(hours=8)},
    )
    undone = run("import", "undo", str(number), "--json").json
    assert (undone["removed"], undone["restored"], undone["kept"]) == (3, 0, 1)
    assert stored(database, "ts, source") == [(START + timedelta(hours=8), "rest")]
    assert database.rows("SELECT FROM gap_ledger") == []  # it lay between rows that are gone
    again = run("import", "undo", str(number))
    assert "was undone at" in again.out


def test_what_a_venue_told_stays_unless_the_file_is_to_win(database: Database, tmp_path: Path) -> None:
    file = funding(tmp_path / "f.csv", [0, 8, 16], [1e-4, 9e-4, 3e-4])
    run("import", "funding", funding(tmp_path / "a.csv", [0, 8], [1e-4, 2e-4]), *BTC)
    database.execute("UPDATE funding_settlements SET source = 'rest'")
    said = run("import", "funding", file, *BTC)
    assert said.code == 0
    assert "1 left in quarantine: --replace" in " ".join(said.out.split())
    assert stored(database, "rate, source") == [(1e-4, "rest"), (2e-4, "rest"), (3e-4, "file")]
    assert run("import", "funding", file, *BTC, "--replace").code == 0
    assert stored(database, "rate, source") == [(1e-4, "rest"), (9e-4, "file"), (3e-4, "file")]


METRICS = "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio"


def metrics(folder: Path, day: datetime, labels: list[datetime], truth: float = 0.0) -> Path:
    """A day's archive; open interest is the minute of the moment, counted from 2026-06-24."""
    rows = []
    for label in labels:
        moment = label + timedelta(minutes=5) if day >= datetime(2026, 6, 25, tzinfo=UTC) else label
        minute = (moment - datetime(2026, 6, 24, tzinfo=UTC)) / timedelta(minutes=1)
        rows.append(f"{label:%Y-%m-%d %H:%M:%S},BTCUSDT,{minute:.4f},{minute * 50:.4f},1.5")
    path = folder / f"BTCUSDT-metrics-{day:%Y-%m-%d}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{path.stem}.csv", "\n".join([METRICS, *rows]) + "\n")
    return path


def test_the_days_on_both_sides_of_the_seam_fit_without_hole_or_repeat(
    database: Database, tmp_path: Path
) -> None:
    five = timedelta(minutes=5)
    for day in (24, 25, 26):
        midnight = datetime(2026, 6, day, tzinfo=UTC)
        first = midnight + five if day == 24 else midnight
        metrics(tmp_path, midnight, [first + n * five for n in range(288)])
    said = run("import", "open-interest", str(tmp_path), *BTC, "--json")
    assert said.code == 0, said.err
    assert [file["new"] for file in said.json["files"]] == [288, 288, 288]
    rows = stored(database, "ts, contracts, base_amount, quote_value, settle_value", "open_interest")
    assert [row[0] for row in rows] == [
        datetime(2026, 6, 24, 0, 5, tzinfo=UTC) + n * five for n in range(3 * 288)
    ]
    for ts, contracts, base, quote, settled in rows:
        minute = (ts - datetime(2026, 6, 24, tzinfo=UTC)) / timedelta(minutes=1)
        assert (contracts, base, quote, settled) == (minute, minute, minute * 50, minute * 50)
    assert database.rows("SELECT FROM gap_ledger") == []


def test_inverse_contracts_are_converted_by_their_size(database: Database, tmp_path: Path) -> None:
    database.rows("SELECT register_instrument('binancecoinm', 'BTC/USD:BTC')")
    database.execute(
        "UPDATE instruments SET contract_size = 100, contract_kind = 'inverse' WHERE symbol = 'BTC/USD:BTC'"
    )
    file = tmp_path / "oi.json"
    file.write_text(
        '[{"symbol": "BTCUSD_PERP", "sumOpenInterest": "5000", "sumOpenInterestValue": null,'
        ' "timestamp": 1740787200000}]'
    )
    said = run("import", "open-interest", str(file), "--venue", "binancecoinm", "--symbol", "BTC/USD:BTC")
    assert said.code == 0, said.err
    columns = "contracts, base_amount, quote_value, settle_value, not_converted"
    assert stored(database, columns, "open_interest") == [
        (5000, None, 500_000, None, "no price to convert by")
    ]


def test_files_of_many_symbols_say_themselves_which(database: Database, tmp_path: Path) -> None:
    for name in ("BTC", "ETH"):
        database.rows(f"SELECT register_instrument('binanceusdm', '{name}/USDT:USDT')")
    times = [START + timedelta(hours=n) for n in range(4)]
    frame = pl.DataFrame(
        {
            "symbol": ["BTCUSDT"] * 4 + ["ETHUSDT"] * 4,
            "timestamp": times * 2,
            "open_interest": [10.0, 11, 12, -1, 20, 21, 22, 23],
        }
    )
    frame.write_parquet(tmp_path / "all.parquet")
    said = run("import", "open-interest", str(tmp_path / "all.parquet"), "--venue", "binanceusdm", "--json")
    assert said.code == 0, said.err
    symbols = said.json["files"][0]["symbols"]
    assert [(each["symbol"], each["new"], each["reasons"]) for each in symbols] == [
        ("BTC/USDT:USDT", 3, {"contracts_negative": 1, "base_amount_negative": 1}),
        ("ETH/USDT:USDT", 4, {}),
    ]
