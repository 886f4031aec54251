"""Files that once were read wrongly, each with its right value; and venues' answers as they come."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from candle_file_support import read, write

from alphapulse_resources.candle_files import CandleFileError

START = int(datetime(2025, 3, 1, tzinfo=UTC).timestamp())
N = range(40)


@pytest.fixture
def cases(shared_data: Path) -> Path:
    path = shared_data.parent / "cases" / "candles"
    if not path.is_dir():
        pytest.skip(f"the cases are not here: {path}")
    return path


RIGHT = [
    ("Kraken_two_pairs_1m.zip", "BTC/USD", "1m", 150, 59_670.654179, 61_130.995473),
    ("two_pairs_directory/BTC_USDT-1m.feather", "BTC/USDT", "1m", 300, 59_640.826724, 60_812.627608),
    ("dated.csv", "BTC/USDT:USDT-260327", "1m", 120, 40_340.705593, 40_784.250822),
    ("dated.csv", "BTC/USDT:USDT", "1m", 120, 39_920.132039, 40_367.678683),
    ("spot_perp.csv", "BTC/USDT", "1m", 60, 40_350.18315, 40_754.674297),
    ("spot_perp.csv", "BTC/USDT:USDT", "1m", 60, 39_947.077944, 40_367.678683),
    ("yf_multi.csv", "BTC/USD", "1d", 60, 53_112.671902, 61_596.906159),
    ("two_tf.csv", "BTC/USDT", "1m", 600, 39_363.830368, 40_446.306383),
    ("sparse_1m.csv", "BTC/USDT", "1m", 283, 39_739.704747, 40_733.295443),
    ("tv_volume_ma.csv", "EUR/USDT", "1m", 60, 1.08702, 1.100573),
    ("okx.csv", "BTC/USDT:USDT", "1m", 300, 39_956.36, 40_922.97305),
    ("cryptofeed.csv", "BTC/USDT", "1m", 120, 39_363.830368, 40_020.829344),
    ("coin_Bitcoin.csv", "BTC/USD", "1d", 60, 53_641.618542, 64_221.924278),
    ("klines.ndjson", "BTC/USDT", "1m", 50, 40_006.578529, 40_204.001232),
    ("duka.csv", "BTC/USDT", "1m", 300, 39_956.36, 40_922.97305),
]
REFUSED = [
    ("two_pairs_directory/ETH_USDT-1m.feather", "BTC/USDT", "1m", "its name says ETH/USDT"),
    ("yf_multi.csv", "ETH/USD", "1d", "only BTC-USD"),
    ("sparse_1m.csv", "BTC/USDT", "1h", "finer than 1h"),
    ("BTCUSDT-1m-59min-hole.csv.gz", "BTC/USDT", "1h", "finer than 1h"),
    ("okx.csv", "BTC/USDT", "1m", "only BTC-USDT-SWAP"),
    ("dated.csv", "BTC/USDT", "1m", "stands beside dated futures"),
    ("cryptofeed.csv", "ETH/USDT", "1m", "only BTC-USDT"),
]


@pytest.mark.parametrize(("name", "symbol", "timeframe", "rows", "low", "high"), RIGHT)
def test_a_file_gives_the_candles_of_what_was_asked_for(
    cases: Path, name: str, symbol: str, timeframe: str, rows: int, low: float, high: float
) -> None:
    candles = read(cases / name, symbol, timeframe).candles
    assert candles.height == rows
    assert (candles["close"].min(), candles["close"].max()) == (low, high)


@pytest.mark.parametrize(("name", "symbol", "timeframe", "told"), REFUSED)
def test_a_file_of_something_else_is_refused(
    cases: Path, name: str, symbol: str, timeframe: str, told: str
) -> None:
    with pytest.raises(CandleFileError, match=told):
        read(cases / name, symbol, timeframe)


def test_volumes_of_the_cases_are_in_coins(cases: Path) -> None:
    okx = read(cases / "okx.csv", "BTC/USDT:USDT").candles
    assert okx.select("volume", "quote_volume").row(0) == (7.57, 303_122.4582)
    view = read(cases / "tv_volume_ma.csv", "EUR/USDT").candles
    assert view["volume"][0] == 291_146.901938
    assert view["quote_volume"].null_count() == 60
    coin = read(cases / "coin_Bitcoin.csv", "BTC/USD", "1d", any_symbol=True).candles
    assert coin.select("volume", "quote_volume").row(0) == (42e9 / 61_491.510564, 42e9)


def objects(**fields: object) -> list[dict[str, object]]:
    """Forty bars of one price; a time is what a function of its number gives."""
    return [{name: value(n) if callable(value) else value for name, value in fields.items()} for n in N]


OHLC = {"open": 100, "high": 101, "low": 99, "close": 100.5}
SECONDS = {"time": lambda n: START + 60 * n}
ANSWERS = {
    "upbit": (
        "BTC/KRW",
        objects(
            market="KRW-BTC",
            candle_date_time_utc=lambda n: f"2025-03-01T00:{n:02}:00",
            opening_price=100,
            candle_date_time_kst=lambda n: f"2025-03-01T09:{n:02}:00",
            high_price=101,
            low_price=99,
            trade_price=100.5,
            timestamp=lambda n: (START + n * 60 + 59) * 1000,
            candle_acc_trade_price=201,
            candle_acc_trade_volume=2,
            unit=1,
        ),
    ),
    "bitmex": (
        "BTC/USD:BTC",
        objects(
            timestamp=lambda n: f"2025-03-01T00:{n + 1:02}:00.000Z",
            symbol="XBTUSD",
            **OHLC,
            volume=201,
            turnover=2e8,
            homeNotional=2,
            foreignNotional=201,
        ),
    ),
    "deribit": (
        "BTC/USD:BTC",
        {
            "result": {
                "ticks": [(START + 60 * n) * 1000 for n in N],
                "volume": [2] * 40,
                "cost": [201] * 40,
                "status": "ok",
                **{name: [value] * 40 for name, value in OHLC.items()},
            }
        },
    ),
    "coinbase": ("BTC/USD", {"candles": objects(start=lambda n: str(START + 60 * n), **OHLC, volume="2")}),
    "polygon": (
        "BTC/USD",
        {
            "ticker": "X:BTCUSD",
            "results": objects(
                v=2,
                vw=100,
                o=100,
                c=100.5,
                h=101,
                l=99,
                t=lambda n: (START + 60 * n) * 1000,
            ),
        },
    ),
    "cryptocompare": (
        "BTC/USD",
        {"Data": {"TimeFrom": START, "Data": objects(**SECONDS, **OHLC, volumefrom=2, volumeto=201)}},
    ),
    "htx": (
        "BTC/USDT",
        {
            "ch": "market.btcusdt.kline.1min",
            "data": objects(
                id=lambda n: START + 60 * n,
                **OHLC,
                amount=2,
                vol=201,
                count=5,
            ),
        },
    ),
    "bitstamp": (
        "BTC/USD",
        {
            "data": {
                "pair": "BTC/USD",
                "ohlc": objects(
                    timestamp=lambda n: str(START + 60 * n),
                    **OHLC,
                    volume="2",
                ),
            }
        },
    ),
    "kraken": (
        "BTC/USD",
        {
            "error": [],
            "result": {
                "XXBTZUSD": [[START + 60 * n, "100", "101", "99", "100.5", "100.2", "2", 5] for n in N],
                "last": 1,
            },
        },
    ),
    "by symbol": (
        "BTC/USDT",
        {
            "BTCUSDT": [[START + 60 * n, 100, 101, 99, 100.5, 2] for n in N],
            "ETHUSDT": [[START + 60 * n, 10, 11, 9, 10.5, 2] for n in N],
        },
    ),
    "split": (
        "BTC/USDT",
        {
            "columns": ["timestamp", *OHLC, "volume"],
            "data": [[START + 60 * n, 100, 101, 99, 100.5, 2] for n in N],
        },
    ),
}


@pytest.mark.parametrize("venue", ANSWERS)
def test_a_venues_answer_is_read_as_it_comes(tmp_path: Path, venue: str) -> None:
    symbol, body = ANSWERS[venue]
    path = write(tmp_path / "answer.json", json.dumps(body))
    file = read(path, symbol)
    assert file.candles.row(0)[:6] == (datetime(2025, 3, 1, tzinfo=UTC), 100, 101, 99, 100.5, 2)
    assert (file.candles.height, file.rejects) == (40, [])
    if venue not in (
        "deribit",
        "coinbase",
        "cryptocompare",
        "split",
    ):  # these do not say whose candles they are
        with pytest.raises(CandleFileError, match="SOL/USDT"):
            read(path, "SOL/USDT")


@pytest.mark.parametrize(
    ("header", "row", "symbol"),
    [
        ("<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>",
        "BTCUSD,1,20250301,00{n:02}00", "BTC/USD"),
        ("Date,Time,Open,High,Low,Close,Volume", "3/13/2025,1:{n:02} PM", "BTC/USD"),
        ("", "2025.03.01,00:{n:02}", "EUR/USD"),
    ],
)  # fmt: skip
def test_dates_and_clocks_apart_are_put_together(tmp_path: Path, header: str, row: str, symbol: str) -> None:
    rows = [row.format(n=n) + ",100,101,99,100.5,2" for n in N]
    file = read(write(tmp_path / "a.csv", "\n".join([header, *rows] if header else rows)), symbol)
    assert file.candles["ts"].dt.minute().to_list() == list(N)


def test_local_times_without_a_zone_want_to_know_which(tmp_path: Path) -> None:
    rows = "".join(f"2025-03-01 00:{n:02}:00,100,101,99,100.5,2\n" for n in N)
    path = write(tmp_path / "a.csv", "Local time,Open,High,Low,Close,Volume\n" + rows)
    with pytest.raises(CandleFileError, match="say --timezone"):
        read(path)
    assert read(path, timezone="Asia/Tokyo").candles["ts"][0] == datetime(2025, 2, 28, 15, tzinfo=UTC)
