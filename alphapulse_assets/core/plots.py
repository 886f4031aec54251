"""Small pictures of candles for the metadata of a run: prices with their gaps, and who has which day.

Pure: frames in, markdown with an inline PNG out. Drawn on matplotlib's Agg canvas by its object interface, so
nothing is shared between threads or runs.
"""

import base64
import io
from collections.abc import Mapping
from datetime import UTC, date, timedelta
from typing import Any, Final

import matplotlib.dates
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

LOGIC_VERSION: Final = 2
"""Bumped whenever the same candles would be drawn differently."""

MAX_SYMBOLS: Final = 6
MAX_ROWS: Final = 40
MAX_POINTS: Final = 240  # points across one panel: more are not told apart
MAX_BYTES: Final = 30_000  # of markdown: a picture is stored with every run
PNG_FORMS: Final = ((32, 1.0), (16, 1.0), (16, 0.75), (16, 0.5))
"""Colours and scale of the PNG: the first that meets MAX_BYTES is taken; 32 colours look like all of them."""

_DATES: Final[Any] = matplotlib.dates  # its functions carry no types
INK, _MUTED, _GRID = "#1f2933", "#52606d", "#e4e7eb"
LINE, BAND, MISSING = "#1d4e89", "#9fbfdf", "#d64545"
_COVERAGE: Final = LinearSegmentedColormap.from_list(
    "coverage", [(0.0, "#a4262c"), (0.5, "#f2b880"), (0.9, "#b9d4ea"), (1.0, "#1d4e89")]
).with_extremes(bad="#f0f2f4")
"""Red to blue, told apart by colour-blind eyes; the light step at 0.9 makes a small loss visible."""


