"""Bodies of alternative.me, Blockchain.com, mempool.space, Coin Metrics as documented, and as simulated."""

import asyncio
import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from alphapulse_resources.providers.alternative_me import AlternativeMeError, index
from alphapulse_resources.providers.blockchain_info import BlockchainInfoError, charts
from alphapulse_resources.providers.coinmetrics import CoinMetricsError, metrics
from alphapulse_resources.providers.mempool_space import network
from alphapulse_resources.providers.onchain_model import UNITS, days_over
from alphapulse_sim.blockchain_charts import CHARTS, BlockchainCharts
from alphapulse_sim.chain import Chain
from alphapulse_sim.coinmetrics import CoinMetrics
from alphapulse_sim.context import SimConfig, Simulator
from alphapulse_sim.fear_greed import FearGreed, called
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.mempool import MempoolSpace

AT = datetime(2026, 2, 13, 12, tzinfo=UTC)

# as api.alternative.me gave it on 2021-12-20; a second day has no time_until_update
INDEX: dict[str, Any] = {
    "name": "Fear and Greed Index",
    "data": [
        {
            "value": "25",
            "value_classification": "Extreme Fear",
            "timestamp": "1639958400",
            "time_until_update": "62507",
        },
        {"value": "46", "value_classification": "Fear", "timestamp": "1639872000"},
    ],
    "metadata": {"error": None},
}
# as blockchain.com/explorer/api/charts_api documents it
CHART: dict[str, Any] = {
    "status": "ok", "name": "Confirmed Transactions Per Day", "unit": "Transactions", "period": "day",
    "description": "The number of daily confirmed Bitcoin transactions.",
    "values": [{"x": 1442534400, "y": 188330}],
}  # fmt: skip
# as mempool.space/docs/api/rest documents them
FEES = {"fastestFee": 1, "halfHourFee": 1, "hourFee": 1, "economyFee": 1, "minimumFee": 1}
MEMPOOL: dict[str, Any] = {
    "count": 2154, "vsize": 1223360, "total_fee": 2318463, "fee_histogram": [[53.01, 102131]],
}  # fmt: skip
RETARGET = {
    "progressPercent": 44.397234501112074, "difficultyChange": 98.45932018381687,
    "estimatedRetargetDate": 1627762478, "remainingBlocks": 1121, "remainingTime": 665977,
    "previousRetarget": -4.807005268478962, "nextRetargetHeight": 741888, "timeAvg": 302328, "timeOffset": 0,
}  # fmt: skip
HASH_RATES: dict[str, Any] = {
    "hashrates": [{"timestamp": 1652486400, "avgHashrate": 236499762108771800000}],
    "difficulty": [{"timestamp": 1652468330, "difficulty": 31251101365711.12, "height": 736249}],
    "currentHashrate": 252033247355212300000, "currentDifficulty": 31251101365711.12,
}  # fmt: skip
# as docs.coinmetrics.io documents them
ASSETS: dict[str, Any] = {
    "data": [
        {"asset": "btc", "time": "2020-01-01T00:00:00.000000000Z", "AdrActCnt": "496520", "HashRate": None},
    ],
    "next_page_token": "0.MjAyMC0wMS0wMg", "next_page_url": "https://community-api.coinmetrics.io/v4/...",
}  # fmt: skip
FORBIDDEN = {
    "error": {
        "type": "forbidden",
        "message": "Requested metric 'SplyBMXNtv' with frequency '1d' for asset 'btc' is not available with "
        "supplied credentials.",
    }
}


@pytest.fixture(scope="module")
def sim() -> Simulator:
    made = Simulator(SimConfig(seed=7))
    made.clock.set("2026-02-13T12:00:00")
    return made


def asked(handler: Any, path: str, **matched: str) -> Any:
    """What a handler of the simulator answers."""
    request = make_mocked_request("GET", path, match_info=matched)
    response: web.Response = asyncio.run(handler(request))
    return json.loads(response.text or "null")


def shape(body: Any) -> Any:
    """Fields and kinds of values, whatever these are; of lists that of the first."""
    if isinstance(body, dict):
        return {name: shape(value) for name, value in body.items()}
    if isinstance(body, list):
        return [shape(body[0])] if body else []
    return "number" if isinstance(body, int | float) and not isinstance(body, bool) else type(body).__name__


