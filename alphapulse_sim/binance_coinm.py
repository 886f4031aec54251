"""Binance's COIN-M futures over REST: contracts of 100 or 10 dollars that settle in the coin."""

from typing import Any, Final

from aiohttp import web

from alphapulse_sim import binance_errors as ask
from alphapulse_sim.binance import BinanceMarket, Dialect
from alphapulse_sim.binance_futures import BinanceUsdm
from alphapulse_sim.binance_info import PERPETUAL_DELIVERY_MS
from alphapulse_sim.context import compact, reply
from alphapulse_sim.decimals import step_string
from alphapulse_sim.instruments import Listing

COINM: Final = Dialect("binancecoinm", "perpetual", "/dapi/v1", 1500, 1000, 500, False)


class BinanceCoinm(BinanceUsdm):
    """COIN-M futures: what USD-M has, in contracts, and a pair beside each symbol."""

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        prefix = f"/{host}{self.dialect.prefix}"
        return [
            *BinanceMarket.routes(self, host),
            web.get(f"{prefix}/exchangeInfo", self.exchange_info),
            web.get(f"{prefix}/premiumIndex", self.premium_indices),
            web.get(f"{prefix}/fundingRate", self.funding_of_one),
            web.get(f"{prefix}/fundingInfo", self.funding_info),
            web.get(f"{prefix}/openInterest", self.open_contracts),
        ]

    async def premium_indices(self, request: web.Request) -> web.Response:
        """Always a list: a symbol's, or of all that trade."""
        now = self.sim.now_ms(request)
        named = [self.listing(request)] if "symbol" in request.query else self._listings(now)
        return reply([{**self._premium(listing, now), "pair": _pair(listing)} for listing in named])

    async def funding_of_one(self, request: web.Request) -> web.Response:
        """Settled funding of one contract: all of them cannot be asked for at once."""
        ask.text(request, "symbol")
        return await self.funding_rate(request)

    async def open_contracts(self, request: web.Request) -> web.Response:
        """The open interest now, in contracts."""
        listing = self.listing(request)
        body = (await self.open_interest(request)).text or ""
        told = body.removesuffix("}")
        more = compact({"pair": _pair(listing), "contractType": "PERPETUAL"}).removeprefix("{")
        return web.Response(text=f"{told},{more}", content_type="application/json")

    async def exchange_info(self, request: web.Request) -> web.Response:
        """What is listed, with the dollars of a contract."""
        now = self.sim.now_ms(request)
        listings = self.sim.catalogue.of(self.dialect.venue, self.dialect.kind, now)
        return reply(
            {
                "timezone": "UTC",
                "serverTime": now,
                "rateLimits": [
                    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400}
                ],
                "exchangeFilters": [],
                "symbols": [_symbol(listing, now) for listing in listings],
            }
        )


def _pair(listing: Listing) -> str:
    return f"{listing.base}USD"


def _symbol(listing: Listing, now_ms: int) -> dict[str, Any]:
    tick = step_string(listing.price_digits)
    lots = {"stepSize": "1", "maxQty": "1000000", "minQty": "1"}
    return {
        "symbol": listing.symbol,
        "pair": _pair(listing),
        "contractType": "PERPETUAL",
        "deliveryDate": PERPETUAL_DELIVERY_MS,
        "onboardDate": listing.listed_ms,
        "contractStatus": "TRADING" if listing.trading(now_ms) else "SETTLING",
        "contractSize": int(listing.contract or 0),
        "marginAsset": listing.base,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": listing.base,
        "quoteAsset": listing.quote,
        "pricePrecision": listing.price_digits,
        "quantityPrecision": 0,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "equalQtyPrecision": 4,
        "triggerProtect": "0.0500",
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "filters": [
            {"minPrice": tick, "maxPrice": "4520958", "filterType": "PRICE_FILTER", "tickSize": tick},
            {**lots, "filterType": "LOT_SIZE"},
            {**lots, "filterType": "MARKET_LOT_SIZE"},
            {"limit": 200, "filterType": "MAX_NUM_ORDERS"},
        ],
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }
