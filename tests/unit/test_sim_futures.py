"""The simulator's futures: held against real and documented bodies, and coherent with its market."""

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp.test_utils import make_mocked_request

from alphapulse_sim.binance import USDM
from alphapulse_sim.binance_errors import BinanceError
from alphapulse_sim.binance_futures import BinanceUsdm
from alphapulse_sim.bybit import Bybit
from alphapulse_sim.context import SimConfig, Simulator
from alphapulse_sim.derivatives import long_shares, open_interest, premiums
from alphapulse_sim.funding import funding_rates, interval_hours, next_settlement, settlements, standing
from alphapulse_sim.instruments import Listing, epoch_ms
from alphapulse_sim.intervals import DAY, HOUR

CLOCK = "2024-03-20T12:00:20"
NOW = epoch_ms(CLOCK)
SIM = Simulator(SimConfig())
SIM.clock.set(CLOCK)
MINUTES = 60_000


def listing(base: str, venue: str = "binanceusdm") -> Listing:
    found = SIM.catalogue.find(venue, "perpetual", f"{base}USDT")
    assert found is not None
    return found


SPOT = SIM.catalogue.find("binance", "spot", "BTCUSDT")


def answer(venue: BinanceUsdm | Bybit, path: str) -> Any:
    """What a venue answers to a path with its query."""
    request = make_mocked_request("GET", path)
    route = next(each for each in venue.routes("host") if each.path == path.split("?")[0])
    body = asyncio.run(route.handler(request)).body
    return json.loads(body)


BINANCE, BYBIT = BinanceUsdm(SIM, USDM), Bybit(SIM)


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("open_interest", "/host/fapi/v1/openInterest?symbol=BTCUSDT"),
        ("open_interest_historical", "/host/futures/data/openInterestHist?symbol=BTCUSDT&period=5m"),
        ("funding_rate", "/host/fapi/v1/fundingRate?symbol=BTCUSDT"),
    ],
)
def test_bodies_have_the_fields_and_types_of_real_ones(shared_data: Path, file: str, path: str) -> None:
    real = json.loads((shared_data / "metrics" / f"binance_http_futures_market_{file}.json").read_text())
    ours = answer(BINANCE, path)
    one, other = (body[0] if isinstance(body, list) else body for body in (real, ours))
    assert type(real) is type(ours)
    assert one.keys() <= other.keys()
    assert other.keys() - one.keys() <= {"markPrice"}  # told since late 2023
    for name, value in one.items():
        if name != "symbol":
            assert np.isfinite([float(value), float(other[name])]).all(), name
        if name != "timestamp":  # told as text once, as a number now
            assert type(value) is type(other[name]), name


DOCUMENTED = {
    "/host/fapi/v1/premiumIndex?symbol=BTCUSDT": {
        "symbol": "BTCUSDT", "markPrice": "11793.63104562", "indexPrice": "11781.80495970",
        "estimatedSettlePrice": "11781.16138815", "lastFundingRate": "0.00038246",
        "interestRate": "0.00010000", "nextFundingTime": 1597392000000, "time": 1597370495002,
    },
    "/host/fapi/v1/fundingInfo": {
        "symbol": "BLZUSDT", "adjustedFundingRateCap": "0.02500000",
        "adjustedFundingRateFloor": "-0.02500000", "fundingIntervalHours": 8, "disclaimer": False,
    },
    "/host/futures/data/globalLongShortAccountRatio?symbol=BTCUSDT&period=5m": {
        "symbol": "BTCUSDT", "longAccount": "0.4558", "longShortRatio": "0.8376",
        "shortAccount": "0.5442", "timestamp": 1726790400000,
    },
    "/host/futures/data/takerlongshortRatio?symbol=BTCUSDT&period=5m": {
        "buySellRatio": "1.1603", "buyVol": "298.2800", "sellVol": "257.0660", "timestamp": 1616439300000,
    },
}  # fmt: skip


@pytest.mark.parametrize("path", DOCUMENTED, ids=lambda path: path.split("/")[-1].split("?")[0])
def test_bodies_are_as_binance_documents_them(path: str) -> None:
    ours = answer(BINANCE, path)
    row = ours[0] if isinstance(ours, list) else ours
    assert {name: type(value) for name, value in row.items()} == {
        name: type(value) for name, value in DOCUMENTED[path].items()
    }


def test_bybit_tells_the_interval_with_the_ticker_and_account_ratios_newest_first() -> None:
    (row,) = answer(BYBIT, "/host/v5/market/tickers?category=linear&symbol=DOGEUSDT")["result"]["list"]
    assert (row["fundingIntervalHour"], row["fundingCap"]) == ("4", "0.03")
    assert float(row["openInterestValue"]) == pytest.approx(
        float(row["openInterest"]) * float(row["markPrice"]), rel=1e-6
    )
    path = "/host/v5/market/account-ratio?category=linear&symbol=BTCUSDT&period=5min&limit=4"
    rows = answer(BYBIT, path)["result"]["list"]
    stamps = [int(row["timestamp"]) for row in rows]
    assert (np.diff(stamps) == -5 * MINUTES).all()
    for each in rows:
        assert float(each["buyRatio"]) + float(each["sellRatio"]) == pytest.approx(1)


