"""The Python client on a filled database: the same frames from it and from the API, and nothing early."""

import os
import threading
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
from client_fixtures import api_over
from client_market import DAYS, Market
from polars.testing import assert_frame_equal
from stream_rows import DAY, HOUR, MINUTE

import alphapulse as ap
from alphapulse.backends import api
from alphapulse.backends import database as by_database
from alphapulse.readings.catalogue import BY_NAME
from alphapulse_resources.database.analyst import prepare_analyst
from alphapulse_resources.settings import get_settings
from tests.databases import fresh_database

pytestmark = pytest.mark.filterwarnings("ignore::alphapulse.errors.MissingBarsWarning")


@pytest.fixture(scope="module")
def market(stocked: tuple[str, Market]) -> Market:
    """What the database holds."""
    return stocked[1]


@pytest.fixture(scope="module")
def db(stocked: tuple[str, Market]) -> Iterator[ap.Client]:
    """The client on the database."""
    with ap.connect(stocked[0]) as client:
        yield client


@pytest.fixture(scope="module")
def over_api(stocked: tuple[str, Market]) -> Iterator[ap.Client]:
    """The client on the API over the same database."""
    with api_over(stocked[0]) as address, ap.connect(address) as client:
        yield client


ASKED: dict[str, Callable[[ap.Client], pl.DataFrame]] = {
    "candles": lambda db: db.candles("BTC/USDT", "1h"),
    "candles of a stretch": lambda db: db.candles(["BTC/USDT", "ETH/USDT"], "15m", start="4d", end="1d"),
    "candles, newest": lambda db: db.candles(["BTC/USDT", "ETH/USDT"], "1m", limit=7),
    "candles as of": lambda db: db.candles("BTC/USDT", "1h", venue="binance", as_of="36h", limit=30),
    "indicators": lambda db: db.indicators("BTC/USDT", "1h", venue="binance", limit=30),
    "regimes": lambda db: db.regimes("BTC/USDT", "1h", venue="binance", limit=30),
    "patterns": lambda db: db.patterns("BTC/USDT", "1h", kind="candlestick", confirmed=True),
    "patterns as of": lambda db: db.patterns("BTC/USDT", ["15m", "1h"], as_of="3d"),
    "chart patterns": lambda db: db.chart_patterns("BTC/USDT"),
    "performance": lambda db: db.performance("15m", pattern="hammer"),
    "calibration": lambda db: db.calibration("confidence", "15m", horizon=10),
    "outcomes": lambda db: db.outcomes("BTC/USDT", "15m", pattern="hammer", horizon=10),
    "signals": lambda db: db.signals(),
    "signal outcomes": lambda db: db.signal_outcomes("BTC/USDT", ["15m", "1h"]),
    "signal performance": lambda db: db.signal_performance("timeframe"),
    "signal equity": lambda db: db.signal_equity(),
    "signals now": lambda db: db.signals(active=True),
    "trades": lambda db: db.trades("BTC/USDT"),
    "whales": lambda db: db.whales("BTC/USDT", kind="wall_appeared", side="bid", min_notional_usd=1e6),
    "zones": lambda db: db.zones("BTC/USDT").drop("seconds_old"),
    "zones of a time": lambda db: db.zones("BTC/USDT", start="1d", side="support"),
    "metrics": lambda db: db.metrics(min_confidence=0.85, limit=20),
    "open interest": lambda db: db.open_interest("BTC/USDT:USDT", start="3d"),
    "funding": lambda db: db.funding("BTC/USDT:USDT", start="3d"),
    "liquidations": lambda db: db.liquidations("BTC/USDT:USDT", position_side="long"),
    "options": lambda db: db.options("BTC"),
    "options chain": lambda db: db.options("BTC", chain=True, start="2020-01-01", limit=100),
    "news": lambda db: db.news("BTC", limit=20),
    "sentiment": lambda db: db.sentiment("BTC/USDT", limit=20),
    "gaps": lambda db: db.gaps("BTC/USDT"),
    "quality": lambda db: db.quality("BTC/USDT", start="30d"),
    "symbols": lambda db: db.symbols(tracked=True),
}