def price_picture(
    candles: Mapping[str, pl.DataFrame] | pl.DataFrame, *, title: str = "Close", step: timedelta | None = None
) -> str:
    """Close and high-low band of up to MAX_SYMBOLS symbols as small multiples, in markdown.

    `candles` maps a label to a frame of ts, high, low, close (sorted, UTC); one frame alone is one panel.
    Where bars are missing the line breaks, and a red mark at the bottom shows even a single missing bar.
    `step` is the length of a bar; without it the shortest distance between two bars is.
    """
    frames = {"": candles} if isinstance(candles, pl.DataFrame) else dict(candles)
    shown = dict(list(frames.items())[:MAX_SYMBOLS])
    more = f" (first {len(shown)} of {len(frames)})" if len(frames) > len(shown) else ""
    columns = 1 if len(shown) <= 1 else 2
    rows = max(1, -(-len(shown) // columns))
    figure = new_figure(7.0, 0.5 + rows * (2.2 if columns == 1 else 1.6), f"{title}{more}")
    for place, (label, frame) in enumerate(shown.items(), start=1):
        _price_panel(figure.add_subplot(rows, columns, place), label, frame, step)
    _set_panels(figure, rows, columns)
    return as_markdown(figure, f"{title}{more}")


def coverage_picture(coverage: pl.DataFrame, *, title: str = "Coverage") -> str:
    """Heat map of how much of each day each instrument has, in markdown.

    `coverage` has instrument (text), day (date) and share (0..1; null or absent: nothing expected), each pair
    once. Of more than MAX_ROWS instruments the least complete are shown, and the title says so.
    """
    means = coverage.group_by("instrument").agg(pl.col("share").mean()).sort("share", "instrument")
    labels = sorted(means["instrument"].head(MAX_ROWS).to_list())
    more = f" (least complete {len(labels)} of {means.height})" if means.height > len(labels) else ""
    figure = new_figure(7.0, max(1.6, 0.95 + 0.17 * len(labels)), f"{title}{more}")
    if labels:
        _coverage_panel(figure, coverage.filter(pl.col("instrument").is_in(labels)), labels)
    else:
        _nothing(figure.add_subplot())
    return as_markdown(figure, f"{title}{more}")


def new_figure(width: float, height: float, title: str) -> Figure:
    """An empty figure (inches) with its title."""
    figure = Figure(figsize=(width, height), dpi=100, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    figure.suptitle(title, x=0.012, ha="left", fontsize=10, fontweight="bold", color=INK)
    return figure


def _set_panels(figure: Figure, rows: int, columns: int) -> None:
    """Panels at fixed places (inches): looking for the best ones takes longer than drawing them."""
    left, right, bottom, top, between = 0.62, 0.28, 0.42, 0.56, 0.62
    width, height = figure.get_size_inches()
    wide = (width - left - right - (columns - 1) * between) / columns
    high = (height - top - bottom - (rows - 1) * between) / rows
    figure.set_layout_engine(None)
    figure.subplots_adjust(
        left=left / width,
        right=1 - right / width,
        bottom=bottom / height,
        top=1 - top / height,
        wspace=between / wide,
        hspace=between / high,
    )


def _price_panel(axes: Axes, label: str, frame: pl.DataFrame, step: timedelta | None) -> None:
    axes.set_title(label, loc="left", fontsize=8.5, color=INK, pad=3)
    if frame.is_empty():
        _nothing(axes)
        return
    step = step or _shortest_step(frame["ts"])
    start, end = frame["ts"][0], frame["ts"][-1] + step
    points = _thinned(frame, step)
    x = _DATES.date2num(points["ts"].to_list())
    axes.fill_between(x, points["low"], points["high"], color=BAND, linewidth=0, alpha=0.7)
    single = points.height < 3 or points["close"].drop_nulls().len() < 3
    axes.plot(x, points["close"], color=LINE, linewidth=1.0, marker="." if single else "")
    axes.set_xlim(_DATES.date2num(start), _DATES.date2num(end))
    _mark_missing(axes, frame["ts"], step)
    dress(axes)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(_price_text)


def _price_text(price: float, _: float) -> str:
    return f"{price:,.0f}" if abs(price) >= 1000 else f"{price:.5g}"


def _shortest_step(ts: pl.Series) -> timedelta:
    shortest = ts.diff().min()
    return shortest if isinstance(shortest, timedelta) and shortest else timedelta(minutes=1)


def _thinned(frame: pl.DataFrame, step: timedelta) -> pl.DataFrame:
    """At most MAX_POINTS buckets of ts, high, low, close; one without bars is null and breaks the line."""
    start, end = frame["ts"][0], frame["ts"][-1]
    bars = (end - start) // step + 1
    bucket = step * -(-bars // MAX_POINTS)
    since_start = (pl.col("ts") - start).dt.total_microseconds()
    held = frame.group_by((since_start // (bucket // timedelta(microseconds=1))).alias("bucket")).agg(
        pl.col("high").max(), pl.col("low").min(), pl.col("close").sort_by("ts").last()
    )
    every = pl.DataFrame({"bucket": pl.int_range((end - start) // bucket + 1, eager=True)})
    joined = every.join(held, on="bucket", how="left", maintain_order="left")
    return joined.with_columns((pl.lit(start) + pl.col("bucket") * bucket).alias("ts"))


def _mark_missing(axes: Axes, ts: pl.Series, step: timedelta) -> None:
    """A red mark at the bottom under every stretch without bars, never thinner than can be seen."""
    after = pl.DataFrame({"end": ts, "start": ts.shift(1) + step}).filter(pl.col("end") > pl.col("start"))
    if after.is_empty():
        return
    starts, ends = _DATES.date2num(after["start"].to_list()), _DATES.date2num(after["end"].to_list())
    left, right = axes.get_xlim()
    widths = np.maximum(ends - starts, (right - left) / MAX_POINTS)
    spans = list(zip(starts.tolist(), widths.tolist(), strict=True))
    axes.broken_barh(spans, (0, 0.05), transform=axes.get_xaxis_transform(), color=MISSING, linewidth=0)
    missing = int(((ends - starts) / (step / timedelta(days=1))).round().sum())
    axes.set_title(f"{missing:,} missing", loc="right", fontsize=7.5, color=MISSING, pad=3)


def _coverage_panel(figure: Figure, coverage: pl.DataFrame, labels: list[str]) -> None:
    days = coverage["day"]
    first, last = days.min(), days.max()
    if not isinstance(first, date) or not isinstance(last, date):
        raise ValueError(f"coverage days are {days.dtype}; give dates")
    grid = np.full((len(labels), (last - first).days + 1), np.nan)
    rows = {label: row for row, label in enumerate(labels)}
    for label, day, share in coverage.select("instrument", "day", "share").drop_nulls().iter_rows():
        grid[rows[label], (day - first).days] = share
    axes = figure.add_subplot()
    left = float(_DATES.date2num(first))
    image = axes.imshow(
        np.ma.masked_invalid(grid),
        cmap=_COVERAGE,
        vmin=0,
        vmax=1,
        aspect="auto",
        interpolation="nearest",
        extent=(left, left + grid.shape[1], len(labels) - 0.5, -0.5),
    )
    dress(axes)
    axes.grid(False)
    axes.set_yticks(range(len(labels)), labels)
    bar = figure.colorbar(image, ax=axes, fraction=0.025, pad=0.015, ticks=[0, 0.5, 1], format="{x:.0%}")
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=7, colors=_MUTED, length=0)


def dress(axes: Axes) -> None:
    """The look all panels share: dated in UTC, quiet frame."""
    locator = _DATES.AutoDateLocator(tz=UTC, minticks=3, maxticks=5)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(_DATES.ConciseDateFormatter(locator, tz=UTC))
    axes.xaxis.get_offset_text().set(fontsize=7, color=_MUTED)
    axes.tick_params(labelsize=7, colors=_MUTED, length=0)
    axes.grid(True, color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _nothing(axes: Axes) -> None:
    axes.text(0.5, 0.5, "no candles", ha="center", va="center", fontsize=8, color=_MUTED)
    axes.set_axis_off()


def as_markdown(figure: Figure, alt: str) -> str:
    """The figure as a markdown image with the PNG inside."""
    canvas: Any = figure.canvas
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3])
    text = " ".join(alt.translate({ord(sign): " " for sign in "[]!\\"}).split())
    markdown = ""
    for colours, scale in PNG_FORMS:
        markdown = f"![{text}](data:image/png;base64,{_png(picture, colours, scale)})"
        if len(markdown) <= MAX_BYTES:
            break
    return markdown


def _png(picture: Image.Image, colours: int, scale: float) -> str:
    file = io.BytesIO()
    sized = (
        picture
        if scale == 1
        else picture.resize((round(picture.width * scale), round(picture.height * scale)))
    )
    fewer = sized.quantize(colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    fewer.save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()
