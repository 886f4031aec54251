"""Confidence, confluence and signals as assets: real runs on a real database."""

from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
import pytest
from candle_frames import candles, write
from candle_frames import changed as with_change
from dagster_support import Platform, Run
from derived_support import FIRST, at, rows, written
from signal_support import (
    BYBIT,
    DAYS,
    END,
    TABLES,
    catch_up,
    counts,
    ordered,
    scoring,
    told,
    with_patterns,
)

from alphapulse_assets.datasets.partitions import range_tags
from alphapulse_assets.patterns.evaluation.success import LOGIC_VERSION as SUCCESS_VERSION
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.model import DAILY_DELAY
from alphapulse_assets.patterns.signals.plots import signal_picture
from alphapulse_assets.patterns.signals.scoring import Scores
from alphapulse_assets.patterns.signals.scoring_runs import OUTPUTS
from alphapulse_assets.patterns.signals.stored_form import FRAMES
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import Subject

pytest_plugins = ("dagster_fixtures",)

ASSETS: Final = tuple(OUTPUTS)
NONE: Final = dict.fromkeys(ASSETS, (0, 0, 0))
WEEKS: Final = [FIRST.date(), END.date() + timedelta(weeks=5)]
"""From the first bar to weeks after the last."""
OTHER: Final = DEFAULT.version + 1
"""A configuration that was not used yet."""
LAST: Final = END - timedelta(days=1)


def score(platform: Platform, **config: Any) -> Run:
    """The partition of the last day."""
    return platform.run(
        "backfill_indicators",
        tags=range_tags(LAST.date(), LAST.date(), "bybit", "bybit"),
        config={"ops": {"signals": {"config": config}}},
        assets=ASSETS,
    )


def test_runs_write_what_one_pass_writes_and_a_replay_nothing(platform: Platform) -> None:
    with_patterns(platform.database)
    platform.database.execute("DELETE FROM derived_dirty")  # of what is due nothing is computed again
    run = score(platform)  # the last day first: no row depends on what is stored of others
    assert run.success, run.failures()
    assert run.materialized() == set(ASSETS)
    checks = run.result.get_asset_check_evaluations()
    assert [(check.asset_key, check.check_name) for check in checks if not check.passed] == []
    assert {(check.asset_key.to_user_string(), check.check_name) for check in checks} == {
        *((asset, "rules") for asset in ASSETS),
        ("pattern_confidence", "complete"),
        ("signals", "no_look_ahead"),
    }
    assert run.check("signals", "no_look_ahead").metadata["rows"].value == len(TABLES)
    late = told(platform.database)
    assert all(frame.height > 50 and frame["known_at"].min() >= LAST for frame in late.values())
    assert "![" in run.metadata("signals")["picture"]
    counted = run.metadata("signals")["counts"].records
    assert sum(record.data["n"] for record in counted) == late["signal_events"].height
    found = scoring(platform.database).days(BYBIT)
    for asset, derived in found.outputs.items():
        assert (derived.total.changed, derived.total.removed) == (0, 0), asset
        assert derived.total.inserted > 0
    for table, frame in told(platform.database).items():
        assert frame.filter(pl.col("known_at") >= LAST).equals(late[table]), table
    run = score(platform)
    assert {asset: written(run, asset) for asset in ASSETS} == NONE


def test_an_equity_under_a_version_that_was_used_with_another_is_refused(platform: Platform) -> None:
    with_patterns(platform.database)
    assert score(platform).success
    before = told(platform.database)
    platform.set("PATTERNS__EQUITY", "50000")
    run = score(platform)
    assert not run.success
    assert "sizing.equity 10000.0 there, 50000.0 here" in run.failures()
    assert "ALPHAPULSE_PATTERNS__CONFIGURATION" in run.failures()
    platform.set("PATTERNS__CONFIGURATION", str(OTHER))
    run = score(platform)
    assert run.success, run.failures()
    for table, frame in told(platform.database).items():
        kept = frame.filter(pl.col("configuration_version") == DEFAULT.version)
        assert kept.equals(before[table]), table
        assert frame.height == 2 * kept.height, table
    both = rows(platform.database, "signal_events")
    old, new = (
        ordered(both.filter(pl.col("configuration_version") == version))
        for version in (DEFAULT.version, OTHER)
    )
    assert new["size"].drop_nulls().to_list() == pytest.approx((old["size"] * 5).drop_nulls().to_list())
    shown = platform.database.rows("SELECT DISTINCT configuration_version AS v, equity FROM signals")
    assert shown == [{"v": OTHER, "equity": 50_000.0}]


def test_later_rows_change_no_earlier_one(database: Database) -> None:
    with_patterns(database)
    scoring(database).days(BYBIT)
    stored = told(database)
    inputs = (
        *("ohlcv_1m", "indicator_values", "market_regimes", "market_regimes_overall"),
        *("candlestick_pattern_events", "chart_pattern_events", "volume_pattern_events"),
    )
    for moment in (at(11, 21, 7), at(11, 12), at(11), at(10, 17, 31)):
        for table in inputs:
            length = "1" if table == "ohlcv_1m" else "timeframe_id"
            database.execute(
                f"DELETE FROM {table} WHERE ts + {length} * INTERVAL '1 minute' > %(moment)s",
                {"moment": moment},
            )
        then = scoring(database, moment)
        (subject,) = then.store.tracked(["bybit"])
        start = moment - timedelta(hours=5)
        for table, frame in zip(TABLES, then.compute(subject, start, moment), strict=True):
            known = stored[table].filter(pl.col("known_at").is_between(start, moment, closed="left"))
            names = [name for name in known.columns if name not in ("reasons", "known_at")]
            again = ordered(FRAMES[table](frame)).select(names).cast(known.select(names).schema)
            assert known.height > 0, table
            assert again.equals(known.select(names)), table