@pytest.mark.parametrize("name", ASKED)
def test_database_and_api_give_the_same_frame(name: str, db: ap.Client, over_api: ap.Client) -> None:
    ask = ASKED[name]
    ours, theirs = ask(db), ask(over_api)
    assert_frame_equal(ours, theirs)
    assert ours.height or name == "signals now"
    for column, kind in ours.schema.items():
        assert not isinstance(kind, pl.BaseExtension), column
        assert not isinstance(kind, pl.Datetime) or kind == pl.Datetime("us", "UTC"), column
    assert ours.to_pandas().shape == ours.shape


SLOW = {"sentiment_with_price"}
"""Readings whose view takes seconds even here."""


def test_every_reading_is_the_same_over_both(db: ap.Client, over_api: ap.Client) -> None:
    told, hour_ago = 0, datetime.now(UTC) - HOUR
    for name, reading in BY_NAME.items():
        if name in SLOW:
            continue
        asked: dict[str, Any] = {"symbol": "BTC/USDT"} if "symbol" in reading.needs else {}
        if reading.time:
            asked |= {"end": hour_ago, "limit": 50}  # what is before does not move any more
        ours, theirs = db.reading(name, **asked), over_api.reading(name, **asked)
        moving = [each for each in ours.columns if each.endswith(("seconds", "age", "seconds_old"))]
        assert_frame_equal(ours.drop(moving), theirs.drop(moving))
        told += bool(ours.height)
    assert told > 45


def test_a_stretch_by_its_table_is_what_the_reading_tells(db: ap.Client, market: Market) -> None:
    """The quick way to a long stretch, beside the reading's own statement."""
    for timeframe in ("1m", "1h", "1d"):
        quick = db.candles("BTC/USDT", timeframe, start=market.start, end=market.end)
        own = db.candles("BTC/USDT", timeframe, start=market.start, end=market.end, limit=1_000_000)
        assert_frame_equal(quick, own)
        assert quick.height >= DAYS + 3


def test_native_bars_stand_in_as_the_reading_has_them(
    db: ap.Client, market: Market, stocked: tuple[str, Market]
) -> None:
    key, old = market.keys["binance", "ETH/USDT"], market.start - 30 * DAY
    with psycopg.connect(stocked[0]) as connection:
        for timeframe_id, ts in ((60, old), (60, market.start), (1, old)):
            connection.execute(
                "INSERT INTO ohlcv_native (instrument_id, timeframe_id, ts, open, high, low, close, volume,"
                " source_id, received_at) VALUES (%s, %s, %s, 1, 1, 1, 1, 1, 2, %s)",
                [key, timeframe_id, ts, ts + DAY],
            )
    for timeframe in ("1m", "1h"):
        asked = {"venue": "binance", "start": old, "end": market.start + 2 * HOUR}
        quick = db.candles("ETH/USDT", timeframe, **asked)  # type: ignore[arg-type]
        own = db.candles("ETH/USDT", timeframe, limit=1_000_000, **asked)  # type: ignore[arg-type]
        assert_frame_equal(quick, own)
        assert quick.filter("native")["ts"].to_list() == [old]


def test_candles_are_those_that_were_written(db: ap.Client, market: Market) -> None:
    found = db.candles("BTC/USDT", "1m", venue="binance", start=market.start)
    assert_frame_equal(found.select(market.minutes.columns), market.minutes)
    assert found["known_at"].to_list() == [ts + MINUTE for ts in market.minutes["ts"]]
    assert set(found["source"]) == {"rest", "stream"}


def test_a_correction_is_not_known_before_it_came(db: ap.Client, over_api: ap.Client, market: Market) -> None:
    """Minutes and hours alike: before it the old values, after it the new ones."""
    for client in (db, over_api):
        for timeframe, ts in (("1m", market.corrected), ("1h", market.corrected.replace(minute=0))):
            asked: Any = {"venue": "binance", "start": ts, "end": ts + MINUTE}
            before = client.candles("BTC/USDT", timeframe, as_of=market.corrected_at - MINUTE, **asked)
            after = client.candles("BTC/USDT", timeframe, as_of=market.corrected_at + MINUTE, **asked)
            length = MINUTE if timeframe == "1m" else HOUR
            old = market.before.filter(pl.col("ts").is_between(ts, ts + length, closed="left"))
            assert before["high"].item() == pytest.approx(old["high"].max())
            assert after["high"].item() == 99_000.0


