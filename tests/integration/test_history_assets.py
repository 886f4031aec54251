"""Coarse history and late success rates as Dagster runs them: asked for by themselves, seen in the UI."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from automation_support import config_of, keys, keys_of, requests_of
from coarse_support import FIRST, derive, score, walk
from dagster_support import Platform

from alphapulse_assets.datasets.partitions import range_tags, today
from alphapulse_assets.orchestration import automation
from alphapulse_assets.patterns.evaluation.assets import settled_marks
from alphapulse_resources.database.derived_store import DerivedStore

pytest_plugins = ("dagster_fixtures",)

DAY: Final = timedelta(days=1)


def test_a_tracked_symbol_is_given_its_past_of_hours_and_days_once(platform: Platform) -> None:
    platform.set("HISTORY__COARSE_1H_DAYS", "40")
    platform.set("HISTORY__COARSE_1D_DAYS", "45")
    platform.track("bybit", "BTC/USDT")
    (request,) = requests_of(platform, automation.coarse_history)
    assert config_of(request, "coarse_candles") == {"symbols": ["BTC/USDT"]}
    begins = platform.instrument("bybit", "BTC/USDT")["history_start"]
    monday = (begins - timedelta(days=begins.weekday()) + 7 * DAY).date()
    assert set(keys_of(request)) == keys(today() - 45 * DAY, monday, "bybit")
    run = platform.run(
        "backfill_coarse_candles", tags=request.tags, config=request.run_config, assets=["coarse_candles"]
    )
    assert run.success, run.failures()
    assert requests_of(platform, automation.coarse_history) == []
    stored = platform.database.rows(
        "SELECT timeframe, count(*) AS n, min(ts) AS first FROM ohlcv WHERE native GROUP BY 1 ORDER BY 1"
    )
    first = datetime.combine(today() - 45 * DAY, datetime.min.time(), UTC)
    told = {row["timeframe"]: (row["n"], row["first"]) for row in stored}
    assert told["1d"] == ((monday - first.date()).days, first)
    assert set(told) == {"1h", "4h", "1d", "1w"}
    assert run.metadata("coarse_candles")["rows_inserted"] == told["1d"][0] + told["1h"][0]


def test_the_daily_run_tells_rates_of_all_days_whose_outcomes_are_new_and_scores_follow(
    platform: Platform,
) -> None:
    database = platform.database
    walk(database, "WALK/USD", venue="ftx")
    derive(database, now=datetime.now(UTC))
    score(database, now=datetime.now(UTC))
    day = today() - DAY
    run = platform.run(
        "refresh_reactions",
        tags=range_tags(day, day, "bybit", "bybit"),
        config={
            "ops": {
                "pattern_performance": {"config": {"mode": "changed", "bars": 50, "timeframes": ["1h"]}},
            }
        },
        assets=["pattern_performance"],
    )
    assert run.success, run.failures()
    assert run.metadata("pattern_performance")["rates_since"] == FIRST.date().isoformat()
    ends = database.rows("SELECT DISTINCT ts FROM pattern_success_rates ORDER BY 1")
    last = FIRST + 17 * DAY  # the file ends in that day: nothing is new later, but yesterday is told of
    assert [row["ts"] for row in ends] == [
        *(ends[0]["ts"] + n * DAY for n in range((last - ends[0]["ts"]).days + 1)),
        datetime.combine(today(), datetime.min.time(), UTC),
    ]
    assert settled_marks(DerivedStore(database)) == []
    assert database.rows("SELECT day FROM derived_dirty WHERE dataset = 'signals'")
    score(database, now=datetime.now(UTC))
    rows = database.rows(
        "SELECT count(*) FILTER (WHERE history_as_of IS NULL) AS without, count(*) AS n"
        " FROM pattern_confidence WHERE known_at >= %(since)s",
        {"since": ends[0]["ts"] + timedelta(hours=6)},
    )
    assert rows[0]["without"] == 0 < rows[0]["n"]


@pytest.mark.parametrize("name", ["coarse_history"])
def test_nothing_is_asked_for_without_a_symbol(platform: Platform, name: str) -> None:
    assert requests_of(platform, getattr(automation, name)) == []
