"""Yahoo Finance's chart, as much of it as yfinance needs: crumb, cookie and bars of COIN-USD.

The prices are Coinbase's of this simulator; one-minute bars reach back 8 days, as Yahoo's do.
"""

from typing import Any, Final

from aiohttp import web

from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import DAY, STEPS
from alphapulse_sim.tape import Bars

HOSTS: Final = ("query1.finance.yahoo.com", "query2.finance.yahoo.com")
_INTERVALS: Final = {"1m": "1m", "5m": "5m", "15m": "15m", "30m": "30m", "60m": "1h", "1h": "1h", "1d": "1d"}
_RANGES: Final = {"1d": 1, "5d": 5, "1mo": 31, "3mo": 92, "6mo": 183, "1y": 366}
_MINUTE_HISTORY: Final = 8 * DAY


class Yahoo:
    """The handlers of Yahoo's hosts."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    def routes(self) -> list[web.RouteDef]:
        """The routes of all its hosts."""
        charts = [web.get(f"/{host}/v8/finance/chart/{{symbol}}", self.chart) for host in HOSTS]
        crumbs = [web.get(f"/{host}/v1/test/getcrumb", self.crumb) for host in HOSTS]
        return [
            *charts,
            *crumbs,
            web.get("/fc.yahoo.com", self.cookie),
            web.get("/fc.yahoo.com/", self.cookie),
        ]

    async def cookie(self, request: web.Request) -> web.Response:
        """The cookie; the real one comes with a 404 too, which clients ignore."""
        return web.Response(status=404, headers={"Set-Cookie": "A3=simulated; Path=/"})

    async def crumb(self, request: web.Request) -> web.Response:
        """The crumb."""
        return web.Response(text="simulated")

    async def chart(self, request: web.Request) -> web.Response:
        """Bars in [period1, period2) seconds, or of the last `range`."""
        listing = self.sim.catalogue.find("coinbase", "spot", request.match_info["symbol"])
        interval = _INTERVALS.get(request.query.get("interval", "1d"))
        now = self.sim.now_ms(request)
        if listing is None:
            return _error(404, "Not Found", "No data found, symbol may be delisted")
        if interval is None:
            return _error(400, "Bad Request", "Invalid input - interval is not supported")
        end = int(request.query.get("period2") or now // 1000 + 1) * 1000
        days = _RANGES.get(request.query.get("range", "1d"), 1)
        start = int(request.query.get("period1") or (end - days * DAY) // 1000) * 1000
        if interval == "1m" and end - start > _MINUTE_HISTORY:
            return _error(422, "Unprocessable Entity", "1m data not available: only 8 days per request.")
        bars = self.sim.rest_bars(listing, interval, start, end, now)
        result = {
            "meta": _meta(listing, bars, interval, start, end),
            "timestamp": (bars.ts // 1000).tolist(),
            "indicators": {
                "quote": [_quote(listing, bars)],
                "adjclose": [{"adjclose": _prices(listing, bars)}],
            },
        }
        return reply({"chart": {"result": [result], "error": None}})


def _error(status: int, code: str, description: str) -> web.Response:
    return reply(
        {"chart": {"result": None, "error": {"code": code, "description": description}}}, status=status
    )


def _prices(listing: Listing, bars: Bars) -> list[float]:
    prices: list[float] = (bars.close / 10**listing.price_digits).tolist()
    return prices


def _quote(listing: Listing, bars: Bars) -> dict[str, Any]:
    scale = 10**listing.price_digits
    names = ("open", "high", "low", "close")
    quote: dict[str, Any] = {
        name: (column / scale).tolist() for name, column in zip(names, bars.prices, strict=True)
    }
    return quote | {"volume": (bars.quote // 10 ** (listing.price_digits + listing.size_digits)).tolist()}


def _meta(listing: Listing, bars: Bars, interval: str, start_ms: int, end_ms: int) -> dict[str, Any]:
    prices = _prices(listing, bars)
    whole = {"timezone": "UTC", "start": start_ms // 1000, "end": end_ms // 1000, "gmtoffset": 0}
    trading_days = [
        [{"timezone": "UTC", "start": day // 1000, "end": (day + DAY) // 1000 - 60, "gmtoffset": 0}]
        for day in range(start_ms // DAY * DAY, end_ms, DAY)
    ]
    meta = {
        "currency": "USD",
        "symbol": listing.symbol,
        "exchangeName": "CCC",
        "fullExchangeName": "CCC",
        "instrumentType": "CRYPTOCURRENCY",
        "firstTradeDate": listing.listed_ms // 1000,
        "regularMarketTime": end_ms // 1000,
        "hasPrePostMarketData": False,
        "gmtoffset": 0,
        "timezone": "UTC",
        "exchangeTimezoneName": "UTC",
        "regularMarketPrice": prices[-1] if prices else None,
        "priceHint": 2,
        "currentTradingPeriod": {"pre": whole, "regular": whole, "post": whole},
        "dataGranularity": interval,
        "range": "",
        "validRanges": [*_RANGES, "max"],
    }
    return meta | ({"tradingPeriods": trading_days} if STEPS[interval] < DAY else {})
