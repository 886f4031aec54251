"""A statement of one's own and its named parameters, `:symbol` or `%(symbol)s`. Pure.

Values become quoted literals: ADBC streams by COPY only what has no parameters. Quoting is psycopg's; what
stands in strings and quoted names is left alone, comments are left out.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from alphapulse.errors import ParameterError

_TOKENS: Final = re.compile(
    r"""
    [eE]'(?:[^'\\]|''|\\.)*'            # a string with escapes
    | '(?:[^']|'')*' | "(?:[^"]|"")*"   # a string, a quoted name
    | (?P<comment>--[^\n]* | /\*.*?\*/)
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$   # a dollar-quoted string
    | ::                                # a cast
    | (?<![\w\])]):(?P<colon>[a-zA-Z_]\w*)    # :name, which after a name or a bracket is a slice
    | %\((?P<percent>[a-zA-Z_]\w*)\)s
    """,
    re.VERBOSE | re.DOTALL,
)


def with_values(text: str, values: Mapping[str, Any]) -> str:
    """The statement with its parameters as literals. Raises ParameterError for one too few or too many."""
    used: set[str] = set()

    def literal(found: re.Match[str]) -> str:
        name = found["colon"] or found["percent"]
        if name is None:
            return " " if found["comment"] else found[0]
        if name not in values:
            raise ParameterError(name, f"the statement has :{name}, and no value was given: pass {name}=...")
        used.add(name)
        return _literal(name, values[name])

    filled = _TOKENS.sub(literal, text)
    if unused := [name for name in values if name not in used]:
        raise ParameterError(
            unused[0], f"{unused[0]} was given, and the statement does not have :{unused[0]}"
        )
    return filled.strip().rstrip("; \n")


def _literal(name: str, value: Any) -> str:
    from psycopg import ProgrammingError, sql

    if hasattr(value, "to_list"):  # a column of polars or pandas
        value = value.to_list()
    if isinstance(value, (tuple, set, frozenset)):
        value = list(value)
    try:
        return f" {sql.Literal(value).as_string()} "
    except ProgrammingError:
        kind = type(value).__name__
        raise ParameterError(
            name, f"{name} is a {kind}, which is no value of SQL: pass a text, number, time or a list of them"
        ) from None
