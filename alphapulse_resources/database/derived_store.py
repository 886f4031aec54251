"""Bars to compute from, and what was computed: every statement about derived rows, and no decisions.

What is derived is written by windows: after `replace` the window holds exactly the rows of the frame, so a
pattern that a corrected candle no longer shows goes, and a replay writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

import polars as pl
import psycopg
from psycopg import sql

from alphapulse_resources.database.binary_copy import copy_batches
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.locks import lock_writers
from alphapulse_resources.database.tables import Table
from alphapulse_resources.database.upsert import Written
from alphapulse_resources.frames import CANDLE_SCHEMA, TIMEFRAMES, floor_time

COMPUTED: Final = ("1m", "5m", "15m", "1h", "4h", "1d", "1w")
"""The timeframes that indicators, regimes and patterns are computed of."""

TIMEFRAME_IDS: Final[Mapping[str, int]] = {
    name: TIMEFRAMES[name] // timedelta(minutes=1) for name in COMPUTED
}
"""Rows of table `timeframes`."""

_COLUMNS: Final = ", ".join(CANDLE_SCHEMA)


@dataclass(frozen=True, slots=True)
class Subject:
    """An instrument as far as computing is concerned."""

    instrument_id: int
    venue: str
    symbol: str
    quote: str
    tick_size: float | None
    lot_size: float | None = None

    def __str__(self) -> str:
        return f"{self.venue} {self.symbol}"


@dataclass(frozen=True, slots=True)
class Mark:
    """A day of an instrument whose bars changed."""

    instrument_id: int
    day: date
    seq: int


class BarReader:
    """Closed bars of one instrument and timeframe in a database, as they were at one moment.

    A bar is made of its minutes where those are all there. Where some or all are missing, the native bar
    counts, or the one that shorter native bars add up to (`coarse_bars`); else what the minutes say. The
    views `ohlcv` and `bars` have the same rule.
    """

    def __init__(self, database: Database, subject: Subject, timeframe: str, now: datetime) -> None:
        self.database = database
        self.subject = subject
        self.timeframe = timeframe
        self.closed_until = floor_time(now, timeframe)

    def of(self, timeframe: str) -> "BarReader":
        """Bars of the same instrument that are closed by the end of the last bar here."""
        return BarReader(self.database, self.subject, timeframe, self.closed_until)

    def between(self, start: datetime, end: datetime) -> pl.DataFrame:
        """Bars that open in [start, end) and are closed: CANDLE_SCHEMA, sorted by ts."""
        return self._read("ts >= $2 AND ts < $3", "ts", start, min(end, self.closed_until))

    def before(self, moment: datetime, count: int) -> pl.DataFrame:
        """The last `count` bars that open before a moment: CANDLE_SCHEMA, sorted by ts."""
        end = min(moment, self.closed_until)
        return self._read("ts < $2", "ts DESC LIMIT $3", end, count).reverse()

    def opens_after(self, moment: datetime, count: int) -> datetime:
        """The open time of the `count`-th closed bar from a moment on; of the last one where there are fewer.

        Without any it is the moment itself.
        """
        found = self._read(
            "ts >= $2 AND ts < $3", "ts LIMIT $4", moment, self.closed_until, count, columns="ts"
        )
        return found["ts"][-1] if found.height else moment

    def newest(self) -> datetime | None:
        """The open time of the newest closed bar."""
        found = self.before(self.closed_until, 1)
        return found["ts"][0] if found.height else None

    def _read(self, condition: str, order: str, *parameters: Any, columns: str = _COLUMNS) -> pl.DataFrame:
        name = "derived/bars_with_coarse" if self._has_coarse else "derived/bars_of_minutes"
        query = statement(
            name,
            columns=sql.SQL(columns),
            relation=f"ohlcv_{self.timeframe}",
            condition=sql.SQL(condition),
            sequence=sql.SQL(order),
            **({"minutes": sql.Literal(TIMEFRAME_IDS[self.timeframe])} if self._has_coarse else {}),
        )
        found = self.database.read(query, (self.subject.instrument_id, *parameters))
        return found.cast({name: CANDLE_SCHEMA[name] for name in found.columns})

    @cached_property
    def _has_coarse(self) -> bool:
        """Whether the instrument has bars of this timeframe that were not made of minutes."""
        if self.timeframe == "1m":
            return False
        told = {"instrument_id": self.subject.instrument_id, "timeframe_id": TIMEFRAME_IDS[self.timeframe]}
        return bool(self.database.rows(statement("derived/has_coarse"), told)[0]["has_coarse"])


class DerivedStore:
    """What is derived from candles in one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def bars(self, subject: Subject, timeframe: str, now: datetime) -> BarReader:
        """The bars of an instrument and timeframe that are closed by now."""
        return BarReader(self.database, subject, timeframe, now)

    def last_close(self, subject: Subject, now: datetime) -> datetime | None:
        """When the newest closed bar of an instrument closed: its minute, or a bar that has none.

        Nothing of it becomes known later. None without bars.
        """
        told = {"instrument_id": subject.instrument_id, "now": now}
        found: datetime | None = self.database.rows(statement("derived/last_close"), told)[0]["last_close"]
        return found

    def tracked(self, venues: Sequence[str], symbols: Sequence[str] | None = None) -> list[Subject]:
        """Instruments of these venues that are tracked; named ones also if they are not."""
        rows = self.database.rows(
            statement("derived/subjects"),
            {"venues": list(venues), "symbols": None if symbols is None else list(symbols), "ids": None},
        )
        return [Subject(**row) for row in rows]

    def subjects(self, instrument_ids: Sequence[int]) -> list[Subject]:
        """Instruments by key."""
        rows = self.database.rows(
            statement("derived/subjects"), {"venues": None, "symbols": None, "ids": list(instrument_ids)}
        )
        return [Subject(**row) for row in rows]

    # rows ------------------------------------------------------------------------------------------------

    def lock(self, connection: psycopg.Connection[Any], table: Table, instrument_id: int) -> None:
        """One writer of an instrument's rows at a time, until the transaction ends (as `upsert`)."""
        lock_writers(connection, table.name, [instrument_id])

    def replace(
        self,
        connection: psycopg.Connection[Any],
        table: Table,
        frame: pl.DataFrame,
        scope: Mapping[str, int | str],
        window: tuple[datetime, datetime],
    ) -> Written:
        """Make the rows of `scope` in [start, end) exactly those of a frame, in the caller's transaction.

        `frame` has at least the columns of the table that are not in `scope`; rows are unique on the key.
        """
        numbers = {name: pl.Int16 if name == "timeframe_id" else pl.Int32 for name in scope}
        full = frame.with_columns(
            pl.lit(value, pl.String if isinstance(value, str) else numbers[name]).alias(name)
            for name, value in scope.items()
        )
        if "created_at" in table.provenance:
            full = full.with_columns(pl.lit(datetime.now(UTC)).cast(CANDLE_SCHEMA["ts"]).alias("created_at"))
        full = full.sort(table.key)
        written = self.database.upsert(connection, table, full)
        removed = _remove_others(connection, table, full, scope, window)
        instrument = int(scope.get("instrument_id", 0))
        days = written.changed_days | {(instrument, day) for day in removed}
        return replace(written, removed=len(removed), changed_days=days)

    def computed_until(self, dataset: str, logic_version: int) -> dict[tuple[int, int], datetime]:
        """The end of the last window that was computed, by instrument and timeframe (their keys)."""
        told = {"dataset": dataset, "logic_version": logic_version}
        rows = self.database.rows(statement("derived/computed_until"), told)
        return {(row["instrument_id"], row["timeframe_id"]): row["computed_until"] for row in rows}

    def note_window(
        self,
        connection: psycopg.Connection[Any],
        dataset: str,
        scope: Mapping[str, int | str],
        window: tuple[datetime, datetime],
    ) -> None:
        """Keep for which bars something was computed."""
        connection.execute(
            statement("derived/note_window"),
            {"dataset": dataset, **scope, "start": window[0], "end": window[1]},
        )

    # marks -----------------------------------------------------------------------------------------------

    def marks(self, dataset: str) -> list[Mark]:
        """Days with changed bars that a data set has not caught up with, by instrument and day."""
        rows = self.database.rows(
            "SELECT instrument_id, day, seq FROM derived_dirty WHERE dataset = %(dataset)s"
            " ORDER BY instrument_id, day",
            {"dataset": dataset},
        )
        return [Mark(**row) for row in rows]

    def mark_scored(
        self,
        connection: psycopg.Connection[Any],
        start: datetime,
        end: datetime | None,
        timeframe: str | None = None,
    ) -> None:
        """What scores of [start, end) rest on became another, in the caller's transaction: they are due anew.

        `end` None stands for ever, `timeframe` None for all.
        """
        only = None if timeframe is None else [TIMEFRAME_IDS[timeframe]]
        connection.execute(
            "SELECT mark_scored_dirty(%s::timestamptz, coalesce(%s::timestamptz, 'infinity'), %s::integer[])",
            [start, end, only],
        )

    def forget(self, dataset: str, marks: Sequence[Mark]) -> None:
        """Take marks away that nothing was added to since they were read."""
        self.database.execute(
            "DELETE FROM derived_dirty WHERE dataset = %(dataset)s AND seq = ANY (%(seqs)s)",
            {"dataset": dataset, "seqs": [mark.seq for mark in marks]},
        )


