"""Asking CoinGecko: without a key where that is answered, with the Demo key for the rest."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import polars as pl

from alphapulse_resources.providers.client import ProviderClient
from alphapulse_resources.providers.coingecko import COINGECKO, COINGECKO_DEMO, NAME
from alphapulse_resources.providers.coingecko.reading import (
    EMPTY_COINS,
    read_chart,
    read_defi,
    read_global,
    read_markets,
)
from alphapulse_resources.providers.market_model import CoinRows, DefiFigures, MarketFigures
from alphapulse_resources.providers.model import WHOLE_MARKET, Series
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_resources.venues.model import ErrorKind, Fetch, Page, VenueError

T = TypeVar("T")

PAGE: Final = 250
"""Coins a page of /coins/markets has at most (documented)."""
SYMBOLS_AT_ONCE: Final = 50
"""Symbols that /coins/markets takes at once (documented)."""
REACH: Final = timedelta(days=365)
"""How far back the past of a coin is told without a paid plan (documented)."""
HOURLY: Final = timedelta(days=90)
"""Longest window of which hours are told without asking for them (documented)."""
_WITH_KEY: Final = frozenset({ErrorKind.BANNED, ErrorKind.GEO_BLOCKED, ErrorKind.BAD_KEY})
"""What the public quota may refuse and a key may be given."""


class CoinGecko:
    """CoinGecko's answers, and in `fetches` what it took to get them. Not to be shared by threads."""

    def __init__(self, settings: Settings, gateway: Gateway) -> None:
        self.fetches: list[Fetch] = []
        self._public = ProviderClient(COINGECKO, settings, gateway)
        key = settings.providers.coingecko_key
        self._demo = None if key is None else ProviderClient(COINGECKO_DEMO, settings, gateway, key)

    def market(self, now: datetime) -> MarketFigures:
        """The whole market now."""
        return self._ask("/api/v3/global", {}, WHOLE_MARKET, (now, now), read_global)

    def defi(self, now: datetime) -> DefiFigures:
        """Decentralised finance; worked out once an hour (documented)."""
        path = "/api/v3/global/decentralized_finance_defi"
        return self._ask(path, {}, "defi", (now, now), read_defi)

    def largest(self, now: datetime, coins: int = PAGE, category: str | None = None) -> CoinRows:
        """The largest coins, by pages; a page with fewer rows than asked for is the last."""
        found = EMPTY_COINS
        for page in range(1, -(-coins // PAGE) + 1):
            query: dict[str, str | int] = {"order": "market_cap_desc", "per_page": PAGE, "page": page}
            told = self._coins(now, query | ({"category": category} if category else {}))
            found = _both(found, told)
            if told.rows < PAGE:
                break
        return found

    def of_symbols(self, now: datetime, symbols: Iterable[str]) -> CoinRows:
        """The largest coin of each of these symbols, as far as CoinGecko knows one."""
        wanted = sorted({symbol.lower() for symbol in symbols})
        found = EMPTY_COINS
        for first in range(0, len(wanted), SYMBOLS_AT_ONCE):
            some = ",".join(wanted[first : first + SYMBOLS_AT_ONCE])
            query: dict[str, str | int] = {"symbols": some, "include_tokens": "top", "per_page": PAGE}
            found = _both(found, self._coins(now, query))
        return found

    def _coins(self, now: datetime, query: Mapping[str, str | int]) -> CoinRows:
        asked = {"vs_currency": "usd", **query}
        return self._ask("/api/v3/coins/markets", asked, "coins", (now, now), read_markets)

    def past(self, coin: str, start: datetime, end: datetime) -> pl.DataFrame:
        """Hours of a coin in [start, end), at most 90 days at once: CHART_SCHEMA. Asked with the key, if
        any."""
        window: dict[str, str | int] = {
            "vs_currency": "usd",
            "from": int(start.timestamp()),
            "to": int(end.timestamp()) - 1,
        }
        path = f"/api/v3/coins/{coin}/market_chart/range"
        told = self._ask(path, window, coin, (start, end), read_chart, clients=self._rich_first())
        return told.filter(pl.col("ts").is_between(start, end, closed="left"))

    def page(self, coin: str, start: datetime, end: datetime) -> Page[pl.DataFrame]:
        """The same as a page of history, with its requests."""
        before = len(self.fetches)
        rows = self.past(coin, start, end)
        return Page("rest", start, end, rows, [], self.fetches[before:])

    def _rich_first(self) -> Sequence[ProviderClient]:
        return [self._public] if self._demo is None else [self._demo, self._public]

    def _ask(
        self,
        path: str,
        query: Mapping[str, str | int],
        series: str,
        window: tuple[datetime, datetime],
        read: Callable[[Any], T],
        *,
        clients: Sequence[ProviderClient] | None = None,
    ) -> T:
        order = clients or [client for client in (self._public, self._demo) if client is not None]
        for client in order:
            try:
                answer = client.get(path, query, Series(NAME, series), window, read)
            except VenueError as error:
                if client is order[-1] or error.kind not in _WITH_KEY:
                    error.fetches = [*self.fetches, *error.fetches]
                    raise
                self.fetches += error.fetches
            else:
                self.fetches += answer.fetches
                return answer.value
        raise AssertionError("somebody was asked")


def _both(one: CoinRows, other: CoinRows) -> CoinRows:
    """The rows of two answers; a coin that moved to the next page between them is there once."""
    both = pl.concat([one.frame, other.frame]).unique("coin", keep="first", maintain_order=True)
    return CoinRows(both, (*one.rejects, *other.rejects))
