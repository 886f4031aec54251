"""The `alphapulse` command: what can be said to it. Each command's work is in a module of its own.

Those modules are imported when their command runs: `alphapulse --help` must not wait for polars or ccxt.
"""

from pathlib import Path
from typing import Annotated

import typer

from alphapulse_cli.alert_commands import alerts_app, watchlists_app
from alphapulse_cli.api_commands import api_app
from alphapulse_cli.arguments import Form, Json, Symbol, Symbols, Venue
from alphapulse_cli.db_commands import db_app
from alphapulse_cli.errors import Commands
from alphapulse_cli.import_commands import import_app
from alphapulse_cli.news_commands import news_app
from alphapulse_cli.order_commands import orders_app
from alphapulse_cli.pine_commands import pine_app
from alphapulse_cli.position_commands import positions_app

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Crypto market data that proves it is right.",
)
symbols_app = typer.Typer(no_args_is_help=True, help="What is tracked: add, remove, list, search, rename.")
runs_app = typer.Typer(no_args_is_help=True, help="Dagster's runs, from outside of Dagster.")
app.add_typer(symbols_app, name="symbols")
app.add_typer(api_app, name="api")
app.add_typer(import_app, name="import")
app.add_typer(news_app, name="news")
app.add_typer(positions_app, name="positions")
app.add_typer(orders_app, name="orders")
app.add_typer(pine_app, name="pine")
app.add_typer(db_app, name="db")
app.add_typer(runs_app, name="runs")
app.add_typer(alerts_app, name="alerts")
app.add_typer(watchlists_app, name="watchlists")


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version
        from platform import python_version

        typer.echo(f"alphapulse {version('alphapulse')} (Python {python_version()})")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """Crypto market data that proves it is right."""


@app.command()
def up(
    host: Annotated[str | None, typer.Option(help="Address the web pages bind to.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the Dagster UI.")] = None,
    automation: Annotated[
        bool, typer.Option("--automation/--no-automation", help="Start schedules and sensors switched on.")
    ] = True,
) -> None:
    """Run the platform against the real venues until Ctrl-C."""
    from alphapulse_cli.up import run_up

    run_up(host=host, port=port, automation=automation)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End when the data is in and checked.")] = False,
    as_json: Json = False,
    days: Annotated[int, typer.Option(min=1, help="Days of history to fill.")] = 3,
    port: Annotated[int | None, typer.Option(help="Port of the Dagster UI.")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh/--keep-data", help="Remove the data of earlier demos first.")
    ] = False,
) -> None:
    """Show everything at work on simulated venues; needs no network."""
    from alphapulse_cli.demo import run_demo

    raise typer.Exit(run_demo(once=once, as_json=as_json, days=days, port=port, fresh=fresh))


@app.command()
def serve(
    what: Annotated[str, typer.Argument(help="code-location, webserver or daemon.")],
    host: Annotated[str, typer.Option(help="Address to bind to.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Only ask the one that runs here whether it does its work.")
    ] = False,
) -> None:
    """Run one of Dagster's processes and watch over it, as a container does; see deploy/."""
    from alphapulse_cli.serve import run_probe, run_serve

    if probe:
        typer.echo(run_probe(what, port))
    else:
        run_serve(what, host=host, port=port)


