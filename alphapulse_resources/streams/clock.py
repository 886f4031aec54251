"""How a market's clock stands to ours, by everything that it dates. Pure: time comes in as an argument.

A venue's message cannot have been sent later than it was received. So the shortest lag of late (receipt by
our clock less the time it bears) is the distance of the two clocks, plus the way here; a message that seems
to be from seconds after that is wrong, and one whose lag is seconds longer came late. Where every channel is
late alike, only what the venue's REST API says of its clock can tell that from a clock of ours that is ahead.
"""

import math
from typing import Final

AHEAD: Final = 5.0
"""Seconds that a time may seem to be ahead of the venue's clock: more than lags differ (ours)."""

AHEAD_AT_FIRST: Final = 60.0
"""The same where nothing has been heard yet: clocks that nobody sets are apart by so much (ours)."""

EARLIEST_MS: Final = 1_230_768_000_000
"""2009, before any of these markets: earlier times are other units or other things (ours)."""

FARTHEST: Final = 86_400.0
"""Seconds that the two clocks can be apart at all (ours): no unit of time mistaken for another is so near."""

WINDOW: Final = 60.0
"""Seconds over which the quickest message counts; then a newer one has to (clocks drift and step; ours)."""

RECENT: Final = 5.0
"""The same where a clock that was set ahead a moment ago would do harm (ours)."""

DISSENT: Final = 5
"""Messages in a row that a stream must have seen alike ahead, before it may outvote the others (ours)."""

ASKED_SECONDS: Final = 900.0
"""For how long the venue's answer about its clock counts (ours)."""


class _Least:
    """The least of what was heard in the latest two windows."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.reset()

    def reset(self) -> None:
        self._start = -math.inf
        self._now = self._before = math.inf

    def hear(self, value: float, at: float) -> None:
        if not self._start <= at < self._start + self._seconds:
            follows = 0 <= at - self._start < 2 * self._seconds
            self._start, self._before, self._now = at, self._now if follows else math.inf, value
        elif value < self._now:
            self._now = value

    def of(self, at: float) -> float:
        """Infinite where nothing was heard of late."""
        return min(self._now, self._before) if at - self._start < 2 * self._seconds else math.inf


class MarketClock:
    """One market's clock. A stream is whatever dates its messages by itself: a channel of a symbol, say.

    Of itself our clock counts as right. Streams that say otherwise alike and again outvote it, and those that
    do not, if they are the most and at least two: then our clock is behind, or was set back.
    """

    def __init__(self) -> None:
        self.refused = 0
        self.behind = 0.0  # seconds that messages wait here before they are read, where they do
        self._least, self._recent = _Least(WINDOW), _Least(RECENT)
        self._last = 0.0  # lag that was the least of late, when there was one
        self._content: dict[object, float] = {}  # when each stream was last admitted
        self._dissent: dict[object, tuple[int, float, float]] = {}  # how often in a row, its lag, when
        self._asked: tuple[float, float] | None = None  # the distance by REST, and when it was asked

    def admit(self, stream: object, venue_ms: int, at: float) -> str | None:
        """Take a time of `stream` received `at`; what is wrong with it, or None."""
        if at < EARLIEST_MS / 1e3:  # a recording that does not say when it was made
            return None if venue_ms > 0 else self._refuse(f"its time is {venue_ms} ms")
        lag = at - venue_ms / 1e3
        if lag >= self._reference(at) - (AHEAD if self._content else AHEAD_AT_FIRST):
            if venue_ms < EARLIEST_MS:
                return self._refuse(f"its time {venue_ms} ms is before 2009")
            self._least.hear(lag, at)
            self._recent.hear(lag, at)
            self._content[stream] = at
            if stream in self._dissent:
                del self._dissent[stream]
            return None
        if -lag <= FARTHEST and self._outvoted(stream, lag, at):
            return None
        return self._refuse(f"its time {venue_ms} ms is {self._reference(at) - lag:,.1f} s ahead")

    def admissible(self, venue_ms: int, at: float) -> str | None:
        """The same for a time that says nothing of when it was sent, such as a candle's."""
        if at < EARLIEST_MS / 1e3:
            return None if venue_ms > 0 else self._refuse(f"its time is {venue_ms} ms")
        ahead = self._reference(at) - (at - venue_ms / 1e3)
        if venue_ms < EARLIEST_MS:
            return self._refuse(f"its time {venue_ms} ms is before 2009")
        return self._refuse(f"its time {venue_ms} ms is {ahead:,.1f} s ahead") if ahead > AHEAD else None

    def asked(self, distance: float, at: float) -> None:
        """Our clock is `distance` seconds ahead of the venue's, by its REST API."""
        self._asked = (distance, at)

    def heard(self, venue_ms: int, at: float) -> None:
        """Nothing: every message was heard when it was admitted."""

    def ms(self, at: float) -> float:
        """The venue's clock (ms since 1970) when what arrived `at` had been sent."""
        return (at - self._shortest(at)) * 1e3

    def late(self, venue_ms: int, at: float) -> float:
        """Seconds that a message came later than it could have, and waited here since."""
        return at - venue_ms / 1e3 - self.ahead(at) + self.behind

    def ahead(self, at: float) -> float:
        """Seconds that our clock is ahead of the venue's; below 0: behind. 0 where nothing was heard."""
        if self._asked is not None and 0 <= at - self._asked[1] < ASKED_SECONDS:
            return self._asked[0]
        least = self._least.of(at)
        return least if math.isfinite(least) else self._last

    def _shortest(self, at: float) -> float:
        recent = self._recent.of(at)
        least = recent if math.isfinite(recent) else self._least.of(at)
        if math.isfinite(least):
            self._last = least
        return self._last

    def _reference(self, at: float) -> float:
        """The lag below which a time is ahead, but for `AHEAD`."""
        known = self._least.of(at)
        if self._asked is not None and 0 <= at - self._asked[1] < ASKED_SECONDS:
            return min(known, self._asked[0])
        return known if math.isfinite(known) else self._last

    def _refuse(self, why: str) -> str:
        self.refused += 1
        return why

    def _outvoted(self, stream: object, lag: float, at: float) -> bool:
        """Whether those that see the time alike ahead are the most by now; then theirs is the clock."""
        times, before, _ = self._dissent.get(stream, (0, lag, at))
        times = times + 1 if abs(lag - before) <= AHEAD else 1
        self._dissent[stream] = (times, lag, at)
        if times % DISSENT:
            return False
        alike = [
            key
            for key, (count, theirs, when) in self._dissent.items()
            if count >= DISSENT and abs(theirs - lag) <= AHEAD and at - when < WINDOW
        ]
        others = sum(at - when < RECENT for key, when in self._content.items() if key not in self._dissent)
        if len(alike) < 2 or len(alike) <= others:
            return False
        self._least.reset()
        self._recent.reset()
        self._asked = None
        self._least.hear(lag, at)
        self._recent.hear(lag, at)
        self._last = lag
        self._dissent.clear()
        self._content = dict.fromkeys(alike, at)
        return True
