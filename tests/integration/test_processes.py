"""Children of the platform: what they inherit, how they end, what becomes of those a killed owner leaves."""

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alphapulse_cli.processes import (
    RESTARTS_PER_HOUR,
    Child,
    ProcessError,
    end_strays,
    free_port,
    listens,
    stop_all,
    wait_until,
)
from alphapulse_resources.postgres.process import lives

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
SLEEP = "import time; time.sleep(600)"
DEAF = (
    f"import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEP}"
)
IGNORED = "from signal import *; print(*(n.name for n in (SIGINT, SIGTERM) if getsignal(n) == SIG_IGN), '.')"
PARENT_OF_A_DEAF_ONE = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {DEAF!r}])
print(child.pid, flush=True)
child.wait()
"""
OWNER_OF_A_CHILD = """
import sys, time
from pathlib import Path
from alphapulse_cli.processes import Child
child = Child("sleeper", [sys.executable, "-c", sys.argv[1]], Path(sys.argv[2]), {})
child.start()
print(child.process.pid, flush=True)
time.sleep(600)
"""
DEADLINE = 20.0

MakeChild = Callable[..., Child]


@pytest.fixture
def make_child(tmp_path: Path) -> Iterator[MakeChild]:
    """Children that run Python code; what is left of them is killed afterwards."""
    children: list[Child] = []

    def make(code: str, **environment: str) -> Child:
        log = tmp_path / f"{len(children)}.log"
        child = Child("child", [sys.executable, "-c", code], log, environment)
        children.append(child)
        return child

    yield make
    stop_all(children, grace=0.1)


def eventually(state: Callable[[], bool], what: str) -> None:
    """Wait until it is so; fails after DEADLINE seconds."""
    end = time.monotonic() + DEADLINE
    while not state():
        assert time.monotonic() < end, f"not within {DEADLINE:.0f} s: {what}"
        time.sleep(0.05)


def process_of(child: Child) -> subprocess.Popen[bytes]:
    assert child.process is not None
    return child.process


def says(child: Child, word: str) -> bool:
    return word in child.tail()


# starting


def test_a_child_leads_a_session_of_its_own(make_child: MakeChild) -> None:
    child = make_child(SLEEP)
    child.start()
    pid = process_of(child).pid
    assert os.getsid(pid) == pid != os.getsid(0)


def test_a_child_heeds_signals_that_its_parent_ignores(make_child: MakeChild) -> None:
    child = make_child(IGNORED)
    ignored = (signal.SIGINT, signal.SIGTERM)
    previous = [signal.signal(number, signal.SIG_IGN) for number in ignored]
    try:
        child.start()
    finally:
        for number, handler in zip(ignored, previous, strict=True):
            signal.signal(number, handler)
    process_of(child).wait(DEADLINE)
    assert child.tail().split() == ["."]


def test_a_child_has_our_environment_and_its_own(
    make_child: MakeChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALPHAPULSE_TEST_OURS", "ours")
    child = make_child("import os; print(os.environ['ALPHAPULSE_TEST_OURS'], os.environ['ITS'])", ITS="its")
    child.start()
    process_of(child).wait(DEADLINE)
    assert child.tail() == "ours its"


def test_each_start_adds_to_the_log(make_child: MakeChild) -> None:
    child = make_child("print('here')")
    for _ in range(2):
        child.start()
        process_of(child).wait(DEADLINE)
    assert child.tail() == "here\nhere"


def test_waiting_ends_at_once_when_the_child_dies_and_tells_what_it_said(make_child: MakeChild) -> None:
    child = make_child("raise SystemExit('the reason')")
    child.start()
    with pytest.raises(ProcessError, match=r"ended while trying it[\s\S]*the reason") as failure:
        wait_until(lambda: False, child, seconds=DEADLINE, what="trying it")
    assert str(child.log) in str(failure.value)


def test_waiting_has_an_end_and_names_the_log(make_child: MakeChild) -> None:
    child = make_child(SLEEP)
    child.start()
    with pytest.raises(ProcessError, match=r"more than 0 s trying it; see .*0\.log"):
        wait_until(lambda: False, child, seconds=0.3, what="trying it")


# starting again


def test_a_child_that_runs_is_left_alone(make_child: MakeChild) -> None:
    child = make_child(SLEEP)
    child.start()
    before = process_of(child).pid
    assert child.revive()
    assert process_of(child).pid == before
    assert child.restarts == []


def test_a_child_that_died_is_started_again(make_child: MakeChild) -> None:
    child = make_child(SLEEP)
    child.start()
    process_of(child).kill()
    process_of(child).wait(DEADLINE)
    assert not child.alive
    assert child.revive()
    assert child.alive


def test_a_child_that_keeps_dying_is_given_up(make_child: MakeChild) -> None:
    child = make_child("")
    child.start()
    revived = 0
    for _ in range(RESTARTS_PER_HOUR + 1):
        process_of(child).wait(DEADLINE)
        revived += child.revive()
    assert revived == RESTARTS_PER_HOUR
    assert not child.revive()


def test_restarts_of_more_than_an_hour_ago_are_forgiven(make_child: MakeChild) -> None:
    child = make_child("")
    child.restarts = [time.monotonic() - 3601.0] * RESTARTS_PER_HOUR
    assert child.revive()
    assert len(child.restarts) == 1


# ending


def test_stopping_ends_what_the_children_started_even_what_does_not_listen(make_child: MakeChild) -> None:
    child = make_child(PARENT_OF_A_DEAF_ONE)
    child.start()
    eventually(lambda: says(child, "deaf"), "the grandchild ignores SIGTERM")
    grandchild = int(child.tail().split()[0])
    assert lives(grandchild)
    stop_all([child], grace=0.5)
    assert not child.alive
    assert not lives(grandchild)


def test_stopping_is_polite_first(make_child: MakeChild) -> None:
    child = make_child(
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('tidied up', flush=True), sys.exit()))\n"
        f"print('ready', flush=True); {SLEEP}"
    )
    child.start()
    eventually(lambda: says(child, "ready"), "the handler is set")
    stop_all([child])
    assert says(child, "tidied up")


def test_stopping_what_never_started_or_has_ended_does_nothing(make_child: MakeChild) -> None:
    never, ended = make_child(SLEEP), make_child("")
    ended.start()
    process_of(ended).wait(DEADLINE)
    stop_all([never, ended])
    assert not never.alive
    assert not ended.alive


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent has died")
def test_children_die_with_an_owner_that_is_killed(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER_OF_A_CHILD, SLEEP, str(tmp_path / "log")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with owner:
        assert owner.stdout is not None
        child = int(owner.stdout.readline())
        assert lives(child)
        owner.kill()
    eventually(lambda: not lives(child), "the child of a killed owner ends")


def test_strays_are_those_of_one_owner_and_nobody_elses(make_child: MakeChild) -> None:
    variable = "ALPHAPULSE_TEST_OWNER"
    mine, other = (uuid.uuid4().hex for _ in range(2))
    ours = [make_child(SLEEP, **{variable: mine}), make_child(PARENT_OF_A_DEAF_ONE, **{variable: mine})]
    theirs = make_child(SLEEP, **{variable: other})
    for child in (*ours, theirs):
        child.start()
    eventually(lambda: says(ours[1], "deaf"), "the grandchild ignores SIGTERM")
    grandchild = int(ours[1].tail().split()[0])
    assert end_strays(variable, mine, grace=0.5) == 3
    assert [child.alive for child in ours] == [False, False]
    assert not lives(grandchild)
    assert theirs.alive
    assert end_strays(variable, mine) == 0


# ports


def test_a_free_port_is_the_one_that_was_wanted() -> None:
    wanted = free_port(HOST, 21000)
    assert free_port(HOST, wanted) == wanted
    assert not listens(HOST, wanted)


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        wanted = free_port(HOST, 21100)
        taken.bind((HOST, wanted))
        taken.listen()
        assert listens(HOST, wanted)
        assert wanted < free_port(HOST, wanted) < 32768


def test_a_port_that_only_outgoing_connections_have_is_not_given_out() -> None:
    assert free_port(HOST, 40000) < 32768


def test_an_address_that_is_not_ours_is_refused_clearly() -> None:
    with pytest.raises(ProcessError, match=r"no free port near 3000 on 192\.0\.2\.1"):
        free_port("192.0.2.1", 3000)  # set aside for documentation (RFC 5737)
