"""A venue that sends fewer candles than were asked for is asked for the rest, and is no witness meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from candle_frames import MINUTE, stored
from ingest_support import MakeIngest, at, gaps, ledger, minutes_in, requests_for_candles, track
from venue_support import (
    BYBIT,
    COINBASE,
    NOW,
    SPOT,
    USDM,
    MakeClient,
    assert_is_truth,
    candles_of,
    truth,
)

from alphapulse_assets.candles.gaps import REPEAT_AFTER
from alphapulse_assets.candles.ingest import Ingest
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.fetch_store import Batch
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.model import ErrorKind, Instrument, VenueError
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures", "ingest_fixtures")

ROOT = Path(__file__).resolve().parents[2]
DAY = at(17).date()
HOSTS = {
    "binance": "api.binance.com",
    "binanceusdm": "fapi.binance.com",
    "bybit": "api.bybit.com",
    "coinbase": "api.coinbase.com",
}
# declared by the simulator (seed 7): alphapulse_sim.outages.stretches
COINBASE_NOWHERE = [at(20, 19, 39) + n * MINUTE for n in range(4)]


@pytest.mark.parametrize("keep", ["oldest", "newest"])
@pytest.mark.parametrize(("instrument", "cap"), [(SPOT, 200), (USDM, 100), (BYBIT, 200), (COINBASE, 100)])
def test_all_minutes_of_a_day_come_from_a_venue_that_cuts_its_pages(
    client: VenueClient, simulator: SimulatorProcess, instrument: Instrument, cap: int, keep: str
) -> None:
    simulator.fault("page_cap", host=HOSTS[instrument.venue], rows=cap, keep=keep)
    pages = list(client.candles(instrument, at(17), at(18), sources=["rest"], now=NOW))
    assert_is_truth(candles_of(pages), truth(instrument, at(17), at(18)))
    assert (pages[0].start, pages[-1].end) == (at(17), at(18))
    assert not [fetch.error for page in pages for fetch in page.fetches if fetch.error]
    # sized by the cap, but for the requests of one page that turned out too long
    assert len(requests_for_candles(simulator)) <= 1.3 * 1440 / cap + 20


def test_a_cap_that_comes_and_changes_in_mid_run_loses_nothing(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("page_cap", host="api.bybit.com", rows=200, skip=1, times=2)
    simulator.fault("page_cap", host="api.bybit.com", rows=90, skip=3, keep="oldest", times=5)
    simulator.fault("page_cap", host="api.bybit.com", rows=1, skip=8, times=20)
    pages = client.candles(BYBIT, at(15), at(19), sources=["rest"], now=NOW)
    assert_is_truth(candles_of(pages), truth(BYBIT, at(15), at(19)))


def test_yahoo_and_the_mirror_are_asked_for_the_rest_as_venues_are(
    make_client: MakeClient, simulator: SimulatorProcess
) -> None:
    simulator.fault("page_cap", host="data-api.binance.vision", rows=150)
    mirrored = candles_of(make_client().candles(SPOT, at(17), at(18), sources=["mirror"], now=NOW))
    assert_is_truth(mirrored, truth(SPOT, at(17), at(18)))
    simulator.set_clock(None)
    end = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=30)
    yahoo = make_client(yahoo_enabled=True)
    whole = candles_of(yahoo.candles(COINBASE, end - timedelta(hours=5), end, sources=["yahoo"]))
    for keep in ("oldest", "newest"):
        simulator.fault("page_cap", path="chart", rows=60, keep=keep)
        cut = candles_of(yahoo.candles(COINBASE, end - timedelta(hours=5), end, sources=["yahoo"]))
        assert cut.rows() == whole.rows()
        simulator.clear()


@pytest.mark.parametrize("keep", ["oldest", "newest"])
@pytest.mark.parametrize(("instrument", "cap"), [(BYBIT, 200), (COINBASE, 100)])
def test_only_minutes_that_are_truly_absent_end_as_none_the_venue_had(
    database: Database,
    simulator: SimulatorProcess,
    make_ingest: MakeIngest,
    instrument: Instrument,
    cap: int,
    keep: str,
) -> None:
    tracked, now = track(database, instrument), at(21, 12, second=20)
    simulator.set_clock(now)
    simulator.fault("page_cap", host=HOSTS[instrument.venue], rows=cap, keep=keep)
    make_ingest(now).days([tracked], [at(20).date()])
    expected = truth(instrument, at(20), at(21), now=now)
    assert_is_truth(stored(database, tracked.instrument_id), expected)
    assert [row["status"] for row in ledger(database, tracked)] == ["complete"]
    database.execute("UPDATE gap_ledger SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL")
    later = now + REPEAT_AFTER
    simulator.set_clock(later)
    make_ingest(later).gaps([tracked], [at(20).date()])
    absent = gaps(database, tracked)
    assert {row["state"] for row in absent} <= {"venue_had_none"}
    assert len(minutes_in(absent)) == 1440 - expected.height
    if instrument is COINBASE:  # the others have none on that day
        assert pl.Series(COINBASE_NOWHERE).is_in(minutes_in(absent).implode()).all()


@pytest.mark.parametrize("keep", ["oldest", "newest"])
def test_gaps_left_by_a_cut_page_are_repaired_by_a_venue_that_sends_one_row_an_answer(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest, keep: str
) -> None:
    instrument = track(database, BYBIT)
    make_ingest().days([instrument], [DAY])
    lost = [(at(17, 3), at(17, 3, 4)), (at(17, 3, 10), at(17, 3, 11))]
    for start, end in lost:  # as if a cut page had been stored
        window = {"id": instrument.instrument_id, "start": start, "end": end}
        database.execute("DELETE FROM ohlcv_1m WHERE ts >= %(start)s AND ts < %(end)s", window)
        database.execute(
            "INSERT INTO gap_ledger (instrument_id, gap_start, gap_end, state, detected_at, next_attempt_at)"
            " VALUES (%(id)s, %(start)s, %(end)s, 'detected', now(), now())",
            window,
        )
    simulator.fault("page_cap", host="api.bybit.com", rows=1, keep=keep)
    make_ingest(batch="repair").gaps([instrument], [DAY])
    assert {row["state"] for row in gaps(database, instrument)} == {"repaired"}
    assert_is_truth(stored(database, instrument.instrument_id), truth(instrument, at(17), at(18)))


@pytest.mark.parametrize("keep", ["oldest", "newest"])
@pytest.mark.parametrize("cap", [1, 8])
def test_a_refresh_after_a_pause_gets_all_minutes_from_a_venue_that_cuts(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest, keep: str, cap: int
) -> None:
    instrument = track(database, COINBASE)
    make_ingest().newest([instrument])
    later = NOW + timedelta(minutes=20)
    simulator.set_clock(later)
    simulator.fault("page_cap", host="api.coinbase.com", rows=cap, keep=keep)
    make_ingest(later).newest([instrument])
    expected = truth(COINBASE, at(20), later, now=later)
    assert_is_truth(stored(database, instrument.instrument_id), expected)
    absent = minutes_in(gaps(database, instrument))
    assert not absent.is_in(expected["ts"].implode()).any()


def test_healthy_venues_are_asked_once_a_page(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest
) -> None:
    for instrument, requests in ((BYBIT, 2), (COINBASE, 5)):
        tracked = track(database, instrument)
        simulator.clear()
        make_ingest().days([tracked], [DAY])
        absent = minutes_in(gaps(database, tracked)).to_list()
        edges = [edge for edge in (at(17), at(18) - MINUTE) if edge in absent]
        borders = [at(17) + n * 300 * MINUTE for n in range(1, 5) if at(17) + n * 300 * MINUTE in absent]
        assert len(requests_for_candles(simulator)) == requests + len(edges) + len(borders)
    simulator.clear()
    make_ingest().newest([tracked])  # since yesterday: 2,160 minutes in pages of 300
    simulator.clear()
    make_ingest().newest([tracked])
    assert len(requests_for_candles(simulator)) == 1


@pytest.mark.parametrize("host", ["api.bybit.com", "api.coinbase.com"])
def test_rows_of_another_time_are_no_answer(
    database: Database, simulator: SimulatorProcess, make_ingest: MakeIngest, host: str
) -> None:
    instrument = track(database, BYBIT if host == "api.bybit.com" else COINBASE)
    simulator.fault("mutate_rows", host=host, what="future", every=1)
    (outcome,) = make_ingest().days([instrument], [DAY])
    assert outcome.error is not None
    assert outcome.error.kind is ErrorKind.BAD_BODY
    assert "none of the" in str(outcome.error)
    assert gaps(database, instrument) == []
    assert [row["status"] for row in ledger(database, instrument)] == ["failed"]


def test_yahoo_is_no_witness_of_what_a_venue_had(
    database: Database, simulator: SimulatorProcess, make_client: MakeClient
) -> None:
    simulator.set_clock(None)
    now = datetime.now(UTC)
    instrument = track(database, replace(COINBASE, symbol="ETH/USD", venue_symbol="ETH-USD"))
    client = make_client(yahoo_enabled=True)
    simulator.fault("status", host="api.coinbase.com", code=451)
    Ingest(client, CandleStore(database), Batch(None, None), now).days([instrument], [now.date()])
    assert {tuple(row["verifications"]) for row in gaps(database, instrument)} <= {()}
    with pytest.raises(VenueError):
        list(make_client().candles(COINBASE, at(17), at(18), now=NOW))


def test_long_gaps_that_cut_pages_may_have_explained_are_asked_for_again_by_the_migration(
    database: Database,
) -> None:
    instrument = track(database, COINBASE)
    said = {"cut": ("rest", 0, 700), "quiet": ("rest", 800, 803), "twice": ("archive", 900, 1000)}
    for source, start, end in said.values():
        database.execute(
            "INSERT INTO gap_ledger (instrument_id, gap_start, gap_end, state, detected_at, verified_at,"
            " verifications) VALUES (%(id)s, %(start)s, %(end)s, 'venue_had_none', now(), now(),"
            " jsonb_build_array(jsonb_build_object('source', %(source)s::text, 'at', now())))",
            {
                "id": instrument.instrument_id,
                "start": at(17) + start * MINUTE,
                "end": at(17) + end * MINUTE,
                "source": source,
            },
        )
    migration = (ROOT / "sql" / "migrations" / "0028_off_grid.sql").read_text()
    database.execute(migration)
    states = [row["state"] for row in gaps(database, instrument)]
    assert states == ["detected", "venue_had_none", "venue_had_none"]
    database.execute("UPDATE gap_ledger SET state = 'venue_had_none'")  # they have been asked for
    database.execute(migration)
    assert {row["state"] for row in gaps(database, instrument)} == {"venue_had_none"}
