"""The simulator's clock: real, frozen, shifted or faster, on command."""

import time

from alphapulse_sim.instruments import epoch_ms


class SimClock:
    """Milliseconds since 1970 as the simulated venues see them; real time unless set otherwise."""

    def __init__(self) -> None:
        self._real_ms = 0.0
        self._sim_ms = 0.0
        self.rate = 1.0

    def now_ms(self) -> int:
        """The simulated time."""
        return int(self._sim_ms + (time.time() * 1000 - self._real_ms) * self.rate)

    def set(self, now: str | None, rate: float | None = None) -> None:
        """Jump to the ISO time `now` and run at `rate` simulated seconds per real second.

        Without `rate` a given `now` freezes the clock; `now=None` means the real time, running unless
        `rate` says otherwise. Raises `ValueError` for a text that is no time.
        """
        real_ms = time.time() * 1000
        self._sim_ms = real_ms if now is None else float(epoch_ms(now))
        self._real_ms = real_ms
        self.rate = rate if rate is not None else (1.0 if now is None else 0.0)
