"""Bybit v5 market data over REST: `retCode` bodies, newest first, numbers as short strings."""

import asyncio
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.book import TICK_MS, Side, book_at
from alphapulse_sim.bybit_info import instrument
from alphapulse_sim.bybit_reading import BybitError, answer, number, row_limit, text
from alphapulse_sim.context import Simulator
from alphapulse_sim.decimals import short_string, short_strings
from alphapulse_sim.derivatives import long_shares, open_interest
from alphapulse_sim.funding import (
    ADJUSTED_CAP,
    USUAL_HOURS,
    funding_rates,
    funding_text,
    interval_hours,
    next_settlement,
    settlements,
    standing,
)
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import DAY, HOUR, MINUTE, next_open, open_of
from alphapulse_sim.paging import newest
from alphapulse_sim.tape import Bars

INTERVALS: Final = {
    "1": "1m", "3": "3m", "5": "5m", "15": "15m", "30": "30m", "60": "1h", "120": "2h", "240": "4h",
    "360": "6h", "720": "12h", "D": "1d", "W": "1w", "M": "1M",
}  # fmt: skip
_KINDS: Final = {"spot": "spot", "linear": "perpetual", "inverse": None, "option": None}
_DEPTHS: Final = {"spot": (1, 200), "linear": (25, 500)}  # default and most
_TRADES: Final = {"spot": (60, 60), "linear": (500, 1000)}
PERIODS: Final = {
    "5min": 5 * MINUTE, "15min": 15 * MINUTE, "30min": 30 * MINUTE, "1h": HOUR, "4h": 4 * HOUR, "1d": DAY,
}  # fmt: skip
_FAR: Final = 1 << 52


