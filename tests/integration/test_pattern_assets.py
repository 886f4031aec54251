"""Candlestick and chart patterns as assets: real runs on a real database.

That days one by one give what one pass gives, that a replay writes nothing and that a correction reaches what
it must is tested of everything that is derived in `test_indicator_assets`.
"""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from candle_frames import candles, stored, write
from dagster_support import Platform, Run
from derived_support import FIRST, LAST, at, days, rows, symbol

from alphapulse_assets.datasets.derivation import Derivation, DerivationRunner
from alphapulse_assets.indicators.dataset import DERIVATION as INDICATORS
from alphapulse_assets.patterns.candlestick import batch as candlestick
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE
from alphapulse_assets.patterns.candlestick.move import REACH
from alphapulse_assets.patterns.chart import batch
from alphapulse_assets.patterns.chart.definitions import CHART_CATALOGUE
from alphapulse_assets.patterns.dataset import CANDLESTICKS, CHARTS, candlesticks_until, charts_until
from alphapulse_assets.patterns.events.model import ORDER, PATTERN_EVENT_SCHEMA, ordered
from alphapulse_assets.patterns.events.stored import read_events
from alphapulse_assets.patterns.metadata import Picture, candlestick_picture, chart_picture
from alphapulse_assets.volume.dataset import VOLUME_DERIVATION
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import COMPUTED, TIMEFRAME_IDS, DerivedStore, Subject

pytest_plugins = ("dagster_fixtures",)

ASSETS = ("candlestick_patterns", "chart_patterns")
TABLES = ("candlestick_pattern_events", "chart_pattern_events")
DETECTORS = (candlestick.detect, batch.detect)
TRIED_LATER = datetime(2024, 6, 1, tzinfo=UTC)
COMPLETE = """
INSERT INTO chart_pattern_events
    (instrument_id, timeframe_id, ts, known_at, pattern_id, pattern, direction, stage, logic_version,
    scale, completion, pivot_ts, pivot_prices, lines, breakout_level, target, invalidation, height,
    atr, quality, detail)
VALUES
    (%(key)s, 60, '2024-03-04 10:00+00', '2024-03-04 11:00+00', 1, 'bull_pennant', %(direction)s,
    'complete', 1, 2, 100, '{}', '{}', '[]', 100, 110, %(invalidation)s, 10,
    2, 1, '{"close": 101}')
"""


def derived(database: Database, *derivations: Derivation, timeframes: tuple[str, ...] = COMPUTED) -> Subject:
    """The rows of one symbol's days by these derivations, without a run; whose they are."""
    symbol(database)
    store = DerivedStore(database)
    for derivation in derivations:
        deriving = DerivationRunner(store, derivation, TRIED_LATER, timeframes)
        deriving.days({"bybit": [FIRST.date(), LAST.date()]})
    (subject,) = store.tracked(["bybit"])
    return subject


def failed(run: Run) -> list[tuple[str, str]]:
    """The checks of a run that did not pass."""
    checks = run.result.get_asset_check_evaluations()
    return [(check.asset_key.to_user_string(), check.check_name) for check in checks if not check.passed]


def test_a_run_of_days_stores_what_the_detectors_find(platform: Platform) -> None:
    key = symbol(platform.database)
    platform.database.execute("DELETE FROM derived_dirty")  # what is due is not looked at by all checks
    run = days(platform, assets=ASSETS)
    assert run.success, run.failures()
    assert failed(run) == []
    for table, detect in zip(TABLES, DETECTORS, strict=True):
        told = rows(platform.database, table)
        assert told["logic_version"].unique().to_list() == [2]
        for timeframe in COMPUTED:
            bars = stored(platform.database, key, f"ohlcv_{timeframe}").select(candles(FIRST, 1).columns)
            expected = detect(bars, timeframe)
            by = [name for name in ("ts", "pattern", "pattern_id", "stage") if name in expected.columns]
            found = told.filter(pl.col("timeframe_id") == TIMEFRAME_IDS[timeframe])
            known = [name for name in expected.columns if name not in ("lines", "detail")]
            same = found.select(known).cast(expected.select(known).schema).sort(by)
            assert same.equals(expected.select(known).sort(by)), (table, timeframe)
        assert told.height > 20
    shown = run.metadata("chart_patterns")
    assert shown["picture"].startswith("![")
    counted = {record.data["pattern"]: record.data["n"] for record in shown["patterns"].records}
    events = rows(platform.database, "chart_pattern_events")
    assert counted == dict(events.group_by("pattern").len().iter_rows())


