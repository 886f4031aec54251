"""`alphapulse import candles`: which files, how it goes, what became of each."""

import glob
import hashlib
import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import typer

from alphapulse_assets.candles.import_report import FileReport
from alphapulse_assets.candles.importing import CandleImport, FileRefusedError, ImportStoppedError
from alphapulse_assets.candles.native import Comparison
from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.import_output import (
    document,
    file_document,
    print_comparisons,
    print_reports,
    print_what_follows,
)
from alphapulse_cli.import_progress import import_progress
from alphapulse_cli.meant import meant
from alphapulse_cli.output import console, fail, notes, print_json, to_json
from alphapulse_resources.candle_files import (
    CandleFile,
    CandleFileError,
    other_file,
    read_ahead,
    read_candles,
)
from alphapulse_resources.candle_files.options import Options, TimeIs, told_columns
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.import_log import ImportRecord, recorded
from alphapulse_resources.timeframes import TIMEFRAMES

ENDINGS: Final = (
    ".csv", ".csv.gz", ".zip", ".json", ".json.gz", ".parquet",
    ".feather", ".arrow", ".txt", ".tsv", ".ndjson",
    ".jsonl", ".ndjson.gz", ".jsonl.gz", ".tar", ".tar.gz", ".tgz", ".csv.bz2", ".csv.xz",
)  # fmt: skip
"""Files of a directory that are taken for candle files; a file that is named is always read."""
SHOWN_OTHERS: Final = 5


@dataclass(frozen=True, slots=True)
class Request:
    """What the user said about the files."""

    venue: str
    symbol: str
    timeframe: str
    timezone: str = "UTC"
    time_is: str | None = None
    day_first: bool | None = None
    dry_run: bool = False
    force: bool = False
    new_venue: bool = False
    columns: tuple[str, ...] = ()  # PART=NAME, as typed
    any_symbol: bool = False

    def opening(self) -> TimeIs | None:
        """`time_is`, checked."""
        if self.time_is is None:
            return None
        if self.time_is == "open":
            return "open"
        if self.time_is == "close":
            return "close"
        raise CommandError(f"--time-is {self.time_is!r} is not known: use open or close")

    def read(self, path: Path) -> CandleFile:
        """Read a file as the user said it is to be read."""
        return read_candles(
            path,
            timeframe=self.timeframe,
            symbol=self.symbol,
            timezone=self.timezone,
            time_is=self.opening(),
            day_first=self.day_first,
            venue=self.venue,
            columns=told_columns(self.columns),
            any_symbol=self.any_symbol,
        )


def run(request: Request, patterns: Sequence[str], *, as_json: bool) -> None:
    """Import every file and report.

    A file that cannot be read stops none of the others, one that looks like another instrument's stops all;
    either way, and when less than half of a file could be stored, the exit code is 1.
    """
    if request.timeframe not in TIMEFRAMES:
        raise CommandError(f"timeframe {request.timeframe!r} is not known: use {', '.join(TIMEFRAMES)}")
    request.opening()
    told_columns(request.columns)
    database = open_database(demo=False)
    venue, symbol = meant(database, request.venue, request.symbol, new_venue=request.new_venue)
    request = replace(request, venue=venue, symbol=symbol)
    paths = without_others(expand(patterns), patterns, request)
    now = datetime.now(UTC)
    if request.dry_run:
        outcome = _import(request, paths, database, None, now)
    else:
        command = shlex.join(["alphapulse", "import", "candles", *patterns, "--timeframe", request.timeframe])
        about = request.venue, request.symbol, request.timeframe
        with recorded(database, command, about, now) as record:
            outcome = _import(request, paths, database, record, now)
            record.error = "\n".join(outcome.problems) or None
    _tell(request, outcome, as_json=as_json)
    for message in outcome.problems:
        fail(message)
    if outcome.problems:
        raise typer.Exit(1)


@dataclass(slots=True)
class Outcome:
    """What came of an import."""

    import_id: int | None
    reports: list[FileReport] = field(default_factory=list)
    errors: dict[Path, str] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """Why it is no success, a line each."""
        return [*self.errors.values(), *(report.problem for report in self.reports if report.problem)]


