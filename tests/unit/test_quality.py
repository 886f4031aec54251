"""Soft rules and the score of a day."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.candles.quality import FLAG_SCHEMA, FLAGS, QualityRules, flag, score_day
from alphapulse_assets.candles.validation import validate
from alphapulse_resources.frames import CANDLE_SCHEMA, empty_candles

START = datetime(2024, 1, 1, tzinfo=UTC)
SMALL = QualityRules(window_bars=60, min_bars=10)
NO_FLAGS = pl.DataFrame(schema=FLAG_SCHEMA)


def market(bars: int, seed: int = 1) -> pl.DataFrame:
    """A quiet random walk of 1m bars in which no rule fires."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(rng.normal(0, 5e-4, bars).cumsum())
    opened = np.concatenate([[100.0], close[:-1]])
    return pl.DataFrame(
        {
            "ts": pl.datetime_range(
                START, interval="1m", end=START + timedelta(minutes=bars - 1), eager=True
            ),
            "open": opened,
            "high": np.maximum(opened, close) * 1.0001,
            "low": np.minimum(opened, close) * 0.9999,
            "close": close,
            "volume": rng.uniform(1, 5, bars),
            "quote_volume": None,
            "trades": None,
            "taker_buy_volume": None,
        },
    ).cast(CANDLE_SCHEMA)


