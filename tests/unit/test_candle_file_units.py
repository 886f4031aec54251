"""Units of volumes, closed flags, orders without a header, timeframes and columns told: read, or refused."""

import json
import math
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from candle_file_support import HEADER, MINUTE, START, bars, read, text, write

from alphapulse_resources.candle_files import CandleFile, CandleFileError

DAY = timedelta(days=1)


def table(count: int = 60, price: float = 100.0) -> pl.DataFrame:
    """Bars with a volume of coins and what they cost."""
    rows = [line.split(",") for line in bars(count, price)]
    frame = pl.DataFrame(rows, schema=HEADER.split(","), orient="row")
    frame = frame.with_columns(pl.col(name).cast(pl.Float64) for name in HEADER.split(",")[1:])
    return frame.with_columns(worth=pl.col("volume") * (pl.col("open") + pl.col("close")) / 2)


def load(tmp_path: Path, frame: pl.DataFrame, symbol: str = "BTC/USDT", **options: object) -> CandleFile:
    frame.write_csv(tmp_path / "some.csv")
    return read(tmp_path / "some.csv", symbol, **options)


V, W = pl.col("volume"), pl.col("worth")
BARE = table().drop("volume", "worth")


def with_volumes(price: float = 100.0, **columns: pl.Expr) -> pl.DataFrame:
    frame = table(price=price)
    return frame.select("timestamp", "open", "high", "low", "close", **columns)


@pytest.mark.parametrize(
    ("symbol", "price", "columns"),
    [
        ("BTC/USDT", 100.0, {"volume": V, "quote_volume": W}),
        ("BTC/USDT", 100.0, {"Volume BTC": V, "Volume USDT": W}),
        ("BTC/USDT", 100.0, {"volume": W, "quote_volume": V}),  # in each other's place
        ("BTC/USDT", 100.0, {"amount": V, "vol": W}),  # HTX
        ("BTC/USDT", 100.0, {"vol": V, "vol_ccy": W, "vol_quote": W}),  # OKX spot
        ("BTC/USDT:USDT", 100.0, {"vol": V * 100, "vol_ccy": V, "vol_quote": W}),  # OKX swap
        ("BTC/USDT:USDT", 100.0, {"volume": V * 1000, "quote_volume": W}),  # contracts of 0.001 coins
        ("BTC/USDT:USDT", 100.0, {"volume": V / 10, "turnover": W}),  # contracts of 10 coins
        ("BTC/USDT:USDT", 100.0, {"v": V * 10_000, "sum": W}),  # Gate, where the price hides the unit
        ("BTC/USD:BTC", 100.0, {"volume": W, "homeNotional": V, "foreignNotional": W}),  # BitMEX
        (
            "BTC/USD:BTC",
            100.0,
            {"volume": W / 10, "quote_volume": V},
        ),  # Binance COIN-M: contracts of 10 dollars
        ("BTC/USD:BTC", 100.0, {"volume": W, "turnover": V}),  # Bybit inverse: contracts of a dollar
        ("EUR/USDT", 1.1, {"Volume": V, "Volume USDT": W, "Volume MA": V.rolling_mean(20)}),
    ],
)
def test_volume_comes_out_in_coins(
    tmp_path: Path, symbol: str, price: float, columns: dict[str, pl.Expr]
) -> None:
    file = load(tmp_path, with_volumes(price, **columns), symbol)
    right = table(price=price)
    assert file.candles["volume"].to_list() == pytest.approx(right["volume"].to_list())
    assert file.candles["quote_volume"].to_list() == pytest.approx(right["worth"].to_list())


@pytest.mark.parametrize(
    "name",
    [
        "Volume MA",
        "Volume SMA",
        "vol_avg",
        "volume_delta",
        "Volume EMA",
        "Vol Change",
        "buy_volume",
        "Volume 20",
    ],
)
@pytest.mark.parametrize("price", [1.1, 100.0])
def test_what_is_made_of_a_volume_is_no_volume(tmp_path: Path, name: str, price: float) -> None:
    frame = with_volumes(price, **{name: V * 1.01, "Volume": V})
    file = load(tmp_path, frame, "EUR/USDT")
    assert file.candles["volume"].to_list() == pytest.approx(table()["volume"].to_list())
    assert file.candles["quote_volume"].null_count() == 60
    assert (file.candles.height, file.rejects) == (60, [])


