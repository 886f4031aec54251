"""Calibration of scores: pieces of evidence, levels, deciles, trends, notes, as of a time, walks."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.core.statistics import wilson
from alphapulse_assets.patterns.calibration.calibration import calibration
from alphapulse_assets.patterns.calibration.model import CALIBRATION_SCHEMA
from alphapulse_assets.patterns.calibration.pieces import Condensed, condensed
from alphapulse_assets.patterns.calibration.plots import calibration_picture
from alphapulse_assets.patterns.calibration.scores import DECILES, Score
from alphapulse_assets.patterns.calibration.walks import Found
from alphapulse_assets.patterns.evaluation.outcomes import PATTERN_OUTCOME_SCHEMA
from alphapulse_assets.patterns.evaluation.random_walk import matched_walk
from alphapulse_assets.patterns.evaluation.walk_outcomes import walk_outcomes
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_resources.frames import CANDLE_SCHEMA
from tests.unit.pattern_support import START

HOUR = timedelta(hours=1)
LATE = START + timedelta(days=9_999)
LEVELS = {30.0: "very low", 50.0: "low", 65.0: "medium", 80.0: "high"}
_SCORES = pl.Schema(
    {
        **{"instrument_id": pl.Int32(), "timeframe": pl.String(), "ts": pl.Datetime("us", "UTC")},
        **{"family": pl.String(), "pattern": pl.String(), "direction": pl.String()},
        **{"confidence": pl.Float64(), "level": pl.String(), "probability": pl.Float64()},
    }
)


def event(number: int, confidence: float, directed: float, **changed: Any) -> dict[str, Any]:
    """A hammer of 1h with its score and what came after ten bars, each in a stretch of its own."""
    level = LEVELS.get(confidence)
    return {
        **{"instrument_id": 1, "timeframe": "1h", "ts": START + number * 10 * HOUR - HOUR},
        **{"family": "candlestick", "pattern": "hammer", "direction": "bullish"},
        **{
            "confidence": confidence,
            "level": level,
            "probability": None,
            "directed": directed,
            "horizon": 10,
        },
    } | changed


def scored(*events: dict[str, Any], path: int = 0) -> Condensed:
    scores = [{name: each[name] for name in _SCORES} for each in events]
    came = [
        {name: each[name] for name in ("instrument_id", "timeframe", "ts", "family", "pattern", "direction")}
        | {"horizon": each["horizon"], "confirmed_at": each["ts"] + HOUR}
        | {"directed_pct": each["directed"], "directed_atr": each["directed"]}
        | {"known_at": each["ts"] + HOUR + each["horizon"] * HOUR}
        for each in events
    ]
    return condensed(
        pl.DataFrame(scores, schema=_SCORES).unique(maintain_order=True),
        pl.DataFrame(came, schema=PATTERN_OUTCOME_SCHEMA),
        path,
    )


def levelled(rates: dict[float, float], n: int = 200, first: int = 0) -> list[dict[str, Any]]:
    """n events of each confidence, of which a share is right by 1 %; spread over time in turn."""
    return [
        event(first + i * len(rates) + place, value, 1.0 if i * round(rate * n) % n < rate * n else -1.0)
        for place, (value, rate) in enumerate(rates.items())
        for i in range(n)
    ]


NOTHING = scored()


def test_each_level_has_its_share_right_with_its_interval_and_the_walk_beside_it() -> None:
    real = scored(*levelled({30.0: 0.5, 80.0: 0.25}, 100))
    walk = scored(*levelled({30.0: 0.5}, 60))
    found = calibration(real, walk, LATE)
    assert found.schema == CALIBRATION_SCHEMA
    low, high = found.sort("place").rows(named=True)
    assert [(row["level"], row["place"], row["evidence"], row["right_share"]) for row in (low, high)] == [
        *(("very low", 1, 100, 0.5), ("high", 4, 100, 0.25)),
    ]
    bounds = wilson(0.25, 100)
    assert (high["right_low"], high["right_high"]) == (bounds.low, bounds.high)
    assert (low["walk_evidence"], low["walk_right"], high["walk_evidence"]) == (60, 0.5, 0)
    assert high["walk_right"] is None
    assert high["mean_atr_low"] < -0.5 < high["mean_atr_high"]
    assert high["mean_atr"] == pytest.approx(-0.5)
    assert (low["base_rate"], low["predicted"]) == (pytest.approx(0.375), None)


def test_walks_beside_one_instrument_are_never_one_piece_of_evidence() -> None:
    real = scored(*levelled({30.0: 0.5}, 40))
    walks = [scored(*levelled({30.0: rate}, 40), path=path) for path, rate in enumerate((0.25, 0.5, 0.75))]
    walk = pl.concat([scores for scores, _ in walks]), pl.concat([came for _, came in walks])
    row = calibration(real, walk, LATE).row(0, named=True)
    assert (row["walk_evidence"], row["walk_clusters"], row["walk_right"]) == (120, 40, 0.5)
    # what they do at the same time is one observation
    assert row["walk_low"] == wilson(0.5, 40).low


def test_names_of_one_bar_direction_and_shape_are_one_piece_of_evidence_as_sure_as_the_surest() -> None:
    names = [event(0, 80.0, 1.0, pattern="marubozu"), event(0, 50.0, 1.0, pattern="engulfing")]
    untold = event(0, 95.0, 1.0, pattern="long_line", level=None)  # surer, but too little is known
    other = event(0, 30.0, 1.0, pattern="hammer")  # of another shape
    against = event(0, 30.0, -1.0, pattern="marubozu", direction="bearish")
    found = calibration(scored(*names, untold, other, against), NOTHING, LATE)
    counts = {row["level"]: (row["n"], row["evidence"]) for row in found.rows(named=True)}
    assert counts == {"high": (3, 1), "very low": (2, 2)}
    alone = calibration(scored(untold), NOTHING, LATE).row(0, named=True)
    assert (alone["level"], alone["place"], alone["increasing"]) == ("none", 0, None)


def test_right_after_costs_needs_more_than_a_round_trip() -> None:
    costs = DEFAULT.costs.round_trip * 100
    moves = [event(0, 50.0, costs * 1.01), event(1, 50.0, costs * 0.99), event(2, 50.0, 0.0)]
    row = calibration(scored(*moves), NOTHING, LATE).row(0, named=True)
    assert (row["right_share"], row["paid_share"]) == (pytest.approx(2 / 3), pytest.approx(1 / 3))


@pytest.mark.parametrize(
    ("rates", "increasing", "said"),
    [
        ({30.0: 0.4, 50.0: 0.5, 65.0: 0.6}, True, "the higher, the more often right"),
        ({30.0: 0.6, 50.0: 0.5, 65.0: 0.4}, False, "the higher, the LESS often right"),
        ({30.0: 0.5, 50.0: 0.5, 65.0: 0.5}, False, "not seen to be right more often"),
    ],
)
def test_a_score_rises_where_the_whole_interval_of_its_slope_does(
    rates: dict[float, float], increasing: bool, said: str
) -> None:
    found = calibration(scored(*levelled(rates)), NOTHING, LATE)
    assert found["increasing"].unique().to_list() == [increasing]
    assert said in found["note"][0]
    wanted = (1 if increasing else -1) * (max(rates.values()) - min(rates.values())) / 2
    assert found["slope"][0] == pytest.approx(wanted, abs=0.02)
    assert found["slope_low"][0] < found["slope"][0] < found["slope_high"][0]


def test_with_few_stretches_nothing_is_said_of_a_trend() -> None:
    found = calibration(scored(*levelled({30.0: 0.2, 80.0: 0.9}, 29)), NOTHING, LATE)
    assert found["increasing"].null_count() == found.height == 2
    assert "too few outcomes to tell" in found["note"][0]


def test_a_probability_has_deciles_and_stands_beside_what_it_promises() -> None:
    random = np.random.default_rng(3)
    chances = random.uniform(0.3, 0.7, 4_000)
    right = random.random(4_000) < chances
    events = [
        event(i, 50.0, 1.0 if hit else -1.0, probability=float(p))
        for i, (p, hit) in enumerate(zip(chances, right, strict=True))
    ]
    score = Score("probability", "probability", probability=True)
    found = calibration(scored(*events), NOTHING, LATE, scores=[score])
    assert found["level"].to_list() == [*DECILES]
    assert found["evidence"].to_list() == pytest.approx([400] * 10, abs=1)
    inside = found.filter(pl.col("predicted").is_between("right_low", "right_high"))
    assert inside.height >= 8
    assert found["increasing"].all()
    picture = calibration_picture(found.with_columns(pl.lit("confidence").alias("score")))
    assert picture is not None
    assert picture.startswith("![")
    assert calibration_picture(found.clear()) is None


def test_a_score_that_is_not_there_is_left_out_and_a_naive_time_refused() -> None:
    assert calibration(NOTHING, NOTHING, LATE).is_empty()
    with pytest.raises(ValueError, match="no time zone"):
        calibration(NOTHING, NOTHING, datetime(2024, 1, 1))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 900), st.integers(0, 2**31 - 1))
def test_only_outcomes_known_by_then_count_in_whatever_order(seed: int, hours: int, shuffle: int) -> None:
    random = np.random.default_rng(seed)
    events = [
        event(
            int(random.integers(0, 80)),
            float(random.choice([*LEVELS])),
            0.0,
            pattern=str(random.choice(("hammer", "marubozu", "engulfing"))),
            instrument_id=int(random.integers(1, 3)),
            horizon=int(random.choice((1, 10))),
        )
        for _ in range(120)
    ]
    # one score and outcome a name, bar and horizon
    unique = {(e["instrument_id"], e["ts"], e["pattern"]): e for e in events}
    for each in unique.values():  # names of one bar share what came
        each["directed"] = float(np.sin(each["ts"].timestamp() * each["instrument_id"] + each["horizon"]))
    scores, came = scored(*unique.values())
    now = START + hours * HOUR
    known = came.filter(pl.col("known_at") <= now)
    told = calibration((scores, came), NOTHING, now)
    assert_frame_equal(told, calibration((scores, known), NOTHING, now), check_exact=True)
    mixed = (
        scores.sample(fraction=1, shuffle=True, seed=shuffle),
        came.sample(fraction=1, shuffle=True, seed=shuffle),
    )
    assert_frame_equal(told, calibration(mixed, NOTHING, now), abs_tol=1e-12)


# on candles -------------------------------------------------------------------------------------------------


def walked(bars: int, seed: int) -> pl.DataFrame:
    """Five-minute candles of a random walk in volume that rises and falls."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.002, bars)))
    opened = np.concatenate(([100.0], close[:-1]))
    return pl.DataFrame(
        {
            "ts": [START + i * timedelta(minutes=5) for i in range(bars)],
            "open": opened,
            "high": np.maximum(opened, close) * (1 + random.random(bars) * 0.001),
            "low": np.minimum(opened, close) * (1 - random.random(bars) * 0.001),
            "close": close,
            "volume": random.lognormal(2, 1, bars),
            **dict.fromkeys(("quote_volume", "trades", "taker_buy_volume")),
        },
        schema=CANDLE_SCHEMA,
    )