def put(frame: pl.DataFrame, rows: int | range, **values: float) -> pl.DataFrame:
    """The frame with other values in some rows."""
    numbers = [rows] if isinstance(rows, int) else list(rows)
    there = pl.int_range(pl.len()).is_in(numbers)
    return frame.with_columns(
        pl.when(there).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


def found(frame: pl.DataFrame, reference: pl.DataFrame | None = None) -> list[tuple[int, str]]:
    flags = flag(frame, "1m", before=empty_candles(), reference=reference)
    return [
        ((ts - START) // timedelta(minutes=1), name) for ts, name in flags.select("ts", "flag").iter_rows()
    ]


def test_a_quiet_market_raises_no_flag() -> None:
    flags = flag(market(600), "1m", before=empty_candles(), reference=market(600))
    assert flags.is_empty()
    assert flags.schema == FLAG_SCHEMA


def test_a_jump_is_flagged_at_its_bar_and_back() -> None:
    frame = put(market(300), 200, close=130.0, high=131.0)
    assert found(frame) == [(200, "jump"), (200, "wick"), (201, "jump")]


def test_a_long_wick_alone_is_a_wick() -> None:
    assert found(put(market(300), 200, low=80.0)) == [(200, "wick")]


def test_a_burst_of_volume_is_flagged_and_a_lull_is_not() -> None:
    assert found(put(put(market(300), 200, volume=5000.0), 210, volume=1e-9)) == [(200, "volume_outlier")]


def test_volume_has_no_outliers_where_most_bars_trade_nothing() -> None:
    frame = put(put(market(300), range(300), volume=0.0), 200, volume=3.0)
    assert set(found(frame)) == {(minute, "zero_volume") for minute in range(300) if minute != 200}


def test_nothing_is_an_outlier_before_there_is_a_scale() -> None:
    assert found(put(market(300), 119, low=50.0)) == []
    assert found(put(market(300), 120, low=50.0)) == [(120, "wick")]


@pytest.mark.parametrize(("still", "flagged"), [(14, 0), (15, 1), (20, 6)])
def test_a_run_is_stale_from_its_fifteenth_bar_on(still: int, flagged: int) -> None:
    frame = put(market(300), range(100, 100 + still), open=100.0, high=100.0, low=100.0, close=100.0)
    stale = flag(frame, "1m", before=empty_candles()).filter(pl.col("flag") == "stale")
    assert stale["score"].to_list() == [15.0 + number for number in range(flagged)]


def test_the_score_of_a_stale_run_ends_at_the_window_so_that_batches_agree() -> None:
    frame = put(market(300), range(100, 200), open=100.0, high=100.0, low=100.0, close=100.0)
    stale = flag(frame, "1m", before=empty_candles(), rules=SMALL).filter(pl.col("flag") == "stale")
    assert stale["score"].max() == SMALL.window_bars


def test_a_missing_bar_or_another_price_ends_a_stale_run() -> None:
    frame = put(market(300), range(100, 120), open=100.0, high=100.0, low=100.0, close=100.0)
    assert (115, "stale") in found(frame)
    assert (115, "stale") not in found(frame.filter(pl.int_range(pl.len()) != 108))
    moved = put(frame, range(110, 120), open=100.01, high=100.01, low=100.01, close=100.01)
    assert (115, "stale") not in found(moved)


def test_a_move_over_missing_bars_is_held_against_the_time_it_had() -> None:
    at_once = put(market(900), range(300, 900), open=101.5, high=101.6, low=101.4, close=101.5)
    assert (300, "jump") in found(at_once)
    over_hours = at_once.filter(~pl.int_range(pl.len()).is_between(250, 600))
    assert "jump" not in {name for _, name in found(over_hours)}


def test_a_crash_over_missing_bars_is_a_jump_all_the_same() -> None:
    holed = market(900).filter(~pl.int_range(pl.len()).is_between(250, 600))
    crash = put(holed, range(250, holed.height), open=50.0, high=50.1, low=49.9, close=50.0)
    jumps = flag(crash, "1m", before=empty_candles()).filter(pl.col("flag") == "jump")
    assert json.loads(jumps["detail"][0])["bars_since"] == 352


@pytest.mark.parametrize(("factor", "expected"), [(1.009, []), (1.011, [(50, "cross_venue")])])
def test_a_price_far_from_the_other_venue_is_flagged(factor: float, expected: list[tuple[int, str]]) -> None:
    frame = market(100)
    close = (
        pl.when(pl.int_range(pl.len()) == 50).then(pl.col("close") / factor).otherwise("close").alias("close")
    )
    assert found(frame, reference=frame.select("ts", close)) == expected


def test_an_unusable_reference_flags_nothing() -> None:
    frame = market(100)
    for bad in (0.0, -1.0, float("nan"), float("inf"), None):
        assert found(frame, reference=frame.select("ts", pl.lit(bad, pl.Float64).alias("close"))) == []


def test_every_flag_is_described_and_its_detail_is_json() -> None:
    frame = put(market(400), 200, close=130.0, high=131.0, volume=9000.0)
    frame = put(frame, range(300, 330), open=100.0, high=100.0, low=100.0, close=100.0, volume=0.0)
    reference = market(400).with_columns(pl.col("close") * 2)
    flags = flag(frame, "1m", before=empty_candles(), reference=reference)
    assert set(flags["flag"]) == set(FLAGS)
    assert all(isinstance(json.loads(text), dict) for text in flags["detail"])
    assert flags["score"].is_finite().all()
    evidence = json.loads(flags.filter(pl.col("flag") == "wick")["detail"][0])
    assert set(evidence) == {"log_range", "log_range_median", "log_range_scale"}


def spiky(bars: int, seed: int) -> pl.DataFrame:
    """A market with missing bars, shocks, still and empty stretches."""
    rng = np.random.default_rng(seed)
    frame = market(bars, seed)
    for row in rng.integers(0, bars, 12).tolist():
        frame = put(frame, row, close=120.0, high=140.0, volume=float(rng.choice([0.0, 800.0])))
    quiet = int(rng.integers(0, bars - 40))
    frame = put(frame, range(quiet, quiet + 40), open=99.0, high=99.0, low=99.0, close=99.0)
    return frame.filter(pl.Series(rng.random(bars) > 0.03))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 400))
def test_flags_of_a_prefix_are_the_prefix_of_the_flags(seed: int, length: int) -> None:
    frame = spiky(400, seed)
    whole = flag(frame, "1m", before=empty_candles(), reference=market(400), rules=SMALL)
    prefix = frame.head(length)
    part = flag(prefix, "1m", before=empty_candles(), reference=market(400), rules=SMALL)
    assert part.equals(whole.filter(pl.col("ts").is_in(prefix["ts"].implode())))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(SMALL.warmup_bars, 350))
