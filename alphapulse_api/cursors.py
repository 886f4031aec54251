"""Where a page goes on, as text that is put into the next question."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any, Final

import orjson

from alphapulse.readings.reading import Reading, RefusedError

LONGEST: Final = 2_000
"""Characters of a cursor at most (ours): the longest order has ten columns."""
_WRONG: Final = "this cursor is not one that an answer to this question gave: ask without it to begin anew"


@dataclass(frozen=True, slots=True)
class Place:
    """After which row a page goes on, and the start that the first page had."""

    after: tuple[Any, ...]
    start: datetime | None


def write_cursor(question: str, after: Sequence[Any], start: datetime | None) -> str:
    """The place after a row of the answer to a question."""
    values = [question, start, *after]
    return urlsafe_b64encode(orjson.dumps(values, option=orjson.OPT_UTC_Z)).decode().rstrip("=")


def read_cursor(text: str, question: str, reading: Reading) -> Place:
    """The place that a cursor of an answer to this question names. Raises: RefusedError."""
    try:
        values = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4))) if len(text) <= LONGEST else 0
    except ValueError:
        values = None
    if not isinstance(values, list) or len(values) != len(reading.order) + 2 or values[0] != question:
        raise RefusedError("cursor", _WRONG)
    start = values[1]
    try:
        moment = None if start is None else datetime.fromisoformat(start)
        after = tuple(map(_value, values[2:], reading.order, [reading] * len(reading.order)))
    except (TypeError, ValueError):
        raise RefusedError("cursor", _WRONG) from None
    return Place(after, moment)


def _value(value: Any, column: str, reading: Reading) -> Any:
    if not isinstance(value, (str, int, float)) or (isinstance(value, str) and "\0" in value):
        raise ValueError(column)
    if column == reading.time and not reading.by_day:
        moment = datetime.fromisoformat(value)  # type: ignore[arg-type]
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if column == reading.time:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    return value


def question_of(reading: Reading, given: Mapping[str, str]) -> str:
    """What pages of one question have in common: all but how many rows, which fields, in which shape."""
    without = {"cursor", "limit", "fields", "shape", "unit"}
    asked = sorted((name, text) for name, text in given.items() if name not in without)
    return blake2b(orjson.dumps([reading.name, asked]), digest_size=6).hexdigest()
