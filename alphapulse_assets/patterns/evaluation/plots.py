"""Pattern performance as a forest plot: hit rates with intervals beside those of random walks. Pure."""

from typing import Any, Final

import polars as pl
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from alphapulse_assets.core.plots import BAND, INK, LINE, MISSING, as_markdown, new_figure
from alphapulse_assets.patterns.evaluation.performance import ABOVE, BELOW, NO_EDGE
from alphapulse_assets.patterns.events.configuration import DEFAULT

MOST: Final = 24
"""Patterns that are shown: more are not read (ours)."""

_VERDICTS: Final = {ABOVE: LINE, BELOW: MISSING}
_GREY: Final = "#7b8794"
_BASE: Final = "#c77700"
_TURN: Final = {"bullish": "▲", "bearish": "▼"}


def performance_picture(found: pl.DataFrame, horizon: int = DEFAULT.outcomes.history_horizon) -> str | None:
    """Patterns at a horizon, over all regimes, from PERFORMANCE_SCHEMA, in markdown; None without any.

    Those that stand out from chance come first, then of each timeframe the commonest. Patterns seen in fewer
    stretches of time than an edge needs are left out as long as there are others.
    """
    whole = found.filter(pl.col("regime").is_null(), pl.col("horizon") == horizon)
    enough = whole.filter(pl.col("clusters") >= DEFAULT.outcomes.fewest_clusters)
    told = (enough if enough.height else whole).sort(
        "clusters", "timeframe", "pattern", "direction", descending=[True, False, False, False]
    )
    if told.is_empty():
        return None
    ranked = told.with_columns(
        (pl.col("verdict") == NO_EDGE).alias("usual"),
        pl.int_range(pl.len()).over("timeframe").alias("rank"),
    )
    shown = ranked.sort("usual", "rank", maintain_order=True).head(MOST).sort("hit_rate", "clusters")
    title = f"Share right after {horizon} bars, beside random walks"
    figure = new_figure(7.0, 1.25 + 0.235 * shown.height, title)
    axes = figure.subplots()
    for place, row in enumerate(shown.iter_rows(named=True)):
        _draw(axes, place, row)
    _finish(axes, shown)
    figure.legend(
        handles=_legend(),
        loc="outside lower center",
        ncols=5,
        fontsize=7,
        frameon=False,
        handlelength=1.4,
        columnspacing=1.2,
    )
    return as_markdown(figure, title)


def _draw(axes: Axes, place: int, row: dict[str, Any]) -> None:
    colour = _VERDICTS.get(str(row["verdict"]), _GREY)
    if row["walk_low"] is not None:
        axes.barh(
            place,
            row["walk_high"] - row["walk_low"],
            left=row["walk_low"],
            height=0.62,
            color=BAND,
            alpha=0.75,
        )
    axes.plot([row["base_rate"]] * 2, [place - 0.36, place + 0.36], color=_BASE, linewidth=1.2)
    axes.plot([row["hit_low"], row["hit_high"]], [place, place], color=colour, linewidth=1.4)
    axes.plot([row["hit_rate"]], [place], "o", color=colour, markersize=4)


def _finish(axes: Axes, shown: pl.DataFrame) -> None:
    names = [
        f"{pattern.replace('_', ' ')} {_TURN[direction]} {timeframe}"
        for pattern, direction, timeframe in shown.select("pattern", "direction", "timeframe").iter_rows()
    ]
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.axvline(0.5, color=INK, linewidth=0.5, linestyle=(0, (1, 3)))
    counts = axes.secondary_yaxis("right")
    counts.set_yticks(range(len(names)), [f"{clusters:,}" for clusters in shown["clusters"]])
    for each in (axes, counts):
        each.tick_params(labelsize=7, length=0, colors=INK)
        for spine in each.spines.values():
            spine.set_visible(False)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(True, axis="x", color="#e4e7eb", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title("stretches of time", loc="right", fontsize=7, color=INK, pad=3)


def _legend() -> list[Line2D]:
    def line(colour: str, label: str, **style: object) -> Line2D:
        return Line2D([], [], color=colour, label=label, **style)  # type: ignore[arg-type]  # styles by name

    dot = {"marker": "o", "markersize": 4, "linewidth": 1.4}
    return [
        line(LINE, ABOVE, **dot),
        line(MISSING, BELOW, **dot),
        line(_GREY, NO_EDGE, **dot),
        line(BAND, "random walk, 95 %", linewidth=6, alpha=0.75),
        line(_BASE, "all patterns", linewidth=1.2),
    ]
