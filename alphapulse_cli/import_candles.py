"""`alphapulse import candles`: which files, how it goes, what became of each."""

import glob
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from alphapulse_assets.candles.importing import CandleImport, Comparison, FileReport
from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.output import console, fail, notes, print_json, to_text
from alphapulse_resources.candle_files import (
    CandleFile,
    CandleFileError,
    other_file,
    read_ahead,
    read_candles,
)
from alphapulse_resources.candle_files.options import Options, TimeIs, told_columns
from alphapulse_resources.candle_store import CandleStore
from alphapulse_resources.frames import TIMEFRAMES

ENDINGS: Final = (
    ".csv", ".csv.gz", ".zip", ".json", ".json.gz", ".parquet",
    ".feather", ".arrow", ".txt", ".tsv", ".ndjson",
    ".jsonl", ".ndjson.gz", ".jsonl.gz", ".tar", ".tar.gz", ".tgz", ".csv.bz2", ".csv.xz",
)  # fmt: skip
"""Files of a directory that are taken for candle files; a file that is named is always read."""
REASONS_SHOWN: Final = 5
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
    """Import every file and report; a file that cannot be read stops none of the others but the exit code."""
    if request.timeframe not in TIMEFRAMES:
        raise CommandError(f"timeframe {request.timeframe!r} is not known: use {', '.join(TIMEFRAMES)}")
    request.opening()
    told_columns(request.columns)
    paths = without_others(expand(patterns), patterns, request)
    store = CandleStore(open_database())
    job = CandleImport(
        store, request.venue, request.symbol, request.timeframe, datetime.now(UTC), request.dry_run
    )
    reports: list[FileReport] = []
    errors: dict[Path, str] = {}
    with _bar(len(paths)) as progress:
        task = progress.add_task("", total=0)
        for path, coming in read_ahead(paths, request.read):
            progress.update(task, description=path.name, completed=0, total=None)
            try:
                file = coming.result()
            except CandleFileError as error:
                errors[path] = str(error)
            else:
                reports.append(job.file(file, partial(_show, progress, task)))
        progress.update(task, description="timeframes", completed=0, total=None)
        comparisons = job.finish(reports)
    if as_json:
        print_json(_document(request, reports, errors, comparisons))
    else:
        _print(request, reports, comparisons)
    for message in errors.values():
        fail(message)
    if errors:
        raise typer.Exit(1)


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


def _show(progress: Progress, task: TaskID, done: int, total: int) -> None:
    progress.update(task, completed=done, total=total)


@contextmanager
def _bar(files: int) -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=notes(), transient=True, disable=not notes().is_terminal or not files
    ) as bar:
        yield bar


def _document(
    request: Request,
    reports: Sequence[FileReport],
    errors: dict[Path, str],
    comparisons: Sequence[Comparison],
) -> dict[str, Any]:
    return {
        "venue": request.venue,
        "symbol": request.symbol,
        "timeframe": request.timeframe,
        "dry_run": request.dry_run,
        "files": [_file_document(report) for report in reports],
        "unreadable": [{"path": str(path), "error": error} for path, error in errors.items()],
        "native_comparisons": [
            {
                "timeframe": found.timeframe,
                "bars": found.bars,
                "differing": found.differing,
                "incomplete": found.incomplete,
                "fields": dict(found.fields),
            }
            for found in comparisons
        ],
    }


def _file_document(report: FileReport) -> dict[str, Any]:
    plain = ("format", "time_unit", "assumptions", "rows", "candles", "duplicates", "forming", "quarantined")
    return {
        "path": str(report.path),
        **{name: getattr(report, name) for name in (*plain, "absent", "other_symbols")},
        "reasons": dict(report.reasons),
        "new": report.written.inserted,
        "changed": report.written.changed,
        "unchanged": report.written.unchanged,
        "first": report.first,
        "end": report.end,
        "gaps": {
            "count": len(report.gaps),
            "minutes": report.gap_minutes,
            "longest": [{"start": gap.start, "end": gap.end} for gap in report.longest_gaps()],
        },
    }


def _print(request: Request, reports: Sequence[FileReport], comparisons: Sequence[Comparison]) -> None:
    out = console()
    for report in reports:
        for line in _lines(report, request):
            out.print(line, markup=False)
    for found in comparisons:
        if not found.differing:
            out.print(
                f"{found.timeframe}: {found.bars:,} native bars agree with the aggregates of 1m candles"
            )
            continue
        fields = ", ".join(f"{name} {count:,}" for name, count in sorted(found.fields.items()))
        out.print(
            f"{found.timeframe}: {found.differing:,} of {found.bars:,} native bars differ from the "
            f"aggregates of 1m candles ({fields}); {found.incomplete:,} of them lack minutes. "
            "They are in native_differences."
        )
    if request.dry_run:
        out.print("dry run: nothing was kept", style="yellow")


def _lines(report: FileReport, request: Request) -> Iterator[Text | str]:
    unit = f", times in {report.time_unit}" if report.time_unit else ""
    yield Text.assemble((str(report.path), "bold"), f"  {report.format}{unit}")
    for assumption in report.assumptions:
        yield f"  assumed: {assumption}"
    written = report.written
    yield (
        f"  {report.rows:,} rows: {written.inserted:,} new, {written.changed:,} changed, "
        f"{written.unchanged:,} unchanged{_others(report)}"
    )
    if report.reasons:
        ordered = sorted(report.reasons.items(), key=lambda item: (-item[1], item[0]))
        told = [f"{reason} {count:,}" for reason, count in ordered[:REASONS_SHOWN]]
        more = len(ordered) - len(told)
        yield f"  quarantined for: {'; '.join(told)}" + (f"; and {more} more reasons" if more > 0 else "")
    if report.first is None:
        yield Text("  no valid candle", style="yellow")
        return
    yield f"  from {to_text(report.first)} to {to_text(report.end)}, {request.timeframe} bars"
    if report.gaps:
        longest = "; ".join(f"{to_text(gap.start)} to {to_text(gap.end)}" for gap in report.longest_gaps())
        yield f"  {len(report.gaps):,} gaps of {report.gap_minutes:,} minutes together; longest: {longest}"
    else:
        yield "  no gaps"


def _others(report: FileReport) -> str:
    """What is no stored candle, where there is some of it."""
    counts = {
        "quarantined": report.quarantined,
        "duplicates collapsed": report.duplicates,
        "without trades": report.absent,
        "still forming": report.forming,
        "of other instruments or timeframes": report.other_symbols,
    }
    return "".join(f", {count:,} {name}" for name, count in counts.items() if count)
