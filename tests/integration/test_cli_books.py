"""`alphapulse books` and what `alphapulse status` tells of streams, on a real database."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from cli_support import environment, run

from alphapulse_cli.books import NONE_RUN, Rates, collect, imbalance_bar
from alphapulse_resources.database.client import Database

WORKER = """
INSERT INTO stream_workers (run_id, shard, code_version, host, pid, symbols, started_at, heartbeat_at)
VALUES (%(run)s, %(shard)s, 'abc', 'here', 4711, 2, now() - INTERVAL '100 seconds',
    now() - %(silent)s * INTERVAL '1 second')
"""
BOOK = """
INSERT INTO order_book_status (instrument_id, state, cause, since, last_update, spread_bps, weighted_mid,
    imbalance, bid_depth_10bps, ask_depth_10bps, bid_depth_50bps, ask_depth_50bps, messages, gaps, resyncs,
    dropped, shard, run_id, updated_at)
SELECT instrument_id, %(state)s, %(cause)s, now(), now() - INTERVAL '2 seconds', 1.25, 64000.5, -0.6,
    1500000, 2500, NULL, NULL, 1000, 3, 2, 0, '1-of-1', %(run)s, now()
FROM instruments WHERE venue = %(venue)s AND symbol = %(symbol)s
"""


@pytest.fixture
def home(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two tracked symbols, and commands that use this database."""
    with environment(monkeypatch, tmp_path, DSN=dsn):
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "SELECT track_symbol('binance', 'BTC/USDT'), track_symbol('bybit', 'ETH/USDT')"
            )
        yield


def stream(database: Database, *, silent: float = 1, state: str = "synced", cause: str = "snapshot") -> None:
    """A worker that was heard of so many seconds ago, with two books."""
    database.execute(WORKER, {"run": "run-1", "shard": "1-of-1", "silent": silent})
    for venue, symbol in (("binance", "BTC/USDT"), ("bybit", "ETH/USDT")):
        row = {"venue": venue, "symbol": symbol, "state": state, "cause": cause, "run": "run-1"}
        database.execute(BOOK, row)


@pytest.mark.usefixtures("home")
def test_without_streams_it_says_how_to_have_some() -> None:
    said = run("books", "--once")
    assert (said.code, said.out.strip()) == (0, NONE_RUN)
    assert run("books", "--json").json == {"running": False, "workers": [], "books": []}
    status = run("status")
    assert "Streams: no stream runs" in status.out


@pytest.mark.usefixtures("home")
def test_a_book_shows_its_figures(database: Database) -> None:
    stream(database)
    out = run("books", "--once").out
    assert "weighted mid" in out
    assert "shard 1-of-1 running: 2 of 2 books synced, 2 symbols" in out
    (line,) = (line for line in out.splitlines() if "binance" in line)
    for text in ("BTC/USDT", "synced", "1.25", "64,000.5", "-0.60", "1.5M / 2.5k", "? / ?", "10.0"):
        assert text in line


@pytest.mark.usefixtures("home")
def test_json_has_every_figure_and_filters_choose(database: Database) -> None:
    stream(database)
    found = run("books", "--json").json
    assert found["running"]
    assert [book["venue"] for book in found["books"]] == ["binance", "bybit"]
    book = found["books"][0]
    assert (book["gaps"], book["resyncs"], book["bid_depth_50bps"]) == (3, 2, None)
    assert book["messages_per_second"] == pytest.approx(10, rel=0.2)
    for option, value in (("--venue", "bybit"), ("--symbol", "eth")):
        (only,) = run("books", "--json", option, value).json["books"]
        assert only["symbol"] == "ETH/USDT"
    assert run("books", "--json", "--venue", "kraken").json["books"] == []


@pytest.mark.usefixtures("home")
def test_books_of_a_worker_that_is_gone_are_not_shown_as_synced(database: Database) -> None:
    stream(database, silent=120)
    out = run("books", "--once").out
    assert "shard 1-of-1 silent" in out
    assert NONE_RUN in out
    (line,) = (line for line in out.splitlines() if "binance" in line)
    assert "no worker" in line
    assert "64,000.5" not in line  # a price nobody vouches for


@pytest.mark.usefixtures("home")
def test_a_book_that_is_not_synced_says_why_and_shows_no_prices(database: Database) -> None:
    stream(database, state="resyncing", cause="gap")
    (line,) = (line for line in run("books", "--once").out.splitlines() if "binance" in line)
    assert "resyncing gap" in line
    assert "64,000.5" not in line


@pytest.mark.usefixtures("home")
def test_books_that_nobody_follows_any_more_are_left_out(database: Database) -> None:
    stream(database)
    database.execute("UPDATE order_book_status SET state = 'stopped', cause = 'untracked'")
    assert len(run("books", "--json").json["books"]) == 2  # tracked, so they are missed
    database.rows("SELECT untrack_symbol('bybit', 'ETH/USDT')")
    assert [book["symbol"] for book in run("books", "--json").json["books"]] == ["BTC/USDT"]


@pytest.mark.usefixtures("home")
def test_the_status_tells_of_workers(database: Database) -> None:
    stream(database)
    (worker,) = run("status", "--json").json["streams"]
    assert (worker["shard"], worker["state"], worker["books"], worker["synced"]) == (
        "1-of-1",
        "running",
        2,
        2,
    )
    assert "1-of-1" in run("status").out
    ended = "UPDATE stream_workers SET stopped_at = now() - %(ago)s::interval, stopped_because = 'SIGINT'"
    database.execute(ended, {"ago": timedelta(minutes=1)})
    assert run("status", "--json").json["streams"][0]["state"] == "stopped"
    database.execute(ended, {"ago": timedelta(minutes=11)})
    assert run("status", "--json").json["streams"] == []


@pytest.mark.usefixtures("home")
def test_rates_are_those_between_two_looks(database: Database) -> None:
    stream(database)
    rates = Rates()
    (book, _) = collect(database)["books"]
    assert rates.of(book) == pytest.approx(10, rel=0.2)
    later = {**book, "updated_at": book["updated_at"] + timedelta(seconds=2), "messages": 1080}
    assert rates.of(later) == 40
    assert rates.of(later) == 40  # nothing new was told


@pytest.mark.parametrize(
    ("imbalance", "text"),
    [(None, ""), (0.0, "     │      +0.00"), (1.0, "     │█████ +1.00"), (-0.6, "  ███│      -0.60")],
)
def test_the_bar_leans_to_the_heavier_side(imbalance: float | None, text: str) -> None:
    assert imbalance_bar(imbalance).plain == text


def test_an_old_schema_is_told_how_to_become_a_new_one(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("DROP TABLE order_book_status, stream_workers CASCADE")
    with environment(monkeypatch, tmp_path, DSN=dsn):
        said = run("books", "--once")
    assert said.code == 1
    assert "alphapulse migrate" in said.err
