"""A chart as a PNG by matplotlib, in the colours of the pictures of runs. Pure."""

import io
from datetime import UTC
from typing import Any, Final

import matplotlib.dates
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from alphapulse.drawing.model import Chart

INK, MUTED, GRID = "#1f2933", "#52606d", "#e4e7eb"
UP, DOWN, PATTERN, SIGNAL = "#1f7a5c", "#b83a3a", "#b7791f", "#7b3fb0"
_DATES: Final[Any] = matplotlib.dates  # its functions carry no types
DPI: Final = 130


def to_png(chart: Chart) -> bytes:
    """The chart as the bytes of a PNG: price with what is marked on it, and volume below."""
    figure = Figure(figsize=(11.0, 5.5), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    figure.suptitle(chart.title, x=0.012, ha="left", fontsize=10, fontweight="bold", color=INK)
    price, volume = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    for axes in (price, volume):
        _dress(axes)
    if chart.bars:
        _draw_bars(price, volume, chart)
        _draw_marks(price, chart)
        _draw_study(price, chart)
    if chart.missing:
        price.set_title(f"{chart.missing} bars are missing", fontsize=8, color=INK, loc="right")
    volume.set_ylabel("volume", fontsize=8)
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=DPI)
    return target.getvalue()


def _dress(axes: Axes) -> None:
    """A quiet frame, times in UTC."""
    locator = _DATES.AutoDateLocator(tz=UTC)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(_DATES.ConciseDateFormatter(locator, tz=UTC))
    axes.xaxis.get_offset_text().set(fontsize=7, color=MUTED)
    axes.tick_params(labelsize=7, colors=MUTED, length=0)
    axes.grid(True, color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _draw_bars(price: Axes, volume: Axes, chart: Chart) -> None:
    width = chart.step.total_seconds() / 86_400
    for rose, colour in ((True, UP), (False, DOWN)):
        bars = [bar for bar in chart.bars if bar.rose is rose]
        places = [_DATES.date2num(bar.ts) + width / 2 for bar in bars]
        wicks = [((x, bar.low), (x, bar.high)) for x, bar in zip(places, bars, strict=True)]
        price.add_collection(LineCollection(wicks, colors=colour, linewidths=0.8))
        least = (max(bar.high for bar in chart.bars) - min(bar.low for bar in chart.bars)) * 0.001
        price.bar(
            places,
            [max(abs(bar.close - bar.open), least) for bar in bars],
            width * 0.7,
            [min(bar.open, bar.close) for bar in bars],
            color="white" if rose else colour,
            edgecolor=colour,
            linewidth=0.8,
            zorder=2,
        )
        volume.bar(places, [bar.volume for bar in bars], width * 0.7, color=colour, alpha=0.5)
    price.autoscale_view()


_LEVELS: Final = {"entry": SIGNAL, "breakout": SIGNAL, "target": UP, "stop": DOWN, "invalidation": DOWN}


def _draw_study(price: Axes, chart: Chart) -> None:
    """Lines, levels and points of one pattern or signal, and what became of it below the title."""
    study, half = chart.study, chart.step / 2
    if study is None:
        return
    for line in study.lines:
        times = [_DATES.date2num(ts + half) for ts in (line.t0, line.t1)]
        price.plot(times, [line.p0, line.p1], color=PATTERN, linewidth=1.3, zorder=3)
    for level in study.levels:
        times = [_DATES.date2num(ts + half) for ts in (level.start, level.end)]
        colour, style = _LEVELS.get(level.kind, INK), "--" if level.kind in ("stop", "invalidation") else "-"
        price.plot(times, [level.price] * 2, color=colour, linewidth=1.2, linestyle=style, zorder=3)
        said = f"{level.kind} {level.price:,.8g}"
        price.annotate(said, (times[1], level.price), (0, 2), textcoords="offset points", fontsize=7,
                       color=colour, ha="right")  # fmt: skip
    for point in study.points:
        face, edge = ("white", INK) if point.kind == "exit" else ("none", PATTERN)
        at = [_DATES.date2num(point.ts + half)]
        price.scatter(at, [point.price], s=36, linewidth=1.4, zorder=5, facecolor=face, edgecolor=edge)
    if study.became:
        price.set_title(study.became, fontsize=8, color=INK, loc="left")


def _draw_marks(price: Axes, chart: Chart) -> None:
    at, half = {bar.ts: bar for bar in chart.bars}, chart.step / 2
    reach = max(bar.high for bar in chart.bars) - min(bar.low for bar in chart.bars)
    for direction, marker, side in (("bullish", "^", -1), ("bearish", "v", 1)):
        found = [mark for mark in chart.marks if mark.direction == direction and mark.ts in at]
        prices = [(at[mark.ts].low if side < 0 else at[mark.ts].high) + side * 0.02 * reach for mark in found]
        times = [_DATES.date2num(mark.ts + half) for mark in found]
        price.scatter(times, prices, marker=marker, s=14, color=PATTERN, zorder=3)
    for plan in chart.plans:
        if plan.ts in at:
            price.scatter(
                [_DATES.date2num(plan.ts + half)], [plan.entry], marker="D", s=20, color=SIGNAL, zorder=4
            )
