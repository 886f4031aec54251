"""`alphapulse sql` and `alphapulse export`: what analysts may ask, and how it is printed."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import psycopg
import pytest
from cli_support import environment, let_analysts_in, run, run_process
from sqlalchemy.engine import make_url

from alphapulse_cli import query
from alphapulse_resources.database.analyst import ANALYST, own_role
from alphapulse_resources.venues.registry import VENUES


@pytest.fixture(autouse=True)
def asked(dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with environment(monkeypatch, tmp_path / "home", DSN=dsn):
        let_analysts_in(dsn)
        yield


def test_json_is_one_array_of_objects_with_utc_times() -> None:
    said = run(
        "sql",
        "SELECT timestamptz '2024-01-01 01:00+01' AS ts, 1.5::numeric AS n, NULL AS x, ARRAY[1] AS a,"
        " 'NaN'::float8 AS f, '{\"k\": 1}'::jsonb AS j",
        "-f",
        "json",
    )
    assert said.json == [
        {"ts": "2024-01-01T00:00:00Z", "n": 1.5, "x": None, "a": [1], "f": "NaN", "j": {"k": 1}}
    ]


def test_an_answer_without_rows_still_has_its_columns() -> None:
    assert run("sql", "SELECT 1 AS a WHERE false", "-f", "json").json == []
    assert run("sql", "SELECT 1 AS a WHERE false", "-f", "csv").out == "a\n"
    assert run("sql", "SELECT 1 AS a WHERE false").out.split() == ["a", "─"]


def test_tables_stop_at_a_limit_and_say_so() -> None:
    said = run("sql", "SELECT g FROM generate_series(1, 10000000) AS g", "--limit", "3")
    assert said.code == 0
    assert [line.strip() for line in said.out.splitlines() if line.strip().isdigit()] == ["1", "2", "3"]
    assert "first 3 rows" in said.err


def test_csv_gives_every_row_unless_limited() -> None:
    said = run("sql", "SELECT g FROM generate_series(1, 1000) AS g", "-f", "csv")
    assert said.out.splitlines() == ["g", *map(str, range(1, 1001))]


def test_csv_quotes_what_needs_it() -> None:
    said = run("sql", "SELECT 'a,\"b\"' AS x, '[red]' AS y", "-f", "csv")
    assert list(csv.reader(io.StringIO(said.out))) == [["x", "y"], ['a,"b"', "[red]"]]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM venues RETURNING venue",
        "WITH gone AS (DELETE FROM venues RETURNING venue) SELECT * FROM gone",
        "SELECT track_symbol('binance', 'BTC/USDT')",
        "SELECT 1; SELECT 2",
        "SELECT pg_read_file('/etc/hostname')",
        "CREATE TABLE x (a int)",
        "SET ROLE NONE",
        "COMMIT",
        "",
    ],
)
def test_nothing_but_one_reading_statement_is_run(statement: str, dsn: str) -> None:
    said = run("sql", statement)
    assert said.code == 1
    assert len(said.err.strip().splitlines()) == 1
    with psycopg.connect(dsn) as connection:
        (row,) = connection.execute(
            "SELECT (SELECT count(*) FROM venues), (SELECT count(*) FROM instruments), to_regclass('x')"
        )
    assert row == (len(VENUES), 0, None)


def test_queries_run_as_the_analyst_read_only_and_in_utc(dsn: str) -> None:
    (row,) = run(
        "sql",
        "SELECT session_user AS who, current_setting('transaction_read_only') AS read_only,"
        " current_setting('timezone') AS zone, current_setting('statement_timeout') AS time_limit",
        "-f",
        "json",
    ).json
    assert row == {
        "who": own_role(make_url(dsn).database or ""),
        "read_only": "on",
        "zone": "UTC",
        "time_limit": "30s",
    }


def test_with_a_password_in_the_settings_it_is_the_role_that_people_know(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALPHAPULSE_ANALYSTS__PASSWORD", "analysts-own-word")
    let_analysts_in(dsn)
    said = run("sql", "SELECT session_user AS who", "-f", "csv")
    assert said.out == f"who\n{ANALYST}\n"


def test_a_query_is_never_run_as_the_owner(dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where nobody can log in as the analyst it is refused, with the way on; however the DSN is written."""
    monkeypatch.setenv("ALPHAPULSE_HOME", str(tmp_path / "another"))
    said = run("sql", "SELECT session_user AS who")
    assert (said.code, said.out) == (1, "")
    assert "alphapulse migrate" in said.err
    monkeypatch.setenv("ALPHAPULSE_ANALYSTS__PASSWORD", "not-the-one-of-the-role")
    url = make_url(dsn)
    given = {"user": url.username or "", "password": url.password or ""}
    monkeypatch.setenv(
        "ALPHAPULSE_DSN",
        url.set(username=None, password=None).update_query_dict(given).render_as_string(hide_password=False),
    )
    said = run("sql", "SELECT session_user AS who")
    assert (said.code, said.out) == (1, "")
    assert f"does not let {ANALYST} log in" in said.err
    assert "not-the-one" not in said.err


