"""`alphapulse alerts ...` and `alphapulse watchlists ...`: what can be said to them."""

from typing import Annotated

import typer

from alphapulse_cli.arguments import Form, Json

alerts_app = typer.Typer(
    invoke_without_command=True, help="What fired, rules of your own, and where alerts are sent to."
)
rules_app = typer.Typer(no_args_is_help=True, help="Alert rules of your own: docs/alerts.md.")
watchlists_app = typer.Typer(no_args_is_help=True, help="Lists of symbols, for rules and pages.")
alerts_app.add_typer(rules_app, name="rules")

Rule = Annotated[str, typer.Argument(help="The rule, by its name or number.")]
Name = Annotated[str, typer.Argument(help="A name of your own.")]
List = Annotated[str, typer.Argument(help="The watchlist, by its name.")]
OfSymbols = Annotated[
    list[str] | None,
    typer.Argument(help="Symbols such as binance:BTC/USDT; one venue's need no venue."),
]
Mode = Annotated[
    str | None,
    typer.Option(help="crossing: fires when it becomes true; level: as long as it is, once in a cool-down."),
]
CoolDown = Annotated[
    str | None, typer.Option(help="How long it rests after it fired, by symbol: 90s, 15m, 4h, 1d.")
]
Expires = Annotated[str | None, typer.Option(help="When it ends (UTC), or never.")]
Sinks = Annotated[
    list[str] | None,
    typer.Option("--sink", help="Where it is told, several times; or all, or none."),
]
Severity = Annotated[str | None, typer.Option(help="info, warning or critical.")]


@alerts_app.callback()
def alerts(context: typer.Context) -> None:
    """What fired, rules of your own, and where alerts are sent to; without a command what fired lately."""
    if context.invoked_subcommand is None:
        from alphapulse_cli.alerts import show_alerts

        show_alerts(None, None, None, open_only=False, limit=20, form="table")


@alerts_app.command("list")
def alerts_list(
    since: Annotated[str | None, typer.Option(help="Since when (UTC).")] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind, such as rule or whale.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only of this rule.")] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only what nobody has acknowledged.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    form: Form = "table",
) -> None:
    """List what fired, the newest first."""
    from alphapulse_cli.alerts import show_alerts

    show_alerts(since, kind, rule, open_only=open_only, limit=limit, form=form)


@alerts_app.command("ack")
def alerts_ack(
    numbers: Annotated[list[int], typer.Argument(help="Numbers of alerts, as the list shows them.")],
    note: Annotated[str | None, typer.Option(help="In your own words.")] = None,
    by: Annotated[str | None, typer.Option(help="Who you are; else the user of this machine.")] = None,
) -> None:
    """Say that alerts have been seen."""
    from alphapulse_cli.alerts import acknowledge_alerts

    acknowledge_alerts(numbers, note, by)


@alerts_app.command("test")
def alerts_test(
    rule: Annotated[str | None, typer.Argument(help="A rule, by its name or number.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Replay from then on (UTC).")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Replay until then (UTC).")] = None,
    send: Annotated[bool, typer.Option("--send", help="Send a test message to the rule's sinks.")] = False,
    as_json: Json = False,
) -> None:
    """Send a test to all sinks; with a rule: when it would have fired in the last day, and how it stands."""
    from alphapulse_cli.alerts import send_test

    if rule is None or send:
        raise typer.Exit(send_test(rule, as_json=as_json))
    from alphapulse_cli.alert_replay import show_replay

    show_replay(rule, since, until, as_json=as_json)


@alerts_app.command("fields")
def alerts_fields(form: Form = "table") -> None:
    """List the fields that a rule can read, with their units and when they change."""
    from alphapulse_cli.alert_rules import show_fields

    show_fields(form)


@rules_app.command("list")
def rules_list(form: Form = "table") -> None:
    """List all rules and how they stand."""
    from alphapulse_cli.alert_rules import show_rules

    show_rules(form)


@rules_app.command("show")
def rules_show(rule: Rule, as_json: Json = False) -> None:
    """Show one rule: who asks it, when it fired, what is wrong with it."""
    from alphapulse_cli.alert_rules import show_rule

    show_rule(rule, as_json=as_json)


@rules_app.command("add")
def rules_add(
    name: Name,
    expression: Annotated[str, typer.Argument(help="The condition, such as 'rsi_14[1h] < 30'.")],
    symbol: Annotated[str | None, typer.Option(help="Of one symbol, such as BTC/USDT.")] = None,
    venue: Annotated[str | None, typer.Option(help="Its venue, where several track it.")] = None,
    watchlist: Annotated[str | None, typer.Option(help="Of each symbol of a watchlist.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Of each tracked symbol.")] = False,
    mode: Mode = "crossing",
    cool_down: CoolDown = None,
    expires: Expires = None,
    sinks: Sinks = None,
    severity: Severity = "warning",
) -> None:
    """Add a rule: of one symbol, of a watchlist, or of all tracked symbols."""
    from alphapulse_cli.alert_rules import add_rule

    add_rule(
        name, expression, symbol=symbol, venue=venue, watchlist=watchlist, everything=everything, mode=mode,
        cool_down=cool_down, expires=expires, sinks=sinks, severity=severity,
    )  # fmt: skip


@rules_app.command("change")
def rules_change(
    rule: Rule,
    expression: Annotated[str | None, typer.Option(help="Another condition.")] = None,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    mode: Mode = None,
    cool_down: CoolDown = None,
    expires: Expires = None,
    sinks: Sinks = None,
    severity: Severity = None,
) -> None:
    """Change a rule. With another condition or mode it begins anew."""
    from alphapulse_cli.alert_rules import change_rule

    change_rule(
        rule, expression=expression, name=name, mode=mode, cool_down=cool_down, expires=expires, sinks=sinks,
        severity=severity,
    )  # fmt: skip


@rules_app.command("enable")
def rules_enable(rule: Rule) -> None:
    """Switch a rule on."""
    from alphapulse_cli.alert_rules import switch_rule

    switch_rule(rule, on=True)


@rules_app.command("disable")
def rules_disable(rule: Rule) -> None:
    """Switch a rule off; it stays, and so do its alerts."""
    from alphapulse_cli.alert_rules import switch_rule

    switch_rule(rule, on=False)


@rules_app.command("remove")
def rules_remove(rule: Rule) -> None:
    """Remove a rule; its alerts stay."""
    from alphapulse_cli.alert_rules import remove_rule

    remove_rule(rule)


@watchlists_app.command("list")
def watchlists_list(form: Form = "table") -> None:
    """List all watchlists."""
    from alphapulse_cli.watchlists import show_watchlists

    show_watchlists(form)


@watchlists_app.command("show")
def watchlists_show(name: List, form: Form = "table") -> None:
    """Show the symbols of a watchlist."""
    from alphapulse_cli.watchlists import show_watchlist

    show_watchlist(name, form)


@watchlists_app.command("add")
def watchlists_add(
    name: Name,
    symbols: OfSymbols = None,
    note: Annotated[str | None, typer.Option(help="In your own words.")] = None,
) -> None:
    """Make a watchlist, or add symbols to one."""
    from alphapulse_cli.watchlists import add_to_watchlist

    add_to_watchlist(name, symbols or [], note)


@watchlists_app.command("remove")
def watchlists_remove(name: List, symbols: OfSymbols = None) -> None:
    """Take symbols out of a watchlist, or without any remove it."""
    from alphapulse_cli.watchlists import remove_from_watchlist

    remove_from_watchlist(name, symbols or [])
