"""Children that die, hang or have lost what they are for: noticed, started again, told to a webhook too."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from alphapulse_cli.announcements import Announcer
from alphapulse_cli.database import CommandError
from alphapulse_cli.probes import (
    ANSWERS,
    NOBODY,
    Answer,
    State,
    ask_code_server,
    ask_web_server,
    judge_heartbeat,
)
from alphapulse_cli.processes import RESTARTS_PER_HOUR, Child, ProcessError, free_port, stop_all
from alphapulse_cli.serve import run_probe
from alphapulse_cli.watching import Watched
from alphapulse_resources.postgres.process import lives
from alphapulse_resources.settings import Alerts, Settings

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
SLEEP = "import time; time.sleep(600)"
SERVER = """
import http.server, sys
http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind="127.0.0.1")
"""
CODE_SERVER_WITH_A_RUN = f"""
import subprocess, sys
run = subprocess.Popen([sys.executable, "-c", "from multiprocessing.spawn import spawn_main\\n{SLEEP}"])
other = subprocess.Popen([sys.executable, "-c", "{SLEEP}"])
print(run.pid, other.pid, flush=True)
run.wait()
"""
OWNER_OF_A_GUARD = """
import sys, time
from pathlib import Path
from alphapulse_cli.guard import Guard
from alphapulse_cli.processes import Child
variable, home = sys.argv[1], Path(sys.argv[2])
child = Child("sleeper", [sys.executable, "-c", sys.argv[3]], home / "log", {variable: str(home)})
child.start()
guard = Guard(variable, home, {variable: str(home)})
guard.keep()
print(child.process.pid, guard._process.pid, flush=True)
if sys.argv[4] == "ends":
    guard.dismiss()
else:
    time.sleep(600)
"""
DEADLINE = 60.0


def eventually(state: Callable[[], Any], what: str) -> Any:
    """Wait until it is so; fails after DEADLINE seconds."""
    end = time.monotonic() + DEADLINE
    while not (found := state()):
        assert time.monotonic() < end, f"not within {DEADLINE:.0f} s: {what}"
        time.sleep(0.05)
    return found


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A listener on this machine: its address, and what it was told."""
    told: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_port}/hook", told
    finally:
        server.shutdown()
        server.server_close()


class Watching:
    """A child that is watched, what it is answered, and what is said."""

    def __init__(self, log: Path, code: str, patience: float, url: str | None = None) -> None:
        self.said: list[str] = []
        self.answer = ANSWERS
        self.child = Child("child", [sys.executable, "-c", code], log, {})
        settings = Settings(_env_file=None, alerts=Alerts(webhook_url=SecretStr(url) if url else None))
        self.announcer = Announcer(settings, self.said.append, lambda: "")
        self.watched = Watched(self.child, lambda: self.answer, patience, self.announcer)
        self.child.start()

    def check(self) -> None:
        """Look after it, at once."""
        self.watched._asked = 0.0
        self.watched.check()

    @property
    def pid(self) -> int:
        assert self.child.process is not None
        return self.child.process.pid


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watching]]:
    """Makes them, and ends what is left of them."""
    made: list[Watching] = []

    def make(code: str = SLEEP, patience: float = 60.0, url: str | None = None) -> Watching:
        made.append(Watching(tmp_path / "child.log", code, patience, url))
        return made[-1]

    yield make
    for each in made:
        each.announcer.close()
    stop_all([each.child for each in made], grace=0.1)


def test_a_child_that_was_killed_is_started_again_and_the_webhook_is_told_twice(watch: Any) -> None:
    with webhook() as (url, told):
        one = watch(url=url)
        one.check()
        os.kill(one.pid, signal.SIGKILL)
        eventually(lambda: not one.child.alive, "it is dead")
        one.check()
        assert one.child.alive
        one.check()
        eventually(lambda: len(told) == 2, "death and revival are told")
    assert "child ended unexpectedly (signal 9); it is started again (log: " in one.said[0]
    assert one.said[1].startswith("child answers again after")
    assert [(alert["kind"], alert["subject"], alert["resolved"]) for alert in told] == [
        ("process", "child", False),
        ("process", "child", True),
    ]


def test_what_says_twice_that_it_is_gone_is_started_again_beside_the_runs(watch: Any) -> None:
    one = watch(CODE_SERVER_WITH_A_RUN)
    run, other = map(int, eventually(one.child.tail, "both run").split())
    try:
        one.check()
        before = one.pid
        one.answer = Answer(State.GONE, "nobody there")
        one.check()
        assert one.pid == before  # once may be chance
        one.check()
        assert one.pid != before
        assert "child does not do its work: nobody there" in one.said[0]
        assert lives(run)
        assert not lives(other)
    finally:
        os.kill(run, signal.SIGKILL)


def test_what_is_gone_is_started_again_even_before_its_first_answer(watch: Any) -> None:
    one = watch()
    before = one.pid
    one.answer = Answer(State.GONE, "nobody there")
    one.check()
    one.check()
    assert one.pid != before


