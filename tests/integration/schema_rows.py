"""Rows for every table, made from what the database says of its columns; and all that a database shows."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

ROWS = 3
BASE = datetime(2025, 3, 3, tzinfo=UTC)
_OPTIONS = re.compile(r"\b(\w+) = ANY \(ARRAY\[(.*?)\]\)")
_RELATIONS = """
    SELECT n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, c.oid
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname IN ('public', 'platform')
    WHERE c.relkind IN ('r', 'v') AND c.relname NOT LIKE '%yoyo%' AND c.relname <> 'schema_objects'
        AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY c.oid
"""
_COLUMNS = """
    SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
        a.attidentity <> '' OR a.attgenerated <> '' AS given,
        (SELECT k.confrelid::regclass::text FROM pg_constraint AS k
            WHERE k.contype = 'f' AND k.conrelid = a.attrelid AND k.conkey = ARRAY[a.attnum]) AS target,
        (SELECT t.attname FROM pg_constraint AS k
            JOIN pg_attribute AS t ON t.attrelid = k.confrelid AND ARRAY[t.attnum] = k.confkey
            WHERE k.contype = 'f' AND k.conrelid = a.attrelid AND k.conkey = ARRAY[a.attnum]) AS target_column
    FROM pg_attribute AS a
    WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
"""
_KNOWN = {"timeframe_id": 60, "source_id": 1, "timeframe": "1h", "logic_version": 1, "quote": "USDT"}
"""What columns hold that are joined by and are no foreign keys."""


@dataclass(frozen=True)
class Shown:
    """What a table or view shows: its columns, and its rows as text."""

    is_view: bool
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]

    def only(self, columns: tuple[str, ...]) -> Counter[tuple[str | None, ...]]:
        """How often each row is there, by some of its columns."""
        places = [self.columns.index(name) for name in columns]
        return Counter(tuple(row[place] for place in places) for row in self.rows)


def relations(connection: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    """Tables and views of ours, in the order in which they were made."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_RELATIONS).fetchall()


def fill(connection: psycopg.Connection[Any]) -> set[str]:
    """A few rows in every table that has none; the names of the tables."""
    names = set()
    with connection.cursor(row_factory=dict_row) as cursor:
        for relation in relations(connection):
            if relation["kind"] == "r":
                fill_table(cursor, relation)
                names.add(relation["name"])
    return names


def fill_table(cursor: psycopg.Cursor[Any], relation: dict[str, Any]) -> None:
    """A few rows in a table; the cursor gives dictionaries."""
    table = sql.Identifier(relation["schema"], relation["name"])
    options = _options(cursor, relation["oid"])
    columns = [each for each in cursor.execute(_COLUMNS, [relation["oid"]]).fetchall() if not each["given"]]
    for number in range(ROWS):
        values = [_value(cursor, each, options, place, number) for place, each in enumerate(columns)]
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
                table,
                sql.SQL(", ").join(sql.Identifier(each["name"]) for each in columns),
                sql.SQL(", ").join(map(sql.Literal, values)),
            )
        )


def _options(cursor: psycopg.Cursor[Any], oid: int) -> dict[str, list[str]]:
    """Values that check constraints allow, by column."""
    rows = cursor.execute(
        "SELECT pg_get_constraintdef(oid) AS said FROM pg_constraint WHERE contype = 'c' AND conrelid = %s",
        [oid],
    ).fetchall()
    found = [match for row in rows for match in _OPTIONS.findall(row["said"])]
    return {column: re.findall(r"'([^']*)'", values) for column, values in found}


def _value(
    cursor: psycopg.Cursor[Any],
    column: dict[str, Any],
    options: dict[str, list[str]],
    place: int,
    number: int,
) -> Any:
    name, kind = column["name"], column["type"]
    if name in options:
        return options[name][number % len(options[name])]
    if column["target"] or name == "instrument_id":
        target = (column["target"] or "instruments"), (column["target_column"] or "instrument_id")
        # a table that refers to itself is empty at first
        rows = cursor.execute(f"SELECT {target[1]} AS key FROM {target[0]} ORDER BY 1".encode()).fetchall()
        return rows[number % len(rows)]["key"] if rows else None
    if name in _KNOWN:
        return _KNOWN[name]
    if kind.endswith("[]"):
        return "{}" if kind.startswith("timestamp") else "{1,2}"
    # columns that come later are later, so that windows end after they began; bars have whole hours
    moment = BASE + timedelta(hours=number, minutes=0 if name == "ts" else place)
    return {
        "text": f"{name} {number}",
        "boolean": True,
        "jsonb": "{}",
        "date": moment.date() + timedelta(days=number),
        "timestamp with time zone": moment,
        "interval": timedelta(hours=1 + number),
        "tstzmultirange": f"{{[{moment.isoformat()}, {(moment + timedelta(days=1)).isoformat()})}}",
        "double precision": 100.0 + number,
    }.get(kind, number + 1)


def shown(connection: psycopg.Connection[Any]) -> dict[str, Shown]:
    """Everything that every table and view shows, by name."""
    told = {}
    for each in relations(connection):
        cursor = connection.execute(
            sql.SQL("SELECT * FROM {} AS r").format(sql.Identifier(each["schema"], each["name"]))
        )
        assert cursor.description is not None
        columns = tuple(column.name for column in cursor.description)
        as_text = sql.SQL(", ").join(sql.SQL("r.{}::text").format(sql.Identifier(name)) for name in columns)
        rows = connection.execute(
            sql.SQL("SELECT {} FROM {} AS r").format(as_text, sql.Identifier(each["schema"], each["name"]))
        ).fetchall()
        told[each["name"]] = Shown(each["kind"] == "v", columns, tuple(rows))
    return told
