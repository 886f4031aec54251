"""The past of futures over a real socket: paged whole, from archives where REST does not reach, gaps told."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from futures_support import sources_on, track_contracts
from venue_support import NOW

from alphapulse_assets.datasets.collecting import FillContext, FillResult, Sources
from alphapulse_assets.futures.dataset import FUNDING_RULES, OPEN_INTEREST_RULES
from alphapulse_assets.futures.history.filling import fill_past
from alphapulse_assets.futures.history.kinds import FUNDING_PAST, OPEN_INTEREST_PAST
from alphapulse_resources.database.client import Database
from alphapulse_sim.context import SimConfig, Simulator
from alphapulse_sim.derivatives import open_interest
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures",)
FIVE = timedelta(minutes=5)
AFTER_THE_SEAM = datetime(2026, 7, 30, 12, tzinfo=UTC)


@pytest.fixture
def sources(database: Database, simulator: SimulatorProcess, tmp_path: Path) -> Iterator[Sources]:
    with sources_on(database, simulator.url, tmp_path) as made:
        yield made


def fill(
    sources: Sources, kind: str, venue: str, first: str, days: int, now: datetime = NOW, **given: Any
) -> FillResult:
    start = date.fromisoformat(first)
    context = FillContext(
        sources=sources,
        days=[start + timedelta(days=n) for n in range(days)],
        venues=[venue],
        batch=given.get("batch"),
        run_id="run",
        symbols=given.get("symbols"),
    )
    past, rules = {
        "funding": (FUNDING_PAST, FUNDING_RULES),
        "interest": (OPEN_INTEREST_PAST, OPEN_INTEREST_RULES),
    }[kind]
    return fill_past(past, rules, context, now=now)


def rows(database: Database, columns: str, table: str, where: str = "true") -> list[tuple[Any, ...]]:
    found = database.rows(f"SELECT {columns} FROM {table} WHERE {where} ORDER BY symbol, ts")
    return [tuple(row.values()) for row in found]


def true_interest(venue: str, symbol: str, moments: list[datetime]) -> list[float]:
    """What the simulated market's open interest was, in contracts, without the way over HTTP."""
    market = Simulator(SimConfig())
    listing = market.catalogue.find(venue, "perpetual", symbol)
    assert listing is not None
    at = np.array([round(moment.timestamp() * 1000) for moment in moments], dtype=np.int64)
    return [lots / 10**listing.size_digits for lots in open_interest(market.market, listing, at).tolist()]


@pytest.mark.parametrize("venue", ["binanceusdm", "bybit"])
def test_funding_of_a_month_with_an_interval_that_changes_in_it(sources: Sources, venue: str) -> None:
    database = sources.database
    track_contracts(database, venue, ["LINK", "BTC"])
    done = fill(sources, "funding", venue, "2024-01-20", 31)
    assert (done.missing, done.failed, done.quarantined, done.changed) == ({}, False, 0, 0)
    link = rows(database, "ts, interval_hours, rate, source", "funding_rates", "symbol LIKE 'LINK%'")
    start, change = datetime(2024, 1, 20, tzinfo=UTC), datetime(2024, 2, 1, 8, tzinfo=UTC)
    four = [start + timedelta(hours=4 * n) for n in range(12 * 6 + 3)]
    one = [change + timedelta(hours=n) for n in range(1, 18 * 24 + 16)]
    assert [row[0] for row in link] == four + one
    assert [row[1] for row in link] == [4] * len(four) + [1] * len(one)
    assert {row[3] for row in link} == {"rest"}
    bitcoin = rows(database, "ts, interval_hours", "funding_rates", "symbol LIKE 'BTC%'")
    assert bitcoin == [(start + timedelta(hours=8 * n), 8) for n in range(31 * 3)]
    assert database.rows("SELECT FROM gap_ledger") == []
    again = fill(sources, "funding", venue, "2024-01-20", 31)
    assert (again.inserted, again.changed, again.unchanged) == (0, 0, len(link) + len(bitcoin))


