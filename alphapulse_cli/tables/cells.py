"""What a value looks like in a table: six significant digits, short times, documents by their size. Pure.

A column is worded as a whole: its numbers share their decimals, its times show seconds where one has some.
"""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from rich.text import Text

from alphapulse_cli.values import duration, to_json, to_text
from alphapulse_resources.names import printable

DIGITS: Final = 6
"""Significant digits of a number in a table (ours): JSON and CSV have all."""
SHORT_DOCUMENT: Final = 24
"""Longest list or document that is shown itself and not by its size, in characters (ours)."""
LARGEST: Final = 1e15
"""From here on, and below `SMALLEST`, a number is shown with an exponent (ours)."""
SMALLEST: Final = 1e-9
ALIKE: Final = 1000.0
"""Numbers of a column that differ by less than this factor share their decimals (ours)."""


def is_number(value: Any) -> bool:
    """Whether a value is a number, and so stands at the right."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def has_time(values: Sequence[Any]) -> bool:
    """Whether a column has moments."""
    return any(isinstance(value, datetime) for value in values)


def words(values: Sequence[Any], now: datetime, *, finely: bool = False) -> list[Text]:
    """A column as a table shows it, times `finely` to the millisecond; a Text stays as it is."""
    decimals = _decimals([value for value in values if isinstance(value, float | Decimal)])
    moments = _moment_form([value for value in values if isinstance(value, datetime)], now, finely)
    return [
        value if isinstance(value, Text) else Text(one_line(_word(value, decimals, moments)))
        for value in values
    ]


def full(value: Any) -> Text:
    """A value as a file or pipe gets it: nothing is left out."""
    return value if isinstance(value, Text) else Text(one_line(to_text(value)))


def one_line(text: str) -> str:
    """The text in one line, without anything that a terminal would obey."""
    return printable(text).replace("\n", " ").replace("\t", " ")


def number(value: float | Decimal, decimals: int | None = None) -> str:
    """A number with six significant digits, or with so many decimals; no exponent where one can do without.

    >>> number(299.75048000000004), number(22261.8), number(0.00001234567), number(1234567.8)
    ('299.75', '22261.8', '0.0000123457', '1234568')
    """
    size = abs(float(value))
    if not math.isfinite(size):
        return to_text(value)
    if size and not SMALLEST <= size < LARGEST:
        return f"{value:.{DIGITS - 1}e}"
    if decimals is not None:
        return f"{value:.{decimals}f}"
    return _trimmed(f"{value:.{_places(size)}f}")


def _word(value: Any, decimals: int | None, moments: str) -> str:
    match value:
        case float() | Decimal():
            return number(value, decimals)
        case datetime():
            return _moment(value, moments)
        case timedelta():
            return duration(value.total_seconds())
        case Mapping():
            return _document(value, f"{{{_count(len(value), 'key')}}}")
        case list() | tuple():
            return _list(value)
        case _:
            return to_text(value)


def _places(size: float) -> int:
    """Decimals that six significant digits of a number have."""
    return max(DIGITS - 1 - math.floor(math.log10(size)), 0) if size else 0


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimals(values: Sequence[float | Decimal]) -> int | None:
    """Decimals that all numbers of a column have, so that their points stand below each other; or None."""
    sizes = [abs(float(value)) for value in values if math.isfinite(value) and value]
    if not sizes or max(sizes) >= ALIKE * min(sizes) or not SMALLEST <= min(sizes) <= max(sizes) < LARGEST:
        return None
    texts = [_trimmed(f"{size:.{_places(size)}f}") for size in sizes]
    needed = max(len(text.partition(".")[2]) for text in texts)
    return min(needed, _places(max(sizes)) + 1)


def finely(columns: Sequence[Sequence[Any]]) -> bool:
    """Whether two moments of a row differ by less than the second that is shown of them."""
    return any(
        first != second and first.replace(microsecond=0) == second.replace(microsecond=0)
        for row in zip(*columns, strict=True)
        for first, second in pairwise(value for value in row if isinstance(value, datetime))
    )


def _moment_form(moments: Sequence[datetime], now: datetime, finely: bool) -> str:
    """How exactly moments are shown, with the year where that is not this one."""
    if not moments:
        return ""
    known = [_utc(moment) for moment in moments]
    day = "%m-%d" if all(moment.year == now.year for moment in known) else "%Y-%m-%d"
    if not any(moment.second or moment.microsecond for moment in known):
        return f"{day} %H:%M"
    return f"{day} %H:%M:%S.%f" if finely else f"{day} %H:%M:%S"


def _moment(value: datetime, form: str) -> str:
    text = _utc(value).strftime(form)
    return text[:-3] if form.endswith("%f") else text


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _document(value: Any, size: str) -> str:
    text = json.dumps(to_json(value), ensure_ascii=False)
    return text if len(text) <= SHORT_DOCUMENT else size


def _list(value: Sequence[Any]) -> str:
    plain = all(isinstance(item, str | int | float | bool | Decimal) for item in value)
    text = ", ".join(number(each) if isinstance(each, float | Decimal) else to_text(each) for each in value)
    return text if value and plain and len(text) <= SHORT_DOCUMENT else f"[{len(value)}]"


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
