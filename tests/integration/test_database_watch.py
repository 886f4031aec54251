"""A stack's database that dies or goes away: started again where it is ours, told of once, the lock kept."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from alphapulse_cli.announcements import Announcer
from alphapulse_cli.database_watch import DatabaseWatch
from alphapulse_cli.processes import RESTARTS_PER_HOUR, ProcessError
from alphapulse_cli.stack_lock import StackLock
from alphapulse_resources.postgres.embedded import EmbeddedPostgres
from alphapulse_resources.settings import Settings
from tests.databases import new_home

DEADLINE = 60.0


@dataclass
class Watching:
    """A server of its own that is watched, and what is said of it."""

    server: EmbeddedPostgres
    lock: StackLock
    watch: DatabaseWatch
    said: list[str] = field(default_factory=list)

    def kill(self) -> None:
        """As the kernel does when memory is short."""
        running = self.server.attach()
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)
        self.until(lambda: not self.server.lives(), "its process is gone", check=False)

    def until(self, state: Callable[[], bool], what: str, *, check: bool = True) -> None:
        """Check until it is so."""
        end = time.monotonic() + DEADLINE
        while not state():
            assert time.monotonic() < end, f"not within {DEADLINE:.0f} s: {what}; said: {self.said}"
            if check:
                self.watch.check()
            time.sleep(0.05)


@pytest.fixture
def watching(request: pytest.FixtureRequest) -> Iterator[Watching]:
    """`ours` is whether the server is the watcher's to start."""
    home = new_home("alphapulse-watch-")
    first = EmbeddedPostgres(home, settings={"shared_buffers": "16MB"})
    running = first.ensure()
    server = EmbeddedPostgres(home, settings={"shared_buffers": "16MB", "port": str(running.port)})
    said: list[str] = []
    lock = StackLock(running.dsn, "alphapulse", program="alphapulse up", home=home)
    lock.take()
    announcer = Announcer(Settings(_env_file=None), said.append, lambda: "")
    ours = server if request.param else None
    yield Watching(server, lock, DatabaseWatch(announcer, lock, ours), said)
    announcer.close()
    lock.release()
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize("watching", [True], indirect=True)
def test_an_embedded_server_that_died_is_started_again_on_its_port_with_the_lock(watching: Watching) -> None:
    before = watching.server.attach()
    for deaths in (1, 2):
        watching.kill()
        watching.until(lambda n=deaths: len(watching.said) == 2 * n, "it is told")
        assert watching.said[-2].startswith("PostgreSQL ended unexpectedly and is started again")
        assert watching.said[-1].startswith("PostgreSQL answers again after")
    after = watching.server.attach()
    assert before is not None
    assert after is not None
    assert (after.dsn, after.pid != before.pid) == (before.dsn, True)
    watching.watch.check()
    holder = watching.lock.holder()
    assert holder is not None
    assert holder.pid == os.getpid()


@pytest.mark.parametrize("watching", [True], indirect=True)
def test_an_embedded_server_that_keeps_dying_is_given_up_loudly(watching: Watching) -> None:
    watching.watch._restarts = [time.monotonic()] * RESTARTS_PER_HOUR
    watching.kill()
    with pytest.raises(ProcessError, match=r"PostgreSQL keeps ending.*postgres\.log"):
        watching.watch.check()


@pytest.mark.parametrize("watching", [False], indirect=True)
def test_a_server_of_others_that_goes_away_and_comes_back_is_told_of_once_each(watching: Watching) -> None:
    watching.kill()
    watching.until(lambda: bool(watching.said), "it is told")
    for _ in range(3):
        watching.watch._asked = 0.0
        watching.watch.check()
    assert len(watching.said) == 1
    assert watching.said[0].startswith("the database does not answer: ")
    away = watching.watch.answering_since
    watching.server.ensure()
    watching.until(lambda: len(watching.said) == 2, "it is told that it is back")
    assert watching.said[1].startswith("the database answers again after")
    assert watching.watch.answering_since > away
    assert watching.lock.holder() is not None
