"""Exports from a real PostgreSQL: what comes out of the files is what the tables hold."""

import gzip
import math
import resource
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
import psycopg
import pytest

from alphapulse_resources.candle_files import read_candles
from alphapulse_resources.export import ExportError, export_query, export_relation
from alphapulse_resources.postgres.embedded import EmbeddedPostgres

START = datetime(2024, 1, 1, tzinfo=UTC)
ENDINGS = (".parquet", ".csv", ".csv.gz", ".sqlite")
SETUP = """
CREATE TABLE candles_test AS
SELECT 'binance'::text AS venue, symbol, '1m'::text AS timeframe,
       '2024-01-01T00:00:00Z'::timestamptz + n * interval '1 minute' AS ts,
       100 + n / 3.0::float8 AS open, 102 + n / 3.0::float8 AS high, 99 + n / 3.0::float8 AS low,
       101 + n / 3.0::float8 AS close, n / 7.0::float8 AS volume, n AS trades
FROM generate_series(0, 999) AS n, unnest(ARRAY['BTC/USDT', 'ETH/USDT']) AS symbol;
CREATE SCHEMA other;
CREATE VIEW other."odd ""name"" view" AS SELECT * FROM candles_test;
CREATE TABLE empty_test (ts timestamptz, open float8);
"""
KINDS = """
SELECT 7::int8 AS whole, 0.1::float8 AS real, 123456789012345678.123456789::numeric AS exact,
       true AS yes, 'a "quoted", text'::text AS words, '{"k": [1]}'::jsonb AS detail,
       '2024-01-01T01:00:00.5+01:00'::timestamptz AS moment, '2024-01-01 00:00:00'::timestamp AS wall,
       '2024-02-03'::date AS day, ARRAY[1, 2] AS list, '\\x01ff'::bytea AS raw,
       '00000000-0000-0000-0000-000000000001'::uuid AS id, interval '1 month 2 days 3.5 s' AS lasting,
       time '10:30' AS clock, NULL::float8 AS nothing
"""


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("export"))
    url = server.ensure().dsn
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SETUP)
    yield url
    server.stop()


