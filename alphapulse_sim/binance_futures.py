"""What only Binance's futures answer: premium index, funding, open interest, ratios, taker flow."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim import binance_errors as ask
from alphapulse_sim.binance import BinanceMarket
from alphapulse_sim.binance_futures_archive import STARTS_FROM
from alphapulse_sim.context import reply
from alphapulse_sim.decimals import decimal_string, decimal_strings
from alphapulse_sim.derivatives import long_shares, mark_prices, open_interest
from alphapulse_sim.funding import (
    ADJUSTED_CAP,
    USUAL_HOURS,
    funding_rates,
    funding_text,
    interval_hours,
    next_settlement,
    settlements,
    standing,
    told_at,
)
from alphapulse_sim.hashing import Ints
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import DAY, HOUR, STEPS

_PERIODS: Final = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")
_HISTORY_MS: Final = 30 * DAY  # the venue keeps no more
_JITTER_MS: Final = 1000
_FAR: Final = 1 << 52
RATIOS: Final = {
    "globalLongShortAccountRatio": "accounts",
    "topLongShortAccountRatio": "top_accounts",
    "topLongShortPositionRatio": "top_positions",
}


class BinanceUsdm(BinanceMarket):
    """USD-M futures: the common routes and those of perpetuals."""

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        prefix, data = f"/{host}{self.dialect.prefix}", f"/{host}/futures/data"
        return [
            *super().routes(host),
            web.get(f"{prefix}/premiumIndex", self.premium_index),
            web.get(f"{prefix}/fundingRate", self.funding_rate),
            web.get(f"{prefix}/fundingInfo", self.funding_info),
            web.get(f"{prefix}/openInterest", self.open_interest),
            web.get(f"{data}/openInterestHist", self.open_interest_history),
            web.get(f"{data}/takerlongshortRatio", self.taker_flow),
            *(web.get(f"{data}/{name}", self._ratio_handler(kind)) for name, kind in RATIOS.items()),
        ]

    def _listings(self, now_ms: int) -> list[Listing]:
        listings = self.sim.catalogue.of(self.dialect.venue, self.dialect.kind, now_ms)
        return [listing for listing in listings if listing.trading(now_ms)]

    def spot(self, listing: Listing) -> Listing | None:
        """What the index of a contract is of."""
        return self.sim.catalogue.find("binance", "spot", f"{listing.base}USDT")

    async def premium_index(self, request: web.Request) -> web.Response:
        """Mark and index price with the funding to come; all contracts that trade without `symbol`."""
        now = self.sim.now_ms(request)
        if "symbol" in request.query:
            return reply(self._premium(self.listing(request), now))
        return reply([self._premium(listing, now) for listing in self._listings(now)])

    def _premium(self, listing: Listing, now_ms: int) -> dict[str, Any]:
        now = standing(self.sim.market, listing, self.spot(listing), now_ms)
        index = decimal_string(round(now.index * 1e8), 8, 8)
        return {
            "symbol": listing.symbol,
            "markPrice": decimal_string(round(now.mark * 1e8), 8, 8),
            "indexPrice": index,
            "estimatedSettlePrice": index,
            "lastFundingRate": funding_text(now.rate),
            "interestRate": "0.00010000",
            "nextFundingTime": next_settlement(listing, now_ms),
            "time": now_ms,
        }

    async def funding_rate(self, request: web.Request) -> web.Response:
        """Settled funding, oldest first; of all contracts without `symbol`."""
        now, market = self.sim.now_ms(request), self.sim.market
        most = ask.limit(request, 100, 1000, clamp=True)
        start, end = ask.window(request)
        named = [self.listing(request)] if "symbol" in request.query else self._listings(now)
        rows: list[tuple[int, Listing, int]] = []
        for listing in named:
            until = min(now, (end - 1) if end is not None else now) + 1
            since = start if start is not None else until - most * interval_hours(listing, now) * HOUR
            settled = settlements(listing, since - _JITTER_MS, until)
            told = told_at(market, listing, settled)
            wanted = (told >= since) & (told < until)
            rows += zip(told[wanted].tolist(), [listing] * len(told), settled[wanted].tolist(), strict=False)
        rows.sort(key=lambda row: (row[0], row[1].symbol))
        return reply(self._settled(rows[:most] if start is not None else rows[-most:]))

    def _settled(self, rows: list[tuple[int, Listing, int]]) -> list[dict[str, Any]]:
        market, found = self.sim.market, {}
        for listing in {row[1].symbol: row[1] for row in rows}.values():
            settled = np.array([row[2] for row in rows if row[1] is listing], dtype=np.int64)
            rates = funding_rates(market, listing, self.spot(listing), settled).tolist()
            marks = decimal_strings(mark_prices(market, listing, settled), 8, 8)
            for ts, rate, mark in zip(settled.tolist(), rates, marks, strict=True):
                found[listing.symbol, ts] = (funding_text(rate), mark)
        return [
            {
                "symbol": listing.symbol,
                "fundingTime": told,
                "fundingRate": found[listing.symbol, settled][0],
                "markPrice": found[listing.symbol, settled][1],
            }
            for told, listing, settled in rows
        ]

    async def funding_info(self, request: web.Request) -> web.Response:
        """The contracts whose interval is not the usual one, and no others."""
        now = self.sim.now_ms(request)
        hours = {listing.symbol: interval_hours(listing, now) for listing in self._listings(now)}
        return reply(
            [
                {
                    "symbol": symbol,
                    "adjustedFundingRateCap": ADJUSTED_CAP,
                    "adjustedFundingRateFloor": f"-{ADJUSTED_CAP}",
                    "fundingIntervalHours": length,
                    "disclaimer": False,
                }
                for symbol, length in hours.items()
                if length != USUAL_HOURS
            ]
        )

    def _grid(
        self,
        request: web.Request,
        listing: Listing,
        step: int,
        most: int,
        keep_ms: int | None = None,
        open_ms: int = 0,
    ) -> Ints:
        """The multiples of `step` asked for: the first `most` from `startTime`, else the last.

        Those of the last `open_ms` are not told yet.
        """
        now = self.sim.now_ms(request)
        start, end = ask.window(request)
        earliest = max(listing.listed_ms, now - keep_ms if keep_ms else 0)
        told = now - open_ms
        last = min(told, (end - 1) if end is not None else now, (listing.delisted_ms or now + 1) - 1) // step
        first = -(-max(earliest, start or 0) // step)
        if start is None:
            first = max(first, last - most + 1)
        return np.arange(first, min(last, first + most - 1) + 1, dtype=np.int64) * step

    async def open_interest(self, request: web.Request) -> web.Response:
        """The open interest now; a contract that does not trade any more is refused."""
        listing, now = self.listing(request), self.sim.now_ms(request)
        if not listing.trading(now):
            words = "Symbol is on delivering or delivered or settling or closed or pre-trading."
            raise ask.BinanceError(-4108, words)
        lots = int(open_interest(self.sim.market, listing, np.array([now]))[0])
        text = decimal_string(lots, listing.size_digits, listing.size_digits)
        return reply({"symbol": listing.symbol, "openInterest": text, "time": now})

    async def open_interest_history(self, request: web.Request) -> web.Response:
        """Open interest of the last 30 days at the end of each period, oldest first.

        Periods are labelled with their ends, from 2026-06-25 on with their starts, as those of archives.
        """
        listing, labels, at = self._periods(request)
        if not len(labels):
            return reply([])
        lots = open_interest(self.sim.market, listing, at)
        values = np.rint(lots * listing.lot * self.sim.market.mid(listing, at) * 1e8).astype(np.int64)
        texts = zip(
            decimal_strings(lots, listing.size_digits, 8),
            decimal_strings(values, 8, 8),
            labels.tolist(),
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

    def _periods(self, request: web.Request) -> tuple[Listing, Ints, Ints]:
        """The contract, the labels of the periods that a request of `/futures/data` is about, and their ends.

        Labels are ends, from STARTS_FROM on starts: these are told when they are over.
        """
        listing, period = self.listing(request), ask.text(request, "period")
        if period not in _PERIODS:
            raise ask.BinanceError(-1130, "Data sent for parameter 'period' is not valid.")
        most = ask.limit(request, 30, 500, clamp=False)
        open_ms = STEPS[period] if self.sim.now_ms(request) > STARTS_FROM else 0
        labels = self._grid(request, listing, STEPS[period], most, _HISTORY_MS, open_ms)
        return listing, labels, np.where(labels >= STARTS_FROM, labels + STEPS[period], labels)

    def _ratio_handler(self, kind: str) -> Callable[[web.Request], Any]:
        async def ratio(request: web.Request) -> web.Response:
            """Who is long and who is short at the end of each period, oldest first."""
            listing, labels, at = self._periods(request)
            if not len(at):
                return reply([])
            shares = long_shares(self.sim.market, listing, self.spot(listing), kind, at)
            rows = zip(shares.round(4).tolist(), labels.tolist(), strict=True)
            return reply([_ratio(listing.symbol, long_, ts) for long_, ts in rows])

        return ratio

    async def taker_flow(self, request: web.Request) -> web.Response:
        """What takers bought and sold in each period, out of the very trades."""
        listing, labels, at = self._periods(request)
        if not len(at):
            return reply([])
        step = STEPS[ask.text(request, "period")]
        bars = self.sim.market.minute_bars(listing, int(at[0]) - step, int(at[-1]))
        which = np.searchsorted(at - step, bars.ts, side="right") - 1
        bought = np.bincount(which, bars.taker_volume, len(at)) * listing.lot
        traded = np.bincount(which, bars.volume, len(at)) * listing.lot
        rows = zip(bought.tolist(), (traded - bought).tolist(), labels.tolist(), strict=True)
        return reply(
            [
                {
                    "buySellRatio": f"{buy / sell if sell else 0:.4f}",
                    "buyVol": f"{buy:.4f}",
                    "sellVol": f"{sell:.4f}",
                    "timestamp": ts,
                }
                for buy, sell, ts in rows
            ]
        )


def _ratio(symbol: str, long_: float, ts: int) -> dict[str, Any]:
    short = round(1 - long_, 4)
    return {
        "symbol": symbol,
        "longAccount": f"{long_:.4f}",
        "longShortRatio": f"{long_ / short:.4f}",
        "shortAccount": f"{short:.4f}",
        "timestamp": ts,
    }
