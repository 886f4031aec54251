"""The views analysts read: what each shows, and that every column says what it means."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import psycopg
from candle_frames import DAY, MINUTE, RECEIVED, candles, register, without, write
from psycopg.types.json import Jsonb

from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.migrations import migrate
from alphapulse_resources.frames import floor_time
from tests.databases import fresh_database

MONDAY = datetime(2024, 3, 4, tzinfo=UTC)


def record_gap(database: Database, instrument_id: int, start: datetime, minutes: int, state: str) -> None:
    database.execute(
        "INSERT INTO gap_ledger (instrument_id, gap_start, gap_end, state, detected_at, verifications,"
        " reason) VALUES (%(id)s, %(start)s, %(end)s, %(state)s, now(), %(said)s, 'a test')",
        {
            "id": instrument_id,
            "start": start,
            "end": start + minutes * MINUTE,
            "state": state,
            "said": Jsonb([{"source": "rest", "at": start.isoformat()}]),
        },
    )


def coverage(database: Database, day: date) -> dict[str, Any]:
    (row,) = database.rows("SELECT * FROM candle_coverage WHERE day = %(day)s", {"day": day})
    return row


def test_every_relation_and_column_has_a_comment(database: Database) -> None:
    undocumented = database.rows(
        """
        SELECT c.relname, a.attname
        FROM pg_class AS c
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p')
            AND c.relname NOT LIKE '%%yoyo%%'
            AND (obj_description(c.oid) IS NULL OR col_description(c.oid, a.attnum) IS NULL)
        ORDER BY 1, 2
        """
    )
    assert undocumented == []


def test_every_function_has_a_comment(database: Database) -> None:
    undocumented = database.rows(
        """
        SELECT p.proname FROM pg_proc AS p
        WHERE p.pronamespace = 'public'::regnamespace AND obj_description(p.oid) IS NULL
            AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
        """
    )
    assert undocumented == []


def test_plans_are_made_for_a_disk_without_arms(server_dsn: str) -> None:
    """Otherwise a symbol's old months are looked for by decompressing those of all symbols."""
    with fresh_database(server_dsn, migrated=False) as dsn:
        migrate(dsn)  # a setting of a database is not in its copies
        (row,) = Database(dsn).rows("SHOW random_page_cost")
    assert row == {"random_page_cost": "1.1"}


def test_bars_are_shown_by_name_with_what_they_lack(database: Database, btc: int) -> None:
    hole = MONDAY + 10 * MINUTE
    frame = without(candles(MONDAY, 120), (hole, hole + 2 * MINUTE))
    write(database, btc, frame, source="archive")
    database.refresh_timeframes()
    bars = database.read("SELECT * FROM ohlcv ORDER BY timeframe, ts")
    assert bars["venue"].unique().to_list() == ["binance"]
    assert bars["symbol"].unique().to_list() == ["BTC/USDT"]
    hours = bars.filter(timeframe="1h")
    assert hours.select("ts", "bars", "expected_bars", "complete", "native").rows() == [
        (MONDAY, 58, 60, False, False),
        (MONDAY + 60 * MINUTE, 60, 60, True, False),
    ]
    assert hours["known_at"].to_list() == [MONDAY + 60 * MINUTE, MONDAY + 120 * MINUTE]
    assert hours["source"].to_list() == [None, None]
    assert hours["received_at"].to_list() == [RECEIVED, RECEIVED]
    minutes = bars.filter(timeframe="1m")
    assert minutes["ts"].to_list() == frame["ts"].to_list()
    assert minutes["source"].unique().to_list() == ["archive"]
    assert minutes["complete"].all()


def test_native_bars_are_shown_where_minutes_are_missing(database: Database, btc: int) -> None:
    write(database, btc, candles(MONDAY + 90 * MINUTE, 1))
    bars = candles(MONDAY, 4).with_columns(pl.col("ts").dt.offset_by("0m") + (pl.col("ts") - MONDAY) * 59)
    with database.transaction() as connection:
        for timeframe_id in (60, 120):  # 2h is never aggregated
            CandleStore(database).write(
                connection, btc, bars, source="import", received_at=RECEIVED, timeframe_id=timeframe_id
            )
    database.refresh_timeframes()
    hours = database.read("SELECT * FROM ohlcv WHERE timeframe = '1h' ORDER BY ts")
    assert hours.select("ts", "native", "bars", "complete", "source").rows() == [
        (MONDAY, True, None, None, "import"),
        (MONDAY + 60 * MINUTE, True, None, None, "import"),  # of which one minute is there
        (MONDAY + 120 * MINUTE, True, None, None, "import"),
        (MONDAY + 180 * MINUTE, True, None, None, "import"),
    ]
    shown = database.read("SELECT native FROM ohlcv WHERE timeframe = '2h'")
    assert shown["native"].to_list() == [True] * 4


