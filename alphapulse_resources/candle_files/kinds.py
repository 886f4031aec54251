"""The kinds of files that are known by name, and the columns of those that come without a header line."""

from typing import Final

import polars as pl

from alphapulse_resources.candle_files.columns import BINANCE, BITFINEX, KRAKEN, SIX, plain
from alphapulse_resources.candle_files.model import RawTable, unreadable
from alphapulse_resources.candle_files.numbers import read_numbers

JUDGED_ROWS: Final = 1000
IN_ORDER: Final = 0.5
"""A guess at the order of columns holds when high and low enclose open and close in more rows (ours)."""

_FREQTRADE: Final = ["date", "open", "high", "low", "close", "volume"]


def headerless_names(table: RawTable) -> tuple[tuple[str, ...], str]:
    """The column names of a table without a header line, and in words why. Raises CandleFileError."""
    width = table.frame.width
    if width == len(BINANCE):
        return BINANCE, "no header line: twelve columns in the order of Binance's klines"
    if width == len(KRAKEN) and _encloses(table, KRAKEN):
        return KRAKEN, "no header line: seven columns in the order of Kraken's OHLCVT files"
    if width == len(SIX) and _encloses(table, SIX):
        return SIX, "no header line: six columns taken as time, open, high, low, close, volume"
    if width == len(BITFINEX) and _encloses(table, BITFINEX):
        return (
            BITFINEX,
            "no header line: six columns taken as Bitfinex's: time, open, close, high, low, volume",
        )
    raise unreadable(
        table.name,
        f"no header line, and {width} columns in an unknown order; add a first line that names them",
    )


def kind_of(table: RawTable) -> str:
    """The file's kind: the vendor where its columns give it away, otherwise generic-<container>."""
    names = [plain(name) for name in table.frame.columns]
    known = set(names)
    if [name for name in names if name not in {"", "unnamed 0"}] == [plain(name) for name in BINANCE]:
        return "binance-archive"
    if any("cryptodatadownload" in note.lower() for note in table.notes) or (
        {"unix", "date", "symbol"} <= known and any(name.startswith("volume ") for name in names)
    ):
        return "cryptodatadownload"
    if "weighted price" in known:
        return "bitstamp-kaggle"
    if "adj close" in known or any("yfinance" in note for note in table.notes):
        return "yfinance"
    if not table.has_header and len(names) == len(KRAKEN):
        return "kraken"
    if table.frame.columns == _FREQTRADE and table.container in ("feather", "parquet"):
        return "freqtrade"
    if not table.has_header and table.container == "json" and len(names) == len(SIX):
        return "freqtrade"
    if table.container == "csv" and names[:5] == ["time", "open", "high", "low", "close"]:
        return "tradingview"
    return f"generic-{table.container}"


def _encloses(table: RawTable, names: tuple[str, ...]) -> bool:
    head = table.frame.head(JUDGED_ROWS)
    columns = {name: read_numbers(head.to_series(place)).values for place, name in enumerate(names)}
    prices = pl.DataFrame({name: columns[name] for name in ("open", "high", "low", "close")}).drop_nulls()
    if prices.is_empty():
        return False
    above = pl.col("high") >= pl.max_horizontal("open", "close")
    below = pl.col("low") <= pl.min_horizontal("open", "close")
    inside = prices.select(above & below).to_series()
    return int(inside.sum()) > IN_ORDER * prices.height
