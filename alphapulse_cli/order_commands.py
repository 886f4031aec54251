"""`alphapulse orders ...`: what can be said to it; `orders` does the work."""

from typing import Annotated

import typer

from alphapulse_cli.arguments import ClientId, Form, Json, Symbol, Venue

orders_app = typer.Typer(no_args_is_help=True, help="Orders: off unless switched on (docs/trading.md).")


@orders_app.command("place")
def orders_place(
    client_id: ClientId,
    venue: Venue,
    symbol: Symbol,
    side: Annotated[str, typer.Argument(help="buy or sell.")],
    size: Annotated[str, typer.Argument(help="How much, in base units, a multiple of the lot size.")],
    price: Annotated[str | None, typer.Option(help="Limit price; without it at the market.")] = None,
    stop: Annotated[str | None, typer.Option(help="Price that a stop order waits for.")] = None,
    reduce_only: Annotated[bool, typer.Option("--reduce-only", help="Only make a position smaller.")] = False,
    as_json: Json = False,
) -> None:
    """Place an order once: the same id again tells what became of it."""
    from alphapulse_cli.orders import place

    place(
        client_id, venue, symbol, side, size, price=price, stop=stop, reduce_only=reduce_only, as_json=as_json
    )


@orders_app.command("show")
def orders_show(client_id: ClientId, venue: Venue, as_json: Json = False) -> None:
    """Ask the venue what became of an order."""
    from alphapulse_cli.orders import show

    show(client_id, venue, as_json=as_json)


@orders_app.command("amend")
def orders_amend(
    client_id: ClientId,
    venue: Venue,
    size: Annotated[str | None, typer.Option(help="The new size.")] = None,
    price: Annotated[str | None, typer.Option(help="The new limit price.")] = None,
    as_json: Json = False,
) -> None:
    """Change size or price of an open limit order."""
    from alphapulse_cli.orders import amend

    amend(client_id, venue, size, price, as_json=as_json)


@orders_app.command("cancel")
def orders_cancel(client_id: ClientId, venue: Venue, as_json: Json = False) -> None:
    """Cancel an order."""
    from alphapulse_cli.orders import cancel

    cancel(client_id, venue, as_json=as_json)


@orders_app.command("list")
def orders_list(
    everything: Annotated[bool, typer.Option("--all", "-a", help="Also those that are over.")] = False,
    form: Form = "table",
) -> None:
    """List orders as they were last known."""
    from alphapulse_cli.orders import listing

    listing(everything=everything, form=form)


@orders_app.command("kill")
def orders_kill(
    reason: Annotated[str, typer.Option(help="Why.")] = "alphapulse orders kill", as_json: Json = False
) -> None:
    """Stop all orders and cancel every open one, on all venues with a key."""
    from alphapulse_cli.orders import kill

    raise typer.Exit(kill(reason, as_json=as_json))


@orders_app.command("resume")
def orders_resume(
    reason: Annotated[str, typer.Option(help="Why.")] = "alphapulse orders resume",
) -> None:
    """Let orders through again after a kill."""
    from alphapulse_cli.orders import resume

    resume(reason)
