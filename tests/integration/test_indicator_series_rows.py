"""Indicators that the settings ask for: a new one alone is due, batch and stream agree, and all can ask."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from candle_frames import candles, write
from candle_frames import changed as with_change
from client_fixtures import api_over
from dagster_support import Platform
from derived_support import DAYS, FIRST, at, days, rows, symbol

import alphapulse as ap
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.datasets.derivation import DerivationRunner
from alphapulse_assets.datasets.partitions import range_tags
from alphapulse_assets.indicators.batch import compute, compute_definitions
from alphapulse_assets.indicators.dataset import DERIVATION, store_definitions
from alphapulse_assets.indicators.series import Series, one_series, parse
from alphapulse_assets.indicators.series_dataset import SERIES, derivation_of
from alphapulse_assets.indicators.series_rows import SERIES_ROWS, LiveSeries, series_rows
from alphapulse_assets.indicators.series_store import settle
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import COMPUTED, TIMEFRAME_IDS, DerivedStore
from alphapulse_resources.settings import get_settings
from alphapulse_resources.streams.tables import Row, StreamTable

pytest_plugins = ("dagster_fixtures",)

TABLE = "indicator_series_values"
ASKED = ("ema(34)", "supertrend(7, 2)", "vwap(2024-03-11T06:30)")
DUE = "SELECT dataset, day FROM derived_dirty WHERE dataset LIKE 'indicator_series %%' ORDER BY 1, 2"


def refreshed(database: Database, series: tuple[Series, ...]) -> dict[str, int]:
    """Bring every series up to date; the rows that each wrote."""
    return {
        each.name: sum(
            (written.inserted + written.changed + written.removed)
            for written in DerivationRunner(DerivedStore(database), derivation_of(each), datetime.now(UTC))
            .changed()
            .written.values()
        )
        for each in series
    }


def due(database: Database) -> set[str]:
    return {row["dataset"].removeprefix("indicator_series ") for row in database.rows(DUE)}


def test_a_new_indicator_alone_is_due_of_every_day_that_has_bars(database: Database) -> None:
    key = symbol(database)
    first = parse(ASKED)
    settle(database, first)
    assert due(database) == {"ema_34", "supertrend_7_2", "vwap_20240311t0630"}
    refreshed(database, first)
    assert due(database) == set()
    found = rows(database, TABLE)
    bars = DerivedStore(database)
    subject = bars.subjects([key])[0]
    for timeframe in COMPUTED:
        stored = bars.bars(subject, timeframe, datetime.now(UTC)).between(at(1), at(20))
        for each in first:
            expected = compute_definitions(stored, timeframe, each.definitions)
            told = found.filter(
                pl.col("timeframe_id") == TIMEFRAME_IDS[timeframe], pl.col("logic_version") == each.number
            )
            assert told["ts"].to_list() == expected["ts"].to_list()
            for place, definition in enumerate(each.definitions):
                values = told["outputs"].list.get(place).to_list()
                assert values == expected[definition.name].to_list(), (timeframe, definition.name)
    settle(database, first)
    assert due(database) == set()
    second = parse((*ASKED, "rsi(7)"))
    settle(database, second)
    assert due(database) == {"rsi_7"}
    assert {name for name, count in refreshed(database, second).items() if count} == {"rsi_7"}


def test_one_that_is_not_asked_for_any_more_stays_as_it_is_and_comes_back_whole(database: Database) -> None:
    key = symbol(database)
    both = parse(("ema(34)", "rsi(7)"))
    settle(database, both)
    refreshed(database, both)
    settle(database, both[:1])
    before = rows(database, TABLE, version=both[1].number)
    assert before.height
    minute = at(11, 12, 30)
    write(database, key, with_change(candles(FIRST, DAYS * 1440), minute, high=150.0, close=140.0))
    database.refresh_timeframes()
    assert due(database) == {"ema_34"}
    refreshed(database, both[:1])
    assert rows(database, TABLE, version=both[1].number).equals(before)
    settle(database, both)
    assert due(database) == {"rsi_7"}
    refreshed(database, both)
    later = rows(database, TABLE, version=both[1].number)
    early = pl.col("known_at") <= minute
    assert later.filter(early).equals(before.filter(early))
    assert not later.equals(before)


@pytest.fixture
def asked(environment: pytest.MonkeyPatch) -> Any:
    environment.setenv("ALPHAPULSE_INDICATORS__EXTRA", '["ema(34)", "keltner"]')
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def test_a_run_of_days_writes_what_the_refresh_writes_and_its_checks_hold(
    asked: None, platform: Platform
) -> None:
    symbol(platform.database)
    run = days(platform, assets=[SERIES.name])
    assert run.success, run.failures()
    checks = run.result.get_asset_check_evaluations()
    assert {check.check_name: check.passed for check in checks} == {"complete": True, "no_look_ahead": True}
    written = rows(platform.database, TABLE)
    assert written["logic_version"].n_unique() == 2
    assert due(platform.database) == {"ema_34", "keltner_20_2_10"}
    assert refreshed(platform.database, parse(("ema(34)", "keltner"))) == {"ema_34": 0, "keltner_20_2_10": 0}
    platform.database.execute(f"UPDATE {TABLE} SET outputs[1] = outputs[1] + 1 WHERE timeframe_id = 60")
    run = days(platform, assets=[SERIES.name], timeframes=["1m"])
    failed = {c.check_name for c in run.result.get_asset_check_evaluations() if not c.passed}
    assert failed == {"no_look_ahead"}


def test_a_trial_version_is_refused_as_each_series_has_its_own(asked: None, platform: Platform) -> None:
    symbol(platform.database)
    run = days(platform, assets=[SERIES.name], version=-1)
    assert not run.success
    assert "has no trials" in str(run.failures())


def test_the_refresh_of_each_minute_takes_the_series_too(asked: None, platform: Platform) -> None:
    symbol(platform.database)
    settle(platform.database, parse(("ema(34)", "keltner")))
    today = datetime.now(UTC).date()
    run = platform.run(
        "refresh_indicators",
        tags=range_tags(today, today, "bybit", "bybit"),
        config={"ops": {SERIES.name: {"config": {"mode": "changed"}}}},
        assets=[SERIES.name],
    )
    assert run.success, run.failures()
    assert due(platform.database) == set()


def test_a_stream_puts_the_rows_of_the_batch(database: Database) -> None:
    key = symbol(database)
    series = parse((*ASKED, "stochastic(5, 3, 3)", "williams"))
    store = DerivedStore(database)
    subject = store.subjects([key])[0]
    for timeframe, count in (("1m", 300), ("15m", 100), ("1h", 30)):
        bars = store.bars(subject, timeframe, datetime.now(UTC))
        frame = bars.between(FIRST, at(20))
        begin = frame["ts"][-count]
        live = LiveSeries(series, key, timeframe, bars, begin)
        told: defaultdict[int, list[Row]] = defaultdict(list)

        def put(table: StreamTable, row: Row) -> None:
            assert table is SERIES_ROWS
            told[row[3]].append(row)  # noqa: B023

        for bar in frame.tail(count).iter_rows(named=True):
            live.update(Bar.of(bar), put)
        for each in series:
            expected = series_rows(each, bars, timeframe, begin, at(20))
            shown = [(row[2], row[4], row[5]) for row in told[each.number]]
            assert shown == expected.select("ts", "known_at", "outputs").rows()


def test_sql_python_and_the_api_give_both_kinds_by_name(database: Database) -> None:
    symbol(database)
    series = parse(("ema(34)", "supertrend(7, 2)"))
    settle(database, series)
    refreshed(database, series)
    store_definitions(database, DERIVATION.version)
    DerivationRunner(DerivedStore(database), DERIVATION, datetime.now(UTC)).days(
        {"bybit": [FIRST.date(), at(12).date()]}
    )
    names = ["ema_34", "rsi_14", "supertrend_7_2_direction", "stochastic_k"]
    with ap.connect(database.dsn) as client, api_over(database.dsn) as address, ap.connect(address) as over:
        found = client.indicators("BTC/USDT", "1h", start=FIRST, names=names)
        assert found.columns[-5:] == ["known_at", *names] or found.columns[-4:] == names
        assert found.equals(over.indicators("BTC/USDT", "1h", start=FIRST, names=names))
        told = client.reading("indicator_catalogue", kept_up=True)
        assert {"ema_34", "rsi_14", "supertrend_7_2"} <= set(told["name"])
        with pytest.raises(ap.NotFoundError, match="ema_34"):
            client.indicators("BTC/USDT", "1h", start=FIRST, names=["ema_35"])
    bars = DerivedStore(database)
    subject = bars.tracked(["bybit"])[0]
    frame = bars.bars(subject, "1h", datetime.now(UTC)).between(FIRST, at(20))
    for name in ("ema_34", "supertrend_7_2_direction"):
        each = next(s for s in series if name in [d.name for d in s.definitions])
        expected = compute_definitions(frame, "1h", each.definitions)[name]
        assert found[name].to_list() == expected.to_list()
    assert found["rsi_14"].to_list() == pytest.approx(compute(frame, "1h")["rsi_14"].to_list())


def test_the_size_of_a_series_row_is_what_the_documents_say(database: Database) -> None:
    symbol(database)
    series = (one_series("ema(34)"),)
    settle(database, series)
    refreshed(database, series)
    (row,) = database.rows(
        f"SELECT avg(pg_column_size(v.*))::float AS bytes, max(cardinality(outputs)) AS n FROM {TABLE} AS v"
    )
    assert row["bytes"] <= 100
    assert row["n"] == 1
