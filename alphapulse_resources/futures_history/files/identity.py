"""Whose rows a table holds: of the symbol asked for, or of several, each by the file's name for it."""

import re
from datetime import date
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.columns import plain
from alphapulse_resources.candle_files.identity import counted, listed
from alphapulse_resources.candle_files.model import OtherInstrumentError, RawTable
from alphapulse_resources.candle_files.naming import Name, read_name
from alphapulse_resources.candle_files.spellings import NO, best_score, names_coin_of, read_asked
from alphapulse_resources.candle_files.words import is_venue, read_venue
from alphapulse_resources.futures_history.files.columns import VENUE_NAMES
from alphapulse_resources.futures_history.files.options import FileOptions

ANY_SYMBOL: Final = "\nif the file is nevertheless what you ask for, say --any-symbol"
_DAY: Final = re.compile(r"-(?:metrics|fundingRate)-(\d{4})-(\d{2})(?:-(\d{2}))?\b")


def check_name(path: str, options: FileOptions) -> None:
    """Refuse a file whose name says another symbol or venue than asked. Raises OtherInstrumentError."""
    if options.any_symbol:
        return
    name, leaf = read_name(path), path.rsplit("/", 1)[-1]
    if options.symbol is not None and (said := _other_symbol(name, options.symbol)):
        raise OtherInstrumentError(f"{leaf}: its name says {said}, not {options.symbol}{ANY_SYMBOL}")
    if said := name.other_venue(options.venue):
        raise OtherInstrumentError(f"{leaf}: its name says {said}, not {options.venue}{ANY_SYMBOL}")


def _other_symbol(name: Name, symbol: str) -> str | None:
    """The symbol of a name where it is another one; of two readings one that fits is enough."""
    asked = read_asked(symbol)
    if name.symbols:
        fits = any(best_score(each, asked) != NO for each in name.symbols)
        return None if fits else ", ".join(name.symbols)
    return name.contradicts(asked)


def symbol_in(path: str) -> str | None:
    """The symbol that the name of a file says, in its spelling."""
    symbols = read_name(path).symbols
    return symbols[0] if len(symbols) == 1 else None


def day_in(name: str) -> date | None:
    """The day of a day's archive, by its name: BTCUSDT-metrics-2026-06-24.zip."""
    found = _DAY.search(name)
    return date(int(found[1]), int(found[2]), int(found[3])) if found and found[3] else None


def split_by_symbol(
    table: RawTable, column: str | None, options: FileOptions, notes: list[str]
) -> tuple[dict[str | None, RawTable], int]:
    """The tables of each symbol by the name the file has for it, and how many rows are of others.

    With a symbol asked for there is one table, under None. Raises OtherInstrumentError where there is none.
    """
    table, left = _of_venue(table, options, notes)
    if column is None or options.any_symbol:
        return {None: table}, left
    cells = table.frame[column].cast(pl.String).str.strip_chars().fill_null("")
    values = [value for value in cells.unique(maintain_order=True).to_list() if value]
    if options.symbol is None:
        return {value: table.only(cells == value) for value in values}, left
    wanted = [value for value in values if _is_meant(value, options.symbol)]
    if values and not wanted:
        raise OtherInstrumentError(
            f"{table.name}: holds no {options.symbol}, only {listed(values)}: so says its column "
            f"{column!r}{ANY_SYMBOL}"
        )
    others = cells.is_in([value for value in values if value not in wanted])
    if skipped := int(others.sum()):
        notes.append(f"{counted(skipped, 'row')} of other symbols left out")
    return {None: table.only(~others)}, left + skipped


def _is_meant(spelled: str, symbol: str) -> bool:
    asked = read_asked(symbol)
    return best_score(spelled, asked) != NO or names_coin_of(spelled, asked)


def _of_venue(table: RawTable, options: FileOptions, notes: list[str]) -> tuple[RawTable, int]:
    """The rows that are not said to be of another venue."""
    name = next((name for name in table.frame.columns if plain(name) in VENUE_NAMES), None)
    if name is None or options.any_symbol or not is_venue(options.venue):
        return table, 0
    cells = table.frame[name].cast(pl.String).str.strip_chars().fill_null("")
    values = [value for value in cells.unique(maintain_order=True).to_list() if value and is_venue(value)]
    others = [value for value in values if read_venue(value)[0] != read_venue(options.venue)[0]]
    if others and len(others) == len(values):
        raise OtherInstrumentError(
            f"{table.name}: is of {listed(others)}, not of {options.venue}: so says its column {name!r}"
            f"{ANY_SYMBOL}"
        )
    left = cells.is_in(others)
    if skipped := int(left.sum()):
        notes.append(f"{counted(skipped, 'row')} of other venues left out: {listed(others)}")
    return table.only(~left), int(left.sum())
