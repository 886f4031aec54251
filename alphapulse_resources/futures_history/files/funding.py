"""From one table of a file to settlements of funding, rejects, and what was taken for granted."""

import math
from collections.abc import Mapping
from typing import Final

import polars as pl

from alphapulse_resources.candle_files.model import CandleFileError, RawTable
from alphapulse_resources.candle_files.numbers import MISSING, Numbers, read_numbers, uses_decimal_comma
from alphapulse_resources.candle_files.rejected import Rejects, reject_rows, where
from alphapulse_resources.futures_history.files.clock import read_clock
from alphapulse_resources.futures_history.files.columns import says_percent
from alphapulse_resources.futures_history.files.options import FUNDING, FileOptions, unreadable
from alphapulse_resources.futures_history.rows import FUNDING_SCHEMA
from alphapulse_resources.futures_history.settlements import to_minutes

PERCENT_FROM: Final = 1e-3
"""A median rate of eight hours from which a file may well be in percent: 0.0001 is usual as a fraction, 0.01
in percent, and this lies in the middle (ours)."""
OWN_NAMES: Final = frozenset({"fundingRate", "realizedRate"})
"""Venues' own words: their answers have fractions."""
LARGEST: Final = 0.2
"""No venue pays a fifth of the position at once: caps are at 4 % and below (ours)."""
SHORTEST_MINUTES: Final = 60
"""Nobody settles more often than that: rows closer together are rates that were expected (ours)."""
_FREQTRADE_ZEROS: Final = ("high", "low", "close")
_HOURS_IN_DATE: Final = (
    r"^2000-01-01T(\d{2}):00:00"  # BitMEX writes an interval as the time after the year 2000
)


def freqtrade_rate(table: RawTable) -> str:
    """The column of the rate in freqtrade's files, where candles hold nothing but it: `open`.

    Raises CandleFileError where the other prices are there: which one is the rate nobody says.
    """
    others = table.frame.select(pl.col(_FREQTRADE_ZEROS).cast(pl.Float64, strict=False).fill_null(0.0))
    if bool(others.select(pl.any_horizontal(pl.all() != 0.0).any()).item()):
        raise unreadable(
            FUNDING,
            table.name,
            table.frame.columns,
            "has open, high, low and close of a rate: which of them was settled it does not say; name it: "
            "--column rate=close",
        )
    return "open"


def read_funding(
    table: RawTable, columns: Mapping[str, str], kind: str, options: FileOptions, notes: list[str]
) -> tuple[pl.DataFrame, Rejects, str | None]:
    """Settlements of one instrument in the file's order, what is none, and the unit of its times."""
    times = read_clock(table, columns["time"], kind, options, notes)
    numbers = [table.frame[columns[part]] for part in ("rate", "mark") if part in columns]
    comma = uses_decimal_comma(numbers, table.separator)
    rate, in_percent = _rates(table.frame[columns["rate"]], comma)
    mark = read_numbers(table.frame[columns["mark"]], decimal_comma=comma) if "mark" in columns else None
    hours = _hours(table.frame[columns["interval"]]) if "interval" in columns else None
    ts = to_minutes(times.ts)
    checks = where(times.ts.is_null(), "time not understood, or no single moment in that zone")
    checks = _first(checks, rate.unreadable, "rate is not a number")
    checks = _first(checks, rate.values.is_null(), "rate is missing")
    if mark is not None:
        checks = _first(checks, mark.unreadable, "mark price is not a number")
    frame = pl.DataFrame(
        {
            "ts": ts,
            "settled_at_original": times.ts,
            "rate": rate.values,
            "interval_hours": hours
            if hours is not None
            else pl.Series([None], dtype=pl.Float64).new_from_index(0, ts.len()),
            "mark_price": mark.values
            if mark is not None
            else pl.Series([None], dtype=pl.Float64).new_from_index(0, ts.len()),
        }
    )
    rejects = reject_rows(table.frame, table.lines, ts, checks)
    good = frame.filter(checks.is_null()).cast(FUNDING_SCHEMA)
    _check_spacing(table, good["ts"])
    percent = in_percent or says_percent(columns["rate"])
    good = good.with_columns(rate=good["rate"] / _scale(table, good, kind, percent, options, notes))
    return good, rejects, times.unit


