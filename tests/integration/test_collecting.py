"""The engine of what is asked again and again: rounds, books, gaps, alerts, and the poller's cadence."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import polars as pl
import pytest

from alphapulse_assets.alerts.market import MarketAlert, MarketAlertKind
from alphapulse_assets.alerts.model import Severity
from alphapulse_assets.collecting import poller as poller_module
from alphapulse_assets.collecting.job import collectors_of
from alphapulse_assets.collecting.poller import Poller, next_due
from alphapulse_assets.collecting.report import Report
from alphapulse_assets.datasets.collecting import Collected, Collector, Rows, Sources
from alphapulse_assets.datasets.collector_run import Round, run_collector
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.registry import DATASETS
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.tables import Table
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.settings import Settings
from alphapulse_resources.venues.gateway import Gateway
from alphapulse_resources.venues.model import ErrorKind, Reject, VenueError
from alphapulse_resources.venues.rate_limit import DatabaseRateLimiter
from tests.e2e.running_platform import eventually

CAPS = Table("toy_caps", ("provider", "series", "ts"), ("known_at", "cap"), provenance=("received_at",))
CREATE = """
CREATE TABLE toy_caps (
    provider text, series text, ts timestamptz, known_at timestamptz NOT NULL, cap double precision NOT NULL,
    received_at timestamptz NOT NULL, PRIMARY KEY (provider, series, ts))
