"""As much of Socrata's query language as is asked: $where, $order, $limit, $offset, $select, column=value.

Conditions are joined by AND; each is `column op 'text'`, `column in ('a', 'b')` or `column between 'a' and
'b'`. Documented: dev.socrata.com/docs/queries. What it does not know is refused as there: 400 with a code.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Final

Row = dict[str, str]
DEFAULT_LIMIT: Final = 1000
_OPERATORS: Final[dict[str, Callable[[str, str], bool]]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}
_COMPARED: Final = re.compile(r"(\w+)\s*(>=|<=|!=|=|>|<)\s*'([^']*)'", re.IGNORECASE)
_AMONG: Final = re.compile(r"(\w+)\s+in\s*\(([^)]*)\)", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"(\w+)\s+between\s+'([^']*)'\s+and\s+'([^']*)'", re.IGNORECASE)
_KNOWN: Final = ("$where", "$order", "$limit", "$offset", "$select")


class SoqlError(Exception):
    """A query that is refused."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def select(rows: list[Row], columns: Collection[str], query: Mapping[str, str]) -> list[Row]:
    """The rows that a query asks for, whole (`project` takes their columns)."""
    for name in query:
        if name.startswith("$") and name not in _KNOWN:
            raise SoqlError("query.soql.unrecognized-parameter", f"Unrecognized arguments [{name}]")
    found = [row for row in rows if _holds(query.get("$where", ""), row, columns)]
    for name, value in query.items():
        if not name.startswith("$"):
            found = [row for row in found if _same(row.get(_column(name, columns), ""), value)]
    for name, descending in reversed(_order(query.get("$order", ""), columns)):
        found = sorted(found, key=partial(_value, name), reverse=descending)
    start, most = _number(query, "$offset", 0), _number(query, "$limit", DEFAULT_LIMIT)
    return found[start : start + most]


def project(rows: list[Row], query: Mapping[str, str]) -> list[Row]:
    """The columns that a query asks for; a row has no key for what it has no value of."""
    if not (wanted := query.get("$select")):
        return rows
    names = [name.strip() for name in wanted.split(",")]
    return [{name: row[name] for name in names if name in row} for row in rows]


def _value(name: str, row: Row) -> str:
    return row.get(name, "")


def _same(a: str, b: str) -> bool:
    return a.strip() == b or a == f"{b}T00:00:00.000"


def _holds(where: str, row: Row, columns: Collection[str]) -> bool:
    tests: list[bool] = []

    def between(found: re.Match[str]) -> str:
        value = row.get(_column(found[1], columns), "")
        tests.append(_time(found[2], value) <= value <= _time(found[3], value))
        return ""

    def among(found: re.Match[str]) -> str:
        texts = re.findall(r"'([^']*)'", found[2])
        tests.append(row.get(_column(found[1], columns), "") in texts)
        return ""

    def compared(found: re.Match[str]) -> str:
        value = row.get(_column(found[1], columns), "")
        tests.append(_OPERATORS[found[2]](value, _time(found[3], value)))
        return ""

    rest = _COMPARED.sub(compared, _AMONG.sub(among, _BETWEEN.sub(between, where)))
    if rest.lower().replace("and", "").strip():
        raise SoqlError("query.compiler.malformed", f"Could not parse SoQL query: {where}")
    return all(tests)


def _time(text: str, value: str) -> str:
    """A day without a clock as the values have it."""
    return f"{text}T00:00:00.000" if len(text) == 10 and len(value) > 10 else text


def _order(text: str, columns: Collection[str]) -> list[tuple[str, bool]]:
    parts = [each.split() for each in text.split(",") if each.strip()]
    return [(_column(part[0], columns), part[1:] == ["DESC"] or part[1:] == ["desc"]) for part in parts]


def _column(name: str, columns: Collection[str]) -> str:
    if name not in columns:
        raise SoqlError("query.soql.no-such-column", f"No such column: {name}")
    return name


def _number(query: Mapping[str, Any], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal():
        raise SoqlError("query.soql.invalid-parameter", f"{name} is no whole number: {text}")
    return int(text)
