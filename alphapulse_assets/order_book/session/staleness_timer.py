"""Streams that say nothing: noticed by our own clock, and renewed ever more seldom. Pure."""

from dataclasses import dataclass
from typing import Final

FIRST_RENEWAL: Final = 10.0
LONGEST_RENEWAL: Final = 60.0
"""Seconds between two renewals of a stream that stays silent; they double (ours)."""


@dataclass(slots=True)
class StalenessTimer:
    """One stream. `heard` is when it last said something of use, by our clock."""

    heard: float
    _next: float = 0.0  # renewal
    _wait: float = 0.0

    def hear(self, at: float) -> None:
        """Something of use came."""
        self.heard = at
        self._wait = 0.0

    def due(self, at: float, after: float) -> bool:
        """Whether it has been silent for `after` seconds and should be renewed now; counts it if so."""
        if at < self.heard:  # the clock was set back
            self.heard = at
        if at - self.heard < after or (self._wait and at < self._next):
            return False
        self._wait = min(2.0 * self._wait, LONGEST_RENEWAL) if self._wait else FIRST_RENEWAL
        self._next = at + self._wait
        return True