"""
MINUTE = timedelta(minutes=1)
RULES = {"toy_caps": RuleSet(known=["cap"], between={"cap": (0, None)})}


@pytest.fixture
def sources(database: Database) -> Iterator[Sources]:
    database.execute(CREATE)
    limiter = DatabaseRateLimiter(database.dsn)
    yield Sources(database, Settings(_env_file=None), Gateway(limiter))
    limiter.close()


def caps(*rows: tuple[datetime, float], rejects: tuple[Reject, ...] = ()) -> Collected:
    frame = pl.DataFrame(
        {
            "provider": ["toy"] * len(rows),
            "series": ["market"] * len(rows),
            "ts": pl.Series([ts for ts, _ in rows], dtype=pl.Datetime("us", "UTC")),
            "known_at": pl.Series([ts for ts, _ in rows], dtype=pl.Datetime("us", "UTC")),
            "cap": pl.Series([cap for _, cap in rows], dtype=pl.Float64),
        }
    )
    return Collected([Rows("toy_caps", CAPS, frame, rejects)], missing={"DOGE": "not listed"})


def collector(collect: Any, **more: Any) -> Collector:
    given: dict[str, Any] = {"name": "caps toy", "source": "toy", "datasets": ("toy_caps",), "every": MINUTE}
    return Collector(collect=collect, **{**given, **more})


def declared(sources: Sources, *collectors: Collector, took: Any = None) -> Poller:
    poller = Poller(sources, collectors, RULES, "run", 2, took or (lambda done: None))
    poller.declare()
    return poller


def books(sources: Sources) -> dict[str, Any]:
    (row,) = sources.database.rows("SELECT * FROM collectors")
    return row


def test_a_round_keeps_good_rows_quarantines_bad_ones_and_says_what_was_missing(sources: Sources) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    ask = collector(
        lambda _, at: caps(
            (now, 1.0),
            (now - MINUTE, -1.0),
            (now + timedelta(hours=1), 1.0),
            (now - 2 * MINUTE, float("nan")),
            rejects=(Reject("unreadable", {"cap": "?"}),),
        )
    )
    declared(sources, ask)
    done = run_collector(ask, sources, RULES)
    assert done.error is None
    assert (done.rows, done.new, done.quarantined) == (1, 1, 4)
    assert run_collector(ask, sources, RULES).new == 0  # the same again changes nothing
    assert sources.database.rows("SELECT cap FROM toy_caps") == [{"cap": 1.0}]
    reasons = sources.database.rows("SELECT DISTINCT unnest(reasons) AS reason FROM quarantine ORDER BY 1")
    assert [row["reason"] for row in reasons] == ["cap_not_finite", "cap_too_low", "future", "unreadable"]
    row = books(sources)
    assert (row["rows"], row["missing"], row["failures"]) == (1, {"DOGE": "not listed"}, 0)


def test_what_fails_is_noted_becomes_a_gap_when_it_lasts_and_ends_with_an_answer(sources: Sources) -> None:
    now = datetime.now(UTC)
    fails = True

    def collect(_: Sources, at: datetime) -> Collected:
        if fails:
            raise VenueError(ErrorKind.GEO_BLOCKED, "toy refuses this address")
        return caps((now, 1.0))

    ask = collector(collect)
    declared(sources, ask)
    assert run_collector(ask, sources, RULES).error == "toy refuses this address"
    assert (books(sources)["failures"], books(sources)["error_kind"]) == (1, "geo_blocked")
    assert sources.database.rows("SELECT * FROM collection_gaps") == []
    sources.database.execute("UPDATE collectors SET answered_at = now() - INTERVAL '10 minutes'")
    run_collector(ask, sources, RULES)
    run_collector(ask, sources, RULES)
    (gap,) = sources.database.rows("SELECT * FROM collection_gaps")
    assert (gap["gap_end"], gap["reason"]) == (None, "toy refuses this address")
    (served,) = sources.database.rows("SELECT state, serves, why FROM data_sources")
    assert served == {"state": "fails", "serves": False, "why": "toy refuses this address"}
    (silent,) = sources.database.rows(statement("alerts/silent_sources"))
    assert (silent["dataset"], silent["sources"]) == ("toy_caps", ["toy"])
    fails = False
    run_collector(ask, sources, RULES)
    (gap,) = sources.database.rows("SELECT gap_end FROM collection_gaps")
    assert gap["gap_end"] is not None
    (served,) = sources.database.rows("SELECT state, serves, why FROM data_sources")
    assert served == {"state": "answers", "serves": True, "why": None}


def test_a_stretch_in_which_nobody_asked_is_a_gap_too(sources: Sources) -> None:
    ask = collector(lambda _, at: caps((at, 1.0)))
    declared(sources, ask)
    run_collector(ask, sources, RULES)
    sources.database.execute("UPDATE collectors SET answered_at = now() - INTERVAL '1 hour'")
    run_collector(ask, sources, RULES)
    (gap,) = sources.database.rows("SELECT gap_end - gap_start AS length, reason FROM collection_gaps")
    assert gap["length"] > timedelta(minutes=59)
    assert gap["reason"] == "nobody asked: the poller did not run"


def test_a_broken_collector_stops_nobody_and_its_rows_are_not_half_stored(sources: Sources) -> None:
    def broken(_: Sources, at: datetime) -> Collected:
        raise KeyError("total_market_cap")

    ask = collector(broken)
    declared(sources, ask)
    assert run_collector(ask, sources, RULES).error == "KeyError: 'total_market_cap'"
    assert books(sources)["error_kind"] == "broken"


def test_an_alert_is_kept_once_and_shown_with_the_others(sources: Sources) -> None:
    now = datetime.now(UTC)
    alert = MarketAlert(
        MarketAlertKind.DOMINANCE_SHIFT, "toy market", now, now, Severity.WARNING, "it moved", {"by": 2.5}, 1
    )
    later = MarketAlert(
        MarketAlertKind.DOMINANCE_SHIFT,
        "toy market",
        now + MINUTE,
        now + MINUTE,
        Severity.WARNING,
        "again",
        {},
        1,
    )
    ask = collector(lambda _, at: caps((at, 1.0)), alerts=lambda _, at: [alert, alert, later])
    declared(sources, ask)
    assert run_collector(ask, sources, RULES).alerts == 1
    assert sources.database.rows("SELECT venue, symbol, kind, title, detail FROM alerts") == [
        {
            "venue": None,
            "symbol": "toy market",
            "kind": "dominance_shift",
            "title": "it moved",
            "detail": {"by": 2.5},
        }
    ]


def test_a_collector_without_its_key_is_off_and_says_so(sources: Sources) -> None:
    ask = collector(lambda _, at: caps((at, 1.0)), needs_key="coinmarketcap_key")
    assert declared(sources, ask).declare() == []
    (row,) = sources.database.rows("SELECT state, why FROM data_sources")
    assert row == {"state": "off", "why": "needs a key: set ALPHAPULSE_PROVIDERS__COINMARKETCAP_KEY"}


def test_the_poller_asks_by_cadence_one_round_at_a_time_and_stops_when_told(sources: Sources) -> None:
    rounds: list[Round] = []
    running, most = 0, 0

    def collect(_: Sources, at: datetime) -> Collected:
        nonlocal running, most
        running += 1
        most = max(most, running)
        running -= 1
        return caps((at, 1.0))

    ask = collector(collect, every=timedelta(seconds=0.3))
    stop = threading.Event()
    poller = declared(sources, ask, took=rounds.append)
    thread = threading.Thread(target=poller.run, args=(stop,))
    thread.start()
    try:
        eventually(lambda: len(rounds) >= 3, "three rounds", seconds=60)
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()
    assert most == 1
    assert all(each.error is None for each in rounds)


def test_a_collector_that_hangs_holds_up_neither_the_others_nor_the_end(sources: Sources) -> None:
    rounds: list[Round] = []
    hangs, goes_on, stop = threading.Event(), threading.Event(), threading.Event()

    def hang(_: Sources, at: datetime) -> Collected:
        hangs.set()
        assert goes_on.wait(60)
        return Collected()

    second = timedelta(seconds=0.2)
    asked = [collector(hang, name="hangs"), collector(lambda _, at: caps((at, 1.0)), every=second)]
    poller = Poller(sources, asked, RULES, "run", 2, rounds.append, stop_seconds=0.1)
    thread = threading.Thread(target=poller.run, args=(stop,))
    thread.start()
    try:
        assert hangs.wait(60)
        eventually(lambda: len(rounds) >= 2, "the other one is asked", seconds=60)
        stop.set()
        thread.join(30)
        assert not thread.is_alive()
        assert {each.collector.name for each in rounds} == {"caps toy"}
    finally:
        stop.set()
        goes_on.set()
        thread.join(60)


def test_a_round_that_had_nobody_to_ask_about_is_followed_by_another_soon(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller_module, "IDLE", timedelta(seconds=0.2))
    rounds: list[Round] = []
    empty = caps().rows

    def nobody_then_somebody(_: Sources, at: datetime) -> Collected:
        return Collected(empty) if len(rounds) < 2 else caps((at, 1.0))

    stop = threading.Event()
    ask = collector(nobody_then_somebody, every=timedelta(hours=1))
    thread = threading.Thread(target=declared(sources, ask, took=rounds.append).run, args=(stop,))
    thread.start()
    try:
        eventually(lambda: len(rounds) >= 3, "it is asked again", seconds=60)
    finally:
        stop.set()
        thread.join(60)
    assert [each.idle for each in rounds[:3]] == [True, True, False]


def test_one_that_never_answered_counts_as_silent_once_its_rounds_are_over(sources: Sources) -> None:
    declared(sources, collector(lambda _, at: caps((at, 1.0))))
    states = "SELECT state FROM data_sources"
    assert sources.database.rows(states) == [{"state": "waiting"}]
    assert sources.database.rows(statement("alerts/silent_sources")) == []
    sources.database.execute("UPDATE collectors SET declared_at = now() - INTERVAL '10 minutes'")
    assert sources.database.rows(states) == [{"state": "silent"}]
    (silent,) = sources.database.rows(statement("alerts/silent_sources"))
    assert (silent["dataset"], silent["answered_at"]) == ("toy_caps", None)


def test_a_source_that_is_silent_for_an_hour_beside_one_that_answers_is_told(sources: Sources) -> None:
    one = collector(lambda _, at: caps((at, 1.0)))
    other = collector(lambda _, at: caps((at, 1.0)), name="caps other", source="other")
    declared(sources, one, other)
    for each in (one, other):
        run_collector(each, sources, RULES)
    told = statement("alerts/silent_sources_beside_others")
    assert sources.database.rows(told) == []
    last = "UPDATE collectors SET answered_at = now() - %(age)s WHERE collector = 'caps other'"
    sources.database.execute(last, {"age": timedelta(minutes=50)})
    assert sources.database.rows(told) == []
    sources.database.execute(last, {"age": timedelta(minutes=70)})
    (silent,) = sources.database.rows(told)
    assert (silent["dataset"], silent["source"]) == ("toy_caps", "other")
    assert silent["seconds"] == pytest.approx(4200, abs=120)
    sources.database.execute("UPDATE collectors SET answered_at = now() - INTERVAL '70 minutes'")
    assert sources.database.rows(told) == []  # nobody serves it: that is another alert


def test_a_bad_row_that_is_told_again_is_kept_once(sources: Sources) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    heard = iter((now, now + timedelta(seconds=1)))

    def lie(_: Sources, at: datetime) -> Collected:
        (rows,) = caps((now, -1.0)).rows
        known = pl.lit(next(heard), pl.Datetime("us", "UTC"))
        return Collected([Rows("toy_caps", CAPS, rows.frame.with_columns(known_at=known))])

    ask = collector(lie)
    declared(sources, ask)
    for _ in range(2):
        assert run_collector(ask, sources, RULES).quarantined == 1
    assert sources.database.rows("SELECT seen FROM quarantine") == [{"seen": 2}]


def test_what_was_missed_is_not_made_up_for() -> None:
    due = datetime(2026, 1, 1, tzinfo=UTC)
    assert next_due(due, MINUTE, due) == due + MINUTE
    assert next_due(due, MINUTE, due + timedelta(minutes=5, seconds=1)) == due + 6 * MINUTE


def test_partitions_that_got_rows_are_reported_and_what_could_not_be_is_next_time() -> None:
    told: list[dg.AssetMaterialization] = []
    away = True

    def event(materialization: dg.AssetMaterialization) -> None:
        if away:
            raise ConnectionError
        told.append(materialization)

    dataset = Dataset(name="toy_caps", description="Caps.", group="toys", layer="collected", tables=[CAPS])
    day = datetime(2026, 1, 2, tzinfo=UTC)
    report = Report({"toy_caps": dataset}, day.date(), "run", event, lambda line: None)
    ask = collector(lambda _, at: caps((at, 1.0)))
    done = Round(ask, day, days={"toy_caps": {day.date(), day.date() - timedelta(days=1)}})
    done.written["toy_caps"] = Written(inserted=2)
    report.took(done)
    report.tell()
    away = False
    report.tell()
    report.tell()
    assert [(each.asset_key.path, each.partition) for each in told] == [(["toy_caps"], "2026-01-02")]
    assert report.failed_reports == 1


def test_the_collectors_of_the_registry_have_names_of_their_own() -> None:
    assert len({each.name for each in collectors_of(DATASETS)}) == len(collectors_of(DATASETS))
    ask = collector(lambda _, at: caps((at, 1.0)))
    twice = Dataset(name="a", description="A.", group="toys", collectors=[ask, collector(ask.collect)])
    with pytest.raises(ValueError, match="two collectors are called"):
        collectors_of([twice])