def _rates(column: pl.Series, comma: bool) -> tuple[Numbers, bool]:
    """The numbers of a column, and whether its cells say that they are percent: 0.01%."""
    if column.dtype != pl.String:
        return read_numbers(column), False
    signed = column.str.contains("%", literal=True).fill_null(False)
    if not signed.any():
        return read_numbers(column, decimal_comma=comma), False
    empty = column.str.strip_chars().str.to_lowercase().is_in(list(MISSING)).fill_null(True)
    numbers = read_numbers(column.str.replace("%", "", literal=True), decimal_comma=comma)
    mixed = ~signed & ~empty
    return Numbers(numbers.values.set(mixed, None), numbers.unreadable | mixed), True


def _scale(
    table: RawTable, rows: pl.DataFrame, kind: str, percent: bool, options: FileOptions, notes: list[str]
) -> float:
    """What rates are to be divided by. Raises CandleFileError where they may be percent."""
    if options.unit is not None:
        return 100.0 if options.unit == "percent" else 1.0
    if kind == "binance-funding" or (table.container == "json" and OWN_NAMES & set(table.frame.columns)):
        return 1.0
    if percent:
        notes.append("rates are percent: the file says so; stored are fractions")
        return 100.0
    sizes = rows["rate"].abs()
    sizes = sizes.filter(sizes > 0)
    if sizes.is_empty():
        return 1.0
    usual, largest = float(sizes.median()), float(sizes.max())  # type: ignore[arg-type]
    of_eight_hours = usual * 8 / _usual_hours(rows["ts"])
    many = (sizes > LARGEST / 4).sum() > max(1, 0.01 * sizes.len())
    if of_eight_hours < PERCENT_FROM and not many:
        return 1.0
    raise CandleFileError(
        f"{table.name}: its rates may be fractions or percent: their median size is {usual:.6g}, the largest "
        f"{largest:.6g}. A usual rate of eight hours is 0.0001 as a fraction and 0.01 in percent. Say which: "
        "--unit fraction or --unit percent"
    )


def _usual_hours(ts: pl.Series) -> float:
    apart = ts.unique().sort().diff().drop_nulls().dt.total_minutes()
    return max(float(apart.median()) / 60, 1.0) if apart.len() else 8.0  # type: ignore[arg-type]


def _check_spacing(table: RawTable, ts: pl.Series) -> None:
    """Refuse rows that come too often to be settlements."""
    apart = ts.drop_nulls().unique().sort().diff().drop_nulls().dt.total_minutes()
    usual = float(apart.median()) if apart.len() > 1 else math.inf  # type: ignore[arg-type]
    if usual >= SHORTEST_MINUTES:
        return
    raise unreadable(
        FUNDING,
        table.name,
        table.frame.columns,
        f"its rows are {usual:g} minutes apart: rates that were expected and changed until "
        "they were settled, not settlements; keep the last row before each settlement",
    )


def _hours(column: pl.Series) -> pl.Series:
    """Intervals in hours, written as 8, 8h, 480 (minutes), 28800 (seconds), 28800000 or BitMEX's date."""
    text = column.cast(pl.String).str.strip_chars().str.to_lowercase()
    dated = text.str.extract(_HOURS_IN_DATE.lower().replace("t(", "t(")).cast(pl.Float64, strict=False)
    plain = text.str.strip_suffix("hours").str.strip_suffix("h").str.strip_chars()
    number = dated.zip_with(dated.is_not_null(), plain.cast(pl.Float64, strict=False))
    frame = pl.DataFrame({"n": number})
    return frame.select(
        pl.when(pl.col("n") <= 0)
        .then(None)
        .when(pl.col("n") <= 24)
        .then(pl.col("n"))
        .when(pl.col("n") <= 24 * 60)
        .then(pl.col("n") / 60)
        .when(pl.col("n") <= 24 * 3600)
        .then(pl.col("n") / 3600)
        .otherwise(pl.col("n") / 3_600_000)
    ).to_series()


def _first(checks: pl.Series, wrong: pl.Series, reason: str) -> pl.Series:
    return checks.set(wrong & checks.is_null(), reason) if wrong.any() else checks