def candles_in_sqlite(path: Path, table: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as connection:
        return connection.execute(f'SELECT * FROM "{table}"').fetchall()


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".csv.gz"])
def test_exported_candles_read_back_as_the_same_candles(dsn: str, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"candles{ending}"
    rows = export_relation(dsn, "candles_test", path, symbol="ETH/USDT", venue="binance", timeframe="1m")
    back = read_candles(path, timeframe="1m")
    assert rows == 1000
    assert back.rejects == []
    assert back.candles["ts"].to_list() == [START + timedelta(minutes=n) for n in range(1000)]
    assert back.candles["open"].to_list() == [100 + n / 3 for n in range(1000)]
    assert back.candles["volume"].to_list() == [n / 7 for n in range(1000)]
    assert back.candles["trades"].to_list() == list(range(1000))


def test_sqlite_holds_typed_columns_in_the_relations_own_table(dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "candles.db"
    export_relation(dsn, "candles_test", path, symbol="BTC/USDT", end=START + timedelta(minutes=2))
    with sqlite3.connect(path) as connection:
        kinds = {row[1]: row[2] for row in connection.execute("PRAGMA table_info(candles_test)")}
    assert kinds["ts"] == "TEXT"
    assert kinds["open"] == "REAL"
    assert kinds["trades"] == "INTEGER"
    assert candles_in_sqlite(path, "candles_test")[1][3:5] == ("2024-01-01T00:01:00.000000Z", 100 + 1 / 3)


def test_the_window_is_half_open_and_rows_come_in_the_order_of_time(dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "window.parquet"
    end = START + timedelta(minutes=20)
    assert export_relation(dsn, "candles_test", path, start=START + timedelta(minutes=10), end=end) == 20
    times = pl.read_parquet(path)["ts"]
    assert times.is_sorted()
    assert (times[0], times[-1]) == (START + timedelta(minutes=10), START + timedelta(minutes=19))


def test_a_view_with_quotes_in_its_name_in_another_schema_is_exported(dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.sqlite"
    assert export_relation(dsn, 'other.odd "name" view', path, symbol="BTC/USDT") == 1000
    assert len(candles_in_sqlite(path, 'odd ""name"" view')) == 1000


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_relation_without_rows_gives_a_file_with_its_columns(dsn: str, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"empty{ending}"
    assert export_relation(dsn, "empty_test", path) == 0
    if ending == ".sqlite":
        assert candles_in_sqlite(path, "empty_test") == []
    else:
        read = pl.read_parquet(path) if ending == ".parquet" else pl.read_csv(path)
        assert (read.columns, read.height) == (["ts", "open"], 0)


def test_parquet_keeps_the_types_it_has_and_every_digit_of_those_it_has_not(dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "kinds.parquet"
    export_query(dsn, KINDS + ";", path)
    row = pl.read_parquet(path).row(0, named=True)
    assert row["moment"] == datetime(2024, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)
    assert row["wall"] == datetime(2024, 1, 1)
    assert (row["whole"], row["real"], row["yes"], row["nothing"]) == (7, 0.1, True, None)
    assert row["exact"] == "123456789012345678.123456789"
    assert (row["detail"], row["list"], row["raw"]) == ('{"k": [1]}', [1, 2], b"\x01\xff")
    assert row["id"] == "00000000-0000-0000-0000-000000000001"
    assert row["lasting"] == "P1M2DT3.5S"


@pytest.mark.parametrize("ending", [".csv", ".sqlite"])
def test_csv_and_sqlite_write_times_as_iso_utc_and_lists_as_json(
    dsn: str, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"kinds{ending}"
    export_query(dsn, KINDS, path, table="kinds")
    if ending == ".csv":
        row = pl.read_csv(path, infer_schema=False).row(0, named=True)
        assert (row["whole"], row["yes"], row["raw"]) == ("7", "true", "\\x01ff")
    else:
        with sqlite3.connect(path) as connection:
            connection.row_factory = sqlite3.Row
            row = dict(connection.execute("SELECT * FROM kinds").fetchone())
        assert (row["whole"], row["yes"], row["raw"]) == (7, 1, b"\x01\xff")
    assert row["moment"] == "2024-01-01T00:00:00.500000Z"
    assert row["wall"] == "2024-01-01T00:00:00.000000"
    assert (row["day"], row["list"], row["words"]) == ("2024-02-03", "[1, 2]", 'a "quoted", text')
    assert row["exact"] == "123456789012345678.123456789"
    assert row["nothing"] is None


def test_parameters_are_quoted_as_values_and_cannot_become_sql(dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "parameters.csv"
    evil = "x'; DROP TABLE candles_test; --"
    rows = export_query(
        dsn,
        "SELECT %(evil)s::text AS evil, count(*) AS n FROM candles_test WHERE ts < %(end)s AND 5 %% 2 = 1",
        path,
        parameters={"evil": evil, "end": START + timedelta(minutes=3)},
    )
    assert rows == 1
    assert pl.read_csv(path).row(0) == (evil, 6)


def test_nan_and_infinity_survive_in_parquet_and_csv(dsn: str, tmp_path: Path) -> None:
    query = "SELECT 'NaN'::float8 AS nan, 'Infinity'::float8 AS inf"
    for name, read in (("odd.parquet", pl.read_parquet), ("odd.csv", pl.read_csv)):
        export_query(dsn, query, tmp_path / name)
        nan, inf = map(float, read(tmp_path / name).row(0))
        assert math.isnan(nan)
        assert inf == math.inf


def test_progress_is_told_and_memory_stays_bounded(dsn: str, tmp_path: Path) -> None:
    told: list[int] = []
    columns = "now() + g * interval '1 s' AS ts, g::float8 AS x, repeat('y', 100) AS y"
    query = f"SELECT {columns} FROM generate_series(1, %s) g"
    export_query(dsn, query, tmp_path / "warm.parquet", parameters=[300_000])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = export_query(dsn, query, tmp_path / "big.parquet", parameters=[3_000_000], progress=told.append)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert rows == told[-1] == 3_000_000
    assert len(told) > 10
    assert told == sorted(told)
    # the rows are 350 MB in memory
    assert grown < 150 * 2**20


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_query_that_fails_half_way_leaves_the_old_file_and_nothing_else(
    dsn: str, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"kept{ending}"
    path.write_bytes(b"old")
    query = "SELECT repeat('x', 100) AS text, 1 / (400000 - g) AS y FROM generate_series(1, 500000) g"
    with pytest.raises(ExportError, match="division by zero"):
        export_query(dsn, query, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_file_is_replaced_by_the_complete_one(dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "new.csv.gz"
    path.write_bytes(b"old")
    export_query(dsn, "SELECT 1 AS one", path)
    assert gzip.decompress(path.read_bytes()) == b'"one"\n1\n'
    assert list(tmp_path.iterdir()) == [path]


def test_an_export_cannot_write_to_the_database(dsn: str, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="read-only"):
        export_query(dsn, "DELETE FROM candles_test RETURNING symbol", tmp_path / "never.csv")


@pytest.mark.parametrize(
    ("query", "name", "message"),
    [
        ("SELECT 1 AS one", "rows.xlsx", "use .parquet"),
        ("SELECT nonsense", "rows.csv", "nonsense"),
        ("SELECT 1 AS a, 2 AS a", "rows.csv", "two columns are called 'a'"),
    ],
)
def test_what_cannot_be_exported_says_why(
    dsn: str, tmp_path: Path, query: str, name: str, message: str
) -> None:
    with pytest.raises(ExportError, match=message):
        export_query(dsn, query, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_relation_that_is_not_there_is_answered_with_those_that_are(dsn: str, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"'candels'; did you mean .*candles_test"):
        export_relation(dsn, "candels", tmp_path / "no.csv")


def test_a_filter_that_the_relation_has_no_column_for_lists_its_columns(dsn: str, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no column 'symbol' to choose rows by; it has: ts, open"):
        export_relation(dsn, "empty_test", tmp_path / "no.csv", symbol="BTC/USDT")


def test_a_window_without_a_time_zone_is_refused(dsn: str, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no time zone"):
        export_relation(dsn, "candles_test", tmp_path / "no.csv", start=datetime(2024, 1, 1))


def test_no_connection_is_said_without_the_password(dsn: str, tmp_path: Path) -> None:
    secret = "a-wrong-password"
    parts = urlsplit(dsn)
    wrong = dsn.replace(f":{parts.password}@", f":{secret}@")
    for export in (
        lambda: export_query(wrong, "SELECT 1 AS one", tmp_path / "no.csv"),
        lambda: export_relation(wrong, "candles_test", tmp_path / "no.csv"),
    ):
        with pytest.raises(ExportError, match="authentication failed") as caught:
            export()
        assert secret not in str(caught.value)