@pytest.mark.parametrize(
    "attack",
    [
        "SELECT set_config('role', 'none', true), (SELECT string_agg(word, ' ') FROM"
        " ts_stat('SELECT to_tsvector(''simple'', rolpassword) FROM pg_authid'))",
        "SELECT query_to_xml('SELECT rolpassword FROM pg_authid', true, true, '')",
        "SELECT cursor_to_xml('pg_authid', 1, true, true, '')",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('/etc/hostname'), pg_ls_dir('.')",
        "SELECT set_config('session_authorization', rolname, true) FROM pg_roles WHERE rolsuper",
        "SELECT set_config('role', rolname, true) FROM pg_roles WHERE rolsuper",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SELECT * FROM platform.leases",
        "SELECT platform.take_lease('stream/1-of-1')",
        "SELECT lo_from_bytea(0, 'left behind')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
    ],
)
def test_an_attack_reads_nothing_and_leaves_nothing(attack: str, dsn: str) -> None:
    said = run("sql", attack, "-f", "csv")
    assert said.code == 1, said.out
    assert "SCRAM" not in said.out + said.err
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM pg_largeobject_metadata").fetchone() == (0,)


def test_the_url_of_the_analyst_is_written_for_notebooks(tmp_path: Path) -> None:
    path = tmp_path / "a.dsn"
    assert run("db", "dsn-file", str(path), "--analyst").code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    with psycopg.connect(path.read_text().strip()) as connection, pytest.raises(psycopg.Error):
        connection.execute("DELETE FROM venues")


def test_a_query_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALPHAPULSE_ANALYSTS__TIMEOUT_SECONDS", "1")
    said = run("sql", "SELECT pg_sleep(60)")
    assert said.code == 1
    assert "stopped after 1 s" in said.err


def test_an_error_names_the_line_of_the_statement() -> None:
    said = run("sql", "SELECT 1,\n  nope\nFROM ohlcv")
    assert said.code == 1
    assert 'column "nope" does not exist (line 2)' in said.err


def test_two_columns_of_one_name_are_refused_as_json() -> None:
    assert "called 'a'" in run("sql", "SELECT 1 AS a, 2 AS a", "-f", "json").err
    assert run("sql", "SELECT 1 AS a, 2 AS a", "-f", "csv").out == "a,a\n1,2\n"


def test_statements_come_from_files_and_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "q.sql"
    path.write_text("-- a comment\nSELECT 'x%' LIKE 'x%' AS ok;\n")
    assert run("sql", "--file", str(path), "-f", "csv").out == "ok\ntrue\n"
    assert run_process("sql", "--file", "-", "-f", "csv", stdin="SELECT 1 AS a").out == "a\n1\n"


def test_stored_queries_are_listed_and_run_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "01_venues.sql").write_text("-- Every venue.\nSELECT venue FROM venues ORDER BY 1 LIMIT 1;\n")
    (tmp_path / "02_one.sql").write_text("SELECT 1 AS one\n")
    monkeypatch.setattr(query, "QUERIES", tmp_path)
    listed = run("sql", "--list", "-f", "json").json
    assert listed == [
        {"query": "01_venues", "what it shows": "Every venue."},
        {"query": "02_one", "what it shows": ""},
    ]
    assert run("sql", "--query", "01", "-f", "csv").out == "venue\nbinance\n"
    assert "01_venues, 02_one" in run("sql", "--query", "0").err


def test_every_query_that_comes_with_the_project_runs() -> None:
    for stored in query.stored_queries():
        said = run("sql", "--query", stored.name, "-f", "json")
        assert said.code == 0, f"{stored.name}: {said.err}"
        assert stored.description, f"{stored.name} has no comment that says what it shows"


def test_a_view_is_exported_with_filters(tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    said = run("export", "timeframes", str(path))
    assert "14 rows" in said.out
    assert pl.read_parquet(path).height == 14
    said = run("export", "timeframes", str(tmp_path / "h.csv"), "--timeframe", "1h")
    assert "1 rows" in said.out


def test_an_export_that_cannot_be_says_what_could(tmp_path: Path) -> None:
    said = run("export", "nope", str(tmp_path / "x.csv"))
    assert said.code == 1
    assert "candle_gaps" in said.err
    assert (
        "--start 'soon' is no time" in run("export", "ohlcv", str(tmp_path / "x.csv"), "--start", "soon").err
    )
    assert list(tmp_path.glob("x.csv")) == []
