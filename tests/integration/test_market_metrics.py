"""Market metrics from providers' sockets to the tables: agreeing, disagreeing, lying, stale and silent."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from candle_frames import register
from market_metrics_support import CMC, GECKO, KEY, MINUTE, NOW, Providers, providers
from market_query_checks import store_market, told_market

from alphapulse_assets.market_metrics.confidence import UNVERIFIED, freshness
from alphapulse_resources.database.client import Database
from alphapulse_sim.process import SimulatorProcess

MARKET, MARKET_CMC = "market_metrics coingecko", "market_metrics coinmarketcap"
COINS, COINS_CMC = "coin_metrics coingecko", "coin_metrics coinmarketcap"


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(extra=1) as simulator:
        yield simulator


@pytest.fixture
def both(database: Database, running: SimulatorProcess) -> Iterator[Providers]:
    with providers(database, running) as found:
        yield found


def test_the_market_of_both_providers_is_stored_apart_and_compared(both: Providers) -> None:
    assert both.round(MARKET_CMC).error is None
    done = both.round(MARKET)
    assert (done.error, done.new, done.quarantined, dict(done.missing)) == (None, 1, 0, {})
    gecko, cmc = (both.rows("market_metrics", provider=name)[0] for name in ("coingecko", "coinmarketcap"))
    assert gecko["ts"] == NOW.replace(second=0)
    assert timedelta() <= gecko["known_at"] - NOW < timedelta(seconds=30)
    assert gecko["compared_with"] == "coinmarketcap"
    assert gecko["btc_dominance_gap"] == pytest.approx(gecko["btc_dominance"] - cmc["btc_dominance"])
    assert -5 < gecko["btc_dominance_gap"] < -1
    assert gecko["agreement"] == 1.0
    assert gecko["confidence"] == pytest.approx(1.0)
    assert (gecko["stablecoin_basis"], cmc["stablecoin_basis"]) == ("category", "provider")
    assert 0 < gecko["stablecoin_dominance"] < 30
    assert gecko["defi_dominance"] == pytest.approx(
        100 * gecko["defi_market_cap"] / gecko["total_market_cap"], rel=0.02
    )
    assert cmc["confidence"] == pytest.approx(0.8)  # nobody else had told by then
    (compared,) = both.rows("market_metrics_compared")
    assert compared["btc_dominance_gap"] == pytest.approx(gecko["btc_dominance_gap"])
    log = both.sources.database.rows("SELECT DISTINCT venue, dataset FROM fetch_log ORDER BY venue")
    assert [(row["venue"], row["dataset"]) for row in log] == [
        ("coingecko", "market_metrics"),
        ("coinmarketcap", "market_metrics"),
    ]
    assert KEY not in str(both.sources.database.rows("SELECT * FROM fetch_log"))


def test_what_is_told_seldom_is_asked_seldom_and_keeps_its_time(both: Providers) -> None:
    both.round(MARKET)
    both.simulator.clear()
    both.round(MARKET, NOW + MINUTE)
    assert [entry["path"] for entry in both.simulator.log()] == ["/api/v3/global"]
    first, second = both.rows("market_metrics")
    assert second["stablecoins_at"] == first["stablecoins_at"]
    assert second["defi_at"] == first["defi_at"]
    both.simulator.clear()
    both.round(MARKET, NOW + 6 * MINUTE)
    assert len(both.simulator.log()) == 2  # and stablecoins
    assert both.rows("market_metrics")[-1]["stablecoins_at"] > first["stablecoins_at"]


def test_the_same_answer_again_writes_nothing(both: Providers) -> None:
    both.round(MARKET)
    before = both.rows("market_metrics")
    again = both.round(MARKET, NOW + timedelta(seconds=10))
    assert (again.error, again.new) == (None, 0)
    assert both.rows("market_metrics") == before


def test_a_stale_answer_keeps_its_own_time_and_says_so_and_then_is_silence(both: Providers) -> None:
    both.simulator.fault("stale", host=GECKO, seconds=1500.0)
    done = both.round(MARKET)
    (row,) = both.rows("market_metrics")
    assert done.error is None
    assert row["ts"] == NOW.replace(second=0) - timedelta(minutes=25)
    assert row["age_seconds"] == pytest.approx(1540, abs=30)
    assert row["confidence"] < 0.2
    assert "25 minutes ago" in done.missing["market"] or "26 minutes ago" in done.missing["market"]
    both.simulator.clear()
    both.simulator.fault("stale", host=GECKO, seconds=1560.0)
    again = both.round(MARKET, NOW + MINUTE)
    assert again.error is not None
    assert "nothing newer than 2024-03-20 11:35 UTC" in again.error
    assert len(both.rows("market_metrics")) == 1


@pytest.mark.parametrize(
    ("provider", "lie", "reason"),
    [
        (GECKO, "dominance", "shares_not_of_a_whole"),
        (GECKO, "sum", "shares_not_of_a_whole"),
        (GECKO, "negative", "total_market_cap_too_low"),
        (GECKO, "missing", "total_market_cap_missing"),
        (CMC, "dominance", "dominance_sum_over_100"),
        (CMC, "sum", "dominance_sum_over_100"),
        (CMC, "negative", "total_market_cap_too_low"),
    ],
)
def test_what_cannot_be_is_put_aside(both: Providers, provider: str, lie: str, reason: str) -> None:
    both.simulator.fault("lie", host=provider, what=lie)
    done = both.round(MARKET if provider == GECKO else MARKET_CMC)
    assert (done.error, done.new, done.quarantined) == (None, 0, 1)
    (bad,) = both.quarantined()
    assert reason in bad["reasons"]
    assert (bad["dataset"], bad["series"]) == ("market_metrics", "market")
    assert not both.rows("market_metrics")


def test_a_provider_far_off_takes_the_confidence_of_both(both: Providers) -> None:
    both.simulator.fault("lie", host=CMC, what="far_off")
    both.round(MARKET_CMC)
    both.round(MARKET)
    (row,) = both.rows("market_metrics", provider="coingecko")
    assert (row["agreement"], row["confidence"]) == (0.0, 0.0)
    assert abs(row["btc_dominance_gap"]) > 5


def test_the_word_null_is_no_number_and_costs_completeness(both: Providers) -> None:
    both.simulator.fault("lie", host=GECKO, what="null_text")
    both.round(MARKET)
    (row,) = both.rows("market_metrics")
    assert row["eth_dominance"] is None
    assert row["completeness"] == pytest.approx(5 / 6)


def test_a_part_that_fails_costs_only_itself(both: Providers) -> None:
    both.simulator.fault("status", host=GECKO, path="/coins/markets", code=404)
    both.simulator.fault("status", host=GECKO, path="defi", code=404)
    done = both.round(MARKET)
    assert done.error is None
    assert set(done.missing) == {"stablecoins", "defi"}
    (row,) = both.rows("market_metrics")
    assert row["stablecoin_basis"] == "largest"  # a lower bound, and it says so
    assert row["defi_market_cap"] is None
    assert row["completeness"] == pytest.approx(5 / 6)


@pytest.mark.parametrize("kind", ["html", "truncated"])
def test_an_answer_that_is_none_is_an_error_and_no_row(both: Providers, kind: str) -> None:
    both.simulator.fault(kind, host=GECKO, path="/global", times=8)
    done = both.round(MARKET)
    assert done.error is not None
    assert "coingecko market" in done.error
    assert not both.rows("market_metrics")


def test_no_key_is_said_once_and_the_other_goes_on(database: Database, running: SimulatorProcess) -> None:
    with providers(database, running, coinmarketcap_key="") as found:
        refused = found.round(MARKET_CMC)
        assert refused.error is not None
        assert "get one from the provider" in refused.error
        assert found.round(MARKET).error is None


def test_coins_are_stored_with_their_newest_state_and_seldom_where_nobody_tracks_them(
    both: Providers,
) -> None:
    database = both.sources.database
    register(database, ["BTC/USDT", "NONE/USDT"])
    database.execute("UPDATE instruments SET tracked = true")
    done = both.round(COINS)
    assert done.error is None
    assert done.missing == {"NONE": "CoinGecko tells of no coin of this symbol"}
    (bitcoin,) = both.rows("coin_metrics", coin="bitcoin")
    supply = bitcoin["circulating_supply"]
    assert bitcoin["market_cap"] == pytest.approx(bitcoin["price"] * supply, rel=1e-5)
    assert (bitcoin["rank"], bitcoin["symbol"], bitcoin["vintage"]) == (1, "BTC", "live")
    assert bitcoin["confidence"] == pytest.approx(1.0)
    both.round(COINS, NOW + MINUTE)
    counts = {
        row["coin"]: row["n"]
        for row in database.rows("SELECT coin, count(*) AS n FROM coin_metrics GROUP BY 1")
    }
    assert (counts["bitcoin"], counts["tether"], counts["cardano"]) == (2, 2, 1)
    newest = {row["coin"]: row for row in both.rows("coin_metrics_now")}
    assert newest["bitcoin"]["ts"] == both.rows("coin_metrics", coin="bitcoin")[-1]["ts"]
    both.round(COINS, NOW + 6 * MINUTE)
    assert len(both.rows("coin_metrics", coin="cardano")) == 2
    held = database.rows(
        "SELECT count(*) AS n FROM coin_metrics_latest AS l"
        " WHERE (l.ts, l.price, l.market_cap) IS DISTINCT FROM"
        " (SELECT (m.ts, m.price, m.market_cap) FROM coin_metrics AS m"
        "  WHERE m.provider = l.provider AND m.coin = l.coin ORDER BY m.ts DESC LIMIT 1)"
    )
    assert held[0]["n"] == 0


def test_a_coin_whose_cap_is_not_price_times_supply_counts_nothing(both: Providers) -> None:
    both.simulator.fault("lie", host=CMC, what="swap")
    both.round(COINS_CMC)
    assert {row["confidence"] for row in both.rows("coin_metrics", provider="coinmarketcap")} == {0.0}


def test_coins_with_caps_below_zero_are_put_aside_once_each(both: Providers) -> None:
    both.simulator.fault("lie", host=GECKO, what="negative")
    done = both.round(COINS)
    assert (done.error, done.new) == (None, 0)
    assert done.quarantined == len({row["series"] for row in both.quarantined()}) > 50
    assert not both.rows("coin_metrics_latest")


def test_confidence_by_the_age_of_now_is_the_same_formula_in_sql(both: Providers) -> None:
    now = datetime.now(UTC)
    ages = {"coingecko": (timedelta(minutes=17), 0.7), "coinmarketcap": (timedelta(seconds=70), None)}
    frame = told_market(1).head(2).sort("provider")
    stored = frame.with_columns(
        ts=pl.Series([now - ages[name][0] for name in frame["provider"]]).cast(pl.Datetime("us", "UTC")),
        agreement=pl.Series([ages[name][1] for name in frame["provider"]], dtype=pl.Float64),
    )
    store_market(both.sources.database, stored)
    shown = {row["provider"]: row for row in both.rows("market_metrics_now")}
    for name, (age, agreed) in ages.items():
        row = shown[name]
        assert row["age_seconds"] == pytest.approx(age.total_seconds(), abs=30)
        fresh = freshness(timedelta(seconds=row["age_seconds"]))
        agreed = UNVERIFIED if agreed is None else agreed
        assert row["confidence_now"] == pytest.approx(row["completeness"] * agreed * fresh)
        assert row["stale"] is (age > timedelta(minutes=10))


def test_the_public_quota_refuses_and_the_demo_key_is_asked(
    database: Database, running: SimulatorProcess
) -> None:
    with providers(database, running, coingecko_key="demo") as found:
        found.simulator.fault(
            "status", host=GECKO, path="/global", code=429, headers={"Retry-After": "60"}, times=1
        )
        done = found.round(MARKET)
        assert done.error is None
        assert [row["provider"] for row in found.rows("market_metrics")] == ["coingecko"]