@symbols_app.command("add")
def symbols_add(
    venue: Venue,
    symbols: Symbols,
    history_days: Annotated[
        int | None,
        typer.Option(min=1, help="History to fill, in days; ALPHAPULSE_HISTORY__DAYS if not given."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Ask the venue whether it has them.")
    ] = True,
) -> None:
    """Track symbols from now on; nothing has to be restarted."""
    from alphapulse_cli.symbols import add

    add(venue, symbols, history_days, check=check)


@symbols_app.command("remove")
def symbols_remove(venue: Venue, symbols: Symbols) -> None:
    """Stop tracking symbols; their history stays."""
    from alphapulse_cli.symbols import remove

    remove(venue, symbols)


@symbols_app.command("list")
def symbols_list(
    everything: Annotated[
        bool, typer.Option("--all", "-a", help="Also those not tracked (any more).")
    ] = False,
    form: Form = "table",
) -> None:
    """List the tracked symbols and how fresh their candles are."""
    from alphapulse_cli.symbols import show

    show(everything=everything, form=form)


@symbols_app.command("search")
def symbols_search(
    venue: Venue,
    text: Annotated[str, typer.Argument(help="Part of a symbol or of the venue's own name for it.")],
    form: Form = "table",
) -> None:
    """Ask a venue which symbols it has; needs no database."""
    from alphapulse_cli.symbols import search

    search(venue, text, form)


@symbols_app.command("rename")
def symbols_rename(
    venue: Venue,
    old: Annotated[str, typer.Argument(help="The symbol that ends.")],
    new: Annotated[str, typer.Argument(help="The symbol that continues it.")],
) -> None:
    """Record that a symbol goes on under another name; both keep their own history."""
    from alphapulse_cli.symbols import rename

    rename(venue, old, new)


@app.command()
def status(
    as_json: Json = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only what is wrong, a line each; exit code 1 (warning), 2 or 0.")
    ] = False,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", help="With --check: a kind not to look for; repeatable.")
    ] = None,
) -> None:
    """How things are: what is wrong, freshness, gaps, quarantine, failures, coverage."""
    if check:
        from alphapulse_cli.wrong import check as run_check

        raise typer.Exit(run_check(as_json=as_json, ignored=ignore or []))
    from alphapulse_cli.status import show

    show(as_json=as_json)


@app.command()
def books(
    venue: Annotated[str | None, typer.Option(help="Only this venue.")] = None,
    symbol: Annotated[str | None, typer.Option(help="Only symbols with this in their name.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Print the table once and end.")] = False,
    as_json: Json = False,
) -> None:
    """Watch the live order books: state, spread, weighted mid, imbalance, depth, gaps; Ctrl-C ends."""
    from alphapulse_cli.books import run

    run(venue, symbol, once=once, as_json=as_json)


@app.command()
def chart(
    symbol: Symbol,
    timeframe: Annotated[str, typer.Argument(help="Length of a bar: 1m, 5m, 15m, 1h, 4h, 1d, 1w.")] = "1h",
    venue: Annotated[
        str | None, typer.Option(help="Whose candles; the first that tracks the symbol if not given.")
    ] = None,
    bars: Annotated[int | None, typer.Option(min=1, help="How many; as many as fit if not given.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write one HTML file that needs no other.")] = None,
    png: Annotated[Path | None, typer.Option(help="Write a PNG.")] = None,
    patterns: Annotated[bool, typer.Option("--patterns", help="Mark bars with patterns.")] = False,
    signals: Annotated[bool, typer.Option("--signals", help="Mark signals and tell their plans.")] = False,
) -> None:
    """Draw candles with volume here in the terminal, or to a file; missing bars stay empty."""
    from alphapulse_cli.chart import run

    run(symbol, timeframe, venue=venue, bars=bars, html=html, png=png, patterns=patterns, signals=signals)


@app.command()
def draw(
    what: Annotated[str, typer.Argument(help="signal or pattern.")],
    id: Annotated[
        str | None,
        typer.Argument(
            help="Its id (column id of signals, patterns, chart_patterns); else the newest of --symbol."
        ),
    ] = None,
    symbol: Annotated[str | None, typer.Option(help="Symbol such as BTC/USDT.")] = None,
    timeframe: Annotated[str, typer.Option(help="Length of a bar: 1m, 5m, 15m, 1h, 4h, 1d, 1w.")] = "1h",
    venue: Annotated[str | None, typer.Option(help="Whose; needed where several have the symbol.")] = None,
    at: Annotated[
        str | None, typer.Option(help="The newest one that was known then; a time, or 7d ago.")
    ] = None,
    pattern: Annotated[str | None, typer.Option(help="The newest one of this name.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write one HTML file that needs no other.")] = None,
    png: Annotated[Path | None, typer.Option(help="Write a PNG.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write an SVG.")] = None,
) -> None:
    """Draw one signal or pattern: its lines and levels, why, and what became of it."""
    from alphapulse_cli.draw import run

    run(
        what,
        id,
        symbol=symbol,
        timeframe=timeframe,
        venue=venue,
        at=at,
        pattern=pattern,
        html=html,
        png=png,
        svg=svg,
    )


