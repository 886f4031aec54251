"""Rows of another instrument, timeframe or venue are never read as the ones asked for."""

import io
import tarfile
import zipfile
from pathlib import Path

import polars as pl
import pytest
from candle_file_support import HEADER, MINUTE, START, bars, level, read, text, write

from alphapulse_resources.candle_files import CandleFileError, OtherInstrumentError
from alphapulse_resources.candle_files.naming import read_name
from alphapulse_resources.candle_files.spellings import same_symbol

SAME = [
    ("BTC/USDT", "BTC/USDT"), ("btc-usdt", "BTC/USDT"), ("BTC_USDT", "BTC/USDT"), ("BTCUSDT", "BTC/USDT"),
    ("BINANCE:BTCUSDT", "BTC/USDT"), ("BTC/USD@KRAKEN", "BTC/USD"), ("XBTUSD", "BTC/USD"),
    ("XXBTZUSD", "BTC/USD"),
    ("XBT/USD", "BTC/USD"), ("XDGUSD", "DOGE/USD"), ("XETHXXBT", "ETH/BTC"), ("tBTCUSD", "BTC/USD"),
    ("tDOGE:USD", "DOGE/USD"), ("tBTCUST", "BTC/USDT"), ("KRW-BTC", "BTC/KRW"), ("USDT_BTC", "BTC/USDT"),
    ("X:BTCUSD", "BTC/USD"), ("BINANCE_SPOT_BTC_USDT", "BTC/USDT"), ("BTCUSDT", "BTC/USDT:USDT"),
    ("BTC/USDT:USDT", "BTC/USDT:USDT"), ("BTC-USDT-SWAP", "BTC/USDT:USDT"), ("BTCUSDTPERP", "BTC/USDT:USDT"),
    ("BTCUSDT.P", "BTC/USDT:USDT"), ("BINANCE:BTCUSDT.P", "BTC/USDT:USDT"),
    ("BTCUSDT_UMCBL", "BTC/USDT:USDT"),
    ("BTC_USDT_USDT", "BTC/USDT:USDT"), ("BTCUSDT-PERP.BINANCE", "BTC/USDT:USDT"),
    ("XBTUSDTM", "BTC/USDT:USDT"),
    ("tBTCF0:USTF0", "BTC/USDT:USDT"), ("BTC-PERPETUAL", "BTC/USD:BTC"), ("PI_XBTUSD", "BTC/USD:BTC"),
    ("PF_XBTUSD", "BTC/USD:USD"), ("BTCUSD_PERP", "BTC/USD:BTC"), ("BTC-USD-SWAP", "BTC/USD:BTC"),
    ("XBTUSD", "BTC/USD:BTC"), ("BTCUSDT_260327", "BTC/USDT:USDT-260327"),
    ("BTC-27MAR26", "BTC/USD:BTC-260327"),
    ("BTCUSDT-27MAR26", "BTC/USDT:USDT-260327"), ("BTC-USD-260327", "BTC/USD:BTC-260327"),
    ("FI_XBTUSD_260327", "BTC/USD:BTC-260327"), ("XBTH26", "BTC/USD:BTC-260327"),
    ("BTC/USDT:USDT-260327", "BTC/USDT:USDT-260327"), ("1000PEPEUSDT", "1000PEPE/USDT:USDT"),
    ("PERPUSDT", "PERP/USDT"), ("PERP-USDT", "PERP/USDT"), ("币安人生USDT", "币安人生/USDT"),
    ("ETHBTC", "ETH/BTC"),
]  # fmt: skip
OTHERS = [
    ("BTC/USD", "BTC/USDT"), ("BTC/USDT:USDT", "BTC/USDT"), ("BTC-USDT-SWAP", "BTC/USDT"),
    ("BTCUSDTPERP", "BTC/USDT"),
    ("BTCUSDT.P", "BTC/USDT"), ("BTC-PERPETUAL", "BTC/USD"), ("BTC_USDT_USDT", "BTC/USDT"),
    ("KRW-ETH", "BTC/KRW"),
    ("BTCUSDT", "BTC/USDT:USDT-260327"), ("BTCUSDT_260327", "BTC/USDT:USDT"), ("BTCUSDT_260327", "BTC/USDT"),
    ("BTCUSDT_260626", "BTC/USDT:USDT-260327"), ("BTC-26JUN26", "BTC/USD:BTC-260327"), ("tETHUSD", "BTC/USD"),
    ("PI_XBTUSD", "BTC/USD:USD"), ("BTC-USD-SWAP", "BTC/USD:USD"), ("BTC/USD:BTC", "BTC/USD:USD"),
    ("1000PEPEUSDT", "PEPE/USDT:USDT"), ("安USDT", "币/USDT"), ("BTC€USDT", "BTC/USDT"),
    ("ÉTHUSDT", "THUSDT"),
    ("AB-CD", "A/BCD"), ("BTC-31DEC27-100000-C", "BTC/USD:BTC-271231"),
    ("BTCUSD_CURRENT_QUARTER", "BTC/USD:BTC"),
    ("LUNA2USDT", "LUNA/USDT"), ("BTCDOWNUSDT", "BTC/USDT"), ("WBTCUSDT", "BTC/USDT"),
    ("BTCUSDC", "BTC/USDT"),
]  # fmt: skip