@pytest.mark.parametrize(
    ("symbol", "columns", "told"),
    [
        ("BTC/USDT:USDT", {"contracts": V}, "counts contracts"),
        ("BTC/USDT:USDT", {"Volume (contracts)": V}, "counts contracts"),
        ("BTC/USD:BTC", {"volume": (V * 100).floor()}, "counts contracts"),
        ("BTC/USDT", {"volume": V, "quote_volume": W * 3.7}, "should be a price between low and high"),
        ("BTC/USDT", {"Volume ETH": V, "Volume USDT": W}, "the volume of another coin"),
    ],
)
def test_a_volume_in_a_unit_nobody_tells_is_refused(
    tmp_path: Path, symbol: str, columns: dict[str, pl.Expr], told: str
) -> None:
    with pytest.raises(CandleFileError, match=told):
        load(tmp_path, with_volumes(**columns), symbol)


def test_a_volume_that_is_named_is_taken(tmp_path: Path) -> None:
    frame = with_volumes(volume=V, quote_volume=W * 3.7)
    file = load(tmp_path, frame, columns={"volume": "volume"})
    assert file.candles["volume"].to_list() == pytest.approx(table()["volume"].to_list())
    assert file.candles["quote_volume"].null_count() == 60


def test_the_coins_of_takers_are_found_or_left_out(tmp_path: Path) -> None:
    coinm = with_volumes(
        volume=W / 100, quote_volume=V, taker_buy_volume=W / 200, taker_buy_quote_volume=V / 2
    )
    file = load(tmp_path, coinm, "BTC/USD:BTC")
    assert file.candles["taker_buy_volume"].to_list() == pytest.approx((table()["volume"] / 2).to_list())
    dollars = with_volumes(volume=V, quote_volume=W, taker_buy_volume=W / 2)
    assert load(tmp_path, dollars).candles["taker_buy_volume"].null_count() == 60


def test_zero_real_volume_gives_way_to_tick_volume(tmp_path: Path) -> None:
    file = load(tmp_path, with_volumes(**{"<VOL>": V * 0, "<TICKVOL>": V}), "EUR/USD")
    assert file.candles["volume"].to_list() == pytest.approx(table()["volume"].to_list())
    assert any("zero throughout" in note for note in file.assumptions)


@pytest.mark.parametrize("extra", ["Adj Close", "Stock Splits", "Market Cap", "marketCap"])
def test_dollars_of_yahoo_and_coinmarketcap_become_coins(tmp_path: Path, extra: str) -> None:
    file = load(tmp_path, with_volumes(Volume=V * pl.col("close"), **{extra: pl.lit(1.0)}))
    assert file.candles["volume"].to_list() == pytest.approx(table()["volume"].to_list())
    assert any("divided by the close" in note for note in file.assumptions)


@pytest.mark.parametrize(
    ("written", "number"),
    [("12.3K", 12300), ("1.2M", 1.2e6), ('"3,4B"', 3.4e9), ("0.5k", 500), ('"1,234.5K"', 1234500), ("7", 7)],
)
def test_sizes_may_be_written_in_thousands(tmp_path: Path, written: str, number: float) -> None:
    path = write(
        tmp_path / "some.csv",
        f"Date,Price,Open,High,Low,Vol.,Change %\n2024-02-01,100.5,100,101,99,{written},0.1%\n",
    )
    file = read(path, timeframe="1d")
    assert file.candles.row(0)[1:6] == (100, 101, 99, 100.5, number)


