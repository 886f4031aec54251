"""The statements in `sql/`: read from their files, and filled where a name is not known before.

A file with `{braces}` is a template: each brace is filled, by its name, with an identifier or with a piece of
SQL that psycopg composed. Nothing else is ever put into a statement; values travel as parameters.
"""

import re
from functools import lru_cache
from typing import Any, Final

from psycopg import sql

from alphapulse_resources.settings import PROJECT_ROOT

SQL_DIRECTORY: Final = PROJECT_ROOT / "sql"
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*")
_BRACE: Final = re.compile(r"(?<!\{)\{(\w+)\}")
_COMMENT_LINE: Final = re.compile(r"^\s*--.*\n?", re.MULTILINE)


@lru_cache
def _text(name: str) -> str:
    """The text of a file; a template's without its comment lines, which may hold braces."""
    text = (SQL_DIRECTORY / f"{name}.sql").read_text()
    without = _COMMENT_LINE.sub("", text)
    return without if _BRACE.search(without) else text


def template(name: str, **parts: str | sql.Composable) -> sql.Composed:
    """The statement of `sql/<name>.sql` with its braces filled: a text is an identifier, all else SQL.

    Raises ValueError where the braces and the parts are not the same, or where a text is no plain name.
    """
    text: Any = _text(name)
    braces = set(_BRACE.findall(text))
    if braces != set(parts):
        raise ValueError(
            f"sql/{name}.sql has the braces {sorted(braces)} and was given {sorted(parts)}: not the same"
        )
    filled = {key: _identifier(part) if isinstance(part, str) else part for key, part in parts.items()}
    return sql.SQL(text).format(**filled)


def statement(name: str, **parts: str | sql.Composable) -> str:
    """The text of `sql/<name>.sql`; where that is a template, filled as by `template`."""
    text = _text(name)
    return template(name, **parts).as_string() if parts or _BRACE.search(text) else text


def _identifier(name: str) -> sql.Identifier:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a table or column: lower case, digits and underscores only")
    return sql.Identifier(name)
