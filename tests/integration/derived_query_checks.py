"""What the example queries about indicators, regimes and volume patterns must answer, without SQL.

Values are reckoned from the candles in plain Python where that is short, and otherwise from the rows as they
are stored, which other tests hold against the candles.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import NormalDist, fmean
from typing import Any, Final

import polars as pl
from candle_frames import DAY, candles, register, write
from query_support import Row, near, only

from alphapulse_assets.core.timeframes import aggregate
from alphapulse_assets.datasets.derivation import DerivationRunner, midnight
from alphapulse_assets.indicators.dataset import DERIVATION as INDICATORS
from alphapulse_assets.regime.dataset import DERIVATION as REGIMES
from alphapulse_assets.volume.dataset import DAILY_PROFILES, VOLUME_DERIVATION
from alphapulse_assets.volume.reaction_stats import write_statistics
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore

FIRST: Final = midnight(datetime(2024, 3, 4).date())
DAYS: Final = 8
NOW: Final = FIRST + DAYS * DAY + timedelta(hours=10)
BTC, ETH = "BTC/USDT", "ETH/USDT"


@dataclass(frozen=True, slots=True)
class DerivedMarket:
    """Candles by symbol, and the rows derived from them."""

    minutes: dict[str, pl.DataFrame]
    tables: dict[str, pl.DataFrame]

    def bars(self, symbol: str, timeframe: str) -> pl.DataFrame:
        """Closed bars."""
        return aggregate(self.minutes[symbol], timeframe)


Check = Callable[[list[Row], DerivedMarket], None]


def derived_market(database: Database) -> DerivedMarket:
    """Eight days and ten hours of two symbols, with everything that is derived of them."""
    count = DAYS * 1440 + 600
    minutes = {BTC: candles(FIRST, count, seed=11, price=60_000.0), ETH: candles(FIRST, count, seed=12)}
    keys = dict(zip(minutes, register(database, minutes), strict=True))
    database.execute("UPDATE instruments SET tracked = true, tick_size = 0.01")
    for symbol, frame in minutes.items():
        write(database, keys[symbol], frame)
    database.refresh_timeframes()
    store = DerivedStore(database)
    days = {"binance": [FIRST.date(), NOW.date()]}
    for derivation in (INDICATORS, REGIMES, VOLUME_DERIVATION, DAILY_PROFILES):
        DerivationRunner(store, derivation, NOW, timeframes=["5m", "15m", "1h", "1d"]).days(days)
    write_statistics(store, "binance", NOW, ["5m"], 20_000)
    names = ("market_regimes", "volume_pattern_events")
    tables = {name: database.read(f"SELECT * FROM {name} ORDER BY ts") for name in names}
    symbols = pl.DataFrame({"instrument_id": list(keys.values()), "symbol": list(keys)})
    names_of = symbols.cast({"instrument_id": pl.Int32})
    joined = {name: frame.join(names_of, on="instrument_id") for name, frame in tables.items()}
    return DerivedMarket(minutes, joined)


def beside_candles(rows: list[Row], market: DerivedMarket) -> None:
    hours = market.bars(BTC, "1h").filter(pl.col("ts") + timedelta(hours=1) <= NOW)
    assert [row["ts"] for row in rows] == hours["ts"].to_list()[-48:]
    close = hours["close"].to_list()
    last, window = rows[-1], close[-20:]
    middle = fmean(window)
    spread = 2 * fmean((value - middle) ** 2 for value in window) ** 0.5
    assert last["close"] == near(close[-1])
    assert last["band_position"] == near((close[-1] - middle + spread) / (2 * spread))
    volume = hours["volume"].to_list()
    assert last["relative_volume_20"] == near(volume[-1] / fmean(volume[-21:-1]))
    gain = loss = 0.0  # Wilder's smoothing, begun with the mean of the first 14 changes
    for number, (before, after) in enumerate(pairwise(close)):
        up, down = max(after - before, 0), max(before - after, 0)
        weight = 1 / 14
        gain = gain + up / 14 if number < 14 else gain + (up - gain) * weight
        loss = loss + down / 14 if number < 14 else loss + (down - loss) * weight
    assert last["rsi_14"] == near(100 * gain / (gain + loss))


def _regimes(market: DerivedMarket, symbol: str, minutes: int) -> pl.DataFrame:
    known = pl.col("known_at") <= NOW
    of = (pl.col("symbol") == symbol) & (pl.col("timeframe_id") == minutes)
    return market.tables["market_regimes"].filter(known & of).sort("ts")


def regime_of_symbols(rows: list[Row], market: DerivedMarket) -> None:
    for symbol in (BTC, ETH):
        told = _regimes(market, symbol, 60)
        trends = told["trend"].to_list()
        length = next((n for n in range(len(trends)) if trends[-1 - n] != trends[-1]), len(trends))
        row = only(rows, symbol=symbol)
        assert (row["ts"], row["trend"]) == (told["ts"][-1], trends[-1])
        assert row["since"] == told["ts"][-length]
    assert len(rows) == 2


def time_in_regime(rows: list[Row], market: DerivedMarket) -> None:
    for symbol in (BTC, ETH):
        told = _regimes(market, symbol, 15).drop_nulls("trend")
        counts = Counter(told["trend"].to_list())
        shown = {row["trend"]: row for row in rows if row["symbol"] == symbol}
        assert {trend: row["bars"] for trend, row in shown.items()} == counts
        assert sum(row["share"] for row in shown.values()) == near(1.0)
        for trend, row in shown.items():
            calm = told.filter(pl.col("trend") == trend)["volatility_percentile"].drop_nulls()
            assert row["volatility_percentile"] == near(calm.mean())


def _patterns(market: DerivedMarket, symbol: str, minutes: int, *names: str) -> pl.DataFrame:
    of = (pl.col("symbol") == symbol) & (pl.col("timeframe_id") == minutes)
    return market.tables["volume_pattern_events"].filter(
        of & pl.col("pattern").is_in(names) & (pl.col("known_at") <= NOW)
    )


def patterns_seen(rows: list[Row], market: DerivedMarket) -> None:
    bars = market.bars(BTC, "5m").with_columns(
        (pl.col("volume") / pl.col("volume").shift(1).rolling_mean(20)).alias("ratio")
    )
    ratios = dict(bars.select("ts", "ratio").iter_rows())
    strong = {ts for ts, ratio in ratios.items() if ratio is not None and ratio >= 5 and ts >= NOW - 3 * DAY}
    spikes = [row for row in rows if row["pattern"] == "spike"]
    assert {row["ts"] for row in spikes} == strong  # strong from five times the usual volume on
    assert all(row["kind"] == "5x" and row["volume_ratio"] == near(ratios[row["ts"]]) for row in spikes)
    assert all(row["known_at"] == row["ts"] + timedelta(minutes=5) for row in rows)


def reactions(rows: list[Row], market: DerivedMarket) -> None:
    ups: dict[tuple[str, int], list[bool]] = {}
    base: dict[tuple[str, int], float] = {}
    for symbol in (BTC, ETH):
        bars = market.bars(symbol, "5m").filter(pl.col("ts") + timedelta(minutes=5) <= NOW)
        close, place = bars["close"].to_list(), {ts: n for n, ts in enumerate(bars["ts"])}
        for horizon in (1, 5, 20):
            every = [close[n + horizon] > close[n] for n in range(14, len(close) - horizon)]
            base[symbol, horizon] = fmean(every)
            for row in _patterns(market, symbol, 5, "spike").iter_rows(named=True):
                n = place[row["ts"]]
                if n >= 14 and n + horizon < len(close):
                    key = row["direction"], horizon
                    ups.setdefault(key, []).append(close[n + horizon] > close[n])
    for (direction, horizon), seen in ups.items():
        row = only(rows, direction=direction, horizon=horizon)
        assert (row["n"], row["share_up"]) == (len(seen), near(fmean(seen)))
        assert (
            min(base[s, horizon] for s in (BTC, ETH))
            <= row["base_share_up"]
            <= max(base[s, horizon] for s in (BTC, ETH))
        )
        z, n, p = NormalDist().inv_cdf(0.975), row["clusters"], row["share_up"]
        half = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
        assert row["share_up_low"] == near(max((p + z * z / (2 * n) - half) / (1 + z * z / n), 0.0))
        assert row["mean_pct_low"] <= row["mean_pct"] <= row["mean_pct_high"]
        inside = row["share_up_low"] <= row["base_share_up"] <= row["share_up_high"]
        assert (row["edge"] == "no demonstrated edge") == (inside or n < 30)


def divergences(rows: list[Row], market: DerivedMarket) -> None:
    found: list[tuple[Any, ...]] = []
    for symbol in (BTC, ETH):
        bars = market.bars(symbol, "15m").filter(pl.col("ts") + timedelta(minutes=15) <= NOW)
        close, place = bars["close"].to_list(), {ts: n for n, ts in enumerate(bars["ts"])}
        for row in _patterns(market, symbol, 15, "divergence").iter_rows(named=True):
            n = place[row["ts"]]
            if n + 20 < len(close):
                up = close[n + 20] > close[n]
                turned = up == (row["direction"] == "bullish")
                found.append((symbol, row["ts"], near((close[n + 20] / close[n] - 1) * 100), turned))
    told = [(row["symbol"], row["ts"], row["return_pct"], row["turned"]) for row in rows]
    assert told == sorted(found, key=lambda one: one[:2])


def points_of_control(rows: list[Row], market: DerivedMarket) -> None:
    assert [row["day"] for row in rows] == [(FIRST + n * DAY).date() for n in range(DAYS)]
    daily = market.bars(BTC, "1d")
    for number, row in enumerate(rows):
        start = FIRST + number * DAY
        day = market.minutes[BTC].filter(pl.col("ts").is_between(start, start + DAY, closed="left"))
        assert (row["minutes"], row["volume"]) == (1440, near(day["volume"].sum()))
        bins: dict[int, float] = {}
        width = 50.0  # the largest round step of at most 0.1 % of 60,000
        assert 50_000 <= day["open"][0] < 100_000
        for low, high, volume in day.select("low", "high", "volume").iter_rows():
            for k in range(int(low // width), int(high // width) + 1):
                part = (min(high, (k + 1) * width) - max(low, k * width)) / (high - low)
                bins[k] = bins.get(k, 0.0) + volume * part
        best = max(bins, key=lambda k: bins[k])
        assert row["poc"] == near((best + 0.5) * width)
        assert row["value_area_low"] < row["poc"] < row["value_area_high"]
        after = daily.filter(pl.col("ts") == start + DAY).row(0, named=True)
        over = number + 1 < DAYS
        assert row["revisited"] == (after["low"] <= row["poc"] <= after["high"] if over else None)


DERIVED_CHECKS: Final[dict[str, Check]] = {
    "27_indicators_beside_candles": beside_candles,
    "28_regime_of_symbols": regime_of_symbols,
    "29_time_in_regime": time_in_regime,
    "30_volume_patterns": patterns_seen,
    "31_reactions_after_patterns": reactions,
    "32_divergences": divergences,
    "33_points_of_control": points_of_control,
}
