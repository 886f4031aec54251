"""Pictures of a model: how often it is right by how sure it is, and its recall by class. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from alphapulse_assets.core.plots import BAND, INK, LINE, MISSING, as_markdown, new_figure
from alphapulse_assets.news.scoring.model import LABELS


def model_picture(
    reliability: Sequence[Mapping[str, Any]], figures: Sequence[Mapping[str, Any]], title: str
) -> str:
    """Reliability (said, right, texts) on the left, recall by class and model on the right, in markdown."""
    figure = new_figure(7.0, 3.0, title)
    left, right = figure.subplots(1, 2)
    left.plot([0, 1], [0, 1], color=BAND, linewidth=1.0)
    said = [row["said"] for row in reliability]
    left.plot(said, [row["right"] for row in reliability], color=LINE, marker="o", markersize=3.5)
    left.set(xlim=(0, 1), ylim=(0, 1))
    left.set_title("How often right, by how sure", loc="left", fontsize=8.5, color=INK)
    colours = [BAND, "#9aa5b1", LINE, MISSING]
    width = 0.8 / max(len(figures), 1)
    for place, each in enumerate(figures):
        shares = [each["recall"].get(label, 0.0) for label in LABELS]
        where = [n + place * width for n in range(len(LABELS))]
        name = f"{each['name']} (F1 {each['macro_f1']:.2f})"
        right.bar(where, shares, width, color=colours[place % len(colours)], label=name)
    right.set_xticks([n + 0.4 - width / 2 for n in range(len(LABELS))], LABELS)
    right.set(ylim=(0, 1.35))
    right.set_title("Recall by class", loc="left", fontsize=8.5, color=INK)
    right.legend(fontsize=6.5, frameon=False, ncols=2, loc="upper left")
    for axes in (left, right):
        axes.tick_params(labelsize=7, length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.grid(True, color="#e6e9ed", linewidth=0.6)
        axes.set_axisbelow(True)
    return as_markdown(figure, title)