@pytest.mark.parametrize(("spelled", "asked"), SAME)
def test_a_spelling_that_can_mean_the_symbol_does(spelled: str, asked: str) -> None:
    assert same_symbol(spelled, asked)


@pytest.mark.parametrize(("spelled", "asked"), OTHERS)
def test_no_spelling_of_another_instrument_does(spelled: str, asked: str) -> None:
    assert not same_symbol(spelled, asked)


NAMES = [
    ("BTCUSDT-1m-2024-01.csv", "BTCUSDT", "1m"), ("BTCUSDT_260327-1m-2026-01.zip", "BTCUSDT_260327", "1m"),
    ("BTCUSD_PERP-1h-2024-01.csv", "BTCUSD_PERP", "1h"), ("XBTUSD_60.csv", "XBTUSD", "1h"),
    ("BTC_USDT-1m.feather", "BTC/USDT", "1m"), ("BTC_USDT_USDT-5m-futures.feather", "BTC/USDT:USDT", "5m"),
    ("BTC_USDT_USDT-260327-1h-futures.feather", "BTC/USDT:USDT-260327", "1h"),
    ("Binance_BTCUSDT_2023_minute.csv", "BTCUSDT", "1m"), ("BTCUSDT_15_2024-01-01_2024-01-31.csv.gz",
    "BTCUSDT", "15m"),
    ("BTC-USDT-SWAP-candlesticks-2024-01-01.zip", "BTC-USDT-SWAP", None),
    ("BINANCE_BTCUSDT.P, 60.csv", "BTCUSDT.P", "1h"),
    ("BTC_USD Bitfinex Historical Data.csv", "BTC/USD", None), ("KRW-BTC-1m.csv", "KRW-BTC", "1m"),
    ("symbol=ETHUSDT/timeframe=5m/part-0.parquet", "ETHUSDT", "5m"),
    ("spot/ETHUSDT/2024-01.csv", "ETHUSDT", None),
    ("币安人生_USDT-1m.feather", "币安人生/USDT", "1m"), ("pepe_usdt_1m.csv", "pepe/usdt", "1m"),
    ("candles.csv", None, None), ("country.csv", None, None), ("prices_usd_1h.csv", None, "1h"),
    ("bars.csv", None, None),
    ("data_usd.csv", None, None), ("ohlcv_1m.csv", None, "1m"), ("2024-01-01.csv", None, None),
    ("link.csv", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "symbol", "timeframe"), NAMES)
def test_what_a_name_says(name: str, symbol: str | None, timeframe: str | None) -> None:
    said = read_name(name)
    assert said.symbols == ((symbol,) if symbol else ())
    if timeframe is None:
        assert said.lengths == ()
    else:
        minutes = {"1m": 1, "5m": 5, "15m": 15, "1h": 60}[timeframe]
        assert said.lengths == (frozenset({minutes * MINUTE}),)


