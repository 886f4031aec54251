"""One stack per database: who holds it, who is refused, what a killed or cut-off holder leaves."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from alphapulse_cli import other_daemon
from alphapulse_cli.database import create_dagster_database
from alphapulse_cli.other_daemon import refuse_other_daemon
from alphapulse_cli.stack_lock import NAMESPACE, OtherStackError, StackLock
from tests.databases import fresh_database

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import sys, time
from pathlib import Path
from alphapulse_cli.stack_lock import StackLock
lock = StackLock(sys.argv[1], sys.argv[2], program="alphapulse up", home=Path("/theirs"))
lock.take()
print("taken", flush=True)
time.sleep(600)
"""


@pytest.fixture
def dsn(server_dsn: str) -> Iterator[str]:
    """An empty database, as Dagster's is."""
    with fresh_database(server_dsn, migrated=False) as fresh:
        yield fresh


@contextmanager
def held(dsn: str, home: str = "/ours") -> Iterator[StackLock]:
    lock = make(dsn, home)
    lock.take()
    try:
        yield lock
    finally:
        lock.release()


def make(dsn: str, home: str) -> StackLock:
    return StackLock(dsn, name_of(dsn), program="alphapulse up", home=Path(home))


def name_of(dsn: str) -> str:
    return make_url(dsn).database or ""


def test_a_second_stack_is_refused_and_told_who_holds_the_database(dsn: str) -> None:
    with held(dsn) as lock:
        assert lock.before is None
        with pytest.raises(OtherStackError, match=rf"`alphapulse up` on .*process {os.getpid()}, home /ours"):
            make(dsn, "/theirs").take()
        holder = make(dsn, "/theirs").holder()
        assert holder is not None
        assert holder.home == "/ours"
    assert lock.holder() is None
    with held(dsn, "/theirs") as after:
        assert after.before is not None
        assert after.before.ended_at is not None


def test_a_killed_stack_leaves_the_database_free_and_is_told_of(dsn: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, dsn, name_of(dsn)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "taken\n"
        process.kill()
    with held(dsn) as lock:
        assert lock.before is not None
        assert (lock.before.home, lock.before.pid, lock.before.ended_at) == ("/theirs", process.pid, None)


def test_a_lost_session_takes_the_lock_again_unless_another_stack_was_faster(dsn: str) -> None:
    def cut() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
                " AND classid::bigint = %s AND database = (SELECT oid FROM pg_database WHERE datname = %s)",
                [NAMESPACE, name_of(dsn)],
            )

    with held(dsn) as lock:
        cut()
        lock.pulse()
        holder = make(dsn, "/theirs").holder()
        assert holder is not None
        assert holder.home == "/ours"
        cut()
        with held(dsn, "/theirs"), pytest.raises(OtherStackError, match="home /theirs"):
            lock.pulse()


def test_nobody_but_owners_connects_to_the_database_with_the_lock(server_dsn: str) -> None:
    name, role = f"stack_lock_{os.getpid()}", f"stack_lock_reader_{os.getpid()}"
    with psycopg.connect(server_dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'reads'").format(sql.Identifier(role)))
        try:
            for _ in range(2):
                create_dagster_database(server_dsn, name)
            reader = make_url(server_dsn).set(username=role, password="reads", database=name)
            with pytest.raises(psycopg.OperationalError, match="permission denied"):
                psycopg.connect(reader.render_as_string(hide_password=False))
        finally:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


# a Dagster daemon that holds no lock


def beat(dsn: str, at: float) -> None:
    """A daemon's sign of life, as Dagster keeps it."""
    body = json.dumps({"__class__": "DaemonHeartbeat", "daemon_id": "other", "timestamp": at})
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS daemon_heartbeats (daemon_id text, body text)")
        connection.execute("INSERT INTO daemon_heartbeats VALUES ('other', %s)", [body])


def test_a_daemon_that_lives_is_refused(dsn: str) -> None:
    beat(dsn, time.time() - 20)
    said: list[str] = []
    later = threading.Timer(0.5, beat, [dsn, time.time()])
    with held(dsn) as lock:
        later.start()
        with pytest.raises(OtherStackError, match="a Dagster daemon of somebody else"):
            refuse_other_daemon(lock, Path("/ours"), said.append)
    assert "waiting" in said[0]


def test_a_daemon_that_is_gone_is_not_waited_for_longer_than_its_silence(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(other_daemon, "SILENT_SECONDS", 2.0)
    beat(dsn, time.time() - 1.0)
    with held(dsn) as lock:
        refuse_other_daemon(lock, Path("/ours"), lambda line: None)


def test_the_daemon_of_the_stack_before_is_not_waited_for(dsn: str) -> None:
    said: list[str] = []
    beat(dsn, time.time() - 3.0)
    with held(dsn, "/theirs"):
        pass  # it ended after its daemon's last sign of life
    with held(dsn, "/ours") as lock:
        refuse_other_daemon(lock, Path("/ours"), said.append)
        with suppress(psycopg.Error):
            lock.pulse()
        beat(dsn, time.time())
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("UPDATE alphapulse_stack SET ended_at = NULL")  # as if killed
    with held(dsn, "/ours") as lock:
        refuse_other_daemon(lock, Path("/ours"), said.append)
    assert said == []
