"""Binance market data over REST: what spot (`/api/v3`) and USD-M futures (`/fapi/v1`) have in common.

`exchangeInfo` is in `binance_info.py`, what only futures have in `binance_futures.py`.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim import binance_errors as ask
from alphapulse_sim.book import book_at
from alphapulse_sim.context import Simulator, reply
from alphapulse_sim.decimals import decimal_strings
from alphapulse_sim.hashing import Ints
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import HOUR, MINUTE, next_open
from alphapulse_sim.paging import newest, oldest_first
from alphapulse_sim.tape import Bars, Trades

_FAR: Final = 1 << 52  # later than anything asked
_USDM_DEPTHS: Final = (5, 10, 20, 50, 100, 500, 1000)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one Binance market differs from the other."""

    venue: str
    kind: str
    prefix: str
    most_klines: int
    most_depth: int
    default_depth: int
    spot: bool


SPOT: Final = Dialect("binance", "spot", "/api/v3", 1000, 5000, 100, True)
USDM: Final = Dialect("binanceusdm", "perpetual", "/fapi/v1", 1500, 1000, 500, False)


@dataclass(frozen=True, slots=True)
class Places:
    """The decimals Binance prints: spot eight everywhere, futures the contract's precisions."""

    price: int
    size: int
    quote: int


def places(listing: Listing) -> Places:
    """The decimals of a listing's prices, sizes and quote volumes (held against the 2021 captures)."""
    if listing.kind == "spot":
        return Places(8, 8, 8)
    price = max(2, listing.price_digits)
    return Places(price, listing.size_digits, price + listing.size_digits)


def _in_base(listing: Listing, contracts: Ints, bars: Bars) -> list[str]:
    """What contracts were in the base, by the mean price of their bar."""
    mean = bars.quote / np.maximum(bars.volume, 1) * listing.tick
    return decimal_strings(np.rint(contracts * (listing.contract or 0) / mean * 1e8).astype(np.int64), 8, 8)


def kline_columns(listing: Listing, bars: Bars, interval: str) -> list[list[Any]]:
    """The twelve columns of klines, in order, one list per column.

    Of contracts of a fixed quote value the volumes are contracts; beside them is what these were in the base.
    """
    price, size, quote = listing.price_digits, listing.size_digits, listing.price_digits + listing.size_digits
    wide = places(listing)
    opened = bars.ts.tolist()
    return [
        opened,
        *(decimal_strings(column, price, wide.price) for column in bars.prices),
        decimal_strings(bars.volume, size, wide.size),
        [next_open(ts, interval) - 1 for ts in opened],
        decimal_strings(bars.quote, quote, wide.quote)
        if listing.contract is None
        else _in_base(listing, bars.volume, bars),
        bars.trades.tolist(),
        decimal_strings(bars.taker_volume, size, wide.size),
        decimal_strings(bars.taker_quote, quote, wide.quote)
        if listing.contract is None
        else _in_base(listing, bars.taker_volume, bars),
        ["0"] * len(opened),
    ]


class BinanceMarket:
    """The handlers of one Binance market."""

    def __init__(self, sim: Simulator, dialect: Dialect) -> None:
        self.sim = sim
        self.dialect = dialect

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        handlers = {
            "ping": self.ping,
            "time": self.time,
            "klines": self.klines,
            "depth": self.depth,
            "aggTrades": self.agg_trades,
        }
        return [web.get(f"/{host}{self.dialect.prefix}/{name}", call) for name, call in handlers.items()]

    def listing(self, request: web.Request) -> Listing:
        """The listing the request names, if the venue shows it already."""
        listing = self.sim.catalogue.find(self.dialect.venue, self.dialect.kind, ask.text(request, "symbol"))
        if listing is None or listing.listed_ms > self.sim.now_ms(request):
            raise ask.invalid_symbol()
        return listing

    async def ping(self, request: web.Request) -> web.Response:
        """An empty answer."""
        return reply({})

    async def time(self, request: web.Request) -> web.Response:
        """The venue's clock."""
        return reply({"serverTime": self.sim.now_ms(request)})

    async def klines(self, request: web.Request) -> web.Response:
        """Bars, oldest first, the forming one last; both times inclusive on the open time."""
        listing, interval = self.listing(request), ask.interval(request)
        most = ask.limit(request, 500, self.dialect.most_klines, clamp=self.dialect.spot)
        start, end = ask.window(request)
        now = self.sim.now_ms(request)
        if start is not None and end is not None and end <= start and not self.dialect.spot:
            raise ask.BinanceError(-1023, "Start time is greater than end time.")
        page, since = (newest, 0) if start is None else (oldest_first, start)
        # a page of long bars takes seconds the first time: not on the event loop
        bars = await asyncio.to_thread(page, self.sim, listing, interval, since, end or _FAR, most, now)
        rows = zip(*kline_columns(listing, bars, interval), strict=True)
        return reply([list(row) for row in rows])

    async def depth(self, request: web.Request) -> web.Response:
        """The book: spot without, futures with event and transaction time."""
        listing = self.listing(request)
        spot = self.dialect.spot
        most = ask.limit(request, self.dialect.default_depth, self.dialect.most_depth, clamp=spot)
        if not spot and most not in _USDM_DEPTHS:
            raise ask.BinanceError(-4021, f"Invalid depth limit {most}.")
        book = book_at(self.sim.market, listing, self.sim.now_ms(request))
        head = {"lastUpdateId": book.update_id}
        if not self.dialect.spot:
            head |= {"E": self.sim.now_ms(request), "T": book.ts}
        wide = places(listing)
        sides = {
            name: [
                list(level)
                for level in zip(
                    decimal_strings(side.price, listing.price_digits, wide.price),
                    decimal_strings(side.size, listing.size_digits, wide.size),
                    strict=True,
                )
            ]
            for name, side in (("bids", book.bids.best(most)), ("asks", book.asks.best(most)))
        }
        return reply({**head, **sides})

    async def agg_trades(self, request: web.Request) -> web.Response:
        """Trades (the simulator aggregates nothing: one aggregate is one trade), oldest first."""
        listing = self.listing(request)
        most = ask.limit(request, 500, 1000, clamp=self.dialect.spot)
        start, end = ask.window(request)
        trades = self._trades(listing, start, end, most, self.sim.now_ms(request))
        return reply(self._trade_rows(listing, trades))

    def _trades(self, listing: Listing, start: int | None, end: int | None, most: int, now: int) -> Trades:
        until = min(end or _FAR, now + 1)
        if start is None:
            recent = self.sim.market.trades(listing, until - 2 * HOUR, until)
            return recent.take(slice(max(0, len(recent) - most), None))
        # every minute has a trade unless the venue was down, and outages are shorter than the margin
        until = min(until, start + (most + 15) * MINUTE)
        return self.sim.market.trades(listing, start, until).take(slice(0, most))

    def _trade_rows(self, listing: Listing, trades: Trades) -> list[dict[str, Any]]:
        wide = places(listing)
        last = {"M": True} if self.dialect.spot else {}
        columns = zip(
            trades.ids.tolist(),
            decimal_strings(trades.price, listing.price_digits, wide.price),
            decimal_strings(trades.size, listing.size_digits, wide.size),
            trades.ts.tolist(),
            trades.buyer_is_maker.tolist(),
            strict=True,
        )
        return [
            {"a": number, "p": price, "q": size, "f": number, "l": number, "T": ts, "m": maker, **last}
            for number, price, size, ts, maker in columns
        ]
