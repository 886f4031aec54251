"""What the venue tests share: instruments, the simulated market's truth, how candles are held to it."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import polars as pl

from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.model import CandlePage, Instrument
from alphapulse_sim.context import SimConfig, Simulator

NOW = datetime(2024, 3, 20, 12, 0, 20, tzinfo=UTC)

SPOT = Instrument(1, "binance", "BTC/USDT", "BTCUSDT", "spot")
USDM = Instrument(2, "binanceusdm", "BTC/USDT:USDT", "BTCUSDT", "perpetual")
BYBIT = Instrument(3, "bybit", "BTC/USDT", "BTCUSDT", "spot")
LINEAR = Instrument(4, "bybit", "BTC/USDT:USDT", "BTCUSDT", "perpetual")
COINBASE = Instrument(5, "coinbase", "BTC/USD", "BTC-USD", "spot")

MakeClient = Callable[..., VenueClient]


def candles_of(pages: Iterable[CandlePage]) -> pl.DataFrame:
    """All candles of pages, after checking that the pages do not overlap and leave no hole."""
    found = list(pages)
    for page, following in pairwise(found):
        assert page.end == following.start
    for page in found:
        assert page.candles["ts"].is_sorted()
        assert page.candles["ts"].is_between(page.start, page.end, closed="left").all()
    return pl.concat([page.candles for page in found])


def truth(
    instrument: Instrument,
    start: datetime,
    end: datetime,
    *,
    archived: bool = False,
    now: datetime = NOW,
) -> pl.DataFrame:
    """What the simulated market did in `[start, end)`: as REST shows it at `now`, or as an archive does."""
    market = Simulator(SimConfig())
    listing = market.catalogue.find(instrument.venue, instrument.kind, instrument.venue_symbol)
    assert listing is not None
    first, last, at_ms = (round(moment.timestamp() * 1000) for moment in (start, end, now))
    if archived:
        bars = market.market.bars(listing, "1m", first, last, at_ms)
    else:
        bars = market.rest_bars(listing, "1m", first, last, at_ms)
    bars = bars.take(np.less(bars.ts, min(last, at_ms // 60_000 * 60_000)))
    price, size = 10**listing.price_digits, 10**listing.size_digits
    return pl.DataFrame(
        {
            "ts": bars.ts,
            "open": bars.open / price,
            "high": bars.high / price,
            "low": bars.low / price,
            "close": bars.close / price,
            "volume": bars.volume / size,
        }
    ).with_columns(pl.from_epoch("ts", "ms").dt.replace_time_zone("UTC").cast(pl.Datetime("us", "UTC")))


def assert_is_truth(found: pl.DataFrame, expected: pl.DataFrame) -> None:
    """The same candles, to the last digit."""
    assert expected.height > 0
    assert found.select(expected.columns).rows() == expected.rows()
