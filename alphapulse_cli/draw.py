"""`alphapulse draw`: one signal or one pattern, here in the terminal or in files."""

from pathlib import Path

from alphapulse.drawing import to_html, to_png, to_svg, to_terminal
from alphapulse_cli.chart import AROUND, PIPE_WIDTH, TALLEST, write_file
from alphapulse_cli.client import client
from alphapulse_cli.database import CommandError
from alphapulse_cli.output import console


def run(
    what: str,
    id: str | None,
    *,
    symbol: str | None,
    timeframe: str,
    venue: str | None,
    at: str | None,
    pattern: str | None,
    html: Path | None,
    png: Path | None,
    svg: Path | None,
) -> None:
    """Draw where it was asked for; the terminal where nothing else is."""
    if what not in ("signal", "pattern"):
        raise CommandError(f"there is no {what!r} to draw: signal or pattern")
    with client() as db:
        picture = db.draw(
            "signal" if what == "signal" else "pattern",
            id,
            symbol=symbol,
            timeframe=timeframe,
            venue=venue,
            at=at,
            pattern=pattern,
        )
    chart, out = picture.chart, console()
    if html:
        write_file(html, to_html(chart).encode())
    if png:
        write_file(png, to_png(chart))
    if svg:
        write_file(svg, to_svg(chart).encode())
    if html or png or svg:
        return
    width = out.width if out.is_terminal else PIPE_WIDTH
    words = 0 if chart.study is None else len(chart.study.words)
    rows = out.height - AROUND - words if out.is_terminal else 20
    for line in to_terminal(chart, width=width, height=min(max(rows, 12), TALLEST)):
        out.print(line, no_wrap=True, overflow="crop")
