"""`alphapulse demo`: the whole platform on the venue simulator, with a few symbols and some days of history.

Nothing here knows more than a user: it tracks symbols, and the sensors of the platform do the rest. Its data
live in a home of their own, so that simulated candles never mix with real ones.
"""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from alphapulse_cli.demo_farewell import print_farewell, waiting_for
from alphapulse_cli.demo_report import Report, make_report, print_report
from alphapulse_cli.lost_runs import dagster_instance
from alphapulse_cli.processes import check_address
from alphapulse_cli.stack import Stack
from alphapulse_cli.up import stay, until_stopped
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.settings import Settings, get_settings
from alphapulse_sim.process import SimulatorProcess

SYMBOLS: Final = (
    ("binance", "BTC/USDT"),
    ("binance", "ETH/USDT"),
    ("binance", "SOL/USDT"),
    ("binanceusdm", "BTC/USDT:USDT"),
    ("binanceusdm", "ETH/USDT:USDT"),
    ("bybit", "BTC/USDT"),
    ("bybit", "BTC/USDT:USDT"),
    ("coinbase", "BTC/USD"),
    ("coinbase", "ETH/USD"),
)
KEYS: Final = {
    "ALPHAPULSE_PROVIDERS__COINMARKETCAP_KEY": "demo",
    "ALPHAPULSE_PROVIDERS__COINGLASS_KEY": "demo",
    "ALPHAPULSE_PROVIDERS__NEWSAPI_KEY": "demo",
    "ALPHAPULSE_PROVIDERS__REDDIT_CLIENT_ID": "demo",
    "ALPHAPULSE_PROVIDERS__REDDIT_CLIENT_SECRET": "demo",
    "ALPHAPULSE_PROVIDERS__X_BEARER_TOKEN": "demo",
    "ALPHAPULSE_PROVIDERS__COINMETRICS_ENABLED": "true",
}
"""Simulated providers take any key: so the demo shows what keys add."""
POSITIONS: Final = (("BTC/USDT:USDT", "long", 0.25, 5.0), ("ETH/USDT:USDT", "short", 3.0, 3.0))
"""Made-up positions on binanceusdm at their newest price: symbol, side, coins, leverage."""
FIRST_QUERY: Final = (
    "SELECT venue, symbol, ts, close, volume, bars FROM ohlcv\n"
    "WHERE timeframe = '1h' AND symbol LIKE 'BTC/%'\n"
    "ORDER BY ts DESC, venue, symbol LIMIT 5"
)
HISTORY_JOBS: Final = ("backfill_candles", "fill_collected_venue_days")
LIMIT_SECONDS: Final = 900.0
POLL_SECONDS: Final = 1.0


@dataclass(slots=True)
class Timing:
    """Seconds from the start of the demo."""

    started: float = field(default_factory=time.monotonic)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    first_data: float | None = None
    finished: float | None = None

    def elapsed(self) -> float:
        """Seconds so far."""
        return time.monotonic() - self.started


class DemoError(RuntimeError):
    """The demo did not come to its end."""


def run_demo(
    *, once: bool = False, as_json: bool = False, days: int = 3, port: int | None = None, fresh: bool = False
) -> int:
    """Run the demo; returns the exit code (0: everything as it should be)."""
    console = Console(stderr=as_json)
    settings = _demo_settings()
    check_address(settings.web.host, port or settings.web.port)
    if get_settings().dsn is not None:
        console.print("[dim]ALPHAPULSE_DSN is left alone: the demo keeps its simulated data to itself[/dim]")
    if fresh:
        _remove_old(settings, console)
    timing = Timing()
    with until_stopped(), _stack(settings, port or settings.web.port, days, console) as stack:
        report = _fill(stack, days, timing, console)
        if as_json:
            print(json.dumps(report.as_dict(), default=str), flush=True)
        else:
            print_report(report, console)
            print_farewell(report, console, home=settings.home, web_url=getattr(stack, "terminal_url", None))
        if once:
            return 0 if report.ok else 1
        stay(stack)
    return 0


def _demo_settings() -> Settings:
    settings = get_settings()
    return settings.model_copy(update={"home": (settings.home / "demo").resolve(), "dsn": None})


