"""Calibration of scores as an asset: real runs on a real database, cells counted again from the tables."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl
from calibration_support import counted
from dagster_support import Platform, Run
from derived_support import DAYS, FIRST, LAST, days, symbol, written

from alphapulse_assets.core.statistics import wilson
from alphapulse_assets.datasets.partitions import range_tags
from alphapulse_assets.patterns.calibration.model import CALIBRATION_KEY
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_resources.database.client import Database

pytest_plugins = ("dagster_fixtures",)

BEFORE = (
    *("indicators", "market_regime", "volume_patterns", "candlestick_patterns", "chart_patterns"),
    "pattern_outcomes",
)
END = LAST + timedelta(days=1)


def calibrate(platform: Platform, day: datetime = LAST, **config: Any) -> Run:
    """Calibration as of the end of a day."""
    return platform.run(
        "refresh_reactions",
        tags=range_tags(day.date(), day.date(), "bybit", "bybit"),
        config={"ops": {"score_calibration": {"config": config}}},
        assets=["score_calibration"],
    )


def scored(platform: Platform) -> int:
    """A symbol with outcomes and scores of all its days; its key."""
    key = symbol(platform.database)
    run = days(platform, assets=BEFORE, timeframes=["5m", "1h"])
    assert run.success, run.failures()
    names = ["pattern_confidence", "pattern_confluence", "signals"]
    run = platform.run(
        "backfill_candles", tags=range_tags(FIRST.date(), LAST.date(), "bybit", "bybit"), assets=names
    )
    assert run.success, run.failures()
    return key


def rows(database: Database) -> pl.DataFrame:
    return database.read("SELECT * FROM score_calibration_stats").drop("created_at").sort(CALIBRATION_KEY)


def levels_stand_beside_scores(
    database: Database, wanted: dict[tuple[str, int], tuple[int, int, float, float]]
) -> None:
    """In one view the scores of an event with what their levels were worth; notes where scores are shown."""
    shown = database.rows("SELECT * FROM pattern_scores WHERE timeframe = '5m'")
    assert (
        len(shown)
        == database.rows("SELECT count(*) FROM pattern_confidence WHERE timeframe = '5m'")[0]["count"]
    )
    sided = [row for row in shown if row["direction"] != "neutral" and row["stage"] == "complete"]
    assert len(sided) > 100
    for row in sided:
        told = wanted.get((row["confidence_level"] or "none", 10))
        assert (row["confidence_right"], row["confidence_paid"]) == (told and told[2], told and told[3])
        assert row["boosted_right_low"] <= row["boosted_right"] <= row["boosted_right_high"]
        assert (row["calibration_horizon"], row["calibration_as_of"]) == (10, END)
    assert {row["confidence_right"] for row in shown if row["direction"] == "neutral"} <= {None}
    notes = {row["note"] for row in database.rows("SELECT note FROM score_notes WHERE score = 'confidence'")}
    assert len(notes) == 2
    assert all(" after 10 bars: " in note for note in notes)
    for view in ("pattern_confidence", "signals"):
        rows = database.rows(
            f"SELECT DISTINCT calibration_note AS n FROM {view} WHERE timeframe IN ('5m', '1h')"
        )
        assert {row["n"] for row in rows} <= notes


def test_cells_are_those_counted_from_scores_and_outcomes_and_a_replay_changes_nothing(
    platform: Platform,
) -> None:
    key = scored(platform)
    run = calibrate(platform, timeframes=["5m", "1h"])
    assert run.success, run.failures()
    assert written(run, "score_calibration")[0] > 0
    found = rows(platform.database)
    told = found.filter(pl.col("timeframe_id") == 5, pl.col("score") == "confidence")
    wanted = counted(platform.database, key, END, FIRST)
    assert {(row["level"], row["horizon"]) for row in told.iter_rows(named=True)} == wanted.keys()
    for row in told.iter_rows(named=True):
        evidence, clusters, share, _ = wanted[row["level"], row["horizon"]]
        assert (row["evidence"], row["clusters"]) == (evidence, clusters)
        bounds = wilson(share, clusters)
        assert (row["right_share"], row["right_low"], row["right_high"]) == (
            *(share, bounds.low, bounds.high),
        )
        assert row["paid_share"] <= row["right_share"]
        assert row["n"] >= row["evidence"]
    # walks stand beside what is common
    assert told.filter(pl.col("evidence") > 100)["walk_evidence"].min() > 100  # type: ignore[operator]
    levels_stand_beside_scores(platform.database, wanted)
    made = run.check("score_calibration", "increasing")
    counts = {name: made.metadata[name].value for name in ("rising", "not_seen_to_rise", "falling")}
    assert made.passed is (counts["not_seen_to_rise"] + counts["falling"] == 0)
    assert run.check("score_calibration", "rules").passed
    assert written(calibrate(platform, timeframes=["5m", "1h"]), "score_calibration") == (0, 0, 0)
    assert rows(platform.database).equals(found)


def test_as_of_a_day_only_what_was_known_then_counts_whatever_came_later(platform: Platform) -> None:
    key = scored(platform)
    earlier = FIRST + timedelta(days=DAYS - 2)
    assert calibrate(platform, earlier, timeframes=["5m"]).success
    before = rows(platform.database)
    assert before["ts"].unique().to_list() == [earlier + timedelta(days=1)]
    told = before.filter(pl.col("score") == "confidence", pl.col("timeframe_id") == 5)
    wanted = counted(platform.database, key, earlier + timedelta(days=1), FIRST)
    got = {(row["level"], row["horizon"]): row["evidence"] for row in told.iter_rows(named=True)}
    assert got == {cell: evidence for cell, (evidence, *_) in wanted.items()}
    # history cut short: what was seen and scored later, and its candles, are not there
    cut = {"at": earlier + timedelta(days=1)}
    for table in ("pattern_outcome_events", "pattern_confidences", "ohlcv_1m"):
        platform.database.execute(f"DELETE FROM {table} WHERE ts >= %(at)s", cut)
    assert written(calibrate(platform, earlier, timeframes=["5m"]), "score_calibration") == (0, 0, 0)
    assert rows(platform.database).equals(before)
    assert DEFAULT.outcomes.history_horizon in before["horizon"]
