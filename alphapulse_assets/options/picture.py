"""Pictures of options: the surface of volatility, and open interest by strike with the point of max pain."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import dagster as dg
import numpy as np
import polars as pl

from alphapulse_assets.core.plots import BAND, INK, LINE, MISSING, as_markdown, new_figure, price_picture
from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.datasets.fetching import midnight
from alphapulse_resources.database.client import statement
from alphapulse_resources.providers.deribit import DERIBIT

SHOWN: Final = "BTC"
"""Whose options pictures show (ours): the family that is traded most."""
_DELTAS: Final = (0.9, 0.75, 0.6, 0.5, 0.4, 0.25, 0.1)
"""Deltas of calls across the surface, from low strikes to high ones; the put of -0.25 is at 0.75."""
_STRIKES: Final = 40


def surface_picture(chain: pl.DataFrame, title: str) -> str:
    """Volatility by delta and expiry of one snapshot, in markdown.

    `chain` has expiry, kind, strike, delta and mark_iv (percent) of one snapshot.
    """
    expiries = chain["expiry"].unique().sort().to_list()
    grid = np.full((len(expiries), len(_DELTAS)), np.nan)
    for row, expiry in enumerate(expiries):
        smile = chain.filter((pl.col("expiry") == expiry) & (pl.col("kind") == "call")).drop_nulls(
            ["delta", "mark_iv"]
        )
        if smile.height > 1:
            points = smile.sort("delta")
            deltas, volatility = points["delta"].to_numpy(), points["mark_iv"].to_numpy()
            grid[row] = np.interp(_DELTAS, deltas, volatility, left=np.nan, right=np.nan)
    figure = new_figure(7.0, 1.0 + 0.22 * len(expiries), title)
    axes = figure.add_subplot()
    image = axes.imshow(np.ma.masked_invalid(grid), cmap="viridis", aspect="auto", interpolation="nearest")
    axes.set_xticks(range(len(_DELTAS)), [_delta_name(delta) for delta in _DELTAS], fontsize=7)
    axes.set_yticks(range(len(expiries)), [f"{expiry:%d %b %y}" for expiry in expiries], fontsize=7)
    known = grid[np.isfinite(grid)]
    bright = known.min() + 0.6 * (known.max() - known.min()) if known.size else 0.0
    for row, column in np.argwhere(np.isfinite(grid)):
        colour = INK if grid[row, column] > bright else "white"
        axes.text(column, row, f"{grid[row, column]:.0f}", ha="center", va="center", fontsize=6, color=colour)
    bar = figure.colorbar(image, ax=axes, fraction=0.025, pad=0.015, format="{x:.0f} %")
    bar.ax.tick_params(labelsize=7, length=0)
    axes.tick_params(length=0)
    axes.set_xlabel("delta", fontsize=7)
    return as_markdown(figure, title)


def _delta_name(delta: float) -> str:
    if delta == 0.5:
        return "50"
    return f"{round(100 * (1 - delta))} put" if delta > 0.5 else f"{round(100 * delta)} call"


def interest_picture(chain: pl.DataFrame, max_pain: float | None, price: float | None, title: str) -> str:
    """Open interest of calls and puts by strike of one expiry, in markdown.

    `chain` has strike, kind and open_interest (coins); the price of the coin and the point of max pain are
    marked. Of more than 40 strikes those with the most are shown.
    """
    held = (
        chain.group_by("strike")
        .agg(
            pl.col("open_interest").filter(pl.col("kind") == "call").sum().alias("calls"),
            pl.col("open_interest").filter(pl.col("kind") == "put").sum().alias("puts"),
        )
        .sort(pl.col("calls") + pl.col("puts"), descending=True)
        .head(_STRIKES)
        .sort("strike")
    )
    figure = new_figure(7.0, 2.6, title)
    axes = figure.add_subplot()
    places = np.arange(held.height)
    axes.bar(places, held["calls"], color=LINE, label="calls")
    axes.bar(places, -held["puts"].to_numpy(), color=BAND, label="puts")
    for value, colour, name in ((max_pain, MISSING, "max pain"), (price, INK, "price")):
        if value is not None and held.height > 1:
            place = float(np.interp(value, held["strike"].to_numpy(), places))
            axes.axvline(place, color=colour, linewidth=1, label=name)
    shown = places[:: max(1, held.height // 10)]
    axes.set_xticks(shown, [f"{held['strike'][int(place)]:g}" for place in shown], fontsize=7)
    axes.tick_params(labelsize=7, length=0)
    axes.set_ylabel("coins, puts downwards", fontsize=7)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.axhline(0, color=INK, linewidth=0.5)
    axes.legend(fontsize=7, frameon=False, ncols=4)
    return as_markdown(figure, title)


def show_chain(sources: Sources, days: Sequence[date]) -> Mapping[str, Any]:
    """The surface of the last snapshot of the last day."""
    chain = _last_snapshot(sources, days)
    if chain.is_empty():
        return {}
    title = f"Implied volatility of {SHOWN} options, {chain['ts'][0]:%Y-%m-%d %H:%M}"
    return {"surface": dg.MetadataValue.md(surface_picture(chain, title))}


def show_summary(sources: Sources, days: Sequence[date]) -> Mapping[str, Any]:
    """Open interest by strike of the expiry that has most, at the last snapshot of the last day."""
    chain = _last_snapshot(sources, days)
    if chain.is_empty():
        return {}
    most = chain.group_by("expiry").agg(pl.col("open_interest").sum()).sort("open_interest", "expiry")[-1]
    expiry, ts = most["expiry"][0], chain["ts"][0]
    row = sources.database.rows(
        "SELECT max_pain, price FROM options_summary WHERE provider = %(provider)s"
        " AND currency = %(currency)s AND ts = %(ts)s AND expiry = %(expiry)s",
        {"provider": DERIBIT.name, "currency": SHOWN, "ts": ts, "expiry": expiry},
    )
    pain, price = (row[0]["max_pain"], row[0]["price"]) if row else (None, None)
    title = f"Open interest of {SHOWN} options that expire on {expiry:%d %b %Y}, {ts:%Y-%m-%d %H:%M}"
    picture = interest_picture(chain.filter(pl.col("expiry") == expiry), pain, price, title)
    return {"open_interest": dg.MetadataValue.md(picture)}


def show_index(sources: Sources, days: Sequence[date]) -> Mapping[str, Any]:
    """The index of the days."""
    frame = sources.database.read(
        "SELECT series, ts, high, low, close FROM volatility_index_candles"
        " WHERE provider = $1 AND ts >= $2 AND ts < $3 ORDER BY series, ts",
        (DERIBIT.name, midnight(days[0]), midnight(days[-1]) + timedelta(days=1)),
    )
    if frame.is_empty():
        return {}
    shown = {series: part for (series,), part in sorted(frame.partition_by("series", as_dict=True).items())}
    picture = price_picture(shown, title="Volatility index, percent", step=timedelta(hours=1))
    return {"index": dg.MetadataValue.md(picture)}


def _last_snapshot(sources: Sources, days: Sequence[date]) -> pl.DataFrame:
    """The newest quotes of the family that is shown, within the last day of a run."""
    start: datetime = midnight(days[-1])
    return sources.database.read(
        statement("options/last_snapshot"), (DERIBIT.name, SHOWN, start, start + timedelta(days=1))
    )
