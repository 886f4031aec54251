"""Kraken's public REST interface: pairs, candles, trades, clock.

Bodies as documented at docs.kraken.com: `{"error": [], "result": {...}}`, refusals too with HTTP 200. OHLC
has the newest 720 candles whatever is asked for, and repeats the last close for a minute without trades.
"""

from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.context import Simulator, compact, reply
from alphapulse_sim.decimals import decimal_strings, step_string
from alphapulse_sim.hashing import Ints
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import MINUTE, STEPS, open_of
from alphapulse_sim.tape import Bars, Trades

INTERVALS: Final = {
    "1": "1m", "5": "5m", "15": "15m", "30": "30m", "60": "1h", "240": "4h", "1440": "1d", "10080": "1w",
}  # fmt: skip
MOST_CANDLES: Final = 720
MOST_TRADES: Final = 1000
SIZE_PLACES: Final = 8
_BEFORE: Final = 60  # candles, more than are missing in a row
_NS: Final = 1_000_000  # in a millisecond
_OLD_NAMES: Final = {"BTC": "XBT", "DOGE": "XDG"}
_PREFIXED: Final = {"BTC", "ETH", "XRP", "LTC"}  # pairs that REST still calls XXBTZUSD and the like


class KrakenError(web.HTTPException):
    """A refusal in Kraken's words."""

    status_code = 200

    def __init__(self, error: str) -> None:
        super().__init__(text=compact({"error": [error]}), content_type="application/json")


def names(listing: Listing) -> tuple[str, str, str]:
    """What REST calls a pair: its key in answers, its `altname`, its `wsname`."""
    base = _OLD_NAMES.get(listing.base, listing.base)
    altname = base + listing.quote
    key = f"X{base}Z{listing.quote}" if listing.base in _PREFIXED else altname
    return key, altname, f"{base}/{listing.quote}"


