"""Small pictures of leverage: open interest under the price, and funding of many over time. Pure."""

from typing import Any, Final

import matplotlib.dates
import numpy as np
import polars as pl
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from alphapulse_assets.core.plots import BAND, INK, LINE, as_markdown, dress, new_figure

LOGIC_VERSION: Final = 1
"""Bumped whenever the same rows would be drawn differently."""

DAYS_SHOWN: Final = 14
MOST_SYMBOLS: Final = 30
"""Rows of the heat map: more are not told apart (ours)."""
STEPS: Final = 14 * 6
"""Columns of the heat map, of four hours each in two weeks (ours)."""
LEAST_LIMIT: Final = 0.05
"""Funding by the year that is coloured in full at least: what is quiet is pale (ours)."""

_DATES: Final[Any] = matplotlib.dates  # its functions carry no types
_PAID: Final = LinearSegmentedColormap.from_list(
    "funding", [(0.0, "#1d4e89"), (0.5, "#f7f7f7"), (1.0, "#a4262c")]
).with_extremes(bad="#d9dde2")
"""Blue where shorts pay, red where longs do, told apart by colour-blind eyes."""


def open_interest_picture(rows: pl.DataFrame) -> str:
    """Price above, open interest in coins below, of the first perpetual of `rows`, in markdown.

    `rows`: place, label, ts (hours), price, open_interest_base, funding_annual; sorted.
    """
    first = rows.filter(pl.col("place") == rows["place"].min()) if rows.height else rows
    label = first["label"][0] if first.height else "no perpetuals"
    figure = new_figure(7.0, 3.2, f"Price and open interest: {label}")
    upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 2]})
    x = _DATES.date2num(first["ts"].to_list())
    upper.plot(x, first["price"], color=LINE, linewidth=1.0)
    coins = first["open_interest_base"].to_numpy()
    known = coins[~np.isnan(coins)]
    if len(known):
        # not from nought: a tenth more is what one wants to see
        low = known.min() - 0.25 * max(np.ptp(known), 0.01 * known.max())
        lower.fill_between(x, low, coins, color=BAND, linewidth=0)
        lower.set_ylim(bottom=low)
    for axes, name in ((upper, "price"), (lower, "open interest, coins")):
        dress(axes)
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.set_title(name, loc="left", fontsize=7.5, color=INK, pad=2)
    return as_markdown(figure, f"Price and open interest: {label}")


def funding_picture(rows: pl.DataFrame) -> str:
    """Funding by the year of perpetuals over time, those with the most open interest first, in markdown."""
    figure = new_figure(7.0, 0.9 + 0.17 * max(rows["place"].n_unique(), 4), "Funding by the year")
    if rows["funding_annual"].drop_nulls().len():
        _heat_map(figure, rows)
    return as_markdown(figure, "Funding by the year of the perpetuals with the most open interest")


def _heat_map(figure: Figure, rows: pl.DataFrame) -> None:
    moments = _DATES.date2num(rows["ts"].to_list())
    first, last = moments.min(), moments.max() + 1 / 24
    step = np.minimum((moments - first) / (last - first) * STEPS, STEPS - 1).astype(int)
    means = (
        rows.with_columns(pl.Series("step", step))
        .group_by("place", "label", "step")
        .agg(pl.col("funding_annual").mean())
        .drop_nulls()
        .sort("place", "step")
    )
    labels = rows.select("place", "label").unique().sort("place")["label"].to_list()
    places = {place: at for at, place in enumerate(rows["place"].unique().sort().to_list())}
    grid = np.full((len(labels), STEPS), np.nan)
    for place, at, value in means.select("place", "step", "funding_annual").iter_rows():
        grid[places[place], at] = value
    # one coin beyond all measure must not make the others pale
    limit = max(float(np.nanquantile(np.abs(grid), 0.95)), LEAST_LIMIT)
    axes = figure.add_subplot()
    image = axes.imshow(
        np.ma.masked_invalid(grid),
        cmap=_PAID,
        vmin=-limit,
        vmax=limit,
        aspect="auto",
        interpolation="nearest",
        extent=(first, last, len(labels) - 0.5, -0.5),
    )
    dress(axes)
    axes.grid(False)
    axes.set_yticks(range(len(labels)), labels, fontsize=6)
    bar = figure.colorbar(image, ax=axes, fraction=0.025, pad=0.015, ticks=[-limit, 0, limit])
    bar.ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=7, length=0)