@pytest.mark.parametrize(
    "name",
    [
        "ETHUSDT-1m-2025-03.csv", "ETH_USDT-1m.csv", "Binance_ETHUSDT_1m.csv",
        "ETHUSDT_1.csv", "BTC_USDT_USDT-1m-futures.csv",
        "BTCUSDT_260327-1m-2025-03.csv", "BTC-USD.csv", "eth_usdt.csv",
        "ethereum_1m.csv", "BINANCE_ETHUSDT, 1.csv",
        "data/futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2025-03-01.csv",
        "BTC_USDT_USDT-1m-mark.csv", "ETHUSDT/1m/2025-03.csv", "venue=binance/symbol=ETHUSDT/part-0.csv",
    ],
)  # fmt: skip
def test_a_file_whose_name_says_another_symbol_is_refused_until_told(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, text(bars(60)))
    with pytest.raises(OtherInstrumentError, match=r"its name says .*, not BTC/USDT") as caught:
        read(path)
    assert "--any-symbol" in str(caught.value)
    assert read(path, any_symbol=True).candles.height == 60


@pytest.mark.parametrize(
    "name",
    [
        "BTCUSDT-1m-2025-03.csv", "candles.csv", "btc.csv", "my file (1).csv", "BTCUSDT.csv", "usdt_data.csv",
        "volusdt_btc.csv",
    ],
)  # fmt: skip
def test_a_name_that_agrees_or_says_nothing_stops_nothing(tmp_path: Path, name: str) -> None:
    assert read(write(tmp_path / name, text(bars(60)))).candles.height == 60


def test_a_name_of_another_timeframe_counts_where_the_rows_do_not_prove_theirs(tmp_path: Path) -> None:
    assert read(write(tmp_path / "BTCUSDT-5m.csv", text(bars(60)))).candles.height == 60
    with pytest.raises(OtherInstrumentError, match="its name says 5m, not 1m"):
        read(write(tmp_path / "BTCUSDT-5m.csv", text(bars(2, step=7 * MINUTE))))


def mixed(column: str, mine: str, others: list[str], first: str = "") -> str:
    """Rows at 100 that are `mine`, and rows at 5000, 5100 ... that are others."""
    lines = bars(40, extra=f",{mine}")
    for place, other in enumerate(others):
        lines += bars(40, 5000.0 + 100 * place, extra=f",{other}")
    return first + text(sorted(lines), f"{HEADER},{column}")


