"""What the example queries about market metrics must answer, reckoned without SQL from the same rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import fmean, median
from typing import Any, Final

import numpy as np
import polars as pl
from candle_frames import candles, register, write
from query_support import Row, near, only

from alphapulse_assets.core.timeframes import aggregate
from alphapulse_assets.market_metrics import derived
from alphapulse_assets.market_metrics.model import (
    CORRELATIONS_VERSION,
    DOMINANCE_CORRELATIONS,
    DOMINANCE_REGIMES,
    MARKET_METRICS,
    MARKET_SCHEMA,
    REGIMES_VERSION,
)
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS

FIRST: Final = datetime(2024, 3, 4, tzinfo=UTC)
DAYS: Final = 8
HOUR: Final = timedelta(hours=1)
NOW: Final = FIRST + timedelta(days=DAYS, hours=10)
WHOSE: Final = ("coingecko", "market")
ALTCOINS: Final = ("ETH/USDT", "SOL/USDT")


@dataclass(frozen=True, slots=True)
class Metrics:
    """Closes by symbol and hour, what both providers told, and what was derived."""

    closes: dict[str, dict[datetime, float]]
    told: pl.DataFrame
    regimes: pl.DataFrame
    correlations: pl.DataFrame


Check = Callable[[list[Row], Metrics], None]


def told_market(hours: int, *, start: datetime = FIRST, seed: int = 8) -> pl.DataFrame:
    """Both providers a minute after each half hour: about three points apart all the time (MARKET_SCHEMA)."""
    random = np.random.default_rng(seed)
    share = 50 + np.cumsum(random.normal(0, 0.12, 2 * hours))
    rows: list[dict[str, Any]] = []
    for n in range(2 * hours):
        ts = start + n * timedelta(minutes=30) + timedelta(minutes=1)
        for provider, off, late in (("coingecko", 0.0, 2), ("coinmarketcap", 2.9 + 0.2 * random.random(), 0)):
            rows.append(
                {
                    "provider": provider,
                    "ts": ts - timedelta(seconds=40 * (late == 0)),
                    "known_at": ts + timedelta(seconds=3),
                    "total_market_cap": 2e12 * (1 - off / 60),
                    "btc_dominance": share[n] + off,
                    "eth_dominance": 17.0 + off / 3,
                    "stablecoin_dominance": 6.0,
                    "age_seconds": 3.0,
                    "completeness": 1.0,
                    "agreement": 1.0,
                    "confidence": 0.9 if late else 0.8,
                    "logic_version": 1,
                }
            )
    return pl.DataFrame(rows, schema=MARKET_SCHEMA, orient="row")


def store_market(database: Database, frame: pl.DataFrame) -> None:
    """As the collectors do."""
    with database.transaction() as connection:
        database.upsert(connection, MARKET_METRICS, frame.sort(MARKET_METRICS.key))


def market_metrics(database: Database) -> Metrics:
    """Eight days and ten hours of both providers and of two altcoins beside Bitcoin, with what is derived."""
    told = told_market(DAYS * 24 + 10)
    store_market(database, told)
    names = ["BTC/USDT", *ALTCOINS]
    keys = dict(zip(names, register(database, names), strict=True))
    database.execute("UPDATE instruments SET tracked = true")
    minutes = {name: candles(FIRST, DAYS * 1440 + 600, seed=20 + n) for n, name in enumerate(names)}
    for name, frame in minutes.items():
        write(database, keys[name], frame)
    database.refresh_timeframes(("5m", "15m", "1h"))
    window = (FIRST, NOW)
    regimes = derived.regime_rows(database, WHOSE, window)
    altcoins = [keys[name] for name in ALTCOINS]
    found = derived.correlation_rows(database, WHOSE, "1h", window, altcoins)
    stamp = pl.lit(NOW).cast(pl.Datetime("us", "UTC"))
    with database.transaction() as connection:
        version = pl.lit(REGIMES_VERSION, pl.Int32)
        rows = regimes.with_columns(logic_version=version, created_at=stamp)
        database.upsert(connection, DOMINANCE_REGIMES, rows.sort(DOMINANCE_REGIMES.key))
        rows = found.with_columns(
            provider=pl.lit(WHOSE[0]),
            basis=pl.lit(WHOSE[1]),
            timeframe_id=pl.lit(TIMEFRAME_IDS["1h"], pl.Int16),
            logic_version=pl.lit(CORRELATIONS_VERSION, pl.Int32),
            created_at=stamp,
        )
        database.upsert(connection, DOMINANCE_CORRELATIONS, rows.sort(DOMINANCE_CORRELATIONS.key))
    closes = {
        name: dict(aggregate(frame, "1h").select("ts", "close").iter_rows())
        for name, frame in minutes.items()
    }
    symbols = {number: name for name, number in keys.items()}
    named = found.with_columns(symbol=pl.col("instrument_id").replace_strict(symbols, return_dtype=pl.String))
    return Metrics(closes, told, regimes, named)


def turns_and_altcoins(rows: list[Row], market: Metrics) -> None:
    gains = {
        name: {
            ts + HOUR: 100 * (close[ts + 24 * HOUR] / close[ts] - 1)
            for ts in close
            if ts + 24 * HOUR in close
        }
        for name, close in market.closes.items()
        if name in ALTCOINS
    }
    gains = {
        name: {at: pct for at, pct in told.items() if at + 24 * HOUR <= NOW} for name, told in gains.items()
    }
    everything = [pct for told in gains.values() for pct in told.values()]
    turned = market.regimes.filter((pl.col("asset") == "btc") & pl.col("turned_from").is_not_null())
    kinds: dict[tuple[str, str], list[float]] = {}
    for row in turned.iter_rows(named=True):
        found = [told[row["known_at"]] for told in gains.values() if row["known_at"] in told]
        if found:
            kinds.setdefault((row["turned_from"], row["regime"]), []).extend(found)
    assert len(rows) == len(kinds) >= 2
    for (before, after), pcts in kinds.items():
        row = only(rows, turned_from=before, turned_to=after)
        assert (row["n"], row["symbols"], row["turns"]) == (len(pcts), 2, len(pcts) // 2)
        assert row["median_pct"] == near(median(pcts))
        assert row["share_up"] == near(fmean(pct > 0 for pct in pcts))
        assert row["base_median_pct"] == near(median(everything))
        assert row["base_share_up"] == near(fmean(pct > 0 for pct in everything))


def disagreement(rows: list[Row], market: Metrics) -> None:
    assert len(rows) == DAYS + 1
    day = date(2024, 3, 6)
    gecko, cmc = (
        market.told.filter((pl.col("provider") == name) & (pl.col("known_at").dt.date() == day)).sort("ts")
        for name in ("coingecko", "coinmarketcap")
    )
    gaps = [a - b for a, b in zip(gecko["btc_dominance"], cmc["btc_dominance"], strict=True)]
    row = only(rows, day=datetime(2024, 3, 6, tzinfo=UTC))
    assert (row["compared"], row["least_confidence"]) == (48, 0.8)
    assert row["btc_gap"] == near(median(gaps))
    assert (row["btc_gap_least"], row["btc_gap_most"]) == (near(min(gaps)), near(max(gaps)))
    totals = zip(gecko["total_market_cap"], cmc["total_market_cap"], strict=True)
    assert row["market_cap_gap"] == near(median(100 * (a / b - 1) for a, b in totals))


def against_dominance(rows: list[Row], market: Metrics) -> None:
    assert len(rows) == 4  # two symbols, two windows
    known = market.correlations.filter(pl.col("correlation").is_not_null())
    for row in rows:
        mine = known.filter((pl.col("symbol") == row["symbol"]) & (pl.col("bars") == row["bars"]))
        newest = mine.sort("ts").row(-1, named=True)
        assert row["ts"] == newest["ts"] == NOW - HOUR
        assert (row["correlation"], row["pairs"]) == (near(newest["correlation"]), newest["pairs"])
        assert row["best_lag_correlation"] == near(newest["lags"][newest["best_lag"] + 3])
        apart = newest["low"] > 0 or newest["high"] < 0
        assert (row["is_told_from_nothing"], row["symbols"]) == (apart, 2)
        assert float(row["by_chance"]) == near(0.1)


MARKET_CHECKS: Final[dict[str, Check]] = {
    "50_dominance_turns_and_altcoins": turns_and_altcoins,
    "51_how_providers_disagree": disagreement,
    "52_symbols_against_dominance": against_dominance,
}
