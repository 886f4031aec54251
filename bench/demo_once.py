"""The demo from nothing: `alphapulse demo --once` in a home of its own, as a newcomer runs it."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from bench.figures import Figure
from bench.measure import BenchmarkError
from bench.servers import open_home

LIMIT_SECONDS: Final = 1200
_SHOWN_LINES: Final = 15


def run(rounds: int = 1) -> list[Figure]:
    """Seconds to the first candles and to the end; a demo that does not come to a good end is an error."""
    reports = [_demo() for _ in range(rounds)]
    return [
        Figure(f"demo, {label}", "s", tuple(float(report["seconds"][key]) for report in reports))
        for key, label in (("first_data", "first candles"), ("total", "finished"))
    ]


def _demo() -> dict[str, Any]:
    """The demo's own report."""
    program = Path(sys.executable).with_name("alphapulse")
    if not program.exists():
        raise BenchmarkError(f"{program} is not there: install the project (pip install -e .)")
    with open_home() as home:
        environment = {name: value for name, value in os.environ.items() if name != "ALPHAPULSE_DSN"}
        environment |= {"ALPHAPULSE_HOME": str(home), "ALPHAPULSE_WEB__PORT": str(_free_port())}
        done = subprocess.run(
            [program, "demo", "--once", "--json", "--fresh"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
        )
    said = "\n".join(done.stderr.splitlines()[-_SHOWN_LINES:])
    if done.returncode != 0:
        raise BenchmarkError(f"the demo ended with code {done.returncode}:\n{done.stdout[-2000:]}\n{said}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _free_port() -> int:
    """A port nobody listens on, so that a platform that runs here already is left alone."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
