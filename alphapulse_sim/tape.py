"""Trades and bars as arrays of whole ticks and lots, and the fold from one to the other.

Everything is an integer, so a fold gives the same answer whatever the order or the window.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from alphapulse_sim.hashing import Ints
from alphapulse_sim.intervals import MINUTE, opens


@dataclass(frozen=True, slots=True)
class _Columns:
    """A dataclass whose fields are arrays of one length."""

    def take(self, chosen: slice | NDArray[np.bool_]) -> Self:
        """The rows chosen by a slice or a mask."""
        return type(self)(*(getattr(self, column.name)[chosen] for column in fields(self)))

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """The rows of all parts in order; at least one part."""
        if len(parts) == 1:
            return parts[0]
        columns = [[getattr(part, column.name) for part in parts] for column in fields(cls)]
        return cls(*map(np.concatenate, columns))


@dataclass(frozen=True, slots=True)
class Trades(_Columns):
    """Trades in order of time: milliseconds, ticks, lots, who was the maker, ids."""

    ts: Ints
    price: Ints
    size: Ints
    buyer_is_maker: NDArray[np.bool_]
    ids: Ints

    def __len__(self) -> int:
        return len(self.ts)


@dataclass(frozen=True, slots=True)
class Bars(_Columns):
    """Bars in order of time; prices in ticks, volumes in lots, quote volumes in ticks times lots."""

    ts: Ints  # open time, milliseconds
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    quote: Ints
    trades: Ints
    taker_volume: Ints
    taker_quote: Ints
    first_id: Ints
    last_id: Ints

    @property
    def prices(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Open, high, low, close."""
        return self.open, self.high, self.low, self.close

    def __len__(self) -> int:
        return len(self.ts)


def empty_bars() -> Bars:
    """No bars."""
    return Bars(*(np.empty(0, dtype=np.int64) for _ in fields(Bars)))


def empty_trades() -> Trades:
    """No trades."""
    nothing = np.empty(0, dtype=np.int64)
    return Trades(nothing, nothing, nothing, nothing.astype(np.bool_), nothing)


def _groups(group: Ints) -> tuple[Ints, Ints]:
    """Where each run of equal values starts and ends (inclusive); `group` is sorted and not empty."""
    starts = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    return starts, np.append(starts[1:], len(group)) - 1


def fold_trades(trades: Trades) -> Bars:
    """One-minute bars of the minutes that traded."""
    if not len(trades):
        return empty_bars()
    starts, ends = _groups(trades.ts // MINUTE)
    quote = trades.price * trades.size
    taker = ~trades.buyer_is_maker  # the taker bought
    return Bars(
        ts=trades.ts[starts] // MINUTE * MINUTE,
        open=trades.price[starts],
        high=np.maximum.reduceat(trades.price, starts),
        low=np.minimum.reduceat(trades.price, starts),
        close=trades.price[ends],
        volume=np.add.reduceat(trades.size, starts),
        quote=np.add.reduceat(quote, starts),
        trades=ends - starts + 1,
        taker_volume=np.add.reduceat(trades.size * taker, starts),
        taker_quote=np.add.reduceat(quote * taker, starts),
        first_id=trades.ids[starts],
        last_id=trades.ids[ends],
    )


def merge_bars(bars: Bars, interval: str) -> Bars:
    """Bars of a longer interval out of shorter ones that do not straddle its borders."""
    if not len(bars):
        return bars
    opened = opens(bars.ts, interval)
    starts, ends = _groups(opened)
    return Bars(
        ts=opened[starts],
        open=bars.open[starts],
        high=np.maximum.reduceat(bars.high, starts),
        low=np.minimum.reduceat(bars.low, starts),
        close=bars.close[ends],
        volume=np.add.reduceat(bars.volume, starts),
        quote=np.add.reduceat(bars.quote, starts),
        trades=np.add.reduceat(bars.trades, starts),
        taker_volume=np.add.reduceat(bars.taker_volume, starts),
        taker_quote=np.add.reduceat(bars.taker_quote, starts),
        first_id=bars.first_id[starts],
        last_id=bars.last_id[ends],
    )
