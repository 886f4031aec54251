"""`alphapulse pine check`: diagnostics of scripts, as compilers print them."""

import json
from collections.abc import Sequence
from pathlib import Path

import typer

from alphapulse_assets.pine.diagnostics import Diagnostic, Severity
from alphapulse_assets.pine.validating import check

_COLOURS = {Severity.ERROR: typer.colors.RED, Severity.WARNING: typer.colors.YELLOW}


def check_files(files: Sequence[Path], *, as_json: bool) -> int:
    """Print what is found; 1 where a script cannot run or be opened, else 0."""
    found = {str(path): _of(path) for path in files}
    if as_json:
        rows = [{"file": name, **each.row()} for name, told in found.items() for each in told]
        typer.echo(json.dumps(rows, indent=2))
    else:
        for name, told in found.items():
            _print(name, told)
    wrong = [name for name, told in found.items() if any(each.severity is Severity.ERROR for each in told)]
    if not as_json:
        typer.echo(f"{len(found)} checked, {len(wrong)} cannot run", err=True)
    return 1 if wrong else 0


def _of(path: Path) -> list[Diagnostic]:
    try:
        return check(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        return [_unreadable(f"cannot be opened: {error.strerror}")]
    except UnicodeDecodeError as error:
        return [_unreadable(f"is not UTF-8: byte {error.start}")]


def _unreadable(why: str) -> Diagnostic:
    return Diagnostic(0, 0, Severity.ERROR, "P000", f"the file {why}")


def _print(name: str, told: Sequence[Diagnostic]) -> None:
    if not told:
        typer.secho(f"{name}: nothing found", fg=typer.colors.GREEN)
    for each in told:
        word = typer.style(f"{each.severity} {each.code}", fg=_COLOURS[each.severity])
        typer.echo(f"{name}:{each.line}:{each.column}: {word}: {each.message}")
        if each.hint:
            typer.echo(f"    {each.hint}")
