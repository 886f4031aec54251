"""Pictures of patterns on price: candles, the lines of chart patterns, the marks of candlestick patterns.

Pure: frames in, markdown with an inline PNG out.
"""

import json
from datetime import datetime
from typing import Any, Final

import matplotlib.dates
import numpy as np
import polars as pl
from matplotlib.axes import Axes

from alphapulse_assets.core.plots import as_markdown, dress, new_figure

MOST_CHARTS: Final = 4
"""Chart patterns in one picture: more hide one another (ours)."""
MOST_MARKS: Final = 14
"""Candlestick patterns in one picture, the rarest of the window (ours)."""
APART: Final = 5
"""Candles between two of them, at least (ours)."""
_BULLISH, _BEARISH, _EITHER = "#1f7a5c", "#b83a3a", "#6b5b95"
_COLOURS: Final = {"bullish": _BULLISH, "bearish": _BEARISH, "neutral": _EITHER}
_RISING, _FALLING = "#93c4b2", "#dba0a0"
_DATES: Final[Any] = matplotlib.dates  # its functions carry no types
Line = tuple[str, float, str, float]
"""A line of a chart pattern: t0, p0, t1, p1."""


def draw_charts(candles: pl.DataFrame, patterns: pl.DataFrame, title: str) -> str:
    """Candles (CANDLE_SCHEMA) and the best chart patterns on them, in markdown.

    `patterns`: a row per pattern with pivot_ts, pivot_prices, lines (JSON), stage, direction, breakout_level,
    target, invalidation, quality, ts (of that stage) and broke_out (null before), the best first. Of those
    that overlap only the better one is drawn.
    """
    figure = new_figure(8.0, 4.2, f"{title}: chart patterns")
    axes = figure.subplots()
    _candles(axes, candles)
    for row in _apart(patterns):
        _chart(axes, row, candles["ts"][-1])
    _finish(axes, candles)
    return as_markdown(figure, f"{title} chart patterns")


def draw_marks(candles: pl.DataFrame, patterns: pl.DataFrame, title: str) -> str:
    """Candles (CANDLE_SCHEMA) and the rarest candlestick patterns among them, in markdown.

    `patterns`: ts, pattern, direction and how many times it is there, the rarest first.
    """
    figure = new_figure(8.0, 4.2, f"{title}: candlestick patterns, the rarest of these bars")
    axes = figure.subplots()
    _candles(axes, candles)
    _marks(axes, _spaced(candles, patterns))
    _finish(axes, candles)
    return as_markdown(figure, f"{title} candlestick patterns")


def _candles(axes: Axes, candles: pl.DataFrame) -> None:
    """Quiet candles: what is drawn on them has to be seen."""
    x = _DATES.date2num(candles["ts"].to_list())
    width = float(np.min(np.diff(x)))
    opened, high, low, close = (candles[name].to_numpy() for name in ("open", "high", "low", "close"))
    rising = close >= opened
    colours = np.where(rising, _RISING, _FALLING).tolist()
    axes.vlines(x, low, high, colors=colours, linewidth=0.7)
    axes.bar(
        x, np.abs(close - opened), 0.75 * width, bottom=np.minimum(opened, close), color=colours, linewidth=0
    )


def _spaced(candles: pl.DataFrame, patterns: pl.DataFrame) -> pl.DataFrame:
    """The candles of the rarest patterns, none so near a rarer one that their names would overlap."""
    chosen: list[int] = []
    numbered = patterns.join(candles.with_row_index("place"), on="ts", how="inner", maintain_order="left")
    for place in numbered["place"].to_list():
        if len(chosen) < MOST_MARKS and all(abs(place - other) >= APART for other in chosen):
            chosen.append(place)
    shown = numbered.filter(pl.col("place").is_in(chosen))
    return shown.unique("place", keep="first", maintain_order=True)


