"""Arguments and options that several commands have, each with one name and one meaning."""

from typing import Annotated

import typer

Venue = Annotated[str, typer.Argument(help="Venue by its short name, such as binance.")]
Symbols = Annotated[
    list[str], typer.Argument(help="Symbols such as BTC/USDT, or BTC/USDT:USDT for a perpetual.")
]
Symbol = Annotated[str, typer.Argument(help="Symbol such as BTC/USDT, or BTC/USDT:USDT for a perpetual.")]
ClientId = Annotated[str, typer.Argument(help="The order's id, by you: the same id is the same order.")]
Side = Annotated[str, typer.Argument(help="long or short.")]
Account = Annotated[str, typer.Option(help="Whose it is, by a name of your own.")]
Form = Annotated[str, typer.Option("--format", "-f", help="table, wide, vertical, json or csv.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Files = Annotated[list[str], typer.Argument(help="Files, directories or patterns such as 'data/*.csv'.")]
OfVenue = Annotated[str, typer.Option("--venue", help="Venue the rows are from.")]
OfSymbol = Annotated[
    str | None,
    typer.Option("--symbol", help="Perpetual: BTC/USDT:USDT; without it files say which, of known ones."),
]
InZone = Annotated[
    str | None,
    typer.Option("--timezone", help="Zone of times that name none: UTC, Europe/Berlin, Etc/GMT-3."),
]
DayFirst = Annotated[
    bool | None, typer.Option("--day-first/--month-first", help="Whether 01/02/2020 is in February.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do everything, but keep nothing.")]
Replace = Annotated[bool, typer.Option("--replace", help="Files win over what venues told.")]
NewVenue = Annotated[bool, typer.Option("--new-venue", help="Make the venue's name known.")]
AnySymbol = Annotated[
    bool, typer.Option("--any-symbol", help="It is the symbol asked for, whatever the file says.")
]
