"""The figures of a session. Pure."""

from dataclasses import dataclass, field

from alphapulse_assets.order_book.whales.thresholds import Thresholds
from alphapulse_assets.order_book.whales.usd import UsdRates


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How often what is told, and when something is silent; all is ours. Intervals in seconds."""

    snapshot_seconds: float = 1.0  # between rows of a book; 0: each message that changes it
    levels: int = 20  # per side in such a row
    zones_seconds: float = 10.0
    status_seconds: float = 1.0  # between rows of a book's status at least, and ...
    idle_status_seconds: float = 5.0  # ... at most, when nothing changes
    forming_seconds: float = 1.0  # between rows of a forming candle
    live_book_seconds: float = 0.1  # between states of a book that somebody watches
    live_book_levels: int = 20  # per side in such a state
    malformed_seconds: float = 1.0  # between events about unreadable frames; others wait for the next
    silence_seconds: float = 10.0  # of a depth stream, until its book is stale
    late_seconds: float = 5.0  # that depth may come late, until its book is lagging; below half of it no more
    clock_seconds: float = 5.0  # that our clock and the venue's may differ, until it is told
    live: bool = True  # tell status and forming candles too, which are about now
    thresholds: Thresholds = field(default_factory=Thresholds)
    rates: UsdRates = field(default_factory=UsdRates)  # at first; `MarketSession.price_in` brings others

    def __post_init__(self) -> None:
        positive = (self.zones_seconds, self.status_seconds, self.forming_seconds, self.silence_seconds)
        if min(positive) <= 0 or self.snapshot_seconds < 0 or self.levels < 1:
            raise ValueError(f"wanted intervals above 0 (snapshots: or 0) and 1+ levels: {self}")