def _import(
    request: Request,
    paths: Sequence[Path],
    database: Database,
    record: ImportRecord | None,
    now: datetime,
) -> Outcome:
    outcome = Outcome(record.import_id if record else None)
    job = CandleImport(
        CandleStore(database),
        request.venue,
        request.symbol,
        request.timeframe,
        now,
        request.dry_run,
        force=request.force,
        import_id=outcome.import_id,
    )
    with import_progress() as progress:
        for path, coming in read_ahead(paths, request.read):
            progress.now(path.name)
            try:
                report = job.file(coming.result(), partial(progress.now, path.name))
            except (CandleFileError, FileRefusedError, ImportStoppedError) as error:
                outcome.errors[path] = str(error)
                _note(record, path, {"path": str(path), "error": str(error)})
                if isinstance(error, ImportStoppedError):
                    break
            else:
                outcome.reports.append(report)
                _note(record, path, to_json(file_document(report)))
        progress.now("timeframes")
        outcome.comparisons = job.finish(outcome.reports)
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
    about = {
        "import_id": outcome.import_id,
        "venue": request.venue,
        "symbol": request.symbol,
        "timeframe": request.timeframe,
        "dry_run": request.dry_run,
    }
    if as_json:
        print_json(document(about, outcome.reports, outcome.errors, outcome.comparisons))
        return
    print_reports(about, outcome.reports)
    print_comparisons(outcome.comparisons)
    if outcome.reports and request.timeframe != "1m":
        print_what_follows(request.timeframe)
    if request.dry_run:
        console().print("dry run: nothing was kept", style="yellow")
    elif any(report.written.inserted or report.written.changed for report in outcome.reports):
        console().print(
            f"import {outcome.import_id}; alphapulse import undo {outcome.import_id} takes it back"
        )


def expand(patterns: Sequence[str]) -> list[Path]:
    """The files meant: named ones, those a pattern finds, and candle files below directories, in order."""
    found: dict[Path, None] = {}
    for pattern in patterns:
        path = Path(pattern)
        if path.is_dir():
            below = [p for p in sorted(path.rglob("*")) if p.is_file() and not p.name.startswith(".")]
            taken = [p for p in below if p.name.lower().endswith(ENDINGS)]
            if not taken:
                raise CommandError(f"{pattern} holds no candle files (endings: {', '.join(ENDINGS)})")
            if left := [p.name for p in below if p not in taken]:
                notes().print(f"{pattern}: left out as no candle files: {', '.join(left)}", markup=False)
        elif path.exists():
            taken = [path]
        else:
            taken = [p for p in map(Path, sorted(glob.glob(pattern, recursive=True))) if p.is_file()]
            if not taken:
                raise CommandError(f"there is no file {pattern}")
        found |= dict.fromkeys(taken)
    return list(found)


def without_others(paths: Sequence[Path], patterns: Sequence[str], request: Request) -> list[Path]:
    """The files without those found in a directory whose names say another symbol or timeframe."""
    folders = [path for path in map(Path, patterns) if path.is_dir()]
    asked = Options(request.timeframe, request.symbol, venue=request.venue)
    others: dict[Path, str] = {}
    for path in paths:
        folder = next((folder for folder in folders if path.is_relative_to(folder)), None)
        if folder is None or str(path) in patterns or request.any_symbol:
            continue
        if said := other_file(path, folder, asked):
            others[path] = said
    if others:
        told = "; ".join(f"{path.name} says {said}" for path, said in list(others.items())[:SHOWN_OTHERS])
        more = f"; and {len(others) - SHOWN_OTHERS} more" if len(others) > SHOWN_OTHERS else ""
        files = f"{len(others)} file" + ("s" if len(others) > 1 else "")
        left = f"{files} left out as not {request.symbol} {request.timeframe}: {told}{more}"
        if len(others) == len(paths):
            raise CommandError(f"nothing to import: {left}")
        notes().print(left, markup=False)
    return [path for path in paths if path not in others]