def test_as_of_looks_at_nothing_that_came_later(db: ap.Client, market: Market) -> None:
    """Bars as of a time are those of a database that ended then."""
    at = market.end - 26 * HOUR - 30 * MINUTE
    found = db.candles("BTC/USDT", "1h", venue="binance", as_of=at, start=market.start)
    assert found["known_at"].max() == at - 30 * MINUTE  # the hour that had begun is not there
    assert found["received_at"].max() <= at  # type: ignore[operator]
    now = db.candles("BTC/USDT", "1h", venue="binance", start=market.start, end=found["ts"].max() + HOUR)
    assert_frame_equal(found.drop("received_at"), now.drop("received_at"))


@pytest.mark.parametrize("ask", ["patterns", "chart_patterns", "outcomes", "signals", "signal_outcomes"])
def test_nothing_is_there_before_it_was_known(ask: str, db: ap.Client, market: Market) -> None:
    everything = getattr(db, ask)(start=market.start)
    times = everything["known_at"].unique().sort()
    at = times[len(times) // 2]
    before = getattr(db, ask)(start=market.start, as_of=at - timedelta(microseconds=1))
    until = getattr(db, ask)(start=market.start, as_of=at)
    assert before["known_at"].max() < at
    assert until["known_at"].max() == at
    assert_frame_equal(until, everything.filter(pl.col("known_at") <= at))


def test_gaps_and_indicators_as_of(db: ap.Client, market: Market) -> None:
    found = market.hole[1]
    assert db.gaps("BTC/USDT", as_of=found - MINUTE).is_empty()
    assert db.gaps("BTC/USDT", as_of=found)["minutes"].to_list() == [90]
    at = market.end - DAY
    assert db.indicators("BTC/USDT", "1h", venue="binance", as_of=at)["known_at"].max() == at


@pytest.mark.parametrize(
    "ask", ["freshness", "performance", "signal_performance", "signal_equity", "calibration"]
)
def test_what_does_not_tell_of_the_past_takes_no_as_of(ask: str, db: ap.Client) -> None:
    with pytest.raises(TypeError):
        getattr(db, ask)(as_of="1d")
    with pytest.raises(ap.ParameterError, match="cannot be asked as of a time") as caught:
        db.reading(
            {"performance": "pattern_performance", "calibration": "score_calibration"}.get(ask, ask),
            as_of="1d",
        )
    assert caught.value.parameter == "as_of"


def test_signals_that_stand_now_take_no_as_of(db: ap.Client) -> None:
    with pytest.raises(ap.ParameterError, match="ask signals, whose known_at"):
        db.signals(active=True, as_of="1d")


@pytest.mark.filterwarnings("default::alphapulse.errors.MissingBarsWarning")
def test_missing_bars_warn_once_with_their_number(db: ap.Client, market: Market) -> None:
    with pytest.warns(ap.MissingBarsWarning) as caught:
        found = db.candles("BTC/USDT", "1m", start=market.start)
    (warning,) = caught
    said = str(warning.message)
    assert "bybit BTC/USDT: 90 bars of 1m are missing" in said
    assert "gaps('BTC/USDT')" in said
    assert "binance" not in said
    assert Path(warning.filename) == Path(__file__)
    assert found.height == DAYS * 1440 + 3 * 1440 - 90
    with pytest.warns(ap.MissingBarsWarning, match="1 bar of 1h is missing, 1 bar of 1h is short of minutes"):
        db.candles("BTC/USDT", "1h", venue="bybit")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        db.candles("BTC/USDT", "1m", venue="binance")


@pytest.mark.parametrize(
    ("start", "end", "missing"),
    [
        (-30, 120, 90),  # in the middle
        (10, 120, 80),  # at its start
        (-30, 60, 60),  # at its end
        (10, 60, 50),  # all of it
        (-30, 0, 0),
        (90, 120, 0),
    ],
)
@pytest.mark.filterwarnings("default::alphapulse.errors.MissingBarsWarning")
def test_a_hole_at_the_edge_of_a_stretch_is_missing_too(
    start: int, end: int, missing: int, db: ap.Client, market: Market
) -> None:
    first = market.hole[0]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        stretch: Any = {"start": first + start * MINUTE, "end": first + end * MINUTE}
        found = db.candles("BTC/USDT", "1m", venue="bybit", **stretch)
    assert found.height == end - start - missing
    said = [str(each.message) for each in caught]
    assert len(said) == bool(missing)
    assert all(f"bybit BTC/USDT: {missing} bars of 1m are missing" in each for each in said)


@pytest.mark.filterwarnings("default::alphapulse.errors.MissingBarsWarning")
def test_what_was_before_the_first_candle_and_is_after_the_last_is_not_missing(
    db: ap.Client, market: Market
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        db.candles("BTC/USDT", "1m", venue="binance", start=market.start - DAY, end=market.end + DAY)
        assert db.candles("BTC/USDT", "1h", venue="binance", start="2020-01-01", end="2020-01-02").is_empty()


def test_a_symbol_of_several_venues_comes_of_all_of_them(db: ap.Client) -> None:
    assert set(db.candles("btc/usdt", "1d")["venue"]) == {"binance", "bybit"}
    found = db.candles("BTC/USDT", "1h", limit=3)
    assert found["venue"].to_list().count("bybit") == 3
    assert found["ts"].is_sorted()


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda db: db.candles("BTCUSDT"), "did you mean BTC/USDT on binance, bybit"),
        (lambda db: db.candles("ETH/USDT", venue="bybit"), "binance has it"),
        (
            lambda db: db.candles("BTC/USDT", "1hour"),
            "timeframe '1hour' is not known; there are 1m, 5m, 15m, 1h",
        ),
        (lambda db: db.funding("BTC/USDT:USD"), "did you mean BTC/USDT:USDT"),
        (lambda db: db.describe("candles"), "did you mean"),
        (lambda db: db.reading("candle"), "did you mean candles"),
        (lambda db: db.book("ETH/USDT"), "no book of ETH/USDT is stored"),
    ],
)
def test_a_wrong_name_is_told_what_is_near(
    ask: Callable[[ap.Client], object], said: str, db: ap.Client
) -> None:
    with pytest.raises(ap.NotFoundError) as caught:
        ask(db)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("ask", "parameter"),
    [
        (lambda db: db.candles("BTC/USDT", start="2026-13-01"), "start"),
        (lambda db: db.candles("BTC/USDT", start="1d", end="2d"), "end"),
        (lambda db: db.candles("BTC/USDT", limit=0), "limit"),
        (lambda db: db.candles([]), "symbol"),
        (lambda db: db.patterns(kind="bars"), "kind"),
        (lambda db: db.whales(min_notional_usd="much"), "min_notional_usd"),
        (lambda db: db.reading("patterns", nope=1), "nope"),
        (lambda db: db.sql("SELECT :x"), "x"),
        (lambda db: db.trades(None), "symbol"),
        (lambda db: db.book(["BTC/USDT"]), "symbol"),
    ],
)
def test_a_wrong_parameter_is_named(ask: Callable[[Any], object], parameter: str, db: ap.Client) -> None:
    with pytest.raises(ap.ParameterError) as caught:
        ask(db)
    assert caught.value.parameter == parameter


