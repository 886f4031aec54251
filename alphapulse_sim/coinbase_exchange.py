"""The older Coinbase Exchange REST API: products, candles as numbers, currencies."""

from datetime import datetime
from typing import Any, Final

from aiohttp import web

from alphapulse_sim.coinbase import iso
from alphapulse_sim.context import Simulator, compact, reply
from alphapulse_sim.decimals import step_string
from alphapulse_sim.instruments import Listing, epoch_ms
from alphapulse_sim.intervals import STEPS

MOST_CANDLES: Final = 300
GRANULARITIES: Final = {"60": "1m", "300": "5m", "900": "15m", "3600": "1h", "21600": "6h", "86400": "1d"}


def _refuse(status: type[web.HTTPException], message: str) -> web.HTTPException:
    return status(text=compact({"message": message}), content_type="application/json")


class CoinbaseExchange:
    """The handlers of `api.exchange.coinbase.com`."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        return [
            web.get(f"/{host}/time", self.time),
            web.get(f"/{host}/products", self.products),
            web.get(f"/{host}/products/{{product}}/candles", self.candles),
            web.get(f"/{host}/currencies", self.currencies),
        ]

    async def time(self, request: web.Request) -> web.Response:
        """The venue's clock."""
        now = self.sim.now_ms(request)
        return reply({"iso": iso(now), "epoch": now / 1000})

    async def products(self, request: web.Request) -> web.Response:
        """All products."""
        now = self.sim.now_ms(request)
        return reply([_product(each, now) for each in self.sim.catalogue.of("coinbase", "spot", now)])

    async def candles(self, request: web.Request) -> web.Response:
        """Rows of time, low, high, open, close, volume opening in [start, end] (inclusive), newest first."""
        listing = self.sim.catalogue.find("coinbase", "spot", request.match_info["product"])
        now = self.sim.now_ms(request)
        if listing is None or listing.listed_ms > now:
            raise _refuse(web.HTTPNotFound, "NotFound")
        interval = GRANULARITIES.get(request.query.get("granularity", "60"))
        if interval is None:
            raise _refuse(web.HTTPBadRequest, "Unsupported granularity")
        step = STEPS[interval]
        end = _moment(request, "end", now)
        start = _moment(request, "start", end - (MOST_CANDLES - 1) * step)
        if (end - start) // step > MOST_CANDLES:
            raise _refuse(
                web.HTTPBadRequest,
                "granularity too small for the requested time range. Count of aggregations requested exceeds "
                f"{MOST_CANDLES}",
            )
        bars = self.sim.rest_bars(listing, interval, start, end + 1, now)
        price, size = 10**listing.price_digits, 10**listing.size_digits
        columns = zip(
            (bars.ts // 1000).tolist(),
            (bars.low / price).tolist(),
            (bars.high / price).tolist(),
            (bars.open / price).tolist(),
            (bars.close / price).tolist(),
            (bars.volume / size).tolist(),
            strict=True,
        )
        return reply([list(row) for row in columns][::-1][:MOST_CANDLES])

    async def currencies(self, request: web.Request) -> web.Response:
        """The dollar and the coins."""
        listings = self.sim.catalogue.of("coinbase", "spot", self.sim.now_ms(request))
        coins = [_currency(each.base, "crypto", step_string(each.size_digits)) for each in listings]
        return reply([_currency("USD", "fiat", "0.01"), *coins])


def _moment(request: web.Request, name: str, default_ms: int) -> int:
    """A time given as ISO text or unix seconds."""
    value = request.query.get(name)
    if not value:
        return default_ms
    if value.isdecimal():
        return int(value) * 1000
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise _refuse(web.HTTPBadRequest, f"Invalid {name}") from None
    return epoch_ms(value)


def _product(listing: Listing, now_ms: int) -> dict[str, Any]:
    trading = listing.trading(now_ms)
    return {
        "id": listing.symbol,
        "base_currency": listing.base,
        "quote_currency": listing.quote,
        "quote_increment": step_string(listing.price_digits),
        "base_increment": step_string(listing.size_digits),
        "display_name": listing.symbol.replace("-", "/"),
        "min_market_funds": "1",
        "margin_enabled": False,
        "post_only": False,
        "limit_only": False,
        "cancel_only": False,
        "status": "online" if trading else "delisted",
        "status_message": "",
        "trading_disabled": not trading,
        "fx_stablecoin": False,
        "auction_mode": False,
    }


def _currency(code: str, kind: str, step: str) -> dict[str, Any]:
    return {
        "id": code,
        "name": code,
        "min_size": step,
        "status": "online",
        "message": "",
        "max_precision": step,
        "details": {"type": kind},
        "supported_networks": [],
    }