def _apart(patterns: pl.DataFrame) -> list[dict[str, Any]]:
    """The best patterns whose pivots do not overlap in time."""
    chosen: list[dict[str, Any]] = []
    for row in patterns.iter_rows(named=True):
        begin, end = row["pivot_ts"][0], row["pivot_ts"][-1]
        if all(end < other["pivot_ts"][0] or begin > other["pivot_ts"][-1] for other in chosen):
            chosen.append(row)
        if len(chosen) == MOST_CHARTS:
            break
    return chosen


def _chart(axes: Axes, row: dict[str, Any], newest: datetime) -> None:
    """One pattern: its pivots and lines until its breakout, from there target and invalidation."""
    colour = _COLOURS[row["direction"]]
    last = row["broke_out"] or row["ts"]
    pivots = _DATES.date2num(row["pivot_ts"])
    axes.plot(pivots, row["pivot_prices"], "-", color=colour, linewidth=0.8, alpha=0.45)
    axes.plot(pivots, row["pivot_prices"], "o", color=colour, markersize=4, markeredgecolor="white")
    for name, line in json.loads(row["lines"]).items():
        ends, levels = _until(line, last)
        axes.plot(ends, levels, "--" if name == "neckline" else "-", color=colour, linewidth=1.3)
    if row["broke_out"] is not None:
        until = newest if row["stage"] == "complete" else row["ts"]
        _promise(axes, row, (_DATES.date2num(last), _DATES.date2num(until)), colour)
    told = f"{row['pattern']}\n{row['stage']}, quality {row['quality']:.2f}".replace("_", " ")
    _text(axes, told, (float(np.mean(pivots)), max(row["pivot_prices"])), (0, 9), colour, ha="center")


def _until(line: Line, last: datetime) -> tuple[list[float], list[float]]:
    """Times and prices of a line from its first point to a moment."""
    t0, t1 = (_DATES.date2num(datetime.fromisoformat(time)) for time in (line[0], line[2]))
    end = max(_DATES.date2num(last), t1)
    return [t0, end], [line[1], line[1] + (line[3] - line[1]) * (end - t0) / (t1 - t0)]


def _promise(axes: Axes, row: dict[str, Any], span: tuple[float, float], colour: str) -> None:
    """What a pattern that broke out promises, and where it would be wrong."""
    for name, style in (("target", "-"), ("invalidation", ":")):
        axes.plot(span, [row[name]] * 2, style, color=colour, linewidth=1.2)
        _text(axes, f"{name} {row[name]:.5g}", (span[1], row[name]), (4, 0), colour, va="center")


def _marks(axes: Axes, marks: pl.DataFrame) -> None:
    """An arrow from below to a bullish pattern's candle, from above to a bearish one's, with its name."""
    for row in marks.iter_rows(named=True):
        bullish = row["direction"] == "bullish"
        place = _DATES.date2num(row["ts"]), row["low"] if bullish else row["high"]
        colour = _COLOURS[row["direction"]]
        _text(
            axes,
            row["pattern"].replace("_", " "),
            place,
            (0, -22 if bullish else 22),
            colour,
            ha="center",
            va="top" if bullish else "bottom",
            arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 0.8, "shrinkB": 2},
        )


def _text(
    axes: Axes, text: str, at: tuple[float, float], away: tuple[float, float], colour: str, **look: Any
) -> None:
    """Small text so many points away from a time and a price."""
    axes.annotate(text, at, away, textcoords="offset points", fontsize=6.5, color=colour, **look)


def _finish(axes: Axes, candles: pl.DataFrame) -> None:
    dress(axes)
    x = _DATES.date2num([candles["ts"][0], candles["ts"][-1]])
    room = 0.04 * (x[1] - x[0])
    axes.set_xlim(x[0] - room / 4, x[1] + 2 * room)
    low, high = float(candles["low"].to_numpy().min()), float(candles["high"].to_numpy().max())
    axes.set_ylim(low - 0.12 * (high - low), high + 0.14 * (high - low))