def test_a_book_has_sides_and_says_whether_it_is_trusted(db: ap.Client, over_api: ap.Client) -> None:
    newest = db.reading("book_history", symbol="BTC/USDT", limit=1)["ts"].item()
    book = db.book("BTC/USDT", "binance", at=newest + timedelta(seconds=1))
    assert book.bids.rows() == [(59_999.0, 1.0, 1.0), (59_998.0, 2.0, 3.0), (59_990.0, 3.0, 6.0)]
    assert book.asks["total"].to_list() == [0.5, 4.5]
    assert (book.mid, book.spread, book.trusted, book.state) == (60_000.0, 2.0, True, "synced")
    assert book.age == timedelta(seconds=1)
    assert "trusted" in repr(book)
    theirs = over_api.book("BTC/USDT", "binance", at=book.at)
    assert_frame_equal(theirs.bids, book.bids)
    assert (theirs.ts, theirs.trusted) == (book.ts, True)


def test_a_book_that_was_broken_is_not_trusted(db: ap.Client) -> None:
    stretch = db.reading("book_trust", symbol="BTC/USDT", state="broken")
    (broken,) = stretch["valid_from"].to_list()
    during = db.book("BTC/USDT", "binance", at=broken + 2 * MINUTE)
    assert (during.trusted, during.state) == (False, "broken")
    before = db.book("BTC/USDT", "binance", at=broken - timedelta(seconds=2))
    assert before.trusted
    assert before.ts <= before.at
    with pytest.raises(ap.NotFoundError):
        db.book("BTC/USDT", "binance", at=broken - 2 * DAY)