@pytest.mark.parametrize(
    ("derivation", "table", "picture", "timeframe"),
    [(CANDLESTICKS, TABLES[0], candlestick_picture, "15m"), (CHARTS, TABLES[1], chart_picture, "1m")],
    ids=ASSETS,
)
def test_the_picture_is_of_a_timeframe_that_has_patterns_to_draw(
    database: Database, derivation: Derivation, table: str, picture: Picture, timeframe: str
) -> None:
    symbol(database)
    deriving = DerivationRunner(DerivedStore(database), derivation, TRIED_LATER, ("1m", "5m", "15m", "1h"))
    found = deriving.days({"bybit": [FIRST.date(), at(11).date()]})
    database.execute(
        f"DELETE FROM {table} WHERE timeframe_id = 60"
    )  # there are no chart patterns of 5m and 15m
    shown = picture(database, found)
    assert shown is not None
    assert shown.startswith(f"![bybit BTC/USDT {timeframe} ")
    database.execute(f"DELETE FROM {table}")
    shown = picture(database, found)
    assert shown is not None
    assert shown.startswith("![bybit BTC/USDT 1h ")  # prices alone


def test_definitions_are_kept_once_with_their_rates_by_chance(platform: Platform) -> None:
    symbol(platform.database)
    for _ in range(2):
        assert days(platform, LAST, LAST, assets=ASSETS, timeframes=["1d"]).success
    shapes = platform.database.read("SELECT * FROM candlestick_pattern_definitions")
    assert sorted(shapes["pattern"].to_list()) == list(CATALOGUE)
    silent = shapes.filter("silent_on_24_7")["pattern"].to_list()
    assert sorted(silent) == [name for name, entry in CATALOGUE.items() if entry.silent_on_24_7]
    assert shapes.filter(pl.col("pattern") == "doji")["by_chance"][0] > 10
    charts = platform.database.read(
        "SELECT pattern, by_chance, rules ->> 'min_height' AS m FROM chart_pattern_definitions"
    )
    assert sorted(charts["pattern"].to_list()) == sorted(CHART_CATALOGUE)
    assert charts["m"].unique().to_list() == ["4.0"]
    assert 1 < charts["by_chance"].sum() < 3


def test_a_symbol_with_an_impossible_bar_fails_alone(platform: Platform) -> None:
    symbol(platform.database)
    bad = symbol(platform.database, "ETH/USDT", seed=2)
    platform.database.execute("ALTER TABLE ohlcv_1m DROP CONSTRAINT ohlcv_1m_within_bounds")
    platform.database.execute(
        "UPDATE ohlcv_1m SET close = -1 WHERE instrument_id = %(id)s AND ts = %(ts)s",
        {"id": bad, "ts": at(11)},
    )
    run = days(platform, LAST, LAST, assets=ASSETS, timeframes=["1m"])
    assert run.success
    for asset, table in zip(ASSETS, TABLES, strict=True):
        (failure,) = run.metadata(asset)["failures"].records
        assert failure.data["symbol"] == "bybit ETH/USDT"
        assert "2024-03-11" in failure.data["error"]
        assert bad not in rows(platform.database, table)["instrument_id"]


def test_checks_find_rows_that_cannot_be(platform: Platform) -> None:
    symbol(platform.database)
    assert days(platform, assets=ASSETS, timeframes=["1m"]).success
    for spoil in (
        "DELETE FROM derived_dirty",  # of bars that are due to be computed anew nothing is said
        "UPDATE candlestick_pattern_events SET known_at = known_at + INTERVAL '1 min', strength = -strength",
        "UPDATE chart_pattern_events SET quality = quality / 2,"
        " stage = CASE stage WHEN 'complete' THEN 'target_met' ELSE stage END",
        "UPDATE derived_windows SET windows = windows - tstzmultirange("
        "tstzrange(lower(windows) + INTERVAL '50 hours', lower(windows) + INTERVAL '51 hours'))",
    ):
        platform.database.execute(spoil)
    run = days(platform, assets=ASSETS, timeframes=["1d"])  # leaves the spoilt rows as they are
    assert sorted(failed(run)) == [
        *(("candlestick_patterns", name) for name in ("complete", "no_look_ahead", "rules")),
        *(("chart_patterns", name) for name in ("complete", "life", "no_look_ahead")),
    ]


