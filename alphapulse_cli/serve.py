"""`alphapulse serve`: one of Dagster's processes, watched as `alphapulse up` watches its own; for containers.

A container's runtime starts again what ends, and leaves alone what hangs. This heals both, and spares runs: a
server of definitions that dies is started again beside the runs it had launched, which go on.
"""

import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alphapulse_cli import services
from alphapulse_cli.announcements import Announcer
from alphapulse_cli.database import CommandError, find_dsn
from alphapulse_cli.database_watch import DatabaseWatch
from alphapulse_cli.lost_runs import fail_lost_runs
from alphapulse_cli.probes import Answer, Probe, State, judge_heartbeat
from alphapulse_cli.processes import Child, ProcessError, stop_all
from alphapulse_cli.stack_lock import StackLock
from alphapulse_cli.up import WATCH_SECONDS, until_stopped
from alphapulse_cli.watching import Watched
from alphapulse_resources.database.connection import dagster_environment
from alphapulse_resources.settings import Settings, get_settings

PORTS: Final = {"code-location": 4266, "webserver": 3000, "daemon": None}
LOCAL: Final = "127.0.0.1"
WORKER_SECONDS: Final = 50.0
"""How long runs may take to write what they hold: less than the container's time to stop (ours)."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Served:
    """What is served: its command, how it is asked, and how long it may be silent."""

    command: list[str]
    probe: Probe
    patience: float


def run_serve(what: str, *, host: str, port: int | None) -> None:
    """Serve until a signal comes; the code location does so for one stack at a time."""
    settings = get_settings()
    listen = _port(what, port)
    dsn = find_dsn(settings)
    announcer = Announcer(settings, _say, lambda: dsn)
    with until_stopped():
        try:
            _serve(what, host, listen, settings, dsn, announcer)
        except ProcessError as error:
            announcer.announce("process", what, f"{what} ends: {str(error).splitlines()[0]}")
            raise
        finally:
            announcer.close()


def run_probe(what: str, port: int | None) -> str:
    """Whether the one that runs here does its work; raises CommandError with what was heard if not."""
    get_settings()  # refused here as where it runs
    listen = _port(what, port)
    if what == "daemon":
        answer = _ask_daemon()
    else:
        answer = (services.code_probe(LOCAL, listen) if what == "code-location" else _web_probe(listen))()
    if answer.state is not State.ANSWERS:
        raise CommandError(f"{what} does not do its work: {answer.heard or 'it does not answer'}")
    return f"{what} answers"


def _serve(what: str, host: str, port: int, settings: Settings, dsn: str, announcer: Announcer) -> None:
    lock = StackLock(
        dsn, settings.database.dagster, program=f"alphapulse serve {what}", home=settings.home.resolve()
    )
    children: list[Child] = []
    given = dagster_environment(dsn, settings.database.dagster).items()
    environment = {name: value for name, value in given if name not in os.environ}
    try:
        if what == "code-location":
            lock.take()
            if lost := fail_lost_runs(environment):  # what ran in this container before it was started again
                announcer.say(f"{lost} runs had lost their worker and are marked as failed")
        database = DatabaseWatch(announcer, lock, None, holds=what == "code-location")
        served = _served(what, host, port, database, lambda: child.started)
        child = Child(what, served.command, None, {**environment, **services.ENVIRONMENT})
        children.append(child)
        child.start()
        watched = Watched(child, served.probe, served.patience, announcer)
        while True:
            time.sleep(WATCH_SECONDS)
            if database.check():
                watched.check()
    finally:
        stop_all(children, for_workers=WORKER_SECONDS)
        lock.release()


def _served(what: str, host: str, port: int, database: DatabaseWatch, started: Callable[[], float]) -> Served:
    workspace = Path(os.environ.get("DAGSTER_HOME", ".")) / "workspace.yaml"
    if what == "code-location":
        probe = services.code_probe(LOCAL, port)
        return Served(services.code_server(host, port), probe, services.CODE_PATIENCE)
    if what == "webserver":
        return Served(services.web_server(workspace, host, port), _web_probe(port), services.WEB_PATIENCE)
    return Served(services.daemon(workspace), services.daemon_probe(database, started), 0.0)


def _ask_daemon() -> Answer:
    settings = get_settings()
    lock = StackLock(find_dsn(settings), settings.database.dagster, program="", home=settings.home)
    beats = lock.heartbeats()
    newest = beats[0]["beat_at"] if beats else None
    return judge_heartbeat(newest, started=0.0, since=0.0, limit=services.DAEMON_SECONDS)


def _port(what: str, port: int | None) -> int:
    if what not in PORTS:
        raise CommandError(f"{what!r} cannot be served: {', '.join(PORTS)} can")
    return port or PORTS[what] or 0


def _web_probe(port: int) -> Probe:
    return services.web_probe(f"http://{LOCAL}:{port}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