def test_a_price_in_thousands_has_lost_its_digits(tmp_path: Path) -> None:
    file = read(write(tmp_path / "some.csv", f"{HEADER}\n2024-02-01T00:00:00Z,61.2K,62K,60K,61K,5\n"))
    assert [reject.reason for reject in file.rejects] == ["open is not a number"]


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        ("closed", "True", "False"), ("confirm", "1", "0"), ("x", "true", "false"), ("is_closed", "t", "f"),
        ("isFinal", "TRUE", "FALSE"), ("complete", "yes", "no"), ("status", "closed", "open"),
        ("status", "final", "in_progress"), ("barstate", "confirmed", "realtime"), ("closed", "1", "-1"),
        ("candle_closed", "✓", "✗"), ("is_closed", "True", "None"),
        ("partial", "False", "True"), ("is_forming", "0", "1"), ("incomplete", "no", "yes"),
    ],
)  # fmt: skip
def test_the_closed_row_is_the_candle(tmp_path: Path, name: str, yes: str, no: str) -> None:
    lines = []
    for n in range(30):
        (final,) = bars(1, start=START + n * MINUTE, extra=f",{yes}")
        lines += [
            final.replace(",1.25,", f",{size},").replace(f",{yes}", f",{no}") for size in ("0.5", "1.0")
        ]
        lines.append(final)
    file = read(write(tmp_path / "some.csv", text(lines, f"{HEADER},{name}")))
    assert (file.candles.height, file.forming, file.rows) == (30, 60, 90)
    assert set(file.candles["volume"]) == {1.25}


def test_a_column_that_is_no_flag_is_none(tmp_path: Path) -> None:
    lines = [f"{line},{place}.5" for place, line in enumerate(bars(30))]
    assert read(write(tmp_path / "some.csv", text(lines, f"{HEADER},x"))).candles.height == 30


def test_a_streams_messages_are_read_line_by_line(tmp_path: Path) -> None:
    start = int(START.timestamp() * 1000)
    lines = []
    for n in range(30):
        for closed in (False, True):
            k = {
                "t": start + n * 60_000,
                "T": start + n * 60_000 + 59_999,
                "s": "BTCUSDT",
                "i": "1m",
                "o": "100.0",
            }
            k |= {
                "c": "100.5",
                "h": "101.0",
                "l": "99.0",
                "L": 7,
                "v": "2.0",
                "n": 5,
                "x": closed,
                "q": "201.0",
            }
            lines.append(
                json.dumps({"e": "kline", "E": 1, "s": "BTCUSDT", "k": {**k, "V": "1.0", "Q": "100.5"}})
            )
    path = write(tmp_path / "stream.ndjson", "\n".join([*lines, "{broken"]))
    file = read(path)
    assert (file.candles.height, file.forming, len(file.rejects)) == (30, 30, 1)
    assert file.candles.row(0)[1:8] == (100, 101, 99, 100.5, 2, 201, 5)
    with pytest.raises(CandleFileError, match="holds no ETH/USDT, only BTCUSDT"):
        read(path, "ETH/USDT")


ORDERS = [
    "t o h l c v", "t o c h l v", "t l h o c v", "t o h l c v w", "t o c h l v w", "t o h l c v n",
    "t o h l c p v n", "t o h l c v e w", "t o h l c v w w", "t w c h l o v f", "t o h l c u v w f",
]  # fmt: skip


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("as_json", [False, True])
def test_a_known_order_is_found_without_a_header(tmp_path: Path, order: str, as_json: bool) -> None:
    start = int(START.timestamp())
    frame = table(200).with_row_index().select(
        t=start + pl.col("index").cast(pl.Int64) * 60, o="open", h="high", l="low", c="close", v="volume",
        w="worth", n=pl.col("index").cast(pl.Int64) + 3, p=W / V,
        e=start + pl.col("index").cast(pl.Int64) * 60 + 59,
        f=pl.lit(1), u=V * 100,
    )  # fmt: skip
    rows = [[row[name] for name in order.split()] for row in frame.iter_rows(named=True)]
    if as_json:
        path = write(tmp_path / "a.json", json.dumps({"code": "0", "data": rows}))
    else:
        path = write(tmp_path / "a.csv", "".join(",".join(map(str, row)) + "\n" for row in rows))
    file = read(path, "BTC/USDT:USDT")
    right = table(200)
    for name in ("open", "high", "low", "close", "volume"):
        assert file.candles[name].to_list() == pytest.approx(right[name].to_list())
    assert (file.candles.height, file.rejects) == (200, [])