class Bybit:
    """The handlers of `api.bybit.com`."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        handlers = {
            "time": self.time,
            "instruments-info": self.instruments,
            "kline": self.kline,
            "orderbook": self.orderbook,
            "tickers": self.tickers,
            "recent-trade": self.recent_trade,
            "open-interest": self.open_interest,
            "funding/history": self.funding_history,
            "account-ratio": self.account_ratio,
        }
        return [web.get(f"/{host}/v5/market/{name}", call) for name, call in handlers.items()]

    def category(self, request: web.Request, default: str | None = None) -> str:
        """The mandatory category (kline and others take linear by default)."""
        category = request.query.get("category", default)
        if category not in _KINDS:
            raise BybitError("Illegal category", self.sim.now_ms(request))
        return category

    def listing(self, request: web.Request, category: str) -> Listing:
        """The listing the request names, if the venue shows it already."""
        kind, now = _KINDS[category], self.sim.now_ms(request)
        found = self.sim.catalogue.find("bybit", kind, text(request, "symbol", now)) if kind else None
        if found is None or found.listed_ms > now:
            raise BybitError("params error: Symbol Invalid", now)
        return found

    def _listings(self, category: str, now_ms: int) -> list[Listing]:
        kind = _KINDS[category]
        return self.sim.catalogue.of("bybit", kind, now_ms) if kind else []

    async def time(self, request: web.Request) -> web.Response:
        """The venue's clock."""
        now = self.sim.now_ms(request)
        return answer({"timeSecond": str(now // 1000), "timeNano": str(now * 1_000_000)}, now)

    async def instruments(self, request: web.Request) -> web.Response:
        """What trades (or, with status=Closed, what did), by pages of `limit` with a cursor."""
        category, now = self.category(request), self.sim.now_ms(request)
        status = request.query.get("status", "Trading")
        listings = self._listings(category, now)
        wanted = request.query.get("symbol")
        if wanted is not None:
            listings = [listing for listing in listings if listing.symbol == wanted]
        elif status in ("Trading", "Closed"):
            listings = [listing for listing in listings if listing.trading(now) == (status == "Trading")]
        else:
            listings = []
        most = row_limit(request, 500, 1000, now)
        first = number(request, "cursor", now) or 0
        last = len(listings) if category == "spot" else first + most  # the venue does not page spot
        cursor = str(last) if last < len(listings) else ""
        rows = [instrument(listing, now) for listing in listings[first:last]]
        page = {"nextPageCursor": cursor} if category != "spot" else {}
        return answer({"category": category, "list": rows, **page}, now)

    async def kline(self, request: web.Request) -> web.Response:
        """The newest bars that open in [start, end] (both inclusive), newest first."""
        category, now = self.category(request, "linear"), self.sim.now_ms(request)
        listing = self.listing(request, category)
        interval = INTERVALS.get(text(request, "interval", now))
        if interval is None:
            raise BybitError("Invalid period!", now)
        most = row_limit(request, 200, 1000, now)
        start, end = number(request, "start", now), number(request, "end", now)
        until = _FAR if end is None else end + 1
        if start is not None and end is None:
            until = next_open(open_of(start, interval), interval, most)
        # a page of long bars takes seconds the first time: not on the event loop
        bars = await asyncio.to_thread(newest, self.sim, listing, interval, start or 0, until, most, now)
        rows = [list(row) for row in zip(*_columns(listing, bars), strict=True)][::-1]
        return answer({"category": category, "symbol": listing.symbol, "list": rows}, now)

    async def orderbook(self, request: web.Request) -> web.Response:
        """The book."""
        category, now = self.category(request), self.sim.now_ms(request)
        listing = self.listing(request, category)
        most = row_limit(request, *_DEPTHS[category], now)
        book = book_at(self.sim.market, listing, now)
        return answer(
            {
                "s": listing.symbol,
                "b": _levels(listing, book.bids.best(most)),
                "a": _levels(listing, book.asks.best(most)),
                "ts": book.ts,
                "u": book.update_id,
                "seq": book.update_id,
                "cts": book.ts,
            },
            now,
        )

    async def recent_trade(self, request: web.Request) -> web.Response:
        """The latest trades, newest first."""
        category, now = self.category(request), self.sim.now_ms(request)
        listing = self.listing(request, category)
        most = row_limit(request, *_TRADES[category], now)
        trades = self.sim.market.trades(listing, now - 2 * HOUR, now + 1)
        columns = zip(
            trades.ids.tolist(),
            short_strings(trades.price, listing.price_digits),
            short_strings(trades.size, listing.size_digits),
            trades.ts.tolist(),
            trades.buyer_is_maker.tolist(),
            strict=True,
        )
        rows = [
            {
                "execId": str(number),
                "symbol": listing.symbol,
                "price": price,
                "size": size,
                "side": "Sell" if maker else "Buy",
                "time": str(ts),
                "isBlockTrade": False,
                "isRPITrade": False,
            }
            for number, price, size, ts, maker in columns
        ]
        return answer({"category": category, "list": rows[::-1][:most]}, now)

    async def tickers(self, request: web.Request) -> web.Response:
        """Prices and the last day's range and volume, of one symbol or of all that trade."""
        category, now = self.category(request), self.sim.now_ms(request)
        if "symbol" in request.query:
            listings = [self.listing(request, category)]
        else:
            listings = [listing for listing in self._listings(category, now) if listing.trading(now)]
        # hundreds of them take a second, and the day's candles behind them some more: not on the event loop
        rows = await asyncio.to_thread(lambda: [self._ticker(listing, now) for listing in listings])
        return answer({"category": category, "list": rows}, now)

    def _ticker(self, listing: Listing, now: int) -> dict[str, Any]:
        market, digits = self.sim.market, listing.price_digits
        at = np.array([now // TICK_MS * TICK_MS], dtype=np.int64)
        bid = int(market.bid_ticks(listing, at)[0])
        bars = market.minute_bars(listing, now - DAY, now)
        price = short_string(bid, digits)
        high, low = (int(bars.high.max()), int(bars.low.min())) if len(bars) else (bid, bid)
        row = {
            "symbol": listing.symbol,
            "lastPrice": price,
            "bid1Price": price,
            "ask1Price": short_string(bid + 1, digits),
            "prevPrice24h": short_string(int(bars.open[0]) if len(bars) else bid, digits),
            "highPrice24h": short_string(high, digits),
            "lowPrice24h": short_string(low, digits),
            "volume24h": short_string(int(bars.volume.sum()), listing.size_digits),
            "turnover24h": short_string(int(bars.quote.sum()), digits + listing.size_digits),
        }
        return row if listing.kind == "spot" else row | self._perpetual(listing, now)

    def _perpetual(self, listing: Listing, now: int) -> dict[str, Any]:
        market, hours = self.sim.market, interval_hours(listing, now)
        stands = standing(market, listing, self._spot(listing), now)
        lots = int(open_interest(market, listing, np.array([now], dtype=np.int64))[0])
        return {
            "markPrice": short_string(round(stands.mark * 1e8), 8),
            "indexPrice": short_string(round(stands.index * 1e8), 8),
            "openInterest": short_string(lots, listing.size_digits),
            "openInterestValue": f"{lots * listing.lot * stands.mark:.2f}",
            "fundingRate": funding_text(stands.rate),
            "nextFundingTime": str(next_settlement(listing, now)),
            "fundingIntervalHour": str(hours),
            "fundingCap": ADJUSTED_CAP.rstrip("0") if hours != USUAL_HOURS else "0.005",
            "predictedDeliveryPrice": "",
            "basisRate": "",
            "deliveryFeeRate": "",
            "deliveryTime": "0",
        }

    def _spot(self, listing: Listing) -> Listing | None:
        return self.sim.catalogue.find("bybit", "spot", f"{listing.base}USDT")

    async def open_interest(self, request: web.Request) -> web.Response:
        """Open interest at the ends of periods, newest first, by pages with a cursor."""
        listing, now = self._perpetual_listing(request), self.sim.now_ms(request)
        step = PERIODS.get(text(request, "intervalTime", now))
        if step is None:
            raise BybitError("Invalid period!", now)
        most = row_limit(request, 50, 200, now)
        first, last = self._grid(request, listing, step, now)
        cursor = number(request, "cursor", now)
        last = last if cursor is None else min(last, cursor // step)
        at = np.arange(last, max(first, last - most + 1) - 1, -1, dtype=np.int64) * step
        lots = open_interest(self.sim.market, listing, at) if len(at) else at
        texts = short_strings(lots, listing.size_digits)
        rows = [
            {"openInterest": text, "timestamp": str(ts)} for text, ts in zip(texts, at.tolist(), strict=True)
        ]
        more = str(int(at[-1]) - step) if len(at) and at[-1] // step > first else ""
        return answer(
            {"symbol": listing.symbol, "category": "linear", "list": rows, "nextPageCursor": more}, now
        )

    async def funding_history(self, request: web.Request) -> web.Response:
        """Settled funding, newest first."""
        listing, now = self._perpetual_listing(request), self.sim.now_ms(request)
        if "startTime" in request.query and "endTime" not in request.query:
            raise BybitError("params error: endTime is required with startTime", now)
        start, end = number(request, "startTime", now), number(request, "endTime", now)
        until = min(now, now if end is None else end) + 1
        most = row_limit(request, 200, 200, now)
        at = settlements(listing, start or 0, until)[::-1][:most]
        rates = funding_rates(self.sim.market, listing, self._spot(listing), at)
        rows = [
            {"symbol": listing.symbol, "fundingRate": funding_text(rate), "fundingRateTimestamp": str(ts)}
            for rate, ts in zip(rates.tolist(), at.tolist(), strict=True)
        ]
        return answer({"category": "linear", "list": rows}, now)

    async def account_ratio(self, request: web.Request) -> web.Response:
        """The part of accounts that is long at the end of each period, newest first."""
        listing, now = self._perpetual_listing(request), self.sim.now_ms(request)
        step = PERIODS.get(text(request, "period", now))
        if step is None:
            raise BybitError("Invalid period!", now)
        most = row_limit(request, 50, 500, now)
        first, last = self._grid(request, listing, step, now)
        at = np.arange(last, max(first, last - most + 1) - 1, -1, dtype=np.int64) * step
        shares = long_shares(self.sim.market, listing, self._spot(listing), "accounts", at) if len(at) else at
        rows = [
            {
                "symbol": listing.symbol,
                "buyRatio": f"{share:.4f}",
                "sellRatio": f"{1 - round(share, 4):.4f}",
                "timestamp": str(ts),
            }
            for share, ts in zip(shares.tolist(), at.tolist(), strict=True)
        ]
        return answer({"list": rows, "nextPageCursor": ""}, now)

    def _perpetual_listing(self, request: web.Request) -> Listing:
        category = self.category(request)
        if category == "spot":
            raise BybitError("Illegal category", self.sim.now_ms(request))
        return self.listing(request, category)

    def _grid(self, request: web.Request, listing: Listing, step: int, now: int) -> tuple[int, int]:
        """The first and the last multiple of `step` that are asked for and exist."""
        start, end = number(request, "startTime", now), number(request, "endTime", now)
        latest = min(now, now if end is None else end, (listing.delisted_ms or now + 1) - 1)
        return -(-max(listing.listed_ms, start or 0) // step), latest // step


def _columns(listing: Listing, bars: Bars) -> list[list[str]]:
    return [
        [str(ts) for ts in bars.ts.tolist()],
        *(short_strings(column, listing.price_digits) for column in bars.prices),
        short_strings(bars.volume, listing.size_digits),
        short_strings(bars.quote, listing.price_digits + listing.size_digits),
    ]


def _levels(listing: Listing, side: Side) -> list[list[str]]:
    prices = short_strings(side.price, listing.price_digits)
    return [list(level) for level in zip(prices, short_strings(side.size, listing.size_digits), strict=True)]