class Kraken:
    """The handlers of `api.kraken.com`."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        public = f"/{host}/0/public"
        return [
            web.get(f"{public}/Time", self.time),
            web.get(f"{public}/SystemStatus", self.status),
            web.get(f"{public}/AssetPairs", self.pairs),
            web.get(f"{public}/OHLC", self.candles),
            web.get(f"{public}/Trades", self.trades),
        ]

    def listing(self, request: web.Request) -> Listing:
        """The pair that is asked for, by any of its names."""
        asked, now = request.query.get("pair", ""), self.sim.now_ms(request)
        for listing in self.sim.catalogue.of("kraken", "spot", now):
            if asked in (*names(listing), listing.symbol):
                return listing
        raise KrakenError("EQuery:Unknown asset pair")

    async def time(self, request: web.Request) -> web.Response:
        """The venue's clock."""
        now = datetime.fromtimestamp(self.sim.now_ms(request) // 1000, UTC)
        return _result({"unixtime": int(now.timestamp()), "rfc1123": f"{now:%a, %d %b %y %H:%M:%S} +0000"})

    async def status(self, request: web.Request) -> web.Response:
        """Always well."""
        now = datetime.fromtimestamp(self.sim.now_ms(request) // 1000, UTC)
        return _result({"status": "online", "timestamp": f"{now:%Y-%m-%dT%H:%M:%SZ}"})

    async def pairs(self, request: web.Request) -> web.Response:
        """Every pair that is listed."""
        now = self.sim.now_ms(request)
        listings = self.sim.catalogue.of("kraken", "spot", now)
        return _result({names(each)[0]: _pair(each, each.trading(now)) for each in listings})

    async def candles(self, request: web.Request) -> web.Response:
        """The newest 720 candles, the forming one included, of them those after `since`."""
        listing, now = self.listing(request), self.sim.now_ms(request)
        interval = INTERVALS.get(request.query.get("interval", "1"))
        if interval is None:
            raise KrakenError("EGeneral:Invalid arguments:interval")
        since, step = _whole(request, "since", 0) * 1000, STEPS[interval]
        newest = open_of(now, interval)
        first = max(newest - (MOST_CANDLES - 1) * step, listing.listed_ms)
        # from before the first one: where nothing was traded in it, it repeats the close before
        bars = self.sim.rest_bars(listing, interval, first - _BEFORE * step, now + 1, now)
        told = max(since, first - 1)
        rows = [row for row in _candles(listing, bars, interval, newest) if row[0] * 1000 > told]
        return _result({names(listing)[0]: rows, "last": (newest - step) // 1000})

    async def trades(self, request: web.Request) -> web.Response:
        """The first 1000 trades after `since` (nanoseconds); without it the newest ones."""
        listing, now = self.listing(request), self.sim.now_ms(request)
        most = min(_whole(request, "count", MOST_TRADES), MOST_TRADES)
        if "since" in request.query:
            since = _whole(request, "since", 0)
            since = since if since > 10**15 else since * 1_000_000_000  # seconds are taken, too
            found = self._after(listing, since // _NS + 1, now, most)
        else:
            since, newest = 0, self.sim.market.trades(listing, now - 4 * 60 * MINUTE, now)
            found = newest.take(slice(max(0, len(newest) - most), None))
        last = int(found.ts[-1]) * _NS if len(found) else since
        return _result({names(listing)[0]: _rows(listing, found), "last": str(last)})

    def _after(self, listing: Listing, start: int, now: int, most: int) -> Trades:
        """The first `most` trades from `start` on."""
        start, span = max(start, listing.listed_ms), 2 * 60 * MINUTE
        while True:
            end = min(start + span, now)
            found = self.sim.market.trades(listing, start, max(start, end))
            if len(found) >= most or end >= now:
                return found.take(slice(0, most))
            span *= 4


def _result(result: dict[str, Any]) -> web.Response:
    return reply({"error": [], "result": result})


def _whole(request: web.Request, name: str, default: int) -> int:
    value = request.query.get(name, "")
    if value and not value.isdecimal():
        raise KrakenError(f"EGeneral:Invalid arguments:{name}")
    return int(value) if value else default


def _pair(listing: Listing, trading: bool) -> dict[str, Any]:
    _, altname, wsname = names(listing)
    base = _OLD_NAMES.get(listing.base, listing.base)
    return {
        "altname": altname,
        "wsname": wsname,
        "aclass_base": "currency",
        "base": f"X{base}" if listing.base in {*_PREFIXED, *_OLD_NAMES} else base,
        "aclass_quote": "currency",
        "quote": f"Z{listing.quote}",
        "lot": "unit",
        "cost_decimals": 5,
        "pair_decimals": listing.price_digits,
        "lot_decimals": SIZE_PLACES,
        "lot_multiplier": 1,
        "leverage_buy": [2, 3],
        "leverage_sell": [2, 3],
        "fees": [[0, 0.4]],
        "fees_maker": [[0, 0.25]],
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": "0.00005",
        "costmin": "0.5",
        "tick_size": step_string(listing.price_digits),
        "status": "online" if trading else "cancel_only",
    }


def _candles(listing: Listing, bars: Bars, interval: str, newest: int) -> list[list[Any]]:
    """Rows of bars; a minute without one repeats the close before it, with nothing traded."""
    prices = zip(*(_prices(listing, column) for column in bars.prices), strict=True)
    average = np.rint(bars.quote / np.maximum(bars.volume, 1)).astype(np.int64)
    columns = zip(
        bars.ts.tolist(),
        prices,
        _prices(listing, average),
        sizes(listing, bars.volume),
        bars.trades.tolist(),
        strict=True,
    )
    rows: list[list[Any]] = []
    for ts, (opened, high, low, close), vwap, volume, trades in columns:
        _fill(rows, ts, interval)
        rows.append([ts // 1000, opened, high, low, close, vwap, volume, trades])
    _fill(rows, newest + MINUTE, interval)
    return rows


def _fill(rows: list[list[Any]], until: int, interval: str) -> None:
    while interval == "1m" and rows and (rows[-1][0] + 60) * 1000 < until:
        close = rows[-1][4]
        rows.append([rows[-1][0] + 60, close, close, close, close, "0.0", "0.00000000", 0])


def _prices(listing: Listing, units: Ints) -> list[str]:
    return decimal_strings(units, listing.price_digits, listing.price_digits)


def sizes(listing: Listing, units: Ints) -> list[str]:
    """Sizes with all of Kraken's decimals."""
    return decimal_strings(units, listing.size_digits, SIZE_PLACES)


def _rows(listing: Listing, trades: Trades) -> list[list[Any]]:
    columns = zip(
        _prices(listing, trades.price),
        sizes(listing, trades.size),
        trades.ts.tolist(),
        trades.buyer_is_maker.tolist(),
        trades.ids.tolist(),
        strict=True,
    )
    return [
        [price, size, ts / 1000, "s" if maker else "b", "m" if number % 3 else "l", "", number]
        for price, size, ts, maker, number in columns
    ]