def test_a_correction_waits_for_patterns_and_changes_nothing_before_it(database: Database) -> None:
    key = with_patterns(database)
    catch_up(database)
    assert counts(scoring(database).changed())["signals"][0] > 0
    marks = "SELECT * FROM derived_dirty WHERE dataset = 'signals'"
    assert database.rows(marks) == []
    before = told(database)
    minute = at(11, 12, 30)
    frame = candles(FIRST, DAYS * 1440)
    write(database, key, with_change(frame, minute, high=150.0, close=140.0, volume=9_999.0))
    database.refresh_timeframes()
    assert counts(scoring(database).changed()) == NONE  # the patterns have not caught up
    assert [row["day"] for row in database.rows(marks)] == [minute.date()]
    catch_up(database)
    assert sum(counts(scoring(database).changed())["signals"]) > 0
    assert database.rows(marks) == []
    for table, frame in told(database).items():
        early = pl.col("known_at") <= minute
        assert frame.filter(early).equals(before[table].filter(early)), table
        assert not frame.equals(before[table]), table
    assert counts(scoring(database).days(BYBIT)) == NONE  # whole days find nothing that was left out


def test_what_changed_long_ago_is_scored_to_its_last_bar(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_patterns(database)
    database.execute("DELETE FROM derived_dirty WHERE dataset <> 'signals'")  # what is read has caught up
    year = scoring(database, END + timedelta(days=365))
    ends: list[datetime] = []
    compute = year.compute

    def noted(subject: Subject, start: datetime, end: datetime) -> Scores:
        ends.append(end)
        return compute(subject, start, end)

    monkeypatch.setattr(year, "compute", noted)
    assert counts(year.changed())["signals"][0] > 0
    week = database.rows("SELECT max(ts) AS ts FROM ohlcv_1w")[0]["ts"]
    assert week + timedelta(weeks=1) < max(ends) < week + timedelta(weeks=1, seconds=1)
    to_the_last_bar = told(database)
    assert counts(scoring(database, END + timedelta(days=365)).days({"bybit": WEEKS})) == NONE
    for table, frame in told(database).items():
        assert frame.equals(to_the_last_bar[table]), table


def test_history_is_what_was_known_by_then(database: Database) -> None:
    with_patterns(database)
    tables = {"early": at(10, 12), "late": at(11)}
    for name, excess in (("early", 0.1), ("late", -0.2)):
        database.execute(
            "INSERT INTO pattern_success_rates (ts, timeframe_id, family, pattern, direction, regime,"
            " horizon, logic_version, configuration_version, n, clusters, rate, low, high, base_rate,"
            " shrunk_rate, excess) SELECT %(ts)s, 1, 'candlestick', 'engulfing', direction, '', 10,"
            " %(logic)s, %(version)s, 50, 40, 0.5, 0.4, 0.6, 0.5, 0.5 + %(excess)s, %(excess)s"
            " FROM unnest(ARRAY['bullish', 'bearish']) AS direction",
            {"ts": tables[name], "excess": excess, "version": DEFAULT.version, "logic": SUCCESS_VERSION},
        )
    scoring(database).days(BYBIT)
    told_of = database.read("SELECT * FROM pattern_confidence").filter(
        pl.col("pattern") == "engulfing", pl.col("timeframe_id") == 1
    )
    for start, end, as_of, history in (
        (FIRST, tables["early"] + DAILY_DELAY, None, None),
        (tables["early"] + DAILY_DELAY, tables["late"] + DAILY_DELAY, tables["early"], 0.75),
        (tables["late"] + DAILY_DELAY, END, tables["late"], 0.0),
    ):
        found = told_of.filter(pl.col("known_at").is_between(start, end, closed="left"))
        assert found.height > 10
        assert found["history_as_of"].unique().to_list() == [as_of]
        assert found["history"].unique().to_list() == pytest.approx([history])
        assert found["history_coverage"].unique().to_list() == [0.0 if as_of is None else 1.0]


def test_the_picture_is_of_a_timeframe_that_has_signals_to_draw(database: Database) -> None:
    with_patterns(database)
    derived = scoring(database).days(BYBIT).outputs["signals"]
    assert {"1h", "15m", "1m"} <= derived.windows.keys()
    database.execute("UPDATE signal_events SET stop = NULL WHERE timeframe_id > 1")
    assert database.rows("SELECT FROM signal_events WHERE stop IS NOT NULL")
    picture = signal_picture(database, derived, DEFAULT.version)
    assert picture is not None
    assert str(picture.value).startswith("![bybit BTC/USDT 1m signals]")
    database.execute("DELETE FROM signal_events")
    price = signal_picture(database, derived, DEFAULT.version)
    assert price is not None
    assert str(price.value).startswith("![bybit BTC/USDT 1h signals]")