def test_patterns_on_a_walk_are_those_of_performance_and_no_score_ranks_there() -> None:
    candles = walked(2_500, 5)
    walk = matched_walk(candles)
    scores, came = Found(walk, "5m", 1).scored(None, START)
    same = ["ts", "family", "pattern", "direction", "reference", "horizon", "directed_pct"]
    wanted = walk_outcomes(candles, "5m", 1, START).select(same)
    assert_frame_equal(came.select(same), wanted, check_row_order=False)
    assert scores.filter(pl.col("direction") == "neutral").is_empty()
    found = calibration(condensed(scores, came), NOTHING, LATE)
    told = found.filter(pl.col("horizon") == 10, pl.col("clusters") >= 30)
    assert set(told["score"]) == {"confidence", "reliability", "boosted"}
    assert ((told["right_low"] <= 0.5) & (told["right_high"] >= 0.5)).mean() > 0.7  # type: ignore[operator]


def test_scores_on_candles_do_not_change_with_what_comes_after() -> None:
    candles = walked(1_200, 6)
    whole, _ = Found(candles, "5m", 1).scored(None, START)
    cut = candles.head(900)
    early, came = Found(cut, "5m", 1).scored(None, START)
    last = cut["ts"][-1]
    assert_frame_equal(whole.filter(pl.col("ts") <= last), early)
    assert came["known_at"].max() <= last + timedelta(minutes=5)
