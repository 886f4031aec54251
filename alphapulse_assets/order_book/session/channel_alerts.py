"""Alerts about the streams of one symbol: a channel that is dead, refused, or of a clock that is wrong. Pure.

Each is told once when it begins and once when it is over; what begins again within the cool-down is not told.
"""

from typing import Final

from alphapulse_assets.alerts.cool_downs import Episodes
from alphapulse_assets.alerts.model import RESOLVED, Alert, AlertKind, AlertSubject, Detail, Severity
from alphapulse_assets.order_book.book.events import Cause
from alphapulse_assets.order_book.session.alerts import LOGIC_VERSION
from alphapulse_resources.streams.protocols import Channel

COOL_DOWN: Final = 60.0
"""Seconds between two tellings of one trouble (ours)."""

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
        self._episodes = Episodes(AlertSubject(instrument_id, symbol, venue, LOGIC_VERSION), COOL_DOWN)

    def on_channel(self, cause: Cause, since: float, detail: Detail, at: float) -> list[Alert]:
        """A channel is known to be dead since `since`, or is heard again."""
        kind, channel = _KINDS[cause]
        if cause in _OVER:
            return self._episodes.ends((kind, ""), f"its {channel} are heard again", at)
        title = f"its {channel} are not heard any more, though the venue's own figures show that there were"
        return self._episodes.begins((kind, ""), (since, at), Severity.CRITICAL, title, detail)

    def on_refused(self, channel: Channel, why: str, at: float) -> list[Alert]:
        """The venue refused a channel; it is asked for again."""
        title = f"the venue refuses its {channel}, which are asked for again: {why}"
        if channel is Channel.DEPTH:
            title = f"the venue refuses its order book, which is asked for again: {why}"
        key = (AlertKind.SUBSCRIPTION_REFUSED, channel.value)
        detail: Detail = {"channel": channel.value, "why": why}
        return self._episodes.begins(key, (at, at), Severity.WARNING, title, detail)

    def on_accepted(self, channel: Channel, at: float) -> list[Alert]:
        """It does not any more."""
        kind = AlertKind.SUBSCRIPTION_REFUSED
        title = f"the venue does not refuse its {channel} any more"
        return self._episodes.ends((kind, channel.value), title, at)

    def on_clock(self, ahead: float, at: float) -> list[Alert]:
        """Our clock is `ahead` seconds ahead of the venue's, or everything comes so late."""
        side = "ahead of" if ahead > 0 else "behind"
        or_late = ", or all its messages come so late" if ahead > 0 else ""
        title = f"our clock is {abs(ahead):.1f} s {side} the venue's{or_late}: look at its synchronization"
        key = (AlertKind.CLOCK_OFFSET, "")
        return self._episodes.begins(key, (at, at), Severity.CRITICAL, title, {"seconds": round(ahead, 3)})

    def on_clock_right(self, at: float) -> list[Alert]:
        """It is not any more."""
        return self._episodes.ends((AlertKind.CLOCK_OFFSET, ""), "our clock and the venue's agree again", at)


def failure_alert(
    instrument_id: int, symbol: str, venue: str, times: int, error: str, at: float, *, over: bool
) -> Alert:
    """Something of ours fails in a symbol again and again, so that it has no book for most of the time."""
    subject, kind = AlertSubject(instrument_id, symbol, venue, LOGIC_VERSION), AlertKind.BOOK_STALE
    detail: Detail = {"cause": Cause.FAILED.value, "times": times, "error": error}
    if over:
        title = f"it has not failed for a minute, after {times} times"
        return subject.alert(kind, Severity.INFO, (at, at), title, detail, f"{RESOLVED} failed")
    title = f"it has failed here {times} times in a row and is begun anew ever more seldom: {error}"
    return subject.alert(kind, Severity.CRITICAL, (at, at), title, detail, "failed")
