"""Backup and restore exactly as docs/operations.md has them, by the user it names."""

import os
import re
import subprocess
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from candle_frames import MINUTE, candles, changed, register, write
from cli_support import environment, run
from sqlalchemy.engine import make_url

from alphapulse_cli.database import create_dagster_database
from alphapulse_resources.database.client import Database
from alphapulse_resources.postgres.binaries import find_bin_dir
from tests.servers import documented_user, own_server, programs

ROOT = Path(__file__).resolve().parents[2]


def documented(heading: str) -> str:
    """The commands below a heading of the section on backups."""
    text = (ROOT / "docs" / "operations.md").read_text()
    section = text[text.index("## Backups") : text.index("## What runs by itself")]
    found = re.search(rf"### {heading}\n.*?```sh\n(.*?)```", section, re.DOTALL)
    assert found, f"no commands below {heading!r}"
    return found[1]


def shell(commands: str, dsn: str, superuser: str, bin_dir: Path, folder: Path) -> None:
    """Run documented commands as a person would: who and where by libpq's variables, passwords by a file."""
    user, administrator = make_url(dsn), make_url(superuser)
    passwords = folder / "pgpass"
    passwords.write_text("".join(f"*:*:*:{url.username}:{url.password}\n" for url in (user, administrator)))
    passwords.chmod(0o600)
    done = subprocess.run(
        ["bash", "-e", "-c", commands.replace("alphapulse migrate", ": migrate")],
        cwd=folder,
        env={
            "PATH": f"{bin_dir}:{os.environ['PATH']}",
            "PGPASSFILE": str(passwords),
            "PGHOST": user.host or "",
            "PGPORT": str(user.port),
            "PGUSER": user.username or "",
            "DATABASE": user.database or "",
            "DAGSTER": f"{user.database}_dagster",
            "SUPERUSER": administrator.username or "",
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def contents(dsn: str) -> dict[str, Any]:
    """What is to be the same afterwards."""
    with psycopg.connect(dsn) as connection:
        names = connection.execute(
            "SELECT c.relname FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'v') AND relname NOT LIKE '%yoyo%' ORDER BY 1"
        ).fetchall()
        return {
            name: connection.execute(f'SELECT count(*), max(t::text) FROM "{name}" AS t').fetchone()
            for (name,) in names
            if name not in ("stream_health", "candle_freshness", "ohlcv_live")  # these move with the clock
        }


def drop(dsn: str, superuser: str) -> None:
    database = make_url(dsn).database
    with psycopg.connect(superuser, autocommit=True) as connection:
        for name in (database, f"{database}_dagster"):
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def back_up_and_restore(
    superuser: str, bin_dir: Path, heading: str, folder: Path, mp: pytest.MonkeyPatch
) -> None:
    name = f"ap_{uuid.uuid4().hex[:8]}"
    with (
        documented_user(superuser, name) as dsn,
        environment(mp, folder / "home", DSN=dsn, DATABASE__DAGSTER=f"{name}_dagster"),
    ):
        assert run("migrate").code == 0
        database = Database(dsn)
        start = datetime.now(UTC).replace(second=0, microsecond=0) - 9000 * MINUTE
        (instrument_id,) = register(database, ["BTC/USDT"])
        write(database, instrument_id, candles(start, 8000))
        write(database, instrument_id, changed(candles(start, 8000), start, volume=7.0))
        database.refresh_timeframes()
        database.close()
        before = contents(dsn)
        shell(documented("Back up"), dsn, superuser, bin_dir, folder)
        drop(dsn, superuser)
        shell(documented(heading), dsn, superuser, bin_dir, folder)
        said = run("migrate")
        assert (said.code, said.err) == (0, "")
        assert "nothing to do" in said.out
        assert contents(dsn) == before
        assert run("sql", "SELECT count(*) AS n FROM ohlcv_1m", "-f", "csv").out == "n\n8000\n"
        database = Database(dsn)
        write(database, instrument_id, candles(start + 8000 * MINUTE, 100))
        database.refresh_timeframes()
        create_dagster_database(dsn, f"{name}_dagster")


def test_on_postgresql_as_the_documented_user(
    server_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.environ.get("ALPHAPULSE_TEST_DSN"):
        pytest.skip("the programs of the embedded server are those of its version")
    back_up_and_restore(server_dsn, find_bin_dir(), "Restore on PostgreSQL", tmp_path, monkeypatch)


def test_on_timescaledb_with_a_superuser_for_the_middle_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_dir = programs(timescaledb=True)
    with own_server(bin_dir, shared_preload_libraries="timescaledb") as superuser:
        back_up_and_restore(superuser, bin_dir, "Restore on TimescaleDB", tmp_path, monkeypatch)


def test_half_a_restore_as_the_wrong_user_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a superuser pg_restore leaves the continuous aggregates out, and goes on."""
    bin_dir = programs(timescaledb=True)
    with own_server(bin_dir, shared_preload_libraries="timescaledb") as superuser:
        name = f"ap_{uuid.uuid4().hex[:8]}"
        with (
            documented_user(superuser, name) as dsn,
            environment(monkeypatch, tmp_path / "home", DSN=dsn, DATABASE__DAGSTER=f"{name}_dagster"),
        ):
            assert run("migrate").code == 0
            shell(documented("Back up"), dsn, superuser, bin_dir, tmp_path)
            drop(dsn, superuser)
            restore = 'createdb "$DATABASE"; pg_restore --no-owner -d "$DATABASE" alphapulse.dump || true'
            shell(restore, dsn, superuser, bin_dir, tmp_path)
            said = run("migrate")
            assert said.code == 1
            assert "nothing to do" not in said.out
            assert "ohlcv_5m" in said.err
            with psycopg.connect(superuser, autocommit=True) as connection:
                text = f"ALTER DATABASE {name} SET timescaledb.restoring = 'on'"
                connection.execute(text.encode())
            assert "timescaledb_post_restore" in run("migrate").err
