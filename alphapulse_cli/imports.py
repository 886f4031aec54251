"""`alphapulse import list` and `import undo`: what was imported, and how to be rid of it."""

from pathlib import Path
from typing import Any, Final

from alphapulse_assets.candles.undoing import Undone, undo
from alphapulse_cli.database import open_database
from alphapulse_cli.import_progress import import_progress
from alphapulse_cli.output import console, parse_format, print_json, print_records, print_rows, to_text
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.import_log import imports

CANDLES: Final = "ohlcv"
"""What imports of candles are called in the record."""
_COLUMNS: Final = (
    "id", "started_at", "status", "dataset", "venue", "symbol", "timeframe", "rows", "new", "changed",
    "unchanged", "quarantined", "files", "command", "error", "finished_at", "undone_at", "removed",
    "restored", "kept",
)  # fmt: skip


def show(limit: int, form: str) -> None:
    """List the newest imports."""
    style = parse_format(form)
    rows = imports(open_database(), limit=limit or None)
    if not style.for_people:
        print_records(rows, _COLUMNS, style)
        return
    if not rows:
        console().print("nothing has been imported yet: alphapulse import candles FILE ...")
        return
    columns = ("id", "started", "status", "what", "new", "changed", "files")
    print_rows(columns, map(_in_words, rows), style)


def _in_words(row: dict[str, Any]) -> tuple[Any, ...]:
    names = [Path(file["path"]).name for file in row["files"]]
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return (
        row["id"],
        f"{row['started_at']:%Y-%m-%d %H:%M}",
        row["status"],
        _what(row),
        row["new"],
        row["changed"],
        (names[0] if names else "") + more,
    )


def _what(row: dict[str, Any]) -> str:
    kind = row["timeframe"] if row["dataset"] == CANDLES else row["dataset"]
    return " ".join(part for part in (row["venue"], row["symbol"], kind) if part)


def take_back(import_id: int, *, dry_run: bool, as_json: bool) -> None:
    """Undo an import and say what became of its candles."""
    with import_progress() as progress:
        progress.now(f"undoing import {import_id}")
        found, what = _undo(open_database(), import_id, dry_run=dry_run)
    if as_json:
        names = ("removed", "restored", "kept", "first_kept", "undone_before")
        print_json({"import_id": import_id, "dry_run": dry_run} | {n: getattr(found, n) for n in names})
        return
    for line in _lines(import_id, found, what):
        console().print(line, markup=False)
    if dry_run:
        console().print("dry run: nothing was changed", style="yellow")


def _undo(database: Database, import_id: int, *, dry_run: bool) -> tuple[Undone, str]:
    """Undo an import of whatever data set; also what its rows are called."""
    of = [row["dataset"] for row in imports(database, import_id=import_id)]
    if of and of[0] != CANDLES:
        from alphapulse_assets.futures.history.undoing import undo_futures

        return undo_futures(database, import_id, dry_run=dry_run), "rows"
    return undo(CandleStore(database), import_id, dry_run=dry_run), "candles"


def _lines(import_id: int, found: Undone, what: str) -> list[str]:
    counts = f"{found.removed:,} {what} removed, {found.restored:,} put back as they were"
    if found.undone_before is not None:
        return [f"import {import_id} was undone at {to_text(found.undone_before)}: {counts}; nothing to do"]
    lines = [f"import {import_id}: {counts}"]
    if found.kept:
        first = f" (first {to_text(found.first_kept)})" if found.first_kept else ""
        lines.append(f"  {found.kept:,} {what} were changed by something newer since: left{first}")
    return lines
