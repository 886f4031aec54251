"""What price did after a pattern: outcomes, base rates and verdicts, held to figures reckoned apart."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from alphapulse_assets.core.statistics import bootstrap, wilson
from alphapulse_assets.volume.batch import detect
from alphapulse_assets.volume.definitions import VOLUME_PATTERN_SCHEMA
from alphapulse_assets.volume.reactions import (
    ABOVE,
    BELOW,
    DIMENSIONS,
    HORIZONS,
    NO_EDGE,
    OUTCOME_SCHEMA,
    outcomes,
    reactions,
    summarise,
)
from tests.unit.candlestick_support import real_candles
from tests.unit.volume_support import START, Bar, framed, quiet, tick_bars

MINUTE = timedelta(minutes=1)


def followed_by(returns: Sequence[float], horizon: int = 1, **more: object) -> pl.DataFrame:
    """What followed bars of one minute each, at one horizon."""
    ts = [START + number * MINUTE for number in range(len(returns))]
    rows = {
        "ts": ts,
        "horizon": [horizon] * len(ts),
        "return_pct": list(returns),
        "return_atr": [value * 2 for value in returns],
        "known_at": [at + (horizon + 1) * MINUTE for at in ts],
    }
    return pl.DataFrame(rows, schema=OUTCOME_SCHEMA).with_columns(
        pl.lit(value).alias(name) for name, value in more.items()
    )


def patterns_at(bars: Sequence[int], **more: object) -> pl.DataFrame:
    """A spike at each of these bars."""
    rows: list[dict[str, Any]] = [
        {
            **{"pattern": "spike", "direction": "bullish", "strength": "weak", "confidence": 0.5},
            **{"volume_ratio": 2.0, "price_change": 0.0, "detail": "{}"},
            **{"ts": START + bar * MINUTE, "known_at": START + (bar + 1) * MINUTE},
        }
        for bar in bars
    ]
    return pl.DataFrame(rows, schema=VOLUME_PATTERN_SCHEMA).with_columns(
        pl.lit(value).alias(name) for name, value in more.items()
    )


def only(summary: pl.DataFrame) -> dict[str, Any]:
    (row,) = summary.to_dicts()
    return row


def test_outcomes_are_counted_from_the_close_at_which_a_bar_was_known() -> None:
    closes = [100.0] * 14 + [100.0, 110.0, 99.0, 99.0, 121.0]
    bars: list[Bar] = [(close + 2, close - 2, close, 1.0) for close in closes]
    found = outcomes(framed(bars), "1m").filter(pl.col("ts") == START + 14 * MINUTE)
    assert found["horizon"].to_list() == [1, 3]
    assert found["return_pct"].to_list() == pytest.approx([10.0, -1.0])
    assert found["return_atr"].to_list() == pytest.approx([2.5, -0.25])  # every true range so far is 4
    assert found["known_at"].to_list() == [START + 16 * MINUTE, START + 18 * MINUTE]


def test_outcomes_of_real_bars_are_those_of_plain_loops(shared_data: Path) -> None:
    candles = real_candles(shared_data, "ETH_BTC-5m.feather").head(300)
    high, low, close = (candles[name].to_numpy() for name in ("high", "low", "close"))
    spans = np.abs([high[1:] - low[1:], high[1:] - close[:-1], low[1:] - close[:-1]]).max(axis=0)
    rows = []
    for i in range(300):
        atr = spans[i - 14 : i].mean() if i >= 14 else None
        for horizon in (h for h in HORIZONS if i + h < 300):
            change = close[i + horizon] - close[i]
            known = candles["ts"][i + horizon] + timedelta(minutes=5)
            pct, in_atr = 100 * change / close[i], change / atr if atr else None
            rows.append((candles["ts"][i], horizon, pct, in_atr, known))
    wanted = pl.DataFrame(rows, schema=OUTCOME_SCHEMA, orient="row")
    assert_frame_equal(outcomes(candles, "5m"), wanted, rel_tol=1e-9, abs_tol=1e-9)


def test_an_outcome_exists_only_when_it_is_known_and_then_stays() -> None:
    candles = framed(tick_bars(1, 200))
    whole = outcomes(candles, "1m")
    for count in (0, 1, 30, 120):
        found = outcomes(candles.head(count), "1m")
        now = candles["ts"][count - 1] + MINUTE if count else START
        assert_frame_equal(found, whole.filter(pl.col("known_at") <= now), check_exact=True)
        assert found.height == sum(max(count - horizon, 0) for horizon in HORIZONS)


def test_a_frame_with_fourteen_bars_before_has_the_outcomes_of_one_pass() -> None:
    candles = framed(tick_bars(2, 300))
    start = candles["ts"][100]
    part = outcomes(candles.slice(86), "1m").filter(pl.col("ts") >= start)
    assert_frame_equal(part, outcomes(candles, "1m").filter(pl.col("ts") >= start), check_exact=True)
    assert part["return_atr"].null_count() == 0


def test_where_nothing_moved_there_is_no_return_in_atr() -> None:
    found = outcomes(framed([(100.0, 100.0, 100.0, 1.0)] * 20), "1m")
    assert found["return_pct"].to_list() == [0.0] * found.height
    assert found["return_atr"].null_count() == found.height


def test_missing_bars_make_a_horizon_longer() -> None:
    rows = [*range(20), 60]
    found = outcomes(framed(quiet(21), rows=rows), "1m").filter(pl.col("ts") == START + 19 * MINUTE)
    assert found["known_at"].to_list() == [START + 61 * MINUTE]


def test_outcomes_of_bars_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="order of time"):
        outcomes(framed(quiet(5)).reverse(), "1m")


def test_reactions_are_the_outcomes_of_the_bars_at_which_patterns_were_known() -> None:
    candles = framed(tick_bars(3, 400))
    patterns, followed = detect(candles, "1m"), outcomes(candles, "1m")
    found = reactions(patterns.with_columns(pl.lit("up").alias("regime")), followed)
    assert found.columns == [
        *patterns.columns,
        *("regime", "horizon", "return_pct", "return_atr", "outcome_at"),
    ]
    close = dict(candles.select("ts", "close").rows())
    times = candles["ts"].to_list()
    for row in found.to_dicts():
        later = times[times.index(row["ts"]) + row["horizon"]]
        assert row["return_pct"] == pytest.approx(100 * (close[later] / close[row["ts"]] - 1), abs=1e-9)
        assert row["outcome_at"] == later + MINUTE > row["known_at"]
    newest = patterns.filter(pl.col("ts") == patterns["ts"].max())
    assert newest["ts"][0] > times[-51]
    assert set(reactions(newest, followed)["horizon"]) < set(HORIZONS)


def test_a_summary_is_what_can_be_reckoned_by_hand() -> None:
    returns = [1.0, -1.0] * 100
    bars = [*range(0, 200, 4), 1, 3]  # fifty times up, twice down
    reacted = reactions(patterns_at(bars), followed_by(returns))
    row = only(summarise(reacted, followed_by(returns), by=["pattern"]))
    assert (row["pattern"], row["horizon"], row["n"], row["clusters"]) == ("spike", 1, 52, 52)
    assert row["share_up"] == 50 / 52
    interval = wilson(50 / 52, 52)
    assert (row["share_up_low"], row["share_up_high"]) == (interval.low, interval.high)
    assert row["mean_pct"] == pytest.approx(48 / 52)
    assert row["mean_atr"] == pytest.approx(96 / 52)
    assert row["median_pct"] == 1.0
    assert row["mean_pct_low"] < row["mean_pct"] < row["mean_pct_high"] <= 1
    assert (row["base_n"], row["base_share_up"], row["base_mean_pct"], row["base_mean_atr"]) == (
        200,
        0.5,
        0,
        0,
    )
    assert (row["edge"], row["comparisons"]) == (ABOVE, 1)


@pytest.mark.parametrize(
    ("bars", "edge"),
    [
        (range(0, 60, 2), ABOVE),
        (range(1, 61, 2), BELOW),
        (range(60), NO_EDGE),
        ([*range(0, 80, 2), *range(1, 60, 2)], NO_EDGE),  # 40 of 70 up: within chance
        (range(0, 58, 2), NO_EDGE),  # always up, but 29 stretches are too few
    ],
)
def test_an_edge_is_told_only_where_the_interval_leaves_out_the_base_rate(
    bars: Sequence[int], edge: str
) -> None:
    followed = followed_by([1.0, -1.0] * 100)
    row = only(summarise(reactions(patterns_at(bars), followed), followed, by=["pattern", "direction"]))
    assert row["edge"] == edge
    outside = not row["share_up_low"] <= row["base_share_up"] <= row["share_up_high"]
    assert outside == (edge != NO_EDGE or row["clusters"] < 30)


def test_patterns_in_the_same_stretch_of_time_count_once() -> None:
    followed = followed_by([1.0, -1.0] * 100, horizon=10)
    row = only(summarise(reactions(patterns_at(range(0, 100, 2)), followed), followed, by=["pattern"]))
    assert row["n"] == 50
    assert row["clusters"] == 10  # 99 minutes in stretches of ten
    assert row["edge"] == NO_EDGE
    interval = wilson(1.0, 10)
    assert (row["share_up_low"], row["share_up_high"]) == (interval.low, interval.high)


def test_stretches_are_as_long_as_the_longest_timeframe_in_a_group() -> None:
    minute = reactions(
        patterns_at(range(0, 200, 2), timeframe="1m"), followed_by([1.0, -1.0] * 100)
    ).with_columns(instrument_id=1)
    hour = minute.head(4).with_columns(
        pl.lit("1h").alias("timeframe"), (pl.col("known_at") + timedelta(hours=1)).alias("outcome_at")
    )
    followed = pl.concat(
        [followed_by([1.0, -1.0] * 100, timeframe=name, instrument_id=1) for name in ("1m", "1h")]
    )
    mixed = only(summarise(pl.concat([minute, hour]), followed, by=["pattern"]))
    assert (mixed["n"], mixed["clusters"]) == (104, 4)
    apart = summarise(pl.concat([minute, hour]), followed, by=["pattern", "timeframe"])
    assert apart.select("timeframe", "clusters").rows() == [("1h", 1), ("1m", 100)]


def test_base_rates_are_weighed_as_the_reactions_are_spread() -> None:
    often, seldom = [1.0, 1.0, 1.0, -1.0] * 10, [-1.0, -1.0, -1.0, 1.0] * 10
    followed = pl.concat([followed_by(often, instrument_id=1), followed_by(seldom, instrument_id=2)])
    reacted = pl.concat(
        reactions(patterns_at(bars, instrument_id=number), followed_by(returns))
        for number, bars, returns in ((1, [0, 1, 3], often), (2, [0], seldom))
    )
    row = only(summarise(reacted, followed, by=["pattern"]))
    assert row["base_share_up"] == pytest.approx((3 * 0.75 + 0.25) / 4)
    assert row["base_mean_pct"] == pytest.approx((3 * 0.5 - 0.5) / 4)
    assert row["base_n"] == 80


def test_groups_that_are_not_told_are_groups_of_their_own() -> None:
    followed = followed_by([1.0, -1.0] * 20)
    told, untold = patterns_at([4], regime="up"), patterns_at([0, 2], regime=None)
    patterns = pl.concat([untold, told], how="vertical_relaxed")
    summary = summarise(reactions(patterns, followed), followed, by=["regime"])
    assert summary.select("regime", "n").rows() == [(None, 2), ("up", 1)]
    assert summary["comparisons"].to_list() == [2, 2]
    assert summary["mean_pct_low"].to_list()[1] is None  # a single stretch


def test_reactions_to_real_patterns_are_summarised_the_same_every_time(shared_data: Path) -> None:
    candles = real_candles(shared_data, "ETH_BTC-5m.feather")
    followed = outcomes(candles, "5m").with_columns(
        pl.lit("5m").alias("timeframe"), pl.lit("range").alias("regime")
    )
    patterns = detect(candles, "5m").with_columns(
        pl.lit("5m").alias("timeframe"), pl.lit("range").alias("regime")
    )
    reacted = reactions(patterns, followed.drop("timeframe", "regime"))
    summary = summarise(reacted, followed)
    mixed = summarise(reacted.sample(fraction=1, shuffle=True, seed=1), followed.reverse())
    assert_frame_equal(summary, mixed, rel_tol=1e-9)
    assert summary["n"].sum() == reacted.height
    assert summary.select(*DIMENSIONS, "horizon").is_unique().all()
    assert (summary["clusters"] <= summary["n"]).all()
    some = (
        (pl.col("pattern") == "spike")
        & (pl.col("direction") == "bullish")
        & (pl.col("strength") == "weak")
        & (pl.col("horizon") == 5)
    )
    spikes, row = reacted.filter(some), only(summary.filter(some))
    assert row["share_up"] == (spikes["return_pct"] > 0).mean()
    assert row["mean_pct"] == pytest.approx(spikes["return_pct"].mean())
    base = followed.filter(pl.col("horizon") == 5)["return_pct"]
    assert row["base_share_up"] == pytest.approx((base > 0).mean())
    assert row["base_n"] == len(base) == candles.height - 5
    stretches = spikes["known_at"].dt.epoch("s").to_numpy() // (25 * 60)
    assert row["clusters"] == len(set(stretches))
    wide = bootstrap(spikes["return_pct"].to_numpy(), stretches, key=1)[0]
    assert row["mean_pct_high"] - row["mean_pct_low"] == pytest.approx(wide.high - wide.low, rel=0.2)


def test_no_reactions_are_an_empty_summary() -> None:
    followed = followed_by([1.0, -1.0])
    reacted = reactions(patterns_at([]), followed)
    summary = summarise(reacted, followed, by=["pattern"])
    assert summary.is_empty()
    assert (
        summary.columns == summarise(reactions(patterns_at([0]), followed), followed, by=["pattern"]).columns
    )


def test_a_summary_needs_its_columns_and_all_bars() -> None:
    followed = followed_by([1.0, -1.0] * 5)
    reacted = reactions(patterns_at([0, 2]), followed)
    with pytest.raises(ValueError, match=r"no columns \['regime'\]"):
        summarise(reacted, followed, by=["pattern", "regime"])
    with pytest.raises(ValueError, match="no base rate"):
        summarise(reacted, followed.with_columns(pl.lit(3, pl.Int64).alias("horizon")), by=["pattern"])
