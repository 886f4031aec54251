"""`alphapulse import ...`: what can be said to it; `import_candles`, `import_futures`, `imports` do it."""

from typing import Annotated

import typer

from alphapulse_cli.arguments import (
    AnySymbol,
    DayFirst,
    DryRun,
    Files,
    Form,
    InZone,
    Json,
    NewVenue,
    OfSymbol,
    OfVenue,
    Replace,
)

import_app = typer.Typer(no_args_is_help=True, help="Bring files in.")


@import_app.command("candles")
def import_candles(
    files: Annotated[list[str], typer.Argument(help="Files, directories or patterns such as 'data/*.csv'.")],
    venue: Annotated[
        str, typer.Option(help="Venue the candles are from; a name nobody knows needs --new-venue.")
    ],
    symbol: Annotated[str, typer.Option(help="Symbol: BTC/USDT, or BTC/USDT:USDT for a perpetual.")],
    timeframe: Annotated[str, typer.Option(help="Length of the bars: 1m, 5m, 1h, 1d ...")],
    timezone: Annotated[str, typer.Option(help="Zone of times that name none, e.g. Europe/Berlin.")] = "UTC",
    time_is: Annotated[str | None, typer.Option(help="Whether times are 'open' or 'close' times.")] = None,
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="Whether 01/02/2020 is in February.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything, but keep nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Even when the candles look like another instrument's.")
    ] = False,
    new_venue: Annotated[bool, typer.Option("--new-venue", help="Make the venue's name known.")] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="PART=NAME", help="Which column is which: time=Stamp, close=4; repeatable."),
    ] = None,
    any_symbol: Annotated[
        bool, typer.Option("--any-symbol", help="It is the symbol asked for, whatever the file says.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Import candle files: CSV, JSON, Parquet, Feather, also zipped or gzipped."""
    from alphapulse_cli.import_candles import Request, run

    request = Request(
        venue,
        symbol,
        timeframe,
        timezone,
        time_is,
        day_first,
        dry_run,
        force,
        new_venue,
        tuple(column or ()),
        any_symbol,
    )
    run(request, files, as_json=as_json)


@import_app.command("funding")
def import_funding(
    files: Files,
    venue: OfVenue,
    symbol: OfSymbol = None,
    timezone: InZone = None,
    unit: Annotated[
        str | None, typer.Option(help="What rates are: 'fraction' (0.0001) or 'percent' (0.01).")
    ] = None,
    day_first: DayFirst = None,
    dry_run: DryRun = False,
    force: Annotated[
        bool, typer.Option("--force", help="Even when the venue does not settle at such hours.")
    ] = False,
    replace: Replace = False,
    new_venue: NewVenue = False,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="PART=NAME", help="Which column is which: time=Stamp, rate=r; repeatable."),
    ] = None,
    any_symbol: AnySymbol = False,
    as_json: Json = False,
) -> None:
    """Import funding that was settled: CSV, JSON, Parquet, Feather, venues' archives, also zipped."""
    from alphapulse_cli.import_futures import Request, run

    columns = tuple(column or ())
    zone = (timezone, unit, day_first)
    request = Request(
        "funding", venue, symbol, *zone, dry_run, force, replace, new_venue, columns, any_symbol
    )
    run(request, files, as_json=as_json)


@import_app.command("open-interest")
def import_open_interest(
    files: Files,
    venue: OfVenue,
    symbol: OfSymbol = None,
    timezone: InZone = None,
    day_first: DayFirst = None,
    dry_run: DryRun = False,
    replace: Replace = False,
    new_venue: NewVenue = False,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PART=NAME",
            help="Which column is which: time=Stamp, contracts=oi, base=coins, quote=usd; repeatable.",
        ),
    ] = None,
    any_symbol: AnySymbol = False,
    as_json: Json = False,
) -> None:
    """Import open interest: CSV, JSON, Parquet, Feather, venues' archives (metrics), also zipped."""
    from alphapulse_cli.import_futures import Request, run

    columns = tuple(column or ())
    zone = (timezone, None, day_first)
    request = Request(
        "open-interest", venue, symbol, *zone, dry_run, False, replace, new_venue, columns, any_symbol
    )
    run(request, files, as_json=as_json)


@import_app.command("list")
def import_list(
    limit: Annotated[int, typer.Option(min=0, help="The newest so many; 0: all.")] = 20, form: Form = "table"
) -> None:
    """List imports: their ids, files, what they changed."""
    from alphapulse_cli.imports import show

    show(limit, form)


@import_app.command("undo")
def import_undo(
    import_id: Annotated[int, typer.Argument(metavar="ID", help="As `import list` shows it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be, change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Remove what an import brought and put back what it replaced."""
    from alphapulse_cli.imports import take_back

    take_back(import_id, dry_run=dry_run, as_json=as_json)
