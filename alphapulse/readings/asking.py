"""From what was asked to SQL: fields, filters, time, what was known, and where a page goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alphapulse.readings.reading import MOST_ROWS, Reading, RefusedError, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Parameters, checked and in their types. `after`: values of the order columns of the last row seen."""

    filters: Mapping[str, Any] = field(default_factory=dict)
    start: datetime | None = None
    end: datetime | None = None
    as_of: datetime | None = None
    fields: Sequence[str] | None = None
    limit: int | None = None
    after: Sequence[Any] | None = None


def statement_of(reading: Reading, asked: Asked, columns: Sequence[str]) -> Statement:
    """The SQL of a question. `columns`: those of the relation, by which `fields` are checked.

    One row more than the limit is asked for, so that one sees whether there is a next page.
    Raises: RefusedError.
    """
    conditions: list[str] = []
    arguments: list[Any] = []

    def argument(value: Any) -> str:
        arguments.append(value)
        return f"${len(arguments)}"

    for name, value in asked.filters.items():
        conditions.append(_condition(reading, name, value, argument))
    if reading.time is not None:
        if asked.start is not None:
            conditions.append(f"{reading.time} >= {argument(asked.start)}")
        if asked.end is not None:
            conditions.append(f"{reading.time} < {argument(asked.end)}")
    if asked.as_of is not None:
        if reading.known is None:
            raise RefusedError("as_of", f"{reading.name} has no time at which a row was known")
        conditions.append(f"{reading.known} <= {argument(asked.as_of)}")
    if asked.after is not None:
        names = ", ".join(reading.order)
        places = ", ".join(argument(value) for value in asked.after)
        conditions.append(f"({names}) {'<' if reading.newest_first else '>'} ({places})")
    where = f"\nWHERE {' AND '.join(conditions)}" if conditions else ""
    direction = " DESC" if reading.newest_first else ""
    order = ", ".join(name + direction for name in reading.order)
    text = (
        f"SELECT {', '.join(_fields(reading, asked, columns))}\nFROM {reading.relation}{where}\n"
        f"ORDER BY {order}\nLIMIT {_limit(reading, asked) + 1}"
    )
    return Statement(text, tuple(arguments))


def _condition(reading: Reading, name: str, value: Any, argument: Any) -> str:
    rule = reading.filter_named(name)
    if rule is None:
        known = ", ".join(each.name for each in reading.filters)
        raise RefusedError(name, f"{reading.name} is not asked by {name!r}; it is by {known}")
    if isinstance(value, (list, tuple)):
        return f"{rule.of} IN ({', '.join(argument(each) for each in value)})"
    return f"{rule.of} {rule.comparison} {argument(value)}"


def _fields(reading: Reading, asked: Asked, columns: Sequence[str]) -> list[str]:
    if asked.fields is None:
        return [name for name in columns if name not in reading.hidden]
    for name in asked.fields:
        if name not in columns:
            raise RefusedError("fields", f"{reading.name} has no field {name!r}; it has {', '.join(columns)}")
    # a page cannot go on without them
    return [*asked.fields, *(name for name in reading.order if name not in asked.fields)]


def _limit(reading: Reading, asked: Asked) -> int:
    limit = reading.limit if asked.limit is None else asked.limit
    if not 1 <= limit <= MOST_ROWS:
        raise RefusedError("limit", f"limit is from 1 to {MOST_ROWS}, not {limit}")
    return limit
