"""The command line as a whole: help, errors, secrets, and commands run in processes of their own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import requests
from cli_support import ALPHAPULSE, environment, run, run_process
from sqlalchemy.engine import make_url

from alphapulse_cli.dictionary import render
from alphapulse_cli.output import duration, without_secrets
from alphapulse_resources.database.client import Database
from tests.databases import fresh_database

SECRET = "hunter2secret"


@pytest.fixture(autouse=True)
def empty_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with environment(monkeypatch, tmp_path / "home"):
        yield


def test_help_lists_the_commands_without_loading_what_they_need() -> None:
    script = (
        "import sys; from typer.testing import CliRunner; from alphapulse_cli.main import app;"
        "print(CliRunner().invoke(app, ['--help']).stdout);"
        "print(sorted({'polars','dagster','ccxt','matplotlib','psycopg','pandas'} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    *text, heavy = said.stdout.strip().splitlines()
    assert heavy == "[]"
    for command in ("up", "demo", "status", "import", "export", "sql", "symbols", "migrate", "simulator"):
        assert any(f"│ {command} " in line for line in text)


@pytest.mark.parametrize("command", [["status"], ["sql", "select 1"], ["symbols", "list"], ["migrate"]])
def test_without_a_database_commands_say_how_to_get_one(command: list[str]) -> None:
    said = run(*command)
    assert said.code == 1
    assert said.out == ""
    assert "no database" in said.err
    assert "ALPHAPULSE_DSN" in said.err


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgresql://u:{SECRET}@127.0.0.1:1/x",  # nobody listens
        f"postgresql://u:%zz{SECRET}@127.0.0.1:1/x",
        f"postgresql://u:a/{SECRET}@127.0.0.1:1/x",
        f"postgresql:/u:{SECRET}@127.0.0.1:1/x",
        f"host=127.0.0.1 port=1 password={SECRET}",
        f"postgresql://u@127.0.0.1:1/x?password={SECRET}",
    ],
)
@pytest.mark.parametrize("debug", ["0", "1"])
def test_no_error_shows_a_password(dsn: str, debug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALPHAPULSE_DSN", dsn)
    monkeypatch.setenv("ALPHAPULSE_DEBUG", debug)
    for command in (["status"], ["sql", "select 1"], ["migrate"], ["export", "ohlcv", "x.csv"]):
        said = run(*command)
        assert said.code == 1
        assert said.err.strip()
        assert SECRET not in said.out + said.err


def test_a_wrong_password_is_not_repeated(server_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = make_url(server_dsn).set(username="nobody_here", password=SECRET)
    monkeypatch.setenv("ALPHAPULSE_DSN", wrong.render_as_string(hide_password=False))
    said = run_process("status")
    assert said.code == 1
    assert "database cannot be reached" in said.err
    assert SECRET not in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_passwords_in_any_text_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALPHAPULSE_ANALYSTS__PASSWORD", SECRET)
    shown = without_secrets(f"token {SECRET}; postgresql://a:other@h/db; password='x y' user=z")
    assert shown == "token ***; postgresql://a:***@h/db; password=*** user=z"


def test_a_wrong_setting_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALPHAPULSE_HISTORY__DAYS", "many")
    said = run("status")
    assert said.code == 1
    assert said.err.startswith("ALPHAPULSE_HISTORY__DAYS is 'many': input should be a valid integer")


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("demo", "--once"),
        ("up",),
        ("symbols", "list"),
        ("sql", "SELECT 1"),
        ("serve", "webserver"),
        ("serve", "webserver", "--probe"),
        ("simulator",),
        ("replay", "nothing.jsonl", "--venue", "binance"),
        ("db", "start"),
    ],
    ids=" ".join,
)
def test_a_mistyped_setting_is_refused_by_every_command(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALPHAPULSE_STREAM_SHARDS", SECRET)
    said = run(*command)
    assert said.code == 1
    assert " ".join(said.err.split()) == (
        "ALPHAPULSE_STREAM_SHARDS (in the environment) is not a setting; "
        "did you mean ALPHAPULSE_STREAMS__SHARDS?"
    )


def test_a_database_without_a_schema_is_migrated_by_migrate(
    server_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_database(server_dsn, migrated=False) as dsn:
        dagster = make_url(dsn).database + "_dagster"
        monkeypatch.setenv("ALPHAPULSE_DSN", dsn)
        monkeypatch.setenv("ALPHAPULSE_DATABASE__DAGSTER", dagster)
        try:
            assert "alphapulse migrate" in run("symbols", "list").err
            status = run("status", "--json").json
            assert not status["ready"]
            assert "0001_instruments" in status["migrations"]["pending"]
            assert "applied 0001_instruments" in run_process("migrate").out
            assert "nothing to do" in run("migrate").out
            assert run("status", "--json").json["ready"]
            with psycopg.connect(dsn) as connection:
                found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [dagster])
                assert found.rowcount == 1
        finally:
            with psycopg.connect(server_dsn, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{dagster}" WITH (FORCE)')


def test_a_user_who_may_not_create_databases_is_told_what_to_ask_for(
    dsn: str, server_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = make_url(dsn).database + "_owner"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}'"
            " IN ROLE pg_read_all_data, pg_write_all_data, pg_read_all_settings"
        )
        connection.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
    try:
        limited = make_url(dsn).set(username=role, password=SECRET).render_as_string(hide_password=False)
        monkeypatch.setenv("ALPHAPULSE_DSN", limited)
        monkeypatch.setenv("ALPHAPULSE_DATABASE__DAGSTER", "alphapulse_never_created")
        said = run("migrate")
        assert said.code == 1
        assert 'CREATE DATABASE "alphapulse_never_created"' in said.err
    finally:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f"DROP OWNED BY {role}")
            connection.execute(f"DROP ROLE {role}")


def test_the_dictionary_tells_every_relation_and_is_the_same_twice(database: Database) -> None:
    text = render(database)
    assert text == render(database)
    facts, views = text.index("## Facts"), text.index("## Views")
    assert (
        text.index("### instruments") < facts < text.index("### ohlcv_1w") < views < text.index("### ohlcv\n")
    )
    assert "| `ts` | timestamp with time zone | Open time of the candle. |" in text
    assert "### track_symbol" in text
    assert "yoyo" not in text


def test_the_embedded_server_is_started_used_and_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALPHAPULSE_HOME", str(tmp_path / "demo"))
    try:
        assert "started" in run_process("db", "start").out
        assert "runs already" in run_process("db", "start").out
        assert run_process("sql", "select 40 + 2 as answer", "-f", "csv").out == "answer\n42\n"
        path = Path(run_process("db", "dsn-file").out.strip())
        assert path.stat().st_mode & 0o777 == 0o600
        password = path.read_text().partition("@")[0].rpartition(":")[2]
        seen = run_process(
            "db", "psql", "-Atc", "SELECT current_user", "-c", "\\! tr '\\0' ' ' </proc/$PPID/cmdline"
        )
        assert seen.out.startswith("alphapulse_analyst")
        assert password not in seen.out  # all users of a machine see the arguments of programs
        assert run_process("db", "psql", "--owner", "-Atc", "SELECT current_user").out == "alphapulse\n"
        with monkeypatch.context() as beside:
            beside.setenv("ALPHAPULSE_HOME", str(tmp_path))
            found = run_process("sql", "SELECT 42", "-f", "csv")
            assert found.out.split() == ["?column?", "42"]
            assert f"asking the demo beside it, in {tmp_path / 'demo'}" in found.err
        with psycopg.connect(path.read_text().strip()):
            refused = run_process("db", "stop")
            assert refused.code == 1
            assert "--force" in refused.err
    finally:
        assert run_process("db", "stop", "--force").out == "PostgreSQL stopped\n"
    assert run_process("status").code == 1


def test_the_embedded_server_is_left_alone_when_another_is_named(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALPHAPULSE_DSN", dsn)
    assert run("db", "stop").code == 1
    assert run("db", "start").code == 1


def test_the_simulator_runs_in_the_foreground_until_it_is_told_to_end() -> None:
    process = subprocess.Popen(
        [*ALPHAPULSE, "simulator", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ.copy(),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        session = requests.Session()
        session.trust_env = False
        assert session.get(f"{url}/api.binance.com/api/v3/ping", timeout=10).ok
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0, "0 s"),
        (42.4, "42 s"),
        (200, "3 min 20 s"),
        (18_600, "5 h 10 min"),
        (-90, "-1 min 30 s"),
    ],
)
def test_durations_are_told_in_two_units(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words
