"""How much may be asked of whom: request budgets. Pure; the budgets of each venue are in its folder."""

from dataclasses import dataclass
from typing import Final

SHARE: Final = 0.8
"""Part of a venue's limit that all our processes together may use (ours); the rest is for people."""

BURST: Final = 0.1
"""Part of a venue's limit that may be used at once after a quiet time (ours); part of `SHARE`."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One request budget of a venue: `limit` units of weight in any `period` seconds.

    GCRA lets through at most `rate * t + burst` in any stretch of t seconds, so with these two figures
    no period ever sees more than `SHARE * limit`.
    """

    limit: float
    period: float

    @property
    def rate(self) -> float:
        """Weight per second that may be used for ever."""
        return (SHARE * self.limit - self.burst) / self.period

    @property
    def burst(self) -> float:
        """Weight that may be used at once; at least one request."""
        return max(1.0, BURST * self.limit)