@pytest.mark.parametrize(
    ("column", "mine", "others", "asked"),
    [
        ("symbol", "BTC/USDT", ["BTC/USDT:USDT"], "BTC/USDT"),
        ("symbol", "BTC/USDT:USDT", ["BTC/USDT"], "BTC/USDT:USDT"),
        ("pair", "BTCUSDT_260327", ["BTCUSDT", "BTCUSDT_260626"], "BTC/USDT:USDT-260327"),
        ("Ticker", "XBTUSD", ["ETHUSD", "XBTEUR"], "BTC/USD"),
        ("instId", "BTC-USDT-SWAP", ["BTC-USDT"], "BTC/USDT:USDT"),
        ("instrument", "BTC-PERPETUAL", ["BTC-27MAR26", "ETH-PERPETUAL"], "BTC/USD:BTC"),
        ("market", "KRW-BTC", ["KRW-ETH", "BTC-ETH"], "BTC/KRW"),
        ("symbol", "1000PEPEUSDT", ["PEPEUSDT"], "1000PEPE/USDT:USDT"),
        ("symbol", "币安人生USDT", ["币USDT", "安USDT"], "币安人生/USDT"),
        ("coin", "BTC", ["ETH", "LTC"], "BTC/USDT"), ("crypto", "Bitcoin", ["Ethereum"], "BTC/USDT"),
        ("asset", "BTC", ["ETH"], "BTC/USDT"), ("whatever", "BTC-USDT", ["ETH-USDT"], "BTC/USDT"),
        ("session", "binance", ["kraken"], "BTC/USDT"),
        ("kline_type", "1min", ["5min", "1hour"], "BTC/USDT"), ("book", "spot", ["perpetual"], "BTC/USDT"),
        ("symbol", "Bitcoin / TetherUS", ["Ethereum / TetherUS"], "BTC/USDT"),
        ("symbol", "BTC \u2013 USDT", ["ETH \u2013 USDT"], "BTC/USDT"),
        ("symbol", "BTCUSDT_SPBL", ["BTCUSDT_UMCBL"], "BTC/USDT"),
        ("symbol", "btcusdt", ["btcusdtperp", "ethusdt"], "BTC/USDT"),
        ("market_type", "spot", ["perpetual"], "BTC/USDT"),
        ("contractType", "PERPETUAL", ["CURRENT_QUARTER", "NEXT_QUARTER"], "BTC/USDT:USDT"),
        ("market", "spot", ["um"], "BTC/USDT"),
        ("settle", "BTC", ["USD"], "BTC/USD:BTC"), ("settle", "", ["USDT"], "BTC/USDT"),
        ("quote", "USDT", ["USDC"], "BTC/USDT"),
        ("expiry", "2026-03-27", ["2026-06-26"], "BTC/USDT:USDT-260327"),
        ("expiry", "", ["2026-06-26"], "BTC/USDT:USDT"),
        ("timeframe", "1m", ["5m", "1h"], "BTC/USDT"), ("interval", "1", ["5", "60"], "BTC/USDT"),
        ("interval", "1m", ["1M", "1w"], "BTC/USDT"),
        ("granularity", "ONE_MINUTE", ["ONE_HOUR"], "BTC/USDT"),
        ("exchange", "BINANCE", ["COINBASE", "kraken"], "BTC/USDT"),
        ("venue", "Binance", ["Binance US", "Bybit"], "BTC/USDT"),
        ("exchange", "binance", ["BINANCE_FUTURES"], "BTC/USDT"),
        ("source", "binance", ["kraken"], "BTC/USDT"),
        ("exchange", "BINANCE_FUTURES", ["BINANCE"], "BTC/USDT:USDT"), ("base", "BTC", ["ETH"], "BTC/USDT"),
    ],
)  # fmt: skip
def test_a_column_that_says_what_a_row_is_chooses_the_rows(
    tmp_path: Path, column: str, mine: str, others: list[str], asked: str
) -> None:
    file = read(write(tmp_path / "some.csv", mixed(column, mine, others)), asked, venue="binance")
    assert (file.candles.height, level(file)) == (40, 100.0)
    assert (file.other_symbols, file.rows) == (40 * len(others), 40 * (1 + len(others)))
    assert any("left out" in note for note in file.assumptions)
    frame = pl.read_csv(tmp_path / "some.csv", infer_schema_length=0)
    frame.write_parquet(tmp_path / "some.parquet")
    again = read(tmp_path / "some.parquet", asked, venue="binance")
    assert (again.candles.height, level(again)) == (40, 100.0)


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("symbol", "ETHUSDT", "holds no BTC/USDT, only ETHUSDT"),
        ("symbol", "BTCUSDT_260327", "only BTCUSDT_260327"),
        ("contract_type", "PERPETUAL", "only PERPETUAL"), ("settle", "USDT", "only USDT"),
        ("exchange", "KRAKEN", "holds no binance, only KRAKEN"),
        ("source", "kraken", "holds no binance, only kraken"),
        ("timeframe", "1h", "holds no 1m, only 1h"), ("quote", "EUR", "only EUR"),
        ("coin", "ETH", "only ETH"),
    ],
)  # fmt: skip
def test_a_file_of_nothing_that_was_asked_for_is_refused(
    tmp_path: Path, column: str, value: str, told: str
) -> None:
    path = write(tmp_path / "some.csv", text(bars(40, extra=f",{value}"), f"{HEADER},{column}"))
    with pytest.raises(OtherInstrumentError, match=told):
        read(path, venue="binance")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("market", "crypto"), ("settle", "100.25"), ("name", "Bitcoin"), ("id", "7"), ("code", "a1"),
        ("type", "candle"),
        ("period", "x"), ("base", "99.5"), ("instrument_id", "42"), ("status", "ok"), ("expiry", "never"),
        ("asset", "BTC"), ("source", "rest"), ("feed", "archive of kraken"),
    ],
)  # fmt: skip
def test_columns_that_mean_something_else_stop_nothing(tmp_path: Path, column: str, value: str) -> None:
    path = write(tmp_path / "some.csv", text(bars(40, extra=f",{value}"), f"{HEADER},{column}"))
    assert read(path, venue="binance").candles.height == 40


