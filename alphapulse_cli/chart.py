"""`alphapulse chart`: the candles of a symbol in the terminal, as an HTML file or as a PNG."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from alphapulse.drawing import Chart, to_html, to_png, to_terminal
from alphapulse.drawing.terminal import room_for
from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.meant import known_or_as_asked, symbols_of, venues_of
from alphapulse_cli.output import console, hint
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.names import did_you_mean
from alphapulse_resources.timeframes import TIMEFRAMES

FILE_BARS: Final = 240
"""Bars of a file, where nothing else is asked for (ours)."""
PIPE_WIDTH, TALLEST, AROUND = 100, 30, 13
"""Width where nobody looks, most rows of prices, and rows that stand around them (ours)."""
MOST_BARS: Final = 20_000


def run(
    symbol: str,
    timeframe: str,
    *,
    venue: str | None,
    bars: int | None,
    html: Path | None,
    png: Path | None,
    patterns: bool,
    signals: bool,
) -> None:
    """Draw where it was asked for; the terminal where nothing else is."""
    if timeframe not in TIMEFRAMES:
        near = did_you_mean(timeframe, list(TIMEFRAMES)) or f"; use one of {', '.join(TIMEFRAMES)}"
        raise CommandError(f"there is no timeframe {timeframe!r}{near}")
    database, out = open_database(), console()
    width = out.width if out.is_terminal else PIPE_WIDTH
    count = bars or (FILE_BARS if html or png else room_for(width))
    venue, symbol = _meant(database, venue, symbol)
    chart = read(database, venue, symbol, timeframe, count, patterns=patterns, signals=signals)
    if not chart.bars:
        raise CommandError(
            f"{venue} {symbol} has no closed {timeframe} bars yet: `alphapulse status` tells how far it is"
        )
    if html:
        write_file(html, to_html(chart).encode())
    if png:
        write_file(png, to_png(chart))
    if not html and not png:
        rows = out.height - AROUND if out.is_terminal else 20
        for line in to_terminal(chart, width=width, height=min(max(rows, 8), TALLEST)):
            out.print(line, no_wrap=True, overflow="crop")


def read(
    database: Database, venue: str, symbol: str, timeframe: str, count: int, *, patterns: bool, signals: bool
) -> Chart:
    """The newest bars of a symbol, at most `count`, and what is marked on them."""
    asked = {"venue": venue, "symbol": symbol, "timeframe": timeframe, "count": min(count, MOST_BARS)}
    candles = database.rows(
        "SELECT ts, open, high, low, close, volume"
        " FROM newest_bars(%(venue)s, %(symbol)s, %(timeframe)s, %(count)s)",
        asked,
    )
    asked["since"] = min((row["ts"] for row in candles), default=None)
    return Chart.of(
        f"{venue} {symbol} {timeframe}",
        TIMEFRAMES[timeframe],
        candles,
        database.rows(statement("drawing/patterns"), asked) if patterns and candles else (),
        database.rows(statement("drawing/signals"), asked) if signals and candles else (),
    )


def _meant(database: Database, venue: str | None, symbol: str) -> tuple[str, str]:
    """Venue and symbol as they are known; without a venue the first that tracks the symbol."""
    if venue is not None:
        venue = _known("venue", venue, venues_of(database))
    symbol = _known("symbol", symbol, symbols_of(database, venue))
    if venue is not None:
        return venue, symbol
    venues = [row["venue"] for row in database.rows(statement("drawing/venues"), {"symbol": symbol})]
    if len(venues) > 1:
        hint(f"{venues[0]}'s; {symbol} is at {', '.join(venues[1:])} too: --venue chooses")
    return venues[0], symbol


def _known(what: str, name: str, known: Sequence[str]) -> str:
    found = known_or_as_asked(name, list(known))
    if found in known:
        return found
    if not known:
        raise CommandError(f"no {what} is known yet: alphapulse symbols add binance BTC/USDT")
    near = did_you_mean(name, list(known)) or f"; there are {', '.join(known[:8])}."
    raise CommandError(f"no {what} is called {name!r}{near} `alphapulse symbols list` names all")


def write_file(file: Path, content: bytes) -> None:
    """The whole file or none; a folder that is not there is not made."""
    if not file.parent.is_dir():
        raise CommandError(f"there is no folder {file.parent}: make it first, or name another file")
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(file)
    console().print(f"{file}: {len(content) / 1000:,.0f} kB", markup=False)
