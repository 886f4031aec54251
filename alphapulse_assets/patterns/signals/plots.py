"""A picture of signals on price for the metadata of a run: entry, stop and target of the surest ones."""

from datetime import UTC, datetime
from typing import Any, Final

import dagster as dg
import matplotlib.dates
import polars as pl
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from alphapulse_assets.core.plots import INK, LINE, as_markdown, dress, new_figure
from alphapulse_assets.datasets.derivation import DerivationResult
from alphapulse_assets.datasets.plots import PlotData, PlotScope, all_to_show, with_marks
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore

BARS_SHOWN: Final = 120
MOST_SIGNALS: Final = 8
"""Signals in one picture, the surest ones that do not overlap: more hide one another (ours)."""
_GAIN, _LOSS = "#1f7a5c", "#b83a3a"
_DATES: Final[Any] = matplotlib.dates  # its functions carry no types


def signal_picture(
    database: Database, derived: DerivationResult, configuration_version: int
) -> dg.MarkdownMetadataValue | None:
    """The last bars of the first symbol with its signals; None where there are no bars.

    In the first of its timeframes that has signals to draw, or the first of all where none has.
    """
    version = derived.version
    found = with_marks(
        _found(database, version, configuration_version, each) for each in all_to_show(derived)
    )
    return dg.MetadataValue.md(draw(*found)) if found else None


def _found(database: Database, version: int, configuration_version: int, shown: PlotScope) -> PlotData | None:
    """Candles, signals with a stop, and whose they are; None with fewer than two candles."""
    reader = DerivedStore(database).bars(shown.subject, shown.timeframe, datetime.now(UTC))
    candles = reader.before(shown.end, BARS_SHOWN)
    if candles.height < 2:
        return None
    key = shown.subject.instrument_id, TIMEFRAME_IDS[shown.timeframe], version, configuration_version
    signals = database.read(statement("patterns/signals_shown"), (*key, candles["ts"][0], shown.end))
    return PlotData(candles, signals.drop_nulls("stop"), shown.title)


def draw(candles: pl.DataFrame, signals: pl.DataFrame, title: str) -> str:
    """Close (CANDLE_SCHEMA) and signals, in markdown: from entry to target green, to the stop red.

    `signals`: ts, known_at, signal, entry, stop, target, expires_at, the surest first. Of those that overlap
    in time only the surest is drawn.
    """
    figure = new_figure(8.0, 3.6, f"{title}: signals")
    axes = figure.subplots()
    axes.plot(_DATES.date2num(candles["ts"].to_list()), candles["close"], color=LINE, linewidth=1.0)
    for row in _apart(signals):
        _signal(axes, row)
    dress(axes)
    return as_markdown(figure, f"{title} signals")


def _apart(signals: pl.DataFrame) -> list[dict[str, Any]]:
    chosen: list[dict[str, Any]] = []
    for row in signals.iter_rows(named=True):
        if all(row["expires_at"] <= other["ts"] or row["ts"] >= other["expires_at"] for other in chosen):
            chosen.append(row)
        if len(chosen) == MOST_SIGNALS:
            break
    return chosen


def _signal(axes: Axes, row: dict[str, Any]) -> None:
    """A box while the signal lives, a mark at its entry, its name beyond its target."""
    length = row["known_at"] - row["ts"]  # bars are drawn at their open times
    begin, end = _DATES.date2num([row["ts"], row["expires_at"] - length])
    for level, colour in ((row["target"], _GAIN), (row["stop"], _LOSS)):
        low, high = sorted((row["entry"], level))
        axes.add_patch(
            Rectangle((begin, low), end - begin, high - low, color=colour, alpha=0.22, linewidth=0)
        )
        axes.plot([begin, end], [level, level], color=colour, linewidth=1.0)
    buys = row["score"] > 0
    axes.plot(begin, row["entry"], "^" if buys else "v", color=INK, markersize=4)
    axes.annotate(
        row["signal"].replace("_", " "),
        ((begin + end) / 2, row["target"]),
        (0, 4 if buys else -4),
        textcoords="offset points",
        fontsize=6.5,
        ha="center",
        va="bottom" if buys else "top",
        color=INK,
    )
