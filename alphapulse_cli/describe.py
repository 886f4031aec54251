"""`alphapulse describe`: which tables and views there are, and what the columns of one of them mean."""

import re
from typing import Any, Final

from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.output import console, hint, parse_format, print_records
from alphapulse_cli.stored_queries import example_of
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.relations import did_you_mean

_NAMED_UNITS: Final = (
    "quote units|base units|basis points|the venue's unit|ATR|USD|US dollars|dollars|coins|contracts|percent|"
    "milliseconds|seconds|minutes|hours|days|years|bytes"
)
_IN_UNIT: Final = re.compile(rf"\bin ({_NAMED_UNITS})\b")
_RANGE: Final = re.compile(r"(-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)\b")
_ENDINGS: Final = {"_bps": "basis points", "_ms": "milliseconds", "_seconds": "seconds", "_hours": "hours"}


def run(relation: str | None, *, form: str) -> None:
    """List all relations, or describe one."""
    style, database = parse_format(form), open_database()
    relations = database.rows(statement("describe/relations"))
    if relation is None:
        told = [{**each, "meaning": first_sentence(each["meaning"])} for each in relations]
        print_records(told, ("relation", "kind", "columns", "meaning"), style, drop_first=("kind",))
        if style.for_people:
            hint("alphapulse describe RELATION tells its columns; docs/data_dictionary.md has all of it")
        return
    found = {each["relation"]: each for each in relations}.get(relation.lower())
    if found is None:
        names = [each["relation"] for each in relations]
        raise CommandError(f"there is no table or view {relation!r}{did_you_mean(relation, names)}")
    columns = columns_of(database, found["relation"])
    if style.for_people:
        console().print(f"{found['relation']} ({found['kind']}): {found['meaning']}\n", soft_wrap=True)
    print_records(columns, ("column", "type", "unit", "meaning"), style, drop_first=("unit",), wraps=True)
    example = example_of(found["relation"])
    if style.for_people and example is not None:
        hint(f"a query that reads it: alphapulse sql -q {example.number}   ({example.description})")


def columns_of(database: Database, relation: str) -> list[dict[str, Any]]:
    """Column, type, unit and meaning of each column of a relation."""
    return [
        {
            "column": column.name,
            "type": short_type(column.type),
            "unit": unit_of(column.name, column.type, column.description),
            "meaning": column.description,
        }
        for column in database.describe(relation)[1]
    ]


def first_sentence(text: str) -> str:
    """The first sentence of a comment, without its full stop."""
    return re.split(r"(?<=[a-z0-9)])[.:;](?:\s|$)", text.replace("\n", " "), maxsplit=1)[0]


def short_type(name: str) -> str:
    """A type as people write it: timestamptz, float8."""
    known = {
        "timestamp with time zone": "timestamptz",
        "double precision": "float8",
        "character varying": "text",
    }
    return known.get(name, name)


def unit_of(name: str, type_name: str, meaning: str) -> str:
    """The unit that a column's comment or name tells; '' where neither does.

    >>> unit_of("volume", "double precision", "Traded size, in base units.")
    'base units'
    >>> unit_of("score", "double precision", "Weighted mean of the parts, 0 to 100.")
    '0 to 100'
    """
    if type_name.startswith("timestamp"):
        return "UTC"
    if found := _IN_UNIT.search(meaning):
        return found[1]
    if found := _RANGE.search(meaning):
        return f"{found[1]} to {found[2]}"
    return next((unit for ending, unit in _ENDINGS.items() if name.endswith(ending)), "")