def test_a_day_of_the_index_is_its_midnight_and_a_body_with_an_error_is_none() -> None:
    rows, rejects = index.read(INDEX)
    assert rejects == []
    assert rows.rows() == [
        (datetime(2021, 12, 19, tzinfo=UTC), 46, "fear"),
        (datetime(2021, 12, 20, tzinfo=UTC), 25, "extreme_fear"),
    ]
    with pytest.raises(AlternativeMeError, match=r"metadata\.error: out of order"):
        index.read({"name": "Fear and Greed Index", "data": [], "metadata": {"error": "out of order"}})
    with pytest.raises(ValueError, match="no day"):
        index.read({**INDEX, "data": []})


@pytest.mark.parametrize(
    ("value", "told", "why"),
    [
        ("101", "Extreme Greed", "not from 0 to 100"),
        ("90", "Fear", "cannot be called Fear"),
        ("50", "Bored", "none of the five"),
        ("many", "Fear", "invalid literal"),
    ],
)
def test_a_day_that_cannot_be_is_rejected_with_the_reason_and_as_it_came(
    value: str, told: str, why: str
) -> None:
    bad = {"value": value, "value_classification": told, "timestamp": "1639785600"}
    rows, rejects = index.read({**INDEX, "data": [*INDEX["data"], bad]})
    assert rows.height == 2
    (reject,) = rejects
    assert why in reject.payload["error"]
    assert reject.payload["day"] == bad
    assert reject.ts == datetime(2021, 12, 18, tzinfo=UTC)


def test_a_class_may_be_told_a_little_beyond_its_bounds_as_these_are_not_published() -> None:
    near = {"value": "50", "value_classification": "Fear", "timestamp": "1639785600"}
    rows, rejects = index.read({**INDEX, "data": [near]})
    assert (rejects, rows["classification"].to_list()) == ([], ["fear"])


