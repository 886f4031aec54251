"""Views and functions: a file each in `sql/objects`, applied again where it, or the database, has changed.

A file holds the whole of one view, function or procedure: CREATE OR REPLACE, its comments, and with the
function of a trigger that trigger. It is named after it; in `sql/objects/platform` that is the schema. What
is made for one kind of schema only ends in `.timescaledb.sql` or `.plain.sql`.

The database remembers the checksum of each file and a digest of what it made of it. Migrations are for
tables. What a migration calls (`keep_in_chunks`) stays there: it has to be what that was written for.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from alphapulse_resources.database.statements import SQL_DIRECTORY, statement
from alphapulse_resources.database.timescale import SchemaError

OBJECTS: Final = SQL_DIRECTORY / "objects"
_CREATE: Final = re.compile(r"^CREATE OR REPLACE (VIEW|FUNCTION|PROCEDURE) ([\w.]+)", re.MULTILINE)
_COMMENT: Final = re.compile(r"--.*$", re.MULTILINE)
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'")
_USED: Final = re.compile(r"\b(?:FROM|JOIN|CALL|SETOF)\s+([\w.]+)|([\w.]+)\s*\(")
_SPELLING: Final = {
    "search_path": "public",
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}
"""Settings that change how a definition is spelt."""
_NEEDS_TO_GO: Final = (psycopg.errors.InvalidTableDefinition, psycopg.errors.InvalidFunctionDefinition)
"""What PostgreSQL says to a replacement that it does not do in place: other columns, another type."""

Connection = psycopg.Connection[Any]
Key = tuple[bool, str]
Rights = set[tuple[Any, ...]]


@dataclass(frozen=True)
class SchemaObject:
    """A view, function or procedure, and the statements that make it."""

    name: str
    is_view: bool
    text: str

    @property
    def key(self) -> Key:
        """What it is found by: a view and a function may have one name."""
        return self.is_view, self.name

    @cached_property
    def checksum(self) -> str:
        """Of its file, whatever its line ends are."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def uses(self) -> frozenset[str]:
        """Names that stand where a relation or a function does; what is put together in texts is not seen."""
        text = _LITERAL.sub("''", _COMMENT.sub("", self.text))
        return frozenset((a or b).removeprefix("public.") for a, b in _USED.findall(text)) - {self.name}


def read_objects(*, timescale: bool, directory: Path = OBJECTS) -> list[SchemaObject]:
    """The objects of a schema of this kind, each after those it needs.

    Raises SchemaError for a file that is not one object of its own name, and where objects need each other.
    """
    left_out = ".plain" if timescale else ".timescaledb"
    files = [file for file in sorted(directory.rglob("*.sql")) if not file.stem.endswith(left_out)]
    if not files:
        raise SchemaError(f"there are no views and functions in {directory}: this installation is not whole")
    objects = {each.name: each for each in map(_read, files)}
    if len(objects) < len(files):
        raise SchemaError(f"two files in {directory} are named alike")
    try:
        order = TopologicalSorter(
            {name: sorted(each.uses & objects.keys()) for name, each in objects.items()}
        ).static_order()
        return [objects[name] for name in order]
    except CycleError as error:
        raise SchemaError(f"views or functions in {directory} need each other: {error.args[1]}") from error


def object_names(directory: Path = OBJECTS) -> set[str]:
    """Names of all objects there are files of, for whichever kind of schema."""
    return {_name(file) for file in directory.rglob("*.sql")}


def changed_objects(connection: Connection, objects: list[SchemaObject]) -> list[SchemaObject]:
    """Objects that the database has not as their files have them: new, changed, lost, or changed by hand."""
    known = {
        row["name"]: (row["checksum"], row["digest"])
        for row in _rows(connection, "SELECT name, checksum, digest FROM platform.schema_objects")
    }
    there = _definitions(connection, objects)
    return [each for each in objects if known.get(each.name) != (each.checksum, there.get(each.key))]


