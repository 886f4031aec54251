"""Binance's bulk archive (`data.binance.vision`): zipped CSV klines with checksums, by month and by day.

As published: spot without a header and in microseconds from 2025-01-01, futures with a header from 2022-05
and in milliseconds; a month appears on the 2nd of the next, a day at 02:00 UTC of the next (times are ours).
"""

import asyncio
import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aiohttp import web

from alphapulse_sim.binance import kline_columns
from alphapulse_sim.context import Simulator
from alphapulse_sim.instruments import Listing, epoch_ms
from alphapulse_sim.intervals import DAY, HOUR, STEPS, next_open

HOST: Final = "data.binance.vision"
MICROSECONDS_FROM: Final = epoch_ms("2025-01-01")
HEADER_FROM: Final = epoch_ms("2022-05-01")
HEADER: Final = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    "taker_buy_quote_volume,ignore"
)
_NAME: Final = re.compile(
    r"(?P<symbol>[A-Z0-9]+)-(?P<interval>\w+)-(?P<date>\d{4}-\d{2}(?:-\d{2})?)\.zip(?P<checksum>\.CHECKSUM)?"
)
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip can carry: same bytes every time
_KEPT: Final = 48  # archives kept in memory


@dataclass(frozen=True, slots=True)
class _File:
    """One archive: what it covers."""

    listing: Listing
    interval: str
    start_ms: int
    end_ms: int
    stem: str


class BinanceArchive:
    """The handlers of the archive host."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self._zipped = lru_cache(maxsize=_KEPT)(self._build)

    def routes(self) -> list[web.RouteDef]:
        """The routes of the archive host."""
        tail = "{period:monthly|daily}/klines/{symbol}/{interval}/{name}"
        return [
            web.get(f"/{HOST}/data/{{market:spot}}/{tail}", self.serve),
            web.get(f"/{HOST}/data/futures/{{market:um}}/{tail}", self.serve),
        ]

    async def serve(self, request: web.Request) -> web.Response:
        """A zip or its checksum; 404 in S3's words when it is not, or not yet, there."""
        found = self._find(request)
        # a month takes most of a second: not on the event loop
        body = await asyncio.to_thread(self._zipped, found) if found else None
        if found is None or body is None:
            return no_such_key(request)
        if request.path.endswith(".CHECKSUM"):
            line = f"{hashlib.sha256(body).hexdigest()}  {found.stem}.zip\n"
            return web.Response(text=line, content_type="binary/octet-stream")
        return web.Response(body=body, content_type="application/zip")

    def _find(self, request: web.Request) -> _File | None:
        part = request.match_info
        name = _NAME.fullmatch(part["name"])
        if name is None or (name["symbol"], name["interval"]) != (part["symbol"], part["interval"]):
            return None
        monthly = part["period"] == "monthly"
        if monthly != (len(name["date"]) == len("2024-01")):
            return None
        interval = "1M" if part["interval"] == "1mo" else part["interval"]
        market = ("binance", "spot") if part["market"] == "spot" else ("binanceusdm", "perpetual")
        listing = self.sim.catalogue.find(*market, part["symbol"])
        if listing is None or interval not in STEPS:
            return None
        try:
            start = epoch_ms(f"{name['date']}-01" if monthly else name["date"])
        except ValueError:
            return None
        end = next_open(start, "1M") if monthly else start + DAY
        published = end + (DAY if monthly else 2 * HOUR)
        if self.sim.now_ms(request) < published:
            return None
        return _File(listing, interval, start, end, f"{part['symbol']}-{part['interval']}-{name['date']}")

    def _build(self, file: _File) -> bytes | None:
        """The bytes of an archive, or None where the listing never traded in that time."""
        bars = self.sim.market.bars(file.listing, file.interval, file.start_ms, file.end_ms, file.end_ms)
        bars = bars.take(bars.ts < file.end_ms)
        if not len(bars):
            return None
        columns = kline_columns(file.listing, bars, file.interval)
        spot = file.listing.kind == "spot"
        if spot and file.start_ms >= MICROSECONDS_FROM:
            columns[0] = [ts * 1000 for ts in columns[0]]
            columns[6] = [ts * 1000 + 999 for ts in columns[6]]
        lines = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
        if not spot and file.start_ms >= HEADER_FROM:
            lines.insert(0, HEADER)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            member = zipfile.ZipInfo(f"{file.stem}.csv", _EPOCH)
            archive.writestr(member, "\n".join(lines) + "\n", zipfile.ZIP_DEFLATED, compresslevel=1)
        return packed.getvalue()


def no_such_key(request: web.Request) -> web.Response:
    """What the host says of a file that is not there."""
    key = request.path.removeprefix(f"/{HOST}/")
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
        f"<Message>The specified key does not exist.</Message><Key>{key}</Key></Error>"
    )
    return web.Response(status=404, text=text, content_type="application/xml")
