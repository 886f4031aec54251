"""The liquidations of one market's streams: their rows, alerts of cascades, and when they were heard at all.

Nothing else rests on it, and what fails here is of one liquidation: it is logged, and the next one comes.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from alphapulse_assets.alerts.model import Alert, AlertSubject
from alphapulse_assets.alerts.rows import alert_row
from alphapulse_assets.futures.liquidations.amounts import amounts
from alphapulse_assets.futures.liquidations.cascades import LOGIC_VERSION, CascadeWatch, Closed
from alphapulse_assets.futures.liquidations.rows import liquidation_row, listening_row, position_side
from alphapulse_assets.futures.liquidations.tables import LIQUIDATION_LISTENING, LIQUIDATIONS
from alphapulse_assets.order_book.book.features import Measures
from alphapulse_assets.order_book.whales.thresholds import Subject, Thresholds
from alphapulse_assets.order_book.whales.usd import UsdRates
from alphapulse_resources.streams.messages import Liquidation
from alphapulse_resources.streams.tables import ORDER_BOOK_ALERTS, Put

log = logging.getLogger(__name__)

STANDS: Final = "the venue has accepted the subscription"
BROKE: Final = "its connection was replaced by another"
LOST: Final = "no connection has the subscription any more"
UNTRACKED: Final = "untracked"
STOPPED: Final = "the run was stopped"


@dataclass(slots=True)
class _Followed:
    """One symbol: who it is, its cascades, and since when and where it is heard."""

    instrument_id: int
    subject: Subject
    measures: Measures
    cascades: CascadeWatch
    since: float | None = None
    connections: frozenset[str] = frozenset()


class LiquidationWatch:
    """One market's. Times are seconds since 1970 UTC, of receipt.

    Args:
        venue: of the market.
        put: where rows go.
        alert: told every alert, after its row was put.
        thresholds: from when on liquidations are a cascade, by market.
        rates: what currencies are worth in USD, at first.
        run_id: in whose name.
    """

    def __init__(
        self,
        venue: str,
        *,
        put: Put,
        alert: Callable[[Alert], None],
        thresholds: Thresholds,
        rates: UsdRates,
        run_id: str,
    ) -> None:
        self.heard = 0
        self.failures = 0
        self._venue = venue
        self._put = put
        self._alert = alert
        self._thresholds = thresholds
        self._rates = rates
        self._run_id = run_id
        self._followed: dict[str, _Followed] = {}

    def track(
        self, symbol: str, instrument_id: int, subject: Subject, measures: Measures | None = None
    ) -> None:
        """Follow a symbol (the venue's own name) from now on; nothing if it is followed already."""
        if symbol in self._followed:
            return
        about = AlertSubject(instrument_id, symbol, self._venue, LOGIC_VERSION)
        limits = self._thresholds.of(subject).liquidations
        cascades = CascadeWatch(about, limits, subject.quote)
        self._followed[symbol] = _Followed(instrument_id, subject, measures or Measures(), cascades)

    def untrack(self, symbol: str, at: float) -> None:
        """Forget a symbol; what still comes of it is left out."""
        if (followed := self._followed.pop(symbol, None)) is not None:
            self._end(followed, UNTRACKED, at)

    def price_in(self, rates: UsdRates) -> None:
        """What currencies are worth in USD from now on."""
        self._rates = rates

    def warm(self, symbol: str, minutes: Iterable[tuple[float, float]]) -> None:
        """Stored minutes (start, quote units) of before, so that what is usual is known from the start."""
        if (followed := self._followed.get(symbol)) is not None:
            followed.cascades.warm(minutes)

    def take(self, told: Liquidation, at: float) -> None:
        """A liquidation that was received `at`; never raises."""
        followed = self._followed.get(told.symbol)
        if followed is None:
            return
        self.heard += 1
        try:
            self._take(followed, told, at)
        except Exception:
            self.failures += 1
            log.exception("%s %s: a liquidation could not be taken: %s", self._venue, told.symbol, told)

    def listening(self, standing: Mapping[str, frozenset[str]], at: float) -> None:
        """The connections on which the venue has accepted the subscription of each symbol, as seen `at`.

        Where none of those of before is left, liquidations may have gone by in between: a stretch ends, and
        another begins.
        """
        for symbol, followed in self._followed.items():
            connections = standing.get(symbol, frozenset())
            if followed.since is not None and not connections & followed.connections:
                self._end(followed, BROKE if connections else LOST, at)
            if connections and followed.since is None:
                followed.since = at
                self._tell(followed, None, STANDS)
            followed.connections = connections

    def stop(self, at: float) -> None:
        """The run ends, and with it all listening."""
        for followed in self._followed.values():
            self._end(followed, STOPPED, at)

    def _take(self, followed: _Followed, told: Liquidation, at: float) -> None:
        rate = self._rates.of(followed.subject.quote)
        worth = amounts(told, followed.measures, rate)
        row = liquidation_row(followed.instrument_id, told, worth, self._run_id, at)
        self._put(LIQUIDATIONS, row)
        if worth.notional is None:
            return
        price = told.average_price or told.price
        closed = Closed(told.venue_ms / 1e3, price, told.size, told.occurrence, worth.notional)
        for alert in followed.cascades.on_liquidation(position_side(told), closed, at, rate):
            self._put(ORDER_BOOK_ALERTS, alert_row(alert))
            self._alert(alert)

    def _end(self, followed: _Followed, why: str, at: float) -> None:
        if followed.since is not None:
            self._tell(followed, max(at, followed.since), why)
            followed.since, followed.connections = None, frozenset()

    def _tell(self, followed: _Followed, until: float | None, why: str) -> None:
        assert followed.since is not None
        row = listening_row(followed.instrument_id, followed.since, until, why, self._run_id)
        self._put(LIQUIDATION_LISTENING, row)
