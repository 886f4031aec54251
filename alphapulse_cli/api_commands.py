"""`alphapulse api ...`: serve, and the keys by which other machines may ask."""

from typing import Annotated

import typer

from alphapulse_cli.arguments import Form

api_app = typer.Typer(
    invoke_without_command=True, help="The API and the terminal's page: serve them, and keys for them."
)
keys_app = typer.Typer(no_args_is_help=True, help="Keys by which other machines may ask the API.")
api_app.add_typer(keys_app, name="keys")


@api_app.callback()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to bind to; ALPHAPULSE_API__HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; ALPHAPULSE_API__PORT.")] = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Only ask the one that runs here whether it answers.")
    ] = False,
) -> None:
    """Serve the data by REST and WebSocket, and the terminal's page, until Ctrl-C."""
    if context.invoked_subcommand is not None:
        return
    from alphapulse_cli import api

    if probe:
        typer.echo(api.probe(port))
    else:
        api.run(host, port)


@keys_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Whose it is, or what it is for.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="read, write:alerts, write:watchlists or admin; may be repeated. Read by default."),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3660, help="Days that it is good for.")] = None,
    per_minute: Annotated[
        int | None, typer.Option(min=1, max=1_000_000, help="Its own limit of requests in a minute.")
    ] = None,
) -> None:
    """Make a key. Its token is shown this once."""
    from alphapulse_cli.api_keys import add

    add(name, scope or ["read"], days, per_minute)


@keys_app.command("list")
def show(form: Form = "table") -> None:
    """List keys, what they may, and when they were used last."""
    from alphapulse_cli.api_keys import show

    show(form)


@keys_app.command("revoke")
def revoke(which: Annotated[str, typer.Argument(help="Name or number of the key.")]) -> None:
    """Take a key back; the API refuses it within seconds."""
    from alphapulse_cli.api_keys import revoke

    revoke(which)
