"""From what was asked to SQL: fields, filters, time, what was known, and where a page goes on."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from alphapulse.readings.filters import MINUTES
from alphapulse.readings.reading import EVERY_ROW, MOST_ROWS, Reading, RefusedError, Statement

MOST_BRANCHES: Final = 100
"""So many instruments are each asked by their index; of more, all their rows are sorted (ours)."""
_SLOT: Final = re.compile(r"\{(\w+)\}")
_COMMENT: Final = re.compile(r"^\s*--.*$\n?", re.MULTILINE)

Argument = Callable[[Any], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Parameters, checked and in their types.

    instruments: identities of the symbols and venues that were asked for, where somebody looked them up; they
    stand for both filters then, and let the database go by its index.
    after: values of the order columns of the last row seen.
    """

    filters: Mapping[str, Any] = field(default_factory=dict)
    instruments: Sequence[int] | None = None
    start: datetime | None = None
    end: datetime | None = None
    as_of: datetime | None = None
    fields: Sequence[str] | None = None
    limit: int | None = None
    after: Sequence[Any] | None = None
    oldest_first: bool = False


def within_span(reading: Reading, asked: Asked, now: datetime) -> Asked:
    """The question with the start that it has where none was given: see `Reading.span`."""
    if reading.span is None or asked.start is not None or asked.instruments is not None:
        return asked
    if asked.filters.get("symbol"):
        return asked
    end = now if asked.end is None else asked.end
    if end <= datetime.min.replace(tzinfo=UTC) + reading.span:
        return asked
    return replace(asked, start=end - reading.span)


def statement_of(
    reading: Reading,
    asked: Asked,
    columns: Collection[str],
    text: str | None = None,
    *,
    paged: bool = True,
) -> Statement:
    """The SQL of a question.

    columns: names of the relation's columns, by which `fields` are checked, or their types by name; text:
    that of the reading's file of `sql/api` (`file_of`). paged: False where all rows are one answer, however
    many (up to EVERY_ROW), unless a limit is asked for. One row more than the limit is asked for, so that one
    sees whether there is a next page. Raises: RefusedError.
    """
    arguments: list[Any] = []

    def argument(value: Any) -> str:
        arguments.append(value)
        return f"${len(arguments)}"

    _check(reading, asked)
    inside = set(_SLOT.findall(text or ""))
    conditions = _conditions(reading, asked, columns, inside, argument)
    direction = " DESC" if _newest_first(reading, asked) else ""
    order = ", ".join(_ordered(reading, name) + direction for name in reading.order)
    count = _limit(reading, asked, paged) + 1
    source = (
        reading.relation if text is None else f"(\n{_filled(reading, asked, text, count, argument)}) AS q"
    )
    ids = [] if "instruments" in inside else _instruments(asked, columns)
    chosen = ", ".join(_shown(name, columns) for name in _fields(reading, asked, columns))
    if reading.time is not None and 1 < len(ids) <= MOST_BRANCHES:
        parts = [
            f"(SELECT * FROM {source}{_where([f'instrument_id = {each}', *conditions])}"
            f" ORDER BY {order} LIMIT {count})"
            for each in ids
        ]
        source, conditions = "(\n" + "\nUNION ALL\n".join(parts) + "\n) AS r", []
    elif len(ids) == 1:
        conditions.insert(0, f"instrument_id = {ids[0]}")
    elif ids:
        conditions.insert(0, f"instrument_id IN ({', '.join(map(str, ids))})")
    sentence = f"SELECT {chosen}\nFROM {source}{_where(conditions)}\nORDER BY {order}\nLIMIT {count}"
    return Statement(sentence, tuple(arguments))


def file_of(reading: Reading, asked: Asked) -> str | None:
    """The file of `sql/api` whose text `statement_of` is to be given, if there is one."""
    if asked.as_of is not None and reading.as_of_statement is not None:
        return reading.as_of_statement
    return reading.statement


def _check(reading: Reading, asked: Asked) -> None:
    if asked.as_of is not None and not reading.honours_as_of:
        why = reading.no_as_of or "there is no time at which a row was known"
        raise RefusedError("as_of", f"{reading.name} cannot be asked as it was known then: {why}")
    for name in reading.needs:
        if asked.instruments is None and not asked.filters.get(name):
            raise RefusedError(name, f"{reading.name} needs {name}: of all together it would be too much")
    if reading.time is None and (asked.start is not None or asked.end is not None):
        name = "end" if asked.start is None else "start"
        raise RefusedError(name, f"{reading.name} has no time by which {name} could select")
    if asked.start is not None and asked.end is not None and asked.end < asked.start:
        raise RefusedError(
            "end", f"end ({asked.end.isoformat()}) is before start ({asked.start.isoformat()})"
        )


