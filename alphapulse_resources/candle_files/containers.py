"""From bytes to tables: what kind of file it is (by content, never by its ending) and its wrapping."""

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final

import polars as pl
import pyarrow as pa
from pyarrow import feather

from alphapulse_resources.candle_files.model import RawTable, unreadable
from alphapulse_resources.candle_files.text import read_text_table

GZIP: Final = b"\x1f\x8b"
ZIP: Final = b"PK\x03\x04"
PARQUET: Final = b"PAR1"
ARROW: Final = b"ARROW1"
FEATHER_V1: Final = b"FEA1"
UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
DEEPEST: Final = 2  # a gzipped CSV in a zip
LARGEST_BYTES: Final = 2**31
"""A file that unpacks to more is refused: 30 years of minutes are a tenth of it (threshold ours)."""


def open_tables(data: bytes, name: str, depth: int = 0) -> list[RawTable]:
    """Every table in `data`; an archive gives one per member. Raises CandleFileError."""
    if depth > DEEPEST:
        raise unreadable(name, "archives in archives in archives; unpack it first")
    if data.startswith(ZIP):
        members = list(_unzip(data, name))
        if not members:
            raise unreadable(name, "the archive holds no files")
        return [
            table
            for member, content in members
            for table in open_tables(content, f"{name}/{member}", depth + 1)
        ]
    if data.startswith(GZIP):
        return open_tables(_gunzip(data, name), name, depth + 1)
    return [_open_table(data, name)]


def _open_table(data: bytes, name: str) -> RawTable:
    if data.startswith(PARQUET):
        return _columnar(data, name, "parquet")
    if data.startswith((ARROW, FEATHER_V1)):
        return _columnar(data, name, "feather")
    text = _as_utf8(data, name)
    start = text[:200].lstrip().lower()
    if not start:
        raise unreadable(name, "the file is empty")
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise unreadable(name, "this is a web page or XML, not a candle file; was the download refused?")
    if start.startswith((b"[", b"{")):
        return _read_json(text, name)
    return read_text_table(text, name)


def _unzip(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if not info.is_dir() and _is_data(info.filename)]
            if sum(info.file_size for info in members) > LARGEST_BYTES:
                raise unreadable(name, f"unpacks to more than {LARGEST_BYTES:,} bytes; split it")
            for info in sorted(members, key=lambda info: info.filename):
                yield info.filename, archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise unreadable(
            name, f"the zip archive is damaged or encrypted ({error}); fetch it again"
        ) from error


def _is_data(member: str) -> bool:
    """Whether a member is meant for people: not macOS's shadow files, checksums or notes."""
    leaf = member.rsplit("/", 1)[-1]
    hidden = member.startswith("__MACOSX/") or leaf.startswith(".")
    return not hidden and not leaf.lower().endswith((".checksum", ".sha256", ".md5", ".pdf", ".md"))


def _gunzip(data: bytes, name: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(name, f"the gzip file is damaged ({error}); fetch it again") from error
    if len(content) > LARGEST_BYTES:
        raise unreadable(name, f"unpacks to more than {LARGEST_BYTES:,} bytes; split it")
    return content


def _columnar(data: bytes, name: str, container: str) -> RawTable:
    try:
        if container == "parquet":
            frame = pl.read_parquet(io.BytesIO(data))
        elif data.startswith(FEATHER_V1):
            frame = pl.DataFrame(pl.from_arrow(feather.read_table(io.BytesIO(data))))
        else:
            frame = pl.read_ipc(io.BytesIO(data))
    except (pl.exceptions.PolarsError, pa.ArrowException, OSError, ValueError) as error:
        raise unreadable(name, f"not a readable {container} file ({str(error).splitlines()[0]})") from error
    return RawTable(name, container, frame, _row_numbers(frame.height), has_header=True)


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


def _read_json(text: bytes, name: str) -> RawTable:
    """A JSON list of lists (freqtrade, venues' klines) or of objects (pandas `orient="records"`)."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise unreadable(name, f"not readable JSON ({error})") from error
    if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows):
        keys = list(dict.fromkeys(key for row in rows for key in row))
        return _text_table(name, keys, [[row.get(key) for key in keys] for row in rows], has_header=True)
    if isinstance(rows, list) and rows and all(isinstance(row, list) for row in rows):
        width = len(rows[0])
        if width and all(len(row) == width for row in rows):
            return _text_table(name, [f"column_{i}" for i in range(width)], rows, has_header=False)
    raise unreadable(name, "the JSON is neither a list of equally long lists nor a list of objects")


def _text_table(name: str, columns: list[str], rows: list[list[Any]], *, has_header: bool) -> RawTable:
    cells = [[_cell(row[i]) for row in rows] for i in range(len(columns))]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String))
    return RawTable(name, "json", frame, _row_numbers(len(rows)), has_header)


def _cell(value: object) -> str | None:
    return None if value is None else str(value)


def _row_numbers(rows: int) -> pl.Series:
    return pl.int_range(1, rows + 1, eager=True)
