"""What the demo says: what it waits for, and, when all is in, where to look and what to try."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from alphapulse_cli.demo_report import Report

TRY: Final = (
    ("candles, with the signals on them", "alphapulse chart BTC/USDT 15m --signals"),
    ("live order books, each proven message by message", "alphapulse books"),
    ("which patterns stand now, and how sure each is", "alphapulse sql -q 38"),
)
"""Three commands to try, each with what it shows."""


def waiting_for(state: Mapping[str, Any]) -> str:
    """What the demo waits for, by `status/demo_progress` and whether runs are still under way."""
    if not state["candles"]:
        return "first runs load their code (on a new machine it is compiled first: a minute or two)"
    if state["done"] < state["wanted"]:
        return "fetching days"
    if state["scored"] < state["wanted"]:
        return "checking and scoring each day"
    if state["dirty"]:
        return "adding up the longer timeframes"
    return "asking collectors for the first time" if state["unasked"] else "the last runs end"


def print_farewell(report: Report, console: Console, *, home: Path, web_url: str | None = None) -> None:
    """Where to look, what there is, and three things to try. `web_url` is the web terminal's, if it runs."""
    say = _Lines(console)
    console.print()
    if web_url:
        console.print(Text.assemble("Look at it: ", (web_url, "bold green")), soft_wrap=True)
    runs = ("AlphaPulse runs.", "bold green")
    console.print(Text.assemble(runs, " Dagster UI: ", (report.ui, "bold")), soft_wrap=True)
    console.print()
    for name, words in summary(report.counts):
        say.pair(name, words)
    say.pair("checks", f"{report.checks['passed']} passed, {report.checks['failed']} failed")
    for problem in report.problems:
        say.pair("problem", problem, style="bold red")
    console.print(f"\nTry in another terminal{_where(home)}:")
    commands = [_called(command) for _, command in TRY]
    for (what, _), command in zip(TRY, commands, strict=True):
        shown = command.ljust(max(map(len, commands)))
        console.print(Text.assemble("  ", (shown, "bold"), (f"   {what}", "dim")), soft_wrap=True)
    console.print(Text("\nCtrl-C stops; what was collected stays.", style="dim"))


def summary(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """What there is, in pairs of a name and words."""
    healed = f", {counts['repaired']:,} healed" if counts["repaired"] else ""
    books = f"{counts['synced']} of {counts['books']} proven and live" if counts["synced"] else "coming up"
    later = "being computed: look again in a minute"
    return [
        ("candles", f"{counts['candles']:,} minutes; {counts['gaps']:,} gaps found{healed}, all listed"),
        ("books", books),
        ("patterns", f"{counts['patterns']:,}" if counts["patterns"] else later),
        ("signals", f"{counts['signals']:,}, each with its reasons" if counts["signals"] else later),
        ("beside them", f"{counts['derivatives']:,} figures of derivatives, {counts['texts']:,} texts"),
    ]


class _Lines:
    """Pairs below each other, names dim."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def pair(self, name: str, words: str, style: str = "") -> None:
        self._console.print(Text.assemble((f"{name:<13}", "dim"), (words, style)), soft_wrap=True)


def _called(command: str) -> str:
    """The command as this shell finds it."""
    return command if shutil.which("alphapulse") else command.replace("alphapulse", ".venv/bin/alphapulse", 1)


def _where(home: Path) -> str:
    """From where the commands find the demo: they look into the demo's folder where nothing else runs."""
    if home.resolve() == (Path.cwd() / ".alphapulse" / "demo").resolve():
        return " in this folder"
    given = os.environ.get("ALPHAPULSE_HOME")
    return f" with ALPHAPULSE_HOME={given or home}"
