"""Calibration counted a second way, one event after another; and what the example query must answer."""

from collections.abc import Callable
from datetime import datetime
from statistics import fmean
from typing import Any, Final

from derived_support import FIRST
from query_support import Row, near
from signal_support import BYBIT, END, scoring, with_patterns

from alphapulse_assets.core.statistics import wilson
from alphapulse_assets.datasets.derivation import DerivationRunner
from alphapulse_assets.patterns.calibration.stored import write_calibration
from alphapulse_assets.patterns.evaluation.dataset import OUTCOME_DERIVATION
from alphapulse_assets.patterns.evaluation.stored_outcomes import read_outcomes
from alphapulse_assets.patterns.events.configuration import DEFAULT, LEVELS
from alphapulse_assets.patterns.events.evidence import shape_of
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore

NOW: Final = END
_COSTS: Final = DEFAULT.costs.round_trip * 100
Cell = tuple[str, int]
Key = tuple[datetime, str, str]
Counted = dict[Cell, tuple[int, int, float, float]]


def counted(database: Database, key: int, as_of: datetime, first: datetime) -> Counted:
    """By level of confidence and horizon, of 5m: evidence, clusters, share right, share right after costs."""
    stored = database.rows(
        "SELECT ts, family, pattern, direction, confidence, level FROM pattern_confidence"
        " WHERE timeframe = '5m' AND stage = 'complete' AND direction <> 'neutral'"
    )
    surest: dict[Key, tuple[bool, float, str]] = {}
    for row in stored:
        place = row["ts"], row["direction"], shape_of(row["family"], row["pattern"])
        rank = row["level"] is not None, row["confidence"], row["level"] or "none"
        surest[place] = max(surest.get(place, rank), rank)
    came = read_outcomes(DerivedStore(database), [key], "5m", first, as_of)
    cells: dict[Cell, dict[Key, tuple[int, float]]] = {}
    for row in came.drop_nulls("directed_pct").iter_rows(named=True):
        place = row["ts"], row["direction"], shape_of(row["family"], row["pattern"])
        stretch = int(row["confirmed_at"].timestamp()) // (300 * row["horizon"])
        cells.setdefault((surest[place][2], row["horizon"]), {})[place] = (stretch, row["directed_pct"])
    return {
        cell: (
            *(len(seen), len({stretch for stretch, _ in seen.values()})),
            *(fmean(moved > least for _, moved in seen.values()) for least in (0.0, _COSTS)),
        )
        for cell, seen in cells.items()
    }


def calibration_market(database: Database) -> Counted:
    """Two days of a symbol with scores, outcomes and calibration of 5m: its cells after ten bars."""
    key = with_patterns(database)
    scoring(database).days(BYBIT)
    store = DerivedStore(database)
    assert DerivationRunner(store, OUTCOME_DERIVATION, END, timeframes=["5m"]).days(BYBIT).failures == {}
    write_calibration(store, store.tracked(["bybit"]), END, ["5m"])
    cells = counted(database, key, END, FIRST)
    return {cell: told for cell, told in cells.items() if cell[1] == DEFAULT.outcomes.history_horizon}


def does_confidence_rank(rows: list[Row], market: Counted) -> None:
    levels = [level for level in LEVELS if (level, 10) in market]
    assert [row["level"] for row in rows] == levels
    for row in rows:
        evidence, clusters, share, paid = market[row["level"], 10]
        assert (row["evidence"], row["clusters"]) == (evidence, clusters)
        assert (row["right_share"], row["paid_share"]) == (near(share), near(paid))
        bounds = wilson(share, clusters)
        assert (row["right_low"], row["right_high"]) == (near(bounds.low), near(bounds.high))
        assert row["than_the_lowest"] == near(share - market[levels[0], 10][2])
    assert {row["increasing"] for row in rows} <= {None, True, False}


CALIBRATION_CHECKS: Final[dict[str, Callable[[list[Row], Any], None]]] = {
    "81_does_confidence_rank": does_confidence_rank,
}
