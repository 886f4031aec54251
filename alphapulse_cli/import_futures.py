"""`alphapulse import funding` and `import open-interest`: which files, and what became of each."""

import hashlib
import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import typer

from alphapulse_assets.futures.history.importing import FuturesImport
from alphapulse_assets.futures.history.kinds import PAST_KINDS
from alphapulse_assets.futures.history.report import FileReport
from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.import_candles import expand
from alphapulse_cli.import_futures_output import file_document, print_report
from alphapulse_cli.import_progress import import_progress
from alphapulse_cli.meant import meant, venue_meant
from alphapulse_cli.output import console, fail, print_json, to_json
from alphapulse_resources.candle_files import CandleFileError
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.import_log import ImportRecord, recorded
from alphapulse_resources.futures_history.files import FileOptions, read_file
from alphapulse_resources.futures_history.files.options import Kind, Unit, told_columns


@dataclass(frozen=True, slots=True)
class Request:
    """What the user said about the files."""

    kind: Kind
    venue: str
    symbol: str | None = None
    timezone: str | None = None
    unit: str | None = None
    day_first: bool | None = None
    dry_run: bool = False
    force: bool = False
    replace: bool = False
    new_venue: bool = False
    columns: tuple[str, ...] = ()  # PART=NAME, as typed
    any_symbol: bool = False

    def options(self) -> FileOptions:
        """How files are read. Raises CommandError or CandleFileError for what makes no sense."""
        unit: Unit | None = None
        for known in get_args(Unit):
            unit = known if self.unit == known else unit
        if self.unit is not None and unit is None:
            raise CommandError(f"--unit {self.unit!r} is not known: use fraction or percent")
        if self.any_symbol and self.symbol is None:
            raise CommandError("--any-symbol needs --symbol: whose rows are they?")
        return FileOptions(
            self.kind,
            self.venue,
            self.symbol,
            self.timezone,
            unit,
            self.day_first,
            told_columns(self.kind, self.columns),
            self.any_symbol,
            self.force,
        )


@dataclass(slots=True)
class Outcome:
    """What came of an import."""

    import_id: int | None
    reports: list[FileReport] = field(default_factory=list)
    errors: dict[Path, str] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """Why it is no success, a line each."""
        return [*self.errors.values(), *(report.problem for report in self.reports if report.problem)]


def run(request: Request, patterns: Sequence[str], *, as_json: bool) -> None:
    """Import every file and report.

    A file that cannot be read stops none of the others; then, and when less than half of a file could be
    stored, the exit code is 1.
    """
    request.options()
    database = open_database(demo=False)
    if request.symbol is None:
        request = replace(request, venue=venue_meant(database, request.venue))
    else:
        venue, symbol = meant(database, request.venue, request.symbol, new_venue=request.new_venue)
        if ":" not in symbol:
            raise CommandError(
                f"{symbol} is a spot pair, which has neither funding nor open interest: say which perpetual, "
                f"for example --symbol {symbol}:{symbol.partition('/')[2]}"
            )
        request = replace(request, venue=venue, symbol=symbol)
    paths, now = expand(patterns), datetime.now(UTC)
    if request.dry_run:
        outcome = _import(request, paths, database, None, now)
    else:
        command = shlex.join(["alphapulse", "import", request.kind, *patterns])
        about = request.venue, request.symbol or "", ""
        dataset = PAST_KINDS[request.kind].dataset
        with recorded(database, command, about, now, dataset=dataset) as record:
            outcome = _import(request, paths, database, record, now)
            record.error = "\n".join(outcome.problems) or None
    _tell(request, outcome, as_json=as_json)
    for message in outcome.problems:
        fail(message)
    if outcome.problems:
        raise typer.Exit(1)


def _import(
    request: Request, paths: Sequence[Path], database: Database, record: ImportRecord | None, now: datetime
) -> Outcome:
    outcome = Outcome(record.import_id if record else None)
    job = FuturesImport(
        database,
        PAST_KINDS[request.kind],
        request.venue,
        request.symbol,
        now,
        request.dry_run,
        request.force,
        request.replace,
        outcome.import_id,
    )
    options = request.options()
    with import_progress() as progress:
        for path in paths:
            progress.now(path.name)
            try:
                report = job.file(read_file(path, options))
            except CandleFileError as error:
                outcome.errors[path] = str(error)
                _note(record, path, {"path": str(path), "error": str(error)})
            else:
                outcome.reports.append(report)
                _note(record, path, to_json(file_document(report)))
    return outcome


def _note(record: ImportRecord | None, path: Path, document: dict[str, Any]) -> None:
    """Keep what became of a file, and which one it was, whatever is called so later."""
    if record is None:
        return
    digest = None
    with suppress(OSError), path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        document = {**document, "bytes": path.stat().st_size}
    record.note_file({**document, "sha256": digest})


def _tell(request: Request, outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "import_id": outcome.import_id,
                "dataset": PAST_KINDS[request.kind].dataset,
                "venue": request.venue,
                "symbol": request.symbol,
                "dry_run": request.dry_run,
                "files": [file_document(report) for report in outcome.reports],
                "unreadable": [{"path": str(path), "error": error} for path, error in outcome.errors.items()],
            }
        )
        return
    for report in outcome.reports:
        print_report(report, request.venue)
    if request.dry_run:
        console().print("dry run: nothing was kept", style="yellow")
    elif any(_wrote(report) for report in outcome.reports):
        console().print(
            f"import {outcome.import_id}; alphapulse import undo {outcome.import_id} takes it back"
        )


def _wrote(report: FileReport) -> bool:
    return any(each.written.inserted or each.written.changed for each in report.symbols)
