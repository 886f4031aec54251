"""What is told of whales: kinds of event, and the scene they happen in. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.book.kernels import BIDS
from alphapulse_assets.order_book.book.peaks import Floats
from alphapulse_assets.order_book.whales.usd import PAR, UsdRate

LOGIC_VERSION: Final = 2
"""Raised when a formula changes; thresholds are recorded elsewhere."""

Evidence: TypeAlias = dict[str, float | int | str]


class WhaleKind(StrEnum):
    """What happened. What starts with `suspected` is a suspicion: depth by price cannot prove it."""

    WALL_APPEARED = "wall_appeared"
    WALL_GREW = "wall_grew"
    WALL_SHRUNK = "wall_shrunk"
    WALL_CONSUMED = "wall_consumed"  # taken by trades at its price
    WALL_PULLED = "wall_pulled"  # vanished, and trades do not explain it
    WALL_ENDED = "wall_ended"  # no longer followed; what became of it is not known
    CLUSTER_FORMED = "cluster_formed"
    CLUSTER_DISSOLVED = "cluster_dissolved"
    LARGE_TRADE = "large_trade"
    SUSPECTED_ICEBERG = "suspected_iceberg"
    SUSPECTED_SPOOF = "suspected_spoof"


class Moment(NamedTuple):
    """When something happened and when it was known here: seconds since 1970 UTC."""

    ts: float  # the venue's clock
    known_at: float  # our clock, of receipt


@dataclass(frozen=True, slots=True)
class WhaleEvent:
    """One thing that happened.

    `side` is "bid" or "ask": where the order rests; of a large trade, the aggressor's ("bid": a buyer).
    `size` is the level's or trade's; of an ended wall its peak, of a cluster the sum, of an iceberg what was
    executed. `notional` is in quote units, `distance_bps` from mid. Times are seconds since 1970 UTC.
    `usd_rate` is what a quote unit was taken to be worth; NaN: unknown.
    """

    kind: WhaleKind
    symbol: str
    ts: float
    known_at: float
    side: str
    price: float
    size: float
    notional: float
    distance_bps: float
    cause: str
    evidence: Evidence
    logic_version: int = LOGIC_VERSION
    usd_rate: float = 1.0

    @property
    def notional_usd(self) -> float:
        """The notional in USD; NaN where a quote unit's worth is unknown."""
        return self.notional * self.usd_rate


class Scene:
    """One symbol's book as far as events need it: its units, what they are worth, and mid."""

    __slots__ = ("_contract", "_inverse", "mid", "rate", "symbol")

    def __init__(self, symbol: str, measures: Measures, rate: UsdRate = PAR) -> None:
        self.symbol: Final = symbol
        self.mid = float("nan")
        self.rate = rate
        self._contract = measures.contract
        self._inverse = measures.inverse

    def notional(self, price: float, size: float) -> float:
        """What a size is worth in quote units."""
        return size * self._contract if self._inverse else size * self._contract * price

    def notionals(self, prices: Floats, sizes: Floats) -> Floats:
        """The same of many."""
        return sizes * self._contract if self._inverse else sizes * self._contract * prices

    def distance_bps(self, price: float) -> float:
        """Distance from mid, on either side, in basis points of mid."""
        return abs(price - self.mid) / self.mid * 1e4

    def event(
        self,
        kind: WhaleKind,
        moment: Moment,
        side: int,
        level: tuple[float, float],
        cause: str,
        evidence: Evidence,
    ) -> WhaleEvent:
        """An event about a (price, size), as seen from the present mid."""
        price, size = level
        rated: Evidence = {"usd_rate": self.rate.value if self.rate.known else "unknown"}
        return WhaleEvent(
            kind=kind,
            symbol=self.symbol,
            ts=moment.ts,
            known_at=moment.known_at,
            side="bid" if side == BIDS else "ask",
            price=price,
            size=size,
            notional=self.notional(price, size),
            distance_bps=self.distance_bps(price),
            cause=cause,
            evidence=evidence | rated,
            usd_rate=self.rate.value,
        )
