"""What `alphapulse import candles` says about the files: lines for people, a document for programs."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from alphapulse_assets.candles.import_checks import Conflicts
from alphapulse_assets.candles.import_report import FileReport, computed_on, what_follows
from alphapulse_assets.candles.native import Comparison
from alphapulse_cli.output import console, to_text
from alphapulse_resources.candle_files.identity import counted

REASONS_SHOWN: Final = 5


def document(
    about: Mapping[str, Any],
    reports: Sequence[FileReport],
    errors: Mapping[Path, str],
    comparisons: Sequence[Comparison],
) -> dict[str, Any]:
    return {
        **about,
        "files": [file_document(report) for report in reports],
        "unreadable": [{"path": str(path), "error": error} for path, error in errors.items()],
        "computed_on": list(computed_on(str(about["timeframe"]))),
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


def file_document(report: FileReport) -> dict[str, Any]:
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
        "quarantine_kept": report.quarantine_kept,
        "new_instrument": report.new_instrument,
        "problem": report.problem,
        "conflicts": _conflicts_document(report.conflicts),
        "gaps": {
            "count": len(report.gaps),
            "minutes": report.gap_minutes,
            "longest": [{"start": gap.start, "end": gap.end} for gap in report.longest_gaps()],
        },
    }


def _conflicts_document(found: Conflicts | None) -> dict[str, Any]:
    if found is None:
        return {"rows": 0}
    names = ("rows", "first", "largest_at", "field", "stored", "told", "largest")
    return {name: getattr(found, name) for name in names}


def print_reports(about: Mapping[str, Any], reports: Sequence[FileReport]) -> None:
    """Lines about each file."""
    out = console()
    for report in reports:
        for line in _lines(report, about):
            out.print(line, markup=False)


def print_what_follows(timeframe: str) -> None:
    """What will be computed of the bars, or that nothing will."""
    style = None if computed_on(timeframe) else "yellow"
    console().print(Text(what_follows(timeframe), style=style or ""))


def print_comparisons(comparisons: Sequence[Comparison]) -> None:
    """How native bars compare with the aggregates."""
    out = console()
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


def _lines(report: FileReport, about: Mapping[str, Any]) -> Iterator[Text | str]:
    unit = f", times in {report.time_unit}" if report.time_unit else ""
    yield Text.assemble((str(report.path), "bold"), f"  {report.format}{unit}")
    new = " (a new instrument)" if report.new_instrument else ""
    yield f"  as {about['venue']} {about['symbol']}{new}, {about['timeframe']} bars"
    for assumption in report.assumptions:
        yield f"  assumed: {assumption}"
    written = report.written
    yield (
        f"  {report.rows:,} rows: {written.inserted:,} new, {written.changed:,} changed, "
        f"{written.unchanged:,} unchanged{_others(report)}"
    )
    if report.conflicts is not None:
        for line in _in_words(report.conflicts):
            yield Text(f"  {line}", style="yellow")
    if report.reasons:
        ordered = sorted(report.reasons.items(), key=lambda item: (-item[1], item[0]))
        told = [f"{reason} {count:,}" for reason, count in ordered[:REASONS_SHOWN]]
        more = len(ordered) - len(told)
        yield f"  quarantined for: {'; '.join(told)}" + (f"; and {more} more reasons" if more > 0 else "")
        if report.quarantine_kept < report.quarantined:
            yield f"  the first {report.quarantine_kept:,} of them are kept in the table quarantine"
    if report.first is None:
        yield Text("  no valid candle", style="yellow")
        return
    yield f"  from {to_text(report.first)} to {to_text(report.end)}"
    if report.gaps:
        longest = "; ".join(f"{to_text(gap.start)} to {to_text(gap.end)}" for gap in report.longest_gaps())
        gaps, minutes = counted(len(report.gaps), "gap"), counted(report.gap_minutes, "minute")
        yield f"  {gaps} of {minutes} together; longest: {longest}"
    else:
        yield "  no gaps"


def _in_words(found: Conflicts) -> Iterator[str]:
    """Conflicts with what was stored."""
    rows = "1 row differs" if found.rows == 1 else f"{found.rows:,} rows differ"
    yield f"conflicts with what was stored: {rows}, first {to_text(found.first)}"
    share = f"{100 * found.largest:.1f} %" if found.largest >= 0.001 else "less than 0.1 %"
    values = f"{found.field} {found.stored:.8g} -> {found.told:.8g} ({share})"
    yield f"largest: {values} at {to_text(found.largest_at)}"


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