def test_funding_follows_the_premium_of_its_hours() -> None:
    btc = listing("BTC")
    settled = settlements(btc, epoch_ms("2023-01-01"), NOW)
    rates = funding_rates(SIM.market, btc, SPOT, settled) / 1e8
    mean = np.array(
        [premiums(SIM.market, btc, SPOT, np.arange(ts - 8 * HOUR, ts, HOUR // 4)).mean() for ts in settled]
    )
    assert np.corrcoef(rates, mean)[0, 1] > 0.7
    near = np.abs(mean - 0.0001) < 0.0004
    assert near.any()
    np.testing.assert_allclose(rates[near], 0.0001)  # within the damper it is the interest
    assert (rates < 0).any()


def test_the_forecast_becomes_the_rate_that_is_settled() -> None:
    btc = listing("BTC")
    settled = next_settlement(btc, NOW)
    last = standing(SIM.market, btc, SPOT, settled - 1).rate
    (rate,) = funding_rates(SIM.market, btc, SPOT, np.array([settled]))
    assert last == pytest.approx(rate, abs=20)


def test_intervals_change_within_a_history_and_leave_no_hole() -> None:
    link = listing("LINK")
    settled = settlements(link, epoch_ms("2023-05-30"), epoch_ms("2023-06-03"))
    hours = (np.diff(settled) // HOUR).tolist()
    assert hours == [8] * 6 + [4] * 11
    settled = settlements(link, epoch_ms("2024-01-31"), epoch_ms("2024-02-02"))
    assert sorted(set((np.diff(settled) // HOUR).tolist())) == [1, 4]
    assert interval_hours(link, NOW) == 1
    parts = [settlements(link, start, start + DAY) for start in range(epoch_ms("2024-01-30"), NOW, DAY)]
    whole = settlements(link, epoch_ms("2024-01-30"), epoch_ms("2024-01-30") + len(parts) * DAY)
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_settlements_of_all_symbols_come_in_order_of_time_and_are_those_of_each() -> None:
    start = NOW - 9 * HOUR
    every = answer(BINANCE, f"/host/fapi/v1/fundingRate?startTime={start}&limit=1000")
    assert [row["fundingTime"] for row in every] == sorted(row["fundingTime"] for row in every)
    assert {row["symbol"] for row in every} >= {"BTCUSDT", "AVAXUSDT"}
    of_avax = answer(BINANCE, f"/host/fapi/v1/fundingRate?symbol=AVAXUSDT&startTime={start}&limit=1000")
    assert [row for row in every if row["symbol"] == "AVAXUSDT"] == of_avax
    assert len(of_avax) == 9
    assert any(row["fundingTime"] % HOUR for row in every)  # the jitter


def test_taker_flow_is_that_of_the_trades() -> None:
    path = "/host/futures/data/takerlongshortRatio?symbol=BTCUSDT&period=5m&limit=3"
    rows = answer(BINANCE, path)
    btc = listing("BTC")
    for row in rows:
        trades = SIM.market.trades(btc, row["timestamp"] - 5 * MINUTES, row["timestamp"])
        bought = trades.size[~trades.buyer_is_maker].sum() * btc.lot
        assert float(row["buyVol"]) == pytest.approx(bought, abs=1e-3)
        assert float(row["sellVol"]) == pytest.approx(trades.size.sum() * btc.lot - bought, abs=1e-3)


def test_open_interest_grows_with_activity_and_accounts_lean_against_the_premium() -> None:
    btc, at = listing("BTC"), np.arange(NOW - 20 * DAY, NOW, HOUR // 2, dtype=np.int64)
    change = np.diff(np.log(open_interest(SIM.market, btc, at)))
    busier = np.diff(np.log(SIM.market.activity("BTC", at)))
    assert np.corrcoef(change, busier)[0, 1] > 0.3
    premium = np.diff(premiums(SIM.market, btc, SPOT, at))
    many = np.diff(long_shares(SIM.market, btc, SPOT, "accounts", at))
    few = np.diff(long_shares(SIM.market, btc, SPOT, "top_positions", at))
    assert np.corrcoef(many, premium)[0, 1] < -0.2
    assert np.corrcoef(few, premium)[0, 1] > 0.2


def test_a_contract_that_is_settled_is_refused_and_listed_no_more() -> None:
    later = Simulator(SimConfig())
    later.clock.set("2024-07-01T00:00:20")
    venue = BinanceUsdm(later, USDM)
    with pytest.raises(BinanceError) as refused:
        answer(venue, "/host/fapi/v1/openInterest?symbol=WAVESUSDT")
    assert json.loads(refused.value.text or "")["code"] == -4108
    listed = {row["symbol"] for row in answer(venue, "/host/fapi/v1/premiumIndex")}
    assert "BTCUSDT" in listed
    assert "WAVESUSDT" not in listed
