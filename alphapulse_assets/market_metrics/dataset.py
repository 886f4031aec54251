"""Market metrics as data sets: the whole market, coins, and what follows from both."""

from datetime import timedelta
from typing import Final

from alphapulse_assets.datasets.collecting import Collector
from alphapulse_assets.datasets.dataset import Dataset, Retention
from alphapulse_assets.market_metrics import collecting
from alphapulse_assets.market_metrics.model import (
    COIN_METRICS,
    COINS_LATEST,
    MARKET_METRICS,
    METRICS_VERSION,
)
from alphapulse_assets.market_metrics.rules import COIN_RULES, MARKET_RULES

GROUP: Final = "market_metrics"
_MINUTE: Final = timedelta(minutes=1)
CMC_MARKET_EVERY: Final = timedelta(minutes=5)
CMC_COINS_EVERY: Final = timedelta(hours=1)
"""Together 312 credits a day, within what is used of the free plan's 480."""

MARKET: Final = Dataset(
    name="market_metrics",
    layer="collected",
    description="What the whole market is worth, what is traded, and the shares of Bitcoin, Ether, "
    "stablecoins and decentralised finance, as each provider tells it.\n\n"
    "CoinGecko each minute, without a key; CoinMarketCap beside it where a key is set. Providers count "
    "different coins and are never mixed: each row has its provider, and a confidence by agreement, age and "
    "completeness. An answer that is old keeps its own time.",
    group=GROUP,
    tables=[MARKET_METRICS],
    versions=[METRICS_VERSION],
    collectors=(
        Collector(
            name="market_metrics coingecko",
            source="coingecko",
            datasets=("market_metrics",),
            every=_MINUTE,
            collect=collecting.coingecko_market,
        ),
        Collector(
            name="market_metrics coinmarketcap",
            source="coinmarketcap",
            datasets=("market_metrics",),
            every=CMC_MARKET_EVERY,
            collect=collecting.coinmarketcap_market,
            needs_key="coinmarketcap_key",
            rank=2,
        ),
    ),
    rules=MARKET_RULES,
)
COINS: Final = Dataset(
    name="coin_metrics",
    layer="collected",
    description="Price, market cap, rank, volume and supply of the largest coins and those of tracked "
    "symbols, as each provider tells them.\n\n"
    "Coins of tracked symbols and stablecoins each minute, the others every five.",
    group=GROUP,
    tables=[COIN_METRICS, COINS_LATEST],
    versions=[METRICS_VERSION],
    collectors=(
        Collector(
            name="coin_metrics coingecko",
            source="coingecko",
            datasets=("coin_metrics",),
            every=_MINUTE,
            collect=collecting.coingecko_coins,
        ),
        Collector(
            name="coin_metrics coinmarketcap",
            source="coinmarketcap",
            datasets=("coin_metrics",),
            every=CMC_COINS_EVERY,
            collect=collecting.coinmarketcap_coins,
            needs_key="coinmarketcap_key",
            rank=2,
        ),
    ),
    rules=COIN_RULES,
    retention={COIN_METRICS.name: Retention(timedelta(days=400), by_chunks=True)},
)
DATASETS: Final = (MARKET, COINS)
