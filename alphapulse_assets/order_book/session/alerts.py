"""Rules for alerts of one symbol's book: what deserves one, and once. Pure rules over what was found.

Each rule has hysteresis or a cool-down (`alerts.cool_downs`). What a cool-down holds back is counted in the
next alert of its kind. Thresholds are in `whales.thresholds`.
"""

import math
from typing import Final

from alphapulse_assets.alerts.cool_downs import CoolDown
from alphapulse_assets.alerts.model import RESOLVED, Alert, AlertKind, AlertSubject, Detail, Severity
from alphapulse_assets.order_book.book.events import BookEvent, BookState, Cause
from alphapulse_assets.order_book.whales.events import WhaleEvent, WhaleKind
from alphapulse_assets.order_book.whales.sweeps import Sweep
from alphapulse_assets.order_book.whales.thresholds import AlertThresholds

LOGIC_VERSION: Final = 2
"""Raised when a rule changes."""

_WHALES: Final = {
    WhaleKind.WALL_APPEARED: (Severity.INFO, "wall"),
    WhaleKind.LARGE_TRADE: (Severity.INFO, "large trade"),
    WhaleKind.SUSPECTED_ICEBERG: (Severity.WARNING, "suspected iceberg"),
    WhaleKind.SUSPECTED_SPOOF: (Severity.WARNING, "suspected spoof"),
}
"""The whale events that are told, how much they matter and what they are called."""

_SEEN_AGAIN: Final = frozenset({"found", "came_into_reach"})
"""Causes of walls that are no news where they were told of before."""

_AS_LARGE: Final = 0.25
"""A wall is the same as one told of if its size differs by less than this share (ours)."""


