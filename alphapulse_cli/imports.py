"""`alphapulse import list` and `import undo`: what was imported, and how to be rid of it."""

from pathlib import Path
from typing import Any, Final

from alphapulse_assets.candles.undoing import Undone, undo
from alphapulse_cli.database import open_database
from alphapulse_cli.import_progress import import_progress
from alphapulse_cli.output import Format, console, print_json, print_records, print_rows, to_text
from alphapulse_cli.query import parse_format
from alphapulse_resources.database.candle_store import CandleStore
from alphapulse_resources.database.import_log import imports

_COLUMNS: Final = (
    "id", "started_at", "status", "venue", "symbol", "timeframe", "rows", "new", "changed", "unchanged",
    "quarantined", "files", "command", "error", "finished_at", "undone_at", "removed", "restored", "kept",
)  # fmt: skip


def show(limit: int, form: str) -> None:
    """List the newest imports."""
    style = parse_format(form)
    rows = imports(open_database(), limit=limit or None)
    if style is not Format.TABLE:
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
        f"{row['venue']} {row['symbol']} {row['timeframe']}",
        row["new"],
        row["changed"],
        (names[0] if names else "") + more,
    )


def take_back(import_id: int, *, dry_run: bool, as_json: bool) -> None:
    """Undo an import and say what became of its candles."""
    with import_progress() as progress:
        progress.now(f"undoing import {import_id}")
        found = undo(CandleStore(open_database()), import_id, dry_run=dry_run)
    if as_json:
        names = ("removed", "restored", "kept", "first_kept", "undone_before")
        print_json({"import_id": import_id, "dry_run": dry_run} | {n: getattr(found, n) for n in names})
        return
    for line in _lines(import_id, found):
        console().print(line, markup=False)
    if dry_run:
        console().print("dry run: nothing was changed", style="yellow")


def _lines(import_id: int, found: Undone) -> list[str]:
    counts = f"{found.removed:,} candles removed, {found.restored:,} put back as they were"
    if found.undone_before is not None:
        return [f"import {import_id} was undone at {to_text(found.undone_before)}: {counts}; nothing to do"]
    lines = [f"import {import_id}: {counts}"]
    if found.kept:
        first = to_text(found.first_kept)
        lines.append(f"  {found.kept:,} candles were changed by something newer since: left (first {first})")
    return lines
