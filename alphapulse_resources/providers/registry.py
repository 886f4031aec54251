"""All providers that are no venues, a line each: limits, keys and errors are told in their folders."""

from typing import Final

from alphapulse_resources.providers.alternative_me import ALTERNATIVE_ME
from alphapulse_resources.providers.blockchain_info import BLOCKCHAIN_INFO
from alphapulse_resources.providers.cftc import CFTC
from alphapulse_resources.providers.coingecko import COINGECKO, COINGECKO_DEMO
from alphapulse_resources.providers.coinglass import COINGLASS
from alphapulse_resources.providers.coinmarketcap import COINMARKETCAP
from alphapulse_resources.providers.coinmetrics import COINMETRICS
from alphapulse_resources.providers.defillama import DEFILLAMA
from alphapulse_resources.providers.deribit import DERIBIT
from alphapulse_resources.providers.gdelt import GDELT
from alphapulse_resources.providers.mempool_space import MEMPOOL_SPACE
from alphapulse_resources.providers.newsapi import NEWSAPI
from alphapulse_resources.providers.provider import Provider
from alphapulse_resources.providers.reddit import REDDIT
from alphapulse_resources.providers.rss import provider_of
from alphapulse_resources.providers.rss.feeds import FEEDS, own_feeds
from alphapulse_resources.providers.x import X
from alphapulse_resources.settings import Settings

PROVIDERS: Final[tuple[Provider, ...]] = (
    ALTERNATIVE_ME,
    BLOCKCHAIN_INFO,
    CFTC,
    COINGECKO,
    COINGECKO_DEMO,
    COINGLASS,
    COINMARKETCAP,
    COINMETRICS,
    DEFILLAMA,
    DERIBIT,
    GDELT,
    NEWSAPI,
    REDDIT,
    X,
    *map(provider_of, FEEDS),
    MEMPOOL_SPACE,
)


def all_providers(settings: Settings) -> tuple[Provider, ...]:
    """These, and the feeds that the settings add."""
    return (*PROVIDERS, *map(provider_of, own_feeds(settings.news.feeds)))
