"""Regimes, correlations and the past of coins in the database: once, again, and never from the future."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import polars as pl
import pytest
from candle_frames import candles, register, write
from market_metrics_support import GECKO, Providers, providers
from market_query_checks import store_market, told_market

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.collecting import FillContext, FillResult
from alphapulse_assets.market_metrics import derived
from alphapulse_assets.market_metrics.checks import DOMINANCE_SUMS, PROVIDERS_AGREE, REGIMES_AGAIN
from alphapulse_assets.market_metrics.dataset import MARKET, REGIMES
from alphapulse_assets.market_metrics.history import fill_coins
from alphapulse_assets.market_metrics.picture import show_regimes
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import DerivedStore
from alphapulse_sim.process import SimulatorProcess

HOUR: Final = timedelta(hours=1)
TODAY: Final = datetime(2024, 3, 10, tzinfo=UTC)
FIRST: Final = TODAY - timedelta(days=6)
REGIMES_OF: Final = "dominance_regimes alphapulse"
PAST_OF: Final = "coin_metrics history coingecko"
CORRELATIONS_OF: Final = "dominance_correlations alphapulse"


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    with SimulatorProcess() as simulator:
        yield simulator


@pytest.fixture
def both(database: Database, running: SimulatorProcess) -> Iterator[Providers]:
    with providers(database, running) as found:
        yield found


def context(both: Providers, days: Sequence[date], symbols: Sequence[str] | None = None) -> FillContext:
    return FillContext(both.sources, days, [], "batch", "run-1", symbols, lambda line: None)


def days(count: int, last: datetime = TODAY) -> list[date]:
    return [(last - timedelta(days=n)).date() for n in range(count - 1, -1, -1)]


def rows(database: Database, table: str) -> pl.DataFrame:
    found = database.read(f"SELECT * FROM {table}").drop("created_at")
    key = ("provider", "asset", "instrument_id", "bars", "ts")
    return found.sort([name for name in found.columns if name in key])


def counts(result: FillResult) -> tuple[int, int, int]:
    return result.inserted, result.changed, result.unchanged


def test_rounds_and_fills_give_the_same_regimes_and_a_day_again_changes_nothing(both: Providers) -> None:
    database = both.sources.database
    store_market(database, told_market(6 * 24, start=FIRST))
    done = both.round(REGIMES_OF, TODAY)
    assert done.error is None
    by_round = rows(database, "dominance_regime_hours")
    assert done.new == by_round.height > 6 * 24 * 4
    assert both.round(REGIMES_OF, TODAY + timedelta(minutes=5)).new == 0
    again = derived.fill_regimes(context(both, days(7)))
    assert (again.inserted, again.changed) == (6, 0)  # the hour after, by what is an hour old
    database.execute("DELETE FROM dominance_regime_hours")
    assert derived.fill_regimes(context(both, days(2, TODAY - timedelta(days=2)))).inserted
    filled = rows(database, "dominance_regime_hours")
    expected = by_round.filter(pl.col("ts").dt.date().is_in(filled["ts"].dt.date().unique().implode()))
    assert filled.equals(expected)


def test_what_becomes_known_later_changes_no_regime_of_before(both: Providers) -> None:
    database = both.sources.database
    whole = told_market(6 * 24, start=FIRST)
    cut = FIRST + timedelta(days=4)
    store_market(database, whole.filter(pl.col("known_at") <= cut))
    derived.fill_regimes(context(both, days(4, cut - timedelta(days=1))))
    before = rows(database, "dominance_regime_hours").filter(pl.col("known_at") <= cut)
    late = whole.filter(pl.col("known_at") > cut)
    old = pl.col("ts") - timedelta(days=3, seconds=7)
    of_the_past = late.head(40).with_columns(ts=old, btc_dominance=pl.lit(90.0))
    store_market(database, pl.concat([late, of_the_past]))
    derived.fill_regimes(context(both, days(6, TODAY - timedelta(days=1))))
    after = rows(database, "dominance_regime_hours").filter(pl.col("known_at") <= cut)
    assert after.equals(before)


def test_correlations_of_tracked_altcoins_by_rounds_and_by_fills(both: Providers) -> None:
    database = both.sources.database
    names = ["BTC/USDT", "ETH/USDT", "SOL/USDT", "USDC/USDT"]
    keys = dict(zip(names, register(database, names), strict=True))
    database.execute("UPDATE instruments SET tracked = true")
    store_market(database, told_market(6 * 24, start=FIRST))
    for seed, name in enumerate(names):
        write(database, keys[name], candles(FIRST, 6 * 1440, seed=seed))
    database.refresh_timeframes(("5m", "15m", "1h", "4h", "1d"))
    done = both.round(CORRELATIONS_OF, TODAY)
    assert done.error is None
    by_round = rows(database, "dominance_correlation_bars")
    assert set(by_round["instrument_id"]) == {keys["ETH/USDT"], keys["SOL/USDT"]}
    assert set(by_round["bars"]) == {30, 90}
    known = pl.col("ts") + pl.duration(minutes=pl.col("timeframe_id"))
    assert by_round.filter(pl.col("known_at") != known).is_empty()
    assert both.round(CORRELATIONS_OF, TODAY + timedelta(minutes=15)).new == 0
    again = derived.fill_correlations(context(both, days(6, TODAY - timedelta(days=1))))
    assert counts(again) == (0, 0, by_round.height)
    only = derived.fill_correlations(context(both, days(1, TODAY - timedelta(days=1)), ["ETH/USDT"]))
    assert 0 < only.unchanged < again.unchanged
    shown = database.rows("SELECT DISTINCT venue, symbol FROM dominance_correlations ORDER BY symbol")
    assert [tuple(row.values()) for row in shown] == [("binance", "ETH/USDT"), ("binance", "SOL/USDT")]


def test_turns_are_alerts_once(both: Providers) -> None:
    database = both.sources.database
    store_market(database, told_market(6 * 24, start=FIRST))
    both.round(REGIMES_OF, TODAY)
    (turned,) = database.rows(
        "SELECT known_at, asset, provider FROM dominance_regimes WHERE turned_from IS NOT NULL"
        " AND provider = 'coingecko' AND asset = 'btc' ORDER BY ts DESC LIMIT 1"
    )
    database.execute("DELETE FROM market_alerts")
    now = turned["known_at"] + timedelta(minutes=3)
    assert both.round(REGIMES_OF, now).alerts >= 1
    assert both.round(REGIMES_OF, now + timedelta(minutes=5)).alerts == 0
    found = database.rows("SELECT * FROM alerts WHERE kind = 'dominance_shift'")
    assert "Bitcoin's share of the market turned from" in " ".join(row["title"] for row in found)


def test_checks_hold_and_break(both: Providers) -> None:
    database = both.sources.database
    told = told_market(6 * 24, start=FIRST)
    store_market(database, told)
    derived.fill_regimes(context(both, days(5, TODAY - timedelta(days=1))))
    keys = [day.isoformat() for day in days(2, TODAY - timedelta(days=1))]

    def passed(check: Any, dataset: Any) -> bool:
        outcome = check.run(CheckScope(DerivedStore(database), keys, True), dataset)
        return bool(outcome.passed)

    assert passed(DOMINANCE_SUMS, MARKET)
    assert passed(PROVIDERS_AGREE, MARKET)
    assert passed(REGIMES_AGAIN, REGIMES)
    database.execute("UPDATE market_metrics SET agreement = 0.1, eth_dominance = 60")
    database.execute("UPDATE dominance_regime_hours SET regime = 'flat' WHERE asset = 'btc'")
    assert not passed(DOMINANCE_SUMS, MARKET)
    assert not passed(PROVIDERS_AGREE, MARKET)
    assert not passed(REGIMES_AGAIN, REGIMES)


def test_a_materialization_shows_dominance_and_its_turns(both: Providers) -> None:
    assert show_regimes(both.sources, days(1)) == {}
    store_market(both.sources.database, told_market(6 * 24, start=FIRST))
    derived.fill_regimes(context(both, days(6, TODAY - timedelta(days=1))))
    shown = show_regimes(both.sources, days(6, TODAY - timedelta(days=1)))
    assert shown["picture"].value.startswith("![Bitcoin's dominance until 2024-03-09, % (market)](data:")
    assert shown["dominance"].value.startswith("![Dominance until")
    assert len(shown["turns"].records) > 0


def test_the_past_of_coins_is_kept_as_history_known_since_it_was_fetched(both: Providers) -> None:
    both.simulator.set_clock(None)
    now = datetime.now(UTC)
    asked = days(2, now - timedelta(days=1))
    ancient = (now - timedelta(days=500)).date()
    result = fill_coins(context(both, [ancient, *asked], ["BTC", "ethereum", "nonsense"]))
    assert counts(result) == (96, 0, 0)
    assert result.written == {(None, day) for day in asked}
    assert set(result.missing) == {str(ancient), "nonsense"}
    found = both.rows("coin_metrics", coin="bitcoin")
    assert {row["vintage"] for row in found} == {"history"}
    assert all(row["known_at"] >= now for row in found)
    assert (found[0]["symbol"], found[0]["rank"], found[0]["confidence"]) == ("BTC", None, None)
    again = fill_coins(FillContext(both.sources, asked, [], "other", "run-2", ["BTC", "ethereum"], print))
    assert counts(again) == (0, 0, 96)
    assert both.rows("coin_metrics", coin="bitcoin") == found  # also when it was known
    ledger = both.sources.database.rows(
        "SELECT DISTINCT series, status, rows FROM provider_ledger ORDER BY series"
    )
    assert [(row["series"], row["status"], row["rows"]) for row in ledger] == [
        ("bitcoin", "complete", 24),
        ("ethereum", "complete", 24),
    ]


def test_a_month_of_main_coins_comes_by_itself_and_gives_regimes_known_since_then(both: Providers) -> None:
    now = datetime.now(UTC)
    assert both.round(PAST_OF, now).missing == {"history": "the market of now is asked first"}
    both.round("market_metrics coingecko", now)
    done = both.round(PAST_OF, now)
    assert (done.error, dict(done.missing), done.new) == (None, {}, 10 * 30 * 24)
    both.simulator.clear()
    assert both.round(PAST_OF, now).new == 0
    assert not both.simulator.log()  # nothing is over that was not fetched
    assert both.round(REGIMES_OF, now).new
    database = both.sources.database
    again = derived.fill_regimes(context(both, days(3, now - timedelta(days=1))))
    assert counts(again) == (0, 0, 3 * 24 * 3)
    found = database.read(
        "SELECT * FROM dominance_regimes WHERE asset = 'btc' AND basis = 'main_coins' ORDER BY ts"
    )
    assert found.height >= 29 * 24
    assert found.filter(pl.col("known_at") < now).is_empty()  # a study as of a day before does not see them
    caps = database.rows(
        "SELECT coin, market_cap FROM coin_metrics WHERE vintage = 'history' AND ts = %(ts)s",
        {"ts": found["ts"][-1]},
    )
    total = sum(row["market_cap"] for row in caps)
    (bitcoin,) = [row["market_cap"] for row in caps if row["coin"] == "bitcoin"]
    assert found["dominance"][-1] == pytest.approx(100 * bitcoin / total)


def test_a_coin_that_fails_stops_no_other_and_is_told_of(both: Providers) -> None:
    both.simulator.set_clock(None)
    both.simulator.fault("status", host=GECKO, path="/coins/bitcoin/", code=404)
    asked = days(1, datetime.now(UTC) - timedelta(days=1))
    result = fill_coins(context(both, asked, ["BTC", "ETH"]))
    assert (result.inserted, result.failed) == (24, False)
    assert "CoinGecko does not know this coin" in result.missing["bitcoin"]
