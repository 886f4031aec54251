"""Scores follow the success rates they rest on: written before or after, the rows are the same in the end."""

from datetime import datetime, timedelta
from typing import Final

import polars as pl
from coarse_support import FIRST, NOW, derive, score, walk

from alphapulse_assets.patterns.evaluation.performance_stats import write_success
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.model import DAILY_DELAY
from alphapulse_assets.patterns.scoring.context import MARKET_AGE
from alphapulse_assets.patterns.signals.scoring_runs import Scoring
from alphapulse_assets.patterns.signals.stored_form import FRAMES
from alphapulse_assets.regime.dataset import SCORED_AFTER, SCORED_FOR
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore

ENDS: Final = [FIRST + timedelta(days=day) for day in range(1, 18)]
TOLD: Final = ["1h", "4h", "1d"]
SCORED: Final = ("pattern_confidences", "pattern_confluences", "pattern_relationship_events", "signal_events")
MARKS: Final = "SELECT day FROM derived_dirty WHERE dataset = 'signals' ORDER BY 1"


def rows(database: Database) -> dict[str, list[str]]:
    """All that was scored, but for when."""
    return {
        table: sorted(
            row["told"]
            for row in database.rows(f"SELECT (to_jsonb(t) - 'created_at')::text AS told FROM {table} AS t")
        )
        for table in SCORED
    }


def stored_and_again(
    database: Database, key: int, day: tuple[datetime, datetime]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Confidences of a day as stored, and computed again."""
    store = DerivedStore(database)
    again = Scoring(store, DEFAULT, NOW).compute(store.subjects([key])[0], *day).confidences
    names = ["timeframe_id", "ts", "kind_id", "sign", "stage_id", "confidence", "history", "history_as_of"]
    stored = database.read(
        f"SELECT {', '.join(names)} FROM pattern_confidences WHERE instrument_id = $1"
        " AND ts + timeframe_id * INTERVAL '1 minute' >= $2 AND ts + timeframe_id * INTERVAL '1 minute' < $3",
        (key, *day),
    )
    by = names[:5]
    return stored.sort(by), FRAMES["pattern_confidences"](again).select(names).cast(dict(stored.schema)).sort(
        by
    )


def test_rates_written_before_or_after_give_the_same_rows(database: Database) -> None:
    key = walk(database)
    derive(database)
    score(database)
    unknown = database.read("SELECT history_as_of FROM pattern_confidences")["history_as_of"]
    assert unknown.null_count() == unknown.len() > 0
    write_success(DerivedStore(database), ENDS, TOLD)
    mark = database.rows(MARKS)[0]  # the first day that has a score with rates which were not there
    first = database.rows("SELECT min(ts) AS ts FROM pattern_success_rates")[0]["ts"]
    assert mark["day"] == (first + DAILY_DELAY).date() > FIRST.date()
    score(database)
    after = rows(database)
    assert database.rows(MARKS) == []
    for end in (ENDS[8], ENDS[-1]):
        stored, again = stored_and_again(database, key, (end - timedelta(days=1), end))
        assert stored.height > 20
        assert again.equals(stored)
        assert stored["history"].null_count() < stored.height
    for table in (*SCORED, "signal_windows"):  # as if rates had been there before anything was scored
        database.execute(f"DELETE FROM {table}")
    day = {"key": key, "day": FIRST.date()}
    database.execute(
        "INSERT INTO derived_dirty (dataset, instrument_id, day) VALUES ('signals', %(key)s, %(day)s)", day
    )
    score(database)
    assert rows(database) == after


def test_rates_make_due_what_was_scored_with_others_and_nothing_else(database: Database) -> None:
    walk(database)
    derive(database)
    store = DerivedStore(database)
    write_success(store, ENDS, TOLD)
    score(database)
    write_success(store, ENDS, TOLD)
    assert database.rows(MARKS) == []  # the same rates once more
    write_success(store, [NOW], TOLD)
    assert database.rows(MARKS) == []  # rates that no score has rested on yet
    database.execute(
        "UPDATE pattern_success_rates SET excess = excess + 0.01 WHERE ts = %(at)s AND regime = ''",
        {"at": ENDS[9]},
    )
    write_success(store, ENDS, TOLD)
    mark = database.rows(MARKS)[0]
    assert mark["day"] == (ENDS[9] + DAILY_DELAY).date()
    before = rows(database)
    score(database)
    assert rows(database) == before


def test_the_regime_of_the_market_is_known_to_scores_when_marks_say_so() -> None:
    assert (SCORED_AFTER, SCORED_FOR) == (DAILY_DELAY, MARKET_AGE)
