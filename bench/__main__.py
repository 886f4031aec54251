"""`python -m bench`: run the benchmarks and print one table (and `--json FILE`: every value)."""

import json
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import Annotated, Final

import psutil
import typer
from rich.console import Console
from rich.table import Table

from alphapulse_resources.settings import end_if_refused
from bench import (
    alert_rules,
    api,
    bar_query,
    broadcast,
    burst,
    candlestick,
    chart_patterns,
    closed_candle,
    collecting,
    demo_once,
    dominance,
    fault_storm,
    futures_import,
    futures_round,
    indicators,
    leakage,
    many_readers,
    news_linking,
    news_scoring,
    news_stories,
    order_book,
    page_chart,
    pattern_query,
    python_client,
    read_month,
    similar,
    stream_latency,
    symbol_year,
    symbol_year_derived,
    upsert,
    volume_patterns,
)
from bench.figures import Figure
from bench.servers import TEST_DSN, Server, running_servers

_ON_SERVERS: Final[dict[str, Callable[[Server], list[Figure]]]] = {
    "upsert": upsert.run,
    "symbol_year": symbol_year.run,
    "symbol_year_derived": symbol_year_derived.run,
    "read_month": read_month.run,
    "similar": similar.run,
    "python_client": python_client.run,
    "futures_import": futures_import.run,
    "many_readers": many_readers.run,
    "pattern_query": lambda server: [*bar_query.run(server), *pattern_query.run(server)],
    "closed_candle": closed_candle.run,
    "broadcast": broadcast.run,
    "stream_latency": stream_latency.run,
    "futures_round": futures_round.run,
    "dominance": dominance.run_on,
    "collecting": collecting.run,
    "api": api.run,
    "page_chart": page_chart.run,
}
_ALONE: Final[dict[str, Callable[[], list[Figure]]]] = {
    "order_book": order_book.run,
    "indicators": indicators.run,
    "chart_patterns": chart_patterns.run,
    "candlestick": candlestick.run,
    "volume_patterns": volume_patterns.run,
    "dominance": dominance.run,
    "news_linking": news_linking.run,
    "news_scoring": news_scoring.run,
    "news_stories": news_stories.run,
    "demo_once": demo_once.run,
    "fault_storm": fault_storm.run,
    "burst": burst.run,
    "alert_rules": alert_rules.run,
    "leakage": leakage.run,
}
_FILE_WIDTH: Final = 160  # columns, where the output is no terminal
_HEADINGS: Final = ("figure", "", "ours", "beside", "baseline", "ratio (min..max)", "bar", "met?")


class Choice(StrEnum):
    """What can be run."""

    UPSERT = "upsert"
    SYMBOL_YEAR = "symbol_year"
    SYMBOL_YEAR_DERIVED = "symbol_year_derived"
    READ_MONTH = "read_month"
    SIMILAR = "similar"
    PYTHON_CLIENT = "python_client"
    FUTURES_IMPORT = "futures_import"
    MANY_READERS = "many_readers"
    PATTERN_QUERY = "pattern_query"
    CLOSED_CANDLE = "closed_candle"
    BROADCAST = "broadcast"
    STREAM_LATENCY = "stream_latency"
    FUTURES_ROUND = "futures_round"
    COLLECTING = "collecting"
    API = "api"
    PAGE_CHART = "page_chart"
    ORDER_BOOK = "order_book"
    INDICATORS = "indicators"
    LEAKAGE = "leakage"
    CHART_PATTERNS = "chart_patterns"
    CANDLESTICK = "candlestick"
    VOLUME_PATTERNS = "volume_patterns"
    DOMINANCE = "dominance"
    NEWS_LINKING = "news_linking"
    NEWS_SCORING = "news_scoring"
    NEWS_STORIES = "news_stories"
    DEMO_ONCE = "demo_once"
    FAULT_STORM = "fault_storm"
    BURST = "burst"
    ALERT_RULES = "alert_rules"
    ALL = "all"


def main(
    benchmark: Annotated[Choice, typer.Argument(help="Which one.")] = Choice.ALL,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write every value to FILE too.")] = None,
) -> None:
    """Measure side by side with what people use otherwise; medians of paired ratios."""
    console = Console()
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    figures: list[Figure] = []
    with running_servers() as servers:
        for name, run in _ON_SERVERS.items():
            if benchmark in (name, Choice.ALL):
                for server in servers:
                    console.print(f"[dim]{name}, {server.name} ...[/dim]")
                    figures += run(server)
        without_timescaledb = len(servers) == 1 and benchmark not in _ALONE
    for name, measure in _ALONE.items():
        if benchmark in (name, Choice.ALL):
            console.print(f"[dim]{name} ...[/dim]")
            figures += measure()
    console.print(table(figures))
    if without_timescaledb:
        console.print(
            f"[dim]nothing was measured on hypertables: {TEST_DSN} names no TimescaleDB server[/dim]"
        )
    if json_file is not None:
        json_file.write_text(json.dumps(_report(figures), indent=1) + "\n")


def table(figures: list[Figure]) -> Table:
    """The figures as they are printed: medians, and the paired ratios with their spread."""
    result = Table(*_HEADINGS, caption="medians; ratio = baseline / ours, round by round")
    for figure in figures:
        ratio = figure.ratio
        met = {None: "", True: "[green]yes[/green]", False: "[red]no[/red]"}[figure.met]
        result.add_row(
            figure.name,
            figure.unit,
            f"{median(figure.ours):.3g}",
            figure.versus,
            f"{median(figure.baseline):.3g}" if figure.baseline else "",
            f"{ratio.median:.2f} ({ratio.low:.2f}..{ratio.high:.2f})" if ratio else "",
            str(figure.bar or ""),
            met,
        )
    return result


def _report(figures: list[Figure]) -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load": psutil.getloadavg(),
        "figures": [figure.as_dict() for figure in figures],
    }


if __name__ == "__main__":
    end_if_refused()
    typer.run(main)
