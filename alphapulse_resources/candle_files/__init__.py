"""Candle files as people have them: venue archives, data vendors' CSV, notebooks' Parquet and Feather.

`read_candles` reads any of them into `CANDLE_SCHEMA` and says what it took for granted. Nothing here judges
prices: validation belongs to whoever stores the candles. Nothing vanishes: a row is a candle, a reject, or
counted as absent, as forming, or as another instrument's.
"""

from alphapulse_resources.candle_files.ahead import read_ahead
from alphapulse_resources.candle_files.model import CandleFile, CandleFileError, OtherInstrumentError
from alphapulse_resources.candle_files.reading import other_file, read_candles

__all__ = [
    "CandleFile",
    "CandleFileError",
    "OtherInstrumentError",
    "other_file",
    "read_ahead",
    "read_candles",
]
