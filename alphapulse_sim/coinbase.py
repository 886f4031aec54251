"""Coinbase Advanced public market data over REST, and the v2 currency lists that clients load with it."""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.book import Side, book_at
from alphapulse_sim.context import Simulator, compact, reply
from alphapulse_sim.decimals import short_string, short_strings, step_string
from alphapulse_sim.instruments import RENAMED, Listing
from alphapulse_sim.intervals import DAY, HOUR, STEPS
from alphapulse_sim.tape import Bars

GRANULARITIES: Final = {
    "ONE_MINUTE": "1m", "FIVE_MINUTE": "5m", "FIFTEEN_MINUTE": "15m", "THIRTY_MINUTE": "30m",
    "ONE_HOUR": "1h", "TWO_HOUR": "2h", "FOUR_HOUR": "4h", "SIX_HOUR": "6h", "ONE_DAY": "1d",
}  # fmt: skip
MOST_CANDLES: Final = 350
_FIAT: Final = (("USD", "US Dollar"), ("EUR", "Euro"))


class CoinbaseError(web.HTTPException):
    """A refusal in Coinbase's words."""

    def __init__(self, status: int, error: str, details: str) -> None:
        self.status_code = status
        body = {"error": error, "error_details": details, "message": details}
        super().__init__(text=compact(body), content_type="application/json")