@app.command()
def similar(
    symbol: Annotated[str, typer.Option(help="Symbol such as BTC/USDT.")],
    timeframe: Annotated[str, typer.Option(help="Length of a bar: 1m, 5m, 15m, 1h, 4h, 1d, 1w.")] = "1h",
    venue: Annotated[str | None, typer.Option(help="Whose bars; needed where several have it.")] = None,
    at: Annotated[
        str | None,
        typer.Option(help="As it was then (UTC unless it says otherwise), or 7d ago; now if not given."),
    ] = None,
    bars: Annotated[int, typer.Option(help="Bars of the window, 8 to 512.")] = 32,
    matches: Annotated[int, typer.Option(help="Matches at most, 1 to 200.")] = 20,
    also: Annotated[
        list[str] | None, typer.Option("--also", help="Another symbol of the venue to search; repeatable.")
    ] = None,
    history: Annotated[int, typer.Option(help="Newest bars of each symbol that are searched.")] = 100_000,
    seed: Annotated[int | None, typer.Option(help="Of the random windows beside the matches.")] = None,
    form: Form = "table",
) -> None:
    """Find earlier bars that look like these, and what followed them beside random windows."""
    from alphapulse_cli.similar import run

    run(
        symbol,
        timeframe,
        venue=venue,
        at=at,
        bars=bars,
        matches=matches,
        also=also or (),
        history=history,
        seed=seed,
        form=form,
    )


@app.command()
def motifs(
    symbol: Annotated[str, typer.Option(help="Symbol such as BTC/USDT.")],
    timeframe: Annotated[str, typer.Option(help="Length of a bar: 1m, 5m, 15m, 1h, 4h, 1d, 1w.")] = "1h",
    venue: Annotated[str | None, typer.Option(help="Whose bars; needed where several have it.")] = None,
    at: Annotated[
        str | None, typer.Option(help="Only bars that were closed then; a time, or 7d ago.")
    ] = None,
    bars: Annotated[int, typer.Option(min=8, max=256, help="Bars of a shape.")] = 32,
    most: Annotated[int, typer.Option("--motifs", min=1, max=50, help="Motifs at most.")] = 5,
    horizon: Annotated[int, typer.Option(min=1, max=200, help="Bars after it that are judged.")] = 10,
    history: Annotated[int, typer.Option(help="Newest bars that are looked at.")] = 20_000,
    form: Form = "table",
) -> None:
    """Find shapes that come back, and judge each as patterns are, on later bars and beside random walks."""
    from alphapulse_cli.motifs import run

    run(
        symbol,
        timeframe,
        venue=venue,
        at=at,
        bars=bars,
        motifs=most,
        horizon=horizon,
        history=history,
        form=form,
    )


@app.command()
def export(
    relation: Annotated[str, typer.Argument(help="Table or view, e.g. ohlcv or candle_gaps.")],
    file: Annotated[Path, typer.Argument(help="Ending .parquet, .csv, .csv.gz, .sqlite or .db.")],
    venue: Annotated[str | None, typer.Option(help="Only this venue.")] = None,
    symbol: Annotated[str | None, typer.Option(help="Only this symbol.")] = None,
    timeframe: Annotated[str | None, typer.Option(help="Only this timeframe.")] = None,
    start: Annotated[
        str | None, typer.Option(help="From this time on (UTC unless it says otherwise).")
    ] = None,
    end: Annotated[str | None, typer.Option(help="Before this time.")] = None,
    time_column: Annotated[str, typer.Option(help="Column that --start and --end are about.")] = "ts",
) -> None:
    """Write a table or view to a file."""
    from alphapulse_cli.export import run

    run(
        relation,
        file,
        venue=venue,
        symbol=symbol,
        timeframe=timeframe,
        start=start,
        end=end,
        time_column=time_column,
    )


