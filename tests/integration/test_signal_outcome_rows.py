"""What came of stored signals: written by days, refreshed by marks, the same whichever way."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl
import pytest
from candle_frames import candles, write
from dagster_support import Platform
from derived_support import FIRST, rows
from signal_support import BYBIT, END, catch_up, scoring, with_patterns

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.derivation import DerivationResult, DerivationRunner
from alphapulse_assets.datasets.partitions import range_tags
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.signal_outcomes.dataset import SIGNAL_OUTCOMES_DATASET
from alphapulse_assets.patterns.signal_outcomes.rows import DERIVATION
from alphapulse_assets.patterns.signal_performance.stored import judge
from alphapulse_assets.patterns.signal_performance.stored import write as write_judged
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from tests.databases import fresh_database

pytest_plugins = ("dagster_fixtures",)

HOUR = timedelta(hours=1)


def follow(database: Database, now: datetime = END) -> DerivationResult:
    """The outcomes of both days, as a run at a moment has them."""
    derived = DerivationRunner(DerivedStore(database), DERIVATION, now).days(BYBIT)
    assert derived.failures == {}
    return derived


def outcomes(database: Database) -> pl.DataFrame:
    return rows(database, "signal_outcome_events").sort("timeframe_id", "ts")


@pytest.fixture(scope="module")
def market(server_dsn: str) -> Iterator[Database]:
    """A symbol with two days of signals and what came of them, for tests that change nothing."""
    with fresh_database(server_dsn) as dsn:
        database = Database(dsn)
        with_patterns(database)
        scoring(database).days(BYBIT)
        follow(database)
        yield database
        database.close()


def test_every_signal_with_a_side_has_one_row(market: Database) -> None:
    signals = market.rows("SELECT * FROM signals WHERE signal <> 'neutral'")
    shown = market.rows("SELECT * FROM signal_outcomes")
    assert len(signals) == len(shown) > 100
    assert {row["state"] for row in shown} >= {"stopped", "expired"}
    told = {(row["timeframe"], row["ts"]): row for row in signals}
    for row in shown:
        signal = told[row["timeframe"], row["ts"]]
        assert (row["stop"], row["target"], row["told_at"]) == (
            signal["stop"],
            signal["target"],
            signal["known_at"],
        )
        if row["gross_pct"] is not None:
            assert row["net_pct"] == pytest.approx(row["gross_pct"] - 100 * DEFAULT.costs.round_trip)
            sign = 1 if row["side"] == "buy" else -1
            assert row["gross_pct"] == pytest.approx(100 * sign * (row["exit"] / row["entry"] - 1))
        assert row["first_touch"] == {"stopped": "stop", "target": "target", "open": None}.get(
            row["state"], "neither"
        )


def test_the_checks_pass(market: Database) -> None:
    market.execute("DELETE FROM derived_dirty")
    scope = CheckScope(DerivedStore(market), ["2024-03-10|bybit", "2024-03-11|bybit"], lightweight=False)
    for check in SIGNAL_OUTCOMES_DATASET.checks:
        result = check.run(scope, SIGNAL_OUTCOMES_DATASET)
        assert result.passed, (check.name, result.metadata)
        assert result.metadata["rows"].value > 0, check.name


def test_days_as_they_come_give_what_one_pass_gives_and_a_replay_nothing(market: Database) -> None:
    whole = outcomes(market)
    assert follow(market).total.changed_days == set()
    market.execute("DELETE FROM signal_outcome_events")
    decided: dict[tuple[object, ...], tuple[object, ...]] = {}
    for hours in (7, 13, 24, 31, 48):
        now = FIRST + timedelta(hours=hours)
        # signals known later are there already; nobody looks at them
        day = {"bybit": [(now - timedelta(minutes=1)).date()]}
        DerivationRunner(DerivedStore(market), DERIVATION, now).days(day)
        found = outcomes(market)
        assert found["known_at"].max() <= now
        for row in found.filter(pl.col("state") != "open").iter_rows(named=True):
            key = row["timeframe_id"], row["ts"]
            assert decided.setdefault(key, tuple(row.values())) == tuple(row.values())
    assert outcomes(market).equals(whole)


def test_what_changed_is_due_and_computed_anew(database: Database) -> None:
    key = with_patterns(database)
    scoring(database).days(BYBIT)
    due = "SELECT day FROM derived_dirty WHERE dataset = 'signal_outcomes' ORDER BY day"
    runner = DerivationRunner(DerivedStore(database), DERIVATION, END + timedelta(minutes=5))
    assert runner.changed().subjects == []  # signals have yet to catch up
    catch_up(database)
    scoring(database, END + timedelta(minutes=1)).changed()
    assert [row["day"] for row in database.rows(due)] == BYBIT["bybit"]
    assert runner.changed().total.inserted > 100
    assert database.rows(due) == []
    before = outcomes(database)
    frame = candles(FIRST, 2 * 1440, seed=1)
    moved = [(pl.col(name) * 1.01).alias(name) for name in ("open", "high", "low", "close")]
    bent = (pl.col("ts") >= FIRST + 30 * HOUR) & (pl.col("ts") < FIRST + 31 * HOUR)
    write(database, key, frame.filter(bent).with_columns(moved))
    catch_up(database)
    scoring(database, END + timedelta(minutes=1)).changed()
    assert runner.changed().total.changed_days
    after = outcomes(database)
    assert not after.equals(before)
    early = pl.col("known_at") <= FIRST + 30 * HOUR
    same = (early, pl.col("state") != "open")
    assert after.filter(*same).equals(before.filter(*same))
    follow(database)
    assert outcomes(database).equals(after)


def test_performance_and_the_account_follow_from_what_is_stored(market: Database) -> None:
    store = DerivedStore(market)
    found = judge(store, END, DEFAULT, walk_bars=2_880)
    written = write_judged(store, found, END, DEFAULT)
    assert written.inserted == found.performance.height + found.equity.height > 30
    assert not write_judged(store, judge(store, END, DEFAULT, walk_bars=2_880), END, DEFAULT).changed_days
    decided = market.rows("SELECT * FROM signal_outcomes WHERE net_pct IS NOT NULL")
    rows_ = {
        (row["grouped_by"], row["value"]): row for row in market.rows("SELECT * FROM signal_performance")
    }
    for side in ("buy", "sell"):
        mine = [row for row in decided if row["side"] == side]
        told = rows_["side", side]
        assert told["n"] == len(mine)
        assert told["mean_net_pct"] == pytest.approx(sum(row["net_pct"] for row in mine) / len(mine))
        assert told["stopped_share"] == pytest.approx(
            sum(row["state"] == "stopped" for row in mine) / len(mine)
        )
    whole = rows_["all", "all"]
    assert whole["walk_n"] > 100
    assert whole["random_mean_net_low"] < whole["random_mean_net_pct"] < whole["random_mean_net_high"]
    assert whole["in_words"].startswith(whole["verdict"])
    account = 10_000.0
    for row in sorted(decided, key=lambda each: (each["closed_at"], each["timeframe"], each["told_at"])):
        account *= 1 + row["net_pct"] / 100 * (row["size"] or 0) * row["planned_entry"] / 10_000
    days = market.rows("SELECT * FROM signal_equity WHERE grouped_by = 'all' ORDER BY day")
    assert [row["day"] for row in days] == [FIRST, FIRST + timedelta(days=1)]
    assert days[-1]["trades"] == len(decided)
    assert days[-1]["equity"] == pytest.approx(account)
    assert days[-1]["random_low"] < days[-1]["random_equity"] < days[-1]["random_high"]
    closes = market.rows("SELECT close FROM ohlcv WHERE timeframe = '1d' ORDER BY ts")
    first = min(decided, key=lambda each: each["entry_at"])["entry"]
    assert days[-1]["hold_equity"] == pytest.approx(10_000 * (closes[1]["close"] / first - 0.0012))
    # nothing that was known later is in what was known then
    early = judge(store, FIRST + timedelta(days=1), DEFAULT, walk_bars=1_000).performance
    known = [row for row in decided if row["known_at"] <= FIRST + timedelta(days=1)]
    assert early.filter(pl.col("grouped_by") == "all")["n"].to_list() == [len(known)]


def test_runs_of_the_platform_write_outcomes_and_judge_them(platform: Platform) -> None:
    with_patterns(platform.database)
    platform.database.execute("DELETE FROM derived_dirty")  # of what is due nothing is computed again
    both = range_tags(*BYBIT["bybit"], "bybit", "bybit")
    assets = ("pattern_confidence", "pattern_confluence", "signals", "signal_outcomes")
    run = platform.run("backfill_indicators", tags=both, assets=assets)
    assert run.success, run.failures()
    assert platform.database.rows("SELECT DISTINCT dataset FROM derived_dirty") == [
        {"dataset": "signal_outcomes"}
    ]
    assert run.metadata("signal_outcomes")["rows_inserted"] > 100
    assert "![" in run.metadata("signal_outcomes")["picture"]
    assert "| 5m | expired |" in run.metadata("signal_outcomes")["counts"]
    changed = {"ops": {"signal_outcomes": {"config": {"mode": "changed"}}}}
    run = platform.run("refresh_indicators", tags=both, config=changed, assets=("signal_outcomes",))
    assert run.success, run.failures()
    assert platform.database.rows("SELECT * FROM derived_dirty") == []
    few = {"ops": {"signal_performance": {"config": {"walk_bars": 1_500}}}}
    run = platform.run("refresh_reactions", tags=both, config=few, assets=("signal_performance",))
    assert run.success, run.failures()
    checks = run.result.get_asset_check_evaluations()
    assert {(check.check_name, check.passed) for check in checks} == {("rules", True), ("adds_up", True)}
    shown = run.metadata("signal_performance")
    assert "![" in shown["returns"]
    assert "![" in shown["equity"]
    assert shown["no_demonstrated_edge"] > 10