def iso(moment_ms: int) -> str:
    """A time as Coinbase prints it."""
    return datetime.fromtimestamp(moment_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


class Coinbase:
    """The handlers of `api.coinbase.com`."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        advanced = f"/{host}/api/v3/brokerage"
        return [
            web.get(f"{advanced}/time", self.time),
            web.get(f"{advanced}/market/products", self.products),
            web.get(f"{advanced}/market/products/{{product}}", self.product),
            web.get(f"{advanced}/market/products/{{product}}/candles", self.candles),
            web.get(f"{advanced}/market/products/{{product}}/ticker", self.ticker),
            web.get(f"{advanced}/market/product_book", self.product_book),
            web.get(f"/{host}/v2/currencies", self.fiat),
            web.get(f"/{host}/v2/currencies/crypto", self.crypto),
            web.get(f"/{host}/v2/exchange-rates", self.rates),
        ]

    def listing(self, request: web.Request, symbol: str) -> Listing:
        """The product of that name, if the venue shows it already."""
        found = self.sim.catalogue.find("coinbase", "spot", symbol)
        if found is None or found.listed_ms > self.sim.now_ms(request):
            raise CoinbaseError(404, "NOT_FOUND", "valid product_id is required")
        return found

    async def time(self, request: web.Request) -> web.Response:
        """The venue's clock."""
        now = self.sim.now_ms(request)
        return reply({"iso": iso(now), "epochSeconds": str(now // 1000), "epochMillis": str(now)})

    async def products(self, request: web.Request) -> web.Response:
        """All spot products; there are no futures here."""
        now = self.sim.now_ms(request)
        listings = self.sim.catalogue.of("coinbase", "spot", now)
        if request.query.get("product_type") == "FUTURE":
            listings = []
        rows = [self._product(listing, now) for listing in listings]
        return reply({"products": rows, "num_products": len(rows)})

    async def product(self, request: web.Request) -> web.Response:
        """One product."""
        return reply(
            self._product(self.listing(request, request.match_info["product"]), self.sim.now_ms(request))
        )

    def _product(self, listing: Listing, now: int) -> dict[str, Any]:
        trading = listing.trading(now)
        bid = int(self.sim.market.bid_ticks(listing, np.array([now], dtype=np.int64))[0])
        hour = self.sim.market.minute_bars(listing, now - HOUR, now)  # a day of every product would be slow
        volume, quote = int(hour.volume.sum()) * 24, int(hour.quote.sum()) * 24
        step, tick = step_string(listing.size_digits), step_string(listing.price_digits)
        return {
            "product_id": listing.symbol,
            "price": short_string(bid, listing.price_digits),
            "volume_24h": short_string(volume, listing.size_digits),
            "base_increment": step,
            "quote_increment": tick,
            "quote_min_size": "1",
            "quote_max_size": "150000000",
            "base_min_size": step,
            "base_max_size": "1000000",
            "base_name": listing.base,
            "quote_name": "US Dollar",
            "is_disabled": not trading,
            "new": False,
            "status": "online" if trading else "delisted",
            "cancel_only": False,
            "limit_only": False,
            "post_only": False,
            "trading_disabled": not trading,
            "auction_mode": False,
            "product_type": "SPOT",
            "quote_currency_id": listing.quote,
            "base_currency_id": listing.base,
            "alias": "",
            "alias_to": [f"{RENAMED[1]}-USD"] if listing.base == RENAMED[0] and not trading else [],
            "base_display_symbol": listing.base,
            "quote_display_symbol": listing.quote,
            "view_only": False,
            "price_increment": tick,
            "display_name": listing.symbol,
            "product_venue": "CBE",
            "approximate_quote_24h_volume": short_string(quote, listing.price_digits + listing.size_digits),
            "new_at": iso(listing.listed_ms),
        }

    async def candles(self, request: web.Request) -> web.Response:
        """Candles that open in [start, end] (inclusive seconds), newest first; quiet minutes are absent."""
        listing = self.listing(request, request.match_info["product"])
        interval = GRANULARITIES.get(request.query.get("granularity", ""))
        if interval is None:
            raise CoinbaseError(400, "INVALID_ARGUMENT", "granularity is invalid")
        start, end = _whole(request, "start"), _whole(request, "end")
        if (end - start) // (STEPS[interval] // 1000) > MOST_CANDLES:
            raise CoinbaseError(
                400, "INVALID_ARGUMENT", f"number of candles requested should be less than {MOST_CANDLES}"
            )
        now = self.sim.now_ms(request)
        # a page of long bars takes seconds the first time: not on the event loop
        window = (start * 1000, end * 1000 + 1)
        bars = await asyncio.to_thread(self.sim.rest_bars, listing, interval, *window, now)
        most = min(_whole(request, "limit", MOST_CANDLES), MOST_CANDLES)
        return reply({"candles": _candles(listing, bars)[::-1][:most]})

    async def product_book(self, request: web.Request) -> web.Response:
        """The book."""
        listing = self.listing(request, request.query.get("product_id", ""))
        book = book_at(self.sim.market, listing, self.sim.now_ms(request))
        most = _whole(request, "limit", len(book.bids.price))
        sides = {
            "bids": _levels(listing, book.bids.best(most)),
            "asks": _levels(listing, book.asks.best(most)),
        }
        return reply({"pricebook": {"product_id": listing.symbol, **sides, "time": iso(book.ts)}})

    async def ticker(self, request: web.Request) -> web.Response:
        """The latest trades, newest first, with the best bid and ask."""
        listing, now = self.listing(request, request.match_info["product"]), self.sim.now_ms(request)
        bid = int(self.sim.market.bid_ticks(listing, np.array([now], dtype=np.int64))[0])
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
                "trade_id": str(number),
                "product_id": listing.symbol,
                "price": price,
                "size": size,
                "time": iso(ts),
                "side": "SELL" if maker else "BUY",
                "bid": "",
                "ask": "",
            }
            for number, price, size, ts, maker in columns
        ]
        most = _whole(request, "limit", 100)
        digits = listing.price_digits
        best = {"best_bid": short_string(bid, digits), "best_ask": short_string(bid + 1, digits)}
        return reply({"trades": rows[::-1][:most], **best})

    async def fiat(self, request: web.Request) -> web.Response:
        """Fiat currencies."""
        return reply({"data": [{"id": code, "name": name, "min_size": "0.01"} for code, name in _FIAT]})

    async def crypto(self, request: web.Request) -> web.Response:
        """Coins."""
        listings = self.sim.catalogue.of("coinbase", "spot", self.sim.now_ms(request))
        rows = [
            {
                "code": each.base,
                "name": each.base,
                "exponent": 8,
                "type": "crypto",
                "asset_id": each.base.lower(),
            }
            for each in listings
        ]
        return reply({"data": rows})

    async def rates(self, request: web.Request) -> web.Response:
        """What one US dollar buys of each coin."""
        now = self.sim.now_ms(request)
        at = np.array([now // DAY * DAY], dtype=np.int64)
        listings = self.sim.catalogue.of("coinbase", "spot", now)
        prices = {each.base: float(self.sim.market.mid(each, at)[0]) for each in listings}
        rates = {"USD": "1.0"} | {base: f"{1 / price:.10f}" for base, price in prices.items()}
        return reply({"data": {"currency": "USD", "rates": rates}})


def _whole(request: web.Request, name: str, default: int | None = None) -> int:
    """A whole number of the query, mandatory without a default."""
    value = request.query.get(name, "")
    if value.isdecimal():
        return int(value)
    if value or default is None:
        raise CoinbaseError(400, "INVALID_ARGUMENT", f"{name} must be a whole number")
    return default


def _candles(listing: Listing, bars: Bars) -> list[dict[str, str]]:
    opened, high, low, close = (short_strings(column, listing.price_digits) for column in bars.prices)
    volume = short_strings(bars.volume, listing.size_digits)
    rows = zip(bars.ts.tolist(), low, high, opened, close, volume, strict=True)
    names = ("start", "low", "high", "open", "close", "volume")
    return [dict(zip(names, (str(ts // 1000), *rest), strict=True)) for ts, *rest in rows]


def _levels(listing: Listing, side: Side) -> list[dict[str, str]]:
    prices = short_strings(side.price, listing.price_digits)
    sizes = short_strings(side.size, listing.size_digits)
    return [{"price": price, "size": size} for price, size in zip(prices, sizes, strict=True)]
