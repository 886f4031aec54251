"""Reading whole candle files: the members of an archive are read one by one and put together.

What names say is asked here (the file's own, its members'), what tables say in `identity`.
"""

import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.alignment import proves
from alphapulse_resources.candle_files.containers import open_tables
from alphapulse_resources.candle_files.identity import counted, listed
from alphapulse_resources.candle_files.model import (
    CandleFile,
    CandleFileError,
    OtherInstrumentError,
    RawTable,
    unreadable,
)
from alphapulse_resources.candle_files.naming import Name, futures_kinds, read_name
from alphapulse_resources.candle_files.options import PARTS, Options, TimeIs
from alphapulse_resources.candle_files.rejected import Rejects
from alphapulse_resources.candle_files.spellings import read_asked
from alphapulse_resources.candle_files.table import ReadTable, read_table
from alphapulse_resources.candle_files.wrapping import Budget, is_wrapped, unwrap
from alphapulse_resources.frames import TIMEFRAMES
from alphapulse_resources.venues.model import Reject

FOLDERS_READ: Final = 3
"""So many folders above a file may say what it is: binance/ETHUSDT/1m/2024-01.csv (ours)."""
APART: Final = 0.2
"""Closes of the same minutes so far apart at the median are two instruments' (ours)."""
ANY_SYMBOL: Final = "\nif the file is nevertheless what you ask for, say --any-symbol"


