"""All providers that are no venues, a line each: limits, keys and errors are told in their folders."""

from typing import Final

from alphapulse_resources.providers.coingecko import COINGECKO, COINGECKO_DEMO
from alphapulse_resources.providers.coinmarketcap import COINMARKETCAP
from alphapulse_resources.providers.deribit import DERIBIT
from alphapulse_resources.providers.provider import Provider

PROVIDERS: Final[tuple[Provider, ...]] = (
    COINGECKO,
    COINGECKO_DEMO,
    COINMARKETCAP,
    DERIBIT,
)