@pytest.mark.parametrize("order", ["t c h o l v", "t h l o c v", "t v o h l c", "t o h l c v w w w w"])
def test_an_unknown_order_is_refused_and_can_be_told(tmp_path: Path, order: str) -> None:
    frame = table(200).select(t="timestamp", o="open", h="high", l="low", c="close", v="volume", w="worth")
    rows = [[row[name] for name in order.split()] for row in frame.iter_rows(named=True)]
    path = write(tmp_path / "a.csv", "".join(",".join(map(str, row)) + "\n" for row in rows))
    with pytest.raises(CandleFileError, match="--column time=1 --column open=2"):
        read(path)
    parts = {"t": "time", "o": "open", "h": "high", "l": "low", "c": "close", "v": "volume"}
    told = {parts[letter]: str(place + 1) for place, letter in enumerate(order.split()) if letter in parts}
    file = read(path, columns=told)
    assert file.candles["open"].to_list() == pytest.approx(table(200)["open"].to_list())


@pytest.mark.parametrize("newest_first", [False, True])
def test_an_order_in_which_no_bar_follows_on_the_last_is_refused(tmp_path: Path, newest_first: bool) -> None:
    closes = [100 + 7 * math.sin(n / 5) + n % 3 for n in range(200)]
    lines = [
        f"{1740787200 + n * 60},{close},{begin},{max(begin, close) + 1},{min(begin, close) - 1},5"
        for n, (begin, close) in enumerate(pairwise(closes))
    ]
    if newest_first:
        lines.reverse()
    path = write(tmp_path / "a.csv", "\n".join(lines))  # t c o h l v, in which Bitfinex's order has no misfit
    with pytest.raises(CandleFileError, match="open and close seem to be exchanged"):
        read(path)
    names = ("time", "close", "open", "high", "low", "volume")
    told = {name: str(place) for place, name in enumerate(names, start=1)}
    assert sorted(read(path, columns=told).candles["close"]) == pytest.approx(sorted(closes[1:]))


def test_flat_candles_do_not_hide_a_wrong_order(tmp_path: Path) -> None:
    flat = [f"{1740787200 + n * 60},100,100,100,100,5" for n in range(900)]
    moved = [f"{1740787200 + n * 60},100,103,104,99,5" for n in range(900, 1000)]  # o c h l
    file = read(write(tmp_path / "a.csv", "\n".join(flat + moved)))
    assert file.candles.row(-1)[1:5] == (100, 104, 99, 103)


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "stamp;a;b;c;d;e\n" + "\n".join(bars(20)).replace(",", ";"))
    with pytest.raises(CandleFileError, match="--column time=NAME"):
        read(path)
    told = {"time": "stamp", "open": "a", "high": "b", "low": "c", "close": "d", "volume": "e"}
    assert read(path, columns=told).candles.height == 20
    with pytest.raises(CandleFileError, match="--column close=nope: there is no such column"):
        read(path, columns={**told, "close": "nope"})


@pytest.mark.parametrize(
    "header",
    [
        "timestamp_utc,open,high,low,close,volume", "Local time,Open,High,Low,Close,Volume",
        "Date (UTC),o,h,l,c,Vol.",
        "open_time_ms,Open Price,High Price,Low Price,Close Price,Base Volume",
        "Time (UTC),open,high,low,close,Volume (BTC)",
        "candle_date_time_utc,opening_price,high_price,low_price,trade_price,candle_acc_trade_volume",
    ],
)  # fmt: skip
def test_more_headers_are_known(tmp_path: Path, header: str) -> None:
    assert read(write(tmp_path / "a.csv", text(bars(30), header))).candles.height == 30


def spaced(*distances: timedelta) -> list[str]:
    moment, lines = START, []
    for distance in (timedelta(0), *distances):
        moment += distance
        lines += bars(1, start=moment)
    return lines