@pytest.mark.parametrize(("venue", "path"), [("binanceusdm", "fundingRate"), ("bybit", "funding/history")])
def test_pages_that_are_cut_short_are_never_taken_for_an_answer(
    sources: Sources, simulator: SimulatorProcess, venue: str, path: str
) -> None:
    track_contracts(sources.database, venue, ["BTC"])
    simulator.fault("page_cap", path=path, rows=7, times=100)
    done = fill(sources, "funding", venue, "2024-02-01", 10)
    assert (done.inserted, done.missing) == (30, {})
    assert sources.database.rows("SELECT FROM gap_ledger") == []


@pytest.mark.parametrize("venue", ["binanceusdm", "bybit"])
def test_open_interest_of_days_is_that_of_the_market_at_each_five_minutes(
    sources: Sources, venue: str
) -> None:
    track_contracts(sources.database, venue, ["BTC"])
    done = fill(sources, "interest", venue, "2024-03-17", 3)
    assert (done.missing, done.inserted, done.quarantined) == ({}, 864, 0)
    found = rows(sources.database, "ts, contracts, base_amount, source", "open_interest")
    moments = [datetime(2024, 3, 17, tzinfo=UTC) + n * FIVE for n in range(864)]
    assert [row[0] for row in found] == moments
    assert [row[1] for row in found] == pytest.approx(true_interest(venue, "BTCUSDT", moments), rel=1e-12)
    assert all(row[1] == row[2] and row[3] == "rest" for row in found)


