"""Fetching candles from the simulated venues into a real database."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from candle_frames import DAY, MINUTE, count, stored
from ingest_support import (
    MakeIngest,
    at,
    gaps,
    ledger,
    minutes_in,
    requests_for_candles,
    track,
)
from venue_support import BYBIT, COINBASE, NOW, SPOT, USDM, assert_is_truth, truth

from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.venues.model import ErrorKind
from alphapulse_resources.venues.rows import MISALIGNED, OUTSIDE
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures", "ingest_fixtures")

ROOT = Path(__file__).resolve().parents[2]
DAYS = [at(17).date(), at(18).date()]
BYBIT_ETH = replace(BYBIT, symbol="ETH/USDT", venue_symbol="ETHUSDT")
BYBIT_SOL = replace(BYBIT, symbol="SOL/USDT", venue_symbol="SOLUSDT")


def test_days_of_every_venue_end_complete_and_true(database: Database, make_ingest: MakeIngest) -> None:
    instruments = [track(database, instrument) for instrument in (SPOT, USDM, BYBIT, COINBASE)]
    outcomes = make_ingest().days(instruments, DAYS)
    for instrument, outcome in zip(instruments, outcomes, strict=True):
        archived = instrument.venue.startswith("binance")
        expected = truth(instrument, at(17), at(19), archived=archived)
        assert outcome.error is None
        assert outcome.written.inserted == expected.height
        assert_is_truth(stored(database, instrument.instrument_id), expected)
        days = ledger(database, instrument)
        assert [(row["day"], row["status"], row["fetched_until"]) for row in days] == [
            (DAYS[0], "complete", at(18)),
            (DAYS[1], "complete", at(19)),
        ]
        assert sum(row["rows"] for row in days) == expected.height
        absent = gaps(database, instrument)
        assert {row["state"] for row in absent} <= {"detected"}
        assert len(minutes_in(absent)) == 2 * 1440 - expected.height
        assert not minutes_in(absent).is_in(expected["ts"].implode()).any()
    sources = database.rows("SELECT DISTINCT venue, source FROM fetch_log ORDER BY venue")
    assert [tuple(row.values()) for row in sources] == [
        ("binance", "archive"),
        ("binanceusdm", "archive"),
        ("bybit", "rest"),
        ("coinbase", "rest"),
    ]
    database.refresh_timeframes()
    weak = database.rows("SELECT * FROM candle_coverage WHERE present + missing <> 1440")
    assert weak == []


def test_fetching_days_again_writes_nothing(database: Database, make_ingest: MakeIngest) -> None:
    instrument = track(database, BYBIT)
    (first,) = make_ingest(batch="one").days([instrument], DAYS)
    (second,) = make_ingest(batch="two").days([instrument], DAYS)
    assert second.written.inserted == second.written.changed == 0
    assert second.written.unchanged == first.written.inserted
    assert [row["rows"] for row in ledger(database, instrument)] == [1440, 1440]


@pytest.mark.parametrize(
    ("what", "reason", "rows_each"),
    [
        ("high_below_low", "high_below_low", 1),
        ("negative_volume", "negative_volume", 1),
        ("zero_price", "non_positive_price", 1),
        ("conflicting_duplicate", "conflicting_duplicate", 2),
        ("future", OUTSIDE, 1),
        ("misaligned", MISALIGNED, 1),
        ("null", None, 1),
        ("text_price", None, 1),
    ],
)
def test_broken_rows_are_kept_apart_and_their_minutes_are_gaps(
    database: Database,
    simulator: SimulatorProcess,
    make_ingest: MakeIngest,
    what: str,
    reason: str | None,
    rows_each: int,
) -> None:
    instrument = track(database, BYBIT)
    simulator.fault("mutate_rows", host="api.bybit.com", what=what, every=50)
    (outcome,) = make_ingest().days([instrument], DAYS[:1])
    expected = truth(instrument, at(17), at(18))
    absent = minutes_in(gaps(database, instrument))
    assert len(absent) == 29  # the first and each 50th of 1000 and of 440 rows
    assert_is_truth(
        stored(database, instrument.instrument_id), expected.filter(~pl.col("ts").is_in(absent.implode()))
    )
    assert {row["state"] for row in gaps(database, instrument)} == {"detected"}
    kept = database.rows("SELECT * FROM quarantine ORDER BY ts")
    assert len(kept) == outcome.quarantined == 29 * rows_each
    assert {(row["dataset"], row["instrument_id"], row["source_id"]) for row in kept} == {
        ("ohlcv_1m", instrument.instrument_id, 2)
    }
    assert all(row["reasons"] and row["payload"] for row in kept)
    if reason is not None:
        assert all(reason in row["reasons"] for row in kept)
    (day,) = ledger(database, instrument)
    assert day["status"] == "complete"
    assert day["rows"] == 1440 - 29


def test_minutes_that_come_right_later_leave_the_gap_ledger_as_repaired(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    instrument = track(database, BYBIT)
    simulator.fault("mutate_rows", host="api.bybit.com", what="high_below_low", every=50)
    make_ingest().days([instrument], DAYS[:1])
    simulator.clear()
    make_ingest(batch="again").days([instrument], DAYS[:1])
    assert {(row["state"], row["repaired_from"]) for row in gaps(database, instrument)} == {
        ("repaired", "rest")
    }
    assert_is_truth(stored(database, instrument.instrument_id), truth(instrument, at(17), at(18)))
    make_ingest(batch="and again").days([instrument], DAYS[:1])
    assert database.rows("SELECT max(seen) AS seen, count(*) AS n FROM quarantine") == [{"seen": 1, "n": 29}]


def test_a_bad_row_that_comes_again_is_counted_not_copied(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    instrument = track(database, BYBIT)
    simulator.fault("mutate_rows", host="api.bybit.com", what="negative_volume", every=50)
    for batch in ("one", "two"):
        make_ingest(batch=batch).days([instrument], DAYS[:1])
    assert database.rows("SELECT DISTINCT seen, count(*) OVER () AS n FROM quarantine") == [
        {"seen": 2, "n": 29}
    ]


@pytest.mark.parametrize("body", ["html", "truncated"])
def test_a_body_that_is_no_answer_reaches_no_table_and_fails_the_day(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest, body: str
) -> None:
    instrument = track(database, BYBIT)
    simulator.fault(body, host="api.bybit.com")
    (outcome,) = make_ingest(batch="b").days([instrument], DAYS[:1])
    assert outcome.error is not None
    assert outcome.error.kind is ErrorKind.BAD_BODY
    for relation in ("ohlcv_1m", "quarantine", "gap_ledger", "ohlcv_dirty"):
        assert count(database, relation) == 0
    (day,) = ledger(database, instrument)
    assert (day["status"], day["attempts"], day["error_kind"]) == ("failed", 1, "bad_body")
    assert "bybit BTC/USDT" in day["error"]
    failures = database.rows("SELECT error_kind FROM fetch_log")
    assert failures
    assert {row["error_kind"] for row in failures} == {"bad_body"}
    simulator.clear()
    make_ingest(batch="b").days([instrument], DAYS[:1])
    (day,) = ledger(database, instrument)
    assert (day["status"], day["attempts"], day["error"]) == ("complete", 0, None)


def test_one_symbols_failure_does_not_stop_the_others(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    instruments = [track(database, instrument) for instrument in (BYBIT, BYBIT_ETH, BYBIT_SOL)]
    simulator.fault("html", symbol="ETHUSDT")
    outcomes = make_ingest().days(instruments, DAYS[:1])
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]
    statuses = [ledger(database, instrument)[0]["status"] for instrument in instruments]
    assert statuses == ["complete", "failed", "complete"]


def test_pages_before_a_failure_stay_and_only_unfinished_days_fail(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    instrument = track(database, BYBIT)
    simulator.fault("html", host="api.bybit.com", skip=2)  # two pages are 2000 of 2880 minutes
    (outcome,) = make_ingest().days([instrument], DAYS)
    assert outcome.error is not None
    assert [(row["status"], row["fetched_until"]) for row in ledger(database, instrument)] == [
        ("complete", at(18)),
        ("failed", at(17) + 2000 * MINUTE),
    ]
    assert stored(database, instrument.instrument_id).height == 2000


FETCH = """
import sys
from datetime import date, datetime
from alphapulse_assets.candles.ingest import Ingest
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.fetch_store import Batch
from alphapulse_resources.database.client import Database
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from alphapulse_resources.settings import Settings, Venues
from alphapulse_resources.venues.client import VenueClient
dsn, url, home, now, days = sys.argv[1:]
store = CandleStore(Database(dsn))
settings = Settings(venue_url=url, home=home, venues=Venues(http_timeout_seconds=60))
client = VenueClient(settings, DatabaseRateLimiter(dsn))
ingest = Ingest(client, store, Batch("backfill", None), datetime.fromisoformat(now),
                progress=lambda instrument, reached, end, rows: print(reached.isoformat(), flush=True))
