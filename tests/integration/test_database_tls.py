"""What the DSN says of the way to the server holds for every connection, Dagster's too."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
import pytest
from certificates import certificate
from cli_support import environment, run

from alphapulse_resources.database.client import Database
from alphapulse_resources.database.connection import dagster_environment
from tests.servers import programs, tls_server

ROOT = Path(__file__).resolve().parents[2]
ASK_DAGSTER = """
import dagster as dg
from sqlalchemy import text
with dg.DagsterInstance.get() as instance, instance.run_storage.connect() as connection:
    print(connection.execute(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).scalar())
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Path]]:
    """A server with TLS, the authority that vouches for it, and one that does not."""
    folder = tmp_path_factory.mktemp("authorities")
    certified, key = certificate("server")
    right, wrong = folder / "right.pem", folder / "wrong.pem"
    right.write_bytes(certified)
    wrong.write_bytes(certificate("server")[0])
    with tls_server(programs(tls=True), certified, key) as dsn:
        yield dsn, right, wrong


def verified(dsn: str, authority: Path, **more: str) -> str:
    query = {"sslmode": "verify-full", "sslrootcert": str(authority), **more}
    return f"{dsn}?{urlencode(query, quote_via=quote)}"


def ask_dagster(dsn: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Dagster's own storage, opened with what `alphapulse up` puts into its environment."""
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_text((ROOT / "deploy" / "dagster.yaml").read_text())
    variables = dagster_environment(dsn, "alphapulse_dagster")
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ASK_DAGSTER],
        env={**os.environ, **variables, "DAGSTER_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_right_authority_lets_every_connection_through(
    server: tuple[str, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dsn = verified(server[0], server[1], options="-c application_name=by-options")
    with environment(monkeypatch, tmp_path / "home", DSN=dsn):
        assert run("migrate").code == 0
        secure = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert run("sql", secure, "-f", "csv").out == "ssl\ntrue\n"
        written = run("db", "dsn-file", "--analyst").out.strip()
        with psycopg.connect(Path(written).read_text().strip()) as analyst:
            assert analyst.execute("SHOW application_name").fetchone() == ("by-options",)
        assert Database(dsn).rows(secure) == [{"ssl": True}]
        assert Database(dsn).read(secure)["ssl"].to_list() == [True]
        asked = ask_dagster(dsn, tmp_path / "dagster")
        assert (asked.returncode, asked.stdout) == (0, "True\n"), asked.stderr


def test_the_wrong_authority_stops_every_connection(
    server: tuple[str, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with environment(monkeypatch, tmp_path / "home", DSN=server[0]):
        assert run("migrate").code == 0
    dsn = verified(server[0], server[2])
    with environment(monkeypatch, tmp_path / "home", DSN=dsn):
        for command in (["migrate"], ["sql", "SELECT 1"], ["status"]):
            said = run(*command)
            assert said.code == 1
            assert "certificate verify failed" in said.err
    with pytest.raises(psycopg.OperationalError, match="certificate"):
        Database(dsn).rows("SELECT 1")
    with pytest.raises(Exception, match="certificate"):
        Database(dsn).read("SELECT 1 AS a")
    asked = ask_dagster(dsn, tmp_path / "dagster")
    assert asked.returncode != 0
    assert "certificate verify failed" in asked.stderr


@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        (
            "postgresql://u:p@db.example.org:6000/x",
            {"DAGSTER_PG_HOST": "db.example.org", "DAGSTER_PG_PORT": "6000"},
        ),
        ("postgresql://u:a%2Fb%40c@h/x", {"DAGSTER_PG_PASSWORD": "a/b@c", "DAGSTER_PG_PORT": "5432"}),
        ("postgresql://u@/x?host=/run/postgresql", {"DAGSTER_PG_HOST": "", "PGHOST": "/run/postgresql"}),
        ("postgresql://u@/x?host=h1,h2&port=5433", {"DAGSTER_PG_PORT": "5433", "PGHOST": "h1,h2"}),
        ("postgresql://u@[::1]:5433/x", {"DAGSTER_PG_HOST": "[::1]", "DAGSTER_PG_PORT": "5433"}),
        ("postgresql://h/x?user=u&password=p", {"DAGSTER_PG_USERNAME": "u", "DAGSTER_PG_PASSWORD": "p"}),
        (
            "postgresql://u@h/x?sslmode=require&sslcert=/c&sslkey=/k&target_session_attrs=primary",
            {"PGSSLMODE": "require", "PGSSLCERT": "/c", "PGSSLKEY": "/k", "PGTARGETSESSIONATTRS": "primary"},
        ),
    ],
)
def test_each_part_of_the_dsn_reaches_dagster(dsn: str, expected: dict[str, str]) -> None:
    found = dagster_environment(dsn, "d")
    assert {name: found.get(name) for name in expected} == expected
    assert found["DAGSTER_PG_DB"] == "d"
    assert not {"PGUSER", "PGPASSWORD", "PGDATABASE"} & found.keys()
