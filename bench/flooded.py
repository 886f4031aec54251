"""The live path on a flood: the market's stream as a worker holds it, with no limit on asking for books."""

from collections.abc import Collection
from datetime import datetime

from alphapulse_assets.live.market_stream import MarketStream, Surroundings
from alphapulse_assets.order_book.desk_options import DeskOptions
from alphapulse_assets.order_book.events import BookState
from alphapulse_resources.settings import Settings
from alphapulse_resources.streams.tables import Put
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.model import Instrument

_SHARE = 20.0  # of the venue's limit: the flood has none, and nobody wants to wait for its books


class Unlimited:
    """A rate limiter that lets everything through."""

    def acquire(self, bucket: str, weight: float) -> float:
        """At once."""
        return 0.0

    def penalize(self, bucket: str, until: datetime, reason: str) -> None:
        """Nothing is held back."""


def flooded_stream(url: str, symbols: Collection[str], put: Put, options: DeskOptions) -> MarketStream:
    """Follows `symbols` of the flood at `url`, instruments 1, 2, ..., rows to `put`. Wants a running loop."""
    around = Surroundings(
        venues=VenueClient(Settings(venue_url=url), Unlimited()),
        venue_url=url,
        put=put,
        alert=lambda alert: None,
        recent=lambda instrument_id, bars: [],
        on_candle=lambda instrument_id, candle: None,
        options=options,
        run_id="flood",
        shard="1-of-1",
        share=_SHARE,
    )
    stream = MarketStream("binance", around)
    stream.follow(
        Instrument(number, "binance", f"{symbol[:-4]}/USDT", symbol, "spot")
        for number, symbol in enumerate(symbols, 1)
    )
    return stream


def all_synced(stream: MarketStream) -> bool:
    """Whether every book of the stream is proven."""
    books = stream.desk.keeper.books.values()
    return all(book.state is BookState.SYNCED for book in books)
