"""An order book at a moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl


@dataclass(frozen=True, slots=True)
class Book:
    """A stored state of an order book, and whether it could be trusted.

    ts: when it was the state of the book, by the venue's clock; received_at: when that reached us, by ours.
    at: the moment that was asked for. age: how much older the book is than that.
    bids, asks: price (quote units), size (the venue's unit) and total (sizes up to this level), best first.
    mid, spread: in quote units; spread_bps: in basis points of mid.
    trusted: whether the book was proven right when it was received, and still was kept at `at`.
    state: what was known of the book then: synced, or why not; none: nobody kept it.
    """

    venue: str
    symbol: str
    at: datetime
    ts: datetime
    received_at: datetime
    update_id: int | None
    bids: pl.DataFrame
    asks: pl.DataFrame
    mid: float
    spread_bps: float
    imbalance: float | None
    trusted: bool
    state: str

    @property
    def spread(self) -> float:
        """Best ask less best bid, in quote units."""
        return float(self.asks["price"][0] - self.bids["price"][0])

    @property
    def age(self) -> timedelta:
        """How much older the book is than the moment asked for."""
        return self.at - self.ts

    def __repr__(self) -> str:
        trust = "trusted" if self.trusted else f"not trusted: {self.state}"
        return (
            f"<book of {self.venue} {self.symbol} at {self.ts:%Y-%m-%d %H:%M:%S.%f} UTC, mid {self.mid:g}, "
            f"spread {self.spread_bps:.2g} bps, {self.bids.height} + {self.asks.height} levels, {trust}>"
        )


def side(prices: list[float], sizes: list[float]) -> pl.DataFrame:
    """One side as a frame, best first."""
    schema = {"price": pl.Float64, "size": pl.Float64}
    return pl.DataFrame({"price": prices, "size": sizes}, schema=schema).with_columns(
        pl.col("size").cum_sum().alias("total")
    )
