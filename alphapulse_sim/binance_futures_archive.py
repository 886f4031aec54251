"""Binance's bulk archive of futures statistics: `metrics` a day a file, `fundingRate` a month a file.

As published: rows of metrics every five minutes with a header, labelled with the end of their five minutes
until 2026-06-24 (00:05 ... 00:00 of the next day) and with their start from 2026-06-25 on (00:00 ... 23:55):
github.com/binance/binance-public-data, issue 491. Times of fundingRate jitter by milliseconds.
"""

import asyncio
import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from aiohttp import web

from alphapulse_sim.binance_archive import HOST, no_such_key
from alphapulse_sim.context import Simulator
from alphapulse_sim.decimals import decimal_strings
from alphapulse_sim.derivatives import long_shares, open_interest
from alphapulse_sim.funding import funding_rates, funding_text, interval_hours, settlements, told_at
from alphapulse_sim.hashing import Ints
from alphapulse_sim.instruments import Listing, epoch_ms
from alphapulse_sim.intervals import DAY, HOUR, MINUTE, next_open

STARTS_FROM: Final = epoch_ms("2026-06-25")
"""From the file of this day on labels are starts."""
PERIOD: Final = 5 * MINUTE
METRICS: Final = (
    "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,"
    "sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio"
)
FUNDING: Final = "calc_time,funding_interval_hours,last_funding_rate"
_RATIOS: Final = ("top_accounts", "top_positions", "accounts")  # in the order of the columns
_NAME: Final = re.compile(
    r"(?P<symbol>[A-Z0-9]+)-(?P<kind>metrics|fundingRate)-(?P<date>\d{4}-\d{2}(?:-\d{2})?)\.zip"
    r"(?P<checksum>\.CHECKSUM)?"
)
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip can carry: same bytes every time
_KEPT: Final = 64  # archives kept in memory


@dataclass(frozen=True, slots=True)
class _File:
    """One archive: what it covers."""

    listing: Listing
    kind: str
    start_ms: int
    end_ms: int
    stem: str


class BinanceFuturesArchive:
    """The handlers of statistics on the archive host."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self._zipped = lru_cache(maxsize=_KEPT)(self._build)

    def routes(self) -> list[web.RouteDef]:
        """The routes of the archive host."""
        prefix = f"/{HOST}/data/futures/um"
        return [
            web.get(f"{prefix}/{{period:daily}}/{{kind:metrics}}/{{symbol}}/{{name}}", self.serve),
            web.get(f"{prefix}/{{period:monthly}}/{{kind:fundingRate}}/{{symbol}}/{{name}}", self.serve),
        ]

    async def serve(self, request: web.Request) -> web.Response:
        """A zip or its checksum; 404 in S3's words when it is not, or not yet, there."""
        found = self._find(request)
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
        if name is None or (name["symbol"], name["kind"]) != (part["symbol"], part["kind"]):
            return None
        monthly = part["period"] == "monthly"
        listing = self.sim.catalogue.find("binanceusdm", "perpetual", part["symbol"])
        if listing is None or monthly != (len(name["date"]) == len("2024-01")):
            return None
        try:
            start = epoch_ms(f"{name['date']}-01" if monthly else name["date"])
        except ValueError:
            return None
        end = next_open(start, "1M") if monthly else start + DAY
        published = end + (DAY if monthly else 2 * HOUR)
        if self.sim.now_ms(request) < published:
            return None
        return _File(listing, part["kind"], start, end, f"{part['symbol']}-{part['kind']}-{name['date']}")

    def _build(self, file: _File) -> bytes | None:
        """The bytes of an archive, or None where the listing never traded in that time."""
        lines = self._metrics(file) if file.kind == "metrics" else self._funding(file)
        if len(lines) < 2:
            return None
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            member = zipfile.ZipInfo(f"{file.stem}.csv", _EPOCH)
            archive.writestr(member, "\n".join(lines) + "\n", zipfile.ZIP_DEFLATED, compresslevel=1)
        return packed.getvalue()

    def _funding(self, file: _File) -> list[str]:
        settled = settlements(file.listing, file.start_ms, file.end_ms)
        rates = funding_rates(self.sim.market, file.listing, self._spot(file.listing), settled).tolist()
        told = told_at(self.sim.market, file.listing, settled).tolist()
        # the settlement at a change is the last of the hours before it
        hours = [interval_hours(file.listing, ts - 1) for ts in settled.tolist()]
        rows = zip(told, hours, rates, strict=True)
        return [FUNDING, *(f"{ts},{length},{funding_text(rate)}" for ts, length, rate in rows)]

    def _metrics(self, file: _File) -> list[str]:
        """Open interest at each moment, ratios, and takers' flow in the five minutes before it."""
        listing, market = file.listing, self.sim.market
        moments = np.arange(file.start_ms + PERIOD, file.end_ms + 1, PERIOD, dtype=np.int64)
        moments = moments[(moments > listing.listed_ms) & (moments <= (listing.delisted_ms or 1 << 62))]
        if not len(moments):
            return [METRICS]
        lots = open_interest(market, listing, moments)
        values = np.rint(lots * listing.lot * market.mid(listing, moments) * 1e8).astype(np.int64)
        shares = [long_shares(market, listing, self._spot(listing), kind, moments) for kind in _RATIOS]
        columns = [
            decimal_strings(lots, listing.size_digits, 8),
            decimal_strings(values, 8, 8),
            *([f"{share / (1 - share):.8f}" for share in each.tolist()] for each in shares),
            self._flow(listing, moments),
        ]
        starts = file.start_ms >= STARTS_FROM
        labels = (moments - PERIOD if starts else moments).astype("datetime64[ms]")
        times = [text.replace("T", " ") for text in np.datetime_as_string(labels, unit="s").tolist()]
        return [
            METRICS,
            *(
                f"{ts},{listing.symbol},{','.join(row)}"
                for ts, row in zip(times, zip(*columns, strict=True), strict=True)
            ),
        ]

    def _flow(self, listing: Listing, moments: Ints) -> list[str]:
        bars = self.sim.market.minute_bars(listing, int(moments[0]) - PERIOD, int(moments[-1]))
        which = np.searchsorted(moments - PERIOD, bars.ts, side="right") - 1
        bought = np.bincount(which, bars.taker_volume, len(moments))
        sold = np.bincount(which, bars.volume, len(moments)) - bought
        ratios = np.divide(bought, sold, out=np.zeros(len(moments)), where=sold > 0)
        return [f"{ratio:.8f}" for ratio in ratios.tolist()]

    def _spot(self, listing: Listing) -> Listing | None:
        return self.sim.catalogue.find("binance", "spot", f"{listing.base}USDT")
