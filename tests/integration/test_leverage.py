"""Leverage snapshots in a database: from readings to rows, point in time, the same again and again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from leverage_support import DAY, FIRST, HOUR, TODAY, LeverageMarket, leverage_market, marks, store
from polars.testing import assert_frame_equal

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.collecting import FillContext, Sources
from alphapulse_assets.datasets.collector_run import run_collector
from alphapulse_assets.futures.leverage.dataset import LEVERAGE, NAME, fill, show
from alphapulse_assets.futures.leverage.model import FUNDING_AGE, OPEN_INTEREST_AGE
from alphapulse_assets.futures.leverage.stored import snapshot_rows
from alphapulse_assets.futures.tables import (
    FUNDING_RATES,
    FUNDING_SCHEMA,
    OPEN_INTEREST,
    OPEN_INTEREST_SCHEMA,
)
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_resources.settings import get_settings

YESTERDAY = TODAY - DAY
MINUTE = timedelta(minutes=1)


@pytest.fixture
def market(database: Database) -> LeverageMarket:
    return leverage_market(database)


@pytest.fixture
def sources(database: Database, environment: pytest.MonkeyPatch) -> Sources:
    """Snapshots ask nobody: there is no way out."""
    return Sources(database, get_settings(), gateway=None)  # type: ignore[arg-type]


def filled(sources: Sources, *days: datetime) -> Any:
    return fill(FillContext(sources, [day.date() for day in days], [], None, "run"))


def rows(database: Database) -> pl.DataFrame:
    return database.read("SELECT * FROM leverage_hours ORDER BY instrument_id, ts").drop("created_at")


def test_a_filled_day_has_what_was_known_at_each_hour(
    database: Database, market: LeverageMarket, sources: Sources
) -> None:
    done = filled(sources, YESTERDAY)
    assert (done.inserted, done.written) == (3 * 24, {(None, YESTERDAY.date())})
    at = YESTERDAY + 8 * HOUR
    for (venue, symbol), key in market.ids.items():
        if key not in market.funding:
            continue
        (row,) = database.rows(
            "SELECT * FROM leverage_snapshots WHERE (venue, symbol, ts) = (%(venue)s, %(symbol)s, %(ts)s)",
            {"venue": venue, "symbol": symbol, "ts": at},
        )
        told = market.known("open_interest", key, at, OPEN_INTEREST_AGE)
        settled = market.known("funding", key, at, FUNDING_AGE)
        assert told is not None
        assert settled is not None
        bar = market.bars[key].filter(pl.col("ts") < at).row(-1, named=True)
        assert (row["open_interest_at"], row["open_interest_base"]) == (told["ts"], told["base_amount"])
        # what is settled at the hour is known 40 seconds later, and so is no part of the hour
        assert row["funding_at"] == settled["ts"] < at
        assert row["funding_annual"] == pytest.approx(settled["rate"] * 8760 / settled["interval_hours"])
        assert (row["price"], row["price_source"]) == (bar["close"], "candle")
        day = market.bars[key].filter(pl.col("ts").is_between(at - DAY, at, closed="left"))
        assert row["volume_24h"] == pytest.approx(day["quote_volume"].sum())
        assert row["known_at"] == at
        assert 0 < row["crowding_percentile"] < 1


def test_rounds_write_what_a_fill_writes(
    database: Database, market: LeverageMarket, sources: Sources
) -> None:
    """Round by round, each from the snapshots before it, and all at once from readings: one and the same."""
    (collector,) = LEVERAGE.collectors
    first = YESTERDAY - HOUR
    for now in (first, first + 3 * HOUR, TODAY - HOUR, TODAY - timedelta(minutes=53)):
        done = run_collector(collector, sources, {NAME: LEVERAGE.rules}, now=now)
        assert (done.error, done.quarantined) == (None, 0)
        if now == first:  # nothing is stored: it makes up for a day
            assert done.new == 3 * 24
    assert run_collector(collector, sources, {NAME: LEVERAGE.rules}, now=TODAY - 20 * MINUTE).rows == 0
    by_hour = rows(database).filter(pl.col("ts") >= YESTERDAY)
    assert by_hour.height == 3 * 24
    again = filled(sources, YESTERDAY)
    assert (again.inserted, again.changed, again.unchanged) == (0, 0, 3 * 24)
    anew = snapshot_rows(database, (YESTERDAY, TODAY), anew=True).select(by_hour.columns)
    assert_frame_equal(anew, by_hour.cast(anew.schema), check_exact=True)


def test_what_becomes_known_later_changes_no_hour(
    database: Database, market: LeverageMarket, sources: Sources
) -> None:
    filled(sources, YESTERDAY)
    before = rows(database)
    key = next(iter(market.open_interest))
    # a reading of the past day that is published after it, and all that is known of today
    late = (
        market.open_interest[key]
        .tail(1)
        .with_columns(
            pl.lit(YESTERDAY + 3 * HOUR, pl.Datetime("us", "UTC")).alias("ts"),
            pl.lit(TODAY, pl.Datetime("us", "UTC")).alias("known_at"),
            pl.lit(9e9).alias("base_amount"),
        )
    )
    store(database, OPEN_INTEREST, OPEN_INTEREST_SCHEMA, late)
    again = filled(sources, YESTERDAY)
    assert (again.inserted, again.changed) == (0, 0)
    assert_frame_equal(rows(database), before, check_exact=True)


def test_a_database_cut_off_at_an_hour_has_the_same_rows_before_it(
    database: Database, market: LeverageMarket, sources: Sources
) -> None:
    whole = snapshot_rows(database, (YESTERDAY, TODAY)).drop("created_at")
    cut = YESTERDAY + 12 * HOUR
    for table in ("open_interest_readings", "funding_settlements"):
        database.execute(f"DELETE FROM {table} WHERE known_at > %(cut)s", {"cut": cut})
    database.execute("DELETE FROM ohlcv_1m WHERE ts >= %(cut)s", {"cut": cut})
    database.refresh_timeframes(window=(cut, TODAY))
    left = snapshot_rows(database, (YESTERDAY, cut + HOUR)).drop("created_at")
    assert_frame_equal(left, whole.filter(pl.col("ts") <= cut), check_exact=True)


def test_a_reading_that_was_withdrawn_takes_its_snapshot_along(
    database: Database, market: LeverageMarket, sources: Sources
) -> None:
    filled(sources, YESTERDAY)
    key = next(iter(market.open_interest))
    for table in ("open_interest_readings", "funding_settlements"):
        database.execute(f"DELETE FROM {table} WHERE instrument_id = %(key)s", {"key": key})
    filled(sources, YESTERDAY)
    assert key not in rows(database)["instrument_id"].to_list()


def test_without_candles_the_mark_price_stands_in(
    database: Database, market: LeverageMarket, sources: Sources
) -> None:
    key = market.ids["bybit", "BTC/USDT:USDT"]
    database.execute("DELETE FROM ohlcv_1m WHERE instrument_id = %(key)s", {"key": key})
    database.refresh_timeframes(window=(FIRST, TODAY))
    moments = [YESTERDAY - DAY + HOUR * i for i in range(48)]
    marks(database, key, moments, [60_000.0 + i for i in range(48)])
    filled(sources, YESTERDAY)
    (row,) = database.rows(
        "SELECT * FROM leverage_hours WHERE instrument_id = %(key)s AND ts = %(ts)s",
        {"key": key, "ts": YESTERDAY + HOUR},
    )
    # told 40 seconds past the hour: the one of the hour before is known
    assert (row["price"], row["price_source"], row["volume_24h"]) == (60_024.0, "mark", None)
    assert row["price_change_1h"] == pytest.approx(60_024 / 60_023 - 1)


def test_a_day_without_readings_is_told_as_missing(sources: Sources) -> None:
    done = filled(sources, YESTERDAY)
    assert done.missing == {"2024-05-19": "no open interest and no funding is stored of it"}


def test_of_some_symbols_others_are_not_touched(
    database: Database, market: LeverageMarket, sources: Sources
) -> None:
    context = FillContext(sources, [YESTERDAY.date()], [], None, "run", symbols=["ETH/USDT:USDT"])
    assert fill(context).inserted == 24
    assert rows(database)["instrument_id"].unique().to_list() == [market.ids["binanceusdm", "ETH/USDT:USDT"]]


def test_a_day_made_again_shows_what_was_changed_by_hand(
    database: Database, market: LeverageMarket, sources: Sources
) -> None:
    filled(sources, YESTERDAY)
    scope = CheckScope(DerivedStore(database), [YESTERDAY.date().isoformat()], lightweight=True)
    held, again = (check.run for check in LEVERAGE.checks)
    assert held(scope, LEVERAGE).passed
    assert again(scope, LEVERAGE).passed
    database.execute(
        "UPDATE leverage_hours SET funding_percentile = 0.123 WHERE ts = %(ts)s", {"ts": YESTERDAY + HOUR}
    )
    assert not again(scope, LEVERAGE).passed
    assert held(scope, LEVERAGE).passed


def test_hours_to_come_are_not_missed_in_a_day_that_lasts(
    database: Database, market: LeverageMarket, sources: Sources
) -> None:
    """Readings of the last minutes would be known at the hours after: those have no snapshot yet."""
    now = datetime.now(UTC).replace(microsecond=0)
    moved = (
        market.open_interest[market.ids["bybit", "BTC/USDT:USDT"]]
        .tail(1)
        .with_columns(pl.lit(now, pl.Datetime("us", "UTC")).alias(name) for name in ("ts", "known_at"))
    )
    store(database, OPEN_INTEREST, OPEN_INTEREST_SCHEMA, moved)
    scope = CheckScope(DerivedStore(database), [now.date().isoformat()], lightweight=True)
    assert LEVERAGE.checks[1].run(scope, LEVERAGE).passed


def test_a_day_shows_two_pictures(market: LeverageMarket, sources: Sources) -> None:
    assert show(sources, [YESTERDAY.date()]) == {}
    filled(sources, YESTERDAY)
    assert list(show(sources, [YESTERDAY.date()])) == ["open interest under price", "funding"]


def test_alerts_are_raised_once_after_the_rows_were_stored(
    database: Database, market: LeverageMarket, sources: Sources
) -> None:
    key = market.ids["bybit", "BTC/USDT:USDT"]
    last = market.open_interest[key].tail(1)
    # twice the coins an hour after the last reading, and funding beyond all that came before
    at = pl.lit(TODAY + HOUR / 2, pl.Datetime("us", "UTC"))
    store(database, OPEN_INTEREST, OPEN_INTEREST_SCHEMA, last.with_columns(
        at.alias("ts"), at.alias("known_at"),
        pl.col("base_amount") * 2, (pl.col("base_amount") * 120_000).alias("quote_value"),
    ))  # fmt: skip
    settled = pl.lit(TODAY, pl.Datetime("us", "UTC"))
    store(database, FUNDING_RATES, FUNDING_SCHEMA, market.funding[key].tail(1).with_columns(
        settled.alias("ts"), settled.alias("known_at"), pl.lit(0.002).alias("rate")
    ))  # fmt: skip
    (collector,) = LEVERAGE.collectors
    for minutes in (36, 41):
        done = run_collector(
            collector, sources, {NAME: LEVERAGE.rules}, now=TODAY + timedelta(minutes=minutes)
        )
        assert done.error is None
    told = database.rows("SELECT kind, subject, ts, reference, detail FROM market_alerts ORDER BY kind")
    assert [(row["kind"], row["subject"], row["ts"], row["reference"]) for row in told] == [
        ("funding_extreme", "BTC/USDT:USDT on bybit", TODAY, "high"),
        ("open_interest_jump", "BTC/USDT:USDT on bybit", TODAY + HOUR / 2, "up"),
    ]
    assert told[0]["detail"]["funding_annual"] == pytest.approx(0.002 * 1095)
    assert told[1]["detail"]["change"] == pytest.approx(1.0)
