"""`alphapulse export`: a table or view as a file."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from psycopg import sql
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.meant import among, known_or_as_asked, symbols_of, venues_of
from alphapulse_cli.output import console, notes
from alphapulse_resources.database.client import Database
from alphapulse_resources.export import NothingToExportError, export_relation
from alphapulse_resources.timeframes import TIMEFRAMES


def run(
    relation: str,
    file: Path,
    *,
    venue: str | None,
    symbol: str | None,
    timeframe: str | None,
    start: str | None,
    end: str | None,
    time_column: str,
) -> None:
    """Export and say how many rows went into the file in how many seconds."""
    first, last = parse_time(start, "--start"), parse_time(end, "--end")
    database = open_database()
    venue, symbol = _as_known(database, venue, symbol)
    began = time.monotonic()
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} rows"), TimeElapsedColumn())
    asked = {"venue": venue, "symbol": symbol, "timeframe": timeframe}
    with Progress(*columns, console=notes(), transient=True, disable=not notes().is_terminal) as progress:
        task = progress.add_task(relation, total=None)
        try:
            rows = export_relation(
                database.dsn,
                relation,
                file,
                start=first,
                end=last,
                **asked,
                time_column=time_column,
                progress=lambda count: progress.update(task, completed=count),
                empty=False,
            )
        except NothingToExportError:
            raise CommandError(_why_nothing(database, relation, asked, bool(first or last))) from None
    console().print(f"{file}: {rows:,} rows in {time.monotonic() - began:.1f} s", markup=False)


def _as_known(database: Database, venue: str | None, symbol: str | None) -> tuple[str | None, str | None]:
    """Venue and symbol in their own letters, where they are known in others."""
    if venue is not None:
        venue = known_or_as_asked(venue, venues_of(database))
    if symbol is not None:
        symbol = known_or_as_asked(symbol, symbols_of(database, venue))
    return venue, symbol


def _why_nothing(database: Database, relation: str, asked: Mapping[str, str | None], window: bool) -> str:
    """Why there is nothing to export: the first name that is not known, with the nearest one that is."""
    known = {
        "venue": venues_of(database),
        "symbol": symbols_of(database, asked["venue"]),
        "timeframe": list(TIMEFRAMES),
    }
    named = [(what, name) for what, name in asked.items() if name is not None]
    problem = next((said for what, name in named if (said := among(what, name, known[what]))), None)
    of = " of " + " ".join(name for _, name in named) if named else ""
    within = " in this window" if window else ""
    nothing = f"{relation} has no rows{of}{within}: nothing was written"
    if problem is None and asked["timeframe"] and "timeframe" in _columns(database, relation):
        there = _timeframes(database, relation, asked)
        problem = f"there are: {', '.join(there)}" if there and asked["timeframe"] not in there else None
    return nothing + (f"; {problem}" if problem else "")


def _columns(database: Database, relation: str) -> set[str]:
    return {column.name for column in database.describe(relation.rpartition(".")[2])[1]}


def _timeframes(database: Database, relation: str, asked: Mapping[str, str | None]) -> list[str]:
    """The timeframes that these rows would have."""
    conditions = [
        sql.SQL("r.{} = {}").format(sql.Identifier(name), sql.Literal(asked[name]))
        for name in ("venue", "symbol")
        if asked[name] is not None
    ]
    query = sql.SQL(
        "SELECT t.timeframe FROM timeframes AS t WHERE EXISTS (SELECT FROM {} AS r WHERE {})"
        " ORDER BY t.minutes"
    ).format(
        sql.Identifier(*relation.split(".")),
        sql.SQL(" AND ").join([sql.SQL("r.timeframe = t.timeframe"), *conditions]),
    )
    return [row["timeframe"] for row in database.rows(query)]


def parse_time(text: str | None, option: str) -> datetime | None:
    """A time in ISO 8601; without a zone it is UTC, without a clock it is midnight."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{option} {text!r} is no time: write 2024-01-31 or 2024-01-31T12:00Z") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
