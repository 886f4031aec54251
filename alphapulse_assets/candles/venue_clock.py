"""What a venue's clock shows, as far as its messages tell. Pure: time comes in as an argument."""

from typing import Final, Protocol

WINDOW: Final = 60.0
"""Seconds over which the quickest message counts; then a newer one has to (clocks drift and step; ours)."""

OLDEST: Final = 30.0
"""A message this many seconds old is about the past (a list of recent trades), not about the clock (ours)."""


class Clock(Protocol):
    """What tells a venue's time."""

    def heard(self, venue_ms: int, at: float) -> None:
        """A message that the venue dated `venue_ms` was received `at` (epoch seconds)."""

    def ms(self, at: float) -> float:
        """The venue's clock (ms since 1970) when what arrived `at` had been sent."""


class VenueClock:
    """Our clock less the shortest lag of late: never ahead of the venue's by more than its clock's steps.

    The lag is the difference of the two clocks plus the way here; without a message it is taken to be 0.
    """

    def __init__(self) -> None:
        self._window = float("-inf")
        self._lag: float | None = None  # milliseconds, the least of this window
        self._lag_before: float | None = None  # of the window before

    def heard(self, venue_ms: int, at: float) -> None:
        """A message that the venue dated `venue_ms` was received `at` (epoch seconds)."""
        lag = at * 1000 - venue_ms
        if lag > OLDEST * 1000:
            return
        if at - self._window >= WINDOW:
            self._lag_before = self._lag if at - self._window < 2 * WINDOW else None
            self._window, self._lag = at, lag
        elif self._lag is None or lag < self._lag:
            self._lag = lag

    def ms(self, at: float) -> float:
        """The venue's clock (ms since 1970) when what arrived `at` had been sent."""
        known = [lag for lag in (self._lag, self._lag_before) if lag is not None]
        return at * 1000 - min(known, default=0.0)
