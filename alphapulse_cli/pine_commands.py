"""`alphapulse pine ...`: scripts in TradingView's language."""

from pathlib import Path
from typing import Annotated

import typer

from alphapulse_cli.arguments import Json

pine_app = typer.Typer(no_args_is_help=True, help="Scripts in Pine, TradingView's language.")


@pine_app.callback()
def pine() -> None:
    """Scripts in Pine, TradingView's language."""


@pine_app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="Scripts, version 5 or 6.")], as_json: Json = False
) -> None:
    """Say what is wrong with scripts, where, and what to do. Exits with 1 where one cannot run."""
    from alphapulse_cli.pine_check import check_files

    raise typer.Exit(check_files(files, as_json=as_json))
