"""`alphapulse export`: a table or view as a file."""

import time
from datetime import UTC, datetime
from pathlib import Path

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.output import console, notes
from alphapulse_resources.export import export_relation


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
    began = time.monotonic()
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} rows"), TimeElapsedColumn())
    with Progress(*columns, console=notes(), transient=True, disable=not notes().is_terminal) as progress:
        task = progress.add_task(relation, total=None)
        rows = export_relation(
            database.dsn,
            relation,
            file,
            start=first,
            end=last,
            venue=venue,
            symbol=symbol,
            timeframe=timeframe,
            time_column=time_column,
            progress=lambda count: progress.update(task, completed=count),
        )
    console().print(f"{file}: {rows:,} rows in {time.monotonic() - began:.1f} s", markup=False)


def parse_time(text: str | None, option: str) -> datetime | None:
    """A time in ISO 8601; without a zone it is UTC, without a clock it is midnight."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{option} {text!r} is no time: write 2024-01-31 or 2024-01-31T12:00Z") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
