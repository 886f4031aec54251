"""What keeps alerts few: a market or a stream that stays extreme gives one alert, not thousands. Pure.

A `CoolDown` is for what happens at moments: after one alert the next ones are held back and counted. An
`Episodes` is for what lasts: one alert when it begins and one when it is over.
"""

import math
from typing import TypeAlias

from alphapulse_assets.alerts.model import RESOLVED, Alert, AlertKind, AlertSubject, Detail, Severity

Key: TypeAlias = tuple[AlertKind, str]
"""What an episode is of: a kind and its reference."""


class CoolDown:
    """At most one alert in `seconds`; what is held back is counted.

    Times are seconds since 1970 UTC, in the order in which things happen.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = -math.inf
        self._held_back = 0

    def passes(self, at: float) -> int | None:
        """How many were held back before the one of `at`; None if it is held back itself."""
        if at < self._next:
            self._held_back += 1
            return None
        self._next = at + self._seconds
        held_back, self._held_back = self._held_back, 0
        return held_back


class Episodes:
    """Troubles of one subject that begin and end, each told once at either end.

    What begins again within `cool_down` seconds of its last beginning is not told, and neither is its end.
    """

    def __init__(self, subject: AlertSubject, cool_down: float) -> None:
        self._subject = subject
        self._cool_down = cool_down
        self._open: dict[Key, float] = {}  # what goes on and was told: since when
        self._next: dict[Key, float] = {}  # when it may be told again

    def begins(
        self, key: Key, times: tuple[float, float], severity: Severity, title: str, detail: Detail
    ) -> list[Alert]:
        """Its alert, unless it goes on already or was told of just now.

        Args:
            key: kind and reference.
            times: since when, and when that was known here.
            severity: how much it matters.
            title: in a sentence, without the subject's name.
            detail: the figures behind it.
        """
        at = times[1]
        if key in self._open or at < self._next.get(key, -math.inf):
            return []
        self._open[key], self._next[key] = at, at + self._cool_down
        return [self._subject.alert(key[0], severity, times, title, detail, key[1])]

    def ends(self, key: Key, title: str, at: float) -> list[Alert]:
        """The note that it is over; nothing if it was not told that it began."""
        since = self._open.pop(key, None)
        if since is None:
            return []
        detail: Detail = {"since": since, "seconds": at - since}
        title = f"{title}, after {at - since:.0f} s"
        reference = f"{RESOLVED} {key[1]}".strip()
        return [self._subject.alert(key[0], Severity.INFO, (at, at), title, detail, reference)]
