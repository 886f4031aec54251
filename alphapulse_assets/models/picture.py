"""Picture of a model: how often it was right by how probable it said that was, and the ladder's AUC. Pure."""

from collections.abc import Mapping
from typing import Any

from alphapulse_assets.core.plots import BAND, INK, LINE, as_markdown, new_figure


def card_picture(card: Mapping[str, Any], title: str) -> str:
    """Reliability with intervals on the left, AUC of every rung in walk-forward on the right, in markdown."""
    figure = new_figure(7.0, 3.0, title)
    left, right = figure.subplots(1, 2)
    rows = card.get("reliability", [])
    said = [row["said"] for row in rows]
    top = max([*said, *(row["high"] for row in rows), 0.1])
    left.plot([0, top], [0, top], color=BAND, linewidth=1.0)
    if rows:
        below = [row["right"] - row["low"] for row in rows]
        above = [row["high"] - row["right"] for row in rows]
        left.errorbar(
            said,
            [row["right"] for row in rows],
            yerr=[below, above],
            color=LINE,
            marker="o",
            markersize=3.5,
            linewidth=1.0,
        )
    left.set_title("How often right, by what was said", loc="left", fontsize=8.5, color=INK)
    rungs = [each for each in card["configurations"] if each["auc"] is not None]
    places = range(len(rungs))
    right.axvline(0.5, color=BAND, linewidth=1.0)
    right.errorbar(
        [each["auc"] for each in rungs],
        places,
        xerr=[2 * each["auc_error"] for each in rungs],
        fmt="o",
        color=LINE,
        markersize=3.5,
    )
    right.set_yticks(list(places), [each["name"] for each in rungs])
    right.set_title("AUC in walk-forward, two errors", loc="left", fontsize=8.5, color=INK)
    for axes in (left, right):
        axes.tick_params(labelsize=7, length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.grid(True, color="#e6e9ed", linewidth=0.6)
        axes.set_axisbelow(True)
    figure.tight_layout()
    return as_markdown(figure, title)
