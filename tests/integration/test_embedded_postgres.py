"""The embedded server for real: concurrent starts, adoption, stops, kills, and what others may see of it."""

import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from postgres_places import STARTER, answer_of, eventually, mode, place, rows, start_python

from alphapulse_resources.postgres import embedded as embedded_postgres
from alphapulse_resources.postgres.embedded import EmbeddedPostgres, RunningServer
from alphapulse_resources.postgres.process import lives, spawn_server


@pytest.fixture
def fresh() -> Iterator[Path]:
    """An empty place of the test's own."""
    with place() as folder:
        yield folder


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    """A home with an initialized data directory, for tests that leave it usable but may stop its server."""
    with place() as folder:
        EmbeddedPostgres(folder / "home").ensure()
        yield folder / "home"


@pytest.fixture
def postgres(shared_home: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(shared_home)


@pytest.fixture
def server(postgres: EmbeddedPostgres) -> RunningServer:
    return postgres.ensure()


def execute(server: RunningServer, statement: str) -> None:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(statement)


# starting and finding


def test_eight_concurrent_starts_give_one_server_and_one_dsn(fresh: Path) -> None:
    home = fresh / "home"
    answers = [answer_of(process) for process in [start_python(STARTER, str(home)) for _ in range(8)]]
    assert len({answer["dsn"] for answer in answers}) == 1
    assert sorted(answer["adopted"] for answer in answers) == [False] + [True] * 7
    serving = [p.pid for p in psutil.process_iter() if str(home / "pgdata") in _command_of(p)]
    assert serving == [answers[0]["pid"]]
    assert (home / "postgres.log").read_text().count("database system is ready") == 1


def _command_of(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def test_server_outlives_its_killed_starter_and_is_adopted(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    starter = start_python(STARTER, str(postgres.home), "stay")
    assert starter.stdout is not None
    started = json.loads(starter.stdout.readline())
    os.killpg(starter.pid, signal.SIGKILL)  # as a supervisor does: all it started, too
    starter.communicate()
    adopted = postgres.ensure()
    assert (adopted.pid, adopted.dsn, adopted.adopted) == (started["pid"], started["dsn"], True)


def test_server_that_nobody_announced_is_adopted(postgres: EmbeddedPostgres, server: RunningServer) -> None:
    (postgres.home / "server.json").unlink()
    adopted = postgres.ensure()
    assert (adopted.pid, adopted.port, adopted.adopted) == (server.pid, server.port, True)
    assert (postgres.home / "server.json").exists()


def test_recorded_server_with_another_identifier_is_not_trusted(
    postgres: EmbeddedPostgres, server: RunningServer
) -> None:
    path = postgres.home / "server.json"
    state = json.loads(path.read_text())
    path.write_text(json.dumps(state | {"system_identifier": 1}))
    assert postgres.ensure().pid == server.pid
    assert json.loads(path.read_text())["system_identifier"] == server.system_identifier


def test_restart_keeps_port_password_and_identity(postgres: EmbeddedPostgres, server: RunningServer) -> None:
    assert postgres.stop() is True
    again = postgres.ensure()
    assert not again.adopted
    assert (again.dsn, again.system_identifier) == (server.dsn, server.system_identifier)


def test_further_database_is_created_on_the_running_server(shared_home: Path, server: RunningServer) -> None:
    other = EmbeddedPostgres(shared_home, database='dagster "x"').ensure()
    assert (other.pid, other.adopted) == (server.pid, True)
    assert rows(other, "SELECT current_database()") == [('dagster "x"',)]


def test_port_taken_between_choice_and_start_is_replaced(
    postgres: EmbeddedPostgres, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.stop()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        chosen = iter([listener.getsockname()[1], server.port])
        monkeypatch.setattr(embedded_postgres, "free_port", lambda _: next(chosen))
        assert postgres.ensure().port == server.port
    assert list(chosen) == []


# attaching and stopping


def test_attach_gives_none_and_touches_nothing_where_no_server_runs(
    fresh: Path, postgres: EmbeddedPostgres
) -> None:
    assert EmbeddedPostgres(fresh / "home").attach() is None
    assert not (fresh / "home").exists()
    postgres.stop()
    assert postgres.attach() is None


def test_attach_finds_the_server_and_leaves_it_running(
    postgres: EmbeddedPostgres, server: RunningServer
) -> None:
    code = STARTER.replace(".ensure()", ".attach()")
    assert answer_of(start_python(code, str(postgres.home))) == {
        "dsn": server.dsn,
        "pid": server.pid,
        "adopted": True,
    }
    assert lives(server.pid)


def test_owner_stops_the_server_and_a_second_stop_says_there_was_none(
    postgres: EmbeddedPostgres, server: RunningServer
) -> None:
    with psycopg.connect(server.dsn) as session:
        session.execute("SELECT 1")
        assert postgres.stop() is True
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
    assert not lives(server.pid)
    assert postgres.stop() is False


def test_spawned_process_obeys_signals_its_parent_ignores(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        pid = spawn_server(["/bin/sleep", "60"], None, tmp_path / "log")
    finally:
        signal.signal(signal.SIGTERM, before)
    os.kill(pid, signal.SIGTERM)
    assert eventually(lambda: not lives(pid))


def test_server_of_a_signal_ignoring_parent_can_be_stopped(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    started = answer_of(start_python(STARTER, str(postgres.home), "deaf"))
    assert postgres.stop() is True
    assert not lives(started["pid"])


# kills and leftovers


def test_every_acknowledged_row_survives_a_kill_during_copy(
    postgres: EmbeddedPostgres, server: RunningServer
) -> None:
    execute(server, "CREATE TABLE killed (batch integer, row integer)")
    acknowledged: list[int] = []

    def write_batches() -> None:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(server.dsn) as connection:
            for batch in range(100_000):
                with connection.cursor().copy("COPY killed FROM STDIN") as copy:
                    for row in range(100):
                        copy.write_row((batch, row))
                connection.commit()
                acknowledged.append(batch)

    writer = threading.Thread(target=write_batches)
    writer.start()
    assert eventually(lambda: len(acknowledged) >= 50)
    os.kill(server.pid, signal.SIGKILL)
    writer.join(timeout=30)
    assert not writer.is_alive()
    again = postgres.ensure()
    stored = dict(rows(again, "SELECT batch, count(*) FROM killed GROUP BY batch"))
    assert not again.adopted
    assert {batch: stored.get(batch) for batch in acknowledged} == dict.fromkeys(acknowledged, 100)
    assert len(stored) - len(acknowledged) in (0, 1)  # the last commit may have lost only its answer


def test_busy_backend_of_a_dead_server_does_not_hinder_the_next(
    postgres: EmbeddedPostgres, server: RunningServer
) -> None:
    with psycopg.connect(server.dsn) as connection:
        backend = connection.info.backend_pid
        busy = threading.Thread(target=_compute_for_ever, args=(connection,))
        busy.start()
        computing = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT sum%'"
        assert eventually(lambda: bool(rows(server, computing)))
        os.kill(server.pid, signal.SIGKILL)
        assert eventually(lambda: not lives(server.pid))
        assert lives(backend)
        assert not postgres.ensure().adopted
        assert not lives(backend)
        busy.join(timeout=30)


def _compute_for_ever(connection: psycopg.Connection[Any]) -> None:
    with contextlib.suppress(psycopg.OperationalError):
        connection.execute(
            "SELECT sum(a * b) FROM generate_series(1, 100000) a, generate_series(1, 1000000) b"
        )


@pytest.mark.parametrize("kind", ["stranger", "zombie"])
def test_pid_file_that_names_another_process_does_not_hinder_a_start(
    postgres: EmbeddedPostgres, server: RunningServer, kind: str
) -> None:
    pid_file = server.data_dir / "postmaster.pid"
    text = pid_file.read_text()
    postgres.stop()
    # of the server's own account: PostgreSQL itself sees through a pid that belongs to another one
    account = server.data_dir.stat().st_uid if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "60" if kind == "stranger" else "0"], user=account) as other:
        try:
            assert kind == "stranger" or eventually(lambda: not lives(other.pid))
            pid_file.write_text(text.replace(str(server.pid), str(other.pid), 1))
            again = postgres.ensure()
            assert not again.adopted
            assert again.system_identifier == server.system_identifier
            assert kind == "zombie" or lives(other.pid)
        finally:
            other.kill()


def test_half_finished_initdb_is_healed(fresh: Path) -> None:
    home = fresh / "home"
    starter = start_python(STARTER, str(home))
    assert eventually((home / "pgdata.init" / "global").exists)
    starter.kill()
    starter.communicate()
    assert (home / "pgdata.init").exists()
    assert not (home / "pgdata").exists()
    server = EmbeddedPostgres(home).ensure()
    assert rows(server, "SELECT 1") == [(1,)]
    assert not (home / "pgdata.init").exists()


# what others may see


def test_password_is_in_no_representation_log_command_or_public_file(
    postgres: EmbeddedPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    postgres.stop()
    with caplog.at_level(logging.DEBUG):
        server = postgres.ensure()
    process = psutil.Process(server.pid)
    shown = [repr(server), str(server), repr(postgres), caplog.text, postgres.log_path.read_text()]
    shown += [*process.cmdline(), str(process.environ()), (postgres.home / "server.json").read_text()]
    assert len(server.password) >= 32
    assert [text for text in shown if server.password in text] == []
    assert "started on port" in caplog.text
    files = [path for path in postgres.home.iterdir() if path.is_file()]
    assert {path.name: mode(path) for path in files} == {path.name: 0o600 for path in files}
    assert mode(server.data_dir) == 0o700


def test_only_loopback_is_listened_on_and_only_the_password_opens(server: RunningServer) -> None:
    listening = [
        connection.laddr.ip
        for connection in psutil.Process(server.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening == ["127.0.0.1"]
    assert rows(server, "SHOW unix_socket_directories") == [("",)]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.dsn.replace(server.password, "wrong"))


def test_server_runs_with_our_settings_and_those_given(fresh: Path) -> None:
    server = EmbeddedPostgres(fresh / "home", settings={"max_connections": "17"}).ensure()
    query = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)"
    expected = {
        "max_connections": "17",
        "fsync": "on",
        "jit": "off",
        "TimeZone": "UTC",
        "log_timezone": "UTC",
    }
    with psycopg.connect(server.dsn) as connection:
        assert dict(connection.execute(query, (list(expected),)).fetchall()) == expected
