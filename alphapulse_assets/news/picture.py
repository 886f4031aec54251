"""Pictures of series beside the price: fear and greed under Bitcoin, and what its chain tells. Pure."""

from typing import Any, Final

import matplotlib.dates
import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, MaxNLocator

from alphapulse_assets.core.plots import INK, LINE, as_markdown, dress, new_figure

_DATES: Final[Any] = matplotlib.dates
FEAR, GREED = "#d64545", "#2a9d5c"
LOW, HIGH = 25, 75
MOST_PANELS: Final = 6


def index_picture(index: pl.DataFrame, prices: pl.DataFrame) -> str:
    """The index (ts, value) under the price (ts, close), both sorted, in markdown.

    Days of extreme fear are red and of extreme greed green; where days are missing the line breaks.
    """
    figure = new_figure(7.0, 4.0, "Fear and greed under the price of Bitcoin")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    _title(upper, "Close" if prices.height else "no daily candles are stored")
    if prices.height:
        daily = _with_breaks(prices)
        upper.plot(_dates(daily), daily["close"], color=LINE, linewidth=1.0)
    _title(lower, "Fear and greed index (alternative.me)")
    whole = _with_breaks(index)
    lower.plot(_dates(whole), whole["value"], color=INK, linewidth=0.9)
    for colour, mask in ((FEAR, pl.col("value") <= LOW), (GREED, pl.col("value") > HIGH)):
        some = index.filter(mask)
        lower.scatter(_dates(some), some["value"], color=colour, s=3, zorder=3)
    lower.set_ylim(0, 100)
    lower.axhline(LOW, color=FEAR, linewidth=0.7)
    lower.axhline(HIGH, color=GREED, linewidth=0.7)
    _dress(upper, lower)
    upper.yaxis.set_major_formatter(EngFormatter())
    if prices.is_empty():
        upper.set_yticks([])
    return as_markdown(figure, "Fear and greed")


def series_picture(rows: pl.DataFrame, coin: str) -> str:
    """Series of a coin's chain, a panel each: rows of provider, metric, unit, ts, value, by time."""
    series = list(rows.group_by("metric", "unit", "provider", maintain_order=True))[:MOST_PANELS]
    columns = 1 if len(series) == 1 else 2
    lines = -(-len(series) // columns)
    figure = new_figure(7.0, 0.6 + 1.5 * lines, f"{coin}: what its chain tells")
    panels: list[Axes] = []
    for place, ((metric, unit, provider), some) in enumerate(series, start=1):
        axes = figure.add_subplot(lines, columns, place)
        axes.plot(
            _dates(some), some["value"], color=LINE, linewidth=1.0, marker="." if some.height < 3 else ""
        )
        _title(axes, f"{metric} ({provider})" if metric == unit else f"{metric}, {unit} ({provider})")
        axes.yaxis.set_major_formatter(EngFormatter())
        panels.append(axes)
    _dress(*panels)
    return as_markdown(figure, f"What the chain of {coin} tells")


def _dress(*panels: Axes) -> None:
    for axes in panels:
        dress(axes)
        axes.yaxis.set_major_locator(MaxNLocator(4))


def _with_breaks(frame: pl.DataFrame) -> pl.DataFrame:
    """Daily rows with empty ones for days that are missing, so that a line breaks there."""
    return frame.upsample("ts", every="1d") if frame.height > 1 else frame


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, loc="left", fontsize=8.5, color=INK, pad=3)


def _dates(frame: pl.DataFrame) -> Any:
    return _DATES.date2num(frame["ts"].to_list())
