"""The past of long/short ratios and taker flow over a real socket: every kind, paged whole, with gaps."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from futures_support import ask, sources_on, track_contracts
from venue_support import NOW

from alphapulse_assets.collecting.automation import collected_history, collected_jobs
from alphapulse_assets.datasets.collecting import FillContext, FillResult, Sources
from alphapulse_assets.futures.dataset import DATASETS
from alphapulse_resources.database.client import Database, statement
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures",)
FIVE = timedelta(minutes=5)
DAY = datetime(2024, 3, 18, tzinfo=UTC)
OF = {each.name: each for each in DATASETS}


@pytest.fixture
def sources(database: Database, simulator: SimulatorProcess, tmp_path: Path) -> Iterator[Sources]:
    with sources_on(database, simulator.url, tmp_path) as made:
        yield made


def fill(
    sources: Sources, dataset: str, venue: str, days: int = 1, first: datetime = DAY, now: datetime = NOW
) -> FillResult:
    """The declared fill of a data set, as the engine calls it; the sources' clock is the simulator's."""
    context = FillContext(
        sources=sources,
        days=[first.date() + timedelta(days=n) for n in range(days)],
        venues=[venue],
        batch=None,
        run_id="run",
        symbols=None,
    )
    made = OF[dataset].fill
    assert made is not None
    return made(context, now=now)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("dataset", "venue", "kinds"),
    [
        ("long_short_ratios", "binanceusdm", 3),
        ("long_short_ratios", "bybit", 1),
        ("taker_flow", "binanceusdm", 1),
    ],
)
def test_a_day_of_the_past_is_what_was_collected_at_the_time(
    sources: Sources, simulator: SimulatorProcess, dataset: str, venue: str, kinds: int
) -> None:
    database, rows = sources.database, f"SELECT * FROM {dataset} ORDER BY ts, symbol, known_at"
    track_contracts(database, venue, ["BTC"])
    moment = DAY + timedelta(hours=10, seconds=20)
    simulator.set_clock(moment)
    ask(sources, f"{dataset} {venue}", moment)
    collected = database.rows(rows)
    assert len(collected) == 3 * kinds
    simulator.set_clock(NOW)
    simulator.fault("page_cap", host="api.bybit.com", path="account-ratio", rows=100, times=50)
    done = fill(sources, dataset, venue)
    assert (done.missing, done.failed, done.quarantined, done.changed) == ({}, False, 0, 0)
    assert (done.inserted, done.unchanged) == (288 * kinds - len(collected), len(collected))
    times = database.rows(f"SELECT DISTINCT ts FROM {dataset} ORDER BY ts")
    assert [row["ts"] for row in times] == [DAY + n * FIVE for n in range(288)]
    after = database.rows(rows)
    assert all(row in after for row in collected)  # not a column of them became another
    assert all(row["known_at"] == row["ts"] + 2 * FIVE for row in after if row not in collected)
    assert database.rows("SELECT FROM gap_ledger") == []
    again = fill(sources, dataset, venue)
    assert (again.inserted, again.changed) == (0, 0)


def test_a_kind_that_is_missing_makes_a_gap_of_the_moment(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    track_contracts(sources.database, "binanceusdm", ["BTC"])
    gone = DAY + timedelta(hours=6)
    simulator.fault(
        "drop_rows",
        path="topLongShortAccountRatio",
        start=gone.isoformat(),
        end=(gone + 3 * FIVE).isoformat(),
        times=50,
    )
    done = fill(sources, "long_short_ratios", "binanceusdm")
    assert (done.inserted, done.missing) == (3 * 288 - 3, {})
    gaps = sources.database.rows("SELECT dataset, gap_start, gap_end FROM gap_ledger")
    assert gaps == [{"dataset": "long_short_ratios", "gap_start": gone, "gap_end": gone + 3 * FIVE}]


def test_days_that_nobody_keeps_are_a_gap_and_never_due_again(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    database = sources.database
    ids = track_contracts(database, "binanceusdm", ["BTC"])
    early = DAY - timedelta(days=60)
    database.execute(
        "UPDATE instruments SET listed_at = %(at)s, delisted_at = %(end)s WHERE instrument_id = %(id)s",
        {"at": early, "end": DAY, "id": ids["BTC"]},
    )
    simulator.clear()
    done = fill(sources, "taker_flow", "binanceusdm", 3, early)
    assert (done.inserted, done.missing, done.failed) == (0, {}, False)
    assert [e for e in simulator.log() if "takerlongshort" in e["path"]] == []
    (gap,) = database.rows("SELECT gap_start, gap_end FROM gap_ledger")
    assert (gap["gap_start"], gap["gap_end"]) == (early, early + timedelta(days=3))
    days = database.rows("SELECT day, status FROM ingest_ledger WHERE dataset = 'taker_flow' ORDER BY day")
    assert [(row["day"], row["status"]) for row in days] == [
        (early.date() + timedelta(days=n), "complete") for n in range(3)
    ]


def test_only_what_a_venue_tells_is_ever_due(sources: Sources) -> None:
    database = sources.database
    for venue, quote in (("bybit", "USDT"), ("binancecoinm", "USD")):
        track_contracts(database, venue, ["BTC"], quote=quote, settle="USDT" if quote == "USDT" else "BTC")
    assert collected_history(DATASETS, collected_jobs(DATASETS))  # a sensor is made of them
    pasts = [(each.name, venue) for each in DATASETS for venue in each.filled_of]
    assert ("taker_flow", "bybit") not in pasts
    assert ("open_interest", "binancecoinm") not in pasts
    due = {
        "datasets": [name for name, _ in pasts],
        "venues": [venue for _, venue in pasts],
        "first_partition": date(2026, 11, 1),
        "rest": timedelta(minutes=5),
    }
    assert {row["venue"] for row in database.rows(statement("ledger/collected_history_due"), due)} == {
        "bybit",
        "binancecoinm",
    }
    database.execute(
        "INSERT INTO ingest_ledger (instrument_id, dataset, day, status, updated_at)"
        " SELECT i.instrument_id, d, day::date, 'complete', now() FROM instruments AS i,"
        " unnest(ARRAY['open_interest', 'funding_rates', 'long_short_ratios']) AS d,"
        " generate_series('2026-11-01', now(), INTERVAL '1 day') AS day"
        " WHERE i.venue = 'bybit' OR d = 'funding_rates'"
    )
    assert database.rows(statement("ledger/collected_history_due"), due) == []


def test_ratios_that_rest_does_not_keep_come_from_archives_as_rest_would_tell_them(
    sources: Sources, simulator: SimulatorProcess
) -> None:
    """On both sides of the edge, and after the labels changed: the same times, the same ratios."""
    now = datetime(2026, 8, 10, 12, tzinfo=UTC)
    simulator.set_clock(now)
    track_contracts(sources.database, "binanceusdm", ["ETH"])
    first = datetime(2026, 7, 11, tzinfo=UTC)
    done = fill(sources, "long_short_ratios", "binanceusdm", 3, first, now)
    assert (done.missing, done.inserted, done.quarantined) == ({}, 3 * 3 * 288, 0)
    sides = "SELECT source, count(*) AS rows, min(ts) AS first FROM long_short_ratios GROUP BY 1 ORDER BY 1"
    assert sources.database.rows(sides) == [
        {"source": "archive", "rows": 2 * 3 * 288, "first": first},
        {"source": "rest", "rows": 3 * 288, "first": first + timedelta(days=2)},
    ]
    assert sources.database.rows("SELECT FROM gap_ledger") == []
    archived = ratios(sources.database, "archive")
    simulator.set_clock(first + timedelta(days=2, minutes=6))  # what REST says of the same, while it keeps it
    sources.database.execute("DELETE FROM long_short_readings")
    sources.database.execute("DELETE FROM ingest_ledger")
    fill(sources, "long_short_ratios", "binanceusdm", 2, first, first + timedelta(days=2, minutes=6))
    assert ratios(sources.database, "rest") == pytest.approx(archived, rel=1e-3)


def ratios(database: Database, source: str) -> dict[str, float]:
    rows = database.rows(
        "SELECT kind || ' ' || ts AS key, ratio FROM long_short_ratios WHERE source = %(source)s",
        {"source": source},
    )
    return {row["key"]: row["ratio"] for row in rows}