def test_what_rest_does_not_keep_comes_from_archives_across_the_seam_of_labels(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    simulator.set_clock(AFTER_THE_SEAM)
    track_contracts(sources.database, "binanceusdm", ["ETH"])
    done = fill(sources, "interest", "binanceusdm", "2026-06-23", 4, AFTER_THE_SEAM)
    assert (done.missing, done.inserted, done.quarantined) == ({}, 4 * 288, 0)
    found = rows(sources.database, "ts, contracts, quote_value, source, known_at", "open_interest")
    moments = [datetime(2026, 6, 23, tzinfo=UTC) + n * FIVE for n in range(4 * 288)]
    assert [row[0] for row in found] == moments
    assert [row[1] for row in found] == pytest.approx(
        true_interest("binanceusdm", "ETHUSDT", moments), rel=1e-12
    )
    assert {row[3] for row in found} == {"archive"}
    assert all(row[4] == row[0] + FIVE for row in found)
    assert sources.database.rows("SELECT FROM gap_ledger") == []
    log = sources.database.rows("SELECT url, checksum FROM fetch_log WHERE url LIKE '%.zip'")
    assert len(log) == 5  # the day before holds the first midnight
    assert all(row["checksum"] for row in log)


def test_rest_and_archives_agree_on_both_sides_of_the_edge_of_what_rest_keeps(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    simulator.set_clock(AFTER_THE_SEAM)
    track_contracts(sources.database, "binanceusdm", ["BTC"])
    done = fill(sources, "interest", "binanceusdm", "2026-06-30", 4, AFTER_THE_SEAM)
    assert (done.missing, done.inserted) == ({}, 4 * 288)
    found = rows(sources.database, "ts, contracts, source", "open_interest")
    assert [row[2] for row in found] == ["archive"] * 2 * 288 + ["rest"] * 2 * 288
    expected = true_interest("binanceusdm", "BTCUSDT", [row[0] for row in found])
    assert [row[1] for row in found] == pytest.approx(expected, rel=1e-12)


def test_what_a_venue_leaves_out_is_a_gap_and_repaired_when_it_comes(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    database = sources.database
    track_contracts(database, "binanceusdm", ["BTC"])
    hole = ("2024-03-18T10:00", "2024-03-18T11:00")
    simulator.fault("drop_rows", path="openInterestHist", start=hole[0], end=hole[1], times=100)
    hole = ("2024-03-18T08:00", "2024-03-18T08:01")
    simulator.fault("drop_rows", path="fundingRate", start=hole[0], end=hole[1], times=100)
    assert fill(sources, "interest", "binanceusdm", "2024-03-18", 1).inserted == 288 - 12
    assert fill(sources, "funding", "binanceusdm", "2024-03-18", 1).inserted == 2
    gaps = database.rows("SELECT dataset, gap_start, gap_end, state FROM gap_ledger ORDER BY 1")
    at = datetime(2024, 3, 18, tzinfo=UTC)
    hours = [at + timedelta(hours=n) for n in range(24)]
    assert [tuple(row.values()) for row in gaps] == [
        ("funding_rates", hours[8], hours[16], "detected"),
        ("open_interest", hours[10], hours[11], "detected"),
    ]
    simulator.clear()
    assert fill(sources, "interest", "binanceusdm", "2024-03-18", 1).inserted == 12
    assert fill(sources, "funding", "binanceusdm", "2024-03-18", 1).inserted == 1
    states = database.rows("SELECT state, repaired_from FROM gap_ledger")
    assert [tuple(row.values()) for row in states] == [("repaired", "rest")] * 2


def test_a_symbol_that_fails_is_missing_and_stops_no_other_and_a_retry_goes_on(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    database = sources.database
    track_contracts(database, "bybit", ["BTC", "NOSUCH"])
    done = fill(sources, "funding", "bybit", "2024-03-01", 5, batch="b")
    assert done.inserted == 15
    (name,) = done.missing
    assert "NOSUCH" in name
    ledger = database.rows(
        "SELECT i.symbol, l.status, count(*) AS n FROM ingest_ledger AS l JOIN instruments AS i"
        " USING (instrument_id) WHERE dataset = 'funding_rates' GROUP BY 1, 2 ORDER BY 1"
    )
    assert [tuple(row.values()) for row in ledger] == [
        ("BTC/USDT:USDT", "complete", 5),
        ("NOSUCH/USDT:USDT", "failed", 5),
    ]
    asked = len(simulator.log())
    fill(sources, "funding", "bybit", "2024-03-01", 5, batch="b")
    paths = [entry for entry in simulator.log()[asked:] if "BTCUSDT" in str(entry)]
    assert paths == []  # what is complete in the batch is not asked for again


def test_a_fill_that_was_cut_short_goes_on_where_it_was_in_the_same_batch(
    sources: Sources, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    simulator.set_clock(AFTER_THE_SEAM)
    track_contracts(sources.database, "binanceusdm", ["BTC"])
    simulator.fault("status", host="data.binance.vision", path="2026-06-22", code=451, times=1)
    cut = fill(sources, "interest", "binanceusdm", "2026-06-20", 5, AFTER_THE_SEAM, batch="b")
    assert (cut.inserted, len(cut.missing), cut.failed) == (2 * 288, 1, True)
    asked = len(simulator.log())
    with sources_on(sources.database, simulator.url, tmp_path) as later:
        done = fill(later, "interest", "binanceusdm", "2026-06-20", 5, AFTER_THE_SEAM, batch="b")
    assert (done.inserted, done.unchanged, done.missing) == (3 * 288, 0, {})
    again = {entry["path"].rsplit("-metrics-", 1)[-1] for entry in simulator.log()[asked:]}
    assert not {name for name in again if name.startswith("2026-06-20")}  # its day is complete
    days = sources.database.rows("SELECT status, rows FROM ingest_ledger WHERE dataset = 'open_interest'")
    assert [(day["status"], day["rows"]) for day in days] == [("complete", 288)] * 5


def test_funding_of_inverse_contracts_has_a_past_and_their_open_interest_says_that_it_has_none(
    sources: Sources,
) -> None:
    names = {"quote": "USD", "settle": "BTC", "names": ["BTCUSD_PERP"], "size": 100.0}
    track_contracts(sources.database, "binancecoinm", ["BTC"], **names)
    done = fill(sources, "funding", "binancecoinm", "2024-03-10", 5)
    assert (done.inserted, done.missing) == (15, {})
    none = fill(sources, "interest", "binancecoinm", "2024-03-10", 5)
    assert (none.inserted, none.failed, list(none.missing)) == (0, False, ["binancecoinm"])


def test_refused_by_rest_settlements_come_from_the_archive_with_their_own_intervals(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    track_contracts(sources.database, "binanceusdm", ["LINK"])
    simulator.fault("status", host="fapi.binance.com", path="fundingRate", code=451, times=100)
    done = fill(sources, "funding", "binanceusdm", "2024-02-01", 2)
    assert done.missing == {}
    found = rows(sources.database, "ts, interval_hours, source", "funding_rates")
    start = datetime(2024, 2, 1, tzinfo=UTC)
    hours = [0, 4, 8, *range(9, 48)]
    assert found == [(start + timedelta(hours=hour), 4 if hour <= 8 else 1, "archive") for hour in hours]
