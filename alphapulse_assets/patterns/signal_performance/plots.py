"""How signals did, as pictures: the account beside random entries, and returns beside chance. Pure."""

from typing import Any, Final

import matplotlib.dates
import polars as pl
from matplotlib.axes import Axes

from alphapulse_assets.core.plots import BAND, INK, LINE, MISSING, as_markdown, dress, new_figure
from alphapulse_assets.patterns.evaluation.performance import ABOVE, BELOW

SHOWN: Final = ("all", "signal", "timeframe", "regime")
"""Groups of the picture of returns: those of few values."""
_RANDOM, _HOLD = "#7b8794", "#c77700"
_VERDICTS: Final = {ABOVE: LINE, BELOW: MISSING}
_DATES: Final[Any] = matplotlib.dates  # its functions carry no types


def equity_picture(curves: pl.DataFrame) -> str | None:
    """The account of all signals (EQUITY_SCHEMA), in markdown; None with fewer than two days."""
    rows = curves.filter(pl.col("grouped_by") == "all").sort("day")
    if rows.height < 2:
        return None
    title = f"Taking each of {rows['trades'][-1]:,} signals, after costs"
    figure = new_figure(7.0, 3.2, title)
    axes = figure.subplots()
    days = _DATES.date2num(rows["day"].to_list())
    axes.fill_between(days, rows["random_low"], rows["random_high"], color=BAND, alpha=0.55, linewidth=0)
    for column, colour, label in (
        ("random_equity", _RANDOM, "random entries, 95 %"),
        ("hold_equity", _HOLD, "always in"),
        ("equity", LINE, "signals"),
    ):
        axes.plot(days, rows[column], color=colour, linewidth=1.3, label=label)
    dress(axes)
    figure.legend(loc="outside lower center", ncols=3, fontsize=7, frameon=False)
    return as_markdown(figure, title)


def performance_picture(found: pl.DataFrame) -> str | None:
    """Mean net returns with intervals beside chance (PERFORMANCE_SCHEMA), in markdown; None without any."""
    shown = found.filter(pl.col("grouped_by").is_in(list(SHOWN)) & pl.col("mean_net_low").is_not_null())
    if shown.is_empty():
        return None
    figure = new_figure(7.0, 1.2 + 0.27 * shown.height, "Mean return of a signal after costs, per cent")
    axes = figure.subplots()
    for place, row in enumerate(reversed(shown.to_dicts())):
        _draw(axes, place, row)
    names = [
        f"{row['grouped_by']}: {row['value']}".removeprefix("all: ") for row in reversed(shown.to_dicts())
    ]
    axes.set_yticks(range(len(names)), names)
    axes.axvline(0.0, color=INK, linewidth=0.6, linestyle=(0, (1, 3)))
    axes.tick_params(labelsize=7, length=0, colors=INK)
    axes.grid(True, axis="x", color="#e4e7eb", linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title("band: random walks; line: random entries", loc="right", fontsize=7, color=INK, pad=3)
    return as_markdown(figure, "Mean return of a signal after costs beside chance")


def _draw(axes: Axes, place: int, row: dict[str, Any]) -> None:
    if row["walk_mean_net_low"] is not None:
        width = row["walk_mean_net_high"] - row["walk_mean_net_low"]
        axes.barh(place, width, left=row["walk_mean_net_low"], height=0.62, color=BAND, alpha=0.75)
    axes.plot([row["random_mean_net_pct"]] * 2, [place - 0.36, place + 0.36], color=_HOLD, linewidth=1.2)
    colour = _VERDICTS.get(row["verdict"], _RANDOM)
    axes.plot([row["mean_net_low"], row["mean_net_high"]], [place, place], color=colour, linewidth=1.4)
    axes.plot([row["mean_net_pct"]], [place], "o", color=colour, markersize=4)
