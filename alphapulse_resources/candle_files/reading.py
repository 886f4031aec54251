"""Reading whole candle files: the members of an archive are read one by one and put together."""

import re
import zoneinfo
from pathlib import Path
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.alignment import TimeIs
from alphapulse_resources.candle_files.columns import same_symbol
from alphapulse_resources.candle_files.containers import open_tables
from alphapulse_resources.candle_files.model import CandleFile, CandleFileError, RawTable, unreadable
from alphapulse_resources.candle_files.table import Options, ReadTable, read_table
from alphapulse_resources.frames import TIMEFRAMES
from alphapulse_resources.venues.model import Reject

_ARCHIVE_MEMBER: Final = re.compile(r"(?:.*/)?([A-Z0-9_]{4,})-\d+[a-zA-Z]+-\d{4}-\d{2}[^/]*\.csv")


def read_candles(
    path: Path,
    *,
    timeframe: str,
    symbol: str | None = None,
    timezone: str = "UTC",
    time_is: TimeIs | None = None,
    day_first: bool | None = None,
) -> CandleFile:
    """The candles in the file at `path`: CSV (also zipped or gzipped), JSON, Parquet or Feather.

    `symbol` chooses among several symbols in one file (BTC/USDT matches btc-usdt). Times without a zone
    are `timezone`'s wall clock (an IANA name). `time_is` says whether the times are open or close times,
    `day_first` whether 01/02/2020 is in February; both are found out when not given. Candles come back
    in the file's order, by open time in UTC, values not validated.

    Raises CandleFileError when the file holds no candles that can be read, or several readings are possible.
    """
    _check(timeframe, timezone)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CandleFileError(f"{path}: cannot be read ({error.strerror or error})") from error
    return _read(data, path, Options(timeframe, symbol, timezone, time_is, day_first))


def _check(timeframe: str, timezone: str) -> None:
    if timeframe not in TIMEFRAMES:
        raise CandleFileError(f"timeframe {timeframe!r} is not known; one of {', '.join(TIMEFRAMES)}")
    try:
        zoneinfo.ZoneInfo(timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CandleFileError(
            f"time zone {timezone!r} is not known; use an IANA name: Europe/Berlin, or Etc/GMT-3 for UTC+3"
        ) from error


def _read(data: bytes, path: Path, options: Options) -> CandleFile:
    tables = _members(open_tables(data, path.name), path.name, options)
    parts = [_read_table(table, options) for table in tables]
    rejects = [
        reject
        for table, part in zip(tables, parts, strict=True)
        for reject in _placed(part, table, len(tables))
    ]
    kinds = list(dict.fromkeys(part.kind for part in parts))
    units = list(dict.fromkeys(part.time_unit for part in parts))
    notes = [note for part in parts for note in part.notes]
    if len(kinds) > 1:
        notes.append(f"files of several kinds: {', '.join(kinds)}")
    return CandleFile(
        path=path,
        format=kinds[0],
        time_unit=units[0] if len(units) == 1 else "mixed",
        has_header=all(part.has_header for part in parts),
        assumptions=tuple(dict.fromkeys(notes)),
        candles=pl.concat(part.candles for part in parts),
        rejects=rejects,
        absent=sum(part.absent for part in parts),
        other_symbols=sum(part.other_symbols for part in parts),
    )


def _read_table(table: RawTable, options: Options) -> ReadTable:
    try:
        return read_table(table, options)
    except pl.exceptions.PolarsError as error:  # lists where numbers should be, and the like
        problem = f"a column is of a type that no candle has ({str(error).splitlines()[0]})"
        raise unreadable(table.name, problem, table.frame.columns) from error


def _members(tables: list[RawTable], name: str, options: Options) -> list[RawTable]:
    """The tables to read: all of them, unless the members' names tell of several symbols."""
    symbols = {table.name: match[1] for table in tables if (match := _ARCHIVE_MEMBER.fullmatch(table.name))}
    several = sorted(set(symbols.values()))
    if len(several) < 2:
        return tables
    wanted = options.symbol
    chosen = [t for t in tables if t.name not in symbols or (wanted and same_symbol(symbols[t.name], wanted))]
    if wanted is None or not chosen:
        raise unreadable(name, f"holds files of several symbols, say which one: {', '.join(several)}")
    return chosen


def _placed(part: ReadTable, table: RawTable, tables: int) -> list[Reject]:
    """A table's rejects, with the name of their file where the archive holds several."""
    if tables == 1:
        return part.rejects
    return [
        Reject(reject.reason, {"file": table.name, **reject.payload}, reject.ts) for reject in part.rejects
    ]
