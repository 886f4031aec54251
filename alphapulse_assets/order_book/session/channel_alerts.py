"""Alerts about the streams of one symbol: a channel that is dead, refused, or of a clock that is wrong. Pure.

Each is told once when it begins and once when it is over; what begins again within the cool-down is not told.
"""

import math
from typing import Final

from alphapulse_assets.order_book.book.events import Cause
from alphapulse_assets.order_book.session.alerts import RESOLVED, Alert, AlertKind, Severity
from alphapulse_resources.streams.protocols import Channel

COOL_DOWN: Final = 60.0
"""Seconds between two tellings of one trouble (ours)."""

Detail = dict[str, float | int | str]

_KINDS: Final = {
    Cause.TRADES_SILENT: (AlertKind.TRADES_SILENT, Channel.TRADES),
    Cause.TRADES_HEARD: (AlertKind.TRADES_SILENT, Channel.TRADES),
    Cause.CANDLES_SILENT: (AlertKind.CANDLES_SILENT, Channel.CANDLES),
    Cause.CANDLES_HEARD: (AlertKind.CANDLES_SILENT, Channel.CANDLES),
}
_OVER: Final = (Cause.TRADES_HEARD, Cause.CANDLES_HEARD)


class ChannelAlerts:
    """The rules for one symbol. Every call returns the alerts that are due."""

    def __init__(self, instrument_id: int, symbol: str, venue: str) -> None:
        self._id = instrument_id
        self._symbol = symbol
        self._name = f"{symbol} on {venue}"
        self._told: dict[tuple[AlertKind, str], float] = {}  # what goes on and was told: since when
        self._next: dict[tuple[AlertKind, str], float] = {}  # when it may be told again

    def on_channel(self, cause: Cause, since: float, detail: Detail, at: float) -> list[Alert]:
        """A channel is known to be dead since `since`, or is heard again."""
        kind, channel = _KINDS[cause]
        if cause in _OVER:
            return self._over(kind, "", f"its {channel} are heard again", at)
        title = f"its {channel} are not heard any more, though the venue's own figures show that there were"
        return self._begins((kind, ""), (since, at), Severity.CRITICAL, title, detail)

    def on_refused(self, channel: Channel, why: str, at: float) -> list[Alert]:
        """The venue refused a channel; it is asked for again."""
        title = f"the venue refuses its {channel}, which are asked for again: {why}"
        if channel is Channel.DEPTH:
            title = f"the venue refuses its order book, which is asked for again: {why}"
        key = (AlertKind.SUBSCRIPTION_REFUSED, channel.value)
        detail: Detail = {"channel": channel.value, "why": why}
        return self._begins(key, (at, at), Severity.WARNING, title, detail)

    def on_accepted(self, channel: Channel, at: float) -> list[Alert]:
        """It does not any more."""
        kind = AlertKind.SUBSCRIPTION_REFUSED
        return self._over(kind, channel.value, f"the venue does not refuse its {channel} any more", at)

    def on_clock(self, ahead: float, at: float) -> list[Alert]:
        """Our clock is `ahead` seconds ahead of the venue's, or everything comes so late."""
        side = "ahead of" if ahead > 0 else "behind"
        or_late = ", or all its messages come so late" if ahead > 0 else ""
        title = f"our clock is {abs(ahead):.1f} s {side} the venue's{or_late}: look at its synchronization"
        key = (AlertKind.CLOCK_OFFSET, "")
        return self._begins(key, (at, at), Severity.CRITICAL, title, {"seconds": round(ahead, 3)})

    def on_clock_right(self, at: float) -> list[Alert]:
        """It is not any more."""
        return self._over(AlertKind.CLOCK_OFFSET, "", "our clock and the venue's agree again", at)

    def _begins(
        self,
        key: tuple[AlertKind, str],
        times: tuple[float, float],
        severity: Severity,
        title: str,
        detail: Detail,
    ) -> list[Alert]:
        at = times[1]
        if key in self._told or at < self._next.get(key, -math.inf):
            return []
        self._told[key], self._next[key] = at, at + COOL_DOWN
        return [
            Alert(self._id, self._symbol, *times, key[0], severity, f"{self._name}: {title}", detail, key[1])
        ]

    def _over(self, kind: AlertKind, reference: str, title: str, at: float) -> list[Alert]:
        since = self._told.pop((kind, reference), None)
        if since is None:
            return []
        detail: Detail = {"since": since, "seconds": at - since}
        title = f"{self._name}: {title}, after {at - since:.0f} s"
        whose = f"{RESOLVED} {reference}".strip()
        return [Alert(self._id, self._symbol, at, at, kind, Severity.INFO, title, detail, whose)]


def failure_alert(
    instrument_id: int, symbol: str, venue: str, times: int, error: str, at: float, *, over: bool
) -> Alert:
    """Something of ours fails in a symbol again and again, so that it has no book for most of the time."""
    name, kind = f"{symbol} on {venue}", AlertKind.BOOK_STALE
    detail: Detail = {"cause": Cause.FAILED.value, "times": times, "error": error}
    if over:
        title = f"{name}: it has not failed for a minute, after {times} times"
        return Alert(instrument_id, symbol, at, at, kind, Severity.INFO, title, detail, f"{RESOLVED} failed")
    title = f"{name}: it has failed here {times} times in a row and is begun anew ever more seldom: {error}"
    return Alert(instrument_id, symbol, at, at, kind, Severity.CRITICAL, title, detail, "failed")
