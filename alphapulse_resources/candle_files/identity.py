"""Which rows of a table are the instrument that is asked for: the one place that decides it.

A table may say it in columns (symbol, settlement, expiry, timeframe, venue, kind of market), in the tickers
above its columns, in lines above its header, or in the words around its rows (JSON). Rows that are said to be
something else are left out and counted; when nothing is left, the import stops and says what was read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.columns import find_columns
from alphapulse_resources.candle_files.headers import distinct
from alphapulse_resources.candle_files.judges import Judge, judge_of, role_of, told_role
from alphapulse_resources.candle_files.model import OtherInstrumentError, RawTable, unreadable
from alphapulse_resources.candle_files.naming import read_line
from alphapulse_resources.candle_files.options import Options
from alphapulse_resources.candle_files.rejected import reject_rows, where
from alphapulse_resources.candle_files.spellings import (
    NO,
    best_score,
    names_coin_of,
    read_asked,
    read_spelling,
)
from alphapulse_resources.frames import TIMEFRAMES

SHOWN: Final = 20
ROLES: Final = ("timeframe", "channel", "symbol", "base", "quote", "market", "settlement", "expiry", "venue")
"""What a column can say of a row, in the order in which the columns are asked."""
_PLURAL: Final = {
    "channel": "channels", "symbol": "symbols", "base": "coins",
    "quote": "quote currencies", "market": "markets",
    "settlement": "settlements", "expiry": "expiries", "timeframe": "timeframes", "venue": "venues",
}  # fmt: skip
_OPTION: Final = {"timeframe": "--timeframe", "venue": "--venue"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rows that are the instrument's."""

    table: RawTable
    pair: str | None  # how the table spells the symbol
    left_out: int  # rows of other instruments, timeframes and venues
    used: tuple[str, ...]  # columns that said something
    whole: RawTable  # with the rows of other instruments of the same timeframe
    timeframe_told: bool = False  # a column tells the timeframe of the rows


def choose_rows(table: RawTable, options: Options, notes: list[str]) -> Chosen:
    """The rows of the instrument asked for. Raises OtherInstrumentError when the table has none."""
    table, ticker = _of_ticker(table, options, notes)
    _check_surroundings(table, options)
    chosen = Chosen(table, ticker, 0, (), table)
    columns = {role: _columns_of(table, role, options) for role in ROLES}
    for role in ROLES:
        if options.any_symbol and role not in ("symbol", "timeframe"):
            continue
        for name in columns[role]:
            chosen = _filter(chosen, name, role, options, notes, bool(columns["quote"]))
        if role == "timeframe":
            chosen = replace(chosen, whole=chosen.table, timeframe_told=bool(chosen.used))
    return chosen


def _columns_of(table: RawTable, role: str, options: Options) -> list[str]:
    if mapped := options.columns.get(role):
        return [mapped]
    taken = set(options.columns.values())
    names = [name for name in table.frame.columns if name not in taken]
    return [name for name in names if role in (role_of(name), _told_by(table.frame[name]))]


def _told_by(cells: pl.Series) -> str | None:
    """What the cells of a column say of the rows, whatever it is called."""
    if cells.dtype not in (pl.String, pl.Categorical, pl.Enum):
        return None
    told = cells.cast(pl.String).drop_nulls().str.strip_chars()
    first = told.head(1).to_list()
    if told_role([value for value in first if value]) is None:
        return None
    return told_role([value for value in told.unique() if value])


def _filter(
    chosen: Chosen, name: str, role: str, options: Options, notes: list[str], has_quote: bool
) -> Chosen:
    """The rows whose column `name` says nothing against what was asked."""
    table = chosen.table
    cells = table.frame[name].cast(pl.String, strict=False).str.strip_chars().fill_null("")
    values = cells.unique(maintain_order=True).to_list()
    judge = judge_of(role, name, [value for value in values if value], options)
    if judge is None:
        return chosen
    if isinstance(judge, str):
        raise unreadable(table.name, judge)
    wanted = _wanted(table, name, role, values, judge, options)
    if role == "symbol":
        _check_spellings(table, cells, [value for value in wanted if value], values, options)
    others = [value for value in values if value not in wanted and (value or judge.empty_speaks)]
    chosen = replace(chosen, used=(*chosen.used, name))
    if role == "symbol" and wanted and chosen.pair is None:
        chosen = replace(chosen, pair=next(iter(wanted)))
        if not has_quote and options.symbol and all(_only_coin(value, options) for value in wanted):
            notes.append(f"column {name!r} only names the coin {chosen.pair}: taken as {options.symbol}")
    if not others:
        return chosen
    nameless = (cells == "") & (not judge.empty_speaks)
    other = cells.is_in(others)
    skipped = int(other.sum())
    notes.append(f"{counted(skipped, 'row')} of other {_PLURAL[role]} left out: {listed(others)}")
    keep = ~other & ~nameless
    missing = reject_rows(table.frame, table.lines, None, where(nameless, f"{role} is missing"))
    table = table.only(keep, missing)
    return replace(chosen, table=table, left_out=chosen.left_out + skipped)


def _only_coin(value: str, options: Options) -> bool:
    asked = read_asked(options.symbol or "")
    return names_coin_of(value, asked) and best_score(value, asked) == NO


