"""A child that is watched: whether it lives and whether it does its work; healed, and told of."""

import time
from dataclasses import dataclass
from typing import Final

from alphapulse_cli.announcements import Announcer
from alphapulse_cli.probes import Probe, State
from alphapulse_cli.processes import Child, ProcessError

PROBE_SECONDS: Final = 5.0
"""Between two questions to a process that answers (ours)."""
START_SECONDS: Final = 180.0
"""How long a process that was started may take to its first answer (ours)."""


@dataclass(slots=True)
class Watched:
    """A child and what it is asked. It is started again when it has died, when what answers says twice that
    it is gone, or when nothing has answered for `patience` seconds."""

    child: Child
    probe: Probe
    patience: float
    announcer: Announcer
    _answered: bool = False  # since it was started
    _asked: float = 0.0
    _missing: float | None = None  # since when it does not answer
    _down: float | None = None  # since when it was announced as down

    def answers(self) -> bool:
        """Whether it has come up: from then on silence is borne for `patience` only."""
        if self.probe().state is State.ANSWERS:
            self._answered = True
        return self._answered

    def check(self) -> None:
        """Look after it; raises ProcessError when it keeps dying."""
        if not self.child.alive:
            code = self.child.process.returncode if self.child.process else None
            self._revive(f"{self.child.name} ended unexpectedly ({_ending(code)})")
            return
        now = time.monotonic()
        if self._missing is None and now - self._asked < PROBE_SECONDS:
            return
        answer = self.probe()
        self._asked = time.monotonic()
        if answer.state is State.ANSWERS:
            self._has_answered()
            return
        first, self._missing = self._missing, now if self._missing is None else self._missing
        gone, silent = answer.state is State.GONE and first is not None, self._asked - self._missing
        starts = not self._answered and time.time() - self.child.started < START_SECONDS
        if gone or (silent >= self.patience and not starts):
            heard = answer.heard or f"no answer for {silent:.0f} s"
            self._revive(f"{self.child.name} does not do its work: {heard}")

    def _has_answered(self) -> None:
        self._answered, self._missing = True, None
        if self._down is not None:
            seconds = time.monotonic() - self._down
            self._down = None
            line = f"{self.child.name} answers again after {seconds:.0f} s"
            self.announcer.announce("process", self.child.name, line, severity="info", resolved=True)

    def _revive(self, what: str) -> None:
        self._down = self._down or time.monotonic()
        where = f" (log: {self.child.log})" if self.child.log else ""
        self.announcer.announce("process", self.child.name, f"{what}; it is started again{where}")
        if self.child.alive:
            self.child.kill()
        self._answered, self._missing = False, None
        if not self.child.revive():
            said = f"; its log {self.child.log} says:\n{self.child.tail()}" if self.child.log else ""
            raise ProcessError(f"{self.child.name} keeps ending{said}")


def _ending(code: int | None) -> str:
    """An exit code in words: a negative one is the signal that ended the process."""
    if code is None:
        return "nobody knows how"
    return f"signal {-code}" if code < 0 else f"exit code {code}"