class AlertRules:
    """The rules for one symbol. Every call returns the alerts that are due.

    Args:
        instrument_id: whose alerts they are.
        symbol: the venue's own name.
        venue: for the titles.
        thresholds: from when on something is told.
        quote: the currency that notionals are in, for the titles; None: not known.
    """

    def __init__(
        self,
        instrument_id: int,
        symbol: str,
        venue: str,
        thresholds: AlertThresholds,
        quote: str | None = None,
    ) -> None:
        self._quote = quote or "quote units"
        self._walls_told: dict[
            tuple[str, float], tuple[float, float]
        ] = {}  # size and when, by side and price
        self._subject = AlertSubject(instrument_id, symbol, venue, LOGIC_VERSION)
        self._limits = thresholds
        self._side = 0.0  # of the imbalance that is going on: 1 bids, -1 asks, 0 none
        self._since = (0.0, 0.0)  # ts and our clock when it began
        self._told_side = 0.0  # for which nothing more is told before it is armed again
        self._imbalances = CoolDown(thresholds.cool_down)
        self._whales = CoolDown(thresholds.cool_down)
        self._unproven: BookEvent | None = None  # since when the book is not synced
        self._was_synced = False
        self._stale_told = False

    def on_imbalance(self, value: float, ts: float, at: float) -> list[Alert]:
        """The imbalance of a new state of the book, -1 to 1; NaN: unknown, which ends what was going on."""
        due = self.on_time(at)
        side = 0.0 if not abs(value) >= self._limits.imbalance else math.copysign(1.0, value)
        if not abs(value) >= self._limits.imbalance_rearm or value * self._told_side < 0.0:
            self._told_side = 0.0
        if side != self._side:
            self._side, self._since = side, (ts, at)
        return due + self._lasting(at)

    def on_lost(self, at: float) -> list[Alert]:
        """The book is not proven any more: what its imbalance does meanwhile is unknown."""
        due = self._lasting(at)
        self._side = 0.0
        return due

    def on_time(self, at: float) -> list[Alert]:
        """Time has passed: an imbalance may have lasted long enough, a book been unproven for too long."""
        return self._lasting(at) + self._stale(at)

    def on_whales(self, events: list[WhaleEvent]) -> list[Alert]:
        """The largest kinds of whale event above the notional, by one cool-down."""
        return [alert for event in events if event.kind in _WHALES for alert in self._whale(event)]

    def on_sweep(self, sweep: Sweep, known_at: float) -> list[Alert]:
        """A sweep; each is told."""
        beyond = f"{sweep.beyond_atr:.2f} ATR " if math.isfinite(sweep.beyond_atr) else ""
        title = (
            f"swept the {sweep.side} of {sweep.pivot:g}, went {beyond}beyond to "
            f"{sweep.extreme:g} and closed back at {sweep.close:g} on {sweep.relative_volume:.1f} x volume"
        )
        detail: Detail = {
            "side": sweep.side,
            "pivot": sweep.pivot,
            "pivot_time": sweep.pivot_time,
            "extreme": sweep.extreme,
            "close": sweep.close,
            "relative_volume": sweep.relative_volume,
        }
        reference = f"{sweep.side} {sweep.pivot_time:.0f}"
        times = (sweep.ts, known_at)
        return [self._subject.alert(AlertKind.SWEEP, Severity.WARNING, times, title, detail, reference)]

    def on_event(self, event: BookEvent) -> list[Alert]:
        """A change of the book's state: from when on it is unproven, and that it is proven again."""
        due = self._stale(event.at)
        if event.after is BookState.SYNCED:
            before, self._unproven = self._unproven, None
            told, self._stale_told, self._was_synced = self._stale_told, False, True
            return due + ([self._resolved(event, before)] if told and before else [])
        if event.after is BookState.STOPPED:
            self._unproven = None
        elif self._unproven is None or (self._unproven.after is BookState.LAGGING and not self._stale_told):
            self._unproven = event  # what is late may fall silent: that is worse
        return due

    def _lasting(self, at: float) -> list[Alert]:
        due = self._since[1] + self._limits.imbalance_lasting
        if not self._side or self._side == self._told_side or at < due:
            return []
        self._told_side = self._side
        kept_back = self._imbalances.passes(due)
        if kept_back is None:
            return []
        more, less = ("bids", "asks") if self._side > 0 else ("asks", "bids")
        title = (
            f"far more {more} than {less} near mid, imbalance beyond "
            f"{self._side * self._limits.imbalance:+.2f} for {self._limits.imbalance_lasting:g} s"
        )
        detail: Detail = {
            "side": more,
            "threshold": self._limits.imbalance,
            "since": self._since[0],
            "kept_back": kept_back,
        }
        times = (self._since[0], due)
        return [self._subject.alert(AlertKind.IMBALANCE, Severity.WARNING, times, title, detail, more)]

    def _stale(self, at: float) -> list[Alert]:
        event = self._unproven
        if event is None or self._stale_told:
            return []
        patience = self._limits.stale if self._was_synced else self._limits.stale_at_first
        # of a silent stream it counts from when it was last heard, with time for REST to tell of the market
        silent = float(event.detail.get("seconds", 0.0)) if event.cause is Cause.SILENT else 0.0
        since = event.at - silent
        due = max(since + patience, event.at + patience / 2)
        if at < due:
            return []
        self._stale_told = True
        late = event.after is BookState.LAGGING
        kind = AlertKind.BOOK_LAGGING if late else AlertKind.BOOK_STALE
        title = f"its book has not been proven for {due - since:.3g} s ({event.cause.value})"
        if late:
            lag = float(event.detail.get("seconds", 0.0))
            title = f"its book is not of now: updates come {lag:.3g} s late, for {patience:g} s"
        elif not self._was_synced:
            title = f"its book has never been proven, for {due - since:.3g} s ({event.cause.value})"
        detail: Detail = {"cause": event.cause.value, "since": since}
        severity = Severity.CRITICAL if self._was_synced else Severity.WARNING
        return [self._subject.alert(kind, severity, (event.at, due), title, detail)]

    def _resolved(self, event: BookEvent, before: BookEvent) -> Alert:
        lasted = event.at - before.at
        late = before.after is BookState.LAGGING
        what = "in time" if late else "proven"
        title = f"its book is {what} again after {lasted:.0f} s ({event.cause.value})"
        detail: Detail = {
            "cause": before.cause.value,
            "since": before.at,
            "seconds": lasted,
        }
        kind = AlertKind.BOOK_LAGGING if late else AlertKind.BOOK_STALE
        return self._subject.alert(kind, Severity.INFO, (event.at, event.at), title, detail, RESOLVED)

    def _whale(self, event: WhaleEvent) -> list[Alert]:
        if not self._large(event) or self._told_before(event):
            return []
        kept_back = self._whales.passes(event.known_at)
        if kept_back is None:
            return []
        if event.kind is WhaleKind.WALL_APPEARED:
            self._walls_told[event.side, event.price] = (event.size, event.known_at)
        severity, name = _WHALES[event.kind]
        whose = "by a" if event.kind is WhaleKind.LARGE_TRADE else "on the"
        side = {"bid": "buyer", "ask": "seller"}[event.side] if whose == "by a" else f"{event.side} side"
        title = (
            f"{name} {whose} {side}, {self._worth(event)} at {event.price:g}, "
            f"{event.distance_bps:.1f} bps from mid"
        )
        if event.cause == "found":
            title += ", there already when first seen"
        detail: Detail = {
            "kind": event.kind.value,
            "side": event.side,
            "price": event.price,
            "size": event.size,
            "notional": event.notional,
            # NaN is no JSON: where it is sent to, nobody could read it
            "notional_usd": "unknown" if math.isnan(event.notional_usd) else event.notional_usd,
            "distance_bps": event.distance_bps,
            "cause": event.cause,
            "kept_back": kept_back,
        }
        reference = f"{event.kind.value} {event.side} {event.price!r}"
        times = (event.ts, event.known_at)
        return [self._subject.alert(AlertKind.WHALE, severity, times, title, detail, reference)]

    def _large(self, event: WhaleEvent) -> bool:
        """Whether a whale is worth telling: in USD, or beside what is usual where that cannot be told."""
        limits = self._limits
        if not math.isnan(event.notional_usd):
            by_kind = {
                WhaleKind.LARGE_TRADE: limits.trade_notional,
                WhaleKind.SUSPECTED_ICEBERG: limits.iceberg_notional,
                WhaleKind.SUSPECTED_SPOOF: limits.spoof_notional,
            }
            return event.notional_usd >= (by_kind.get(event.kind) or limits.whale_notional)
        ratio, usual = event.evidence.get("median_ratio"), event.evidence.get("usual_notional")
        if isinstance(usual, float):
            ratio = event.notional / usual
        return isinstance(ratio, float) and ratio >= limits.whale_ratio

    def _told_before(self, event: WhaleEvent) -> bool:
        """Whether it is a wall that was told of, and there is nothing new of it but that it is seen again."""
        due = event.known_at - self._limits.whale_again
        self._walls_told = {wall: told for wall, told in self._walls_told.items() if told[1] > due}
        told = self._walls_told.get((event.side, event.price))
        return (
            told is not None
            and event.kind is WhaleKind.WALL_APPEARED
            and event.cause in _SEEN_AGAIN
            and abs(event.size - told[0]) < _AS_LARGE * told[0]
        )

    def _worth(self, event: WhaleEvent) -> str:
        """What a whale is about, in USD if it can be told, and in its own currency."""
        if math.isnan(event.notional_usd):
            return f"{_round(event.notional)} {self._quote} (worth in USD not known)"
        if self._quote == "USD":
            return f"{event.notional_usd:,.0f} USD"
        return f"{event.notional_usd:,.0f} USD ({_round(event.notional)} {self._quote})"


def _round(amount: float) -> str:
    """An amount of money, with cents of small ones."""
    return f"{amount:,.0f}" if amount >= 1_000.0 else f"{amount:.4g}"