def _is_in(scope: Mapping[str, int | str]) -> sql.Composed:
    return sql.SQL(" AND ").join(
        sql.SQL("o.{} = {}").format(sql.Identifier(name), sql.Literal(value)) for name, value in scope.items()
    )


def _remove_others(
    connection: psycopg.Connection[Any],
    table: Table,
    kept: pl.DataFrame,
    scope: Mapping[str, int | str],
    window: tuple[datetime, datetime],
) -> list[date]:
    """Delete the rows of the window that are not among `kept`, all of which are stored; the day of each."""
    condition = sql.SQL("{} AND o.ts >= {} AND o.ts < {}").format(
        _is_in(scope), sql.Literal(window[0]), sql.Literal(window[1])
    )
    name = sql.Identifier(table.name)
    count = connection.execute(
        sql.SQL("SELECT count(*) FROM {} AS o WHERE {}").format(name, condition)
    ).fetchone()
    if count is not None and count[0] == kept.height:
        return []
    keys = kept.select(column for column in table.key if column not in scope)
    stage = sql.Identifier("stage_kept")
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} LIMIT 0").format(
            stage, sql.SQL(", ").join(map(sql.Identifier, keys.columns)), name
        )
    )
    if keys.height:
        rows = keys.to_arrow(compat_level=pl.CompatLevel.oldest())
        copy_batches(connection, "stage_kept", rows.to_batches())
    same = sql.SQL(" AND ").join(
        sql.SQL("k.{c} = o.{c}").format(c=sql.Identifier(column)) for column in keys.columns
    )
    removed = connection.execute(
        sql.SQL(
            "DELETE FROM {} AS o WHERE {} AND NOT EXISTS (SELECT FROM {} AS k WHERE {})"
            " RETURNING (o.ts AT TIME ZONE 'UTC')::date"
        ).format(name, condition, stage, same)
    ).fetchall()
    connection.execute(sql.SQL("DROP TABLE {}").format(stage))
    return [day for (day,) in removed]