@app.command()
def features(
    file: Annotated[
        Path, typer.Option("--out", help="Ending .parquet or .csv; cards are written beside it.")
    ],
    symbol: Annotated[
        str | None, typer.Option(help="Only this symbol; all tracked ones if not given.")
    ] = None,
    venue: Annotated[str | None, typer.Option(help="Only this venue.")] = None,
    timeframe: Annotated[str | None, typer.Option(help="Only this timeframe.")] = None,
    start: Annotated[
        str | None, typer.Option(help="From this time on; 30 days before the end if not given.")
    ] = None,
    end: Annotated[str | None, typer.Option(help="Before this time: nothing known later is in it.")] = None,
) -> None:
    """Write features as of a time and their labels, for models of your own, with a data card."""
    from alphapulse_cli.features import run

    run(file, symbol=symbol, venue=venue, timeframe=timeframe, start=start, end=end)


@app.command("sql")
def query(
    text: Annotated[str | None, typer.Argument(metavar="[SQL]", help="One statement.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="Read the statement from a file; - is standard input.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--query", "-q", help="Run a query of sql/queries, e.g. 03.")
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List the queries of sql/queries.")] = False,
    form: Form = "table",
    everything: Annotated[
        bool, typer.Option("--all", help="All columns and whole cells, however wide; as --format wide.")
    ] = False,
    vertical: Annotated[
        bool, typer.Option("--vertical", "-x", help="One record below the other; as --format vertical.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=0, help="Print at most so many rows; 0: all. Tables: 200 if not given.")
    ] = None,
) -> None:
    """Ask in SQL as an analyst: read-only, one statement, with a time limit."""
    from alphapulse_cli.query import list_queries, run

    if listing:
        list_queries(form)
    else:
        run(text, file, name, form="vertical" if vertical else "wide" if everything else form, limit=limit)


@app.command()
def describe(
    relation: Annotated[str | None, typer.Argument(help="Table or view, e.g. ohlcv; without it all.")] = None,
    form: Form = "table",
) -> None:
    """List tables and views, or tell what the columns of one mean."""
    from alphapulse_cli.describe import run

    run(relation, form=form)


@app.command()
def migrate(
    to_timescaledb: Annotated[
        bool,
        typer.Option("--to-timescaledb", help="Make TimescaleDB's tables of plain ones, with their data."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Convert although others use the database.")] = False,
) -> None:
    """Bring the database to the present schema."""
    from alphapulse_cli.schema import run_migrate

    run_migrate(to_timescaledb=to_timescaledb, force=force, say=typer.echo)


@app.command()
def dictionary() -> None:
    """Print the data dictionary (Markdown), made from the comments in the database."""
    from alphapulse_cli.database import open_database
    from alphapulse_cli.dictionary import render

    typer.echo(render(open_database()), nl=False)


@app.command()
def replay(
    files: Annotated[
        list[Path], typer.Argument(help="A capture's files in any order, or archives of order-book messages.")
    ],
    venue: Annotated[str, typer.Option(help="Whose streams were recorded, such as binance.")],
    drop: Annotated[
        int | None, typer.Option(min=1, help="Leave out the N-th depth message, to see the gap noticed.")
    ] = None,
    speed: Annotated[str, typer.Option(help="max, or recorded: at the pace of receipt.")] = "max",
    store: Annotated[bool, typer.Option(help="Write what comes of it, as a live stream would.")] = False,
    usd_rate: Annotated[
        list[str] | None,
        typer.Option(help="USD for a unit of a quote currency, as BTC=60000; several times. With --store."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring recorded streams to their order books and say what came of it; only --store needs a database."""
    from alphapulse_cli.replay import run

    run(venue, files, drop=drop, speed=speed, store=store, as_json=as_json, usd_rates=usd_rate or ())


@app.command()
def simulator(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8700,
    seed: Annotated[int, typer.Option(help="Which market.")] = 7,
) -> None:
    """Run the venue simulator in the foreground."""
    from alphapulse_cli.simulator import run

    run(port, seed)


@runs_app.command("fail-lost")
def runs_fail_lost() -> None:
    """Mark runs as failed whose worker is gone, so that Dagster retries them; not while a stack runs."""
    from alphapulse_cli.lost_runs import run_fail_lost

    typer.echo(run_fail_lost())
