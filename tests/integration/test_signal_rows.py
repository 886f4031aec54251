"""Stored rows of confidence and signals: what they say of themselves, which rules hold, the views."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import polars as pl
import psycopg
import pytest
from derived_support import FIRST
from psycopg.rows import dict_row
from signal_support import BYBIT, END, scoring, with_patterns

from alphapulse_assets.patterns.events.configuration import ASPECTS, DEFAULT, FACTORS, LEVELS
from alphapulse_assets.patterns.signals.checks import TO_CHECK
from alphapulse_assets.patterns.signals.dataset import DATASETS
from alphapulse_assets.patterns.signals.scoring_runs import OUTPUTS
from alphapulse_assets.patterns.signals.tables import SIGNAL_EVENTS
from alphapulse_resources.database.client import Database, statement
from tests.databases import fresh_database

LEVELS_OF_A_BOOK: Final = ("ofi_levels", "bid_prices", "bid_sizes", "ask_prices", "ask_sizes")


@pytest.fixture(scope="module")
def market(server_dsn: str) -> Iterator[Database]:
    """A symbol with two days of signals, for tests that change nothing."""
    with fresh_database(server_dsn) as dsn:
        database = Database(dsn)
        with_patterns(database)
        scoring(database).days(BYBIT)
        yield database
        database.close()


def test_every_score_is_the_weighted_sum_of_its_stored_factors(market: Database) -> None:
    found = market.read("SELECT * FROM pattern_confidence")
    seen = set()
    for row in found.iter_rows(named=True):
        for names, prefix, score, coverage in (
            (FACTORS, "", "confidence", "coverage"),
            (ASPECTS, "aspect_", "reliability", "reliability_coverage"),
        ):
            parts = [
                (row[f"{prefix}{name}_weight"] * row[f"{prefix}{name}_coverage"], row[f"{prefix}{name}"])
                for name in names
            ]
            known = sum(weight for weight, _ in parts)
            told_score = sum(weight * value for weight, value in parts if value is not None)
            assert row[coverage] == pytest.approx(known / 100)
            # the factors have seven digits
            assert row[score] == (pytest.approx(100 * told_score / known, abs=1e-4) if known else None)
        level, least = row["level"], DEFAULT.confidence.least_coverage
        if row["coverage"] < least:
            assert level is None
        else:
            reached = sum(row["confidence"] >= bound for bound in DEFAULT.confidence.levels)
            assert level == LEVELS[reached]
        seen.add(level)
    assert seen == {None, *LEVELS}
    assert found["reference"].null_count() == 0


def test_reasons_name_patterns_that_are_stored_and_sure_enough(market: Database) -> None:
    names = ("timeframe", "family", "pattern", "direction")
    sure = {
        (*(row[name] for name in names), row["known_at"]): row
        for row in market.rows("SELECT * FROM pattern_confidence WHERE stage = 'complete'")
    }
    signals = market.rows("SELECT * FROM signals")
    reasons = 0
    for signal in signals:
        for reason in signal["reasons"]["counted"] + signal["reasons"]["overridden"]:
            known_at = datetime.fromisoformat(reason["known_at"])
            event = sure[(*(reason[name] for name in names), known_at)]
            assert event["confidence"] == reason["confidence"] >= DEFAULT.signals.least_confidence
            assert event["known_at"] <= signal["known_at"]
            reasons += 1
        votes = [
            reason["weight"] * (1 if reason["direction"] == "bullish" else -1)
            for reason in signal["reasons"]["counted"]
        ]
        net = sum(votes) / sum(map(abs, votes)) if votes else 0.0
        assert signal["net"] == pytest.approx(net)
    assert reasons > len(signals) > 100


BROKEN: Final = [
    ("pattern_confidence", "confidence = confidence + 1", "confidence_error_too_high"),
    ("pattern_confidence", "volume = 1.5", "volume_too_high"),
    ("pattern_confidence", "level_id = 4", "wrong_level_too_high"),
    ("pattern_confidence", "trend = NULL", "parts_without_factor_too_high"),
    ("pattern_confidence", "strength = 101", "strength_too_high"),
    ("pattern_confidence", "history_as_of = ts + INTERVAL '7 days'", "history_from_the_future_too_high"),
    ("pattern_confluence", "run = run + 1", "relationships_missing_too_high"),
    ("pattern_confluence", "confirming = 0, run = 2", "run_longer_than_confirmed_too_high"),
    (
        "pattern_confluence",
        "overridden_by_id = 1440, convergence = 0.5",
        "overridden_yet_converging_too_high",
    ),
    ("pattern_confluence", "grade_id = 4", "grade_id_too_high"),
    ("signals", "stop = entry + (entry - stop)", "stop_on_the_wrong_side_too_high"),
    ("signals", "risk = risk * 2", "risk_error_too_high"),
    ("signals", "stop = entry - 0.5 * atr", "stop_too_near_too_high"),
    ("signals", "stop = entry - 4.5 * atr", "stop_too_far_too_high"),
    ("signals", "target = entry + 4 * atr", "out_of_reach_too_high"),
    ("signals", "target = target - 0.003", "off_the_tick_too_high"),
    ("signals", "reward_risk = reward_risk + 1", "reward_error_too_high"),
    ("signals", "risk_atr = risk_atr + 1", "risk_atr_error_too_high"),
    ("signals", "evidence = 1", "stronger_than_it_may_be_too_high"),
    ("signals", "against = '4h'", "stronger_than_it_may_be_too_high"),
    ("signals", "signal = 'weak_buy'", "weak_yet_sized_too_high"),
    ("signals", "risk_limited_by = NULL", "less_risk_without_reason_too_high"),
    ("signals", "risk_limited_by = 'mood'", "risk_limited_by_unknown"),
    ("signals", "size = size * 1000, risk = risk * 1000", "share_of_risk_too_high"),
    ("signals", "notional = notional * 20", "share_of_cap_too_high"),
    ("signals", "signal = 'neutral'", "neutral_with_a_plan_too_high"),
    ("signals", "expires_at = known_at - INTERVAL '1 s'", "known_at_above_expires_at"),
    ("signals", "overridden_by = '1w'", "overridden_yet_signalling_too_high"),
    ("signals", "score = -score", "score_error_too_high"),
    ("signals", 'reasons = \'{"counted": [], "overridden": []}\'', "without_reasons_too_high"),
]


@pytest.mark.parametrize(
    ("asset", "change", "rule"), BROKEN, ids=[f"{rule} {change[:9]}" for _, change, rule in BROKEN]
)
def test_an_impossible_row_breaks_its_rule(market: Database, asset: str, change: str, rule: str) -> None:
    (version, frames), query = OUTPUTS[asset], TO_CHECK[asset]
    rules = next(dataset.rules for dataset in DATASETS if dataset.name == asset)
    assert rules is not None
    table = next(iter(frames.values())).name
    chosen = {
        "pattern_confidence": "level_id = 1 AND trend_parts > 0",
        "pattern_confluence": "run = 1",
        "signals": "score > 60 AND size > 0",
    }
    with market.connect() as connection:
        connection.execute(
            f"UPDATE {table} SET {change} WHERE {chosen[asset]}"
            f" AND ts = (SELECT max(ts) FROM {table} WHERE {chosen[asset]})"
        )
        cursor = psycopg.RawCursor(connection, row_factory=dict_row)
        window = FIRST, END + timedelta(hours=1)
        cursor.execute(statement(query), (["bybit"], *window, version, DEFAULT.version, 1_000_000))
        frame = pl.DataFrame(cursor.fetchall(), infer_schema_length=None)
        connection.rollback()
    faults = frame.select(fault.fill_null(True).sum().alias(name) for name, fault in rules.guard().items())
    assert rule in [name for name, count in faults.row(0, named=True).items() if count]


def test_a_signal_shows_while_it_lives(market: Database) -> None:
    shown = "SELECT timeframe, signal, state, entered FROM signals_now ORDER BY ts"
    assert market.rows(shown) == []
    with market.connect() as connection:
        columns = [name for name in SIGNAL_EVENTS.columns if name not in ("ts", "known_at", "expires_at")]
        again = f"""
            INSERT INTO signal_events (ts, known_at, expires_at, {", ".join(columns)})
            SELECT now() - %(age)s::interval, now() - %(age)s::interval + INTERVAL '5 minutes',
                CASE WHEN expires_at IS NOT NULL THEN now() - %(age)s::interval + INTERVAL '30 minutes' END,
                {", ".join(columns)}
            FROM signal_events WHERE timeframe_id = 5 AND signal = %(signal)s ORDER BY ts LIMIT 1
        """
        become = """
            INSERT INTO signal_outcome_events (instrument_id, timeframe_id, ts, logic_version, known_at,
                signal, side, trigger, told_at, planned_entry, expires_at, entry, state, signal_version,
                configuration_version)
            SELECT instrument_id, timeframe_id, ts, %(version)s, now(), signal, 'buy', trigger, known_at,
                entry, expires_at, 7.5, %(state)s, logic_version, configuration_version
            FROM signal_events WHERE ts = (SELECT max(ts) FROM signal_events WHERE signal = 'buy')
        """
        connection.execute(again, {"age": "40 minutes", "signal": "sell"})  # over for ten minutes
        assert connection.execute(shown).fetchall() == []
        connection.execute(again, {"age": "20 minutes", "signal": "buy"})
        assert connection.execute(shown).fetchall() == [("5m", "buy", "open", None)]
        connection.execute(again, {"age": "10 minutes", "signal": "neutral"})
        connection.execute(become, {"version": 1, "state": "open"})
        assert connection.execute(shown).fetchall() == [("5m", "buy", "open", 7.5)]
        connection.execute(become, {"version": 2, "state": "stopped"})
        assert connection.execute(shown).fetchall() == []
        connection.rollback()


def test_the_book_beside_a_signal_is_the_newest_that_was_known(market: Database) -> None:
    (signal,) = market.rows("SELECT * FROM signals WHERE signal = 'buy' ORDER BY known_at LIMIT 1")
    shown = "SELECT mid, imbalance, book_agrees FROM signals_with_order_book WHERE ts = %s AND timeframe = %s"
    key = [signal["ts"], signal["timeframe"]]
    with market.connect() as connection:
        assert connection.execute(shown, key).fetchall() == [(None, None, None)]
        # seconds before the close by the venue's clock, seconds later that it reached us, mid
        for before, later, mid in ((61, 0, 1.0), (30, 1, 2.0), (20, 25, 3.0), (-1, 0, 4.0)):
            ts = signal["known_at"] - timedelta(seconds=before)
            received = ts + timedelta(seconds=later)
            row = {
                **{"instrument_id": signal["instrument_id"], "ts": ts, "update_id": 1, "flow_start": ts},
                **{
                    "received_at": received,
                    "best_bid": mid,
                    "bid_size": 3.0,
                    "best_ask": mid,
                    "ask_size": 1.0,
                },
                **{"mid": mid, "spread_bps": 1.0, "weighted_mid": mid + 0.1, "imbalance": 0.5, "ofi": 0.0},
                **{"flow_messages": 1, "flow_complete": True, "logic_version": 1},
                **{name: [1.0] for name in LEVELS_OF_A_BOOK},
            }
            names = ", ".join(row)
            values = ", ".join(f"%({name})s" for name in row)
            connection.execute(f"INSERT INTO order_book_snapshots ({names}) VALUES ({values})", row)
        assert connection.execute(shown, key).fetchall() == [(2.0, 0.5, True)]
        connection.rollback()