def test_silence_is_borne_for_a_while_and_a_start_takes_its_time(watch: Any) -> None:
    one = watch(patience=0.5)
    before = one.pid
    one.answer = Answer(State.SILENT)
    one.check()
    time.sleep(0.6)
    one.check()
    assert one.pid == before  # it has not answered since its start yet
    one.answer = ANSWERS
    one.check()
    one.answer = Answer(State.SILENT)
    one.check()
    assert one.pid == before
    time.sleep(0.6)
    one.check()
    assert one.pid != before
    assert "no answer for" in one.said[0]


def test_a_child_that_keeps_dying_ends_the_watch_loudly(watch: Any) -> None:
    one = watch("raise SystemExit('the reason')")
    one.child.restarts = [time.monotonic()] * (RESTARTS_PER_HOUR - 1)
    eventually(lambda: not one.child.alive, "it is dead")
    one.check()
    eventually(lambda: not one.child.alive, "it is dead again")
    with pytest.raises(ProcessError, match=r"child keeps ending; its log .* says:\s+the reason"):
        one.check()


# what they are asked


def test_a_server_that_hangs_is_silent_and_where_none_listens_there_is_nobody(tmp_path: Path) -> None:
    port = free_port(HOST, 21300)
    child = Child("web", [sys.executable, "-c", SERVER, str(port)], tmp_path / "log", {})
    child.start()
    url = f"http://{HOST}:{port}"
    try:
        (tmp_path / "server_info").write_text("here")
        eventually(lambda: ask_web_server(url).heard.startswith("it answers 404"), "it serves")
        assert child.process is not None
        os.kill(child.process.pid, signal.SIGSTOP)
        assert ask_web_server(url, seconds=0.5).state is State.SILENT
        assert ask_code_server(HOST, port, seconds=0.5).state is not State.ANSWERS
    finally:
        child.kill()
    assert ask_web_server(url) is NOBODY
    assert ask_code_server(HOST, port) is NOBODY


def test_a_port_that_takes_connections_and_never_answers_is_no_code_server() -> None:
    with socket.socket() as deaf:
        deaf.bind((HOST, 0))
        deaf.listen()
        assert ask_code_server(HOST, deaf.getsockname()[1], seconds=0.5).state is not State.ANSWERS


def test_a_container_is_told_whether_its_process_does_its_work() -> None:
    for what in ("code-location", "webserver"):
        with pytest.raises(CommandError, match=f"{what} does not do its work: nothing listens"):
            run_probe(what, free_port(HOST, 21400))
    with pytest.raises(CommandError, match="'web' cannot be served: code-location, webserver, daemon can"):
        run_probe("web", None)


def test_a_daemon_is_judged_by_its_signs_of_life_but_not_while_the_database_could_not_take_them() -> None:
    now = time.time()
    assert judge_heartbeat(None, started=now - 5, since=0, limit=120).state is State.SILENT
    assert judge_heartbeat(now - 500, started=now - 400, since=0, limit=120).state is State.SILENT
    assert judge_heartbeat(now - 100, started=now - 400, since=0, limit=120) is ANSWERS
    assert judge_heartbeat(now - 130, started=now - 400, since=0, limit=120).state is State.SILENT
    assert judge_heartbeat(now - 130, started=now - 400, since=now - 10, limit=120) is ANSWERS


# who outlives `alphapulse up`


def owner_of_a_guard(home: Path, url: str, what: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OWNER_OF_A_GUARD, "ALPHAPULSE_TEST_GUARD", str(home), SLEEP, what],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "ALPHAPULSE_ALERTS__WEBHOOK_URL": url, "ALPHAPULSE_DSN": ""},
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent has died")
def test_the_guard_tells_that_its_owner_was_killed_and_sees_its_children_end(tmp_path: Path) -> None:
    with webhook() as (url, told):
        owner = owner_of_a_guard(tmp_path, url, "stays")
        with owner:
            assert owner.stdout is not None
            assert owner.stderr is not None
            child, guard = map(int, owner.stdout.readline().split())
            owner.kill()
            eventually(lambda: told, "the webhook is told")
            eventually(lambda: not lives(guard), "the guard ends")
            assert not lives(child)
            assert f"`alphapulse up` was killed (process {owner.pid}" in owner.stderr.read()
    assert (told[0]["kind"], told[0]["subject"], told[0]["severity"]) == ("stack", str(tmp_path), "critical")


def test_the_guard_of_an_owner_that_ends_says_nothing(tmp_path: Path) -> None:
    with webhook() as (url, told):
        owner = owner_of_a_guard(tmp_path, url, "ends")
        said, errors = owner.communicate(timeout=DEADLINE)
        assert owner.returncode == 0, errors
        assert errors == ""
        assert not lives(int(said.split()[1]))
        assert told == []
