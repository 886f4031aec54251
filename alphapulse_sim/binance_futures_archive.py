"""Binance's bulk archive of futures statistics: `metrics` a day a file, `fundingRate` a month a file.

As published: rows of metrics every five minutes with a header, labelled with the end of their five minutes
until 2026-06-24 (00:05 ... 00:00 of the next day) and with their start from 2026-06-25 on (00:00 ... 23:55):
github.com/binance/binance-public-data, issue 491. Times of fundingRate jitter by milliseconds.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from aiohttp import web

from alphapulse_sim.archive_files import HOST, ArchiveFile, ArchiveFiles
from alphapulse_sim.decimals import decimal_strings
from alphapulse_sim.derivatives import long_shares, open_interest
from alphapulse_sim.funding import funding_rates, funding_text, interval_hours, settlements, told_at
from alphapulse_sim.hashing import Ints
from alphapulse_sim.instruments import Listing, epoch_ms
from alphapulse_sim.intervals import MINUTE

STARTS_FROM: Final = epoch_ms("2026-06-25")
"""From the file of this day on labels are starts."""
PERIOD: Final = 5 * MINUTE
METRICS: Final = (
    "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,"
    "sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio"
)
FUNDING: Final = "calc_time,funding_interval_hours,last_funding_rate"
_RATIOS: Final = ("top_accounts", "top_positions", "accounts")  # in the order of the columns


class BinanceFuturesArchive(ArchiveFiles):
    """The handlers of statistics on the archive host."""

    def routes(self) -> list[web.RouteDef]:
        """The routes of statistics."""
        prefix = f"/{HOST}/data/futures/um"
        return [
            web.get(f"{prefix}/{{period:daily}}/{{what:metrics}}/{{symbol}}/{{name}}", self.serve),
            web.get(f"{prefix}/{{period:monthly}}/{{what:fundingRate}}/{{symbol}}/{{name}}", self.serve),
        ]

    def listing(self, part: Mapping[str, str]) -> Listing | None:
        """See `ArchiveFiles`."""
        return self.sim.catalogue.find("binanceusdm", "perpetual", part["symbol"])

    def lines(self, file: ArchiveFile) -> list[str] | None:
        """See `ArchiveFiles`."""
        lines = self._metrics(file) if file.what == "metrics" else self._funding(file)
        return lines if len(lines) > 1 else None

    def _funding(self, file: ArchiveFile) -> list[str]:
        settled = settlements(file.listing, file.start_ms, file.end_ms)
        rates = funding_rates(self.sim.market, file.listing, self._spot(file.listing), settled).tolist()
        told = told_at(self.sim.market, file.listing, settled).tolist()
        # the settlement at a change is the last of the hours before it
        hours = [interval_hours(file.listing, ts - 1) for ts in settled.tolist()]
        rows = zip(told, hours, rates, strict=True)
        return [FUNDING, *(f"{ts},{length},{funding_text(rate)}" for ts, length, rate in rows)]

    def _metrics(self, file: ArchiveFile) -> list[str]:
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