def test_the_simulated_index_has_the_fields_of_the_real_one_newest_first(sim: Simulator) -> None:
    body = asked(FearGreed(sim).index, "/api.alternative.me/fng/?limit=2")
    assert shape(body) == shape(INDEX)
    assert [day.keys() for day in body["data"]] == [day.keys() for day in INDEX["data"]]
    times = [int(day["timestamp"]) for day in body["data"]]
    assert times == [epoch_ms("2026-02-13") // 1000, epoch_ms("2026-02-12") // 1000]
    assert 0 < int(body["data"][0]["time_until_update"]) < 86_400
    refused = asked(FearGreed(sim).index, "/api.alternative.me/fng/?limit=all")
    assert refused["metadata"]["error"]


def test_the_simulated_index_tells_of_the_days_of_the_real_one_and_spreads_like_it(
    sim: Simulator, shared_data: Path
) -> None:
    with (shared_data / "metrics" / "fear_greed.csv").open() as file:
        real = {row["date"]: int(row["fng"]) for row in csv.DictReader(file)}
    body = asked(FearGreed(sim).index, "/api.alternative.me/fng/?limit=0")
    rows, rejects = index.read(body)
    assert (rejects, len(real)) == ([], 2931)
    assert {f"{ts:%Y-%m-%d}" for ts in rows["ts"]} == real.keys()
    values = pl.Series(list(real.values()))
    for told in (rows["value"], values):
        assert told.is_between(0, 100).all()
        assert 40 < float(told.mean()) < 55  # type: ignore[arg-type]
        assert 15 < float(told.std()) < 28  # type: ignore[arg-type]
        assert 3 < float(told.cast(pl.Int64).diff().abs().mean()) < 7  # type: ignore[arg-type]
        classes = {called(value) for value in told}
        assert len(classes) == 5
    # the real values, told as bodies tell them, are read without a reject
    days = [
        {"value": str(value), "value_classification": called(value), "timestamp": str(epoch_ms(day) // 1000)}
        for day, value in real.items()
    ]
    read, bad = index.read({**INDEX, "data": days})
    assert (read.height, bad) == (2931, [])


def test_the_simulated_index_follows_momentum_and_fears_volatility(sim: Simulator) -> None:
    rows, _ = index.read(asked(FearGreed(sim).index, "/api.alternative.me/fng/?limit=0"))
    listing = sim.catalogue.find("binance", "spot", "BTCUSDT")
    assert listing is not None
    at = rows["ts"].dt.epoch("ms").to_numpy()
    month = pl.Series(sim.market.mid(listing, at) / sim.market.mid(listing, at - 30 * 86_400_000) - 1)
    together = pl.DataFrame({"value": rows["value"], "month": month}).select(pl.corr("value", "month")).item()
    assert together > 0.6


def test_a_simulated_day_is_not_told_before_it_is_published(sim: Simulator) -> None:
    days = [FearGreed(sim).days(epoch_ms(text)) for text in ("2026-02-13T00:04:59", "2026-02-13T00:05:00")]
    newest = [datetime.fromtimestamp(int(each[0]["timestamp"]), UTC).day for each in days]
    assert newest == [12, 13]
    assert [day["value"] for day in days[1][1:]] == [day["value"] for day in days[0]]  # the past stays


def test_a_chart_is_read_by_day_and_one_of_another_unit_or_step_is_refused() -> None:
    by_name = {chart.name: chart for chart in charts.CHARTS}
    rows, rejects = charts.read(CHART, by_name["n-transactions"])
    assert rejects == []
    assert rows.rows() == [
        ("BTC", "transactions", "day", datetime(2015, 9, 18, tzinfo=UTC), 188330.0, "transactions")
    ]
    with pytest.raises(BlockchainInfoError, match="No chart"):
        charts.read({"status": "not-found", "error": "No chart"}, by_name["hash-rate"])
    with pytest.raises(ValueError, match="the unit is Transactions, not th/s"):
        charts.read(CHART, by_name["hash-rate"])
    odd = {**CHART, "values": [{"x": 1442534460, "y": 1}, {"x": 1442534400, "y": -1}, {"x": 1442620800}]}
    rows, rejects = charts.read(odd, by_name["n-transactions"])
    assert rows.is_empty()
    assert [each.reason for each in rejects] == ["unreadable_value"] * 3


def test_simulated_charts_have_the_documented_fields_and_are_read(sim: Simulator) -> None:
    for chart in charts.CHARTS:
        path = f"/api.blockchain.info/charts/{chart.name}?start=2026-02-01&timespan=13days&sampled=false"
        body = asked(BlockchainCharts(sim).chart, path, name=chart.name)
        assert shape(body) == shape(CHART), chart.name
        rows, rejects = charts.read(body, chart)
        assert (rejects, rows.is_empty()) == ([], False)
    assert {chart.name for chart in charts.CHARTS} == CHARTS.keys()
    gone = asked(BlockchainCharts(sim).chart, "/api.blockchain.info/charts/nothing", name="nothing")
    assert gone["status"] == "not-found"
    long = asked(BlockchainCharts(sim).chart, "/api.blockchain.info/charts/x?timespan=all", name="hash-rate")
    assert len(long["values"]) <= 1500  # thinned
    odd = asked(BlockchainCharts(sim).chart, "/api.blockchain.info/charts/x?timespan=soon", name="hash-rate")
    assert odd["status"] == "bad-request"


def test_days_that_are_not_over_are_left_out_and_moments_are_not() -> None:
    (chart,) = (each for each in charts.CHARTS if each.name == "n-transactions")
    values = [{"x": int((AT - timedelta(hours=12, days=n)).timestamp()), "y": 10} for n in (0, 1)]
    rows, _ = charts.read({**CHART, "values": values}, chart)
    assert rows.height == 2
    assert [f"{ts:%m-%d}" for ts in days_over(rows, AT)["ts"]] == ["02-12"]


def test_what_mempool_space_tells_is_read_and_a_hash_rate_is_of_the_day_before_its_time() -> None:
    told = pl.concat(
        [
            network.read_fees(FEES, AT)[0],
            network.read_mempool(MEMPOOL, AT)[0],
            network.read_retarget(RETARGET, AT)[0],
            network.read_height(800000, AT)[0],
            network.read_hash_rates(HASH_RATES, AT)[0],
        ]
    )
    assert set(told["metric"]) <= UNITS.keys()
    figures = {(row["metric"], row["sampled"]): row for row in told.rows(named=True)}
    assert len(figures) == told.height == 14
    assert figures["mempool_vsize", "moment"]["value"] == 1223360
    assert figures["block_height", "moment"]["value"] == 800000
    assert figures["hash_rate", "moment"]["value"] == pytest.approx(252033247.3552123)  # TH/s
    assert figures["hash_rate", "day"]["ts"] == datetime(2022, 5, 13, tzinfo=UTC)
    with pytest.raises(TypeError, match="a height was expected"):
        network.read_height({"error": "no"}, AT)
    with pytest.raises(ValueError, match="fee_fastest is -1, which cannot be"):
        network.read_fees({**FEES, "fastestFee": -1}, AT)


def test_simulated_mempool_space_has_the_documented_fields(sim: Simulator) -> None:
    mempool = MempoolSpace(sim)
    for handler, documented in (
        (mempool.fees, FEES),
        (mempool.mempool, MEMPOOL),
        (mempool.height, 800000),
        (mempool.retarget, RETARGET),
    ):
        assert shape(asked(handler, "/mempool.space/")) == shape(documented)
    body = asked(mempool.hash_rate, "/mempool.space/", interval="3d")
    assert shape(body) == shape(HASH_RATES)
    assert len(body["hashrates"]) == 3
    whole = asked(mempool.hash_rate, "/mempool.space/")
    assert len(whole["hashrates"]) > 2900


def test_asset_metrics_are_text_of_a_day_and_null_is_no_figure() -> None:
    rows, rejects, token = metrics.read_page(ASSETS)
    assert (rejects, token) == ([], ASSETS["next_page_token"])
    assert rows.rows() == [
        ("BTC", "active_addresses", "day", datetime(2020, 1, 1, tzinfo=UTC), 496520.0, "addresses")
    ]
    with pytest.raises(CoinMetricsError, match="forbidden"):
        metrics.read_page(FORBIDDEN)
    rows, rejects, token = metrics.read_page({"data": [{"asset": "btc", "time": "?"}]})
    assert (rows.height, len(rejects), token) == (0, 1, None)


def test_simulated_coin_metrics_pages_refuses_and_has_the_documented_fields(sim: Simulator) -> None:
    handler = CoinMetrics(sim).asset_metrics
    path = (
        "/community-api.coinmetrics.io/v4/timeseries/asset-metrics?assets=btc,eth&metrics=AdrActCnt,HashRate"
        "&start_time=2026-02-01&end_time=2026-02-05&page_size=5&end_inclusive=false"
    )
    first = asked(handler, path)
    assert first.keys() == ASSETS.keys()
    assert [row["asset"] for row in first["data"]] == ["btc"] * 4 + ["eth"]
    assert all(isinstance(row["AdrActCnt"], str) for row in first["data"])
    assert first["data"][4]["HashRate"] is None  # since the merge
    assert first["data"][0]["time"] == "2026-02-01T00:00:00.000000000Z"
    second = asked(handler, f"{path}&next_page_token={first['next_page_token']}")
    assert [row["time"][:10] for row in second["data"]] == ["2026-02-02", "2026-02-03", "2026-02-04"]
    assert "next_page_token" not in second
    forbidden = asked(handler, path.replace("HashRate", "CapRealUSD"))
    assert shape(forbidden) == shape(FORBIDDEN)
    ignored = asked(handler, path.replace("HashRate", "CapRealUSD") + "&ignore_forbidden_errors=true")
    assert "CapRealUSD" not in ignored["data"][0]
    assert asked(handler, path.replace("btc", "nothing"))["error"]["type"] == "bad_parameter"


def test_the_simulated_chain_is_a_function_of_its_time_and_never_shrinks(sim: Simulator) -> None:
    chain, again = (Chain(Simulator(SimConfig(seed=7)).market, sim.catalogue) for _ in range(2))
    at = pl.datetime_range(AT - timedelta(days=2), AT, "1m", eager=True).dt.epoch("ms").to_numpy()
    heights, supply = chain.height(at), chain.supply(at)
    assert (heights[1:] >= heights[:-1]).all()
    assert (supply[1:] >= supply[:-1]).all()
    assert (again.height(at[::7]) == heights[::7]).all()  # whatever else was asked for
    assert (again.fee_rate(at[::7]) == chain.fee_rate(at)[::7]).all()
    years = pl.datetime_range(AT - timedelta(days=2000), AT, "365d", eager=True).dt.epoch("ms").to_numpy()
    rates = chain.hash_rate(years)
    assert (rates[1:] > rates[:-1]).all()
