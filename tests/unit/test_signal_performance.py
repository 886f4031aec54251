"""How signals did: figures by hand, walks without skill, baselines, the account."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphapulse_assets.patterns.chart.rates import random_walk
from alphapulse_assets.patterns.evaluation.performance import ABOVE, NO_EDGE
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.signal_performance.baselines import always_in, random_entries
from alphapulse_assets.patterns.signal_performance.equity import curve, deepest, growth, shares
from alphapulse_assets.patterns.signal_performance.performance import judged, performance
from alphapulse_assets.patterns.signal_performance.plots import equity_picture, performance_picture
from alphapulse_assets.patterns.signal_performance.tables import GROUPS, PERFORMANCE_SCHEMA, TRADE_SCHEMA
from alphapulse_assets.patterns.signal_performance.walk import signals_followed, walked
from alphapulse_resources.frames import CANDLE_SCHEMA

START = datetime(2024, 3, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def trade(number: int, gross: float, **changed: Any) -> dict[str, Any]:
    """A signal of 15m that was entered at 100 and held for four bars."""
    told_at = START + 6 * number * HOUR
    return {
        **{
            "instrument_id": 1,
            "symbol": "bybit BTC/USDT",
            "timeframe": "15m",
            "signal": "buy",
            "side": "buy",
        },
        **{"trigger": "hammer", "regime": None, "told_at": told_at, "entry_at": told_at, "entry": 100.0},
        **{"closed_at": told_at + HOUR, "exit": 100.0 + gross, "known_at": told_at + HOUR, "bars": 4},
        **{"state": "target" if gross > 0 else "stopped", "gross_pct": gross, "cost_pct": 0.5},
        **{"gross_r": gross / 2, "cost_r": 0.25, "planned_entry": 100.0, "size": 25.0, **changed},
    }


def frame(*trades: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(trades), schema=TRADE_SCHEMA)


def none(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.zeros((count, 10))


def row_of(found: pl.DataFrame, group: str = "all", value: str = "all") -> dict[str, Any]:
    return found.filter(pl.col("grouped_by") == group, pl.col("value") == value).row(0, named=True)


def test_figures_are_those_one_reckons_by_hand() -> None:
    trades = frame(trade(0, 4.0), trade(1, -2.0, timeframe="1h"), trade(2, -1.0, side="sell", regime="up"))
    found = performance(trades, TRADE_SCHEMA.to_frame(), none(3), LATER)
    row = row_of(found)
    assert (row["n"], row["clusters"]) == (3, 3)
    assert (row["target_share"], row["stopped_share"], row["expired_share"]) == (
        1 / 3,
        pytest.approx(2 / 3),
        0.0,
    )
    assert row["mean_net_pct"] == pytest.approx((3.5 - 2.5 - 1.5) / 3)
    assert (row["median_net_pct"], row["profit_factor"]) == (-1.5, pytest.approx(3.5 / 4.0))
    assert row["expectancy_r"] == pytest.approx((1.75 - 1.25 - 0.75) / 3)
    # a quarter of 10,000 in each: up 0.875 %, then down 0.625 % and 0.375 %
    assert row["drawdown_pct"] == pytest.approx(100 * (1 - 0.99375 * 0.99625))
    assert row["mean_hours"] == pytest.approx((1 + 4 + 1) / 3)
    assert row["net_pct_per_hour"] == pytest.approx(-0.5 / 6)
    assert (row["mean_net_low"], row["verdict"], row["walk_n"]) == (None, NO_EDGE, 0)
    assert set(found["grouped_by"]) == set(GROUPS)
    assert row_of(found, "regime", "untold")["n"] == 2
    assert row_of(found, "month", "2024-03")["n"] == 3
    assert found.group_by("grouped_by").agg(pl.col("n").sum())["n"].unique().to_list() == [3]
    assert found.schema == PERFORMANCE_SCHEMA


def test_above_chance_is_said_only_beyond_walks_and_random_entries() -> None:
    rng = np.random.default_rng(1)
    good = frame(*(trade(n, float(gross)) for n, gross in enumerate(rng.normal(3.0, 1.0, 60))))
    chance = frame(*(trade(n, float(gross)) for n, gross in enumerate(rng.normal(0.0, 1.0, 60))))
    assert row_of(performance(good, chance, none(60), LATER))["verdict"] == ABOVE
    assert row_of(performance(good, good, none(60), LATER))["verdict"] == NO_EDGE
    # what random entries have too is the market's
    assert row_of(performance(good, chance, none(60) + 3.0, LATER))["verdict"] == NO_EDGE
    assert row_of(performance(good.head(20), chance, none(20), LATER))["verdict"] == NO_EDGE
    assert performance_picture(performance(good, chance, none(60), LATER)) is not None


def test_signals_at_the_same_time_are_one_observation() -> None:
    alike = [trade(0, 1.0, symbol=f"bybit {n}", instrument_id=n) for n in range(50)]
    assert row_of(performance(frame(*alike), frame(), none(50), LATER))["clusters"] == 1


def test_a_trade_of_the_future_is_refused() -> None:
    with pytest.raises(ValueError, match="known by"):
        performance(frame(trade(0, 1.0)), frame(), none(1), START)


def test_random_entries_keep_side_length_and_costs_and_are_drawn_again_alike() -> None:
    step = pl.int_range(0, 100, eager=True)
    opened = 100.0 * 1.01**step
    candles = pl.DataFrame({"ts": START + step * HOUR, "open": opened, "close": opened * 1.01})
    trades = frame(trade(0, 1.0, bars=3), trade(1, 1.0, bars=1, side="sell"))
    found = random_entries(trades, candles, draws=50)
    assert found.shape == (2, 50)
    # wherever it begins, each bar rises by one per cent
    assert found[0] == pytest.approx(np.full(50, 100 * (1.01**3 - 1) - 0.5))
    assert found[1] == pytest.approx(np.full(50, -1.0 - 0.5))
    assert (random_entries(trades, candles, draws=50) == found).all()
    with pytest.raises(ValueError, match="read them all"):
        random_entries(trades, candles.head(2))


def test_always_in_holds_from_the_first_entry_to_the_last_exit() -> None:
    other = {"symbol": "bybit ETH/USDT", "instrument_id": 2}
    trades = frame(
        trade(0, 1.0, entry=100.0), trade(1, 1.0, exit=110.0), trade(0, 1.0, **other, entry=50.0, exit=45.0)
    )
    net, per_hour = always_in(trades)
    assert net == pytest.approx(((10.0 - 0.5) + (-10.0 - 0.5)) / 2)
    assert per_hour == pytest.approx((9.5 / 7 - 10.5 / 1) / 2)


def test_the_account_takes_each_at_its_share_and_remembers_its_highest() -> None:
    trades = frame(trade(0, 4.5), trade(2, -4.0, size=50.0), trade(8, 0.5), trade(9, 9.0, size=None))
    assert shares(trades, 10_000.0).tolist() == [0.25, 0.5, 0.25, 0.0]
    closes = pl.DataFrame(
        {"symbol": ["bybit BTC/USDT"] * 2, "day": [START, START + 24 * HOUR], "close": [110.0, 121.0]},
        schema_overrides={"day": pl.Datetime("us", "UTC")},
    )
    names = {"as_of": LATER, "grouped_by": "all", "value": "all"}
    found = curve(trades, none(4), closes, names, DEFAULT)
    first = 10_000.0 * 1.01
    assert found["trades"].to_list() == [2, 2, 4]  # the third exit is on the third day
    assert found["equity"].to_list() == pytest.approx([first * 0.9775] * 3)
    assert found["drawdown_pct"].to_list() == pytest.approx([2.25] * 3)
    held = 10_000.0 * (np.array([1.1, 1.21, 1.21]) - DEFAULT.costs.round_trip)
    assert found["hold_equity"].to_list() == pytest.approx(held.tolist())
    assert found["random_equity"].to_list() == [10_000.0] * 3
    assert equity_picture(found) is not None
    assert deepest(np.array([0.9, 1.2, 0.6])) == pytest.approx(50.0)
    assert growth(np.array([-300.0, 50.0]), np.array([0.5, 0.5])).tolist() == [0.0, 0.0]


def test_on_a_random_walk_nothing_is_called_an_edge() -> None:
    candles = random_walk(4_000, seed=3, timeframe="1m")
    real = judged(signals_followed(candles, 1, candles["ts"][500]), {1: "x"})
    chance = judged(walked(candles, 1, candles["ts"][500], seed=5), {1: "x"})
    assert min(real.height, chance.height) > 100
    found = performance(real, chance, none(real.height) - 0.12, LATER)
    assert row_of(found)["verdict"] == NO_EDGE
    assert (found["verdict"] != NO_EDGE).mean() < 0.05, found.filter(pl.col("verdict") != NO_EDGE)


def test_a_walk_beside_real_bars_gives_signals_by_the_same_code(shared_data: Path) -> None:
    read = pl.read_ipc(shared_data / "candles" / "UNITTEST_BTC-1m.feather").head(4_000)
    candles = read.select(
        pl.col("date").cast(pl.Datetime("us", "UTC")).alias("ts"),
        *(pl.col(name).cast(pl.Float64) for name in ("open", "high", "low", "close", "volume")),
        *(pl.lit(None).alias(name) for name in ("quote_volume", "trades", "taker_buy_volume")),
    ).cast(dict(CANDLE_SCHEMA))
    start = candles["ts"][1_000]
    walk = walked(candles, 7, start)
    assert walk.equals(walked(candles, 7, start))
    assert not walk.equals(walked(candles, 7, start, seed=1))
    assert walk["told_at"].min() >= start
    assert set(walk["timeframe"]) >= {"1m", "5m", "15m"}
    assert walk.height > 50
    # known at a moment from nothing after it
    cut = candles["ts"][3_000]
    early = walked(candles.filter(pl.col("ts") < cut), 7, start)
    decided = pl.col("state") != "open"
    assert early.filter(decided).equals(walk.filter(decided, pl.col("known_at") <= cut))
