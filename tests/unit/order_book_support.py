"""What the tests of the order book share: a book that remembers what it said, and a plain one beside it."""

from dataclasses import dataclass, field

from alphapulse_assets.order_book.book.book import OrderBook
from alphapulse_assets.order_book.book.events import BookEvent, SnapshotRequest
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_resources.streams.messages import BookRules, DepthDiff, DepthSnapshot, Levels

SPOT = BookRules()
FUTURES = BookRules(keeps_equal=True)
BYBIT = BookRules(snapshot_in_stream=True)
COINBASE = BookRules(snapshot_in_stream=True, numbers_connections=True)

BIDS: Levels = [(99.0, 1.0), (98.0, 2.0)]
ASKS: Levels = [(101.0, 1.0), (102.0, 2.0)]


@dataclass
class Watched:
    """A book, its events and its requests."""

    rules: BookRules = SPOT
    measures: Measures = field(default_factory=Measures)
    events: list[BookEvent] = field(default_factory=list)
    requests: list[SnapshotRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book = OrderBook(
            "X", self.rules, emit=self.events.append, request=self.requests.append, measures=self.measures
        )

    @property
    def told(self) -> list[str]:
        """Causes of the events so far."""
        return [event.cause.value for event in self.events]


@dataclass
class PlainBook:
    """The book in a few lines that are obviously right."""

    bids: dict[float, float]
    asks: dict[float, float]

    def apply(self, bids: Levels, asks: Levels) -> None:
        """Set sizes; 0 removes."""
        for side, changes in ((self.bids, bids), (self.asks, asks)):
            for price, size in changes:
                side[price] = size
                if not size:
                    del side[price]

    @property
    def levels(self) -> tuple[Levels, Levels]:
        """Both sides, best first."""
        return sorted(self.bids.items(), reverse=True), sorted(self.asks.items())

    @property
    def crossed(self) -> bool:
        """Whether somebody would buy for more than somebody sells."""
        return bool(self.bids and self.asks) and max(self.bids) >= min(self.asks)


def snapshot(
    last_id: int, bids: Levels | None = None, asks: Levels | None = None, limit: int | None = None
) -> DepthSnapshot:
    """A snapshot of 2 levels a side, or of these."""
    return DepthSnapshot(
        "X", last_id, BIDS if bids is None else bids, ASKS if asks is None else asks, limit=limit
    )


def diff(
    first: int,
    last: int | None = None,
    *,
    pu: int | None = None,
    bids: Levels | None = None,
    asks: Levels | None = None,
    ms: int | None = None,
) -> DepthDiff:
    """A diff of updates first..last; `pu` is the end of the one before."""
    last = first if last is None else last
    previous = first - 1 if pu is None else pu
    return DepthDiff("X", previous, first, last, bids or [], asks or [], last if ms is None else ms)