def read_candles(
    path: Path,
    *,
    timeframe: str,
    symbol: str | None = None,
    timezone: str = "UTC",
    time_is: TimeIs | None = None,
    day_first: bool | None = None,
    venue: str | None = None,
    columns: Mapping[str, str] | None = None,
    any_symbol: bool = False,
) -> CandleFile:
    """The candles in the file at `path`: CSV, JSON (also a line each), Parquet or Feather, bare or wrapped.

    `symbol` and `venue` are what is asked for: rows, members and files that say something else are left out,
    or the file is refused (`any_symbol`: it is one instrument, whatever it says). Times without a zone are
    `timezone`'s wall clock (an IANA name). `time_is` says whether the times are open or close times,
    `day_first` whether 01/02/2020 is in February; both are found out when not given. `columns` names the
    columns of parts (PARTS) that are not found by themselves. Candles come back in the file's order, by open
    time in UTC, values not validated.

    Raises CandleFileError when the file holds no candles that can be read, or several readings are possible;
    OtherInstrumentError when what it holds is something else.
    """
    options = Options(timeframe, symbol, timezone, time_is, day_first, venue, columns or {}, any_symbol)
    _check(options)
    name = read_name("/".join(path.parts[-1 - FOLDERS_READ :]))
    name = replace(name, kinds=name.kinds or futures_kinds(str(path)))
    if said := says_other(name, options):
        asked = f"{symbol} of {venue}" if " of " in said and venue else symbol
        raise OtherInstrumentError(f"{path.name}: its name says {said}, not {asked}{ANY_SYMBOL}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CandleFileError(f"{path}: cannot be read ({error.strerror or error})") from error
    file = _read(data, path, options)
    other = name.other_timeframe(TIMEFRAMES[timeframe])
    if other and not proves(file.candles["ts"], timeframe):
        raise OtherInstrumentError(
            f"{path.name}: its name says {other}, not {timeframe}, and its rows do not say otherwise; "
            f"ask for --timeframe {other} or give the file another name"
        )
    return file


def says_other(name: Name, options: Options) -> str | None:
    """What instrument a name says instead of the one asked for, if it does."""
    if options.symbol is None or options.any_symbol:
        return None
    if said := name.contradicts(read_asked(options.symbol)):
        return said
    venue = name.other_venue(options.venue)
    return f"{', '.join(name.symbols)} of {venue}" if venue else None


def other_file(path: Path, folder: Path, options: Options) -> str | None:
    """What a file found below `folder` says by its name, when that is not what is asked for."""
    name = read_name(path.relative_to(folder).as_posix())
    return says_other(name, options) or name.other_timeframe(TIMEFRAMES[options.timeframe])


def _check(options: Options) -> None:
    if options.timeframe not in TIMEFRAMES:
        raise CandleFileError(f"timeframe {options.timeframe!r} is not known; one of {', '.join(TIMEFRAMES)}")
    unknown = [part for part in options.columns if part not in PARTS]
    if unknown:
        raise CandleFileError(f"--column {unknown[0]}=... is not known; one of {', '.join(PARTS)}")
    try:
        zoneinfo.ZoneInfo(options.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CandleFileError(
            f"time zone {options.timezone!r} is not known; use an IANA name: Europe/Berlin, "
            "or Etc/GMT-3 for UTC+3"
        ) from error


@dataclass(slots=True)
class Members:
    """The members of a file, chosen by their names before they are unpacked."""

    options: Options
    symbols: dict[str, None] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)  # member and what it says, when that is not asked for
    lengths: list[str] = field(default_factory=list)

    def wanted(self, member: str) -> bool:
        """Whether nothing in the member's name speaks against it."""
        name = read_name(member)
        leaf = member.rsplit("/", 1)[-1]
        if said := says_other(name, self.options):
            self.others.append(leaf if len(name.symbols) == 1 else f"{leaf} ({said})")
            return False
        if name.other_timeframe(TIMEFRAMES[self.options.timeframe]):
            self.lengths.append(leaf)
            return False
        self.symbols |= dict.fromkeys(name.symbols)
        return True

    def check(self, name: str) -> None:
        """Raises CandleFileError when the names tell of several symbols and nobody chose."""
        if (self.options.symbol is None or self.options.any_symbol) and len(self.symbols) > 1:
            several = sorted(self.symbols)
            if self.options.any_symbol:
                problem = f"holds files of several symbols, and --any-symbol is for one: {listed(several)}"
            else:
                problem = f"holds files of several symbols, say which one: {listed(several)} (--symbol)"
            raise unreadable(name, problem)

    def notes(self) -> Iterator[str]:
        """What was left out, in words."""
        if self.others:
            yield f"{counted(len(self.others), 'file')} of other symbols left out: {listed(self.others)}"
        if self.lengths:
            yield f"{counted(len(self.lengths), 'file')} of other timeframes left out: {listed(self.lengths)}"


def _read(data: bytes, path: Path, options: Options) -> CandleFile:
    members = Members(options)
    parts: list[tuple[str, ReadTable]] = []
    refused: list[OtherInstrumentError] = []
    mapped = frozenset(options.columns.values())
    for name, content in unwrap(data, path.name, members.wanted, Budget(path.name)):
        members.check(path.name)
        for table in open_tables(content, name, mapped):
            try:
                parts.append((table.name, _read_table(table, options)))
            except OtherInstrumentError as error:
                refused.append(error)
    if not parts:
        raise _nothing_left(path, options, members, refused)
    if is_wrapped(data) or len(parts) > 1:
        _check_levels(path.name, parts)
    told = [*members.notes(), *(f"left out: {str(error).splitlines()[0]}" for error in refused)]
    return _together(path, parts, told)


def _nothing_left(
    path: Path, options: Options, members: Members, refused: list[OtherInstrumentError]
) -> CandleFileError:
    if refused and not members.others and not members.lengths:
        return refused[0]
    told = "; ".join([*members.notes(), *(str(error).splitlines()[0] for error in refused)])
    return OtherInstrumentError(
        f"{path.name}: holds no {options.timeframe} candles of {options.symbol or 'one symbol'}: {told}"
    )


def _together(path: Path, parts: list[tuple[str, ReadTable]], told: list[str]) -> CandleFile:
    tables = [part for _, part in parts]
    rejects = sum((_placed(part, name, len(parts)) for name, part in parts), Rejects())
    kinds = list(dict.fromkeys(part.kind for part in tables))
    units = list(dict.fromkeys(part.time_unit for part in tables))
    notes = [*told, *_merged(note for part in tables for note in part.notes)]
    if len(kinds) > 1:
        notes.append(f"files of several kinds: {', '.join(kinds)}")
    return CandleFile(
        path=path,
        format=kinds[0],
        time_unit=units[0] if len(units) == 1 else "mixed",
        has_header=all(part.has_header for part in tables),
        assumptions=tuple(dict.fromkeys(notes)),
        candles=pl.concat(part.candles for part in tables),
        rejects=rejects.kept,
        absent=sum(part.absent for part in tables),
        other_symbols=sum(part.other_symbols for part in tables),
        forming=sum(part.forming for part in tables),
        more_rejects=rejects.more,
    )


def _merged(notes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(notes))


def _read_table(table: RawTable, options: Options) -> ReadTable:
    try:
        return read_table(table, options)
    except pl.exceptions.PolarsError as error:  # lists where numbers should be, and the like
        problem = f"a column is of a type that no candle has ({str(error).splitlines()[0]})"
        raise unreadable(table.name, problem, table.frame.columns) from error


def _check_levels(name: str, parts: list[tuple[str, ReadTable]]) -> None:
    """Refuse members whose closes of the same times are far apart: they are of several instruments."""
    closes: pl.DataFrame | None = None
    for member, part in parts:
        mine = part.candles.select("ts", "close", pl.lit(member).alias("member")).unique("ts")
        if closes is not None:
            both = closes.join(mine, on="ts", suffix="_other")
            apart = (both["close_other"] / both["close"] - 1).abs().median() if both.height > 2 else None
            if isinstance(apart, float) and apart > APART:
                first, second = both["member"][0], both["member_other"][0]
                raise OtherInstrumentError(
                    f"{name}: {first} and {second} have prices of the same times that are far apart: they "
                    "are not one instrument's, and neither says whose it is; import each by itself"
                )
        closes = mine if closes is None else pl.concat([closes, mine]).unique("ts")


def _placed(part: ReadTable, name: str, tables: int) -> Rejects:
    """A table's rejects, with the name of their file where the archive holds several."""
    if tables == 1:
        return part.rejects
    kept = [Reject(r.reason, {"file": name, **r.payload}, r.ts) for r in part.rejects.kept]
    return replace(part.rejects, kept=kept)
