"""A small picture of volume patterns for the metadata of a run: how many of each."""

from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.core.plots import BAND, LINE, MISSING, as_markdown, new_figure
from alphapulse_assets.core.windows import merged
from alphapulse_assets.datasets.derivation import DerivationResult
from alphapulse_assets.volume.definitions import DIRECTIONS
from alphapulse_resources.database.client import Database, statement

_COLOURS: Final = dict(zip(DIRECTIONS, (MISSING, BAND, LINE), strict=True))


def counts_picture(database: Database, derived: DerivationResult) -> dg.MarkdownMetadataValue | None:
    """Patterns of all symbols and timeframes in the window of the run."""
    if not derived.windows:
        return None
    windows = merged(window for each in derived.windows.values() for window in each)
    ids = [subject.instrument_id for subject in derived.subjects]
    frame = database.read(
        statement("derived/pattern_counts"), (ids, derived.version, windows[0][0], windows[-1][1])
    )
    return dg.MetadataValue.md(draw(frame)) if frame.height else None


def draw(counts: pl.DataFrame) -> str:
    """Bars of counts by pattern and direction (pattern, direction, n), in markdown."""
    names = counts["pattern"].unique().sort(descending=True).to_list()
    figure = new_figure(7.0, 0.9 + 0.24 * len(names), "Volume patterns")
    axes = figure.subplots()
    left = dict.fromkeys(names, 0)
    for direction, colour in _COLOURS.items():
        found = dict(counts.filter(pl.col("direction") == direction).select("pattern", "n").iter_rows())
        widths = [int(found.get(name, 0)) for name in names]
        axes.barh(names, widths, left=[left[name] for name in names], color=colour, label=direction)
        left = {name: left[name] + width for name, width in zip(names, widths, strict=True)}
    axes.tick_params(labelsize=7, length=0)
    axes.legend(fontsize=7, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return as_markdown(figure, "Volume patterns")