def test_with_the_warm_up_flags_do_not_depend_on_where_a_batch_starts(seed: int, start: int) -> None:
    frame = spiky(400, seed)
    whole = flag(frame, "1m", before=empty_candles(), rules=SMALL)
    batch = frame.slice(start)
    before = frame.slice(start - SMALL.warmup_bars, SMALL.warmup_bars)
    assert flag(batch, "1m", before=before, rules=SMALL).equals(
        whole.filter(pl.col("ts").is_in(batch["ts"].implode()))
    )


def test_bars_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="not in order of time"):
        flag(market(10), "1m", before=market(10))
    with pytest.raises(ValueError, match="unknown timeframe"):
        flag(market(10), "7m", before=empty_candles())


def test_real_bars_are_flagged_by_the_share_not_by_the_mass(shared_data: Path) -> None:
    raw = pl.read_ipc(shared_data / "candles" / "UNITTEST_BTC-1m.feather").rename({"date": "ts"})
    flags = flag(validate(raw, "1m", now=START).candles, "1m", before=empty_candles())
    assert dict(flags["flag"].value_counts().iter_rows()) == {"jump": 210, "wick": 235}


def test_a_perfect_day_scores_a_hundred_with_the_weight_that_was_there() -> None:
    day = score_day(expected=1440, present=1440, venue_had_none=0, quarantined=0, flags=NO_FLAGS)
    assert day.score == pytest.approx(100)
    assert day.coverage_of_score == pytest.approx(0.75)
    assert (day.timeliness, day.agreement) == (None, None)


def test_minutes_the_venue_never_had_are_explained_and_both_shares_are_shown() -> None:
    day = score_day(expected=1440, present=1080, venue_had_none=360, quarantined=0, flags=NO_FLAGS)
    assert (day.completeness, day.present_share) == (1.0, 0.75)


def test_a_lost_day_scores_zero_and_an_unexpected_one_not_at_all() -> None:
    lost = score_day(expected=1440, present=0, venue_had_none=0, quarantined=0, flags=NO_FLAGS)
    assert (lost.score, lost.validity, lost.consistency) == (0.0, None, None)
    unlisted = score_day(expected=0, present=0, venue_had_none=0, quarantined=0, flags=NO_FLAGS)
    assert (unlisted.score, unlisted.coverage_of_score) == (None, 0)


def test_the_score_is_the_weighted_mean_of_its_parts() -> None:
    names = ["jump", "wick", "volume_outlier", "cross_venue", "zero_volume"]
    minutes = [0, 0, 1, 1, 2]
    flags = pl.DataFrame(
        {
            "ts": [START + timedelta(minutes=minute) for minute in minutes],
            "flag": names,
            "score": 1.0,
            "detail": "{}",
        }
    ).cast(FLAG_SCHEMA)
    day = score_day(
        expected=100,
        present=90,
        venue_had_none=5,
        quarantined=10,
        flags=flags,
        live_delays=pl.Series([5.0, 90.0, 90.5, None]),
        compared=50,
    )
    assert day.completeness == pytest.approx(0.95)
    assert day.validity == pytest.approx(0.9)
    assert day.consistency == pytest.approx(1 - (1.0 + 0.25 + 0.1) / 90)
    assert day.timeliness == pytest.approx(2 / 3)
    assert day.agreement == pytest.approx(0.98)
    parts = 0.35 * 0.95 + 0.2 * 0.9 + 0.2 * (1 - 1.35 / 90) + 0.1 * 2 / 3 + 0.15 * 0.98
    assert day.score == pytest.approx(100 * parts)
    assert day.coverage_of_score == pytest.approx(1)


@pytest.mark.parametrize(("present", "none"), [(1441, 0), (1440, 1), (-1, 0)])
def test_impossible_counts_are_refused(present: int, none: int) -> None:
    with pytest.raises(ValueError, match=r"more than the 1440 expected|below zero"):
        score_day(expected=1440, present=present, venue_had_none=none, quarantined=0, flags=NO_FLAGS)


def test_every_flag_has_a_weight() -> None:
    assert set(QualityRules().flag_weights) == set(FLAGS)
    assert sum(QualityRules().score_weights.values()) == pytest.approx(1)
