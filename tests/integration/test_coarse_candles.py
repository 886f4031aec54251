"""The venues' own bars of 1h and 1d: fetched over the wire, kept with their ledger, and minutes take over."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import polars as pl
import pytest
from candle_frames import candles, register, write
from coarse_support import HOUR, NOW, bars_of, hours, write_native
from ingest_support import at, track
from venue_support import BYBIT, COINBASE, SPOT, USDM, candles_of, truth
from venue_support import NOW as VENUE_NOW

from alphapulse_assets.candles.coarse import CoarseFetch, Wanted, due, wanted
from alphapulse_assets.datasets.derivation import DerivationRunner
from alphapulse_assets.indicators.dataset import DERIVATION as INDICATORS
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.database.fetch_store import Batch
from alphapulse_resources.frames import CANDLE_SCHEMA
from alphapulse_resources.venues.client import VenueClient
from alphapulse_resources.venues.coarse import CoarseSource, coarse_reach
from alphapulse_resources.venues.model import ErrorKind, Instrument, VenueError
from alphapulse_sim.process import SimulatorProcess

pytest_plugins = ("venue_fixtures", "ingest_fixtures")

DAY: Final = timedelta(days=1)
KRAKEN: Final = Instrument(6, "kraken", "BTC/USD", "BTC/USD", "spot")
OKX: Final = Instrument(7, "okx", "BTC/USDT", "BTC-USDT", "spot")
FIRST: Final = date(2017, 1, 1)
REACH: Final = {"1h": 6, "1d": 60}
VENUES: Final = [pytest.param(each, id=each.venue) for each in (SPOT, USDM, BYBIT, COINBASE, KRAKEN)]


@pytest.mark.parametrize("instrument", VENUES)
def test_every_venue_serves_whole_hours_and_days_that_its_minutes_add_up_to(
    client: VenueClient, instrument: Instrument
) -> None:
    start, end = at(18), at(20)
    minutes = truth(instrument, start, end)
    for timeframe in ("1h",) if instrument is KRAKEN else ("1h", "1d"):  # of Kraken it would be 720 days
        pages = client.coarse_candles(instrument, timeframe, start, end, now=VENUE_NOW)
        found = candles_of(pages)
        assert dict(found.schema) == dict(CANDLE_SCHEMA)
        step = timedelta(hours=1) if timeframe == "1h" else DAY
        opened = pl.col("ts").dt.truncate(timeframe)
        told = minutes.group_by(opened, maintain_order=True).agg(
            pl.col("open").first(), pl.col("high").max(), pl.col("low").min(), pl.col("close").last()
        )
        assert found["ts"].to_list() == [start + n * step for n in range((end - start) // step)]
        assert found.select(told.columns).equals(told)


def test_a_bar_that_is_not_over_is_left_out(client: VenueClient) -> None:
    pages = client.coarse_candles(SPOT, "1h", at(20, 10), at(20, 13), now=VENUE_NOW)  # it is 12:00:20
    assert candles_of(pages)["ts"].to_list() == [at(20, 10), at(20, 11)]


@pytest.mark.parametrize("kept", ["oldest", "newest"])
def test_an_answer_that_was_cut_short_is_asked_for_to_its_end(
    client: VenueClient, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    whole = candles_of(client.coarse_candles(SPOT, "1h", at(19), at(20), now=VENUE_NOW))
    asked, ask = [], CoarseSource._ask

    def cut(self: CoarseSource, *window: Any) -> Any:
        answer = ask(self, *window)
        asked.append(window)
        frame = answer.candles.tail(5) if kept == "newest" else answer.candles.head(5)
        first, last = (frame["ts"][0], frame["ts"][-1]) if frame.height else (None, None)
        return replace(answer, candles=frame, first=first, last=last)

    monkeypatch.setattr(CoarseSource, "_ask", cut)
    pages = client.coarse_candles(SPOT, "1h", at(19), at(20), now=VENUE_NOW)
    if kept == "oldest":
        assert candles_of(pages).equals(whole)
    else:  # what is older than an answer is asked for once: what comes then is taken, and all after it
        assert candles_of(pages)["ts"].is_in(whole["ts"].implode()).all()
    assert 1 < len(asked) < 30


def test_hours_that_a_venue_does_not_have_end_nothing(
    client: VenueClient, simulator: SimulatorProcess
) -> None:
    whole = candles_of(client.coarse_candles(SPOT, "1h", at(19), at(20), now=VENUE_NOW))
    gone = {"start": at(19, 5).isoformat(), "end": at(19, 9).isoformat()}
    simulator.fault("drop_rows", host="api.binance.com", **gone)
    found = candles_of(client.coarse_candles(SPOT, "1h", at(19), at(20), now=VENUE_NOW))
    assert found.equals(whole.filter(~pl.col("ts").is_between(at(19, 5), at(19, 9), closed="left")))
    assert found.height == 20


def test_what_is_wanted_ends_with_the_week_in_which_minutes_begin() -> None:
    now, begins = at(20, 12), at(13)  # a Wednesday
    hourly, daily = wanted(SPOT, begins, {"1h": 30, "1d": 400}, FIRST, now)
    assert hourly == Wanted("1h", at(19, month=2), at(18))
    assert daily == Wanted("1d", datetime(2023, 2, 14, tzinfo=UTC), at(18))
    assert wanted(SPOT, begins, {"1h": 0, "1d": 5}, FIRST, now) == []  # nothing before the minutes
    listed = replace(SPOT, listed_at=at(1, 7, 30))
    assert wanted(listed, begins, {"1h": 30}, FIRST, now) == [Wanted("1h", at(1, 7), at(18))]
    assert wanted(SPOT, None, {"1d": 5}, date(2024, 3, 18), now) == [
        Wanted("1d", at(18), at(20), whole=False)
    ]
    hourly, daily = wanted(SPOT, at(19), {"1h": 30, "1d": 400}, FIRST, now)  # this week is not over
    assert (hourly.end, hourly.whole, daily.end, daily.whole) == (at(20, 12), False, at(20), False)
    (kept,) = wanted(KRAKEN, begins, {"1d": 3650}, FIRST, now)
    assert now - kept.start < 720 * DAY  # it serves its newest 720 bars
    assert coarse_reach("okx", "1h") is None
    assert wanted(OKX, begins, {"1d": 400}, FIRST, now) == []


def test_a_fetch_is_on_record_idempotent_and_goes_on_where_it_failed(
    database: Database, venue_client: VenueClient
) -> None:
    instrument, store = track(database, SPOT), CandleStore(database)
    database.execute("UPDATE instruments SET history_start = %(at)s", {"at": at(15)})

    def fetch(client: Any = venue_client) -> CoarseFetch:
        return CoarseFetch(client, store, Batch(None, None), VENUE_NOW, REACH, FIRST)

    def lacking() -> list[Wanted]:
        return [part for _, part in due(store, "binance", REACH, FIRST, VENUE_NOW)]

    hourly, daily = lacking()
    assert (hourly.start, hourly.end, daily.end) == (at(14), at(18), at(18))
    days = [at(1, month=1).date(), VENUE_NOW.date()]
    (failed,) = fetch(Failing()).days([instrument], days)
    assert failed.error is not None
    assert "down" in database.rows("SELECT error FROM coarse_ledger")[0]["error"]
    (outcome,) = fetch().days([instrument], days)
    assert outcome.error is None
    assert lacking() == []
    assert outcome.written.inserted == 4 * 24 + (at(18) - daily.start).days
    ledger = database.rows("SELECT * FROM coarse_ledger ORDER BY timeframe_id")
    assert [(row["fetched_from"], row["fetched_until"], row["attempts"]) for row in ledger] == [
        (hourly.start, at(18), 0),
        (daily.start, at(18), 0),
    ]
    (again,) = fetch().days([instrument], days)
    assert (again.written.inserted, again.written.changed) == (0, 0)
    marks = database.rows("SELECT DISTINCT day FROM derived_dirty WHERE dataset = 'indicators' ORDER BY 1")
    assert (marks[0]["day"], marks[-1]["day"]) == (daily.start.date(), at(17).date())
    four = database.rows("SELECT count(*) AS n FROM ohlcv WHERE timeframe = '4h'")
    assert four[0]["n"] == 4 * 6


class Failing:
    """A venue that does not answer."""

    def coarse_candles(self, *_: object, **__: object) -> Any:
        """Raise."""
        raise VenueError(ErrorKind.VENUE_DOWN, "the venue is down")


def test_minutes_take_over_without_a_bar_twice_or_a_jump_of_an_indicator(database: Database) -> None:
    """Native bars before, minutes from a Wednesday noon on: as if minutes had always been there."""
    start, seam = datetime(2023, 5, 1, tzinfo=UTC), datetime(2023, 5, 10, 12, 7, tzinfo=UTC)
    minutes = candles(start, 14 * 1440)
    whole, joined = register(database, ["WHOLE/USD", "JOINED/USD"], "kraken")
    write(database, whole, minutes)
    write(database, joined, minutes.filter(pl.col("ts") >= seam))
    week = datetime(2023, 5, 15, tzinfo=UTC)
    for timeframe in ("1h", "1d"):
        write_native(database, joined, bars_of(minutes, timeframe).filter(pl.col("ts") < week), timeframe)
    database.refresh_timeframes()
    store = DerivedStore(database)
    both = store.subjects([whole, joined])
    for timeframe in ("1h", "4h", "1d", "1w"):
        expected, found = (store.bars(each, timeframe, NOW).between(start, NOW) for each in both)
        columns = ["ts", "open", "high", "low", "close"]
        assert found.select(columns).equals(expected.select(columns)), timeframe
        assert (found["volume"] - expected["volume"]).abs().max() < 1e-6
    shown = database.rows(
        "SELECT timeframe, count(*) AS bars, count(DISTINCT ts) AS times, count(*) FILTER (WHERE native)"
        " FROM ohlcv WHERE symbol = 'JOINED/USD' AND timeframe IN ('1h', '4h', '1d', '1w')"
        " GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row.values()) for row in shown] == [
        ("1d", 14, 14, 10),
        ("1h", 14 * 24, 14 * 24, 9 * 24 + 13),
        ("1w", 2, 2, 2),
        ("4h", 84, 84, 9 * 6 + 4),
    ]
    told = DerivationRunner(store, INDICATORS, NOW, timeframes=["1h", "4h", "1d"]).changed()
    assert not told.failures
    values = [
        database.read(
            "SELECT ts, timeframe_id, rsi_14, ema_20, atr_14 FROM indicator_values WHERE instrument_id = $1"
            " AND timeframe_id IN (60, 240, 1440) ORDER BY timeframe_id, ts",
            (key,),
        )
        for key in (whole, joined)
    ]
    assert values[0].height == values[1].height == 14 * (24 + 6 + 1)
    for name in ("rsi_14", "ema_20", "atr_14"):
        assert values[0][name].null_count() == values[1][name].null_count()
        assert (values[0][name] - values[1][name]).abs().max() < 1e-9


def test_bars_that_lack_minutes_give_way_to_native_ones_and_whole_ones_do_not(database: Database) -> None:
    (key,) = register(database, ["GAP/USD"], "kraken")
    start = datetime(2023, 5, 1, tzinfo=UTC)
    minutes = candles(start, 3 * 60)
    write(database, key, minutes.filter(pl.col("ts") != start + timedelta(minutes=65)))
    write_native(database, key, hours(4, start=start, seed=9))
    database.refresh_timeframes()
    store = DerivedStore(database)
    bars = store.bars(store.subjects([key])[0], "1h", NOW)
    found = bars.between(start, NOW)
    native, made = hours(4, start=start, seed=9), bars_of(minutes, "1h")
    expected = [made["close"][0], native["close"][1], made["close"][2], native["close"][3]]
    assert found["close"].to_list() == expected
    assert bars.before(NOW, 2).equals(found[2:])
    assert bars.opens_after(start + HOUR, 2) == start + 2 * HOUR
    for view in ("ohlcv WHERE timeframe = '1h' AND", "bars WHERE timeframe_id = 60 AND"):
        told = database.rows(f"SELECT close FROM {view} instrument_id = %(key)s ORDER BY ts", {"key": key})
        assert [row["close"] for row in told] == expected
    asked = "SELECT close FROM candles_of(ARRAY[%(key)s], '1h', %(since)s, NULL, 10, true) ORDER BY ts"
    told = database.rows(asked, {"key": key, "since": start})
    assert [row["close"] for row in told] == expected


@pytest.mark.parametrize("oldest_first", [False, True])
def test_timeframes_that_are_only_native_are_read_by_key_as_by_the_view(
    database: Database, oldest_first: bool
) -> None:
    (key,) = register(database, ["HALF/USD"], "kraken")
    start = datetime(2023, 5, 1, tzinfo=UTC)
    write(database, key, candles(start, 3 * 60))
    database.execute(
        "INSERT INTO ohlcv_native SELECT %(key)s, 30, ts, 1, 1, 1, 1, n, n, n, n, 1, now()"
        " FROM generate_series(1, 10) AS n"
        " CROSS JOIN LATERAL (SELECT %(start)s + n * INTERVAL '30 minutes' AS ts) AS t",
        {"key": key, "start": start},
    )
    for count in (3, 100):
        asked = "SELECT * FROM candles_of(ARRAY[%(key)s], '30m', NULL, NULL, %(count)s, %(oldest)s)"
        found = database.rows(asked, {"key": key, "count": count, "oldest": oldest_first})
        wanted = database.rows(
            "SELECT * FROM ohlcv WHERE instrument_id = %(key)s AND timeframe = '30m'"
            f" ORDER BY ts {'ASC' if oldest_first else 'DESC'} LIMIT %(count)s",
            {"key": key, "count": count},
        )
        assert found == wanted
        assert len(found) == min(count, 10)
