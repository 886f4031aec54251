"""Liquidations that come in cascades: many of one side within a minute, far beyond what is usual. Pure.

Forced sales move the price that forces the next ones: what is told here is that this is going on. From when
on is in `order_book.whales.thresholds.LiquidationThresholds`. Of venues that tell one order a second a
cascade is larger than what is seen of it, and so is what is usual.
"""

import math
from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Final, NamedTuple

from alphapulse_assets.alerts.cool_downs import CoolDown
from alphapulse_assets.alerts.model import Alert, AlertKind, AlertSubject, Detail, Severity
from alphapulse_assets.order_book.whales.thresholds import LiquidationThresholds
from alphapulse_assets.order_book.whales.usd import UNKNOWN, UsdRate

LOGIC_VERSION: Final = 1
"""Raised when a rule changes."""

MINUTE: Final = 60.0

_AGAIN: Final = 30.0
"""Seconds of the venue's clock in which what comes twice is recognized, beyond the window (ours)."""


class Closed(NamedTuple):
    """A liquidation as it counts here; tuples of one time are ordered by the rest of it."""

    ts: float  # seconds since 1970, the venue's clock
    price: float
    size: float
    occurrence: int
    notional: float  # quote units


@dataclass(slots=True)
class _Side:
    """What was closed of one side of late."""

    cool_down: CoolDown
    recent: list[Closed] = field(default_factory=list)  # in order of time
    over: bool = False  # whether a cascade goes on


class CascadeWatch:
    """Follows the liquidations of one symbol; every call returns the alerts that are due.

    Args:
        subject: whose alerts they are.
        limits: from when on it is a cascade.
        quote: the currency that notionals are in, for the titles; None: not known.
    """

    def __init__(
        self, subject: AlertSubject, limits: LiquidationThresholds, quote: str | None = None
    ) -> None:
        self._subject = subject
        self._limits = limits
        self._quote = quote or "quote units"
        self._sides = {side: _Side(CoolDown(limits.cool_down)) for side in ("long", "short")}
        self._minutes: dict[int, float] = {}  # what was closed by minute, where anything was
        self._newest = -math.inf

    def warm(self, minutes: Iterable[tuple[float, float]]) -> None:
        """What was closed in minutes of before: their start (seconds since 1970) and quote units."""
        for start, notional in minutes:
            self._minutes.setdefault(int(start // MINUTE), notional)

    def on_liquidation(self, side: str, closed: Closed, at: float, rate: UsdRate = UNKNOWN) -> list[Alert]:
        """A position of `side` (long, short) was closed, as was heard `at`; nothing where it came before.

        What is usual is of minutes that were over before the window began, so that the same liquidations
        give the same alerts whatever comes later.
        """
        found = self._sides[side]
        if closed.ts <= self._newest - self._limits.window - _AGAIN or closed in found.recent:
            return []
        insort(found.recent, closed)
        minute = int(closed.ts // MINUTE)
        self._minutes[minute] = self._minutes.get(minute, 0.0) + closed.notional
        self._newest = max(self._newest, closed.ts)
        self._forget()
        return self._judge(side, found, closed, at, rate)

    def usual(self) -> float | None:
        """The median of the minutes with liquidations before the window; None: there were too few."""
        until = int((self._newest - self._limits.window) // MINUTE)
        since = (self._newest - self._limits.memory) // MINUTE
        sums = [notional for minute, notional in self._minutes.items() if since <= minute < until]
        return median(sums) if len(sums) >= self._limits.least_minutes else None

    def _judge(self, side: str, found: _Side, closed: Closed, at: float, rate: UsdRate) -> list[Alert]:
        window = [each for each in found.recent if each.ts > self._newest - self._limits.window]
        total = math.fsum(each.notional for each in window)
        usual = self.usual()
        before = found.over
        found.over = len(window) >= self._limits.least_count and self._large(total, usual, rate)
        if not found.over or before:
            return []
        kept_back = found.cool_down.passes(at)
        return [] if kept_back is None else [self._alert(side, window, total, usual, rate, at, kept_back)]

    def _large(self, total: float, usual: float | None, rate: UsdRate) -> bool:
        limits = self._limits
        if rate.known and total * rate.value < limits.floor:
            return False
        if usual is None:
            return rate.known and total * rate.value >= limits.alone
        return total >= limits.ratio * usual

    def _alert(
        self,
        side: str,
        window: list[Closed],
        total: float,
        usual: float | None,
        rate: UsdRate,
        at: float,
        kept_back: int,
    ) -> Alert:
        first, last = window[0], window[-1]
        move = (last.price / first.price - 1.0) * 1e4
        worth = f"{total * rate.value:,.0f} USD" if rate.known else f"{total:,.0f} {self._quote}"
        beside = f", {total / usual:.1f} x its usual minute" if usual else ""
        title = (
            f"{len(window)} {side} positions closed by force within {self._limits.window:g} s, worth {worth}"
            f"{beside}, at {first.price:g} to {last.price:g} ({move:+.1f} bps)"
        )
        detail: Detail = {
            "position_side": side,
            "seconds": self._limits.window,
            "liquidations": len(window),
            "notional": total,
            "notional_usd": total * rate.value if rate.known else "unknown",
            "usual_notional": "unknown" if usual is None else usual,
            "first_price": first.price,
            "last_price": last.price,
            "move_bps": move,
            "kept_back": kept_back,
        }
        kind, times = AlertKind.LIQUIDATION_CASCADE, (last.ts, at)
        return self._subject.alert(kind, Severity.WARNING, times, title, detail, side)

    def _forget(self) -> None:
        """What is too old to count, or to come again."""
        oldest = self._newest - self._limits.window - _AGAIN
        for side in self._sides.values():
            if side.recent and side.recent[0].ts <= oldest:
                side.recent = [each for each in side.recent if each.ts > oldest]
        since = (self._newest - self._limits.memory) // MINUTE
        for minute in [each for each in self._minutes if each < since]:
            del self._minutes[minute]
