"""Binance's bulk archives of funding (a month a file) and of metrics (a day a file). Pure: no I/O.

`data/futures/um/monthly/fundingRate/SYM/SYM-fundingRate-YYYY-MM.zip` (calc_time, funding_interval_hours,
last_funding_rate) and `data/futures/um/daily/metrics/SYM/SYM-metrics-YYYY-MM-DD.zip` (create_time, symbol,
sum_open_interest, sum_open_interest_value, ratios). github.com/binance/binance-public-data.
"""

from datetime import date, datetime
from typing import Final
from urllib.parse import quote

from alphapulse_resources.candle_files.model import CandleFileError
from alphapulse_resources.futures_history.files.options import FUNDING, OPEN_INTEREST, FileOptions, Kind
from alphapulse_resources.futures_history.files.reading import read_content
from alphapulse_resources.futures_history.rows import Told
from alphapulse_resources.venues.model import ErrorKind, VenueError

HOST: Final = "data.binance.vision"


def funding_path(prefix: str, month: date, venue_symbol: str) -> str:
    """Where the settlements of a month are."""
    symbol = quote(venue_symbol, safe="")
    return f"/{prefix}/monthly/fundingRate/{symbol}/{symbol}-fundingRate-{month:%Y-%m}.zip"


def metrics_path(prefix: str, day: date, venue_symbol: str) -> str:
    """Where the metrics of a day are."""
    symbol = quote(venue_symbol, safe="")
    return f"/{prefix}/daily/metrics/{symbol}/{symbol}-metrics-{day:%Y-%m-%d}.zip"


def read_archive(content: bytes, kind: Kind, venue: str, venue_symbol: str, day: datetime) -> Told:
    """The rows of an unpacked archive of `day` (of a month: its first). Raises `VenueError` BAD_BODY."""
    of_day = day.date() if kind == OPEN_INTEREST else None
    options = FileOptions(kind, venue, timezone="UTC", day=of_day, force=True)
    try:
        symbols = read_content(content, "fundingRate" if kind == FUNDING else "metrics", options)
    except CandleFileError as error:
        first = str(error).splitlines()[0]
        raise VenueError(ErrorKind.BAD_BODY, f"the archive is not as published before: {first}") from error
    if any(each.spelled not in (None, venue_symbol) for each in symbols):
        others = ", ".join(str(each.spelled) for each in symbols)
        raise VenueError(ErrorKind.BAD_BODY, f"the archive of {venue_symbol} holds rows of {others}")
    (told,) = symbols
    return Told(told.rows, told.rejects.kept)
