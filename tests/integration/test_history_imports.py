"""Files of hours and days, from the command to signals and verdicts: tracked or not, of any venue name."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from candle_frames import candles, register
from coarse_support import FIRST, HOUR, NOW, bars_of, derive, hours, score, walk, write_native
from test_history_rescored import stored_and_again

from alphapulse_assets.candles.import_report import computed_on, what_follows
from alphapulse_assets.candles.importing import CandleImport
from alphapulse_assets.patterns.evaluation.performance_stats import (
    subjects_judged,
    write_performance,
    write_success,
)
from alphapulse_resources.candle_files.reading import read_candles
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore

ROWS: Final = (
    *("indicator_values", "market_regimes", "candlestick_pattern_events", "volume_pattern_events"),
    *("pattern_outcome_events", "pattern_confidences", "signal_events"),
)


def counted(database: Database, table: str) -> dict[int, int]:
    """Rows by timeframe."""
    query = f"SELECT timeframe_id, count(*) AS n FROM {table} GROUP BY 1"
    return {row["timeframe_id"]: row["n"] for row in database.rows(query)}


def test_hours_give_everything_on_1h_and_the_longer_bars_they_add_up_to(database: Database) -> None:
    walk(database)
    assert database.rows("SELECT count(*) AS n FROM derived_dirty WHERE dataset = 'indicators'")[0]["n"] == 17
    derive(database)
    score(database)
    assert counted(database, "indicator_values") == {60: 400, 240: 100, 1440: 16, 10080: 2}
    assert counted(database, "market_regimes") == counted(database, "indicator_values")
    for table in ROWS:
        assert {60, 240} <= set(counted(database, table)) <= {60, 240, 1440, 10080}, table
    windows = database.rows("SELECT upper(windows) AS until FROM signal_windows WHERE dataset = 'signals'")
    assert windows[0]["until"] == FIRST + 400 * HOUR + timedelta(microseconds=1)  # its clock: the last hour
    assert (
        database.rows(
            "SELECT * FROM derived_dirty WHERE dataset NOT IN"
            " ('volume_profiles', 'pattern_performance', 'signal_outcomes', 'event_probabilities')"
        )
        == []
    )


def test_longer_bars_are_whole_ones_and_follow_every_change(database: Database) -> None:
    (key,) = register(database, ["HOLE/USD"], "any")
    frame = hours(14 * 24)
    write_native(database, key, frame.filter((frame["ts"] - FIRST) != 30 * HOUR))
    built = "SELECT timeframe_id, count(*) AS n FROM ohlcv_built GROUP BY 1 ORDER BY 1"

    def by_timeframe() -> dict[int, int]:
        return {row["timeframe_id"]: row["n"] for row in database.rows(built)}

    assert by_timeframe() == {240: 83, 1440: 13, 10080: 1}  # without what the missing hour is in
    write_native(database, key, frame)
    assert by_timeframe() == {240: 84, 1440: 14, 10080: 2}
    day = bars_of(candles(FIRST, 1440), "1d")
    write_native(database, key, day, "1d")  # one of its own length takes the place of what was built
    assert by_timeframe() == {240: 84, 1440: 13, 10080: 2}
    (week,) = database.rows("SELECT open FROM ohlcv_built WHERE timeframe_id = 10080 ORDER BY ts LIMIT 1")
    assert week["open"] == day["open"][0]
    assert database.rows("SELECT bool_and(native) AS native, count(*) AS n FROM ohlcv")[0] == {
        "native": True,
        "n": 14 * 24 + 84 + 14 + 2,
    }


def test_what_follows_from_a_file_is_told_in_words() -> None:
    assert computed_on("4h") == ("4h", "1d", "1w")
    assert what_follows("1h").startswith("indicators, regimes, patterns and signals follow on 1h, 4h, 1d, 1w")
    assert computed_on("30m") == ()
    assert "nothing is computed of them" in what_follows("30m")


def test_performance_and_rates_are_of_imports_too_and_a_copy_counts_once(database: Database) -> None:
    first = walk(database, "WALK/USD", venue="ftx")
    derive(database)
    store = DerivedStore(database)
    ends = [FIRST + timedelta(days=day) for day in (10, 17)]
    write_success(store, ends, ["1h"])
    query = "SELECT ts, pattern, direction, regime, n, rate FROM pattern_success_rates ORDER BY 1, 2, 3, 4"
    alone = database.rows(query)
    assert alone
    assert walk(database, "WALK/USD", venue="copy_of_ftx") != first
    derive(database)
    write_success(store, ends, ["1h"])
    assert database.rows(query) == alone
    judged = subjects_judged(store)
    assert [subject.venue for subject in judged["1h"]] == ["ftx"]
    found, _ = write_performance(store, judged, ends[-1], ["1h"], 50)
    assert found.height > 0
    assert database.rows("SELECT DISTINCT timeframe FROM pattern_performance") == [{"timeframe": "1h"}]


def _import(database: Database, path: Path, venue: str, symbol: str) -> None:
    job = CandleImport(CandleStore(database), venue, symbol, "1h", NOW)
    job.finish([job.file(read_candles(path, timeframe="1h"))])


def test_the_cases_of_the_audit_hold(database: Database, shared_data: Path) -> None:
    case = shared_data.parent / "cases" / "analytics" / "walk_1h.csv"
    if not case.is_file():
        pytest.skip(f"the case is not here: {case}")
    _import(database, case, "binance", "WALK/USDT")
    derive(database)
    score(database)
    for table in ROWS:
        assert counted(database, table), table
    store, key = DerivedStore(database), database.rows("SELECT instrument_id FROM instruments")[0]
    write_success(store, [FIRST + timedelta(days=day) for day in range(1, 18)], ["1h", "4h", "1d"])
    assert database.rows("SELECT * FROM derived_dirty WHERE dataset = 'signals'")
    score(database)
    stored, again = stored_and_again(
        database, key["instrument_id"], (FIRST + timedelta(days=9), FIRST + timedelta(days=16))
    )
    assert stored.height > 192
    assert again.equals(stored)
