"""A small picture of indicators for the metadata of a run: close within its bands, and RSI below."""

from typing import Any, Final

import dagster as dg
import matplotlib.dates
import polars as pl

from alphapulse_assets.core.plots import BAND, INK, LINE, MISSING, as_markdown, dress, new_figure
from alphapulse_assets.datasets.derivation import DerivationResult
from alphapulse_assets.datasets.plots import newest_rows
from alphapulse_resources.database.client import Database

_DATES: Final[Any] = matplotlib.dates  # its functions carry no types


def indicator_picture(database: Database, derived: DerivationResult) -> dg.MarkdownMetadataValue | None:
    """The last bars of the first symbol in the coarsest timeframe below a day that was computed."""
    found = newest_rows(database, derived, "derived/indicator_picture")
    return dg.MetadataValue.md(draw(*found)) if found else None


def draw(frame: pl.DataFrame, title: str) -> str:
    """Bands, close and RSI by time (ts, close, bb_lower, bb_middle, bb_upper, rsi_14), in markdown."""
    figure = new_figure(7.0, 3.4, title)
    price, rsi = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    x = _DATES.date2num(frame["ts"].to_list())
    price.fill_between(x, *_numbers(frame, "bb_lower", "bb_upper"), color=BAND, alpha=0.5, linewidth=0)
    price.plot(x, *_numbers(frame, "bb_middle"), color=BAND, linewidth=1.0)
    price.plot(x, *_numbers(frame, "close"), color=LINE, linewidth=1.0)
    price.set_title("close, Bollinger bands", loc="left", fontsize=8.5, color=INK, pad=3)
    rsi.plot(x, *_numbers(frame, "rsi_14"), color=LINE, linewidth=1.0)
    for level in (30, 70):
        rsi.axhline(level, color=MISSING, linewidth=0.6)
    rsi.set_ylim(0, 100)
    rsi.set_title("RSI 14", loc="left", fontsize=8.5, color=INK, pad=3)
    for axes in (price, rsi):
        dress(axes)
    return as_markdown(figure, title)


def _numbers(frame: pl.DataFrame, *names: str) -> list[Any]:
    """Columns as arrays, NaN where there is nothing."""
    return [frame[name].cast(pl.Float64).to_numpy() for name in names]
