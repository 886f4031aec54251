"""What CoinGecko and CoinMarketCap tell: real bodies are read, the simulator's have the same fields."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from aiohttp.test_utils import TestClient, TestServer

from alphapulse_assets.market_metrics.collecting import STABLECOINS_EVERY
from alphapulse_assets.market_metrics.dataset import DATASETS
from alphapulse_resources.providers.coingecko import COINGECKO
from alphapulse_resources.providers.coingecko.reading import (
    read_chart,
    read_defi,
    read_global,
    read_markets,
)
from alphapulse_resources.providers.coinmarketcap import COINMARKETCAP
from alphapulse_resources.providers.coinmarketcap.reading import read_listings, read_market
from alphapulse_resources.providers.market_model import moment, number
from alphapulse_resources.providers.provider import Provider
from alphapulse_resources.venues.error_rules import Failure
from alphapulse_resources.venues.errors import find_rule
from alphapulse_resources.venues.model import ErrorKind
from alphapulse_sim.coins import Coins
from alphapulse_sim.context import SimConfig
from alphapulse_sim.instruments import Catalogue
from alphapulse_sim.market import Market
from alphapulse_sim.server import SIMULATOR, make_app

NOW = datetime(2024, 3, 20, 12, 0, 40, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
GECKO = "/api.coingecko.com/api/v3"
CMC = "/pro-api.coinmarketcap.com/v1"
PATHS = {
    "global": f"{GECKO}/global",
    "defi": f"{GECKO}/global/decentralized_finance_defi",
    "markets": f"{GECKO}/coins/markets?vs_currency=usd&per_page=250",
    "page": f"{GECKO}/coins/markets?vs_currency=usd&per_page=30&page=3",
    "stablecoins": f"{GECKO}/coins/markets?vs_currency=usd&category=stablecoins",
    "chart": f"{GECKO}/coins/bitcoin/market_chart/range?vs_currency=usd"
    f"&from={NOW_MS // 1000 - 3 * 86400}&to={NOW_MS // 1000}",
    "too_old": f"{GECKO}/coins/bitcoin/market_chart/range?vs_currency=usd&from=1577836800&to=1577923200",
    "cmc": f"{CMC}/global-metrics/quotes/latest",
    "listings": f"{CMC}/cryptocurrency/listings/latest?limit=5000",
}


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What the simulator answers to each path, and `keyless`: what CoinMarketCap does without a key."""

    async def ask() -> dict[str, Any]:
        app = make_app(SimConfig(extra=1))
        app[SIMULATOR].clock.set(NOW.isoformat(), None)
        async with TestClient(TestServer(app)) as client:
            bodies = {
                name: await (await client.get(path, headers={"X-CMC_PRO_API_KEY": "k"})).json()
                for name, path in PATHS.items()
            }
            keyless = await client.get(PATHS["cmc"])
            bodies["keyless"] = {"status": keyless.status, "body": await keyless.json()}
            return bodies

    return asyncio.run(ask())


def real(shared_data: Path, name: str) -> Any:
    return json.loads((shared_data / "metrics" / name).read_text())