def _conditions(
    reading: Reading, asked: Asked, columns: Collection[str], inside: set[str], argument: Argument
) -> list[str]:
    found = _instruments(asked, columns) or (asked.instruments is not None and "instruments" in inside)
    by_filter = [
        _condition(reading, name, value, argument, columns)
        for name, value in asked.filters.items()
        if not (found and name in ("symbol", "venue")) and not _is_inside(reading, name)
    ]
    if asked.instruments is not None and not asked.instruments:
        by_filter.append("false")  # symbols and venues that are known, but never together
    by_time = []
    if reading.time is not None:
        for moment, comparison in ((asked.start, ">="), (asked.end, "<")):
            if moment is not None:
                value = _midnight_after(moment) if reading.by_day else moment
                by_time.append(f"{reading.time} {comparison} {argument(value)}")
    if asked.as_of is not None and reading.as_of_statement is None:
        by_time.append(f"{reading.known} <= {argument(asked.as_of)}")
    if asked.after is not None:
        names = ", ".join(_ordered(reading, name) for name in reading.order)
        places = ", ".join(argument(value) for value in asked.after)
        comparison = "<" if _newest_first(reading, asked) else ">"
        by_time.append(f"({names}) {comparison} ({places})")
        # an index goes by its first column: a row's comparison over several relations does not use it
        first = reading.order[0]
        by_time.append(f"{_ordered(reading, first)} {comparison}= {argument(asked.after[0])}")
    return [*by_filter, *by_time]


def _condition(reading: Reading, name: str, value: Any, argument: Argument, columns: Collection[str]) -> str:
    rule = reading.filter_named(name)
    if rule is None:
        known = ", ".join(each.name for each in reading.filters)
        raise RefusedError(name, f"{reading.name} is not asked by {name!r}; it is by {known}")
    if rule.of == "timeframe" and "timeframe_id" in columns and set(value) <= set(MINUTES):
        # a constant of the index
        return f"timeframe_id IN ({', '.join(str(MINUTES[each]) for each in value)})"
    if isinstance(value, (list, tuple)):
        if len(value) == 1:
            return f"{rule.of} {rule.comparison} {argument(value[0])}"
        return f"{rule.of} IN ({', '.join(argument(each) for each in value)})"
    return f"{rule.of} {rule.comparison} {argument(value)}"


def _is_inside(reading: Reading, name: str) -> bool:
    rule = reading.filter_named(name)
    return rule is not None and rule.inside


def _filled(reading: Reading, asked: Asked, text: str, count: int, argument: Argument) -> str:
    """A file's text with places for `{name}`: filters, times, instruments and the number of rows."""
    newest = _newest_first(reading, asked)
    first = None
    if asked.after is not None and reading.order[0] == reading.time:
        first = asked.after[0] if isinstance(asked.after[0], datetime) else _moment(asked.after[0])
    values: dict[str, Any] = {
        "instruments": None if asked.instruments is None else list(asked.instruments),
        "since": asked.start if newest or first is None else first,
        "before": asked.end if not newest or first is None else first + timedelta(microseconds=1),
        "as_of": asked.as_of,
        "count": count + 1,
        "oldest_first": not newest,
    }
    for rule in reading.filters:
        values.setdefault(rule.name, asked.filters.get(rule.name))
    return _SLOT.sub(lambda found: argument(values[found[1]]), _COMMENT.sub("", text).strip().rstrip(";"))


def _moment(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise RefusedError("cursor", "this cursor has no time in its place: ask without it") from None


def _instruments(asked: Asked, columns: Collection[str]) -> list[int]:
    return list(asked.instruments or ()) if "instrument_id" in columns else []


def _where(conditions: Sequence[str]) -> str:
    return f"\nWHERE {' AND '.join(conditions)}" if conditions else ""


def _ordered(reading: Reading, name: str) -> str:
    stand_in = dict(reading.may_lack).get(name)
    return name if stand_in is None else f"coalesce({name}, '{stand_in}')"


def _newest_first(reading: Reading, asked: Asked) -> bool:
    return reading.newest_first and not asked.oldest_first


def _midnight_after(moment: datetime) -> date:
    """The first day whose midnight is not before a moment."""
    day = moment.astimezone(UTC)
    whole = day.time() == datetime.min.time()
    return day.date() if whole or day.date() == date.max else day.date() + timedelta(days=1)


def _fields(reading: Reading, asked: Asked, columns: Collection[str]) -> list[str]:
    if asked.fields is None:
        return [name for name in columns if name not in reading.hidden or name in reading.order]
    for name in asked.fields:
        if name not in columns:
            raise RefusedError("fields", f"{reading.name} has no field {name!r}; it has {', '.join(columns)}")
    # a page cannot go on without them
    return [*dict.fromkeys(asked.fields), *(name for name in reading.order if name not in asked.fields)]


def _shown(name: str, columns: Collection[str]) -> str:
    """A column as every client can read it: lengths of time in seconds, JSON as its text."""
    kind = columns.get(name) if isinstance(columns, Mapping) else None
    if kind == "interval":
        return f"extract(epoch FROM {name})::double precision AS {name}"
    plain = {"numeric": "double precision", "json": "text", "jsonb": "text"}.get(kind or "")
    return name if plain is None else f"{name}::{plain} AS {name}"


def _limit(reading: Reading, asked: Asked, paged: bool) -> int:
    usual, most = (reading.limit, MOST_ROWS) if paged else (EVERY_ROW, EVERY_ROW)
    limit = usual if asked.limit is None else asked.limit
    if not 1 <= limit <= most:
        raise RefusedError("limit", f"limit is from 1 to {most}, not {limit}")
    return limit
