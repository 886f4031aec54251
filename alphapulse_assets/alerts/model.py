"""What an alert is: its kind, how much it matters, and whose it is. Pure.

Rooms keep their own rules (`order_book.session.alerts`, `order_book.session.channel_alerts`,
`patterns.signals.alerts`) and make alerts of what they find. All of them go to one table, whose row is in
`alerts.rows`, and to the same sinks.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

RESOLVED: Final = "resolved"
"""How the reference begins of an alert which says that another one is over."""

Detail: TypeAlias = dict[str, float | int | str]
"""The figures behind an alert. What is not known is left out or said in words: JSON has no NaN."""


class AlertKind(StrEnum):
    """What an alert is about. The table's CHECK has the same list: a new kind needs a migration."""

    IMBALANCE = "imbalance"
    WHALE = "whale"
    SWEEP = "sweep"
    BOOK_STALE = "book_stale"
    BOOK_LAGGING = "book_lagging"
    TRADES_SILENT = "trades_silent"
    CANDLES_SILENT = "candles_silent"
    SUBSCRIPTION_REFUSED = "subscription_refused"
    CLOCK_OFFSET = "clock_offset"
    SIGNAL = "signal"
    LIQUIDATION_CASCADE = "liquidation_cascade"
    RULE = "rule"  # of somebody's own


class Severity(StrEnum):
    """How much it matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that somebody may want to know at once.

    `ts` is when it happened (the venue's clock for what the venue told, else ours), `known_at` when it was
    known here, in seconds since 1970 UTC. `reference` tells alerts of one kind and time apart.
    `logic_version` is that of the rules that raised it.
    """

    instrument_id: int
    symbol: str
    ts: float
    known_at: float
    kind: AlertKind
    severity: Severity
    title: str
    detail: Detail
    reference: str
    logic_version: int


@dataclass(frozen=True, slots=True)
class AlertSubject:
    """Whose alerts they are, and by which version of which rules.

    `symbol` is the name that its room knows it by: an order book's is the venue's own.
    """

    instrument_id: int
    symbol: str
    venue: str
    logic_version: int

    @property
    def name(self) -> str:
        """As titles call it."""
        return f"{self.symbol} on {self.venue}"

    def alert(
        self,
        kind: AlertKind,
        severity: Severity,
        times: tuple[float, float],
        title: str,
        detail: Detail,
        reference: str = "",
    ) -> Alert:
        """An alert of it.

        Args:
            kind: what it is about.
            severity: how much it matters.
            times: when it happened and when it was known here, in seconds since 1970 UTC.
            title: the alert in a sentence, without the name, which is put before it.
            detail: the figures behind it.
            reference: tells alerts of one kind and time apart; empty where there can be one only.
        """
        return Alert(
            self.instrument_id,
            self.symbol,
            *times,
            kind,
            severity,
            f"{self.name}: {title}",
            detail,
            reference,
            self.logic_version,
        )
