"""The last resort, only where the settings allow it: Yahoo's prices of a coin in US dollars, by yfinance.

Yahoo's figures are of no venue: it averages many. A page from here says so by its source.
"""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import requests

from alphapulse_resources.http import make_session
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.coverage import Part, pages, read_part
from alphapulse_resources.venues.gateway import Gateway, Request, Seen
from alphapulse_resources.venues.model import CandlePage, ErrorKind, Instrument, VenueError
from alphapulse_resources.venues.plan import YAHOO
from alphapulse_resources.venues.registry import YAHOO_HOST
from alphapulse_resources.venues.rows import last_closed
from alphapulse_resources.venues.wire import Row, read_number

PAGE: Final = timedelta(days=1)
REACH: Final = timedelta(days=30)
"""How far back Yahoo serves 1m prices (yfinance reports it; one request may span 8 days)."""

DOLLARS: Final = frozenset({"USD", "USDT", "USDC"})

_ONE_AT_A_TIME: Final = threading.Lock()  # yfinance keeps one session per process


def yahoo_symbol(instrument: Instrument) -> str | None:
    """Yahoo's name (`BTC-USD`) for a spot instrument quoted in dollars or a dollar coin; else None."""
    base, _, quote = instrument.symbol.partition("/")
    return f"{base}-USD" if instrument.kind == "spot" and quote in DOLLARS else None


def read_price(row: tuple[int, Any, Any, Any, Any, Any]) -> Row:
    """Of open time in ms, prices and volume, which Yahoo gives in dollars: `/ close` makes it coins."""
    ts, *values = row
    open_, high, low, close, dollars = (read_number(value) for value in values)
    if close <= 0:
        raise ValueError(f"close {close:g} is not a price")
    return ts, open_, high, low, close, dollars / close, dollars, None, None


def _opened(row: tuple[int, Any, Any, Any, Any, Any]) -> int | None:
    return row[0]


class YahooSource:
    """Pages of a day; a window older than `REACH` is refused."""

    name = YAHOO

    def __init__(self, settings: Settings, gateway: Gateway, cache_dir: Path) -> None:
        self._settings = settings
        self._gateway = gateway
        self._cache_dir = cache_dir

    def pages(
        self, instrument: Instrument, start: datetime, end: datetime, now: datetime
    ) -> Iterator[CandlePage]:
        """Pages over `[start, end)`; `VenueError` NOT_PUBLISHED for what Yahoo does not have."""
        symbol = yahoo_symbol(instrument)
        if symbol is None:
            raise VenueError(ErrorKind.BAD_SYMBOL, f"{instrument}: Yahoo has only spot prices in dollars.")
        if start < now - REACH:
            message = f"{instrument}: Yahoo has 1m prices of the last {REACH.days} days only."
            raise VenueError(ErrorKind.NOT_PUBLISHED, message)

        def ask(first: datetime, last: datetime) -> Part:
            return self._ask(instrument, symbol, first, last, now)

        return pages(YAHOO, ask, start, end, PAGE, now)

    def _ask(
        self, instrument: Instrument, symbol: str, start: datetime, end: datetime, now: datetime
    ) -> Part:
        question = Request(
            source=YAHOO,
            provider=instrument.venue,
            subject=str(instrument),
            host=YAHOO_HOST,
            path=f"/v8/finance/chart/{symbol}",
            start=start,
            end=end,
            buckets=("yahoo",),
            weight=1,
        )
        answer = self._gateway.ask(question, lambda seen: self._history(symbol, start, end, seen))
        closed = last_closed(now, answer.seen.headers.get("Date"), answer.asked_at)
        window, fetches = (start, end), answer.fetches
        return read_part(answer.value, read_price, _opened, window, closed=closed, fetches=fetches)

    def _history(
        self, symbol: str, start: datetime, end: datetime, seen: Seen
    ) -> list[tuple[int, Any, Any, Any, Any, Any]]:
        # imported where it is used: it pulls in much that nobody else needs
        import yfinance
        from yfinance.exceptions import YFPricesMissingError, YFTickerMissingError

        def on_response(response: requests.Response, *_: Any, **__: Any) -> None:
            seen.status, seen.headers = response.status_code, response.headers

        session = make_session(self._settings)
        session.hooks["response"].append(on_response)
        with _ONE_AT_A_TIME:
            yfinance.config.debug.hide_exceptions = False
            yfinance.set_tz_cache_location(str(self._cache_dir / "yahoo"))
            try:
                prices = yfinance.Ticker(symbol, session=session).history(
                    interval="1m",
                    start=start,
                    end=end,
                    actions=False,
                    auto_adjust=False,
                    timeout=self._settings.venues.http_timeout_seconds,
                )
            except YFPricesMissingError:
                return []
            except YFTickerMissingError as error:
                raise VenueError(ErrorKind.BAD_SYMBOL, f"Yahoo does not know {symbol}: {error}") from error
        seen.rows = len(prices)
        columns = prices[["Open", "High", "Low", "Close", "Volume"]].astype(float)
        times = (round(moment.timestamp() * 1000) for moment in prices.index)
        return [(ts, *row) for ts, row in zip(times, columns.to_numpy().tolist(), strict=True)]