def test_signals_have_their_plan_and_reasons(db: ap.Client) -> None:
    found = db.signals()
    plan = found.unnest("plan")
    assert plan.filter(pl.col("signal") != "neutral")["stop"].null_count() == 0
    reasons = found["reasons"].struct.field("counted").explode(empty_as_null=False, keep_nulls=False)
    assert reasons.struct.field("pattern").null_count() == 0
    assert reasons.struct.field("known_at").dtype == pl.Datetime("us", "UTC")
    assert db.signals(signal="strong_buy", start="1d", end="1d").schema == found.schema


def test_sql_takes_values_and_never_reads_them_as_sql(db: ap.Client) -> None:
    for style in (":symbol", "%(symbol)s"):
        text = f"SELECT DISTINCT venue FROM instruments WHERE symbol = {style} ORDER BY 1;  -- all of them"
        assert db.sql(text, symbol="BTC/USDT")["venue"].to_list() == ["binance", "bybit"]
    evil = "x'; DROP TABLE ohlcv_1m; --"
    assert db.sql("SELECT :evil AS said", evil=evil)["said"].item() == evil
    found = db.sql("SELECT 1.5::numeric AS n, '{}'::jsonb AS j, ARRAY[2::numeric] AS a, now() AS ts")
    assert found.schema == {
        "n": pl.Float64,
        "j": pl.String,
        "a": pl.List(pl.Float64),
        "ts": pl.Datetime("us", "UTC"),
    }
    symbols = db.sql("SELECT symbol FROM instruments WHERE symbol = ANY(:s)", s=["ETH/USDT", "nope"])
    assert symbols["symbol"].to_list() == ["ETH/USDT"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT * FROM candels", "did you mean"),
        ("SELECT nope FROM ohlcv", "does not exist"),
        ("", "is empty"),
        ("SELECT now() - now() AS took", "extract\\(epoch FROM took\\)"),
        ("SELECT tstzrange(now(), now()) AS r", "r::text"),
        ("SELECT 1; SELECT 2", "multiple commands"),
        ("SELEC 1", "syntax error"),
    ],
)
def test_a_statement_that_cannot_be_says_why(text: str, said: str, db: ap.Client) -> None:
    with pytest.raises(ap.QueryError, match=said):
        db.sql(text)


WRITES = (
    "DELETE FROM candle_flags RETURNING 1",
    "WITH gone AS (DELETE FROM gap_ledger RETURNING 1) SELECT * FROM gone",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT nextval('instruments_instrument_id_seq')",
    "INSERT INTO venues (venue) VALUES ('x') RETURNING 1",
    "SELECT 1) TO STDOUT; DELETE FROM gap_ledger; COPY (SELECT 1",
)


@pytest.mark.parametrize("text", WRITES)
def test_a_superusers_dsn_only_reads(text: str, db: ap.Client) -> None:
    db.sql("SELECT set_config('default_transaction_read_only', 'off', false)")  # ends with its statement
    with pytest.raises(ap.QueryError):
        db.sql(text)
    assert db.gaps("BTC/USDT").height == 1


