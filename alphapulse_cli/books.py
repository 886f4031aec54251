"""`alphapulse books`: the live order books, second by second, or once, or as JSON."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import psycopg
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from alphapulse_cli.clocks import clock_lines, clocks
from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.meant import LISTED, among, known_or_as_asked, symbols_of, venues_of
from alphapulse_cli.output import console, duration, print_json
from alphapulse_cli.tables import Grid
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.names import did_you_mean

REFRESH_SECONDS: Final = 1.0
BAR: Final = 5  # cells on each side of an imbalance of 0
STYLES: Final[Mapping[str, str]] = {
    "synced": "green",
    "lagging": "yellow",
    "stopped": "dim",
    "buffering": "cyan",
    "resyncing": "yellow",
    "stale": "yellow",
    "broken": "red",
    "no worker": "red",
    "running": "green",
    "silent": "red",
}
COLUMNS: Final = (
    "venue", "symbol", "weighted mid", "state", "spread bps", "age", "imbalance",
    "depth 10 bps", "depth 50 bps", "levels", "msg/s", "gaps", "resyncs", "drops",
)  # fmt: skip
"""What matters most comes first: where there is no room, the last ones go."""
NONE_RUN: Final = (
    "No stream runs. `alphapulse up` starts them for every tracked symbol; in Dagster they are kept running "
    "by the sensor stream_supervisor: is it switched on?"
)


@dataclass(slots=True)
class Rates:
    """Messages per second between two looks; before the second look, the mean since the worker started."""

    last: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    rate: dict[str, float] = field(default_factory=dict)

    def of(self, book: Mapping[str, Any]) -> float | None:
        """The rate of a book as it stands in this look."""
        key = f"{book['run_id']}:{book['venue']}:{book['symbol']}"
        at, messages = book["updated_at"], book["messages"]
        before = self.last.get(key)
        if before is None or at > before[0]:
            self.last[key] = (at, messages)
            if before is not None:
                self.rate[key] = (messages - before[1]) / (at - before[0]).total_seconds()
        mean: float | None = book["messages_per_second"]
        return self.rate.get(key, mean)


def run(venue: str | None, symbol: str | None, *, once: bool, as_json: bool) -> None:
    """Show the books that match; where nobody can watch (a pipe, a file), once."""
    database = open_database()
    try:
        venue, symbol = _meant(database, venue, symbol)
        if as_json:
            print_json(collect(database, venue, symbol))
            return
        out = console()
        if once or not out.is_terminal:
            out.print(render(collect(database, venue, symbol), Rates()))
            return
        rates = Rates()
        with (
            suppress(KeyboardInterrupt),
            Live(console=out, screen=True, auto_refresh=False) as live,
        ):
            while True:
                live.update(render(collect(database, venue, symbol), rates), refresh=True)
                time.sleep(REFRESH_SECONDS)
    except psycopg.errors.UndefinedTable:
        raise CommandError("the database does not know of streams yet: run `alphapulse migrate`") from None
    finally:
        database.close()


def _meant(database: Database, venue: str | None, symbol: str | None) -> tuple[str | None, str | None]:
    """The filters in their own letters; raises CommandError where nothing that is known matches."""
    if venue is not None:
        venues = venues_of(database)
        venue = known_or_as_asked(venue, venues)
        if venues and (problem := among("venue", venue, venues)):
            raise CommandError(problem)
    if symbol is not None:
        symbols = symbols_of(database, venue)
        if symbols and not any(symbol.casefold() in each.casefold() for each in symbols):
            of = f" of {venue}" if venue else ""
            near = did_you_mean(symbol, symbols) or f"; there are {', '.join(symbols[:LISTED])}"
            raise CommandError(f"no symbol{of} has {symbol!r} in its name{near}")
    return venue, symbol


def collect(database: Database, venue: str | None = None, symbol: str | None = None) -> dict[str, Any]:
    """Workers and books as they are now."""
    workers = database.rows(statement("status/streams"))
    by_run = clocks(database) if workers else []
    for worker in workers:
        worker["clocks"] = [clock for clock in by_run if clock["run_id"] == worker["run_id"]]
    books = database.rows(statement("status/books"), {"venue": venue, "symbol": symbol})
    return {
        "running": any(worker["state"] == "running" for worker in workers),
        "workers": workers,
        "books": books,
    }


def render(found: Mapping[str, Any], rates: Rates) -> RenderableType:
    """Header with the workers, a row for each book, and a clear word where nothing runs."""
    parts: list[RenderableType] = [_worker(worker) for worker in found["workers"]]
    lines = dict.fromkeys(line for worker in found["workers"] for line in clock_lines(worker["clocks"]))
    parts += [Text(line, style="yellow") for line in lines]
    if not found["running"]:
        parts.append(Text(NONE_RUN, style="yellow"))
    if found["books"]:
        parts.append(_table(found["books"], rates))
    elif found["running"]:
        parts.append(Text("No book matches, or none has been heard of yet."))
    return Group(*parts)


def _worker(worker: Mapping[str, Any]) -> Text:
    state = worker["state"]
    ended = f", {worker['stopped_because']}" if worker["stopped_because"] else ""
    return Text.assemble(
        "shard ",
        (worker["shard"], "bold"),
        " ",
        (state, STYLES[state]),
        f"{ended}: {worker['synced']} of {worker['books']} books synced, {worker['symbols']} symbols, "
        f"heartbeat {duration(worker['heartbeat_age_seconds'])} ago, since "
        f"{worker['started_at']:%Y-%m-%d %H:%M} on {worker['host']} (pid {worker['pid']}), "
        f"run {worker['run_id'][:8]}",
    )


def _table(books: Sequence[Mapping[str, Any]], rates: Rates) -> Grid:
    rows = [_row(book, rates) for book in books]
    return Grid(COLUMNS, rows, more="a wider terminal, --json")


def _row(book: Mapping[str, Any], rates: Rates) -> list[Text]:
    # what a worker said last is no state of the book once the worker is gone
    state = book["state"] if book["alive"] or book["state"] == "stopped" else "no worker"
    why = "" if state == "synced" else f" {book['cause']}"
    live = state == "synced"
    return [
        Text(book["venue"]),
        Text(book["symbol"], style="bold"),
        _number(book["weighted_mid"] if live else None, "{:,.8g}"),
        Text.assemble((state, STYLES.get(state, "")), (why, "dim")),
        _number(book["spread_bps"] if live else None, "{:.2f}"),
        _age(book["age_seconds"]),
        imbalance_bar(book["imbalance"] if live else None),
        _pair(book["bid_depth_10bps"], book["ask_depth_10bps"], live),
        _pair(book["bid_depth_50bps"], book["ask_depth_50bps"], live),
        _right(_levels(book)),
        _number(rates.of(book), "{:.1f}"),
        *(_count(book[name]) for name in ("gaps", "resyncs", "dropped")),
    ]


def _right(text: str, style: str = "") -> Text:
    return Text(text, style=style, justify="right")


def imbalance_bar(imbalance: float | None) -> Text:
    """More bids to the right in green, more asks to the left in red, with the figure."""
    if imbalance is None:
        return Text("")
    cells = round(abs(imbalance) * BAR)
    left = ("█" * cells if imbalance < 0 else "").rjust(BAR)
    right = ("█" * cells if imbalance > 0 else "").ljust(BAR)
    return Text.assemble((left, "red"), "│", (right, "green"), f" {imbalance:+.2f}", no_wrap=True)


def _number(value: float | None, form: str) -> Text:
    return _right("" if value is None else form.format(value))


def _count(value: int) -> Text:
    return _right(f"{value:,}", "" if value == 0 else "yellow")


def _pair(bid: float | None, ask: float | None, live: bool) -> Text:
    """Notional of bids and asks; a question mark where the book cannot see so far."""
    if not live:
        return Text("")
    return Text.assemble((_short(bid), "green"), " / ", (_short(ask), "red"), justify="right")


def _short(value: float | None) -> str:
    if value is None:
        return "?"
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.1f}{unit}"
    return f"{value:.0f}"


def _levels(book: Mapping[str, Any]) -> str:
    """Levels a side that were asked for; all where the venue gives the whole book."""
    if book["levels"] is not None:
        return str(book["levels"])
    return "" if book["last_update"] is None else "all"


def _age(seconds: float | None) -> Text:
    if seconds is None:
        return Text("")
    text = f"{seconds:.1f} s" if seconds < 60 else duration(seconds)
    return _right(text, "red" if seconds > 15 else "")
