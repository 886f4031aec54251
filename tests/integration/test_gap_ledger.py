"""The life of a gap in the database: detected, repaired or verified, and never forgotten."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
from candle_frames import MINUTE, candles, count, stored, without, write
from ingest_support import MakeIngest, at, gaps, ledger, minutes_in, requests_for_candles, track
from venue_support import BYBIT, COINBASE, NOW, SPOT, assert_is_truth, truth

from alphapulse_assets.candles.gaps import REPEAT_AFTER
from alphapulse_assets.candles.ingest import update_gaps
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures", "ingest_fixtures")

ETH = replace(SPOT, symbol="ETH/USDT", venue_symbol="ETHUSDT")
# declared by the simulator (seed 7): alphapulse_sim.outages.stretches
ETH_ONLY_IN_ARCHIVE = (at(19, 16, 8), at(19, 16, 12))
BTC_NOWHERE = (at(17, 10, 3), at(17, 10, 12))
BYBIT_LATE = (at(15, 13, 9), at(15, 13, 14))


def let_time_pass(database: Database) -> None:
    """As if the wait for the next repair were over."""
    database.execute("UPDATE gap_ledger SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL")


def sources(row: dict[str, object]) -> list[str]:
    said = row["verifications"]
    assert isinstance(said, list)
    return [item["source"] for item in said]


def test_minutes_that_rest_lacks_are_repaired_from_the_archive(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    instrument, day = track(database, ETH), at(19).date()
    evening = at(19, 18, second=20)
    simulator.set_clock(evening)
    make_ingest(evening).days([instrument], [day])
    (gap,) = gaps(database, instrument)
    assert (gap["gap_start"], gap["gap_end"], gap["state"]) == (*ETH_ONLY_IN_ARCHIVE, "detected")
    assert (gap["detected_at"], sources(gap), gap["attempts"]) == (evening, ["rest"], 0)

    soon = evening + REPEAT_AFTER
    simulator.set_clock(soon)
    (outcome,) = make_ingest(soon).gaps([instrument], [day])
    assert outcome.error is None  # an archive that is not published yet is no failure
    (gap,) = gaps(database, instrument)
    assert (gap["state"], sources(gap), gap["attempts"]) == ("detected", ["rest", "rest"], 1)

    make_ingest(soon).gaps([instrument], [day])
    assert gaps(database, instrument)[0]["attempts"] == 1  # not due yet: nobody was asked

    let_time_pass(database)
    simulator.set_clock(NOW)
    make_ingest().gaps([instrument], [day])
    (gap,) = gaps(database, instrument)
    assert (gap["state"], gap["repaired_from"], gap["repaired_at"]) == ("repaired", "archive", NOW)
    assert gap["next_attempt_at"] is None
    expected = truth(instrument, at(19), evening, archived=True)
    expected = expected.filter(pl.col("ts") < at(19, 18))
    assert_is_truth(stored(database, instrument.instrument_id), expected)


def test_minutes_that_two_sources_lack_the_venue_had_none_of(
    database: Database, make_ingest: MakeIngest
) -> None:
    instrument, day = track(database, SPOT), at(17).date()
    make_ingest().days([instrument], [day])
    (gap,) = gaps(database, instrument)
    assert (gap["gap_start"], gap["gap_end"], gap["state"]) == (*BTC_NOWHERE, "detected")
    assert sources(gap) == ["archive"]
    make_ingest().gaps([instrument], [day])
    (gap,) = gaps(database, instrument)
    assert (gap["state"], sources(gap), gap["verified_at"]) == ("venue_had_none", ["archive", "rest"], NOW)
    assert (gap["gap_start"], gap["gap_end"]) == BTC_NOWHERE
    database.refresh_timeframes()
    (covered,) = database.rows("SELECT missing, venue_had_none, explained FROM candle_coverage")
    assert covered == {"missing": 9, "venue_had_none": 9, "explained": 1.0}
    assert make_ingest().gaps([instrument], [day])[0].fetches == []  # it is settled: nobody is asked


def test_the_one_source_of_a_venue_is_asked_twice_with_time_between(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    instrument, day = track(database, COINBASE), at(20).date()
    now = at(21, 12, second=20)
    simulator.set_clock(now)
    make_ingest(now).days([instrument], [day])
    absent = gaps(database, instrument)
    nowhere = minutes_in(absent)
    assert pl.Series([at(20, 19, 39) + n * MINUTE for n in range(4)]).is_in(nowhere.implode()).all()
    simulator.clear()
    make_ingest(now + REPEAT_AFTER - timedelta(seconds=1)).gaps([instrument], [day])
    assert len(requests_for_candles(simulator)) <= 6  # gaps near each other share a request
    assert {row["state"] for row in gaps(database, instrument)} == {"detected"}
    let_time_pass(database)
    simulator.set_clock(now + REPEAT_AFTER)
    make_ingest(now + REPEAT_AFTER).gaps([instrument], [day])
    after = gaps(database, instrument)
    assert {row["state"] for row in after} == {"venue_had_none"}
    assert {tuple(sources(row)) for row in after} == {("rest", "rest")}
    assert minutes_in(after).equals(nowhere)
    assert stored(database, instrument.instrument_id).height == 1440 - len(nowhere)


def test_minutes_that_come_late_are_repaired(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    instrument = track(database, BYBIT)
    now = BYBIT_LATE[1] + timedelta(minutes=3, seconds=20)
    simulator.set_clock(now)
    make_ingest(now).newest([instrument])
    (gap,) = gaps(database, instrument)
    assert (gap["gap_start"], gap["gap_end"], gap["state"]) == (*BYBIT_LATE, "detected")
    later = now + timedelta(minutes=20)
    simulator.set_clock(later)
    make_ingest(later).gaps([instrument], [at(15).date()])
    (gap,) = gaps(database, instrument)
    assert (gap["state"], gap["repaired_from"], gap["detected_at"]) == ("repaired", "rest", now)


def test_a_minute_too_young_to_be_missed_is_no_gap_yet(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    instrument = track(database, BYBIT)
    now = BYBIT_LATE[0] + timedelta(minutes=3, seconds=20)
    simulator.set_clock(now)
    make_ingest(now).newest([instrument])
    assert gaps(database, instrument) == []
    (day,) = ledger(database, instrument)
    assert day["fetched_until"] == BYBIT_LATE[0]  # the ledger does not claim the minutes either


def test_a_failed_repair_is_tried_again_later_and_later(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    instrument, day = track(database, BYBIT), at(17).date()
    simulator.fault("drop_rows", host="api.bybit.com", start="2024-03-17T05:00", end="2024-03-17T05:10")
    make_ingest().days([instrument], [day])
    simulator.clear()
    simulator.fault("html", host="api.bybit.com")
    waits = []
    for _ in range(2):
        let_time_pass(database)
        (outcome,) = make_ingest().gaps([instrument], [day])
        assert outcome.error is not None
        (row,) = database.rows(
            "SELECT state, attempts, extract(epoch FROM next_attempt_at - now())::int AS wait FROM gap_ledger"
        )
        assert row["state"] == "detected"
        waits.append((row["attempts"], round(row["wait"] / 60)))
    assert waits == [(1, 5), (2, 10)]


def test_what_was_before_the_first_candle_is_no_gap(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    pol = track(database, replace(BYBIT, symbol="POL/USDT", venue_symbol="POLUSDT"))
    now = at(15, 12, month=9)
    simulator.set_clock(now)
    days = [at(12, month=9).date(), at(13, month=9).date()]
    make_ingest(now).days([pol], days)
    assert stored(database, pol.instrument_id)["ts"].min() == at(13, 10, month=9)
    absent = minutes_in(gaps(database, pol))
    assert absent.min() > at(13, 10, month=9)
    assert [row["status"] for row in ledger(database, pol)] == ["complete", "complete"]
    database.refresh_timeframes()
    covered = database.rows("SELECT expected, missing FROM candle_coverage ORDER BY day")
    assert covered == [{"expected": 0, "missing": 0}, {"expected": 840, "missing": len(absent)}]


def test_gaps_are_found_without_asking_anybody(database: Database) -> None:
    instrument = track(database, SPOT)
    hole = (at(5, 1), at(5, 2))
    write(database, instrument.instrument_id, without(candles(at(5), 300), hole))
    store = CandleStore(database)
    for _ in range(2):  # looking again changes nothing
        with database.transaction() as connection:
            found = update_gaps(
                store,
                connection,
                instrument.instrument_id,
                (at(5), at(5, 5)),
                source=None,
                answered=False,
                sources_available=2,
                now=NOW,
            )
        assert [(gap.start, gap.end, gap.state) for gap in found] == [(*hole, "detected")]
    (row,) = gaps(database, instrument)
    assert (row["verifications"], row["attempts"]) == ([], 0)
    assert row["next_attempt_at"] == NOW + timedelta(minutes=5)


def test_a_page_that_is_rolled_back_takes_its_gaps_with_it(database: Database) -> None:
    instrument = track(database, SPOT)
    store = CandleStore(database)
    frame = without(candles(at(5), 300), (at(5, 1), at(5, 2)))
    with database.transaction() as connection:
        store.lock(connection, instrument.instrument_id)
        store.write(connection, instrument.instrument_id, frame, source="rest", received_at=NOW)
        update_gaps(
            store,
            connection,
            instrument.instrument_id,
            (at(5), at(5, 5)),
            source="rest",
            answered=True,
            sources_available=2,
            now=NOW,
        )
        assert len(store.known_gaps(connection, instrument.instrument_id, at(5), at(6))) == 1
        connection.rollback()
    for relation in ("ohlcv_1m", "gap_ledger", "ohlcv_dirty"):
        assert count(database, relation) == 0
