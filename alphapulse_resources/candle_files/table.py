"""From one raw table to candles, rejects and counts: finding the columns, then reading them."""

import math
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

import polars as pl

from alphapulse_resources.candle_files.alignment import (
    TimeIs,
    look_like_close_times,
    other_timeframe,
    to_open_times,
)
from alphapulse_resources.candle_files.columns import Columns, find_columns, find_symbol_column, same_symbol
from alphapulse_resources.candle_files.kinds import headerless_names, kind_of
from alphapulse_resources.candle_files.model import RawTable, unreadable
from alphapulse_resources.candle_files.numbers import Numbers, read_numbers, uses_decimal_comma
from alphapulse_resources.candle_files.times import AmbiguousTimesError, Times, read_times
from alphapulse_resources.candle_files.volumes import choose_volumes
from alphapulse_resources.frames import CANDLE_SCHEMA, TIMEFRAMES
from alphapulse_resources.venues.model import Reject

PRICES: Final = ("open", "high", "low", "close")
NEEDED_NUMBERS: Final = (*PRICES, "volume")
OPTIONAL_NUMBERS: Final = ("quote_volume", "trades", "taker_buy_volume")
SHOWN_SYMBOLS: Final = 20


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who imports says about a file."""

    timeframe: str
    symbol: str | None = None
    timezone: str = "UTC"
    time_is: TimeIs | None = None
    day_first: bool | None = None


@dataclass(frozen=True, slots=True)
class ReadTable:
    """What one table of a file gave; the fields mean what they mean in CandleFile."""

    kind: str
    time_unit: str | None
    has_header: bool
    notes: list[str]
    candles: pl.DataFrame
    rejects: list[Reject] = field(default_factory=list)
    absent: int = 0
    other_symbols: int = 0


def read_table(table: RawTable, options: Options) -> ReadTable:
    """The candles of one table. Raises CandleFileError when it has no columns or no times of candles."""
    notes = list(table.notes)
    if not table.has_header:
        table = _name_columns(table, notes)
    table, pair, other_symbols = _choose_symbol(table, options, notes)
    columns, told = choose_volumes(table.frame, find_columns(table.frame.columns), pair or options.symbol)
    notes.extend(told)
    missing = columns.missing()
    if missing:
        raise unreadable(table.name, f"no column gives {', '.join(missing)}", table.frame.columns)
    used, times = _read_time_column(table, columns, options)
    notes.extend(times.notes)
    ts = _open_times(table, times, used, columns, options, notes)
    parts = _read_numbers(table, columns, notes)
    notes.extend(_ignored(table, columns, used))
    candles, rejects, absent = _sort_rows(table, ts, parts, options.timezone)
    return ReadTable(
        kind_of(table),
        times.unit,
        table.has_header,
        notes,
        candles,
        table.rejects + rejects,
        absent,
        other_symbols,
    )


def _name_columns(table: RawTable, notes: list[str]) -> RawTable:
    names, why = headerless_names(table)
    notes.append(why)
    frame = table.frame.rename(dict(zip(table.frame.columns, names, strict=True)))
    return replace(table, frame=frame)


def _choose_symbol(table: RawTable, options: Options, notes: list[str]) -> tuple[RawTable, str | None, int]:
    """The rows of the symbol asked for, how the file spells it, and how many rows other symbols have."""
    name = find_symbol_column(table.frame.columns)
    if name is None:
        return table, None, 0
    spelled = table.frame[name].cast(pl.String).str.strip_chars()
    symbols = [symbol for symbol in spelled.unique(maintain_order=True).to_list() if symbol]
    wanted = [symbol for symbol in symbols if options.symbol and same_symbol(symbol, options.symbol)]
    if options.symbol is None and len(symbols) > 1:
        raise unreadable(table.name, f"holds several symbols, say which one: {_listed(symbols)}")
    if options.symbol is not None and symbols and not wanted:
        raise unreadable(table.name, f"holds no {options.symbol}, only {_listed(symbols)}")
    if len(symbols) <= 1:
        return table, (symbols or [None])[0], 0
    others = [symbol for symbol in symbols if symbol not in wanted]
    nameless = spelled.fill_null("") == ""
    skipped = int(spelled.is_in(others).sum())
    keep = ~spelled.is_in(others).fill_null(False) & ~nameless
    notes.append(f"{skipped} rows of other symbols left out: {_listed(others)}")
    chosen = replace(
        table,
        frame=table.frame.filter(keep),
        lines=table.lines.filter(keep),
        rejects=[*table.rejects, *_rejects(table, None, _where(nameless, "symbol is missing"))],
    )
    return chosen, wanted[0], skipped


def _where(rows: pl.Series, reason: str) -> pl.Series:
    """The reason at the rows given, null at the others."""
    return pl.Series([reason]).new_from_index(0, rows.len()).set(~rows, None)


def _listed(symbols: list[str]) -> str:
    more = f" and {len(symbols) - SHOWN_SYMBOLS} more" if len(symbols) > SHOWN_SYMBOLS else ""
    return ", ".join(symbols[:SHOWN_SYMBOLS]) + more


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
            return name, times
    if table.frame.is_empty():
        raise unreadable(table.name, "there is not one row of data", table.frame.columns)
    begins = f"column {order[0]!r} begins {table.frame[order[0]].head(3).to_list()}"
    raise unreadable(table.name, f"no time could be read, {begins}", table.frame.columns)


def _with_clock(table: RawTable, name: str) -> pl.Series:
    """A time column; `date` is put together with a `time` column of clock times beside it (MetaTrader)."""
    values = table.frame[name]
    by_name = {column.strip(" <>").lower(): column for column in table.frame.columns}
    if values.dtype != pl.String or name not in (by_name.get("date"), by_name.get("time")):
        return values
    if "date" not in by_name or "time" not in by_name:
        return values
    dates, clocks = table.frame[by_name["date"]], table.frame[by_name["time"]]
    if clocks.dtype != pl.String or not clocks.str.contains(r"^\s*\d{1,2}:\d{2}(:\d{2})?\s*$").any():
        return values
    return dates + " " + clocks


def _open_times(
    table: RawTable, times: Times, used: str, columns: Columns, options: Options, notes: list[str]
) -> pl.Series:
    """The open times of the rows, with a note where they had to be made from close times."""
    time_is = options.time_is
    if time_is is None:
        named = used in columns.close_times
        time_is = "close" if named or look_like_close_times(times.ts, options.timeframe) else "open"
    if time_is == "close":
        notes.append(f"{used!r} holds close times: one {options.timeframe} taken off")
    ts = to_open_times(times.ts, options.timeframe, time_is)
    other = other_timeframe(ts, options.timeframe)
    if other is not None:
        raise unreadable(
            table.name,
            f"its rows are {other} apart, not {options.timeframe}; import it with timeframe {other}",
        )
    return ts


def _read_numbers(table: RawTable, columns: Columns, notes: list[str]) -> dict[str, Numbers]:
    """The numbers of every part that has a column."""
    names = {part: getattr(columns, part) for part in (*NEEDED_NUMBERS, *OPTIONAL_NUMBERS)}
    series = {part: table.frame[name] for part, name in names.items() if name is not None}
    comma = uses_decimal_comma(list(series.values()), table.separator)
    if comma:
        notes.append("numbers are written with a decimal comma")
    return {part: read_numbers(column, decimal_comma=comma) for part, column in series.items()}


def _ignored(table: RawTable, columns: Columns, used: str) -> list[str]:
    taken = {used, *(getattr(columns, part) for part in (*NEEDED_NUMBERS, *OPTIONAL_NUMBERS))}
    taken.add(find_symbol_column(table.frame.columns))
    extra = [name for name in table.frame.columns if name not in taken]
    return [f"columns not used: {', '.join(map(repr, extra))}"] if extra and table.has_header else []


def _sort_rows(
    table: RawTable, ts: pl.Series, parts: dict[str, Numbers], timezone: str
) -> tuple[pl.DataFrame, list[Reject], int]:
    """The rows as candles, as rejects, and the number of those that only say that nothing was traded."""
    time_reason = "time not understood"
    if timezone != "UTC":
        time_reason += f", or no single moment in {timezone} because the clocks changed"
    checks = _where(ts.is_null(), time_reason)
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
    return candles, _rejects(table, ts, checks), int(absent.sum())


def _first_reason(checks: pl.Series, wrong: pl.Series, reason: str) -> pl.Series:
    return checks.set(wrong & checks.is_null(), reason) if wrong.any() else checks


def _rejects(table: RawTable, ts: pl.Series | None, checks: pl.Series) -> list[Reject]:
    wrong = checks.is_not_null()
    if not wrong.any():
        return []
    rows = table.frame.filter(wrong).to_dicts()
    moments = [None] * len(rows) if ts is None else ts.filter(wrong).to_list()
    found = zip(checks.filter(wrong), table.lines.filter(wrong), rows, moments, strict=True)
    return [
        Reject(reason, {"line": line, "fields": {name: _plain(value) for name, value in row.items()}}, moment)
        for reason, line, row, moment in found
    ]


def _plain(value: Any) -> Any:
    """A cell as JSON can hold it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
