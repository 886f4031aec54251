"""From one table of a file to open interest, rejects, and what was taken for granted."""

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from alphapulse_resources.candle_files.model import RawTable
from alphapulse_resources.candle_files.numbers import Numbers, read_numbers, uses_decimal_comma
from alphapulse_resources.candle_files.rejected import Rejects, reject_rows, where
from alphapulse_resources.futures_history.files.clock import read_clock
from alphapulse_resources.futures_history.files.options import FileOptions
from alphapulse_resources.futures_history.labels import SEAM, times_in_file
from alphapulse_resources.futures_history.rows import FIVE_MINUTES, OPEN_INTEREST_SCHEMA

SIZES = ("contracts", "base", "quote")
_NAMES = {"contracts": "contracts", "base": "base_amount", "quote": "quote_value"}


def read_open_interest(
    table: RawTable, columns: Mapping[str, str], kind: str, options: FileOptions, notes: list[str]
) -> tuple[pl.DataFrame, Rejects, str | None]:
    """Open interest of one instrument in the file's order, what is none, and the unit of its times."""
    times = read_clock(table, columns["time"], kind, options, notes)
    told = {part: table.frame[columns[part]] for part in SIZES if part in columns}
    comma = uses_decimal_comma(list(told.values()), table.separator)
    parts = {part: read_numbers(each, decimal_comma=comma, scaled=True) for part, each in told.items()}
    checks = where(times.ts.is_null(), "time not understood, or no single moment in that zone")
    for part, numbers in parts.items():
        checks = _first(checks, numbers.unreadable, f"{_NAMES[part]} is not a number")
    nothing = pl.DataFrame({part: numbers.values.is_null() for part, numbers in parts.items()})
    empty = nothing.select(pl.all_horizontal(pl.all())).to_series()
    checks = _first(checks, empty, "open interest is missing")
    ts = times.ts
    if kind == "binance-metrics":
        ts = _moments(ts, options, notes)
    frame = _frame(ts, parts)
    rejects = reject_rows(table.frame, table.lines, ts, checks)
    return frame.filter(checks.is_null()).cast(OPEN_INTEREST_SCHEMA), rejects, times.unit


def _moments(labels: pl.Series, options: FileOptions, notes: list[str]) -> pl.Series:
    """The moments that labels of Binance's metrics mean; labels of another spacing are no archive's."""
    apart = labels.drop_nulls().unique().sort().diff().drop_nulls()
    if apart.len() and apart.min() > FIVE_MINUTES:  # type: ignore[operator]
        notes.append(
            f"rows are not 5 minutes apart but {_minutes(apart)} at least: labels are taken as they are"
        )
        return labels
    moments = times_in_file(labels, options.day, options.venue)
    shifted = int((moments != labels).sum())
    if shifted:
        since = f" from {SEAM:%Y-%m-%d} on" if shifted < labels.len() else ""
        notes.append(f"labels{since} are starts of 5 minutes: open interest is that of their ends")
    return moments


def _minutes(apart: pl.Series) -> str:
    shortest = apart.min()
    return f"{shortest / timedelta(minutes=1):g} minutes"  # type: ignore[operator]


def _frame(ts: pl.Series, parts: Mapping[str, Numbers]) -> pl.DataFrame:
    nothing = pl.Series([None], dtype=pl.Float64).new_from_index(0, ts.len())
    columns = {name: parts[part].values if part in parts else nothing for part, name in _NAMES.items()}
    return pl.DataFrame({"ts": ts, **columns})


def _first(checks: pl.Series, wrong: pl.Series, reason: str) -> pl.Series:
    return checks.set(wrong & checks.is_null(), reason) if wrong.any() else checks
