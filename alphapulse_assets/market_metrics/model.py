"""Tables, columns and versions of market metrics. Pure.

Figures are USD, per cent and coins. `ts` is what a provider says its figures are of, `known_at` when we had
them; of derived rows `ts` is the open time of the hour or bar and `known_at` its close.
"""

from datetime import timedelta
from typing import Final

import polars as pl

from alphapulse_resources.database.tables import Table, computed_table

METRICS_VERSION: Final = 1
"""Version of age, agreement and confidence."""
REGIMES_VERSION: Final = 1
CORRELATIONS_VERSION: Final = 1

STALE: Final = timedelta(minutes=10)
"""An answer older than this is stale: it is kept with its own time and its confidence says so."""
ASSETS: Final = ("btc", "eth", "stablecoin")
"""Whose dominance is followed."""
LIVE: Final = "live"
HISTORY: Final = "history"

_TIME: Final = pl.Datetime("us", "UTC")
MARKET_SCHEMA: Final = pl.Schema(
    {
        "provider": pl.String(),
        "ts": _TIME,
        "total_market_cap": pl.Float64(),
        "volume_24h": pl.Float64(),
        "btc_dominance": pl.Float64(),
        "eth_dominance": pl.Float64(),
        "stablecoin_market_cap": pl.Float64(),
        "stablecoin_dominance": pl.Float64(),
        "stablecoin_basis": pl.String(),  # category, largest, provider
        "stablecoins_at": _TIME,
        "defi_market_cap": pl.Float64(),
        "defi_volume_24h": pl.Float64(),
        "defi_dominance": pl.Float64(),
        "defi_at": _TIME,
        "active_coins": pl.Int64(),
        "markets": pl.Int64(),
        "age_seconds": pl.Float64(),
        "completeness": pl.Float64(),
        "agreement": pl.Float64(),
        "compared_with": pl.String(),
        "btc_dominance_gap": pl.Float64(),
        "confidence": pl.Float64(),
        "logic_version": pl.Int32(),
        "known_at": _TIME,
    }
)
COIN_VALUES: Final = {
    "symbol": pl.String(),
    "price": pl.Float64(),
    "market_cap": pl.Float64(),
    "rank": pl.Int64(),
    "volume_24h": pl.Float64(),
    "circulating_supply": pl.Float64(),
    "total_supply": pl.Float64(),
    "max_supply": pl.Float64(),
    "change_24h": pl.Float64(),
    "confidence": pl.Float64(),
    "logic_version": pl.Int32(),
    "known_at": _TIME,
}
COIN_METRICS_SCHEMA: Final = pl.Schema(
    {"provider": pl.String(), "coin": pl.String(), "vintage": pl.String(), "ts": _TIME, **COIN_VALUES}
)
MARKET_BASIS, MAIN_COINS_BASIS = "market", "main_coins"
"""Of what dominances are: the whole market as told at the time, or ten large coins as their past was told
later."""
REGIME_SCHEMA: Final = pl.Schema(
    {
        "provider": pl.String(),
        "basis": pl.String(),
        "asset": pl.String(),
        "ts": _TIME,
        "dominance": pl.Float64(),
        "change_24h": pl.Float64(),
        "regime": pl.String(),
        "turned_from": pl.String(),
        "known_at": _TIME,
    }
)
CORRELATION_SCHEMA: Final = pl.Schema(
    {
        "instrument_id": pl.Int32(),
        "ts": _TIME,
        "bars": pl.Int16(),
        "pairs": pl.Int32(),
        "correlation": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "lags": pl.List(pl.Float64()),
        "best_lag": pl.Int16(),
    }
)

_TOLD: Final = [name for name in MARKET_SCHEMA if name not in ("provider", "ts", "known_at", "logic_version")]
MARKET_METRICS: Final = Table(
    "market_metrics", key=("provider", "ts"), values=tuple(_TOLD), provenance=("logic_version", "known_at")
)
_COIN_TOLD: Final = [name for name in COIN_VALUES if name not in ("known_at", "logic_version")]
COIN_METRICS: Final = Table(
    "coin_metrics",
    key=("provider", "coin", "vintage", "ts"),
    values=tuple(_COIN_TOLD),
    provenance=("logic_version", "known_at"),
)
COINS_LATEST: Final = Table(
    "coin_metrics_latest",
    key=("provider", "coin"),
    values=("ts", "name", *_COIN_TOLD),
    provenance=("logic_version", "known_at"),
    computed=True,  # a row stands for itself: what is not told any more is null
)
DOMINANCE_REGIMES: Final = computed_table(
    "dominance_regime_hours", ("provider", "basis", "asset", "ts", "logic_version"), REGIME_SCHEMA
)
DOMINANCE_CORRELATIONS: Final = computed_table(
    "dominance_correlation_bars",
    ("provider", "basis", "instrument_id", "timeframe_id", "ts", "bars", "logic_version"),
    CORRELATION_SCHEMA,
)
