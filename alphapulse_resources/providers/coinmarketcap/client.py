"""Asking CoinMarketCap."""

from datetime import datetime
from typing import Final

from alphapulse_resources.providers.client import ProviderClient
from alphapulse_resources.providers.coinmarketcap import NAME
from alphapulse_resources.providers.coinmarketcap.reading import read_listings, read_market
from alphapulse_resources.providers.market_model import CoinRows, MarketFigures
from alphapulse_resources.providers.model import WHOLE_MARKET, Series
from alphapulse_resources.venues.model import Fetch

COINS_A_CREDIT: Final = 200
"""Coins of a listing that one credit buys (documented)."""


class CoinMarketCap:
    """CoinMarketCap's answers, and in `fetches` what it took to get them."""

    def __init__(self, client: ProviderClient) -> None:
        self.fetches: list[Fetch] = []
        self._client = client

    def market(self, now: datetime) -> MarketFigures:
        """The whole market now."""
        answer = self._client.get(
            "/v1/global-metrics/quotes/latest",
            {"convert": "USD"},
            Series(NAME, WHOLE_MARKET),
            (now, now),
            read_market,
        )
        self.fetches += answer.fetches
        return answer.value

    def largest(self, now: datetime, coins: int) -> CoinRows:
        """The largest coins, in one answer (5,000 at most, documented)."""
        answer = self._client.get(
            "/v1/cryptocurrency/listings/latest",
            {"convert": "USD", "start": 1, "limit": coins},
            Series(NAME, "coins"),
            (now, now),
            read_listings,
            weight=-(-coins // COINS_A_CREDIT),
        )
        self.fetches += answer.fetches
        return answer.value