def test_a_changed_bar_reaches_the_blocks_that_look_back_to_it(database: Database) -> None:
    key = symbol(database, days=1)
    store = DerivedStore(database)
    (subject,) = store.tracked(["bybit"])
    assert subject.instrument_id == key
    last = datetime(2024, 3, 31, 23, 59, tzinfo=UTC)
    minutes = candles(last - timedelta(minutes=59), 120)
    write(database, key, minutes)
    bars = store.bars(subject, "1m", TRIED_LATER)
    april, may = datetime(2024, 4, 1, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC)
    assert candlesticks_until(bars, april - (REACH + 1) * timedelta(minutes=1)) == april
    assert candlesticks_until(bars, april - REACH * timedelta(minutes=1)) == may
    assert charts_until(bars, april - (batch.WARM_UP + 1) * timedelta(minutes=1)) == april
    assert charts_until(bars, april - batch.WARM_UP * timedelta(minutes=1)) == may


def test_where_a_newer_version_looked_events_of_the_old_one_are_not_shown(database: Database) -> None:
    subject = derived(database, CANDLESTICKS, CHARTS, timeframes=("1m",))
    early, late = (FIRST, FIRST + timedelta(days=1)), (FIRST + timedelta(days=1), LAST + timedelta(days=1))
    for view in ASSETS:
        counted = f"SELECT count(*) AS n FROM {view} WHERE ts >= $1 AND ts < $2"
        before = database.read(counted, early)["n"][0]
        assert before > 0
        database.execute(
            "INSERT INTO derived_windows VALUES (%(view)s, %(id)s, 1, 3,"
            " tstzmultirange(tstzrange(%(start)s, %(end)s)))",
            {"view": view, "id": subject.instrument_id, "start": late[0], "end": late[1]},
        )
        assert database.read(counted, early)["n"][0] == before
        assert database.read(counted, late)["n"][0] == 0


def test_events_read_back_are_the_patterns_view_with_close_and_atr(database: Database) -> None:
    subject = derived(database, INDICATORS, VOLUME_DERIVATION, CANDLESTICKS, CHARTS)
    start, end = at(10, 20), at(12, 9, 30)
    events = read_events(DerivedStore(database), subject, start, end)
    assert events.schema == PATTERN_EVENT_SCHEMA
    assert ordered(events).equals(events)
    assert set(events["family"]) == {"candlestick", "chart", "volume"}
    view = database.read(
        "SELECT * FROM patterns WHERE known_at >= $1 AND known_at < $2 AND NOT is_flag", (start, end)
    )
    shared = [name for name in PATTERN_EVENT_SCHEMA if name in view.columns]
    assert len(shared) == len(PATTERN_EVENT_SCHEMA) - 3  # without nature, price and ATR
    seen = view.select(shared).cast({name: PATTERN_EVENT_SCHEMA[name] for name in shared}).sort(ORDER)
    chart, levels = pl.col("family") == "chart", ["breakout_level", "target", "invalidation"]
    assert seen.drop(levels).equals(events.select(shared).drop(levels))
    assert seen.filter(chart).equals(events.filter(chart).select(shared))
    # those of candlesticks and volume patterns are of their bars: a window's first ones reach back before it
    directed = events.filter(~chart, pl.col("direction") != "neutral")
    assert directed.height
    assert directed["invalidation"].null_count() == 0
    beside = database.read("SELECT timeframe, ts, close, atr_14 FROM indicators")
    joined = events.join(
        beside.cast({"ts": events.schema["ts"]}), on=["timeframe", "ts"], maintain_order="left"
    )
    assert joined.height == events.height
    assert joined["price"].equals(joined["close"].alias("price"))
    assert joined["atr"].equals(joined["atr_14"].alias("atr"))
    assert joined["atr"].null_count() < events.height / 10


@pytest.mark.parametrize(
    ("direction", "invalidation", "wrong"),
    [("bullish", 99.0, 0), ("bullish", 101.5, 1), ("bearish", 103.0, 0), ("bearish", 100.0, 1)],
)
def test_a_breakout_of_a_pattern_that_is_wrong_already_is_found(
    database: Database, direction: str, invalidation: float, wrong: int
) -> None:
    key = symbol(database, days=1)
    row = {"key": key, "direction": direction, "invalidation": invalidation}
    database.execute(COMPLETE, row)
    window = (datetime(2024, 3, 4, tzinfo=UTC), datetime(2024, 3, 5, tzinfo=UTC))
    (life,) = database.read(statement("patterns/lives_to_check"), (["bybit"], *window, 1)).to_dicts()
    assert life["wrong_when_complete"] == wrong
