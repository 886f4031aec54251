"""From the words of a query string to checked parameters of a reading."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from alphapulse.readings.asking import Asked
from alphapulse.readings.filters import Filter
from alphapulse.readings.reading import MOST_ROWS, Reading, RefusedError
from alphapulse_api.cursors import question_of, read_cursor
from alphapulse_resources.names import did_you_mean, printable

COMMON: Final = ("start", "end", "as_of", "order", "limit", "cursor", "fields", "shape", "unit")
SHAPES: Final = ("columns", "rows")
UNITS: Final = ("iso", "ms")
MOST_VALUES: Final = 200
"""Values of one parameter at most (ours)."""
LONGEST_TEXT: Final = 200
_MOST_DIGITS: Final = 19
_INTEGERS: Final = 2**63


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question, and how its answer is to look."""

    asked: Asked
    question: str
    rows: bool
    milliseconds: bool


def single(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters by name; one that is given twice is its values with commas. Raises: RefusedError."""
    found: dict[str, str] = {}
    for name, text in pairs:
        if "\0" in text or "\0" in name:
            raise RefusedError(printable(name)[:50], "a parameter has the character 0 in it")
        if name in found and name in COMMON and name != "fields":
            raise RefusedError(name, f"{name} is given twice")
        found[name] = f"{found[name]},{text}" if name in found else text
    return found


def wanted_of(reading: Reading, given: Mapping[str, str]) -> Wanted:
    """What is wanted of a reading. Raises: RefusedError, naming the parameter."""
    filters = {name: text for name, text in given.items() if name not in COMMON}
    checked = {name: _value(_rule(reading, name), text) for name, text in filters.items()}
    for rule in reading.filters:
        if rule.default is not None:
            checked.setdefault(rule.name, _value(rule, rule.default))
    question = question_of(reading, given)
    cursor = given.get("cursor")
    place = read_cursor(cursor, question, reading) if cursor else None
    start = _time("start", given.get("start"))
    order = _choice("order", given["order"], ("desc", "asc")) if "order" in given else None
    if order == "desc" and not reading.newest_first:
        raise RefusedError("order", f"{reading.name} has no newest: it is ordered by {reading.order[0]}")
    asked = Asked(
        filters=checked,
        start=start if start is not None or place is None else place.start,
        end=_time("end", given.get("end")),
        as_of=_time("as_of", given.get("as_of")),
        fields=_fields(given.get("fields")),
        limit=_limit(given.get("limit")),
        after=None if place is None else place.after,
        oldest_first=order == "asc",
    )
    return Wanted(
        asked,
        question,
        _choice("shape", given.get("shape", "columns"), SHAPES) == "rows",
        _choice("unit", given.get("unit", "iso"), UNITS) == "ms",
    )


def _rule(reading: Reading, name: str) -> Filter:
    rule = reading.filter_named(name)
    if rule is None:
        known = [*(each.name for each in reading.filters), *COMMON]
        shown = printable(name)[:50]
        hint = did_you_mean(shown, known) or f"; there are {', '.join(known)}"
        raise RefusedError(shown, f"{reading.name} has no parameter {shown!r}{hint}")
    return rule


def _value(rule: Filter, text: str) -> Any:
    match rule.kind:
        case "texts":
            return _texts(rule, text)
        case "integer":
            return _integer(rule.name, text)
        case "number":
            return _number(rule.name, text)
        case "time":
            return _time(rule.name, text)
        case "boolean":
            return _choice(rule.name, text, ("true", "false")) == "true"
        case _:
            return _choice(rule.name, text, rule.choices) if rule.choices else _text(rule.name, text)


def _texts(rule: Filter, text: str) -> list[str]:
    values = list(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))
    if not values:
        raise RefusedError(rule.name, f"{rule.name} is empty: leave it out, or name one")
    if len(values) > MOST_VALUES:
        raise RefusedError(rule.name, f"{rule.name} has {len(values)} values; {MOST_VALUES} are the most")
    return [
        _choice(rule.name, each, rule.choices) if rule.choices else _text(rule.name, each) for each in values
    ]


def _text(name: str, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise RefusedError(name, f"{name} has {len(text)} characters; {LONGEST_TEXT} are the most")
    return text


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text in choices:
        return text
    shown = printable(text)[:50]
    raise RefusedError(name, f"{name} is one of {', '.join(choices)}, not {shown!r}")


def _integer(name: str, text: str) -> int:
    if len(text.lstrip("-+")) <= _MOST_DIGITS and text.lstrip("-+").isdecimal() and text.isascii():
        try:
            number = int(text)
        except ValueError:
            number = _INTEGERS
        if -_INTEGERS <= number < _INTEGERS:
            return number
    raise RefusedError(name, f"{name} is a whole number, not {printable(text)[:50]!r}")


def _number(name: str, text: str) -> float:
    try:
        number = float(text) if len(text) <= LONGEST_TEXT else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RefusedError(name, f"{name} is a finite number, not {printable(text)[:50]!r}")
    return number


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    limit = _integer("limit", text)
    if not 1 <= limit <= MOST_ROWS:
        raise RefusedError("limit", f"limit is from 1 to {MOST_ROWS}, not {limit}: the next page has more")
    return limit


def _fields(text: str | None) -> list[str] | None:
    if text is None:
        return None
    names = [each.strip() for each in text.split(",") if each.strip()]
    if not names:
        raise RefusedError("fields", "fields is empty: leave it out for all, or name some")
    return names


def _time(name: str, text: str | None) -> datetime | None:
    """A moment by RFC 3339, a date, or milliseconds since 1970; without a zone it is UTC."""
    if text is None:
        return None
    try:
        if text.isascii() and text.isdecimal() and len(text) >= 8 + 4:
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        # a plus that a query string turned into a blank
        moment = datetime.fromisoformat(
            text.strip().replace(" ", "+") if text.count(" ") == 1 and "T" in text else text
        )
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        shown = printable(text)[:50]
        raise RefusedError(name, f"{name} is a time such as 2026-11-01T00:00:00Z, not {shown!r}") from None
