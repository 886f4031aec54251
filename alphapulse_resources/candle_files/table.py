"""From one raw table to candles, rejects and counts: finding the columns, then reading them."""

from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.alignment import (
    look_like_close_times,
    other_timeframe,
    to_open_times,
)
from alphapulse_resources.candle_files.closed import leave_out_forming
from alphapulse_resources.candle_files.columns import Columns, find_columns, plain
from alphapulse_resources.candle_files.identity import Chosen, choose_rows
from alphapulse_resources.candle_files.kinds import kind_of
from alphapulse_resources.candle_files.model import CandleFileError, RawTable, unreadable
from alphapulse_resources.candle_files.naming import read_name
from alphapulse_resources.candle_files.numbers import Numbers, read_numbers, uses_decimal_comma
from alphapulse_resources.candle_files.options import Options
from alphapulse_resources.candle_files.orders import name_columns
from alphapulse_resources.candle_files.rejected import Rejects, reject_rows, where
from alphapulse_resources.candle_files.spellings import read_asked, read_spelling
from alphapulse_resources.candle_files.times import AmbiguousTimesError, Times, read_times
from alphapulse_resources.candle_files.units import Case, settle_units
from alphapulse_resources.candle_files.volumes import choose_volumes
from alphapulse_resources.frames import CANDLE_SCHEMA, TIMEFRAMES

PRICES: Final = ("open", "high", "low", "close")
NEEDED_NUMBERS: Final = (*PRICES, "volume")
OPTIONAL_NUMBERS: Final = ("quote_volume", "trades", "taker_buy_volume")
_CLOCK: Final = r"(?i)^\s*(\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]m)?|\d{6}|\d{4})\s*$"
"""A time of the day in a column beside the date's."""
BITMEX: Final = frozenset({"home notional", "foreign notional"})
"""Columns of BitMEX's bars, whose times are those of their ends."""
SIZES: Final = ("volume", "quote_volume", "taker_buy_volume")


@dataclass(frozen=True, slots=True)
class ReadTable:
    """What one table of a file gave; the fields mean what they mean in CandleFile."""

    kind: str
    time_unit: str | None
    has_header: bool
    notes: list[str]
    candles: pl.DataFrame
    rejects: Rejects = field(default_factory=Rejects)
    absent: int = 0
    other_symbols: int = 0
    forming: int = 0


def read_table(table: RawTable, options: Options) -> ReadTable:
    """The candles of one table. Raises CandleFileError when it has no columns or no times of candles."""
    notes = list(table.notes)
    table = _named(table, options, notes)
    chosen = choose_rows(table, options, notes)
    table, forming, closed = leave_out_forming(chosen.table, notes)
    columns = find_columns(table.frame.columns, options.columns)
    spelled = options.symbol or chosen.pair
    asked = None if spelled is None else read_asked(spelled) if options.symbol else read_spelling(spelled)[0]
    columns, told = choose_volumes(
        columns, table.frame.columns, None if options.any_symbol else asked, table.name
    )
    notes.extend(told)
    missing = columns.missing()
    if missing:
        raise unreadable(table.name, f"no column gives {', '.join(missing)}", table.frame.columns)
    used, times = _read_time_column(table, columns, options)
    notes.extend(times.notes)
    ts = _open_times(table, times, used, columns, options, notes)
    _check_spacing(ts, table, chosen, used, options, notes)
    kind = kind_of(table)
    case = Case(table, columns, kind, asked, options.columns, notes, {used, closed, *chosen.used})
    parts = settle_units(case, _read_numbers(table, columns, notes))
    notes.extend(_ignored(table, columns, case.used))
    candles, rejects, absent = _sort_rows(table, ts, parts, options.timezone)
    return ReadTable(
        kind,
        times.unit,
        table.has_header,
        notes,
        candles,
        table.rejects + rejects,
        absent,
        chosen.left_out,
        forming,
    )


