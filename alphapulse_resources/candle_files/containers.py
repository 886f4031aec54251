"""From bytes to tables: what kind of file it is, by content and never by its ending."""

import io
from typing import Final

import polars as pl
import pyarrow as pa
from pyarrow import feather
from pyarrow import parquet as pq

from alphapulse_resources.candle_files.headers import split_tickers
from alphapulse_resources.candle_files.json_tables import read_json
from alphapulse_resources.candle_files.model import RawTable, unreadable
from alphapulse_resources.candle_files.text import read_text_table
from alphapulse_resources.candle_files.wrapping import MOST_BYTES

PARQUET: Final = b"PAR1"
ARROW: Final = b"ARROW1"
FEATHER_V1: Final = b"FEA1"
UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
MOST_ROWS: Final = 20_000_000
"""Parquet with more rows is refused: a few bytes can stand for any number of equal rows (ours)."""
FOREIGN: Final = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (xls); open it and save its sheet as CSV (UTF-8)"),
    (b"\x89HDF", "an HDF5 file; convert it, for example with pandas.read_hdf(...).to_parquet(...)"),
    (b"SQLite format 3", "an SQLite database; export its table as CSV"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"Rar!", "a rar archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; unpack it first"),
    (b"\x80\x04\x95", "a Python pickle, which can run code when it is read; write it as Parquet"),
    (b"%PDF", "a PDF"),
)
"""Files that are known, cannot be read here, and what to do with them."""


def open_tables(data: bytes, name: str, mapped: frozenset[str] = frozenset()) -> list[RawTable]:
    """Every table in bare data; JSON can hold several. Raises CandleFileError."""
    if len(data) > MOST_BYTES:
        raise unreadable(name, f"has more than {MOST_BYTES:,} bytes; split it")
    if data.startswith(PARQUET):
        return [split_tickers(_columnar(data, name, "parquet"))]
    if data.startswith((ARROW, FEATHER_V1)):
        return [split_tickers(_columnar(data, name, "feather"))]
    for magic, what in FOREIGN:
        if data.startswith(magic):
            raise unreadable(name, f"this is {what}")
    text = _as_utf8(data, name)
    start = text[:200].lstrip().lower()
    if not start:
        raise unreadable(name, "the file is empty")
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise unreadable(name, "this is a web page or XML, not a candle file; was the download refused?")
    if start.startswith((b"[", b"{")):
        return read_json(text, name)
    return [split_tickers(read_text_table(text, name, mapped))]


def _columnar(data: bytes, name: str, container: str) -> RawTable:
    try:
        if container == "parquet":
            if (rows := pq.read_metadata(io.BytesIO(data)).num_rows) > MOST_ROWS:
                raise unreadable(name, f"has {rows:,} rows, more than {MOST_ROWS:,}; split it")
            frame = pl.read_parquet(io.BytesIO(data))
        elif data.startswith(FEATHER_V1):
            frame = pl.DataFrame(pl.from_arrow(feather.read_table(io.BytesIO(data))))
        else:
            frame = pl.read_ipc(io.BytesIO(data))
    except (pl.exceptions.PolarsError, pa.ArrowException, OSError, ValueError) as error:
        raise unreadable(name, f"not a readable {container} file ({str(error).splitlines()[0]})") from error
    return RawTable(name, container, frame, pl.int_range(1, frame.height + 1, eager=True), has_header=True)


def _as_utf8(data: bytes, name: str) -> bytes:
    if data.startswith(UTF16):
        return data.decode("utf-16", errors="replace").encode()
    if b"\0" in data[:4096]:
        raise unreadable(name, "this is a binary file of an unknown kind, not CSV, JSON, Parquet or Feather")
    if data.isascii():
        return data
    try:
        return data.decode("utf-8-sig").encode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace").encode()
