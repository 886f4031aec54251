"""What the example queries about outcomes and performance must answer, without SQL.

Reckoned from the candles, and from rows as they are stored, which other tests hold against candles.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, median
from typing import Any, Final

import polars as pl
from candle_frames import DAY, candles, register, write
from derived_query_checks import FIRST
from query_support import Row, near

from alphapulse_assets.core.statistics import wilson
from alphapulse_assets.core.timeframes import aggregate
from alphapulse_assets.datasets.derivation import DerivationRunner
from alphapulse_assets.indicators.dataset import DERIVATION as INDICATORS
from alphapulse_assets.patterns.dataset import CANDLESTICKS, CHARTS
from alphapulse_assets.patterns.evaluation.dataset import OUTCOME_DERIVATION
from alphapulse_assets.patterns.evaluation.performance_stats import write_performance
from alphapulse_assets.regime.dataset import DERIVATION as REGIMES
from alphapulse_assets.volume.dataset import VOLUME_DERIVATION
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore

DAYS: Final = 60
NOW: Final = FIRST + DAYS * DAY
AS_OF: Final = NOW - 20 * DAY
"""Time of the statistics: what became known since does not count in them."""
_NAMES: Final = {number: name for name, number in TIMEFRAME_IDS.items()}
_KEYS: Final = ("timeframe", "pattern", "direction", "regime")


@dataclass(frozen=True, slots=True)
class OutcomeMarket:
    """Bars of 4h by instrument, and the rows that are stored."""

    bars: dict[int, pl.DataFrame]
    hammers: pl.DataFrame  # instrument_id, ts, atr
    outcomes: pl.DataFrame  # known at AS_OF, with the timeframe by name

    def of(self, row: Row) -> pl.DataFrame:
        """The outcomes that a row of performance is about."""
        found = self.outcomes.filter(
            *(pl.col(name) == row[name] for name in _KEYS[:3]), pl.col("horizon") == row["horizon"]
        )
        return found if row["regime"] == "all" else found.filter(pl.col("regime") == row["regime"])


Check = Callable[[list[Row], OutcomeMarket], None]


def outcome_market(database: Database) -> OutcomeMarket:
    """Sixty days of two symbols with patterns of 15m and 4h and what came of them."""
    minutes = [candles(FIRST, DAYS * 1440, seed=seed, price=100.0) for seed in (21, 22)]
    keys = register(database, ["BTC/USDT", "ETH/USDT"])
    database.execute("UPDATE instruments SET tracked = true, tick_size = 0.01")
    for key, frame in zip(keys, minutes, strict=True):
        write(database, key, frame)
    database.refresh_timeframes()
    store, names = DerivedStore(database), ["15m", "4h"]
    days = {"binance": [FIRST.date(), (NOW - DAY).date()]}
    for derivation in (INDICATORS, REGIMES, VOLUME_DERIVATION, CANDLESTICKS, CHARTS, OUTCOME_DERIVATION):
        DerivationRunner(store, derivation, NOW, timeframes=names).days(days)
    write_performance(store, store.tracked(["binance"]), AS_OF, names, 100 * DAYS)
    hammers = database.read(
        "SELECT instrument_id, ts FROM candlestick_pattern_events"
        " WHERE pattern = 'hammer' AND timeframe_id = 240"
    )
    outcomes = database.read("SELECT * FROM pattern_outcomes WHERE direction <> 'neutral'")
    known = outcomes.filter(pl.col("known_at") <= AS_OF)
    later = outcomes.filter(pl.col("known_at") > AS_OF, pl.col("horizon") == 50).drop_nulls("first_touch")
    assert later.height  # patterns with a target that the statistics do not know of
    named = pl.col("timeframe_id").cast(pl.Int64).replace_strict(_NAMES, return_dtype=pl.String)
    bars = {key: aggregate(frame, "4h") for key, frame in zip(keys, minutes, strict=True)}
    return OutcomeMarket(bars, hammers, known.with_columns(named.alias("timeframe")))


def _stretches(confirmed: pl.Series, timeframe: str, horizon: int) -> int:
    length = TIMEFRAME_IDS[timeframe] * 60_000_000 * horizon
    return (confirmed.dt.epoch("us") // length).n_unique()


def hammers_after_a_down_leg(rows: list[Row], market: OutcomeMarket) -> None:
    seen: dict[int, list[tuple[Any, bool]]] = {}
    for key, ts in market.hammers.iter_rows():
        bars = market.bars[key]
        high, low, close = (bars[name].to_list() for name in ("high", "low", "close"))
        place = bars["ts"].to_list().index(ts)
        before = range(place - 14, place)
        ranges = [max(high[i], close[i - 1]) - min(low[i], close[i - 1]) for i in before if i > 0]
        if len(ranges) < 14 or close[place - 11] - close[place - 1] < 2 * fmean(ranges):
            continue
        for horizon in (1, 3, 5, 10, 20, 50):
            if place + horizon < len(close):
                seen.setdefault(horizon, []).append((ts, close[place + horizon] > close[place]))
    assert {row["horizon"]: row["n"] for row in rows} == {
        horizon: len(hits) for horizon, hits in seen.items()
    }
    for row in rows:
        hits = seen[row["horizon"]]
        confirmed = pl.Series([ts + timedelta(hours=4) for ts, _ in hits])
        stretches = _stretches(confirmed, "4h", row["horizon"])
        rate = fmean(hit for _, hit in hits)
        bounds = wilson(rate, stretches)
        assert (row["stretches"], row["hit_rate"]) == (stretches, near(rate))
        assert row["hit_low"] + 1 == near(bounds.low + 1)  # a bound of 0 is so but for rounding
        assert row["hit_high"] == near(bounds.high)
        assert row["walk_low"] <= row["walk_rate"] <= row["walk_high"]
        assert row["walk_n"] >= 1


def _rate_of_all(row: Row, market: OutcomeMarket) -> float:
    """Of all patterns of a direction and timeframe, whatever they are, in the row's regime after ten bars."""
    alike = market.outcomes.filter(
        *(pl.col(name) == row[name] for name in ("timeframe", "direction")), pl.col("horizon") == 10
    )
    there = alike if row["regime"] == "all" else alike.filter(pl.col("regime") == row["regime"])
    return fmean(there["directed_pct"] > 0)


