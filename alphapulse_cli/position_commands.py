"""`alphapulse positions ...`: what can be said to it; `positions` does the work."""

from typing import Annotated

import typer

from alphapulse_cli.arguments import Account, Form, Json, Side, Symbol, Venue

positions_app = typer.Typer(no_args_is_help=True, help="What is held, and what it may lose.")


@positions_app.command("add")
def positions_add(
    venue: Venue,
    symbol: Symbol,
    side: Side,
    size: Annotated[float, typer.Argument(help="How much, in units of the base currency.")],
    entry: Annotated[float, typer.Argument(help="Mean price it was opened at.")],
    account: Account = "main",
    leverage: Annotated[float | None, typer.Option(help="Worth over margin.")] = None,
    margin_mode: Annotated[str | None, typer.Option(help="isolated, cross, or none (spot).")] = None,
    margin: Annotated[
        float | None, typer.Option(help="Margin of an isolated position; else by the leverage.")
    ] = None,
    contracts: Annotated[bool, typer.Option("--contracts", help="SIZE is in contracts.")] = False,
    contract_size: Annotated[
        float | None, typer.Option(help="How much a contract is, where the venue did not tell.")
    ] = None,
    maintenance_rate: Annotated[
        float | None, typer.Option(help="Maintenance margin as a part of the worth, e.g. 0.005.")
    ] = None,
    maintenance_amount: Annotated[float | None, typer.Option(help="What is taken off it.")] = None,
    opened_at: Annotated[str | None, typer.Option(help="When it was opened (UTC); now if not given.")] = None,
    note: Annotated[str | None, typer.Option(help="In your own words.")] = None,
    change: Annotated[bool, typer.Option("--change", help="The new state of one that is open.")] = False,
) -> None:
    """Enter a position, or with --change its new state."""
    from alphapulse_cli.positions import Entry, add

    add(
        Entry(
            account, venue, symbol, side, size, entry, leverage, margin_mode, margin, contracts,
            contract_size, maintenance_rate, maintenance_amount, opened_at, note, change,
        )
    )  # fmt: skip


@positions_app.command("close")
def positions_close(
    venue: Venue,
    symbol: Symbol,
    side: Side,
    account: Account = "main",
    exit_price: Annotated[float | None, typer.Option("--exit", help="Mean price it was closed at.")] = None,
    closed_at: Annotated[str | None, typer.Option(help="When it was closed (UTC); now if not given.")] = None,
) -> None:
    """Enter that a position was closed; its history stays."""
    from alphapulse_cli.positions import close

    close(account, venue, symbol, side, exit_price, closed_at)


@positions_app.command("list")
def positions_list(
    at: Annotated[str | None, typer.Option(help="As it was known at this time (UTC).")] = None,
    form: Form = "table",
) -> None:
    """List what is held: worth, gain, and where it is liquidated."""
    from alphapulse_cli.positions import show

    show(at, form)


@positions_app.command("risk")
def positions_risk(as_json: Json = False) -> None:
    """Leverage and value at risk of what is held now; it is kept, too."""
    from alphapulse_cli.positions import risk

    risk(as_json=as_json)


@positions_app.command("balance")
def positions_balance(
    currency: Annotated[str, typer.Argument(help="Currency, such as USDT.")],
    amount: Annotated[float, typer.Argument(help="What the account holds, without unrealised gains.")],
    account: Account = "main",
) -> None:
    """Enter what an account holds: for its leverage, and for cross margin."""
    from alphapulse_cli.positions import balance

    balance(account, currency, amount)


@positions_app.command("read")
def positions_read(as_json: Json = False) -> None:
    """Read positions and balances at the venues whose read-only keys are set."""
    from alphapulse_cli.positions import read_accounts

    raise typer.Exit(read_accounts(as_json=as_json))


@positions_app.command("limits")
def positions_limits(
    max_symbol: Annotated[
        float | None, typer.Option(help="Net worth of one currency at most, over the equity.")
    ] = None,
    max_leverage: Annotated[
        float | None, typer.Option(help="Worth of all positions at most, over the equity.")
    ] = None,
    max_value_at_risk: Annotated[
        float | None, typer.Option(help="Value at risk (a day, 95 %) at most, over the equity.")
    ] = None,
    max_correlation: Annotated[
        float | None, typer.Option(help="From this correlation on two symbols are one bet.")
    ] = None,
    max_correlated: Annotated[
        float | None, typer.Option(help="Net worth of one bet at most, over the equity.")
    ] = None,
    account: Annotated[str, typer.Option(help="Whose positions count; all: everybody's.")] = "all",
    equity: Annotated[
        float | None, typer.Option(help="Equity in dollars; else the balances, else the signal's.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="No limits from now on.")] = False,
) -> None:
    """Show or set what the sizes of signals obey (signals_within_limits)."""
    from alphapulse_cli.positions import limits

    given = {
        "max_symbol": max_symbol, "max_leverage": max_leverage, "max_value_at_risk": max_value_at_risk,
        "max_correlation": max_correlation, "max_correlated": max_correlated,
    }  # fmt: skip
    limits(given, account, equity, off=off)