def has_record(connection: Connection) -> bool:
    """Whether the database has got as far as remembering objects (migration 0029)."""
    found = _rows(connection, "SELECT to_regclass('platform.schema_objects') IS NOT NULL AS found")
    return bool(found[0]["found"])


def apply_objects(
    connection: Connection, objects: list[SchemaObject], *, everything: bool = False
) -> list[str]:
    """Apply what changed, or all there is, in the caller's transaction; the names of what was applied.

    Raises SchemaError where something that is not ours holds on to what has to be made anew.
    """
    due = objects if everything else changed_objects(connection, objects)
    wanted = {each.key for each in due}
    dropped: dict[Key, Rights] = {}  # what had to go before something it holds on to could be made
    for each in objects:  # what holds on to another comes after it: all it needs is there when it is made
        if each.key not in dropped and each.key in wanted:
            try:
                with connection.transaction():
                    _apply(connection, each)
            except _NEEDS_TO_GO:
                dropped |= _drop(connection, each, objects)
        if (rights := dropped.pop(each.key, None)) is not None:
            _make_again(connection, each, rights)
    if due:
        _remember(connection, objects)
    return [each.name for each in due]


def _apply(connection: Connection, each: SchemaObject) -> None:
    """Make it or replace it in place; raises what `_NEEDS_TO_GO` names where that cannot be."""
    before = set() if each.is_view else _ids(connection, each)
    _execute(connection, each)
    if before and _ids(connection, each) - before:  # of other arguments: it stands beside the one before
        raise psycopg.errors.InvalidFunctionDefinition


def _execute(connection: Connection, each: SchemaObject) -> None:
    """Make it; a view once more as the database spells it, so that it is the same after dump and restore."""
    connection.execute(each.text.encode())
    if each.is_view:
        (row,) = _rows(connection, "SELECT pg_get_viewdef(%(name)s::regclass) AS said", {"name": each.name})
        view = sql.Identifier(*each.name.split("."))
        connection.execute(sql.SQL("CREATE OR REPLACE VIEW {} AS {}").format(view, sql.SQL(row["said"])))


def _drop(connection: Connection, each: SchemaObject, objects: Iterable[SchemaObject]) -> dict[Key, Rights]:
    """Drop it with all that holds on to it; the rights that each of them had."""
    ours = {known.key for known in objects}
    roots = _ids(connection, each)
    if len(roots) > 1:
        raise SchemaError(
            f"there are {len(roots)} functions {each.name}, which is to get other arguments: drop those that "
            "are not ours, then migrate again; nothing was changed"
        )
    rows = _dependents(connection, each, roots)
    if strangers := [row["description"] for row in rows if (row["is_view"], row["name"]) not in ours]:
        raise SchemaError(
            f"{', '.join(strangers)}: not ours, and it holds on to {each.name}, which has to be made anew. "
            "Keep its definition, drop it, migrate, and make it again; nothing was changed"
        )
    rights = {(row["is_view"], row["name"]): _rights(connection, row["is_view"], row["id"]) for row in rows}
    for row in rows:
        connection.execute(f"DROP {row['to_drop']}".encode())
    return rights


def _make_again(connection: Connection, each: SchemaObject, rights: Rights) -> None:
    """Make what was dropped, with the rights it had."""
    left = _ids(connection, each)
    _execute(connection, each)
    (made,) = _ids(connection, each) - left
    _give(connection, each, made, rights)


def _dependents(connection: Connection, each: SchemaObject, roots: set[int]) -> list[dict[str, Any]]:
    return _rows(
        connection, statement("schema/dependents"), {"is_view": each.is_view, "roots": sorted(roots)}
    )


def _ids(connection: Connection, each: SchemaObject) -> set[int]:
    schema, _, name = each.name.rpartition(".")
    views = "SELECT oid AS id FROM pg_class WHERE relkind = 'v' AND (relname, relnamespace)"
    routines = "SELECT oid AS id FROM pg_proc WHERE (proname, pronamespace)"
    query = f"{views if each.is_view else routines} = (%(name)s, %(schema)s::regnamespace)"
    rows = _rows(connection, query, {"name": name, "schema": schema or "public"})
    return {row["id"] for row in rows}