def _remove_old(settings: Settings, console: Console) -> None:
    from alphapulse_resources.database.connection import embedded

    embedded(settings).stop()
    shutil.rmtree(settings.home, ignore_errors=True)
    console.print(f"[dim]removed the data of earlier demos in {settings.home}[/dim]")


def _first_partition(days: int) -> str:
    """A week more than the history, so that there is something left to backfill by hand."""
    return (datetime.now(UTC).date() - timedelta(days=days + 7)).isoformat()


@contextmanager
def _stack(settings: Settings, port: int, days: int, console: Console) -> Iterator[Stack]:
    with (
        SimulatorProcess() as simulator,
        Stack(
            settings,
            host=settings.web.host,
            port=port,
            automation=True,
            say=lambda line: console.print(line, style="dim", markup=False, highlight=False),
            environment={
                "ALPHAPULSE_VENUE_URL": simulator.url,
                "ALPHAPULSE_HISTORY__FIRST_PARTITION": _first_partition(days),
                **KEYS,
            },
        ) as stack,
    ):
        console.print(f"[dim]venue simulator at {simulator.url}[/dim]")
        yield stack


def _fill(stack: Stack, days: int, timing: Timing, console: Console) -> Report:
    """Track the symbols and wait until sensors and runs have filled their history."""
    database = Database(stack.dsn)
    try:
        for venue, symbol in SYMBOLS:
            database.rows(
                "SELECT track_symbol(%(venue)s, %(symbol)s, %(history)s)",
                {"venue": venue, "symbol": symbol, "history": timedelta(days=days)},
            )
        console.print(
            f"tracking {len(SYMBOLS)} symbols at 4 venues; the sensors fetch {days} days of history"
        )
        _wait(stack, database, timing, console)
        _hold(database)
        timing.finished = timing.elapsed()
        return make_report(
            database,
            stack,
            since=timing.started_at,
            first_data=timing.first_data,
            finished=timing.finished,
            query=FIRST_QUERY,
        )
    finally:
        database.close()


def _hold(database: Database) -> None:
    """Enter the made-up positions, unless they are held already, and work out what they may lose."""
    from alphapulse_assets.positions.known import risk_at, store_risk

    for symbol, side, size, leverage in POSITIONS:
        given = {"venue": "binanceusdm", "symbol": symbol, "side": side, "size": size, "leverage": leverage}
        database.rows(statement("positions/open_in_demo"), given)
    store_risk(database, risk_at(database, datetime.now(UTC)))


def _wait(stack: Stack, database: Database, timing: Timing, console: Console) -> None:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("symbol-days", total=None)
        last_said = 0.0
        while True:
            state = database.rows(statement("status/demo_progress"))[0]
            if timing.first_data is None and state["candles"] > 0:
                timing.first_data = timing.elapsed()
                console.print(f"[green]first candles after {timing.first_data:.0f} s[/green]")
            text = f"symbol-days, {state['candles']:,} candles: {waiting_for(state)}"
            progress.update(task, description=text, completed=state["done"], total=state["wanted"])
            if not console.is_terminal and timing.elapsed() - last_said > 10:
                last_said = timing.elapsed()
                console.print(f"{last_said:4.0f} s  {state['done']} of {state['wanted']} {text}")
            filled = state["done"] == state["wanted"] == state["scored"] and state["dirty"] == 0
            if filled and state["unasked"] == 0 and not _history_runs(stack):
                return
            if timing.elapsed() > LIMIT_SECONDS:
                raise DemoError(
                    f"not finished after {LIMIT_SECONDS:.0f} s: {dict(state)}; logs: {stack.home}/logs"
                )
            time.sleep(POLL_SECONDS)
            stack.watch()


def _history_runs(stack: Stack) -> int:
    """Runs that fill the history and are not over."""
    import dagster as dg

    over = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
    unfinished = [status for status in dg.DagsterRunStatus if status not in over]
    with dagster_instance(stack.environment) as instance:
        return sum(
            instance.get_runs_count(dg.RunsFilter(job_name=job, statuses=unfinished)) for job in HISTORY_JOBS
        )
