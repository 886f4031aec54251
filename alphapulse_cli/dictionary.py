"""`alphapulse dictionary`: the data dictionary, from the comments that stand beside the tables."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from alphapulse_resources.database.client import Database, statement

DIMENSIONS: Final = ("instruments", "sources", "timeframes", "venues")
HEAD: Final = """# Data dictionary

Made by `alphapulse dictionary` from the comments in the database: change those, not this file.
All times are UTC; `ts` is an open time; windows are half-open.
"""


def render(database: Database) -> str:
    """The dictionary as Markdown; the same for the same schema, with TimescaleDB or without."""
    relations = [
        (name, list(columns))
        for name, columns in groupby(
            database.rows(statement("status/dictionary_relations")), key=lambda row: row["relation"]
        )
    ]
    groups: dict[str, list[tuple[str, list[Any]]]] = {"Dimensions": [], "Facts": [], "Views": []}
    for name, columns in relations:
        group = "Dimensions" if name in DIMENSIONS else "Views" if columns[0]["is_view"] else "Facts"
        groups[group].append((name, columns))
    lines = [HEAD]
    for title, members in groups.items():
        lines += [f"## {title}\n", *(line for name, columns in members for line in _relation(name, columns))]
    lines += [
        "## Functions and procedures\n",
        *_routines(database.rows(statement("status/dictionary_routines"))),
    ]
    return "\n".join(lines)


def _relation(name: str, columns: list[dict[str, Any]]) -> Iterator[str]:
    yield f"### {name}\n"
    if description := columns[0]["description"]:
        yield f"{description}\n"
    yield "| column | type | description |"
    yield "|---|---|---|"
    for column in columns:
        yield f"| `{column['column']}` | {column['type']} | {_cell(column['column_description'])} |"
    yield ""


def _routines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        kind = "procedure" if row["is_procedure"] else f"function → {row['result']}"
        yield f"### {row['name']}\n"
        yield f"`{row['name']}({row['arguments']})` · {kind}\n"
        if row["description"]:
            yield f"{row['description']}\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