def test_spellings_that_overlap_in_time_are_refused_and_others_are_one_symbol(tmp_path: Path) -> None:
    after = bars(40, start=START + 40 * MINUTE, extra=",BTC-USDT")
    together = text(bars(40, extra=",BTCUSDT") + after, f"{HEADER},symbol")
    assert read(write(tmp_path / "a.csv", together)).candles.height == 80
    twice = text(bars(40, extra=",BTCUSDT") + bars(40, 5000, extra=",BTC_USDT"), f"{HEADER},symbol")
    with pytest.raises(OtherInstrumentError, match="their times overlap"):
        read(write(tmp_path / "b.csv", twice))


def test_any_symbol_is_for_files_of_one(tmp_path: Path) -> None:
    path = write(tmp_path / "some.csv", mixed("symbol", "ABC", ["DEF"]))
    with pytest.raises(CandleFileError, match="--any-symbol is for files of one: ABC, DEF"):
        read(path, any_symbol=True)


@pytest.mark.parametrize(
    "line", ["# ETHUSDT 1m", "symbol: ETH/USDT", "Binance ETH_USDT candles", "BTCUSDT 5m"]
)
def test_a_line_above_the_header_is_read(tmp_path: Path, line: str) -> None:
    with pytest.raises(OtherInstrumentError, match="a line above the header"):
        read(write(tmp_path / "some.csv", line + "\n" + text(bars(40))))


