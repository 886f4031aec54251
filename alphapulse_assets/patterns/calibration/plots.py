"""Reliability diagrams: share right by level of a score, with intervals, beside random walks. Pure."""

from typing import Any, Final

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from alphapulse_assets.core.plots import BAND, INK, LINE, MISSING, as_markdown, new_figure
from alphapulse_assets.patterns.calibration.scores import SCORES, Score
from alphapulse_assets.patterns.events.configuration import DEFAULT

TIMEFRAMES: Final = 3
"""Timeframes that are drawn: those with most evidence (ours)."""
FEWEST: Final = DEFAULT.outcomes.fewest_clusters
"""Clusters of a level from which on it is drawn."""


def calibration_picture(found: pl.DataFrame, horizon: int = DEFAULT.outcomes.history_horizon) -> str | None:
    """A panel per score and timeframe at a horizon, from CALIBRATION_SCHEMA, in markdown; None without."""
    told = found.filter(pl.col("horizon") == horizon, pl.col("place") > 0, pl.col("clusters") >= FEWEST)
    if told.is_empty():
        return None
    most = told.group_by("timeframe").agg(pl.col("evidence").sum()).sort("evidence", descending=True)
    timeframes = most["timeframe"].head(TIMEFRAMES).to_list()
    shown = [score for score in SCORES if score.name in set(told["score"])]
    title = f"Share right after {horizon} bars by level, beside random walks (band)"
    figure = new_figure(7.0, 0.7 + 1.75 * len(timeframes), title)
    panels = figure.subplots(len(timeframes), len(shown), squeeze=False, sharey=True)
    for row, timeframe in zip(panels, timeframes, strict=True):
        for axes, score in zip(row, shown, strict=True):
            part = told.filter(timeframe=timeframe, score=score.name).sort("place")
            _panel(axes, f"{score.name} {timeframe}", part, score)
    return as_markdown(figure, title)


def _panel(axes: Axes, label: str, part: pl.DataFrame, score: Score) -> None:
    axes.set_title(label, loc="left", fontsize=8, color=INK, pad=3)
    axes.axhline(0.5, color=INK, linewidth=0.5, linestyle=(0, (1, 3)))
    if score.probability:
        axes.plot(part["place"], part["predicted"], color=MISSING, linewidth=1, linestyle="--")
    walked = part.drop_nulls("walk_low")
    if walked.height:
        axes.errorbar(
            walked["place"].to_list(),
            walked["walk_right"].to_list(),
            yerr=_errors(walked, "walk_right", "walk_low", "walk_high"),
            fmt="none",
            ecolor=BAND,
            elinewidth=7,
        )
    axes.errorbar(
        part["place"].to_list(),
        part["right_share"].to_list(),
        yerr=_errors(part, "right_share", "right_low", "right_high"),
        fmt="o-",
        color=LINE,
        markersize=3.5,
        linewidth=1,
    )
    axes.set_xlim(0.5, len(score.levels) + 0.5)
    axes.set_xticks(range(1, len(score.levels) + 1), score.levels)
    axes.tick_params(labelsize=6.5, length=0, colors=INK)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(True, axis="y", color="#e4e7eb", linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _errors(part: pl.DataFrame, value: str, low: str, high: str) -> Any:
    middle = part[value].to_numpy()
    return [middle - part[low].to_numpy(), part[high].to_numpy() - middle]