def outcomes_by_regime(rows: list[Row], market: OutcomeMarket) -> None:
    for row in rows:
        told = market.of(row | {"horizon": 10})
        rate = (told["directed_pct"] > 0).mean()
        assert (row["n"], row["hit_rate"]) == (told.height, near(rate))
        assert row["clusters"] == _stretches(told["confirmed_at"], row["timeframe"], 10) >= 5
        assert row["base_rate"] == near(_rate_of_all(row, market))
        bounds = wilson(row["hit_rate"], row["clusters"])
        assert (row["hit_low"], row["hit_high"]) == (near(bounds.low), near(bounds.high))
        assert (
            row["mean_atr"] is None or row["mean_atr_low"] is None or row["mean_atr_low"] <= row["mean_atr"]
        )
    candlesticks = market.outcomes.filter(pl.col("horizon") == 10, pl.col("family") == "candlestick")
    every = candlesticks.with_columns(
        (
            pl.col("confirmed_at").dt.epoch("us") // (pl.col("timeframe_id").cast(pl.Int64) * 600_000_000)
        ).alias("stretch")
    )
    counted = [
        every.with_columns(pl.lit("all").alias("regime")),
        every.drop_nulls("regime"),
    ]
    clusters = pl.concat(counted).group_by(_KEYS).agg(pl.col("stretch").n_unique())
    wanted = clusters.filter(pl.col("stretch") >= 5).select(_KEYS).rows()
    assert {tuple(row[name] for name in _KEYS) for row in rows} == set(wanted)
    assert len(rows) == len(wanted)


def targets_of_chart_patterns(rows: list[Row], market: OutcomeMarket) -> None:
    charts = market.outcomes.filter(pl.col("horizon") == 50, pl.col("family") == "chart")
    fit = charts.drop_nulls("first_touch")
    assert len(rows) == fit.select(_KEYS[:3]).unique().height
    for row in rows:
        told = market.of(row | {"horizon": 50, "regime": "all"}).drop_nulls("first_touch")
        touches = told["first_touch"].to_list()
        counts = {name: touches.count(name) for name in ("target", "invalidation", "neither")}
        assert row["target_n"] == len(touches)
        assert (row["targets"], row["invalidations"], row["neither"]) == tuple(counts.values())
        assert row["target_rate"] == near(counts["target"] / len(touches))
        bars = told["touch_bars"].drop_nulls().to_list()
        assert row["median_bars"] == (median(bars) if bars else None)


def what_to_change(rows: list[Row], market: OutcomeMarket) -> None:
    few = [row for row in rows if row["hint"] == "collect_more"]
    assert few
    for row in few:
        told = market.of(row)
        assert _stretches(told["confirmed_at"], row["timeframe"], 10) < 30
        assert row["wanted_clusters"] is None or row["wanted_clusters"] >= 30
    for row in rows:
        lost = market.of(row).filter(pl.col("directed_pct") <= 0)
        assert row["failures"] == lost.height
        if row["hint"] == "exit_earlier":
            assert row["share"] == near((lost["favourable_atr"] >= 1).mean())
            assert row["share"] > row["chance"]
    keys = {(row["timeframe"], row["pattern"], row["direction"], row["hint"]) for row in rows}
    assert len(keys) == len(rows)


OUTCOME_CHECKS: Final[dict[str, Check]] = {
    "42_hammers_after_a_down_leg": hammers_after_a_down_leg,
    "43_outcomes_by_regime": outcomes_by_regime,
    "44_targets_of_chart_patterns": targets_of_chart_patterns,
    "45_what_to_change": what_to_change,
}
