"""Rows of market metrics out of what providers told. Pure: what is known already is given."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_assets.market_metrics.confidence import (
    agreement,
    coin_confidence,
    completeness,
    confidence,
    dominance_gap,
    is_recent,
)
from alphapulse_assets.market_metrics.model import (
    COIN_METRICS_SCHEMA,
    LIVE,
    MARKET_SCHEMA,
    METRICS_VERSION,
    STALE,
)
from alphapulse_resources.providers.market_model import CoinRows, DefiFigures, MarketFigures

STABLECOINS: Final = ("usdt", "usdc", "dai", "usde", "usds", "fdusd", "usd1", "pyusd", "tusd", "busd")
"""Symbols of dollars among the largest coins, where a provider's list of stablecoins is not at hand."""
ROUNDING: Final = 0.5
"""Points by which shares of a whole may be above it (ours)."""
SELDOM: Final = timedelta(minutes=5)
"""How often rows are kept of coins that nobody tracks."""


@dataclass(frozen=True, slots=True)
class Stablecoins:
    """What stablecoins are worth, of what that is summed up, and when it was told."""

    market_cap: float | None
    basis: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Defi:
    """What decentralised finance is, and when that was told."""

    market_cap: float | None
    volume_24h: float | None
    dominance: float | None
    at: datetime | None

    @classmethod
    def told(cls, figures: DefiFigures, at: datetime) -> "Defi":
        """Figures as they were just told."""
        return cls(figures.market_cap, figures.volume_24h, figures.dominance, at)


NO_STABLECOINS: Final = Stablecoins(None, None, None)
NO_DEFI: Final = Defi(None, None, None, None)


def market_row(
    provider: str,
    told: MarketFigures,
    stablecoins: Stablecoins,
    defi: Defi,
    other: Mapping[str, Any] | None,
    known_at: datetime,
) -> dict[str, Any]:
    """One row of `market_metrics`; `other` is the newest row of the other provider, which may be too old."""
    total = told.total_market_cap
    row: dict[str, Any] = {
        "provider": provider,
        "ts": told.ts,
        "total_market_cap": total,
        "volume_24h": told.volume_24h,
        "btc_dominance": told.btc_dominance,
        "eth_dominance": told.eth_dominance,
        "stablecoin_market_cap": stablecoins.market_cap,
        "stablecoin_dominance": _share(stablecoins.market_cap, total),
        "stablecoin_basis": stablecoins.basis,
        "stablecoins_at": stablecoins.at,
        "defi_market_cap": defi.market_cap,
        "defi_volume_24h": defi.volume_24h,
        "defi_dominance": _share(defi.market_cap, total) if defi.dominance is None else defi.dominance,
        "defi_at": defi.at,
        "active_coins": told.active_coins,
        "markets": told.markets,
    }
    if other is not None and not is_recent(other["ts"], told.ts, STALE):
        other = None
    age = known_at - told.ts
    return row | {
        "age_seconds": max(age.total_seconds(), 0.0),
        "completeness": completeness(row),
        "agreement": agreement(row, other),
        "compared_with": other["provider"] if other else None,
        "btc_dominance_gap": dominance_gap(row, other),
        "confidence": confidence(row, other, age),
        "logic_version": METRICS_VERSION,
        "known_at": known_at,
    }


def broken_market(row: Mapping[str, Any], shares: Mapping[str, float] | None = None) -> str | None:
    """What cannot be in a row beyond what its columns' bounds say; None where it may be stored.

    Bitcoin, Ether and stablecoins are different coins: together they are at most the whole, and so are the
    `shares` of the largest coins where a provider tells them, none of them below 0.
    """
    if shares and (sum(shares.values()) > 100.0 + ROUNDING or min(shares.values()) < 0):
        return "shares_not_of_a_whole"
    three = [row["btc_dominance"], row["eth_dominance"], row["stablecoin_dominance"]]
    together = sum(share for share in three if share is not None)
    return "dominance_sum_over_100" if together > 100.0 else None


def market_frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows as a frame: MARKET_SCHEMA."""
    return pl.DataFrame(rows, schema=MARKET_SCHEMA, orient="row")


def stablecoins_of(coins: CoinRows, at: datetime) -> Stablecoins:
    """What the coins of a provider's list of stablecoins are worth together."""
    caps = coins.frame.filter(pl.col("market_cap") > 0)["market_cap"]
    return Stablecoins(float(caps.sum()), "category", at) if len(caps) else NO_STABLECOINS


def stablecoins_among(told: MarketFigures) -> Stablecoins:
    """The same of what a provider tells of its largest coins: a lower bound."""
    if told.total_market_cap is None or not told.shares:
        return NO_STABLECOINS
    share = sum(told.shares.get(symbol, 0.0) for symbol in STABLECOINS)
    return Stablecoins(told.total_market_cap * share / 100, "largest", told.ts)


def coin_rows(
    provider: str,
    coins: CoinRows,
    stored: Mapping[str, datetime],
    often: Collection[str],
    known_at: datetime,
) -> pl.DataFrame:
    """Rows of `coin_metrics`, with `name`, that are new.

    `stored` is the time of the newest row of each coin: what is not newer is left out, and so are coins of
    symbols that are not in `often` until SELDOM has passed.
    """
    found = []
    for row in coins.frame.iter_rows(named=True):
        before = stored.get(row["coin"])
        wait = timedelta() if row["symbol"] in often else SELDOM
        if before is not None and (row["ts"] <= before or row["ts"] - before < wait):
            continue
        sure = coin_confidence(row, known_at)
        added = {"provider": provider, "vintage": LIVE, "confidence": sure, "known_at": known_at}
        found.append({**row, **added, "logic_version": METRICS_VERSION})
    schema = pl.Schema({**COIN_METRICS_SCHEMA, "name": pl.String()})
    return pl.DataFrame(found, schema=schema, orient="row")


def _share(part: float | None, total: float | None) -> float | None:
    return 100 * part / total if part is not None and total is not None and total > 0 else None