ingest.days(store.tracked("bybit"), [date.fromisoformat(day) for day in days.split(",")])
"""


def test_a_killed_fetch_goes_on_where_it_stopped(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest, tmp_path: Path
) -> None:
    instrument = track(database, BYBIT)
    days = [*DAYS, at(19).date()]
    simulator.fault("delay", host="api.bybit.com", seconds=60, skip=3)  # the fourth page never comes
    arguments = [database.dsn, simulator.url, str(tmp_path), NOW.isoformat(), ",".join(map(str, days))]
    with subprocess.Popen(
        [sys.executable, "-c", FETCH, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pages = [process.stdout.readline().strip() for _ in range(3)]
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
    reached = at(17) + 3000 * MINUTE
    assert pages[-1] == reached.isoformat()
    assert stored(database, instrument.instrument_id)["ts"].max() == reached - MINUTE
    statuses = [(row["status"], row["fetched_until"]) for row in ledger(database, instrument)]
    assert statuses == [("complete", at(18)), ("complete", at(19)), ("partial", reached)]
    simulator.clear()
    (outcome,) = make_ingest(batch="backfill").days([instrument], days)
    assert outcome.rows == 4320 - 3000
    assert len(requests_for_candles(simulator)) == 2  # 1320 minutes in pages of 1000
    assert {row["status"] for row in ledger(database, instrument)} == {"complete"}
    assert_is_truth(stored(database, instrument.instrument_id), truth(instrument, at(17), at(20)))
    simulator.clear()
    make_ingest(batch="backfill").days([instrument], days)
    assert requests_for_candles(simulator) == []


def test_the_newest_candles_hold_no_forming_one_and_come_once(
    database: Database, make_ingest: MakeIngest
) -> None:
    instruments = [track(database, instrument) for instrument in (SPOT, BYBIT)]
    make_ingest().newest(instruments)
    for instrument in instruments:
        assert_is_truth(stored(database, instrument.instrument_id), truth(instrument, at(20), NOW))
        assert stored(database, instrument.instrument_id)["ts"].max() == at(20, 11, 59)
        (day,) = ledger(database, instrument)
        assert (day["status"], day["fetched_until"]) == ("partial", at(20, 12))
    for outcome in make_ingest().newest(instruments):
        assert outcome.written.inserted == outcome.written.changed == 0
        assert outcome.written.unchanged == 3  # two of overlap and the newest


def test_the_newest_candles_follow_the_clock(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    instrument = track(database, SPOT)
    make_ingest().newest([instrument])
    later = NOW + timedelta(minutes=2)
    simulator.set_clock(later)
    (outcome,) = make_ingest(later).newest([instrument])
    assert outcome.written.inserted == 2
    assert stored(database, instrument.instrument_id)["ts"].max() == at(20, 12, 1)


def test_a_day_that_began_partial_ends_complete(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    instrument = track(database, BYBIT)
    make_ingest().newest([instrument])
    tomorrow = at(21, 12, second=20)
    simulator.set_clock(tomorrow)
    make_ingest(tomorrow).newest([instrument])
    days = ledger(database, instrument)
    assert [row["status"] for row in days] == ["complete", "partial"]
    found = stored(database, instrument.instrument_id)["ts"].to_list()
    assert found == [at(20) + n * MINUTE for n in range(36 * 60)]


def test_a_delisted_symbol_keeps_its_history_and_is_not_asked_beyond_its_end(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    end = at(17, 3, month=6)
    waves = track(database, replace(BYBIT, symbol="WAVES/USDT", venue_symbol="WAVESUSDT", delisted_at=end))
    now = at(20, 12, month=6)
    simulator.set_clock(now)
    days = [(end + n * DAY).date() for n in (-1, 0, 1)]
    make_ingest(now).days([waves], days)
    assert stored(database, waves.instrument_id)["ts"].max() == end - MINUTE
    asked = [int(entry["query"]["end"]) for entry in requests_for_candles(simulator)]
    assert max(asked) <= end.timestamp() * 1000
    assert [(row["day"], row["status"]) for row in ledger(database, waves)] == [
        (days[0], "complete"),
        (days[1], "complete"),
    ]
    simulator.clear()
    make_ingest(now).newest([waves])
    make_ingest(now, batch="again").days([waves], days[2:])
    assert simulator.log() == []
    database.execute("UPDATE instruments SET history_start = %(start)s", {"start": end - DAY})
    due = database.rows(
        statement("ledger/history_due"),
        {"dataset": "ohlcv_1m", "rest": timedelta(0), "first_partition": "2017-01-01"},
    )
    assert due == []


def test_the_day_of_a_listing_is_complete_without_the_hours_before(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    listed = at(13, 10, month=9)
    pol = track(database, replace(BYBIT, symbol="POL/USDT", venue_symbol="POLUSDT", listed_at=listed))
    now = at(15, 12, month=9)
    simulator.set_clock(now)
    make_ingest(now, batch="b").days([pol], [(listed - DAY).date(), listed.date()])
    (day,) = ledger(database, pol)
    assert (day["day"], day["status"], day["fetched_until"]) == (listed.date(), "complete", at(14, month=9))
    assert stored(database, pol.instrument_id)["ts"].min() == listed
    assert min(row["gap_start"] for row in gaps(database, pol)) > listed
    simulator.clear()
    make_ingest(now, batch="b").days([pol], [listed.date()])
    assert simulator.log() == []
