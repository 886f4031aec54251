"""Pictures of sentiment: under the price of main symbols, and its correlations with price at lags. Pure."""

from typing import Any, Final

import matplotlib.dates
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from alphapulse_assets.core.plots import BAND, INK, LINE, MISSING, as_markdown, dress, new_figure
from alphapulse_assets.news.aggregates.lead_lag import DEMONSTRATED, LAGS

_DATES: Final[Any] = matplotlib.dates  # its functions carry no types
MOST_SYMBOLS: Final = 24


def sentiment_picture(rows: pl.DataFrame, title: str) -> str:
    """Price with sentiment under it, of one symbol, in markdown.

    `rows` has ts, close, score (24 hours), hour_score and hour_zscore, sorted by ts. Where nothing was said
    the line breaks; hours beyond three standard deviations are marked.
    """
    figure = new_figure(7.0, 3.4, title)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[1, 1])
    x = _DATES.date2num(rows["ts"].to_list())
    _title(upper, "Close")
    upper.plot(x, rows["close"].cast(pl.Float64).to_numpy(), color=LINE, linewidth=1.0)
    _title(lower, "Sentiment of 24 hours; bars: of the hour; red: 3 standard deviations from its week")
    hour, spike = rows["hour_score"].to_numpy(), rows["hour_zscore"].abs().fill_null(0).to_numpy() >= 3
    width = 1 / 24
    lower.bar(x, np.nan_to_num(hour.astype(float)), width=width, color=BAND)
    if spike.any():
        lower.bar(x[spike], hour[spike].astype(float), width=width, color=MISSING)
    lower.plot(x, rows["score"].cast(pl.Float64).to_numpy(), color=INK, linewidth=1.1)
    lower.axhline(0, color=INK, linewidth=0.6)
    for axes in (upper, lower):
        dress(axes)
        axes.yaxis.set_major_locator(MaxNLocator(4))
    upper.yaxis.set_major_formatter(FuncFormatter(lambda price, _: f"{price:,.6g}"))
    return as_markdown(figure, title)


def correlation_picture(rows: pl.DataFrame, title: str) -> str:
    """Heat maps of correlations, symbols by lags, of returns and of volatility, in markdown.

    `rows` has venue, symbol, series, against, lag, correlation and verdict, of one window. Colours are of the
    level; a ring marks the lag of a demonstrated relation of whichever series; grey: too little data. Right
    of the line sentiment came first.
    """
    names = rows.select("venue", "symbol").unique().sort("symbol", "venue").head(MOST_SYMBOLS)
    labels = [f"{symbol} {venue}" for venue, symbol in names.iter_rows()]
    figure = new_figure(7.0, 1.3 + 0.2 * max(len(labels), 3), title)
    panels = figure.subplots(1, 2, sharey=True)
    largest = rows.filter(pl.col("series") == "level")["correlation"].abs().max()
    bound = max(float(str(largest)) if largest is not None else 0.0, 0.1)
    for axes, against in zip(panels, ("return", "volatility"), strict=True):
        own = rows.filter(pl.col("against") == against)
        image = _panel(axes, own, names, bound)
        _title(axes, f"against {against}")
    panels[0].set_yticks(range(len(labels)), labels)
    bar = figure.colorbar(image, ax=panels, fraction=0.025, pad=0.015)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=7, length=0)
    figure.supxlabel(
        "hours by which price comes later; o: demonstrated relation, of any series", fontsize=7.5, color=INK
    )
    return as_markdown(figure, title)


def _panel(axes: Axes, own: pl.DataFrame, names: pl.DataFrame, bound: float) -> Any:
    grid = np.full((names.height, len(LAGS)), np.nan)
    places = {name: place for place, name in enumerate(names.iter_rows())}
    for row in own.iter_rows(named=True):
        place = places.get((row["venue"], row["symbol"]))
        if place is None or row["lag"] not in LAGS:
            continue
        lag = LAGS.index(row["lag"])
        if row["correlation"] is not None and row["series"] == "level":
            grid[place, lag] = row["correlation"]
        if row["verdict"] in DEMONSTRATED:
            axes.plot(lag, place, marker="o", markersize=6, markerfacecolor="white", color=INK)
    axes.set_facecolor("#b8c0c8")
    image = axes.imshow(
        np.ma.masked_invalid(grid), cmap="RdBu", vmin=-bound, vmax=bound, aspect="auto",
        interpolation="nearest",
    )  # fmt: skip
    axes.axvline(LAGS.index(0) + 0.5, color=INK, linewidth=0.8)
    axes.set_xticks(range(len(LAGS)), [f"{lag:+d}" if lag else "0" for lag in LAGS])
    axes.tick_params(labelsize=6, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return image


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, loc="left", fontsize=8.5, color=INK, pad=3)
