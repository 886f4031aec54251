"""Real clients believe the simulator: ccxt for four venues, yfinance for Yahoo, over a real socket."""

import math
from collections.abc import Iterator
from typing import Any

import ccxt
import pytest
import requests
import yfinance
from requests.adapters import HTTPAdapter

from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.intervals import MINUTE
from alphapulse_sim.process import SimulatorProcess

START = epoch_ms("2024-03-01T10:00")
CLIENTS = [
    pytest.param("binance", {"options": {"fetchMarkets": {"types": ["spot"]}}}, "BTC/USDT", id="binance"),
    pytest.param("binanceusdm", {}, "BTC/USDT:USDT", id="binanceusdm"),
    pytest.param("bybit", {}, "ETH/USDT:USDT", id="bybit"),
    pytest.param("coinbase", {}, "BTC/USD", id="coinbase"),
]


class Redirect(HTTPAdapter):
    """Sends https://host/path to the simulator's /host/path."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        request.url = request.url.replace("https://", f"{self.url}/", 1)
        return super().send(request, *args, **kwargs)


@pytest.fixture(scope="module")
def sim() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7) as running:
        yield running


def client(sim: SimulatorProcess, name: str, config: dict[str, Any]) -> Any:
    exchange = getattr(ccxt, name)(config)
    exchange.session.mount("https://", Redirect(sim.url))
    exchange.load_markets()
    return exchange


@pytest.mark.parametrize(("name", "config", "symbol"), CLIENTS)
def test_ccxt_loads_markets_candles_and_books(
    sim: SimulatorProcess, name: str, config: dict[str, Any], symbol: str
) -> None:
    exchange = client(sim, name, config)
    market = exchange.market(symbol)
    assert market["active"]
    assert market["precision"]["price"] > 0
    assert market["precision"]["amount"] > 0
    assert market["swap"] is (":" in symbol)
    candles = exchange.fetch_ohlcv(symbol, "1m", since=START, limit=50)
    assert 44 <= len(candles) <= 50  # quiet minutes are left out on Coinbase
    assert candles[0][0] == START
    assert all((row[0] - START) % MINUTE == 0 and row[2] >= max(row[1], row[4]) for row in candles)
    assert all(row[3] <= min(row[1], row[4]) and row[5] > 0 for row in candles)
    book = exchange.fetch_order_book(symbol, 20)
    assert book["bids"][0][0] < book["asks"][0][0]
    assert len(book["bids"]) == len(book["asks"]) == 20


def test_ccxt_sees_what_no_longer_trades(sim: SimulatorProcess) -> None:
    spot = client(sim, "binance", {"options": {"fetchMarkets": {"types": ["spot"]}}})
    assert (spot.market("MATIC/USDT")["active"], spot.market("POL/USDT")["active"]) == (False, True)
    coinbase = client(sim, "coinbase", {})
    assert coinbase.market("MATIC/USD")["active"] is False


def test_ccxt_reads_futures_figures(sim: SimulatorProcess) -> None:
    usdm = client(sim, "binanceusdm", {})
    symbol = "BTC/USDT:USDT"
    assert abs(usdm.fetch_funding_rate(symbol)["fundingRate"]) < 0.001
    assert len(usdm.fetch_funding_rate_history(symbol, limit=5)) == 5
    assert usdm.fetch_open_interest(symbol)["openInterestAmount"] > 0
    assert len(usdm.fetch_open_interest_history(symbol, "5m", limit=6)) == 6
    assert usdm.fetch_trades(symbol, limit=5)[-1]["price"] > 0
    bybit = client(sim, "bybit", {})
    assert abs(bybit.fetch_funding_rate(symbol)["fundingRate"]) < 0.001
    assert len(bybit.fetch_funding_rate_history(symbol, limit=5)) == 5
    assert bybit.fetch_open_interest(symbol)["openInterestAmount"] > 0
    assert bybit.fetch_ticker(symbol)["last"] > 0
    assert len(bybit.fetch_trades("BTC/USDT", limit=5)) == 5


def test_ccxt_maps_the_simulated_errors_as_the_real_ones(sim: SimulatorProcess) -> None:
    exchange = client(sim, "binance", {"options": {"fetchMarkets": {"types": ["spot"]}}})
    with pytest.raises(ccxt.BadSymbol):
        exchange.public_get_klines({"symbol": "NOPE", "interval": "1m"})
    sim.fault("ban", host="api.binance.com", path="klines", seconds=60)
    with pytest.raises(ccxt.DDoSProtection):
        exchange.fetch_ohlcv("BTC/USDT", "1m")
    assert exchange.last_response_headers["Retry-After"] == "60"
    sim.clear()
    sim.fault("reset", host="api.binance.com", times=1)
    with pytest.raises(ccxt.NetworkError):
        exchange.fetch_ohlcv("BTC/USDT", "1m")
    sim.clear()
    bybit = client(sim, "bybit", {})
    with pytest.raises(ccxt.BadRequest):
        bybit.public_get_v5_market_kline({"category": "spot", "symbol": "NOPE", "interval": "1"})
    sim.fault("ban", host="api.bybit.com")
    with pytest.raises(ccxt.RateLimitExceeded):
        bybit.fetch_ohlcv("BTC/USDT", "1m")
    sim.clear()


def test_ccxt_reads_the_coinbase_exchange(sim: SimulatorProcess) -> None:
    exchange = client(sim, "coinbaseexchange", {})
    candles = exchange.fetch_ohlcv("ETH/USD", "1m", since=START, limit=30)
    assert 25 <= len(candles) <= 30
    assert candles[0][0] >= START


def test_yfinance_reads_minutes_of_bitcoin(sim: SimulatorProcess) -> None:
    session = requests.Session()
    session.mount("https://", Redirect(sim.url))
    frame = yfinance.Ticker("BTC-USD", session=session).history(period="1d", interval="1m")
    assert len(frame) > 1300
    assert str(frame.index.tz) == "UTC"
    last = frame.iloc[-2]
    assert last["Low"] <= last["Close"] <= last["High"]
    assert not math.isnan(last["Open"])