def _named(table: RawTable, options: Options, notes: list[str]) -> RawTable:
    """The table with names for its columns: those told, those found, those of a known order."""
    frame = table.frame
    named = {name: _column_meant(table, part, name) for part, name in options.columns.items()}
    if not table.has_header and not named:
        names, why = name_columns(table)
        notes.append(why)
        return replace(table, frame=frame.rename(dict(zip(frame.columns, names, strict=True))))
    # `--column close="Close Price"` finds " close price " too: the table takes the name that was told
    return replace(table, frame=frame.rename({found: told for told, found in named.items() if found != told}))


def _column_meant(table: RawTable, part: str, name: str) -> str:
    """The column of the table that is meant by a name told for a part of a candle."""
    names = table.titles or tuple(table.frame.columns)
    if name in names:
        return name
    alike = [column for column in names if plain(column) == plain(name) and plain(name)]
    if len(alike) == 1 and not table.titles:
        return alike[0]
    raise unreadable(table.name, f"--column {part}={name}: there is no such column", table.frame.columns)


def _read_time_column(table: RawTable, columns: Columns, options: Options) -> tuple[str, Times]:
    """The first time column that can be read, best names first, and its times."""
    order = (*columns.times, *columns.close_times)
    if options.time_is == "close":
        order = (*columns.close_times, *columns.times)
    for name in order:
        values = _with_clock(table, name)
        try:
            times = read_times(
                values,
                timezone=options.timezone,
                step=TIMEFRAMES[options.timeframe],
                day_first=options.day_first,
            )
        except AmbiguousTimesError as error:
            raise unreadable(table.name, f"column {name!r}: {error}") from error
        if times.ts.null_count() < times.ts.len():
            _check_zone(table, name, times, options)
            return name, times
    if table.frame.is_empty():
        raise unreadable(table.name, "there is not one row of data", table.frame.columns)
    begins = f"column {order[0]!r} begins {table.frame[order[0]].head(3).to_list()}"
    raise unreadable(table.name, f"no time could be read, {begins}", table.frame.columns)


def _check_zone(table: RawTable, name: str, times: Times, options: Options) -> None:
    """Refuse local times of which neither the file nor the person says where they are local."""
    if plain(name) != "local time" or options.timezone != "UTC" or "time" in options.columns:
        return
    if any(note.startswith("times without a zone") for note in times.notes):
        raise unreadable(
            table.name,
            f"column {name!r} holds local times, and nothing tells of which zone; say --timezone, for "
            f"example --timezone Europe/Berlin, or --column 'time={name}' if they are UTC",
        )


def _with_clock(table: RawTable, name: str) -> pl.Series:
    """A time column; `date` is put together with a `time` column of clock times beside it (MetaTrader)."""
    values = table.frame[name]
    by_name = {column.strip(" <>").lower(): column for column in table.frame.columns}
    if values.dtype != pl.String or name not in (by_name.get("date"), by_name.get("time")):
        return values
    if "date" not in by_name or "time" not in by_name:
        return values
    dates, clocks = table.frame[by_name["date"]], table.frame[by_name["time"]]
    if clocks.dtype != pl.String or not clocks.str.contains(_CLOCK).any():
        return values
    return dates + " " + clocks.str.strip_chars()


def _open_times(
    table: RawTable, times: Times, used: str, columns: Columns, options: Options, notes: list[str]
) -> pl.Series:
    """The open times of the rows, with a note where they had to be made from close times."""
    time_is = options.time_is
    if time_is is None:
        bitmex = {plain(name) for name in table.frame.columns} >= BITMEX
        named = used in columns.close_times or bitmex
        time_is = "close" if named or look_like_close_times(times.ts, options.timeframe) else "open"
    if time_is == "close":
        notes.append(f"{used!r} holds close times: one {options.timeframe} taken off")
    return to_open_times(times.ts, options.timeframe, time_is)


