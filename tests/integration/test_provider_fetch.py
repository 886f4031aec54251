"""A data set without a venue, from a provider's socket to table and books, and what goes wrong on the way."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from provider_support import CREATE, HOUR, KEY, TOY, ToyServer, make_fetching, running, true_cap

from alphapulse_assets.datasets.fetching import Fetching, Outcome
from alphapulse_resources.database.client import Database
from alphapulse_resources.providers.model import Series
from alphapulse_resources.venues.model import ErrorKind

BITCOIN = Series(TOY.name, "bitcoin")
DAYS = [date(2025, 3, 8), date(2025, 3, 9)]
START = datetime(2025, 3, 8, tzinfo=UTC)
NOW = datetime(2025, 3, 12, tzinfo=UTC)


@pytest.fixture
def toy(database: Database) -> Iterator[ToyServer]:
    """The provider, and a table for what it tells."""
    database.execute(CREATE)
    with running(ToyServer()) as server:
        yield server


def fetched(fetching: Fetching[Series, Any]) -> Outcome[Series]:
    """What fetching both days did."""
    outcome = Outcome(BITCOIN)
    fetching.days(BITCOIN, DAYS, outcome)
    return outcome


def ledger(database: Database) -> list[dict[str, Any]]:
    return database.rows("SELECT * FROM provider_ledger ORDER BY day")


def stored(database: Database) -> list[tuple[datetime, float]]:
    rows = database.rows("SELECT ts, market_cap FROM toy_caps WHERE provider = 'toycap' ORDER BY ts")
    return [(row["ts"], row["market_cap"]) for row in rows]


def truth(hours: int = 48) -> list[tuple[datetime, float]]:
    return [(START + n * HOUR, true_cap(START + n * HOUR)) for n in range(hours)]


def everything_kept(database: Database) -> str:
    """All that the books say, as text."""
    tables = ("fetch_log", "quarantine", "provider_ledger", "rate_limits")
    return " ".join(str(database.rows(f"SELECT * FROM {table}")) for table in tables)  # type: ignore[arg-type]


def test_rows_ledger_quarantine_and_request_log_of_a_series_without_a_venue(
    database: Database, toy: ToyServer
) -> None:
    noon = START + 12 * HOUR
    toy.extra = {
        noon: [
            [noon.isoformat(), true_cap(noon)],  # a repeat
            [(noon + HOUR / 2).isoformat(), -5.0],  # breaks the data set's own rule
            [(noon + HOUR / 4).isoformat(), "much"],  # no number
        ]
    }
    outcome = fetched(make_fetching(database, toy.url, NOW))
    assert outcome.error is None
    assert stored(database) == truth()
    assert (outcome.written.inserted, outcome.quarantined, outcome.duplicates) == (48, 2, 1)
    assert [(row["provider"], row["series"], row["dataset"], row["day"]) for row in ledger(database)] == [
        ("toycap", "bitcoin", "toy_caps", day) for day in DAYS
    ]
    assert [(row["status"], row["rows"], row["quarantined"]) for row in ledger(database)] == [
        ("complete", 24, 1),  # a row without a time is of no day
        ("complete", 24, 0),
    ]
    bad = database.rows("SELECT dataset, provider, series, instrument_id, reasons, seen FROM quarantine")
    assert {tuple(row["reasons"]) for row in bad} == {("market_cap_too_low",), ("unreadable_value",)}
    assert {(r["dataset"], r["provider"], r["series"], r["instrument_id"], r["seen"]) for r in bad} == {
        ("toy_caps", "toycap", "bitcoin", None, 1)
    }
    log = database.rows("SELECT * FROM fetch_log ORDER BY started_at")
    assert len(log) == len(toy.asked) == 6
    assert {(row["venue"], row["dataset"], row["source"], row["http_status"], row["url"]) for row in log} == {
        ("toycap", "toy_caps", "rest", 200, "api.toycap.example/v1/caps/bitcoin")
    }
    assert [row["used_weight"] for row in log] == [float(n) for n in range(1, 7)]
    assert all(row["latency_ms"] > 0 and row["run_id"] == "run-1" for row in log)
    budgets = {row["bucket"] for row in database.rows("SELECT bucket FROM rate_limits")}
    assert budgets == {"toycap-minute", "toycap-day"}
    assert toy.keys == {KEY}
    assert KEY not in everything_kept(database)

    again = fetched(make_fetching(database, toy.url, NOW))
    assert (again.written.inserted, again.written.changed, again.written.unchanged) == (0, 0, 48)
    assert stored(database) == truth()
    assert [row["seen"] for row in database.rows("SELECT seen FROM quarantine")] == [2, 2]
    assert [row["status"] for row in ledger(database)] == ["complete", "complete"]


def test_a_failure_in_the_middle_keeps_what_came_and_a_retry_goes_on_there(
    database: Database, toy: ToyServer
) -> None:
    def garbage(request: web.Request, body: dict[str, Any]) -> web.Response | dict[str, Any]:
        if datetime.fromisoformat(request.query.get("after", request.query["from"])) < START + 34 * HOUR:
            return body
        return web.Response(text="<html>Please stand by</html>", content_type="text/html")

    toy.fault = garbage
    outcome = fetched(make_fetching(database, toy.url, NOW, batch="backfill"))
    assert outcome.error is not None
    assert outcome.error.kind is ErrorKind.BAD_BODY
    assert "toycap bitcoin [2025-03-09 10:00, 2025-03-10 00:00) from rest" in str(outcome.error)
    assert "no source gave market caps" in str(outcome.error)
    assert "provider answered with something else than data" in str(outcome.error)
    assert stored(database) == truth(34)
    first, second = ledger(database)
    assert (first["status"], second["status"], second["error_kind"]) == ("complete", "failed", "bad_body")
    assert second["fetched_until"] == START + 34 * HOUR
    failed = database.rows("SELECT count(*) AS n FROM fetch_log WHERE error_kind = 'bad_body'")
    assert failed[0]["n"] == 4  # each try of the request that failed

    toy.fault = None
    before = len(toy.asked)
    again = fetched(make_fetching(database, toy.url, NOW, batch="backfill"))
    assert again.error is None
    assert toy.asked[before]["from"] == (START + 34 * HOUR).isoformat()
    assert again.written.inserted == 14
    assert stored(database) == truth()
    assert [row["status"] for row in ledger(database)] == ["complete", "complete"]


def test_an_answer_that_is_cut_short_is_asked_for_the_rest(database: Database, toy: ToyServer) -> None:
    toy.fault = lambda _, body: {**body, "next": None}  # rows are left, and no cursor to them
    outcome = fetched(make_fetching(database, toy.url, NOW))
    assert outcome.error is None
    assert stored(database) == truth()


def test_an_answer_that_gets_no_further_is_an_error_and_never_the_end(
    database: Database, toy: ToyServer
) -> None:
    def dry(request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        return {"rows": [], "left": 4, "next": None} if "after" in request.query else body

    toy.fault = dry
    outcome = fetched(make_fetching(database, toy.url, NOW))
    assert outcome.error is not None
    assert outcome.error.kind is ErrorKind.BAD_BODY
    assert "cut short at 2025-03-08 10:00 and nothing further came" in str(outcome.error)
    assert stored(database) == truth(10)
    (only,) = ledger(database)[:1]
    assert (only["status"], only["fetched_until"]) == ("failed", START + 10 * HOUR)
    assert len(database.rows("SELECT FROM fetch_log")) == 2  # the request that led nowhere is kept too


@pytest.mark.parametrize(
    ("status", "headers", "kind", "words"),
    [
        (429, {"Retry-After": "3600"}, ErrorKind.BANNED, "toycap-minute cannot be asked for another 3"),
        (403, {}, ErrorKind.GEO_BLOCKED, "this key"),
        (401, {}, ErrorKind.BAD_KEY, "get one from the provider"),
    ],
)
def test_a_refusal_is_said_once_and_not_asked_against(
    database: Database,
    toy: ToyServer,
    status: int,
    headers: dict[str, str],
    kind: ErrorKind,
    words: str,
) -> None:
    toy.fault = lambda request, _: web.Response(
        status=status, headers=headers, text=f"no: {request.headers['x-toy-key']}"
    )
    fetching = make_fetching(database, toy.url, NOW)
    outcome = fetched(fetching)
    assert outcome.error is not None
    assert outcome.error.kind is kind
    assert "toycap bitcoin" in str(outcome.error)
    assert len(toy.asked) == 1
    told = " ".join(fetch.error or "" for fetch in outcome.fetches) + str(outcome.error)
    assert KEY not in told + everything_kept(database)
    log = database.rows("SELECT http_status, error_kind, error FROM fetch_log")
    assert [(row["http_status"], row["error_kind"]) for row in log] == [(status, str(kind))]
    assert words in str(outcome.error)
    if status == 429:  # the ban holds for every process, in the database
        assert outcome.error.retry_after is not None
        assert outcome.error.retry_after > 3000
        assert fetched(make_fetching(database, toy.url, NOW)).error is not None
        assert len(toy.asked) == 1
    assert {row["status"] for row in ledger(database)} == {"failed"}
    assert stored(database) == []


def test_a_body_of_another_shape_says_what_is_missing(database: Database, toy: ToyServer) -> None:
    toy.fault = lambda *_: {"prices": [], "left": 0}
    outcome = fetched(make_fetching(database, toy.url, NOW))
    assert outcome.error is not None
    assert "the body is not as documented (KeyError: 'rows')" in str(outcome.error)


def test_the_day_that_is_not_over_is_partial_and_goes_on_later(database: Database, toy: ToyServer) -> None:
    half = START + timedelta(hours=36)
    fetched(make_fetching(database, toy.url, half, batch="b"))
    assert [row["status"] for row in ledger(database)] == ["complete", "partial"]
    fetched(make_fetching(database, toy.url, NOW, batch="b"))
    assert [row["status"] for row in ledger(database)] == ["complete", "complete"]
    assert stored(database) == truth()
