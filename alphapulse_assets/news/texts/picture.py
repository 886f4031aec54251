"""Picture of a materialization: articles by hour and outlet, and how many of them are copies. Pure."""

from datetime import datetime, timedelta
from typing import Any, Final

import matplotlib.dates
import polars as pl

from alphapulse_assets.core.plots import INK, as_markdown, dress, new_figure

_DATES: Final[Any] = matplotlib.dates
_COLOURS: Final = (
    "#1d4e89", "#d64545", "#f2a541", "#6b9080", "#7d5ba6", "#3a86a8", "#b5651d", "#5c677d",
)  # fmt: skip
_OTHERS: Final = "#c8ced6"
_HOUR: Final = 1 / 24


def texts_picture(hours: pl.DataFrame, start: datetime, end: datetime) -> str:
    """Stacked bars of an hour each, in markdown.

    `hours` has ts (start of the hour), source, texts and copies. Outlets beyond the eight with most articles
    are one.
    """
    figure = new_figure(7.0, 3.2, "News by hour of first sight and outlet")
    axes = figure.add_subplot()
    every = pl.DataFrame({"ts": pl.datetime_range(start, end - timedelta(hours=1), "1h", eager=True)})
    order = (
        hours.group_by("source")
        .agg(pl.col("texts").sum())
        .sort(["texts", "source"], descending=[True, False])
    )
    named = order["source"].head(len(_COLOURS)).to_list()
    bottom = pl.Series([0] * every.height)
    at = _DATES.date2num(every["ts"].to_list())
    for place, source in enumerate([*named, None]):
        chosen = pl.col("source") == source if source else ~pl.col("source").is_in(named)
        counts = hours.filter(chosen).group_by("ts").agg(pl.col("texts").sum())
        heights = every.join(counts, on="ts", how="left", maintain_order="left")["texts"].fill_null(0)
        if heights.sum():
            colour = _COLOURS[place] if source else _OTHERS
            axes.bar(at, heights, _HOUR, bottom, color=colour, label=source or "others", align="edge")
            bottom = bottom + heights
    texts, copies = int(hours["texts"].sum()), int(hours["copies"].sum())
    axes.set_title(
        f"{texts:,} articles, {copies:,} of them copies", loc="left", fontsize=8.5, color=INK, pad=3
    )
    dress(axes)
    if hours.height:
        axes.legend(fontsize=6.5, ncols=3, frameon=False)
    return as_markdown(figure, "News by hour and outlet")
