"""OKX's public interface of swaps: instruments, candles, prices, funding, open interest.

Bodies as documented at okx.com/docs-v5: `{"code": "0", "msg": "", "data": [...]}`, newest first, all values
texts. Sizes of linear swaps are contracts of an amount of the base, of inverse ones of dollars. A swap that
is not traded any more is not listed, and a minute without trades repeats the close before it.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.context import Simulator
from alphapulse_sim.decimals import short_string, step_string
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
from alphapulse_sim.hashing import below, key
from alphapulse_sim.instruments import Listing
from alphapulse_sim.intervals import DAY, HOUR, MINUTE, next_open, open_of
from alphapulse_sim.okx_bodies import (
    BEFORE,
    amount,
    filled,
    head,
    instrument,
    interest_rows,
    price,
    told,
    volumes,
)
from alphapulse_sim.okx_reading import OkxError, answer, between, row_limit, text, unknown_instrument
from alphapulse_sim.paging import newest

BARS: Final = {
    "1m": "1m", "3m": "3m", "5m": "5m", "15m": "15m", "30m": "30m", "1H": "1h", "2H": "2h", "4H": "4h",
    "6Hutc": "6h", "12Hutc": "12h", "1Dutc": "1d",
}  # fmt: skip
MOST_CANDLES: Final = 300
NEWEST_CANDLES: Final = 1440
MOST_SETTLED: Final = 400
KEPT_MS: Final = 92 * DAY  # three months of settlements
_USUAL_CAP: Final = "0.01500000"
_PREDICTED: Final = 40  # how far a rate that was predicted is from the one that was paid, in 10^-8


class Okx:
    """The handlers of `www.okx.com`."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim

    def routes(self, host: str) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        handlers: dict[str, Callable[[web.Request], Any]] = {
            "public/time": self.time,
            "public/instruments": self.instruments,
            "public/mark-price": self.mark_price,
            "public/open-interest": self.open_interest,
            "public/funding-rate": self.funding_rate,
            "public/funding-rate-history": self.funding_history,
            "market/index-tickers": self.index_tickers,
            "market/tickers": self.tickers,
            "market/candles": self.candles,
            "market/history-candles": self.history_candles,
        }
        return [web.get(f"/{host}/api/v5/{path}", call) for path, call in handlers.items()]

    def listing(self, request: web.Request) -> Listing:
        """The swap that is asked for, while it is traded."""
        found = self.sim.catalogue.find("okx", "perpetual", text(request, "instId"))
        if found is None or not found.trading(self.sim.now_ms(request)):
            raise unknown_instrument()
        return found

    def swaps(self, request: web.Request, now_ms: int) -> list[Listing]:
        """All swaps, or the one that is named. Other types of instruments there are none."""
        if text(request, "instType") not in ("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION"):
            raise OkxError("51000", "Parameter instType error")
        if request.query["instType"] != "SWAP":
            return []
        return [self.listing(request)] if "instId" in request.query else self.trading(now_ms)

    def trading(self, now_ms: int) -> list[Listing]:
        """The swaps that trade."""
        return [each for each in self.sim.catalogue.of("okx", "perpetual", now_ms) if each.trading(now_ms)]

    def spot(self, listing: Listing) -> Listing | None:
        """What the index of a swap is of."""
        return self.sim.catalogue.find("binance", "spot", f"{listing.base}USDT")

    async def time(self, request: web.Request) -> web.Response:
        """The venue's clock."""
        return answer([{"ts": str(self.sim.now_ms(request))}])

    async def instruments(self, request: web.Request) -> web.Response:
        """Every swap that trades, with the value of a contract."""
        return answer([instrument(each) for each in self.swaps(request, self.sim.now_ms(request))])

    async def mark_price(self, request: web.Request) -> web.Response:
        """Mark prices."""
        now = self.sim.now_ms(request)
        return answer(
            {**head(each), "markPx": price(self._standing(each, now).mark), "ts": str(now)}
            for each in self.swaps(request, now)
        )

    async def index_tickers(self, request: web.Request) -> web.Response:
        """Index prices with one quote currency, with the last day's range by the hour."""
        now, quote = self.sim.now_ms(request), text(request, "quoteCcy")
        return answer([self._index(each, now) for each in self.trading(now) if each.quote == quote])

    def _index(self, listing: Listing, now: int) -> dict[str, Any]:
        at = now - np.arange(25, dtype=np.int64) * HOUR
        prices = self.sim.market.mid(self.spot(listing) or listing, at)
        day = self.sim.market.mid(self.spot(listing) or listing, np.array([now // DAY * DAY]))
        return {
            "instId": listing.symbol.removesuffix("-SWAP"),
            "idxPx": price(self._standing(listing, now).index),
            "high24h": price(float(prices.max())),
            "low24h": price(float(prices.min())),
            "sodUtc0": price(float(day[0])),
            "open24h": price(float(prices[-1])),
            "sodUtc8": price(float(day[0])),
            "ts": str(now),
        }

    async def tickers(self, request: web.Request) -> web.Response:
        """Last prices and the last day's range and volume."""
        now = self.sim.now_ms(request)
        listings = self.swaps(request, now)
        # hundreds of them take a second, and the day's candles behind them some more: not on the event loop
        return answer(await asyncio.to_thread(lambda: [self._ticker(each, now) for each in listings]))

    def _ticker(self, listing: Listing, now: int) -> dict[str, Any]:
        market, digits = self.sim.market, listing.price_digits
        bars = market.minute_bars(listing, now // MINUTE * MINUTE - DAY, now // MINUTE * MINUTE)
        bid = int(market.bid_ticks(listing, np.array([now], dtype=np.int64))[0])
        price, first = short_string(bid, digits), int(bars.open[0]) if len(bars) else bid
        high, low = (int(bars.high.max()), int(bars.low.min())) if len(bars) else (bid, bid)
        contracts, coins, _ = volumes(listing, bars)
        size = step_string(listing.size_digits)
        return {
            **head(listing),
            "last": price,
            "lastSz": size,
            "askPx": short_string(bid + 1, digits),
            "askSz": size,
            "bidPx": price,
            "bidSz": size,
            "open24h": short_string(first, digits),
            "high24h": short_string(high, digits),
            "low24h": short_string(low, digits),
            "volCcy24h": amount(float(coins.sum())),
            "vol24h": amount(float(contracts.sum())),
            "ts": str(now),
            "sodUtc0": short_string(first, digits),
            "sodUtc8": short_string(first, digits),
        }

    async def open_interest(self, request: web.Request) -> web.Response:
        """Open contracts, with what they are in coins and dollars."""
        now = self.sim.now_ms(request)
        rows = []
        for each in self.swaps(request, now):
            _, contracts, coins, dollars = interest_rows(self.sim, each, np.array([now], dtype=np.int64))[0]
            rows.append({**head(each), "oi": contracts, "oiCcy": coins, "oiUsd": dollars, "ts": str(now)})
        return answer(rows)

    async def funding_rate(self, request: web.Request) -> web.Response:
        """The funding to come, of one swap or of `ANY`."""
        now = self.sim.now_ms(request)
        named = self.trading(now) if text(request, "instId") == "ANY" else [self.listing(request)]
        return answer([self._funding(each, now) for each in named])

    def _funding(self, listing: Listing, now: int) -> dict[str, Any]:
        due, stands = next_settlement(listing, now), self._standing(listing, now)
        hours = interval_hours(listing, now)
        last = settlements(listing, due - hours * HOUR, now + 1)
        rates = funding_rates(self.sim.market, listing, self.spot(listing), last[-1:])
        cap = ADJUSTED_CAP if hours != USUAL_HOURS else _USUAL_CAP
        return {
            **head(listing),
            "method": "current_period",
            "formulaType": "withRate",
            "fundingRate": funding_text(stands.rate),
            "nextFundingRate": "",
            "fundingTime": str(due),
            "nextFundingTime": str(due + hours * HOUR),
            "minFundingRate": f"-{cap}",
            "maxFundingRate": cap,
            "interestRate": "0.0001",
            "impactValue": "20000",
            "settState": "settled",
            "settFundingRate": funding_text(int(rates[0])) if len(rates) else "",
            "premium": f"{stands.mark / stands.index - 1:.8f}",
            "ts": str(now),
        }

    async def funding_history(self, request: web.Request) -> web.Response:
        """Settled funding of three months, newest first."""
        listing, now = self.listing(request), self.sim.now_ms(request)
        first, last = between(request, "before", "after", now)
        most = row_limit(request, MOST_SETTLED, MOST_SETTLED)
        at = settlements(listing, max(first, now - KEPT_MS), last + 1)[::-1][:most]
        rates = funding_rates(self.sim.market, listing, self.spot(listing), at)
        stream = key(self.sim.config.seed, "predicted", listing.symbol)
        predicted = rates + below(stream, at, 2 * _PREDICTED) - _PREDICTED
        rows = zip(rates.tolist(), predicted.tolist(), at.tolist(), strict=True)
        return answer(
            {
                **head(listing),
                "formulaType": "withRate",
                "fundingRate": funding_text(before),
                "realizedRate": funding_text(rate),
                "fundingTime": str(ts),
                "method": "current_period",
            }
            for rate, before, ts in rows
        )

    async def candles(self, request: web.Request) -> web.Response:
        """The newest 1,440 candles, the forming one included."""
        return await self._candles(request, NEWEST_CANDLES)

    async def history_candles(self, request: web.Request) -> web.Response:
        """All candles, those that are complete."""
        return await self._candles(request, None)

    async def _candles(self, request: web.Request, kept: int | None) -> web.Response:
        listing, now = self.listing(request), self.sim.now_ms(request)
        interval = BARS.get(request.query.get("bar", "1m"))
        if interval is None:
            raise OkxError("51000", "Parameter bar error")
        most = row_limit(request, 100, MOST_CANDLES)
        first, last = between(request, "before", "after", now)
        if kept is None:
            last = min(last, open_of(now, interval) - 1)
        else:
            first = max(first, next_open(open_of(now, interval), interval, 1 - kept))
        # a page of long bars takes seconds the first time: not on the event loop
        rows = await asyncio.to_thread(self._rows, listing, interval, (first, last), most, now)
        return answer(rows)

    def _rows(
        self, listing: Listing, interval: str, window: tuple[int, int], most: int, now: int
    ) -> list[list[str]]:
        """The newest candles that open in the window, newest first; of minutes those without trades, too."""
        first, last = window
        bars = newest(self.sim, listing, interval, 0, last + 1, most + BEFORE, now)
        rows = told(listing, bars, interval, now)
        if interval == "1m" and rows:
            rows = filled(rows, max(first, listing.listed_ms), min(last, now))
        return [row for row in rows if int(row[0]) >= first][-most:][::-1]

    def _standing(self, listing: Listing, now: int) -> Any:
        return standing(self.sim.market, listing, self.spot(listing), now)
