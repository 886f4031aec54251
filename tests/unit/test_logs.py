"""Logs of processes stay bounded while their writers go on."""

import os
from pathlib import Path

from alphapulse_cli.logs import bound


def test_a_long_log_is_cut_aside_and_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "daemon.log"
    writer = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        for round_ in range(4):
            os.write(writer, f"round {round_}\n".encode() * 20)
            assert bound([log], limit=100, kept=2) == [log]
            assert log.stat().st_size == 0
        os.write(writer, b"and on\n")
    finally:
        os.close(writer)
    assert log.read_text() == "and on\n"
    assert log.with_name("daemon.log.1").read_text() == "round 3\n" * 20
    assert log.with_name("daemon.log.2").read_text() == "round 2\n" * 20
    assert sorted(path.name for path in tmp_path.iterdir()) == ["daemon.log", "daemon.log.1", "daemon.log.2"]
    assert log.with_name("daemon.log.1").stat().st_mode & 0o077 == 0


def test_short_logs_and_logs_that_are_not_there_are_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "webserver.log"
    log.write_text("short\n")
    assert bound([log, tmp_path / "none.log"], limit=100) == []
    assert log.read_text() == "short\n"
