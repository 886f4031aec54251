"""A small picture of a symbol's trend for the metadata of a run: the close, with its ups and downs marked."""

from typing import Any, Final

import dagster as dg
import matplotlib.dates
import polars as pl

from alphapulse_assets.core.plots import BAND, LINE, MISSING, as_markdown, dress, new_figure
from alphapulse_assets.datasets.derivation import DerivationResult
from alphapulse_assets.datasets.plots import newest_rows
from alphapulse_resources.database.client import Database

_DATES: Final[Any] = matplotlib.dates  # its functions carry no types


def regime_picture(database: Database, derived: DerivationResult) -> dg.MarkdownMetadataValue | None:
    """The last bars of the first symbol in a timeframe that was computed."""
    found = newest_rows(database, derived, "derived/regime_picture")
    return dg.MetadataValue.md(draw(found[0], f"{found[1]}: trend")) if found else None


def draw(frame: pl.DataFrame, title: str) -> str:
    """The close by time (ts, close, trend), blue where it trends up, red where down, in markdown."""
    figure = new_figure(7.0, 2.4, title)
    axes = figure.subplots()
    x = _DATES.date2num(frame["ts"].to_list())
    axes.plot(x, frame["close"], color=BAND, linewidth=1.0)
    for trend, colour in (("up", LINE), ("down", MISSING)):
        marked = frame.select(pl.when(pl.col("trend") == trend).then(pl.col("close")).cast(pl.Float64))
        axes.plot(x, marked.to_series().to_numpy(), color=colour, linewidth=1.6, label=trend)
    axes.legend(fontsize=7, frameon=False, loc="upper left", ncols=2)
    dress(axes)
    return as_markdown(figure, title)
