"""Each venue's REST answers over a real socket: paging, errors, archives, and one market behind them all."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import requests

from alphapulse_sim.instruments import Catalogue, epoch_ms
from alphapulse_sim.intervals import DAY, MINUTE
from alphapulse_sim.outages import Absence, stretches
from alphapulse_sim.process import SimulatorProcess

SEED = 7
START = epoch_ms("2024-03-01")
NOW = "2026-11-10T00:00:30Z"


@pytest.fixture(scope="module")
def sim() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=SEED) as running:
        running.set_clock(NOW)
        yield running


def get(sim: SimulatorProcess, url: str, **query: object) -> requests.Response:
    return requests.get(
        f"{sim.url}/{url}", params={name: str(value) for name, value in query.items()}, timeout=20
    )


def klines(sim: SimulatorProcess, host: str = "api.binance.com/api/v3", **query: object) -> list[list[Any]]:
    rows: list[list[Any]] = get(
        sim, f"{host}/klines", **{"symbol": "BTCUSDT", "interval": "1m", **query}
    ).json()
    return rows


def test_binance_times_are_inclusive_on_the_open_time_and_limits_are_the_venues(
    sim: SimulatorProcess,
) -> None:
    end = START + 3 * MINUTE
    assert [row[0] for row in klines(sim, startTime=START, endTime=end)] == list(
        range(START, end + 1, MINUTE)
    )
    assert klines(sim, startTime=START + 1, limit=1)[0][0] == START + MINUTE
    assert klines(sim, endTime=end, limit=2)[-1][0] == end
    assert len(klines(sim, startTime=START)) == 500
    assert len(klines(sim, startTime=START, limit=5000)) == 1000
    futures = "fapi.binance.com/fapi/v1"
    assert len(klines(sim, futures, startTime=START, limit=1500)) == 1500
    assert get(sim, f"{futures}/klines", symbol="BTCUSDT", interval="1m", limit=1501).json()["code"] == -1130
    assert klines(sim)[-1][0] == epoch_ms(NOW) // MINUTE * MINUTE  # the last one is in progress
    assert klines(sim, startTime=0, limit=1)[0][0] == epoch_ms("2017-08-17T04:00")


def test_pages_of_any_size_join_to_the_same_rows(sim: SimulatorProcess) -> None:
    whole = klines(sim, startTime=START, limit=1000)
    joined: list[list[Any]] = []
    while len(joined) < 1000:
        start = joined[-1][0] + 1 if joined else START
        joined += klines(sim, startTime=start, limit=137)
    assert joined[:1000] == whole


def test_klines_are_the_fold_of_the_trades_the_venue_gives(sim: SimulatorProcess) -> None:
    row = klines(sim, startTime=START, limit=1)[0]
    trades = get(
        sim, "api.binance.com/api/v3/aggTrades", symbol="BTCUSDT", startTime=START, endTime=START + MINUTE - 1
    ).json()
    prices = [float(trade["p"]) for trade in trades]
    assert [float(text) for text in row[1:5]] == [prices[0], max(prices), min(prices), prices[-1]]
    assert float(row[5]) == pytest.approx(sum(float(trade["q"]) for trade in trades), abs=1e-9)
    assert row[8] == len(trades)
    bought = sum(float(trade["q"]) for trade in trades if not trade["m"])
    assert float(row[9]) == pytest.approx(bought, abs=1e-9)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"symbol": "NOPE", "interval": "1m"}, -1121),
        ({"symbol": "POLUSDT1", "interval": "1m"}, -1121),
        ({"symbol": "BTCUSDT", "interval": "7m"}, -1120),
        ({"interval": "1m"}, -1102),
        ({"symbol": "BTCUSDT"}, -1102),
        ({"symbol": "BTCUSDT", "interval": "1m", "startTime": "then"}, -1100),
        ({"symbol": "BTCUSDT", "interval": "1m", "limit": "-5"}, -1100),
    ],
)
def test_binance_refuses_in_its_own_words(sim: SimulatorProcess, query: dict[str, str], code: int) -> None:
    answer = get(sim, "api.binance.com/api/v3/klines", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["msg"]


def test_the_mirror_gives_the_same_rows(sim: SimulatorProcess) -> None:
    assert klines(sim, "data-api.binance.vision/api/v3", startTime=START) == klines(sim, startTime=START)


def test_exchange_info_shows_the_delisted_and_the_renamed(sim: SimulatorProcess) -> None:
    spot = {
        each["symbol"]: each for each in get(sim, "api.binance.com/api/v3/exchangeInfo").json()["symbols"]
    }
    assert [spot[name]["status"] for name in ("BTCUSDT", "POLUSDT", "MATICUSDT", "WAVESUSDT")] == [
        "TRADING", "TRADING", "BREAK", "BREAK",
    ]  # fmt: skip
    usdm = {
        each["symbol"]: each for each in get(sim, "fapi.binance.com/fapi/v1/exchangeInfo").json()["symbols"]
    }
    assert usdm["BTCUSDT"]["onboardDate"] == epoch_ms("2019-09-25")
    assert usdm["WAVESUSDT"]["status"] == "SETTLING"
    assert klines(sim, symbol="WAVESUSDT")[-1][0] == epoch_ms("2024-06-17T02:59")
    coinbase = get(sim, "api.coinbase.com/api/v3/brokerage/market/products/MATIC-USD").json()
    assert (coinbase["trading_disabled"], coinbase["alias_to"]) == (True, ["POL-USD"])


def archive(sim: SimulatorProcess, path: str) -> list[list[str]]:
    zipped = get(sim, f"data.binance.vision/data/{path}.zip")
    assert zipped.status_code == 200
    said, name = get(sim, f"data.binance.vision/data/{path}.zip.CHECKSUM").text.split()
    assert said == hashlib.sha256(zipped.content).hexdigest()
    assert name == path.rsplit("/", 1)[1] + ".zip"
    with zipfile.ZipFile(io.BytesIO(zipped.content)) as packed:
        assert packed.namelist() == [name.replace(".zip", ".csv")]
        return list(csv.reader(io.TextIOWrapper(packed.open(packed.namelist()[0]))))


def test_the_archive_and_rest_agree_save_for_declared_outages(sim: SimulatorProcess) -> None:
    rows = archive(sim, "spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-03")
    rest: list[list[Any]] = []
    while len(rest) == 0 or rest[-1][0] < START + 31 * DAY - MINUTE:
        page = klines(
            sim, startTime=rest[-1][0] + 1 if rest else START, endTime=START + 31 * DAY - 1, limit=1000
        )
        if not page:
            break
        rest += page
    listing = Catalogue().find("binance", "spot", "BTCUSDT")
    assert listing is not None
    declared = {
        ts
        for start, end, kind in stretches(SEED, listing, START, START + 31 * DAY)
        if kind is Absence.ARCHIVE_ONLY
        for ts in range(start, end, MINUTE)
    }
    assert declared
    archived = {int(row[0]): row for row in rows}
    assert archived.keys() - {row[0] for row in rest} == declared
    assert [[str(value) for value in row] for row in rest] == [archived[row[0]] for row in rest]
    never = [each for each in stretches(SEED, listing, START, START + 31 * DAY) if each[2] is Absence.NEVER]
    assert never
    assert len(rows) == 31 * 1440 - sum((end - start) // MINUTE for start, end, _ in never)


def test_archive_days_are_the_months_rows(sim: SimulatorProcess) -> None:
    month = archive(sim, "spot/monthly/klines/ADAUSDT/1m/ADAUSDT-1m-2023-02")
    day = archive(sim, "spot/daily/klines/ADAUSDT/1m/ADAUSDT-1m-2023-02-14")
    start = epoch_ms("2023-02-14")
    assert day == [row for row in month if start <= int(row[0]) < start + DAY]


def test_spot_archives_are_in_microseconds_from_2025_and_futures_have_a_header_from_may_2022(
    sim: SimulatorProcess,
) -> None:
    before = archive(sim, "spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-12-31")
    after = archive(sim, "spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2025-01-01")
    assert (before[0][0], after[0][0]) == ("1735603200000", "1735689600000000")
    assert after[0][6] == "1735689659999999"
    old = archive(sim, "futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2022-04-30")
    new = archive(sim, "futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2025-05-01")
    assert old[0][0] == "1651276800000"
    assert (new[0][0], new[1][0]) == ("open_time", "1746057600000")


@pytest.mark.parametrize(
    "path",
    [
        "spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2026-11.zip",  # not over
        "spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2026-11-09.zip",  # over, but it is before 02:00
        "spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2017-08-16.zip",  # before the listing
        "spot/daily/klines/WAVESUSDT/1m/WAVESUSDT-1m-2024-07-01.zip",  # delisted
        "spot/daily/klines/BTCUSDT/1m/ETHUSDT-1m-2024-07-01.zip",
        "spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-13-01.zip.CHECKSUM",
        "spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-07-01.zip",
    ],
)
def test_what_is_not_published_is_404_in_s3s_words(sim: SimulatorProcess, path: str) -> None:
    answer = get(sim, f"data.binance.vision/data/{path}")
    assert answer.status_code == 404
    assert (
        f"<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>data/{path}"
        in answer.text
    )


def test_a_day_is_published_at_two_in_the_morning(sim: SimulatorProcess) -> None:
    path = "data.binance.vision/data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2026-11-09.zip"
    sim.set_clock("2026-11-10T02:00:00Z")
    try:
        assert get(sim, path).status_code == 200
    finally:
        sim.set_clock(NOW)


def test_archive_faults_spoil_the_file_or_its_checksum(sim: SimulatorProcess) -> None:
    path = "data.binance.vision/data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-07-01.zip"
    good, said = get(sim, path).content, get(sim, f"{path}.CHECKSUM").text
    try:
        sim.fault("checksum_mismatch", host="data.binance.vision", times=1)
        sim.fault("corrupt_zip", host="data.binance.vision", times=1)
        assert get(sim, f"{path}.CHECKSUM").text.split()[0] == "0" * 64
        bad = get(sim, path).content
        assert hashlib.sha256(bad).hexdigest() != said.split()[0]
        with zipfile.ZipFile(io.BytesIO(bad)) as packed:
            assert packed.testzip() == "BTCUSDT-1m-2024-07-01.csv"
    finally:
        sim.clear()
    assert get(sim, path).content == good


def test_bybit_gives_the_newest_first_within_inclusive_times(sim: SimulatorProcess) -> None:
    query = {"category": "spot", "symbol": "BTCUSDT", "interval": "1"}
    url = "api.bybit.com/v5/market/kline"
    rows = get(sim, url, **query, start=START, end=START + 4 * MINUTE).json()["result"]["list"]
    assert [int(row[0]) for row in rows] == list(range(START + 4 * MINUTE, START - 1, -MINUTE))
    assert len(rows[0]) == 7
    assert len(get(sim, url, **query).json()["result"]["list"]) == 200
    assert len(get(sim, url, **query, limit=9999).json()["result"]["list"]) == 1000
    forward = get(sim, url, **query, start=START, limit=3).json()["result"]["list"]
    assert [int(row[0]) for row in forward] == [START + 2 * MINUTE, START + MINUTE, START]


def test_bybit_pages_its_instruments_and_refuses_with_10001(sim: SimulatorProcess) -> None:
    url, cursor, symbols = "api.bybit.com/v5/market/instruments-info", "", []
    for _ in range(20):
        page = get(sim, url, category="linear", limit=4, cursor=cursor).json()["result"]
        symbols += [each["symbol"] for each in page["list"]]
        cursor = page["nextPageCursor"]
        if not cursor:
            break
    assert len(symbols) == len(set(symbols)) == 13
    assert get(sim, url, category="inverse").json()["result"]["list"] == []
    closed = get(sim, url, category="linear", status="Closed").json()["result"]["list"]
    assert {each["symbol"] for each in closed} == {"WAVESUSDT", "MATICUSDT"}
    for query in ({"category": "moon"}, {"category": "spot", "symbol": "NOPE", "interval": "1"}):
        answer = get(sim, "api.bybit.com/v5/market/kline", **query)
        assert (answer.status_code, answer.json()["retCode"]) == (200, 10001)


def test_bybit_futures_figures_page_back_without_holes(sim: SimulatorProcess) -> None:
    base = {"category": "linear", "symbol": "BTCUSDT"}
    url, cursor, stamps = "api.bybit.com/v5/market/open-interest", "", []
    for _ in range(3):
        page = get(sim, url, **base, intervalTime="5min", limit=3, cursor=cursor).json()["result"]
        stamps += [int(row["timestamp"]) for row in page["list"]]
        cursor = page["nextPageCursor"]
    assert [one - two for one, two in pairwise(stamps)] == [5 * MINUTE] * 8
    funding = get(sim, "api.bybit.com/v5/market/funding/history", **base, limit=3).json()["result"]["list"]
    assert len({int(row["fundingRateTimestamp"]) % (8 * 3_600_000) for row in funding}) == 1
    assert get(sim, "api.bybit.com/v5/market/funding/history", **base, startTime=1).json()["retCode"] == 10001


def test_coinbase_leaves_quiet_minutes_out_and_refuses_too_many(sim: SimulatorProcess) -> None:
    url = "api.coinbase.com/api/v3/brokerage/market/products/BTC-USD/candles"
    start = START // 1000
    found: list[int] = []
    for hour in range(0, 100, 5):
        query = {
            "start": start + hour * 3600,
            "end": start + (hour + 5) * 3600 - 1,
            "granularity": "ONE_MINUTE",
        }
        page = [int(row["start"]) for row in get(sim, url, **query).json()["candles"]]
        assert page == sorted(page, reverse=True)
        found += page
        if hour % 50 == 45:
            sim.clear()  # ten requests a second is the venue's limit
    assert 0.02 < 1 - len(set(found)) / 6000 < 0.05
    too_many = get(sim, url, start=start, end=start + 351 * 60, granularity="ONE_MINUTE")
    assert (too_many.status_code, too_many.json()["error"]) == (400, "INVALID_ARGUMENT")


def test_both_coinbase_interfaces_show_the_same_candles(sim: SimulatorProcess) -> None:
    sim.clear()
    start = START // 1000
    advanced = get(
        sim, "api.coinbase.com/api/v3/brokerage/market/products/ETH-USD/candles",
        start=start, end=start + 600, granularity="ONE_MINUTE",
    ).json()["candles"]  # fmt: skip
    exchange = get(
        sim, "api.exchange.coinbase.com/products/ETH-USD/candles",
        start="2024-03-01T00:00:00Z", end="2024-03-01T00:10:00Z", granularity=60,
    ).json()  # fmt: skip
    columns = ("start", "low", "high", "open", "close", "volume")
    assert [[float(row[name]) for name in columns] for row in advanced] == exchange


def test_all_venues_tell_of_one_market(sim: SimulatorProcess) -> None:
    sim.clear()
    closes = [
        float(klines(sim, startTime=START, limit=1)[0][4]),
        float(klines(sim, "fapi.binance.com/fapi/v1", startTime=START, limit=1)[0][4]),
        float(
            get(
                sim,
                "api.bybit.com/v5/market/kline",
                category="spot",
                symbol="BTCUSDT",
                interval=1,
                start=START,
                end=START,
            ).json()["result"]["list"][0][4]
        ),
    ]
    assert max(closes) / min(closes) < 1.002
    assert len(set(closes)) == 3


def test_binance_futures_figures_fit_together(sim: SimulatorProcess) -> None:
    base = "fapi.binance.com"
    premium = get(sim, f"{base}/fapi/v1/premiumIndex", symbol="BTCUSDT").json()
    rates = get(sim, f"{base}/fapi/v1/fundingRate", symbol="BTCUSDT", limit=3).json()
    assert 0 <= rates[-1]["fundingTime"] % (8 * 3_600_000) < 1000  # some milliseconds late
    assert premium["nextFundingTime"] - rates[-1]["fundingTime"] // 1000 * 1000 == 8 * 3_600_000
    history = get(
        sim, f"{base}/futures/data/openInterestHist", symbol="BTCUSDT", period="5m", limit=500
    ).json()
    assert len(history) == 500
    open_now = float(get(sim, f"{base}/fapi/v1/openInterest", symbol="BTCUSDT").json()["openInterest"])
    assert open_now == pytest.approx(float(history[-1]["sumOpenInterest"]), rel=0.05)
    old = get(
        sim, f"{base}/futures/data/openInterestHist", symbol="BTCUSDT", period="5m", startTime=0, limit=1
    ).json()
    assert old[0]["timestamp"] >= epoch_ms(NOW) - 30 * DAY
