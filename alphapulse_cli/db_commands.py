"""What can be said to `alphapulse db`; each command's work is a module that is imported when it runs."""

from pathlib import Path
from typing import Annotated

import typer

db_app = typer.Typer(no_args_is_help=True, help="The database: psql, its address, the server alone.")


@db_app.command("start")
def db_start() -> None:
    """Start the embedded server, e.g. to import and query without Dagster."""
    from alphapulse_cli.schema import run_start

    typer.echo(run_start())


@db_app.command("stop")
def db_stop(force: Annotated[bool, typer.Option("--force", help="Even when it is in use.")] = False) -> None:
    """Stop the embedded server."""
    from alphapulse_cli.schema import run_stop

    typer.echo(run_stop(force=force))


@db_app.command("dsn-file")
def db_dsn_file(
    path: Annotated[
        Path | None, typer.Argument(help="Where to; <home>/analyst.dsn (owner.dsn) if not given.")
    ] = None,
    owner: Annotated[
        bool, typer.Option("--owner/--analyst", help="The owner's, who may change everything.")
    ] = False,
) -> None:
    """Write the analyst's connection URL to a file only you can read (for notebooks); prints the path."""
    from alphapulse_cli.connecting import run_dsn_file

    typer.echo(run_dsn_file(path, owner=owner))


@db_app.command("psql", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def db_psql(
    context: typer.Context,
    owner: Annotated[
        bool, typer.Option("--owner", help="As the owner, who may change everything, not as the analyst.")
    ] = False,
) -> None:
    """Open psql on the database, as the read-only analyst; what else is given goes to psql (-c, -f ...)."""
    from alphapulse_cli.connecting import run_psql

    run_psql(context.args, owner=owner)
