"""Candle files format by format: what a writer of each kind wrote is read back equal."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alphapulse_resources.candle_files import CandleFileError, read_ahead, read_candles
from alphapulse_resources.candle_files.columns import BINANCE
from alphapulse_resources.frames import CANDLE_SCHEMA

MINUTE = timedelta(minutes=1)
START = datetime(2024, 1, 1, tzinfo=UTC)
UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
PRICES = st.floats(1e-8, 1e6, allow_nan=False)
SIZES = st.just(0.0) | st.floats(1e-6, 1e9, allow_nan=False)

Writer = Callable[[pl.DataFrame, str, Path], Path]


@st.composite
def candles(draw: st.DrawFn) -> pl.DataFrame:
    """Possible candles in order of time, with every column a source can fill.

    Two of several are neighbours, takers buy a part, and the quote volume is what the volume costs: else a
    file says that it is of another timeframe, or that its volumes are in other units.
    """
    first = draw(st.datetimes(datetime(2009, 1, 3), datetime(2090, 1, 1)))
    minutes = sorted(draw(st.sets(st.integers(0, 10_000), min_size=1, max_size=20)))
    minutes = sorted({*minutes, minutes[0] + 1}) if len(minutes) > 1 else minutes
    rows = []
    for minute in minutes:
        low, middle, other, high = sorted(draw(st.tuples(PRICES, PRICES, PRICES, PRICES)))
        moment = first.replace(second=0, microsecond=0, tzinfo=UTC) + minute * MINUTE
        volume, trades, share = draw(st.tuples(SIZES, st.integers(0, 10**9), st.floats(0, 1)))
        rows.append((moment, middle, high, low, other, volume, volume * other, trades, volume * share))
    return pl.DataFrame(rows, schema=CANDLE_SCHEMA, orient="row")


def epochs(frame: pl.DataFrame, unit: str) -> pl.Series:
    seconds = frame["ts"].dt.epoch("s")
    return seconds * UNITS[unit]


def binance_frame(frame: pl.DataFrame, unit: str) -> pl.DataFrame:
    opened = epochs(frame, unit)
    closed = opened + 60 * UNITS[unit] - 1
    columns = [opened, *(frame[name] for name in ("open", "high", "low", "close", "volume")), closed]
    columns += [
        frame["quote_volume"],
        frame["trades"],
        frame["taker_buy_volume"],
        frame["volume"],
        opened * 0,
    ]
    return pl.DataFrame(dict(zip(BINANCE, columns, strict=True)))


def write_binance(frame: pl.DataFrame, unit: str, directory: Path, *, header: bool) -> Path:
    path = directory / "BTCUSDT-1m-2024-01.zip"
    with zipfile.ZipFile(path, "w") as archive:
        text = binance_frame(frame, unit).write_csv(include_header=header)
        archive.writestr("BTCUSDT-1m-2024-01.csv", text)
    return path


def write_binance_bare(frame: pl.DataFrame, unit: str, directory: Path) -> Path:
    return write_binance(frame, unit, directory, header=False)


def write_binance_futures(frame: pl.DataFrame, unit: str, directory: Path) -> Path:
    return write_binance(frame, unit, directory, header=True)


def write_cryptodatadownload(frame: pl.DataFrame, unit: str, directory: Path) -> Path:
    table = pl.DataFrame(
        {
            "unix": epochs(frame, unit),
            "date": frame["ts"].dt.strftime("%Y-%m-%d %H:%M:%S"),
            "symbol": ["BTC/USDT"] * frame.height,
            **{name: frame[name] for name in ("open", "high", "low", "close")},
            "Volume BTC": frame["volume"],
            "Volume USDT": frame["volume"] * frame["close"],
            "tradecount": frame["trades"],
        }
    )
    path = directory / "Binance_BTCUSDT_minute.csv"
    path.write_text("https://www.CryptoDataDownload.com\r\n" + table.write_csv(line_terminator="\r\n"))
    return path


def write_kraken(frame: pl.DataFrame, unit: str, directory: Path) -> Path:
    table = frame.select(epochs(frame, unit), "open", "high", "low", "close", "volume", "trades")
    path = directory / "XBTUSD_1.csv"
    table.write_csv(path, include_header=False)
    return path


def write_freqtrade_json(frame: pl.DataFrame, unit: str, directory: Path) -> Path:
    rows = frame.select(epochs(frame, unit), "open", "high", "low", "close", "volume").rows()
    path = directory / "BTC_USDT-1m.json"
    path.write_text(json.dumps(rows))
    return path


def freqtrade_frame(frame: pl.DataFrame, unit: str) -> pl.DataFrame:
    times = frame["ts"].cast(pl.Datetime("us" if unit == "s" else unit, "UTC"))
    return frame.select(times.alias("date"), "open", "high", "low", "close", "volume")


def write_freqtrade_feather(frame: pl.DataFrame, unit: str, directory: Path) -> Path:
    path = directory / "BTC_USDT-1m.feather"
    freqtrade_frame(frame, unit).write_ipc(path, compression="lz4" if unit == "ms" else "uncompressed")
    return path


def write_freqtrade_parquet(frame: pl.DataFrame, unit: str, directory: Path) -> Path:
    path = directory / "BTC_USDT-1m.parquet"
    freqtrade_frame(frame, unit).write_parquet(path)
    return path


def write_kaggle(frame: pl.DataFrame, unit: str, directory: Path) -> Path:
    weighted = frame["close"]
    table = pl.DataFrame(
        {
            "Timestamp": epochs(frame, unit),
            **{name.capitalize(): frame[name] for name in ("open", "high", "low", "close")},
            "Volume_(BTC)": frame["volume"],
            "Volume_(Currency)": frame["volume"] * weighted,
            "Weighted_Price": weighted,
        }
    )
    path = directory / "bitstamp.csv.gz"
    path.write_bytes(gzip.compress(table.write_csv().encode()))
    return path


def write_excel_europe(frame: pl.DataFrame, unit: str, directory: Path) -> Path:
    """Semicolons, decimal commas, a byte order mark, quotes."""
    table = frame.select(epochs(frame, unit).alias("timestamp"), "open", "high", "low", "close", "volume")
    rows = [[f"{value!r}".replace(".", ",") for value in row] for row in table.rows()]
    lines = [";".join(table.columns), *(";".join(f'"{cell}"' for cell in row) for row in rows)]
    path = directory / "europe.csv"
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig")
    return path


def write_pandas(frame: pl.DataFrame, unit: str, directory: Path) -> Path:
    table = frame.select(
        pl.int_range(pl.len()).alias("Unnamed: 0"),
        epochs(frame, unit).alias("openTime"),
        *(pl.col(name).alias(name.upper()) for name in ("open", "high", "low", "close")),
        pl.col("volume").alias("Base Volume"),
        pl.col("quote_volume").alias("quoteVolume"),
        pl.lit("x").alias("remark"),
    )
    path = directory / "frame.tsv"
    table.write_csv(path, separator="\t")
    return path


FULL = ("quote_volume", "trades", "taker_buy_volume")
WRITERS: list[tuple[Writer, str, tuple[str, ...]]] = [
    (write_binance_bare, "binance-archive", FULL),
    (write_binance_futures, "binance-archive", FULL),
    (write_cryptodatadownload, "cryptodatadownload", ("trades",)),
    (write_kraken, "kraken", ("trades",)),
    (write_freqtrade_json, "freqtrade", ()),
    (write_freqtrade_feather, "freqtrade", ()),
    (write_freqtrade_parquet, "freqtrade", ()),
    (write_kaggle, "bitstamp-kaggle", ()),
    (write_excel_europe, "generic-csv", ()),
    (write_pandas, "generic-csv", ("quote_volume",)),
]


@pytest.mark.parametrize(("write", "kind", "extra"), WRITERS, ids=[w[0].__name__ for w in WRITERS])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(frame=candles(), unit=st.sampled_from(sorted(UNITS)))
def test_candles_written_in_any_format_and_unit_read_back_equal(
    tmp_path: Path, frame: pl.DataFrame, unit: str, write: Writer, kind: str, extra: tuple[str, ...]
) -> None:
    file = read_candles(write(frame, unit, tmp_path), timeframe="1m")
    columns = ["ts", "open", "high", "low", "close", "volume", *extra]
    assert file.format == kind
    assert file.candles.schema == CANDLE_SCHEMA
    assert file.candles.select(columns).equals(frame.select(columns))
    assert (file.rejects, file.absent, file.rows) == ([], 0, frame.height)
    if not (unit == "s" and "freqtrade" in kind):
        assert file.time_unit == unit


def test_an_archive_of_several_files_is_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    path = tmp_path / "year.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for month in (2, 1):
            row = f"{1704067200000 + (month - 1) * 60000},1,2,0.5,1.5,10,x,1,1,1,1,0\n"
            archive.writestr(f"BTCUSDT-1m-2024-{month:02}.csv", row + (row.replace(",2,", ",x,")))
        archive.writestr("__MACOSX/._BTCUSDT.csv", b"\0\1")
    file = read_candles(path, timeframe="1m")
    assert file.candles["ts"].to_list() == [START, START + MINUTE]
    assert [reject.payload["file"] for reject in file.rejects] == [
        "year.zip/BTCUSDT-1m-2024-01.csv", "year.zip/BTCUSDT-1m-2024-02.csv"
    ]  # fmt: skip


def test_an_archive_of_several_symbols_wants_to_know_which(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for symbol, volume in (("BTCUSDT", 10), ("ETHUSDT", 20)):
            archive.writestr(f"{symbol}-1m-2024-01.csv", f"1704067200000,1,2,0.5,1.5,{volume},0,1,1,1,1,0\n")
    with pytest.raises(CandleFileError, match="say which one: BTCUSDT, ETHUSDT"):
        read_candles(path, timeframe="1m")
    assert read_candles(path, timeframe="1m", symbol="ETH/USDT").candles["volume"].to_list() == [20]


def test_files_read_ahead_come_in_order_and_each_with_its_own_error(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.csv" for n in range(4)]
    for n, path in enumerate(paths):
        path.write_text(
            "nothing" if n == 2 else f"time,open,high,low,close,volume\n170406720{n},1,2,0.5,1.5,{n}\n"
        )
    seen: list[object] = []
    for path, coming in read_ahead(paths, partial(read_candles, timeframe="1m")):
        try:
            seen.append((path.name, coming.result().candles["volume"].to_list()))
        except CandleFileError:
            seen.append((path.name, "unreadable"))
    assert seen == [("0.csv", [0.0]), ("1.csv", [1.0]), ("2.csv", "unreadable"), ("3.csv", [3.0])]
    assert list(read_ahead([], partial(read_candles, timeframe="1m"))) == []


def test_archives_within_archives_have_an_end(tmp_path: Path) -> None:
    data = b"1704067200,1,2,0.5,1.5,10\n"
    path = tmp_path / "nested.zip"
    for depth in range(4):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr(f"{depth}.csv", data)
        data = inner.getvalue()
        path.write_bytes(data)
        if depth < 2:
            assert read_candles(path, timeframe="1m").rows == 1
    with pytest.raises(CandleFileError, match="unpack it first"):
        read_candles(path, timeframe="1m")


def test_a_column_of_lists_is_an_error_and_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "lists.parquet"
    names = ("date", "open", "high", "low", "close", "volume")
    pl.DataFrame({name: [[1.0]] if name == "open" else [1704067200] for name in names}).write_parquet(path)
    with pytest.raises(CandleFileError, match="a type that no candle has"):
        read_candles(path, timeframe="1m")
