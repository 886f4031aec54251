"""What `alphapulse import funding|open-interest` says of files: lines for people, a document for programs."""

from collections.abc import Iterator
from typing import Any, Final

from rich.text import Text

from alphapulse_assets.futures.history.report import FileReport, SymbolReport
from alphapulse_cli.output import console, to_text
from alphapulse_resources.candle_files.identity import counted

SYMBOLS_SHOWN: Final = 20
INTERVALS_SHOWN: Final = 8


def file_document(report: FileReport) -> dict[str, Any]:
    """A file as a program reads it; the counts are those of all its symbols."""
    symbols = [_symbol_document(each) for each in report.symbols]
    counts = ("new", "changed", "unchanged", "quarantined", "duplicates")
    return {
        "path": str(report.path),
        "format": report.format,
        "time_unit": report.time_unit,
        "assumptions": report.assumptions,
        "rows": report.rows,
        "other_symbols": report.other_symbols,
        **{name: sum(each[name] for each in symbols) for name in counts},
        "problem": report.problem,
        "symbols": symbols,
    }


def _symbol_document(each: SymbolReport) -> dict[str, Any]:
    conflicts = each.conflicts
    return {
        "symbol": each.symbol,
        "rows": each.rows,
        "new": each.written.inserted,
        "changed": each.written.changed,
        "unchanged": each.written.unchanged,
        "duplicates": each.duplicates,
        "quarantined": each.quarantined,
        "reasons": dict(each.reasons),
        "first": each.first,
        "last": each.last,
        "new_instrument": each.new_instrument,
        "notes": list(each.notes),
        "conflicts": {
            "rows": conflicts.rows,
            "replaced": each.replaced,
            "first": conflicts.first,
            "largest_at": conflicts.largest_at,
            "field": conflicts.field or None,
            "stored": conflicts.stored,
            "told": conflicts.told,
        },
        "gaps": {"count": each.gaps, "rows": each.missing},
        "intervals": [
            {"hours": hours, "first": first, "last": last, "settlements": rows}
            for hours, first, last, rows in each.intervals
        ],
    }


def print_report(report: FileReport, venue: str) -> None:
    """Lines about a file."""
    out = console()
    unit = f", times in {report.time_unit}" if report.time_unit else ""
    out.print(Text.assemble((str(report.path), "bold"), f"  {report.format}{unit}"))
    for assumption in report.assumptions:
        out.print(f"  assumed: {assumption}", markup=False)
    for each in report.symbols[:SYMBOLS_SHOWN]:
        for line in _lines(each, venue):
            out.print(line, markup=False)
    if (more := len(report.symbols) - SYMBOLS_SHOWN) > 0:
        out.print(f"  and {more:,} more symbols (--json tells of all)")


def _lines(each: SymbolReport, venue: str) -> Iterator[Text | str]:
    new = " (a new instrument)" if each.new_instrument else ""
    yield f"  as {venue} {each.symbol}{new}"
    written = each.written
    others = {"duplicates collapsed": each.duplicates, "quarantined": each.quarantined}
    told = "".join(f", {count:,} {name}" for name, count in others.items() if count)
    yield (
        f"  {each.rows:,} rows: {written.inserted:,} new, {written.changed:,} changed, "
        f"{written.unchanged:,} unchanged{told}"
    )
    for note in each.notes:
        yield f"  {note}"
    if each.conflicts.rows:
        yield Text(f"  {_in_words(each)}", style="yellow")
    if each.reasons:
        reasons = sorted(each.reasons.items(), key=lambda item: (-item[1], item[0]))
        yield "  quarantined for: " + "; ".join(f"{name} {count:,}" for name, count in reasons)
    if each.first is None:
        yield Text("  no valid row", style="yellow")
        return
    yield f"  from {to_text(each.first)} to {to_text(each.last)}"
    if each.intervals:
        yield f"  settled every {_intervals(each)}"
    gaps = (
        f"{counted(each.gaps, 'gap')} of {counted(each.missing, 'row')} together" if each.gaps else "no gaps"
    )
    yield f"  {gaps}"


def _in_words(each: SymbolReport) -> str:
    """Conflicts with what was stored, and who won."""
    found = each.conflicts
    kept = found.rows - each.replaced
    who = f"{each.replaced:,} replaced it" if each.replaced else ""
    lost = f"{kept:,} left in quarantine: --replace lets the file win" if kept else ""
    values = f"largest: {found.field} {found.stored:.8g} -> {found.told:.8g} at {to_text(found.largest_at)}"
    ends = "; ".join(part for part in (who, lost) if part)
    return f"conflicts with what was stored: {found.rows:,}, first {to_text(found.first)}; {values}; {ends}"


def _intervals(each: SymbolReport) -> str:
    shown = [
        f"{hours:g} h from {to_text(first)} ({rows:,})"
        for hours, first, _, rows in each.intervals[:INTERVALS_SHOWN]
    ]
    more = len(each.intervals) - len(shown)
    return ", ".join(shown) + (f", and {more} more changes" if more > 0 else "")
