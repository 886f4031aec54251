"""Deribit's public JSON-RPC over HTTP GET: instruments, book summaries, tickers, the volatility index, clock.

Bodies as documented at docs.deribit.com (API 2.1.1): `{"jsonrpc": "2.0", "result": ..., "usIn": ...,
"usOut": ..., "usDiff": ..., "testnet": false}`; refusals have `error` in the place of `result`, and HTTP 400,
or 429 with code 10028. Only options are listed: no futures, no perpetuals.
"""

import time
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from aiohttp import web

from alphapulse_sim.context import Simulator, compact, reply
from alphapulse_sim.deribit_bodies import instrument, summaries, ticker
from alphapulse_sim.hashing import Ints
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.intervals import DAY, HOUR, MINUTE
from alphapulse_sim.options import BOOKS, Book, Contract, Options

HOST: Final = "www.deribit.com"
CURRENCIES: Final = {
    "BTC": "Bitcoin",
    "ETH": "Ethereum",
    "USDC": "USD Coin",
    "USDT": "Tether USD",
    "EURR": "EURR",
}
KINDS: Final = ("future", "option", "spot", "future_combo", "option_combo")
RESOLUTIONS: Final = {"1": 1000, "60": MINUTE, "3600": HOUR, "43200": 12 * HOUR, "1D": DAY}
INDEX_BEGINS: Final = epoch_ms("2021-03-24")
"""About when Deribit's volatility index began."""
MOST_CANDLES: Final = 1000  # in an answer (ours; the documentation names no figure)
_IN_CANDLE: Final = 13  # looks at the index within a candle, both ends included (ours)


class DeribitError(web.HTTPException):
    """A refusal in Deribit's words."""

    status_code = 400

    def __init__(self, code: int, message: str, data: dict[str, str] | None = None) -> None:
        super().__init__(text=compact(failed(code, message, data)), content_type="application/json")


def failed(code: int, message: str, data: dict[str, str] | None = None) -> dict[str, Any]:
    """The body of a refusal."""
    error = {"code": code, "message": message, **({"data": data} if data else {})}
    return {"jsonrpc": "2.0", "error": error, **_times()}


def _times() -> dict[str, Any]:
    now = time.time_ns() // 1000
    return {"usIn": now - 180, "usOut": now, "usDiff": 180, "testnet": False}


def _wrong(parameter: str, reason: str) -> DeribitError:
    return DeribitError(-32602, "Invalid params", {"reason": reason, "param": parameter})