def _rights(connection: Connection, is_view: bool, oid: int) -> Rights:
    rows = _rows(connection, statement("schema/rights"), {"is_view": is_view, "id": oid})
    return {tuple(row.values()) for row in rows}


def _give(connection: Connection, each: SchemaObject, oid: int, wanted: Rights) -> None:
    """Exactly these rights, and the owner it had."""
    kind = sql.SQL("TABLE" if each.is_view else "ROUTINE")
    what = sql.SQL(f"{oid}::oid::reg{'class' if each.is_view else 'procedure'}::text")
    (named,) = _rows(connection, sql.SQL("SELECT {} AS name").format(what))
    target = sql.SQL("{} {}").format(kind, sql.SQL(named["name"]))
    given = _rights(connection, each.is_view, oid)
    for owner in {right[0] for right in wanted} - {right[0] for right in given}:
        connection.execute(sql.SQL("ALTER {} OWNER TO {}").format(target, sql.Identifier(owner)))
    given = _rights(connection, each.is_view, oid)
    for right, verb in [
        *((right, "REVOKE") for right in given - wanted),
        *((right, "GRANT") for right in wanted - given),
    ]:
        connection.execute(_right(target, right, verb))


def _right(target: sql.Composable, right: tuple[Any, ...], verb: str) -> sql.Composed:
    _, role, privilege, grantable, column = right
    columns = sql.SQL("") if column is None else sql.SQL("({})").format(sql.Identifier(column))
    return sql.SQL("{verb} {privilege} {columns} ON {target} {to} {role} {option}").format(
        verb=sql.SQL(verb),
        privilege=sql.SQL(privilege),
        columns=columns,
        target=target,
        to=sql.SQL("TO" if verb == "GRANT" else "FROM"),
        role=sql.SQL("PUBLIC") if role is None else sql.Identifier(role),
        option=sql.SQL("WITH GRANT OPTION" if grantable and verb == "GRANT" else ""),
    )


def _remember(connection: Connection, objects: list[SchemaObject]) -> None:
    there = _definitions(connection, objects)
    if lost := [each.name for each in objects if each.key not in there]:
        raise SchemaError(f"the files of {', '.join(lost)} did not make what they are named after")
    connection.execute(
        "INSERT INTO platform.schema_objects AS o (name, checksum, digest)"
        " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[])"
        " ON CONFLICT (name) DO UPDATE"
        " SET checksum = excluded.checksum, digest = excluded.digest, applied_at = now()"
        " WHERE (o.checksum, o.digest) <> (excluded.checksum, excluded.digest)",
        [
            [each.name for each in objects],
            [each.checksum for each in objects],
            [there[each.key] for each in objects],
        ],
    )
    # what a migration dropped, and what the other kind of schema had
    connection.execute(
        "DELETE FROM platform.schema_objects WHERE name <> ALL (%s)", [[each.name for each in objects]]
    )


def _definitions(connection: Connection, objects: Iterable[SchemaObject]) -> dict[Key, str]:
    """Digests of what the database has, by key."""
    with connection.transaction():
        for name, value in _SPELLING.items():
            connection.execute("SELECT set_config(%s, %s, true)", [name, value])
        rows = _rows(connection, statement("schema/definitions"), {"names": [each.name for each in objects]})
    return {(row["is_view"], row["name"]): row["digest"] for row in rows}


def _rows(
    connection: Connection, query: Any, parameters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters).fetchall()


def _read(file: Path) -> SchemaObject:
    text = file.read_text()
    found = _CREATE.findall(text)
    if [name for _, name in found] != [_name(file)]:
        raise SchemaError(f"{file}: exactly one CREATE OR REPLACE is expected, of {_name(file)}")
    return SchemaObject(_name(file), found[0][0] == "VIEW", text)


def _name(file: Path) -> str:
    name = file.stem.removesuffix(".plain").removesuffix(".timescaledb")
    return f"platform.{name}" if file.parent.name == "platform" else name
