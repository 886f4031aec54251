"""The simulator as a child process, for tests and the demo: start it, command it, be sure it ends."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlencode

import requests

START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 5.0
_PACKAGE_PARENT: Final = Path(__file__).resolve().parent.parent


class SimulatorProcess:
    """A running simulator; a context manager. It ends with the block, and also when this process dies.

    Raises `RuntimeError` when the child does not listen in time. Requests to `/_sim` that are refused
    raise `ValueError` with the simulator's reason.
    """

    def __init__(self, *, seed: int = 7, extra: int = 0, port: int = 0) -> None:
        self._arguments = ["--seed", str(seed), "--extra", str(extra), "--port", str(port)]
        self._process: subprocess.Popen[str] | None = None
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy has no business on loopback
        self.url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the child and wait until it listens; `url` is set then."""
        paths = [str(_PACKAGE_PARENT), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "alphapulse_sim", "--follow-stdin", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        )
        line = self._first_line(self._process)
        if not line:
            self.stop()
            raise RuntimeError(f"the simulator did not listen within {START_SECONDS:.0f} s")
        self.url = json.loads(line)["url"]

    @staticmethod
    def _first_line(process: subprocess.Popen[str]) -> str:
        lines: list[str] = []
        output = process.stdout
        assert output is not None
        reader = threading.Thread(target=lambda: lines.append(output.readline()), daemon=True)
        reader.start()
        reader.join(START_SECONDS)
        return lines[0] if lines else ""

    def stop(self) -> None:
        """End the child: asked first, killed if it does not listen."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        self._session.close()

    def fault(self, kind: str, **spec: Any) -> dict[str, Any]:
        """Put a fault in force, e.g. `fault("status", host="api.binance.com", code=503, times=2)`."""
        fault: dict[str, Any] = self._command("POST", "faults", {"kind": kind, **spec})
        return fault

    def faults(self) -> list[dict[str, Any]]:
        """The faults in force with how often each has hit."""
        faults: list[dict[str, Any]] = self._command("GET", "faults")
        return faults

    def clear(self) -> None:
        """Remove all faults, bans and spent weight, and forget the log; the clock stays as it is."""
        self._command("DELETE", "faults")
        self._command("DELETE", "log")

    def log(self) -> list[dict[str, Any]]:
        """The requests since the last `clear`: host, path, query, status, at, weight."""
        entries: list[dict[str, Any]] = self._command("GET", "log")
        return entries

    def posts(self, network: str, start: datetime, end: datetime, *places: str) -> list[dict[str, Any]]:
        """The truth of all posts of `reddit` (in some places) or `x` that are written in [start, end)."""
        query = {"network": network, "start": start.isoformat(), "end": end.isoformat(), "place": places}
        entries: list[dict[str, Any]] = self._command("GET", f"posts?{urlencode(query, doseq=True)}")
        return entries

    def set_clock(self, now: datetime | str | None, rate: float | None = None) -> None:
        """Freeze at `now`, or run from there at `rate`; `now=None` is the real time again."""
        text = now.isoformat() if isinstance(now, datetime) else now
        self._command("POST", "clock", {"now": text, "rate": rate})

    def spend(self, host: str, used: int) -> None:
        """Pretend that `used` of the host's request weight is spent in this window."""
        self._command("POST", "weights", {"host": host, "used": used})

    def _command(self, method: str, name: str, body: Mapping[str, Any] | None = None) -> Any:
        response = self._session.request(method, f"{self.url}/_sim/{name}", json=body, timeout=10)
        if not response.ok:
            raise ValueError(f"the simulator refused {method} {name}: {response.text}")
        return response.json()
