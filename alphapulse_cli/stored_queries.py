"""The queries that come with AlphaPulse, in sql/queries: by number, by name, by what they read."""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alphapulse_cli.errors import CommandError
from alphapulse_resources.database.statements import SQL_DIRECTORY
from alphapulse_resources.relations import named_in

QUERIES: Final = SQL_DIRECTORY / "queries"
_LIKENESS: Final = 0.4
"""How alike a name must be to be suggested, by difflib's ratio (ours)."""


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A query that comes with AlphaPulse."""

    name: str
    description: str  # its first comment line
    path: Path

    @property
    def number(self) -> str:
        """What it is called by."""
        return self.name.partition("_")[0]


def stored_queries() -> list[StoredQuery]:
    """The queries in sql/queries, by name."""
    return [
        StoredQuery(path.stem, _description(path.read_text()), path) for path in sorted(QUERIES.glob("*.sql"))
    ]


def find_query(name: str) -> StoredQuery:
    """The query of that name or number, or the only one whose name has it in it; raises CommandError."""
    known = stored_queries()
    number = name.zfill(2) if name.isdigit() else name
    found = [each for each in known if name == each.name or number == each.number]
    found = found or [each for each in known if each.name.startswith(name)]
    found = found or [each for each in known if name.lower() in each.name]
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(f"several queries are called like {name!r}: {', '.join(q.name for q in found)}")
    raise CommandError(f"there is no query {name!r}; {_instead(name, known)}")


def example_of(relation: str) -> StoredQuery | None:
    """The first query that reads a relation."""
    return next((each for each in stored_queries() if named_in(each.path.read_text(), [relation])), None)


def _instead(name: str, known: list[StoredQuery]) -> str:
    if not known:
        return "this installation has none"
    titles = {each.name.partition("_")[2]: each.name for each in known}
    near = [titles[each] for each in difflib.get_close_matches(name.lower(), titles, 3, _LIKENESS)]
    meant = f"did you mean {', '.join(near)}? " if near else ""
    first, last = known[0].number, known[-1].number
    return f"{meant}they are numbered {first} to {last}: `alphapulse sql --list` tells what each shows"


def _description(text: str) -> str:
    first = text.strip().splitlines()[0] if text.strip() else ""
    return first.lstrip("- ").strip() if first.startswith("--") else ""
