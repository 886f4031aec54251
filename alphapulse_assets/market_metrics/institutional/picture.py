"""Pictures of a materialization: net positions by group under the price, stablecoins' supply. Pure."""

from typing import Any, Final

import matplotlib.dates
import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from alphapulse_assets.core.plots import INK, LINE, as_markdown, dress, new_figure

_DATES: Final[Any] = matplotlib.dates
_COLOURS: Final = {
    "leveraged": "#d64545",
    "asset_manager": "#1d4e89",
    "dealer": "#f2a541",
    "other": "#6b9080",
    "small": "#9aa5b1",
}
BILLION: Final = 1e9


def positions_picture(positions: pl.DataFrame, prices: pl.DataFrame, base: str) -> str:
    """Net positions of each group in coins, under the price, in markdown.

    `positions` has ts, trader_group and net (sorted by ts), `prices` ts and close; without prices the upper
    panel says so.
    """
    figure = new_figure(7.0, 4.2, f"CME {base} futures: price, and who is net long")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[2, 3])
    _title(upper, "Close" if prices.height else "no daily candles are stored")
    if prices.height:
        upper.plot(_dates(prices), prices["close"], color=LINE, linewidth=1.0)
    _title(lower, f"Net position, {base}")
    for (group,), rows in positions.group_by("trader_group", maintain_order=True):
        lower.plot(
            _dates(rows), rows["net"], color=_COLOURS[str(group)], linewidth=1.1, label=str(group), marker="."
            if rows.height < 3 else ""
        )  # fmt: skip
    lower.axhline(0, color=INK, linewidth=0.6)
    for axes in (upper, lower):
        dress(axes)
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(_whole))
    if prices.is_empty():
        upper.set_yticks([])
    if positions.height:
        lower.legend(fontsize=7, ncols=5, frameon=False, loc="upper left")
    return as_markdown(figure, f"Net positions in CME {base} futures")


def supply_picture(supply: pl.DataFrame) -> str:
    """Supply of all stablecoins, and what was issued each day, in markdown.

    `supply` has ts, circulating_usd and net_issuance_usd (sorted by ts).
    """
    figure = new_figure(7.0, 3.4, "Stablecoins: supply, and net issuance of each day (billion USD)")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    x = _dates(supply)
    upper.plot(x, supply["circulating_usd"] / BILLION, color=LINE, linewidth=1.1)
    lower.bar(x, (supply["net_issuance_usd"] / BILLION).fill_null(0), color=LINE, width=0.8)
    for axes, title in ((upper, "Supply"), (lower, "Net issuance")):
        _title(axes, title)
        dress(axes)
        axes.yaxis.set_major_locator(MaxNLocator(4))
    return as_markdown(figure, "Supply and net issuance of stablecoins")


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, loc="left", fontsize=8.5, color=INK, pad=3)


def _dates(frame: pl.DataFrame) -> Any:
    return _DATES.date2num(frame["ts"].to_list())


def _whole(value: float, _: float) -> str:
    return f"{value:,.0f}"
