"""Whether a database has everything that its applied migrations made: a restore may have stopped half-way.

What a migration makes is read from its file; a table that another one dropped is not missed. Views and
functions that have a file of their own are made again where they are missing, and so are not looked for here.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import psycopg

from alphapulse_resources.database.objects import object_names
from alphapulse_resources.database.timescale import SchemaError
from alphapulse_resources.timeframes import AGGREGATED

SHOWN: Final = 5
"""Missing relations that are named (ours)."""
BACKUPS: Final = 'see "Backups" in docs/operations.md'

_BODY: Final = re.compile(r"(\$\w*\$).*?\1", re.DOTALL)
_COMMENT: Final = re.compile(r"--.*$", re.MULTILINE)
_MADE: Final = re.compile(
    r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+|UNLOGGED\s+)?(TABLE|VIEW|MATERIALIZED\s+VIEW|INDEX|FUNCTION|PROCEDURE)\s+"
    r"(?:IF\s+NOT\s+EXISTS\s+)?([\w.]+)",
    re.IGNORECASE,
)
_GONE: Final = re.compile(
    r"\bDROP\s+(?:TABLE|VIEW|MATERIALIZED\s+VIEW|INDEX|FUNCTION|PROCEDURE|ROUTINE)\s+(?:IF\s+EXISTS\s+)?"
    r"([\w.]+(?:\s*,\s*[\w.]+)*)|\bALTER\s+\w+\s+([\w.]+)\s+RENAME\s+TO\b",
    re.IGNORECASE,
)
_BY_LOOPS: Final = {"0004_timeframes": [*(f"ohlcv_{name}" for name in AGGREGATED), "refresh_ohlcv"]}
"""What is made inside a block, where the names are put together."""

_MISSING: Final = """
SELECT n FROM unnest(%s::text[]) AS n
WHERE to_regclass(n) IS NULL AND NOT EXISTS (
    SELECT FROM pg_proc AS p JOIN pg_namespace AS s ON s.oid = p.pronamespace
    WHERE p.proname = split_part(n, '.', -1)
        AND s.nspname = CASE WHEN n LIKE '%%.%%' THEN split_part(n, '.', 1) ELSE 'public' END
)
"""
_WITHOUT_KEY: Final = """
SELECT c.relname FROM pg_class AS c
WHERE c.oid = ANY (SELECT to_regclass(n) FROM unnest(%s::text[]) AS n) AND c.relkind = 'r'
    AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'p')
ORDER BY c.relname
"""
_NEWER_OBJECTS: Final = """
SELECT o.name, CASE WHEN to_regclass(o.name) IS NULL THEN 'function' ELSE 'view' END
FROM platform.schema_objects AS o
WHERE o.name <> ALL (%s) AND (to_regclass(o.name) IS NOT NULL OR EXISTS (
    SELECT FROM pg_proc AS p WHERE p.proname = split_part(o.name, '.', -1)))
ORDER BY o.name
"""


def made_by(files: Iterable[Path]) -> list[str]:
    """Names of the relations and functions that these migrations, in this order, leave behind."""
    found: dict[str, None] = {}
    for file in files:
        text = _COMMENT.sub("", file.read_text())
        for gone in _GONE.finditer(text):
            for name in re.split(r"\s*,\s*", gone[1] or gone[2]):
                found.pop(name.lower().removeprefix("public."), None)
        for _, name in _MADE.findall(_BODY.sub("", text)):
            found[name.lower().removeprefix("public.")] = None
        found |= dict.fromkeys(_BY_LOOPS.get(file.stem, []))
    return list(found)


def check_whole(dsn: str, files: Iterable[Path], *, applied: Iterable[str]) -> None:
    """Raise SchemaError unless everything is there that the applied migrations made, and nothing newer is."""
    files, known = list(files), set(applied)
    made_again = object_names()
    applied_files = (file for file in files if file.stem in known)
    expected = [name for name in made_by(applied_files) if name not in made_again]
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        refuse_newer(connection, known - {file.stem for file in files})
        restoring = connection.execute("SELECT current_setting('timescaledb.restoring', true)").fetchone()
        if restoring == ("on",):
            raise SchemaError(
                "this database is being restored: TimescaleDB waits for SELECT timescaledb_post_restore(), "
                f"to be run as superuser after pg_restore; {BACKUPS}"
            )
        tables = connection.execute("SELECT to_regclass('ohlcv_1m') IS NOT NULL").fetchone()
        if not known and tables == (True,):
            raise SchemaError(
                "this database has tables of AlphaPulse, but no record of the migrations that made them. "
                f"{_half_restored()}"
            )
        missing = [name for (name,) in connection.execute(_MISSING, [expected])]
        keyless = [name for (name,) in connection.execute(_WITHOUT_KEY, [expected])]
    if missing or keyless:
        parts = [f"lacks {_some(missing)}"] if missing else []
        parts += [f"has no primary key on {_some(keyless)}"] if keyless else []
        raise SchemaError(
            f"by its record this database has {len(known)} migrations, but it {' and '.join(parts)}. "
            + _half_restored()
        )


def refuse_newer(connection: psycopg.Connection[Any], unknown: Iterable[str]) -> None:
    """Raise SchemaError where the database has migrations that are `unknown` here, or objects that are."""
    found = [f"migration {name}" for name in sorted(unknown)]
    recorded = connection.execute("SELECT to_regclass('platform.schema_objects') IS NOT NULL").fetchone()
    if recorded == (True,):
        rows = connection.execute(_NEWER_OBJECTS, [sorted(object_names())]).fetchall()
        found += [f"{kind} {name}" for name, kind in rows]
    if found:
        raise SchemaError(
            f"this database is newer than this code: it has {_some(found)}, not known here. Start the "
            "version that made it (`git pull`, then `make up`), or restore the backup from before that. "
            f"Nothing was changed; {BACKUPS}"
        )


def _half_restored() -> str:
    return (
        "So looks a restore that did not get to its end: restore the backup again, into an empty database, "
        f"and read what pg_restore says; {BACKUPS}"
    )


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    more = len(names) - SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