def same_fields(ours: Any, theirs: Any, where: str = "") -> None:
    """The same names all the way down, and values of the same kind; the word null stands for no value."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        assert set(ours) == set(theirs), where
        for name, value in theirs.items():
            same_fields(ours[name], value, f"{where}.{name}")
    elif isinstance(theirs, list) and isinstance(ours, list):
        if theirs and ours:
            same_fields(ours[0], theirs[0], f"{where}[0]")
    elif theirs not in (None, "null") and ours is not None:
        kinds = [
            float if isinstance(v, int | float) and not isinstance(v, bool) else type(v)
            for v in (ours, theirs)
        ]
        assert kinds[0] is kinds[1], where


def test_the_simulated_market_has_the_fields_of_the_real_one(told: dict[str, Any], shared_data: Path) -> None:
    ours, theirs = told["global"], real(shared_data, "global_response.json")
    assert len(ours["data"]["market_cap_percentage"]) == len(theirs["data"]["market_cap_percentage"]) == 10
    ours, theirs = ({**body["data"], "market_cap_percentage": {}} for body in (ours, theirs))
    same_fields(ours, theirs)


def test_simulated_coins_have_the_fields_of_real_ones(told: dict[str, Any], shared_data: Path) -> None:
    same_fields(told["markets"][:1], real(shared_data, "coins_markets_response.json"))
    theirs = real(shared_data, "listings_latest_2019-02-08.json")
    ours = told["listings"]
    assert ours["status"].pop("total_count") == len(ours["data"])  # documented; not yet in 2019
    same_fields(ours, theirs)


def test_real_bodies_are_read(shared_data: Path) -> None:
    market = read_global(real(shared_data, "global_response.json"))
    assert market.ts == datetime(2023, 12, 28, 2, 27, 19, tzinfo=UTC)
    assert (market.btc_dominance, market.eth_dominance) == (47.62359778628086, 16.26553176555687)
    assert market.total_market_cap == 1785148629700.8977
    assert (market.active_coins, market.markets) == (11826, 959)
    coins = read_markets(real(shared_data, "coins_markets_response.json"))
    assert not coins.rejects
    ether = coins.frame.row(1, named=True)
    assert (ether["coin"], ether["symbol"], ether["rank"], ether["market_cap"]) == (
        "ethereum",
        "ETH",
        2,
        274130347174,
    )
    assert ether["max_supply"] is None  # the body says "null"
    listed = read_listings(real(shared_data, "listings_latest_2019-02-08.json"))
    assert listed.frame["coin"].to_list() == ["1", "52", "1027"]
    assert listed.frame["ts"][0] == datetime(2019, 2, 8, 12, 28, 26, tzinfo=UTC)


def test_simulated_figures_hang_together(told: dict[str, Any]) -> None:
    coins = Coins(Market(7), Catalogue(1))
    market, coin_rows = read_global(told["global"]), read_markets(told["markets"]).frame
    bitcoin = coin_rows.row(0, named=True)
    assert bitcoin["market_cap"] == pytest.approx(bitcoin["price"] * bitcoin["circulating_supply"], rel=1e-5)
    assert market.total_market_cap is not None
    assert market.btc_dominance == pytest.approx(
        100 * bitcoin["market_cap"] / market.total_market_cap, rel=1e-6
    )
    assert bitcoin["market_cap"] == pytest.approx(coins.cap_of("coingecko", "BTC", NOW_MS), rel=1e-9)
    assert coin_rows["rank"].to_list() == list(range(1, coin_rows.height + 1))
    stable = read_markets(told["stablecoins"]).frame
    assert stable["market_cap"].sum() == pytest.approx(coins.stable_cap("coingecko", NOW_MS), rel=1e-9)
    assert read_markets(told["page"]).frame["coin"].to_list() == coin_rows["coin"].to_list()[60:90]
    listed = read_listings(told["listings"]).frame
    assert set(listed["symbol"]) == set(coin_rows["symbol"])


def test_simulated_providers_differ_by_about_three_points(told: dict[str, Any]) -> None:
    gecko, cmc = read_global(told["global"]), read_market(told["cmc"])
    assert gecko.btc_dominance is not None
    assert cmc.btc_dominance is not None
    assert 1 < cmc.btc_dominance - gecko.btc_dominance < 5
    assert cmc.stablecoin_market_cap is not None
    defi = read_defi(told["defi"])
    assert defi.market_cap is not None
    assert defi.dominance is not None
    assert gecko.total_market_cap is not None
    assert defi.dominance == pytest.approx(100 * defi.market_cap / gecko.total_market_cap, rel=0.05)


def test_the_past_of_a_coin_is_told_by_the_hour_and_no_further_than_a_year(told: dict[str, Any]) -> None:
    chart = read_chart(told["chart"])
    assert chart.height == 72
    assert chart["ts"].diff().drop_nulls().unique().dt.total_hours().to_list() == [1]
    assert told["too_old"]["error"]["status"]["error_code"] == 10012


def test_coinmarketcap_wants_a_key(told: dict[str, Any]) -> None:
    assert told["keyless"]["status"] == 401
    assert told["keyless"]["body"]["status"]["error_code"] == 1002


def test_an_answer_with_an_error_code_holds_no_data(told: dict[str, Any]) -> None:
    body = {
        **told["cmc"],
        "status": {**told["cmc"]["status"], "error_code": 1010, "error_message": "monthly"},
    }
    with pytest.raises(ValueError, match="error 1010: monthly"):
        read_market(body)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (1, 1.0),
        ("1.5", 1.5),
        (None, None),
        ("null", None),
        (" NULL ", None),
        ("", None),
        (0, 0.0),
        ("n/a", None),
    ],
)
def test_numbers_come_as_numbers_as_text_or_not_at_all(value: Any, found: float | None) -> None:
    assert number(value) == found


@pytest.mark.parametrize("value", ["much", float("inf"), "Infinity", True, {}, []])
def test_what_is_no_number_is_an_error(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        number(value)


@pytest.mark.parametrize("value", ["2024-03-20T12:00:00", None, "null", 5, "yesterday"])
def test_a_time_without_an_offset_or_before_all_coins_is_an_error(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        moment(value)


def test_a_coin_that_cannot_be_read_is_put_aside_and_the_others_are_read(told: dict[str, Any]) -> None:
    rows = [{**told["markets"][0], "current_price": "much"}, {**told["markets"][1], "last_updated": None}]
    read = read_markets([*rows, *told["markets"][2:4]])
    assert read.frame.height == 2
    assert [reject.reason for reject in read.rejects] == ["unreadable_value"] * 2
    assert "much" in str(read.rejects[0].payload)


@pytest.mark.parametrize(
    ("provider", "status", "body", "kind", "pause"),
    [
        (COINGECKO, 401, "exceeds the allowed time range", ErrorKind.NOT_PUBLISHED, None),
        (COINGECKO, 401, "incorrect API key", ErrorKind.BAD_KEY, None),
        (COINGECKO, 403, "", ErrorKind.GEO_BLOCKED, None),
        (COINGECKO, 404, '{"error":"coin not found"}', ErrorKind.BAD_SYMBOL, None),
        (COINGECKO, 429, "", ErrorKind.BANNED, 60),
        (COINMARKETCAP, 402, '{"status":{"error_code":1003}}', ErrorKind.BAD_KEY, None),
        (COINMARKETCAP, 403, '{"status":{"error_code":1006}}', ErrorKind.BAD_KEY, None),
        (COINMARKETCAP, 429, "You've exceeded your monthly rate limit.", ErrorKind.BANNED, 6 * 3600),
        (COINMARKETCAP, 429, "You've exceeded your daily rate limit.", ErrorKind.BANNED, 3600),
        (COINMARKETCAP, 429, "You've exceeded your HTTP request rate limit.", ErrorKind.BANNED, 60),
        (COINMARKETCAP, 401, '{"status":{"error_code":1002}}', ErrorKind.BAD_KEY, None),
    ],
)
def test_refusals_are_understood(
    provider: Provider, status: int, body: str, kind: ErrorKind, pause: float | None
) -> None:
    trouble = Failure(provider.name, requests.HTTPError("x"), status, body)
    rule = find_rule(trouble, provider.errors)
    assert (rule.kind, rule.pause) == (kind, pause)


def test_what_is_asked_by_cadence_fits_the_quotas() -> None:
    a_day = {"coingecko": 0.0, "coinmarketcap": 0.0}
    for dataset in DATASETS:
        for each in dataset.collectors:
            if each.source in a_day and "history" not in each.name:
                a_day[each.source] += timedelta(days=1) / each.every
    minute = COINGECKO.budgets["coingecko-minute"]
    of_stablecoins = timedelta(days=1) / STABLECOINS_EVERY + 24  # and of DeFi
    assert a_day["coingecko"] + of_stablecoins < 0.5 * minute.rate * 86_400
    assert a_day["coinmarketcap"] <= COINMARKETCAP.budgets["coinmarketcap-day"].rate * 86_400