def _wanted(
    table: RawTable, name: str, role: str, values: Sequence[str], judge: Judge, options: Options
) -> list[str]:
    """The values that fit best. Raises OtherInstrumentError when the column only says something else."""
    told = [value for value in values if value or judge.empty_speaks]
    scores: Mapping[str, int | None] = {value: judge.score(value) for value in told}
    best = max((points for points in scores.values() if points is not None), default=None)
    if best is None:
        return told
    wanted = [value for value, points in scores.items() if points == (best or None)]
    if wanted:
        return wanted
    asked = {"timeframe": options.timeframe, "venue": options.venue}.get(role, options.symbol)
    found = listed([value or "none" for value in told])
    way = f"; ask for it with {_OPTION[role]}" if role in _OPTION else ""
    problem = f"holds no {asked}, only {found}: so says its column {name!r}{way}"
    raise OtherInstrumentError(_with_way_on(f"{table.name}: {problem}", role))


def _check_spellings(
    table: RawTable, cells: pl.Series, wanted: Sequence[str], values: Sequence[str], options: Options
) -> None:
    """Whether the spellings that fit can all mean one instrument."""
    if options.symbol is None or options.any_symbol:
        return
    asked = read_asked(options.symbol)
    others = [said for value in values if value and value not in wanted for said in read_spelling(value)]
    same_pair = [said for said in others if best_score(said.letters, replace(asked, kind=None, expiry=None))]
    unsaid = wanted and all(read_spelling(value)[0].kind is None and "/" not in value for value in wanted)
    dated = any(said.kind == "future" for said in same_pair)
    if asked.kind == "spot" and unsaid and dated and not any(said.kind == "perpetual" for said in same_pair):
        raise OtherInstrumentError(
            f"{table.name}: {listed(wanted)} stands beside dated futures ({listed(values)}), where it is the "
            f"perpetual, not {options.symbol}; ask for --symbol {asked.base}/{asked.quote}:{asked.quote}, or "
            "say --any-symbol for a file of nothing else"
        )
    if len({value.upper() for value in wanted}) < 2:
        return
    times = find_columns(table.frame.columns, options.columns).times
    if times and _overlap(table.frame[times[0]].cast(pl.String), cells, wanted):
        raise OtherInstrumentError(
            f"{table.name}: {listed(wanted)} can all mean {options.symbol}, and their times overlap: "
            "which of them it is cannot be told; split the file by symbol first"
        )


def _overlap(times: pl.Series, cells: pl.Series, wanted: Sequence[str]) -> bool:
    """Whether rows of different spellings have the same times."""
    frame = pl.DataFrame({"time": times, "spelled": cells.str.to_uppercase()}).filter(cells.is_in(wanted))
    return bool((frame.group_by("time").agg(pl.col("spelled").n_unique())["spelled"] > 1).any())


def _of_ticker(table: RawTable, options: Options, notes: list[str]) -> tuple[RawTable, str | None]:
    """The columns of the ticker asked for, where the file has a ticker above each column."""
    tickers = list(dict.fromkeys(ticker for ticker in table.tickers if ticker))
    if not tickers:
        return table, None
    wanted = tickers
    if options.symbol is not None and not options.any_symbol:
        asked = read_asked(options.symbol)
        wanted = [ticker for ticker in tickers if best_score(ticker, asked) or names_coin_of(ticker, asked)]
    if not wanted:
        problem = (
            f"{table.name}: holds no {options.symbol}, only {listed(tickers)}: so says its line of tickers"
        )
        raise OtherInstrumentError(_with_way_on(problem, "symbol"))
    if len(wanted) > 1:
        raise unreadable(table.name, f"holds several symbols, say which one: {listed(wanted)} (--symbol)")
    places = [place for place, ticker in enumerate(table.tickers) if ticker in (None, wanted[0])]
    if len(tickers) > 1:
        left = [ticker for ticker in tickers if ticker not in wanted]
        notes.append(f"columns of other tickers left out: {listed(left)}")
    frame = table.frame.select(table.frame.columns[place] for place in places)
    frame.columns = distinct([table.titles[place] for place in places])
    return replace(table, frame=frame, tickers=(), titles=()), wanted[0]


def _check_surroundings(table: RawTable, options: Options) -> None:
    """Whether the lines above the header or the words around the rows speak of something else."""
    if options.any_symbol:
        return
    step = TIMEFRAMES[options.timeframe]
    if options.symbol is not None:
        asked = read_asked(options.symbol)
        for line in table.banner:
            if said := read_line(line).contradicts(asked):
                problem = f"{table.name}: a line above the header says {said}, not {options.symbol}: {line!r}"
                raise OtherInstrumentError(_with_way_on(problem, "symbol"))
    for line in table.banner:
        if other := read_line(line).other_timeframe(step):
            _raise_timeframe(table, options, other, f"a line above the header ({line!r})")
    for key, value in table.said:
        role = role_of(key)
        judge = judge_of(role, key, [value], options) if role else None
        if isinstance(judge, Judge) and judge.score(value) == NO:
            asked_for = {"timeframe": options.timeframe, "venue": options.venue}.get(
                role or "", options.symbol
            )
            problem = f"{table.name}: its {key!r} says {value}, not {asked_for}"
            raise OtherInstrumentError(_with_way_on(problem, role or ""))


def _raise_timeframe(table: RawTable, options: Options, other: str, who: str) -> None:
    raise OtherInstrumentError(
        f"{table.name}: {who} says {other}, not {options.timeframe}; ask for --timeframe {other}"
    )


def _with_way_on(problem: str, role: str) -> str:
    if role == "timeframe":
        return problem
    return f"{problem}\nif the file is nevertheless what you ask for, say --any-symbol"


def counted(number: int, word: str) -> str:
    """A number of things: 1 row, 1,440 rows."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def listed(names: Sequence[str]) -> str:
    """Names for a message, not more than can be read."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
