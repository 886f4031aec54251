"""When something regular is due, for many symbols without all of them at the same moment. Pure."""

import math
import zlib
from typing import Final

_WHOLE: Final = 2**32


class PeriodicTrigger:
    """Due once in every interval of a symbol's own phase, at the first look after its beginning.

    Args:
        seconds: the interval; 0: due whenever looked at.
        name: whose it is; spreads the phases, the same way in every run.
        at_once: due at the first look, too.
    """

    __slots__ = ("_next", "_phase", "_seconds")

    def __init__(self, seconds: float, name: str, *, at_once: bool = False) -> None:
        self._seconds = seconds
        self._phase = zlib.crc32(name.encode()) / _WHOLE * seconds
        self._next = -math.inf if at_once or not seconds else math.inf

    def due(self, at: float) -> bool:
        """Whether an interval has begun since it was last due. A clock that was set back waits for none."""
        if self._next - self._seconds <= at < self._next:
            return False
        first = self._next == math.inf
        if self._seconds > 0:
            begun = math.floor((at - self._phase) / self._seconds)
            self._next = (begun + 1) * self._seconds + self._phase
        return not first