def test_a_statement_that_takes_too_long_is_stopped_once(stocked: tuple[str, Market]) -> None:
    with ap.connect(f"{stocked[0]}?options=-c%20statement_timeout%3D200") as client:
        began = datetime.now()
        with pytest.raises(ap.QueryError, match="stopped after 200ms"):
            client.sql("SELECT pg_sleep(5)")
        assert datetime.now() - began < timedelta(seconds=5)


def test_a_client_is_shared_between_threads(db: ap.Client, market: Market) -> None:
    wanted = db.candles("BTC/USDT", "1h", venue="binance", start=market.start)
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(5):
                assert db.candles("BTC/USDT", "1h", venue="binance", start=market.start).equals(wanted)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_a_client_that_was_closed_connects_anew(stocked: tuple[str, Market]) -> None:
    client = ap.connect(stocked[0])
    with client:
        assert client.symbols().height == 4
    assert client.symbols().height == 4
    client.close()


def test_pages_of_the_api_are_followed(
    over_api: ap.Client, db: ap.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "MOST_ROWS", 100)
    assert_frame_equal(over_api.patterns("BTC/USDT", "1h"), db.patterns("BTC/USDT", "1h"))
    asked: Any = {"venue": "binance", "start": "3d"}
    assert_frame_equal(over_api.candles("BTC/USDT", "15m", **asked), db.candles("BTC/USDT", "15m", **asked))


def test_more_rows_than_one_answer_may_have_are_refused_not_cut(
    db: ap.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_database, "EVERY_ROW", 10)
    with pytest.raises(ap.ParameterError, match="more than 10 rows"):
        db.patterns("BTC/USDT", "1h", start="30d")


def test_an_api_tells_that_it_takes_no_sql(over_api: ap.Client) -> None:
    for ask in (lambda: over_api.sql("SELECT 1"), lambda: over_api.describe("ohlcv"), over_api.relations):
        with pytest.raises(ap.QueryError, match=r"readings\(\)|/docs"):
            ask()


def test_a_relation_is_described(db: ap.Client) -> None:
    found = db.describe("ohlcv")
    assert "meaning" in found.columns.columns
    assert found.columns.filter(column="known_at")["meaning"].item()
    assert "ohlcv" in db.relations()["relation"].to_list()


def test_nothing_shows_a_password(stocked: tuple[str, Market]) -> None:
    with psycopg.connect(stocked[0]) as connection:
        password = connection.info.password
    with ap.connect(stocked[0]) as client:
        shown = repr(client)
    assert shown.endswith("read only>")
    assert not password or password not in shown
    with pytest.raises(ap.ConnectError) as caught:
        ap.connect("postgresql://nobody:hunter2hunter2@127.0.0.1:9/none")
    assert "hunter2" not in str(caught.value)
    assert "database none at 127.0.0.1:9" in str(caught.value)


def test_a_database_without_our_tables_is_told_so(server_dsn: str) -> None:
    with fresh_database(server_dsn, migrated=False) as dsn, pytest.raises(ap.ConnectError, match="migrate"):
        ap.connect(dsn)


def test_a_home_is_read_as_its_analyst(
    stocked: tuple[str, Market], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in os.environ:
        if name.startswith("ALPHAPULSE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ALPHAPULSE_DSN", stocked[0])
    monkeypatch.setenv("ALPHAPULSE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    try:
        with pytest.raises(ap.AccessError, match="alphapulse migrate"):
            ap.connect()
        prepare_analyst(get_settings(), stocked[0])
        with ap.connect() as client:
            assert client.sql("SELECT session_user::text AS u")["u"].item().startswith("alphapulse_analyst")
            assert client.candles("BTC/USDT", "1d", venue="binance").height == DAYS
    finally:
        get_settings.cache_clear()


def test_where_nothing_runs_it_says_what_to_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("ALPHAPULSE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ap.ConnectError, match="alphapulse up"):
        ap.connect(tmp_path)
    with pytest.raises(ap.ConnectError, match="there is no folder"):
        ap.connect(tmp_path / "nowhere")
