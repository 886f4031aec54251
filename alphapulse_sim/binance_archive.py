"""Binance's bulk archive (`data.binance.vision`): zipped CSV klines with checksums, by month and by day.

As published: spot without a header and in microseconds from 2025-01-01, futures with a header from 2022-05
and in milliseconds.
"""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from alphapulse_sim.archive_files import HOST, ArchiveFile, ArchiveFiles
from alphapulse_sim.binance import kline_columns
from alphapulse_sim.instruments import Listing, epoch_ms
from alphapulse_sim.intervals import STEPS

MICROSECONDS_FROM: Final = epoch_ms("2025-01-01")
HEADER_FROM: Final = epoch_ms("2022-05-01")
HEADER: Final = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    "taker_buy_quote_volume,ignore"
)


class BinanceArchive(ArchiveFiles):
    """The handlers of klines on the archive host."""

    def routes(self) -> list[web.RouteDef]:
        """The routes of klines."""
        tail = "{period:monthly|daily}/klines/{symbol}/{what}/{name}"
        return [
            web.get(f"/{HOST}/data/{{market:spot}}/{tail}", self.serve),
            web.get(f"/{HOST}/data/futures/{{market:um}}/{tail}", self.serve),
        ]

    def listing(self, part: Mapping[str, str]) -> Listing | None:
        """See `ArchiveFiles`."""
        if _interval(part["what"]) not in STEPS:
            return None
        market = ("binance", "spot") if part["market"] == "spot" else ("binanceusdm", "perpetual")
        return self.sim.catalogue.find(*market, part["symbol"])

    def lines(self, file: ArchiveFile) -> list[str] | None:
        """See `ArchiveFiles`."""
        interval = _interval(file.what)
        bars = self.sim.market.bars(file.listing, interval, file.start_ms, file.end_ms, file.end_ms)
        bars = bars.take(bars.ts < file.end_ms)
        if not len(bars):
            return None
        columns = kline_columns(file.listing, bars, interval)
        spot = file.listing.kind == "spot"
        if spot and file.start_ms >= MICROSECONDS_FROM:
            columns[0] = [ts * 1000 for ts in columns[0]]
            columns[6] = [ts * 1000 + 999 for ts in columns[6]]
        lines = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
        return [HEADER, *lines] if not spot and file.start_ms >= HEADER_FROM else lines


def _interval(name: str) -> str:
    """As the market has it: a month is `1mo` in names of files."""
    return "1M" if name == "1mo" else name