def yahoo(tickers: list[str], *, by_ticker: bool) -> str:
    fields = ["Open", "High", "Low", "Close", "Volume"]
    pairs = [(t, f) for t in tickers for f in fields]
    top, below = [t for t, _ in pairs], [f for _, f in pairs]
    first, second = (top, below) if by_ticker else (below, top)
    label = ("Ticker", "Price") if by_ticker else ("Price", "Ticker")
    lines = [",".join([label[0], *first]), ",".join([label[1], *second]), "Date" + "," * len(pairs)]
    for day in range(1, 20):
        prices = [100 * (place + 1) for place in range(len(tickers))]
        cells = [cell for p in prices for cell in (p, p + 9, p - 9, p + 5, p * 1000)]
        lines.append(",".join([f"2025-01-{day:02}", *map(str, cells)]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("by_ticker", [False, True])
def test_yfinance_of_several_tickers_gives_the_one_asked_for(tmp_path: Path, by_ticker: bool) -> None:
    path = write(tmp_path / "yf.csv", yahoo(["BTC-USD", "ETH-USD"], by_ticker=by_ticker))
    file = read(path, "ETH/USD", "1d")
    assert file.candles.row(0)[1:7] == (200, 209, 191, 205, 200_000 / 205, 200_000)
    with pytest.raises(OtherInstrumentError, match="holds no SOL/USD, only BTC-USD, ETH-USD"):
        read(path, "SOL/USD", "1d")
    with pytest.raises(CandleFileError, match="say which one: BTC-USD, ETH-USD"):
        read(path, None, "1d")


def test_yfinances_pairs_of_names_are_tickers_too(tmp_path: Path) -> None:
    names = ["Date", *(f"('{f}', 'ETH-USD')" for f in ("Open", "High", "Low", "Close", "Volume"))]
    rows = [[f"2025-01-{day:02}", 100.0, 109.0, 91.0, 105.0, 1050.0] for day in range(1, 20)]
    path = tmp_path / "yf.parquet"
    pl.DataFrame(rows, schema=names, orient="row").write_parquet(path)
    with pytest.raises(OtherInstrumentError, match="only ETH-USD"):
        read(path, "BTC/USD", "1d")
    assert read(path, "ETH/USD", "1d").candles["volume"][0] == 10


def zipped(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, members: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content.encode()))
    return path


MEMBERS = [
    ({"XBTUSDT_1.csv": 100, "ETHUSDT_1.csv": 5000, "XBTUSDT_5.csv": 7000}, None),
    ({"BTC_USDT-1m.csv": 100, "ETH_USDT-1m.csv": 5000}, None), ({"btc.csv": 100, "eth.csv": 5000}, None),
    ({"BTCUSDT/2025.csv": 100, "ETHUSDT/2025.csv": 5000}, None), ({"a.csv": 100, "b.csv": 5000}, "far apart"),
    ({"symbol=BTCUSDT/p.csv": 100, "symbol=BTCUSDC/p.csv": 5000}, None),
    ({"ETHUSDT.csv": 100, "LTCUSDT.csv": 1}, "other symbols"),
    ({"BTCUSDT.csv": 100, "BTCUSDTPERP.csv": 5000, "BTCUSDT_260327-1m-2025-03.csv": 6000}, None),
    ({"Binance_BTCUSDT_minute.csv": 100, "Binance_BTCUSDT_1h.csv": 5000}, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("venue", "refused"),
    [("coinbase", False), ("GDAX", False), ("binance", True), ("kraken", True), ("my vendor", False)],
)
def test_a_name_that_says_another_venue_is_refused(tmp_path: Path, venue: str, refused: bool) -> None:
    path = write(tmp_path / "Coinbase_BTCUSD_1m.csv", text(bars(40)))
    if refused:
        with pytest.raises(OtherInstrumentError, match="its name says BTCUSD of coinbase, not BTC/USD of"):
            read(path, "BTC/USD", venue=venue)
    assert read(path, "BTC/USD", venue=venue, any_symbol=refused).candles.height == 40


@pytest.mark.parametrize("wrap", [zipped, tarred])
@pytest.mark.parametrize(("members", "refused"), MEMBERS)
def test_members_of_other_symbols_and_timeframes_are_left_out_and_told(
    tmp_path: Path, wrap: object, members: dict[str, float], refused: str | None
) -> None:
    contents = {name: text(bars(40, price)) for name, price in members.items()}
    path = wrap(tmp_path / "all.bin", contents)  # type: ignore[operator]  # one of the two above
    if refused:
        with pytest.raises(OtherInstrumentError, match=refused):
            read(path)
        return
    file = read(path)
    assert (file.candles.height, level(file)) == (40, 100.0)
    assert any("left out" in note for note in file.assumptions)


def test_members_whose_columns_say_another_symbol_are_left_out(tmp_path: Path) -> None:
    contents = {
        f"{place}.csv": text(bars(40, price, extra=f",{symbol}"), f"{HEADER},symbol")
        for place, (symbol, price) in enumerate([("BTCUSDT", 100), ("ETHUSDT", 5000)])
    }
    file = read(zipped(tmp_path / "all.zip", contents))
    assert level(file) == 100.0
    assert any("only ETHUSDT" in note for note in file.assumptions)


BODIES = [
    '{"retCode": 0, "result": {"category": "spot", "symbol": "%s", "list": %s}}',
    '{"s": "ok", "pair": "%s", "data": %s}',
    '{"error": [], "result": {"%s": %s, "last": 1}}',
]


@pytest.mark.parametrize("body", BODIES)
def test_the_words_around_a_venues_rows_are_read(tmp_path: Path, body: str) -> None:
    rows = str([[1740787200000 + n * 60000, 100, 101, 99, 100.5, 2, 201] for n in range(20)])
    path = write(tmp_path / "answer.json", body % ("BTCUSDT", rows))
    assert read(path).candles.height == 20
    with pytest.raises(OtherInstrumentError, match="says BTCUSDT, not ETH/USDT"):
        read(path, "ETH/USDT")
