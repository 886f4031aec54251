"""Dagster's three processes and the API: how each is started, and how one asks whether it does its work."""

import sys
import sysconfig
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from alphapulse_cli.database_watch import DatabaseWatch
from alphapulse_cli.probes import Answer, Probe, WebProbe, ask_api, ask_code_server, judge_heartbeat

DEFINITIONS: Final = "alphapulse_assets.definitions"
LOCATION: Final = "alphapulse"
"""Name of the code location; sensors and run history are bound to it."""
CODE_PATIENCE: Final = 20.0
"""How long the process with the definitions may not answer at all (ours): with a question's own time, half a
minute until it is started again."""
WEB_PATIENCE: Final = 45.0
"""The same for the web server, which big pages may occupy (ours)."""
API_PATIENCE: Final = 30.0
"""The same for the API, which answers in milliseconds even where a query takes long (ours)."""
DAEMON_SECONDS: Final = 120.0
"""Without a sign of life of the daemon: four in a row that did not come (ours)."""
ENVIRONMENT: Final = {
    # so many threads that slow sensors leave no ping unanswered; Dagster's default is four and the cores
    "DAGSTER_CODE_SERVER_MAX_WORKERS": "32",
    "DAGSTER_GRPC_MAX_WORKERS": "32",
    "PYTHONUNBUFFERED": "1",
}
"""Of all of them."""


def program(name: str) -> str:
    """A program of this environment: beside its Python, or where its installer puts programs.

    The two are the same in an environment of its own; Debian's Python lies in /usr/bin, what is installed
    for it in /usr/local/bin.
    """
    beside = Path(sys.executable).parent / name
    return str(beside if beside.exists() else Path(sysconfig.get_path("scripts")) / name)


def code_server(host: str, port: int) -> list[str]:
    """The server of the definitions, with the reload that the UI's button asks for."""
    return [
        *(program("dagster"), "code-server", "start", "-m", DEFINITIONS),
        *("-h", host, "-p", str(port), "--location-name", LOCATION),
    ]


def web_server(workspace: Path, host: str, port: int) -> list[str]:
    """Dagster's web server, guarded."""
    module = "alphapulse_cli.webserver"
    return [sys.executable, "-m", module, "-w", str(workspace), "-h", host, "-p", str(port)]


def daemon(workspace: Path) -> list[str]:
    """Dagster's daemon: sensors, schedules, the queue of runs."""
    return [program("dagster-daemon"), "run", "-w", str(workspace)]


def api(host: str, port: int) -> list[str]:
    """The API, and the terminal's page."""
    return [program("alphapulse"), "api", "--host", host, "--port", str(port)]


def api_probe(url: str) -> Probe:
    """Ask the API."""
    return partial(ask_api, url)


def code_probe(host: str, port: int) -> Probe:
    """Ask the process that has the definitions."""
    return partial(ask_code_server, host, port)


def web_probe(url: str) -> Probe:
    """Ask the web server, and be sure that its guard is there."""
    return WebProbe(url)


def daemon_probe(database: DatabaseWatch, started: Callable[[], float]) -> Probe:
    """Judge the daemon by what it told the database."""

    def probe() -> Answer:
        return judge_heartbeat(
            database.newest_beat(),
            started=started(),
            since=database.answering_since,
            limit=DAEMON_SECONDS,
        )

    return probe
