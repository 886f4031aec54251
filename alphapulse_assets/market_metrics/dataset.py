"""Market metrics as data sets: the whole market, coins, and what follows from both."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from alphapulse_assets.alerts.market import MarketAlert
from alphapulse_assets.datasets.collected_checks import collected_rules
from alphapulse_assets.datasets.collecting import OURS, Collector, Sources
from alphapulse_assets.datasets.dataset import Dataset, Retention
from alphapulse_assets.market_metrics import alerts, checks, collecting, derived, kernels, picture
from alphapulse_assets.market_metrics.history import collect_past, fill_coins
from alphapulse_assets.market_metrics.model import (
    COIN_METRICS,
    COINS_LATEST,
    CORRELATIONS_VERSION,
    DOMINANCE_CORRELATIONS,
    DOMINANCE_REGIMES,
    MARKET_METRICS,
    METRICS_VERSION,
    REGIMES_VERSION,
)
from alphapulse_assets.market_metrics.rules import (
    COIN_RULES,
    CORRELATION_RULES,
    MARKET_RULES,
    REGIME_RULES,
)
from alphapulse_resources.database.client import statement

GROUP: Final = "market_metrics"
_MINUTE: Final = timedelta(minutes=1)
CMC_MARKET_EVERY: Final = timedelta(minutes=5)
CMC_COINS_EVERY: Final = timedelta(hours=1)
"""Together 312 credits a day, within what is used of the free plan's 480."""
_DERIVED_EVERY: Final = timedelta(minutes=2)


def shifted(sources: Sources, now: datetime) -> Sequence[MarketAlert]:
    """What the newest row of CoinGecko says of the hour before it."""
    rows = sources.database.rows(statement("market_metrics/shift"), {"provider": "coingecko"})
    return [alert for row in rows for alert in alerts.shifts("coingecko", row)]


def turned(sources: Sources, now: datetime) -> Sequence[MarketAlert]:
    """Regimes that turned in an hour that has just ended."""
    since = {"since": now - timedelta(hours=2), "now": now}
    return alerts.turns(sources.database.rows(statement("market_metrics/turns"), since))


def _compile(candles: pl.DataFrame, timeframe: str) -> None:
    steps, pairs = np.zeros(4, dtype=np.int64), np.zeros((1, 4), dtype=np.int64)
    found, lags = np.zeros((1, 4, 1)), np.zeros(1, dtype=np.int64)
    kernels.rolling(steps, np.zeros((1, 4), dtype=np.int64), 0, 2, 2, lags, pairs, found)
    kernels.largest(found[0], lags, steps)


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
            alerts=shifted,
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
    checks=[
        collected_rules("Totals above 0, shares from 0 to 100 %, confidence and its parts from 0 to 1."),
        checks.DOMINANCE_SUMS,
        checks.PROVIDERS_AGREE,
    ],
)
COINS: Final = Dataset(
    name="coin_metrics",
    layer="collected",
    description="Price, market cap, rank, volume and supply of the largest coins and those of tracked "
    "symbols, as each provider tells them.\n\n"
    "Coins of tracked symbols and stablecoins each minute, the others every five; hours of ten large coins "
    "as CoinGecko tells their past, beside what was told at the time.",
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
        Collector(
            name="coin_metrics history coingecko",
            source="coingecko",
            datasets=("coin_metrics",),
            every=_MINUTE,
            collect=collect_past,
            rank=3,
        ),
    ),
    fill=fill_coins,
    rules=COIN_RULES,
    checks=[collected_rules("Prices, caps, volumes and supplies not below 0, ranks from 1.")],
    retention={COIN_METRICS.name: Retention(timedelta(days=400), by_chunks=True)},
)
REGIMES: Final = Dataset(
    name="dominance_regimes",
    layer="collected",
    description="Whether the share of Bitcoin, Ether or stablecoins rises, falls or stands still, by the "
    "hour and provider.\n\n"
    "Of the whole market by what was known at the end of each hour; before the platform was started of ten "
    "large coins by their history, as a basis of its own that is known since it was fetched.",
    group=GROUP,
    tables=[DOMINANCE_REGIMES],
    reads=["market_metrics", "coin_metrics"],
    versions=[REGIMES_VERSION, METRICS_VERSION],
    collectors=(
        Collector(
            name="dominance_regimes alphapulse",
            source=OURS,
            datasets=("dominance_regimes",),
            every=_DERIVED_EVERY,
            collect=derived.collect_regimes,
            alerts=turned,
        ),
    ),
    fill=derived.fill_regimes,
    rules=REGIME_RULES,
    checks=[
        collected_rules("Regimes by their names, shares from 0 to 100 %, known at the end of the hour."),
        checks.REGIMES_AGAIN,
    ],
    show_collected=picture.show_regimes,
)
CORRELATIONS: Final = Dataset(
    name="dominance_correlations",
    layer="collected",
    description="How the returns of each tracked symbol go with changes of Bitcoin's dominance, over 30 and "
    "90 bars of 1h and 1d, with intervals and lags.",
    group=GROUP,
    tables=[DOMINANCE_CORRELATIONS],
    reads=["market_metrics", "coin_metrics", "ohlcv"],
    versions=[CORRELATIONS_VERSION, METRICS_VERSION],
    collectors=(
        Collector(
            name="dominance_correlations alphapulse",
            source=OURS,
            datasets=("dominance_correlations",),
            every=_DERIVED_EVERY,
            collect=derived.collect_correlations,
        ),
    ),
    fill=derived.fill_correlations,
    retention={DOMINANCE_CORRELATIONS.name: Retention(timedelta(days=730))},
    rules=CORRELATION_RULES,
    checks=[collected_rules("Correlations and their bounds from -1 to 1, in order, lags from -3 to 3.")],
    warm_up=_compile,
)
DATASETS: Final = (MARKET, COINS, REGIMES, CORRELATIONS)