class Deribit:
    """The handlers of `www.deribit.com`."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.options = Options(sim.market, sim.catalogue)

    def routes(self, host: str = HOST) -> list[web.RouteDef]:
        """The routes under `/<host>`."""
        methods = {
            "get_time": self.time,
            "get_currencies": self.currencies,
            "get_instruments": self.instruments,
            "get_book_summary_by_currency": self.summaries,
            "ticker": self.ticker,
            "get_volatility_index_data": self.volatility_index,
        }
        return [
            *(web.get(f"/{host}/api/v2/public/{name}", method) for name, method in methods.items()),
            web.get(f"/{host}/api/v2/{{method:.*}}", self.unknown),
        ]

    async def unknown(self, request: web.Request) -> web.Response:
        """What is not a method."""
        raise DeribitError(-32601, "Method not found")

    async def time(self, request: web.Request) -> web.Response:
        """The venue's clock."""
        return self._result(self.sim.now_ms(request))

    async def currencies(self, request: web.Request) -> web.Response:
        """What options can be settled in."""
        return self._result([_currency(name, long) for name, long in CURRENCIES.items()])

    async def instruments(self, request: web.Request) -> web.Response:
        """The options of a currency, or of all: those listed, or with `expired=true` those of a day."""
        books = self._books(request, "any")
        if (kind := request.query.get("kind", "option")) not in KINDS:
            raise _wrong("kind", "value not accepted")
        now, expired = self.sim.now_ms(request), request.query.get("expired", "false") == "true"
        found = [
            instrument(each, now)
            for book in books
            for each in self.options.contracts(book, now, expired=expired)
            if kind == "option"
        ]
        return self._result(found)

    async def summaries(self, request: web.Request) -> web.Response:
        """A row for each option of a currency."""
        books = self._books(request, None)
        if (kind := request.query.get("kind", "option")) not in KINDS:
            raise _wrong("kind", "value not accepted")
        now = self.sim.now_ms(request)
        rows: list[dict[str, Any]] = []
        for book in books if kind == "option" else ():
            quotes = self.options.quotes(book, self.options.contracts(book, now), now)
            rows += summaries(quotes, now, self.sim.config.seed)
        return self._result(rows)

    async def ticker(self, request: web.Request) -> web.Response:
        """One option, with its greeks."""
        name, now = request.query.get("instrument_name", ""), self.sim.now_ms(request)
        found = _named(name, (each for book in BOOKS for each in self.options.contracts(book, now)))
        if found is None:
            raise DeribitError(
                13020, "not_found", {"reason": "instrument not found", "param": "instrument_name"}
            )
        return self._result(ticker(self.options.quotes(found.book, [found], now), now, self.sim.config.seed))

    async def volatility_index(self, request: web.Request) -> web.Response:
        """Candles of the index in `[start_timestamp, end_timestamp]`, at most 1000: the newest of them.

        `continuation` is then the `end_timestamp` to go on with.
        """
        currency, step = (
            request.query.get("currency", ""),
            RESOLUTIONS.get(request.query.get("resolution", "")),
        )
        if currency not in CURRENCIES:
            raise _wrong("currency", "value not accepted")
        if step is None:
            raise _wrong("resolution", "value not accepted")
        now = self.sim.now_ms(request)
        start, end = _whole(request, "start_timestamp"), min(_whole(request, "end_timestamp"), now)
        book = next((each for each in BOOKS if each.prefix == currency), None)  # others have no index
        first = -(-max(start, INDEX_BEGINS) // step) * step
        opens = np.arange(first, end + 1, step, dtype=np.int64) if book else np.asarray([], dtype=np.int64)
        kept = opens[-MOST_CANDLES:]
        data = self._candles(book, kept, step, now) if book and len(kept) else []
        more = int(kept[0]) - step if len(opens) > len(kept) else None
        return self._result({"data": data, "continuation": more})

    def _candles(self, book: Book, opens: Ints, step: int, now: int) -> list[list[float]]:
        """Rows of open time, open, high, low, close: of what the index was within each, up to now."""
        within = np.linspace(0, step, _IN_CANDLE).astype(np.int64)
        at = np.minimum(opens[:, None] + within[None, :], now)
        levels = 100 * self.options.levels(book, at.ravel()).reshape(at.shape)
        columns = np.round([levels[:, 0], levels.max(axis=1), levels.min(axis=1), levels[:, -1]], 2)
        return [[int(opened), *values] for opened, values in zip(opens, columns.T.tolist(), strict=True)]

    def _books(self, request: web.Request, default: str | None) -> list[Book]:
        currency = request.query.get("currency", default)
        if currency == "any":
            return list(BOOKS)
        if currency not in CURRENCIES:
            raise _wrong("currency", "value not accepted" if currency else "value required")
        return [book for book in BOOKS if book.currency == currency]

    def _result(self, result: Any) -> web.Response:
        return reply({"jsonrpc": "2.0", "result": result, **_times()})


def _named(name: str, contracts: Iterable[Contract]) -> Contract | None:
    return next((each for each in contracts if each.name == name), None)


def _whole(request: web.Request, name: str) -> int:
    value = request.query.get(name, "")
    if not value.isdecimal():
        raise _wrong(name, "value required" if not value else "wrong format")
    return int(value)


def _currency(name: str, long: str) -> dict[str, Any]:
    return {
        "coin_type": "BITCOIN" if name == "BTC" else "ETHER",
        "currency": name,
        "currency_long": long,
        "decimals": 8 if name == "BTC" else 6,
        "fee_precision": 4,
        "in_cross_collateral_pool": True,
        "min_confirmations": 1,
        "min_withdrawal_fee": 0.0001,
        "withdrawal_fee": 0.0001,
        "withdrawal_priorities": [],
    }
