"""One wall, and whether the trades were heard that explain what becomes of it. Pure."""

import math
from dataclasses import dataclass

from alphapulse_assets.order_book.whales.events import Evidence, Moment


@dataclass(slots=True, eq=False)
class Wall:
    """One large level: what it was, what was taken from it, and since when it is gone, if it is."""

    price: float
    size: float
    peak: float
    reported_size: float  # size last told of
    since: float  # when it was told of first, by the venue's clock
    first_seen: float  # since when it rests, by the venue's clock ...
    at_least: bool  # ... or longer: it was there when it was first seen
    first_distance: float  # bps from mid
    removed: float = 0.0  # sum of all decreases
    traded: float = 0.0
    unexplained: float = 0.0  # of what was removed: while trades were not heard
    taken: float = 0.0  # the latest decrease ...
    taken_at: float = -math.inf  # ... and when, by our clock
    refills: int = 0
    gone: Moment | None = None
    gone_distance: float = 0.0

    def take(self, size: float, at: float, *, heard: bool) -> None:
        """So much of it went; `heard`: the trades of that time are known."""
        self.removed += size
        self.taken, self.taken_at = size, at
        if not heard:
            self.unexplained += size

    def give_back(self) -> None:
        """What was taken last was not: nothing is known of it."""
        self.size += self.taken
        self.removed -= self.taken
        self.unexplained = max(self.unexplained - self.taken, 0.0)
        self.gone, self.taken = None, 0.0

    @property
    def explained(self) -> tuple[float, float]:
        """The share of what was removed that trades at the price explain: at least, and at most."""
        if not self.removed:
            return 0.0, 0.0
        most = self.traded + self.unexplained
        return min(self.traded / self.removed, 1.0), min(most / self.removed, 1.0)

    def life(self, ts: float) -> Evidence:
        """What is told of it with every event."""
        return {
            "since": self.since,
            "first_seen": self.first_seen,
            "age": ts - self.first_seen,
            "at_least": self.at_least,
            "peak_size": self.peak,
            "first_distance_bps": self.first_distance,
            "removed": self.removed,
            "traded": self.traded,
            "refills": self.refills,
        }


class TradesHeard:
    """Whether the trades of a symbol are heard. One object for both sides of its book.

    Args:
        settle: seconds by which a trade and the change that it made may come apart.
    """

    def __init__(self, settle: float) -> None:
        self.known = True
        self._settle = settle
        self._since = -math.inf

    def set(self, known: bool, at: float) -> None:
        """From now on they are, or are not."""
        if known and not self.known:
            self._since = at
        self.known = known

    def around(self, at: float) -> bool:
        """Whether those were heard that may have made a change at a time."""
        return self.known and at - self._since >= self._settle
