"""What only Binance USD-M futures answer: premium index, funding, open interest and its history."""

from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim import binance_errors as ask
from alphapulse_sim.binance import USDM, BinanceMarket
from alphapulse_sim.context import reply
from alphapulse_sim.decimals import decimal_string, decimal_strings
from alphapulse_sim.derivatives import (
    FUNDING_MS,
    funding_rates,
    funding_text,
    index_prices,
    mark_prices,
    open_interest,
)
from alphapulse_sim.hashing import Ints
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import DAY, STEPS

_PERIODS: Final = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")
_HISTORY_MS: Final = 30 * DAY  # the venue keeps no more


class BinanceUsdm(BinanceMarket):
    """USD-M futures: the common routes and those of perpetuals."""

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        prefix = f"/{host}{self.dialect.prefix}"
        return [
            *super().routes(host),
            web.get(f"{prefix}/premiumIndex", self.premium_index),
            web.get(f"{prefix}/fundingRate", self.funding_rate),
            web.get(f"{prefix}/openInterest", self.open_interest),
            web.get(f"/{host}/futures/data/openInterestHist", self.open_interest_history),
        ]

    async def premium_index(self, request: web.Request) -> web.Response:
        """Mark and index price with the funding of these eight hours; all contracts without `symbol`."""
        now = self.sim.now_ms(request)
        if "symbol" in request.query:
            return reply(self._premium(self.listing(request), now))
        listings = self.sim.catalogue.of(USDM.venue, USDM.kind, now)
        return reply([self._premium(listing, now) for listing in listings if listing.trading(now)])

    def _premium(self, listing: Listing, now_ms: int) -> dict[str, Any]:
        market, at = self.sim.market, np.array([now_ms], dtype=np.int64)
        spot = self.sim.catalogue.find("binance", "spot", listing.symbol)
        settled = now_ms // FUNDING_MS * FUNDING_MS
        index = decimal_string(int(index_prices(market, listing, spot, at)[0]), 8, 8)
        return {
            "symbol": listing.symbol,
            "markPrice": decimal_string(int(mark_prices(market, listing, at)[0]), 8, 8),
            "indexPrice": index,
            "estimatedSettlePrice": index,
            "lastFundingRate": funding_text(int(funding_rates(market, listing, np.array([settled]))[0])),
            "interestRate": "0.00010000",
            "nextFundingTime": settled + FUNDING_MS,
            "time": now_ms,
        }

    async def funding_rate(self, request: web.Request) -> web.Response:
        """Settled funding, oldest first."""
        listing = self.listing(request)
        most = ask.limit(request, 100, 1000, clamp=True)
        settled = self._grid(request, listing, FUNDING_MS, most)
        if not len(settled):
            return reply([])
        rates = funding_rates(self.sim.market, listing, settled)
        marks = decimal_strings(mark_prices(self.sim.market, listing, settled), 8, 8)
        rows = zip(settled.tolist(), rates.tolist(), marks, strict=True)
        return reply(
            [
                {
                    "symbol": listing.symbol,
                    "fundingTime": ts,
                    "fundingRate": funding_text(rate),
                    "markPrice": mark,
                }
                for ts, rate, mark in rows
            ]
        )

    def _grid(
        self, request: web.Request, listing: Listing, step: int, most: int, keep_ms: int | None = None
    ) -> Ints:
        """The multiples of `step` asked for: the first `most` from `startTime`, else the last."""
        now = self.sim.now_ms(request)
        start, end = ask.window(request)
        earliest = max(listing.listed_ms, now - keep_ms if keep_ms else 0)
        last = min(now, (end - 1) if end is not None else now, (listing.delisted_ms or now + 1) - 1) // step
        first = -(-max(earliest, start or 0) // step)
        if start is None:
            first = max(first, last - most + 1)
        return np.arange(first, min(last, first + most - 1) + 1, dtype=np.int64) * step

    async def open_interest(self, request: web.Request) -> web.Response:
        """The open interest now."""
        listing, now = self.listing(request), self.sim.now_ms(request)
        lots = int(open_interest(self.sim.market, listing, np.array([now]))[0])
        text = decimal_string(lots, listing.size_digits, listing.size_digits)
        return reply({"symbol": listing.symbol, "openInterest": text, "time": now})

    async def open_interest_history(self, request: web.Request) -> web.Response:
        """Open interest of the last 30 days at the end of each period, oldest first."""
        listing, period = self.listing(request), ask.text(request, "period")
        if period not in _PERIODS:
            raise ask.BinanceError(-1130, "Data sent for parameter 'period' is not valid.")
        most = ask.limit(request, 30, 500, clamp=False)
        at = self._grid(request, listing, STEPS[period], most, _HISTORY_MS)
        if not len(at):
            return reply([])
        lots = open_interest(self.sim.market, listing, at)
        values = np.rint(lots * listing.lot * self.sim.market.mid(listing, at) * 1e8).astype(np.int64)
        texts = zip(
            decimal_strings(lots, listing.size_digits, 8),
            decimal_strings(values, 8, 8),
            at.tolist(),
            strict=True,
        )
        return reply(
            [
                {
                    "symbol": listing.symbol,
                    "sumOpenInterest": size,
                    "sumOpenInterestValue": value,
                    "timestamp": ts,
                }
                for size, value, ts in texts
            ]
        )
