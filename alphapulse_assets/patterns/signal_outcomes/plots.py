"""Signals on price with what became of them: from the entry to the exit, green where it paid. Pure."""

from typing import Any, Final

import matplotlib.dates
import polars as pl
from matplotlib.lines import Line2D

from alphapulse_assets.core.plots import INK, LINE, as_markdown, dress, new_figure

_GAIN, _LOSS = "#1f7a5c", "#b83a3a"
_MARKS: Final = {"stopped": "x", "target": "*", "expired": "o", "closed": "s"}
_DATES: Final[Any] = matplotlib.dates  # its functions carry no types


def draw(candles: pl.DataFrame, outcomes: pl.DataFrame, title: str) -> str:
    """Close (CANDLE_SCHEMA) and decided outcomes, in markdown.

    `outcomes`: side, state, entry_at, entry, closed_at, exit, net_pct (after costs).
    """
    figure = new_figure(8.0, 3.6, f"{title}: what came of signals, after costs")
    axes = figure.subplots()
    axes.plot(
        _DATES.date2num(candles["ts"].to_list()), candles["close"], color=LINE, linewidth=0.8, alpha=0.7
    )
    for row in outcomes.iter_rows(named=True):
        colour = _GAIN if row["net_pct"] > 0 else _LOSS
        begin, end = _DATES.date2num([row["entry_at"], row["closed_at"]])
        axes.plot([begin, end], [row["entry"], row["exit"]], color=colour, linewidth=1.4)
        axes.plot(begin, row["entry"], "^" if row["side"] == "buy" else "v", color=INK, markersize=4)
        axes.plot(end, row["exit"], _MARKS[row["state"]], color=colour, markersize=5)
    dress(axes)
    style = {"color": INK, "linewidth": 0, "markersize": 5}
    marks = [Line2D([], [], marker=mark, label=state, **style) for state, mark in _MARKS.items()]  # type: ignore[arg-type]  # styles by name
    figure.legend(handles=marks, loc="outside lower center", ncols=4, fontsize=7, frameon=False)
    return as_markdown(figure, f"{title} what came of signals")
