"""Binance's bulk archives of funding (a month a file) and of metrics (a day a file). Pure: no I/O.

`data/futures/um/monthly/fundingRate/SYM/SYM-fundingRate-YYYY-MM.zip` (calc_time, funding_interval_hours,
last_funding_rate) and `data/futures/um/daily/metrics/SYM/SYM-metrics-YYYY-MM-DD.zip` (create_time, symbol,
sum_open_interest, sum_open_interest_value, ratios). github.com/binance/binance-public-data.
"""

from datetime import date, datetime
from typing import Final
from urllib.parse import quote

import polars as pl

from alphapulse_resources.candle_files.model import CandleFileError
from alphapulse_resources.futures_history.files.options import FUNDING, OPEN_INTEREST, FileOptions, Kind
from alphapulse_resources.futures_history.files.reading import read_content
from alphapulse_resources.futures_history.rows import RATIO_SCHEMA, Told
from alphapulse_resources.venues.model import ErrorKind, Reject, VenueError

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


_RATIO_COLUMNS: Final = {
    "count_long_short_ratio": "accounts",
    "count_toptrader_long_short_ratio": "top_accounts",
    "sum_toptrader_long_short_ratio": "top_positions",
}
"""Columns of metrics and the kind of ratio that each is."""


def read_ratios(content: bytes, venue_symbol: str) -> Told:
    """RATIO_SCHEMA of an unpacked archive of metrics, at the times that it gives, like those over REST.

    A ratio that is empty was not told; one that is no number, or below 0, is a reject. Raises `VenueError`
    BAD_BODY where the file has other columns, or is of another symbol.
    """
    wanted = ("create_time", "symbol", *_RATIO_COLUMNS)
    try:
        rows = pl.read_csv(content, columns=list(wanted), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        first = str(error).splitlines()[0]
        raise VenueError(ErrorKind.BAD_BODY, f"the archive is not as published before: {first}") from error
    if others := set(rows["symbol"].unique().to_list()) - {venue_symbol}:
        raise VenueError(ErrorKind.BAD_BODY, f"the archive of {venue_symbol} holds rows of {others}")
    long = rows.rename(_RATIO_COLUMNS).unpivot(
        list(_RATIO_COLUMNS.values()), index="create_time", variable_name="kind", value_name="told"
    )
    read = long.filter(pl.col("told").fill_null("") != "").with_columns(
        ts=pl.col("create_time").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_zone="UTC"),
        ratio=pl.col("told").cast(pl.Float64, strict=False),
    )
    good = read["ts"].is_not_null() & (read["ratio"].is_finite() & (read["ratio"] >= 0)).fill_null(False)
    rejects = [
        Reject("no time, or no ratio of 0 or more", row, row.pop("ts"))
        for row in read.filter(~good).select("create_time", "kind", "told", "ts").iter_rows(named=True)
    ]
    shares = read.filter(good).with_columns(
        long_share=pl.col("ratio") / (1 + pl.col("ratio")), short_share=1 / (1 + pl.col("ratio"))
    )
    return Told(shares.select(RATIO_SCHEMA.names()).cast(dict(RATIO_SCHEMA)).sort("ts", "kind"), rejects)  # type: ignore[arg-type]
