"""The candles of one symbol as the session has them: closed, forming, and the sweeps found in them. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from alphapulse_assets.candles.closing import (
    PATIENCE,
    CandleCloser,
    CandleValues,
    ClosedCandle,
    FormingCandle,
)
from alphapulse_assets.candles.venue_clock import Clock
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.order_book.whales.sweeps import Sweep, SweepDetector
from alphapulse_assets.order_book.whales.thresholds import SweepThresholds
from alphapulse_resources.streams.messages import Candle, Trade

HELD_BACK: Final = 3
"""Bars that wait for a missing one before them, which REST may bring; then it counts as a gap (ours)."""


class LiveCandles:
    """Closes candles by the venue's word or from trades, and looks for sweeps in the closed ones, in order.

    Args:
        symbol: the venue's own name.
        from_trades: the venue has no candle channel.
        thresholds: what makes a sweep.
        at: from when on the symbol is followed; earlier minutes are never overdue.
        clock: of the market, if it is known by more than this symbol's messages.
    """

    def __init__(
        self,
        symbol: str,
        thresholds: SweepThresholds,
        at: float,
        *,
        from_trades: bool,
        clock: Clock | None = None,
    ) -> None:
        self._closer = CandleCloser(symbol, from_trades=from_trades, clock=clock)
        self._closer.begin(at)
        self._from_trades = from_trades
        self._heard = False  # trades, since the beginning or the latest hole
        self._sweeps = SweepDetector(symbol, thresholds)
        self._step = timedelta(seconds=thresholds.bar_seconds)
        self._latest: datetime | None = None  # open time of the bar the detector had last
        self._waiting: dict[datetime, Bar] = {}
        self._told: FormingCandle | None = None

    def on_candle(self, candle: Candle, at: float) -> list[ClosedCandle]:
        """Take the venue's candle."""
        return self._closer.on_candle(candle, at)

    def on_trade(self, trade: Trade, at: float) -> list[ClosedCandle]:
        """Take a trade, where candles are made of them."""
        if not self._from_trades:
            return []
        if not self._heard:
            self._heard = True
            self._closer.begin(at)
        return self._closer.on_trade(trade, at)

    def on_hole(self, at: float) -> None:
        """Trades are missing, from the latest one until the next."""
        self._heard = False
        self._closer.on_gap(at)

    def on_time(self, at: float) -> list[ClosedCandle]:
        """The minutes of trades that are over."""
        return self._closer.on_time(at) if self._from_trades else []

    def overdue(self, at: float, patience: float = PATIENCE) -> list[datetime]:
        """Minutes whose candle did not come; see `CandleCloser.overdue`."""
        return self._closer.overdue(at, patience)

    def new_forming(self) -> FormingCandle | None:
        """The candle that is not closed yet; None if it is as it was last taken."""
        forming = self._closer.forming
        if forming is None or forming == self._told:
            return None
        self._told = forming
        return forming

    def filled(self, candle: CandleValues) -> list[Sweep]:
        """A closed candle that came another way; the sweeps it completes."""
        self._closer.filled(candle.ts)
        return self.sweeps(candle)

    def warm(self, bars: Iterable[Bar]) -> None:
        """Closed bars of the past, in order: what they tell of is known already."""
        for bar in bars:
            if self._latest is None or bar.ts > self._latest:
                self._feed(bar)

    def sweeps(self, candle: Bar) -> list[Sweep]:
        """The sweeps that a closed candle completes; one that corrects an earlier candle completes none."""
        if self._latest is not None and candle.ts <= self._latest:
            return []
        self._waiting[candle.ts] = candle
        found: list[Sweep] = []
        while self._waiting:
            first = min(self._waiting)
            follows = self._latest is None or first == self._latest + self._step
            if not follows and len(self._waiting) <= HELD_BACK:
                break
            found += self._feed(self._waiting.pop(first))
        return found

    def _feed(self, bar: Bar) -> list[Sweep]:
        self._latest = bar.ts
        return self._sweeps.on_bar(bar)
