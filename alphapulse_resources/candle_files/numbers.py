"""Reading columns of numbers as people write them: 8051.5, 8,051.50, 8.051,50, $8051, NaN, N/A."""

from dataclasses import dataclass
from typing import Final

import polars as pl

MISSING: Final = ("", "nan", "null", "none", "na", "n/a", "#n/a", "-", "--", "\\n")
"""Texts that say "no value", in small letters."""

_EXPONENT: Final = r"(e[-+]?\d+)?$"
_THOUSANDS: Final = r"^-?\d{1,3}(,\d{3})+(\.\d+)?$"
_COMMA: Final = r"(?i)^-?(\d*|\d{1,3}(\.\d{3})+),\d+" + _EXPONENT
_GROUPING_POINTS: Final = r"^-?[1-9]\d{0,2}(\.\d{3})+$"
_CERTAIN_COMMA: Final = (
    r"(?i)^-?(\d*,(\d{1,2}|\d{4,})|0*,\d+|\d{4,},\d+|\d{1,3}(\.\d{3})+,\d+|\d+,\d+e[-+]?\d+)$"
)
_CERTAIN_POINT: Final = r"(?i)^-?(\d*\.(\d{1,2}|\d{4,})|0*\.\d+|\d{4,}\.\d+|\d*\.\d+e[-+]?\d+)$"


_SCALED: Final = r"(?i)^\s*[$€]?\s*(?P<number>\d[\d.,]*)\s*(?P<unit>K|M|B|BN|MN|T)\s*$"
_SCALES: Final = {"K": 3, "M": 6, "MN": 6, "B": 9, "BN": 9, "T": 12}
"""The power of ten that a letter after a size stands for."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers as it was read."""

    values: pl.Series  # Float64; null where there is no value or it could not be read
    unreadable: pl.Series  # Boolean: there is a value, but it is no finite number


def read_numbers(column: pl.Series, *, decimal_comma: bool = False, scaled: bool = False) -> Numbers:
    """The numbers in `column`, of whatever type it is; `scaled` ones may be written 12.3K, 1.2M, 3,4B.

    A price so written would have lost its digits, so only sizes are read that way.
    """
    if column.dtype == pl.String and scaled:
        column = _unscaled(column)
    if column.dtype == pl.String:
        numbers, unreadable = _from_text(column, decimal_comma)
    else:
        numbers = column.cast(pl.Float64, strict=False)
        unreadable = numbers.is_null() & column.is_not_null()
    endless = numbers.is_infinite().fill_null(False)
    if endless.any():
        unreadable = unreadable | endless
        numbers = numbers.set(endless, None)
    return Numbers(numbers.fill_nan(None), unreadable)


def uses_decimal_comma(columns: list[pl.Series], separator: str) -> bool:
    """Whether a table writes 8051,5 for eight thousand and a half.

    True when a value can be read in no other way, or when commas stand in a semicolon file, and no value
    needs a decimal point.
    """
    written = [column for column in columns if column.dtype == pl.String]
    odd = [_odd(column) for column in written]
    proof = _COMMA if separator == ";" else _CERTAIN_COMMA
    if not any(values.str.contains(proof).any() for values in odd):
        return False
    return not any(column.str.strip_chars().str.contains(_CERTAIN_POINT).any() for column in written)


def _unscaled(column: pl.Series) -> pl.Series:
    """12.3K as 12300 and so on; the others as they are."""
    parts = column.str.extract_groups(_SCALED).struct.unnest()
    scaled = parts["unit"].is_not_null()
    if not scaled.any():
        return column
    number = parts["number"]
    comma = number.str.contains(r"^\d*,(\d{1,2}|\d{4,})$|^\d{1,3}(\.\d{3})+,\d+$")
    local = number.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    plain = local.zip_with(comma.fill_null(False), number.str.replace_all(",", "", literal=True))
    scale = parts["unit"].str.to_uppercase().replace_strict(_SCALES, return_dtype=pl.Float64, default=None)
    # a multiplication would leave 12300.000000000002: the digits are moved instead
    exponent = scale.cast(pl.Int64).cast(pl.String)
    return (plain + "e" + exponent).zip_with(scaled, column)


def _odd(column: pl.Series) -> pl.Series:
    return column.filter(
        column.cast(pl.Float64, strict=False).is_null() & column.is_not_null()
    ).str.strip_chars()


def _from_text(column: pl.Series, decimal_comma: bool) -> tuple[pl.Series, pl.Series]:
    """The numbers, and where there is text that is none."""
    numbers = column.cast(pl.Float64, strict=False)
    odd = numbers.is_null() & column.is_not_null()
    if decimal_comma:
        # the comma is the decimal mark, so a point can only group: 1.234 is one thousand and more
        odd = odd | column.str.strip_chars().str.contains(_GROUPING_POINTS).fill_null(False)
    if not odd.any():
        return numbers, odd
    text = column.filter(odd).str.strip_chars(" \t\"'$€").str.replace_all("\u00a0", "")
    if decimal_comma:
        local = text.str.contains(_COMMA) | text.str.contains(_GROUPING_POINTS)
        plain = text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    else:
        local = text.str.contains(_THOUSANDS)
        plain = text.str.replace_all(",", "", literal=True)
    read = plain.zip_with(local, text).cast(pl.Float64, strict=False)
    missing = text.str.to_lowercase().is_in(list(MISSING))
    where = odd.arg_true()
    return numbers.scatter(where, read), odd.scatter(where, read.is_null() & ~missing)
