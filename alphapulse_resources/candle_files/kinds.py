"""The kinds of files that are known by name."""

from typing import Final

from alphapulse_resources.candle_files.columns import BINANCE, plain
from alphapulse_resources.candle_files.model import RawTable

_FREQTRADE: Final = ["date", "open", "high", "low", "close", "volume"]


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
    if "adj close" in known or "stock splits" in known or any("yfinance" in note for note in table.notes):
        return "yfinance"
    if known & {"marketcap", "market cap"}:
        return "coinmarketcap"
    if "vol" in known and known & {"vol ccy", "volccy"}:
        return "okx"
    if not table.has_header and names[5:] == ["volume", "trades"]:
        return "kraken"
    if table.frame.columns == _FREQTRADE and table.container in ("feather", "parquet"):
        return "freqtrade"
    if not table.has_header and table.container == "json" and len(names) == 6:
        return "freqtrade"
    if table.container == "csv" and names[:5] == ["time", "open", "high", "low", "close"]:
        return "tradingview"
    return f"generic-{table.container}"
