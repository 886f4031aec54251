"""`alphapulse dictionary`: the data dictionary, from the registry of data sets and the tables' comments."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.registry import DATASETS
from alphapulse_resources.database.client import Database, statement

DIMENSIONS: Final = ("instruments", "sources", "timeframes", "venues")
HEAD: Final = """# Data dictionary

Made by `alphapulse dictionary` from the data sets that rooms declare (`dataset.py`) and the comments in the
database: change those, not this file.
All times are UTC; `ts` is an open time; windows are half-open.
"""


def render(database: Database, datasets: Sequence[Dataset] = DATASETS) -> str:
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
    of = {relation: each for each in datasets for relation in each.stored_in}
    lines = [HEAD, *_datasets(datasets)]
    for title, members in groups.items():
        lines += [f"## {title}\n", *(line for each in members for line in _relation(*each, of.get(each[0])))]
    lines += [
        "## Functions and procedures\n",
        *_routines(database.rows(statement("status/dictionary_routines"))),
    ]
    return "\n".join(lines)


def _datasets(datasets: Iterable[Dataset]) -> Iterator[str]:
    yield "## Data sets\n"
    yield "| data set | group | rows are | made of | in | kept | what it holds |"
    yield "|---|---|---|---|---|---|---|"
    for each in datasets:
        kept = [f"`{table}` {retention.keep.days} days" for table, retention in each.retention.items()]
        cells = (
            *(f"`{each.name}`", each.group, each.comes, _names(each.reads), _names(each.stored_in)),
            *(", ".join(kept) or "for good", _cell(each.sentence)),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _relation(name: str, columns: list[dict[str, Any]], dataset: Dataset | None) -> Iterator[str]:
    yield f"### {name}\n"
    if description := columns[0]["description"]:
        yield f"{description}\n"
    if dataset is not None:
        yield f"Data set `{dataset.name}`.\n"
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
