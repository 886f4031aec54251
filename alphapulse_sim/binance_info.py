"""Binance's `exchangeInfo`: what is listed, with filters; fields as in bodies of 2021, and newer ones."""

import json
from typing import Any, Final

from aiohttp import web

from alphapulse_sim.binance import SPOT, USDM, places
from alphapulse_sim.binance_errors import BinanceError, Json, invalid_symbol
from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.decimals import step_string
from alphapulse_sim.instruments import Listing
from alphapulse_sim.weights import LIMITS

PERPETUAL_DELIVERY_MS: Final = 4133404800000  # 2100-12-25, what Binance gives for "never"


def _rate_limit(kind: str, interval: str, number: int, limit: int) -> Json:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}


def _spot_filters(listing: Listing) -> list[Json]:
    lot = step_string(listing.size_digits, 8)
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": step_string(listing.price_digits, 8),
            "maxPrice": "1000000.00000000",
            "tickSize": step_string(listing.price_digits, 8),
        },
        {"filterType": "PERCENT_PRICE", "multiplierUp": "5", "multiplierDown": "0.2", "avgPriceMins": 5},
        {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": "9000000.00000000", "stepSize": lot},
        {
            "filterType": "MIN_NOTIONAL",
            "minNotional": "10.00000000",
            "applyToMarket": True,
            "avgPriceMins": 5,
        },
        {"filterType": "ICEBERG_PARTS", "limit": 10},
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": "0.00000000",
            "maxQty": "90000.00000000",
            "stepSize": "0.00000000",
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
    ]


def _spot_symbol(listing: Listing, now_ms: int) -> Json:
    return {
        "symbol": listing.symbol,
        "status": "TRADING" if listing.trading(now_ms) else "BREAK",
        "baseAsset": listing.base,
        "baseAssetPrecision": 8,
        "quoteAsset": listing.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"],
        "icebergAllowed": True,
        "ocoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": True,
        "filters": _spot_filters(listing),
        "permissions": ["SPOT", "MARGIN"],
        "permissionSets": [["SPOT", "MARGIN"]],
    }


def _usdm_filters(listing: Listing) -> list[Json]:
    lot, tick = step_string(listing.size_digits), step_string(listing.price_digits, places(listing).price)
    lots = {"stepSize": lot, "maxQty": "10000000", "minQty": lot}
    return [
        {"minPrice": tick, "maxPrice": "1000000", "filterType": "PRICE_FILTER", "tickSize": tick},
        {**lots, "filterType": "LOT_SIZE"},
        {**lots, "filterType": "MARKET_LOT_SIZE"},
        {"limit": 200, "filterType": "MAX_NUM_ORDERS"},
        {"limit": 10, "filterType": "MAX_NUM_ALGO_ORDERS"},
        {"notional": "5", "filterType": "MIN_NOTIONAL"},
        {
            "multiplierDown": "0.8500",
            "multiplierUp": "1.1500",
            "multiplierDecimal": "4",
            "filterType": "PERCENT_PRICE",
        },
    ]


def _usdm_symbol(listing: Listing, now_ms: int) -> Json:
    trading = listing.trading(now_ms)
    return {
        "symbol": listing.symbol,
        "pair": listing.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": PERPETUAL_DELIVERY_MS if trading else listing.delisted_ms,
        "onboardDate": listing.listed_ms,
        "status": "TRADING" if trading else "SETTLING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": listing.base,
        "quoteAsset": listing.quote,
        "marginAsset": listing.quote,
        "pricePrecision": places(listing).price,
        "quantityPrecision": listing.size_digits,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012000",
        "marketTakeBound": "0.30",
        "filters": _usdm_filters(listing),
        "orderTypes": [
            "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET",
            "TRAILING_STOP_MARKET",
        ],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }  # fmt: skip


class ExchangeInfo:
    """The two `exchangeInfo` handlers."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    async def spot(self, request: web.Request) -> web.Response:
        """Spot symbols, all or those named by `symbol` or `symbols`; delisted ones have status BREAK."""
        now = self.sim.now_ms(request)
        listings = self.sim.catalogue.of(SPOT.venue, SPOT.kind, now)
        wanted = _wanted(request)
        if wanted is not None:
            listings = [listing for listing in listings if listing.symbol in wanted]
            if len(listings) < len(wanted):
                raise invalid_symbol()
        return reply(
            {
                "timezone": "UTC",
                "serverTime": now,
                "rateLimits": [
                    _rate_limit("REQUEST_WEIGHT", "MINUTE", 1, LIMITS["api.binance.com"].weight),
                    _rate_limit("ORDERS", "SECOND", 10, 100),
                    _rate_limit("ORDERS", "DAY", 1, 200000),
                    _rate_limit("RAW_REQUESTS", "MINUTE", 5, 61000),
                ],
                "exchangeFilters": [],
                "symbols": [_spot_symbol(listing, now) for listing in listings],
            }
        )

    async def usdm(self, request: web.Request) -> web.Response:
        """USD-M contracts; delisted ones are SETTLING with the delivery date they ended on."""
        now = self.sim.now_ms(request)
        listings = self.sim.catalogue.of(USDM.venue, USDM.kind, now)
        return reply(
            {
                "timezone": "UTC",
                "serverTime": now,
                "futuresType": "U_MARGINED",
                "rateLimits": [
                    _rate_limit("REQUEST_WEIGHT", "MINUTE", 1, LIMITS["fapi.binance.com"].weight),
                    _rate_limit("ORDERS", "MINUTE", 1, 1200),
                    _rate_limit("ORDERS", "SECOND", 10, 300),
                ],
                "exchangeFilters": [],
                "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}],
                "symbols": [_usdm_symbol(listing, now) for listing in listings],
            }
        )


def _wanted(request: web.Request) -> set[str] | None:
    """The symbols the request names, or None for all."""
    if "symbol" in request.query:
        return {request.query["symbol"]}
    if "symbols" not in request.query:
        return None
    try:
        names: Any = json.loads(request.query["symbols"])
    except ValueError:
        names = None
    if not isinstance(names, list) or not names:
        raise BinanceError(-1100, "Illegal characters found in parameter 'symbols'.")
    return {str(name) for name in names}
