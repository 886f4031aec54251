"""Binance's bulk archives of 1m klines (github.com/binance/binance-public-data). Pure: no I/O."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import quote

from alphapulse_resources.venues.binance.archive_csv import read_csv
from alphapulse_resources.venues.limits import Bucket
from alphapulse_resources.venues.venue import Publisher

ARCHIVE: Final = "binance-archive"
ARCHIVE_LIMITS: Final = {ARCHIVE: Bucket(20, 1)}
"""Static files without a published limit; 20 per second is ours, to stay polite."""


def publisher(prefix: str) -> Publisher:
    """The archives below `prefix`: data/spot, data/futures/um."""
    return Publisher("data.binance.vision", _path(prefix), read_csv)


def _path(prefix: str) -> Callable[[str, datetime, str], str]:
    def path(period: str, start: datetime, venue_symbol: str) -> str:
        symbol = quote(venue_symbol, safe="")
        stamp = f"{start:%Y-%m}" if period == "monthly" else f"{start:%Y-%m-%d}"
        return f"/{prefix}/{period}/klines/{symbol}/1m/{symbol}-1m-{stamp}.zip"

    return path
