"""`alphapulse up`: the platform against the real venues, until Ctrl-C."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from sqlalchemy.engine import make_url

from alphapulse_cli.processes import check_address
from alphapulse_cli.stack import Stack
from alphapulse_resources.settings import get_settings

WATCH_SECONDS: Final = 2.0
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_up(*, host: str | None = None, port: int | None = None, automation: bool = True) -> None:
    """Start everything, say where to look, and stay until a signal comes."""
    settings, console = get_settings(), Console()
    check_address(host or settings.web.host, port or settings.web.port)
    with (
        until_stopped(),
        Stack(
            settings,
            host=host or settings.web.host,
            port=port or settings.web.port,
            automation=automation,
            say=lambda line: console.print(line, style="dim", markup=False, highlight=False),
        ) as stack,
    ):
        if stack.terminal_url is not None:
            console.print(f"Look at it: [bold]{stack.terminal_url}[/bold]")
        console.print(f"[bold green]AlphaPulse runs.[/bold green] Dagster UI: [bold]{stack.url}[/bold]")
        console.print(where_to_look(stack))
        console.print("Track a symbol: [bold]alphapulse symbols add binance BTC/USDT[/bold]. Ctrl-C stops.")
        stay(stack)


def where_to_look(stack: Stack) -> str:
    """Database address without its password, and where the whole of it is."""
    shown = make_url(stack.dsn).render_as_string(hide_password=True)
    return f"Database: {shown} (with its password in {stack.environment_file})"


def stay(stack: Stack) -> None:
    """Watch over the processes until a signal comes."""
    while True:
        time.sleep(WATCH_SECONDS)
        stack.watch()


@contextmanager
def until_stopped() -> Iterator[None]:
    """The body ends by itself or by the first SIGINT, SIGTERM or SIGHUP; later ones are ignored."""

    def stop(number: int, frame: object) -> None:
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    previous = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