def _check_spacing(
    ts: pl.Series, table: RawTable, chosen: Chosen, used: str, options: Options, notes: list[str]
) -> None:
    """Refuse rows of another timeframe. A market that trades seldom passes where something vouches for it."""
    misfit = other_timeframe(ts, options.timeframe)
    if misfit is None:
        return
    problem = f"{table.name}: its rows are {misfit.told}; ask for the timeframe that it has with --timeframe"
    if misfit.certain:
        raise CandleFileError(problem)
    step = TIMEFRAMES[options.timeframe]
    named = any(lengths == {step} for lengths in read_name(table.name).lengths)
    whole = chosen.whole.frame
    beside = whole.height > table.frame.height and used in whole.columns
    if not named and not chosen.timeframe_told:
        times = read_times(
            _with_clock(chosen.whole, used), timezone=options.timezone, step=step, day_first=options.day_first
        )
        if not beside or other_timeframe(times.ts, options.timeframe) is not None:
            raise CandleFileError(problem)
    who = "name" if named else "column" if chosen.timeframe_told else "rows of others"
    who = f"the {who}"
    notes.append(f"rows are {misfit.told}; for {options.timeframe} speaks {who}: a market that seldom trades")


def _read_numbers(table: RawTable, columns: Columns, notes: list[str]) -> dict[str, Numbers]:
    """The numbers of every part that has a column."""
    names = {part: getattr(columns, part) for part in (*NEEDED_NUMBERS, *OPTIONAL_NUMBERS)}
    series = {part: table.frame[name] for part, name in names.items() if name is not None}
    comma = uses_decimal_comma(list(series.values()), table.separator)
    if comma:
        notes.append("numbers are written with a decimal comma")
    return {
        part: read_numbers(column, decimal_comma=comma, scaled=part in SIZES)
        for part, column in series.items()
    }


def _ignored(table: RawTable, columns: Columns, used: set[str | None]) -> list[str]:
    taken = used | {getattr(columns, part) for part in (*NEEDED_NUMBERS, *OPTIONAL_NUMBERS)}
    extra = [name for name in table.frame.columns if name not in taken]
    return [f"columns not used: {', '.join(map(repr, extra))}"] if extra and table.has_header else []


def _sort_rows(
    table: RawTable, ts: pl.Series, parts: dict[str, Numbers], timezone: str
) -> tuple[pl.DataFrame, Rejects, int]:
    """The rows as candles, as rejects, and the number of those that only say that nothing was traded."""
    time_reason = "time not understood"
    if timezone != "UTC":
        time_reason += f", or no single moment in {timezone} because the clocks changed"
    checks = where(ts.is_null(), time_reason)
    empty = [parts[part].values.is_null() & ~parts[part].unreadable for part in PRICES]
    traded_nothing = (parts["volume"].values.fill_null(0.0) == 0.0) & ~parts["volume"].unreadable
    absent = empty[0] & empty[1] & empty[2] & empty[3] & traded_nothing & ts.is_not_null()
    for part, numbers in parts.items():
        checks = _first_reason(checks, numbers.unreadable, f"{part} is not a number")
        if part in NEEDED_NUMBERS:
            checks = _first_reason(checks, numbers.values.is_null(), f"{part} is missing")
    if "trades" in parts:
        count = parts["trades"].values
        broken = (count != count.floor()).fill_null(False)
        checks = _first_reason(checks, broken, "trades is not a whole number")
    checks = checks.set(absent, None)
    good = checks.is_null() & ~absent
    frame = pl.DataFrame({"ts": ts, **{part: numbers.values for part, numbers in parts.items()}})
    candles = frame.filter(good).select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in CANDLE_SCHEMA.items()
    )
    return candles, reject_rows(table.frame, table.lines, ts, checks), int(absent.sum())


def _first_reason(checks: pl.Series, wrong: pl.Series, reason: str) -> pl.Series:
    return checks.set(wrong & checks.is_null(), reason) if wrong.any() else checks