def test_coverage_counts_from_the_listing_to_the_delisting(database: Database, btc: int) -> None:
    listed, delisted = MONDAY + 600 * MINUTE, MONDAY + 2 * DAY + 30 * MINUTE
    database.execute(
        "UPDATE instruments SET listed_at = %(listed)s, delisted_at = %(delisted)s",
        {"listed": listed - timedelta(seconds=20), "delisted": delisted},
    )
    frame = candles(listed, (delisted - listed) // MINUTE)
    holes = [
        (MONDAY + DAY, MONDAY + DAY + 6 * MINUTE),
        (MONDAY + DAY + 60 * MINUTE, MONDAY + DAY + 64 * MINUTE),
    ]
    write(database, btc, without(frame, *holes))
    record_gap(database, btc, holes[0][0], 6, "venue_had_none")
    record_gap(database, btc, holes[1][0], 4, "detected")
    database.refresh_timeframes()
    days = database.read(
        "SELECT expected, present, missing, venue_had_none, coverage, explained"
        " FROM candle_coverage ORDER BY day"
    )
    assert days.rows() == [
        (840, 840, 0, 0, 1.0, 1.0),
        (1440, 1430, 10, 6, round(1430 / 1440, 6), round(1436 / 1440, 6)),
        (30, 30, 0, 0, 1.0, 1.0),
    ]


def test_coverage_starts_with_the_first_candle_where_the_listing_is_unknown(
    database: Database, btc: int
) -> None:
    write(database, btc, candles(MONDAY + 1000 * MINUTE, 1440))
    database.execute(
        "INSERT INTO ingest_ledger (instrument_id, day, status) VALUES (%(id)s, %(day)s, 'complete')",
        {"id": btc, "day": (MONDAY - DAY).date()},
    )
    database.refresh_timeframes()
    days = database.read("SELECT expected, present, coverage, status FROM candle_coverage ORDER BY day")
    assert days.rows() == [
        (0, 0, None, "complete"),
        (440, 440, 1.0, None),
        (1440, 1000, round(1000 / 1440, 6), None),
    ]


def test_coverage_never_expects_less_than_there_is(database: Database, btc: int) -> None:
    write(database, btc, candles(MONDAY, 100))
    database.execute("UPDATE instruments SET listed_at = %(at)s", {"at": MONDAY + DAY})
    database.refresh_timeframes()
    assert coverage(database, MONDAY.date())["expected"] == 100


def test_coverage_of_today_ends_now(database: Database, btc: int) -> None:
    before = floor_time(datetime.now(UTC), "1m")
    today = floor_time(before, "1d")
    database.execute(
        "INSERT INTO ingest_ledger (instrument_id, day, status, attempts, error)"
        " VALUES (%(id)s, %(day)s, 'failed', 2, 'a reason')",
        {"id": btc, "day": today.date()},
    )
    row = coverage(database, today.date())
    after = floor_time(datetime.now(UTC), "1m")
    assert (before - today) // MINUTE <= row["expected"] <= (after - today) // MINUTE
    assert (row["present"], row["status"], row["attempts"], row["error"]) == (0, "failed", 2, "a reason")


def test_a_gap_over_midnight_counts_for_both_its_days_in_any_time_zone(database: Database, btc: int) -> None:
    midnight = datetime(2024, 3, 11, tzinfo=UTC)  # New York's clocks changed the day before
    frame = candles(midnight - 2 * DAY, 4 * 1440)
    hole = (midnight - 7 * MINUTE, midnight + 3 * MINUTE)
    write(database, btc, without(frame, hole))
    record_gap(database, btc, hole[0], 10, "venue_had_none")
    database.refresh_timeframes()
    query = "SELECT day, expected, missing, venue_had_none, explained FROM candle_coverage ORDER BY day"
    for zone in ("UTC", "America/New_York", "Pacific/Auckland"):
        with psycopg.connect(database.dsn) as connection:
            connection.execute("SELECT set_config('timezone', %s, false)", [zone])
            found = connection.execute(query).fetchall()
        assert found == [
            (date(2024, 3, 9), 1440, 0, 0, 1.0),
            (date(2024, 3, 10), 1440, 7, 7, 1.0),
            (date(2024, 3, 11), 1440, 3, 3, 1.0),
            (date(2024, 3, 12), 1440, 0, 0, 1.0),
        ]


def test_gaps_are_shown_by_name_with_their_length(database: Database, btc: int) -> None:
    record_gap(database, btc, MONDAY, 75, "detected")
    (gap,) = database.rows("SELECT * FROM candle_gaps")
    assert (gap["venue"], gap["symbol"], gap["minutes"], gap["state"]) == (
        "binance",
        "BTC/USDT",
        75,
        "detected",
    )
    assert gap["verifications"] == [{"source": "rest", "at": MONDAY.isoformat()}]


def test_quality_scores_are_those_of_the_newest_rules(database: Database, btc: int) -> None:
    for version, score in ((1, 80.0), (2, 90.0)):
        database.execute(
            "INSERT INTO quality_daily (instrument_id, day, score, coverage_of_score, expected, present,"
            " venue_had_none, quarantined, flagged, logic_version, known_at)"
            " VALUES (%(id)s, '2024-03-04', %(score)s, 1, 1440, 1440, 0, 0, 0, %(version)s, now())",
            {"id": btc, "score": score, "version": version},
        )
    (row,) = database.rows("SELECT * FROM quality_scores")
    assert (row["score"], row["logic_version"], row["symbol"]) == (90.0, 2, "BTC/USDT")
    assert database.rows("SELECT count(*) AS n FROM quality_daily") == [{"n": 2}]


def test_remarks_are_shown_by_name(database: Database, btc: int) -> None:
    database.execute(
        "INSERT INTO candle_flags (instrument_id, ts, flag, score, logic_version, known_at)"
        " VALUES (%(id)s, %(ts)s, 'jump', 12.5, 1, %(ts)s)",
        {"id": btc, "ts": MONDAY},
    )
    (row,) = database.rows("SELECT * FROM candle_remarks")
    assert (row["symbol"], row["ts"], row["flag"], row["score"]) == ("BTC/USDT", MONDAY, "jump", 12.5)


def test_latency_is_of_live_candles_only(database: Database, btc: int) -> None:
    frame = candles(MONDAY, 3)
    delays = [timedelta(seconds=1.5), timedelta(minutes=9), timedelta(minutes=10)]
    database.execute("UPDATE instruments SET tracked_at = %(at)s", {"at": MONDAY})
    write(database, btc, candles(MONDAY - MINUTE, 1), received_at=MONDAY)  # nobody waited for it
    for row, delay in zip(frame.iter_slices(1), delays, strict=True):
        write(database, btc, row, source="stream", received_at=row["ts"][0] + MINUTE + delay)
    shown = database.read("SELECT ts, source, closed_at, seconds_after_close FROM ingest_latency ORDER BY ts")
    assert shown.rows() == [
        (MONDAY, "stream", MONDAY + MINUTE, 1.5),
        (MONDAY + MINUTE, "stream", MONDAY + 2 * MINUTE, 540.0),
    ]


def test_venue_latency_summarises_requests_by_hour(database: Database, btc: int) -> None:
    requests = [(5, 10.0, None), (50, 30.0, "timeout"), (59, 20.0, None), (61, 500.0, None)]
    for minute, latency, error in requests:
        database.execute(
            "INSERT INTO fetch_log (started_at, instrument_id, venue, dataset, source, url, latency_ms,"
            " weight, used_weight, rows, error_kind)"
            " VALUES (%(at)s, %(id)s, 'binance', 'ohlcv_1m', 'rest', 'host/path', %(ms)s, 2, %(ms)s, 7,"
            " %(error)s)",
            {"at": MONDAY + minute * MINUTE, "id": btc, "ms": latency, "error": error},
        )
    hours = database.read(
        "SELECT hour, requests, failures, p50_ms, weight, max_used_weight, rows"
        " FROM venue_latency ORDER BY hour"
    )
    assert hours.rows() == [
        (MONDAY, 3, 1, 20.0, 6.0, 30.0, 21),
        (MONDAY + 60 * MINUTE, 1, 0, 500.0, 2.0, 500.0, 7),
    ]


def test_freshness_is_told_of_tracked_and_traded_symbols(database: Database) -> None:
    tracked, silent, gone, unknown = register(database, ["A/B", "C/D", "E/F", "G/H"])
    newest = floor_time(datetime.now(UTC), "1m") - 10 * MINUTE
    for instrument_id in (tracked, gone, unknown):
        write(database, instrument_id, candles(newest, 1))
    database.execute(
        "UPDATE instruments SET tracked = instrument_id <> %(unknown)s,"
        " delisted_at = CASE WHEN instrument_id = %(gone)s THEN now() END",
        {"unknown": unknown, "gone": gone},
    )
    shown = {row["instrument_id"]: row for row in database.rows("SELECT * FROM freshness")}
    assert shown.keys() == {tracked, silent}
    assert shown[tracked]["newest"] == newest
    assert 9 * 60 <= shown[tracked]["age_seconds"] < 15 * 60
    assert shown[silent]["newest"] is None
    assert shown[silent]["age_seconds"] is None
