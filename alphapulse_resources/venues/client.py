"""The client of the venues: markets, order books, and candles from the first source that answers."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.archive import ArchiveSource
from alphapulse_resources.venues.archive_cache import ArchiveCache
from alphapulse_resources.venues.coarse import CoarseSource
from alphapulse_resources.venues.depth import fetch_order_book
from alphapulse_resources.venues.exchanges import MIRROR, Exchanges
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_resources.venues.markets import fetch_markets
from alphapulse_resources.venues.model import CandlePage, Instrument, Market
from alphapulse_resources.venues.plan import ARCHIVE, TRADES, YAHOO, Step, steps, whole_minutes, within_reach
from alphapulse_resources.venues.rate_limit import RateLimiter
from alphapulse_resources.venues.registry import find_venue
from alphapulse_resources.venues.rest import RestSource
from alphapulse_resources.venues.sources import Source, pages_in_turn
from alphapulse_resources.venues.trades import TradesSource
from alphapulse_resources.venues.yahoo import YahooSource


class VenueClient:
    """Markets and closed 1m candles of every venue in the registry, order books where sockets send none.

    `cache_dir` keeps downloaded archives (default: `archives` below the settings' home). Safe to use from
    several threads; processes share what the limiter shares.
    """

    def __init__(self, settings: Settings, limiter: RateLimiter, *, cache_dir: Path | None = None) -> None:
        self._settings = settings
        self._gateway = Gateway(limiter)
        self._exchanges = Exchanges(settings)
        directory = cache_dir or settings.home / "archives"
        self._sources: dict[str, Source[Instrument, CandlePage]] = {
            ARCHIVE: ArchiveSource(ArchiveCache(directory, settings, self._gateway)),
            "rest": RestSource("rest", self._gateway, self._exchanges),
            MIRROR: RestSource(MIRROR, self._gateway, self._exchanges),
            TRADES: TradesSource(self._gateway, self._exchanges),
            YAHOO: YahooSource(settings, self._gateway, directory),
        }
        self._coarse = CoarseSource(self._gateway, self._exchanges)

    def markets(self, venue: str) -> list[Market]:
        """What the venue lists now, sorted by symbol. Raises `VenueError`."""
        return fetch_markets(venue, self._gateway, self._exchanges)

    def order_book(self, venue: str, venue_symbol: str, limit: int, *, kind: str) -> bytes:
        """The venue's REST order book of at most `limit` levels a side, as it came (JSON).

        Blocks for as long as the limiter waits. Raises `VenueError`, and `ValueError` for a venue whose books
        come over its socket, a kind it does not have or a limit it does not serve.
        """
        return fetch_order_book(
            venue, venue_symbol, limit, kind=kind, gateway=self._gateway, exchanges=self._exchanges
        )

    def clock_distance(self, venue: str) -> tuple[float, float] | None:
        """Seconds that our clock is ahead of a venue's by its latest answer over REST, and when that came."""
        return self._gateway.clock_distance(venue)

    def sources(self, instrument: Instrument) -> tuple[str, ...]:
        """The sources for an instrument in the order in which they are tried."""
        own = find_venue(instrument.venue).sources
        return (*own, YAHOO) if self._settings.venues.yahoo_enabled else own

    def candles(
        self,
        instrument: Instrument,
        start: datetime,
        end: datetime,
        *,
        sources: Sequence[str] | None = None,
        now: datetime | None = None,
    ) -> Iterator[CandlePage]:
        """Pages in time order that together are `[start, min(end, last closed minute))`, without a hole.

        Each page is what one source said; without rows it says that the source has none there. `sources`
        restricts them and sets their order. `now` is the caller's clock (default: the system's); the venue's
        own clock is heeded where it is behind. Requests that failed before a page came are among its fetches.

        Raises `VenueError` when every source failed for a stretch; the pages before it stay valid, and the
        call can be repeated from the end of the last one. Raises `ValueError` for a time without zone or a
        source the instrument does not have.
        """
        moment = now or datetime.now(UTC)
        first, last = whole_minutes(start, end, moment)
        order = self._order(instrument, sources)
        plan = steps(first, last, moment, order, as_asked=sources is not None)
        plan = within_reach(plan, find_venue(instrument.venue).rest.reach, moment)
        return self._pages(instrument, plan, moment)

    def coarse_candles(
        self, instrument: Instrument, timeframe: str, start: datetime, end: datetime, *, now: datetime
    ) -> Iterator[CandlePage]:
        """The venue's own bars of 1h or 1d that are closed, as pages in time order over `[start, end)`.

        Raises `VenueError`; the pages before it stay valid. Venues that do not serve them: `coarse_reach`.
        """
        return self._coarse.pages(instrument, timeframe, start, end, now)

    def _order(self, instrument: Instrument, asked: Sequence[str] | None) -> tuple[str, ...]:
        available = self.sources(instrument)
        if asked is None:
            return available
        if not asked or not set(asked) <= set(available):
            wrong = ", ".join(source for source in asked if source not in available) or "an empty list"
            raise ValueError(f"{instrument} has no source {wrong}: use some of {', '.join(available)}")
        return tuple(asked)

    def _pages(self, instrument: Instrument, plan: Iterator[Step], now: datetime) -> Iterator[CandlePage]:
        for step in plan:
            reached = step.start
            window = (step.start, step.end)
            for page in pages_in_turn(self._sources, step.sources, instrument, window, now, "candles"):
                yield page
                reached = page.end
            if reached < step.end:
                return  # the venue's clock says that the rest is not over yet