SEVERAL = [1, 1, 2, 1, 3, 1, 1, 5, 1, 2]
SELDOM = [7, 31, 2, 12, 58, 3, 19, 90, 5, 41, 8, 26, 14, 66]
OTHER = [
    ("1h", [MINUTE] * 3, "finer than 1h"), ("1h", [MINUTE], "finer than 1h"),
    ("1d", [n * MINUTE for n in SEVERAL * 3], "most often 1m"),
    ("1h", [*[MINUTE] * 300, 59 * MINUTE, *[MINUTE] * 300], "finer than 1h"),
    ("1h", [60 * MINUTE, *[MINUTE] * 8], "finer than 1h"),
    ("1d", [31 * DAY, 28 * DAY, 31 * DAY, 30 * DAY], "1 month apart"),
    ("1w", [31 * DAY, 28 * DAY, 31 * DAY], "1 month apart"),
    ("1m", [5 * MINUTE] * 3, "5m apart, not 1m"),
    ("1m", [60 * MINUTE, 120 * MINUTE, 60 * MINUTE], "1h apart"),
    ("1m", [MINUTE, *[5 * MINUTE] * 40], "5m apart, not 1m"), ("5m", [45 * MINUTE] * 12, "45m apart"),
    ("1d", [7 * DAY] * 4, "1w apart"),
    ("1h", [n * 60 * MINUTE for n in (8, 8, 7, 8, 8, 9, 8)], "8h apart"),
    ("15m", [10 * MINUTE] * 20, "finer than 15m"),
    ("1m", [n * MINUTE for n in (14, 16, 15, 13, 17) * 4], "never 1m apart, but 13m and more"),
    ("1m", [*[60 * MINUTE] * 12, *[MINUTE] * 200], "1h apart 12 times in a row from 2025-03-01T00:00Z on"),
    ("1h", [*[60 * MINUTE] * 48, *[DAY] * 20], "1d apart 20 times in a row"),
    ("1m", [5 * n * MINUTE for n in SELDOM], "never 1m apart: all spacings are made of 5m"),
]  # fmt: skip
FITTING = [
    ("1m", [n * MINUTE for n in SEVERAL * 3]), ("1m", [MINUTE] * 5), ("1m", [600 * MINUTE]),
    ("1h", [60 * MINUTE, 6000 * MINUTE]),
    ("1m", [*[MINUTE] * 30, 40 * DAY, *[MINUTE] * 30]), ("1d", [DAY] * 30),
    ("1h", [*[60 * MINUTE] * 300, MINUTE, 59 * MINUTE]),
    ("1d", [DAY, timedelta(hours=23), DAY, timedelta(hours=25), DAY]), ("1w", [7 * DAY] * 5),
    ("1d", [DAY, DAY, 3 * DAY] * 10),
    ("1m", [MINUTE] * 30 + [5 * MINUTE] * 11 + [2 * MINUTE, *[5 * MINUTE] * 20]),
    ("1m", [n * MINUTE for n in SELDOM]), ("5m", [5 * n * MINUTE for n in SELDOM]),
]  # fmt: skip


@pytest.mark.parametrize(("timeframe", "distances", "told"), OTHER)
def test_bars_of_another_timeframe_are_refused_by_name(
    tmp_path: Path, timeframe: str, distances: list[timedelta], told: str
) -> None:
    with pytest.raises(CandleFileError, match=told):
        read(write(tmp_path / "a.csv", text(spaced(*distances))), timeframe=timeframe)


@pytest.mark.parametrize(("timeframe", "distances"), FITTING)
def test_holes_and_stray_rows_are_no_other_timeframe(
    tmp_path: Path, timeframe: str, distances: list[timedelta]
) -> None:
    file = read(write(tmp_path / "a.csv", text(spaced(*distances))), timeframe=timeframe)
    assert file.candles.height == len(distances) + 1


def test_rejects_of_one_file_are_bounded_and_all_counted(tmp_path: Path) -> None:
    lines = bars(50) + [f"oops{n},1,2,0.5,1.5,10" for n in range(5000)]
    file = read(write(tmp_path / "a.csv", text(lines)))
    assert (len(file.rejects), file.more_rejects) == (1000, {"time not understood": 4000})
    assert file.rows == 5050
